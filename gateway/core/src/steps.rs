//! The order in which a record's state may move. A list of changes is read oldest first; what steps backwards or is not
//! known is kept back and counted, never silently carried on. Pure.

use serde_json::Value;

/// Known states by rank, and the steps back that are legal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// JSON pointer in the item to its state.
    pub field: String,
    /// Ranks from first to last; states of one rank may follow each other in any order.
    pub ranks: Vec<Vec<String>>,
    /// Steps back that are legal: from, to.
    pub back: Vec<(String, String)>,
}

impl Steps {
    /// Keeps the items whose step is legal, and says how many were kept back.
    pub(crate) fn keep_orderly(&self, items: &mut Vec<&Value>) -> usize {
        let all = items.len();
        let mut last: Option<(usize, &str)> = None;
        items.retain(|item| {
            let Some(state) = item.pointer(&self.field).and_then(Value::as_str) else {
                return false;
            };
            let Some(rank) = self.ranks.iter().position(|rank| rank.iter().any(|s| s == state)) else {
                return false;
            };
            let legal = last
                .is_none_or(|(before, from)| rank >= before || self.back.iter().any(|(f, t)| f == from && t == state));
            if legal {
                last = Some((rank, state));
            }
            legal
        });
        all - items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn steps_back_and_unknown_states_are_kept_back() {
        let rank = |states: &[&str]| states.iter().map(|s| (*s).to_owned()).collect();
        let steps = Steps {
            field: "/status".into(),
            ranks: vec![rank(&["masuk"]), rank(&["diproses", "ditunda"]), rank(&["selesai"])],
            back: vec![("selesai".into(), "diproses".into())],
        };
        let run = |states: &[&str]| {
            let values: Vec<Value> = states.iter().map(|s| json!({"status": s})).collect();
            let mut items: Vec<&Value> = values.iter().collect();
            let odd = steps.keep_orderly(&mut items);
            let kept: Vec<String> = items.iter().map(|v| v["status"].as_str().unwrap().to_owned()).collect();
            (kept.join(" "), odd)
        };
        assert_eq!(
            run(&["masuk", "ditunda", "diproses", "selesai"]),
            ("masuk ditunda diproses selesai".into(), 0)
        );
        assert_eq!(
            run(&["selesai", "diproses", "selesai"]),
            ("selesai diproses selesai".into(), 0)
        );
        assert_eq!(
            run(&["diproses", "masuk", "aneh", "selesai"]),
            ("diproses selesai".into(), 2)
        );
        assert_eq!(run(&["selesai", "ditunda"]), ("selesai".into(), 1));
    }
}
