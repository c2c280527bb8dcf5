//! The contract of a connector over a manifest: descriptor from data, translation by rules.

use crate::asking::{Asking, facts};
use crate::flaw::Flaw;
use crate::hook::Pushed;
use crate::lookup::Sought;
use crate::manifest::{Auth, EffectText, Errors, Manifest, OperationText};
use crate::mirror::Pulled;
use crate::rule::{Compiled, compile};
use crate::run::{Wrong, run};
use connector_sdk::{
    Answer, Call, Connector, Descriptor, Effect, Fault, FaultKind, HealthProbe, Hook, Landed, Lookup, Mirror,
    NativeReply, NativeRequest, Operation, OperationSpec, Paging, RelativePath, Replay, Settings, Str, Text, screen,
};
use serde_json::Value;
use std::sync::Arc;

/// Name of the only step.
const STEP: &str = "panggil";

/// Builds a connector, or says what is wrong with the manifest itself. Schemas are judged by [`crate::check`].
pub(crate) fn build(manifest: Manifest, settings: &Settings) -> Result<Arc<dyn Connector>, Vec<Flaw>> {
    let (mut flaws, mut count) = (Vec::new(), 0);
    let mut made = |rules: &[crate::rule::Rule], key: &str| compile(rules, key, 0, &mut count, &mut flaws);
    let mut operations = Vec::new();
    let mut hooks = Vec::new();
    let mut mirrors = Vec::new();
    for (number, text) in manifest.operasi.iter().enumerate() {
        let key = format!("operasi.{number}");
        operations.push(Translated {
            spec: spec(text),
            asking: Asking::new(&text.asli, &format!("{key}.asli"), &mut made),
            reply: made(&text.jawab, &format!("{key}.jawab")),
            lookup: text.cari.as_ref().map(|lookup| {
                let key = format!("{key}.cari");
                Sought::new(lookup, manifest.galat.is_some(), &key, &mut made)
            }),
        });
    }
    for (number, text) in manifest.masuk.iter().enumerate() {
        let rules = made(&text.terjemah, &format!("masuk.{number}.terjemah"));
        hooks.push(Pushed::new(
            text.clone(),
            rules,
            settings.secret(&text.tanda_tangan.rahasia),
        ));
    }
    for (number, text) in manifest.salinan.iter().enumerate() {
        let rules = made(&text.terjemah, &format!("salinan.{number}.terjemah"));
        mirrors.push(Pulled::new(text.clone(), rules));
    }
    if !flaws.is_empty() {
        return Err(flaws);
    }
    Ok(Arc::new(Declared {
        descriptor: descriptor(&manifest, &operations, &hooks, &mirrors),
        health: manifest.sehat.as_ref().map(|path| Probe(RelativePath::of(path))),
        errors: manifest.galat,
        operations,
        hooks,
        mirrors,
    }))
}

fn descriptor(manifest: &Manifest, operations: &[Translated], hooks: &[Pushed], mirrors: &[Pulled]) -> Descriptor {
    let own = |text: &str| Str::Owned(text.to_owned());
    Descriptor {
        id: own(&manifest.sistem),
        title: manifest.judul.clone(),
        owner: own(&manifest.pemilik),
        native_version: own(&manifest.versi_asli),
        documentation: own(&manifest.dokumentasi),
        auth: vec![
            match &manifest.auth {
                Auth::None => "none",
                Auth::Headers { .. } => "headers",
                Auth::Basic { .. } => "basic",
                Auth::ClientCredentials { .. } => "client_credentials",
            }
            .into(),
        ],
        limits: manifest.batas.native(),
        operations: operations.iter().map(|one| one.spec.clone()).collect(),
        hooks: hooks.iter().map(|one| one.spec().clone()).collect(),
        mirrors: mirrors.iter().map(|one| one.spec().clone()).collect(),
        errors: Vec::new(),
        settings: Vec::new(),
    }
}

fn spec(text: &OperationText) -> OperationSpec {
    let all = |texts: &[String]| texts.iter().cloned().map(Str::Owned).collect();
    OperationSpec {
        id: text.id.clone().into(),
        summary: text.ringkasan.clone(),
        request_schema: text.masukan.clone().into(),
        reply_schema: text.keluaran.clone().into(),
        effect: match text.akibat {
            EffectText::Baca => Effect::Read,
            EffectText::TulisAman => Effect::Write { replay: Replay::Native },
            EffectText::TulisDicari => Effect::Write {
                replay: Replay::ByReference,
            },
            EffectText::TulisSekali => Effect::Write { replay: Replay::Unsafe },
        },
        answer: Answer::Immediate,
        reference: all(&text.rujukan),
        ordering: all(&text.urutan),
        deadline_ms: text.tenggat_ms,
        paging: Paging::None,
        follow: None,
    }
}

