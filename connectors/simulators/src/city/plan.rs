//! The procurement plan: packages and the budget lines they are paid from.

use jiff::civil::{Date, date};

use super::names::PACKAGES;
use super::people::pick;
use super::{AccountKind, City, Line, Money, Process};

/// How a package is procured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Direct procurement.
    Direct,
    /// Catalogue.
    Catalogue,
    /// Tender.
    Tender,
    /// Selection of consultants.
    Selection,
    /// Direct appointment.
    Appointment,
    /// Exempted.
    Exempted,
    /// The city's own work; the number is its kind, 1 to 4.
    OwnWork(u8),
}

/// What is procured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Goods.
    Goods,
    /// Construction.
    Construction,
    /// Consulting.
    Consulting,
    /// Other services.
    Service,
}

/// A package of the plan.
#[derive(Debug, Clone)]
pub struct Package {
    /// Eight digits: `kd_rup`.
    pub rup: i64,
    /// Unit.
    pub unit: usize,
    /// Commitment officer.
    pub officer: usize,
    /// Name; line breaks and blanks at the ends occur.
    pub name: String,
    /// How.
    pub method: Method,
    /// What.
    pub category: Category,
    /// Ceiling, whole rupiah; the sum of `parts`.
    pub pagu: Money,
    /// The money, by budget line.
    pub parts: Vec<Part>,
    /// Day of the announcement.
    pub announced: Date,
    /// First month of the contract.
    pub from: Date,
    /// What came of it.
    pub process: Process,
}

/// One share of a package.
#[derive(Debug, Clone)]
pub struct Part {
    /// Budget line.
    pub line: usize,
    /// Whole rupiah.
    pub amount: Money,
    /// As procurement writes it. Unless `budgeted`, its account is one the sub-activity has no line for.
    pub mak: String,
    /// Whether the budget has the line that `mak` names.
    pub budgeted: bool,
}

pub(super) fn packages(city: &mut City, rng: &mut fastrand::Rng) {
    let wanted = city.options.packages;
    let bought: Vec<usize> = (0..city.accounts.len())
        .filter(|at| matches!(city.accounts[*at].kind, AccountKind::Goods | AccountKind::Capital))
        .collect();
    for index in 0..wanted {
        let package = one(city, rng, index, &bought);
        city.packages.push(package);
    }
}

fn one(city: &mut City, rng: &mut fastrand::Rng, index: usize, bought: &[usize]) -> Package {
    let method = method(rng);
    let first = rng.usize(..city.subs.len());
    let unit = city.subs[first].unit;
    let total = size(rng, method);
    let count = match rng.u8(..10) {
        0 => 3,
        1..=2 => 2,
        _ => 1,
    };
    let mut parts: Vec<Part> = Vec::new();
    let mut left = total;
    for number in 0..count {
        let amount = if number + 1 == count { left } else { left / 3 };
        left -= amount;
        let amount = Money::rupiah(amount);
        // The line has a little more than the plan takes, with decimals now and then.
        let slack = if rng.u8(..8) == 0 { rng.i64(0..9_999) } else { 0 };
        city.lines.push(Line {
            sub: first,
            account: pick(rng, bought),
            amount: amount + Money::parts(slack),
            fund: "APBD",
        });
        let line = city.lines.len() - 1;
        let budgeted = rng.u16(..100) != 0;
        let mak = match budgeted {
            true => city.mak(&city.lines[line]),
            false => format!("{}.5.1.02.99.99.{:04}.", city.subs[first].code, rng.u16(1..9999)),
        };
        parts.push(Part {
            line,
            amount,
            mak,
            budgeted,
        });
    }
    let month = rng.i8(1..=9);
    let announced = date(city.options.year, month, rng.i8(1..=28));
    let own = city.officers.iter().position(|officer| officer.unit == unit);
    let name = name(rng, index);
    Package {
        rup: 60_000_000 + i64::try_from(index).unwrap_or_default(),
        unit,
        officer: own.unwrap_or_default() + rng.usize(..3),
        name,
        method,
        category: category(rng, method),
        pagu: Money::rupiah(total),
        parts,
        announced,
        from: date(city.options.year, (month + 1).min(12), 1),
        process: Process::None,
    }
}

fn name(rng: &mut fastrand::Rng, index: usize) -> String {
    let name = format!("{} {}", pick(rng, &PACKAGES), index + 1);
    match rng.u8(..40) {
        0 => format!("{name}\r\n(Lanjutan)"),
        1 => format!(" {name}  "),
        2 => format!("{name}\t"),
        _ => name,
    }
}

fn method(rng: &mut fastrand::Rng) -> Method {
    match rng.u16(..1000) {
        0..300 => Method::OwnWork(match rng.u8(..20) {
            0 => 2,
            1 => 3,
            2 => 4,
            _ => 1,
        }),
        300..310 => Method::Tender,
        310..316 => Method::Selection,
        316..330 => Method::Appointment,
        330..345 => Method::Exempted,
        345..600 => Method::Direct,
        _ => Method::Catalogue,
    }
}

fn category(rng: &mut fastrand::Rng, method: Method) -> Category {
    match method {
        Method::Selection => Category::Consulting,
        Method::Catalogue => Category::Goods,
        Method::Tender => pick(rng, &[Category::Construction, Category::Construction, Category::Goods]),
        _ => pick(
            rng,
            &[
                Category::Goods,
                Category::Service,
                Category::Construction,
                Category::Consulting,
            ],
        ),
    }
}

fn size(rng: &mut fastrand::Rng, method: Method) -> i64 {
    match method {
        Method::Tender => rng.i64(400_000..40_000_000) * 1000,
        Method::Selection => rng.i64(150_000..900_000) * 1000,
        Method::Direct | Method::Appointment => rng.i64(10_000..200_000) * 1000,
        Method::Catalogue => rng.i64(1_000..400_000) * 1000,
        Method::Exempted | Method::OwnWork(_) => rng.i64(500..90_000) * 1000 + rng.i64(0..10) * 50,
    }
}
