//! Every metric once: name, kind, labels, meaning. Registration, `docs/metrics.md` and a test against the real output
//! read this table, so that none of them can drift from the others.

use std::fmt::Write;

/// Prefix of every name.
pub(super) const PREFIX: &str = "simpul";

/// One metric as it is published.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Name without prefix, unit and the suffix of its kind.
    pub name: &'static str,
    /// OpenMetrics kind.
    pub kind: &'static str,
    /// Unit, if it has one.
    pub unit: Option<&'static str>,
    /// Labels, comma-separated.
    pub labels: &'static str,
    /// Meaning, Indonesian.
    pub id: &'static str,
    /// Meaning, English; also the help text of the endpoint.
    pub en: &'static str,
}

impl Metric {
    /// The name that queries use.
    pub fn series(&self) -> String {
        let unit = self.unit.map(|unit| format!("_{unit}")).unwrap_or_default();
        let suffix = match self.kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        format!("{PREFIX}_{}{unit}{suffix}", self.name)
    }
}

const fn counter(name: &'static str, labels: &'static str, id: &'static str, en: &'static str) -> Metric {
    Metric {
        name,
        kind: "counter",
        unit: None,
        labels,
        id,
        en,
    }
}

const fn gauge(name: &'static str, labels: &'static str, id: &'static str, en: &'static str) -> Metric {
    Metric {
        name,
        kind: "gauge",
        unit: None,
        labels,
        id,
        en,
    }
}

const fn seconds(
    kind: &'static str,
    name: &'static str,
    labels: &'static str,
    id: &'static str,
    en: &'static str,
) -> Metric {
    Metric {
        name,
        kind,
        unit: Some("seconds"),
        labels,
        id,
        en,
    }
}

/// All metrics, in the order they are published.
pub const METRICS: &[Metric] = &[
    counter(
        "requests",
        "operation, consumer, code_class",
        "Panggilan yang dijawab, menurut kelas status",
        "Calls answered, by class of status",
    ),
    counter(
        "pushes",
        "operation, outcome",
        "Kiriman sistem: new tersimpan, repeated sudah ada, refused pengirim tidak terbukti, not_taken belum tersimpan",
        "Pushes of systems: new stored, repeated known before, refused sender not proven, not_taken not stored",
    ),
    seconds(
        "histogram",
        "request_duration",
        "operation",
        "Lama panggilan dari kepala permintaan sampai jawaban siap",
        "Time from the head of a call to its answer",
    ),
    seconds(
        "histogram",
        "upstream_duration",
        "system, operation",
        "Lama menunggu sistem tujuan dalam satu percobaan",
        "Time one attempt waited for the system",
    ),
    counter(
        "refusals",
        "reason",
        "Panggilan dan koneksi yang ditolak sebelum apa pun disimpan atau dikirim",
        "Calls and connections refused before anything was stored or sent",
    ),
    counter(
        "attempts",
        "system, operation, outcome",
        "Percobaan ke sistem tujuan, menurut hasil",
        "Attempts against systems, by outcome",
    ),
    counter(
        "idempotent_replays",
        "",
        "Jawaban lama yang diulang untuk kunci atau rujukan yang sama",
        "Earlier answers repeated for the same key or reference",
    ),
    gauge(
        "connections",
        "",
        "Koneksi konsumen yang terbuka",
        "Open connections of consumers",
    ),
    gauge(
        "calls_under_way",
        "",
        "Panggilan yang sedang dikerjakan",
        "Calls being worked on",
    ),
    gauge(
        "queue_depth",
        "system, state",
        "Pertukaran yang belum selesai, menurut keadaan",
        "Exchanges not finished, by state",
    ),
    seconds(
        "gauge",
        "queue_oldest",
        "system",
        "Umur pertukaran tertua yang masih dikerjakan gateway",
        "Age of the oldest exchange the gateway still works on",
    ),
    gauge(
        "deadlines",
        "system, clock, alert",
        "Permohonan terbuka menurut jam layanan dan peringatannya",
        "Open records by service clock and warning",
    ),
    gauge(
        "dead_letters",
        "system",
        "Pertukaran gagal yang menunggu petugas",
        "Exchanges given up that wait for a person",
    ),
    gauge(
        "unresolved",
        "system",
        "Pertukaran yang hasilnya belum pasti dan sedang ditanyakan",
        "Exchanges of unknown outcome that are being looked up",
    ),
    gauge(
        "parked",
        "system",
        "Pertukaran yang hasilnya tidak pasti dan menunggu petugas",
        "Exchanges of unknown outcome that wait for a person",
    ),
    gauge(
        "breaker_state",
        "system",
        "Pemutus arus: 0 tertutup, 1 terbuka",
        "Breaker: 0 closed, 1 open",
    ),
    seconds(
        "gauge",
        "credential_left",
        "system",
        "Sisa masa berlaku kredensial yang dititipkan; negatif bila sudah berakhir",
        "Time left of a supplied credential; negative when it has ended",
    ),
    seconds(
        "gauge",
        "certificate_left",
        "use, name",
        "Sisa masa berlaku sertifikat: own milik node, client yang ditunjukkan ke sistem, authority penerbit sistem, upstream milik sistem, consumer milik konsumen",
        "Time left of a certificate: own of the node, client shown to a system, authority of a system, upstream of a system, consumer of a consumer",
    ),
    gauge(
        "evidence_seq",
        "chain",
        "Nomor bukti terakhir pada rantai",
        "Number of the newest evidence in the chain",
    ),
    counter(
        "erased",
        "class",
        "Pertukaran yang isinya dihapus menurut masa simpan, menurut kelas",
        "Exchanges whose bodies were erased by retention, by class",
    ),
    counter(
        "security_events",
        "event",
        "Kejadian keamanan; daftarnya di docs/security-events.md",
        "Security events; listed in docs/security-events.md",
    ),
    counter(
        "noted",
        "what, of",
        "Yang patut dihitung di luar pertukaran: langkah mundur, tenggat lewat, daftar ditolak, halaman berulang",
        "What is worth counting beside exchanges: steps back, deadlines passed, lists refused, pages repeated",
    ),
    gauge(
        "mirror_age",
        "mirror",
        "Umur salinan: detik sejak mulainya tarikan lengkap terakhir; tidak ada bila belum pernah",
        "Age of a copy: seconds since its newest complete pull began; absent when there was none",
    ),
    gauge(
        "mirror_stale",
        "mirror",
        "1 bila salinan lebih tua dari batasnya atau belum pernah lengkap",
        "1 when a copy is older than it should be or was never complete",
    ),
    gauge(
        "mirror_failures",
        "mirror",
        "Tarikan gagal berturut-turut",
        "Failed tries of a pull in a row",
    ),
    gauge(
        "subscriptions",
        "state",
        "Langganan menurut keadaan penerimanya: lancar, terganggu, dijeda, nonaktif",
        "Subscriptions by how their receiver fares: lancar (well), terganggu (failing), dijeda (paused), nonaktif (gone)",
    ),
    gauge(
        "journal_ready",
        "",
        "1 bila jurnal dapat menyimpan",
        "1 when the journal can store",
    ),
    Metric {
        name: "journal_group",
        kind: "histogram",
        unit: None,
        labels: "",
        id: "Banyaknya penulisan yang menjadi tahan lama dalam satu commit jurnal",
        en: "Writes made durable together by one commit of the journal",
    },
    counter(
        "failures",
        "system, cause, side",
        "Percobaan gagal menurut sebab dan pihak yang harus bertindak",
        "Failed tries by cause and by the side that has to act",
    ),
    gauge(
        "problem_active",
        "system, cause, side",
        "1 selama masalah ini berlangsung; tidak ada bila tidak",
        "1 while this problem goes on; absent otherwise",
    ),
    gauge(
        "problem_exchanges",
        "system, cause, side",
        "Pertukaran yang tertahan masalah ini: menunggu, gagal, atau hasil tidak pasti",
        "Exchanges held up by this problem: waiting, given up, or of unknown outcome",
    ),
    seconds(
        "gauge",
        "problem_age",
        "system, cause, side",
        "Lama masalah ini sudah berlangsung; tidak ada bila tidak berlangsung",
        "How long this problem has been going on; absent when it does not",
    ),
    gauge(
        "problem_muted",
        "system, cause, side",
        "1 selama masalah ini didiamkan; tidak ada bila tidak",
        "1 while this problem is muted; absent otherwise",
    ),
    gauge(
        "config_errors",
        "",
        "Keluhan pada konfigurasi terakhir yang ditolak; 0 bila yang terbaru berlaku",
        "Complaints about the last refused configuration; 0 when the newest is in force",
    ),
    counter(
        "spans",
        "outcome",
        "Span OTLP: sent terkirim, lost kolektor tidak menjawab, dropped antrean penuh",
        "OTLP spans: sent, lost when the collector did not answer, dropped when the queue was full",
    ),
    Metric {
        name: "build",
        kind: "info",
        unit: None,
        labels: "version",
        id: "Versi gateway",
        en: "Version of the gateway",
    },
];

