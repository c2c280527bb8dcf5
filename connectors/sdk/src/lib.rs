//! The connector contract of Simpul.
