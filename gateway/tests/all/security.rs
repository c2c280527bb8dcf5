//! Security events over HTTP: what was done is counted under its code, and what persons did is in the evidence.

use super::*;

impl World {
    fn call(&self, at: std::net::SocketAddr, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(at).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head}\r\nhost: uji\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn public(&self, key: &str, again: &str, body: &str) -> String {
        let head = format!(
            "POST /v1/reservasi HTTP/1.1\r\nx-api-key: {key}\r\nidempotency-key: {again}\r\ncontent-type: application/json"
        );
        self.call(self.running.as_ref().unwrap().public(), &head, body)
    }

    fn counted(&self, event: &str) -> u64 {
        let answer = self.call(self.running.as_ref().unwrap().operator(), "GET /metrics HTTP/1.1", "");
        let name = format!("simpul_security_events_total{{event=\"{event}\"}} ");
        let line = answer.lines().find_map(|line| line.strip_prefix(&name));
        line.map_or(0, |count| count.trim().parse().unwrap())
    }
}

#[test]
fn each_event_is_counted_under_its_code_and_persons_are_in_the_evidence() {
    // Two more consumers: one whose right is over, one who has none.
    let mut world = world();
    let hash = |text: &str| hex::encode(sha256(text.as_bytes()));
    let (over, without) = (
        format!("smp_lama_{}", "l".repeat(64)),
        format!("smp_tanpa_{}", "t".repeat(64)),
    );
    let file = world.file("simpul.toml");
    let mut set = std::fs::read_to_string(&file).unwrap();
    set.push_str(&format!(
        r#"
[[konsumen]]
id = "opd-lama"
nama = "OPD lama"
kunci = [{{ awalan = "lama", sha256 = "{}" }}]
[[konsumen.hak]]
operasi = "perpustakaan.reservasi.kirim"
tujuan = "Uji"
dasar_hukum = "Uji"
perjanjian = "2"
berlaku_sampai = "2020-01-01"
[[konsumen]]
id = "opd-tanpa"
nama = "OPD tanpa hak"
kunci = [{{ awalan = "tanpa", sha256 = "{}" }}]
"#,
        hash(&over),
        hash(&without)
    ));
    std::fs::write(&file, &set).unwrap();
    let read = || config::from_disk(&file, &Given::new([("KUNCI", "kunci-simulasi")], Machine), None);
    world.running.as_mut().unwrap().reload(read());
    std::fs::write(&file, "[simpul]\nsalah = 1").unwrap();
    world.running.as_mut().unwrap().reload(read());

    let body = |reference: &str| {
        format!("{{\"rujukan\":\"{reference}\",\"isbn\":\"9780000000002\",\"nomor_anggota\":\"AGT-0001\"}}")
    };
    let key = world.key.clone();
    for (key, again, body, status) in [
        ("smp_uji_salah", "a", body("R-1"), "401"),
        (over.as_str(), "a", body("R-1"), "403"),
        (without.as_str(), "a", body("R-1"), "403"),
        (key.as_str(), "a", body("R-1"), "201"),
        (key.as_str(), "a", body("R-2"), "422"),
        (key.as_str(), "b", "{".to_owned(), "400"),
    ] {
        let answer = world.public(key, again, &body);
        let said = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(
            said == status || (status == "201" && said.starts_with('2')),
            "{status}: {answer}"
        );
    }
    let dead = world.dead("R-9");
    let operator = world.running.as_ref().unwrap().operator();
    let replay = format!("POST /admin/v1/pertukaran/{dead}/kirim-ulang HTTP/1.1\r\ncontent-type: application/json");
    let answer = world.call(operator, &format!("{replay}\r\nauthorization: Bearer smo_salah"), "{}");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    // Refused for want of a reason, then done.
    let own = format!("{replay}\r\nauthorization: Bearer {TOKEN}");
    assert!(
        !world
            .call(operator, &own, "{\"alasan\":\"x\"}")
            .starts_with("HTTP/1.1 2")
    );
    assert!(
        world
            .call(operator, &own, &format!("{{\"alasan\":\"{WHY}\"}}"))
            .starts_with("HTTP/1.1 2")
    );
    for event in [
        "identity_refused",
        "right_expired",
        "right_missing",
        "reuse_refused",
        "message_refused",
        "operator_refused",
        "admin_changed",
        "admin_failed",
        "config_loaded",
        "config_refused",
    ] {
        assert_eq!(world.counted(event), 1, "{event}");
    }

    let archive = world.file("a.bukti");
    let export = world.simpul(&format!("evidence export {}", archive.display()));
    assert_eq!(export.code, 0, "{}", export.err);
    let text = std::fs::read_to_string(&archive).unwrap();
    let records: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("\"action\":\"admin\""))
        .collect();
    assert_eq!(records.len(), 2, "{text}");
    for (record, reason) in records.iter().zip(["x", WHY]) {
        assert!(
            record.contains("\"person\":\"Petugas Satu\"") && record.contains(reason),
            "{record}"
        );
    }
}
