//! Native and canonical names of a franchise registration. Several native names may lead to one canonical
//! name (spellings differ by method); the first that has a value counts. Data only.

use crate::fields::{Field, Kind};

/// `dataNIBSTPW`: a franchise registration.
pub(crate) const STPW: &[Field] = &[
    ("nib", "nib", Kind::Nib),
    ("tgl_pengajuan_nib", "tanggal_pengajuan", Kind::Date),
    ("tgl_terbit_nib", "tanggal_terbit", Kind::Date),
    ("tgl_perubahan_nib", "tanggal_perubahan", Kind::Date),
    ("oss_id", "oss_id", Kind::Id),
    ("id_izin", "id_izin", Kind::Id),
    ("kd_izin", "kode_izin", Kind::Id),
    ("kd_daerah", "kode_wilayah", Kind::Region),
    ("kewenangan", "kewenangan", Kind::Code),
    ("jenis_pelaku_usaha", "jenis_pelaku_usaha", Kind::Code),
    ("nama_pj", "nama_penanggung_jawab", Kind::Text),
    ("alamat_pj", "alamat_penanggung_jawab", Kind::Text),
    ("paspor_pj", "paspor_penanggung_jawab", Kind::Id),
    ("email_pj", "email_penanggung_jawab", Kind::Text),
    ("asal_negara_pj", "negara_penanggung_jawab", Kind::Code),
    ("telp_pj", "telepon_penanggung_jawab", Kind::Text),
    ("nama_perusahaan_ln", "nama_perusahaan_luar_negeri", Kind::Text),
    ("alamat_perusahaan_ln", "alamat_perusahaan_luar_negeri", Kind::Text),
    ("negara_perusahaan_ln", "negara_perusahaan_luar_negeri", Kind::Code),
    ("telp_perusahaan_ln", "telepon_perusahaan_luar_negeri", Kind::Text),
    ("jangka_waktu", "jangka_waktu", Kind::Text),
    ("file_prospektus", "url_prospektus", Kind::Link),
    ("versi_pia", "versi_panduan", Kind::Code),
    ("status_nib", "status_nib", Kind::Code),
];
