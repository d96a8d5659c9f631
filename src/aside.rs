//! Work that takes the processor for long holds up nobody who waits for an answer.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Does work that takes longer than some ten milliseconds without waiting for anything: others go on beside it,
/// where the runtime has more than one thread.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    let several = |handle: Handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread;
    match Handle::try_current().is_ok_and(several) {
        true => block_in_place(work),
        false => work(),
    }
}
