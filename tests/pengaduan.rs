//! The complaints line of `config/sandbox` over real HTTP between both simulators, in both directions, with files, and
//! through the old XML push.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

use e2e::client::{Client, complaint, until};
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup, hurry, system};
use serde_json::{Value, json};
use simulators::Common;
use simulators::frame::Fault;
use simulators::laksa::{Generator, Ticket};
use std::time::Duration;

/// How long a test waits for what must come about by itself.
const PATIENCE: Duration = Duration::from_secs(30);
/// The city's own institution in the simulator, and another one.
const CITY: u64 = 200_002;
const PROVINCE: u64 = 200_003;

struct World {
    neighbours: Neighbours,
    operator: Client,
    admin: String,
    /// The folder with the journal; gone when dropped.
    _setup: Setup,
    gateway: Inside,
    client: Client,
    url: String,
}

async fn world(change: impl FnOnce(&mut toml::Table)) -> World {
    // The neighbours' clocks agree with the gateway's.
    let common = Common {
        start: jiff::Timestamp::now(),
        ..Common::default()
    };
    let neighbours = Neighbours::start_with(common).await.unwrap();
    let setup = Setup::write(&neighbours, |table| {
        hurry(table, "200ms", "500ms").unwrap();
        change(table);
    })
    .unwrap();
    let gateway = Inside::start(&setup).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    let (url, admin) = (targets.gateway, format!("{}/admin/v1", targets.operator));
    let client = Client::new(&setup.keys()[CONSUMER]);
    World {
        neighbours,
        operator: Client::new(&setup.keys()[OPERATOR]),
        admin,
        _setup: setup,
        gateway,
        client,
        url,
    }
}

impl World {
    /// Sends a complaint and gives the number of its report.
    async fn send(&self, body: &Value) -> u64 {
        let url = format!("{}/v1/pengaduan", self.url);
        let key = format!("kunci-{}", body["tiket"].as_str().unwrap());
        let reply = self
            .client
            .post(&url, &[("idempotency-key", &key)], body)
            .await
            .unwrap();
        assert_eq!(reply.status, 201, "{}", reply.json());
        reply.json()["lapor"]["id_laporan"].as_str().unwrap().parse().unwrap()
    }

    /// The ticket once it satisfies.
    async fn ticket(&self, number: &str, wanted: impl Fn(&Ticket) -> bool) -> Ticket {
        let found = until(PATIENCE, || async {
            let ticket = self.neighbours.laksa.with(|laksa| laksa.tickets().get(number).cloned());
            match ticket {
                Some(ticket) if wanted(&ticket) => Ok(ticket),
                other => Err(format!("{other:?}")),
            }
        });
        found.await.unwrap()
    }

    /// An officer changes the status, an hour after what was before.
    fn status(&self, report: u64, status: &str) {
        self.neighbours
            .lapor
            .clock()
            .advance(jiff::SignedDuration::from_hours(1));
        self.neighbours
            .laksa
            .clock()
            .advance(jiff::SignedDuration::from_hours(1));
        let there = self
            .neighbours
            .lapor
            .with(|lapor| lapor.set_status(report, status, status));
        assert!(there, "report {report}");
    }

    /// Texts of the follow-ups that a client sent to a report.
    fn sent_to(&self, report: u64) -> Vec<String> {
        self.neighbours.lapor.with(|lapor| {
            let entries = &lapor.reports()[&report].entries;
            let sent = entries.iter().filter(|entry| entry.followup);
            sent.map(|entry| entry.content.clone()).collect()
        })
    }
}

