//! Invented persons: the serial of every identity number is 0000, which is never issued.

use super::super::days;
use super::super::days::DAY;

/// Somebody invented.
#[derive(Debug, Clone)]
pub struct Person {
    /// 16 digits, the last four zeros.
    pub nik: String,
    /// Name, in capitals as OSS writes it.
    pub name: String,
    /// `L` or `P`.
    pub sex: &'static str,
    /// `YYYY-MM-DD`
    pub born: String,
    /// Mobile number.
    pub phone: String,
    /// Address under `contoh.invalid`.
    pub email: String,
}

const FIRST: [&str; 12] = [
    "SARI", "BUDI", "WATI", "JOKO", "RINA", "AGUS", "DEWI", "HENDRA", "NINA", "ARIF", "LINA", "TONO",
];
const LAST: [&str; 8] = [
    "WULANDARI",
    "SANTOSO",
    "LESTARI",
    "PRATAMA",
    "KUSUMA",
    "HIDAYAT",
    "PERMATA",
    "WIJAYA",
];

impl Person {
    pub(super) fn invent(rng: &mut fastrand::Rng, region: &str, now: i64) -> Self {
        let first = FIRST[rng.usize(..FIRST.len())];
        let last = LAST[rng.usize(..LAST.len())];
        let sex = if rng.bool() { "P" } else { "L" };
        let born = days::date(now - rng.i64(20 * 365..60 * 365) * DAY);
        let (year, month) = (&born[2..4], &born[5..7]);
        let day: u8 = born[8..].parse().unwrap_or(1);
        let day = if sex == "P" { day + 40 } else { day };
        let district = rng.u8(1..=13);
        Self {
            nik: format!("{}{district:02}{day:02}{month}{year}0000", &region[..4]),
            name: format!("{first} CONTOH {last}"),
            sex,
            phone: format!("0811000{:05}", rng.u32(..100_000)),
            email: format!("{}.{}@contoh.invalid", first.to_lowercase(), rng.u16(..10_000)),
            born,
        }
    }
}
