//! Simpul connector for LAKSA, the complaint feature of the Tangerang LIVE app: the city's own channel. The gateway
//! builds it through [`FACTORY`].
//!
//! No LAKSA endpoint is public, so the paths, encodings and words here are ours and all settings. Credentials (HTTP
//! Basic) are the door's.
//!
//! Must not: write a status that has no counterpart in LAKSA, or pass on native text as it came.

mod connector;
mod descriptor;
mod envelope;
mod fields;
mod pages;
mod settings;
mod status;
mod status_tulis;
mod tanggapan_daftar;
#[cfg(test)]
mod tests;
mod tiket_buat;
mod tindak_lanjut_tulis;
mod wire;

pub use connector::FACTORY;
