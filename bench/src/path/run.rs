//! The rounds: every peer in turn, round by round, so that a machine whose speed drifts treats all alike. The figure to
//! trust is processor time per request; ratios are taken within a round and quoted as their median with least and most.

use super::drive::{How, Load, drive, prepare};
use super::peers::{Peer, Started, start};
use super::process::Process;
use super::{check, report};
use crate::Failure;
use std::path::Path;
use std::time::Duration;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Setting {
    /// GET of 1 KB passed through.
    Get,
    /// POST of 2 KB passed through.
    Post,
    /// The GET over TLS, HTTP/1.1.
    Tls1,
    /// The GET over TLS, HTTP/2.
    Tls2,
    /// POST of 2 KB: key, quota, schema, mapping, reply's schema, record in batches.
    Policy,
    /// The same, durable before it is sent.
    Durable,
}

impl Setting {
    /// Word of the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Tls1 => "tls1",
            Self::Tls2 => "tls2",
            Self::Policy => "policy",
            Self::Durable => "durable",
        }
    }

    /// Where Simpul takes it.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Policy => "/v1/uji/tanya",
            Self::Durable => "/v1/uji/kirim",
            Self::Get | Self::Post | Self::Tls1 | Self::Tls2 => "/asli/uji/api/warga/42",
        }
    }

    pub(crate) fn secured(self) -> bool {
        matches!(self, Self::Tls1 | Self::Tls2)
    }

    fn peers(self) -> Vec<Peer> {
        let able = |peer: &Peer| match self {
            Self::Get | Self::Post => true,
            Self::Tls1 | Self::Tls2 => *peer != Peer::Lantai,
            Self::Policy | Self::Durable => matches!(peer, Peer::Nginx | Peer::Simpul),
        };
        Peer::ALL.into_iter().filter(able).collect()
    }
}

/// What to do.
#[derive(clap::Args, Clone)]
pub(crate) struct Ask {
    /// Settings to measure; all when none is named.
    #[arg(long, value_enum)]
    skenario: Vec<Setting>,
    /// Peers to measure; all when none is named.
    #[arg(long, value_enum)]
    peserta: Vec<Peer>,
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    putaran: usize,
    /// Seconds of each peer in a round.
    #[arg(long, default_value_t = 6)]
    detik: u64,
    /// Connections at once.
    #[arg(long, default_value_t = 64)]
    koneksi: usize,
    /// Requests a second for honest percentiles; saturation without it.
    #[arg(long)]
    laju: Option<u64>,
    /// Processor of the peers.
    #[arg(long, default_value = "0")]
    cpu_jalur: String,
    /// Processor of the load and the upstream.
    #[arg(long, default_value = "1")]
    cpu_beban: String,
    /// Folder for journals and logs, on the disk to measure.
    #[arg(long, default_value = ".")]
    folder: std::path::PathBuf,
}

/// One peer in one round.
pub(crate) struct Row {
    pub(crate) peer: Peer,
    pub(crate) round: usize,
    /// Processor seconds per 100,000 requests.
    pub(crate) cost: f64,
    pub(crate) load: Load,
    pub(crate) rss: f64,
}

/// Measures and prints.
pub(crate) async fn measure(ask: Ask) -> Result<(), Failure> {
    const ALL: [Setting; 6] = [
        Setting::Get,
        Setting::Post,
        Setting::Tls1,
        Setting::Tls2,
        Setting::Policy,
        Setting::Durable,
    ];
    let run = tempfile::tempdir_in(std::fs::canonicalize(&ask.folder)?)?;
    open_to_workers(run.path())?;
    prepare(run.path())?;
    certificate(run.path())?;
    let program = std::env::current_exe()?.display().to_string();
    let log = run.path().join("upstream.log");
    let upstream = Process::start(&ask.cpu_beban, &[program, "hulu".to_owned()], &log, true).await?;
    report::head();
    let settings = if ask.skenario.is_empty() {
        ALL.to_vec()
    } else {
        ask.skenario.clone()
    };
    for setting in settings {
        let rows = rounds(&ask, setting, run.path(), upstream.said.trim()).await?;
        report::setting(setting, &rows);
    }
    upstream.stop().await;
    Ok(())
}

async fn rounds(ask: &Ask, setting: Setting, run: &Path, upstream: &str) -> Result<Vec<Row>, Failure> {
    let mut started: Vec<Started> = Vec::new();
    for peer in setting.peers() {
        if !ask.peserta.is_empty() && !ask.peserta.contains(&peer) {
            continue;
        }
        if peer.version().is_none() {
            println!("- {} is not installed and left out", peer.name());
            continue;
        }
        let peer = start(peer, setting, run, upstream, &ask.cpu_jalur).await?;
        check::works(&peer, setting, upstream).await?;
        started.push(peer);
    }
    let how = How {
        setting,
        connections: ask.koneksi,
        seconds: ask.detik,
        rate: ask.laju,
        run,
        cpu: &ask.cpu_beban,
    };
    for peer in &started {
        drive(&peer.url(setting), How { seconds: 2, ..how }).await?;
    }
    let mut rows = Vec::new();
    for round in 0..ask.putaran {
        for turn in 0..started.len() {
            let peer = &started[(round + turn) % started.len()];
            let before = peer.process.cpu();
            let load = drive(&peer.url(setting), how).await?;
            // Records of the last requests are written behind the answer and belong to the price.
            tokio::time::sleep(Duration::from_millis(300)).await;
            let spent = peer.process.cpu() - before;
            let row = Row {
                peer: peer.peer,
                round,
                cost: spent / load.requests.max(1.0) * 1e5,
                load,
                rss: peer.process.rss(),
            };
            report::row(setting, &row);
            rows.push(row);
        }
    }
    for peer in started {
        peer.process.stop().await;
    }
    Ok(rows)
}

fn certificate(run: &Path) -> Result<(), Failure> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    let (cert, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    std::fs::write(run.join("both.pem"), format!("{cert}{key}"))?;
    std::fs::write(run.join("cert.pem"), cert)?;
    Ok(std::fs::write(run.join("key.pem"), key)?)
}

/// Workers of peers may run as another user.
fn open_to_workers(run: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(run, std::fs::Permissions::from_mode(0o777))?)
}
