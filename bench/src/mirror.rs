//! A copy of many records: how fast it is pulled, how much memory that takes, and how long questions over it take.

use crate::setup::KEY;
use crate::{Failure, disk, setup};
use bytes::Bytes;
use gateway::sdk::{
    Built, Call, Connector, Descriptor, Factory, Fault, Mirror, MirrorSpec, NativeLimits, NativeReply, NativeRequest,
    Operation, Page, Pull, Reading, Record, RelativePath, Settings, Text, stream,
};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// Records of one page of the system.
const PAGE: u64 = 50_000;
/// For `config::check`.
pub(crate) const FACTORY: Factory = Factory { kind: "salinan", build };

fn build(_settings: &Settings) -> Built {
    let spec = MirrorSpec {
        id: "beban.salinan".into(),
        summary: Text::new("Salinan beban.", "A copy for load."),
        schema: "urn:simpul:skema:baris_beban:1".into(),
        key: vec!["/nomor".into()],
        every_s: 7 * 24 * 3600,
        max_shrink_percent: 10,
        max_pages: 10_000,
    };
    Ok(Arc::new(Copy {
        descriptor: Descriptor {
            id: "salinan".into(),
            title: Text::new("Beban", "Load"),
            owner: "Simpul".into(),
            native_version: "1".into(),
            documentation: "https://beban.invalid".into(),
            auth: vec!["none".into()],
            limits: NativeLimits::default(),
            operations: vec![],
            hooks: vec![],
            mirrors: vec![spec.clone()],
            errors: vec![],
            settings: vec![],
        },
        spec,
    }))
}

struct Copy {
    descriptor: Descriptor,
    spec: MirrorSpec,
}

impl Connector for Copy {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, _id: &str) -> Option<&dyn Operation> {
        None
    }
    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        (id == self.spec.id).then_some(self as &dyn Mirror)
    }
}

impl Mirror for Copy {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }
    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let from = pull.cursor.as_deref().unwrap_or("0");
        Ok(NativeRequest::get("tarik", RelativePath::of("baris")).query("dari", from))
    }
    fn page(&self, _call: &Call<'_>, _pull: &Pull, _reply: &NativeReply) -> Result<Page, Fault> {
        Err(Fault::drift("pages are read record by record"))
    }
    fn open<'a>(&'a self, _call: &Call<'a>, _pull: &'a Pull, reply: &'a NativeReply) -> Result<Reading<'a>, Fault> {
        let beside = stream::beside(&reply.body, "butir")?;
        let record = |item: Result<&[u8], Fault>| {
            let value: Value = serde_json::from_slice(item?).map_err(|_| Fault::drift("a record is not JSON"))?;
            Ok(Record::from(value))
        };
        Ok(Reading {
            records: Box::new(stream::member(&reply.body, "butir")?.map(record)),
            next: beside.get("lanjut").and_then(Value::as_str).map(str::to_owned),
            total: beside.get("total").and_then(Value::as_u64),
            lacking: None,
        })
    }
}

fn schema() -> Value {
    let text = |id: &str, en: &str| json!({"description": id, "x-en": en, "type": "string", "maxLength": 400});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:simpul:skema:baris_beban:1",
        "title": "Baris beban", "description": "Baris beban.", "x-en": {"title": "Load line", "description": "Load line."},
        "type": "object",
        "properties": {
            "nomor": text("Nomor.", "Number."), "satker": text("Satuan kerja.", "Work unit."),
            "tanggal": text("Tanggal.", "Date."), "status": text("Status.", "State."),
            "nilai": text("Nilai.", "Amount."), "uraian": text("Uraian.", "Description."),
        },
        "required": ["nomor"],
        "unevaluatedProperties": false,
    })
}

