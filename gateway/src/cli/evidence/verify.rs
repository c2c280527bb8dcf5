//! `simpul evidence verify`: archives one after the other, the proof of one exchange, or a whole journal file.

use super::super::client::Trouble;
use super::super::exit::Exit;
use super::super::say::Voice;
use super::source::{Source, with};
use super::{From, keys, show};
use clap::Args;
use gateway_core::evidence::archive::{self, Ended};
use gateway_core::evidence::check::{Finding, Verifier};
use gateway_core::evidence::proof::{self, Proof, Unproven};
use gateway_core::journal::EvidenceLink;
use serde::Deserialize;
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Arsip menurut urutan, atau bukti dari `prove` / archives in order, or a proof of `prove`.
    #[arg(
        value_name = "BERKAS",
        required_unless_present = "journal",
        conflicts_with = "journal",
        requires = "kunci"
    )]
    berkas: Vec<PathBuf>,
    /// Berkas jurnal SQLite, juga selagi gateway berjalan / SQLite journal file, beside a running gateway too.
    #[arg(long, value_name = "BERKAS")]
    journal: Option<PathBuf>,
    /// Berkas kunci publik yang dipercaya, dari `simpul evidence key` / file of trusted public keys.
    #[arg(long, value_name = "BERKAS")]
    kunci: Option<PathBuf>,
    /// Kepala yang dicatat sebelumnya, harus dilalui / head noted earlier, to be passed through: NOMOR:HASH.
    #[arg(long, value_name = "NOMOR:HASH", value_parser = noted)]
    kepala: Option<(i64, [u8; 32])>,
}

fn noted(text: &str) -> Result<(i64, [u8; 32]), String> {
    let wrong = || "NOMOR:HASH".to_owned();
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    Ok((
        number.parse().map_err(|_| wrong())?,
        keys::parse(hash).ok_or_else(wrong)?,
    ))
}

/// A document of `prove`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proofs {
    pertukaran: String,
    bukti: Vec<Proof>,
}

pub(super) fn verify(voice: &Voice, options: &Verify) -> Exit {
    let trusted = match options.kunci.as_deref().map(keys::read).transpose() {
        Ok(keys) => keys,
        Err(why) => return show::unreadable(voice, &why),
    };
    if let Some(file) = &options.journal {
        let from = From::of(file);
        return with(voice, &from, async |source| {
            of_journal(voice, options, trusted, &source).await
        });
    }
    let trusted = trusted.unwrap_or_default();
    let mut verifier = Verifier::new(trusted.clone(), options.kepala);
    for file in &options.berkas {
        let name = file.display().to_string();
        let opened = File::open(file).map_err(|error| format!("{name}: {error}"));
        let mut reader = match opened {
            Ok(opened) => BufReader::new(opened),
            Err(why) => return show::unreadable(voice, &why),
        };
        if reader.fill_buf().is_ok_and(|bytes| bytes.first() == Some(&b'{')) {
            return of_proof(voice, &name, reader, &trusted);
        }
        let bar = show::bar(voice, lines(file));
        let read = archive::verify(reader, &mut verifier, &mut |records| bar.inc(records));
        bar.finish_and_clear();
        match read {
            Ok(()) => {}
            Err(Ended::Finding(finding)) => return show::broken(voice, &name, &finding),
            Err(Ended::Unreadable(error)) => return show::unreadable(voice, &format!("{name}: {error}")),
        }
    }
    ended(voice, &joined(&options.berkas), verifier.end(), true)
}

fn ended(
    voice: &Voice,
    file: &str,
    summary: Result<gateway_core::evidence::check::Summary, Finding>,
    trusted: bool,
) -> Exit {
    match summary {
        Ok(summary) => show::sound(voice, &summary, trusted),
        Err(finding) => show::broken(voice, file, &finding),
    }
}

