//! The declaration of the connector: limits, known native errors with a sample each, settings.

use connector_sdk::{
    Descriptor, FaultKind, Landed, MirrorSpec, NativeError, NativeLimits, OperationSpec, SettingSpec, Text,
};

/// The descriptor with these mirrors and operations.
pub(crate) fn of(mirrors: Vec<MirrorSpec>, operations: Vec<OperationSpec>) -> Descriptor {
    Descriptor {
        id: "spse".into(),
        title: Text::new(
            "Data pengadaan LKPP (SiRUP, SPSE, e-Katalog)",
            "LKPP procurement data (SiRUP, SPSE, e-Katalog)",
        ),
        owner: "LKPP".into(),
        native_version: "API gateway v1, ISB 2, Satu Data".into(),
        documentation: "https://data.inaproc.id/docs".into(),
        auth: vec!["none".into(), "headers".into()],
        limits: NativeLimits {
            // Clients report 1000 per minute and 5000 per hour, unconfirmed; 200 ms between pages is what they keep.
            per_minute: Some(80),
            concurrent: Some(2),
            max_request: Some(64 * 1024),
            max_reply: Some(128 * 1024 * 1024),
            hours: None,
        },
        operations,
        hooks: Vec::new(),
        mirrors,
        errors: errors(),
        settings: settings(),
    }
}

fn errors() -> Vec<NativeError> {
    let error = |status, sample: &'static str, kind| NativeError {
        status,
        sample: sample.into(),
        kind,
        landed: Landed::No,
    };
    vec![
        error(
            400,
            r#"{"success":false,"error":{"code":"Bad Request","message":"kode_klpd wajib diisi","details":null},"meta":{"request_id":"req-contoh-1"}}"#,
            FaultKind::Rejected,
        ),
        error(
            200,
            r#"{"success":false,"error":{"code":"Bad Request","message":"tahun wajib diisi","details":null},"meta":{"request_id":"req-contoh-2"}}"#,
            FaultKind::Rejected,
        ),
        error(
            401,
            r#"{"success":false,"error":{"code":"Unauthorized","message":"token","details":null},"meta":{"request_id":"req-contoh-3"}}"#,
            FaultKind::Misconfigured,
        ),
        error(
            401,
            r#"{"error":"Authorization field missing"}"#,
            FaultKind::Misconfigured,
        ),
        error(
            200,
            r#"{"error":"Authorization field missing"}"#,
            FaultKind::Misconfigured,
        ),
        error(
            403,
            r#"{"success":false,"error":{"code":"Forbidden","message":"ip","details":null},"meta":{"request_id":"req-contoh-4"}}"#,
            FaultKind::Misconfigured,
        ),
        error(
            403,
            "<!DOCTYPE html><html><head><title>403</title></head><body>Forbidden</body></html>",
            FaultKind::Misconfigured,
        ),
        error(
            404,
            r#"{"success":false,"error":{"code":"Not Found","message":"-","details":null},"meta":{"request_id":"req-contoh-5"}}"#,
            FaultKind::Misconfigured,
        ),
        error(
            429,
            r#"{"success":false,"error":{"code":"Too Many Requests","message":"-","details":null},"meta":{"request_id":"req-contoh-6"}}"#,
            FaultKind::Throttled,
        ),
        error(
            500,
            r#"{"success":false,"error":{"code":"Internal Server Error","message":"-","details":null},"meta":{"request_id":"req-contoh-7"}}"#,
            FaultKind::Unavailable,
        ),
        error(502, "<html><body>Bad Gateway</body></html>", FaultKind::Unavailable),
        error(
            503,
            r#"{"success":false,"error":{"code":"Service Unavailable","message":"-","details":null},"meta":{"request_id":"req-contoh-8"}}"#,
            FaultKind::Unavailable,
        ),
        error(504, "", FaultKind::Timeout),
        error(200, "URL-NOT-DEFINED", FaultKind::Misconfigured),
        error(200, "<html><body>Masuk</body></html>", FaultKind::Drift),
    ]
}

