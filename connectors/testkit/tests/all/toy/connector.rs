//! The toy connector. Each `flawed("…")` is one deliberate mistake; without a flaw it is sound.

use super::pushes::{self, News};
use connector_sdk::{
    Answer, BoxFuture, Call, Complaint, Connector, Content, Descriptor, Effect, Factory, Fault, FaultKind, Found,
    HealthProbe, Hook, Landed, Lookup, Mirror, MirrorSpec, NativeBody, NativeError, NativeLimits, NativeReply,
    NativeRequest, Operation, OperationSpec, Outbound, Page, Paging, Part, Pull, RelativePath, Replay,
    SettingComplaint, SettingSpec, Settings, Text, screen,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const FACTORY: Factory = Factory { kind: "uji", build };

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    kode: BTreeMap<String, String>,
    #[serde(default)]
    cacat: String,
}

fn build(settings: &Settings) -> Result<Arc<dyn Connector>, Vec<SettingComplaint>> {
    let mut table = settings.table().clone();
    if table.get("cacat") == Some(&json!("settings_unchecked")) {
        table.retain(|k, _| k == "kode" || k == "cacat");
    }
    let config: Config = Settings::new(table).read()?;
    let op = |id: &str, path, effect| Op {
        spec: spec(id, effect, &config.cacat),
        path,
        codes: config.kode.clone(),
        flaw: config.cacat.clone(),
    };
    let operations = vec![
        op("uji.barang.lihat", "barang", Effect::Read),
        op("uji.titip.kirim", "titip", Effect::Write { replay: Replay::Native }),
        op(
            "uji.surat.kirim",
            "surat",
            Effect::Write {
                replay: Replay::ByReference,
            },
        ),
        op("uji.berkas.kirim", "titip", Effect::Write { replay: Replay::Native }),
    ];
    let flaw = config.cacat;
    Ok(Arc::new(Toy {
        descriptor: descriptor(&flaw, operations.iter().map(|o| o.spec.clone()).collect()),
        operations,
        news: News {
            spec: pushes::spec(),
            flaw: flaw.clone(),
        },
        list: List {
            spec: mirror_spec(),
            flaw: flaw.clone(),
        },
        probe: Probe { flaw: flaw.clone() },
        flaw,
    }))
}

fn spec(id: &str, effect: Effect, flaw: &str) -> OperationSpec {
    let writes = effect.writes();
    let schema = |writing: &'static str, reading: &'static str| if writes { writing } else { reading };
    let reply_schema = if flaw == "schema_missing" {
        "uji:tiada"
    } else {
        schema("uji:resi", "uji:barang")
    };
    OperationSpec {
        id: id.to_owned().into(),
        summary: Text::new("Uji.", if flaw == "summary_missing" { "" } else { "Toy." }),
        request_schema: schema("uji:kiriman", "uji:kunci").into(),
        reply_schema: reply_schema.into(),
        effect,
        answer: Answer::Immediate,
        reference: if writes { vec!["/rujukan".into()] } else { Vec::new() },
        ordering: Vec::new(),
        deadline_ms: 1000,
        paging: Paging::None,
        follow: None,
    }
}

fn mirror_spec() -> MirrorSpec {
    MirrorSpec {
        id: "uji.daftar".into(),
        summary: Text::new("Daftar uji.", "Toy list."),
        schema: "uji:baris".into(),
        key: vec!["/kode".into()],
        every_s: 3600,
        max_shrink_percent: 20,
        max_pages: 10,
    }
}

fn descriptor(flaw: &str, operations: Vec<OperationSpec>) -> Descriptor {
    let error = |status, code: &str, kind, landed| NativeError {
        status,
        sample: json!({"ok": false, "galat": code}).to_string().into(),
        kind,
        landed,
    };
    let gone = if flaw == "error_misdeclared" {
        FaultKind::OutOfHours
    } else {
        FaultKind::NotFound
    };
    let setting = |key: &'static str, required| SettingSpec {
        key: key.into(),
        text: Text::new("Uji.", "Toy."),
        required,
    };
    Descriptor {
        id: "uji".into(),
        title: Text::new("Uji", "Toy"),
        owner: if flaw == "page_stale" {
            "Pemilik lain"
        } else {
            "Pemilik"
        }
        .into(),
        native_version: "1".into(),
        documentation: "tests/toy".into(),
        auth: vec!["headers".into()],
        limits: NativeLimits::default(),
        operations,
        hooks: vec![pushes::spec()],
        mirrors: vec![mirror_spec()],
        errors: vec![
            error(404, "TIADA", gone, Landed::No),
            error(409, "HABIS", FaultKind::Conflict, Landed::No),
            error(401, "BASI", FaultKind::CredentialExpired, Landed::No),
            error(200, "GALAT", FaultKind::Unavailable, Landed::Unknown),
        ],
        settings: vec![setting("kode", true), setting("cacat", false)],
    }
}

