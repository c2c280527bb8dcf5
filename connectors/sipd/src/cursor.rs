//! Where a pull stands: which page of the parent list, which parents are still to be asked, which combination of
//! parameters, which page. The engine stores it between pages as an opaque text.

use connector_sdk::Fault;
use serde::{Deserialize, Serialize};

/// The standing, small enough to store after every page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cursor {
    /// Page of the parent list to be read now; `None` while its rows are worked off.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<u32>,
    /// Page of the parent list to be read after them.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent_next: Option<u32>,
    /// Ids of the parents still to be asked, the current one first.
    #[serde(rename = "q", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) queue: Vec<Vec<String>>,
    /// The last parent of the page before, since a parent may stand on two pages.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) last: Vec<String>,
    /// Combination of parameters.
    #[serde(rename = "t", default)]
    pub(crate) turn: usize,
    /// Page, from 1.
    #[serde(rename = "h", default = "one")]
    pub(crate) page: u32,
}

fn one() -> u32 {
    1
}

impl Cursor {
    /// The beginning.
    pub(crate) fn first(under_parents: bool) -> Self {
        Self {
            parent: under_parents.then_some(1),
            page: 1,
            ..Self::default()
        }
    }

    /// As stored.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text).map_err(|_| Fault::drift("the cursor of the pull cannot be read"))
    }

    /// To be stored.
    pub(crate) fn written(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|_| Fault::drift("the cursor of the pull cannot be written"))
    }

    /// After a page of the parent list: its rows come first, then the page after it.
    pub(crate) fn after_parents(queue: Vec<Vec<String>>, more: Option<u32>, last: Vec<String>) -> Option<Self> {
        if queue.is_empty() {
            return more.map(|page| Self {
                parent: Some(page),
                last,
                page: 1,
                ..Self::default()
            });
        }
        Some(Self {
            parent_next: more,
            last: queue.last().cloned().unwrap_or_default(),
            queue,
            page: 1,
            ..Self::default()
        })
    }

    /// After a page of the list itself.
    pub(crate) fn after(&self, more: bool, turns: usize) -> Option<Self> {
        let mut next = self.clone();
        if more {
            next.page += 1;
            return Some(next);
        }
        next.page = 1;
        next.turn += 1;
        if next.turn < turns {
            return Some(next);
        }
        next.turn = 0;
        if !next.queue.is_empty() {
            next.queue.remove(0);
        }
        if !next.queue.is_empty() {
            return Some(next);
        }
        next.parent = next.parent_next.take();
        next.parent.is_some().then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_turn_parent_and_parent_page_is_visited_once() {
        let parent = |id: &str| vec![id.to_owned()];
        let mut at = Cursor::after_parents(vec![parent("1"), parent("2")], Some(2), Vec::new());
        let mut seen = Vec::new();
        while let Some(cursor) = at {
            let stored = Cursor::read(&cursor.written().expect("written")).expect("read");
            assert_eq!(stored, cursor);
            if let Some(page) = cursor.parent {
                seen.push(format!("p{page}"));
                at = Cursor::after_parents(Vec::new(), None, cursor.last.clone());
                continue;
            }
            seen.push(format!("{}/{}/{}", cursor.queue[0][0], cursor.turn, cursor.page));
            at = cursor.after(cursor.page < 2, 2);
        }
        let expected = "1/0/1 1/0/2 1/1/1 1/1/2 2/0/1 2/0/2 2/1/1 2/1/2 p2";
        assert_eq!(seen.join(" "), expected);
        assert!(Cursor::read("2").is_err());
    }
}
