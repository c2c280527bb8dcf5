//! A set-up in a folder of its own, and the gateway that runs it as a child process.

use crate::{Failure, connector, database};
use gateway::config;
use gateway::core::time::Clock;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A key of the right form; nobody else's.
pub(crate) const KEY: &str = "smp_beban_0000000000000000000000000000000000000000000000000000000000000000";

/// What the gateway faces.
pub(crate) struct Plan<'a> {
    /// Whether the system takes calls, or keeps hours and is closed.
    pub open: bool,
    /// Where the system is.
    pub upstream: Option<SocketAddr>,
    /// Where it keeps its journal.
    pub journal: &'a database::Place,
}

/// Resident memory in MiB.
#[derive(Default)]
pub(crate) struct Memory {
    /// Most so far.
    pub peak: u64,
    /// Now.
    pub now: u64,
}

/// Of a process of ours.
pub(crate) fn memory(child: &Child) -> Memory {
    let status = child
        .id()
        .and_then(|id| std::fs::read_to_string(format!("/proc/{id}/status")).ok())
        .unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
        kib.unwrap_or(0) / 1024
    };
    Memory {
        peak: of("VmHWM:"),
        now: of("VmRSS:"),
    }
}

/// A gateway under measurement.
pub(crate) struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its operator port.
    pub operator: SocketAddr,
    child: Child,
}

impl Gateway {
    /// What it takes.
    pub(crate) fn memory(&self) -> Memory {
        memory(&self.child)
    }

    /// Asks it to stop and waits.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        drop(self.child.stdin.take());
        self.child.wait().await?;
        Ok(())
    }
}

/// A gateway over the plan's journal, with its set-up in `folder`.
pub(crate) async fn start_in(folder: &Path, plan: &Plan<'_>) -> Result<Gateway, Failure> {
    write(folder, plan)?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("gateway")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let out = child.stdout.take().ok_or("no output")?;
    let mut lines = BufReader::new(out).lines();
    let line = lines.next_line().await?.ok_or("the gateway did not start")?;
    let (address, operator) = line.trim().split_once(' ').ok_or("the gateway named one port only")?;
    Ok(Gateway {
        address: address.parse()?,
        operator: operator.parse()?,
        child,
    })
}

fn write(folder: &Path, plan: &Plan<'_>) -> Result<(), Failure> {
    let journal = plan.journal.lines(folder)?;
    let upstream = plan.upstream.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 9)));
    let hours = if plan.open { String::new() } else { closed() };
    let hash = gateway::operator::TokenHash::of(KEY).to_hex();
    std::fs::create_dir_all(folder.join("skema"))?;
    std::fs::write(folder.join("skema/beban.json"), connector::schema().to_string())?;
    std::fs::write(
        folder.join("simpul.toml"),
        format!(
            r#"
[simpul]
nama = "beban"
dengar = "127.0.0.1:0"
dengar_operator = "127.0.0.1:0"
utas = 1
[simpul.jurnal]
{journal}
[simpul.log]
tingkat = "error"
[[sistem]]
id = "beban"
konektor = "beban"
alamat = "http://{upstream}"
[sistem.auth]
jenis = "none"
[sistem.batas]
serentak = 64
{hours}
[[operasi]]
id = "{}"
metode = "POST"
jalur = "/v1/beban"
sistem = "beban"
[[konsumen]]
id = "beban"
nama = "Beban"
kunci = [{{ awalan = "beban", sha256 = "{hash}" }}]
[[konsumen.hak]]
operasi = ["{}"]
tujuan = "Uji beban"
dasar_hukum = "Uji"
perjanjian = "BEBAN-1"
per_menit = 100000000
"#,
            connector::OPERATION,
            connector::OPERATION,
        ),
    )?;
    Ok(())
}

/// Hours of service that are far from now: one minute, twelve hours away.
fn closed() -> String {
    let now = gateway::wiring::SystemClock.now().to_string();
    let hour = now.get(11..13).and_then(|h| h.parse::<u8>().ok()).unwrap_or(0);
    let open = (hour + 12) % 24;
    format!("jam_layanan = {{ zona = \"UTC\", dari = \"{open:02}:00\", sampai = \"{open:02}:01\" }}")
}

/// The child: runs the gateway until its standard input closes.
pub(crate) fn run(folder: &Path) -> Result<(), Failure> {
    let said = |complaints: Vec<config::Complaint>| -> Failure {
        complaints
            .iter()
            .map(|c| format!("{}: {}", c.place, c.what.en))
            .collect::<Vec<_>>()
            .join("\n")
            .into()
    };
    let checked = crate::path::checked(folder).map_err(said)?;
    let built = config::build(checked, &config::Machine, None).map_err(said)?;
    let running = gateway::wiring::start(built)?;
    println!("{} {}", running.public(), running.operator());
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    running.stop();
    Ok(())
}
