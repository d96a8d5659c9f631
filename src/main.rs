//! The program: one command, one run.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    duban::cli::run().await
}
