//! Both versions of the signature service over HTTP: what is signed is checked, what is refused is refused once, and the words
//! of a check count, not its status.

use crate::{World, pdf, uploaded, world};
use bytes::Bytes;
use e2e::neighbours::Neighbours;
use serde_json::{Value, json};
use simulators::Fault;

const NIK: &str = "3671010101900000";
const RIGHT: &str = "Sandi-Versi-2K8M";

async fn service(version: &'static str, factor: Option<&'static str>) -> World {
    let neighbours = Neighbours::start().await.unwrap();
    neighbours.bsre.with(|bsre| {
        bsre.options.signers.insert(NIK.to_owned(), RIGHT.to_owned());
        bsre.options.one_time = factor.is_some();
    });
    world(neighbours, |table| {
        let system = e2e::setup::system(table, "bsre").unwrap();
        let settings = system["pengaturan"].as_table_mut().unwrap();
        settings.insert("versi".into(), version.into());
        if let Some(factor) = factor {
            settings.insert("faktor".into(), factor.into());
        }
    })
    .await
}

impl World {
    async fn sign(&self, reference: &str, nik: &str, secret: &str, file: &Value) -> (u16, Value) {
        let body = json!({"rujukan": reference, "nik": nik, "berkas": file, "tampilan": {"jenis": "tidak_terlihat"}});
        let url = format!("{}/v1/tte", self.base);
        let reply = self
            .client
            .post(&url, &[("x-kata-sandi", secret)], &body)
            .await
            .unwrap();
        (reply.status, reply.json())
    }

    async fn check(&self, file: &Value) -> Value {
        let (status, told) = self.post("tte/periksa", &json!({ "berkas": file })).await;
        assert_eq!(status, 200, "{told}");
        told
    }

    async fn bytes(&self, file: &Value) -> Bytes {
        let url = format!("{}/v1/lampiran/{}", self.base, file["id"].as_str().unwrap());
        self.client.get(&url).await.unwrap().body
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_sign_once_and_check_by_words_and_flags() {
    for version in ["v1", "v2"] {
        let world = service(version, None).await;
        let plain = uploaded(&world.client, &world.base, pdf(41, 2_000)).await;
        let (status, done) = world.sign("versi-1", NIK, RIGHT, &plain).await;
        assert_eq!(status, 201, "{version}: {done}");
        let told = world.check(&done["berkas"]).await;
        assert_eq!(
            (&told["hasil"], &told["jumlah_tanda_tangan"]),
            (&json!("sah"), &json!(1)),
            "{version}: {told}"
        );
        assert_eq!(told["tanda_tangan"][0]["utuh"], true);
        // Changed after signing, and never signed: HTTP 200 there, and honest here.
        let mut changed = world.bytes(&done["berkas"]).await.to_vec();
        changed[40] ^= 1;
        let changed = uploaded(&world.client, &world.base, changed.into()).await;
        let told = world.check(&changed).await;
        assert_eq!(
            (&told["hasil"], &told["tanda_tangan"][0]["utuh"]),
            (&json!("tidak_sah"), &json!(false)),
            "{version}"
        );
        assert_eq!(world.check(&plain).await["hasil"], "tanpa_tanda_tangan", "{version}");
        // Who may sign: every answer is 200, the code tells, and an undocumented code lets nobody through.
        let registered = [
            (NIK, "boleh"),
            ("3671010101990000", "tidak_terdaftar"),
            ("3671010101910000", "tidak_dikenal"),
        ];
        for (nik, wanted) in registered {
            let (status, told) = world.post("tte/penanda-tangan", &json!({ "nik": nik })).await;
            assert_eq!(
                (status, told["status"].as_str()),
                (200, Some(wanted)),
                "{version}: {told}"
            );
        }
        let effects = world.neighbours.bsre.effects();
        assert_eq!(
            (&effects["signed"], &effects["signed_twice"]),
            (&json!(1), &json!(0)),
            "{version}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_that_must_not_be_repeated_are_sent_once_in_every_form_of_the_error() {
    for version in ["v1", "v2"] {
        let world = service(version, None).await;
        let step = if version == "v1" { "sign" } else { "sign_2" };
        let asked = || {
            world.neighbours.bsre.effects()["requests"][step]["total"]
                .as_u64()
                .unwrap_or(0)
        };
        let mut tries = 0;
        for (n, (sentences, under_200)) in [(false, false), (true, false), (false, true), (true, true)]
            .into_iter()
            .enumerate()
        {
            world.neighbours.bsre.with(|bsre| {
                bsre.options.sentences = sentences;
                bsre.options.errors_under_200 = under_200;
            });
            let file = world.upload(50 + n).await;
            let cases = [
                ("salah", NIK, "Sandi-Keliru-7H3J"),
                ("asing", "3671010101990000", RIGHT),
                ("habis", "3671010101910000", RIGHT),
            ];
            for (what, nik, secret) in cases {
                let (status, told) = world.sign(&format!("kode-{what}-{n}"), nik, secret, &file).await;
                tries += 1;
                let said = (status, told["landed"].as_str(), told["retry"]["safe"].as_bool());
                assert_eq!(said, (422, Some("no"), Some(false)), "{version} {what} {n}: {told}");
                assert!(!told.to_string().contains(nik) && !told.to_string().contains(secret));
            }
        }
        world.neighbours.bsre.with(|bsre| {
            bsre.options.sentences = false;
            bsre.options.errors_under_200 = false;
        });
        // A locked PDF is answered in the form of the service's framework.
        let locked = Bytes::from_static(b"%PDF-1.7\n1 0 obj << /Encrypt 2 0 R >> endobj\n%%EOF\n");
        let locked = uploaded(&world.client, &world.base, locked).await;
        let (status, told) = world.sign("kode-kunci", NIK, RIGHT, &locked).await;
        tries += 1;
        assert_eq!(
            (status, told["landed"].as_str()),
            (422, Some("no")),
            "{version}: {told}"
        );
        // A lost answer is unknown; the same request again signs nothing.
        world.neighbours.bsre.faults().once(step, Fault::HangUpAfterStoring);
        let file = world.upload(60).await;
        let (_, lost) = world.sign("kode-hilang", NIK, RIGHT, &file).await;
        tries += 1;
        assert_eq!(lost["landed"], "unknown", "{version}: {lost}");
        let (status, again) = world.sign("kode-hilang", NIK, RIGHT, &file).await;
        assert!(status >= 202 && status != 201, "{version}: {again}");
        assert_eq!(asked(), tries, "{version}: each was sent once");
        let effects = world.neighbours.bsre.effects();
        assert_eq!(
            (
                &effects["signed"],
                &effects["signed_twice"],
                &effects["wrong_passphrases"]
            ),
            (&json!(1), &json!(0), &json!(4))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_one_time_code_takes_the_place_of_the_passphrase() {
    let world = service("v2", Some("totp")).await;
    let file = world.upload(70).await;
    let (status, done) = world.sign("totp-1", NIK, RIGHT, &file).await;
    assert_eq!(status, 201, "{done}");
    assert_eq!(world.check(&done["berkas"]).await["hasil"], "sah");
    // Spent, and wrong: refused once each.
    for (n, code) in [RIGHT, "000000"].into_iter().enumerate() {
        let (status, told) = world.sign(&format!("totp-2{n}"), NIK, code, &file).await;
        assert_eq!((status, told["retry"]["safe"].as_bool()), (422, Some(false)), "{told}");
    }
    assert_eq!(world.neighbours.bsre.effects()["signed"], 1);
}
