//! `kill -9` at every commit of a signature whose document can be fetched only once: the id is kept before the fetch and the
//! bytes before the answer, and whoever comes after fetches or asks a person, and never signs.

use crate::{BINARY, pdf, uploaded};
use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const NIK: &str = "3671010101900000";
const PASSPHRASE: &str = "Sandi-Mati-5T1W";
const STEPS: [&str; 2] = ["before_commit", "after_commit"];
const OCCURRENCES: usize = 7;
const WITHIN: Duration = Duration::from_secs(20);
/// States in which nothing more happens by itself.
const ENDS: [&str; 4] = ["terkirim", "hasil_tidak_pasti", "ditolak", "gagal"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_commit_never_signs_twice_and_keeps_what_was_fetched() {
    let neighbours = Neighbours::start().await.unwrap();
    neighbours.bsre.with(|bsre| {
        bsre.options.signers.insert(NIK.to_owned(), PASSPHRASE.to_owned());
        bsre.options.answers_id = true;
    });
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let (binary, lines) = (Path::new(BINARY), Lines::default());
    let client = Client::new(&setup.keys()[CONSUMER]);
    let person = Client::new(&setup.keys()[OPERATOR]);
    let right = [("x-kata-sandi", PASSPHRASE)];
    let (mut killed, mut resumed) = (0, 0);
    for (n, step) in STEPS.iter().flat_map(|step| [*step; OCCURRENCES]).enumerate() {
        let number = n % OCCURRENCES + 1;
        let trigger = setup.path().join(format!("pemicu-{n}"));
        let switches = [
            ("SIMPUL_UJI_GAGAL".to_owned(), format!("{step}:{number}")),
            ("SIMPUL_UJI_PEMICU".to_owned(), trigger.display().to_string()),
        ];
        let child = Child::start(binary, &setup, &lines, &switches).unwrap();
        let file = uploaded(&client, &child.gateway, pdf(300 + n, 1_500)).await;
        let body = json!({"rujukan": format!("mati-{n}"), "nik": NIK, "berkas": file, "tampilan": {"jenis": "tidak_terlihat"}});
        let before = neighbours.bsre.effects()["signed"].as_u64().unwrap();
        std::fs::write(&trigger, "").unwrap();
        let heard = client.post(&format!("{}/v1/tte", child.gateway), &right, &body).await;
        drop(child);
        let child = Child::start(binary, &setup, &lines, &[]).unwrap();
        let signed = neighbours.bsre.effects()["signed"].as_u64().unwrap() - before;
        if heard.is_err() {
            killed += 1;
        }
        // Everything that was taken on comes to an end of its own.
        let list = format!(
            "{}/admin/v1/pertukaran?operasi=tte.tandatangani&jumlah=200",
            child.operator
        );
        let rows = until(WITHIN, async || {
            let rows = person.get(&list).await?.json()["butir"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let open = rows
                .iter()
                .find(|row| !ENDS.contains(&row["keadaan"].as_str().unwrap_or_default()));
            open.map_or(Ok(rows.clone()), |row| Err(row.to_string()))
        });
        let rows = rows.await.unwrap();
        let done = rows.iter().filter(|row| row["keadaan"] == "terkirim").count();
        // The same request again: the kept document, or the honest state; where it was never taken on, the first signature.
        let again = client
            .post(&format!("{}/v1/tte", child.gateway), &right, &body)
            .await
            .unwrap();
        let total = neighbours.bsre.effects()["signed"].as_u64().unwrap() - before;
        assert!(total <= 1, "{step}:{number} signed {total} times");
        if again.status == 201 {
            let url = format!(
                "{}/v1/lampiran/{}",
                child.gateway,
                again.json()["berkas"]["id"].as_str().unwrap()
            );
            let kept = client.get(&url).await.unwrap();
            assert!(
                kept.status == 200 && kept.body.windows(5).any(|part| part == b"%TTE "),
                "{step}:{number}"
            );
            resumed += usize::from(heard.is_err() && signed == 1);
        } else {
            assert_ne!(
                again.json()["landed"],
                "no",
                "{step}:{number} after a signature: {}",
                again.json()
            );
        }
        println!(
            "{step}:{number}: heard {}, signed {signed}, again {}, {done} done so far",
            heard.is_ok(),
            again.status
        );
    }
    let effects = neighbours.bsre.effects();
    assert_eq!(effects["signed_twice"], 0);
    assert!(killed >= 6, "only {killed} tries were cut off");
    assert!(resumed >= 1, "no document was fetched after the kill");
}