/// One invented record, about 300 bytes; spread without a source of chance.
fn record(n: u64) -> String {
    let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let amount = 1_000_000 + mixed % 687_174_554_632;
    format!(
        "{{\"nomor\":\"B-{n:09}\",\"satker\":\"1.01.2.19.0.00.{:02}.0000\",\"tanggal\":\"2026-{:02}-{:02}\",\"status\":\"{}\",\
         \"nilai\":\"{amount}.{:04}\",\"uraian\":\"Belanja contoh nomor {n} untuk uji beban salinan, {}\"}}",
        mixed % 60,
        1 + mixed % 12,
        1 + mixed % 28,
        ["selesai", "berjalan", "gagal"][(mixed % 3) as usize],
        mixed % 10_000,
        "uraian yang panjangnya seperti di lapangan ".repeat(2),
    )
}

async fn system(total: u64) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(move |request: Request<Incoming>| async move {
                let query = request.uri().query().unwrap_or_default();
                let from: u64 = query.rsplit('=').next().and_then(|n| n.parse().ok()).unwrap_or(0);
                let to = (from + PAGE).min(total);
                let next = if to < total {
                    format!("\"{to}\"")
                } else {
                    "null".to_owned()
                };
                let rows: Vec<String> = (from..to).map(record).collect();
                let mut body = String::new();
                let _ = write!(
                    body,
                    "{{\"butir\":[{}],\"lanjut\":{next},\"total\":{total}}}",
                    rows.join(",")
                );
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(body))))
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok(address)
}

fn write(folder: &Path, upstream: SocketAddr, journal: &str) -> Result<(), Failure> {
    let hash = gateway::operator::TokenHash::of(KEY).to_hex();
    std::fs::create_dir_all(folder.join("skema"))?;
    std::fs::write(folder.join("skema/baris.json"), schema().to_string())?;
    let text = format!(
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
konektor = "salinan"
alamat = "http://{upstream}"
[sistem.auth]
jenis = "none"
[sistem.pengiriman]
tenggat = "120s"
[sistem.batas]
jawaban_maks = "64 MiB"
[[salinan]]
id = "beban"
sistem = "beban"
salinan = "beban.salinan"
alamat = "/v1/beban"
bidang = {{ satker = "/satker", tanggal = "/tanggal", status = "/status", nilai = "/nilai" }}
angka = ["nilai"]
indeks = ["satker", "tanggal", "status", "nilai", "satker+tanggal", "status+nilai"]
[[konsumen]]
id = "beban"
nama = "Beban"
kunci = [{{ awalan = "beban", sha256 = "{hash}" }}]
[[konsumen.hak]]
operasi = ["salinan.beban"]
tujuan = "Uji beban"
dasar_hukum = "Uji"
perjanjian = "BEBAN-1"
per_menit = 100000000
"#
    );
    Ok(std::fs::write(folder.join("simpul.toml"), text)?)
}

/// Child with its address.
async fn start(folder: &Path) -> Result<(Child, SocketAddr), Failure> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("gateway")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let out = child.stdout.take().ok_or("no output")?;
    let line = BufReader::new(out).lines().next_line().await?;
    let line = line.ok_or("the gateway did not start")?;
    let address = line.split(' ').next().unwrap_or_default().parse()?;
    Ok((child, address))
}

struct Client {
    sender: hyper::client::conn::http1::SendRequest<Empty<Bytes>>,
}

