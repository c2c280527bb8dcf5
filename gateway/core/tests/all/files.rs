//! Files: sealed at rest, loaded by the door, only for their owner, without identity where that is asked for.

use crate::world::{NATIVE, World, world};
use connector_sdk::FaultKind;
use gateway_core::Verdict;
use gateway_core::files::{NotTaken, take};
use serde_json::json;

/// A JPEG with a comment, as small as can be.
const PHOTO: &[u8] = b"\xff\xd8\xff\xfe\x00\x0bSuparman\x00\xff\xda\x00\x02gambar\xff\xd9";

async fn sent_with(world: &World, number: &str, what: &str) -> gateway_core::Outcome {
    world.call(NATIVE, json!({"nomor": number, "isi": what})).await
}

fn last(world: &World) -> String {
    world.sent.lock().unwrap().last().cloned().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_file_is_taken_sealed_and_sent_as_what_it_is() {
    let world = world();
    let receipt = take(&world.rooms, "opd-uji", "dari/lampu.exe", PHOTO).await.unwrap();
    assert_eq!(
        (receipt.name.as_str(), receipt.media_type.as_str()),
        ("lampu.jpg", "image/jpeg")
    );
    assert_eq!(receipt.size, PHOTO.len() as u64);
    let stored = world
        .rooms
        .files
        .get(receipt.id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let clear = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
    assert!(!clear(&stored.body, b"gambar") && !clear(&stored.name, b"lampu"));
    let outcome = sent_with(&world, "A-1", &format!("berkas:{}", receipt.id)).await;
    assert!(matches!(outcome.verdict, Verdict::Done(_)), "{:?}", outcome.verdict);
    let sent = last(&world);
    assert!(sent.contains("gambar") && sent.contains("Suparman") && sent.contains("Content-Type: image/jpeg"));
}

#[tokio::test(start_paused = true)]
async fn identity_is_taken_out_where_that_is_asked_for() {
    let world = world();
    let receipt = take(&world.rooms, "opd-uji", "lampu.jpg", PHOTO).await.unwrap();
    sent_with(&world, "A-1", &format!("berkas:bersih:{}", receipt.id)).await;
    assert!(last(&world).contains("gambar") && !last(&world).contains("Suparman"));
    let paper = take(&world.rooms, "opd-uji", "surat.pdf", b"%PDF-1.7 /Author (Suparman)")
        .await
        .unwrap();
    let count = world.sent.lock().unwrap().len();
    let refused = sent_with(&world, "A-2", &format!("berkas:bersih:{}", paper.id)).await;
    let Verdict::Faulted { fault, .. } = &refused.verdict else {
        panic!("{:?}", refused.verdict)
    };
    assert_eq!(
        (fault.kind, fault.complaints[0].pointer.as_str()),
        (FaultKind::Invalid, "/lampiran")
    );
    assert_eq!(
        world.sent.lock().unwrap().len(),
        count,
        "what cannot be cleaned does not leave"
    );
}

#[tokio::test(start_paused = true)]
async fn the_file_of_another_does_not_exist() {
    let world = world();
    let other = take(&world.rooms, "opd-lain", "lampu.jpg", PHOTO).await.unwrap();
    let mut told = Vec::new();
    for (number, id) in [
        ("A-1", other.id.as_str()),
        ("A-2", "01900000-0000-7000-8000-000000000000"),
        ("A-3", "F-1"),
    ] {
        let outcome = sent_with(&world, number, &format!("berkas:{id}")).await;
        let Verdict::Faulted { fault, .. } = outcome.verdict else {
            panic!("{:?}", outcome.verdict)
        };
        told.push(fault);
    }
    assert!(
        told.windows(2).all(|pair| pair[0] == pair[1]),
        "all three hear the same"
    );
    assert!(world.sent.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn other_kinds_are_not_taken_and_old_files_go() {
    let world = world();
    let not = async |content: &[u8]| take(&world.rooms, "opd-uji", "foto.jpg", content).await.unwrap_err();
    assert_eq!(not(b"").await, NotTaken::Empty);
    assert_eq!(not(b"<script>alert(1)</script>").await, NotTaken::Kind);
    let receipt = take(&world.rooms, "opd-uji", "lampu.jpg", PHOTO).await.unwrap();
    let now = world.rooms.clock.now();
    assert_eq!(world.rooms.files.erase(now, 10).await.unwrap(), 0);
    let later = gateway_core::time::later(now, std::time::Duration::from_secs(1));
    assert_eq!(world.rooms.files.erase(later, 10).await.unwrap(), 1);
    assert!(
        world
            .rooms
            .files
            .get(receipt.id.parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
}
