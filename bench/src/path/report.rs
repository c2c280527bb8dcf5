//! What a run prints: the machine and versions, each round, and per setting the medians with their ratios.

use super::peers::Peer;
use super::run::{Row, Setting};

/// Machine and versions.
pub(crate) fn head() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or_default();
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    println!("- machine: {count} ×{}", model.trim_start_matches(['\t', ':', ' ']));
    for peer in Peer::ALL {
        println!(
            "- {}: {}",
            peer.name(),
            peer.version().unwrap_or_else(|| "not installed".to_owned())
        );
    }
}

/// One peer in one round.
pub(crate) fn row(setting: Setting, row: &Row) {
    let load = &row.load;
    println!(
        "{} putaran {} {:8} {:8.0}/s p50 {:7.2} p99 {:8.2} ms  cpu/100k {:6.2} s  rss {:5.0} MiB  galat {}",
        setting.name(),
        row.round + 1,
        row.peer.name(),
        load.per_second,
        load.p50,
        load.p99,
        row.cost,
        row.rss,
        load.errors,
    );
}

/// Medians and ratios to nginx within the rounds.
pub(crate) fn setting(setting: Setting, rows: &[Row]) {
    println!(
        "\n| {} | cpu-s/100k | × nginx (least–most) | /s | p99 ms | RSS MiB |",
        setting.name()
    );
    println!("|---|---|---|---|---|---|");
    for peer in Peer::ALL {
        let own: Vec<&Row> = rows.iter().filter(|row| row.peer == peer).collect();
        if own.is_empty() {
            continue;
        }
        let of = |what: fn(&Row) -> f64| median(own.iter().map(|row| what(row)).collect());
        let ratios: Vec<f64> = own
            .iter()
            .filter_map(|row| {
                let base = rows
                    .iter()
                    .find(|other| other.peer == Peer::Nginx && other.round == row.round)?;
                Some(row.cost / base.cost)
            })
            .collect();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let most = ratios.iter().copied().fold(0.0, f64::max);
        println!(
            "| {} | {:.2} | {:.2} ({least:.2}–{most:.2}) | {:.0} | {:.2} | {:.0} |",
            peer.name(),
            of(|row| row.cost),
            median(ratios),
            of(|row| row.load.per_second),
            of(|row| row.load.p99),
            of(|row| row.rss),
        );
    }
    println!();
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
