//! The load: `wrk` at saturation, `h2load` for HTTP/2 and for a fixed rate. Both from packages; what they print is read.

use super::document;
use super::run::Setting;
use crate::Failure;
use crate::setup::KEY;
use std::path::Path;
use std::time::Duration;
use tokio::process::Command;

/// What one round gave.
pub(crate) struct Load {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) errors: u64,
}

/// How it is driven.
#[derive(Clone, Copy)]
pub(crate) struct How<'a> {
    pub(crate) setting: Setting,
    pub(crate) connections: usize,
    pub(crate) seconds: u64,
    /// Requests a second; saturation otherwise.
    pub(crate) rate: Option<u64>,
    pub(crate) run: &'a Path,
    pub(crate) cpu: &'a str,
}

/// Writes what the load generators read.
pub(crate) fn prepare(run: &Path) -> Result<(), Failure> {
    let body = document::document(0).to_string();
    std::fs::write(run.join("badan.json"), &body)?;
    // The last group of the document's number is counted up.
    let (before, tail) = body
        .split_once("-8d3f-000000000000")
        .ok_or("the document has no number")?;
    let head = format!("{before}-8d3f-");
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let headers = format!("wrk.headers['X-API-Key'] = '{KEY}'\nwrk.headers['Content-Type'] = 'application/json'\n");
    let count = "function done(s, l, r)\n  io.write(string.format('HASIL %d %d %d %d %d %.0f\\n', s.requests, s.duration, \
                 l:percentile(50), l:percentile(99), s.errors.status + s.errors.timeout + s.errors.connect + s.errors.read, 0))\nend\n";
    std::fs::write(run.join("get.lua"), format!("{headers}{count}"))?;
    std::fs::write(
        run.join("post.lua"),
        format!("wrk.method = 'POST'\nwrk.body = '{}'\n{headers}{count}", quoted(&body)),
    )?;
    // A number of its own for each: a durable write is taken once per business reference.
    std::fs::write(
        run.join("tulis.lua"),
        format!(
            "wrk.method = 'POST'\n{headers}local n = os.time() % 100000 * 10000000\nlocal head, tail = '{}', '{}'\n\
             function request()\n  n = n + 1\n  return wrk.format(nil, nil, nil, head .. string.format('%012x', n) .. tail)\nend\n{count}",
            quoted(&head),
            quoted(tail),
        ),
    )?;
    Ok(())
}

/// Drives one peer for one round.
pub(crate) async fn drive(url: &str, how: How<'_>) -> Result<Load, Failure> {
    if how.setting == Setting::Tls2 || how.rate.is_some() {
        h2load(url, how).await
    } else {
        wrk(url, how).await
    }
}

async fn wrk(url: &str, how: How<'_>) -> Result<Load, Failure> {
    let script = match how.setting {
        Setting::Get | Setting::Tls1 | Setting::Tls2 => "get.lua",
        Setting::Post | Setting::Policy => "post.lua",
        Setting::Durable => "tulis.lua",
    };
    let output = Command::new("taskset")
        .args(["-c", how.cpu, "wrk", "-t1", "--latency", "--timeout", "30s"])
        .arg(format!("-c{}", how.connections))
        .arg(format!("-d{}s", how.seconds))
        .arg("-s")
        .arg(how.run.join(script))
        .arg(url)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("HASIL "));
    let numbers: Vec<f64> = line
        .ok_or_else(|| format!("wrk said: {text}{}", String::from_utf8_lossy(&output.stderr)))?
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    let [requests, micros, p50, p99, errors, ..] = numbers[..] else {
        return Err(format!("wrk said: {text}").into());
    };
    Ok(Load {
        requests,
        per_second: requests / (micros / 1e6),
        p50: p50 / 1e3,
        p99: p99 / 1e3,
        errors: errors as u64,
    })
}

async fn h2load(url: &str, how: How<'_>) -> Result<Load, Failure> {
    let log = how.run.join("h2load.tsv");
    let _ = std::fs::remove_file(&log);
    let mut command = Command::new("taskset");
    command.args(["-c", how.cpu, "h2load", "-t1"]);
    command
        .arg(format!("-D{}", how.seconds))
        .arg(format!("--log-file={}", log.display()));
    command.arg("-H").arg(format!("x-api-key: {KEY}"));
    match how.rate {
        Some(rate) => {
            let each = (rate as usize / how.connections.max(1)).max(1);
            command
                .arg("--h1")
                .arg(format!("-c{}", how.connections))
                .arg(format!("--rps={each}"));
        }
        None => {
            command.arg(format!("-c{}", how.connections / 4)).arg("-m4");
        }
    }
    if matches!(how.setting, Setting::Post | Setting::Policy) {
        command
            .arg("-d")
            .arg(how.run.join("badan.json"))
            .args(["-H", "content-type: application/json"]);
    }
    let output = command.arg(url).output().await?;
    let text = std::fs::read_to_string(&log)
        .map_err(|_| format!("h2load said: {}", String::from_utf8_lossy(&output.stdout)))?;
    // Each line: start in µs, status (-1: failed), time in µs.
    let (mut times, mut errors) = (Vec::new(), 0);
    for line in text.lines() {
        let mut words = line.split('\t').skip(1);
        let status: i64 = words.next().and_then(|w| w.parse().ok()).unwrap_or(-1);
        let time: f64 = words.next().and_then(|w| w.parse().ok()).unwrap_or(0.0);
        if (200..300).contains(&status) {
            times.push(time / 1e3);
        } else {
            errors += 1;
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        times
            .get(((times.len() as f64 - 1.0) * share) as usize)
            .copied()
            .unwrap_or(0.0)
    };
    let seconds = Duration::from_secs(how.seconds).as_secs_f64();
    Ok(Load {
        requests: times.len() as f64,
        per_second: times.len() as f64 / seconds,
        p50: at(0.5),
        p99: at(0.99),
        errors,
    })
}
