//! The journals against the suite and against the accidents they are made for.

mod postgres;
mod sqlite;
