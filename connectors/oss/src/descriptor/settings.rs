//! Every setting, with what it is for.

use connector_sdk::{SettingSpec, Text};

type Row = (&'static str, bool, &'static str, &'static str);

const SETTINGS: &[Row] = &[
    (
        "jalur",
        false,
        "Alamat tiap layanan di bawah endpoint; bawaan: nama layanannya.",
        "Path of each method below the endpoint; default: its name.",
    ),
    (
        "kode_instansi",
        true,
        "Tiga huruf/angka instansi dari OSS (`kd_instansi`).",
        "The institution's three characters given by OSS (`kd_instansi`).",
    ),
    (
        "zona",
        false,
        "Zona waktu OSS yang tidak menuliskannya; bawaan Asia/Jakarta.",
        "Zone of native times without one; default Asia/Jakarta.",
    ),
    (
        "status",
        false,
        "Kode keadaan OSS ke keadaan kanonik, menambah daftar bawaan.",
        "State codes of OSS to canonical states, on top of the built-in list.",
    ),
    (
        "tipe_dokumen",
        false,
        "Tipe dokumen OSS ke sifat kiriman, menambah daftar bawaan.",
        "Document kinds of OSS to canonical ones, on top of the built-in list.",
    ),
    (
        "bentuk_pnbp",
        false,
        "Penulisan PNBP: `objek` (bawaan) atau `daftar`.",
        "How revenue is written: `objek` (default) or `daftar`.",
    ),
    (
        "data_persyaratan",
        false,
        "Isi data_persyaratan pada inqueryLicense: `benar` (bawaan), `teks` atau `tanpa`.",
        "data_persyaratan of inqueryLicense: `benar` (true, default), `teks` (\"TRUE\") or `tanpa` (left out).",
    ),
    (
        "daftar_referensi",
        false,
        "Nomor daftar kode OSS yang dapat diselaraskan dengan [[daftar]] sebagai oss.l<nomor>; bawaan 8, 15, 30, 32.",
        "Numbers of code lists that [[daftar]] may keep in step as oss.l<number>; default 8, 15, 30, 32.",
    ),
    (
        "akar_sertifikat",
        false,
        "Kunci akar receiveCertificate; bawaan DATACERTIFICATE.",
        "Root key of receiveCertificate; default DATACERTIFICATE.",
    ),
    (
        "periksa_nomor_dulu",
        false,
        "Tanyakan nomor yang sudah ada sebelum mengambil nomor izin; bawaan: ya.",
        "Ask for an existing number before taking one; default: yes.",
    ),
    (
        "nomor_tampak",
        false,
        "inqueryLicense selalu menampakkan nomor yang sudah diambil; bawaan: tidak diketahui, maka tidak.",
        "inqueryLicense always shows a number once taken; default: not known, so no.",
    ),
    (
        "status_hanya_dari_kami",
        false,
        "Hanya gateway ini yang mengubah keadaan permohonan kota; bawaan: ya.",
        "Only this gateway moves the city's applications; default: yes.",
    ),
    (
        "kunci_bertukar",
        false,
        "Kunci berasal dari sendSecurityKey, sehingga 401 berarti habis masa; bawaan: tidak.",
        "The key comes from sendSecurityKey, so 401 means that it has run out; default: no.",
    ),
    (
        "kata_tidak_ditemukan",
        false,
        "Kata di keterangan OSS yang berarti data tidak ada.",
        "Words in OSS's remark that mean that there is no such record.",
    ),
    (
        "cek_publik",
        false,
        "Alamat layanan umum NIB; tanpa ini nib.publik.lihat tidak ada.",
        "Path of the public look-up; without it nib.publik.lihat does not exist.",
    ),
    (
        "tenggat",
        false,
        "Waktu layanan: hari, per_izin, hitung, libur, peringatan_hari, pengaruh, zona, detik_sehari.",
        "Service time: days, per licence, way of counting, holidays, warning, effects, zone, seconds per day.",
    ),
    (
        "masuk",
        false,
        "Kiriman OSS; tanpa ini kiriman tidak diterima.",
        "Pushes of OSS; without it none is taken.",
    ),
    (
        "masuk.pengguna",
        false,
        "Nama pengguna dalam token kiriman.",
        "User name in the push token.",
    ),
    (
        "masuk.rahasia",
        false,
        "Nama rahasia berisi kata sandi kiriman; dua saat kata sandi diganti. Bawaan kata_sandi_push.",
        "Names of the secrets that hold the push password; two while it is replaced. Default kata_sandi_push.",
    ),
    (
        "masuk.sumber",
        false,
        "Alamat atau jaringan yang boleh mengirim, atau [\"semua_alamat\"].",
        "Addresses or networks that may push, or [\"semua_alamat\"].",
    ),
    (
        "masuk.kepala_token",
        false,
        "Nama kepala pembawa token; bawaan Token.",
        "Headers that may carry the token; default Token.",
    ),
    (
        "masuk.parameter_token",
        false,
        "Nama parameter URL pembawa token; bawaan: tidak ada.",
        "Query parameter that may carry the token; default: none.",
    ),
    (
        "masuk.rumus",
        false,
        "Isi token: `nib` (bawaan) dan/atau `npwp` (panduan lama).",
        "What the token is made of: `nib` (default) and/or `npwp` (older guide).",
    ),
    (
        "masuk.zona",
        false,
        "Zona yang tanggalnya berlaku untuk token; bawaan Asia/Jakarta.",
        "Zones whose date counts in the token; default Asia/Jakarta.",
    ),
    (
        "masuk.menit_tengah_malam",
        false,
        "Menit di sekitar tengah malam saat tanggal tetangga berlaku; bawaan 15.",
        "Minutes around midnight in which the neighbouring date counts; default 15.",
    ),
    (
        "masuk.batas_isi",
        false,
        "Ukuran kiriman terbesar dalam bita; bawaan 32 MiB.",
        "Largest push in bytes; default 32 MiB.",
    ),
    (
        "masuk.jangkauan_nib",
        false,
        "NIB harus ada dalam sekian bita pertama; bawaan 8 MiB.",
        "The NIB must stand within so many first bytes; default 8 MiB.",
    ),
    (
        "masuk.abaikan_pengulangan",
        false,
        "Bidang yang tidak membedakan kiriman ulang; bawaan tgl_terkirim_oss.",
        "Fields that do not tell a repeat from a change; default tgl_terkirim_oss.",
    ),
];

/// As declared.
pub(super) fn specs() -> Vec<SettingSpec> {
    SETTINGS
        .iter()
        .map(|(key, required, id, en)| SettingSpec {
            key: (*key).into(),
            text: Text::new(id, en),
            required: *required,
        })
        .collect()
}
