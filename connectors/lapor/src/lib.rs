//! Simpul connector for SP4N-LAPOR!.
