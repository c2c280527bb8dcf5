//! How legal time is counted: whole working or calendar days, the day of the event not counted; time within working
//! days, which count with all their hours; or plain elapsed time.

use crate::zone::Zone;
use connector_sdk::Workdays;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Longest span that is counted day by day; a longer one is certainly over every limit.
const LONGEST_DAYS: i32 = 4_000;

/// One legal day.
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A way of counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting(pub(super) How);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// Local days; with a list of holidays only working days.
    Days {
        zone: Zone,
        holidays: Option<BTreeSet<Date>>,
    },
    /// Time that lies within working days.
    WorkingTime { zone: Zone, holidays: BTreeSet<Date> },
    /// Elapsed time; a legal day is this long.
    Elapsed { day: SignedDuration },
}

impl Counting {
    /// Legal time between two moments.
    pub(super) fn between(&self, from: Timestamp, to: Timestamp, office: &dyn Workdays) -> SignedDuration {
        match &self.0 {
            How::Elapsed { .. } => to.duration_since(from).max(SignedDuration::ZERO),
            How::WorkingTime { zone, .. } => {
                let mut counted = SignedDuration::ZERO;
                let mut at = from;
                for _ in 0..LONGEST_DAYS {
                    if at >= to {
                        break;
                    }
                    let day = zone.local(at).date();
                    let Some(end) = end_of(*zone, day) else { break };
                    if self.counts(day, office) {
                        counted += end.min(to).duration_since(at);
                    }
                    at = end;
                }
                counted
            }
            How::Days { zone, .. } => {
                let (mut day, last) = (zone.local(from).date(), zone.local(to).date());
                let mut counted = 0;
                for _ in 0..LONGEST_DAYS {
                    let Some(next) = day.tomorrow().ok().filter(|next| *next <= last) else {
                        break;
                    };
                    day = next;
                    counted += i32::from(self.counts(day, office));
                }
                DAY * counted
            }
        }
    }

    /// The moment at which this much legal time from `from` on is over.
    pub(super) fn after(&self, from: Timestamp, time: SignedDuration, office: &dyn Workdays) -> Option<Timestamp> {
        match &self.0 {
            How::Elapsed { .. } => from.checked_add(time).ok(),
            How::WorkingTime { zone, .. } => {
                let (mut at, mut open) = (from, time);
                for _ in 0..LONGEST_DAYS {
                    if open <= SignedDuration::ZERO {
                        return Some(at);
                    }
                    let day = zone.local(at).date();
                    let end = end_of(*zone, day)?;
                    if self.counts(day, office) {
                        let today = end.duration_since(at);
                        if open <= today {
                            return at.checked_add(open).ok();
                        }
                        open -= today;
                    }
                    at = end;
                }
                None
            }
            How::Days { zone, .. } => {
                let mut open = time.as_hours() / DAY.as_hours();
                let mut day = zone.local(from).date();
                for _ in 0..LONGEST_DAYS {
                    if open <= 0 {
                        // The last day counts in full.
                        return end_of(*zone, day);
                    }
                    day = day.tomorrow().ok()?;
                    open -= i64::from(self.counts(day, office));
                }
                None
            }
        }
    }

    /// This many legal days.
    pub(super) fn days(&self, days: u32) -> SignedDuration {
        let days = i32::try_from(days).unwrap_or(i32::MAX);
        match &self.0 {
            How::Elapsed { day } => day.checked_mul(days).unwrap_or(SignedDuration::MAX),
            How::Days { .. } | How::WorkingTime { .. } => DAY.checked_mul(days).unwrap_or(SignedDuration::MAX),
        }
    }

    /// Working days are those of the city's calendar without the days that the settings name besides.
    fn counts(&self, day: Date, office: &dyn Workdays) -> bool {
        match &self.0 {
            How::WorkingTime { holidays, .. }
            | How::Days {
                holidays: Some(holidays),
                ..
            } => office.works(day) && !holidays.contains(&day),
            How::Days { holidays: None, .. } | How::Elapsed { .. } => true,
        }
    }
}

/// Monday to Friday, where no calendar is at hand.
pub(super) struct Weekdays;

impl Workdays for Weekdays {
    fn works(&self, day: Date) -> bool {
        day.weekday().to_monday_one_offset() <= 5
    }
}

/// The first moment of the day after.
fn end_of(zone: Zone, day: Date) -> Option<Timestamp> {
    zone.moment(day.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight()))
}
