//! What grows: start and first answer, memory at rest and per idle connection, memory while a large body passes, and the
//! instructions of a call as operations and consumers become many.

use super::count::{Measured, one};
use super::document;
use super::peers::{self, Size};
use super::process::Process;
use super::run::Setting;
use super::upstream::Many;
use crate::Failure;
use crate::setup::KEY;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Body;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// What to measure.
#[derive(clap::Args, Clone)]
pub(crate) struct Scaled {
    /// Parts to measure; all when none is named.
    #[arg(long, value_enum)]
    bagian: Vec<Part>,
    /// Idle connections held.
    #[arg(long, default_value_t = 9_500)]
    koneksi: usize,
    /// Bytes of the streamed bodies.
    #[arg(long, default_value_t = 1 << 30)]
    bita: u64,
    /// Times that starts are measured.
    #[arg(long, default_value_t = 5)]
    ulang: usize,
    /// Folder for journals and logs.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Start to the first answer, memory at rest.
    Mulai,
    /// Memory of idle connections.
    Diam,
    /// Memory while large bodies pass.
    Alir,
    /// Instructions by number of operations and consumers.
    Banyak,
}

struct Place<'a> {
    run: &'a Path,
    upstream: &'a str,
}

impl Place<'_> {
    /// A gateway of that size, the milliseconds until it answered a first time, and a connection to it.
    async fn start<B>(&self, size: Size, setting: Setting) -> Result<(Process, f64, SendRequest<B>), Failure>
    where
        B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
    {
        let command = peers::ours(setting, self.run, self.upstream, size)?;
        let begun = Instant::now();
        let process = Process::start("0-1", &command, &self.run.join("simpul.log"), true).await?;
        let address = process.first_word()?.to_owned();
        first(&address, setting).await?;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let sender = open(&address).await?;
        Ok((process, took, sender))
    }
}

/// Measures and prints.
pub(crate) async fn measure(ask: Scaled) -> Result<(), Failure> {
    let run = tempfile::tempdir_in(std::fs::canonicalize(&ask.folder)?)?;
    let program = std::env::current_exe()?.display().to_string();
    let upstream = Process::start("0-1", &[program, "hulu".to_owned()], &run.path().join("hulu.log"), true).await?;
    let place = Place {
        run: run.path(),
        upstream: upstream.said.trim(),
    };
    let wanted = |part| ask.bagian.is_empty() || ask.bagian.contains(&part);
    if wanted(Part::Mulai) {
        starts(&place, ask.ulang).await?;
    }
    if wanted(Part::Diam) {
        idle(&place, ask.koneksi).await?;
    }
    if wanted(Part::Alir) {
        streams(&place, ask.bita).await?;
    }
    if wanted(Part::Banyak) {
        many(&place).await?;
    }
    upstream.stop().await;
    Ok(())
}

async fn starts(place: &Place<'_>, times: usize) -> Result<(), Failure> {
    println!(
        "\n| operasi / operations | konsumen / consumers | mulai sampai jawaban pertama / start to first answer, ms | RSS MiB |\n|---|---|---|---|"
    );
    for operations in [0, 1_000] {
        let size = Size {
            operations,
            ..Size::default()
        };
        let (mut took, mut rss) = (Vec::new(), 0.0);
        for _ in 0..times.max(1) {
            let (process, ms, _sender) = place.start::<Empty<Bytes>>(size, Setting::Get).await?;
            tokio::time::sleep(Duration::from_secs(2)).await;
            took.push(ms);
            rss = process.rss();
            process.stop().await;
        }
        took.sort_by(f64::total_cmp);
        let middle = took.get(took.len() / 2).copied().unwrap_or(f64::NAN);
        println!("| {} | {} | {middle:.0} | {rss:.1} |", operations + 2, size.consumers);
    }
    println!("\n| operasi / operations | panggilan pertama / first call, ms | kedua / second |\n|---|---|---|");
    for operations in [0, 1_000] {
        let size = Size {
            operations,
            ..Size::default()
        };
        let (process, _, mut sender) = place.start(size, Setting::Get).await?;
        let mut times = Vec::new();
        for number in 0..2 {
            let body = Full::new(Bytes::from(document::document(number).to_string()));
            let begun = Instant::now();
            call(&mut sender, "POST", Setting::Policy.path(), body).await?;
            times.push(format!("{:.1}", begun.elapsed().as_secs_f64() * 1e3));
        }
        println!("| {} | {} |", operations + 2, times.join(" | "));
        process.stop().await;
    }
    Ok(())
}

