//! Native and canonical names of a project, its places, products and licences. Several native names may lead to one canonical
//! name (spellings differ by method); the first that has a value counts. Data only.

use crate::fields::{Field, Kind};

/// `data_proyek[]`.
pub(crate) const PROJECT: &[Field] = &[
    ("id_proyek", "id_proyek", Kind::Id),
    ("nomor_proyek", "nomor_proyek", Kind::Id),
    ("uraian_usaha", "uraian_usaha", Kind::Text),
    ("deskripsi_kegiatan", "deskripsi_kegiatan", Kind::Text),
    ("nama_kegiatan", "nama_kegiatan", Kind::Text),
    ("kbli", "kbli", Kind::Kbli),
    ("sektor", "sektor", Kind::Code),
    ("status_proyek", "status_proyek", Kind::Code),
    ("jenis_proyek", "jenis_proyek", Kind::Code),
    ("skala_usaha", "skala_usaha", Kind::Code),
    ("skala_resiko", "risiko", Kind::Code),
    ("kd_resiko", "risiko", Kind::Code),
    ("tgl_pengajuan_proyek", "tanggal_pengajuan", Kind::Date),
    ("jumlah_tki_l", "pekerja_indonesia_laki_laki", Kind::Count),
    ("jumlah_tki_p", "pekerja_indonesia_perempuan", Kind::Count),
    ("jumlah_tka_l", "pekerja_asing_laki_laki", Kind::Count),
    ("jumlah_tka_p", "pekerja_asing_perempuan", Kind::Count),
    ("memiliki_menguasai", "menguasai_tanah", Kind::Flag),
    ("jenis_lokasi", "jenis_lokasi", Kind::Code),
    ("status_tanah", "status_tanah", Kind::Code),
    ("luas_tanah", "luas_tanah", Kind::Decimal),
    ("satuan_luas_tanah", "satuan_luas_tanah", Kind::Code),
    ("pembelian_pematang_tanah", "investasi_tanah", Kind::Decimal),
    ("bangunan_gedung", "investasi_bangunan", Kind::Decimal),
    ("mesin_peralatan", "investasi_mesin", Kind::Decimal),
    ("mesin_peralatan_usd", "investasi_mesin_usd", Kind::Decimal),
    ("investasi_lain", "investasi_lain", Kind::Decimal),
    ("sub_jumlah", "subjumlah_investasi", Kind::Decimal),
    ("modal_kerja", "modal_kerja", Kind::Decimal),
    ("jumlah_investasi", "jumlah_investasi", Kind::Decimal),
    ("tanggal_kurs", "tanggal_kurs", Kind::Date),
    ("nilai_kurs", "nilai_kurs", Kind::Decimal),
    ("kd_kawasan", "kode_kawasan", Kind::Id),
    ("kd_daerah", "kode_wilayah", Kind::Region),
    ("alamat_usaha", "alamat", Kind::Text),
    ("flag_perluasan", "perluasan", Kind::Flag),
    ("flag_cabang", "cabang", Kind::Flag),
    ("flag_merger", "penggabungan", Kind::Flag),
    ("npwp_cabang", "npwp_cabang", Kind::Npwp),
    ("npwp_kantor_cabang", "npwp_cabang", Kind::Npwp),
    ("nama_cabang", "nama_cabang", Kind::Text),
    ("jenis_identitas_pj", "jenis_identitas_penanggung_jawab", Kind::Code),
    ("no_identitas_pj", "nomor_identitas_penanggung_jawab", Kind::Id),
    ("nama_pj", "nama_penanggung_jawab", Kind::Text),
    ("npwp_perseroan_merger", "npwp_penggabungan", Kind::Npwp),
    ("nama_perseroan_merger", "nama_penggabungan", Kind::Text),
    ("satu_lini", "satu_lini", Kind::Flag),
    ("flag_satu_lini", "satu_lini", Kind::Flag),
];

