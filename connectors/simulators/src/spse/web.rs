//! The web tables of SiRUP (5.2): DataTables of the older kind, cells by position, whoever does not come from the page is
//! shown the door as HTML. An error page comes with status 200 (5.1).

use serde_json::{Value, json};

use super::{Spse, masters};
use crate::city::{Method, Money, Package};
use crate::frame::{Answer, Request};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// What DataTables sends in place of a count (5.1).
const NOT_COUNTED: i64 = 2_147_483_647;

impl Spse {
    pub(super) fn web(&self, request: &Request) -> Answer {
        let from_page = request.header("x-requested-with") == Some("XMLHttpRequest");
        if !from_page || request.header("referer").is_none() {
            return error_page();
        }
        let list = request.path.trim_start_matches("/sirup/datatablectr/");
        let Some(chosen) = self.chosen(list, request) else {
            return Answer::html(
                200,
                "<html><body>Halaman yang dituju tidak ditemukan</body></html>\n".to_owned(),
            );
        };
        let number = |name: &str| request.param(name).and_then(|text| text.parse::<usize>().ok());
        let (start, length) = (
            number("iDisplayStart").unwrap_or(0),
            number("iDisplayLength").unwrap_or(10),
        );
        let quirks = &self.options.quirks;
        // More than asked for, now and then (5.1).
        let length = if quirks.web_longer_pages { length + 3 } else { length };
        let page = chosen.iter().skip(start).take(length);
        let rows: Vec<Value> = page.map(|package| self.cells(package)).collect();
        let count = if quirks.web_not_counted {
            NOT_COUNTED
        } else {
            i64::try_from(chosen.len()).unwrap_or(NOT_COUNTED)
        };
        Answer::json(
            200,
            &json!({"aaData": rows, "iTotalRecords": count, "iTotalDisplayRecords": count}),
        )
    }

    /// Packages of a list, in the order of their numbers.
    fn chosen(&self, list: &str, request: &Request) -> Option<Vec<&Package>> {
        let year = request.param("tahun").unwrap_or_default();
        let here = year == self.city.options.year.to_string();
        let ours = here && request.param("idKldi").as_deref() == Some(self.options.klpd.as_str());
        let unit = request.param("idSatker");
        let own = |package: &Package| matches!(package.method, Method::OwnWork(_));
        let of_unit = |package: &Package| {
            let id = self.city.units[package.unit].sirup_id.to_string();
            here && unit.as_deref() == Some(id.as_str())
        };
        let mut chosen: Vec<&Package> = self.city.packages.iter().collect();
        match list {
            "dataruppenyediakldi" => chosen.retain(|package| ours && !own(package)),
            "datarupswakelolakldi" => chosen.retain(|package| ours && own(package)),
            // The city buys nothing within own work.
            "dataruppenyediaswakelolaallrekapkldi" => chosen.clear(),
            "dataruppenyediasatker" => chosen.retain(|package| !own(package) && of_unit(package)),
            _ => return None,
        }
        chosen.sort_by_key(|package| package.rup);
        Some(chosen)
    }

    fn cells(&self, package: &Package) -> Value {
        let (_, method) = masters::plan_method(package.method);
        let fund = package
            .parts
            .first()
            .map(|part| self.city.lines[part.line].fund.to_string());
        let id = match self.options.quirks.web_numbers {
            true => json!(package.rup),
            false => json!(package.rup.to_string()),
        };
        let pagu = match self.options.quirks.web_rounded {
            true => json!(rounded(package.pagu)),
            false => json!(package.pagu.text()),
        };
        let month = MONTHS[usize::from(package.from.month().unsigned_abs()) - 1];
        let time = format!("{month} {}", package.from.year());
        let unit = &self.city.units[package.unit].name;
        json!([id, unit, package.name, pagu, method, fund, id, time])
    }
}

/// An error page of the application, under 200.
pub(super) fn error_page() -> Answer {
    let text = "<html><body>Maaf, terjadi error pada aplikasi. Kode Error: 0</body></html>\n";
    Answer::html(200, text.to_owned())
}

/// `67,4 Jt`, `1,2 M`: a decimal comma and a unit.
fn rounded(money: Money) -> String {
    let (unit, word) = match money.whole() {
        whole if whole >= 1_000_000_000 => (1_000_000_000, "M"),
        _ => (1_000_000, "Jt"),
    };
    let tenths = money.whole() * 10 / unit;
    match tenths % 10 {
        0 => format!("{} {word}", tenths / 10),
        rest => format!("{},{rest} {word}", tenths / 10),
    }
}
