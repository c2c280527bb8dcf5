//! The edge of Simpul and the binary simpul.
