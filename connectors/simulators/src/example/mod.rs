//! Perpustakaan, an invented agency system: books and reservations. The smallest complete neighbour there is; the
//! example connector talks to it.
//!
//! `GET /buku?kode=` · `GET /buku` · `POST /reservasi` · `GET /reservasi?nomor_permintaan=`, all with `X-Api-Key`.
//! A reservation is idempotent by `nomor_permintaan`: the same again gives the same answer, another content is 409.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use crate::frame::{Answer, Common, Endpoint, Fault, Request, Role, Running, System, page, splp};

const BOOKS: Endpoint = Endpoint::new("books", Role::List);
const RESERVE: Endpoint = Endpoint::new("reserve", Role::Create);
const RESERVATION: Endpoint = Endpoint::new("reservation", Role::Read);

const ENDPOINTS: [Endpoint; 3] = [BOOKS, RESERVE, RESERVATION];

/// How the library is set up.
#[derive(Debug, Clone)]
pub struct ExampleOptions {
    /// Address and clock.
    pub common: Common,
    /// Value of `X-Api-Key`.
    pub api_key: String,
    /// Whether `nomor_permintaan` makes a reservation idempotent; without it every call reserves.
    pub idempotent: bool,
}

impl Default for ExampleOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            api_key: "kunci-simulasi".to_owned(),
            idempotent: true,
        }
    }
}

/// Starts the library.
pub async fn start(options: ExampleOptions) -> io::Result<Running<Library>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |_, _| Library::new(options)).await
}

/// A book.
#[derive(Debug, Clone)]
pub struct Book {
    /// Title.
    pub title: String,
    /// Copies left.
    pub left: u32,
}

/// A reservation.
#[derive(Debug, Clone)]
pub struct Reservation {
    /// Running number.
    pub number: u64,
    /// The caller's number.
    pub request: String,
    /// Book code.
    pub book: String,
    /// Member number.
    pub member: String,
}

/// The played system and its state.
pub struct Library {
    /// How it was set up; may be changed while it runs.
    pub options: ExampleOptions,
    books: BTreeMap<String, Book>,
    reservations: Vec<Reservation>,
}

impl Library {
    fn new(options: ExampleOptions) -> Self {
        let shelf = [
            ("BK-001", "Laut di Balik Peta", 5000),
            ("BK-002", "Sejarah Sebuah Jembatan", 1),
            ("BK-003", "Memelihara Lebah di Kota", 0),
        ];
        let books = shelf.map(|(code, title, left)| {
            (
                code.to_owned(),
                Book {
                    title: title.to_owned(),
                    left,
                },
            )
        });
        Self {
            options,
            books: books.into(),
            reservations: Vec::new(),
        }
    }

    /// Every reservation made.
    pub fn reservations(&self) -> &[Reservation] {
        &self.reservations
    }

    /// Caller's numbers that were reserved more than once.
    pub fn doubles(&self) -> Vec<&str> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for reservation in &self.reservations {
            *counts.entry(&reservation.request).or_default() += 1;
        }
        counts
            .into_iter()
            .filter(|(_, count)| *count > 1)
            .map(|(request, _)| request)
            .collect()
    }

    fn books(&self, request: &Request, twists: &[Fault]) -> Answer {
        let row = |(code, book): (&String, &Book)| json!({"kode": code, "judul": book.title, "tersedia": book.left});
        if let Some(code) = request.param("kode") {
            return match self.books.get(&code) {
                Some(book) => ok(&row((&code, book))),
                None => refuse(404, "TIDAK_ADA", "Buku tidak ditemukan"),
            };
        }
        let rows: Vec<Value> = self.books.iter().map(row).collect();
        let (shown, more) = page(&rows, request.page("halaman"), 50, twists);
        ok(&json!({"buku": shown, "ada_lagi": more}))
    }

    fn reserve(&mut self, request: &Request, twists: &[Fault]) -> Answer {
        let body: Value = match serde_json::from_slice(&request.body) {
            Ok(body) => body,
            Err(_) => return refuse(400, "FORMAT", "Isi bukan JSON"),
        };
        let field = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(number), Some(code), Some(member)) =
            (field("nomor_permintaan"), field("kode_buku"), field("nomor_anggota"))
        else {
            return refuse(
                422,
                "WAJIB",
                "nomor_permintaan, kode_buku dan nomor_anggota wajib diisi",
            );
        };
        let before = self
            .reservations
            .iter()
            .find(|old| old.request == number)
            .filter(|_| self.options.idempotent);
        if let Some(old) = before {
            return match old.book == code && old.member == member {
                true => created(old, twists),
                false => refuse(409, "BERBEDA", "nomor_permintaan sudah dipakai untuk reservasi lain"),
            };
        }
        let Some(book) = self.books.get_mut(&code) else {
            return refuse(404, "TIDAK_ADA", "Buku tidak ditemukan");
        };
        if book.left == 0 {
            return refuse(409, "HABIS", "Semua eksemplar sedang dipinjam");
        }
        book.left -= 1;
        let reservation = Reservation {
            number: self.reservations.len() as u64 + 1,
            request: number,
            book: code,
            member,
        };
        let answer = created(&reservation, twists);
        self.reservations.push(reservation);
        answer
    }

    fn reservation(&self, request: &Request) -> Answer {
        let number = request.param("nomor_permintaan").unwrap_or_default();
        match self
            .reservations
            .iter()
            .find(|reservation| reservation.request == number)
        {
            Some(reservation) => ok(&reservation.to_json()),
            None => refuse(404, "TIDAK_ADA", "Reservasi tidak ditemukan"),
        }
    }
}

