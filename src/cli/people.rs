//! `duban invite`

use std::collections::HashSet;

use chrono::TimeDelta;
use clap::Args;

use super::layout;
use super::out::{self, Out};
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::roster::{Person, Roster, export, invitation, table};
use crate::store::Tx;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("who").required(true))]
pub(super) struct InviteOptions {
    /// One person, by their code
    #[arg(long, group = "who")]
    person: Option<String>,
    /// Everybody who is not bound yet and has no unused code
    #[arg(long, group = "who")]
    all: bool,
    /// With --all: also those who have an unused code, which is then good no longer
    #[arg(long, conflicts_with = "person")]
    renew: bool,
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

/// A person with a fresh code.
struct Invited {
    person: Person,
    code: String,
    link: String,
}

pub(super) async fn invite(settings: &Settings, options: InviteOptions) -> Result<bool> {
    use teloxide::prelude::Requester as _;
    let desk = super::desk(settings).await?;
    // The bot's name makes the link; without a token or a connection the code alone does. It is
    // asked before the store is held.
    let me = if settings.token().is_ok() {
        desk.bot.get_me().await.ok()
    } else {
        None
    };
    let name = me.and_then(|me| me.user.username.clone());
    let now = desk.clock.now();
    let ttl = TimeDelta::days(i64::from(options.days));
    let until = desk.local(now + ttl).format("%Y-%m-%d %H:%M").to_string();
    let mut tx = desk.store.begin().await?;
    let roster = table::load(&mut tx).await?;
    let mut invited = Vec::new();
    for person in chosen(&mut tx, &desk, &roster, &options).await? {
        let (now, ttl) = (now.timestamp_millis(), ttl.num_milliseconds());
        let code = invitation::create(&mut tx, person.id, now, ttl).await?;
        let link = name
            .as_ref()
            .map(|name| format!("https://t.me/{name}?start={code}"));
        invited.push(Invited {
            person: person.clone(),
            code,
            link: link.unwrap_or_default(),
        });
    }
    tx.commit().await?;
    desk.store.close().await;
    print_invited(&invited, &until, &options)?;
    Ok(true)
}

/// Who is invited. Whose unused code stays, or is good no longer, is told.
async fn chosen<'a>(
    tx: &mut Tx,
    desk: &Desk,
    roster: &'a Roster,
    options: &InviteOptions,
) -> Result<Vec<&'a Person>> {
    let pending = invitation::pending(tx, desk.clock.now_ms()).await?;
    let code_of = |person: &Person| {
        let until = desk.local(crate::clock::from_ms(*pending.get(&person.id)?));
        let until = until.format("%Y-%m-%d %H:%M");
        Some(format!(
            "{} {}: the unused code, good until {until},",
            person.code, person.name
        ))
    };
    let gone = |person: &Person| {
        if let Some(code) = code_of(person) {
            out::tell(format_args!("note {code} is revoked"));
        }
    };
    if let Some(code) = &options.person {
        let person = roster.person_by_code(code).ok_or_else(|| {
            Error::Usage(format!(
                "no person has the code {code:?}; see duban roster export"
            ))
        })?;
        gone(person);
        return Ok(vec![person]);
    }
    let bound: HashSet<i64> = table::bindings(tx)
        .await?
        .iter()
        .map(|b| b.person_id)
        .collect();
    let mut people = Vec::new();
    for person in roster.people.iter().filter(|p| !bound.contains(&p.id)) {
        match code_of(person) {
            Some(code) if !options.renew => {
                out::tell(format_args!("note {code} stays; --renew replaces it"));
                continue;
            }
            _ => gone(person),
        }
        people.push(person);
    }
    if people.is_empty() {
        out::tell("note nobody is left to be invited");
    }
    Ok(people)
}

fn print_invited(invited: &[Invited], until: &str, options: &InviteOptions) -> Result<()> {
    if options.json {
        let list: Vec<_> = invited
            .iter()
            .map(|i| {
                let link = Some(&i.link).filter(|link| !link.is_empty());
                serde_json::json!({ "person": i.person.code, "name": i.person.name,
                    "role": i.person.role.as_str(), "code": i.code, "link": link, "until": until })
            })
            .collect();
        return out::print(serde_json::to_string(&list)?);
    }
    let mut rows = vec![
        ["person", "name", "role", "code", "until", "link"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(invited.iter().map(|i| {
        let cells = [
            &i.person.code,
            &i.person.name,
            i.person.role.as_str(),
            &i.code,
            until,
            &i.link,
        ];
        cells.map(str::to_owned).to_vec()
    }));
    if options.csv {
        return out::print(export::csv_of(rows)?.trim_end());
    }
    let mut out = Out::new();
    for line in layout::table(&rows) {
        out.line(line)?;
    }
    out.flush()
}
