//! Native and canonical names of a checklist row. Several native names may lead to one canonical
//! name (spellings differ by method); the first that has a value counts. Data only.

use crate::fields::{Field, Kind};

/// `data_checklist[]`.
pub(crate) const APPLICATION: &[Field] = &[
    ("id_izin", "id_izin", Kind::Id),
    ("id_proyek", "id_proyek", Kind::Id),
    ("id_produk", "id_produk", Kind::Id),
    ("jenis_izin", "jenis_perizinan", Kind::Code),
    ("kd_izin", "kode_izin", Kind::Id),
    ("kd_daerah", "kode_wilayah", Kind::Region),
    ("nama_izin", "nama_izin", Kind::Text),
    ("instansi", "instansi", Kind::Text),
    ("id_bidang_spesifik", "id_bidang_spesifik", Kind::Id),
    ("bidang_spesifik", "bidang_spesifik", Kind::Text),
    ("id_kewenangan", "id_kewenangan", Kind::Id),
    ("parameter_kewenangan", "parameter_kewenangan", Kind::Text),
    ("kewenangan", "kewenangan", Kind::Code),
    ("flag_checklist", "tindakan", Kind::Code),
    ("flag_transaksional", "dapat_berulang", Kind::Flag),
    ("flag_perpanjangan", "perpanjangan", Kind::Flag),
    ("kbli_konversi", "kbli", Kind::Kbli),
    ("no_izin", "nomor_izin", Kind::Text),
    ("tgl_izin", "tanggal_izin", Kind::Date),
    ("file_izin", "url_izin", Kind::Link),
    ("file_izin_oss", "url_izin_oss", Kind::Link),
    ("kd_dokumen", "kode_dokumen", Kind::Id),
    ("nm_dokumen", "nama_dokumen", Kind::Text),
];

/// `data_persyaratan[]`.
pub(crate) const REQUIREMENT: &[Field] = &[
    ("id_syarat", "id_syarat", Kind::Id),
    ("no_dokumen", "nomor_dokumen", Kind::Text),
    ("tgl_dokumen", "tanggal_dokumen", Kind::Date),
    ("file_dokumen", "url_dokumen", Kind::Link),
    ("keterangan", "catatan", Kind::Text),
];

/// `data_produk_halal`.
pub(crate) const HALAL: &[Field] = &[
    ("id_pengajuan_sertifikat_halal", "id_pengajuan", Kind::Id),
    ("uraian_jenis_produk", "jenis_produk", Kind::Text),
    ("kode_klasifikasi_produk", "kode_klasifikasi_produk", Kind::Code),
    ("flag_self_declare", "pernyataan_mandiri", Kind::Flag),
];

/// `list_produk[]` of `data_produk_halal`.
pub(crate) const HALAL_PRODUCT: &[Field] = &[
    ("id_cakupan_produk", "id_cakupan", Kind::Id),
    ("uraian_produk", "uraian_produk", Kind::Text),
    ("kbli", "kbli", Kind::Kbli),
    ("id_proyek", "id_proyek", Kind::Id),
    ("id_produk", "id_produk", Kind::Id),
];

/// `data_teknis` of a checklist row.
pub(crate) const BUILDING: &[Field] = &[
    ("id_komitmen", "id_komitmen", Kind::Id),
    ("nama_bangunan", "nama_bangunan", Kind::Text),
    ("luas_bangunan", "luas_bangunan", Kind::Decimal),
    ("jumlah_lantai", "jumlah_lantai", Kind::Decimal),
    ("tinggi_bangunan", "tinggi_bangunan", Kind::Decimal),
    ("luas_basement", "luas_basemen", Kind::Decimal),
    ("jumlah_lantai_basement", "jumlah_lantai_basemen", Kind::Decimal),
    ("perancang_dokumen_teknis", "perancang", Kind::Text),
];
