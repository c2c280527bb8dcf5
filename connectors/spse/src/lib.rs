//! Simpul connector for the procurement data of LKPP: the plan (SiRUP), tenders and direct procurement (SPSE), contracts
//! (e-Kontrak) and catalogue orders (e-Katalog), read by the API gateway, by the old service bus, as open data, or (off by
//! default) from the web tables of SiRUP.
//!
//! Built by the gateway through [`FACTORY`]. Every data set is a row of `data/himpunan.json`: names, parameters, fields
//! and their kinds. Code knows kinds of values, never a data set. [`ocds`] turns canonical records into OCDS releases.
//!
//! Must not: take an error or a broken reply for an empty set, lose a digit of money, or shift a date by its false `Z`.

mod connector;
mod csv;
mod dataset;
mod dates;
mod descriptor;
mod exact;
mod mirror;
pub mod ocds;
mod request;
mod row;
mod rows;
mod screen;
mod settings;
mod supplier;
mod values;
mod web;

pub use connector::FACTORY;
