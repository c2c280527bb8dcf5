//! The journals against the suite and against the accidents they are made for.

mod help;
mod postgres;
mod sqlite;
