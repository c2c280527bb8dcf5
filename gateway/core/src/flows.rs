//! What the gateway does of its own accord, as configured: links, guards, follows, schedules, lists, authorities, the
//! calendar. One part of the catalogue, swapped with it.

use crate::authority::Authority;
use crate::calendar::Calendar;
use crate::follow::FollowPlan;
use crate::guard::Guard;
use crate::link::Link;
use crate::lists::ListPlan;
use crate::mirror::MirrorPlan;
use crate::mirror::chain::ChainPlan;
use crate::schedule::Schedule;
use crate::trouble::Maintenance;

/// All of it; the default does nothing.
#[derive(Debug, Clone, Default)]
pub struct Flows {
    /// What outcomes are remembered by.
    pub links: Vec<Link>,
    /// Protections that only rise.
    pub guards: Vec<Guard>,
    /// Records that are followed.
    pub follows: Vec<FollowPlan>,
    /// Readings on a schedule.
    pub schedules: Vec<Schedule>,
    /// Lists kept in step.
    pub lists: Vec<ListPlan>,
    /// Copies kept in step.
    pub mirrors: Vec<MirrorPlan>,
    /// Packages from budget to payment, over copies.
    pub chains: Vec<ChainPlan>,
    /// Who answers for what.
    pub authorities: Vec<Authority>,
    /// Working days.
    pub calendar: Calendar,
    /// Maintenance that was announced.
    pub maintenance: Vec<Maintenance>,
}
