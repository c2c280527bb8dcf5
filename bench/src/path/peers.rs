//! Who is measured: Simpul, and proxies that people would put in its place, each set up to do the same work. A peer that
//! is not installed is left out and named.

use super::process::Process;
use super::{document, run::Setting};
use crate::setup::KEY;
use crate::{Failure, connector, mirror};
use gateway::config;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// A peer's name and how it is started.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Peer {
    /// The gateway.
    Simpul,
    /// nginx, with Lua on the policy path.
    Nginx,
    /// HAProxy.
    Haproxy,
    /// Bare hyper, which forwards and nothing else.
    Lantai,
}

/// Consumers in every key table.
const CONSUMERS: usize = 1000;

/// How large the gateway's set-up is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) consumers: usize,
    /// Operations beside the two that are called.
    pub(crate) operations: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            consumers: CONSUMERS,
            operations: 0,
        }
    }
}

impl Peer {
    pub(crate) const ALL: [Self; 4] = [Self::Nginx, Self::Haproxy, Self::Lantai, Self::Simpul];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simpul => "simpul",
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Lantai => "lantai",
        }
    }

    /// The version line of its program, or `None` when there is none.
    pub(crate) fn version(self) -> Option<String> {
        let (program, argument) = match self {
            Self::Simpul => return Some(format!("simpul {}", env!("CARGO_PKG_VERSION"))),
            Self::Lantai => return Some("hyper, forwarding only".to_owned()),
            Self::Nginx => ("nginx", "-v"),
            Self::Haproxy => ("haproxy", "-v"),
        };
        let output = std::process::Command::new(program).arg(argument).output().ok()?;
        let said = [output.stdout, output.stderr].concat();
        Some(String::from_utf8_lossy(&said).lines().next()?.trim().to_owned())
    }
}

/// A started peer and where its doors are.
pub(crate) struct Started {
    pub(crate) peer: Peer,
    pub(crate) process: Process,
    plain: String,
    tls: String,
    policy: String,
}

impl Started {
    /// Base address for a setting.
    pub(crate) fn url(&self, setting: Setting) -> String {
        match (setting, self.peer) {
            (Setting::Get | Setting::Post, _) => self.plain.clone(),
            (Setting::Tls1 | Setting::Tls2, _) => self.tls.clone(),
            (Setting::Policy | Setting::Durable, Peer::Simpul) => format!("{}{}", self.policy, setting.path()),
            (Setting::Policy | Setting::Durable, _) => format!("{}/permohonan", self.policy),
        }
    }
}

/// Starts a peer for a setting; Simpul listens either plainly or with TLS.
pub(crate) async fn start(
    peer: Peer,
    setting: Setting,
    run: &Path,
    upstream: &str,
    cpu: &str,
) -> Result<Started, Failure> {
    let log = run.join(format!("{}.log", peer.name()));
    let [plain, tls, policy] = [free()?, free()?, free()?];
    let http = |port: u16| format!("http://127.0.0.1:{port}/api/warga/42");
    let https = |port: u16| format!("https://127.0.0.1:{port}/api/warga/42");
    let fill = |text: &str| {
        text.replace("@RUN@", &run.display().to_string())
            .replace("@UPSTREAM@", upstream)
            .replace("@PLAIN@", &plain.to_string())
            .replace("@TLS@", &tls.to_string())
            .replace("@POLICY@", &policy.to_string())
    };
    match peer {
        Peer::Nginx => {
            let lua = lua();
            let text = include_str!("../../peers/nginx.conf")
                .replace("@MODULES@", lua.as_deref().unwrap_or_default())
                .replace(
                    "@POLICYSERVER@",
                    if lua.is_some() {
                        include_str!("../../peers/nginx-policy.conf")
                    } else {
                        ""
                    },
                );
            std::fs::write(run.join("policy.lua"), include_str!("../../peers/policy.lua"))?;
            std::fs::write(run.join("keys.nginx"), keys())?;
            std::fs::write(run.join("nginx.conf"), fill(&text))?;
            let command = [
                "nginx",
                "-p",
                &run.display().to_string(),
                "-c",
                &run.join("nginx.conf").display().to_string(),
            ];
            let process = Process::start(cpu, &command.map(str::to_owned), &log, false).await?;
            Ok(Started {
                peer,
                process,
                plain: http(plain),
                tls: https(tls),
                policy: format!("http://127.0.0.1:{policy}"),
            })
        }
        Peer::Haproxy => {
            std::fs::write(run.join("haproxy.cfg"), fill(include_str!("../../peers/haproxy.cfg")))?;
            let command = ["haproxy", "-db", "-f", &run.join("haproxy.cfg").display().to_string()];
            let process = Process::start(cpu, &command.map(str::to_owned), &log, false).await?;
            Ok(Started {
                peer,
                process,
                plain: http(plain),
                tls: https(tls),
                policy: String::new(),
            })
        }
        Peer::Lantai => {
            let program = std::env::current_exe()?.display().to_string();
            let command = [program, "lantai".to_owned(), upstream.to_owned()];
            let process = Process::start(cpu, &command, &log, true).await?;
            let plain = format!("http://{}/api/warga/42", process.first_word()?);
            Ok(Started {
                peer,
                process,
                plain,
                tls: String::new(),
                policy: String::new(),
            })
        }
        Peer::Simpul => {
            let command = ours(setting, run, upstream, Size::default())?;
            let process = Process::start(cpu, &command, &log, true).await?;
            let address = process.first_word()?.to_owned();
            let scheme = if setting.secured() { "https" } else { "http" };
            let base = format!("{scheme}://{address}");
            let native = format!("{base}/asli/uji/api/warga/42");
            Ok(Started {
                peer,
                process,
                plain: native.clone(),
                tls: native,
                policy: base,
            })
        }
    }
}

