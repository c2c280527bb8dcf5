//! OSS's own commands under `/__sim/`: push, look at the truth, turn switches.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::Oss;
use super::city::Company;
use super::days;
use super::push::{Ack, Job, Method, Plan, Push, Revision};
use super::token::TokenForm;

impl Oss {
    pub(super) fn run_command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        self.pass_time();
        match (method, path) {
            ("GET", ["applications"]) => Some(Ok(self.all_applications())),
            ("GET", ["applications", id]) => Some(self.show(id)),
            ("GET", ["sequences"]) => Some(Ok(self.sequences())),
            ("GET", ["clocks"]) => Some(Ok(self.clocks())),
            ("GET", ["burnt"]) => Some(Ok(json!(self.burnt()))),
            ("GET", ["companies", index]) => Some(self.company_json(index)),
            ("GET", ["pushes"]) => Some(Ok(self.pusher.records().documents_json())),
            ("GET", ["acks"]) => Some(Ok(self.pusher.records().recent().iter().map(Ack::to_json).collect())),
            ("GET", ["jobs"]) => Some(Ok(self.pusher.jobs().iter().map(|job| job.to_json()).collect())),
            ("POST", ["jobs", number, "stop"]) => Some(self.stop_job(number)),
            ("POST", ["register"]) => Some(self.register(body).map(|nib| json!({ "nib": nib }))),
            ("POST", ["push"]) => Some(self.command_push(body)),
            ("POST", ["push_many"]) => Some(self.command_push_many(body)),
            ("POST", ["push_files"]) => Some(self.command_push_files()),
            ("POST", ["sign", id]) => Some(self.sign(id)),
            ("POST", ["options"]) => Some(self.command_options(body)),
            _ => None,
        }
    }

    /// Pushes for every file that is signed by now.
    pub fn signed_files(&self) -> Vec<Push> {
        let ids = self.applications.keys().filter(|id| self.signed(id));
        let pushes = ids.filter_map(|id| {
            let known = self.known(id)?;
            Some(self.pusher.prepare_file(id, &known.nib, &self.file_url(id)))
        });
        pushes.collect()
    }

    /// Signs the file of an application now, whatever was waited for.
    pub fn sign(&mut self, id: &str) -> Result<Value, String> {
        let now = self.now();
        let application = self
            .applications
            .get_mut(id)
            .ok_or_else(|| format!("nothing was done to {id}"))?;
        application.signed_at = Some(now);
        Ok(json!({ "signed": id }))
    }

    fn all_applications(&self) -> Value {
        let (now, calendar) = (self.now(), &self.options.service.calendar);
        let all = self
            .applications
            .iter()
            .map(|(id, application)| application.to_json(id, now, calendar));
        all.collect()
    }

    fn show(&self, id: &str) -> Result<Value, String> {
        let application = self
            .applications
            .get(id)
            .ok_or_else(|| format!("nothing was done to {id}"))?;
        Ok(application.to_json(id, self.now(), &self.options.service.calendar))
    }

    /// `{"I-…": ["10@2026-02-03 09:00:00", …]}` in the order of arrival: small enough for a whole year.
    fn sequences(&self) -> Value {
        let all = self.applications.iter().map(|(id, application)| {
            let steps = application.history.iter();
            let steps = steps.map(|entry| format!("{:02}@{}", entry.code, days::time(entry.at)).into());
            (id.clone(), Value::Array(steps.collect()))
        });
        Value::Object(all.collect())
    }

    fn clocks(&self) -> Value {
        let (now, calendar) = (self.now(), &self.options.service.calendar);
        let clocks = self
            .applications
            .iter()
            .map(|(id, it)| (id.clone(), it.clock_json(now, calendar)));
        Value::Object(clocks.collect())
    }

    fn company_json(&self, index: &str) -> Result<Value, String> {
        let company = index.parse().ok().and_then(|index| self.city.company(index));
        let company = company.ok_or_else(|| format!("companies run from 1 to {}", self.city.companies()))?;
        let permits = company.permits().map(|(project, permit)| {
            let steps = permit.journey(company.filed).into_iter();
            let steps = steps.map(|step| json!({"kd_status": step.kd_status, "tgl_status": step.tgl_status()}));
            json!({
                "id_izin": permit.id, "id_proyek": project.id, "kd_izin": permit.code(), "flag_checklist": permit.flag,
                "kewenangan": permit.authority, "for_the_city": permit.for_the_city(), "journey": steps.collect::<Vec<_>>(),
            })
        });
        Ok(json!({
            "nib": company.nib, "oss_id": company.oss_id, "npwp": company.npwp, "kd_daerah": company.village,
            "franchise": company.franchise(), "permits": permits.collect::<Vec<_>>(),
            "dataNIB": self.document(&company.nib),
        }))
    }

    /// `{"index": 17}` or `{"body": {…}}`, with `method`, `revision`, `token`, `times`.
    fn command_push(&mut self, body: &Value) -> Result<Value, String> {
        let method: Method = setting(body, "method")?.unwrap_or(Method::Nib);
        let revision: Revision = setting(body, "revision")?.unwrap_or_default();
        let mut push = match (body.get("body"), body["index"].as_u64()) {
            (Some(given), _) => {
                if method != Method::File {
                    self.register(
                        given
                            .as_object()
                            .filter(|map| map.len() == 1)
                            .and_then(|map| map.values().next())
                            .unwrap_or(given),
                    )?;
                }
                self.pusher.prepare_given(method, given)
            }
            (None, Some(index)) => {
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                let push = self
                    .pusher
                    .prepare(method, index, revision)
                    .ok_or("no such company, or no franchise")?;
                self.pusher.records().note_revision(index, revision);
                push
            }
            (None, None) => return Err("index or body is needed".to_owned()),
        };
        push.token = setting::<TokenForm>(body, "token")?;
        let times = body["times"].as_u64().unwrap_or(1).clamp(1, 10_000) as usize;
        let (job, play) = self.pusher.start_list(vec![push; times]);
        self.spawn(&job, play)
    }

    fn command_push_many(&mut self, body: &Value) -> Result<Value, String> {
        let plan: Plan = match body {
            Value::Null => Plan::default(),
            body => serde_json::from_value(body.clone()).map_err(|error| error.to_string())?,
        };
        let (job, play) = self.pusher.start(plan);
        self.spawn(&job, play)
    }

    fn command_push_files(&mut self) -> Result<Value, String> {
        let (job, play) = self.pusher.start_list(self.signed_files());
        self.spawn(&job, play)
    }

    fn spawn(&self, job: &Job, play: impl Future<Output = ()> + Send + 'static) -> Result<Value, String> {
        let runtime = Handle::try_current().map_err(|error| error.to_string())?;
        runtime.spawn(play);
        let mut answer = job.to_json();
        answer["job"] = (self.pusher.jobs().len() - 1).into();
        Ok(answer)
    }

    fn stop_job(&self, number: &str) -> Result<Value, String> {
        let jobs = self.pusher.jobs();
        let job = number.parse::<usize>().ok().and_then(|number| jobs.get(number));
        let job = job.ok_or_else(|| format!("no job {number}"))?;
        job.stop();
        Ok(job.to_json())
    }

    /// Any part of `quirks`, `strict`, `service`, `push`; what is not named stays. Answers how they stand, without
    /// the password.
    fn command_options(&mut self, body: &Value) -> Result<Value, String> {
        let quirks = merged(&self.options.quirks, &body["quirks"])?;
        let strict = merged(&self.options.strict, &body["strict"])?;
        let service = merged(&self.options.service, &body["service"])?;
        let push = merged(&*self.pusher.rule(), &body["push"])?;
        let access = setting(body, "access")?.unwrap_or(self.options.access);
        let sign = setting(body, "sign_after_seconds")?.unwrap_or(self.options.sign_after_seconds);
        let repeatable = setting(body, "first_step_repeatable")?.unwrap_or(self.options.first_step_repeatable);
        let open = setting(body, "shows_open_numbers")?.unwrap_or(self.options.shows_open_numbers);
        self.set_quirks(quirks);
        self.options.strict = strict;
        self.options.service = service;
        self.pusher.rule().clone_from(&push);
        self.options.push = push;
        (self.options.access, self.options.sign_after_seconds) = (access, sign);
        self.options.first_step_repeatable = repeatable;
        self.options.shows_open_numbers = open;
        let mut push = json!(self.options.push);
        push["token"]["password"] = "***".into();
        Ok(json!({
            "quirks": self.options.quirks, "strict": self.options.strict, "service": self.options.service,
            "push": push, "access": access, "sign_after_seconds": sign, "first_step_repeatable": repeatable,
            "shows_open_numbers": open,
        }))
    }
}

fn setting<T: DeserializeOwned>(body: &Value, name: &str) -> Result<Option<T>, String> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let read = serde_json::from_value(value.clone());
            read.map(Some).map_err(|error| format!("{name}: {error}"))
        }
    }
}

fn merged<T: Serialize + DeserializeOwned>(current: &T, change: &Value) -> Result<T, String> {
    let mut whole = json!(current);
    merge(&mut whole, change);
    serde_json::from_value(whole).map_err(|error| error.to_string())
}

fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (_, Value::Null) => {}
        (Value::Object(into), Value::Object(change)) => {
            for (key, value) in change {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

impl Company {
    /// Ids of the applications the city has to decide.
    pub fn for_the_city(&self) -> impl Iterator<Item = &str> {
        let permits = self.permits().map(|(_, permit)| permit);
        permits
            .filter(|permit| permit.for_the_city())
            .map(|permit| permit.id.as_str())
    }
}
