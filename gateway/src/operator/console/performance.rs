//! Kinerja: where is it slow, whose failures are they, what waits? The last hour of this node.

use super::super::state::OperatorState;
use super::chart::{Frame, Series, lines, stacked};
use super::session::Session;
use super::ui::{number, page as whole};
use crate::telemetry::history::Span;
use axum::extract::{Extension, State};
use axum::response::Response;
use gateway_core::trouble::Side;
use maud::{Markup, html};

/// Points of a chart at most.
const POINTS: usize = 60;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    let spans = state.history.spans(POINTS);
    let body = html! {
        p { (session.say("Satu jam terakhir node ini. Jangka panjang: Prometheus dan Grafana (deploy/).", "The last hour of this node. Longer: Prometheus and Grafana (deploy/).")) }
        @if spans.is_empty() {
            p role="status" { (session.say("Belum ada data; muncul setengah menit sesudah gateway berjalan.", "No data yet; they come half a minute after the gateway began.")) }
        } @else {
            (charts(&state, &session, &spans))
        }
    };
    whole(&session, ("Kinerja", "Performance"), &body)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a minute")]
fn charts(state: &OperatorState, session: &Session, spans: &[Span]) -> Markup {
    let labels: Vec<String> = spans
        .iter()
        .map(|span| {
            span.at
                .to_zoned_datetime(state.zone.clone())
                .strftime("%H:%M:%S")
                .to_string()
        })
        .collect();
    let per_minute = |class: usize| -> Vec<f64> {
        let rate = |span: &Span| span.calls[class] as f64 * 60.0 / (span.seconds.max(1)) as f64;
        spans.iter().map(rate).collect()
    };
    let named = |name: &str, class, values| Series {
        name: name.to_owned(),
        class,
        values,
    };
    let calls = [
        named(session.say("Berhasil", "Successful"), "s1", per_minute(0)),
        named(session.say("Ditolak", "Refused"), "s2", per_minute(1)),
        named(session.say("Gagal", "Failed"), "s3", per_minute(2)),
    ];
    let total: u64 = spans.iter().flat_map(|span| span.calls).sum();
    let failed: u64 = spans.iter().map(|span| span.calls[2]).sum();
    let millis = |of: fn(&Span) -> Option<[f64; 3]>, at: usize| -> Vec<f64> {
        spans
            .iter()
            .map(|span| of(span).map_or(f64::NAN, |q| q[at] * 1000.0))
            .collect()
    };
    let whole_calls = [
        named("p50", "s1", millis(|s| s.requests, 0)),
        named("p95", "s2", millis(|s| s.requests, 1)),
        named("p99", "s3", millis(|s| s.requests, 2)),
    ];
    let waiting_for = [
        named("p50", "s1", millis(|s| s.upstream, 0)),
        named("p95", "s2", millis(|s| s.upstream, 1)),
        named("p99", "s3", millis(|s| s.upstream, 2)),
    ];
    let sides: Vec<Series> = Side::ALL
        .into_iter()
        .zip(["s1", "s2", "s4", "s5", "s3", "s6"])
        .map(|(side, class)| {
            let of = |span: &Span| span.failures.get(side.word()).copied().unwrap_or_default() as f64;
            named(
                session.language.pick(&side.title()),
                class,
                spans.iter().map(of).collect(),
            )
        })
        .filter(|series| series.values.iter().any(|value| *value > 0.0))
        .collect();
    let queue = [named(
        session.say("Menunggu", "Waiting"),
        "s1",
        spans.iter().map(|s| s.waiting).collect(),
    )];
    let oldest = [named(
        session.say("Tertua", "Oldest"),
        "s3",
        spans.iter().map(|s| s.oldest).collect(),
    )];
    let frame = |id, title, summary, unit| Frame {
        id,
        title,
        summary,
        unit,
        labels: &labels,
    };
    let peak = |series: &[Series]| {
        series
            .iter()
            .flat_map(|s| &s.values)
            .copied()
            .filter(|v| v.is_finite())
            .fold(0.0, f64::max)
    };
    html! {
        (stacked(session, &frame("panggilan", session.say("Panggilan per menit", "Calls per minute"),
            format!("{} {}, {} {}", number(session, total), session.say("panggilan", "calls"), number(session, failed), session.say("gagal", "failed")),
            session.say("panggilan/menit", "calls/minute")), &calls))
        (lines(session, &frame("lama", session.say("Lama panggilan", "Time of calls"),
            format!("{} {:.0} ms", session.say("paling tinggi", "highest"), peak(&whole_calls)), "ms"), &whole_calls))
        (lines(session, &frame("sistem", session.say("Lama menunggu sistem tujuan", "Time waiting for systems"),
            format!("{} {:.0} ms", session.say("paling tinggi", "highest"), peak(&waiting_for)), "ms"), &waiting_for))
        @if sides.is_empty() {
            p { (session.say("Tidak ada percobaan gagal dalam satu jam ini.", "No failed tries in the last hour.")) }
        } @else {
            (stacked(session, &frame("pihak", session.say("Percobaan gagal menurut pihak", "Failed tries by side"),
                session.say("siapa yang harus bertindak", "who has to act").to_owned(), session.say("percobaan", "tries")), &sides))
        }
        (lines(session, &frame("antrean", session.say("Antrean", "Queue"),
            format!("{} {:.0}", session.say("terbanyak", "most"), peak(&queue)), session.say("pertukaran", "exchanges")), &queue))
        (lines(session, &frame("tertua", session.say("Umur yang tertua di antrean", "Age of the oldest in the queue"),
            format!("{} {:.0} s", session.say("paling tua", "oldest"), peak(&oldest)), session.say("detik", "seconds")), &oldest))
    }
}
