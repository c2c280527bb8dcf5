//! Reference codes of Indonesian administration: what can be said about a value from its form alone.
//!
//! Pure functions over text. `hard` findings refuse, `soft` ones flag. Nothing is repaired: a value is right, doubtful
//! or wrong as it stands. Use [`digits`] where a source writes separators. An address, age or sex is never inferred
//! from a NIK: its region is that of first registration and its birth date may since have been corrected.

use serde::Serialize;

/// One remark about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Indonesian sentence.
    pub id: &'static str,
    /// English sentence.
    pub en: &'static str,
}

/// What was found about one value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Reasons to refuse.
    pub hard: Vec<Finding>,
    /// Reasons to flag.
    pub soft: Vec<Finding>,
}

impl Checked {
    fn hard(mut self, fails: bool, code: &'static str, id: &'static str, en: &'static str) -> Self {
        if fails {
            self.hard.push(Finding { code, id, en });
        }
        self
    }

    /// Soft remarks are made only about values whose form is right.
    fn soft(mut self, fails: impl FnOnce() -> bool, code: &'static str, id: &'static str, en: &'static str) -> Self {
        if self.hard.is_empty() && fails() {
            self.soft.push(Finding { code, id, en });
        }
        self
    }
}

macro_rules! kinds {
    ($($kind:ident $name:literal $check:ident $doc:literal),* $(,)?) => {
        /// The reference codes known here; the names are those of the schema keyword `x-rujukan`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $(#[doc = $doc] $kind),* }

        impl Kind {
            /// The kind named in a schema.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$kind),)* _ => None }
            }

            /// Checks a value of this kind.
            #[must_use]
            pub fn check(self, text: &str) -> Checked {
                match self { $(Self::$kind => $check(text)),* }
            }

            pub(crate) fn names() -> &'static str {
                concat!($($name, " "),*)
            }
        }
    };
}

kinds![
    Nik "nik" nik "National identity number.",
    Kk "kk" kk "Family card number.",
    Npwp15 "npwp15" npwp15 "Tax number, old form.",
    Npwp16 "npwp16" npwp16 "Tax number, new form.",
    Nitku "nitku" nitku "Business place number.",
    Nib "nib" nib "Business identification number.",
    Kbli "kbli" kbli "Business classification.",
    Nop "nop" nop "Property tax object number.",
    Nip "nip" nip "Civil servant number.",
    Telepon "telepon" telepon "Phone number.",
    KodeWilayah "kode_wilayah" kode_wilayah "Home-ministry region code.",
];

/// The digits of a value written with the usual separators (space, `.`, `-`, `/`), or `None` when it holds anything
/// else. For callers that translate; checks themselves take digits only.
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    let known = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '/'));
    known.then(|| text.chars().filter(char::is_ascii_digit).collect())
}

/// NIK: 16 digits; province, day (women +40), month and serial are plausible.
#[must_use]
pub fn nik(text: &str) -> Checked {
    Checked::default()
        .hard(
            !is_digits(text, 16),
            "nik_form",
            "NIK harus 16 angka.",
            "A NIK has 16 digits.",
        )
        .soft(
            || !province(number(text, 0..2)),
            "nik_province",
            "Kode provinsi NIK tidak dikenal.",
            "The province of the NIK is unknown.",
        )
        .soft(
            || !matches!(number(text, 6..8), 1..=31 | 41..=71),
            "nik_day",
            "Tanggal dalam NIK tidak wajar.",
            "The day in the NIK is implausible.",
        )
        .soft(
            || !month(number(text, 8..10)),
            "nik_month",
            "Bulan dalam NIK tidak wajar.",
            "The month in the NIK is implausible.",
        )
        .soft(
            || number(text, 12..16) == 0,
            "nik_serial",
            "Nomor urut NIK 0000.",
            "The serial of the NIK is 0000.",
        )
}

/// KK: 16 digits. Not an id of a person.
#[must_use]
pub fn kk(text: &str) -> Checked {
    Checked::default().hard(
        !is_digits(text, 16),
        "kk_form",
        "Nomor KK harus 16 angka.",
        "A family card number has 16 digits.",
    )
}

/// NPWP, 15 digits: form of old data.
#[must_use]
pub fn npwp15(text: &str) -> Checked {
    Checked::default().hard(
        !is_digits(text, 15),
        "npwp15_form",
        "NPWP lama harus 15 angka.",
        "An old tax number has 15 digits.",
    )
}

/// NPWP, 16 digits: a NIK, or `0` and the old number.
#[must_use]
pub fn npwp16(text: &str) -> Checked {
    let checked = Checked::default().hard(
        !is_digits(text, 16),
        "npwp16_form",
        "NPWP harus 16 angka.",
        "A tax number has 16 digits.",
    );
    let neither = || !text.starts_with('0') && !province(number(text, 0..2));
    checked.soft(
        neither,
        "npwp16_kind",
        "NPWP ini bukan bentuk NIK dan tidak diawali 0.",
        "This tax number is neither a NIK nor begins with 0.",
    )
}

