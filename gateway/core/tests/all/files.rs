//! Files: sealed at rest, loaded by the door, only for their owner, without identity where that is asked for.

use crate::world::{NATIVE, World, world};
use connector_sdk::FaultKind;
use gateway_core::Verdict;
use gateway_core::evidence::sha256;
use gateway_core::files::{NotTaken, Opened, PIECE, Taking, take};
use gateway_core::ids::ExchangeId;
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

/// A piece and a bit.
fn large() -> Vec<u8> {
    let mut photo = PHOTO.to_vec();
    photo.extend((0..PIECE + 100).map(|n| (n % 251) as u8));
    photo
}

async fn opened(world: &World, id: ExchangeId) -> Opened {
    let found = Opened::open(&world.rooms, Some("opd-uji"), id).await.unwrap();
    found.expect("the file is there")
}

#[tokio::test(start_paused = true)]
async fn a_large_file_is_kept_in_pieces_and_sent_whole() {
    let world = world();
    let content = large();
    let mut taking = Taking::begin(&world.rooms, "opd-uji").unwrap();
    for part in content.chunks(70_001) {
        taking.push(part).await.unwrap();
    }
    let receipt = taking.finish("lampu.jpg").await.unwrap();
    assert_eq!(receipt.sha256, hex(&sha256(&content)));
    let id: ExchangeId = receipt.id.parse().unwrap();
    let head = world.rooms.files.get(id).await.unwrap().unwrap();
    assert_eq!((head.pieces, head.body.len(), head.size), (2, 0, content.len() as u64));
    let piece = world.rooms.files.piece(id, 1).await.unwrap().unwrap();
    let known = &content[PIECE..PIECE + 64];
    assert!(!piece.windows(64).any(|window| window == known), "a piece is sealed");
    assert_eq!(opened(&world, id).await.whole().await.unwrap(), content);

    let outcome = sent_with(&world, "A-1", &format!("berkas:{id}")).await;
    assert!(matches!(outcome.verdict, Verdict::Done(_)), "{:?}", outcome.verdict);
    let native = String::from_utf8_lossy(&content).into_owned();
    let sent = last(&world);
    assert!(sent.contains(&native) && sent.ends_with("--\r\n"));
    // What must be cleaned is taken whole, and leaves clean.
    sent_with(&world, "A-2", &format!("berkas:bersih:{id}")).await;
    assert!(last(&world).contains("gambar") && !last(&world).contains("Suparman"));
    assert!(
        Opened::open(&world.rooms, Some("opd-lain"), id)
            .await
            .unwrap()
            .is_none(),
        "of another"
    );
}

#[tokio::test(start_paused = true)]
async fn pieces_cannot_change_places_and_none_may_be_missing() {
    let world = world();
    let receipt = take(&world.rooms, "opd-uji", "lampu.jpg", &large()).await.unwrap();
    let id: ExchangeId = receipt.id.parse().unwrap();
    let now = world.rooms.clock.now();
    let files = &world.rooms.files;
    let first = files.piece(id, 0).await.unwrap().unwrap();
    let second = files.piece(id, 1).await.unwrap().unwrap();
    files.put_piece(id, 1, first, now).await.unwrap();
    assert!(
        opened(&world, id).await.whole().await.is_err(),
        "a piece in another's place"
    );
    files.put_piece(id, 1, second, now).await.unwrap();
    assert!(opened(&world, id).await.whole().await.is_ok());
    // A head that says it ends earlier: no piece but the last opens as the last.
    let mut head = files.get(id).await.unwrap().unwrap();
    head.pieces = 1;
    files.put(head).await.unwrap();
    assert!(opened(&world, id).await.whole().await.is_err(), "cut off");
}

#[tokio::test(start_paused = true)]
async fn what_broke_off_leaves_nothing() {
    let world = world();
    let mut taking = Taking::begin(&world.rooms, "opd-uji").unwrap();
    taking.push(&large()).await.unwrap();
    drop(taking);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let later = gateway_core::time::later(world.rooms.clock.now(), std::time::Duration::from_secs(9));
    assert_eq!(
        world.rooms.files.sweep(later, 99).await.unwrap(),
        0,
        "pieces went at once"
    );
    let mut taking = Taking::begin(&world.rooms, "opd-uji").unwrap();
    assert_eq!(taking.push(b"<html><body>").await, Err(NotTaken::Kind), "known at once");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
