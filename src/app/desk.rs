//! The desk that settings make: the store with its schema of now, the rules, the words, the bot's client.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use teloxide::Bot;

use super::rules::rules;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::feedback::table::{self, Want};
use crate::flow::Rules;
use crate::matching::ShortForms;
use crate::message::Languages;
use crate::message::lang::Lang;
use crate::store::Store;

/// Makes known to the store what is told back to whom, so that whoever writes an act owes it.
async fn want_feedback(store: &Store, rules: &Rules) -> Result<()> {
    let wants = rules.feedback.iter().map(|(source, feedback)| Want {
        source: source.clone(),
        calls: feedback.call.is_some(),
        wait_ms: i64::from(feedback.wait_minutes) * 60_000,
    });
    let wants: Vec<Want> = wants.collect();
    let mut tx = store.begin().await?;
    table::want(&mut tx, &wants).await?;
    tx.commit().await
}

/// The HTTP client of the channel.
pub(super) fn client(settings: &Settings, timeout: Duration) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .timeout(timeout)
        .tcp_nodelay(true);
    if let Some(proxy) = &settings.telegram.proxy {
        let proxy = reqwest::Proxy::all(proxy)
            .map_err(|_| Error::other("telegram.proxy is not a valid address"))?;
        builder = builder.proxy(proxy);
    }
    builder
        .build()
        .map_err(|error| Error::other(error.without_url().to_string()))
}

/// The desk without loops, for commands that work beside a running server.
pub async fn desk(settings: &Settings, clock: Clock, token: &SecretString) -> Result<Arc<Desk>> {
    let store = Store::open(&settings.database.url).await?;
    store.migrate().await?;
    let api = settings.telegram.api_url.parse();
    let api = api.map_err(|_| Error::other("telegram.api_url is not a valid address"))?;
    let bot = Bot::with_client(
        token.expose_secret(),
        client(settings, Duration::from_secs(30))?,
    )
    .set_api_url(api);
    let lang = Lang::parse(&settings.office.locale).unwrap_or_default();
    let words = Languages::load(settings.data.messages.as_deref(), lang)?;
    let short_forms = ShortForms::load(settings.data.vocabulary.as_deref())?;
    let parts = (
        words,
        settings.office.name.clone(),
        settings.sources.clone(),
    );
    let rules = rules(settings)?;
    want_feedback(&store, &rules).await?;
    Ok(Desk::new((store, clock), rules, parts, bot, short_forms))
}
