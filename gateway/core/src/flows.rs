//! What the gateway does of its own accord, as configured: links, guards, follows, schedules, lists, authorities, the
//! calendar. One part of the catalogue, swapped with it.

use crate::authority::Authority;
use crate::beside::Beside;
use crate::calendar::Calendar;
use crate::fallback::Fallback;
use crate::follow::FollowPlan;
use crate::guard::Guard;
use crate::likeness::Likeness;
use crate::link::Link;
use crate::lists::ListPlan;
use crate::mirror::MirrorPlan;
use crate::mirror::chain::ChainPlan;
use crate::newest::Newest;
use crate::reconcile;
use crate::schedule::Schedule;
use crate::trouble::Maintenance;

/// All of it; the default does nothing.
#[derive(Debug, Clone, Default)]
pub struct Flows {
    /// What outcomes are remembered by.
    pub links: Vec<Link>,
    /// Protections that only rise.
    pub guards: Vec<Guard>,
    /// States of which only the newest is written.
    pub newest: Vec<Newest>,
    /// Records that are like each other.
    pub likenesses: Vec<Likeness>,
    /// Records that are followed.
    pub follows: Vec<FollowPlan>,
    /// Readings on a schedule.
    pub schedules: Vec<Schedule>,
    /// Answers kept for when their system cannot answer.
    pub fallbacks: Vec<Fallback>,
    /// Systems whose records are compared with ours.
    pub reconciliations: Vec<reconcile::Plan>,
    /// Lists kept in step.
    pub lists: Vec<ListPlan>,
    /// Copies kept in step.
    pub mirrors: Vec<MirrorPlan>,
    /// Packages from budget to payment, over copies.
    pub chains: Vec<ChainPlan>,
    /// Newer versions of systems beside those in force.
    pub beside: Vec<Beside>,
    /// Who answers for what.
    pub authorities: Vec<Authority>,
    /// Working days.
    pub calendar: Calendar,
    /// Maintenance that was announced.
    pub maintenance: Vec<Maintenance>,
}
