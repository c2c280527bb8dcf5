//! Pages of a list, with the list faults applied.

use super::fault::Fault;

/// A page of rows with the list faults applied, and whether another page follows.
pub(crate) fn page<T: Clone>(rows: &[T], page: usize, size: usize, twists: &[Fault]) -> (Vec<T>, bool) {
    if twists.contains(&Fault::EmptyList) {
        return (Vec::new(), false);
    }
    let repeated = twists.contains(&Fault::RepeatedPage);
    let page = if repeated { 1 } else { page };
    let size = size.max(1);
    let mut shown: Vec<T> = rows.iter().skip((page - 1) * size).take(size).cloned().collect();
    let more = repeated || rows.len() > page * size;
    if twists.contains(&Fault::OutOfOrder) {
        // Reversed, then turned by one: neither ascending nor descending.
        shown.reverse();
        if !shown.is_empty() {
            shown.rotate_left(1);
        }
    }
    if twists.contains(&Fault::Duplicates) {
        shown = shown.into_iter().flat_map(|row| [row.clone(), row]).collect();
    }
    (shown, more)
}
