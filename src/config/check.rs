//! What TOML's types cannot tell of the settings: hours, the language, the webhook, addresses, schedules.

use secrecy::ExposeSecret as _;

use super::sections::{Settings, UpdateMode, time_of_day};
use crate::error::Result;
use crate::message::lang::Lang;
use crate::schedule::cron::Schedule;

impl Settings {
    /// What TOML's types cannot tell.
    pub(super) fn check(&self) -> Result<()> {
        self.check_hours()?;
        if !Lang::ALL
            .iter()
            .any(|lang| lang.code() == self.office.locale)
        {
            let reason = "the languages are zh-CN and en";
            return self.fault("office.locale", &self.office.locale, reason);
        }
        self.check_telegram()?;
        self.check_audit()?;
        self.check_summary()?;
        self.check_sources()
    }

    fn fault(&self, key: &str, value: &str, reason: &str) -> Result<()> {
        Err(self.places.fault(key, key, value, reason).into())
    }

    /// Every hour is one, and what ends begins before.
    fn check_hours(&self) -> Result<()> {
        let (office, delivery) = (&self.office, &self.delivery);
        for (key, text) in [
            ("office.work_start", &office.work_start),
            ("office.work_end", &office.work_end),
            ("office.cut_off", &office.cut_off),
            ("delivery.send_after", &delivery.send_after),
            ("delivery.send_until", &delivery.send_until),
        ] {
            if time_of_day(text).is_none() {
                return self.fault(key, text, "write a time of day as 17:30");
            }
        }
        for (key, end, from, start) in [
            (
                "office.work_end",
                &office.work_end,
                "work_start",
                &office.work_start,
            ),
            (
                "delivery.send_until",
                &delivery.send_until,
                "send_after",
                &delivery.send_after,
            ),
        ] {
            if time_of_day(end) <= time_of_day(start) {
                let reason = format!("must be later than {from} = {start:?}");
                return self.fault(key, end, &reason);
            }
        }
        Ok(())
    }

    fn check_telegram(&self) -> Result<()> {
        let telegram = &self.telegram;
        if telegram.token.is_some() && telegram.token_file.is_some() {
            let reason = "set token or token_file, not both";
            return self.fault("telegram.token_file", "", reason);
        }
        if telegram.mode == UpdateMode::Polling {
            return Ok(());
        }
        for (key, there) in [
            ("telegram.webhook_url", telegram.webhook_url.is_some()),
            ("telegram.webhook_secret", telegram.webhook_secret.is_some()),
            ("http.listen", self.http.listen.is_some()),
        ] {
            if !there {
                return self.fault(key, "", "mode = \"webhook\" needs it");
            }
        }
        if let Some(url) = &telegram.webhook_url
            && url.parse::<reqwest::Url>().is_err()
        {
            return self.fault("telegram.webhook_url", url, "is not an address");
        }
        let secret = telegram.webhook_secret.as_ref().map(|s| s.expose_secret());
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !secret.is_some_and(|s| (1..=256).contains(&s.len()) && s.chars().all(fits)) {
            let reason = "must be 1 to 256 of A-Z, a-z, 0-9, _ and -";
            return self.fault("telegram.webhook_secret", "", reason);
        }
        Ok(())
    }

    fn check_audit(&self) -> Result<()> {
        let url = self.audit.heartbeat_url.as_ref();
        let parsed = url.map(|url| url.expose_secret().parse::<reqwest::Url>());
        match parsed {
            Some(Ok(url)) if matches!(url.scheme(), "http" | "https") => Ok(()),
            None => Ok(()),
            // Not shown: it is a secret, even mistyped.
            Some(_) => {
                let reason = "must be an address that begins with http:// or https://";
                self.fault("audit.heartbeat_url", "", reason)
            }
        }
    }

    fn check_summary(&self) -> Result<()> {
        for (key, _, text) in self.summary.schedules() {
            if let Err(reason) = Schedule::parse(text, self.office.timezone) {
                return self.fault(&format!("summary.{key}"), text, &reason);
            }
        }
        Ok(())
    }
}