impl Client {
    async fn new(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    async fn get(&mut self, target: &str) -> Result<Value, Failure> {
        let request = Request::get(target)
            .header("host", "beban.invalid")
            .header("x-api-key", KEY)
            .body(Empty::new())?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            return Err(format!("{target}: {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

/// The query of the nth question of a kind.
type Question = fn(usize) -> String;

/// Pulls, then asks.
pub(crate) async fn measure(
    records: u64,
    questions: usize,
    place: &Path,
    database: Option<&str>,
) -> Result<(), Failure> {
    let upstream = system(records).await?;
    let folder = tempfile::tempdir_in(place)?;
    let journal = match database {
        Some(variable) => {
            // Nodes on a shared journal have one master key; this one is made for the run.
            let master = folder.path().join("induk");
            std::fs::write(&master, "07".repeat(32))?;
            // A schema of its own: what an earlier run left would be taken for a pull that took no time.
            let schema = format!("uji_beban_salinan_{}", std::process::id());
            println!("skema {schema}; sesudahnya: DROP SCHEMA {schema} CASCADE\n");
            format!(
                "jenis = \"postgres\"\nkoneksi = {{ env = \"{variable}\" }}\nskema = \"{schema}\"\n\
                 kunci_induk = {{ file = \"{}\" }}",
                master.display()
            )
        }
        None => format!("berkas = \"{}\"", folder.path().join("jurnal.sqlite").display()),
    };
    write(folder.path(), upstream, &journal)?;
    let begun = Instant::now();
    let (mut child, address) = start(folder.path()).await?;
    let mut client = Client::new(address).await?;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if client.get("/v1/beban?batas=1").await?["diperbarui_pada"].is_string() {
            break;
        }
    }
    let took = begun.elapsed();
    let raw = disk::appends_per_second(place, 1024, 1, Duration::from_secs(2))?;
    println!("| jurnal | rekaman | ditarik/s | memori puncak MiB | cakram: tambah+fdatasync/s |");
    println!("|---|---|---|---|---|");
    let engine = if database.is_some() { "PostgreSQL" } else { "SQLite" };
    let rate = records as f64 / took.as_secs_f64();
    println!(
        "| {engine} | {records} | {rate:.0} | {} | {raw:.0} |\n",
        setup::memory(&child).peak
    );
    println!("| pertanyaan | p50 ms | p95 ms | p99 ms |");
    println!("|---|---|---|---|");
    let kinds: [(&str, Question); 6] = [
        ("satu rekaman", |n| format!("kunci=B-{:09}", n * 7919)),
        ("satu satker menurut tanggal", |n| {
            format!("satker=1.01.2.19.0.00.{:02}.0000&urut=-tanggal", n % 60)
        }),
        ("satu satker, sebulan", |n| {
            let (unit, month) = (n % 60, 1 + n % 12);
            format!(
                "satker=1.01.2.19.0.00.{unit:02}.0000&tanggal.dari=2026-{month:02}-01&tanggal.sampai=2026-{month:02}-31&urut=tanggal"
            )
        }),
        ("status menurut nilai", |n| {
            format!("status={}&urut=-nilai", ["selesai", "berjalan", "gagal"][n % 3])
        }),
        ("batas nilai", |n| {
            format!(
                "nilai.dari={}&urut=nilai",
                1_000_000 + n as u64 * 1_000_000_007 % 687_174_554_632
            )
        }),
        ("satker dan status tanpa indeks gabungan", |n| {
            format!("satker=1.01.2.19.0.00.{:02}.0000&status=gagal", n % 60)
        }),
    ];
    for (name, question) in kinds {
        let mut times = Vec::with_capacity(questions);
        for n in 0..questions {
            let target = format!(
                "/v1/beban?{}",
                question(n % usize::try_from(records / 7919).unwrap_or(1).max(1))
            );
            let one = Instant::now();
            client.get(&target).await?;
            times.push(one.elapsed());
        }
        times.sort_unstable();
        let at = |share: f64| {
            times
                .get(((times.len() as f64 - 1.0) * share) as usize)
                .copied()
                .unwrap_or_default()
        };
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "| {name} | {:.1} | {:.1} | {:.1} |",
            ms(at(0.5)),
            ms(at(0.95)),
            ms(at(0.99))
        );
    }
    // Pages of a hundred, deep into the set.
    let (mut cursor, mut times) = (None::<String>, Vec::new());
    for _ in 0..questions {
        let more = cursor.as_ref().map(|c| format!("&kursor={c}")).unwrap_or_default();
        let one = Instant::now();
        let page = client.get(&format!("/v1/beban?urut=nilai{more}")).await?;
        times.push(one.elapsed());
        cursor = page["kursor_berikut"].as_str().map(str::to_owned);
    }
    times.sort_unstable();
    let at = |share: f64| {
        times
            .get(((times.len() as f64 - 1.0) * share) as usize)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "| halaman demi halaman menurut nilai | {:.1} | {:.1} | {:.1} |",
        at(0.5).as_secs_f64() * 1e3,
        at(0.95).as_secs_f64() * 1e3,
        at(0.99).as_secs_f64() * 1e3
    );
    drop(child.stdin.take());
    child.wait().await?;
    Ok(())
}
