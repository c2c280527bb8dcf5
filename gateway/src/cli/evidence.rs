//! `simpul evidence`: export, verify, prove. Verification is offline and trusts nothing but the public key; it needs no
//! gateway and no configuration. What is exported comes from a running gateway or from a journal file.

mod keys;
mod show;
mod source;
mod verify;

use super::client::{Remote, Trouble};
use super::exit::Exit;
use super::say::Voice;
use clap::{Args, Subcommand};
use gateway_core::evidence::{archive, proof, search};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::EvidenceLink;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use source::Source;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    /// Memeriksa arsip, bukti satu pertukaran, atau jurnal; menyebut catatan pertama yang rusak / verify offline.
    Verify(verify::Verify),
    /// Menulis ikatan bertanda tangan ke satu arsip / write signed batches into one archive.
    Export(Export),
    /// Bukti bahwa satu pertukaran tercatat, dapat diperiksa sendiri / an inclusion proof that verifies alone.
    Prove(Prove),
    /// Kunci publik yang menandatangani bukti, kini dan dulu / the public keys that sign evidence, now and before.
    Key(From),
}

/// Where evidence comes from.
#[derive(Debug, Args)]
pub(super) struct From {
    /// Berkas jurnal SQLite; tanpa ini: dari gateway / SQLite journal file; left out: from the gateway.
    #[arg(long, value_name = "BERKAS")]
    journal: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

impl From {
    /// A journal file.
    fn of(file: &Path) -> Self {
        Self {
            journal: Some(file.to_owned()),
            remote: Remote::default(),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    from: From,
    /// Ikatan yang ditandatangani sejak tanggal (WIB) atau saat ini / signed from this day (WIB) or moment on.
    #[arg(long, value_name = "TANGGAL", value_parser = begin)]
    dari: Option<Timestamp>,
    /// Sampai akhir tanggal ini (WIB), atau sebelum saat ini / up to the end of this day (WIB), or before this moment.
    #[arg(long, value_name = "TANGGAL", value_parser = end)]
    sampai: Option<Timestamp>,
    /// Berkas tujuan / file to write.
    #[arg(value_name = "BERKAS")]
    berkas: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Prove {
    /// Pertukaran / exchange.
    #[arg(value_name = "ID")]
    id: uuid::Uuid,
    #[command(flatten)]
    from: From,
    /// Berkas tujuan; bawaan: keluaran standar / file to write; default: standard output.
    #[arg(long, value_name = "BERKAS")]
    ke: Option<PathBuf>,
}

/// The zone that dates are in.
const ZONE: &str = "Asia/Jakarta";

fn begin(text: &str) -> Result<Timestamp, String> {
    moment(text, 0)
}

fn end(text: &str) -> Result<Timestamp, String> {
    moment(text, 1)
}

fn moment(text: &str, days: i64) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let wrong = |error: jiff::Error| error.to_string();
    let date: Date = text.parse().map_err(wrong)?;
    let day = date.checked_add(days.days()).map_err(wrong)?;
    let zone = TimeZone::get(ZONE).map_err(wrong)?;
    zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
        .map_err(wrong)
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Evidence) -> Exit {
    match verb {
        Evidence::Verify(options) => verify::verify(voice, options),
        Evidence::Export(options) => source::with(voice, &options.from, async |source| {
            export(voice, options, &source).await
        }),
        Evidence::Prove(options) => source::with(voice, &options.from, async |source| {
            prove(voice, options, &source).await
        }),
        Evidence::Key(from) => source::with(voice, from, async |source| keys::show(voice, &source.keys().await?)),
    }
}

async fn export(voice: &Voice, options: &Export, source: &Source) -> Result<Exit, Trouble> {
    let wrong = |error: std::io::Error| Trouble::Usage(format!("{}: {error}", options.berkas.display()));
    // What happened until now belongs to an export made now.
    source.bind().await?;
    let within =
        |at: Timestamp| options.dari.is_none_or(|begin| at >= begin) && options.sampai.is_none_or(|end| at < end);
    let mut chosen = Vec::new();
    let mut after = 0;
    loop {
        let batches = source.batches(after).await?;
        let Some(last) = batches.last() else { break };
        after = last.number;
        for batch in batches {
            match batch.read() {
                Some(statement) if within(statement.at) => chosen.push((batch, statement)),
                Some(_) => {}
                None => return Err(Trouble::Usage(format!("{}: ?", batch.number))),
            }
        }
    }
    // Clocks may jump; numbers do not: an archive has no holes.
    let numbers = chosen
        .first()
        .zip(chosen.last())
        .map(|(first, last)| (first.0.number, last.0.number));
    let Some((first, last)) = numbers.filter(|(first, last)| last - first + 1 == chosen.len() as i64) else {
        voice.failed(
            "tidak ada yang diekspor",
            "nothing was exported",
            &voice.pick(
                "tidak ada ikatan bertanda tangan pada rentang itu, atau rentangnya berlubang",
                "there is no signed batch in that range, or the range has holes",
            ),
        );
        return Ok(Exit::Missing);
    };
    let total: usize = chosen.iter().map(|(_, statement)| statement.count()).sum();
    let bar = show::bar(voice, total as u64);
    let mut to = BufWriter::new(File::create(&options.berkas).map_err(wrong)?);
    archive::begin(&mut to, (first, last)).map_err(wrong)?;
    for (batch, statement) in &chosen {
        archive::batch(&mut to, batch).map_err(wrong)?;
        for part in &statement.parts {
            let mut written = part.first - 1;
            while written < part.last {
                let links = source.links(&part.chain, written).await?;
                let links: Vec<EvidenceLink> = links.into_iter().take_while(|link| link.seq <= part.last).collect();
                // A record that is gone stays gone in the archive; the verification names it.
                let Some(end) = links.last() else { break };
                written = end.seq;
                for link in &links {
                    archive::record(&mut to, link).map_err(wrong)?;
                }
                bar.inc(links.len() as u64);
            }
        }
    }
    to.flush().map_err(wrong)?;
    to.get_ref().sync_all().map_err(wrong)?;
    bar.finish_and_clear();
    let answer = json!({"ok": true, "ikatan": chosen.len(), "dari": first, "sampai": last, "catatan": total});
    voice.answer(&answer, || {
        let id = format!(
            "{total} catatan dalam {} ikatan ({first}–{last}) diekspor.",
            chosen.len()
        );
        let en = format!("{total} records in {} batches ({first}–{last}) exported.", chosen.len());
        voice.pick(&id, &en).to_owned()
    });
    Ok(Exit::Fine)
}

async fn prove(voice: &Voice, options: &Prove, source: &Source) -> Result<Exit, Trouble> {
    source.bind().await?;
    let id = ExchangeId(options.id);
    let proofs = match source {
        Source::Gateway(client) => client.get(&format!("/bukti/pertukaran/{id}")).await?["bukti"].clone(),
        Source::File(_) => in_file(source, id).await?,
    };
    let count = proofs.as_array().map_or(0, Vec::len);
    if count == 0 {
        let why = voice.pick(
            "catatannya belum ada atau belum ditandatangani",
            "there is no signed record of it",
        );
        voice.failed("tidak ada bukti", "no proof", &why);
        return Ok(Exit::Missing);
    }
    let document = json!({ "pertukaran": id.to_string(), "bukti": proofs });
    let Some(file) = &options.ke else {
        voice.answer(&document, || document.to_string());
        return Ok(Exit::Fine);
    };
    std::fs::write(file, format!("{document}\n"))
        .map_err(|error| Trouble::Usage(format!("{}: {error}", file.display())))?;
    voice.answer(&json!({"ok": true, "catatan": count}), || {
        let id = format!("{count} catatan pertukaran ini dibuktikan.");
        let en = format!("{count} records of this exchange are proved.");
        voice.pick(&id, &en).to_owned()
    });
    Ok(Exit::Fine)
}

/// A file has no clock to trust: all of it is looked through.
async fn in_file(source: &Source, id: ExchangeId) -> Result<Value, Trouble> {
    let (mut proofs, mut after) = (Vec::new(), 0);
    loop {
        let batches = source.batches(after).await?;
        let Some(last) = batches.last() else { break };
        after = last.number;
        for batch in &batches {
            let Some(statement) = batch.read() else { continue };
            let mut links = Vec::with_capacity(statement.count());
            for part in &statement.parts {
                let mut read = part.first - 1;
                while read < part.last {
                    let page = source.links(&part.chain, read).await?;
                    let Some(end) = page.last() else { break };
                    read = end.seq;
                    links.extend(page.into_iter().filter(|link| link.seq <= part.last));
                }
            }
            let places = search::places(&statement, &links, id.to_string().as_bytes());
            proofs.extend(
                places
                    .iter()
                    .filter_map(|(chain, seq)| proof::prove(batch, &links, chain, *seq)),
            );
        }
    }
    serde_json::to_value(proofs).map_err(|error| Trouble::Usage(error.to_string()))
}
