//! A mixed run: licensing, complaints that arrive, fail and wait, signatures, a restriction, an export of evidence, every page of the
//! console. What schemas mark as personal in what was sent and answered, and every credential of the set-up, is then looked for in all that
//! the gateway says to anybody but the consumer who may read it; and in its memory, for keys that nobody may find there.

use crate::{leak_of, text};
use e2e::child::{Child, Lines};
use e2e::client::{Client, complaint, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use schemas::Registry;
use serde_json::{Value, json};
use simulators::Fault;
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

const PAGES: [&str; 12] = [
    "/",
    "/masalah",
    "/pertukaran",
    "/antrean",
    "/sistem",
    "/peristiwa",
    "/salinan",
    "/konsumen",
    "/bukti",
    "/kinerja",
    "/laporan",
    "/pengaturan",
];

/// Values at the places that the schema of a document marks; short words could stand anywhere by chance.
fn marked(registry: &Registry, schema: &str, document: &Value, into: &mut BTreeSet<String>) {
    let Some(schema) = registry.get(schema) else {
        panic!("no schema {schema}")
    };
    for field in schema.personal_fields() {
        let parts: Vec<&str> = field.pointer_pattern.split('/').skip(1).collect();
        gather(document, &parts, into);
    }
}

fn gather(value: &Value, parts: &[&str], into: &mut BTreeSet<String>) {
    match (parts.split_first(), value) {
        (None, Value::String(text))
            if text.chars().count() >= 8 && text.contains(|c: char| c == ' ' || c.is_ascii_digit()) =>
        {
            into.insert(text.to_lowercase());
        }
        (Some((&"*", rest)), Value::Array(items)) => items.iter().for_each(|item| gather(item, rest, into)),
        (Some((&"*", rest)), Value::Object(map)) => map.values().for_each(|item| gather(item, rest, into)),
        (Some((key, rest)), Value::Object(map)) => map.get(*key).into_iter().for_each(|item| gather(item, rest, into)),
        _ => {}
    }
}

fn named(ticket: &str) -> Value {
    let mut body = complaint(ticket);
    body["anonim"] = json!(false);
    body["isi"] = json!("Lampu padam di depan rumah Sasmita Rekaan, hubungi 081100012345.");
    body["pelapor"] = json!({
        "nama": "Sasmita Rekaan Umpama", "nik": "3671150708910000", "telepon": "081100012345",
        "email": "sasmita.rekaan@contoh.invalid",
    });
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_marked_as_personal_and_no_credential_leaves_a_mixed_run() {
    let registry = Registry::embedded().unwrap();
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |table| {
        table["simpul"]["log"]["tingkat"] = toml::Value::String("trace".to_owned());
    })
    .unwrap();
    let lines = Lines::default();
    let mut child = Child::start(Path::new(env!("CARGO_BIN_EXE_simpul-uji")), &setup, &lines, &[]).unwrap();
    let client = Client::new(&setup.keys()[CONSUMER]);
    let operator = Client::new(&setup.keys()[OPERATOR]);
    let (public, admin) = (child.gateway.clone(), child.operator.clone());
    let (mut personal, mut said) = (BTreeSet::new(), Vec::<(String, String)>::new());

    // Licensing: a company with its owners, asked for by who may; somebody else may not.
    let company = format!("{}/companies/1", neighbours.oss.control_url());
    let nib = client.get(&company).await.unwrap().json()["nib"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = client.get(&format!("{public}/v1/nib/{nib}")).await.unwrap();
    assert_eq!(shown.status, 200, "{}", shown.json());
    marked(&registry, "urn:simpul:skema:nib:1", &shown.json(), &mut personal);
    assert!(personal.len() > 3, "{personal:?}");
    let stranger = Client::new("Bearer smp_tidak-ada_0000000000000000000000000000000000000000000000000000000000000000");
    let refused = stranger.get(&format!("{public}/v1/nib/{nib}")).await.unwrap();
    said.push(("stranger".into(), text(&refused.body)));

    // Complaints of a named reporter: taken, refused by the system, given up, wrong in every field.
    let url = format!("{public}/v1/pengaduan");
    let faults = [
        None,
        Some(Fault::OkWithErrorBody),
        Some(Fault::HtmlErrorPage { status: 502 }),
        Some(Fault::HangUpAfterStoring),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        if let Some(fault) = fault {
            neighbours.lapor.faults().once("create", fault);
        }
        let body = named(&format!("C-{number}"));
        marked(&registry, "urn:simpul:skema:pengaduan:1", &body, &mut personal);
        let reply = client.post(&url, &[], &body).await.unwrap();
        if reply.status >= 400 {
            said.push((format!("problem {number}"), text(&reply.body)));
        }
    }
    let mut wrong = named("C-9");
    wrong["pelapor"]["nik"] = json!("3671150708910000 Sasmita");
    wrong["sasmita rekaan umpama"] = json!("081100012345");
    let reply = client.post(&url, &[], &wrong).await.unwrap();
    assert_eq!(reply.status, 422);
    said.push(("wrong fields".into(), text(&reply.body)));

    // A restriction, and what is said because of it.
    let wish = json!({"jenis": "nomor", "nilai": "3671150708910000", "alasan": "permintaan subjek data"});
    for path in ["/subjek/catatan", "/subjek/batasi"] {
        let reply = operator
            .post(&format!("{admin}/admin/v1{path}"), &[], &wish)
            .await
            .unwrap();
        assert_eq!(reply.status, 200, "{}", reply.json());
        said.push((path.into(), text(&reply.body)));
    }
    let reply = client.post(&url, &[], &named("C-8")).await.unwrap();
    assert_eq!(reply.status, 403);
    said.push(("restricted".into(), text(&reply.body)));

    // Everything an operator can see without opening a body.
    until(Duration::from_secs(30), async || {
        let queue = operator.get(&format!("{admin}/admin/v1/antrean")).await?.json();
        let rows = queue["butir"].as_array().map_or(0, Vec::len);
        (rows < 5).then_some(()).ok_or_else(|| queue.to_string())
    })
    .await
    .unwrap();
    let bound = operator
        .post(&format!("{admin}/admin/v1/bukti/ikatan"), &[], &json!({}))
        .await
        .unwrap();
    assert_eq!(bound.status, 200);
    for path in [
        "/metrics",
        "/readyz",
        "/admin/v1/antrean",
        "/admin/v1/pertukaran",
        "/admin/v1/bukti?rantai=main",
        "/admin/v1/kunci",
        "/admin/v1/masalah",
        "/admin/v1/sistem",
        "/admin/v1/subjek",
        "/admin/v1/tenggat",
        "/admin/v1/konektor",
        "/admin/v1/salinan",
    ] {
        let reply = operator.get(&format!("{admin}{path}")).await.unwrap();
        assert_eq!(reply.status, 200, "{path}");
        said.push((path.to_owned(), text(&reply.body)));
        for row in reply.json()["butir"].as_array().into_iter().flatten() {
            let Some(id) = row["id"].as_str().filter(|_| path.ends_with("pertukaran")) else {
                continue;
            };
            for more in ["", "/isi"] {
                let reply = operator
                    .get(&format!("{admin}/admin/v1/pertukaran/{id}{more}"))
                    .await
                    .unwrap();
                said.push((format!("exchange {id}{more}"), text(&reply.body)));
            }
        }
    }
    let form = format!(
        "nama=Petugas+Uji&sandi={}&ke=%2F",
        setup.keys()[OPERATOR].trim_start_matches("Bearer ")
    );
    let cookie = sign_in(&admin, &form).await;
    for page in PAGES {
        let reply = operator
            .get_with(&format!("{admin}{page}"), &[("cookie", &cookie)])
            .await
            .unwrap();
        assert_eq!(reply.status, 200, "{page}");
        said.push((format!("console {page}"), text(&reply.body)));
    }

    // Core text: keys that were read at start are not lying about in memory as they were read.
    let beside = |name: &str| {
        std::fs::read_to_string(setup.journal().with_file_name(name))
            .unwrap()
            .trim()
            .to_owned()
    };
    let keys = [beside("kunci-induk"), beside("kunci-bukti")];
    for (name, key) in ["master key", "evidence key"].iter().zip(&keys) {
        let raw = unhex(key);
        let (as_text, as_bytes) = (in_memory(child.id(), key.as_bytes()), in_memory(child.id(), &raw));
        println!("{name}: as text {as_text} times, raw {as_bytes} times in memory");
        assert_eq!(as_text, 0, "the {name} stays in memory as it was read");
    }
    child.kill();

    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(lines.len() > 10);
    said.extend(lines.into_iter().map(|line| ("log line".to_owned(), line)));
    said.push(("journal on disk".into(), text(&std::fs::read(setup.journal()).unwrap())));

    let mut secrets: Vec<String> = neighbours.secrets().into_iter().map(|(_, value)| value).collect();
    secrets.extend([setup.keys()[CONSUMER].clone(), setup.keys()[OPERATOR].clone()]);
    secrets.extend(keys);
    secrets.retain(|secret| secret.len() >= 8);
    let mut leaks = Vec::new();
    for (place, said) in &said {
        leaks.extend(
            secrets
                .iter()
                .filter(|s| said.contains(*s))
                .map(|_| format!("{place} tells a credential")),
        );
        leaks.extend(leak_of(place, said, personal.iter().map(String::as_str)));
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    println!(
        "{} marked values and {} credentials in none of {} outputs",
        personal.len(),
        secrets.len(),
        said.len()
    );
}

async fn sign_in(admin: &str, form: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = admin.replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /masuk HTTP/1.1\r\nHost: {address}\r\nOrigin: {admin}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let line = answer
        .lines()
        .find(|line| line.to_lowercase().starts_with("set-cookie: simpul_sesi="));
    let line = line.unwrap_or_else(|| panic!("no session: {answer}"));
    line["set-cookie: ".len()..].split(';').next().unwrap().to_owned()
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// How often something stands in the writable memory of a process: what a core dump would hold.
fn in_memory(process: u32, what: &[u8]) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = std::fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut found = 0;
    for line in maps
        .lines()
        .filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw")))
    {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let at = |text| u64::from_str_radix(text, 16).unwrap();
        let (from, to) = (at(from), at(to));
        let mut part = vec![0; usize::try_from(to - from).unwrap()];
        // Some ranges are not readable (reserved, device); what is not readable holds nothing of ours.
        if memory.seek(SeekFrom::Start(from)).is_ok() && memory.read_exact(&mut part).is_ok() {
            let first = what[0];
            let mut rest = part.as_slice();
            while let Some(next) = rest.iter().position(|byte| *byte == first) {
                rest = &rest[next..];
                found += usize::from(rest.starts_with(what));
                rest = &rest[1..];
            }
        }
    }
    found
}
