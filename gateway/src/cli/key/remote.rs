//! `simpul key add|list|revoke|rotate`: API keys of a running gateway, over its operator port. A new key is shown once.

use crate::cli::client::{self, Remote};
use crate::cli::exit::Exit;
use crate::cli::say::Voice;
use crate::cli::table::table;
use crate::cli::words;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// Konsumen yang akan memakainya / consumer that will use it.
    #[arg(long, value_name = "ID")]
    konsumen: String,
    /// Mulai berlaku; bawaan: sekarang / first moment it holds; default: now.
    #[arg(long, value_name = "WAKTU")]
    dari: Option<Timestamp>,
    /// Berakhir; bawaan: tanpa akhir / when it ends; default: never.
    #[arg(long, value_name = "WAKTU")]
    sampai: Option<Timestamp>,
    /// Alasan, masuk ke bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Revoke {
    /// Awalan kunci, seperti ditampilkan `key list` / prefix of the key.
    awalan: String,
    /// Alasan, masuk ke bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Rotate {
    /// Alasan, masuk ke bukti / reason, kept as evidence.
    #[arg(long)]
    alasan: String,
    #[command(flatten)]
    remote: Remote,
}

pub(in crate::cli) fn add(voice: &Voice, add: &Add) -> Exit {
    client::with(voice, &add.remote, |client| async move {
        let wish = json!({
            "konsumen": add.konsumen,
            "berlaku_dari": add.dari.map(|at| at.to_string()),
            "berlaku_sampai": add.sampai.map(|at| at.to_string()),
            "alasan": add.alasan,
        });
        let made = client.post("/kunci", &wish).await?;
        voice.answer(&made, || {
            let (key, prefix) = (words::text(&made, "kunci"), words::text(&made, "awalan"));
            let id = format!(
                "Kunci untuk {}, tidak akan ditampilkan lagi:\n  {key}\nAwalannya: {prefix}",
                add.konsumen
            );
            let en = format!(
                "Key for {}; it will not be shown again:\n  {key}\nIts prefix: {prefix}",
                add.konsumen
            );
            voice.pick(&id, &en).to_owned()
        });
        Ok(Exit::Fine)
    })
}

pub(in crate::cli) fn list(voice: &Voice, remote: &Remote) -> Exit {
    client::with(voice, remote, |client| async move {
        let all = client.get("/kunci").await?;
        voice.answer(&all, || listed(voice, &all));
        Ok(Exit::Fine)
    })
}

pub(in crate::cli) fn revoke(voice: &Voice, revoke: &Revoke) -> Exit {
    client::with(voice, &revoke.remote, |client| async move {
        let path = format!("/kunci/{}/cabut", revoke.awalan);
        let done = client.post(&path, &json!({ "alasan": revoke.alasan })).await?;
        voice.answer(&done, || {
            let id = format!("{} dicabut; tidak ada simpul yang menerimanya lagi.", revoke.awalan);
            let en = format!("{} is withdrawn; no node takes it any more.", revoke.awalan);
            voice.pick(&id, &en).to_owned()
        });
        Ok(Exit::Fine)
    })
}

pub(in crate::cli) fn rotate(voice: &Voice, rotate: &Rotate) -> Exit {
    client::with(voice, &rotate.remote, |client| async move {
        let made = client
            .post("/kunci-token/putar", &json!({ "alasan": rotate.alasan }))
            .await?;
        voice.answer(&made, || {
            let kid = words::text(&made, "kid");
            let id = format!("Kunci penanda token baru: {kid}. Yang lama masih diterbitkan selama satu jam.");
            let en = format!("New key that signs tokens: {kid}. The one before is published for another hour.");
            voice.pick(&id, &en).to_owned()
        });
        Ok(Exit::Fine)
    })
}

fn listed(voice: &Voice, all: &Value) -> String {
    let rows = all
        .get("butir")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if rows.is_empty() {
        return voice.pick("Belum ada kunci.", "There is no key yet.").to_owned();
    }
    let row = |row: &Value| {
        let names = ["konsumen", "awalan", "keadaan", "asal"];
        let mut cells: Vec<String> = names.iter().map(|name| words::text(row, name)).collect();
        cells.push(words::moment(row, "berlaku_sampai"));
        cells.push(words::moment(row, "terakhir_dipakai"));
        cells
    };
    let head = match voice.tag() {
        "en" => ["CONSUMER", "PREFIX", "STATE", "FROM", "UNTIL", "LAST USED"],
        _ => ["KONSUMEN", "AWALAN", "KEADAAN", "ASAL", "SAMPAI", "TERAKHIR DIPAKAI"],
    };
    table(&head, &rows.iter().map(row).collect::<Vec<_>>())
}
