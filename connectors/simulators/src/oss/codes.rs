//! The code lists 1–32 that `getDataReferensi` serves, and the licences of the invented city (list 8).
//!
//! Lists the guide only points at (29, 30, 31) hold a few invented rows.

use serde_json::{Value, json};

/// A kind of licence the invented city deals in: code, name, kind, sector, risk.
#[derive(Debug)]
pub(crate) struct Licence {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) sector: &'static str,
    pub(crate) kbli: &'static str,
    pub(crate) trade: &'static str,
    pub(crate) risk: &'static str,
}

macro_rules! licences {
    ($(($code:literal, $name:literal, $kind:literal, $sector:literal, $kbli:literal, $trade:literal, $risk:literal)),* $(,)?) => {
        [$(Licence { code: $code, name: $name, kind: $kind, sector: $sector, kbli: $kbli, trade: $trade, risk: $risk }),*]
    };
}

pub(super) const LICENCES: [Licence; 12] = licences![
    (
        "033000000012",
        "Sertifikat Standar Konstruksi (contoh)",
        "04",
        "033",
        "41011",
        "Konstruksi gedung hunian",
        "MT"
    ),
    (
        "019000000004",
        "Sertifikat Standar Industri Roti (contoh)",
        "04",
        "019",
        "10710",
        "Industri roti dan kue",
        "MR"
    ),
    (
        "090000000002",
        "Izin Toko Swalayan (contoh)",
        "02",
        "090",
        "47111",
        "Perdagangan eceran berbagai barang",
        "T"
    ),
    (
        "040000000004",
        "Sertifikat Standar Restoran (contoh)",
        "04",
        "040",
        "56101",
        "Restoran",
        "MR"
    ),
    (
        "063000000002",
        "Izin Apotek (contoh)",
        "02",
        "063",
        "47721",
        "Perdagangan eceran obat",
        "T"
    ),
    (
        "018000000004",
        "Sertifikat Standar Pertanian Jagung (contoh)",
        "04",
        "018",
        "01111",
        "Pertanian jagung",
        "MR"
    ),
    (
        "022000000004",
        "Sertifikat Standar Angkutan (contoh)",
        "04",
        "022",
        "49431",
        "Angkutan bermotor untuk barang",
        "MT"
    ),
    (
        "023000000002",
        "Izin Satuan Pendidikan (contoh)",
        "02",
        "023",
        "85102",
        "Pendidikan kelompok bermain",
        "T"
    ),
    (
        "029000000002",
        "Persetujuan Lingkungan (contoh)",
        "01",
        "029",
        "38110",
        "Pengumpulan limbah tidak berbahaya",
        "T"
    ),
    (
        "090000000900",
        "NIB sebagai legalitas (contoh)",
        "01",
        "090",
        "47911",
        "Perdagangan eceran melalui internet",
        "R"
    ),
    (
        "056000000001",
        "KKPR (contoh)",
        "01",
        "056",
        "68111",
        "Real estat yang dimiliki sendiri",
        "MT"
    ),
    (
        "019000000903",
        "PB UMKU Higiene Sanitasi (contoh)",
        "K03",
        "019",
        "11052",
        "Industri air minum isi ulang",
        "MT"
    ),
];

/// Number and meaning of every status of list 10.
pub(super) const STATUSES: [(u8, &str); 26] = [
    (5, "Penapisan dokumen lingkungan"),
    (9, "Persyaratan dilengkapi pelaku usaha"),
    (10, "Dokumen lengkap"),
    (11, "Dokumen belum lengkap"),
    (12, "Pemenuhan komitmen"),
    (20, "Validasi"),
    (30, "Verifikasi pembayaran"),
    (31, "Konfirmasi pembayaran"),
    (32, "Menunggu pemeriksaan bukti bayar"),
    (33, "Pembayaran disetujui"),
    (34, "Perbaikan pembayaran"),
    (40, "Pemeriksaan"),
    (41, "Permintaan klarifikasi"),
    (42, "Klarifikasi diterima"),
    (43, "Klarifikasi ulang"),
    (44, "Klarifikasi ulang diterima"),
    (45, "Persyaratan diverifikasi dinas teknis"),
    (49, "Pengambilan nomor"),
    (50, "Izin disetujui"),
    (52, "Penerbitan sementara"),
    (57, "Disetujui otomatis oleh sistem OSS"),
    (60, "Peringatan"),
    (70, "Pembekuan"),
    (80, "Denda"),
    (90, "Izin ditolak"),
    (93, "Persyaratan ditolak dinas teknis"),
];

