//! Simpul connector for SP4N-LAPOR!, the national complaint system (generation 3, JSON over REST; generation 1, XML push).
//!
//! Built by the gateway through [`FACTORY`]. It translates and only translates; every id, path, encoding and code list
//! of the national service is a setting, since the operator's manual is not public.
//!
//! Must not: let the identity of an anonymous reporter into any native request, or guess an unmapped code.

mod cermin;
mod complaints;
mod connector;
mod descriptor;
mod envelope;
mod files;
mod followup;
mod kirim;
mod kirim_g1;
mod lihat;
mod limpahkan;
mod log;
mod marker;
mod masuk_daftar;
mod native_id;
mod pages;
mod place;
mod privacy;
mod redact;
mod screen;
mod settings;
mod status;
#[cfg(test)]
mod tests;
mod texts;
mod times;
mod tindak_lanjut_daftar;
mod tindak_lanjut_kirim;
mod wire;

pub use connector::FACTORY;
