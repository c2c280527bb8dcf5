//! SIPD, the national system of regional planning, budget and treasury, played: the treasury and accounting half (C2),
//! the budget half (C1), the old plan push (A), an archive of the system before (B) and a local copy (wp-sipd), all of one
//! invented city at one address.
//!
//! Rows are written as text, digit by digit, since sums above 10¹¹ with four decimals do not survive a double. Not
//! played: the captcha and the login, which no gateway may use.

mod budget;
mod copy;
pub mod options;
mod push;
mod row;
mod serve;
mod treasury;
mod year;

pub use options::{Limit, Quirks, SipdOptions};
pub use year::Year;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::frame::{Answer, Endpoint, Fault, Request, Role, Running, SimClock, System, splp};

pub(crate) const PROFILE: Endpoint = Endpoint::new("profile", Role::Read);
pub(crate) const SKPD: Endpoint = Endpoint::new("skpd", Role::List);
pub(crate) const CASH_PLAN: Endpoint = Endpoint::new("cash_plan", Role::List);
pub(crate) const DPA: Endpoint = Endpoint::new("dpa", Role::Read);
pub(crate) const SPD: Endpoint = Endpoint::new("spd", Role::List);
pub(crate) const SPD_REPORT: Endpoint = Endpoint::new("spd_report", Role::Read);
pub(crate) const SPP: Endpoint = Endpoint::new("spp", Role::List);
pub(crate) const SPM: Endpoint = Endpoint::new("spm", Role::List);
pub(crate) const SP2D: Endpoint = Endpoint::new("sp2d", Role::List);
pub(crate) const SP2D_PRINT: Endpoint = Endpoint::new("sp2d_print", Role::Read);
pub(crate) const STATISTICS: Endpoint = Endpoint::new("statistics", Role::List);
pub(crate) const JOURNAL: Endpoint = Endpoint::new("journal", Role::List);
pub(crate) const LRA: Endpoint = Endpoint::new("lra", Role::Read);
pub(crate) const C1_SKPD: Endpoint = Endpoint::new("c1_skpd", Role::List);
pub(crate) const C1_AKUN: Endpoint = Endpoint::new("c1_akun", Role::List);
pub(crate) const C1_SUB_SKPD: Endpoint = Endpoint::new("c1_sub_skpd", Role::List);
pub(crate) const C1_SUB: Endpoint = Endpoint::new("c1_sub", Role::List);
pub(crate) const C1_RINCI: Endpoint = Endpoint::new("c1_rinci", Role::List);
pub(crate) const PUSH: Endpoint = Endpoint::new("push", Role::Write);
pub(crate) const GET: Endpoint = Endpoint::new("get", Role::Read);
pub(crate) const ARCHIVE: Endpoint = Endpoint::new("archive", Role::List);
pub(crate) const COPY: Endpoint = Endpoint::new("copy", Role::List);

const ENDPOINTS: [Endpoint; 22] = [
    PROFILE,
    SKPD,
    CASH_PLAN,
    DPA,
    SPD,
    SPD_REPORT,
    SPP,
    SPM,
    SP2D,
    SP2D_PRINT,
    STATISTICS,
    JOURNAL,
    LRA,
    C1_SKPD,
    C1_AKUN,
    C1_SUB_SKPD,
    C1_SUB,
    C1_RINCI,
    PUSH,
    GET,
    ARCHIVE,
    COPY,
];

/// Starts SIPD.
pub async fn start(options: SipdOptions) -> io::Result<Running<Sipd>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |clock, _| Sipd::new(options, clock)).await
}

/// The played system and its state.
pub struct Sipd {
    /// How it was set up; may be changed while it runs.
    pub options: SipdOptions,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) year: Arc<Year>,
    /// Pushed content by service and year: waiting for extraction, and extracted.
    pub(crate) pushed: BTreeMap<String, Pushed>,
    pub(crate) pushes: u64,
    pub(crate) refused: u64,
    pub(crate) asked: u64,
    token: String,
}

/// What was pushed to one service for one year.
#[derive(Default)]
pub(crate) struct Pushed {
    pub(crate) waiting: Option<Value>,
    pub(crate) shown: Option<Value>,
}

