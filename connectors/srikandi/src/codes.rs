//! Code lists in both directions. A canonical code without a native one is complained about; a native one that no list
//! and no synonym has is `tidak_dikenal`. Nothing falls back to the harmless class.

use std::collections::BTreeMap;

/// What an unknown native code becomes.
pub(crate) const UNKNOWN: &str = "tidak_dikenal";

/// One list: canonical to native, and other spellings of the native side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    native: BTreeMap<String, String>,
    canonical: BTreeMap<String, String>,
}

impl Codes {
    /// From canonical/native pairs and spelling/canonical pairs.
    pub(crate) fn new<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        synonyms: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut codes = Self::default();
        for (canonical, native) in pairs {
            codes.native.insert(canonical.to_owned(), native.to_owned());
            codes.canonical.insert(plain(native), canonical.to_owned());
        }
        for (spelling, canonical) in synonyms {
            codes
                .canonical
                .entry(plain(spelling))
                .or_insert_with(|| canonical.to_owned());
        }
        codes
    }

    /// The native code.
    pub(crate) fn native(&self, canonical: &str) -> Option<&str> {
        self.native.get(canonical).map(String::as_str)
    }

    /// The canonical code, if the list knows the native one.
    pub(crate) fn known(&self, native: &str) -> Option<&str> {
        self.canonical.get(&plain(native)).map(String::as_str)
    }

    /// The canonical code, or `tidak_dikenal`.
    pub(crate) fn canonical(&self, native: &str) -> &str {
        self.known(native).unwrap_or(UNKNOWN)
    }
}

/// Spelling without what people vary: case, blanks, dashes, slashes.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match (c.is_alphanumeric(), out.ends_with('_')) {
            (true, _) => out.extend(c.to_uppercase()),
            (false, false) => out.push('_'),
            (false, true) => {}
        }
    }
    out
}

