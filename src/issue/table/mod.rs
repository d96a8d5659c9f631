//! The table `issue`: an issue as stored, reading and writing it, and what the clock asks of it.

mod read;
mod stored;
mod timed;
mod write;

pub use read::{
    Place, Tracked, all, by_identities, closed_since, count_live, get, live_in, many,
    many_to_change, places,
};
pub use stored::Issue;
pub use timed::{any_demanded, demanded, next_step, unconfirmed, unconfirmed_told};
pub use write::{
    apply, close, insert, move_to, move_unit, reclassify, seen, set_how, stand, withdraw,
};