async fn idle(place: &Place<'_>, connections: usize) -> Result<(), Failure> {
    let (process, _, _first) = place.start::<Empty<Bytes>>(Size::default(), Setting::Get).await?;
    let address = process.first_word()?.to_owned();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = process.rss();
    let mut held = Vec::new();
    for _ in 0..connections {
        let mut sender = open(&address).await?;
        call(&mut sender, "GET", Setting::Get.path(), Empty::new()).await?;
        held.push(sender);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = process.rss();
    let alive = held.iter().filter(|sender| !sender.is_closed()).count();
    println!(
        "\n{alive} koneksi diam setelah satu panggilan / idle connections after one call: {before:.1} → {after:.1} MiB, {:.1} KiB each",
        (after - before) * 1024.0 / alive.max(1) as f64
    );
    process.stop().await;
    Ok(())
}

async fn streams(place: &Place<'_>, bytes: u64) -> Result<(), Failure> {
    let (process, _, mut sender) = place.start(Size::default(), Setting::Get).await?;
    let before = process.rss();
    let begun = Instant::now();
    let said = call(&mut sender, "POST", "/asli/uji/buang", Many { left: bytes }).await?;
    if said.1 != bytes.to_string() {
        return Err(format!("{bytes} bytes were sent and {} arrived", said.1).into());
    }
    let up = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let (got, _) = call(&mut sender, "GET", &format!("/asli/uji/isi/{bytes}"), Many { left: 0 }).await?;
    if got != bytes {
        return Err(format!("{bytes} bytes were asked for and {got} arrived").into());
    }
    let down = begun.elapsed().as_secs_f64();
    let mib = bytes as f64 / f64::from(1 << 20);
    println!(
        "\n{mib:.0} MiB dikirim / sent {:.0} MiB/s, diambil / fetched {:.0} MiB/s; RSS {before:.1} MiB, puncak / peak {:.1} MiB",
        mib / up,
        mib / down,
        process.peak()
    );
    process.stop().await;
    Ok(())
}

async fn many(place: &Place<'_>) -> Result<(), Failure> {
    println!(
        "\n| operasi / operations | konsumen / consumers | get | policy (ribu instruksi / thousand instructions) |\n|---|---|---|---|"
    );
    let sizes = [
        (10, 1_000),
        (1_000, 1_000),
        (10_000, 1_000),
        (10, 10),
        (10, 10_000),
        (10, 100_000),
    ];
    for (operations, consumers) in sizes {
        let size = Size {
            operations: operations - 2,
            consumers,
        };
        let mut found = Vec::new();
        for setting in [Setting::Get, Setting::Policy] {
            let measured = Measured {
                setting,
                size,
                count: 1_000,
                keep: None,
            };
            found.push(format!("{:.1}", one(&measured, place.run, place.upstream).await?.0));
        }
        println!("| {operations} | {consumers} | {} |", found.join(" | "));
    }
    Ok(())
}

/// Asks until it answers.
async fn first(address: &str, setting: Setting) -> Result<(), Failure> {
    for _ in 0..5_000 {
        let sender = if setting.secured() {
            None
        } else {
            open(address).await.ok()
        };
        if let Some(mut sender) = sender
            && call(&mut sender, "GET", Setting::Get.path(), Empty::new())
                .await
                .is_ok()
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Err("it did not answer in five seconds".into())
}

async fn open<B>(address: &str) -> Result<SendRequest<B>, Failure>
where
    B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
{
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Bytes of the answer, and the answer when it is short.
async fn call<B>(sender: &mut SendRequest<B>, method: &str, path: &str, body: B) -> Result<(u64, String), Failure>
where
    B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
{
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "uji")
        .header("x-api-key", KEY)
        .header("content-type", "application/json")
        .body(body)?;
    sender.ready().await?;
    let mut answer = sender.send_request(request).await?;
    let status = answer.status();
    let (mut bytes, mut said) = (0, Vec::new());
    while let Some(frame) = answer.frame().await {
        if let Ok(data) = frame?.into_data() {
            bytes += data.len() as u64;
            if said.len() < 4096 {
                said.extend_from_slice(&data);
            }
        }
    }
    let said = String::from_utf8_lossy(&said).into_owned();
    if status.is_success() {
        Ok((bytes, said))
    } else {
        Err(format!("{status}: {said}").into())
    }
}
