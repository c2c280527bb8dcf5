//! The documents of an invented city in every oddity the simulator can write them in: all are read, and read alike.

use connector_sdk::{Call, NativeReply, NoLists, Secret, Settings};
use serde_json::{Value, json};
use simulators::oss::quirks::{Absent, Authority, CodeType, Numbers};
use simulators::oss::{self, OssOptions, Quirks};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const USER_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Every way of writing that must not matter.
fn writings() -> Vec<(&'static str, Quirks)> {
    let base = Quirks::default;
    vec![
        ("as seen", base()),
        (
            "all texts",
            Quirks {
                numbers: Numbers::AllText,
                ..base()
            },
        ),
        (
            "numbers swapped",
            Quirks {
                numbers: Numbers::Swapped,
                ..base()
            },
        ),
        (
            "empty",
            Quirks {
                absent: Absent::Empty,
                ..base()
            },
        ),
        (
            "null",
            Quirks {
                absent: Absent::Null,
                ..base()
            },
        ),
        (
            "missing",
            Quirks {
                absent: Absent::Missing,
                ..base()
            },
        ),
        (
            "text codes",
            Quirks {
                code_type: CodeType::Text,
                proxy_envelope: true,
                ..base()
            },
        ),
        (
            "no spaces",
            Quirks {
                document_type_space: false,
                inner_space: false,
                ..base()
            },
        ),
        (
            "plain",
            Quirks {
                null_members: false,
                undocumented: false,
                duplicate_oss_id: false,
                ..base()
            },
        ),
        ("photographs", Quirks { photo_kb: 60, ..base() }),
    ]
}

#[tokio::test]
async fn all_writings_of_a_city_read_alike() {
    let mut options = OssOptions::default();
    options.city.start = Some(1_767_225_600);
    let running = oss::start(options).await.expect("OSS starts");
    let table = json!({"kode_instansi": "367"});
    let table = table.as_object().cloned().unwrap_or_default();
    let settings = Settings::new(table).with_secret("lain", Secret::new("-"));
    let connector = (connector_oss::FACTORY.build)(&settings).expect("good settings");
    let look = connector.operation("nib.lihat").expect("declared");
    let call = Call {
        exchange: "01920000-0000-7000-8000-000000000001",
        reference: "r",
        attempt: 1,
        now: jiff::Timestamp::UNIX_EPOCH,
        lists: &NoLists,
    };
    for index in 1..=12 {
        let company = running.with(|oss| oss.city().company(index)).expect("a company");
        let input = json!({ "nib": company.nib });
        let mut first: Option<Value> = None;
        for (name, quirks) in writings() {
            running.with(|oss| oss.set_quirks(quirks));
            let request = look.request(&call, &input).expect("a request");
            let connector_sdk::NativeBody::Json(body) = &request.body else {
                panic!("JSON")
            };
            let reply = post(&running.base_url(), "/inqueryNIB", body).await;
            connector
                .screen(&request, &reply)
                .unwrap_or_else(|fault| panic!("{index}, {name}: {fault}"));
            let read = look
                .reply(&call, &input, &reply)
                .unwrap_or_else(|fault| panic!("{index}, {name}: {fault}"));
            assert_eq!(read.get("tidak_terbaca"), None, "{index}, {name}");
            let rows = read["permohonan"].as_array().map_or(0, Vec::len);
            assert_eq!(rows, company.permits().count(), "{index}, {name}");
            // As a number the simulator writes 120.5, as a text 120.50; a text stays as it was written.
            let read = Value::from(read.to_string().replace("\"120.50\"", "\"120.5\""));
            match &first {
                None => first = Some(read),
                // Undocumented names carry a value that the plain writing lacks.
                Some(_) if name == "plain" => {}
                Some(first) => assert_eq!(&read, first, "{index}, {name}"),
            }
        }
    }
    let other = Quirks {
        authority: Authority::Stpw,
        ..Quirks::default()
    };
    running.with(|oss| oss.set_quirks(other));
    let nib = running.with(|oss| oss.city().company(1)).expect("a company").nib;
    let input = json!({ "nib": nib });
    let body = json!({"INQUERYNIB": {"nib": nib}});
    let read = look
        .reply(&call, &input, &post(&running.base_url(), "/inqueryNIB", &body).await)
        .expect("read");
    assert!(read["permohonan"][0]["kewenangan"].is_string());
}

async fn post(base: &str, path: &str, body: &Value) -> NativeReply {
    let rest = base.strip_prefix("http://").expect("http");
    let (host, prefix) = rest
        .split_once('/')
        .map_or((rest, String::new()), |(host, rest)| (host, format!("/{rest}")));
    let body = body.to_string();
    let head = format!(
        "POST {prefix}{path} HTTP/1.1\r\nhost: {host}\r\nuser_key: {USER_KEY}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await.expect("connects");
    stream.write_all(head.as_bytes()).await.expect("writes");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answers");
    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a head");
    let status = std::str::from_utf8(&answer[9..12])
        .expect("a status")
        .parse()
        .expect("a number");
    NativeReply {
        status,
        headers: http::HeaderMap::new(),
        body: answer.split_off(split + 4).into(),
    }
}
