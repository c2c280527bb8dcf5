//! The console over loopback: who comes in, what they may do, every page in both languages, nothing personal unless opened.

use super::world::{MARK, Port, SAFE, TOKEN, dead, open, port};
use crate::operator::totp::Totp;
use crate::operator::{Operator, PasswordHash, Role, TokenHash};
use connector_sdk::Secret;
use gateway_core::exchange::State;
use gateway_core::journal::Journal;
use std::net::SocketAddr;

const PAGES: [&str; 13] = [
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
    "/katalog",
    "/laporan",
    "/pengaturan",
];

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(prefix.as_str()))
    }
}

async fn ask(port: &Port, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    ask_at(port, port.address, method, path, (headers, body)).await
}

async fn ask_at(port: &Port, node: SocketAddr, method: &str, path: &str, (headers, body): (&str, &str)) -> Answer {
    let answer = port
        .raw_at(
            node,
            &format!(
                "{method} {path} HTTP/1.1\r\nhost: uji\r\nconnection: close\r\n{headers}content-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{body}",
                body.len()
            ),
        )
        .await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Comes in; the cookie header, or the refusal.
async fn enter(port: &Port, name: &str, secret: &str) -> Result<String, Answer> {
    let form = format!(
        "nama={}&sandi={}&ke=%2Fmasalah",
        name.replace(' ', "+"),
        secret.replace(' ', "+")
    );
    let answer = ask(port, "POST", "/masuk", "origin: http://uji\r\n", &form).await;
    match answer.header("set-cookie") {
        Some(cookie) if answer.status == 303 => {
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
                "{cookie}"
            );
            assert_eq!(answer.header("location"), Some("/masalah"));
            Ok(format!("cookie: {}\r\n", cookie.split(';').next().unwrap()))
        }
        _ => Err(answer),
    }
}

async fn get(port: &Port, session: &str, path: &str) -> Answer {
    ask(port, "GET", path, session, "").await
}

