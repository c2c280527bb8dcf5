//! What came of a package: tender, direct procurement, catalogue order or a record; contracts and their bills.

use jiff::ToSpan;
use jiff::civil::Date;

use super::people::pick;
use super::{City, Method, Money, Package};

/// Where a tender or direct procurement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Running.
    Running,
    /// Finished.
    Done,
    /// Failed or cancelled.
    Failed,
}

/// A bid.
#[derive(Debug, Clone)]
pub struct Bid {
    /// 11 digits.
    pub id: i64,
    /// Supplier.
    pub supplier: usize,
    /// Price, if it was opened.
    pub price: Option<Money>,
    /// Whether it won.
    pub won: bool,
}

/// What became of a package.
#[derive(Debug, Clone)]
pub enum Process {
    /// Nothing yet.
    None,
    /// A tender or selection.
    Tender {
        /// 11 digits ending in three zeros, or the old form of seven.
        id: i64,
        /// Owner's estimate.
        hps: Money,
        /// Where it stands.
        state: State,
        /// 1, or more when repeated.
        version: u8,
        /// Bids.
        bids: Vec<Bid>,
        /// Index of the contract.
        contract: Option<usize>,
    },
    /// Procured without tender.
    Direct {
        /// 11 digits.
        id: i64,
        /// Owner's estimate.
        hps: Money,
        /// Where it stands.
        state: State,
        /// Who was asked; `None` while it runs.
        supplier: Option<usize>,
        /// Index of the contract.
        contract: Option<usize>,
    },
    /// Orders from the catalogue.
    Orders(Vec<Order>),
    /// Kept in the books only.
    Recorded(Record),
}

/// A catalogue order.
#[derive(Debug, Clone)]
pub struct Order {
    /// 26 characters.
    pub id: String,
    /// Supplier.
    pub supplier: usize,
    /// Total.
    pub total: Money,
    /// Day; `None` when unfinished.
    pub day: Option<Date>,
}

/// Bookkeeping of own work or of small purchases.
#[derive(Debug, Clone)]
pub struct Record {
    /// 11 digits.
    pub id: i64,
    /// Amounts with their day and document number.
    pub spent: Vec<(Date, String, Money)>,
}

/// A contract.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Package.
    pub package: usize,
    /// Id of the tender or direct procurement.
    pub process: i64,
    /// Supplier.
    pub supplier: usize,
    /// Free text, the same wherever it is named.
    pub number: String,
    /// Whether it is the short form (SPK).
    pub short: bool,
    /// Day of signing.
    pub signed: Date,
    /// Last day.
    pub ends: Date,
    /// Value; decimals occur.
    pub value: Money,
    /// 0, or 1 after an addendum.
    pub addendum: u8,
    /// What was billed so far.
    pub bills: Vec<Bill>,
}

/// A bill of a contract: hand-over and payment minutes.
#[derive(Debug, Clone)]
pub struct Bill {
    /// Number of the payment minute.
    pub number: String,
    /// Its day.
    pub day: Date,
    /// Amount.
    pub amount: Money,
}

pub(super) fn run(city: &mut City, rng: &mut fastrand::Rng) {
    for index in 0..city.packages.len() {
        let process = one(city, rng, index);
        city.packages[index].process = process;
    }
}

fn one(city: &mut City, rng: &mut fastrand::Rng, index: usize) -> Process {
    let package = city.packages[index].clone();
    match package.method {
        Method::Tender | Method::Selection => tender(city, rng, index, &package),
        Method::Direct | Method::Appointment => match rng.u8(..10) {
            0..=6 => direct(city, rng, index, &package),
            _ => Process::None,
        },
        Method::Catalogue => match rng.u8(..10) {
            0 => Process::Orders(orders(city, rng, &package)),
            _ => Process::None,
        },
        Method::Exempted => Process::Recorded(record(rng, index, &package, city.options.today)),
        Method::OwnWork(_) => match rng.u8(..10) {
            0 => Process::Recorded(record(rng, index, &package, city.options.today)),
            _ => Process::None,
        },
    }
}