fn settings() -> Vec<SettingSpec> {
    let setting = |key: &'static str, required, id: &'static str, en: &'static str| SettingSpec {
        key: key.into(),
        text: Text::new(id, en),
        required,
    };
    vec![
        setting(
            "antarmuka",
            true,
            "Antarmuka titik ini: gerbang (data.inaproc.id), isb (bus lama), satu_data (terbuka), sirup_web (tabel web).",
            "Interface of this endpoint: gerbang (data.inaproc.id), isb (the old bus), satu_data (open), sirup_web (web tables).",
        ),
        setting(
            "kode_klpd",
            false,
            "Kode instansi di LKPP, dari MasterKLPD; wajib kecuali untuk satu_data.",
            "Institution code at LKPP, from MasterKLPD; required except for satu_data.",
        ),
        setting(
            "kode_lpse",
            false,
            "Nomor LPSE, dari MasterLPSE; wajib untuk isb.",
            "LPSE number, from MasterLPSE; required for isb.",
        ),
        setting(
            "tahun",
            false,
            "Tahun anggaran bila penarikan tidak menyebutkannya.",
            "Budget year when a pull does not name one.",
        ),
        setting(
            "offset_menit",
            false,
            "Waktu setempat sumber, menit di timur Greenwich; 420 adalah WIB.",
            "Local time of the source, minutes east of Greenwich; 420 is WIB.",
        ),
        setting(
            "batas",
            false,
            "Baris per halaman di gerbang, 1 sampai 1000; selalu dikirim.",
            "Rows per page at the gateway, 1 to 1000; always sent.",
        ),
        setting(
            "himpunan",
            false,
            "Himpunan data yang dipakai; kosong berarti semua.",
            "Data sets in use; empty means all.",
        ),
        setting(
            "pakai_legacy",
            false,
            "Himpunan tanpa padanan /v1 ditarik lewat /legacy.",
            "Data sets without a /v1 twin are pulled through /legacy.",
        ),
        setting(
            "jalur",
            false,
            "Jalur lain untuk satu himpunan, lengkap dengan v1 atau legacy.",
            "Another path for a data set, with v1 or legacy in it.",
        ),
        setting(
            "layanan",
            false,
            "Nomor layanan isb tiap himpunan; kuncinya adalah kredensial bernama {{kredensial.HIMPUNAN}}.",
            "Service number on isb of each data set; its key is the credential named {{kredensial.SET}}.",
        ),
        setting(
            "bentuk",
            false,
            "Bentuk jawaban isb: json atau csv.",
            "Output form of isb: json or csv.",
        ),
        setting(
            "kata_csv",
            false,
            "Kata di jalur isb yang meminta CSV.",
            "The word in an isb path that asks for CSV.",
        ),
        setting(
            "kata_wilayah",
            false,
            "Kata parameter daftar wilayah isb.",
            "Parameter word of the region lists on isb.",
        ),
        setting(
            "spasi_jenis_paket",
            false,
            "Kirim jenis_paket dengan spasi di belakangnya, seperti satu klien yang berjalan.",
            "Send jenis_paket with a blank behind it, as one working client does.",
        ),
        setting(
            "kosong_nol_bita",
            false,
            "Himpunan isb yang jawaban nol bita-nya berarti tidak ada baris.",
            "Data sets of isb whose answer of zero bytes means no rows.",
        ),
        setting(
            "perujuk",
            false,
            "Halaman tempat tabel web SiRUP berada, dikirim sebagai Referer; wajib untuk sirup_web.",
            "Page that the web tables of SiRUP stand on, sent as Referer; required for sirup_web.",
        ),
        setting(
            "susunan",
            false,
            "Isi tiap kolom tabel web bila SiRUP mengubahnya: { rup_penyedia_web = [\"kd_rup\", …] }.",
            "What stands in each column of a web table when SiRUP changes it: { rup_penyedia_web = [\"kd_rup\", …] }.",
        ),
        setting(
            "ocds",
            false,
            "Penerbit bentuk Open Contracting: { awalan = \"ocds-…\", penerbit, alamat }; tanpa ini bentuk itu tidak ada.",
            "Publisher of the Open Contracting form: { awalan = \"ocds-…\", penerbit, alamat }; without it there is none.",
        ),
    ]
}
