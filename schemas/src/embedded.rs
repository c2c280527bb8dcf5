//! The one list of embedded files. A new schema or code list is one file and one line here.

macro_rules! kanonik {
    ($($name:literal),* $(,)?) => {
        /// Every canonical schema: file name and text.
        pub(crate) const SCHEMAS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../kanonik/", $name, ".json")))),*];
    };
}

macro_rules! kode {
    ($($name:literal),* $(,)?) => {
        /// Every code list: file name and text.
        pub(crate) const CODE_LISTS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../kode/", $name, ".json")))),*];
    };
}

kanonik![
    "daftar_kunci",
    "instansi",
    "instansi_daftar",
    "kategori",
    "kategori_daftar",
    "laksa_tanda_terima",
    "laksa_tanggapan",
    "laksa_tanggapan_daftar",
    "laksa_tanggapan_kunci",
    "laksa_tindak_lanjut",
    "lampiran",
    "langganan",
    "langganan_daftar",
    "langganan_masukan",
    "langganan_perubahan",
    "langganan_tindakan",
    "langganan_ulang",
    "masalah",
    "pengaduan",
    "pengaduan_kunci",
    "pengaduan_limpah",
    "pengaduan_masuk",
    "pengaduan_masuk_daftar",
    "pengaduan_status",
    "peristiwa",
    "peristiwa_akui",
    "peristiwa_daftar",
    "peristiwa_kiriman",
    "peristiwa_langganan",
    "peristiwa_pertukaran",
    "peristiwa_terkirim",
    "perpustakaan_buku",
    "perpustakaan_buku_daftar",
    "perpustakaan_buku_kunci",
    "perpustakaan_reservasi",
    "perpustakaan_reservasi_kunci",
    "perpustakaan_reservasi_masukan",
    "pertukaran",
    "templat",
    "tindak_lanjut",
    "tindak_lanjut_daftar",
    "tindak_lanjut_kunci",
    "tindak_lanjut_masukan",
    "wilayah",
    "wilayah_daftar",
];

kode!["instansi", "kategori", "klasifikasi", "wilayah"];
