//! Invented complaints, repeatable by seed: what a city of two million sends in, without one real person in it.
//!
//! Every NIK ends in `0000`, every e-mail is under `contoh.invalid`, every telephone number begins `0811000`. Some
//! reporters write their name and number into the text or into a file name, as people do; a privacy test wants that.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::photo;
use crate::frame::{clock, sha256};

/// A complaint with its files.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// In the shape the gateway takes in.
    pub canonical: Value,
    /// Contents of the files it lists.
    pub files: Vec<File>,
}

/// An evidence file.
#[derive(Debug, Clone)]
pub struct File {
    /// Id, as in `lampiran[].id`.
    pub id: String,
    /// Name as the citizen's telephone gave it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Content.
    pub body: Bytes,
}

/// Makes complaints for ever; take as many as are needed.
#[derive(Debug, Clone)]
pub struct Generator {
    rng: fastrand::Rng,
    number: u32,
    at: Timestamp,
    categories: Vec<String>,
}

/// Subject, what is wrong, and the category codes used unless others are given.
const SUBJECTS: [(&str, &str, &str); 12] = [
    (
        "lampu_jalan",
        "Lampu jalan padam",
        "Lampu penerangan jalan umum padam sejak tiga hari, jalan gelap dan rawan",
    ),
    (
        "jalan_rusak",
        "Jalan berlubang",
        "Jalan berlubang cukup dalam & licin saat hujan, sudah ada pengendara yang jatuh",
    ),
    (
        "sampah",
        "Sampah menumpuk",
        "Sampah menumpuk di pinggir jalan dan belum diangkut selama satu minggu",
    ),
    (
        "drainase",
        "Saluran air tersumbat",
        "Saluran air tersumbat sehingga air meluap ke permukiman setiap hujan > 1 jam",
    ),
    (
        "pohon_tumbang",
        "Pohon tumbang",
        "Pohon tumbang menutup separuh badan jalan dan menimpa kabel",
    ),
    (
        "parkir",
        "Parkir liar",
        "Kendaraan parkir di trotoar sehingga pejalan kaki harus turun ke jalan",
    ),
    (
        "kesehatan",
        "Antrean puskesmas",
        "Antrean pendaftaran di puskesmas terlalu lama, loket hanya dibuka satu",
    ),
    (
        "kependudukan",
        "KTP belum jadi",
        "Sudah dua bulan mengurus KTP elektronik namun belum juga selesai dicetak",
    ),
    (
        "pendidikan",
        "Atap kelas bocor",
        "Atap ruang kelas bocor dan plafon hampir runtuh, murid belajar di lorong",
    ),
    (
        "sarang_tawon",
        "Sarang tawon",
        "Ada sarang tawon besar di dekat taman bermain anak, mohon \"evakuasi\" segera",
    ),
    (
        "perizinan",
        "Izin belum terbit",
        "Permohonan izin usaha sudah lengkap tetapi belum ada kabar hingga hari ini",
    ),
    (
        "aplikasi_layanan",
        "Aplikasi tidak bisa dibuka",
        "Aplikasi layanan kota tidak bisa dibuka setelah pembaruan terakhir 🙏",
    ),
];

/// Most come from the app.
const SOURCES: [&str; 7] = ["laksa", "laksa", "laksa", "whatsapp", "instagram", "call112", "walkin"];

const CLASSIFICATIONS: [&str; 5] = [
    "pengaduan",
    "pengaduan",
    "pengaduan",
    "aspirasi",
    "permintaan_informasi",
];

const DISTRICTS: [&str; 13] = [
    "Tangerang",
    "Jatiuwung",
    "Batuceper",
    "Benda",
    "Cipondoh",
    "Ciledug",
    "Karawaci",
    "Periuk",
    "Cibodas",
    "Neglasari",
    "Pinang",
    "Karang Tengah",
    "Larangan",
];

const FIRST_NAMES: [&str; 12] = [
    "Suparmanto",
    "Wulandari",
    "Hartinah",
    "Bagaskara",
    "Kusumawati",
    "Darmawangsa",
    "Rahmaniah",
    "Sulistiyo",
    "Anggrainia",
    "Pranowoto",
    "Mulyaningrum",
    "Ferdiansah",
];

const LAST_NAMES: [&str; 10] = [
    "Contohwati",
    "Rekaanto",
    "Fiktifani",
    "Misalnyo",
    "Umpamasari",
    "Khayalan",
    "Andaikan",
    "Semuwijaya",
    "",
    "",
];

impl Generator {
    /// A generator; the same seed makes the same complaints.
    pub fn new(seed: u64) -> Self {
        let categories = SUBJECTS.iter().map(|(category, _, _)| (*category).to_owned()).collect();
        Self {
            rng: fastrand::Rng::with_seed(seed),
            number: 0,
            at: clock::default_start(),
            categories,
        }
    }

    /// Uses these category codes instead of its own (picked in turn by subject).
    #[must_use]
    pub fn with_categories(self, categories: Vec<String>) -> Self {
        Self { categories, ..self }
    }

    /// Dates the first complaint from here on.
    #[must_use]
    pub fn starting(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }

