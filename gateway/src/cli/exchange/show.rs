//! Shows exchanges: a list, one with its attempts, what is inside.

use super::super::client::{Client, Trouble};
use super::super::exit::Exit;
use super::super::filter::encoded;
use super::super::say::Voice;
use super::super::table::table;
use super::super::words;
use gateway_core::ids::ExchangeId;
use serde_json::Value;

/// A list for people.
pub(super) fn list(voice: &Voice, rows: &[Value]) -> String {
    if rows.is_empty() {
        return voice
            .pick("Tidak ada pertukaran yang cocok.", "No exchange matches.")
            .to_owned();
    }
    let row = |row: &Value| {
        vec![
            words::moment(row, "dibuat_pada"),
            words::state(voice, &words::text(row, "keadaan")).to_owned(),
            words::text(row, "konsumen"),
            words::text(row, "operasi"),
            words::text(row, "rujukan"),
            words::text(row, "jumlah_percobaan"),
            row.get("masalah")
                .map_or("–".into(), |problem| words::text(problem, "jenis")),
            words::text(row, "id"),
        ]
    };
    let head = match voice.tag() {
        "en" => [
            "TIME",
            "STATE",
            "CONSUMER",
            "OPERATION",
            "REFERENCE",
            "TRIES",
            "PROBLEM",
            "ID",
        ],
        _ => [
            "WAKTU", "KEADAAN", "KONSUMEN", "OPERASI", "RUJUKAN", "COBA", "MASALAH", "NOMOR",
        ],
    };
    table(&head, &rows.iter().map(row).collect::<Vec<_>>())
}

/// One exchange.
pub(super) async fn one(voice: &Voice, id: ExchangeId, client: Client) -> Result<Exit, Trouble> {
    let exchange = client.get(&format!("/pertukaran/{id}")).await?;
    voice.answer(&exchange, || detail(voice, &exchange));
    Ok(Exit::Fine)
}

fn detail(voice: &Voice, exchange: &Value) -> String {
    let state = words::text(exchange, "keadaan");
    let mut facts = vec![
        (voice.pick("nomor", "id"), words::text(exchange, "id")),
        (voice.pick("keadaan", "state"), words::state(voice, &state).to_owned()),
        (voice.pick("konsumen", "consumer"), words::text(exchange, "konsumen")),
        (
            voice.pick("operasi", "operation"),
            format!(
                "{} → {}",
                words::text(exchange, "operasi"),
                words::text(exchange, "sistem")
            ),
        ),
        (voice.pick("rujukan", "reference"), words::text(exchange, "rujukan")),
        (
            voice.pick("diterima", "accepted"),
            words::moment(exchange, "dibuat_pada"),
        ),
        (
            voice.pick("berubah", "changed"),
            words::moment(exchange, "diperbarui_pada"),
        ),
    ];
    if exchange["percobaan_berikut_pada"].is_string() {
        let next = words::moment(exchange, "percobaan_berikut_pada");
        facts.push((voice.pick("dicoba lagi", "next try"), next));
    }
    if exchange["alasan"].is_string() {
        facts.push((voice.pick("alasan", "reason"), words::text(exchange, "alasan")));
    }
    let problem = &exchange["masalah"];
    if problem.is_object() {
        let name = voice.pick("detail", "detail_en");
        let told = format!("{} ({})", words::text(problem, name), words::text(problem, "jenis"));
        facts.push((voice.pick("masalah", "problem"), told));
        facts.push((voice.pick("pihak", "side"), words::side(voice, problem)));
    }
    let proposal = &exchange["usulan"];
    if proposal.is_object() {
        let told = format!(
            "{} ({}): {}",
            words::text(proposal, "tindakan"),
            words::text(proposal, "oleh"),
            words::text(proposal, "alasan")
        );
        facts.push((voice.pick("menunggu orang kedua", "waits for a second person"), told));
    }
    let wide = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<String> = facts
        .iter()
        .map(|(name, value)| format!("{name:wide$}  {value}"))
        .collect();
    if let Some(attempts) = exchange["percobaan"].as_array().filter(|all| !all.is_empty()) {
        lines.push(String::new());
        lines.push(self::attempts(voice, attempts));
    }
    lines.join("\n")
}

fn attempts(voice: &Voice, attempts: &[Value]) -> String {
    let row = |attempt: &Value| {
        let problem = &attempt["masalah"];
        vec![
            words::text(attempt, "nomor"),
            words::text(attempt, "jenis"),
            words::moment(attempt, "mulai_pada"),
            format!("{} ms", words::text(attempt, "sistem_ms")),
            words::text(attempt, "langkah"),
            words::text(attempt, "status_asli"),
            problem
                .as_object()
                .map_or("–".into(), |_| words::text(problem, "jenis")),
            words::text(attempt, "oleh"),
        ]
    };
    let head = match voice.tag() {
        "en" => ["NO", "KIND", "START", "SYSTEM", "STEP", "STATUS", "PROBLEM", "BY"],
        _ => ["NO", "JENIS", "MULAI", "SISTEM", "LANGKAH", "STATUS", "MASALAH", "OLEH"],
    };
    table(&head, &attempts.iter().map(row).collect::<Vec<_>>())
}

/// What is inside. It is JSON for people, too: the body is.
pub(super) async fn inspect(
    voice: &Voice,
    id: ExchangeId,
    open: bool,
    reason: Option<&str>,
    client: Client,
) -> Result<Exit, Trouble> {
    let mut path = format!("/pertukaran/{id}/isi");
    if open {
        path = format!("{path}?buka=ya&alasan={}", encoded(reason.unwrap_or_default()));
    }
    let inside = client.get(&path).await?;
    voice.answer(&inside, || serde_json::to_string_pretty(&inside).unwrap_or_default());
    Ok(Exit::Fine)
}
