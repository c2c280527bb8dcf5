//! The tables of names, one file per object of the guide. Data only; `canon` puts them together.

mod application;
mod company;
mod nib;
mod project;
mod stpw;

pub(crate) use application::{APPLICATION, BUILDING, HALAL, HALAL_PRODUCT, REQUIREMENT};
pub(crate) use company::{COMPANY, DEED, HOLDER, RESPONSIBLE};
pub(crate) use nib::{FILER, NIB, WORKERS};
pub(crate) use project::{FACILITY, LICENCE, LOCATION, PRODUCT, PROJECT};
pub(crate) use stpw::STPW;
