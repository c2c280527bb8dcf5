//! The command line of `simpul`: nouns and verbs, one file each. Answers go to standard output, as text or with `--json`
//! as one JSON value; what went wrong goes to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage.
//!
//! The only place that prints.

mod check;
mod dev;
mod key;
mod say;
mod serve;

use clap::{Args, Parser, Subcommand, ValueEnum};
use say::Voice;
use std::path::PathBuf;
use std::process::ExitCode;

/// Simpul: gerbang pertukaran data pemerintah kota / interoperability gateway of a city government.
#[derive(Debug, Parser)]
#[command(name = "simpul", version, disable_help_subcommand = true)]
struct Cli {
    /// Bahasa keluaran; bawaan dari LANG, lalu id / language of output.
    #[arg(long, global = true, value_enum)]
    bahasa: Option<Tongue>,
    /// Keluaran satu nilai JSON / print one JSON value.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// Language of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tongue {
    Id,
    En,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Menjalankan gateway / run the gateway. SIGHUP memuat ulang konfigurasi / reloads.
    Serve(Set),
    /// Memeriksa konfigurasi, semua keluhan sekaligus / check configuration, all complaints at once.
    Check(Check),
    /// Gateway, simulator dan kunci percobaan dengan satu perintah / gateway, simulators and a key in one command.
    Dev(Dev),
    /// Kunci API / API keys.
    #[command(subcommand)]
    Key(Key),
    /// Versi / version.
    Version,
}

#[derive(Debug, Args)]
struct Set {
    /// Folder atau berkas konfigurasi / folder or file of configuration.
    #[arg(long, value_name = "JALUR")]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    set: Set,
    /// Baca juga rahasia yang dirujuk / read the secrets that are named, too.
    #[arg(long)]
    rahasia: bool,
}

#[derive(Debug, Args)]
struct Dev {
    /// Folder data sandbox / folder of the sandbox's data.
    #[arg(long, value_name = "FOLDER", default_value = "data/sandbox")]
    data: PathBuf,
    /// Porta konsumen; bawaan 8080, atau yang bebas / port for consumers; default 8080, or a free one.
    #[arg(long)]
    port: Option<u16>,
    /// Porta operator; bawaan 8081, atau yang bebas / the operator's port.
    #[arg(long)]
    operator_port: Option<u16>,
    /// Konfigurasi lain daripada config/sandbox yang tertanam / another set than the embedded config/sandbox.
    #[arg(long, value_name = "JALUR")]
    config: Option<PathBuf>,
    /// Saringan log / log filter.
    #[arg(long, default_value = "warn")]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Key {
    /// Membuat kunci; hanya sekali ini ditampilkan / make a key; it is shown this once.
    Create(Create),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Create {
    /// Konsumen yang akan memakainya / consumer that will use it.
    #[arg(long, value_name = "ID")]
    konsumen: Option<String>,
    /// Token untuk /admin/v1 di alamat operator / token for /admin/v1 at the operator's address.
    #[arg(long)]
    operator: bool,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let voice = Voice::new(cli.bahasa, cli.json);
    let done = match &cli.command {
        Command::Serve(set) => serve::serve(&voice, &set.config),
        Command::Check(check) => check::check(&voice, &check.set.config, check.rahasia),
        Command::Dev(dev) => dev::dev(&voice, dev),
        Command::Key(Key::Create(create)) => key::create(&voice, create.konsumen.as_deref()),
        Command::Version => {
            voice.answer(&serde_json::json!({"version": env!("CARGO_PKG_VERSION")}), || {
                format!("simpul {}", env!("CARGO_PKG_VERSION"))
            });
            true
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn usage() {
        for fine in [
            "simpul check --config config/contoh",
            "simpul serve --config a --bahasa en",
            "simpul dev --port 0 --json",
            "simpul key create --konsumen opd",
            "simpul key create --operator",
            "simpul version --json",
        ] {
            assert!(Cli::try_parse_from(fine.split(' ')).is_ok(), "{fine}");
        }
        for wrong in [
            "simpul",
            "simpul serve",
            "simpul key create",
            "simpul key create --operator --konsumen x",
        ] {
            let error = Cli::try_parse_from(wrong.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong}");
        }
    }
}
