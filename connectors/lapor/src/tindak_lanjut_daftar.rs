//! `pengaduan.tindak_lanjut.daftar`: every follow-up of a report, all pages. A page that repeats ends the reading; a cap
//! ends it too, and then the mark of the next page says so.

use crate::envelope::{self, Rows};
use crate::followup;
use crate::lihat::report_id;
use crate::settings::{self, Setup};
use connector_sdk::{
    Answer, BoxFuture, Call, Complaint, Effect, Fault, NativeReply, NativeRequest, Operation, OperationSpec, Outbound,
    Paging, Text,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most items of one canonical answer.
const MOST: usize = 1000;

/// The operation.
pub(crate) struct ListFollowUps {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

impl ListFollowUps {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
        }
    }

    fn answer(&self, report: &str, items: &[Value], next: Option<u32>) -> Value {
        let items: Vec<Value> = items
            .iter()
            .map(|item| followup::canonical(&self.setup, report, item))
            .collect();
        json!({ "butir": items, "halaman_berikut": next.map(|page| page.to_string()) })
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "pengaduan.tindak_lanjut.daftar".into(),
        summary: Text::new(
            "Membaca semua tindak lanjut satu laporan di SP4N-LAPOR!.",
            "Reads every follow-up of one report in SP4N-LAPOR!.",
        ),
        request_schema: "urn:simpul:skema:tindak_lanjut_kunci:1".into(),
        reply_schema: "urn:simpul:skema:tindak_lanjut_daftar:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 60_000,
        paging: Paging::Number,
        follow: None,
    }
}

/// The request for one page.
pub(crate) fn page(setup: &Setup, report: &str, page: u32) -> NativeRequest {
    NativeRequest::get(
        "tindak_lanjut",
        settings::with_id(&setup.raw.jalur.tindak_lanjut, report),
    )
    .query("page", page.to_string())
}

/// The page number in a canonical page mark; 1 when there is none.
pub(crate) fn page_number(input: &Value) -> Result<u32, Fault> {
    let Some(mark) = input.get("halaman").and_then(Value::as_str) else {
        return Ok(1);
    };
    mark.parse().ok().filter(|page| *page > 0).ok_or_else(|| {
        Fault::invalid(vec![Complaint {
            pointer: "/halaman".to_owned(),
            text: Text::new(
                "Pakai penanda dari balasan sebelumnya.",
                "Use the mark of the previous reply.",
            ),
        }])
    })
}

/// What was read of a paged list.
pub(crate) struct Pages {
    /// Items, each id once.
    pub(crate) items: Vec<Value>,
    /// The page to go on with, when the reading stopped at a cap.
    pub(crate) next: Option<u32>,
    /// Whether everything was seen; a repeated page leaves that open.
    pub(crate) complete: bool,
}

/// Reads a report's follow-up list from a page on.
pub(crate) async fn read_all(setup: &Setup, report: &str, first: u32, out: &dyn Outbound) -> Result<Pages, Fault> {
    let (mut items, mut ids, mut before) = (Vec::new(), BTreeSet::new(), None);
    let last = first.saturating_add(setup.raw.halaman_maksimum - 1);
    for number in first..=last {
        let Rows { items: rows, more } = envelope::rows(&out.send(page(setup, report, number)).await?)?;
        if before.as_ref() == Some(&rows) {
            return Ok(Pages {
                items,
                next: None,
                complete: false,
            });
        }
        items.extend(
            rows.iter()
                .filter(|row| envelope::text(row, "id").is_none_or(|id| ids.insert(id)))
                .cloned(),
        );
        if !more {
            return Ok(Pages {
                items,
                next: None,
                complete: true,
            });
        }
        if items.len() + rows.len() > MOST {
            return Ok(Pages {
                items,
                next: number.checked_add(1),
                complete: false,
            });
        }
        before = Some(rows);
    }
    Ok(Pages {
        items,
        next: last.checked_add(1),
        complete: false,
    })
}

impl Operation for ListFollowUps {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        Ok(page(&self.setup, report_id(input, "id_laporan")?, page_number(input)?))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let rows = envelope::rows(reply)?;
        let next = if rows.more {
            page_number(input)?.checked_add(1)
        } else {
            None
        };
        Ok(self.answer(report_id(input, "id_laporan")?, &rows.items, next))
    }

    fn call<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let report = report_id(input, "id_laporan")?;
            let pages = read_all(&self.setup, report, page_number(input)?, out).await?;
            Ok(self.answer(report, &pages.items, pages.next))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Door, call, reply, setup, setup_with};

    fn page(id: u64, more: bool) -> Result<NativeReply, Fault> {
        let next = if more {
            json!("https://contoh.invalid/?page=9")
        } else {
            Value::Null
        };
        Ok(reply(
            &json!({"results": {"data": [{"id": id, "content": "x"}], "next_page_url": next}}),
        ))
    }

    async fn list(setup: &Arc<Setup>, pages: Vec<Result<NativeReply, Fault>>) -> (usize, Value) {
        let door = Door::playing(pages);
        let input = json!({"id_laporan": "7"});
        let answer = ListFollowUps::new(setup)
            .call(&call(), &input, &door)
            .await
            .expect("a list");
        (
            answer["butir"].as_array().expect("items").len(),
            answer["halaman_berikut"].clone(),
        )
    }

    #[tokio::test]
    async fn all_pages_are_read() {
        assert_eq!(
            list(&setup(), vec![page(1, true), page(2, false)]).await,
            (2, Value::Null)
        );
    }

    #[tokio::test]
    async fn a_repeated_page_ends_the_reading() {
        assert_eq!(
            list(&setup(), vec![page(1, true), page(1, true)]).await,
            (1, Value::Null)
        );
    }

    #[tokio::test]
    async fn the_cap_ends_it_and_says_where_to_go_on() {
        let capped = setup_with(|settings| settings["halaman_maksimum"] = json!(2));
        assert_eq!(list(&capped, vec![page(1, true), page(2, true)]).await, (2, json!("3")));
    }
}
