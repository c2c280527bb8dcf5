//! Every setting, with what it is for.

use connector_sdk::{SettingSpec, Text};

type Row = (&'static str, bool, &'static str, &'static str);

const SETTINGS: &[Row] = &[
    (
        "dialek",
        false,
        "Generasi antarmuka: `g3` (bawaan) atau `g1` (XML).",
        "Generation of the interface: `g3` (default) or `g1` (XML).",
    ),
    (
        "jalur",
        false,
        "Alamat tiap layanan di bawah endpoint: buat, unggah, lihat, tindak_lanjut, tindak_lanjut_tambah, limpahkan, instansi, templat, kategori, g1.",
        "Path of each service below the endpoint.",
    ),
    (
        "kanal",
        true,
        "Id kanal asal laporan (`channel`).",
        "Id of the source channel (`channel`).",
    ),
    (
        "id_pengguna",
        true,
        "Akun layanan pemilik laporan (`user_id`).",
        "Service account that owns reports (`user_id`).",
    ),
    (
        "pelapor_baru",
        false,
        "Buat akun pelapor bila nama, telepon dan surelnya lengkap dan laporan tidak anonim; bawaan: tidak.",
        "Create the reporter when name, phone and e-mail are known and the report is not anonymous; default: no.",
    ),
    (
        "klasifikasi",
        true,
        "Kode klasifikasi ke id LAPOR!.",
        "Class codes to LAPOR! ids.",
    ),
    (
        "kategori",
        false,
        "Kode kategori kota ke id LAPOR!; selain itu dipakai daftar lapor.kategori.",
        "City category codes to LAPOR! ids; otherwise the list lapor.kategori is used.",
    ),
    (
        "lokasi",
        false,
        "Kode wilayah Kemendagri ke id lokasi LAPOR!; wilayah yang lebih luas dipakai bila yang sempit tidak ada.",
        "Region codes to LAPOR! location ids; a wider region serves where the narrow one is absent.",
    ),
    (
        "lokasi_bawaan",
        false,
        "Id lokasi bila wilayah tidak diketahui; tanpa ini laporan tanpa wilayah ditolak.",
        "Location id where the region is unknown; without it such a report is refused.",
    ),
    (
        "nama_wilayah",
        false,
        "Nama wilayah untuk teks laporan.",
        "Region names for the report's text.",
    ),
    (
        "instansi",
        false,
        "Kode instansi kota ke id instansi LAPOR!; selain itu dipakai daftar lapor.instansi.",
        "City institution codes to LAPOR! ids; otherwise the list lapor.instansi is used.",
    ),
    (
        "instansi_sendiri",
        true,
        "Id instansi kota di LAPOR!.",
        "The city's own institution id.",
    ),
    (
        "disposisi_bawaan",
        false,
        "Id instansi penerima bila laporan tidak menyebutnya; bawaan: instansi sendiri.",
        "Receiving institution when the report names none; default: the city's own.",
    ),
    (
        "info_disposisi",
        false,
        "Nilai tetap `info_disposition`; bawaan: null.",
        "Fixed value of `info_disposition`; default: null.",
    ),
    (
        "info_lampiran",
        false,
        "Nilai tetap `info_attachments`; bawaan: null.",
        "Fixed value of `info_attachments`; default: null.",
    ),
    (
        "format_tanggal",
        false,
        "Bentuk `date_of_incident`; bawaan `%Y-%m-%d`.",
        "Form of `date_of_incident`; default `%Y-%m-%d`.",
    ),
    (
        "bentuk_lampiran",
        false,
        "Penulisan id lampiran: `json_list` (bawaan) atau `json_list_dot`.",
        "How attachment ids are written: `json_list` (default) or `json_list_dot`.",
    ),
    (
        "kirim_tanpa_lampiran",
        false,
        "Tetap kirim bila lampiran ditolak, dengan catatan di balasan; bawaan: tidak.",
        "Send even if evidence is refused, with a note in the reply; default: no.",
    ),
    (
        "sakelar",
        false,
        "is_inbox, is_approval, is_disposisi_slider, is_priority.",
        "is_inbox, is_approval, is_disposisi_slider, is_priority.",
    ),
    (
        "tagar",
        false,
        "Isi `tags_raw`, misalnya `#laksa`.",
        "Content of `tags_raw`, such as `#laksa`.",
    ),
    (
        "batas_judul",
        false,
        "Panjang judul terbanyak; bawaan 255.",
        "Longest title; default 255.",
    ),
    (
        "batas_isi",
        false,
        "Panjang isi terbanyak termasuk penanda dan tempat; bawaan 10000.",
        "Longest content with marker and place; default 10000.",
    ),
    (
        "batas_tindak_lanjut",
        false,
        "Panjang tindak lanjut terbanyak; bawaan 1000.",
        "Longest follow-up; default 1000.",
    ),
    (
        "penanda",
        false,
        "Penanda rujukan di kepala isi; bawaan `[Ref {tiket}]`.",
        "Reference marker at the head of the content; default `[Ref {tiket}]`.",
    ),
    (
        "sumber_utama",
        false,
        "Sumber yang tiketnya ditulis tanpa nama sumber di penanda; bawaan `laksa`.",
        "Source whose tickets stand without its name in the marker; default `laksa`.",
    ),
    (
        "url_publik",
        false,
        "Alamat halaman umum laporan dengan `{id}`.",
        "Public page of a report with `{id}`.",
    ),
    (
        "id_adalah_nomor_lacak",
        false,
        "Id laporan sama dengan nomor lacak umum; bawaan: tidak.",
        "The report's id is the public tracking number; default: no.",
    ),
    (
        "pencarian",
        false,
        "Layanan daftar untuk mencari penanda: jalur, parameter, bila_tidak_tampak (`kirim_lagi` atau `tanya_petugas`), cari, parameter_halaman, tambahan, bidang_id, bidang_isi. Tanpa ini hasil yang tidak pasti menunggu petugas.",
        "List service for finding a marker; `bila_tidak_tampak` says what a list without the report means: `kirim_lagi` sends again, `tanya_petugas` asks a person. Without the service an unknown outcome waits for a person.",
    ),
    (
        "masuk",
        false,
        "Layanan daftar laporan yang didisposisikan ke kota.",
        "List service of reports disposed to the city.",
    ),
    (
        "halaman_maksimum",
        false,
        "Halaman terbanyak yang dibaca; bawaan 50.",
        "Most pages read; default 50.",
    ),
    (
        "zona",
        false,
        "Zona waktu LAPOR! yang tidak menuliskannya; bawaan Asia/Jakarta.",
        "Zone of native times without one; default Asia/Jakarta.",
    ),
    (
        "status",
        false,
        "Nama status LAPOR! ke status kanonik, menambah atau mengganti tabel bawaan.",
        "Native status names to canonical ones, on top of the default table.",
    ),
    (
        "kode_status",
        false,
        "Kode status LAPOR! ke status kanonik, dipakai bila nama tidak ada.",
        "Native status codes to canonical ones, used when there is no name.",
    ),
    (
        "teks",
        false,
        "Kata-kata yang ditambahkan: samaran, lokasi, koordinat, berkas, tanpa_lampiran.",
        "Words the connector adds: mask, place, position, file name, missing evidence.",
    ),
    (
        "templat",
        false,
        "Jenis tindak lanjut ke kode templat LAPOR!.",
        "Kinds of follow-up to LAPOR! template codes.",
    ),
    (
        "g1",
        false,
        "Akun kota sebagai pelapor pada dialek g1: email, telepon, nama_depan, nama_belakang. Token ditaruh pintu keluar, bukan di sini.",
        "The city's account as reporter in dialect g1. The token is the door's, not a setting.",
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