impl Sipd {
    fn new(options: SipdOptions, clock: Arc<SimClock>) -> Self {
        let year = Arc::new(Year::new(&options.city));
        let token = token(&options, clock.now().as_second());
        Self {
            options,
            clock,
            year,
            pushed: BTreeMap::new(),
            pushes: 0,
            refused: 0,
            asked: 0,
            token,
        }
    }

    /// The city's year as SIPD holds it: the truth that copies are held against.
    pub fn year(&self) -> Arc<Year> {
        Arc::clone(&self.year)
    }

    /// The bearer token an officer would hand over: bound to one role and one fiscal year, sixty hours.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Until when the token holds, in seconds.
    pub fn token_until(&self) -> i64 {
        self.options.token_from.unwrap_or(self.options.common.start.as_second()) + self.options.token_life
    }
}

/// Three parts like the real one; nobody signed it.
fn token(options: &SipdOptions, now: i64) -> String {
    let issued = options.token_from.unwrap_or(now);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({
        "iss": "SIPD_AUTH_SERVICE", "sub": format!("501.{}", options.id_daerah), "iat": issued,
        "exp": issued + options.token_life, "tahun": options.city.year, "id_user": 501,
        "id_daerah": options.id_daerah, "kode_provinsi": "36", "id_skpd": 9001, "id_role": 9, "id_pegawai": 501,
        "sub_domain_daerah": "kotacontoh",
    });
    let signature = URL_SAFE_NO_PAD.encode("tanda tangan rekaan");
    format!(
        "{}.{}.{signature}",
        part(&json!({"alg": "HS256", "typ": "JWT"})),
        part(&claims)
    )
}

impl System for Sipd {
    fn name(&self) -> &'static str {
        "sipd"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        serve::endpoint(request)
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        self.answer(endpoint, request, twists)
    }

    fn fault_answer(&self, fault: &Fault, request: &Request) -> Answer {
        let late = |answer: Answer, seconds: Option<u64>| match seconds {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        };
        match fault {
            Fault::OkWithErrorBody => serve::error_body(request),
            Fault::TokenExpired { .. } => Answer::json(401, &json!({"message": "token expired"})),
            Fault::Throttled { retry_after, .. } => late(self.limit(), *retry_after),
            Fault::Unavailable { retry_after } => {
                late(Answer::html(503, "<html>Service Unavailable</html>"), *retry_after)
            }
            Fault::EndpointSuspended => splp::json_fault(303_001),
            Fault::BackendTimeout { .. } => Answer::html(504, "<html>Gateway Time-out</html>"),
            Fault::GatewayFault { code } => splp::json_fault(*code),
            Fault::XmlFault { code } => splp::xml_fault(*code),
            Fault::HtmlErrorPage { status } => Answer::html(*status, "<html><body>Bad Gateway</body></html>"),
            _ => Answer::text(500, "text/plain", "scan into dest[0]: cannot scan NULL into *string"),
        }
    }

    fn timeout_answer(&self, _request: &Request) -> Answer {
        Answer::html(504, "<html>Gateway Time-out</html>")
    }

    fn state(&self) -> Value {
        let city = &self.year.city;
        json!({
            "token": self.token(), "units": city.units.len(), "sub_activities": city.subs.len(), "lines": city.lines.len(),
            "payments": city.payments.len(), "budget": self.year.budget().to_string(),
            "paid": self.year.paid().to_string(),
            "pushed": self.pushed.iter().map(|(name, pushed)| (name.clone(), json!(pushed.shown))).collect::<BTreeMap<_, _>>(),
        })
    }

    fn effects(&self) -> Value {
        json!({"pushes": self.pushes, "refused": self.refused})
    }

    fn reset(&mut self) {
        self.pushed.clear();
        (self.pushes, self.refused, self.asked) = (0, 0, 0);
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("POST", ["quirks"]) => Some(
                serde_json::from_value(body.clone())
                    .map_err(|error| error.to_string())
                    .map(|quirks: Quirks| {
                        self.options.quirks = quirks;
                        json!(self.options.quirks)
                    }),
            ),
            ("POST", ["extract"]) => {
                for pushed in self.pushed.values_mut() {
                    if let Some(content) = pushed.waiting.take() {
                        pushed.shown = Some(content);
                    }
                }
                Some(Ok(json!({"extracted": self.pushed.len()})))
            }
            _ => None,
        }
    }
}