/// `data_lokasi_proyek[]`.
pub(crate) const LOCATION: &[Field] = &[
    ("id_proyek_lokasi", "id_lokasi", Kind::Id),
    ("proyek_daerah_id", "kode_wilayah", Kind::Region),
    ("kd_kawasan", "kode_kawasan", Kind::Id),
    ("alamat_usaha", "alamat", Kind::Text),
    ("id_kegiatan", "id_kegiatan", Kind::Id),
    ("response_kegiatan", "tanggapan_kegiatan", Kind::Text),
    ("jenis_kawasan", "jenis_kawasan", Kind::Code),
    ("jenis_lokasi", "jenis_lokasi", Kind::Code),
    ("status_lokasi", "status_lokasi", Kind::Code),
];

/// `data_proyek_produk[]`.
pub(crate) const PRODUCT: &[Field] = &[
    ("id_produk", "id_produk", Kind::Id),
    ("kbli", "kbli", Kind::Kbli),
    ("id_bidang_usaha", "kode_syarat", Kind::Code),
    ("jenis_produksi", "jenis_produksi", Kind::Text),
    ("kapasitas", "kapasitas", Kind::Decimal),
    ("satuan", "satuan", Kind::Text),
    ("merk_dagang", "merek_dagang", Kind::Text),
    ("pemegang_haki", "pemegang_haki", Kind::Text),
    ("pemegang_paten", "pemegang_paten", Kind::Text),
    ("pi_nomor", "nomor_persetujuan_impor", Kind::Id),
    ("pi_tanggal", "tanggal_persetujuan_impor", Kind::Date),
    ("pi_npwp", "npwp_persetujuan_impor", Kind::Npwp),
    ("id_kbli_ta", "kode_tahun_kbli", Kind::Code),
    ("tkdn", "tkdn", Kind::Decimal),
    ("flag_memiliki_halal", "bersertifikat_halal", Kind::Flag),
    ("nomor_sertifikat_halal", "nomor_sertifikat_halal", Kind::Text),
    ("masa_berlaku_sertifikat_halal", "masa_berlaku_halal", Kind::Text),
    ("flag_memiliki_sni", "bersertifikat_sni", Kind::Flag),
    ("nomor_sertifikat_sni", "nomor_sertifikat_sni", Kind::Text),
    ("nomor_sni", "nomor_sertifikat_sni", Kind::Text),
    ("masa_berlaku_sertifikat_sni", "masa_berlaku_sni", Kind::Text),
    ("masa_berlaku_sni", "masa_berlaku_sni", Kind::Text),
    ("flag_memiliki_sni_bina_umk", "bersertifikat_sni_bina_umk", Kind::Flag),
    ("nomor_sni_bina_umk", "nomor_sni_bina_umk", Kind::Text),
    ("masa_berlaku_sni_bina_umk", "masa_berlaku_sni_bina_umk", Kind::Text),
    ("flag_self_declare", "pernyataan_mandiri", Kind::Flag),
    ("tipe_cakupan", "tipe_cakupan", Kind::Code),
];

/// A licence shown with a project (`fetchNIB` `kbli[]`, `inqueryProyek` `data_checklist`).
pub(crate) const LICENCE: &[Field] = &[
    ("id_izin", "id_izin", Kind::Id),
    ("kd_izin", "kode_izin", Kind::Id),
    ("nama_izin", "nama_izin", Kind::Text),
    ("no_izin", "nomor_izin", Kind::Text),
    ("tgl_izin", "tanggal_izin", Kind::Date),
    ("kbli", "kbli", Kind::Kbli),
    ("nama_kbli", "nama_kbli", Kind::Text),
    ("tipe_oss", "tipe_oss", Kind::Code),
    ("jenis_perizinan", "jenis_perizinan", Kind::Code),
    ("tgl_masa_berlaku", "berlaku_sampai", Kind::Date),
];

/// `fasilitas[]` of `inqueryProyek`.
pub(crate) const FACILITY: &[Field] = &[
    ("flag_fasilitas", "jenis", Kind::Code),
    ("id_permohonan_fasilitas", "id_permohonan", Kind::Id),
    ("nomor_kmk_fasilitas", "nomor", Kind::Text),
    ("tgl_persetujuan_fasilitas", "tanggal", Kind::Date),
];
