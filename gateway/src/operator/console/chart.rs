//! Charts as plain SVG, drawn on the server: one question each, with a summary and the same figures as a table. Series
//! differ in pattern or dash as well as in colour.

use super::session::Session;
use maud::{Markup, html};
use std::fmt::Write;

const WIDE: f64 = 720.0;
const HIGH: f64 = 180.0;
/// Room at the left for the scale, and at the bottom for times.
const LEFT: f64 = 56.0;
const BELOW: f64 = 22.0;

/// One series: name, CSS class, values.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) values: Vec<f64>,
}

/// What a chart says: id, title, summary, unit of its values, times at the bottom.
pub(super) struct Frame<'f> {
    pub(super) id: &'f str,
    pub(super) title: &'f str,
    pub(super) summary: String,
    pub(super) unit: &'f str,
    pub(super) labels: &'f [String],
}

/// Bars, one series on the other.
pub(super) fn stacked(session: &Session, frame: &Frame<'_>, series: &[Series]) -> Markup {
    let sums = (0..frame.labels.len()).map(|at| series.iter().filter_map(|one| one.values.get(at)).sum::<f64>());
    let top = ceiling(sums.fold(0.0, f64::max));
    let step = step(frame.labels.len());
    let mut bars = Vec::new();
    for at in 0..frame.labels.len() {
        let mut base = 0.0;
        for one in series {
            let value = one.values.get(at).copied().unwrap_or_default();
            if value > 0.0 {
                bars.push((
                    one.class,
                    LEFT + position(at) * step,
                    y(base + value, top),
                    y(base, top),
                ));
            }
            base += value;
        }
    }
    let width = fixed((step - 1.0).max(1.0));
    let bars = html! {
        @for (class, x, from, to) in bars {
            rect class=(class) x=(fixed(x)) width=(width) y=(fixed(from)) height=(fixed((to - from).max(0.5))) {}
        }
    };
    drawn(session, frame, series, top, &bars)
}

/// Lines, one per series; a gap where there is no value.
pub(super) fn lines(session: &Session, frame: &Frame<'_>, series: &[Series]) -> Markup {
    let highest = series
        .iter()
        .flat_map(|one| &one.values)
        .copied()
        .filter(|v| v.is_finite());
    let top = ceiling(highest.fold(0.0, f64::max));
    let step = step(frame.labels.len());
    let path = |one: &Series| {
        let (mut path, mut pen) = (String::new(), "M");
        for (at, value) in one.values.iter().enumerate() {
            if value.is_finite() {
                // Writing to a string cannot fail.
                let _ = write!(
                    path,
                    "{pen}{:.1} {:.1}",
                    LEFT + (position(at) + 0.5) * step,
                    y(*value, top)
                );
                pen = "L";
            } else {
                pen = "M";
            }
        }
        path
    };
    // A single value is a point: a line needs two.
    let point = |one: &Series| match one.values.as_slice() {
        [value] if value.is_finite() => Some(y(*value, top)),
        _ => None,
    };
    let paths = html! {
        @for one in series {
            path class={ "garis " (one.class) } d=(path(one)) {}
            @if let Some(at) = point(one) { circle class={ "garis " (one.class) } cx=(fixed(LEFT + 0.5 * step)) cy=(fixed(at)) r="3" {} }
        }
    };
    drawn(session, frame, series, top, &paths)
}

fn drawn(session: &Session, frame: &Frame<'_>, series: &[Series], top: f64, inside: &Markup) -> Markup {
    let last = frame.labels.len().saturating_sub(1);
    html! {
        figure .grafik {
            figcaption id={ "g-" (frame.id) } { strong { (frame.title) } " – " (frame.summary) }
            svg viewBox={ "0 0 " (fixed(WIDE)) " " (fixed(HIGH)) } role="img" aria-labelledby={ "g-" (frame.id) } {
                @for part in [0.0, 0.5, 1.0] {
                    @let at = y(top * part, top);
                    line .kisi-garis x1=(fixed(LEFT)) x2=(fixed(WIDE)) y1=(fixed(at)) y2=(fixed(at)) {}
                    text x=(fixed(LEFT - 6.0)) y=(fixed(at + 4.0)) text-anchor="end" { (shown(top * part)) }
                }
                (inside)
                @if let (Some(first), Some(end)) = (frame.labels.first(), frame.labels.get(last)) {
                    text x=(fixed(LEFT)) y=(fixed(HIGH - 6.0)) { (first) }
                    text x=(fixed(WIDE)) y=(fixed(HIGH - 6.0)) text-anchor="end" { (end) }
                }
            }
            ul .legenda { @for one in series { li { span class={ "kotak " (one.class) } aria-hidden="true" {} " " (one.name) } } }
            details {
                summary { (session.say("Lihat tabel: ", "Show table: ")) (frame.title) }
                table {
                    caption { (frame.title) " (" (frame.unit) ")" }
                    thead { tr { th scope="col" { (session.say("Waktu", "Time")) } @for one in series { th scope="col" { (one.name) } } } }
                    tbody { @for (at, label) in frame.labels.iter().enumerate() { tr {
                        th scope="row" { (label) }
                        @for one in series { td .angka-kolom { (one.values.get(at).filter(|v| v.is_finite()).map_or_else(|| "–".to_owned(), |v| shown(*v))) } }
                    } } }
                }
            }
        }
    }
}

fn step(count: usize) -> f64 {
    (WIDE - LEFT) / position(count.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "a chart has few points")]
fn position(at: usize) -> f64 {
    at as f64
}

fn y(value: f64, top: f64) -> f64 {
    let room = HIGH - BELOW - 8.0;
    8.0 + room * (1.0 - (value / top).clamp(0.0, 1.0))
}

/// A round number at or above the highest value: 1, 2 or 5 times a power of ten.
fn ceiling(highest: f64) -> f64 {
    if highest <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(highest.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|part| part * power)
        .find(|top| *top >= highest)
        .unwrap_or(10.0 * power)
}

fn fixed(value: f64) -> String {
    format!("{value:.1}")
}

fn shown(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if value < 1.0 {
        format!("{value:.3}")
    } else if value < 10.0 && value.fract() > 0.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round() {
        for (highest, top) in [
            (0.0, 1.0),
            (0.7, 1.0),
            (1.0, 1.0),
            (1.1, 2.0),
            (3.0, 5.0),
            (51.0, 100.0),
        ] {
            assert!((ceiling(highest) - top).abs() < 1e-9, "{highest}");
        }
    }
}
