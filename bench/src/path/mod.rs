//! The price of the path: Simpul beside proxies that people would put there, the same work, the same run, on one processor.

mod check;
mod count;
mod document;
mod drive;
mod floor;
mod peers;
mod process;
mod report;
mod run;
mod scale;
mod upstream;

pub(crate) use count::{Counted, measure as count};
pub(crate) use floor::run as floor;
pub(crate) use peers::check as checked;
pub(crate) use run::{Ask, measure};
pub(crate) use scale::{Scaled, measure as scale};
pub(crate) use upstream::run as upstream;
