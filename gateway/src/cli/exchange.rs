//! `simpul exchange`: find an exchange, see why it is where it is, and decide about it.

mod bulk;
mod decide;
mod show;

use super::client::{self, Client, Remote, Trouble};
use super::exit::Exit;
use super::filter::{Filter, KEYS};
use super::say::Voice;
use clap::{Args, Subcommand};
use gateway_core::ids::ExchangeId;
use serde_json::json;
use std::path::PathBuf;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Exchange {
    /// Daftar, terbaru dulu / list, newest first.
    List(List),
    /// Satu pertukaran dengan percobaannya / one exchange with its attempts.
    Show(One),
    /// Isi dan terjemahannya, data pribadi tertutup / body and translation, personal data masked.
    Inspect(Inspect),
    /// Kirim ulang: nomor-nomor, atau semua yang cocok dengan saringan / replay: ids, or all that match a filter.
    Replay(Replay),
    /// Batalkan / discard.
    Discard(Decide),
    /// Setujui usulan petugas lain / confirm what another operator proposed.
    Confirm(Confirm),
    /// Nyatakan sudah berlaku di sistem tujuan / state that it landed in the system.
    Landed(Landed),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Syarat kunci=nilai: keadaan sistem operasi konsumen rujukan sejak sampai; waktu juga "2h" / conditions.
    #[arg(long, value_name = "SYARAT")]
    filter: Vec<String>,
    /// Paling banyak berapa / at most how many.
    #[arg(long, default_value_t = 50, value_name = "N")]
    jumlah: usize,
}

#[derive(Debug, Args)]
pub(super) struct One {
    #[command(flatten)]
    remote: Remote,
    /// Nomor pertukaran / its id.
    id: ExchangeId,
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    #[command(flatten)]
    one: One,
    /// Buka data pribadi; tercatat sebagai bukti / show personal data; this is evidence.
    #[arg(long, requires = "alasan")]
    buka: bool,
    /// Alasan / reason.
    #[arg(long, value_name = "TEKS")]
    alasan: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Replay {
    #[command(flatten)]
    remote: Remote,
    /// Nomor-nomor pertukaran / ids.
    #[arg(required_unless_present = "filter", conflicts_with = "filter")]
    id: Vec<ExchangeId>,
    /// Semua yang cocok: keadaan (bawaan gagal) sistem operasi sejak (bawaan 24h) sampai / all that match.
    #[arg(long, value_name = "SYARAT")]
    filter: Vec<String>,
    /// Alasan; masuk ke bukti / reason; it goes into the evidence.
    #[arg(long, value_name = "TEKS", required_unless_present = "dry_run")]
    alasan: Option<String>,
    /// Jangan tanya dulu ke sistem tujuan; perlu dua orang / do not ask the system first; needs two people.
    #[arg(long, conflicts_with = "filter")]
    paksa: bool,
    /// Hanya hitung dan beri contoh / only count and sample.
    #[arg(long, requires = "filter")]
    dry_run: bool,
    /// Tanpa bertanya / without asking.
    #[arg(long, requires = "filter")]
    yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    #[command(flatten)]
    remote: Remote,
    /// Nomor-nomor pertukaran / ids.
    #[arg(required = true)]
    id: Vec<ExchangeId>,
    /// Alasan; masuk ke bukti / reason; it goes into the evidence.
    #[arg(long, value_name = "TEKS")]
    alasan: String,
}

#[derive(Debug, Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    remote: Remote,
    /// Nomor-nomor pertukaran / ids.
    #[arg(required = true)]
    id: Vec<ExchangeId>,
}

#[derive(Debug, Args)]
pub(super) struct Landed {
    #[command(flatten)]
    one: One,
    /// Berkas balasan kanonik, `-` untuk masukan standar / file of the canonical reply, `-` for standard input.
    #[arg(long, value_name = "BERKAS")]
    balasan: PathBuf,
    /// Alasan; masuk ke bukti / reason; it goes into the evidence.
    #[arg(long, value_name = "TEKS")]
    alasan: String,
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Exchange) -> Exit {
    match verb {
        Exchange::List(list) => client::with(voice, &list.remote, |client| self::list(voice, list, client)),
        Exchange::Show(one) => client::with(voice, &one.remote, |client| show::one(voice, one.id, client)),
        Exchange::Inspect(inspect) => client::with(voice, &inspect.one.remote, |client| {
            show::inspect(voice, inspect.one.id, inspect.buka, inspect.alasan.as_deref(), client)
        }),
        Exchange::Replay(replay) if !replay.filter.is_empty() => {
            client::with(voice, &replay.remote, |client| bulk::replay(voice, replay, client))
        }
        Exchange::Replay(replay) => client::with(voice, &replay.remote, |client| {
            let body = json!({"alasan": replay.alasan, "paksa": replay.paksa});
            decide::each(voice, &replay.id, "kirim-ulang", body, client)
        }),
        Exchange::Discard(discard) => client::with(voice, &discard.remote, |client| {
            decide::each(
                voice,
                &discard.id,
                "batalkan",
                json!({"alasan": discard.alasan}),
                client,
            )
        }),
        Exchange::Confirm(confirm) => client::with(voice, &confirm.remote, |client| {
            decide::each(voice, &confirm.id, "setujui", json!({}), client)
        }),
        Exchange::Landed(landed) => client::with(voice, &landed.one.remote, |client| async move {
            let body = json!({"balasan": decide::reply(&landed.balasan)?, "alasan": landed.alasan});
            decide::each(voice, &[landed.one.id], "nyatakan-berlaku", body, client).await
        }),
    }
}

/// Pages of the port, up to the number asked for.
async fn list(voice: &Voice, list: &List, client: Client) -> Result<Exit, Trouble> {
    const PAGE: usize = 200;
    let filter = Filter::read(&list.filter, &KEYS, voice)?.query();
    let mut rows = Vec::new();
    let mut cursor = None;
    while rows.len() < list.jumlah {
        let mut path = format!("/pertukaran?jumlah={}", (list.jumlah - rows.len()).min(PAGE));
        for part in [Some(filter.clone()).filter(|f| !f.is_empty()), cursor]
            .into_iter()
            .flatten()
        {
            path.push('&');
            path.push_str(&part);
        }
        let mut page = client.get(&path).await?;
        rows.extend(page["butir"].as_array_mut().map(std::mem::take).unwrap_or_default());
        match page["berikut"].as_i64() {
            Some(next) => cursor = Some(format!("kursor={next}")),
            None => break,
        }
    }
    let answer = json!({"butir": rows});
    voice.answer(&answer, || show::list(voice, &rows));
    Ok(Exit::Fine)
}
