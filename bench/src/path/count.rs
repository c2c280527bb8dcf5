//! The price in processor instructions, which a busy machine does not change: the gateway under callgrind, a fixed number of
//! requests, all its threads counted. Kept under a bound per setting; raising one is a decision to be argued.

use super::peers::Size;
use super::process::Process;
use super::run::Setting;
use super::{document, peers};
use crate::Failure;
use crate::setup::KEY;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio::net::TcpStream;

/// Most thousand instructions a request: measured, and a quarter more, since processors differ.
const BOUNDS: [(Setting, f64); 4] = [
    (Setting::Get, 150.0),
    (Setting::Post, 245.0),
    (Setting::Policy, 735.0),
    (Setting::Durable, 1_080.0),
];

/// Requests before counting begins, so that caches, pools and tables are as they are at work.
const WARM: u64 = 300;

/// What to count.
#[derive(clap::Args, Clone)]
pub(crate) struct Counted {
    /// Settings to count; all when none is named.
    #[arg(long, value_enum)]
    skenario: Vec<Setting>,
    /// Requests counted.
    #[arg(long, default_value_t = 2000)]
    jumlah: u64,
    /// Keeps the profile here, for `callgrind_annotate`.
    #[arg(long)]
    simpan: Option<PathBuf>,
    /// Folder for journals and logs.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

/// Counts and prints; fails when a bound is passed.
pub(crate) async fn measure(ask: Counted) -> Result<(), Failure> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Err("valgrind is missing; on Debian: apt-get install valgrind".into());
    }
    let run = tempfile::tempdir_in(std::fs::canonicalize(&ask.folder)?)?;
    let program = std::env::current_exe()?.display().to_string();
    let upstream = Process::start("0-1", &[program, "hulu".to_owned()], &run.path().join("hulu.log"), true).await?;
    println!("| skenario | ribu instruksi / thousand instructions | SHA-256 | batas / bound |\n|---|---|---|---|");
    let mut passed = Vec::new();
    for (setting, bound) in BOUNDS {
        if !ask.skenario.is_empty() && !ask.skenario.contains(&setting) {
            continue;
        }
        let measured = Measured {
            setting,
            size: Size::default(),
            count: ask.jumlah,
            keep: ask.simpan.as_deref(),
        };
        let (counted, hashing) = one(&measured, run.path(), upstream.said.trim()).await?;
        println!("| {} | {counted:.1} | {hashing:.1} | {bound:.1} |", setting.name());
        if counted > bound {
            passed.push(setting.name());
        }
    }
    upstream.stop().await;
    if passed.is_empty() {
        Ok(())
    } else {
        Err(format!("more instructions than allowed: {}", passed.join(", ")).into())
    }
}

/// What is counted.
pub(super) struct Measured<'a> {
    pub(super) setting: Setting,
    pub(super) size: Size,
    /// Requests.
    pub(super) count: u64,
    /// Where the profile is kept.
    pub(super) keep: Option<&'a Path>,
}

/// Thousand instructions a request, and how many of them are SHA-256 without the processor's own instructions for it.
pub(super) async fn one(ask: &Measured<'_>, run: &Path, upstream: &str) -> Result<(f64, f64), Failure> {
    let setting = ask.setting;
    let profile = run.join(format!("{}.callgrind", setting.name()));
    let mut command = vec![
        "valgrind".to_owned(),
        "--tool=callgrind".to_owned(),
        "--quiet".to_owned(),
        "--instr-atstart=no".to_owned(),
        "--fair-sched=yes".to_owned(),
        format!("--callgrind-out-file={}", profile.display()),
    ];
    command.extend(peers::ours(setting, run, upstream, ask.size)?);
    let gateway = Process::start("0-1", &command, &run.join("simpul.log"), true).await?;
    let address = gateway.first_word()?.to_owned();
    let pid = gateway.pid().ok_or("the gateway is gone")?;
    control(pid, &["--instr=on"])?;
    send(&address, setting, 0, WARM).await?;
    control(pid, &["--zero"])?;
    send(&address, setting, WARM, ask.count).await?;
    // Records of the last requests are written behind the answer and belong to the price.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    control(pid, &["--dump"])?;
    gateway.stop().await;
    let dump = PathBuf::from(format!("{}.1", profile.display()));
    let text = std::fs::read_to_string(&dump)?;
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")));
    let total: f64 = total.ok_or("the profile has no total")?.trim().parse()?;
    if let Some(folder) = ask.keep {
        std::fs::create_dir_all(folder)?;
        std::fs::copy(&dump, folder.join(format!("{}.callgrind", setting.name())))?;
    }
    let each = ask.count as f64 * 1e3;
    Ok((total / each, hashing(&text) / each))
}

/// Own instructions of the block function of SHA-256, from a profile: names are written out once and numbered from then on,
/// and the line after a call is what the called one cost.
fn hashing(profile: &str) -> f64 {
    let mut known = HashSet::new();
    let (mut inside, mut called, mut sum) = (false, false, 0.0);
    for line in profile.lines() {
        if let Some(name) = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn=")) {
            let (number, name) = name.split_once(' ').unwrap_or((name, ""));
            // The function in C around it has the same name without a prefix and calls the one that works.
            if name.contains("_sha256_block_data_order") {
                known.insert(number);
            }
            if line.starts_with("fn=") {
                inside = known.contains(number);
            }
        } else if line.starts_with("calls=") {
            called = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let own = !std::mem::take(&mut called);
            if own && inside {
                sum += line
                    .split(' ')
                    .next_back()
                    .and_then(|cost| cost.parse::<f64>().ok())
                    .unwrap_or(0.0);
            }
        }
    }
    sum
}

fn control(pid: u32, said: &[&str]) -> Result<(), Failure> {
    let done = Command::new("callgrind_control")
        .args(said)
        .arg(pid.to_string())
        .output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&[done.stdout, done.stderr].concat())
        .into_owned()
        .into())
}

/// So many requests over eight kept connections.
async fn send(address: &str, setting: Setting, from: u64, count: u64) -> Result<(), Failure> {
    const CLIENTS: u64 = 8;
    let mut work = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let address = address.to_owned();
        let numbers = (from..from + count).filter(move |number| number % CLIENTS == client);
        work.spawn(client_of(address, setting, numbers.collect()));
    }
    while let Some(done) = work.join_next().await {
        done??;
    }
    Ok(())
}

async fn client_of(address: String, setting: Setting, numbers: Vec<u64>) -> Result<(), Failure> {
    let stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let path = setting.path();
    for number in numbers {
        let body = match setting {
            Setting::Get | Setting::Tls1 | Setting::Tls2 => Bytes::new(),
            _ => Bytes::from(document::document(number).to_string()),
        };
        let request = Request::builder()
            .method(if body.is_empty() { "GET" } else { "POST" })
            .uri(path)
            .header("host", &address)
            .header("x-api-key", KEY)
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::hashing;

    #[test]
    fn only_what_the_block_function_did_itself_is_counted() {
        let profile = "fn=(1) sha256_block_data_order\ncfn=(2) aws_lc_sha256_block_data_order_avx\ncalls=3 0\n5 900\n7 10\n\
                       fn=(2)\n+1 400\n* 500\nfn=(3) other\n9 70\ncfn=(2)\ncalls=1 0\n9 300\n";
        assert!((hashing(profile) - 900.0).abs() < f64::EPSILON);
    }
}
