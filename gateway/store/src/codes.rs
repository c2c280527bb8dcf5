//! How values of the model are written into columns: states as small numbers, times as nanoseconds, structures as JSON.

use gateway_core::exchange::State;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The number of a state. Stable: it is on disk, and statements speak of `state < 4` for the open
/// ones, of 5, 6 and 8 for those that nobody waits for, and of 6 and 8 for those that gave up their reference.
pub(crate) fn state_code(state: State) -> i16 {
    match state {
        State::Accepted => 0,
        State::Leased => 1,
        State::Scheduled => 2,
        State::Unresolved => 3,
        State::Parked => 4,
        State::Done => 5,
        State::Failed => 6,
        State::Dead => 7,
        State::Discarded => 8,
    }
}

/// The state of a number.
pub(crate) fn state_of(code: i64) -> Result<State, String> {
    State::ALL
        .into_iter()
        .find(|s| i64::from(state_code(*s)) == code)
        .ok_or_else(|| format!("unknown state {code}"))
}

/// Whether somebody may still wait for an exchange in this state: what queues count.
pub(crate) fn is_counted(state: State) -> bool {
    state.is_open() || matches!(state, State::Parked | State::Dead)
}

/// Nanoseconds since 1970; times beyond the years 1677 to 2262 become the nearest there is.
pub(crate) fn nanos(timestamp: Timestamp) -> i64 {
    let nanos = timestamp.as_nanosecond();
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

/// The time of a number of nanoseconds.
pub(crate) fn time(nanos: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or(Timestamp::MAX)
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|e| format!("cannot write a column as JSON: {e}"))
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| format!("cannot read a JSON column: {e}"))
}

/// A SHA-256 column.
pub(crate) fn digest(bytes: &[u8]) -> Result<[u8; 32], String> {
    bytes
        .try_into()
        .map_err(|_| format!("a digest of {} bytes", bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::{nanos, state_code, state_of, time};
    use gateway_core::exchange::State;
    use jiff::Timestamp;

    #[test]
    fn states_keep_their_numbers() {
        for (n, state) in (0..).zip(State::ALL) {
            assert_eq!(state_code(state), n);
            assert_eq!(state_of(i64::from(n)), Ok(state));
            assert_eq!(state.is_open(), n < 4);
            assert_eq!(state.gives_up_reference(), n == 6 || n == 8);
        }
        assert!(state_of(9).is_err());
    }

    #[test]
    fn far_times_become_the_nearest() {
        let now = Timestamp::from_nanosecond(1_780_000_000_123_456_789).unwrap();
        assert_eq!(time(nanos(now)), now);
        assert!(time(nanos(Timestamp::MAX)) > now);
        assert!(time(nanos(Timestamp::MIN)) < now);
    }
}
