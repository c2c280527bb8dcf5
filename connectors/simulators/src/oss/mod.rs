//! OSS RBA, the national licensing system, played in both directions: it answers what a city calls and pushes what a
//! city must take in.
//!
//! It keeps every status in the order of arrival, every licence number it gave out, a service clock for each
//! application, and every acknowledgement of its pushes. Its companies are invented and made on demand, so a year of
//! a city costs no more memory than what was done to it. Not played: single sign-on, the public look-up, and
//! `checkKomitmen`, which nobody has specified.

pub mod city;
mod codes;
mod command;
pub mod days;
pub mod options;
pub mod push;
pub mod quirks;
mod serve;
pub mod service;
pub mod sha1;
pub mod token;
pub mod truth;

pub use city::{City, Company};
pub use options::{Access, OssOptions};
pub use push::{Method, Outcome, Plan, Push, Pusher, Revision};
pub use quirks::Quirks;
pub use token::{TokenForm, TokenPlace, TokenRule};
pub use truth::Application;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::frame::{Answer, Endpoint, Fault, Request, Running, SimClock, System};
use city::document::{Setting, data_nib};
use days::DAY;
use serve::certificate::Certificate;
use serve::read::{Form, Refusal};
use truth::{By, Entry, wrong};

/// Starts OSS.
pub async fn start(options: OssOptions) -> io::Result<Running<Oss>> {
    let common = options.common.clone();
    let prefix = options.prefix.clone();
    crate::frame::start(&common, &prefix, |clock, base| Oss::new(options, clock, base)).await
}

/// The played system and its state.
pub struct Oss {
    /// How it was set up; may be changed while it runs. Pushes read their own copy: see [`Oss::pusher`].
    pub options: OssOptions,
    clock: Arc<SimClock>,
    base: String,
    city: Arc<City>,
    pusher: Arc<Pusher>,
    applications: BTreeMap<String, Application>,
    given: BTreeMap<String, Value>,
    given_permits: HashMap<String, String>,
    certificates: BTreeMap<String, Certificate>,
    security_keys: BTreeMap<String, i64>,
    counts: Counts,
    turns: u64,
}

#[derive(Default)]
struct Counts {
    statuses: u64,
    wrong: [u64; 7],
    numbers: u64,
    silent: u64,
    mismatched: u64,
    unknown_keys: u64,
    refused: u64,
}

impl Counts {
    fn take(&mut self, entry: Entry) {
        self.statuses += u64::from(matches!(entry.by, By::Status | By::Kkpr));
        for (place, count) in self.wrong.iter_mut().enumerate() {
            *count += u64::from(entry.wrong >> place & 1);
        }
    }
}

/// What OSS knows of an application from the day it was filed.
pub(crate) struct Known {
    pub(crate) nib: String,
    pub(crate) oss_id: String,
    pub(crate) id_proyek: String,
    pub(crate) kd_izin: String,
    pub(crate) kd_daerah: String,
    kind: String,
}

impl Oss {
    fn new(options: OssOptions, clock: Arc<SimClock>, base: String) -> Self {
        let year_ago = clock.now().as_second() - 365 * DAY;
        let city = Arc::new(City::new(options.city.clone(), year_ago));
        let pusher = Pusher::new(Arc::clone(&city), Arc::clone(&clock), base.clone(), &options);
        Self {
            options,
            clock,
            base,
            city,
            pusher: Arc::new(pusher),
            applications: BTreeMap::new(),
            given: BTreeMap::new(),
            given_permits: HashMap::new(),
            certificates: BTreeMap::new(),
            security_keys: BTreeMap::new(),
            counts: Counts::default(),
            turns: 0,
        }
    }

    /// The pushing side, to be used without holding the system.
    pub fn pusher(&self) -> Arc<Pusher> {
        Arc::clone(&self.pusher)
    }

    /// The invented city.
    pub fn city(&self) -> Arc<City> {
        Arc::clone(&self.city)
    }

    /// Applications something was done to, by `id_izin`.
    pub fn applications(&self) -> &BTreeMap<String, Application> {
        &self.applications
    }

    /// Changes the oddities of answers and pushes alike.
    pub fn set_quirks(&mut self, quirks: Quirks) {
        self.pusher.quirks().clone_from(&quirks);
        self.options.quirks = quirks;
    }