fn details(ticket: &Ticket) -> Vec<&str> {
    ticket.history.iter().map(|change| change.detail.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_is_followed_to_its_end() {
    let world = world(|_| {}).await;
    let mut body = complaint("LAKSA-2026-000777");
    body["rahasia"] = json!(true);
    let report = world.send(&body).await;
    let number = "LAKSA-2026-000777";
    world.ticket(number, |t| details(t) == ["diterima"]).await;
    world.status(report, "Terverifikasi");
    world.neighbours.lapor.with(|lapor| {
        assert!(lapor.write_followup(
            report,
            PROVINCE,
            "<p>Yth. warga,</p> akan <b>diperiksa</b> {{ institution_from }}"
        ));
    });
    world.status(report, "Dalam Proses");
    // Not a step that may be taken back, and a name nobody knows: neither reaches the citizen.
    world.status(report, "Terverifikasi");
    world.status(report, "Sedang Ditelaah");
    world.status(report, "Dalam Proses");
    world.status(report, "Selesai");
    let ticket = world
        .ticket(number, |t| t.status == "selesai" && t.followups.len() == 2)
        .await;
    let mut seen = details(&ticket);
    seen.dedup();
    assert_eq!(seen, ["diterima", "terverifikasi", "diproses", "selesai"], "{ticket:?}");
    assert_eq!(ticket.lapor_id, Some(report.to_string()));
    assert_eq!(
        ticket.followups[1].text,
        "Yth. warga,\nakan diperiksa Pemerintah Provinsi Banten"
    );
    // Reopened: the one step back that is legal.
    world.status(report, "Dalam Proses");
    world.ticket(number, |t| t.status == "proses").await;
    // The agency answers in LAKSA; the answer becomes one follow-up, secret as the report is.
    world
        .neighbours
        .laksa
        .with(|laksa| laksa.answer(number, "3.2.01", "Lampu sudah diganti.", "selesai"));
    until(PATIENCE, || async {
        let sent = world.sent_to(report);
        if sent == ["Lampu sudah diganti."] {
            Ok(())
        } else {
            Err(format!("{sent:?}"))
        }
    })
    .await
    .unwrap();
    let secret = world.neighbours.lapor.with(|lapor| {
        let entry = lapor.reports()[&report]
            .entries
            .iter()
            .find(|entry| entry.followup)
            .cloned();
        entry
            .unwrap()
            .fields
            .iter()
            .any(|(name, value)| name == "is_secret" && value == "1")
    });
    assert!(secret, "the protection of the report holds for its follow-ups");
    world.status(report, "Selesai");
    let ticket = world.ticket(number, |t| t.status == "selesai").await;
    let flags = ticket.history.iter().map(|change| change.flags);
    assert!(
        flags.clone().all(|f| !f.repeated && !f.regression && !f.out_of_order),
        "{:?}",
        ticket.history
    );
    // Our own answer does not come back as news.
    assert_eq!(ticket.followups.len(), 2);
    assert!(
        world.neighbours.laksa.with(|laksa| laksa.tickets().len()) == 1,
        "no echo became a ticket"
    );
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disposed_report_becomes_a_ticket_and_is_answered() {
    let world = world(|_| {}).await;
    let report = world.neighbours.lapor.with(|lapor| {
        let fields = json!({
            "title": "Jalan berlubang di Jalan Contoh", "content": "<p>Jalan berlubang &amp; licin.</p>",
            "is_anonymous": true, "is_secret": false,
        });
        let other = json!({"title": "Bukan untuk kota", "content": "Urusan provinsi.", "is_anonymous": false, "is_secret": false});
        lapor.add_report(other.as_object().cloned().unwrap(), PROVINCE);
        lapor.add_report(fields.as_object().cloned().unwrap(), CITY)
    });
    let number = "LAKSA-L-000001";
    let ticket = world.ticket(number, |_| true).await;
    assert_eq!(ticket.lapor_id, Some(report.to_string()));
    assert_eq!(ticket.complaint["body"], "Jalan berlubang & licin.");
    // Its statuses are followed as well.
    world.status(report, "Dalam Proses");
    world.ticket(number, |t| t.status == "proses").await;
    world
        .neighbours
        .laksa
        .with(|laksa| laksa.answer(number, "1.03.01", "Sudah ditambal.", "selesai"));
    until(PATIENCE, || async {
        let sent = world.sent_to(report);
        if sent == ["Sudah ditambal."] {
            Ok(())
        } else {
            Err(format!("{sent:?}"))
        }
    })
    .await
    .unwrap();
    world.status(report, "Selesai");
    let ticket = world.ticket(number, |t| t.status == "selesai").await;
    let flags = ticket.history.iter().map(|change| change.flags);
    assert!(
        flags.clone().all(|f| !f.repeated && !f.regression && !f.out_of_order),
        "{:?}",
        ticket.history
    );
    assert_eq!(world.neighbours.laksa.with(|laksa| laksa.tickets().len()), 1);
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_of_an_anonymous_reporter_arrives_without_its_metadata() {
    let world = world(|_| {}).await;
    let made = Generator::new(3)
        .find(|made| made.files.len() == 1 && made.files[0].name.starts_with("foto "))
        .unwrap();
    let file = &made.files[0];
    let owner = file.name.trim_start_matches("foto ").trim_end_matches(".jpg");
    let holds = |bytes: &[u8], what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
    assert!(holds(&file.body, owner), "the telephone wrote its owner into the photo");

    let name = file.name.replace(' ', "%20");
    let url = format!("{}/v1/lampiran?nama_berkas={name}", world.url);
    let receipt = world.client.upload(&url, file.body.clone()).await.unwrap();
    assert_eq!(receipt.status, 201, "{}", receipt.json());
    let mut body = complaint("LAKSA-2026-000778");
    body["pelapor"] = json!({"nama": owner});
    body["lampiran"] = json!([receipt.json()]);
    let report = world.send(&body).await;
    let (attached, stored) = world
        .neighbours
        .lapor
        .with(|lapor| (lapor.reports()[&report].attachments.clone(), lapor.files().clone()));
    assert_eq!(attached.len(), 1);
    let arrived = &stored[&attached[0]];
    assert!(arrived.body.starts_with(&[0xff, 0xd8, 0xff]) && arrived.media_type == "image/jpeg");
    for secret in [owner, "Exif"] {
        assert!(!holds(&arrived.body, secret), "{secret} is still inside the photo");
    }
    assert!(!arrived.name.contains(owner), "{}", arrived.name);

    // A document cannot be cleaned: nothing of such a report leaves.
    let pdf = bytes::Bytes::from_static(b"%PDF-1.4\n% rekaan\n%%EOF\n");
    let url = format!("{}/v1/lampiran?nama_berkas=surat.pdf", world.url);
    let receipt = world.client.upload(&url, pdf).await.unwrap();
    let mut body = complaint("LAKSA-2026-000779");
    body["lampiran"] = json!([receipt.json()]);
    let url = format!("{}/v1/pengaduan", world.url);
    let refused = world
        .client
        .post(&url, &[("idempotency-key", "pdf")], &body)
        .await
        .unwrap();
    assert_eq!(
        (refused.status, refused.json()["landed"].as_str()),
        (422, Some("no")),
        "{}",
        refused.json()
    );
    assert_eq!(world.neighbours.lapor.with(|lapor| lapor.reports().len()), 1);
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_push_carries_its_token_inside_the_document() {
    let world = world(|table| {
        for gone in ["ikuti", "jadwal", "daftar", "tautan", "lindung", "relai", "peristiwa"] {
            table.remove(gone);
        }
        // With them go the rights to hear of events.
        for consumer in table["konsumen"].as_array_mut().unwrap() {
            if let Some(grants) = consumer.get_mut("hak").and_then(toml::Value::as_array_mut) {
                grants.retain(|grant| !grant.to_string().contains("nib.diterima"));
            }
        }
        let only = |operation: &toml::Value| {
            let of = |key: &str| {
                operation
                    .get(key)
                    .and_then(toml::Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            of("sistem") != "lapor" || of("id") == "pengaduan.kirim"
        };
        for key in ["operasi", "operasi_dalam"] {
            table[key].as_array_mut().unwrap().retain(only);
        }
        for consumer in table["konsumen"].as_array_mut().unwrap() {
            let grants = consumer.get_mut("hak").and_then(toml::Value::as_array_mut);
            for grant in grants.into_iter().flatten() {
                grant["operasi"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|id| id.as_str() != Some("pengaduan.lihat"));
            }
        }
        let lapor = system(table, "lapor").unwrap();
        let auth: toml::Table = r#"
            jenis = "headers"
            kepala = [
                { nama = "{{kredensial}}", nilai = { env = "SIMPUL_SANDBOX_LAPOR_TOKEN" } },
                { nama = "X-Desk", nilai = { env = "SIMPUL_SANDBOX_LAPOR_BEARER" } },
            ]
        "#
        .parse()
        .unwrap();
        lapor.insert("auth".to_owned(), toml::Value::Table(auth));
        let settings = lapor["pengaturan"].as_table_mut().unwrap();
        settings.insert("dialek".to_owned(), "g1".into());
        settings.remove("masuk");
        let desk: toml::Table = r#"
            email = "meja@contoh.invalid"
            telepon = "081100000000"
            nama_depan = "Meja"
        "#
        .parse()
        .unwrap();
        settings.insert("g1".to_owned(), toml::Value::Table(desk));
    })
    .await;
    let report = world.send(&complaint("LAKSA-2026-000780")).await;
    let (origin, last) = world.neighbours.lapor.with(|lapor| {
        let report = &lapor.reports()[&report];
        (report.origin, report.text("namabelakang").to_owned())
    });
    assert_eq!((origin, last.as_str()), ("g1", "_"));
    let token = world.neighbours.lapor.with(|lapor| lapor.options.push_token.clone());
    let raw = world.neighbours.lapor.requests().last().unwrap().raw();
    let (head, document) = raw.split_once("<lapor").unwrap();
    assert!(
        document.contains(&token) && !head.contains(&token),
        "in the document and nowhere else"
    );
    assert!(!head.contains("kredensial"), "{head}");
    world.gateway.stop().await.unwrap();
}

/// Sends a complaint that LAPOR! stores, answers never, and deletes before it is looked up; the state in which it ends, and
/// how many reports were made of it.
async fn deleted_before_the_look_up(choice: &str) -> (String, usize) {
    let world = world(|table| {
        let lapor = system(table, "lapor").unwrap();
        let delivery = lapor["pengiriman"].as_table_mut().unwrap();
        delivery.insert("cari_setelah".to_owned(), "2s".into());
        delivery.insert("pencarian".to_owned(), 2.into());
        lapor["pengaturan"]["pencarian"]
            .as_table_mut()
            .unwrap()
            .insert("bila_tidak_tampak".to_owned(), choice.into());
    })
    .await;
    let lapor = &world.neighbours.lapor;
    lapor.faults().once("create", Fault::HangUpAfterStoring);
    let ticket = "LAKSA-2026-000790";
    let headers = [("idempotency-key", "kunci-hapus"), ("prefer", "respond-async")];
    let url = format!("{}/v1/pengaduan", world.url);
    let taken = world.client.post(&url, &headers, &complaint(ticket)).await.unwrap();
    assert_eq!(taken.status, 202, "{}", taken.json());
    until(PATIENCE, || async {
        let stored = lapor.with(|lapor| lapor.find(ticket).first().map(|report| report.id));
        let id = stored.ok_or("not stored yet")?;
        assert!(lapor.with(|lapor| lapor.delete(id)));
        Ok(())
    })
    .await
    .unwrap();
    let exchange = format!("{}{}", world.url, taken.location.unwrap());
    let state = until(PATIENCE, || async {
        let now = world.client.get(&exchange).await.unwrap().json();
        match now["keadaan"].as_str() {
            Some(state @ ("terkirim" | "hasil_tidak_pasti")) => Ok(state.to_owned()),
            _ => Err(now.to_string()),
        }
    });
    let state = state.await.unwrap();
    let made = lapor.with(|lapor| lapor.find(ticket).len());
    world.gateway.stop().await.unwrap();
    (state, made)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_deleted_before_its_look_up_waits_for_a_person_where_the_city_says_so() {
    assert_eq!(
        deleted_before_the_look_up("tanya_petugas").await,
        ("hasil_tidak_pasti".to_owned(), 1)
    );
    assert_eq!(
        deleted_before_the_look_up("kirim_lagi").await,
        ("terkirim".to_owned(), 2)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_replayed_under_a_new_mapping_after_its_difference_was_seen() {
    let world = world(|table| {
        let lapor = system(table, "lapor").unwrap();
        lapor["pengiriman"]
            .as_table_mut()
            .unwrap()
            .insert("percobaan".to_owned(), 1.into());
    })
    .await;
    let lapor = &world.neighbours.lapor;
    lapor
        .faults()
        .next("create", Fault::Unavailable { retry_after: None }, 10);
    let ticket = "LAKSA-2026-000791";
    let headers = [("idempotency-key", "kunci-peta"), ("prefer", "respond-async")];
    let url = format!("{}/v1/pengaduan", world.url);
    let taken = world.client.post(&url, &headers, &complaint(ticket)).await.unwrap();
    let place = taken.location.unwrap();
    let ends = async |base: &str, wanted: &str| {
        until(PATIENCE, || async {
            let now = world.client.get(&format!("{base}{place}")).await.unwrap().json();
            (now["keadaan"] == wanted).then_some(now.clone()).ok_or(now.to_string())
        })
        .await
        .unwrap()
    };
    ends(&world.url, "gagal").await;
    let id = place.rsplit('/').next().unwrap();
    let letter = format!("/pertukaran/{id}");
    let inside = world
        .operator
        .get(&format!("{}{letter}/isi", world.admin))
        .await
        .unwrap()
        .json();
    assert_eq!(inside["perbedaan"], json!([]), "{inside}");
    assert_eq!(inside["langkah_gagal"]["langkah"], "buat", "{inside}");
    world.gateway.stop().await.unwrap();

    // The list of categories was wrong: another id, and the gateway starts over the same journal.
    let mended = world._setup.sibling(|table| {
        let settings = &mut system(table, "lapor").unwrap()["pengaturan"];
        settings["kategori"]["lampu_jalan"] = 31.into();
    });
    let mended = mended.unwrap();
    let gateway = Inside::start(&mended).await.unwrap();
    let targets = gateway.targets(&mended, &world.neighbours);
    let admin = format!("{}/admin/v1{letter}", targets.operator);
    let inside = world.operator.get(&format!("{admin}/isi")).await.unwrap().json();
    assert_eq!(
        inside["perbedaan"],
        json!([{"penunjuk": "/category_id", "jenis": "diubah"}]),
        "{inside}"
    );
    lapor.faults().clear();
    let why = json!({"alasan": "daftar kategori sudah benar"});
    let replay = format!("{admin}/kirim-ulang");
    let replayed = world.operator.post(&replay, &[], &why).await.unwrap();
    assert!(replayed.status < 300, "{}", replayed.json());
    ends(&targets.gateway, "terkirim").await;
    let made = lapor.with(|lapor| {
        let made = lapor.find(ticket);
        made.iter()
            .map(|report| report.fields["category_id"].clone())
            .collect::<Vec<_>>()
    });
    assert_eq!(made, [json!(31)]);
    gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_sees_deadlines_and_lists_and_lowers_a_protection_with_a_reason() {
    let world = world(|_| {}).await;
    let report = world.send(&complaint("LAKSA-2026-000781")).await;
    world.status(report, "Terverifikasi");
    let sent = format!("{}/pertukaran?operasi=pengaduan.kirim", world.admin);
    let sent = world.operator.get(&sent).await.unwrap().json();
    let one = format!(
        "{}/pertukaran/{}",
        world.admin,
        sent["butir"][0]["id"].as_str().unwrap()
    );
    until(PATIENCE, || async {
        let following = world.operator.get(&one).await.unwrap().json()["diikuti"].clone();
        let told = following["keadaan"] == "terverifikasi" && following["tenggat"].is_string();
        if told { Ok(()) } else { Err(following.to_string()) }
    })
    .await
    .unwrap();
    let lists = format!("{}/daftar", world.admin);
    until(PATIENCE, || async {
        let lists = world.operator.get(&lists).await.unwrap().json()["butir"].clone();
        let known = lists.as_array().into_iter().flatten();
        let institutions = known.clone().find(|list| list["daftar"] == "lapor.instansi");
        match institutions {
            Some(list) if list["jumlah"] == 5 && list["diambil_pada"].is_string() => Ok(()),
            _ => Err(lists.to_string()),
        }
    })
    .await
    .unwrap();
    let lower = format!("{}/perlindungan/turunkan", world.admin);
    let wish = |key: &str, flag: &str, reason: &str| json!({"tautan": "perlindungan", "kunci": key, "bendera": flag, "alasan": reason});
    let report = report.to_string();
    for (wish, status) in [
        (wish(&report, "/rahasia", " "), 422),
        (wish("7", "/rahasia", "salah nomor"), 404),
        (wish(&report, "/lain", "bukan bendera"), 404),
        (wish(&report, "/rahasia", "pelapor memintanya"), 200),
    ] {
        let reply = world.operator.post(&lower, &[], &wish).await.unwrap();
        assert_eq!(reply.status, status, "{wish}: {}", reply.json());
    }
    let chains = world
        .operator
        .get(&format!("{}/bukti", world.admin))
        .await
        .unwrap()
        .json();
    let chain = chains["rantai"][0].as_str().unwrap();
    let mut after = 0;
    let found = loop {
        let page = format!("{}/bukti?rantai={chain}&setelah={after}", world.admin);
        let page = world.operator.get(&page).await.unwrap().json();
        let rows = page["butir"].as_array().cloned().unwrap_or_default();
        let mut notes = rows.iter().filter_map(|row| row["catatan"].as_str());
        if let Some(note) = notes.find(|note| note.contains("protection_lowered")) {
            break note.to_owned();
        }
        after = page["berikut"].as_i64().expect("the lowering is evidence");
    };
    assert!(
        found.contains("Petugas Uji") && found.contains("pelapor memintanya"),
        "{found}"
    );
    let stranger = Client::new("Bearer bukan-petugas");
    let refused = stranger
        .post(&lower, &[], &wish(&report, "/rahasia", "x"))
        .await
        .unwrap();
    assert_eq!(refused.status, 401);
    world.gateway.stop().await.unwrap();
}