/// The token of the forms on a page.
fn form_token(page: &str) -> String {
    let at = page.find("name=\"formulir\" value=\"").unwrap() + "name=\"formulir\" value=\"".len();
    page[at..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn strangers_see_the_door_only_and_every_answer_is_guarded() {
    let port = open();
    for page in PAGES {
        let answer = get(&port, "", page).await;
        assert_eq!(answer.status, 303, "{page}");
        assert!(answer.header("location").unwrap().starts_with("/masuk?ke="), "{page}");
    }
    for (path, cookie) in [
        ("/", "cookie: simpul_sesi=a.b.c.d.e\r\n"),
        ("/masalah/berkas?sistem=lapor", ""),
    ] {
        assert_eq!(get(&port, cookie, path).await.status, 303, "{path}");
    }
    let door = get(&port, "", "/masuk").await;
    assert_eq!(door.status, 200);
    let policy = door.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(door.header("x-frame-options"), Some("DENY"));
    assert_eq!(door.header("cache-control"), Some("no-store"));
    assert!(
        enter(&port, "Petugas Satu", "token-operator-uj")
            .await
            .is_err_and(|no| no.status == 401)
    );
    assert!(
        enter(&port, "Siapa Saja", TOKEN).await.is_err(),
        "the token is the person's"
    );
    let foreign = ask(
        &port,
        "POST",
        "/masuk",
        "origin: http://jahat.invalid\r\n",
        "nama=Petugas+Satu&sandi=x",
    )
    .await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test]
async fn every_page_is_there_in_both_languages_and_shows_nothing_personal() {
    let port = open();
    let nik = format!("{}{}", "367101", "0101900000");
    let id = port.exchange(1, dead, &nik).await;
    let session = enter(&port, "Petugas Satu", TOKEN).await.ok().unwrap();
    let one = format!("/pertukaran/{id}");
    let inside = format!("/pertukaran/{id}/isi");
    let preview = "/kirim-ulang?sistem=lapor&keadaan=gagal".to_owned();
    for path in PAGES
        .iter()
        .map(|page| (*page).to_owned())
        .chain([one, inside, preview])
    {
        for (language, cookie) in [
            ("id", session.clone()),
            ("en", session.replace("\r\n", "; simpul_bahasa=en\r\n")),
        ] {
            let page = get(&port, &cookie, &path).await;
            assert_eq!(page.status, 200, "{path} {language}: {}", page.body);
            assert!(page.body.contains(&format!("<html lang=\"{language}\">")), "{path}");
            assert!(page.body.contains("<h1>") && page.body.contains("id=\"isi\""), "{path}");
            assert!(
                !page.body.contains(MARK) && !page.body.contains(&nik),
                "{path} shows what it must not"
            );
            assert!(
                !page.body.contains("style=") && !page.body.contains("<script>"),
                "{path}: the policy forbids it"
            );
            let hosts = page.body.matches("http://").count() + page.body.matches("https://").count();
            let known =
                page.body.matches("https://</span>").count() + page.body.matches("https://lapor.invalid").count();
            assert_eq!(hosts, known, "{path} names another host");
        }
    }
    let other = get(&port, &session, "/bahasa/en?ke=/masalah").await;
    assert_eq!((other.status, other.header("location")), (303, Some("/masalah")));
    assert_eq!(
        get(&port, &session, "/bahasa/en?ke=//jahat.invalid")
            .await
            .header("location"),
        Some("/")
    );
}

#[tokio::test]
async fn a_problem_is_previewed_and_replayed_from_the_console() {
    let port = open();
    for n in 1..=3 {
        port.exchange_of(SAFE, n, dead, &n.to_string()).await;
    }
    let session = enter(&port, "Petugas Satu", TOKEN).await.ok().unwrap();
    let issues = get(&port, &session, "/masalah").await.body;
    assert!(
        issues.contains("lapor: Tidak menjawab tepat waktu") && issues.contains("Kirim ulang 3 yang gagal"),
        "{issues}"
    );
    let way = "/kirim-ulang?sistem=lapor&amp;sebab=lambat&amp;pihak=sistem&amp;keadaan=gagal";
    assert!(issues.contains(way), "{issues}");
    let preview = get(&port, &session, &way.replace("&amp;", "&")).await.body;
    assert!(preview.contains("<strong id=\"jumlah\">3</strong>"), "{preview}");
    let token = form_token(&preview);
    let fields = "sistem=lapor&sebab=lambat&pihak=sistem&keadaan=gagal&alasan=sudah+pulih";
    let begin = async |token: &str| {
        let form = format!("formulir={token}&{fields}");
        ask(
            &port,
            "POST",
            "/kirim-ulang",
            &format!("{session}origin: http://uji\r\n"),
            &form,
        )
        .await
    };
    assert_eq!(begin("palsu").await.status, 403, "not of this session");
    let foreign = format!("{session}origin: http://jahat.invalid\r\n");
    let form = format!("formulir={token}&{fields}");
    assert_eq!(ask(&port, "POST", "/kirim-ulang", &foreign, &form).await.status, 403);
    let begun = begin(&token).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let job = get(&port, &session, begun.header("location").unwrap()).await.body;
    assert!(
        job.contains("dari 3.") && job.contains("Petugas Satu – sudah pulih"),
        "{job}"
    );
}

#[tokio::test]
async fn a_decision_is_the_sessions_persons() {
    let port = open();
    let id = port.exchange_of(SAFE, 1, dead, "1").await;
    let session = enter(&port, "Petugas Satu", TOKEN).await.ok().unwrap();
    let page = get(&port, &session, &format!("/pertukaran/{id}")).await.body;
    let from = format!("{session}origin: http://uji\r\n");
    let form = format!(
        "formulir={}&tindakan=batalkan&alasan=tidak+jadi+dikirim",
        form_token(&page)
    );
    let decided = ask(&port, "POST", &format!("/pertukaran/{id}/putuskan"), &from, &form).await;
    assert_eq!(decided.status, 303, "{}", decided.body);
    let stored = port.journal.get(id).await.unwrap().unwrap();
    assert_eq!(stored.state, State::Discarded);
    let attempts = port.journal.attempts(id).await.unwrap();
    assert_eq!(attempts.last().unwrap().by.as_deref(), Some("Petugas Satu"));
    let again = ask(&port, "POST", &format!("/pertukaran/{id}/putuskan"), &from, &form).await;
    assert_eq!(again.status, 409, "{}", again.body);
    for status in [303, 409] {
        let told = told(&port, &format!("/pertukaran/{id}/putuskan"), status).await;
        assert!(
            told.contains("Petugas Satu") && told.contains("tidak jadi dikirim"),
            "{told}"
        );
    }
}

/// What the evidence says of a change by a person.
async fn told(port: &Port, path: &str, status: u16) -> String {
    let links = port.journal.evidence("main".into(), 0, 1000).await.unwrap();
    let records = links
        .iter()
        .map(|link| String::from_utf8_lossy(&link.record).into_owned());
    let of = |record: &String| record.contains(path) && record.contains(&format!("\"status\":{status}"));
    records
        .clone()
        .find(of)
        .unwrap_or_else(|| panic!("{path} {status} is no evidence"))
}

#[tokio::test]
async fn a_body_is_opened_with_a_reason_only_and_that_is_evidence() {
    let port = open();
    let id = port.exchange_of(SAFE, 1, dead, "1").await;
    let session = enter(&port, "Petugas Satu", TOKEN).await.ok().unwrap();
    let path = format!("/pertukaran/{id}/isi");
    let token = form_token(&get(&port, &session, &path).await.body);
    let from = format!("{session}origin: http://uji\r\n");
    let without = ask(&port, "POST", &path, &from, &format!("formulir={token}&alasan=x")).await;
    assert!(
        without.status == 422 && !without.body.contains(MARK),
        "{}",
        without.status
    );
    let opened = ask(
        &port,
        "POST",
        &path,
        &from,
        &format!("formulir={token}&alasan=keluhan+warga"),
    )
    .await;
    assert!(opened.status == 200 && opened.body.contains(MARK), "{}", opened.status);
    let links = port.journal.evidence("main".into(), 0, 100).await.unwrap();
    let told = links
        .iter()
        .any(|link| String::from_utf8_lossy(&link.record).contains("keluhan warga"));
    assert!(told, "the look is no evidence");
}

#[tokio::test]
async fn roles_that_only_look_decide_nothing_and_passwords_open() {
    let of = |name: &str, role, password: Option<&str>| Operator {
        role,
        password: password.map(|text| PasswordHash::of(text).unwrap()),
        ..Operator::new(name, TokenHash::of(&format!("token-{}", role.word())))
    };
    let port = port(vec![
        of("Auditor", Role::Auditor, Some("kata sandi auditor")),
        of("Integrator", Role::Integrator, None),
    ]);
    let id = port.exchange_of(SAFE, 1, dead, "1").await;
    assert!(enter(&port, "Auditor", "kata sandi lain sekali").await.is_err());
    let auditor = enter(&port, "Auditor", "kata sandi auditor").await.ok().unwrap();
    let page = get(&port, &auditor, &format!("/pertukaran/{id}")).await.body;
    assert!(page.contains("Peran Anda hanya melihat") && !page.contains("Kirim ulang</button>"));
    let form = format!("formulir={}&tindakan=batalkan&alasan=tidak+boleh", form_token(&page));
    let from = format!("{auditor}origin: http://uji\r\n");
    assert_eq!(
        ask(&port, "POST", &format!("/pertukaran/{id}/putuskan"), &from, &form)
            .await
            .status,
        403
    );
    assert_eq!(get(&port, &auditor, "/bukti").await.status, 200);
    let integrator = enter(&port, "Integrator", "token-integrator").await.ok().unwrap();
    for closed in ["/konsumen", "/bukti", "/laporan", "/pengaturan"] {
        assert_eq!(get(&port, &integrator, closed).await.status, 403, "{closed}");
    }
    assert!(
        !get(&port, &integrator, "/").await.body.contains("href=\"/bukti\""),
        "not shown either"
    );
    let (status, _) = port
        .post(
            &format!("/pertukaran/{id}/batalkan"),
            "token-auditor",
            "{\"alasan\":\"tidak boleh\"}",
        )
        .await;
    assert_eq!(status, 403, "the admin API knows the role too");
    for path in [
        format!("/pertukaran/{id}/putuskan"),
        format!("/pertukaran/{id}/batalkan"),
    ] {
        assert!(
            told(&port, &path, 403).await.contains("Auditor"),
            "a refusal is evidence too"
        );
    }
    assert_eq!(port.journal.get(id).await.unwrap().unwrap().state, State::Dead);
}

#[tokio::test]
async fn two_nodes_take_each_others_sessions_until_the_person_leaves_one() {
    let port = open();
    let session = enter(&port, "Petugas Satu", TOKEN).await.ok().unwrap();
    let page = ask_at(&port, port.second, "GET", "/masalah", (&session, "")).await;
    assert_eq!(page.status, 200, "the other node knows the session");
    let form = format!("formulir={}", form_token(&page.body));
    let from = format!("{session}origin: http://uji\r\n");
    let left = ask_at(&port, port.second, "POST", "/keluar", (&from, &form)).await;
    assert_eq!((left.status, left.header("location")), (303, Some("/masuk")));
    for node in [port.address, port.second] {
        let answer = ask_at(&port, node, "GET", "/masalah", (&session, "")).await;
        assert_eq!(
            answer.status, 303,
            "left on one node is left on all, whoever kept the cookie"
        );
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_code_counts_once_on_all_nodes() {
    // RFC 6238's seed; the clock of this world stands at 2026-02-03T05:00:00Z.
    let seed = Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let port = port(vec![Operator {
        totp: Totp::read(&seed),
        ..Operator::new("Petugas Satu", TokenHash::of(TOKEN))
    }]);
    let code = crate::operator::totp::code_now(&seed, super::world::Noon::time());
    let form = |code: &str| format!("nama=Petugas+Satu&sandi={TOKEN}&kode={code}&ke=%2Fmasalah");
    let try_at = async |node, code: &str| {
        let answer = ask_at(&port, node, "POST", "/masuk", ("origin: http://uji\r\n", &form(code))).await;
        answer.status
    };
    for wrong in ["", "000000", &code[..5]] {
        assert_eq!(try_at(port.address, wrong).await, 401, "{wrong}");
    }
    assert_eq!(try_at(port.address, &code).await, 303);
    assert_eq!(try_at(port.second, &code).await, 401, "the code was used before");
    for _ in 0..3 {
        try_at(port.address, "111111").await;
    }
    let next = try_at(port.address, &code).await;
    assert!(next == 401, "still no second use: {next}");
    for _ in 0..2 {
        try_at(port.address, "111111").await;
    }
    assert_eq!(try_at(port.address, "111111").await, 429, "too many tries wait");
}

#[tokio::test]
async fn a_problem_is_assigned_and_muted_with_a_reason_and_its_evidence_file_is_a_pdf_too() {
    let port = open();
    port.exchange_of(SAFE, 1, dead, "1").await;
    let session = enter(&port, "Petugas Satu", TOKEN).await.ok().unwrap();
    let page = get(&port, &session, "/masalah").await.body;
    let at = page.find("action=\"/masalah/lapor/").unwrap() + "action=\"".len();
    let place = page[at..].split('"').next().unwrap().to_owned();
    let from = format!("{session}origin: http://uji\r\n");
    let form = |reason: &str| {
        let token = form_token(&page);
        format!("formulir={token}&penanggung=Petugas+Dua&diam_jam=8&alasan={reason}")
    };
    let vague = ask(&port, "POST", &place, &from, &form("x")).await;
    assert_ne!(vague.status, 303, "no reason");
    let done = ask(&port, "POST", &place, &from, &form("menunggu+kementerian")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = get(&port, &session, "/masalah").await.body;
    assert!(
        page.contains("Diurus oleh <strong>Petugas Dua</strong>") && page.contains("menunggu kementerian"),
        "{page}"
    );
    assert!(page.contains("Didiamkan sampai"), "{page}");
    assert!(
        told(&port, &place, 303).await.contains("menunggu kementerian"),
        "the reason is evidence"
    );
    let (_, list) = port.json("/admin/v1/masalah").await;
    assert_eq!(list["butir"][0]["urus"]["penanggung"], "Petugas Dua", "{list}");
    let muted = |text: &str| {
        text.lines()
            .any(|line| line.starts_with("simpul_problem_muted{system=\"lapor\"") && line.ends_with(" 1.0"))
    };
    // Figures are read at most once a second.
    let quiet = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while !muted(&port.call("/metrics", None).await.2) {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    assert!(quiet.await.is_ok(), "the alert is silenced by this");
    let other = r#"{"penanggung":"Petugas Tiga","alasan":"giliran berikut"}"#;
    let (status, kept) = port.post(&place, TOKEN, other).await;
    assert_eq!((status, &kept["penanggung"]), (200, &"Petugas Tiga".into()), "{kept}");
    assert!(
        kept["diam_sampai"].is_string(),
        "assigning leaves the quiet as it was: {kept}"
    );
    let (_, kept) = port
        .post(&place, TOKEN, r#"{"diam_jam":0,"alasan":"sudah pulih"}"#)
        .await;
    assert_eq!(
        (&kept["penanggung"], &kept["diam_sampai"]),
        (&"Petugas Tiga".into(), &serde_json::Value::Null)
    );
    let file = get(&port, &session, "/masalah/berkas?sistem=lapor&bentuk=pdf").await;
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, Some("application/pdf"))
    );
    assert!(
        file.body.starts_with("%PDF-1.4") && file.body.contains("Bukti gangguan"),
        "{}",
        file.body
    );
    assert!(!file.body.contains(MARK), "no content");
}

#[tokio::test]
async fn a_name_waits_after_five_wrong_tries_even_with_the_right_word() {
    let port = open();
    let try_at = async |node, word: &str| {
        let form = format!("nama=Petugas+Satu&sandi={word}&ke=%2F");
        let from = ("origin: http://uji\r\n", form.as_str());
        ask_at(&port, node, "POST", "/masuk", from).await.status
    };
    for _ in 0..3 {
        assert_eq!(try_at(port.address, "salah").await, 401);
    }
    for _ in 0..2 {
        assert_eq!(try_at(port.second, "salah").await, 401, "counted over both nodes");
    }
    for node in [port.address, port.second] {
        assert_eq!(try_at(node, TOKEN).await, 429);
    }
}
