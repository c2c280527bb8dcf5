//! The smallest complete Simpul connector; copy it.
