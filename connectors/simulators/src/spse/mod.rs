//! LKPP's procurement data, played: the API gateway (`/api`), the old service bus (`/isb-2/api`), the open data
//! (`/isb-2/api/satudata`) and the web tables of SiRUP (`/sirup`), all showing the same invented [`City`].
//!
//! Read-only like the real ones. Rows are made from the city once per data set and kept. What is odd about them is
//! listed in [`Quirks`]; each can be switched off.

mod bus;
mod contracts;
mod gateway;
mod masters;
mod open;
mod options;
mod orders;
mod plan;
mod tenders;
mod web;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use serde_json::{Map, Value, json};

pub use options::{EmptyForm, Envelope, Quirks, SpseOptions};

use crate::city::{City, Money};
use crate::frame::{Answer, Endpoint, Fault, Request, Role, Running, System};

const PAGE: Endpoint = Endpoint::new("gateway", Role::List);
const LEGACY: Endpoint = Endpoint::new("legacy", Role::List);
const BUS: Endpoint = Endpoint::new("isb", Role::List);
const OPEN: Endpoint = Endpoint::new("satudata", Role::List);
const WEB: Endpoint = Endpoint::new("sirup", Role::List);
const ENDPOINTS: [Endpoint; 5] = [PAGE, LEGACY, BUS, OPEN, WEB];

/// Starts it. The interfaces are at `/api`, `/isb-2/api`, `/isb-2/api/satudata` and `/sirup` below the base URL.
pub async fn start(options: SpseOptions) -> io::Result<Running<Spse>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |_, _| Spse::new(options)).await
}

/// Rows of one data set, in the order of their hashes, as the bus writes them.
pub(crate) type Rows = Arc<Vec<(u64, Value)>>;

/// The played interfaces and their city.
pub struct Spse {
    /// How they were set up; may be changed while they run.
    pub options: SpseOptions,
    city: Arc<City>,
    kept: HashMap<&'static str, Rows>,
}

impl Spse {
    /// Without a socket, for tests that bring requests themselves.
    pub fn new(options: SpseOptions) -> Self {
        let city = Arc::new(City::new(options.city.clone()));
        Self {
            options,
            city,
            kept: HashMap::new(),
        }
    }

    /// The city behind it.
    pub fn city(&self) -> Arc<City> {
        Arc::clone(&self.city)
    }

    /// Changes the quirks; rows are made anew.
    pub fn set_quirks(&mut self, quirks: Quirks) {
        self.options.quirks = quirks;
        self.kept.clear();
    }

    /// Rows of a data set by its name on the bus, as the bus writes them.
    pub fn rows(&mut self, name: &str) -> Option<Vec<Value>> {
        let rows = self.set(name)?;
        Some(rows.iter().map(|(_, row)| row.clone()).collect())
    }

    pub(crate) fn set(&mut self, name: &str) -> Option<Rows> {
        let name = bus::NAMES.iter().find(|known| **known == name)?;
        if let Some(rows) = self.kept.get(name) {
            return Some(Arc::clone(rows));
        }
        let maker = Maker {
            city: &self.city,
            options: &self.options,
        };
        let mut rows: Vec<(u64, Value)> = maker
            .make(name)
            .into_iter()
            .enumerate()
            .map(|(at, row)| (hash(at as u64 + 1), row))
            .collect();
        rows.sort_by_key(|(hash, _)| *hash);
        let rows = Arc::new(rows);
        self.kept.insert(name, Arc::clone(&rows));
        Some(rows)
    }
}

/// Makes the rows of a data set.
pub(crate) struct Maker<'a> {
    pub(crate) city: &'a City,
    pub(crate) options: &'a SpseOptions,
}

impl Maker<'_> {
    fn make(&self, name: &str) -> Vec<Value> {
        let family = name.split_once('-').map_or(name, |(family, _)| family);
        match family {
            "RUP" => self.plan(name),
            "Ecat" | "Bela" => self.orders(name),
            _ if name.contains("Ekontrak") => self.contracts(name),
            _ => self.tenders(name),
        }
    }

    /// What nearly every row begins with.
    pub(crate) fn head(&self, unit: usize, spse: bool) -> Map<String, Value> {
        let unit = &self.city.units[unit];
        let mut row = Map::new();
        for (name, value) in [
            ("tahun_anggaran", json!(self.city.options.year)),
            ("kd_klpd", json!(self.options.klpd)),
            ("nama_klpd", json!("Kota Contoh")),
            ("jenis_klpd", json!("KOTA")),
            ("kd_satker_str", json!(unit.code)),
            ("nama_satker", json!(unit.name)),
            ("_event_date", json!(self.city.options.today.to_string())),
        ] {
            row.insert(name.to_owned(), value);
        }
        let id = if spse {
            json!(unit.spse_id)
        } else {
            json!(unit.sirup_id)
        };
        row.insert("kd_satker".to_owned(), id);
        if spse {
            row.insert("kd_lpse".to_owned(), lpse(&self.options.lpse));
            row.insert("nama_lpse".to_owned(), json!("LPSE Kota Contoh"));
            row.insert("url_lpse".to_owned(), json!("https://lpse.contoh.invalid/eproc4"));
        }
        row
    }
}

