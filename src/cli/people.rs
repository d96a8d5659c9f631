//! `duban roster` and `duban invite`

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, Subcommand};

use crate::config::Settings;
use crate::error::{Error, Fault, Result};
use crate::roster::{change, export, import, invitation, table};

#[derive(Debug, Subcommand)]
pub(super) enum RosterCommand {
    /// Import a folder of units.csv, accounts.csv, people.csv, one of them, or a workbook
    Import {
        /// Show what would change and change nothing
        #[arg(long)]
        dry_run: bool,
        /// Print the changes as JSON
        #[arg(long)]
        json: bool,
        /// The folder or file
        path: PathBuf,
    },
    /// Export to a folder (three CSV files) or to a .xlsx file
    Export {
        /// The folder or file
        path: PathBuf,
    },
}

pub(super) async fn roster(settings: &Settings, command: RosterCommand) -> Result<bool> {
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.begin().await?;
    let current = table::load(&mut tx).await?;
    match command {
        RosterCommand::Import {
            dry_run,
            json,
            path,
        } => {
            let vocabulary = &desk.rules.vocabulary;
            let platform_of = |name: &str| vocabulary.platform(name).map(|p| p.id.clone());
            let imported = match import::read_path(&path, &platform_of, &current) {
                Ok(imported) => imported,
                Err(faults) => {
                    for fault in &faults {
                        eprintln!("{fault}");
                    }
                    let plural = if faults.len() == 1 { "" } else { "s" };
                    eprintln!("{} mistake{plural}; nothing was changed", faults.len());
                    return Ok(false);
                }
            };
            let plan = change::plan(&current, &imported);
            if json {
                println!("{}", serde_json::to_string(&plan.changes())?);
            } else {
                for change in plan.changes().iter().take(40) {
                    println!("{change}");
                }
                for (kind, counts) in plan.counts() {
                    println!(
                        "{}: {} added, {} changed, {} gone",
                        kind.as_str(),
                        counts.added,
                        counts.changed,
                        counts.gone
                    );
                }
            }
            if !dry_run {
                change::apply(&mut tx, &plan).await?;
                tx.commit().await?;
            }
        }
        RosterCommand::Export { path } => {
            if path.extension().is_some_and(|ending| ending == "xlsx") {
                export::export_xlsx(&current, &path)?;
            } else {
                let shown = path.display().to_string();
                std::fs::create_dir_all(&path).map_err(Error::io(shown))?;
                for (name, text) in export::export_csv(&current)? {
                    let file = path.join(name);
                    let shown = file.display().to_string();
                    std::fs::write(&file, text).map_err(Error::io(shown))?;
                }
            }
        }
    }
    desk.store.close().await;
    Ok(true)
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("who").required(true))]
pub(super) struct InviteOptions {
    /// One person, by their code
    #[arg(long, group = "who")]
    person: Option<String>,
    /// Everybody who is not bound yet
    #[arg(long, group = "who")]
    all: bool,
    /// Days the invitations are good for
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// Print CSV instead of a table
    #[arg(long)]
    csv: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

pub(super) async fn invite(settings: &Settings, options: InviteOptions) -> Result<bool> {
    use teloxide::prelude::Requester as _;
    let desk = super::desk(settings).await?;
    let mut tx = desk.store.begin().await?;
    let roster = table::load(&mut tx).await?;
    let people: Vec<_> = match &options.person {
        Some(code) => vec![roster.person_by_code(code).ok_or_else(|| {
            Fault::new(format!(
                "no person has the code {code:?}; see duban roster export"
            ))
        })?],
        None => {
            let bound: Vec<i64> = table::bindings(&mut tx)
                .await?
                .iter()
                .map(|b| b.person_id)
                .collect();
            roster
                .people
                .iter()
                .filter(|person| !bound.contains(&person.id))
                .collect()
        }
    };
    let now = desk.clock.now();
    let ttl = TimeDelta::days(i64::from(options.days));
    let until = desk.local(now + ttl).format("%Y-%m-%d %H:%M").to_string();
    // The bot's name makes the link; without a token or a connection the code alone does.
    let me = if settings.token().is_ok() {
        desk.bot.get_me().await.ok()
    } else {
        None
    };
    let name = me.and_then(|me| me.user.username.clone());
    let mut lines = Vec::new();
    for person in people {
        let code = invitation::create(
            &mut tx,
            person.id,
            now.timestamp_millis(),
            ttl.num_milliseconds(),
        )
        .await?;
        let link = name
            .as_ref()
            .map(|name| format!("https://t.me/{name}?start={code}"));
        lines.push((
            person.code.clone(),
            person.name.clone(),
            person.role,
            code,
            link,
        ));
    }
    tx.commit().await?;
    desk.store.close().await;
    if options.json {
        let list: Vec<_> = lines
            .iter()
            .map(|(person, name, role, code, link)| {
                serde_json::json!({ "person": person, "name": name, "role": role.as_str(),
                    "code": code, "link": link, "until": until })
            })
            .collect();
        println!("{}", serde_json::to_string(&list)?);
        return Ok(true);
    }
    let gap = if options.csv { "," } else { "  " };
    println!(
        "{}",
        ["person", "name", "role", "code", "until", "link"].join(gap)
    );
    for (person, name, role, code, link) in &lines {
        let link = link.as_deref().unwrap_or("");
        println!(
            "{}",
            [person, name, role.as_str(), code, &until, link].join(gap)
        );
    }
    Ok(true)
}
