//! The statement of a search over a copy, the same for both databases but for how a parameter is written.

use gateway_core::mirror::Search;

/// Columns of a record, in the order in which both stores read them.
pub(crate) const COLUMNS: &str = "key, scope, body, masked, version, digest, run, fetched, changed, missed, missed_run, \
     gone, s0, s1, s2, s3, s4, s5, s6, s7";

/// The statement and its text parameters, the set's name first. `mark` writes the nth parameter, from 1.
pub(crate) fn search(search: &Search, mark: impl Fn(usize) -> String) -> (String, Vec<String>) {
    let mut values = vec![search.set.clone()];
    let mut sql = format!(
        "SELECT {COLUMNS} FROM mirror_rows WHERE name = {} AND gone IS NULL",
        mark(1)
    );
    let mut add = |condition: &str, value: &String| {
        values.push(value.clone());
        sql.push_str(&format!(" AND {condition} {}", mark(values.len())));
    };
    for bound in &search.bounds {
        let slot = bound.slot;
        if let Some(from) = &bound.from {
            add(&format!("s{slot} >="), from);
        }
        if let Some(below) = &bound.below {
            add(&format!("s{slot} <"), below);
        }
    }
    let (sign, way) = if search.descending { ("<", "DESC") } else { (">", "ASC") };
    if let Some((value, key)) = &search.after {
        match search.order {
            Some(slot) => {
                // The bound alone lets an index begin here; the pair leaves out what was shown.
                add(&format!("s{slot} {sign}="), value);
                values.push(value.clone());
                values.push(key.clone());
                let (first, second) = (mark(values.len() - 1), mark(values.len()));
                sql.push_str(&format!(" AND (s{slot}, key) {sign} ({first}, {second})"));
            }
            None => add(&format!("key {sign}"), key),
        }
    }
    match search.order {
        Some(slot) => sql.push_str(&format!(" AND s{slot} IS NOT NULL ORDER BY s{slot} {way}, key {way}")),
        None => sql.push_str(&format!(" ORDER BY key {way}")),
    }
    sql.push_str(&format!(" LIMIT {}", search.limit));
    (sql, values)
}