    /// Seconds of service time OSS believes are left for an application; `None` when nothing was done to it.
    pub fn remaining_seconds(&self, id_izin: &str) -> Option<i64> {
        let application = self.applications.get(id_izin)?;
        Some(application.clock.remaining(self.now(), &self.options.service.calendar))
    }

    /// Applications with more than one number, or with a number nobody completed.
    pub fn burnt(&self) -> Vec<&str> {
        let burnt = self
            .applications
            .iter()
            .filter(|(_, it)| it.surplus() > 0 || it.unfinished() > 0);
        burnt.map(|(id, _)| id.as_str()).collect()
    }

    /// Takes over a document (`dataNIB`) that no seed made; its applications are known from then on.
    pub fn register(&mut self, document: &Value) -> Result<String, String> {
        let document = document.get("dataNIB").unwrap_or(document);
        let nib = document["nib"].as_str().ok_or("nib: a text is needed")?.to_owned();
        let rows = document["data_checklist"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        for row in rows {
            if let Some(id) = row["id_izin"].as_str() {
                self.given_permits.insert(id.to_owned(), nib.clone());
            }
        }
        self.given.insert(nib.clone(), document.clone());
        Ok(nib)
    }

    /// Silence becomes approval wherever the time has passed (when `silence_approves` is on).
    pub fn pass_time(&mut self) {
        if !self.options.service.silence_approves {
            return;
        }
        let now = self.now();
        for application in self.applications.values_mut() {
            self.counts.silent += u64::from(application.pass_time(now, &self.options.service));
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    fn behind_splp(&self) -> bool {
        matches!(self.options.access, Access::SplpBearer | Access::SplpApiKey)
    }

    /// For what happens in turn: every other time true.
    fn turn(&mut self) -> bool {
        self.turns += 1;
        self.turns.is_multiple_of(2)
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            quirks: &self.options.quirks,
            files: &self.base,
        }
    }

    fn revision(&self, index: u32) -> Revision {
        self.pusher.records().latest(index).unwrap_or_default()
    }

    /// The document of a NIB as it stands.
    fn document(&self, nib: &str) -> Option<Value> {
        if let Some(given) = self.given.get(nib) {
            return Some(given.clone());
        }
        let company = self.city.by_nib(nib)?;
        Some(data_nib(&company, self.revision(company.index), &self.setting()))
    }

    fn known(&self, id_izin: &str) -> Option<Known> {
        if let Some(nib) = self.given_permits.get(id_izin) {
            let document = self.given.get(nib)?;
            let rows = document["data_checklist"].as_array()?;
            let row = rows.iter().find(|row| row["id_izin"] == id_izin)?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            return Some(Known {
                nib: nib.clone(),
                oss_id: text(&document["oss_id"]),
                id_proyek: text(&row["id_proyek"]),
                kd_izin: text(&row["kd_izin"]),
                kd_daerah: text(&row["kd_daerah"]),
                kind: text(&row["jenis_izin"]),
            });
        }
        let company = self.city.by_permit(id_izin)?;
        let (project, permit) = company.permits().find(|(_, permit)| permit.id == id_izin)?;
        Some(Known {
            id_proyek: project.id.clone(),
            kd_izin: permit.code().to_owned(),
            kind: permit.licence.kind.to_owned(),
            nib: company.nib.clone(),
            oss_id: company.oss_id.clone(),
            kd_daerah: company.village.clone(),
        })
    }

    /// The state of an application, with its time passed.
    fn application(&mut self, id_izin: &str) -> Result<&mut Application, Refusal> {
        if !self.applications.contains_key(id_izin) {
            let known = self.known(id_izin);
            let known = known.ok_or_else(|| Refusal::new(400, "Data izin tidak ditemukan"))?;
            let days = self.options.service.days_for(&known.kind, &known.kd_izin);
            self.applications.insert(id_izin.to_owned(), Application::new(days));
        }
        self.pass(id_izin);
        let application = self.applications.get_mut(id_izin);
        application.ok_or_else(|| Refusal::new(500, "OSS gagal memproses payload"))
    }

    /// Puts a status on the record of an application.
    fn record(&mut self, id_izin: &str, code: u8, by: By, at: i64) -> Result<(), Refusal> {
        self.application(id_izin)?;
        let now = self.now();
        if let Some(application) = self.applications.get_mut(id_izin) {
            self.counts
                .take(application.take(code, by, at, now, &self.options.service));
        }
        Ok(())
    }

    /// Lets the time of one application pass.
    fn pass(&mut self, id_izin: &str) {
        let now = self.now();
        if let Some(application) = self.applications.get_mut(id_izin) {
            self.counts.silent += u64::from(application.pass_time(now, &self.options.service));
        }
    }

    /// Keys the guide does not know: counted, and refused when strict.
    fn unknown_key(&mut self, form: &Form<'_>) -> Result<(), Refusal> {
        let Some(key) = form.unknown() else { return Ok(()) };
        self.counts.unknown_keys += 1;
        match self.options.strict.unknown_keys {
            true => Err(Refusal::field(key, "tidak dikenal")),
            false => Ok(()),
        }
    }

    fn signed(&self, id_izin: &str) -> bool {
        let application = self.applications.get(id_izin);
        let at = application.and_then(|application| application.signed_at);
        at.is_some_and(|at| at <= self.now())
    }

    fn file_url(&self, id_izin: &str) -> String {
        let slash = if self.options.quirks.double_slash { "//" } else { "/" };
        let digits = id_izin.strip_prefix("I-").unwrap_or(id_izin);
        format!("{}/file/download{slash}U{digits}", self.base)
    }
}

impl System for Oss {
    fn name(&self) -> &'static str {
        "oss"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &serve::ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        serve::find(self, &request.path).map(|(endpoint, _)| endpoint)
    }

    fn serve(&mut self, _endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        let answer = serve::answer(self, request, twists);
        let duplicate = self.options.quirks.duplicate_oss_id && request.path.ends_with("/inqueryNIB");
        if duplicate { twice_oss_id(answer) } else { answer }
    }

    fn fault_answer(&self, fault: &Fault, request: &Request) -> Answer {
        serve::fault(self, fault, request)
    }

    fn timeout_answer(&self, request: &Request) -> Answer {
        serve::timeout(self, request)
    }

    fn state(&self) -> Value {
        let (now, calendar) = (self.now(), &self.options.service.calendar);
        let applications = self.applications.iter().map(|(id, it)| it.to_json(id, now, calendar));
        let certificates = self.certificates.iter().map(|(id, certificate)| {
            json!({"id_izin": id, "id_sertifikat": certificate.id, "received": certificate.received})
        });
        json!({
            "companies": self.city.companies(), "applications": applications.collect::<Vec<_>>(),
            "certificates": certificates.collect::<Vec<_>>(), "given": self.given.keys().collect::<Vec<_>>(),
        })
    }

    fn effects(&self) -> Value {
        let counts = &self.counts;
        let (mut completed, mut surplus, mut unfinished, mut repeated) = (0, 0, 0, 0);
        for application in self.applications.values() {
            completed += application.numbers.iter().filter(|number| number.completed).count();
            surplus += application.surplus();
            unfinished += application.unfinished();
            repeated += application.completions_repeated;
        }
        let named = wrong::NAMES.iter().zip(counts.wrong);
        let wrong: serde_json::Map<String, Value> =
            named.map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
        json!({
            "applications": self.applications.len(), "statuses": counts.statuses, "wrong": wrong,
            "numbers_issued": counts.numbers, "numbers_completed": completed, "numbers_surplus": surplus,
            "numbers_unfinished": unfinished, "numbers_burnt": counts.numbers - completed as u64,
            "completions_repeated": repeated, "approved_by_silence": counts.silent, "mismatched_keys": counts.mismatched,
            "unknown_keys": counts.unknown_keys, "refused": counts.refused, "certificates": self.certificates.len(),
            "pushes": self.pusher.records().summary(),
        })
    }

    fn reset(&mut self) {
        for job in self.pusher.jobs() {
            job.stop();
        }
        *self = Self::new(self.options.clone(), Arc::clone(&self.clock), self.base.clone());
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        self.run_command(method, path, body)
    }
}

/// The guide's sample writes `oss_id` twice; a JSON object of ours cannot, so the text is mended.
fn twice_oss_id(answer: Answer) -> Answer {
    let text = String::from_utf8_lossy(&answer.body);
    let Some((_, after)) = text.split_once("\"oss_id\":\"") else {
        return answer;
    };
    let id = after.split('"').next().unwrap_or_default();
    let doubled = text.replacen("\"dataNIB\":{", &format!("\"dataNIB\":{{\"oss_id\":\"{id}\","), 1);
    let body = doubled.into_bytes().into();
    Answer { body, ..answer }
}
