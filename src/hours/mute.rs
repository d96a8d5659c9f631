//! The table `mute`: what people do not want to be sent for some time. Only what is no duty of theirs can be
//! left out: never what their own or their operators' issues demand.

use std::collections::HashMap;

use crate::error::Result;
use crate::outbox::Kind;
use crate::roster::Role;
use crate::store::{Tx, Value, vals};

/// What somebody may not want to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The scheduled summaries; the next one that is sent says all since the last that was.
    Summary,
    /// What becomes due in a holiday, to who supervises.
    Holiday,
    /// The list of fixes that nothing has confirmed; it waits.
    Unconfirmed,
}

impl What {
    /// All.
    pub const ALL: [Self; 3] = [Self::Summary, Self::Holiday, Self::Unconfirmed];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Holiday => "holiday",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// What a stored word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }

    /// What a role may leave out: to operators and leads everything else is a duty.
    pub fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Manager => &Self::ALL,
            Role::Lead => &[Self::Summary],
            Role::Operator | Role::Admin => &[],
        }
    }

    /// What a kind of notice belongs to.
    pub fn of_kind(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Summary => Some(Self::Summary),
            Kind::Holiday => Some(Self::Holiday),
            Kind::Unconfirmed => Some(Self::Unconfirmed),
            _ => None,
        }
    }

    /// Whether what is left out is sent afterwards.
    pub fn waits(self) -> bool {
        self == Self::Unconfirmed
    }

    /// The most days at a time; none: until they want it again.
    pub fn longest(self) -> Option<i64> {
        match self {
            Self::Summary => None,
            Self::Holiday | Self::Unconfirmed => Some(30),
        }
    }
}

/// What each of these people does not want to be sent now, and until when.
pub async fn of(
    tx: &mut Tx,
    people: &[i64],
    now: i64,
) -> Result<HashMap<(i64, What), Option<i64>>> {
    let keys = people.iter().map(|id| Value::from(*id)).collect();
    let sql = "select person_id, what, until from mute
               where (until is null or until > {1}) and person_id in ({in})";
    let mut found = HashMap::new();
    for row in tx.all_in(sql, vals![now], keys).await? {
        if let Some(what) = What::parse(&row.text(1)?) {
            found.insert((row.int(0)?, what), row.maybe_int(2)?);
        }
    }
    Ok(found)
}

/// Leaves something out until then.
pub async fn set(
    tx: &mut Tx,
    (person, what): (i64, What),
    until: Option<i64>,
    now: i64,
) -> Result<()> {
    tx.run(
        "insert into mute (person_id, what, until, set_at) values ($1, $2, $3, $4)
         on conflict (person_id, what) do update set until = $3, set_at = $4",
        vals![person, what.as_str(), until, now],
    )
    .await?;
    Ok(())
}

/// It is wanted again.
pub async fn clear(tx: &mut Tx, person: i64, what: What) -> Result<bool> {
    let sql = "delete from mute where person_id = $1 and what = $2";
    Ok(tx.run(sql, vals![person, what.as_str()]).await? == 1)
}
