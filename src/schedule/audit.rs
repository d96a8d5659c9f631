//! The audit at its times, once by one process, and the heartbeat after each clean one.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::audit::{self, Audit, Auditor, EVERY_MS};
use crate::desk::Desk;
use crate::error::{Error, Result};

/// Who is told that all is well: an address of a monitor that raises the alarm when nobody calls.
pub struct Heartbeat {
    client: reqwest::Client,
    url: SecretString,
}

impl Heartbeat {
    /// A heartbeat to this address.
    pub fn new(url: SecretString) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| Error::other(error.without_url().to_string()))?;
        Ok(Self { client, url })
    }

    /// Calls once. What fails is logged without the address, which is a secret.
    async fn beat(&self) {
        let sent = self.client.get(self.url.expose_secret()).send().await;
        match sent.and_then(reqwest::Response::error_for_status) {
            Ok(_) => {}
            Err(error) => {
                let error = error.without_url();
                tracing::warn!(%error, "audit.heartbeat_url could not be called");
            }
        }
    }
}

/// Audits if it is time; what was found, nothing when it is not time or another process did.
pub async fn audit_due(desk: &Desk, heartbeat: Option<&Heartbeat>) -> Result<Option<Audit>> {
    let now = desk.clock.now();
    let at = now.timestamp_millis();
    let mut read = desk.store.read().await?;
    let begun = audit::table::begun(&mut read).await?;
    if begun.is_some_and(|begun| at - begun < EVERY_MS) {
        return Ok(None);
    }
    let directory = desk.directory(&mut read).await?;
    let auditor = Auditor {
        rules: &desk.rules,
        roster: &directory.roster,
        now,
    };
    let found = auditor.look(&mut read).await?;
    drop(read);
    let mut tx = desk.store.begin().await?;
    if !audit::table::take(&mut tx, at, at - EVERY_MS).await? {
        return Ok(None);
    }
    let audit = auditor.repair(&mut tx, found).await?;
    tx.commit().await?;
    if audit.repaired > 0 {
        tracing::warn!(repaired = audit.repaired, "the audit repaired something");
    }
    if audit.wrong > 0 {
        tracing::error!(wrong = audit.wrong, examples = ?audit.examples, "the audit found something");
    } else if let Some(heartbeat) = heartbeat {
        heartbeat.beat().await;
    }
    Ok(Some(audit))
}
