//! One suite, every implementation: what a journal promises, as trials. An implementation's own test is a loop over
//! [`trials`] with a fresh, empty journal for each. A trial answers with a sentence when a promise is broken.

mod accept;
mod events;
mod kit;
mod lanes;
mod lease;
mod person;
mod references;
mod settle;
mod upkeep;

use super::Journal;
use connector_sdk::BoxFuture;
use std::sync::Arc;

/// Checks a promise against an empty journal.
pub type Check = fn(Arc<dyn Journal>) -> BoxFuture<'static, Result<(), String>>;

/// How a trial ends: well, or with the sentence that says which promise is broken.
pub type Ending = BoxFuture<'static, Result<(), String>>;

/// A promise with the means to check it.
pub struct Trial {
    /// Name.
    pub name: &'static str,
    /// Runs against an empty journal.
    pub run: Check,
}

macro_rules! trials {
    ($($module:ident :: $name:ident),* $(,)?) => {
        /// All trials. Each wants an empty journal of its own.
        pub fn trials() -> Vec<Trial> {
            vec![$(Trial {
                name: concat!(stringify!($module), "::", stringify!($name)),
                run: |journal| Box::pin(async move { $module::$name(&*journal).await }),
            }),*]
        }
    };
}

trials![
    accept::new_is_stored_whole,
    accept::same_key_is_known,
    accept::other_content_under_a_key_is_refused,
    accept::keys_belong_to_consumer_and_operation,
    accept::same_reference_is_known,
    accept::other_content_under_a_reference_is_refused,
    accept::a_key_used_for_a_known_reference_is_bound,
    accept::concurrent_accepts_of_a_key_store_one,
    accept::lease_on_accept,
    accept::large_bodies_come_back,
    lease::due_order,
    lease::limit_and_skip,
    lease::not_before_it_is_due,
    lease::holds_until_it_runs_out,
    lease::an_expired_lookup_is_a_lookup_again,
    lease::attempts_and_lookups_are_counted,
    lease::concurrent_leases_never_share,
    lease::renewed_lease_is_kept,
    lease::stale_holder_changes_nothing,
    lease::checkpoints_come_back,
    lease::next_due_follows,
    lease::accept_wakes_a_waiter,
    lanes::first_in_first_out,
    lanes::lanes_flow_past_each_other,
    lanes::every_end_frees_the_lane,
    lanes::a_waiting_head_holds_the_lane,
    lanes::lease_on_accept_waits_for_the_lane,
    lanes::a_replayed_elder_waits_for_the_holder,
    lanes::a_lane_belongs_to_its_system,
    settle::done,
    settle::failed,
    settle::dead,
    settle::schedule,
    settle::unresolved,
    settle::parked,
    settle::release,
    settle::release_after_an_expired_lease,
    settle::relays_are_stored_once,
    settle::evidence_is_chained,
    settle::witness_appends_in_order,
    settle::batches_are_stored_in_order_once,
    settle::late_answers,
    settle::missing_exchange,
    person::replay,
    person::replay_asks_first,
    person::discard,
    person::landed,
    person::landed_sets_off_what_an_outcome_does,
    person::refused_decisions_change_nothing,
    person::attempts_are_numbered_through,
    references::a_refused_exchange_gives_up_its_reference,
    references::a_discarded_exchange_gives_up_its_reference,
    references::a_dead_letter_keeps_its_reference,
    references::a_relay_never_brings_again_what_was_given_up,
    references::a_replay_needs_its_reference_back,
    references::concurrent_newcomers_share_a_given_up_reference,
    events::sequence_per_subject,
    events::same_event_is_stored_once,
    events::events_of_no_try_are_stored_once,
    events::read_by_kind_and_position,
    events::dispatch_moves_once,
    events::concurrent_dispatch_moves_once,
    upkeep::a_name_counts_once,
    upkeep::list_filters,
    upkeep::list_pages,
    upkeep::queues_count,
    upkeep::documents_have_revisions,
    upkeep::documents_expect,
    upkeep::timers,
    upkeep::timers_are_read_by_name,
    upkeep::timers_are_fenced,
    upkeep::an_outcome_starts_its_timers,
    upkeep::an_outcome_that_saw_an_old_timer_changes_nothing,
    upkeep::concurrent_outcomes_never_undo_a_timer,
    upkeep::erase,
    upkeep::ready,
];
