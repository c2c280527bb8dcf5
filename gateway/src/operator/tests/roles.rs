//! AU51: every address of the admin API against every role. The addresses are read from the router's own source, so that a new one is
//! in the matrix before anybody thinks of it. AU60: a pass opens it when nobody's token does.

use super::world::{Noon, Port, port};
use crate::operator::{Emergency, Operator, Pass, Role, TokenHash};
use gateway_core::journal::{Journal, MAIN_CHAIN};
use jiff::SignedDuration;

/// Method and path of every route of the admin API.
fn routes() -> Vec<(&'static str, String)> {
    let source = include_str!("../server.rs");
    let table = source.split_once("fn router").unwrap().1;
    let table = table.split_once(".fallback(problem::not_found)").unwrap().0;
    let mut routes = Vec::new();
    for part in table.split(".route(\"").skip(1) {
        let (path, handlers) = part.split_once('"').unwrap();
        let handlers = handlers.lines().next().unwrap();
        let path = path
            .replace("{id}", "01900000-0000-7000-8000-000000000001")
            .replace("{langkah}", "setujui");
        let path: String = path
            .split('/')
            .map(|piece| if piece.starts_with('{') { "uji" } else { piece })
            .collect::<Vec<_>>()
            .join("/");
        for (word, method) in [("get(", "GET"), ("post(", "POST")] {
            if handlers.contains(word) {
                routes.push((method, path.clone()));
            }
        }
    }
    routes
}

fn token(role: Role) -> String {
    format!("token-{}", role.word())
}

async fn status(port: &Port, method: &str, path: &str, token: Option<&str>) -> u16 {
    let bearer = token
        .map(|token| format!("authorization: Bearer {token}\r\n"))
        .unwrap_or_default();
    let answer = port
        .raw(&format!(
            "{method} /admin/v1{path} HTTP/1.1\r\nhost: uji\r\nconnection: close\r\ncontent-type: application/json\r\n{bearer}content-length: 2\r\n\r\n{{}}"
        ))
        .await;
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// What the documents say: an integrator sees neither rights nor evidence nor data subjects; auditors see everything; both decide
/// nothing and open nothing.
fn may(role: Role, method: &str, path: &str) -> bool {
    let closed = ["/bukti", "/kunci", "/akses", "/subjek", "/laporan"];
    let rights = closed.iter().any(|start| path.starts_with(start));
    let binds = path == "/bukti/ikatan";
    let decides = (method == "POST" && !binds) || path.contains("ka=ya");
    match role {
        Role::Admin | Role::Operator => true,
        Role::Auditor => !decides,
        Role::Integrator => !decides && !rights,
    }
}

#[tokio::test]
async fn au51_every_address_of_the_admin_api_knows_the_roles() {
    let port = port(
        Role::ALL
            .into_iter()
            .map(|role| Operator {
                role,
                ..Operator::new(role.word(), TokenHash::of(&token(role)))
            })
            .collect(),
    );
    let mut routes = routes();
    assert!(routes.len() >= 48, "only {} routes were found", routes.len());
    let body = routes
        .iter()
        .find(|(_, path)| path.ends_with("/isi"))
        .unwrap()
        .1
        .clone();
    routes.push(("GET", format!("{body}?b%75ka=ya&alasan=pemeriksaan")));
    for (method, path) in &routes {
        for stranger in [None, Some("token-lain")] {
            assert_eq!(status(&port, method, path, stranger).await, 401, "{method} {path}");
        }
        for role in Role::ALL {
            let got = status(&port, method, path, Some(&token(role))).await;
            assert_ne!(got, 401, "{} {method} {path}", role.word());
            assert_eq!(
                got != 403,
                may(role, method, path),
                "{} {method} {path}: {got}",
                role.word()
            );
        }
    }
    println!("{} addresses × {} roles", routes.len(), Role::ALL.len());
}

#[tokio::test]
async fn au60_a_pass_opens_the_admin_api_loudly_and_for_a_while() {
    // Nobody has a token: the API is closed.
    let port = port(Vec::new());
    assert_eq!(status(&port, "GET", "/antrean", Some("token-lama")).await, 403);
    let pass = |name: &str, until: i64| Pass {
        name: name.into(),
        reason: "semua token hilang".into(),
        made: Noon::time() - SignedDuration::from_mins(10),
        until: Noon::time() + SignedDuration::from_mins(until),
        id: name.into(),
    };
    let here = Emergency::new(&[9; 32]);
    let text = |here: &Emergency, pass: &Pass| here.issue(pass).unwrap().expose().to_owned();
    let over = text(&here, &pass("Petugas Dua", 0));
    assert_eq!(status(&port, "GET", "/antrean", Some(&over)).await, 403, "over");
    let foreign = text(&Emergency::new(&[8; 32]), &pass("Petugas Tiga", 5));
    assert_eq!(
        status(&port, "GET", "/antrean", Some(&foreign)).await,
        403,
        "of another master key"
    );

    let token = text(&here, &pass("Petugas Satu", 5));
    for path in ["/antrean", "/kunci", "/bukti"] {
        assert_eq!(status(&port, "GET", path, Some(&token)).await, 200, "{path}");
    }
    let tried = status(&port, "POST", "/kunci/tidak-ada/cabut", Some(&token)).await;
    assert!((400..500).contains(&tried) && ![401, 403].contains(&tried), "{tried}");
    let links = port.journal.evidence(MAIN_CHAIN.into(), 0, 100).await.unwrap();
    let told: Vec<serde_json::Value> = links
        .iter()
        .map(|l| serde_json::from_slice(&l.record).unwrap())
        .collect();
    let loud: Vec<_> = told.iter().filter(|record| record["action"] == "break_glass").collect();
    assert_eq!(loud.len(), 1, "announced once: {told:?}");
    assert_eq!(loud[0]["person"], "darurat: Petugas Satu");
    assert_eq!(loud[0]["reason"], "semua token hilang");
    let done = told.iter().find(|record| record["action"] == "admin").unwrap();
    assert_eq!(
        done["person"], "darurat: Petugas Satu",
        "what it does is evidence under its name"
    );
    let metrics = port.meters.text().unwrap();
    assert!(metrics.contains("simpul_security_events_total{event=\"break_glass\"} 1"));
}