pub(super) fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

const HEAD: &str = "\
<!-- Generated from gateway/src/telemetry/catalogue.rs; do not edit. -->
# Metrik / Metrics

Pengumpul mengambilnya dari port operator di `/metrics`, dalam bentuk OpenMetrics 1.0. Nilai label terbatas: id operasi, konsumen
dan sistem dari konfigurasi; yang tidak dikenal menjadi `-`. Isi pesan, nomor pertukaran dan data pribadi tidak pernah ada di sini. Angka antrean
dibaca dari jurnal paling sering sekali sedetik.

A collector fetches them from the operator port at `/metrics`, as OpenMetrics 1.0. Label values are bounded: ids of operations,
consumers and systems from configuration; whatever is not known becomes `-`. Payloads, exchange ids and personal data are never here. Figures of
queues are read from the journal at most once a second.

| metric | jenis / kind | label | arti | meaning |
|---|---|---|---|---|
";

/// The page `docs/metrics.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for metric in METRICS {
        let labels: Vec<String> = metric
            .labels
            .split(", ")
            .filter(|label| !label.is_empty())
            .map(|label| format!("`{label}`"))
            .collect();
        let labels = if labels.is_empty() {
            "–".to_owned()
        } else {
            labels.join(", ")
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {labels} | {} | {} |",
            metric.series(),
            metric.kind,
            metric.id,
            metric.en
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_in_step() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
        #[expect(clippy::disallowed_methods, reason = "the switch of golden files, in tests only")]
        if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
            std::fs::write(&path, page()).expect("writable");
        }
        let stored = std::fs::read_to_string(&path).expect("docs/metrics.md");
        assert!(
            stored == page(),
            "docs/metrics.md is out of step; run with UPDATE_GOLDEN=1 and review"
        );
    }
}
