//! Applies the marks of a schema (`x-kode`, `x-rujukan`, `x-waktu`, `x-lokasi`) to a document.
//!
//! Called through [`CodeLists::check`] after the schema itself was satisfied; values of another type than a rule
//! expects are the schema's business and passed over here.

use crate::codes::{Bounds, CodeLists, Verdict};
use crate::findings::{Findings, Violation};
use crate::pointer::safe_segment;
use crate::rujukan::{self, Kind};
use crate::schema::Schema;
use crate::walk::{Ask, Step};
use jiff::civil::Date;
use serde_json::Value;

pub(crate) fn check(lists: &CodeLists, schema: &Schema, value: &Value, on: Date) -> Findings {
    let mut findings = Findings::default();
    for rule in &schema.rules {
        visit(value, &rule.place, &mut String::new(), &mut |part, pointer| {
            ask(lists, &rule.ask, part, pointer, on, &mut findings);
        });
    }
    findings
}

pub(crate) fn visit(value: &Value, place: &[Step], pointer: &mut String, found: &mut impl FnMut(&Value, &str)) {
    let Some((step, rest)) = place.split_first() else {
        return found(value, pointer);
    };
    let length = pointer.len();
    let mut descend = |key: &str, child: &Value| {
        pointer.push('/');
        pointer.push_str(&safe_segment(key));
        visit(child, rest, pointer, found);
        pointer.truncate(length);
    };
    match (step, value) {
        (Step::Key(key), Value::Object(map)) => {
            if let Some(child) = map.get(key) {
                descend(key, child);
            }
        }
        (Step::Key(key), Value::Array(items)) => {
            if let Some(child) = key.parse::<usize>().ok().and_then(|index| items.get(index)) {
                descend(key, child);
            }
        }
        (Step::Each, Value::Array(items)) => {
            for (index, child) in items.iter().enumerate() {
                descend(&index.to_string(), child);
            }
        }
        (Step::Each, Value::Object(map)) => {
            for (key, child) in map {
                descend(key, child);
            }
        }
        _ => {}
    }
}

fn ask(lists: &CodeLists, ask: &Ask, value: &Value, pointer: &str, on: Date, findings: &mut Findings) {
    match (ask, value) {
        (Ask::Code(list), Value::String(code)) => code_of(lists, list, code, pointer, on, findings),
        (Ask::Reference(kind), Value::String(text)) => {
            let city = if *kind == Kind::Nop { city_digits(lists) } else { None };
            let checked = city.map_or_else(|| kind.check(text), |city| rujukan::nop_of_city(text, &city));
            let all = checked
                .hard
                .iter()
                .map(|f| (true, f))
                .chain(checked.soft.iter().map(|f| (false, f)));
            for (hard, f) in all {
                findings.push(hard, violation(pointer, f.code, f.id, f.en));
            }
        }
        (Ask::Past, Value::String(text)) => {
            let date = text.get(..10).and_then(|day| day.parse::<Date>().ok());
            if date.is_some_and(|date| date > on) {
                let (id, en) = ("Tanggal ini di masa depan.", "This date is in the future.");
                findings.push(true, violation(pointer, "future_date", id, en));
            }
        }
        (Ask::Location(list), Value::Object(map)) => {
            let bounds = lists.get(list).and_then(|list| list.bounds);
            let lat = map.get("lat").and_then(Value::as_f64);
            let lon = map.get("lon").and_then(Value::as_f64);
            if let (Some(bounds), Some(lat), Some(lon)) = (bounds, lat, lon)
                && !inside(bounds, lat, lon)
            {
                let (id, en) = (
                    "Koordinat di luar batas kota.",
                    "The coordinates are outside the city's bounds.",
                );
                findings.push(false, violation(pointer, "outside_bounds", id, en));
            }
        }
        _ => {}
    }
}

fn code_of(lists: &CodeLists, list: &str, code: &str, pointer: &str, on: Date, findings: &mut Findings) {
    let version = lists.get(list).map_or("-", |list| list.version.as_str());
    let (hard, rule, id, en) = match lists.contains(list, code, on) {
        Verdict::Valid => return,
        Verdict::Unlisted => (
            false,
            "unlisted_code",
            "tidak tercantum, induknya berlaku",
            "is not listed, its parent is",
        ),
        Verdict::Unknown => (true, "unknown_code", "tidak dikenal", "is not known"),
        Verdict::NotYet => (true, "code_not_yet_valid", "belum berlaku", "is not valid yet"),
        Verdict::Expired => (true, "code_expired", "sudah tidak berlaku", "is no longer valid"),
        Verdict::NoList => (
            true,
            "code_list_missing",
            "tidak dapat diperiksa: daftar belum dimuat",
            "cannot be checked: the list is not loaded",
        ),
    };
    let id = format!("Kode {id} (daftar {list}, versi {version}).");
    let en = format!("The code {en} (list {list}, version {version}).");
    findings.push(hard, violation(pointer, rule, &id, &en));
}

/// The city's four digits, from the first row of the list `wilayah` (`36.71.01` gives `3671`).
fn city_digits(lists: &CodeLists) -> Option<String> {
    let first = lists.get("wilayah")?.rows.first()?;
    let digits: String = first.code.chars().filter(char::is_ascii_digit).take(4).collect();
    (digits.len() == 4).then_some(digits)
}

fn inside(bounds: Bounds, lat: f64, lon: f64) -> bool {
    (bounds.lat_min..=bounds.lat_max).contains(&lat) && (bounds.lon_min..=bounds.lon_max).contains(&lon)
}

fn violation(pointer: &str, code: &'static str, id: &str, en: &str) -> Violation {
    Violation {
        pointer: pointer.to_owned(),
        code,
        id: id.to_owned(),
        en: en.to_owned(),
    }
}
