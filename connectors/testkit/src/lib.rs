//! The conformance kit for Simpul connectors.
