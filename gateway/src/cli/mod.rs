//! The command line of `simpul`: nouns and verbs, one file each. Answers go to standard output, as text or with `--json`
//! as one JSON value; what went wrong goes to standard error. Exit codes: see `exit`.
//!
//! The only place that prints.

mod access;
mod check;
mod client;
mod connector;
mod deadlines;
mod dev;
mod doctor;
mod evidence;
mod exchange;
mod exit;
mod filter;
mod health;
mod import;
mod journal;
mod key;
mod mirror;
mod papers;
mod problems;
mod protection;
mod queue;
mod reconcile;
mod report;
mod say;
mod selftest;
mod serve;
mod subjects;
mod table;
mod words;

use clap::{Args, Parser, Subcommand, ValueEnum};
use exit::Exit;
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
    /// Permintaan akses: daftar, lihat, putuskan / requests for access: list, show, decide.
    #[command(subcommand)]
    Access(access::Access),
    /// Pertukaran: cari, lihat, kirim ulang, putuskan / exchanges: find, see, replay, decide.
    #[command(subcommand)]
    Exchange(exchange::Exchange),
    /// Perlindungan pengaduan / protection of complaints.
    #[command(subcommand)]
    Protection(protection::Protection),
    /// Subjek data: catatan pemrosesan, pembatasan / data subjects: processing record, restrictions.
    #[command(subcommand)]
    Subjek(subjects::Subjects),
    /// Masalah: apa yang rusak, sejak kapan, salah siapa / problems: what is wrong, since when, whose fault.
    Masalah(problems::Problems),
    /// Antrean tiap sistem / queues per system.
    Queue(client::Remote),
    /// Salinan: umur, riwayat, tarik sekarang / copies: age, history, pull now.
    #[command(subcommand)]
    Mirror(mirror::Mirror),
    /// Sisa waktu layanan tiap permohonan terbuka / legal time left of every open record.
    Tenggat(deadlines::Deadlines),
    /// Rekonsiliasi: selisih catatan dengan sistemnya / in what our records differ from their system.
    Rekonsiliasi(reconcile::Reconcile),
    /// Impor lembar kerja OSS dan SIKD / import of spreadsheets of OSS and SIKD.
    #[command(subcommand)]
    Impor(import::Import),
    /// Bukti: ekspor dan pemeriksaan / evidence: export and verification.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Jurnal: cadangkan, pulihkan, pindah ke PostgreSQL / journal: back up, restore, move to PostgreSQL.
    #[command(subcommand)]
    Journal(journal::Journal),
    /// Konektor: daftar, dan memulai yang baru / connectors: list, and begin a new one.
    #[command(subcommand)]
    Connector(connector::Connector),
    /// Uji di mesin ini / trials on this machine.
    #[command(subcommand)]
    Selftest(selftest::Selftest),
    /// Mengapa tidak jalan: disk, jam, DNS, TLS, token, langganan / why it does not work, each with its cure.
    Doctor(doctor::Doctor),
    /// Apakah node siap; untuk pemeriksaan kesehatan / whether the node is ready; for health checks.
    Health(health::Health),
    /// Laporan / reports.
    #[command(subcommand)]
    Report(report::Report),
    /// Pelengkap perintah untuk shell / completions for a shell.
    Completion {
        /// Shell.
        shell: clap_complete::Shell,
    },
    /// Halaman man / the man pages.
    Man,
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
    /// Menerbitkan kunci pada gateway yang berjalan / issue a key on a running gateway.
    Add(key::remote::Add),
    /// Semua kunci, keadaannya, kapan terakhir dipakai / all keys, their state, when last used.
    List(client::Remote),
    /// Mencabut kunci, di semua simpul / withdraw a key, on every node.
    Revoke(key::remote::Revoke),
    /// Kunci baru untuk menandai token / a new key that signs tokens.
    Rotate(key::remote::Rotate),
}

