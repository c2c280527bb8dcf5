//! `izin.terbitkan`: the final licence, or its refusal. `receiveLicense`, in two steps: the first, without number and
//! signer, makes OSS issue a number; the second carries the number, the signer and the attachment.
//!
//! A blind repeat of the first step may burn a second number. So the number is stored before the second step and
//! recalled on later attempts; before the first step OSS is asked whether there is a number already; and an unknown
//! outcome is looked up, never repeated. An input that brings its number (taken earlier, or local numbering) and a refusal
//! need the second step only; `sekaligus` sends everything in one message and takes the number out of the answer.

mod lookup;

use super::izin_lihat::{ask_licence, data};
use super::{copied, native_region, tell, text, writes};
use crate::canon;
use crate::envelope;
use crate::fields::objects;
use crate::settings::Setup;
use crate::status::Status;
use connector_sdk::{
    BoxFuture, Call, Fault, FaultKind, Landed, Lookup, NativeReply, NativeRequest, Operation, OperationSpec, Outbound,
    Text,
};
use lookup::ByNumber;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Name under which the number is stored.
const NUMBER: &str = "nomor_izin";
/// Lengths to which answers may cut a number, although requests take 50 characters.
const CUT: [usize; 2] = [20, 30];
/// Placeholder for the number in an attachment's address, so that the city can print it before OSS fetches the file.
const PLACEHOLDER: &str = "{nomor_izin}";

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Issue {
        spec: OperationSpec {
            deadline_ms: 120_000,
            ..writes(
                "izin.terbitkan",
                Text::new(
                    "Menerbitkan atau menolak satu izin di OSS; nomor izin diambil paling banyak sekali.",
                    "Issues or refuses one licence in OSS; its number is taken at most once.",
                ),
                "izin",
                "izin_tanda_terima",
                &["/id_izin", "/langkah"],
            )
        },
        setup: Arc::clone(setup),
        lookup: ByNumber::new(setup),
    })
}

struct Issue {
    spec: OperationSpec,
    setup: Arc<Setup>,
    lookup: ByNumber,
}

/// What a run of the operation has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Only take the number.
    NumberOnly,
    /// Take the number, then issue under it.
    NumberThenIssue,
    /// One message: a refusal, a number that the input brings, or everything at once with the number in the answer.
    Once,
}

fn plan(input: &Value) -> Plan {
    if text(input, "status") == Status::Rejected.word() || input.get(NUMBER).is_some() {
        return Plan::Once;
    }
    match text(input, "langkah") {
        "ambil_nomor" => Plan::NumberOnly,
        "sekaligus" => Plan::Once,
        _ => Plan::NumberThenIssue,
    }
}

impl Operation for Issue {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    /// The first message of the plan.
    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        match plan(input) {
            Plan::Once => self.issue(input, text(input, NUMBER)),
            Plan::NumberOnly | Plan::NumberThenIssue => self.take_number(input),
        }
    }

    /// The receipt out of the last message's answer.
    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        match plan(input) {
            Plan::Once => self.issued(input, input.get(NUMBER).and_then(Value::as_str), reply),
            Plan::NumberOnly | Plan::NumberThenIssue => {
                let number = issued_number(reply)?;
                Ok(receipt(
                    &self.setup,
                    input,
                    Some(&number),
                    plan(input) == Plan::NumberOnly,
                ))
            }
        }
    }

    fn call<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let plan = plan(input);
            if plan == Plan::Once {
                let reply = out.send(self.request(call, input)?).await?;
                return self.reply(call, input, &reply);
            }
            // Anything wrong with the second message must be known before a number is taken.
            self.issue(input, "0")?;
            let number = self.number(input, out).await?;
            if plan == Plan::NumberOnly {
                return Ok(receipt(&self.setup, input, Some(&number), true));
            }
            let reply = out.send(self.issue(input, &number)?).await?;
            self.issued(input, Some(&number), &reply)
        })
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.lookup)
    }
}

