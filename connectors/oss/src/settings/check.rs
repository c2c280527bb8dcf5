//! Judges the settings, all complaints at once, and builds what operations and hooks read. Pure.

use super::{Push, Raw};
use crate::clock::Rules;
use crate::hook::Sources;
use crate::ops::METHODS;
use crate::status::{Status, StatusMap};
use crate::zone::Zone;
use connector_sdk::{RelativePath, Secret, SettingComplaint, Settings};
use http::HeaderName;
use std::collections::BTreeMap;

/// Checked settings with the parts that are parsed once.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The settings themselves.
    pub(crate) raw: Raw,
    /// Native status codes.
    pub(crate) statuses: StatusMap,
    /// Zone of native times.
    pub(crate) zone: Zone,
    /// The service clock.
    pub(crate) rules: Rules,
    /// How pushes prove themselves.
    pub(crate) push: Option<TokenSource>,
}

/// What push tokens are checked with.
#[derive(Debug)]
pub(crate) struct TokenSource {
    /// As written.
    pub(crate) raw: Push,
    /// Passwords: the current one and, while it is replaced, the old one.
    pub(crate) passwords: Vec<Secret>,
    /// Zones whose date counts.
    pub(crate) zones: Vec<Zone>,
    /// Who may push.
    pub(crate) sources: Sources,
}

impl TokenSource {
    /// As much of a body as is looked at before its sender is proven.
    pub(crate) fn head<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        &body[..body.len().min(self.raw.jangkauan_nib)]
    }
}

impl Setup {
    /// Reads and judges the settings.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Vec<SettingComplaint>> {
        let raw: Raw = settings.read()?;
        let mut complaints = Complaints::default();
        complaints.fields(&raw);
        let statuses = StatusMap::new(complaints.statuses(&raw.status));
        let zone = Zone::parse(&raw.zona)
            .map_err(|advice| complaints.add("zona", advice))
            .ok();
        let push = raw.masuk.as_ref().and_then(|push| complaints.push(push, settings));
        let rules = Rules::read(raw.tenggat.as_ref())
            .map_err(|wrong| complaints.0.extend(wrong))
            .ok();
        match zone.zip(rules) {
            Some((zone, rules)) if complaints.0.is_empty() => Ok(Self {
                raw,
                statuses,
                zone,
                rules,
                push,
            }),
            _ => Err(complaints.0),
        }
    }

    /// The path of a method below the endpoint.
    pub(crate) fn path(&self, method: &str) -> RelativePath {
        RelativePath::of(self.raw.jalur.get(method).map_or(method, String::as_str))
    }
}

#[derive(Default)]
struct Complaints(Vec<SettingComplaint>);

impl Complaints {
    fn add(&mut self, key: impl Into<String>, advice: impl Into<String>) {
        self.0.push(SettingComplaint {
            key: key.into(),
            advice: advice.into(),
        });
    }

    fn fields(&mut self, raw: &Raw) {
        for number in &raw.daftar_referensi {
            let known = number.parse::<u8>().is_ok_and(|n| (1..=32).contains(&n)) && !number.starts_with(['0', '+']);
            if !known {
                self.add("daftar_referensi", "write numbers of code lists, \"1\" to \"32\"");
            }
        }
        for (method, path) in &raw.jalur {
            if !METHODS.contains(&method.as_str()) {
                self.add(format!("jalur.{method}"), format!("use one of {}", METHODS.join(", ")));
            }
            if path.trim_matches('/').is_empty() || path.contains("://") {
                self.add(
                    format!("jalur.{method}"),
                    "write a path below the endpoint, without host",
                );
            }
        }
        let code = &raw.kode_instansi;
        if code.is_empty() || code.len() > 3 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.add(
                "kode_instansi",
                "write the 3 characters OSS gave the city, for example \"367\"",
            );
        }
        for (code, word) in &raw.tipe_dokumen {
            if !["asli", "perubahan", "pencabutan", "pembatalan"].contains(&word.as_str()) {
                let advice = "use asli, perubahan, pencabutan or pembatalan";
                self.add(format!("tipe_dokumen.{code}"), advice);
            }
        }
        if raw.kata_tidak_ditemukan.iter().any(|word| word.trim().is_empty()) {
            self.add(
                "kata_tidak_ditemukan",
                "leave out empty words: they would match everything",
            );
        }
    }

    fn statuses(&mut self, written: &BTreeMap<String, String>) -> BTreeMap<String, Status> {
        let mut known = BTreeMap::new();
        for (code, word) in written {
            match Status::from_word(word) {
                Some(status) => {
                    known.insert(code.clone(), status);
                }
                None => {
                    let words: Vec<&str> = Status::ALL.iter().map(|status| status.word()).collect();
                    self.add(format!("status.{code}"), format!("use one of {}", words.join(", ")));
                }
            }
        }
        known
    }

    fn push(&mut self, push: &Push, settings: &Settings) -> Option<TokenSource> {
        let before = self.0.len();
        if push.pengguna.is_empty() {
            self.add("masuk.pengguna", "write the user name agreed with OSS");
        }
        let mut passwords = Vec::new();
        for name in &push.rahasia {
            match settings.secret(name).filter(|secret| !secret.is_empty()) {
                Some(secret) => passwords.push(secret),
                None => self.add(
                    "masuk.rahasia",
                    format!("there is no secret `{name}` for this system; store it"),
                ),
            }
        }
        if push.rahasia.is_empty() {
            self.add("masuk.rahasia", "name at least one secret that holds the push password");
        }
        let sources = Sources::parse(&push.sumber)
            .map_err(|advice| self.add("masuk.sumber", advice))
            .ok();
        let mut zones = Vec::new();
        for name in &push.zona {
            match Zone::parse(name) {
                Ok(zone) => zones.push(zone),
                Err(advice) => self.add("masuk.zona", advice),
            }
        }
        if push.zona.is_empty() || push.rumus.is_empty() {
            self.add("masuk", "`zona` and `rumus` need at least one entry each");
        }
        let headers_good = push
            .kepala_token
            .iter()
            .all(|name| HeaderName::try_from(name.as_str()).is_ok());
        if !headers_good || (push.kepala_token.is_empty() && push.parameter_token.is_none()) {
            self.add(
                "masuk.kepala_token",
                "write the names of the headers that may carry the token",
            );
        }
        if push.menit_tengah_malam > 180 {
            self.add("masuk.menit_tengah_malam", "write at most 180 minutes");
        }
        if push.batas_isi == 0 || push.jangkauan_nib == 0 {
            self.add("masuk.batas_isi", "write sizes above zero");
        }
        let sources = sources.filter(|_| self.0.len() == before)?;
        Some(TokenSource {
            raw: push.clone(),
            passwords,
            zones,
            sources,
        })
    }
}
