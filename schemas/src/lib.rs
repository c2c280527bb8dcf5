//! Canonical JSON Schemas and code lists of Simpul, embedded and compiled once.