impl Issue {
    /// The number: stored by an earlier attempt, already known to OSS, or taken now and stored before anything else.
    async fn number(&self, input: &Value, out: &dyn Outbound) -> Result<String, Fault> {
        if let Some(Value::String(number)) = out.recall(NUMBER) {
            return Ok(number);
        }
        let known = if self.setup.raw.periksa_nomor_dulu {
            self.known_number(input, out).await?
        } else {
            None
        };
        let number = match known {
            Some(number) => number,
            None => issued_number(&out.send(self.take_number(input)?).await?)?,
        };
        // If storing fails the number exists all the same, so the outcome is unknown, not failed.
        let stored = out.checkpoint(NUMBER, json!(number)).await;
        stored.map_err(|fault| fault.landed(Landed::Unknown))?;
        Ok(number)
    }

    /// What OSS has. An application that it does not show must not be given a number in the dark.
    async fn known_number(&self, input: &Value, out: &dyn Outbound) -> Result<Option<String>, Fault> {
        let id = text(input, "id_izin");
        let reply = out.send(ask_licence(&self.setup, id)).await?;
        let row = shown(&reply, id)?;
        let row = row.ok_or_else(|| Fault::drift("`data_checklist` does not show this application"))?;
        Ok(row.number.filter(|_| !row.renewal))
    }

    fn take_number(&self, input: &Value) -> Result<NativeRequest, Fault> {
        let mut body = fields(input)?;
        for empty in ["nomor_izin", "nama_ttd", "nip_ttd", "jabatan_ttd"] {
            body.insert(empty.to_owned(), json!(""));
        }
        Ok(tell(
            &self.setup,
            "nomor",
            "receiveLicense",
            json!({ "IZINFINAL": body }),
        ))
    }

    fn issue(&self, input: &Value, number: &str) -> Result<NativeRequest, Fault> {
        let mut body = fields(input)?;
        body.extend(signed(input, number));
        Ok(tell(
            &self.setup,
            "terbit",
            "receiveLicense",
            json!({ "IZINFINAL": body }),
        ))
    }

    fn issued(&self, input: &Value, number: Option<&str>, reply: &NativeReply) -> Result<Value, Fault> {
        let unclear = |fault: Fault| fault.landed(Landed::Unknown);
        let envelope = envelope::open(reply).map_err(unclear)?;
        let answered = envelope::text(&envelope, "nomor_izin");
        if let (Some(ours), Some(answered)) = (number, answered)
            && !same_number(ours, answered)
        {
            return Err(unclear(Fault::drift(
                "the answer names another licence number than the one sent",
            )));
        }
        let mut out = receipt(&self.setup, input, number.or(answered), true);
        add(
            &mut out,
            "jenis_perizinan",
            envelope::text(&envelope, "jenis_perizinan"),
        );
        add(&mut out, "url_lampiran", envelope::text(&envelope, "file_lampiran"));
        add(&mut out, "catatan", envelope::text(&envelope, "keterangan"));
        Ok(out)
    }
}

/// What both messages have in common.
fn fields(input: &Value) -> Result<Map<String, Value>, Fault> {
    let mut body = copied(
        input,
        &[
            ("nib", "nib"),
            ("id_proyek", "id_proyek"),
            ("oss_id", "oss_id"),
            ("id_izin", "id_izin"),
            ("kd_izin", "kode_izin"),
            ("tgl_terbit_izin", "tanggal_terbit"),
            ("tgl_berlaku_izin", "berlaku_sampai"),
        ],
    );
    let refused = text(input, "status") == Status::Rejected.word();
    let status = if refused { Status::Rejected } else { Status::Approved };
    body.insert("status_izin".to_owned(), json!(status.code()));
    body.insert("kd_daerah".to_owned(), json!(native_region(input)?));
    optional(&mut body, input, &[("jenis_perizinan", "jenis_perizinan")]);
    Ok(body)
}

