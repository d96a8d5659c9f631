//! The rules of a roster's tables: what a row must say, and that what it names is there.

mod accounts;
mod faults;
mod known;
mod people;
mod row;
mod units;

pub(super) use accounts::accounts;
pub(super) use faults::Faults;
pub(super) use known::Known;
pub(super) use people::people;
pub(super) use units::units;