/// Pairs of words.
type Pairs = &'static [(&'static str, &'static str)];
/// Name, canonical and native codes, other spellings and their canonical codes.
pub(crate) type List = (&'static str, Pairs, Pairs);

/// Lists that settings may replace: name, pairs, synonyms.
pub(crate) const LISTS: &[List] = &[
    (
        "sifat",
        &[
            ("biasa", "BIASA"),
            ("terbatas", "TERBATAS"),
            ("rahasia", "RAHASIA"),
            ("sangat_rahasia", "SANGAT_RAHASIA"),
        ],
        // The predecessor's "Rahasia Terbatas" is neither: the stricter of the two. "Penting" has no class at all.
        &[
            ("Biasa/Terbuka", "biasa"),
            ("Terbuka", "biasa"),
            ("B", "biasa"),
            ("T", "terbatas"),
            ("R", "rahasia"),
            ("SR", "sangat_rahasia"),
            ("Rahasia Terbatas", "rahasia"),
        ],
    ),
    (
        "urgensi",
        &[("biasa", "BIASA"), ("segera", "SEGERA"), ("amat_segera", "AMAT_SEGERA")],
        &[("Sangat Segera", "amat_segera")],
    ),
    (
        "keadaan",
        &[
            ("konsep", "KONSEP"),
            ("verifikasi", "VERIFIKASI"),
            ("revisi", "REVISI"),
            ("ditolak", "DITOLAK"),
            ("menunggu_ttd", "MENUNGGU_TTD"),
            ("ditandatangani", "DITANDATANGANI"),
            ("terkirim", "TERKIRIM"),
            ("diterima", "DITERIMA"),
            ("dibaca", "DIBACA"),
            ("ditindaklanjuti", "DITINDAKLANJUTI"),
            ("selesai", "SELESAI"),
            ("diberkaskan", "DIBERKASKAN"),
        ],
        &[
            ("Belum Dibaca", "diterima"),
            ("Belum Ditindaklanjuti", "dibaca"),
            ("unread", "diterima"),
            ("read", "dibaca"),
        ],
    ),
    (
        "keadaan_penerima",
        &[
            ("belum_dibaca", "BELUM_DIBACA"),
            ("dibaca", "DIBACA"),
            ("ditindaklanjuti", "DITINDAKLANJUTI"),
            ("selesai", "SELESAI"),
            ("ditarik", "DITARIK"),
        ],
        &[
            ("Belum Ditindaklanjuti", "dibaca"),
            ("DITERIMA", "belum_dibaca"),
            ("TERKIRIM", "belum_dibaca"),
            ("unread", "belum_dibaca"),
            ("read", "dibaca"),
        ],
    ),
    (
        "keputusan",
        &[("setuju", "SETUJU"), ("revisi", "REVISI"), ("tolak", "TOLAK")],
        &[],
    ),
    ("jenis_ttd", &[("tte", "TTE"), ("konvensional", "KONVENSIONAL")], &[]),
    (
        "tampilan_ttd",
        &[("terlihat", "VISIBLE"), ("tidak_terlihat", "INVISIBLE")],
        &[],
    ),
    (
        "jenis_tujuan",
        &[
            ("internal", "INTERNAL"),
            ("srikandi", "EKSTERNAL_SRIKANDI"),
            ("luar", "EKSTERNAL_NON_SRIKANDI"),
        ],
        &[],
    ),
    ("bagian", &[("naskah", "naskah"), ("lampiran", "lampiran")], &[]),
    (
        "status_berkas",
        &[("terbuka", "TERBUKA"), ("tertutup", "TERTUTUP")],
        &[],
    ),
    (
        "jenis_perubahan",
        &[
            ("naskah_masuk", "NASKAH_MASUK"),
            ("naskah_keluar", "NASKAH_KELUAR"),
            ("disposisi", "DISPOSISI"),
            ("berkas", "BERKAS"),
        ],
        &[],
    ),
    (
        "nasib_akhir",
        &[
            ("musnah", "MUSNAH"),
            ("permanen", "PERMANEN"),
            ("dinilai_kembali", "DINILAI_KEMBALI"),
        ],
        &[],
    ),
    (
        "instruksi",
        &[
            ("mohon_tindaklanjuti", "MOHON_TINDAKLANJUTI"),
            ("mohon_mewakili", "MOHON_MEWAKILI"),
            ("untuk_diketahui", "UNTUK_DIKETAHUI"),
            ("mohon_tanggapan", "MOHON_TANGGAPAN"),
        ],
        &[],
    ),
    ("jenis_naskah", KINDS, &[]),
];

/// Kinds of letter of PerANRI 5/2021; the native ids are the system's and replaced by settings.
const KINDS: &[(&str, &str)] = &[
    ("peraturan", "PERATURAN"),
    ("pedoman", "PEDOMAN"),
    ("petunjuk_pelaksanaan", "PETUNJUK_PELAKSANAAN"),
    ("instruksi", "INSTRUKSI"),
    ("sop", "SOP"),
    ("keputusan", "KEPUTUSAN"),
    ("surat_perintah", "SURAT_PERINTAH"),
    ("surat_tugas", "SURAT_TUGAS"),
    ("nota_dinas", "NOTA_DINAS"),
    ("memorandum", "MEMORANDUM"),
    ("surat_undangan_internal", "SURAT_UNDANGAN_INTERNAL"),
    ("surat_dinas", "SURAT_DINAS"),
    ("surat_undangan_eksternal", "SURAT_UNDANGAN_EKSTERNAL"),
    ("perjanjian", "PERJANJIAN"),
    ("surat_kuasa", "SURAT_KUASA"),
    ("berita_acara", "BERITA_ACARA"),
    ("surat_keterangan", "SURAT_KETERANGAN"),
    ("surat_pengantar", "SURAT_PENGANTAR"),
    ("pengumuman", "PENGUMUMAN"),
    ("laporan", "LAPORAN"),
    ("telaahan_staf", "TELAAHAN_STAF"),
    ("notula", "NOTULA"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str) -> Codes {
        let (_, pairs, synonyms) = LISTS.iter().find(|(list, ..)| *list == name).expect("list");
        Codes::new(pairs.iter().copied(), synonyms.iter().copied())
    }

    #[test]
    fn synonyms_are_read_and_unknown_words_are_never_the_ordinary_class() {
        let class = list("sifat");
        for (native, canonical) in [
            ("Biasa", "biasa"),
            ("BIASA / TERBUKA", "biasa"),
            ("Sangat Rahasia", "sangat_rahasia"),
            ("rahasia terbatas", "rahasia"),
            ("R", "rahasia"),
        ] {
            assert_eq!(class.canonical(native), canonical, "{native}");
        }
        for native in ["Penting", "", "Biasa Saja", "konfidensial"] {
            assert_eq!(class.canonical(native), UNKNOWN, "{native}");
        }
        assert_eq!(list("urgensi").canonical("Sangat Segera"), "amat_segera");
        assert_eq!(class.native("penting"), None);
    }
}