struct Toy {
    descriptor: Descriptor,
    operations: Vec<Op>,
    news: News,
    list: List,
    probe: Probe,
    flaw: String,
}

impl Connector for Toy {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        self.operations
            .iter()
            .find(|o| o.spec.id == id)
            .map(|o| o as &dyn Operation)
    }
    fn hook(&self, id: &str) -> Option<&dyn Hook> {
        (id == self.news.spec.id).then_some(&self.news)
    }
    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        (id == self.list.spec.id).then_some(&self.list)
    }
    fn health(&self) -> Option<&dyn HealthProbe> {
        Some(&self.probe)
    }
    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        let unsure = if request.writes { Landed::Unknown } else { Landed::No };
        let body = reply.json();
        if self.flaw == "status_believed" && reply.is_success() && body.as_ref().is_ok_and(|b| b["ok"] == false) {
            return Ok(());
        }
        let code = body.as_ref().ok().and_then(|b| b["galat"].as_str());
        if reply.is_success() && code.is_none() {
            return body.map(|_| ()).map_err(|f| f.landed(unsure));
        }
        let (kind, landed) = match code {
            Some("HABIS") => (FaultKind::Conflict, Landed::No),
            Some("BASI") if self.flaw == "expiry_missed" => (FaultKind::Misconfigured, Landed::No),
            Some("BASI") => (FaultKind::CredentialExpired, Landed::No),
            Some("GALAT") => (FaultKind::Unavailable, unsure),
            _ if reply.is_success() => (FaultKind::Drift, unsure),
            _ if self.flaw == "throttle_missed" && reply.status == 429 => (FaultKind::Unavailable, Landed::No),
            _ => return screen::http(request.writes, reply),
        };
        let fault = Fault::new(kind, Text::new("Galat.", "Error.")).landed(landed);
        let quoted = body.ok().and_then(|b| b["pesan"].as_str().map(str::to_owned));
        Err(match quoted {
            Some(message) if self.flaw == "message_quoted" => fault.internal(message),
            _ => fault,
        })
    }
}

struct Op {
    spec: OperationSpec,
    path: &'static str,
    codes: BTreeMap<String, String>,
    flaw: String,
}

impl Op {
    fn flawed(&self, flaw: &str) -> bool {
        self.flaw == flaw
    }

    fn code(&self, input: &Value) -> Result<String, Fault> {
        let code = input["kode"].as_str().unwrap_or_default();
        if self.flawed("code_passed_on") {
            return Ok(self.codes.get(code).cloned().unwrap_or_else(|| code.to_owned()));
        }
        let text = match self.flawed("value_complained") {
            true => Text::owned(format!("Kode {input} tidak dikenal."), "Unknown code."),
            false => Text::new("Kode tidak dikenal.", "Unknown code."),
        };
        let complaint = Complaint {
            pointer: "/kode".into(),
            text,
        };
        self.codes
            .get(code)
            .cloned()
            .ok_or_else(|| Fault::invalid(vec![complaint]))
    }

    /// The first of two steps: taken once, however often the run is tried. A lost upload is no deposit.
    async fn upload(&self, out: &dyn Outbound) -> Result<(), Fault> {
        if out.recall("unggahan").is_some() {
            return Ok(());
        }
        let part = Part {
            name: "berkas".into(),
            file_name: Some("foto.jpg".into()),
            media_type: Some("image/jpeg".into()),
            content: Content::File { id: "B-1".into() },
        };
        let request = NativeRequest::post("unggah", RelativePath::of("unggah"), NativeBody::Multipart(vec![part]));
        let reply = out.send(request).await.map_err(|f| f.landed(Landed::No))?;
        let id = data(&reply)?
            .get("id")
            .cloned()
            .ok_or_else(|| Fault::drift("`data.id` is missing"))?;
        out.checkpoint("unggahan", id).await
    }

    fn translate(&self, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let data = data(reply)?;
        if self.flawed("fields_counted") && data.as_object().is_some_and(|o| o.len() > 3) {
            return Err(Fault::drift("too many fields"));
        }
        let text = |name: &str| match data[name].as_str() {
            Some(text) => Ok(text.to_owned()),
            None if self.flawed("silence_believed") => Ok("T-0".to_owned()),
            None => Err(Fault::drift(format!("`data.{name}` is missing"))),
        };
        let state = match text("keadaan")?.as_str() {
            "B" if self.flawed("reply_changed") => "rusak",
            "B" => "baik",
            _ if self.flawed("state_guessed") => "baik",
            _ => "tidak_dikenal",
        };
        let reply = if self.spec.effect.writes() {
            json!({"id": text("id")?, "keadaan": state})
        } else {
            if text("kode")? != self.code(input)? {
                return Err(Fault::drift("another thing"));
            }
            json!({"kode": input["kode"], "nama": text("nama")?, "keadaan": state})
        };
        Ok(if self.flawed("reply_off_schema") {
            json!({"lain": reply})
        } else {
            reply
        })
    }
}

