//! `simpul health`: is the node ready? For health checks of containers and services, where no curl is; needs no token.

use super::exit::Exit;
use super::say::Voice;
use crate::outbound::Target;
use clap::Args;
use serde_json::json;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Time for each step.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
pub(super) struct Health {
    /// Alamat operator / the operator's address.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8081")]
    operator: String,
}

/// Asks `/readyz`.
pub(super) fn health(voice: &Voice, asked: &Health) -> Exit {
    let Some(target) = Target::parse(&asked.operator).ok().filter(|target| !target.is_tls()) else {
        voice.failed(
            "alamat operator harus http://…",
            "the operator's address must be http://…",
            &asked.operator,
        );
        return Exit::Usage;
    };
    match status(&target) {
        Ok(200) => {
            voice.answer(&json!({"siap": true}), || voice.pick("siap", "ready").to_owned());
            Exit::Fine
        }
        Ok(status) => {
            voice.failed("belum siap", "not ready", &format!("HTTP {status}"));
            Exit::Failed
        }
        Err(error) => {
            voice.failed("gateway tidak dapat dihubungi", "the gateway cannot be reached", &error);
            Exit::Unreachable
        }
    }
}

fn status(target: &Target) -> io::Result<u16> {
    let address = (target.host(), target.port()).to_socket_addrs()?.next();
    let address = address.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        target.host()
    )?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