/// What a status is called, also when the list does not have it.
pub(super) fn status_name(code: u8) -> &'static str {
    match STATUSES.iter().find(|(known, _)| *known == code) {
        Some((_, name)) => name,
        None => match code {
            0 => "Belum diproses",
            58 => "Izin terbit / sertifikat standar terverifikasi",
            91 => "Izin dicabut",
            92 => "Izin dibatalkan",
            _ => "",
        },
    }
}

/// The rows of a list by its number; `None` for a list OSS does not have.
pub(super) fn list(number: &str) -> Option<Vec<Value>> {
    let plain: &[(&str, &str)] = match number {
        "1" => &[("01", "PMA"), ("02", "PMDN"), ("03", "Bukan PMA/PMDN")],
        "2" => &LEGAL_FORMS,
        "3" => &[("01", "API-U"), ("02", "API-P")],
        "4" => &[("01", "KTP"), ("02", "Paspor")],
        "5" => &[("01", "Sewa"), ("02", "Milik"), ("03", "Pinjam")],
        "6" => &[("01", "Indonesia"), ("02", "Asing")],
        "7" => &DEEDS,
        "8" => {
            return Some(
                LICENCES
                    .iter()
                    .map(|licence| row(licence.code, licence.name, licence.sector))
                    .collect(),
            );
        }
        "9" => &RESPONSES,
        "10" => {
            let rows = STATUSES.iter().map(|(code, name)| row(&format!("{code:02}"), name, ""));
            return Some(rows.collect());
        }
        "11" => &[("01", "Tanpa klasifikasi"), ("02", "Seri A"), ("03", "Seri B")],
        "12" => &[("01", "Badan hukum"), ("02", "Bukan badan hukum")],
        "13" => &[("01", "Perorangan"), ("02", "Badan hukum")],
        "14" => &NIB_STATUSES,
        "15" => {
            let kept = (1..=142).filter(|number| number % 7 != 3);
            return Some(
                kept.map(|number| row(&number.to_string(), "Persyaratan penanaman modal (contoh)", ""))
                    .collect(),
            );
        }
        "16" => &[("01", "Di dalam kawasan"), ("02", "Di luar kawasan")],
        "17" => &[("01", "m²"), ("02", "ha")],
        "18" => &[
            ("01", "Badan usaha"),
            ("02", "Perorangan"),
            ("03", "Kantor perwakilan"),
            ("04", "Badan usaha asing"),
        ],
        "19" => &TAX,
        "20" => &SECTORS,
        "21" => &[
            ("01", "Kawasan industri"),
            ("02", "Kawasan ekonomi khusus"),
            ("03", "Kawasan bebas"),
        ],
        "22" => &[("01", "Baru"), ("02", "Lama")],
        "23" => &[
            ("01", "SD"),
            ("02", "SMP"),
            ("03", "SMA"),
            ("04", "SMK"),
            ("05", "D1"),
            ("06", "D2"),
            ("07", "D3"),
        ],
        "24" => &[("01", "Darat"), ("02", "Perairan"), ("03", "Hutan")],
        "25" => &[("01", "Lokasi utama"), ("02", "Lokasi tersebar")],
        "26" => &PROJECT_KINDS,
        "27" => &[
            ("01", "Persyaratan dasar"),
            ("02", "Izin"),
            ("04", "Sertifikat standar"),
            ("K02", "Persyaratan standar"),
            ("K03", "PB UMKU"),
        ],
        "28" => &[
            ("Y", "Komitmen"),
            ("N", "Bukan komitmen"),
            ("O", "Terbit otomatis"),
            ("T", "Tembusan"),
        ],
        "29" => &[("1", "Manajer Contoh"), ("2", "Ahli Contoh")],
        "30" => {
            let rows = LICENCES
                .iter()
                .map(|licence| row(licence.kbli, licence.trade, licence.kbli));
            return Some(rows.collect());
        }
        "31" => &[("4", "Bidang spesifik contoh – umum")],
        "32" => &[("0", "Bukan kawasan"), ("101", "Kawasan Contoh Cisadane")],
        _ => return None,
    };
    Some(plain.iter().map(|(code, name)| row(code, name, "")).collect())
}