fn joined(files: &[PathBuf]) -> String {
    files
        .iter()
        .map(|file| file.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// About how many records a file has; only for the progress.
fn lines(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |file| file.len() / 500)
}

fn of_proof(voice: &Voice, name: &str, reader: impl BufRead, trusted: &[[u8; 32]]) -> Exit {
    let proofs: Proofs = match serde_json::from_reader(reader) {
        Ok(proofs) => proofs,
        Err(error) => return show::unreadable(voice, &format!("{name}: {error}")),
    };
    let mut signed = Vec::new();
    for one in &proofs.bukti {
        // A proof of something else is none of this exchange.
        let belongs = one.catatan.contains(&proofs.pertukaran);
        match proof::verify(one, trusted) {
            Ok(statement) if belongs => signed.push(json!({
                "rantai": one.rantai, "seq": one.seq, "ikatan": statement.number, "waktu": statement.at.to_string(),
                "catatan": one.catatan,
            })),
            Ok(_) => return disproved(voice, name, one, Unproven::Unreadable),
            Err(why) => return disproved(voice, name, one, why),
        }
    }
    if signed.is_empty() {
        return show::unreadable(voice, &format!("{name}: 0"));
    }
    let answer = json!({"ok": true, "pertukaran": proofs.pertukaran, "bukti": signed});
    voice.answer(&answer, || {
        let lines = signed.iter().map(|row| {
            let (id, en) = ("ditandatangani", "signed");
            format!(
                "{} {}: {} {}\n  {}",
                row["rantai"],
                row["seq"],
                voice.pick(id, en),
                row["waktu"],
                row["catatan"]
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    Exit::Fine
}

fn disproved(voice: &Voice, name: &str, one: &Proof, why: Unproven) -> Exit {
    let id = match why {
        Unproven::Unreadable => "bukti tidak terbaca atau bukan milik pertukaran ini",
        Unproven::ForeignKey => "ditandatangani kunci yang tidak dipercaya",
        Unproven::Signature => "tanda tangan tidak cocok",
        Unproven::Root => "catatan tidak menuju akar yang ditandatangani",
    };
    let why = format!(
        "{name}, {} {}: {}",
        one.rantai,
        one.seq,
        voice.pick(id, &why.to_string())
    );
    voice.failed("bukti TIDAK berlaku", "the proof does NOT hold", &why);
    Exit::Failed
}

async fn of_journal(
    voice: &Voice,
    options: &Verify,
    trusted: Option<Vec<[u8; 32]>>,
    source: &Source,
) -> Result<Exit, Trouble> {
    let brought = trusted.is_some();
    let keys = match trusted {
        Some(keys) => keys,
        None => source
            .keys()
            .await?
            .iter()
            .filter_map(|(key, _)| keys::parse(key))
            .collect(),
    };
    let mut verifier = Verifier::new(keys, options.kepala);
    let file = options
        .journal
        .as_ref()
        .map(|file| file.display().to_string())
        .unwrap_or_default();
    match walk(voice, source, &mut verifier).await? {
        Ok(()) => Ok(ended(voice, &file, verifier.end(), brought)),
        Err(finding) => Ok(show::broken(voice, &file, &finding)),
    }
}

/// All batches with their records, then what nobody signed yet.
async fn walk(voice: &Voice, source: &Source, verifier: &mut Verifier) -> Result<Result<(), Finding>, Trouble> {
    let bar = show::bar(voice, 0);
    let mut after = 0;
    loop {
        let batches = source.batches(after).await?;
        let Some(last) = batches.last() else { break };
        after = last.number;
        for batch in &batches {
            let count = match verifier.batch(&batch.statement, &batch.signature) {
                Ok(count) => count,
                Err(finding) => return Ok(Err(finding)),
            };
            bar.inc_length(count as u64);
            while let Some((chain, next)) = verifier.expected() {
                let links = source.links(&chain, next - 1).await?;
                if links.is_empty() {
                    return Ok(Err(verifier.finding(gateway_core::evidence::check::Flaw::Missing)));
                }
                for link in &links {
                    if verifier.expected().is_none_or(|(expected, _)| expected != chain) {
                        break;
                    }
                    if let Err(finding) = verifier.record(link.seq, &link.hash, &link.record) {
                        return Ok(Err(finding));
                    }
                    bar.inc(1);
                }
            }
        }
    }
    for chain in source.chains().await? {
        let mut after = verifier.head(&chain);
        loop {
            let links: Vec<EvidenceLink> = source.links(&chain, after).await?;
            let Some(last) = links.last() else { break };
            after = last.seq;
            for link in &links {
                if let Err(finding) = verifier.unsigned(&chain, link) {
                    return Ok(Err(finding));
                }
            }
        }
    }
    bar.finish_and_clear();
    Ok(Ok(()))
}
