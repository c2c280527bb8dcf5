//! The monthly report as PDF, from the same figures as the page and the admin API: summary, connected applications, service
//! levels with bars and their table, APIs, the processing record.

use super::super::pdf::{Flow, Series};
use crate::http::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The file.
pub(in super::super) fn paper(report: &Value, language: Language, zone: &TimeZone) -> Vec<u8> {
    let say = Said(language);
    let title = format!("{} {}", say.of("Laporan SPBE", "SPBE report"), text(report, "bulan"));
    let mut flow = Flow::new(&title);
    let edge = |name: &str| {
        let at = text(report, name).parse::<Timestamp>().unwrap_or_default();
        at.to_zoned_datetime(zone.clone())
            .strftime("%Y-%m-%d %H:%M %Z")
            .to_string()
    };
    flow.line(&format!(
        "{}: {} – {}",
        say.of("Masa", "Period"),
        edge("dari"),
        edge("sampai")
    ));
    if report["lebih"] == true {
        flow.line(say.of(
            "Catatan masa ini lebih banyak daripada yang dihitung sekali jalan; angka memakai yang terbaru.",
            "There are more records than are counted at once; the figures are of the newest.",
        ));
    }
    summary(&mut flow, report, say);
    flow.head(say.of("Aplikasi yang terhubung", "Connected applications"));
    let map = &report["peta"];
    flow.map(&names(&map["konsumen"]), "Simpul", &names(&map["sistem"]));
    levels(&mut flow, report, say);
    interfaces(&mut flow, report, say);
    processing(&mut flow, report, say);
    flow.file()
}

#[derive(Clone, Copy)]
struct Said(Language);

impl Said {
    fn of(self, id: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Language::Id => id,
            Language::En => en,
        }
    }
}

fn text(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn names(value: &Value) -> Vec<String> {
    rows(value)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn summary(flow: &mut Flow, report: &Value, say: Said) {
    let of = &report["opd"];
    let share = of["persen"].as_f64();
    flow.head(say.of("Ringkasan (indikator 18)", "Summary (indicator 18)"));
    let measures = [
        (
            say.of("Konsumen terdaftar", "Consumers registered"),
            text(of, "terdaftar"),
        ),
        (
            say.of("Konsumen bertukar data dalam masa ini", "Consumers that exchanged data"),
            text(of, "aktif"),
        ),
        (say.of("Jumlah OPD kota", "Agencies of the city"), text(of, "jumlah")),
        (
            say.of("Bagian OPD terhubung", "Share of agencies connected"),
            share.map_or_else(|| "–".to_owned(), |share| format!("{share:.1} %")),
        ),
        (
            say.of("Sistem lewat SPLP", "Systems by SPLP"),
            rows(&report["splp"]).len().to_string(),
        ),
        (
            say.of("API diterbitkan", "APIs published"),
            rows(&report["api"]).len().to_string(),
        ),
    ];
    let table: Vec<_> = measures
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect();
    flow.table(&[say.of("ukuran", "measure"), say.of("nilai", "value")], &table);
    if let (Some(active), Some(all)) = (of["aktif"].as_u64(), of["jumlah"].as_u64()) {
        let series = [
            Series {
                name: say.of("terhubung", "connected"),
                grey: 3,
                values: vec![active],
            },
            Series {
                name: say.of("belum", "not yet"),
                grey: 9,
                values: vec![all.saturating_sub(active)],
            },
        ];
        flow.bars(&[say.of("OPD kota", "Agencies").to_owned()], &series, "OPD");
    }
}

fn levels(flow: &mut Flow, report: &Value, say: Said) {
    let systems = rows(&report["layanan"]);
    flow.head(say.of("Tingkat layanan", "Service levels"));
    if systems.is_empty() {
        return flow.line(say.of("Tidak ada pertukaran dalam masa ini.", "No exchanges in this period."));
    }
    let labels: Vec<String> = systems.iter().map(|row| text(row, "sistem")).collect();
    let series = [
        (say.of("berhasil", "successful"), 3, "berhasil"),
        (say.of("gagal di sistem", "failed at the system"), 0, "gagal_sistem"),
        (say.of("gagal di gateway", "failed at the gateway"), 6, "gagal_gateway"),
        (say.of("ditolak: konsumen", "refused: consumer"), 9, "gagal_konsumen"),
    ]
    .map(|(name, grey, column)| Series {
        name,
        grey,
        values: systems
            .iter()
            .map(|row| row[column].as_u64().unwrap_or_default())
            .collect(),
    });
    flow.bars(&labels, &series, say.of("percobaan", "tries"));
    let slow = [Series {
        name: say.of("waktu jawab p95", "answer time p95"),
        grey: 6,
        values: systems
            .iter()
            .map(|row| row["p95_ms"].as_u64().unwrap_or_default())
            .collect(),
    }];
    flow.bars(&labels, &slow, "ms");
    let columns = [
        (say.of("sistem", "system"), "sistem"),
        (say.of("percobaan", "tries"), "percobaan"),
        (say.of("berhasil", "successful"), "berhasil"),
        (say.of("gagal di sistem", "failed: system"), "gagal_sistem"),
        (say.of("gagal di gateway", "failed: gateway"), "gagal_gateway"),
        (say.of("ditolak: konsumen", "refused: consumer"), "gagal_konsumen"),
        (
            say.of("ketersediaan sistem %", "system availability %"),
            "ketersediaan_sistem",
        ),
        (
            say.of("ketersediaan gateway %", "gateway availability %"),
            "ketersediaan_gateway",
        ),
        ("p50 ms", "p50_ms"),
        ("p95 ms", "p95_ms"),
    ];
    let table: Vec<Vec<String>> = systems
        .iter()
        .map(|row| columns.iter().map(|(_, column)| text(row, column)).collect())
        .collect();
    flow.table(&columns.map(|(head, _)| head), &table);
}

fn interfaces(flow: &mut Flow, report: &Value, say: Said) {
    flow.head(say.of("API menurut penyedia dan konsumen", "APIs by provider and consumer"));
    let table: Vec<Vec<String>> = rows(&report["api"])
        .iter()
        .map(|row| {
            let provider = row["penyedia"][say.0.tag()].as_str().unwrap_or("–");
            let provider: String = provider.chars().take(48).collect();
            vec![text(row, "operasi"), provider, names(&row["konsumen"]).join(", ")]
        })
        .collect();
    let head = ["API", say.of("penyedia", "provider"), say.of("konsumen", "consumers")];
    flow.table(&head, &table);
}

fn processing(flow: &mut Flow, report: &Value, say: Said) {
    flow.head(say.of(
        "Catatan pemrosesan data pribadi (UU 27/2022 pasal 31)",
        "Record of personal data processing (law 27/2022, article 31)",
    ));
    for row in rows(&report["pemrosesan"]) {
        flow.line(&format!("{} · {}", text(row, "konsumen"), text(row, "operasi")));
        for (name, value) in [
            (say.of("tujuan", "purpose"), text(row, "tujuan")),
            (say.of("dasar hukum", "legal basis"), text(row, "dasar_hukum")),
            (say.of("perjanjian", "agreement"), text(row, "perjanjian")),
            (say.of("unsur data", "elements"), names(&row["unsur"]).join(" ")),
        ] {
            flow.line(&format!("  {name}: {value}"));
        }
    }
}