impl Operation for Op {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let code = self.code(input)?;
        let mut path = RelativePath::of(self.path);
        if self.flawed("request_changed") {
            path = path.segment("v2");
        }
        if !self.spec.effect.writes() {
            let path = if self.flawed("read_writes") {
                RelativePath::of("tandai")
            } else {
                path
            };
            return Ok(NativeRequest::get("lihat", path).query("kode", code));
        }
        if self.flawed("optional_demanded") && input.get("catatan").is_none() {
            return Err(Fault::new(FaultKind::Rejected, Text::new("Kurang.", "Missing.")));
        }
        let number = if self.flawed("reference_unused") {
            format!("{}-{}", call.reference, counted())
        } else {
            call.reference.to_owned()
        };
        let mut body = json!({"nomor": number, "kode": code});
        if self.flawed("host_named") {
            body["balas_ke"] = "https://contoh.invalid/balas".into();
        }
        let request = NativeRequest::post("kirim", path, NativeBody::Json(body));
        Ok(if self.flawed("write_hidden") {
            request.reads_only()
        } else {
            request
        })
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let landed = if self.spec.effect.writes() {
            Landed::Unknown
        } else {
            Landed::No
        };
        self.translate(input, reply).map_err(|f| f.landed(landed))
    }

    fn call<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let request = Operation::request(self, call, input)?;
            if self.spec.id == "uji.berkas.kirim" {
                self.upload(out).await?;
            }
            let reply = match out.send(request).await {
                Ok(reply) => reply,
                Err(fault) if self.flawed("second_step_denied") && self.spec.id == "uji.berkas.kirim" => {
                    return Err(fault.landed(Landed::No));
                }
                Err(fault) if self.flawed("always_unknown") => return Err(fault.landed(Landed::Unknown)),
                Err(fault) if self.flawed("never_unknown") => return Err(fault.landed(Landed::No)),
                Err(fault) if self.flawed("faults_swallowed") && fault.landed == Landed::Unknown => {
                    return Ok(json!({"id": "T-0", "keadaan": "baik"}));
                }
                Err(fault) => return Err(fault),
            };
            self.reply(call, input, &reply)
        })
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        (self.path == "surat").then_some(self)
    }
}

/// `data` of a reply. Not by `["data"]`: that panics on a list.
fn data(reply: &NativeReply) -> Result<Value, Fault> {
    Ok(reply.json()?.get_mut("data").map(Value::take).unwrap_or_default())
}

/// A number that differs each time, as a careless connector might make one.
fn counted() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

impl Lookup for Op {
    fn request(&self, call: &Call<'_>, _input: &Value) -> Option<NativeRequest> {
        let path = if self.flawed("lookup_writes") {
            "tandai"
        } else {
            "surat"
        };
        Some(NativeRequest::get("cari", RelativePath::of(path)).query("nomor", call.reference))
    }
    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        self.translate(input, reply).map(Found::Landed)
    }
}

struct Probe {
    flaw: String,
}

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        let path = if self.flaw == "probe_writes" {
            "tandai"
        } else {
            "daftar"
        };
        NativeRequest::get("periksa", RelativePath::of(path))
    }
    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        reply.json().map(|_| ())
    }
}

struct List {
    spec: MirrorSpec,
    flaw: String,
}

impl Mirror for List {
    fn spec(&self) -> &MirrorSpec {
        &self.spec
    }
    fn request(&self, _call: &Call<'_>, _pull: &Pull) -> Result<NativeRequest, Fault> {
        let path = if self.flaw == "mirror_request_changed" {
            "daftar2"
        } else {
            "daftar"
        };
        Ok(NativeRequest::get("tarik", RelativePath::of(path)))
    }
    fn page(&self, _call: &Call<'_>, _pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let rows = match data(reply)? {
            Value::Array(rows) => rows,
            _ if self.flaw == "mirror_emptied" => Vec::new(),
            _ => return Err(Fault::drift("`data` is not a list")),
        };
        let record = |row: Value| match self.flaw == "mirror_keyless" {
            true => json!({"nama": row["nama"]}),
            false => json!({"kode": row["kode"], "nama": row["nama"]}),
        };
        Ok(Page {
            records: rows.into_iter().map(record).collect(),
            next: None,
            total: None,
        })
    }
}
