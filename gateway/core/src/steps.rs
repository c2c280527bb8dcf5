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
    /// Keeps the items whose step is legal, and gives those that were kept back.
    pub(crate) fn keep_orderly<'a>(&self, items: &mut Vec<&'a Value>) -> Vec<&'a Value> {
        let mut odd = Vec::new();
        let mut last: Option<(usize, &str)> = None;
        items.retain(|item| {
            let state = item.pointer(&self.field).and_then(Value::as_str);
            let rank = |state: &str| self.ranks.iter().position(|rank| rank.iter().any(|s| s == state));
            let step = state
                .and_then(|state| Some((rank(state)?, state)))
                .filter(|(rank, state)| {
                    last.is_none_or(|(before, from)| {
                        *rank >= before || self.back.iter().any(|(f, t)| f == from && t == state)
                    })
                });
            match step {
                Some(step) => last = Some(step),
                None => odd.push(*item),
            }
            step.is_some()
        });
        odd
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
            let odd = steps.keep_orderly(&mut items).len();
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