/// The LPSE number as rows write it.
pub(crate) fn lpse(number: &str) -> Value {
    json!(number.parse::<i64>().unwrap_or_default())
}

/// A JSON number: whole on one row, with decimals on the next.
pub(crate) fn number(money: Money) -> Value {
    serde_json::from_str(&money.text()).unwrap_or(Value::Null)
}

/// Adds members.
pub(crate) fn with(mut row: Map<String, Value>, more: Value) -> Value {
    if let Value::Object(more) = more {
        row.extend(more);
    }
    Value::Object(row)
}

/// Without these members.
pub(crate) fn without(mut row: Value, names: &[&str]) -> Value {
    if let Some(row) = row.as_object_mut() {
        row.retain(|name, _| !names.contains(&name.as_str()));
    }
    row
}

/// The order of pages: a hash without any business in it, up to 63 bits.
pub(crate) fn hash(of: u64) -> u64 {
    let mut x = of.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)) >> 1
}

impl System for Spse {
    fn name(&self) -> &'static str {
        "spse"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        let path = request.path.as_str();
        match path {
            _ if request.method != "GET" => None,
            _ if path.starts_with("/api/v1/") => Some(PAGE),
            _ if path.starts_with("/api/legacy/") => Some(LEGACY),
            _ if path.starts_with("/isb-2/api/satudata/") => Some(OPEN),
            _ if path.starts_with("/isb-2/api/") => Some(BUS),
            _ if path.starts_with("/sirup/datatablectr/") => Some(WEB),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        match endpoint {
            Some(PAGE | LEGACY) => self.gateway(request, twists),
            Some(BUS) => self.bus(request, twists),
            Some(OPEN) => self.open(request),
            Some(WEB) => self.web(request),
            _ => gateway::error(404, "Not Found"),
        }
    }

    fn fault_answer(&self, fault: &Fault, request: &Request) -> Answer {
        let late = |answer: Answer, seconds: Option<u64>| match seconds {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        };
        let bus = request.path.starts_with("/isb-2/");
        match fault {
            Fault::OkWithErrorBody if bus => Answer::text(200, "text/plain", "Kesalahan sistem"),
            Fault::OkWithErrorBody if request.path.starts_with("/sirup/") => web::error_page(),
            Fault::OkWithErrorBody => Answer {
                status: 200,
                ..gateway::error(500, "Internal Server Error")
            },
            Fault::TokenExpired { .. } => gateway::error(401, "Unauthorized"),
            Fault::Throttled { retry_after, .. } => late(gateway::error(429, "Too Many Requests"), *retry_after),
            Fault::Unavailable { retry_after } => late(gateway::error(503, "Service Unavailable"), *retry_after),
            Fault::EndpointSuspended | Fault::OutOfHours => gateway::error(503, "Service Unavailable"),
            Fault::BackendTimeout { .. } => gateway::error(504, "Gateway Timeout"),
            Fault::HtmlErrorPage { status } => gateway::html(*status),
            _ => gateway::error(500, "Internal Server Error"),
        }
    }

    fn timeout_answer(&self, _request: &Request) -> Answer {
        gateway::error(504, "Gateway Timeout")
    }

    fn state(&self) -> Value {
        json!({
            "packages": self.city.packages.len(), "contracts": self.city.contracts.len(),
            "units": self.city.units.len(), "seed": self.city.options.seed,
        })
    }

    fn effects(&self) -> Value {
        json!({"writes": 0})
    }

    fn reset(&mut self) {
        self.kept.clear();
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("POST", ["options"]) => Some(self.options.change(body).map(|()| {
                self.kept.clear();
                json!({"changed": true})
            })),
            ("GET", ["rows", name]) => Some(match self.rows(name) {
                Some(rows) => Ok(json!({"name": name, "count": rows.len(), "rows": rows})),
                None => Err(format!("no data set {name}")),
            }),
            _ => None,
        }
    }
}
