//! Angkut, the invented waste-collection system of a fictional agency, as a vendor would build it: an envelope of its own,
//! an API key in a header of its own, numbered pages, dates and decimals as people write them, and a signed push.
//!
//! `GET /api/jadwal?kec=&hal=` · `POST /api/permintaan` · `GET /api/permintaan?no_ref=` · `GET /openapi.json`, with `X-Kunci-Angkut`. Answers are always
//! HTTP 200 with `{"sts": "00", "ket": …, "dt": …}`; any other `sts` is an error. `POST /__sim/push` makes it tell the
//! city that a request was collected, signed `X-Tanda: sha256=…` over `{X-Waktu}.{body}`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request as HttpRequest;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::frame::sha256;
use crate::frame::{Answer, Common, Endpoint, Fault, Request, Role, Running, SimClock, System, page};

const SCHEDULE: Endpoint = Endpoint::new("schedule", Role::List);
const ASK: Endpoint = Endpoint::new("ask", Role::Create);
const FIND: Endpoint = Endpoint::new("find", Role::Read);
const DOCUMENT: Endpoint = Endpoint::new("document", Role::Read);

const ENDPOINTS: [Endpoint; 4] = [SCHEDULE, ASK, FIND, DOCUMENT];

/// Rows on a page.
const PAGE: usize = 2;
/// How long a push may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How it is set up.
#[derive(Debug, Clone)]
pub struct WasteOptions {
    /// Address and clock.
    pub common: Common,
    /// Value of `X-Kunci-Angkut`.
    pub api_key: String,
    /// Secret of pushes.
    pub push_key: String,
    /// Where pushes go.
    pub target: Option<String>,
}

impl Default for WasteOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            api_key: "kunci-angkut-simulasi".to_owned(),
            push_key: "rahasia-angkut-simulasi".to_owned(),
            target: None,
        }
    }
}

/// Starts it.
pub async fn start(options: WasteOptions) -> io::Result<Running<Waste>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |clock, _| Waste::new(options, clock)).await
}

/// A request for collection.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Running number.
    pub number: u64,
    /// The caller's number.
    pub reference: String,
    /// Kilograms, as written: `12,5`.
    pub weight: String,
}

/// The played system and its state.
pub struct Waste {
    /// How it was set up; may be changed while it runs.
    pub options: WasteOptions,
    clock: Arc<SimClock>,
    asked: Vec<Asked>,
    pushed: u64,
}

/// Route, district, day, truck, capacity in kilograms, state.
const ROUTES: [(&str, &str, &str, &str, &str, &str); 5] = [
    ("R-01", "36.71.01", "24/11/2026 06:30", "Truk 3", "1.250,50", "A"),
    ("R-02", "36.71.01", "25/11/2026 06:30", "Truk 3", "1.250,50", "A"),
    ("R-03", "36.71.05", "24/11/2026 07:00", "Truk 1", "980", "T"),
    ("R-04", "36.71.05", "26/11/2026 07:00", "Truk 1", "980", "A"),
    ("R-05", "36.71.05", "27/11/2026 07:00", "Truk 2", "2.000,25", "A"),
];

impl Waste {
    fn new(options: WasteOptions, clock: Arc<SimClock>) -> Self {
        Self {
            options,
            clock,
            asked: Vec::new(),
            pushed: 0,
        }
    }

    /// Every request that was stored.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    fn schedule(&self, request: &Request, twists: &[Fault]) -> Answer {
        let district = request.param("kec").unwrap_or_default();
        let rows: Vec<Value> = ROUTES
            .iter()
            .filter(|row| district.is_empty() || row.1 == district)
            .map(|(route, district, at, truck, capacity, state)| {
                json!({
                    "kd_rute": route, "kec": district, "tgl_jam": at, "armada": truck, "kap_kg": capacity, "st": state,
                    "petugas": [{"nm": "Petugas Contoh ", "peran": "sopir"}],
                })
            })
            .collect();
        let last = rows.len().div_ceil(PAGE).max(1);
        let number = request.page("hal");
        let (shown, _) = page(&rows, number, PAGE, twists);
        fine(&json!({"baris": shown, "hal": number, "hal_akhir": last, "jml": rows.len()}))
    }

    fn ask(&mut self, request: &Request, twists: &[Fault]) -> Answer {
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return wrong("40", "isi bukan JSON");
        };
        let field = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(reference), Some(weight), Some(_)) = (field("no_ref"), field("berat"), field("tgl")) else {
            return wrong("41", "no_ref, berat dan tgl wajib");
        };
        let known = self.asked.iter().find(|old| old.reference == reference).cloned();
        let stored = match known {
            Some(old) if old.weight != weight => return wrong("42", "no_ref dipakai permintaan lain"),
            Some(old) => old,
            None => {
                let fresh = Asked {
                    number: self.asked.len() as u64 + 1,
                    reference,
                    weight,
                };
                self.asked.push(fresh.clone());
                fresh
            }
        };
        match twists.contains(&Fault::CreatedWithoutId) {
            true => fine(&json!({"st": "B"})),
            false => fine(&row(&stored)),
        }
    }

    /// Requests under a number of the caller's.
    fn find(&self, request: &Request) -> Answer {
        let wanted = request.param("no_ref").unwrap_or_default();
        let rows = self.asked.iter().filter(|one| one.reference == wanted).map(row);
        let rows: Vec<Value> = rows.collect();
        fine(&json!({"jml": rows.len(), "baris": rows}))
    }

    /// Tells the city that a request was collected; the same `ke` tells the same push again.
    fn push(&mut self, body: &Value) -> Result<Value, String> {
        let url = body["url"]
            .as_str()
            .map(str::to_owned)
            .or_else(|| self.options.target.clone());
        let url = url.ok_or("url: an address is needed")?;
        let turn = body["ke"].as_u64().unwrap_or(self.pushed + 1);
        self.pushed = self.pushed.max(turn);
        let document = json!({
            "id_kabar": turn, "no_angkut": format!("AK{turn:05}"), "st": "S", "tgl_jam": "24/11/2026 09:15",
            "berat_kg": "12,5", "tps": {"kd": "TPS-01", "nm": "TPS Contoh"},
        })
        .to_string();
        let now = body["waktu"].as_i64().unwrap_or_else(|| self.clock.now().as_second());
        let key = body["rahasia"].as_str().unwrap_or(&self.options.push_key);
        let signature = hmac(key.as_bytes(), format!("{now}.{document}").as_bytes());
        let request = HttpRequest::post(&url)
            .header("content-type", "application/json")
            .header("x-waktu", now.to_string())
            .header("x-tanda", format!("sha256={signature}"))
            .body(Full::new(Bytes::from(document)))
            .map_err(|error| error.to_string())?;
        tokio::spawn(async move {
            let client = Client::builder(TokioExecutor::new()).build_http();
            // Whether it was taken is seen on the other side.
            let _ = tokio::time::timeout(PATIENCE, client.request(request)).await;
        });
        Ok(json!({"ke": turn, "url": url}))
    }
}

