//! One invented city's budget year, the same for every simulator that shows a side of it: units, programmes, budget
//! lines, procurement packages, tenders, contracts, payments. Repeatable by seed; whole in memory, never changed.
//!
//! ```
//! use simulators::city::{City, CityOptions};
//! let city = City::new(CityOptions { packages: 200, budget_lines: 1_000, payments: 400, ..CityOptions::default() });
//! let package = &city.packages[7];
//! let unit = &city.units[package.unit];                 // `kode_skpd` in SIPD, `kd_satker_str` in SPSE: one text
//! for part in &package.parts {                          // the money of a package, by budget line
//!     let line = &city.lines[part.line];                // sub-activity + account + amount
//!     assert_eq!(part.mak, city.mak(line));             // sub-activity code "." account code "."
//!     assert!(part.amount <= line.amount);
//! }
//! assert_eq!(package.pagu, package.parts.iter().map(|part| part.amount).sum());
//! ```
//!
//! Everything refers by index into the lists of [`City`]. What agrees between the systems:
//!
//! | shared | SIPD writes | SPSE writes |
//! |---|---|---|
//! | [`Unit::code`] | `kode_skpd` | `kd_satker_str` |
//! | [`Sub::code`] + [`Account::code`] | `kode_sub_giat`, `kode_akun` | `mak` |
//! | [`Contract::number`] | contract of an SPP | `no_kontrak` |
//! | [`Payment::amount`] of a contract | SP2D value | `besar_pembayaran` ([`Contract::bills`]) |
//!
//! Links are broken on purpose, and only where the flags say so: [`Part::budgeted`] is false when the plan names an
//! account that the budget does not have, [`Payment::names_contract`] when the payment order leaves the contract out.
//! Amounts are [`Money`], exact. Hosts, persons, companies, numbers are invented; person ids end in `0000`.

mod budget;
mod money;
mod names;
mod payments;
mod people;
mod plan;
mod process;
#[cfg(test)]
mod tests;

pub use budget::{Account, AccountKind, Activity, Line, Programme, Sub, Unit};
pub use money::Money;
pub use payments::{Payment, PaymentKind};
pub use people::{Officer, Supplier};
pub use plan::{Category, Method, Package, Part};
pub use process::{Bid, Bill, Contract, Order, Process, Record, State};

use jiff::civil::Date;

/// What city is invented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CityOptions {
    /// Same seed, same city.
    pub seed: u64,
    /// Budget year.
    pub year: i16,
    /// Units (SKPD), sub-units included.
    pub units: usize,
    /// Procurement packages, both by suppliers and by own work.
    pub packages: usize,
    /// Budget lines at least; packages bring at least one each.
    pub budget_lines: usize,
    /// Payment orders (SP2D) at least; bills of contracts bring one each.
    pub payments: usize,
    /// The day up to which the year has been lived.
    pub today: Date,
}

impl CityOptions {
    /// The same kind of city in another year, lived up to the same day.
    #[must_use]
    pub fn of_year(year: i16) -> Self {
        Self {
            year,
            today: jiff::civil::date(year, 10, 3),
            ..Self::default()
        }
    }
}

impl Default for CityOptions {
    fn default() -> Self {
        Self {
            seed: 3671,
            year: 2026,
            units: 60,
            packages: 15_000,
            budget_lines: 80_000,
            payments: 25_000,
            today: jiff::civil::date(2026, 10, 3),
        }
    }
}

/// The city: lists that refer to each other by index.
#[derive(Debug, Clone)]
pub struct City {
    /// What it was made from.
    pub options: CityOptions,
    /// Organisational units.
    pub units: Vec<Unit>,
    /// Programmes, each of one unit.
    pub programmes: Vec<Programme>,
    /// Activities, each of one programme.
    pub activities: Vec<Activity>,
    /// Sub-activities, each of one activity.
    pub subs: Vec<Sub>,
    /// The chart of accounts, expenditure, lowest level.
    pub accounts: Vec<Account>,
    /// Budget lines.
    pub lines: Vec<Line>,
    /// Commitment officers, at least one per unit.
    pub officers: Vec<Officer>,
    /// Suppliers.
    pub suppliers: Vec<Supplier>,
    /// Procurement packages.
    pub packages: Vec<Package>,
    /// Contracts; their package is [`Contract::package`].
    pub contracts: Vec<Contract>,
    /// Payment orders, in the order of their days.
    pub payments: Vec<Payment>,
}

impl City {
    /// Invents a city.
    pub fn new(options: CityOptions) -> Self {
        let mut rng = fastrand::Rng::with_seed(options.seed);
        let mut city = budget::frame(options, &mut rng);
        people::hire(&mut city, &mut rng);
        plan::packages(&mut city, &mut rng);
        budget::fill(&mut city, &mut rng);
        process::run(&mut city, &mut rng);
        payments::pay(&mut city, &mut rng);
        city
    }

    /// Sub-activity and account as procurement systems write them, with the dot at the end.
    pub fn mak(&self, line: &Line) -> String {
        format!("{}.{}.", self.subs[line.sub].code, self.accounts[line.account].code)
    }
}
