//! The life of a letter as a state machine. Events come in any order, twice, or not at all; the state they add up to is
//! the same. Pure: fed by replies, pushes and the change feed.

use jiff::Timestamp;

/// Where a letter stands. The order is that of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Draft.
    Draft,
    /// With the checkers.
    Checking,
    /// Sent back.
    Revision,
    /// Refused by a checker.
    Refused,
    /// Waits for the signer.
    AwaitingSignature,
    /// Signed.
    Signed,
    /// Sent.
    Sent,
    /// Arrived at a recipient.
    Received,
    /// Read.
    Read,
    /// Acted on.
    ActedOn,
    /// Closed.
    Done,
    /// Filed.
    Filed,
}

/// All states with their canonical words.
const WORDS: [(State, &str); 12] = [
    (State::Draft, "konsep"),
    (State::Checking, "verifikasi"),
    (State::Revision, "revisi"),
    (State::Refused, "ditolak"),
    (State::AwaitingSignature, "menunggu_ttd"),
    (State::Signed, "ditandatangani"),
    (State::Sent, "terkirim"),
    (State::Received, "diterima"),
    (State::Read, "dibaca"),
    (State::ActedOn, "ditindaklanjuti"),
    (State::Done, "selesai"),
    (State::Filed, "diberkaskan"),
];

impl State {
    /// The canonical word.
    pub fn word(self) -> &'static str {
        WORDS
            .iter()
            .find(|(state, _)| *state == self)
            .map_or("tidak_dikenal", |(_, word)| word)
    }

    /// The state of a canonical word.
    pub fn of(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }

    /// Whether the letter's number and date are final from here on.
    pub fn is_signed(self) -> bool {
        self >= Self::Signed
    }

    /// Whether the letter may step from here to `next`.
    fn leads_to(self, next: Self) -> bool {
        match (self, next) {
            // A checker sends back, the author works on it and submits again.
            (Self::Revision, Self::Draft | Self::Checking) | (Self::Checking, Self::Revision | Self::Refused) => true,
            // Nothing follows a refusal; a signature is never taken back; drafts are not refused.
            (Self::Refused, _) | (Self::Draft, Self::Refused | Self::Revision) => false,
            // The signer may send back as well.
            (Self::AwaitingSignature, Self::Revision | Self::Refused) => true,
            (_, Self::Revision | Self::Refused) => false,
            (from, to) => to >= from,
        }
    }
}

/// One thing that happened to a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// State reached.
    pub state: State,
    /// When, if the system says.
    pub at: Option<Timestamp>,
    /// Step of the checking.
    pub step: Option<u32>,
}

impl Life {
    /// Where the letter stands when its system names a state of its own beside the events. The system's word counts,
    /// unless it would take the letter back behind what the events prove: then it was late, and the step is odd.
    pub fn standing(&mut self, current: State) -> State {
        match self.state {
            Some(folded) if !folded.leads_to(current) => {
                self.odd += 1;
                folded
            }
            _ => current,
        }
    }
}

/// What a letter's events add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Where it stands; `None` before the first event.
    pub state: Option<State>,
    /// Events in their order, each once.
    pub events: Vec<Event>,
    /// Steps that cannot follow each other: something was lost, or times are wrong.
    pub odd: usize,
}

impl Life {
    /// Folds events, in whatever order they came.
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut events: Vec<Event> = events.into_iter().collect();
        // By time; what has none goes by its place in life, after everything timed of an earlier state.
        events.sort_by_key(|event| (event.state, event.step, event.at));
        events.dedup();
        let (mut timed, untimed): (Vec<Event>, Vec<Event>) = events.into_iter().partition(|event| event.at.is_some());
        timed.sort_by_key(|event| (event.at, event.state, event.step));
        for event in untimed {
            let place = timed.iter().rposition(|other| other.state <= event.state);
            timed.insert(place.map_or(0, |place| place + 1), event);
        }
        let mut life = Self {
            state: None,
            events: timed,
            odd: 0,
        };
        for event in &life.events {
            match life.state {
                Some(before) if !before.leads_to(event.state) => life.odd += 1,
                _ => life.state = Some(event.state),
            }
        }
        life
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(state: State, minute: i64) -> Event {
        Event {
            state,
            at: Timestamp::from_second(minute * 60).ok(),
            step: None,
        }
    }

    /// Every order of a few events.
    fn orders(events: &[Event]) -> Vec<Vec<Event>> {
        if events.len() < 2 {
            return vec![events.to_vec()];
        }
        let mut all = Vec::new();
        for at in 0..events.len() {
            let mut rest = events.to_vec();
            let first = rest.remove(at);
            for mut order in orders(&rest) {
                order.insert(0, first);
                all.push(order);
            }
        }
        all
    }

    #[test]
    fn any_order_and_any_repetition_end_in_the_same_state() {
        let life = [
            event(State::Draft, 0),
            event(State::Checking, 1),
            event(State::Revision, 2),
            event(State::Checking, 3),
            event(State::AwaitingSignature, 4),
            event(State::Signed, 5),
        ];
        let wanted = Life::of(life);
        assert_eq!((wanted.state, wanted.odd), (Some(State::Signed), 0));
        for mut order in orders(&life) {
            order.push(order[0]);
            assert_eq!(Life::of(order), wanted);
        }
    }

    #[test]
    fn a_signature_is_not_taken_back_and_a_refusal_ends() {
        let late = Life::of([event(State::Signed, 5), event(State::Checking, 9)]);
        assert_eq!((late.state, late.odd), (Some(State::Signed), 1));
        let refused = Life::of([
            event(State::Checking, 1),
            event(State::Refused, 2),
            event(State::Signed, 3),
        ]);
        assert_eq!((refused.state, refused.odd), (Some(State::Refused), 1));
        let resent = Life::of([event(State::Sent, 3), event(State::Revision, 4)]);
        assert_eq!((resent.state, resent.odd), (Some(State::Sent), 1));
    }

    #[test]
    fn a_late_word_of_the_system_does_not_take_the_events_back() {
        let events = [event(State::Checking, 1), event(State::Signed, 5)];
        let mut life = Life::of(events);
        assert_eq!((life.standing(State::Checking), life.odd), (State::Signed, 1));
        let mut life = Life::of(events);
        assert_eq!((life.standing(State::Sent), life.odd), (State::Sent, 0));
        let mut life = Life::of([event(State::Checking, 1), event(State::Revision, 2)]);
        assert_eq!((life.standing(State::Draft), life.odd), (State::Draft, 0));
    }

    #[test]
    fn events_without_a_time_find_their_place() {
        let untimed = Event {
            at: None,
            ..event(State::Sent, 0)
        };
        let life = Life::of([event(State::Read, 9), untimed, event(State::Signed, 5)]);
        assert_eq!((life.state, life.odd), (Some(State::Read), 0));
        assert!(Life::of([]).state.is_none());
    }

    #[test]
    fn only_signed_letters_have_a_final_number() {
        for (state, word) in WORDS {
            assert_eq!(State::of(word), Some(state));
            assert_eq!(state.is_signed(), state >= State::Signed);
        }
        assert!(!State::Refused.is_signed() && !State::AwaitingSignature.is_signed());
    }
}
