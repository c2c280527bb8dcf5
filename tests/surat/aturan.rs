//! What holds for every letter over HTTP: code lists that have not changed are not sent again, literal variables never pass for
//! content, other spellings of classes are read, and nothing falls back to *Biasa*.

use crate::{letter, outgoing, world};
use e2e::neighbours::Neighbours;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_has_not_changed_is_not_sent_again() {
    let world = world(Neighbours::start().await.unwrap(), |_| {}).await;
    for list in ["unit_kerja", "jabatan", "klasifikasi"] {
        let first = world.get(&format!("naskah-acuan/{list}")).await;
        assert_eq!(first["berubah"], true, "{first}");
        assert!(!first["butir"].as_array().unwrap().is_empty());
        let mark = first["etag"].as_str().unwrap().replace('"', "%22");
        let again = world.get(&format!("naskah-acuan/{list}?etag={mark}")).await;
        assert_eq!(
            (&again["berubah"], &again["butir"]),
            (&json!(false), &json!([])),
            "{again}"
        );
        assert_eq!(again["etag"], first["etag"]);
    }
    world
        .neighbours
        .srikandi
        .with(simulators::srikandi::Srikandi::change_lists);
    let changed = world.get("naskah-acuan/jabatan?etag=%22jabatan-1%22").await;
    assert_eq!(
        (&changed["berubah"], &changed["etag"]),
        (&json!(true), &json!("\"jabatan-2\""))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn literal_variables_and_other_spellings_are_judged_both_ways() {
    let world = world(Neighbours::start().await.unwrap(), |_| {}).await;
    let file = world.upload(80).await;
    // Out: refused with a pointer, nothing sent.
    let mut body = outgoing("aturan-1", &file);
    body["hal"] = json!("${hal}");
    body["ringkasan"] = json!("Tentang ${ttd_pengirim}");
    let (status, told) = world.post("naskah-keluar", &body).await;
    let pointers: Vec<&str> = told["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["pointer"].as_str())
        .collect();
    assert_eq!((status, pointers), (422, vec!["/hal", "/ringkasan"]), "{told}");
    assert_eq!(world.neighbours.srikandi.effects()["letters"], 0);
    // In: a letter whose metadata was taken too early says so, and shows none of it.
    let made = world.made("naskah-masuk", &letter("aturan-2", &file)).await;
    let id = made["id"].as_str().unwrap();
    world
        .neighbours
        .srikandi
        .with(|srikandi| srikandi.amend(id, "hal", "${hal}"));
    let seen = world.get(&format!("naskah-masuk/{id}")).await;
    assert_eq!(
        (&seen["hal"], &seen["peringatan"]),
        (&Value::Null, &json!(["variabel_belum_terisi"]))
    );
    // Spellings that are known, and words that are none.
    let classes = [
        ("Biasa/Terbuka", "biasa"),
        ("T", "terbatas"),
        ("SR", "sangat_rahasia"),
        ("Rahasia Terbatas", "rahasia"),
        ("Penting", "tidak_dikenal"),
    ];
    for (word, wanted) in classes {
        world.neighbours.srikandi.with(|srikandi| srikandi.relabel(id, word));
        assert_eq!(
            world.get(&format!("naskah-masuk/{id}")).await["sifat"],
            wanted,
            "{word}"
        );
    }
    world
        .neighbours
        .srikandi
        .with(|srikandi| srikandi.amend(id, "tingkat_urgensi", "Sangat Segera"));
    assert_eq!(world.get(&format!("naskah-masuk/{id}")).await["urgensi"], "amat_segera");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_has_run_out_is_no_file() {
    let neighbours = Neighbours::start().await.unwrap();
    neighbours.srikandi.with(|srikandi| srikandi.options.link_seconds = -5);
    let world = world(neighbours, |_| {}).await;
    let made = world
        .made("naskah-masuk", &letter("aturan-3", &world.upload(81).await))
        .await;
    let url = format!(
        "{}/v1/naskah/{}/file?bagian=naskah",
        world.base,
        made["id"].as_str().unwrap()
    );
    let late = world.client.get(&url).await.unwrap();
    assert!(
        late.status >= 400 && late.json().get("berkas").is_none(),
        "{}",
        late.json()
    );
    // A new link is a new call.
    world
        .neighbours
        .srikandi
        .with(|srikandi| srikandi.options.link_seconds = 60);
    assert_eq!(world.client.get(&url).await.unwrap().status, 200);
}
