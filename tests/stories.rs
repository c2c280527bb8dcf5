//! Plays every story of `tests/stories`, each against a gateway, simulators and a journal of its own.
//!
//! `SIMPUL_STORY=part-of-a-title` plays some of them.

use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::Setup;
use e2e::story::{self, Story};
use e2e::{repo, run};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Stories played at once; they share nothing but the machine.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_story_holds() {
    let stories = story::load_folder(&repo::root().join("tests/stories"))
        .unwrap_or_else(|why| panic!("stories cannot be read:\n{why}"));
    let wanted = wanted();
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    for story in stories.into_iter().filter(|story| story.title.contains(&wanted)) {
        let slots = Arc::clone(&slots);
        playing.spawn(async move {
            let _slot = slots.acquire_owned().await.unwrap();
            play(&story).await
        });
    }
    assert!(!playing.is_empty(), "no story is called like `{wanted}`");
    let told: Vec<String> = playing.join_all().await.into_iter().filter_map(Result::err).collect();
    assert!(
        told.is_empty(),
        "{} stories do not hold:\n\n{}",
        told.len(),
        told.join("\n\n")
    );
}

async fn play(story: &Story) -> Result<(), String> {
    let broken = |why: String| format!("{}\n  {why}", story.title);
    let neighbours = Neighbours::start().await.map_err(|error| broken(error.to_string()))?;
    let setup = Setup::write(&neighbours, |_| {}).map_err(broken)?;
    let gateway = Inside::start(&setup).await.map_err(broken)?;
    let outcome = run::run(story, &gateway.targets(&setup, &neighbours)).await;
    gateway.stop().await.map_err(broken)?;
    outcome
}

#[expect(
    clippy::disallowed_methods,
    reason = "a filter of the command line, not of the product"
)]
fn wanted() -> String {
    std::env::var("SIMPUL_STORY").unwrap_or_default()
}
