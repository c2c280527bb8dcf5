//! `simpul impor nib`: the spreadsheet export of OSS, for regions without a host-to-host link. Rows of one NIB become one push in
//! the form of OSS and take the way of every push: proven by the operator's token, stored once, translated, told. The same file
//! again changes nothing; rows that cannot be read are written to a file with their reasons.

use super::columns::{Column, Parts, TITLES, parts};
use super::sheet::{self, Sheet};
use super::{Rejected, Sent, fits, ignored, send, set_aside};
use crate::cli::client::{self, Remote};
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
    if asked.uji {
        return report(voice, asked, &sheet, pushes.len(), Sent::default(), &rejected);
    }
    client::with(voice, &asked.remote, |client| async move {
        let path = format!(
            "/impor/{}/receiveNIB",
            utf8_percent_encode(&asked.sistem, NON_ALPHANUMERIC)
        );
        let each = pushes.iter().map(|(push, rows)| (push.clone(), &rows[..]));
        let (sent, refused) = send(voice, &client, &path, each).await?;
        let rejected = [rejected, refused].concat();
        Ok(report(voice, asked, &sheet, pushes.len(), sent, &rejected))
    })
}

/// One push per NIB, in the order of the file, and the rows that cannot be read.
fn gathered(sheet: &Sheet<Column>) -> (Vec<(Value, Vec<usize>)>, Rejected) {
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
        (!rows.is_empty()).then(|| (gathering.push(), rows))
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
        fits("NIB", &self.company, &row.company)?;
        let project = key(&row.project, "id_proyek");
        let application = key(&row.application, "id_izin");
        let nothing = Map::new();
        if let Some(id) = &project {
            fits("NIB", self.projects.get(id).unwrap_or(&nothing), &row.project)?;
        }
        if let Some(id) = &application {
            fits("NIB", self.applications.get(id).unwrap_or(&nothing), &row.application)?;
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

fn report(
    voice: &Voice,
    asked: &Nib,
    sheet: &Sheet<Column>,
    nibs: usize,
    sent: Sent,
    rejected: &[(usize, String)],
) -> Exit {
    let place = match set_aside(voice, &asked.berkas, asked.tolakan.as_ref(), sheet, rejected) {
        Ok(place) => place,
        Err(exit) => return exit,
    };
    let rejections: Vec<Value> = rejected
        .iter()
        .map(|(row, why)| json!({"baris": row, "alasan": why}))
        .collect();
    let account = json!({
        "uji": asked.uji, "baris": sheet.rows.len(), "nib": nibs, "baru": sent.new, "sudah_ada": sent.known,
        "ditolak": rejected.len(), "tolakan": rejections, "berkas_tolakan": place, "kolom_diabaikan": ignored(sheet),
    });
    voice.answer(&account, || {
        let (rows, bad) = (sheet.rows.len(), rejected.len());
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