    fn complaint(&mut self) -> Complaint {
        self.number += 1;
        // Some forty a day.
        self.at += SignedDuration::from_secs(self.rng.i64(600..3600));
        let ticket = format!("LAKSA-2026-{:06}", self.number);
        let subject = self.rng.usize(..SUBJECTS.len());
        let (_, title, problem) = SUBJECTS[subject];
        let category = self
            .categories
            .get(subject % self.categories.len().max(1))
            .cloned()
            .unwrap_or_default();
        let district = self.rng.usize(..DISTRICTS.len());
        let address = format!(
            "Jalan Contoh Raya No. {}, Kec. {}",
            self.rng.u32(1..300),
            DISTRICTS[district]
        );
        let (lat, lon) = (-6.25 + self.rng.f64() * 0.13, 106.58 + self.rng.f64() * 0.15);
        let anonymous = self.rng.u8(..100) < 20;
        let secret = self.rng.u8(..100) < 10;
        let reporter = self.reporter();
        let body = self.body(problem, &address, &reporter);
        let files = self.files(&ticket, &reporter.name, lat, lon);

        let source = SOURCES[self.rng.usize(..SOURCES.len())];
        let classification = CLASSIFICATIONS[self.rng.usize(..CLASSIFICATIONS.len())];
        let mut canonical = json!({
            "tiket": ticket,
            "sumber": source,
            "dikirim_pada": clock::jakarta(self.at, "%Y-%m-%dT%H:%M:%S+07:00"),
            "klasifikasi": classification,
            "kategori": category,
            "judul": format!("{title} di {address}"),
            "isi": body,
            "anonim": anonymous,
            "rahasia": secret,
        });
        if self.rng.u8(..100) < 85 {
            canonical["lokasi"] = json!({
                "lat": (lat * 1e6).round() / 1e6, "lon": (lon * 1e6).round() / 1e6,
                "kode_wilayah": format!("36.71.{:02}", district + 1), "alamat": address,
            });
        }
        if self.rng.u8(..100) < 70 {
            let days = self.rng.i64(0..10);
            let day = self
                .at
                .checked_sub(SignedDuration::from_hours(24 * days))
                .unwrap_or(self.at);
            canonical["tanggal_kejadian"] = clock::jakarta(day, "%Y-%m-%d").into();
        }
        // An anonymous reporter may still be known to the app that took the complaint.
        if !anonymous || self.rng.bool() {
            canonical["pelapor"] = reporter.to_json(&mut self.rng);
        }
        if !files.is_empty() {
            canonical["lampiran"] = files.iter().map(File::to_json).collect();
        }
        Complaint { canonical, files }
    }

    fn reporter(&mut self) -> Reporter {
        let first = FIRST_NAMES[self.rng.usize(..FIRST_NAMES.len())];
        let last = LAST_NAMES[self.rng.usize(..LAST_NAMES.len())];
        let name = format!("{first} {last}").trim_end().to_owned();
        let (day, month, year) = (self.rng.u32(1..29), self.rng.u32(1..13), self.rng.u32(60..100));
        Reporter {
            nik: format!("3671{:02}{day:02}{month:02}{year:02}0000", self.rng.u32(1..14)),
            phone: format!("0811000{:05}", self.rng.u32(..100_000)),
            email: format!("{}.{}@contoh.invalid", first.to_lowercase(), self.rng.u32(1..10_000)),
            name,
        }
    }

    fn body(&mut self, problem: &str, address: &str, reporter: &Reporter) -> String {
        let mut body = format!("{problem}. Lokasi: {address}.");
        match self.rng.u8(..100) {
            0..25 => body.push_str(&format!(" Hubungi saya, {}, di {}.", reporter.name, reporter.phone)),
            25..30 => body.push_str(&format!(" NIK saya {}, surel {}.", reporter.nik, reporter.email)),
            30..33 => {
                while body.chars().count() < 9_000 {
                    body.push_str(" Mohon segera ditindaklanjuti karena sudah sangat mengganggu warga sekitar.");
                }
            }
            _ => body.push_str("\nMohon segera ditindaklanjuti. Terima kasih."),
        }
        body
    }

    fn files(&mut self, ticket: &str, owner: &str, lat: f64, lon: f64) -> Vec<File> {
        let count = match self.rng.u8(..100) {
            0..50 => 0,
            50..80 => 1,
            80..95 => 2,
            _ => 5,
        };
        (1..=count)
            .map(|index| {
                let id = format!("{ticket}-{index}");
                if index == 5 {
                    let (name, media_type) = ("surat pernyataan.pdf".to_owned(), "application/pdf".to_owned());
                    return File {
                        id,
                        name,
                        media_type,
                        body: photo::pdf(owner),
                    };
                }
                let name = match self.rng.u8(..10) {
                    0 => format!("foto {owner}.jpg"),
                    _ => format!("IMG_{:04}.jpg", self.rng.u32(..10_000)),
                };
                File {
                    id,
                    name,
                    media_type: "image/jpeg".to_owned(),
                    body: photo::jpeg(owner, lat, lon),
                }
            })
            .collect()
    }
}

impl Iterator for Generator {
    type Item = Complaint;

    fn next(&mut self) -> Option<Complaint> {
        Some(self.complaint())
    }
}

impl File {
    fn to_json(&self) -> Value {
        json!({
            "id": self.id, "nama_berkas": self.name, "tipe_media": self.media_type, "ukuran": self.body.len(),
            "sha256": sha256::hex(&self.body),
        })
    }
}

struct Reporter {
    name: String,
    nik: String,
    phone: String,
    email: String,
}

impl Reporter {
    /// The name always, the rest sometimes.
    fn to_json(&self, rng: &mut fastrand::Rng) -> Value {
        let mut reporter = json!({ "nama": self.name });
        for (key, value) in [("nik", &self.nik), ("telepon", &self.phone), ("email", &self.email)] {
            if rng.u8(..100) < 75 {
                reporter[key] = json!(value);
            }
        }
        reporter
    }
}
