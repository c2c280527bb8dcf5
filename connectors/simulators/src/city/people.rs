//! Invented officers and suppliers.

use super::City;
use super::names::{COMPANY, FIRST, LAST};

/// A commitment officer of a unit.
#[derive(Debug, Clone)]
pub struct Officer {
    /// Index of the unit.
    pub unit: usize,
    /// 18 digits, the last four zeros.
    pub nip: String,
    /// Name with titles; there is a comma in it.
    pub name: String,
    /// Position.
    pub position: &'static str,
}

/// A supplier.
#[derive(Debug, Clone)]
pub struct Supplier {
    /// Up to 12 digits, the tail is where it registered.
    pub id: i64,
    /// Name, with its legal form for companies.
    pub name: String,
    /// `PT`, `CV`, or a person.
    pub form: &'static str,
    /// 15 digits with dots; empty for a person.
    pub npwp: String,
    /// 16 digits: a zero and the 15, or a person's number ending in `0000`.
    pub npwp16: String,
    /// Street.
    pub address: String,
    /// Who signs.
    pub representative: String,
    /// Account number.
    pub account: String,
}

const POSITIONS: [&str; 4] = [
    "Kepala Bidang",
    "Sekretaris",
    "Kepala Bagian",
    "Kuasa Pengguna Anggaran",
];

pub(super) fn hire(city: &mut City, rng: &mut fastrand::Rng) {
    for unit in 0..city.units.len() {
        for _ in 0..3 {
            let (year, month) = (rng.u16(1970..1995), rng.u8(1..=12));
            city.officers.push(Officer {
                unit,
                nip: format!("{year}{month:02}{:02}{}{month:02}0000", rng.u8(1..=28), year + 24),
                name: format!("{} Contoh {}, S.E., M.Si", pick(rng, &FIRST), pick(rng, &LAST)),
                position: pick(rng, &POSITIONS),
            });
        }
    }
    let wanted = (city.options.packages / 12).max(40);
    for index in 0..wanted {
        let supplier = invent(rng, index);
        city.suppliers.push(supplier);
    }
}

fn invent(rng: &mut fastrand::Rng, index: usize) -> Supplier {
    let number = format!("{:09}", 900_000_000 + index);
    let branch = rng.u16(100..999);
    let name = format!("{} CONTOH {}", pick(rng, &COMPANY), index + 1);
    let (form, name, npwp, npwp16) = match index % 14 {
        0 => {
            let (day, month, year) = (rng.u8(1..=28), rng.u8(1..=12), rng.u8(60..99));
            let nik = format!("367101{day:02}{month:02}{year:02}0000");
            let person = format!("{} Contoh {}", pick(rng, &FIRST), pick(rng, &LAST));
            ("Orang Perseorangan", person, String::new(), nik)
        }
        n => {
            let (a, b, c, d) = (&number[..2], &number[2..5], &number[5..8], &number[8..]);
            let dotted = format!("{a}.{b}.{c}.{d}-{branch}.000");
            let plain = format!("0{number}{branch}000");
            match n % 3 {
                0 => ("Perseroan Terbatas (PT)", format!("PT. {name}"), dotted, plain),
                _ => (
                    "Persekutuan Komanditer (CV / Commanditer Venoschaap )",
                    format!("CV. {name}"),
                    dotted,
                    plain,
                ),
            }
        }
    };
    Supplier {
        id: 300_000_000_999 + i64::try_from(index).unwrap_or_default() * 1000,
        name,
        form,
        npwp,
        npwp16,
        address: format!("Jl. Contoh Raya No. {}", index + 1),
        representative: format!("{} Contoh {}", pick(rng, &FIRST), pick(rng, &LAST)),
        account: format!("0000{:09}", index + 1),
    }
}

pub(super) fn pick<T: Copy>(rng: &mut fastrand::Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