/// A request as answers show it.
fn row(one: &Asked) -> Value {
    json!({"no_angkut": format!("AK{:05}", one.number), "no_ref": one.reference, "st": "B"})
}

fn hmac(key: &[u8], text: &[u8]) -> String {
    let mut block = [0_u8; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let pad = |by: u8, rest: &[u8]| {
        let mut all: Vec<u8> = block.iter().map(|byte| byte ^ by).collect();
        all.extend_from_slice(rest);
        sha256::hex(&all)
    };
    let inner = pad(0x36, text);
    let digits = inner.as_bytes().chunks(2);
    let raw: Vec<u8> = digits
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    pad(0x5c, &raw)
}

impl System for Waste {
    fn name(&self) -> &'static str {
        "angkut"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/api/jadwal") => Some(SCHEDULE),
            ("POST", "/api/permintaan") => Some(ASK),
            ("GET", "/api/permintaan") => Some(FIND),
            ("GET", "/openapi.json") => Some(DOCUMENT),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        if endpoint == Some(DOCUMENT) {
            return Answer::text(200, "application/json", include_str!("openapi.json"));
        }
        if request.header("x-kunci-angkut") != Some(self.options.api_key.as_str()) {
            return Answer::json(401, &json!({"sts": "10", "ket": "kunci salah", "dt": null}));
        }
        match endpoint {
            Some(SCHEDULE) => self.schedule(request, twists),
            Some(ASK) => self.ask(request, twists),
            Some(FIND) => self.find(request),
            _ => Answer::json(404, &json!({"sts": "44", "ket": "alamat tidak ada", "dt": null})),
        }
    }

    fn fault_answer(&self, fault: &Fault, _request: &Request) -> Answer {
        match fault {
            Fault::OkWithErrorBody => wrong("90", "basis data sibuk"),
            Fault::TokenExpired { .. } => Answer::json(401, &json!({"sts": "10", "ket": "kunci salah", "dt": null})),
            Fault::Throttled { .. } => Answer::json(429, &json!({"sts": "29", "ket": "terlalu sering", "dt": null})),
            Fault::Unavailable { .. } | Fault::OutOfHours => {
                Answer::json(503, &json!({"sts": "93", "ket": "tutup", "dt": null}))
            }
            Fault::HtmlErrorPage { status } => Answer::html(*status, "<html><body>Galat</body></html>\n"),
            _ => Answer::json(500, &json!({"sts": "99", "ket": "galat", "dt": null})),
        }
    }

    fn state(&self) -> Value {
        let asked = self
            .asked
            .iter()
            .map(|one| json!({"no_ref": one.reference, "berat": one.weight}));
        json!({"permintaan": asked.collect::<Vec<_>>()})
    }

    fn effects(&self) -> Value {
        json!({"permintaan": self.asked.len()})
    }

    fn reset(&mut self) {
        *self = Self::new(self.options.clone(), Arc::clone(&self.clock));
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("POST", ["push"]) => Some(self.push(body)),
            _ => None,
        }
    }
}

fn fine(content: &Value) -> Answer {
    Answer::json(200, &json!({"sts": "00", "ket": "ok", "dt": content}))
}

fn wrong(code: &str, why: &str) -> Answer {
    Answer::json(200, &json!({"sts": code, "ket": why, "dt": null}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Test case 2.
        let wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac(b"Jefe", b"what do ya want for nothing?"), wanted);
    }
}
