//! Simpul connector for the electronic signature service of BSrE, versions 1 (forms, PDF back) and 2 (JSON).
//!
//! The signer's passphrase never comes here: a request only says where it belongs, and the door puts it in. A success status
//! of this service says nothing: the bytes, and the words in the answer, do.
//!
//! Must not: repeat a signature, read "valid" out of a status, or lose a document that can be fetched only once.

mod connector;
mod descriptor;
mod screen;
mod settings;
mod sign;
mod status;
mod verify;

pub use connector::FACTORY;
