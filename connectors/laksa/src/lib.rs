//! Simpul connector for LAKSA (Tangerang LIVE).
