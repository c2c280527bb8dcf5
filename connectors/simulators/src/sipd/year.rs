//! The city's year as SIPD adds it up: cash plan by sub-activity and account, what was paid of it, sums. Also the truth
//! that a copy is held against. Ids are SIPD's own and unrelated to those of other systems.

use std::collections::BTreeMap;

use crate::city::{City, CityOptions, Money};

/// One account under one sub-activity.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cell {
    /// Sub-activity.
    pub sub: usize,
    /// Account.
    pub account: usize,
    /// Budget.
    pub budget: Money,
    /// Paid.
    pub paid: Money,
}

/// The year.
pub struct Year {
    /// The city.
    pub city: City,
    /// Accounts under sub-activities, in the order of sub-activity and account.
    pub cells: Vec<Cell>,
    /// Cells of a sub-activity: first and one after the last.
    spans: BTreeMap<usize, (usize, usize)>,
    /// Sub-activities with money, by unit.
    pub(crate) subs_of: BTreeMap<usize, Vec<usize>>,
    /// Payments by state and kind, for the lists.
    pub(crate) by_state: BTreeMap<&'static str, Vec<usize>>,
}

/// States of payment orders, by the day of the year they have reached: most are paid.
pub(crate) const STATES: [&str; 6] = [
    "ditransfer",
    "proses_transfer",
    "diterima",
    "gagal_transfer",
    "dihapus",
    "ditolak",
];

impl Year {
    pub(crate) fn new(options: &CityOptions) -> Self {
        let city = City::new(options.clone());
        let mut sums: BTreeMap<(usize, usize), Cell> = BTreeMap::new();
        for line in &city.lines {
            let cell = sums.entry((line.sub, line.account)).or_default();
            (cell.sub, cell.account) = (line.sub, line.account);
            cell.budget += line.amount;
        }
        for payment in &city.payments {
            for (line, amount) in &payment.items {
                let line = &city.lines[*line];
                if let Some(cell) = sums.get_mut(&(line.sub, line.account)) {
                    cell.paid += *amount;
                }
            }
        }
        let cells: Vec<Cell> = sums.into_values().collect();
        let mut spans: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        let mut subs_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, cell) in cells.iter().enumerate() {
            let span = spans.entry(cell.sub).or_insert_with(|| {
                subs_of.entry(city.subs[cell.sub].unit).or_default().push(cell.sub);
                (at, at)
            });
            span.1 = at + 1;
        }
        let mut by_state: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for (at, payment) in city.payments.iter().enumerate() {
            by_state.entry(state(payment.serial)).or_default().push(at);
        }
        Self {
            city,
            cells,
            spans,
            subs_of,
            by_state,
        }
    }

    /// Accounts of a sub-activity.
    pub fn cells_of(&self, sub: usize) -> &[Cell] {
        let (from, to) = self.spans.get(&sub).copied().unwrap_or_default();
        &self.cells[from..to]
    }

    /// Sum of the budget lines.
    pub fn budget(&self) -> Money {
        self.city.lines.iter().map(|line| line.amount).sum()
    }

    /// Sum of all payment orders.
    pub fn paid(&self) -> Money {
        self.city.payments.iter().map(|payment| payment.amount).sum()
    }

    /// Units that have a budget.
    pub(crate) fn spenders(&self) -> Vec<usize> {
        self.subs_of.keys().copied().collect()
    }
}

/// The state of a payment order; a few fail, are deleted or refused.
pub(crate) fn state(serial: u32) -> &'static str {
    match serial % 50 {
        7 => STATES[1],
        13 => STATES[2],
        21 => STATES[3],
        34 => STATES[4],
        45 => STATES[5],
        _ => STATES[0],
    }
}

/// Ids.
pub(crate) fn unit_id(unit: usize) -> usize {
    9001 + unit
}
pub(crate) fn programme_id(at: usize) -> usize {
    10_001 + at
}
pub(crate) fn activity_id(at: usize) -> usize {
    20_001 + at
}
pub(crate) fn sub_id(at: usize) -> usize {
    30_001 + at
}
pub(crate) fn account_id(at: usize) -> usize {
    1_001 + at
}
/// Twelve parts of an amount that add up to it.
pub(crate) fn months(amount: Money) -> [Money; 12] {
    let each = amount.as_parts() / 12;
    let mut all = [Money::parts(each); 12];
    all[11] = Money::parts(amount.as_parts() - each * 11);
    all
}
