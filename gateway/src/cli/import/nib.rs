//! `simpul impor nib`: the spreadsheet export of OSS, for regions without a host-to-host link. Rows of one NIB become one push in
//! the form of OSS and take the way of every push: proven by the operator's token, stored once, translated, told. The same file
//! again changes nothing; rows that cannot be read are written to a file with their reasons.

use super::columns::{Column, Parts, TITLES, parts};
use super::sheet::{self, Sheet};
use super::{Rejected, bar, beside, written};
use crate::cli::client::{self, Client, Remote, Trouble};
use crate::cli::exit::Exit;
use crate::cli::say::Voice;
use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct Nib {
    /// Berkas ekspor / the export.
    berkas: PathBuf,
    /// Lembar XLSX; bawaan: yang pertama berkolom NIB / sheet; default: the first with a NIB column.
    #[arg(long, value_name = "NAMA")]
    lembar: Option<String>,
    /// Sistem penerima kiriman / the system whose pushes these are.
    #[arg(long, default_value = "oss", value_name = "ID")]
    sistem: String,
    /// Hanya memeriksa, tidak mengirim / only check, send nothing.
    #[arg(long)]
    uji: bool,
    /// Berkas baris yang ditolak; bawaan: <berkas>.ditolak.csv / file of rejected rows.
    #[arg(long, value_name = "BERKAS")]
    tolakan: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Runs it.
pub(super) fn run(voice: &Voice, asked: &Nib) -> Exit {
    let sheet = match sheet::read(&asked.berkas, asked.lembar.as_deref(), &TITLES) {
        Ok(sheet) => sheet,
        Err(why) => {
            voice.failed("berkas tidak terbaca", "the file cannot be read", &why);
            return Exit::Usage;
        }
    };
    let (pushes, rejected) = gathered(&sheet);
    let plan = Plan {
        rows: sheet.rows.len(),
        ignored: sheet
            .header
            .iter()
            .filter(|(title, column)| column.is_none() && !title.is_empty())
            .map(|(title, _)| title.clone())
            .collect(),
        pushes,
    };
    if asked.uji {
        return report(voice, asked, &sheet, &plan, &Sent::default(), &rejected);
    }
    client::with(voice, &asked.remote, |client| async move {
        let (sent, refused) = send(voice, asked, &plan, &client).await?;
        let rejected = [rejected, refused].concat();
        Ok(report(voice, asked, &sheet, &plan, &sent, &rejected))
    })
}

struct Plan {
    rows: usize,
    ignored: Vec<String>,
    /// By NIB: the push, and its rows in the file.
    pushes: Vec<(String, Value, Vec<usize>)>,
}

/// How many NIBs became what.
#[derive(Default)]
struct Sent {
    new: usize,
    known: usize,
}

/// One push per NIB, in the order of the file, and the rows that cannot be read.
fn gathered(sheet: &Sheet<Column>) -> (Vec<(String, Value, Vec<usize>)>, Rejected) {
    let mut order: Vec<String> = Vec::new();
    let mut found: BTreeMap<String, (Gathering, Vec<usize>)> = BTreeMap::new();
    let mut rejected = Vec::new();
    for (number, cells) in &sheet.rows {
        let read = parts(&sheet.header, cells).and_then(|row| {
            let nib = row
                .company
                .get("nib")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let entry = found.entry(nib.clone()).or_insert_with(|| {
                order.push(nib);
                Default::default()
            });
            entry.0.add(row)?;
            entry.1.push(*number);
            Ok(())
        });
        if let Err(why) = read {
            rejected.push((*number, why));
        }
    }
    let pushes = order.into_iter().filter_map(|nib| {
        let (gathering, rows) = found.remove(&nib)?;
        (!rows.is_empty()).then(|| (nib, gathering.push(), rows))
    });
    (pushes.collect(), rejected)
}

/// Rows of one NIB.
#[derive(Default)]
struct Gathering {
    company: Map<String, Value>,
    projects: BTreeMap<String, Map<String, Value>>,
    applications: BTreeMap<String, Map<String, Value>>,
}

impl Gathering {
    /// Takes a row in; rows of one NIB may complete each other, and must not contradict.
    fn add(&mut self, row: Parts) -> Result<(), String> {
        let key = |map: &Map<String, Value>, name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        fits(&self.company, &row.company)?;
        let project = key(&row.project, "id_proyek");
        let application = key(&row.application, "id_izin");
        let nothing = Map::new();
        if let Some(id) = &project {
            fits(self.projects.get(id).unwrap_or(&nothing), &row.project)?;
        }
        if let Some(id) = &application {
            fits(self.applications.get(id).unwrap_or(&nothing), &row.application)?;
        }
        self.company.extend(row.company);
        if let Some(id) = project {
            self.projects.entry(id).or_default().extend(row.project);
        }
        if let Some(id) = application {
            self.applications.entry(id).or_default().extend(row.application);
        }
        Ok(())
    }

    /// As OSS pushes it. Nothing asks the city to act: what an export holds was dealt with before.
    fn push(self) -> Value {
        let mut company = self.company;
        let list =
            |rows: BTreeMap<String, Map<String, Value>>| -> Value { rows.into_values().map(Value::Object).collect() };
        company.insert("data_proyek".to_owned(), list(self.projects));
        company.insert("data_checklist".to_owned(), list(self.applications));
        json!({ "dataNIB": company })
    }
}

fn fits(known: &Map<String, Value>, row: &Map<String, Value>) -> Result<(), String> {
    let other = row
        .iter()
        .find(|(name, value)| known.get(*name).is_some_and(|known| known != *value));
    match other {
        None => Ok(()),
        Some((name, _)) => Err(format!(
            "{name}: berbeda dari baris sebelumnya dengan NIB ini / differs from an earlier row of this NIB"
        )),
    }
}

async fn send(voice: &Voice, asked: &Nib, plan: &Plan, client: &Client) -> Result<(Sent, Rejected), Trouble> {
    let bar = bar(voice, plan.pushes.len());
    let path = format!(
        "/impor/{}/receiveNIB",
        utf8_percent_encode(&asked.sistem, NON_ALPHANUMERIC)
    );
    let (mut sent, mut refused) = (Sent::default(), Rejected::new());
    for (_, push, rows) in &plan.pushes {
        match client.post(&path, push).await {
            Ok(answer) if answer["baru"] == true => sent.new += 1,
            Ok(_) => sent.known += 1,
            // One push that is refused stops no other; a gateway that is gone stops all, and the file can be sent again.
            Err(Trouble::Refused(status, problem)) if status == 413 || status == 422 => {
                let why = problem["detail"].as_str().unwrap_or("ditolak / refused").to_owned();
                refused.extend(rows.iter().map(|row| (*row, why.clone())));
            }
            Err(trouble) => {
                bar.finish_and_clear();
                return Err(trouble);
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok((sent, refused))
}

fn report(
    voice: &Voice,
    asked: &Nib,
    sheet: &Sheet<Column>,
    plan: &Plan,
    sent: &Sent,
    rejected: &[(usize, String)],
) -> Exit {
    let place = (!rejected.is_empty()).then(|| asked.tolakan.clone().unwrap_or_else(|| beside(&asked.berkas)));
    if let Some(place) = &place
        && let Err(why) = written(place, sheet, rejected)
    {
        voice.failed(
            "berkas tolakan tidak tertulis",
            "the file of rejected rows cannot be written",
            &why,
        );
        return Exit::Failed;
    }
    let place = place.map(|place| place.display().to_string());
    let rejections: Vec<Value> = rejected
        .iter()
        .map(|(row, why)| json!({"baris": row, "alasan": why}))
        .collect();
    let account = json!({
        "uji": asked.uji, "baris": plan.rows, "nib": plan.pushes.len(), "baru": sent.new, "sudah_ada": sent.known,
        "ditolak": rejected.len(), "tolakan": rejections, "berkas_tolakan": place, "kolom_diabaikan": plan.ignored,
    });
    voice.answer(&account, || {
        let (rows, nibs, bad) = (plan.rows, plan.pushes.len(), rejected.len());
        let file = place.as_deref().map_or_else(String::new, |place| format!(" → {place}"));
        let (id, en) = match asked.uji {
            true => (
                format!(
                    "Uji: {rows} baris, {nibs} NIB siap dikirim, {bad} baris ditolak{file}. Tidak ada yang dikirim."
                ),
                format!("Dry run: {rows} rows, {nibs} NIBs ready, {bad} rows rejected{file}. Nothing was sent."),
            ),
            false => (
                format!(
                    "{rows} baris: {} NIB baru, {} sudah ada, {bad} baris ditolak{file}.",
                    sent.new, sent.known
                ),
                format!(
                    "{rows} rows: {} new NIBs, {} known, {bad} rows rejected{file}.",
                    sent.new, sent.known
                ),
            ),
        };
        voice.pick(&id, &en).to_owned()
    });
    rejected.is_empty().into()
}
