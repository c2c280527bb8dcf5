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
    "berkas_izin",
    "daftar_kunci",
    "instansi",
    "instansi_daftar",
    "izin",
    "izin_keadaan",
    "izin_kkpr",
    "izin_kunci",
    "izin_perubahan",
    "izin_rincian",
    "izin_tanda_terima",
    "kategori",
    "kategori_daftar",
    "laksa_tanda_terima",
    "laksa_tanggapan",
    "laksa_tanggapan_daftar",
    "laksa_tanggapan_kunci",
    "laksa_tindak_lanjut",
    "lampiran",
    "masalah",
    "nib",
    "nib_kunci",
    "nib_ringkas",
    "nib_stpw",
    "pelaku_usaha",
    "pengaduan",
    "pengaduan_kunci",
    "pengaduan_limpah",
    "pengaduan_masuk",
    "pengaduan_masuk_daftar",
    "pengaduan_status",
    "permohonan_izin",
    "perpustakaan_buku",
    "perpustakaan_buku_daftar",
    "perpustakaan_buku_kunci",
    "perpustakaan_reservasi",
    "perpustakaan_reservasi_kunci",
    "perpustakaan_reservasi_masukan",
    "pertukaran",
    "proyek",
    "proyek_kunci",
    "referensi",
    "referensi_kunci",
    "sertifikat",
    "sertifikat_rincian",
    "status_izin",
    "templat",
    "tindak_lanjut",
    "tindak_lanjut_daftar",
    "tindak_lanjut_kunci",
    "tindak_lanjut_masukan",
    "wilayah",
    "wilayah_daftar",
];

kode![
    "instansi",
    "kategori",
    "klasifikasi",
    "oss_l1",
    "oss_l10",
    "oss_l11",
    "oss_l12",
    "oss_l13",
    "oss_l14",
    "oss_l16",
    "oss_l17",
    "oss_l18",
    "oss_l19",
    "oss_l2",
    "oss_l20",
    "oss_l21",
    "oss_l22",
    "oss_l23",
    "oss_l24",
    "oss_l25",
    "oss_l26",
    "oss_l27",
    "oss_l28",
    "oss_l29",
    "oss_l3",
    "oss_l31",
    "oss_l4",
    "oss_l5",
    "oss_l6",
    "oss_l7",
    "oss_l9",
    "oss_risiko",
    "oss_tipe_dokumen",
    "wilayah",
];
