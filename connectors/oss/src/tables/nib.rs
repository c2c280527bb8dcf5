//! Native and canonical names at the top of a NIB. Several native names may lead to one canonical
//! name (spellings differ by method); the first that has a value counts. Data only.

use crate::fields::{Field, Kind};

/// The person who filed: `*_user_proses`.
pub(crate) const FILER: &[Field] = &[
    ("jenis_id_user_proses", "jenis_identitas", Kind::Code),
    ("no_id_user_proses", "nomor_identitas", Kind::Id),
    ("nama_user_proses", "nama", Kind::Text),
    ("email_user_proses", "email", Kind::Text),
    ("hp_user_proses", "ponsel", Kind::Text),
    ("alamat_user_proses", "alamat", Kind::Text),
    ("jns_kelamin_user_proses", "jenis_kelamin", Kind::Code),
    ("tempat_lahir_user_proses", "tempat_lahir", Kind::Text),
    ("tgl_lahir_user_proses", "tanggal_lahir", Kind::Date),
    ("daerah_id_user_proses", "kode_wilayah", Kind::Region),
    ("rt_rw_user_proses", "rt_rw", Kind::Text),
    ("pekerjaan_user_proses", "pekerjaan", Kind::Text),
];

/// The top of `dataNIB`.
pub(crate) const NIB: &[Field] = &[
    ("nib", "nib", Kind::Nib),
    ("tgl_pengajuan_nib", "tanggal_pengajuan", Kind::Date),
    ("tgl_terbit_nib", "tanggal_terbit", Kind::Date),
    ("tgl_perubahan_nib", "tanggal_perubahan", Kind::Date),
    ("oss_id", "oss_id", Kind::Id),
    ("id_izin", "id_izin", Kind::Id),
    ("kd_izin", "kode_izin", Kind::Id),
    ("kd_daerah", "kode_wilayah", Kind::Region),
    ("kewenangan", "kewenangan", Kind::Code),
    ("status_nib", "status_nib", Kind::Code),
    ("jenis_perubahan_terakhir", "jenis_perubahan_terakhir", Kind::Code),
    ("flag_perubahan_data_teknis", "data_teknis_berubah", Kind::Flag),
    ("versi_pia", "versi_panduan", Kind::Code),
    ("kd_kawasan", "kode_kawasan", Kind::Id),
    ("jenis_kawasan", "jenis_kawasan", Kind::Code),
    ("tgl_terkirim_oss", "dikirim_pada", Kind::Time),
];

/// The foreign-worker plan, without persons and photographs: the city has no use for them.
pub(crate) const WORKERS: &[Field] = &[
    ("jenis_rptka", "jenis", Kind::Code),
    ("no_rptka", "nomor", Kind::Id),
    ("rptka_awal", "mulai", Kind::Date),
    ("rptka_akhir", "selesai", Kind::Date),
    ("jumlah_tka_rptka", "jumlah", Kind::Count),
];
