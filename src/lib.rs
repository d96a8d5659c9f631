//! duban (督办): every finding of a daily check report is seen, fixed and verified.
//!
//! The folders are the stages of one flow; `ARCHITECTURE.md` has a line per file, and the floors
//! the arrows run down from. The library exists so that `tests/` and `benches/` drive the very
//! code of the binary.

pub mod act;
pub mod app;
pub mod aside;
pub mod ask;
pub mod audit;
pub mod bot;
pub mod calendar;
pub mod channel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod demo;
pub mod desk;
pub mod error;
pub mod feedback;
pub mod finding;
pub mod flow;
pub mod freshness;
pub mod hours;
pub mod http;
pub mod issue;
pub mod matching;
pub mod message;
pub mod outbox;
pub mod picture;
pub mod report;
pub mod roster;
pub mod sandbox;
pub mod schedule;
pub mod store;
pub mod summary;
pub mod vocabulary;