fn tender(city: &mut City, rng: &mut fastrand::Rng, index: usize, package: &Package) -> Process {
    let old = rng.u8(..12) == 0;
    let id = if old {
        5_000_999 + number(index) * 1000
    } else {
        10_000_000_000 + number(index) * 1000
    };
    let state = state(rng);
    let hps = package.pagu - package.pagu.share(rng.i64(1..40));
    let many = rng.usize(1..60).min(city.suppliers.len());
    let start = rng.usize(..city.suppliers.len());
    let winner = (state == State::Done).then(|| rng.usize(..many));
    let bids: Vec<Bid> = (0..many)
        .map(|at| Bid {
            id: 10_900_000_000 + number(index) * 1_000_000 + number(at) * 1000,
            supplier: (start + at) % city.suppliers.len(),
            price: (Some(at) == winner || rng.u8(..24) == 0).then(|| hps - hps.share(rng.i64(5..200))),
            won: Some(at) == winner,
        })
        .collect();
    let won = bids
        .iter()
        .find(|bid| bid.won)
        .map(|bid| (bid.supplier, bid.price.unwrap_or(hps)));
    let contract = won
        .filter(|_| rng.u8(..10) < 8)
        .map(|(supplier, price)| sign(city, rng, index, package, id, supplier, price));
    Process::Tender {
        id,
        hps,
        state,
        version: if rng.u8(..8) == 0 { 2 } else { 1 },
        bids,
        contract,
    }
}

fn direct(city: &mut City, rng: &mut fastrand::Rng, index: usize, package: &Package) -> Process {
    let id = 10_300_000_000 + number(index) * 1000;
    let state = state(rng);
    let hps = package.pagu - package.pagu.share(rng.i64(0..15));
    let supplier = (state == State::Done).then(|| rng.usize(..city.suppliers.len()));
    let price = hps - hps.share(rng.i64(0..30));
    let contract = supplier
        .filter(|_| rng.u8(..10) < 6)
        .map(|supplier| sign(city, rng, index, package, id, supplier, price));
    Process::Direct {
        id,
        hps,
        state,
        supplier,
        contract,
    }
}

fn state(rng: &mut fastrand::Rng) -> State {
    pick(
        rng,
        &[
            State::Done,
            State::Done,
            State::Done,
            State::Done,
            State::Running,
            State::Failed,
        ],
    )
}

fn sign(
    city: &mut City,
    rng: &mut fastrand::Rng,
    index: usize,
    package: &Package,
    process: i64,
    supplier: usize,
    value: Money,
) -> usize {
    let year = city.options.year;
    let signed = package.announced.saturating_add(rng.i32(14..50).days());
    let short = package.pagu < Money::rupiah(400_000_000);
    let kind = if short { "SPK" } else { "KONTRAK" };
    let months = rng.i32(1..=12);
    let mut bills = Vec::new();
    let times = pick(rng, &[1, 1, 3, months]);
    let slice = Money::parts(value.as_parts() / i64::from(times) / 100 * 100);
    for at in 1..=times {
        let day = signed.saturating_add((at * 30).days());
        if day > city.options.today || day.year() != year {
            break;
        }
        let before = slice.as_parts() * i64::from(at - 1);
        let amount = if at == times {
            value - Money::parts(before)
        } else {
            slice
        };
        bills.push(Bill {
            number: format!("027/{}.{at}/BAP/{year}", index + 1),
            day,
            amount,
        });
    }
    city.contracts.push(Contract {
        package: index,
        process,
        supplier,
        number: format!("027/{}/{kind}/{year}", index + 1),
        short,
        signed,
        ends: signed.saturating_add((months * 30).days()),
        value,
        addendum: u8::from(rng.u8(..30) == 0),
        bills,
    });
    city.contracts.len() - 1
}

fn orders(city: &City, rng: &mut fastrand::Rng, package: &Package) -> Vec<Order> {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    (0..rng.usize(1..=2))
        .map(|_| {
            let tail: String = (0..22).map(|_| char::from(ALPHABET[rng.usize(..32)])).collect();
            Order {
                id: format!("01K0{tail}"),
                supplier: rng.usize(..city.suppliers.len()),
                total: Money::rupiah(package.pagu.share(rng.i64(200..480)).whole()),
                day: (rng.u8(..5) > 0).then(|| package.announced.saturating_add(rng.i32(5..60).days())),
            }
        })
        .collect()
}

fn record(rng: &mut fastrand::Rng, index: usize, package: &Package, today: Date) -> Record {
    let mut spent = Vec::new();
    for at in 0..rng.i32(1..=3) {
        let day = package.announced.saturating_add((at * 30 + 10).days());
        if day <= today {
            let amount = Money::rupiah(package.pagu.share(rng.i64(100..300)).whole());
            spent.push((day, format!("00.01/02.0/{:06}/LS/{}", index + 1, day.year()), amount));
        }
    }
    Record {
        id: 10_100_000_000 + number(index) * 1000,
        spent,
    }
}

fn number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or_default() + 1
}
