//! What is wrong with the tables of a roster, as far as it is told at once.

use crate::error::Fault;

/// More than these are not told at once.
const MOST_FAULTS: usize = 50;

/// What is wrong so far.
pub(in super::super) struct Faults {
    list: Vec<Fault>,
    more: usize,
}

impl Faults {
    pub fn new(first: Vec<Fault>) -> Self {
        let mut faults = Self {
            list: Vec::new(),
            more: 0,
        };
        first.into_iter().for_each(|fault| faults.push(fault));
        faults
    }

    pub fn push(&mut self, fault: Fault) {
        if self.list.len() < MOST_FAULTS {
            self.list.push(fault);
        } else {
            self.more += 1;
        }
    }

    pub fn into_result(mut self) -> Result<(), Vec<Fault>> {
        if self.list.is_empty() {
            return Ok(());
        }
        if self.more > 0 {
            self.list.truncate(MOST_FAULTS - 1);
            let text = format!(
                "and {} more: mend these first and import again",
                self.more + 1
            );
            self.list.push(Fault::new(text));
        }
        Err(self.list)
    }
}
