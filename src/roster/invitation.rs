//! Invitations: single use, with an expiry; only a hash of the code is stored.

use std::collections::HashMap;

use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::store::{Tx, vals};

/// Letters that are not taken for one another.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Characters of a code: 60 bits.
const LENGTH: usize = 12;

/// What became of a code that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It was good: the person it was made for.
    Person(i64),
    /// No such code.
    Unknown,
    /// Too late.
    Expired,
    /// Used before.
    Used,
    /// Taken back, or replaced by a newer one.
    Revoked,
}

/// How a code is kept.
pub(super) fn hash(code: &str) -> String {
    let plain = code.trim().to_uppercase();
    Sha256::digest(plain.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A code that nobody can guess.
pub(super) fn fresh() -> String {
    let mut rng = rand::rng();
    (0..LENGTH)
        .filter_map(|_| LETTERS.get(rng.random_range(0..LETTERS.len())))
        .map(|b| char::from(*b))
        .collect()
}

/// Makes a code for a person, good for `ttl` ms; earlier unused ones are revoked.
pub async fn create(tx: &mut Tx, person: i64, now: i64, ttl: i64) -> Result<String> {
    // Who invites the same person at the same moment waits here, and then finds this one to be revoked.
    tx.run("update person set id = id where id = $1", vals![person])
        .await?;
    revoke(tx, person, now).await?;
    let code = fresh();
    tx.run(
        "insert into invitation (code_hash, person_id, created_at, expires_at) values ($1, $2, $3, $4)",
        vals![hash(&code), person, now, now + ttl],
    )
    .await?;
    Ok(code)
}

/// Who has a code that is still good, and until when it is, in UTC milliseconds.
pub async fn pending(tx: &mut Tx, now: i64) -> Result<HashMap<i64, i64>> {
    let rows = tx
        .all(
            "select person_id, max(expires_at) from invitation
             where used_at is null and revoked_at is null and expires_at > $1 group by person_id",
            vals![now],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?)))
        .collect()
}

/// Takes a person's unused codes back.
pub async fn revoke(tx: &mut Tx, person: i64, now: i64) -> Result<u64> {
    tx.run(
        "update invitation set revoked_at = $1
         where person_id = $2 and used_at is null and revoked_at is null",
        vals![now, person],
    )
    .await
}

/// Uses a code up.
pub async fn redeem(tx: &mut Tx, code: &str, now: i64) -> Result<Redeemed> {
    let hash = hash(code);
    let used = tx
        .first(
            "update invitation set used_at = $1
             where code_hash = $2 and used_at is null and revoked_at is null and expires_at > $1
             returning person_id",
            vals![now, &hash],
        )
        .await?;
    if let Some(row) = used {
        return Ok(Redeemed::Person(row.int(0)?));
    }
    let row = tx
        .first(
            "select used_at, revoked_at from invitation where code_hash = $1",
            vals![hash],
        )
        .await?;
    let Some(row) = row else {
        return Ok(Redeemed::Unknown);
    };
    if row.maybe_int(0)?.is_some() {
        return Ok(Redeemed::Used);
    }
    Ok(if row.maybe_int(1)?.is_some() {
        Redeemed::Revoked
    } else {
        Redeemed::Expired
    })
}

/// Gives a code back that could not be used after all.
pub async fn unredeem(tx: &mut Tx, code: &str) -> Result<()> {
    tx.run(
        "update invitation set used_at = null where code_hash = $1",
        vals![hash(code)],
    )
    .await?;
    Ok(())
}
