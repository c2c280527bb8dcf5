//! `simpul evidence`: export the chain, and verify it offline, trusting nothing but arithmetic. Both work beside a running
//! gateway; neither changes anything.

use super::client::{self, Client, Remote, Trouble};
use super::exit::Exit;
use super::filter::encoded;
use super::say::Voice;
use crate::operator::evidence_row;
use bytes::Bytes;
use clap::{Args, Subcommand};
use gateway_core::evidence::verify::{Broken, Walk};
use gateway_core::journal::{EvidenceLink, MAIN_CHAIN};
use gateway_store::sqlite::EvidenceFile;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Links read at a time.
const PAGE: usize = 1000;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    /// Memeriksa rantai; menyebut catatan pertama yang rusak / verify; names the first bad record.
    Verify(Verify),
    /// Menulis rantai sebagai NDJSON, dari berkas jurnal atau gateway yang berjalan / write the chain as NDJSON.
    Export(Export),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    from: From,
    /// Posisi dan hash yang dicatat sebelumnya, harus dilalui / position and hash noted earlier: SEQ:HASH.
    #[arg(long, value_name = "SEQ:HASH", value_parser = noted)]
    kepala: Option<(i64, [u8; 32])>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct From {
    /// Berkas jurnal SQLite / SQLite journal file.
    #[arg(long, value_name = "BERKAS")]
    journal: Option<PathBuf>,
    /// Hasil ekspor / an export.
    #[arg(long, value_name = "BERKAS")]
    export: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Berkas jurnal SQLite; tanpa ini: dari gateway / SQLite journal file; left out: from the gateway.
    #[arg(long, value_name = "BERKAS")]
    journal: Option<PathBuf>,
    /// Berkas tujuan; bawaan: keluaran standar / file to write; default: standard output.
    #[arg(long, value_name = "BERKAS")]
    ke: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

fn noted(text: &str) -> Result<(i64, [u8; 32]), String> {
    let wrong = || "SEQ:HASH".to_owned();
    let (seq, hash) = text.split_once(':').ok_or_else(wrong)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(hash, &mut bytes).map_err(|_| wrong())?;
    Ok((seq.parse().map_err(|_| wrong())?, bytes))
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Evidence) -> Exit {
    match verb {
        Evidence::Verify(verify) => self::verify(voice, verify),
        Evidence::Export(export) => self::export(voice, export),
    }
}

/// Why verification or export ended early.
enum Ended {
    Broken(String, Broken),
    Unreadable(String),
}

fn unreadable(error: impl std::fmt::Display) -> Ended {
    Ended::Unreadable(error.to_string())
}

fn verify(voice: &Voice, options: &Verify) -> Exit {
    let heads = match (&options.from.journal, &options.from.export) {
        (Some(file), _) => of_journal(file, options.kepala),
        (None, Some(file)) => of_export(file, options.kepala),
        (None, None) => Err(unreadable("--journal / --export")),
    };
    match heads {
        Ok(heads) => {
            let chains: Vec<Value> = heads
                .iter()
                .map(|(chain, (seq, hash))| json!({"rantai": chain, "seq": seq, "hash": hex::encode(hash)}))
                .collect();
            voice.answer(&json!({"ok": true, "rantai": chains}), || {
                let line = |(chain, (seq, hash)): (&String, &(i64, [u8; 32]))| {
                    let id = format!("Rantai {chain} utuh: {seq} catatan. Kepala {seq}:{}", hex::encode(hash));
                    let en = format!(
                        "Chain {chain} is sound: {seq} records. Head {seq}:{}",
                        hex::encode(hash)
                    );
                    voice.pick(&id, &en).to_owned()
                };
                heads.iter().map(line).collect::<Vec<_>>().join("\n")
            });
            Exit::Fine
        }
        Err(Ended::Broken(chain, broken)) => {
            if voice.is_json() {
                let answer = json!({
                    "ok": false, "rantai": chain, "seq": broken.seq(), "sebab": broken.word(), "error": broken.to_string(),
                });
                voice.answer(&answer, String::new);
            } else {
                let id = format!(
                    "Rantai {chain} RUSAK pada catatan {}: {}",
                    broken.seq(),
                    indonesian(&broken)
                );
                let en = format!("Chain {chain} is BROKEN at record {}: {broken}", broken.seq());
                voice.note(voice.pick(&id, &en));
            }
            Exit::Failed
        }
        Err(Ended::Unreadable(why)) => voice
            .failed("bukti tidak dapat dibaca", "the evidence cannot be read", &why)
            .into(),
    }
}

fn indonesian(broken: &Broken) -> &'static str {
    match broken {
        Broken::Gap { .. } => "catatan ini hilang",
        Broken::Order { .. } => "urutannya salah di sini",
        Broken::Previous(_) => "tidak menyambung dengan catatan sebelumnya",
        Broken::Hash(_) => "catatan ini diubah",
        Broken::Noted(_) => "bukan yang dicatat sebelumnya, atau hilang",
    }
}

type Heads = BTreeMap<String, (i64, [u8; 32])>;