/// NITKU: 22 digits, a 16-digit NPWP and the number of the place.
#[must_use]
pub fn nitku(text: &str) -> Checked {
    Checked::default().hard(
        !is_digits(text, 22),
        "nitku_form",
        "NITKU harus 22 angka.",
        "A business place number has 22 digits.",
    )
}

/// NIB: 13 digits.
#[must_use]
pub fn nib(text: &str) -> Checked {
    Checked::default().hard(
        !is_digits(text, 13),
        "nib_form",
        "NIB harus 13 angka.",
        "A NIB has 13 digits.",
    )
}

/// KBLI: 5 digits; whether it exists is a question for the code list (`x-kode`).
#[must_use]
pub fn kbli(text: &str) -> Checked {
    Checked::default().hard(
        !is_digits(text, 5),
        "kbli_form",
        "KBLI harus 5 angka.",
        "A KBLI code has 5 digits.",
    )
}

/// NOP: 18 digits; the last one is 0, 7 or 9. Its region part follows the statistics office, not the home ministry.
#[must_use]
pub fn nop(text: &str) -> Checked {
    Checked::default()
        .hard(
            !is_digits(text, 18),
            "nop_form",
            "NOP harus 18 angka.",
            "A property tax number has 18 digits.",
        )
        .soft(
            || !matches!(number(text, 17..18), 0 | 7 | 9),
            "nop_special",
            "Angka terakhir NOP tidak wajar.",
            "The last digit of the number is implausible.",
        )
}

/// NOP of one city: as [`nop`], and soft when it does not begin with the city's four digits (`3671`).
#[must_use]
pub fn nop_of_city(text: &str, city: &str) -> Checked {
    nop(text).soft(
        || !text.starts_with(city),
        "nop_region",
        "NOP ini bukan objek kota ini.",
        "This property is outside the city.",
    )
}

/// NIP: 18 digits; birth date, appointment month (21 for contract staff) and sex are plausible.
#[must_use]
pub fn nip(text: &str) -> Checked {
    let birth = || !month(number(text, 4..6)) || !matches!(number(text, 6..8), 1..=31);
    let start = || !month(number(text, 12..14)) && number(text, 12..14) != 21;
    Checked::default()
        .hard(
            !is_digits(text, 18),
            "nip_form",
            "NIP harus 18 angka.",
            "A civil servant number has 18 digits.",
        )
        .soft(
            birth,
            "nip_birth",
            "Tanggal lahir dalam NIP tidak wajar.",
            "The birth date in the number is implausible.",
        )
        .soft(
            start,
            "nip_appointment",
            "Bulan pengangkatan dalam NIP tidak wajar.",
            "The appointment month in the number is implausible.",
        )
        .soft(
            || !matches!(number(text, 14..15), 1 | 2),
            "nip_sex",
            "Angka jenis kelamin dalam NIP tidak wajar.",
            "The sex digit in the number is implausible.",
        )
}

/// Phone: `+62…` or `08…`, 9 to 15 digits; soft only.
#[must_use]
pub fn telepon(text: &str) -> Checked {
    let count = text.bytes().filter(u8::is_ascii_digit).count();
    let known = text.starts_with("+62") || text.starts_with("08");
    let clean = text
        .bytes()
        .enumerate()
        .all(|(at, b)| b.is_ascii_digit() || (at == 0 && b == b'+') || matches!(b, b' ' | b'-'));
    let id = "Nomor telepon biasanya +62… atau 08… dengan 9 sampai 15 angka.";
    let en = "A phone number is usually +62… or 08… with 9 to 15 digits.";
    Checked::default().soft(|| !(known && clean && (9..=15).contains(&count)), "phone_form", id, en)
}

/// Kode wilayah: `PP[.KK[.CC[.DDDD]]]`, the village part beginning with 1 (kelurahan) or 2 (desa). Whether it exists
/// is a question for the code list.
#[must_use]
pub fn kode_wilayah(text: &str) -> Checked {
    let parts: Vec<&str> = text.split('.').collect();
    let formed = parts.len() <= 4 && parts.iter().zip([2, 2, 2, 4]).all(|(part, size)| is_digits(part, size));
    let village = parts.get(3).is_none_or(|part| part.starts_with(['1', '2']));
    Checked::default()
        .hard(
            !formed,
            "region_form",
            "Kode wilayah berbentuk PP.KK.CC.DDDD.",
            "A region code is written PP.KK.CC.DDDD.",
        )
        .hard(
            formed && !village,
            "region_village",
            "Bagian kelurahan/desa harus diawali 1 atau 2.",
            "The village part begins with 1 or 2.",
        )
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of a range as a number; only asked about text whose form was found right.
fn number(text: &str, range: std::ops::Range<usize>) -> u32 {
    text.get(range).and_then(|part| part.parse().ok()).unwrap_or(0)
}

fn month(number: u32) -> bool {
    (1..=12).contains(&number)
}

fn province(code: u32) -> bool {
    matches!(code, 11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=96)
}