/// Sets the gateway up afresh; the command that runs it.
pub(crate) fn ours(setting: Setting, run: &Path, upstream: &str, size: Size) -> Result<[String; 3], Failure> {
    let folder = run.join("simpul");
    let _ = std::fs::remove_dir_all(&folder);
    write(&folder, upstream, setting.secured().then(|| run.to_path_buf()), size)?;
    let program = std::env::current_exe()?.display().to_string();
    Ok([program, "gateway".to_owned(), folder.display().to_string()])
}

/// The key that everybody accepts, of the consumer in the middle of the table.
fn keys() -> String {
    (0..CONSUMERS)
        .map(|n| format!("\"{}\" \"konsumen-{n:04}\";\n", key(n, CONSUMERS)))
        .collect()
}

fn key(n: usize, of: usize) -> String {
    if n == of / 2 {
        KEY.to_owned()
    } else {
        format!("smp_uji{n}_{:064x}", n + 1)
    }
}

fn lua() -> Option<String> {
    let folder = Path::new("/usr/lib/nginx/modules");
    let both = ["ndk_http_module.so", "ngx_http_lua_module.so"].map(|name| folder.join(name));
    both.iter().all(|module| module.exists()).then(|| {
        both.map(|module| format!("load_module {};", module.display()))
            .join("\n")
    })
}

fn free() -> Result<u16, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn write(folder: &Path, upstream: &str, tls: Option<PathBuf>, size: Size) -> Result<(), Failure> {
    std::fs::create_dir_all(folder.join("skema"))?;
    for (name, schema) in document::schemas() {
        std::fs::write(folder.join("skema").join(name), schema.to_string())?;
    }
    let tls = tls.map_or(String::new(), |run| {
        let run = run.display();
        format!("[simpul.tls]\nsertifikat = \"{run}/cert.pem\"\nkunci = {{ file = \"{run}/key.pem\" }}\n")
    });
    // A file holds at most 8 MiB.
    for from in (0..size.consumers).step_by(10_000) {
        let some: String = (from..size.consumers.min(from + 10_000))
            .map(|n| consumer(n, &key(n, size.consumers)))
            .collect();
        std::fs::write(folder.join(format!("konsumen-{from}.toml")), some)?;
    }
    let others: String = (0..size.operations).map(other).collect();
    let (ask, write) = (document::ASK, document::WRITE);
    let journal = folder.join("jurnal.sqlite");
    let text = format!(
        r#"
[simpul]
nama = "uji"
dengar = "127.0.0.1:0"
dengar_operator = "127.0.0.1:0"
utas = 1
{tls}
[simpul.jurnal]
berkas = "{}"
[simpul.log]
tingkat = "warn"
[[sistem]]
id = "uji"
konektor = "uji"
alamat = "http://{upstream}"
[sistem.auth]
jenis = "none"
[sistem.batas]
serentak = 512
[sistem.asli]
jalur = ["/"]
metode = ["GET", "POST"]
permintaan_maks = "8 GiB"
[sistem.pengaturan]
lain = {}
[[operasi]]
id = "{ask}"
metode = "POST"
jalur = "/v1/uji/tanya"
sistem = "uji"
[[operasi]]
id = "{write}"
metode = "POST"
jalur = "/v1/uji/kirim"
sistem = "uji"
{others}"#,
        journal.display(),
        size.operations,
    );
    Ok(std::fs::write(folder.join("simpul.toml"), text)?)
}

fn other(n: usize) -> String {
    format!(
        "[[operasi]]\nid = \"{}\"\nmetode = \"POST\"\njalur = \"/v1/lain/{n}/tanya\"\nsistem = \"uji\"\n",
        document::other(n)
    )
}

fn consumer(n: usize, key: &str) -> String {
    let hash = gateway::operator::TokenHash::of(key).to_hex();
    let prefix = key.split('_').nth(1).unwrap_or_default();
    let (ask, write) = (document::ASK, document::WRITE);
    format!(
        r#"[[konsumen]]
id = "konsumen-{n:04}"
nama = "Konsumen {n}"
kunci = [{{ awalan = "{prefix}", sha256 = "{hash}" }}]
[[konsumen.hak]]
operasi = ["{ask}", "{write}", "asli.uji"]
tujuan = "Uji beban"
dasar_hukum = "Uji"
perjanjian = "UJI-1"
per_menit = 100000000
"#
    )
}

/// For the child: this set-up's connector beside the others.
pub(crate) fn check(folder: &Path) -> Result<config::Checked, Vec<config::Complaint>> {
    let raw = config::parse(&config::load(folder)?);
    config::check(&raw, &[connector::FACTORY, mirror::FACTORY, document::FACTORY])
}
