//! The gate's complaints: one constant per reason, so that code and sentences stand side by side.

use crate::pointer::safe_segment;
use serde::Serialize;

/// A reason: code, Indonesian, English.
pub(super) type Reason = (&'static str, &'static str, &'static str);

pub(super) const INVALID_UTF8: Reason = (
    "invalid_utf8",
    "Isi bukan UTF-8 yang sah.",
    "The body is not valid UTF-8.",
);
pub(super) const BOM: Reason = (
    "bom",
    "Hapus tanda BOM di awal isi.",
    "Remove the byte order mark at the start.",
);
pub(super) const EMPTY: Reason = (
    "empty",
    "Isi kosong; kirim satu dokumen JSON.",
    "The body is empty; send one JSON document.",
);
pub(super) const SYNTAX: Reason = (
    "syntax",
    "Bukan JSON yang sah di tempat ini.",
    "Not valid JSON at this place.",
);
pub(super) const END: Reason = (
    "unexpected_end",
    "JSON terpotong sebelum selesai.",
    "The JSON ends before it is complete.",
);
pub(super) const TRAILING: Reason = (
    "trailing_data",
    "Ada isi lain setelah dokumen JSON.",
    "There is more after the JSON document.",
);
pub(super) const DUPLICATE: Reason = (
    "duplicate_key",
    "Bidang ini muncul lebih dari sekali.",
    "This field appears more than once.",
);
pub(super) const DEEP: Reason = (
    "too_deep",
    "Susunan JSON terlalu dalam.",
    "The JSON is nested too deeply.",
);
pub(super) const MEMBERS: Reason = ("too_many_members", "Terlalu banyak bidang.", "Too many fields.");
pub(super) const VALUES: Reason = ("too_many_values", "Terlalu banyak nilai.", "Too many values.");
pub(super) const LONG_KEY: Reason = (
    "key_too_long",
    "Nama bidang terlalu panjang.",
    "A field name is too long.",
);
pub(super) const LONG_STRING: Reason = ("string_too_long", "Teks terlalu panjang.", "A string is too long.");
pub(super) const SURROGATE: Reason = (
    "lone_surrogate",
    "Teks memuat setengah pasangan surrogate (\\uD800–\\uDFFF).",
    "The string holds half a surrogate pair (\\uD800–\\uDFFF).",
);
pub(super) const INEXACT: Reason = (
    "number_not_exact",
    "Bilangan ini tidak dapat disimpan dengan tepat; kirim sebagai teks.",
    "This number cannot be carried exactly; send it as a string.",
);
pub(super) const NOT_A_NUMBER: Reason = (
    "not_a_number",
    "NaN dan Infinity bukan JSON.",
    "NaN and Infinity are not JSON.",
);

/// Why a body was not let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code} at byte {offset} ({pointer}): {en}")]
pub struct GateError {
    /// JSON Pointer to the value concerned, keys that look like data written `*`.
    pub pointer: String,
    /// Stable code.
    pub code: &'static str,
    /// Indonesian sentence.
    pub id: &'static str,
    /// English sentence.
    pub en: &'static str,
    /// Byte offset in the body.
    pub offset: usize,
}

impl GateError {
    pub(super) fn new((code, id, en): Reason, offset: usize) -> Self {
        Self {
            pointer: String::new(),
            code,
            id,
            en,
            offset,
        }
    }

    /// Called by each level on the way out, so that the good path builds no pointers.
    pub(super) fn inside(mut self, segment: &str) -> Self {
        self.pointer = format!("/{}{}", safe_segment(segment), self.pointer);
        self
    }
}
