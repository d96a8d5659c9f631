//! What is tracked across days until it is closed: the state machine, the deadline with its
//! explanation, and what a report's listing or silence means.

pub mod acted;
pub mod acts;
pub mod allowed;
pub mod amount;
pub mod deadline;
pub mod due;
pub mod evidence;
pub mod figures;
pub mod history;
pub mod how;
pub mod ladder;
pub mod late;
mod lay;
#[cfg(test)]
mod lay_tests;
pub mod nudge;
pub mod period;
pub mod policy;
pub mod request;
mod scoped;
pub mod state;
pub mod step;
pub mod table;
pub mod take_back;
pub mod track;
pub mod turnover;
pub mod why;
pub mod witness;

pub use acts::Act;
pub use how::How;
pub use state::{CloseReason, State};
pub use table::Issue;