impl Reservation {
    fn to_json(&self) -> Value {
        json!({
            "nomor_reservasi": format!("R-{:06}", self.number), "nomor_permintaan": self.request,
            "kode_buku": self.book, "nomor_anggota": self.member, "status": "dipesan",
        })
    }
}

impl System for Library {
    fn name(&self) -> &'static str {
        "perpustakaan"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/buku") => Some(BOOKS),
            ("POST", "/reservasi") => Some(RESERVE),
            ("GET", "/reservasi") => Some(RESERVATION),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        if request.header("x-api-key") != Some(self.options.api_key.as_str()) {
            return refuse(401, "KUNCI", "X-Api-Key tidak sah");
        }
        match endpoint {
            Some(BOOKS) => self.books(request, twists),
            Some(RESERVE) => self.reserve(request, twists),
            Some(RESERVATION) => self.reservation(request),
            _ => refuse(404, "TIDAK_ADA", "Alamat tidak dikenal"),
        }
    }

    fn fault_answer(&self, fault: &Fault, _request: &Request) -> Answer {
        let late = |answer: Answer, seconds: Option<u64>| match seconds {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        };
        match fault {
            Fault::OkWithErrorBody => refuse(200, "GALAT", "Basis data tidak dapat dihubungi"),
            Fault::TokenExpired { .. } => refuse(401, "KUNCI", "X-Api-Key kedaluwarsa"),
            Fault::Throttled { retry_after, .. } => late(refuse(429, "BATAS", "Terlalu sering"), *retry_after),
            Fault::Unavailable { retry_after } => late(refuse(503, "TUTUP", "Sedang dipelihara"), *retry_after),
            Fault::EndpointSuspended => splp::json_fault(303_001),
            Fault::BackendTimeout { .. } => splp::json_fault(101_504),
            Fault::GatewayFault { code } => splp::json_fault(*code),
            Fault::XmlFault { code } => splp::xml_fault(*code),
            Fault::HtmlErrorPage { status } => Answer::html(*status, "<html><body><h1>Galat</h1></body></html>\n"),
            Fault::OutOfHours => refuse(503, "TUTUP", "Perpustakaan buka pukul 08.00 sampai 16.00"),
            _ => refuse(500, "GALAT", "Kesalahan server"),
        }
    }

    fn state(&self) -> Value {
        let books = self
            .books
            .iter()
            .map(|(code, book)| json!({"kode": code, "tersedia": book.left}));
        json!({
            "books": books.collect::<Vec<_>>(),
            "reservations": self.reservations.iter().map(Reservation::to_json).collect::<Vec<_>>(),
        })
    }

    fn effects(&self) -> Value {
        json!({"reservations": self.reservations.len(), "doubles": self.doubles()})
    }

    fn reset(&mut self) {
        *self = Self::new(self.options.clone());
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("POST", ["books", code]) => Some(self.stock(code, body)),
            _ => None,
        }
    }
}

impl Library {
    /// Sets how many copies of a book are left.
    fn stock(&mut self, code: &str, body: &Value) -> Result<Value, String> {
        let left = body["tersedia"].as_u64().ok_or("tersedia: a number is needed")?;
        let book = self.books.get_mut(code).ok_or_else(|| format!("no book {code}"))?;
        book.left = u32::try_from(left).map_err(|error| error.to_string())?;
        Ok(json!({"kode": code, "tersedia": left}))
    }
}

fn created(reservation: &Reservation, twists: &[Fault]) -> Answer {
    match twists.contains(&Fault::CreatedWithoutId) {
        true => ok(&json!({"status": "dipesan"})),
        false => ok(&reservation.to_json()),
    }
}

fn ok(content: &Value) -> Answer {
    Answer::json(200, &json!({"kode": "OK", "pesan": "Berhasil", "isi": content}))
}

fn refuse(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"kode": code, "pesan": message, "isi": null}))
}
