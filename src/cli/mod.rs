//! The command line: one file per group of subcommands. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod alias;
mod allowed;
mod calendar;
mod check;
mod duty;
mod explain;
mod feedback;
mod freshness;
mod ingest;
mod issue;
mod layout;
mod list;
mod out;
mod people;
mod policy;
mod report;
mod roster;
mod sandbox;
mod serve;
mod source;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Fault, Result};

/// 督办: every finding of a daily check report is seen, fixed and verified.
#[derive(Debug, Parser)]
#[command(name = "duban", version, about, arg_required_else_help = true)]
struct Cli {
    /// The settings file
    #[arg(short, long, global = true, default_value = "config/duban.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot: pull reports, tell people, listen to them
    Serve,
    /// Try the whole of it in the browser and in this terminal: a sample city, nothing to set up
    Demo(crate::demo::Options),
    /// Run the Bot API sandbox alone, for developers of bots
    Sandbox(sandbox::Options),
    /// Look whether everything is in order: settings, database, roster, token, sources
    Check,
    /// Take one report file in now, the way the schedule does
    Ingest(ingest::Options),
    /// Where reports come from: list the sources, or try one without storing anything
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Units, accounts and people: import, export, renames and mergers, what was done
    #[command(subcommand)]
    Roster(roster::RosterCommand),
    /// Make invitations that bind people to their chats
    Invite(people::InviteOptions),
    /// Who stands in for whom: leaves and weekly rotations
    #[command(subcommand)]
    Duty(duty::DutyCommand),
    /// List issues
    Issues(list::IssuesOptions),
    /// Show the whole life of an issue
    #[command(subcommand)]
    Issue(issue::IssueCommand),
    /// The names that managers' choices taught: what they stand for, what they matched, taking one back
    #[command(subcommand)]
    Alias(alias::AliasCommand),
    /// Explain whose a printed name is: rule by rule what was tried and what decided
    Explain(explain::ExplainOptions),
    /// The wordings that managers ruled right: they open no issue
    #[command(subcommand)]
    Allowed(allowed::AllowedCommand),
    /// Show how well reports were understood, or find one right that is not as usual
    Report(report::ReportOptions),
    /// Write what was done into a file that a platform takes in
    Feedback(feedback::FeedbackOptions),
    /// Show when accounts were updated last, and until when they have to be
    Freshness(freshness::FreshnessOptions),
    /// Show what a manager sees on /status
    Status(list::StatusOptions),
    /// Show a year's working days, or explain a due date
    Calendar(calendar::CalendarOptions),
    /// Show the deadlines of the policy, or move running issues to a changed one
    Policy(policy::PolicyOptions),
}

/// Runs the command of the arguments.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("DUBAN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,duban=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let done = match cli.command {
        Command::Demo(options) => crate::demo::run(options).await,
        Command::Sandbox(options) => sandbox::sandbox(options).await,
        Command::Calendar(options) => calendar::calendar(&cli.config, options),
        command => with_settings(&cli.config, command).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if out::left_alone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::tell(format_args!("duban: {error}"));
            match error {
                Error::Usage(_) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

/// The environment as text. A variable of ours that is none is named; the others are nobody's
/// business here.
fn environment() -> Result<Vec<(String, String)>> {
    let ours = |name: &OsStr| name.as_encoded_bytes().starts_with(b"DUBAN_");
    std::env::vars_os()
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| {
            let shown = name.to_string_lossy().into_owned();
            name.into_string()
                .and_then(|name| Ok((name, value.into_string()?)))
                .map_err(|_| {
                    let reason = "is not UTF-8: write it anew, or unset it";
                    Fault::new(reason)
                        .file("the environment")
                        .column(shown)
                        .into()
                })
        })
        .collect()
}

async fn with_settings(path: &std::path::Path, command: Command) -> Result<bool> {
    let settings = Settings::load(path, environment()?.into_iter())?;
    match command {
        Command::Serve => serve::serve(&settings).await,
        Command::Check => check::check(&settings).await,
        Command::Ingest(options) => ingest::ingest(&settings, options).await,
        Command::Source(command) => source::source(&settings, command).await,
        Command::Roster(command) => roster::roster(&settings, command).await,
        Command::Invite(options) => people::invite(&settings, options).await,
        Command::Duty(command) => duty::duty(&settings, command).await,
        Command::Issues(options) => list::issues(&settings, options).await,
        Command::Issue(command) => issue::issue(&settings, command).await,
        Command::Alias(command) => alias::alias(&settings, command).await,
        Command::Explain(options) => explain::explain(&settings, options).await,
        Command::Allowed(command) => allowed::allowed(&settings, command).await,
        Command::Freshness(options) => freshness::freshness(&settings, options).await,
        Command::Feedback(options) => feedback::feedback(&settings, options).await,
        Command::Status(options) => list::status(&settings, options).await,
        Command::Report(options) => report::report(&settings, options).await,
        Command::Policy(options) => policy::policy(&settings, options).await,
        Command::Calendar(options) => calendar::calendar(path, options),
        Command::Demo(options) => crate::demo::run(options).await,
        Command::Sandbox(options) => sandbox::sandbox(options).await,
    }
}

/// The form of a report and its encoding, where it has one.
fn form(format: &str, encoding: Option<&str>) -> String {
    encoding.map_or_else(
        || format.to_owned(),
        |encoding| format!("{format}, {encoding}"),
    )
}

/// Cancelled by SIGTERM or Ctrl-C.
fn stop_signal() -> Result<CancellationToken> {
    let stop = CancellationToken::new();
    let ended = stop.clone();
    let mut terminate =
        signal(SignalKind::terminate()).map_err(Error::io("listening for SIGTERM"))?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        ended.cancel();
    });
    Ok(stop)
}

/// The desk for a command that sends nothing itself: it needs no token.
async fn desk(settings: &Settings) -> Result<Arc<Desk>> {
    let none = secrecy::SecretString::from("0:none");
    app::desk(settings, Clock::system(), &settings.token().unwrap_or(none)).await
}
