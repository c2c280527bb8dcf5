//! Laporan SPBE: the monthly report as a page that prints well: APIs by provider and consumer, share of agencies connected,
//! the diagram of connected applications, service levels, the processing record. The figures are those of the admin API.

use super::super::report::{Asked, Form, printed, spbe};
use super::super::state::OperatorState;
use super::chart::{Frame, Series, stacked};
use super::session::Session;
use super::ui::{broken, count, not_yours, page as whole, rows, said, text, when};
use axum::extract::{Extension, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

pub(super) async fn page(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Query(asked): Query<Asked>,
) -> Response {
    if !session.role.sees_rights() {
        return not_yours(&session);
    }
    let report = match spbe(&state, &asked).await {
        Ok(report) => report,
        Err(error) => return broken(&session, &error),
    };
    if asked.bentuk == Form::Pdf {
        return printed(&state, &report, session.language);
    }
    let body = html! {
        form .saring.tanpa-cetak method="get" action="/laporan" {
            div { label for="bulan" { (session.say("Bulan", "Month")) } input #bulan name="bulan" placeholder="2026-11" value=(text(&report, "bulan")) pattern="[0-9]{4}-[0-9]{2}"; }
            div { label for="opd" { (session.say("Jumlah OPD kota", "Number of the city's agencies")) } input #opd name="opd" inputmode="numeric" value=(asked.opd.map(|n| n.to_string()).unwrap_or_default()); }
            button type="submit" .utama { (session.say("Susun", "Make")) }
            button type="submit" name="bentuk" value="pdf" { (session.say("Unduh PDF", "Download PDF")) }
        }
        p { (session.say("Masa: ", "Period: ")) (when(&session, &state, &text(&report, "dari"))) " – " (when(&session, &state, &text(&report, "sampai"))) }
        (connected(&session, &report))
        h2 { (session.say("Aplikasi yang terhubung", "Connected applications")) }
        (map(&session, &report))
        (interfaces(&session, &report))
        (levels(&session, &report))
        (processing(&session, &report))
    };
    whole(&session, ("Laporan SPBE", "SPBE report"), &body)
}

fn connected(session: &Session, report: &Value) -> Markup {
    let of = &report["opd"];
    html! {
        h2 { (session.say("Ringkasan (indikator 18)", "Summary (indicator 18)")) }
        dl .angka {
            div { dt { (session.say("Konsumen terdaftar", "Consumers registered")) } dd { (count(session, of, "terdaftar")) } }
            div { dt { (session.say("Konsumen bertukar data dalam masa ini", "Consumers that exchanged data")) } dd { (count(session, of, "aktif")) } }
            div { dt { (session.say("Bagian OPD terhubung", "Share of agencies connected")) } dd { @match of["persen"].as_f64() { Some(share) => { (format!("{share:.1} %")) }, None => "–" } } }
            div { dt { (session.say("Sistem lewat SPLP", "Systems by SPLP")) } dd { (rows(&report["splp"]).len()) } }
            div { dt { (session.say("API diterbitkan", "APIs published")) } dd { (rows(&report["api"]).len()) } }
        }
        @if report["lebih"] == true {
            p .peringatan { (session.say("Catatan masa ini lebih banyak daripada yang dihitung sekali jalan; angka memakai yang terbaru.", "There are more records than are counted at once; the figures are of the newest.")) }
        }
    }
}

/// Consumers at the left, the gateway between, systems at the right; a line for each that may.
fn map(session: &Session, report: &Value) -> Markup {
    let consumers = rows(&report["peta"]["konsumen"]);
    let systems = rows(&report["peta"]["sistem"]);
    let high = 40 + 34 * consumers.len().max(systems.len()).max(1);
    let middle = high / 2;
    let at = |index: usize, of: usize| 20 + (high - 40) * (2 * index + 1) / (2 * of.max(1));
    let name = |value: &Value| value.as_str().unwrap_or_default().chars().take(26).collect::<String>();
    html! {
        svg .peta viewBox={ "0 0 760 " (high) } role="img" aria-labelledby="j-peta" {
            title #j-peta { (session.say("Konsumen di kiri, gateway di tengah, sistem di kanan", "Consumers at the left, the gateway between, systems at the right")) }
            @for (index, one) in consumers.iter().enumerate() {
                @let y = at(index, consumers.len());
                path d={ "M210 " (y) " C280 " (y) " 280 " (middle) " 330 " (middle) } {}
                rect x="10" y=(y - 13) width="200" height="26" rx="4" {}
                text x="20" y=(y + 4) { (name(one)) }
            }
            @for (index, one) in systems.iter().enumerate() {
                @let y = at(index, systems.len());
                path d={ "M430 " (middle) " C480 " (middle) " 480 " (y) " 550 " (y) } {}
                rect x="550" y=(y - 13) width="200" height="26" rx="4" {}
                text x="560" y=(y + 4) { (name(one)) }
            }
            rect .tengah x="330" y=(middle.saturating_sub(20)) width="100" height="40" rx="6" {}
            text x="380" y=(middle + 4) text-anchor="middle" { "Simpul" }
        }
    }
}

fn interfaces(session: &Session, report: &Value) -> Markup {
    html! {
        h2 { (session.say("API menurut penyedia dan konsumen", "APIs by provider and consumer")) }
        table {
            caption { (session.say("Dari konfigurasi yang berlaku", "Of the configuration in force")) }
            thead { tr {
                th scope="col" { "API" }
                th scope="col" { (session.say("Penyedia", "Provider")) }
                th scope="col" { (session.say("Konsumen", "Consumers")) }
            } }
            tbody { @for row in rows(&report["api"]) { tr {
                th scope="row" { code { (text(row, "operasi")) } br; span .kecil { (said(session, &row["ringkasan"])) } }
                td { (said(session, &row["penyedia"])) }
                td { @for one in rows(&row["konsumen"]) { (one.as_str().unwrap_or_default()) " " } }
            } } }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a month")]
fn levels(session: &Session, report: &Value) -> Markup {
    let systems = rows(&report["layanan"]);
    let labels: Vec<String> = systems.iter().map(|row| text(row, "sistem")).collect();
    let values = |name: &str| {
        systems
            .iter()
            .map(|row| row[name].as_u64().unwrap_or_default() as f64)
            .collect()
    };
    let series = [
        Series {
            name: session.say("Berhasil", "Successful").to_owned(),
            class: "s1",
            values: values("berhasil"),
        },
        Series {
            name: session.say("Gagal di sistem", "Failed at the system").to_owned(),
            class: "s3",
            values: values("gagal_sistem"),
        },
        Series {
            name: session.say("Gagal di gateway", "Failed at the gateway").to_owned(),
            class: "s2",
            values: values("gagal_gateway"),
        },
    ];
    let frame = Frame {
        id: "layanan",
        title: session.say("Pertukaran per sistem", "Exchanges by system"),
        summary: session
            .say(
                "percobaan dalam masa ini, dari bukti",
                "tries in the period, from the evidence",
            )
            .to_owned(),
        unit: session.say("percobaan", "tries"),
        labels: &labels,
    };
    html! {
        h2 { (session.say("Tingkat layanan", "Service levels")) }
        @if systems.is_empty() { p { (session.say("Tidak ada pertukaran dalam masa ini.", "No exchanges in this period.")) } } @else {
            (stacked(session, &frame, &series))
            table {
                caption { (session.say("Ketersediaan = percobaan yang tidak gagal karena sistem atau gateway", "Availability = tries that did not fail because of the system or the gateway")) }
                thead { tr {
                    th scope="col" { (session.say("Sistem", "System")) }
                    th scope="col" { (session.say("Percobaan", "Tries")) }
                    th scope="col" { (session.say("Ketersediaan sistem", "System availability")) }
                    th scope="col" { (session.say("Ketersediaan gateway", "Gateway availability")) }
                    th scope="col" { "p50" }
                    th scope="col" { "p95" }
                } }
                tbody { @for row in systems { tr {
                    th scope="row" { (text(row, "sistem")) }
                    td .angka-kolom { (count(session, row, "percobaan")) }
                    td .angka-kolom { (text(row, "ketersediaan_sistem")) " %" }
                    td .angka-kolom { (text(row, "ketersediaan_gateway")) " %" }
                    td .angka-kolom { (count(session, row, "p50_ms")) " ms" }
                    td .angka-kolom { (count(session, row, "p95_ms")) " ms" }
                } } }
            }
        }
    }
}

fn processing(session: &Session, report: &Value) -> Markup {
    html! {
        h2 { (session.say("Catatan pemrosesan data pribadi", "Record of personal data processing")) }
        div .gulir tabindex="0" role="region" aria-label=(session.say("Catatan pemrosesan", "Record of processing")) { table {
            caption { (session.say("Hak yang berlaku atas operasi dengan data pribadi (UU 27/2022 pasal 31)", "Grants in force on operations with personal data (law 27/2022, article 31)")) }
            thead { tr {
                th scope="col" { (session.say("Konsumen", "Consumer")) }
                th scope="col" { (session.say("Operasi", "Operation")) }
                th scope="col" { (session.say("Tujuan", "Purpose")) }
                th scope="col" { (session.say("Dasar hukum", "Legal basis")) }
                th scope="col" { (session.say("Perjanjian", "Agreement")) }
                th scope="col" { (session.say("Unsur data", "Elements")) }
            } }
            tbody { @for row in rows(&report["pemrosesan"]) { tr {
                th scope="row" { (text(row, "konsumen")) }
                td { code { (text(row, "operasi")) } }
                td { (text(row, "tujuan")) }
                td { (text(row, "dasar_hukum")) }
                td { (text(row, "perjanjian")) }
                td {
                    details {
                        summary { (rows(&row["unsur"]).len()) " " (session.say("unsur", "elements")) }
                        @for one in rows(&row["unsur"]) { code { (one.as_str().unwrap_or_default()) } " " }
                    }
                }
            } } }
        } }
    }
}
