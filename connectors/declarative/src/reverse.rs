//! Rules turned round, where that is possible: a plain path and operations that each have one that undoes them.

use crate::ops::Op;
use crate::rule::{Each, Rule};

/// Whether a rule can be turned round.
pub(crate) fn is_reversible(rule: &Rule) -> bool {
    turned(rule).is_some()
}

/// The rule in the other direction.
pub(crate) fn turned(rule: &Rule) -> Option<Rule> {
    if rule.when.is_some() || rule.default.is_some() {
        return None;
    }
    if let Some(each) = &rule.each {
        let rules = each.rules.iter().map(turned).collect::<Option<Vec<_>>>()?;
        let plain = !each.from.contains('*') && !each.from.starts_with('$') && rule.ops.is_empty();
        return plain.then(|| Rule {
            to: each.from.clone(),
            each: Some(Each {
                from: rule.to.clone(),
                rules,
            }),
            ..Rule::default()
        });
    }
    let from = rule
        .from
        .as_ref()
        .filter(|from| !from.contains('*') && !from.starts_with(['$', '@']))?;
    let ops = rule.ops.iter().rev().map(Op::reversed).collect::<Option<Vec<_>>>()?;
    Some(Rule {
        to: from.clone(),
        from: Some(rule.to.clone()),
        ops,
        on_error: rule.on_error,
        ..Rule::default()
    })
}
