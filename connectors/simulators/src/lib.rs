//! The national systems, played: native formats, quirks and faults over real HTTP.
