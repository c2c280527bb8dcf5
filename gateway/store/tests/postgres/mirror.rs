//! Copies on PostgreSQL: questions go by the index also right after the first pull.

use super::Place;
use crate::help::at;
use gateway_core::mirror::{MirrorStore, Row, SLOTS, Step, Then};
use std::time::Duration;

fn row(n: u32) -> Row {
    let mut slots = vec![None; SLOTS];
    slots[0] = Some(format!("1p{n:09}"));
    Row {
        key: format!("B-{n:09}"),
        scope: String::new(),
        body: format!("{{\"nomor\":\"B-{n:09}\"}}").into(),
        masked: Vec::new(),
        version: None,
        digest: [7; 32],
        run: 1,
        fetched: at(1),
        changed: at(1),
        missed: 0,
        missed_run: 0,
        gone: None,
        slots,
    }
}

#[tokio::test]
async fn a_question_right_after_a_pull_goes_by_its_index() {
    let Some(place) = Place::find() else { return };
    let journal = place.open("simpul-1").await;
    journal.plant("beban".into(), at(0)).await.unwrap();
    let until = at(0) + Duration::from_secs(600);
    let held = journal.take("beban".into(), at(0), until).await.unwrap().unwrap();
    for page in 0..10 {
        let last = page == 9;
        let step = Step {
            set: "beban".into(),
            fence: held.fence,
            state: "x".into(),
            rows: (page * 500..(page + 1) * 500).map(row).collect(),
            events: Vec::new(),
            changed: true,
            ended: last.then(|| (1, "lari".into())),
            then: if last { Then::Release(until) } else { Then::Hold(until) },
        };
        journal.step(step).await.unwrap();
    }
    let client = place.client().await;
    let sql = "EXPLAIN SELECT key FROM mirror_rows WHERE name = 'beban' AND gone IS NULL AND s0 IS NOT NULL
               ORDER BY s0 DESC, key DESC LIMIT 101";
    let plan = client.query(sql, &[]).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|line| line.get(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("mirror_s0") && !plan.contains("Sort"), "{plan}");
    place.end().await;
}
