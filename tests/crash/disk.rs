//! The journal's disk is full, then is not: what was taken on is kept, what cannot be kept is refused.

use crate::account::{Account, Told};
use crate::steps::ledger;
use crate::world::World;
use e2e::client::complaint;
use std::process::Command;

/// Pages of an empty journal and a few complaints.
const PAGES: u32 = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_journal_refuses_and_keeps() {
    let mut world = World::new().await;
    world.start(&[("SIMPUL_UJI_HALAMAN", PAGES.to_string())]);
    let clients = fill(&world).await;
    world.kill();
    world.start(&[]);
    world.settled().await;
    finish(&world, "jurnal penuh", clients).await;
}

/// On a file system of two megabytes; only where this test may mount one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_keeps() {
    let disk = tempfile::tempdir().unwrap();
    let mount = |options: &str| {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(disk.path());
        command.output().is_ok_and(|output| output.status.success())
    };
    if !mount("size=2m") {
        println!("| disk penuh (tmpfs) | tidak dijalankan: tidak boleh memasang tmpfs |");
        return;
    }
    let _unmount = Unmount(disk.path().to_owned());
    let journal = disk.path().join("jurnal.sqlite").display().to_string();
    let mut world = World::with(|table| {
        table["simpul"]["jurnal"]["berkas"] = toml::Value::String(journal);
    })
    .await;
    world.start(&[]);
    let clients = fill(&world).await;
    // Room is made while the gateway runs, as an operator would: nobody restarts it.
    assert!(mount("remount,size=64m"), "the disk cannot be made larger");
    clients.submit("F-sesudah", true, false).await;
    world.kill();
    world.start(&[]);
    world.settled().await;
    finish(&world, "disk penuh (tmpfs)", clients).await;
}

/// Sends complaints until one is refused for want of room, and some more.
async fn fill(world: &World) -> crate::world::Clients {
    let clients = world.clients();
    let mut refused = 0;
    for number in 0..4_000 {
        clients.submit(&format!("F-{number}"), false, true).await;
        refused = clients.ledger.lock().unwrap().refused(503);
        if refused >= 5 {
            break;
        }
    }
    assert!(refused >= 5, "it never became full\n{}", world.last_lines());
    let url = clients.url().unwrap();
    // Nobody is told "yes" who was not stored, and nobody "no" whose report may have arrived.
    let reply = clients.client.post(&url, &[], &complaint("F-tolak")).await.unwrap();
    let body = reply.json();
    match Told::by(&Ok(reply)) {
        Told::Refused(503) => {
            assert_eq!(body["code"], "penyimpanan-penuh");
            assert_eq!(body["landed"], "no");
        }
        Told::Refused(_) => assert_eq!(body["landed"], "unknown", "{body}"),
        _ => {}
    }
    clients
}

async fn finish(world: &World, scenario: &str, clients: crate::world::Clients) {
    let account = Account::of(world, scenario, 1, &ledger(&clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
