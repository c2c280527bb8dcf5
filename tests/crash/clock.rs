//! The clock of the machine jumps an hour forward and back while complaints are under way, and between two runs.

use crate::account::Account;
use crate::steps::ledger;
use crate::world::World;
use simulators::Fault;

const JUMPS: [i64; 5] = [0, 3600, -3600, 7200, 0];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_forward_and_back() {
    let mut world = World::new().await;
    let file = world.setup.path().join("jam");
    std::fs::write(&file, "0").unwrap();
    let switch = [("SIMPUL_UJI_JAM", file.display().to_string())];
    world.start(&switch);
    let clients = world.clients();
    let mut ended = 0;
    for (round, ahead) in JUMPS.into_iter().enumerate() {
        let faults = world.neighbours.lapor.faults();
        // Some are scheduled again, some unresolved, when the clock jumps.
        faults.next("create", Fault::HangUpAfterStoring, 2);
        faults.next("create", Fault::Unavailable { retry_after: None }, 2);
        clients
            .submit_all((0..8).map(|n| format!("C-{round}-{n}")), 8, round % 2 == 0)
            .await;
        std::fs::write(&file, ahead.to_string()).unwrap();
        clients
            .submit_all((8..16).map(|n| format!("C-{round}-{n}")), 8, round % 2 == 1)
            .await;
        world.kill();
        ended += 1;
        world.start(&switch);
    }
    // What was planned under a clock that was ahead is due when this clock gets there; not lost, only late.
    std::fs::write(&file, "10900").unwrap();
    world.settled().await;
    let account = Account::of(&world, "jam maju dan mundur satu jam", ended, &ledger(&clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
}
