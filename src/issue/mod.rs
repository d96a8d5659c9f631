//! What is tracked across days until it is closed: the state machine, the deadline with its
//! explanation, what a report's listing or silence means, and what the clock demands.

pub mod due;
pub mod escalate;
pub mod state;
pub mod table;
pub mod track;

pub use state::{CloseReason, State};
pub use table::{Act, Issue};
