//! `penyedia.lihat`: one supplier of the catalogue by its id, from the gateway. A detail look-up, not a list; nothing is
//! kept.

use crate::dataset::DataSet;
use crate::exact;
use crate::request;
use crate::row::{Maker, Turned};
use crate::rows::Rows;
use crate::settings::{Interface, Setup};
use connector_sdk::{
    Answer, Call, Effect, Fault, FaultKind, NativeReply, NativeRequest, Operation, OperationSpec, Paging, Pull, Text,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::sync::Arc;

/// The data set that the look-up reads.
const SET: &str = "penyedia_katalog";

/// The operation.
pub(crate) struct Supplier {
    spec: OperationSpec,
    setup: Arc<Setup>,
    set: DataSet,
}

impl Supplier {
    /// On the gateway only.
    pub(crate) fn of(setup: &Arc<Setup>) -> Option<Self> {
        let set = setup.sets.iter().find(|set| set.id == SET)?;
        (setup.raw.antarmuka == Interface::Gerbang).then(|| Self {
            spec: spec(),
            setup: Arc::clone(setup),
            set: set.clone(),
        })
    }

    fn this_year(&self, call: &Call<'_>) -> i64 {
        let east = SignedDuration::from_mins(i64::from(self.setup.raw.offset_menit));
        let here = call.now.checked_add(east).unwrap_or(call.now);
        TimeZone::UTC.to_datetime(here).year().into()
    }

    /// Its specification.
    pub(crate) fn spec(&self) -> &OperationSpec {
        &self.spec
    }
}

fn spec() -> OperationSpec {
    OperationSpec {
        id: "penyedia.lihat".into(),
        summary: Text::new(
            "Melihat satu penyedia di katalog LKPP.",
            "Shows one supplier of LKPP's catalogue.",
        ),
        request_schema: "urn:simpul:skema:penyedia_kunci:1".into(),
        reply_schema: "urn:simpul:skema:penyedia:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 60_000,
        paging: Paging::None,
        follow: None,
    }
}

impl Operation for Supplier {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let id = input.get("kode_penyedia").and_then(Value::as_str).unwrap_or_default();
        let asked = input.get("tahun_anggaran").and_then(Value::as_i64);
        let mut scope = vec![("id".to_owned(), id.to_owned())];
        // Unless somebody says which year, it is the year of the call.
        let year = asked.or_else(|| self.setup.raw.tahun.is_none().then(|| self.this_year(call)));
        scope.extend(year.map(|year| ("tahun".to_owned(), year.to_string())));
        request::page(&self.setup, &self.set, &Pull { scope, cursor: None })
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let rows = Rows::of(&reply.body).ok_or_else(|| Fault::drift("no list of suppliers"))?;
        let asked = input.get("kode_penyedia").and_then(Value::as_str);
        let mut maker = Maker::new(&self.set, &self.set.kunci, &self.setup.offset);
        let mut any = false;
        for row in rows {
            any = true;
            let row = exact::parse(row).ok_or_else(|| Fault::drift("a row that is not JSON"))?;
            match maker.turn(&row) {
                Turned::Record(made) if made.value.get("kode_penyedia").and_then(Value::as_str) == asked => {
                    return Ok(made.value);
                }
                Turned::Record(_) | Turned::Nothing | Turned::Nameless => {}
            }
        }
        // Another supplier than the one asked for must not pass as the right one.
        match any {
            true => Err(Fault::drift("the rows are about another supplier")),
            false => Err(Fault::new(
                FaultKind::NotFound,
                Text::new(
                    "Penyedia tidak ada di katalog LKPP.",
                    "LKPP's catalogue has no such supplier.",
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::FACTORY;
    use connector_sdk::{Call, NoLists, Settings};
    use serde_json::json;

    #[test]
    fn a_year_that_nobody_says_is_that_of_the_call() {
        let asked = |year: Option<u16>, input: serde_json::Value| {
            let mut table = json!({"antarmuka": "gerbang", "kode_klpd": "D999"});
            if let Some(year) = year {
                table["tahun"] = json!(year);
            }
            let table = table.as_object().cloned().unwrap_or_default();
            let connector = (FACTORY.build)(&Settings::new(table)).unwrap();
            let call = Call {
                exchange: "01920000-0000-7000-8000-000000000001",
                reference: "01920000-0000-7000-8000-000000000001",
                attempt: 1,
                // Seven hours east of Greenwich the year has begun.
                now: "2026-12-31T18:00:00Z".parse().unwrap(),
                lists: &NoLists,
            };
            let operation = connector.operation("penyedia.lihat").unwrap();
            let request = operation.request(&call, &input).unwrap();
            let year = request.query.iter().find(|(name, _)| name == "tahun");
            year.map(|(_, year)| year.clone()).unwrap()
        };
        let id = json!({"kode_penyedia": "300000001999"});
        assert_eq!(asked(None, id.clone()), "2027");
        assert_eq!(asked(Some(2025), id), "2025");
        let both = json!({"kode_penyedia": "300000001999", "tahun_anggaran": 2024});
        assert_eq!(asked(Some(2025), both), "2024");
    }
}
