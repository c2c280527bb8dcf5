//! `simpul-sim`: the simulators on fixed ports, for trying things out by hand and for docker-compose.
//!
//! The only place where the real clock enters; everything else runs on the clock it is given.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use jiff::Timestamp;
use simulators::city::CityOptions;
use simulators::frame::{Running, System};
use simulators::{Common, bsre, eoffice, example, laksa, lapor, oss, sipd, spse, srikandi};
use tokio::signal::unix::{SignalKind, signal};

/// Plays the national systems, with their quirks and faults.
#[derive(Parser)]
#[command(name = "simpul-sim", version)]
struct Arguments {
    /// Systems to start; all when none is named.
    #[arg(value_enum)]
    systems: Vec<Name>,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port of the library; 0 picks a free one.
    #[arg(long, default_value_t = 9100)]
    perpustakaan_port: u16,
    /// Port of LAPOR!; 0 picks a free one.
    #[arg(long, default_value_t = 9101)]
    lapor_port: u16,
    /// Port of LAKSA; 0 picks a free one.
    #[arg(long, default_value_t = 9102)]
    laksa_port: u16,
    /// Port of OSS; 0 picks a free one.
    #[arg(long, default_value_t = 9103)]
    oss_port: u16,
    /// Port of SIPD; 0 picks a free one.
    #[arg(long, default_value_t = 9108)]
    sipd_port: u16,
    /// Play the whole invented city in SIPD: 80,000 budget lines, 25,000 payment orders.
    #[arg(long)]
    sipd_full_year: bool,
    /// Port of LKPP's procurement data; 0 picks a free one.
    #[arg(long, default_value_t = 9107)]
    spse_port: u16,
    /// Packages in the plan of the city that LKPP shows.
    #[arg(long, default_value_t = 15_000)]
    spse_packages: usize,
    /// Port of SRIKANDI; 0 picks a free one.
    #[arg(long, default_value_t = 9104)]
    srikandi_port: u16,
    /// Port of BSrE; 0 picks a free one.
    #[arg(long, default_value_t = 9105)]
    bsre_port: u16,
    /// Port of an agency's e-office; 0 picks a free one.
    #[arg(long, default_value_t = 9110)]
    eoffice_port: u16,
    /// Where OSS pushes to, as `http://127.0.0.1:8080/masuk/oss`.
    #[arg(long)]
    oss_target: Option<String>,
    /// Companies that register in the year OSS plays.
    #[arg(long, default_value_t = 200)]
    oss_companies: u32,
    /// Serve LAPOR! and OSS as published by the national connector, under /lapor/3.0.0 and /oss/1.0.
    #[arg(long)]
    splp: bool,
    /// How fast the simulators' clocks run; 1 is real time.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    Perpustakaan,
    Lapor,
    Laksa,
    Oss,
    Sipd,
    Spse,
    Srikandi,
    Bsre,
    Eoffice,
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
    let wanted = |name| arguments.systems.is_empty() || arguments.systems.contains(&name);
    let common = |port| Common {
        addr: SocketAddr::new(arguments.host, port),
        start: real_time(),
        speed: arguments.speed,
    };
    let in_use = |name: &'static str, port: u16| {
        move |error: io::Error| io::Error::new(error.kind(), format!("{name} on port {port}: {error}"))
    };
    // Held until the end: dropping one takes it down.
    let (mut library, mut lapor, mut laksa, mut oss) = (None, None, None, None);
    let (mut spse, mut sipd) = (None, None);
    if wanted(Name::Perpustakaan) {
        let port = arguments.perpustakaan_port;
        let options = example::ExampleOptions {
            common: common(port),
            ..Default::default()
        };
        library = Some(say(example::start(options)
            .await
            .map_err(in_use("perpustakaan", port))?));
    }
    if wanted(Name::Lapor) {
        let port = arguments.lapor_port;
        let options = lapor::LaporOptions {
            common: common(port),
            ..Default::default()
        };
        let options = if arguments.splp { options.behind_splp() } else { options };
        lapor = Some(say(lapor::start(options).await.map_err(in_use("lapor", port))?));
    }
    if wanted(Name::Laksa) {
        let port = arguments.laksa_port;
        let options = laksa::LaksaOptions {
            common: common(port),
            ..Default::default()
        };
        laksa = Some(say(laksa::start(options).await.map_err(in_use("laksa", port))?));
    }
    if wanted(Name::Oss) {
        let port = arguments.oss_port;
        let options = licensing(&arguments, common(port));
        oss = Some(say(oss::start(options).await.map_err(in_use("oss", port))?));
    }
    if wanted(Name::Sipd) {
        let port = arguments.sipd_port;
        let mut options = sipd::SipdOptions {
            common: common(port),
            ..Default::default()
        };
        if arguments.sipd_full_year {
            options.city = simulators::city::CityOptions::default();
        }
        sipd = Some(say(sipd::start(options).await.map_err(in_use("sipd", port))?));
    }
    if wanted(Name::Spse) {
        let port = arguments.spse_port;
        let mut options = spse::SpseOptions {
            common: common(port),
            ..Default::default()
        };
        options.city = CityOptions::of_year(jiff::tz::Offset::constant(7).to_datetime(options.common.start).year());
        options.city.packages = arguments.spse_packages;
        spse = Some(say(spse::start(options).await.map_err(in_use("spse", port))?));
    }
    let (mut letters, mut signatures) = (None, None);
    if wanted(Name::Srikandi) {
        let port = arguments.srikandi_port;
        let options = srikandi::SrikandiOptions {
            common: common(port),
            ..Default::default()
        };
        letters = Some(say(srikandi::start(options).await.map_err(in_use("srikandi", port))?));
    }
    if wanted(Name::Bsre) {
        let port = arguments.bsre_port;
        let options = bsre::BsreOptions {
            common: common(port),
            ..Default::default()
        };
        signatures = Some(say(bsre::start(options).await.map_err(in_use("bsre", port))?));
    }
    let mut agency = None;
    if wanted(Name::Eoffice) {
        let port = arguments.eoffice_port;
        let options = eoffice::EofficeOptions {
            common: common(port),
            ..Default::default()
        };
        agency = Some(say(eoffice::start(options).await.map_err(in_use("eoffice", port))?));
    }
    told_to_stop().await?;
    drop((letters, signatures, agency));
    drop((spse, sipd));
    drop((library, lapor, laksa, oss));
    Ok(())
}

/// OSS on the real clock: silence approves, and times ahead of the clock are refused.
fn licensing(arguments: &Arguments, common: Common) -> oss::OssOptions {
    let mut options = oss::OssOptions {
        common,
        ..Default::default()
    };
    options.city.companies = arguments.oss_companies;
    options.push.target.clone_from(&arguments.oss_target);
    options.service.silence_approves = true;
    options.strict.ahead_seconds = Some(600);
    if arguments.splp { options.behind_splp() } else { options }
}

/// Interrupt by hand, or termination by a container's keeper.
async fn told_to_stop() -> io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "this is a command; its output is the list of addresses"
)]
fn say<S: System>(running: Running<S>) -> Running<S> {
    let name = running.with(|system| system.name());
    println!("{name} {} (control: {})", running.base_url(), running.control_url());
    running
}

#[expect(clippy::disallowed_methods, reason = "the binary is where the real clock enters")]
fn real_time() -> Timestamp {
    Timestamp::now()
}