fn row(code: &str, name: &str, note: &str) -> Value {
    json!({"kode_referensi": code, "uraian_referensi": name, "keterangan_referensi": note})
}

const LEGAL_FORMS: [(&str, &str); 23] = [
    ("01", "PT"),
    ("02", "CV"),
    ("04", "Badan pemerintah"),
    ("05", "Firma"),
    ("06", "Persekutuan perdata"),
    ("07", "Koperasi"),
    ("08", "Dana pensiun"),
    ("09", "Persekutuan dan perkumpulan"),
    ("10", "Yayasan"),
    ("16", "BUT"),
    ("17", "Perorangan"),
    ("18", "BLU"),
    ("19", "Badan hukum lainnya"),
    ("20", "Lainnya (STPW luar negeri)"),
    ("21", "Perum"),
    ("22", "Perumda"),
    ("23", "Perusda"),
    ("24", "Badan operasi bersama"),
    ("25", "Badan perwakilan"),
    ("26", "PT perorangan"),
    ("27", "Pedagang berjangka asing"),
    ("28", "BUM Desa"),
    ("29", "BUM Desa bersama"),
];

const DEEDS: [(&str, &str); 8] = [
    ("01", "Pendirian"),
    ("02", "Perubahan"),
    ("06", "Kontrak"),
    ("07", "Peraturan"),
    ("09", "Keputusan"),
    ("10", "Likuidasi"),
    ("11", "Penggabungan"),
    ("12", "Pembubaran"),
];

const RESPONSES: [(&str, &str); 8] = [
    ("200", "Sukses"),
    ("400", "Parameter tidak sesuai"),
    ("401", "Akses user tidak valid"),
    ("403", "Akses ilegal"),
    ("404", "Layanan tidak ditemukan"),
    ("405", "Akses layanan ditolak"),
    ("500", "OSS gagal memproses payload"),
    ("504", "OSS timeout memproses payload"),
];

const NIB_STATUSES: [(&str, &str); 6] = [
    ("01", "Aktif"),
    ("02", "Belum aktif"),
    ("03", "Berizin"),
    ("04", "Berizin operasional"),
    ("05", "Dibekukan"),
    ("06", "Dicabut"),
];

const TAX: [(&str, &str); 10] = [
    ("00", "Valid"),
    ("01", "Tidak valid"),
    ("02", "SPT tahunan belum dilapor"),
    ("03", "SPT masa PPN belum dilapor"),
    ("04", "Wajib pajak tidak ditemukan"),
    ("16", "KPPA"),
    ("17", "STPW luar negeri"),
    ("21", "Perum"),
    ("22", "Perumda"),
    ("23", "Perusda"),
];

const SECTORS: [(&str, &str); 24] = [
    ("010", "Dalam negeri"),
    ("012", "Pertahanan"),
    ("013", "Hukum"),
    ("015", "Keuangan"),
    ("018", "Pertanian"),
    ("019", "Perindustrian"),
    ("020", "Energi"),
    ("022", "Perhubungan"),
    ("023", "Pendidikan"),
    ("024", "Agama"),
    ("026", "Ketenagakerjaan"),
    ("029", "Lingkungan hidup dan kehutanan"),
    ("032", "Kelautan dan perikanan"),
    ("033", "Pekerjaan umum"),
    ("040", "Pariwisata"),
    ("042", "Riset"),
    ("044", "Koperasi dan UKM"),
    ("056", "Agraria dan tata ruang"),
    ("059", "Komunikasi"),
    ("060", "Kepolisian"),
    ("063", "Obat dan makanan"),
    ("084", "Standardisasi"),
    ("085", "Ketenaganukliran"),
    ("090", "Perdagangan"),
];

const PROJECT_KINDS: [(&str, &str); 5] = [
    ("01", "Utama"),
    ("02", "Pendukung"),
    ("03", "Kantor cabang administratif"),
    ("04", "Perluasan"),
    ("05", "Pendukung UMKU"),
];
