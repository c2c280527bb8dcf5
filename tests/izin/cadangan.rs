//! A NIB while OSS is down: the last known answer, fed by pushes and look-ups, with its source and age; never in place of an
//! answer that OSS does give, and never to somebody without the right.

use e2e::client::{Client, until};
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use gateway::wiring::Seams;
use simulators::Fault;
use simulators::oss::city::nib;
use simulators::oss::{Method, Outcome, Revision};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nib_is_answered_with_its_age_while_oss_is_down() {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let ahead = Arc::new(AtomicI64::new(0));
    let seams = Seams {
        ahead: Some(Arc::clone(&ahead)),
        ..Seams::default()
    };
    let gateway = Inside::start_with(&setup, seams).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    let client = Client::new(&setup.keys()[CONSUMER]);
    let stranger = Client::new(&setup.keys()["tanpa-hak"]);
    let person = Client::new(&setup.keys()[OPERATOR]);
    let pusher = neighbours.oss.with(|oss| oss.pusher());
    let url = |index: u32| format!("{}/v1/nib/{}", targets.gateway, nib(index));

    // One is pushed, and its update before it arrives twice; another is looked up.
    for revision in [Revision::ORIGINAL, Revision::update(1), Revision::ORIGINAL] {
        let push = pusher.prepare(Method::Nib, 1, revision).unwrap();
        assert_eq!(pusher.push(&push).await.outcome, Outcome::Stored);
    }
    let fresh = client.get(&url(2)).await.unwrap();
    assert_eq!((fresh.status, fresh.header("age")), (200, None));
    let list = format!("{}/admin/v1/pertukaran?operasi=masuk.oss.receiveNIB", targets.operator);
    until(WITHIN, async || {
        let list = person.get(&list).await?.json();
        let done = list["butir"].as_array().into_iter().flatten();
        let done = done.filter(|row| row["keadaan"] == "terkirim").count();
        (done == 2).then_some(()).ok_or_else(|| list.to_string())
    })
    .await
    .unwrap();

    neighbours
        .oss
        .faults()
        .always("inqueryNIB", Fault::Unavailable { retry_after: None });
    ahead.store(3600, Ordering::Relaxed);
    let updated = neighbours.oss.with(|oss| {
        let company = oss.city().company(1).unwrap();
        Revision::update(1).changed(&company)
    });
    for index in [1, 2] {
        let old = until(WITHIN, async || {
            let reply = client.get(&url(index)).await?;
            (reply.status == 200)
                .then_some(reply.clone())
                .ok_or_else(|| reply.json().to_string())
        })
        .await
        .unwrap();
        assert_eq!(old.json()["nib"], nib(index));
        assert_eq!(
            (old.header("x-sumber"), old.header("x-kedaluwarsa")),
            (Some("oss"), Some("true"))
        );
        let age: u64 = old.header("age").unwrap().parse().unwrap();
        assert!((3590..3700).contains(&age), "{age}");
        assert!(old.header("x-diperbarui-pada").unwrap().starts_with("20"));
        if index == 1 {
            assert_eq!(
                old.json()["tanggal_perubahan"],
                updated,
                "the newest push, not the one that came last"
            );
        } else {
            assert_eq!(old.json(), fresh.json());
        }
    }
    // Nobody has asked for this one before; and the right is asked for all the same.
    let unknown = client.get(&url(3)).await.unwrap();
    assert_eq!(
        (unknown.status, unknown.json()["origin"].as_str()),
        (503, Some("system"))
    );
    assert_eq!(stranger.get(&url(1)).await.unwrap().status, 403);
    // An answer that says no is an answer.
    neighbours.oss.faults().clear();
    let absent = format!("{}/v1/nib/0999999999999", targets.gateway);
    until(WITHIN, async || {
        let reply = client.get(&absent).await?;
        (reply.status == 404)
            .then_some(())
            .ok_or_else(|| reply.json().to_string())
    })
    .await
    .unwrap();
    let back = client.get(&url(2)).await.unwrap();
    assert_eq!((back.status, back.header("age")), (200, None));
    let metrics = person.get(&format!("{}/metrics", targets.operator)).await.unwrap().body;
    let metrics = String::from_utf8_lossy(&metrics).into_owned();
    assert!(metrics.contains("what=\"answered_from_kept\""), "{metrics}");
    // Kept sealed, under a name that tells nothing.
    let kept: Vec<u8> = std::fs::read(setup.journal()).unwrap();
    let name = neighbours.oss.with(|oss| oss.city().company(2).unwrap().name);
    let holds = |text: &str| kept.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!holds(&name) && !holds(&nib(2)));
    gateway.stop().await.unwrap();
}
