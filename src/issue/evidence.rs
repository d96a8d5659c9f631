//! Whether evidence of a fix was asked for and has not come. Pure.

use super::acts::Act;

/// Under which verb the asking is recorded.
pub const ASKED: &str = "evidence_asked";

/// The manager who asked for evidence that has not come since.
pub fn awaited(acts: &[Act]) -> Option<i64> {
    let last = acts
        .iter()
        .rev()
        .find(|act| act.verb == ASKED || act.evidence.is_some());
    last.filter(|act| act.verb == ASKED)?.person_id
}
