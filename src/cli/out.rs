//! What a command prints: through a writer, so that a reader who goes away, as `head` does, is the
//! end of the printing and no panic.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, Stdout, Write as _};

use crate::error::{Error, Result};

/// Standard output, as an error names it.
const PLACE: &str = "standard output";

/// Standard output; what is held back goes out with [`Out::flush`] and at the end.
pub(super) struct Out(BufWriter<Stdout>);

impl Out {
    pub(super) fn new() -> Self {
        Self(BufWriter::new(io::stdout()))
    }

    /// Prints a line.
    pub(super) fn line(&mut self, text: impl Display) -> Result<()> {
        writeln!(self.0, "{text}").map_err(failed)
    }

    /// Hands over what was held back.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.0.flush().map_err(failed)
    }
}

fn failed(source: io::Error) -> Error {
    Error::Io {
        context: PLACE.to_owned(),
        source,
    }
}

/// Prints one text.
pub(super) fn print(text: impl Display) -> Result<()> {
    let mut out = Out::new();
    out.line(text)?;
    out.flush()
}

/// Says something beside the output, to whoever watches.
pub(super) fn tell(text: impl Display) {
    // Nobody is left to be told that nobody listens.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether the error says only that nobody reads on.
pub(super) fn left_alone(error: &Error) -> bool {
    matches!(error, Error::Io { context, source }
        if context == PLACE && source.kind() == ErrorKind::BrokenPipe)
}
