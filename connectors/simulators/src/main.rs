//! `simpul-sim`: the simulators on fixed ports, for trying things out by hand and for docker-compose.
//!
//! The only place where the real clock enters; everything else runs on the clock it is given.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use simulators::{Common, lapor};

/// Plays the national systems, with their quirks and faults.
#[derive(Parser)]
#[command(name = "simpul-sim", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port of LAPOR!; 0 picks a free one.
    #[arg(long, default_value_t = 9101)]
    lapor_port: u16,
    /// Serve LAPOR! as published by the national connector.
    #[arg(long)]
    splp: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "this is a command")]
            {
                eprintln!("simpul-sim: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let common = |port| Common {
        addr: SocketAddr::new(arguments.host, port),
        start: real_time(),
        speed: 1.0,
    };
    let mut options = lapor::LaporOptions {
        common: common(arguments.lapor_port),
        ..Default::default()
    };
    if arguments.splp {
        options = options.behind_splp();
    }
    let lapor = lapor::start(options).await?;
    say("lapor", &lapor.base_url());
    tokio::signal::ctrl_c().await
}

#[expect(
    clippy::print_stdout,
    reason = "this is a command; its output is the list of addresses"
)]
fn say(name: &str, address: &str) {
    println!("{name} {address}");
}

#[expect(clippy::disallowed_methods, reason = "the binary is where the real clock enters")]
fn real_time() -> Timestamp {
    Timestamp::now()
}
