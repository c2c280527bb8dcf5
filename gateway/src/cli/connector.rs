//! `simpul connector`: what the compiled connectors can do, and a new one begun as a copy of the example.

mod edits;
mod import;
mod list;
mod live;
mod new;
mod registered;
mod shown;

use super::exit::Exit;
use super::say::Voice;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Connector {
    /// Mulai konektor baru dari contoh, di dalam repositori / begin a connector from the example, in the repository.
    New(New),
    /// Konektor dalam program ini: operasi, akibat, bukti diri, pengaturan / connectors in this program.
    List(List),
    /// Draf manifes dari dokumen OpenAPI, dengan daftar yang tidak terimpor / a draft manifest from an OpenAPI document.
    Import(import::Import),
    /// Menguji manifes pada contoh rekamannya, tanpa gateway / try a manifest on its recorded samples, without a gateway.
    Test(registered::Test),
    /// Mendaftarkan manifes sebagai draf / register a manifest as a draft.
    Register(registered::Register),
    /// Konektor terdaftar dan keadaannya / registered connectors and their state.
    Registered(registered::Registered),
    /// Mencoba sambungan langkah demi langkah: DNS, TCP, TLS, HTTP, kredensial / try the connection step by step.
    Connect(registered::Registered),
    /// Mengajukan draf untuk disetujui / submit a draft.
    Submit(registered::Decide),
    /// Mengembalikan ke pembuatnya / give back to its author.
    Return(registered::Decide),
    /// Menyetujui; harus orang lain / approve; must be another person.
    Approve(registered::Decide),
    /// Memberlakukan; versi lain dari sistem itu ditangguhkan / put in force; the other version steps back.
    Activate(registered::Decide),
    /// Memberi bagian di samping versi yang berlaku / give it a share beside the version in force.
    Shift(registered::Shift),
    /// Menangguhkan / take out of force.
    Suspend(registered::Decide),
    /// Mencabut, tidak dapat kembali / revoke for good.
    Revoke(registered::Decide),
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// Kata untuk konfigurasi: huruf kecil, angka, garis bawah / word for configuration, snake_case.
    nama: String,
    /// Folder induk, dari akar repositori / parent folder, from the root of the repository.
    #[arg(long, value_name = "FOLDER", default_value = "connectors")]
    folder: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Konfigurasi yang membangun konektor; bawaan config/sandbox yang tertanam / set that builds the connectors.
    #[arg(long, value_name = "JALUR")]
    config: Option<PathBuf>,
}

/// Runs a verb.
pub(super) fn run(voice: &Voice, verb: &Connector) -> Exit {
    match verb {
        Connector::New(New { nama, folder }) => new::new(voice, nama, folder),
        Connector::List(List { config }) => list::list(voice, config.as_deref()).into(),
        Connector::Import(asked) => import::import(voice, asked),
        Connector::Test(test) => registered::test(voice, test),
        Connector::Register(asked) => registered::register(voice, asked),
        Connector::Registered(asked) => registered::registered(voice, asked),
        Connector::Connect(asked) => registered::connect(voice, asked),
        Connector::Submit(asked) => registered::decide(voice, asked, "ajukan"),
        Connector::Return(asked) => registered::decide(voice, asked, "kembalikan"),
        Connector::Approve(asked) => registered::decide(voice, asked, "setujui"),
        Connector::Activate(asked) => registered::decide(voice, asked, "aktifkan"),
        Connector::Shift(asked) => registered::shift(voice, asked),
        Connector::Suspend(asked) => registered::decide(voice, asked, "tangguhkan"),
        Connector::Revoke(asked) => registered::decide(voice, asked, "cabut"),
    }
}
