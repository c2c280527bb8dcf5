//! An agency's e-office: it registers and receives letters over REST, and is pushed dispositions in its own dialect. Whatever
//! the push meets, the e-office has it once, scan and all.

use crate::{letter, pdf, sha256, world};
use e2e::client::until;
use e2e::neighbours::Neighbours;
use serde_json::{Value, json};
use simulators::Fault;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

fn disposition(reference: &str, letter: &Value, file: &Value) -> Value {
    json!({
        "rujukan": reference, "nomor_agenda": letter["nomor_agenda"], "nomor_naskah": letter["nomor_naskah"],
        "hal": letter["hal"], "asal_naskah": letter["asal_naskah"], "tanggal_naskah": letter["tanggal_naskah"],
        "berkas_naskah": file,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_registers_receives_and_is_pushed_dispositions() {
    let world = world(Neighbours::start().await.unwrap(), |_| {}).await;
    // Registers.
    let scan = pdf(11, 5_000);
    let file = crate::uploaded(&world.client, &world.base, scan.clone()).await;
    let made = world.made("naskah-masuk", &letter("eo-1", &file)).await;
    let id = made["id"].as_str().unwrap();
    // Receives: hears of it by the feed, looks, fetches the file with its digest.
    let feed = world.get("naskah-perubahan").await;
    assert!(
        feed["butir"].as_array().unwrap().iter().any(|row| row["id"] == id),
        "{feed}"
    );
    let seen = world.get(&format!("naskah-masuk/{id}")).await;
    assert_eq!(
        (&seen["nomor_naskah"], &seen["sifat"]),
        (&json!("000.5.6.2/X /2026"), &json!("biasa"))
    );
    let fetched = world.get(&format!("naskah/{id}/file?bagian=naskah")).await;
    assert_eq!(fetched["berkas"]["sha256"], sha256(&scan).as_str());
    let url = format!(
        "{}/v1/lampiran/{}",
        world.base,
        fetched["berkas"]["id"].as_str().unwrap()
    );
    assert!(world.client.get(&url).await.unwrap().body == scan);
    // Is pushed: once, with the scan, through each of the mishaps; the same again is the same.
    let faults = [
        Fault::HangUpAfterStoring,
        Fault::HangUpBeforeStoring,
        Fault::HtmlErrorPage { status: 502 },
        Fault::OkWithErrorBody,
        Fault::HalfReply,
        Fault::Throttled {
            code: 0,
            retry_after: Some(1),
            next_access: None,
        },
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        let told = format!("{fault:?}");
        let refused = fault == Fault::OkWithErrorBody;
        world.neighbours.eoffice.faults().once("push", fault);
        let push = disposition(&format!("ds-{n}"), &seen, &fetched["berkas"]);
        let (first, body) = world.post("eoffice/disposisi", &push).await;
        if refused {
            // It said no, under a success status: nothing was stored, and nothing is tried again by itself.
            assert_eq!((first, &body["landed"]), (422, &json!("no")), "{told}: {body}");
            continue;
        }
        let done = until(WITHIN, async || {
            let (status, body) = world.post("eoffice/disposisi", &push).await;
            (status == 201)
                .then_some(body.clone())
                .ok_or_else(|| format!("{told}: {status} {body}"))
        });
        assert_eq!(done.await.unwrap()["keadaan"], "belum_dibaca");
    }
    let effects = world.neighbours.eoffice.effects();
    assert_eq!(
        (&effects["taken"], &effects["doubles"]),
        (&json!(5), &json!(0)),
        "{effects}"
    );
    world.neighbours.eoffice.with(|eoffice| {
        for taken in eoffice.taken() {
            assert!(taken.scan == scan);
            let fields = &taken.fields;
            assert_eq!(
                (&fields["source_app"], &fields["nomor_surat"]),
                (&json!("simpul"), &json!("000.5.6.2/X /2026"))
            );
            assert_eq!(
                (&fields["perihal"], &fields["tanggal_surat"]),
                (&json!("Undangan rapat"), &json!("2026-02-12"))
            );
            assert_eq!(
                (&fields["nomor_agenda"], &fields["asal_surat"]),
                (&seen["nomor_agenda"], &json!("Dinas Contoh"))
            );
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_e_office_that_knows_nothing_again_is_never_pushed_twice() {
    let neighbours = Neighbours::start().await.unwrap();
    neighbours.eoffice.with(|eoffice| {
        eoffice.options.knows_again = false;
        eoffice.options.says_id = false;
    });
    let world = world(neighbours, |table| {
        let system = e2e::setup::system(table, "eoffice-contoh").unwrap();
        // The default: of an e-office nobody knows whether it recognises a reference.
        system["pengaturan"].as_table_mut().unwrap().remove("ulang");
    })
    .await;
    let file = world.upload(12).await;
    let seen = json!({"nomor_agenda": "0042/NM/2026", "nomor_naskah": "005 / 12 - UM", "hal": "Undangan",
        "asal_naskah": "Dinas Contoh", "tanggal_naskah": "2026-02-12"});
    let push = disposition("ds-sekali", &seen, &file);
    world
        .neighbours
        .eoffice
        .faults()
        .once("push", Fault::HangUpAfterStoring);
    let (_, lost) = world.post("eoffice/disposisi", &push).await;
    assert_eq!(lost["landed"], "unknown", "{lost}");
    for _ in 0..3 {
        let (status, again) = world.post("eoffice/disposisi", &push).await;
        assert!(status >= 400, "{again}");
    }
    let effects = world.neighbours.eoffice.effects();
    assert_eq!(
        (&effects["taken"], &effects["requests"]["push"]["total"]),
        (&json!(1), &json!(1)),
        "{effects}"
    );
}