/// What only the issuing message has.
fn signed(input: &Value, number: &str) -> Map<String, Value> {
    let officer = input.get("penandatangan").unwrap_or(&Value::Null);
    let mut body = copied(
        officer,
        &[("nama_ttd", "nama"), ("nip_ttd", "nip"), ("jabatan_ttd", "jabatan")],
    );
    body.insert("nomor_izin".to_owned(), json!(number));
    let names = [
        ("keterangan", "catatan"),
        ("nomenklatur_nomor_izin", "nomenklatur"),
        ("bln_berlaku_izin", "bulan_berlaku"),
        ("thn_berlaku_izin", "tahun_berlaku"),
    ];
    optional(&mut body, input, &names);
    for (native, canonical) in [("file_izin", "url_izin"), ("file_lampiran", "url_lampiran")] {
        if let Some(url) = input.get(canonical).and_then(Value::as_str) {
            body.insert(native.to_owned(), json!(url.replace(PLACEHOLDER, &in_address(number))));
        }
    }
    if let Some(approved) = input.get("data_teknis") {
        let mut technical = Map::new();
        let names = [
            ("id_komitmen", "id_komitmen"),
            ("luas_bangunan_disetujui", "luas_bangunan"),
            ("jumlah_lantai_disetujui", "jumlah_lantai"),
            ("tinggi_bangunan_disetujui", "tinggi_bangunan"),
            ("luas_basement_disetujui", "luas_basemen"),
            ("jumlah_lantai_basement_disetujui", "jumlah_lantai_basemen"),
        ];
        optional(&mut technical, approved, &names);
        body.insert("data_teknis".to_owned(), Value::Object(technical));
    }
    body
}

fn optional(body: &mut Map<String, Value>, input: &Value, names: &[(&str, &str)]) {
    for (native, canonical) in names {
        if let Some(value) = input.get(*canonical) {
            body.insert((*native).to_owned(), value.clone());
        }
    }
}

/// A number as it may stand in an address: it can hold slashes and spaces.
fn in_address(number: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let write = |b: u8| {
        if plain(b) {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    number.bytes().map(write).collect()
}

/// The number in an answer to the first message. Without one nobody knows whether a number was taken.
fn issued_number(reply: &NativeReply) -> Result<String, Fault> {
    let unclear = |fault: Fault| fault.landed(Landed::Unknown);
    let envelope = envelope::open(reply).map_err(unclear)?;
    let number = envelope::text(&envelope, "nomor_izin").filter(|number| number.chars().count() <= 50);
    let number = number.ok_or_else(|| unclear(Fault::drift("an answer without a usable `nomor_izin`")))?;
    Ok(number.to_owned())
}

/// Whether an answer names our number, perhaps cut to the length that answers declare.
pub(crate) fn same_number(ours: &str, answered: &str) -> bool {
    ours == answered || (CUT.contains(&answered.chars().count()) && ours.starts_with(answered))
}

/// The row of the application in an answer of `inqueryLicense`.
struct Row {
    number: Option<String>,
    file: bool,
    /// On a renewal the number and file shown may be those of the earlier licence.
    renewal: bool,
}

fn shown(reply: &NativeReply, id: &str) -> Result<Option<Row>, Fault> {
    let opened = envelope::open(reply)?;
    let data = match data(&opened, id) {
        Ok(data) => data,
        Err(fault) if fault.kind == FaultKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let mut rows = objects(data.get("data_checklist"));
    let row = rows.find(|row| envelope::text(row, "id_izin") == Some(id));
    Ok(row.map(|row| Row {
        number: envelope::text(row, "no_izin").map(str::to_owned),
        file: ["file_izin", "file_izin_oss", "file_lampiran"]
            .iter()
            .any(|name| envelope::text(row, name).is_some()),
        renewal: envelope::text(row, "flag_perpanjangan") == Some("Y"),
    }))
}

/// The receipt of this input.
fn receipt(setup: &Setup, input: &Value, number: Option<&str>, done: bool) -> Value {
    let mut out = Map::new();
    out.insert("id_izin".to_owned(), json!(text(input, "id_izin")));
    let status = match (plan(input), text(input, "status") == Status::Rejected.word()) {
        (_, true) => Status::Rejected,
        (Plan::NumberOnly, false) => Status::NumberTaken,
        (Plan::NumberThenIssue | Plan::Once, false) => Status::Approved,
    };
    canon::put_status(setup, &mut out, status.code());
    out.insert("selesai".to_owned(), json!(done));
    let mut out = Value::Object(out);
    add(&mut out, "nomor_izin", number);
    out
}

fn add(out: &mut Value, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        out[name] = json!(text);
    }
}

#[cfg(test)]
mod tests;