fn of_journal(file: &Path, noted: Option<(i64, [u8; 32])>) -> Result<Heads, Ended> {
    let journal = EvidenceFile::open(file).map_err(unreadable)?;
    let broken = |broken| Ended::Broken(MAIN_CHAIN.to_owned(), broken);
    let bar = bar(journal.newest().map_err(unreadable)?);
    let mut walk = Walk::new(noted);
    loop {
        let links = journal.after(walk.head().0, PAGE).map_err(unreadable)?;
        if links.is_empty() {
            break;
        }
        for link in &links {
            walk.step(link).map_err(broken)?;
        }
        bar.inc(links.len() as u64);
    }
    bar.finish_and_clear();
    let head = walk.end().map_err(broken)?;
    Ok(Heads::from([(MAIN_CHAIN.to_owned(), head)]))
}

fn of_export(file: &Path, noted: Option<(i64, [u8; 32])>) -> Result<Heads, Ended> {
    let open = File::open(file).map_err(|error| unreadable(format!("{}: {error}", file.display())))?;
    let mut walks: BTreeMap<String, Walk> = BTreeMap::new();
    for (number, line) in BufReader::new(open).lines().enumerate() {
        let line = line.map_err(unreadable)?;
        let (chain, link) =
            parsed(&line).ok_or_else(|| unreadable(format!("{}:{}: not a record", file.display(), number + 1)))?;
        let walk = walks
            .entry(chain.clone())
            .or_insert_with(|| Walk::new(noted.filter(|_| chain == MAIN_CHAIN)));
        walk.step(&link).map_err(|broken| Ended::Broken(chain, broken))?;
    }
    if let (Some(noted), false) = (noted, walks.contains_key(MAIN_CHAIN)) {
        return Err(Ended::Broken(MAIN_CHAIN.to_owned(), Broken::Noted(noted.0)));
    }
    walks
        .into_iter()
        .map(|(chain, walk)| match walk.end() {
            Ok(head) => Ok((chain, head)),
            Err(broken) => Err(Ended::Broken(chain, broken)),
        })
        .collect()
}

/// One line of an export.
fn parsed(line: &str) -> Option<(String, EvidenceLink)> {
    let row: Value = serde_json::from_str(line).ok()?;
    let hash = |name: &str| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(row.get(name)?.as_str()?, &mut bytes).ok()?;
        Some(bytes)
    };
    let record = match row.get("bita").and_then(Value::as_str) {
        Some(bytes) => hex::decode(bytes).ok()?,
        None => row.get("catatan")?.as_str()?.as_bytes().to_vec(),
    };
    let link = EvidenceLink {
        seq: row.get("seq")?.as_i64()?,
        previous: hash("sebelum")?,
        record: Bytes::from(record),
        hash: hash("hash")?,
    };
    Some((row.get("rantai")?.as_str()?.to_owned(), link))
}

fn export(voice: &Voice, options: &Export) -> Exit {
    let to: Box<dyn Write> = match &options.ke {
        Some(file) => match File::create(file) {
            Ok(open) => Box::new(BufWriter::new(open)),
            Err(error) => {
                let why = format!("{}: {error}", file.display());
                return voice.failed("tidak dapat ditulis", "cannot be written", &why).into();
            }
        },
        None => Box::new(BufWriter::new(std::io::stdout())),
    };
    match &options.journal {
        Some(file) => match from_journal(file, to) {
            Ok(count) => exported(voice, options, count),
            Err(Ended::Broken(_, broken)) => voice
                .failed("tidak dapat diekspor", "cannot be exported", &broken)
                .into(),
            Err(Ended::Unreadable(why)) => voice.failed("tidak dapat diekspor", "cannot be exported", &why).into(),
        },
        None => client::with(voice, &options.remote, |client| async move {
            let count = from_gateway(&client, to).await?;
            Ok(exported(voice, options, count))
        }),
    }
}

/// With the records on standard output, the count goes beside them.
fn exported(voice: &Voice, options: &Export, count: u64) -> Exit {
    let id = format!("{count} catatan diekspor.");
    let en = format!("{count} records exported.");
    let told = voice.pick(&id, &en);
    if options.ke.is_some() {
        voice.answer(&json!({"ok": true, "jumlah": count}), || told.to_owned());
    } else {
        voice.note(told);
    }
    Exit::Fine
}

fn from_journal(file: &Path, mut to: Box<dyn Write>) -> Result<u64, Ended> {
    let journal = EvidenceFile::open(file).map_err(unreadable)?;
    let bar = bar(journal.newest().map_err(unreadable)?);
    let (mut last, mut count) = (0, 0);
    loop {
        let links = journal.after(last, PAGE).map_err(unreadable)?;
        let Some(end) = links.last() else { break };
        last = end.seq;
        for link in &links {
            writeln!(to, "{}", evidence_row(MAIN_CHAIN, link)).map_err(unreadable)?;
        }
        count += links.len() as u64;
        bar.set_position(count);
    }
    bar.finish_and_clear();
    to.flush().map_err(unreadable)?;
    Ok(count)
}

async fn from_gateway(client: &Client, mut to: Box<dyn Write>) -> Result<u64, Trouble> {
    let wrong = |error: std::io::Error| Trouble::Usage(error.to_string());
    let chains = client.get("/bukti").await?;
    let mut count = 0;
    for chain in chains["rantai"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        let mut after = Some(0);
        while let Some(position) = after {
            let path = format!("/bukti?rantai={}&setelah={position}", encoded(chain));
            let page = client.get(&path).await?;
            for row in page["butir"].as_array().into_iter().flatten() {
                writeln!(to, "{row}").map_err(wrong)?;
                count += 1;
            }
            after = page["berikut"].as_i64();
        }
    }
    to.flush().map_err(wrong)?;
    Ok(count)
}

fn bar(length: i64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length.unsigned_abs());
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar
}
