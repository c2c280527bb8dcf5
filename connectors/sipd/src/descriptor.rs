//! The declaration of the connector: limits, known native errors with a sample each, settings.

use connector_sdk::{
    Descriptor, FaultKind, Landed, MirrorSpec, NativeError, NativeLimits, OperationSpec, SettingSpec, Text,
};

/// The descriptor with these operations and mirrors.
pub(crate) fn of(operations: Vec<OperationSpec>, mirrors: Vec<MirrorSpec>) -> Descriptor {
    Descriptor {
        id: "sipd".into(),
        title: Text::new(
            "SIPD (perencanaan, anggaran, penatausahaan dan akuntansi daerah)",
            "SIPD (regional planning, budget, treasury and accounting)",
        ),
        owner: "Kementerian Dalam Negeri".into(),
        native_version: "A 2017, B 2021, C1/C2 2024, wp-sipd".into(),
        documentation: "Layanan web e-planning Ditjen Bina Bangda; generasi 2024 tanpa spesifikasi umum".into(),
        auth: vec!["headers".into(), "none".into()],
        limits: NativeLimits {
            // Nothing is published; one call at a time and at most one a second is polite.
            per_minute: Some(60),
            concurrent: Some(1),
            max_request: Some(16 * 1024 * 1024),
            max_reply: Some(64 * 1024 * 1024),
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
    let rows: [(u16, &'static str, FaultKind, Landed); 13] = [
        (429, "", FaultKind::Throttled, Landed::No),
        (200, "Too Many Requests", FaultKind::Throttled, Landed::No),
        (
            200,
            "{\"message\":\"Too Many Requests\"}",
            FaultKind::Throttled,
            Landed::No,
        ),
        (200, "", FaultKind::Throttled, Landed::Unknown),
        (401, "", FaultKind::CredentialExpired, Landed::No),
        (403, "{\"message\":\"token_key_1\"}", FaultKind::Unavailable, Landed::No),
        (
            500,
            "scan into dest[0]: cannot scan NULL into *string",
            FaultKind::Rejected,
            Landed::Unknown,
        ),
        (
            500,
            "{\"message\":\"Request tidak diperbolehkan\"}",
            FaultKind::Misconfigured,
            Landed::No,
        ),
        (
            502,
            "<html><body>Bad Gateway</body></html>",
            FaultKind::Unavailable,
            Landed::Unknown,
        ),
        (
            200,
            "{\"status\":false,\"status_code\":403,\"data\":null}",
            FaultKind::CredentialExpired,
            Landed::No,
        ),
        (
            200,
            "{\"status\":false,\"status_kode\":400,\"data\":null}",
            FaultKind::Rejected,
            Landed::No,
        ),
        (
            200,
            "{\"action\":\"get_spd_sipd\",\"status\":\"error\",\"message\":\"APIKEY tidak sesuai!\"}",
            FaultKind::Rejected,
            Landed::No,
        ),
        (
            200,
            "{\"code\":200,\"msg\":\"Sukses menyimpan 916 byte tunggu proses ekstraksi\",\"log\":[\"ERROR: kodebidang tidak ada\",\"Exe time: 0.12\"]}",
            FaultKind::Rejected,
            Landed::No,
        ),
    ];
    let error = |(status, sample, kind, landed): (u16, &'static str, FaultKind, Landed)| NativeError {
        status,
        sample: sample.into(),
        kind,
        landed,
    };
    rows.into_iter().map(error).collect()
}

type Row = (&'static str, bool, &'static str, &'static str);

const SETTINGS: &[Row] = &[
    (
        "tahun",
        false,
        "Tahun anggaran token yang dititipkan; tanpa ini tiap salinan menyebut tahunnya sendiri (`cakupan`).",
        "Fiscal year of the supplied token; without it each copy names its own (`cakupan`).",
    ),
    (
        "id_daerah",
        false,
        "Nomor daerah di SIPD, bukan kode wilayah; wajib untuk c1 dan c2.",
        "SIPD's internal number of the region, not its code; needed for c1 and c2.",
    ),
    (
        "kode_pemda",
        false,
        "Kode wilayah empat angka; wajib untuk generasi a.",
        "Region code in four digits; needed for generation a.",
    ),
    (
        "generasi",
        false,
        "Yang ada di balik endpoint ini: a (kirim rencana), b (arsip 2021–2023), c1 (anggaran), c2 (penatausahaan), salinan (wp-sipd). Bawaan [\"c2\"].",
        "What stands behind this endpoint: a (plan push), b (archive 2021–2023), c1 (budget), c2 (treasury), salinan (wp-sipd). Default [\"c2\"].",
    ),
    (
        "awalan",
        false,
        "Jalur depan tiap generasi.",
        "Path before each generation's own.",
    ),
    (
        "jalur",
        false,
        "Jalur pengganti tiap himpunan data.",
        "Another path for a data set.",
    ),
    (
        "batas",
        false,
        "Baris per halaman tiap himpunan data.",
        "Rows per page of a data set.",
    ),
    (
        "dari",
        false,
        "Tanggal awal laporan; bawaan 1 Januari.",
        "First day of reports; default 1 January.",
    ),
    (
        "sampai",
        false,
        "Tanggal akhir laporan; bawaan 31 Desember.",
        "Last day of reports; default 31 December.",
    ),
    (
        "id_jadwal_sipd",
        false,
        "Id jadwal SIPD untuk DPA.",
        "SIPD schedule id for budget documents.",
    ),
    (
        "tipe_q",
        false,
        "Bentuk DPA: NEW (bawaan) atau OLD.",
        "Shape of budget documents: NEW (default) or OLD.",
    ),
    (
        "jenis_dokumen",
        false,
        "Jenis dokumen asli ke up, gu, tu atau ls, menambah yang lazim.",
        "Native kinds of document to up, gu, tu or ls, beyond the usual.",
    ),
    (
        "menit_zona",
        false,
        "Selisih waktu tanpa zona, menit di timur Greenwich; bawaan 420.",
        "Offset of times without a zone, minutes east of Greenwich; default 420.",
    ),
    (
        "capaian",
        false,
        "Nama bidang capaian pada kiriman rencana: indikator, target, satuan, pagu.",
        "Field names of results in pushed plans: indicator, target, unit, ceiling.",
    ),
];

fn settings() -> Vec<SettingSpec> {
    let spec = |(key, required, id, en): &Row| SettingSpec {
        key: (*key).into(),
        text: Text::new(id, en),
        required: *required,
    };
    SETTINGS.iter().map(spec).collect()
}
