//! Units, programmes, activities, sub-activities, accounts, and the lines of the budget.

use super::names::{ACTIVITIES, PROGRAMMES, SUBS, UNITS};
use super::people::pick;
use super::{City, CityOptions, Money};

/// An organisational unit.
#[derive(Debug, Clone)]
pub struct Unit {
    /// 22 characters: `kode_skpd` and `kd_satker_str`.
    pub code: String,
    /// Name, in capitals.
    pub name: String,
    /// Id in the planning system (SiRUP); says nothing elsewhere.
    pub sirup_id: i64,
    /// Id in the tender system: a local number and 999.
    pub spse_id: String,
    /// Index of the unit it is a part of.
    pub parent: Option<usize>,
    /// Whether it has a budget of its own.
    pub has_budget: bool,
}

/// A programme of a unit.
#[derive(Debug, Clone)]
pub struct Programme {
    /// Unit.
    pub unit: usize,
    /// `2.16.02`
    pub code: String,
    /// Name; blanks at the end occur.
    pub name: String,
    /// Id in the planning system.
    pub sirup_id: i64,
}

/// An activity of a programme.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Programme.
    pub programme: usize,
    /// `2.16.02.2.01`
    pub code: String,
    /// Name; line breaks occur.
    pub name: String,
    /// Id in the planning system.
    pub sirup_id: i64,
}

/// A sub-activity.
#[derive(Debug, Clone)]
pub struct Sub {
    /// Activity.
    pub activity: usize,
    /// Programme.
    pub programme: usize,
    /// Unit.
    pub unit: usize,
    /// `2.16.02.2.01.0004`
    pub code: String,
    /// Name; line breaks occur.
    pub name: String,
    /// Id in the planning system.
    pub sirup_id: i64,
}

/// What an account pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// Pay of staff; never procured.
    Staff,
    /// Goods and services.
    Goods,
    /// Capital.
    Capital,
    /// Unexpected spend.
    Unexpected,
}

/// An account, lowest level.
#[derive(Debug, Clone)]
pub struct Account {
    /// `5.1.02.02.01.0030`
    pub code: String,
    /// Name.
    pub name: String,
    /// What it pays for.
    pub kind: AccountKind,
}

/// One line of the budget.
#[derive(Debug, Clone)]
pub struct Line {
    /// Sub-activity.
    pub sub: usize,
    /// Account.
    pub account: usize,
    /// Amount; decimals occur.
    pub amount: Money,
    /// `APBD` as a rule.
    pub fund: &'static str,
}

const KLPD_SATKER: i64 = 61_000;

/// Units down to sub-activities and accounts, without money.
pub(super) fn frame(options: CityOptions, rng: &mut fastrand::Rng) -> City {
    let mut city = City {
        units: units(&options),
        programmes: Vec::new(),
        activities: Vec::new(),
        subs: Vec::new(),
        accounts: accounts(),
        lines: Vec::new(),
        officers: Vec::new(),
        suppliers: Vec::new(),
        packages: Vec::new(),
        contracts: Vec::new(),
        payments: Vec::new(),
        options,
    };
    for unit in 0..city.units.len() {
        if city.units[unit].has_budget {
            programmes(&mut city, unit, rng);
        }
    }
    city
}

fn units(options: &CityOptions) -> Vec<Unit> {
    let mut all: Vec<Unit> = Vec::new();
    for index in 0..options.units.max(UNITS.len()) {
        let (affairs, name) = UNITS[index % UNITS.len()];
        let part = index / UNITS.len();
        let serial = index % UNITS.len() + 1;
        let name = match part {
            0 => name.to_owned(),
            part => format!("UPTD {part} {name}"),
        };
        all.push(Unit {
            code: format!("{affairs}.{serial:02}.{part:04}"),
            name,
            sirup_id: KLPD_SATKER + i64::try_from(index).unwrap_or_default(),
            spse_id: format!("{}999", 12_000 + index),
            parent: (part > 0).then_some(index % UNITS.len()),
            has_budget: part == 0 || part % 2 == 1,
        });
    }
    all
}

fn programmes(city: &mut City, unit: usize, rng: &mut fastrand::Rng) {
    let affair = city.units[unit].code[..4].to_owned();
    // A part plans below programmes of its own, so that a code names one sub-activity of one unit.
    let base = if city.units[unit].parent.is_some() {
        10 + unit / UNITS.len() * 4
    } else {
        0
    };
    for (number, name) in PROGRAMMES.iter().enumerate() {
        let code = format!("{affair}.{:02}", base + number + 1);
        city.programmes.push(Programme {
            unit,
            code: code.clone(),
            name: (*name).to_owned(),
            sirup_id: 2_600_000 + id(city.programmes.len()),
        });
        let programme = city.programmes.len() - 1;
        for (at, name) in ACTIVITIES.iter().enumerate() {
            let code = format!("{code}.2.{:02}", at + 1);
            city.activities.push(Activity {
                programme,
                code: code.clone(),
                name: (*name).to_owned(),
                sirup_id: 13_000_000 + id(city.activities.len()),
            });
            let activity = city.activities.len() - 1;
            let steps = rng.usize(2..=4);
            for (step, name) in SUBS.iter().enumerate().take(steps) {
                let sub = Sub {
                    activity,
                    programme,
                    unit,
                    code: format!("{code}.{:04}", step + 1),
                    name: (*name).to_owned(),
                    sirup_id: 14_000_000 + id(city.subs.len()),
                };
                city.subs.push(sub);
            }
        }
    }
}

fn accounts() -> Vec<Account> {
    let mut all = Vec::new();
    let mut group = |prefix: &str, count: usize, name: &str, kind: AccountKind| {
        for number in 1..=count {
            all.push(Account {
                code: format!("{prefix}.{number:04}"),
                name: format!("{name} {number}"),
                kind,
            });
        }
    };
    group("5.1.01.01.01", 8, "Belanja Gaji", AccountKind::Staff);
    group("5.1.02.01.01", 24, "Belanja Bahan", AccountKind::Goods);
    group("5.1.02.02.01", 24, "Belanja Jasa", AccountKind::Goods);
    group("5.1.02.03.02", 12, "Belanja Pemeliharaan", AccountKind::Goods);
    group("5.2.02.05.01", 12, "Belanja Modal Peralatan", AccountKind::Capital);
    group("5.2.04.01.01", 8, "Belanja Modal Jalan", AccountKind::Capital);
    group("5.3.01.01.01", 1, "Belanja Tidak Terduga", AccountKind::Unexpected);
    all
}

/// Lines that no package uses, until the budget is as long as wanted.
pub(super) fn fill(city: &mut City, rng: &mut fastrand::Rng) {
    while city.lines.len() < city.options.budget_lines {
        let amount = match rng.u8(..20) {
            0 => Money::parts(rng.i64(10_000_000..90_000_000_000) * 10 + rng.i64(0..10_000)),
            1..=4 => Money::parts(rng.i64(10_000_000..9_000_000_000) * 100),
            _ => Money::rupiah(rng.i64(100..400_000) * 500),
        };
        let line = Line {
            sub: rng.usize(..city.subs.len()),
            account: rng.usize(..city.accounts.len()),
            amount,
            fund: pick(rng, &["APBD", "APBD", "APBD", "BLUD"]),
        };
        city.lines.push(line);
    }
}

fn id(index: usize) -> i64 {
    i64::try_from(index).unwrap_or_default()
}