#[derive(Debug, Args)]
struct Create {
    /// Konsumen yang akan memakainya / consumer that will use it.
    #[arg(
        long,
        value_name = "ID",
        required_unless_present = "operator",
        conflicts_with = "operator"
    )]
    konsumen: Option<String>,
    /// Petugas yang akan memakai token untuk /admin/v1; namanya masuk ke bukti / operator who will use it.
    #[arg(long, value_name = "NAMA")]
    operator: Option<String>,
    /// Juga kata sandi konsol untuk petugas ini, dibaca dari masukan standar / a console password too, read from standard input.
    #[arg(long, requires = "operator")]
    sandi: bool,
    /// Juga benih kode autentikator (TOTP) untuk konsol / a seed of authenticator codes for the console too.
    #[arg(long, requires = "operator")]
    totp: bool,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let voice = Voice::new(cli.bahasa, cli.json);
    let done: Exit = match &cli.command {
        Command::Serve(set) => serve::serve(&voice, &set.config).into(),
        Command::Check(check) => check::check(&voice, &check.set.config, check.rahasia).into(),
        Command::Dev(dev) => dev::dev(&voice, dev).into(),
        Command::Key(Key::Create(create)) => key::create(
            &voice,
            create.konsumen.as_deref(),
            create.operator.as_deref(),
            (create.sandi, create.totp),
        )
        .into(),
        Command::Key(Key::Add(add)) => key::remote::add(&voice, add),
        Command::Key(Key::List(remote)) => key::remote::list(&voice, remote),
        Command::Key(Key::Revoke(revoke)) => key::remote::revoke(&voice, revoke),
        Command::Key(Key::Rotate(rotate)) => key::remote::rotate(&voice, rotate),
        Command::Access(verb) => access::run(&voice, verb),
        Command::Version => {
            voice.answer(&serde_json::json!({"version": env!("CARGO_PKG_VERSION")}), || {
                format!("simpul {}", env!("CARGO_PKG_VERSION"))
            });
            Exit::Fine
        }
        Command::Doctor(asked) => doctor::doctor(&voice, asked),
        Command::Health(asked) => health::health(&voice, asked),
        Command::Report(verb) => report::run(&voice, verb),
        Command::Completion { shell } => {
            papers::completion(*shell);
            Exit::Fine
        }
        Command::Man => papers::man(&voice).into(),
        Command::Exchange(exchange) => exchange::run(&voice, exchange),
        Command::Selftest(verb) => selftest::run(&voice, verb),
        Command::Subjek(verb) => subjects::run(&voice, verb),
        Command::Protection(verb) => protection::run(&voice, verb),
        Command::Masalah(asked) => problems::problems(&voice, asked),
        Command::Queue(remote) => queue::queue(&voice, remote),
        Command::Mirror(verb) => mirror::run(&voice, verb),
        Command::Tenggat(asked) => deadlines::deadlines(&voice, asked),
        Command::Rekonsiliasi(asked) => reconcile::reconcile(&voice, asked),
        Command::Impor(verb) => import::run(&voice, verb),
        Command::Evidence(evidence) => evidence::run(&voice, evidence),
        Command::Journal(journal) => journal::run(&voice, journal),
        Command::Connector(verb) => connector::run(&voice, verb),
    };
    done.into()
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
            "simpul key create --operator Budi",
            "simpul version --json",
            "simpul key add --konsumen opd --sampai 2027-01-01T00:00:00Z --alasan rutin",
            "simpul key list --json",
            "simpul key revoke opd-1a2b --alasan bocor",
            "simpul key rotate --alasan rutin",
            "simpul exchange list --filter keadaan=gagal,sistem=lapor --operator http://127.0.0.1:8081",
            "simpul exchange replay 018f0000-0000-7000-8000-000000000001 --alasan pulih",
            "simpul exchange replay --filter keadaan=gagal,sistem=lapor --dry-run",
            "simpul exchange landed 018f0000-0000-7000-8000-000000000001 --balasan a.json --alasan terlihat",
            "simpul protection lower 7700123 --alasan diminta --json",
            "simpul selftest crash --kali 100 --benih 7 --json",
            "simpul queue --json",
            "simpul masalah --json",
            "simpul masalah diamkan lapor tidak_terhubung sistem --jam 8 --alasan menunggu",
            "simpul masalah tugaskan lapor tidak_terhubung sistem --kepada Dua --alasan giliran",
            "simpul report spbe --bulan 2026-11 --pdf laporan.pdf",
            "simpul doctor --config a --tanpa-jaringan --json",
            "simpul health --operator http://127.0.0.1:8081",
            "simpul report spbe --bulan 2026-11 --opd 42",
            "simpul completion bash",
            "simpul man",
            "simpul key create --operator Budi --sandi --totp",
            "simpul masalah --berkas a.csv --sistem lapor --sejak 2h",
            "simpul mirror status",
            "simpul mirror status tender --json",
            "simpul mirror run tender --jangan-tunggu",
            "simpul tenggat --peringatan mendekat --sistem oss",
            "simpul rekonsiliasi oss --sekarang --json",
            "simpul impor nib a.xlsx --uji --json",
            "simpul impor nib a.csv --tolakan b.csv --sistem oss",
            "simpul impor sikd a.csv --waktu tersimpan --uji",
            "simpul evidence verify --journal a.sqlite",
            "simpul evidence export --dari 2026-01-01 --sampai 2026-01-31 a.bukti",
            "simpul evidence export --journal a.sqlite a.bukti",
            "simpul evidence verify a.bukti b.bukti --kunci kunci.txt --kepala 14:5252525252525252525252525252525252525252525252525252525252525252",
            "simpul evidence prove 018f0000-0000-7000-8000-000000000001 --ke a.json",
            "simpul evidence key --journal a.sqlite",
            "simpul journal migrate --dari a.sqlite --ke-env JURNAL --node satu",
            "simpul journal migrate --dari a.sqlite --ke-file b --node satu --skema c --json",
            "simpul journal backup --dari a.sqlite b.sqlite",
            "simpul journal restore b.sqlite --ke a.sqlite",
            "simpul connector new parkir --folder connectors",
            "simpul connector import a.json --sistem parkir --keluar b.yaml --jalur /api",
            "simpul access list --json",
            "simpul access approve 1 --perjanjian PKS-1 --sampai 2027-12-31 --alasan diperiksa",
            "simpul connector list --config config/contoh --json",
        ] {
            assert!(Cli::try_parse_from(fine.split(' ')).is_ok(), "{fine}");
        }
        for wrong in [
            "simpul",
            "simpul serve",
            "simpul key create",
            "simpul key add --konsumen opd",
            "simpul key revoke opd-1a2b",
            "simpul exchange replay",
            "simpul exchange replay 018f0000-0000-7000-8000-000000000001 --filter sistem=a",
            "simpul exchange landed 018f0000-0000-7000-8000-000000000001",
            "simpul evidence verify",
            "simpul evidence verify a.bukti",
            "simpul evidence verify a.bukti --journal b.sqlite --kunci k",
            "simpul evidence export",
            "simpul journal migrate --dari a.sqlite --node satu",
            "simpul journal migrate --dari a.sqlite --ke-env A --ke-file b --node satu",
            "simpul journal migrate --dari a.sqlite --ke-env A",
            "simpul connector new",
            "simpul mirror run",
            "simpul protection lower 7700123",
            "simpul masalah --berkas a.csv",
            "simpul masalah diamkan lapor tidak_terhubung sistem --jam 169 --alasan menunggu",
            "simpul masalah --sistem lapor diamkan lapor tidak_terhubung sistem --jam 1 --alasan menunggu",
            "simpul exchange list --token rahasia",
            "simpul key create --operator Budi --konsumen x",
        ] {
            let error = Cli::try_parse_from(wrong.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong}");
        }
    }
}
