//! Payment orders (SP2D): one for each bill of a contract, and the rest of the year's: pay, imprest, single purchases.

use jiff::civil::{Date, date};

use super::{AccountKind, City, Money};

/// Kind of a payment order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentKind {
    /// `LS`: directly to a third party, or pay.
    Direct,
    /// `UP`: imprest handed out.
    Imprest,
    /// `GU`: imprest refilled.
    Refill,
    /// `TU`: imprest added.
    Extra,
}

impl PaymentKind {
    /// The two letters.
    pub fn code(self) -> &'static str {
        match self {
            Self::Direct => "LS",
            Self::Imprest => "UP",
            Self::Refill => "GU",
            Self::Extra => "TU",
        }
    }
}

/// One payment order.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Serial within the year, from 1; `{serial:06}` of the document numbers of SPP, SPM and SP2D.
    pub serial: u32,
    /// Kind.
    pub kind: PaymentKind,
    /// Unit.
    pub unit: usize,
    /// What it is paid from: budget line and amount. Empty for an imprest.
    pub items: Vec<(usize, Money)>,
    /// The sum of `items`; an imprest's own amount.
    pub amount: Money,
    /// Day of the SP2D.
    pub day: Date,
    /// Index of the contract.
    pub contract: Option<usize>,
    /// Index of the bill in the contract.
    pub bill: Option<usize>,
    /// Whether the order names the contract; where not, the link can only be derived.
    pub names_contract: bool,
    /// Pay of staff.
    pub salary: bool,
}

impl Payment {
    /// `36.71/04.0/000123/LS/{kode_skpd}/M/3/2026`, with `kind` `02.0` SPP, `03.0` SPM, `04.0` SP2D.
    pub fn number(&self, city: &City, region: &str, kind: &str) -> String {
        format!(
            "{region}/{kind}/{:06}/{}/{}/M/{}/{}",
            self.serial,
            self.kind.code(),
            city.units[self.unit].code,
            self.day.month(),
            self.day.year(),
        )
    }
}

pub(super) fn pay(city: &mut City, rng: &mut fastrand::Rng) {
    let mut all = Vec::new();
    for (at, contract) in city.contracts.iter().enumerate() {
        let package = &city.packages[contract.package];
        for (number, bill) in contract.bills.iter().enumerate() {
            all.push(Payment {
                serial: 0,
                kind: PaymentKind::Direct,
                unit: package.unit,
                items: spread(bill.amount, package),
                amount: bill.amount,
                day: bill.day,
                contract: Some(at),
                bill: Some(number),
                names_contract: rng.u8(..10) > 0,
                salary: false,
            });
        }
    }
    let staff: Vec<usize> = lines_of(city, &[AccountKind::Staff]);
    let goods: Vec<usize> = lines_of(city, &[AccountKind::Goods, AccountKind::Capital]);
    let last = city.options.today;
    while all.len() < city.options.payments {
        let day = date(city.options.year, rng.i8(1..=last.month().max(1)), rng.i8(1..=28)).min(last);
        all.push(other(city, rng, day, &staff, &goods));
    }
    all.sort_by_key(|payment| payment.day);
    for (index, payment) in all.iter_mut().enumerate() {
        payment.serial = u32::try_from(index + 1).unwrap_or(u32::MAX);
    }
    city.payments = all;
}

/// A bill is paid from the lines of its package, first one first.
fn spread(amount: Money, package: &super::Package) -> Vec<(usize, Money)> {
    let mut left = amount;
    let mut items = Vec::new();
    for (at, part) in package.parts.iter().enumerate() {
        let last = at + 1 == package.parts.len();
        let share = if last {
            left
        } else {
            let parts = i128::from(amount.as_parts()) * i128::from(part.amount.whole())
                / i128::from(package.pagu.whole().max(1));
            Money::parts(i64::try_from(parts / 100 * 100).unwrap_or_default())
        };
        left -= share;
        if share > Money::ZERO {
            items.push((part.line, share));
        }
    }
    items
}

fn lines_of(city: &City, kinds: &[AccountKind]) -> Vec<usize> {
    (0..city.lines.len())
        .filter(|line| kinds.contains(&city.accounts[city.lines[*line].account].kind))
        .collect()
}

fn other(city: &City, rng: &mut fastrand::Rng, day: Date, staff: &[usize], goods: &[usize]) -> Payment {
    let (kind, from) = match rng.u8(..10) {
        0 => (PaymentKind::Imprest, None),
        1 => (PaymentKind::Extra, None),
        2..=3 => (PaymentKind::Refill, Some(goods)),
        4..=6 => (PaymentKind::Direct, Some(staff)),
        _ => (PaymentKind::Direct, Some(goods)),
    };
    let salary = kind == PaymentKind::Direct && from.is_some_and(|from| std::ptr::eq(from, staff));
    let line = from
        .filter(|from| !from.is_empty())
        .map(|from| from[rng.usize(..from.len())]);
    let (unit, items, amount) = match line {
        Some(line) => {
            let amount = city.lines[line].amount.share(rng.i64(5..40));
            (city.subs[city.lines[line].sub].unit, vec![(line, amount)], amount)
        }
        None => (
            rng.usize(..city.units.len()),
            Vec::new(),
            Money::rupiah(rng.i64(1..50) * 1_000_000),
        ),
    };
    Payment {
        serial: 0,
        kind,
        unit,
        items,
        amount,
        day,
        contract: None,
        bill: None,
        names_contract: false,
        salary,
    }
}