struct Declared {
    descriptor: Descriptor,
    operations: Vec<Translated>,
    hooks: Vec<Pushed>,
    mirrors: Vec<Pulled>,
    errors: Option<Errors>,
    health: Option<Probe>,
}

impl Connector for Declared {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        let found = self.operations.iter().find(|one| one.spec.id == id);
        found.map(|one| one as &dyn Operation)
    }

    fn hook(&self, id: &str) -> Option<&dyn Hook> {
        self.hooks
            .iter()
            .find(|one| one.spec().id == id)
            .map(|one| one as &dyn Hook)
    }

    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        self.mirrors
            .iter()
            .find(|one| one.spec().id == id)
            .map(|one| one as &dyn Mirror)
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        self.health.as_ref().map(|probe| probe as &dyn HealthProbe)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        screen::http(request.writes, reply)?;
        match &self.errors {
            Some(errors) => errors.screen(request.writes, reply),
            None => Ok(()),
        }
    }
}

impl Errors {
    /// An error inside a success.
    fn screen(&self, writes: bool, reply: &NativeReply) -> Result<(), Fault> {
        let unsure = if writes { Landed::Unknown } else { Landed::No };
        let body = reply.json().map_err(|fault| fault.landed(unsure))?;
        let Some(state) = body.pointer(&self.letak) else {
            return Err(Fault::drift(format!("no {} in the answer", self.letak)).landed(unsure));
        };
        if self.berhasil.contains(state) {
            return Ok(());
        }
        let code = match self.kode.as_str() {
            "" => None,
            pointer => body.pointer(pointer).and_then(|code| crate::ops::plain(code).ok()),
        };
        let meaning = code.as_ref().and_then(|code| self.arti.get(code));
        let text = Text::new(
            "Sistem tujuan menolak permintaan.",
            "The target system refused the request.",
        );
        let fault = match meaning {
            Some(meaning) => Fault::new(meaning.jenis, text).landed(if writes { meaning.mendarat } else { Landed::No }),
            None => Fault::new(FaultKind::Rejected, text).landed(unsure),
        };
        // Only codes that the manifest names are repeated: others could hold anything.
        Err(match code.filter(|code| self.arti.contains_key(code)) {
            Some(code) => fault.native_code(code),
            None => fault.internal("an error code that the manifest does not name"),
        })
    }
}

struct Probe(RelativePath);

impl HealthProbe for Probe {
    fn request(&self, _call: &Call<'_>) -> NativeRequest {
        NativeRequest::get("sehat", self.0.clone())
    }

    fn judge(&self, reply: &NativeReply) -> Result<(), Fault> {
        screen::http(false, reply)
    }
}

struct Translated {
    spec: OperationSpec,
    asking: Asking,
    reply: Vec<Compiled>,
    lookup: Option<Sought>,
}

impl Operation for Translated {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        self.asking.request(call, input, STEP, self.spec.effect.writes())
    }

    fn reply(&self, call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let unsure = if self.spec.effect.writes() {
            Landed::Unknown
        } else {
            Landed::No
        };
        let native = reply.json().map_err(|fault| fault.landed(unsure))?;
        run(&self.reply, &native, facts(call)).map_err(|wrong| wrong_reply(&wrong).landed(unsure))
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        self.lookup.as_ref().map(|lookup| lookup as &dyn Lookup)
    }
}

/// What the input cannot be turned into is the caller's to correct.
pub(crate) fn wrong_input(wrong: Wrong) -> Fault {
    match wrong {
        Wrong::Fields(complaints) => Fault::invalid(complaints),
        Wrong::TooMuch => too_much(),
    }
}

/// What the answer cannot be turned into is drift: the pointers name native fields, for the operator only.
pub(crate) fn wrong_reply(wrong: &Wrong) -> Fault {
    match wrong {
        Wrong::Fields(complaints) => {
            let places: Vec<&str> = complaints.iter().take(8).map(|one| one.pointer.as_str()).collect();
            Fault::drift(format!("cannot be translated: {}", places.join(", ")))
        }
        Wrong::TooMuch => too_much(),
    }
}

fn too_much() -> Fault {
    Fault::new(
        FaultKind::Internal,
        Text::new(
            "Penerjemahan melampaui batasnya. Pengelola gateway perlu memeriksa aturan pemetaan.",
            "The translation exceeded its bounds. The gateway's operator must look at the mapping rules.",
        ),
    )
    .internal("mapping rules spent their budget")
}
