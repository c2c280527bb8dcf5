//! `simpul subjek catatan|batasi|lepas|daftar`: what was processed about one person, and restrictions of it, over the operator
//! port. The number is read from standard input, so that it stands in no shell history and no process list.

use super::client::{self, Remote};
use super::exit::Exit;
use super::say::Voice;
use super::words;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::Read;

/// Longest value read.
const LONGEST: u64 = 1024;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Subjects {
    /// Catatan pemrosesan satu orang; nomornya dari masukan baku / what was processed about a person; number from standard input.
    Catatan(History),
    /// Membatasi pemrosesan data satu orang / restrict processing about a person.
    Batasi(Restrict),
    /// Melepas pembatasan / lift a restriction.
    Lepas(Lift),
    /// Pembatasan yang berlaku / restrictions in force.
    Daftar(Remote),
}

#[derive(Debug, Args)]
pub(super) struct History {
    /// nomor (NIK, NIP, NPWP, paspor), telepon atau surel / kind of the value.
    #[arg(long, default_value = "nomor")]
    jenis: String,
    /// Hanya yang dicatat sejak / only what was recorded since.
    #[arg(long, value_name = "WAKTU")]
    dari: Option<Timestamp>,
    /// Alasan, masuk ke bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(super) struct Restrict {
    /// nomor (NIK, NIP, NPWP, paspor), telepon atau surel / kind of the value.
    #[arg(long, default_value = "nomor")]
    jenis: String,
    /// Operasi yang dibatasi, dapat diulang; bawaan: semua / operation, may be repeated; default: all.
    #[arg(long, value_name = "ID")]
    operasi: Vec<String>,
    /// Alasan, masuk ke bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(super) struct Lift {
    /// Nama tersamar, seperti ditampilkan `subjek daftar` / keyed name, as listed.
    subjek: String,
    /// Alasan, masuk ke bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

/// Runs the verb.
pub(super) fn run(voice: &Voice, verb: &Subjects) -> Exit {
    match verb {
        Subjects::Catatan(wish) => history(voice, wish),
        Subjects::Batasi(wish) => restrict(voice, wish),
        Subjects::Lepas(wish) => lift(voice, wish),
        Subjects::Daftar(remote) => client::with(voice, remote, |client| async move {
            let all = client.get("/subjek").await?;
            voice.answer(&all, || {
                let rows = all["butir"].as_array().into_iter().flatten();
                let lines: Vec<String> = rows
                    .map(|row| {
                        format!(
                            "{}  {}  {}",
                            words::text(row, "subjek"),
                            words::text(row, "sejak"),
                            words::text(row, "alasan")
                        )
                    })
                    .collect();
                match lines.is_empty() {
                    true => voice.pick("tidak ada pembatasan", "no restrictions").to_owned(),
                    false => lines.join("\n"),
                }
            });
            Ok(Exit::Fine)
        }),
    }
}

fn history(voice: &Voice, wish: &History) -> Exit {
    let value = match value() {
        Ok(value) => value,
        Err(error) => return unread(voice, &error),
    };
    client::with(voice, &wish.remote, |client| async move {
        let (mut rows, mut place) = (Vec::new(), Value::Null);
        let subject = loop {
            let mut ask = json!({
                "jenis": wish.jenis, "nilai": value, "alasan": wish.alasan, "dari": wish.dari.map(|at| at.to_string()),
            });
            if !place.is_null() {
                ask["lanjut"] = place;
            }
            let mut page = client.post("/subjek/catatan", &ask).await?;
            if let Value::Array(found) = page["butir"].take() {
                rows.extend(found);
            }
            place = page["lanjut"].take();
            if place.is_null() {
                break page["subjek"].take();
            }
        };
        let all = json!({ "subjek": subject, "butir": rows });
        voice.answer(&all, || {
            let lines = rows.iter().map(line).collect::<Vec<_>>().join("\n");
            let (count, name) = (rows.len(), words::text(&all, "subjek"));
            let id = format!("Subjek {name}: {count} catatan\n{lines}");
            let en = format!("Subject {name}: {count} records\n{lines}");
            voice.pick(&id, &en).to_owned()
        });
        Ok(Exit::Fine)
    })
}

fn line(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
    match row["tindakan"].as_str() {
        Some(action) => format!("{}  {action}  {}  ({})", text("pada"), text("oleh"), text("alasan")),
        None => format!(
            "{}  {} -> {}  {}  {}  {}  {}",
            text("mulai"),
            text("konsumen"),
            text("sistem"),
            text("operasi"),
            text("hasil"),
            text("tujuan"),
            text("dasar"),
        ),
    }
}

fn restrict(voice: &Voice, wish: &Restrict) -> Exit {
    let value = match value() {
        Ok(value) => value,
        Err(error) => return unread(voice, &error),
    };
    client::with(voice, &wish.remote, |client| async move {
        let ask = json!({
            "jenis": wish.jenis, "nilai": value, "operasi": wish.operasi, "alasan": wish.alasan,
        });
        let done = client.post("/subjek/batasi", &ask).await?;
        voice.answer(&done, || {
            let name = words::text(&done, "subjek");
            let id = format!("Subjek {name}: pemrosesan dibatasi");
            let en = format!("Subject {name}: processing restricted");
            voice.pick(&id, &en).to_owned()
        });
        Ok(Exit::Fine)
    })
}

fn lift(voice: &Voice, wish: &Lift) -> Exit {
    client::with(voice, &wish.remote, |client| async move {
        let ask = json!({ "subjek": wish.subjek, "alasan": wish.alasan });
        let done = client.post("/subjek/lepas", &ask).await?;
        voice.answer(&done, || {
            let id = format!("Subjek {}: pembatasan dilepas", wish.subjek);
            let en = format!("Subject {}: restriction lifted", wish.subjek);
            voice.pick(&id, &en).to_owned()
        });
        Ok(Exit::Fine)
    })
}

fn value() -> std::io::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(LONGEST).read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

fn unread(voice: &Voice, error: &std::io::Error) -> Exit {
    voice.failed("masukan baku tidak terbaca", "standard input cannot be read", error);
    Exit::Usage
}
