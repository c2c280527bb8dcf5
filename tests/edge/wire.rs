//! HTTP/1.1 byte by byte: what is written is exactly what the test says, and the whole answer is read.

use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No answer takes longer.
const BOUND: Duration = Duration::from_secs(20);

/// What came back, or nothing when the connection was closed without an answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Writes and reads one answer.
pub async fn send(address: &str, bytes: impl AsRef<[u8]>) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The other side may answer and close before it has read all.
    let _ = stream.write_all(bytes.as_ref()).await;
    read(&mut stream).await
}

/// Reads one answer.
pub async fn read(stream: &mut TcpStream) -> Answer {
    tokio::time::timeout(BOUND, whole(stream))
        .await
        .expect("an answer or an end in time")
}

async fn whole(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut part = vec![0; 16 * 1024];
    loop {
        if let Some(answer) = parsed(&bytes) {
            return answer;
        }
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return Answer::default(),
            Ok(count) => bytes.extend_from_slice(&part[..count]),
        }
    }
}

fn parsed(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let mut answer = Answer {
        head: String::from_utf8_lossy(&bytes[..end]).into_owned(),
        ..Answer::default()
    };
    answer.status = answer.head.get(9..12)?.parse().ok()?;
    let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
    let body = &bytes[end + 4..];
    if body.len() < length {
        return None;
    }
    answer.body = body[..length].to_vec();
    Some(answer)
}

/// A call with a key and perhaps a JSON body.
pub fn call(method: &str, path: &str, key: &str, headers: &str, body: &str) -> String {
    let typed = if body.is_empty() {
        ""
    } else {
        "Content-Type: application/json\r\n"
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: simpul.invalid\r\nX-API-Key: {key}\r\n{typed}{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
