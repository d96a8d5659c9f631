//! Builds the program from its settings and runs its loops; orderly shutdown.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use teloxide::Bot;
use teloxide::payloads::SetWebhookSetters as _;
use teloxide::prelude::Requester as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::bot::{self, inbox::Poller};
use crate::calendar::Calendar;
use crate::clock::{Clock, at_local};
use crate::config::{Settings, UpdateMode, time_of_day};
use crate::delivery;
use crate::delivery::feedback::{Platform, feed, platforms};
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::feedback::settings::Feedback;
use crate::feedback::table::{self, Want};
use crate::flow::{Mask, Outcome, Rules};
use crate::hours::{Window, Work};
use crate::http::{self, Door};
use crate::issue::due::Deadlines;
use crate::issue::evidence;
use crate::issue::policy::Policy;
use crate::matching::ShortForms;
use crate::message::Languages;
use crate::message::lang::Lang;
use crate::message::redraw;
use crate::report::source::SourceSettings;
use crate::schedule::audit::{Heartbeat, audit_due};
use crate::schedule::summary::{SummarySettings, summarise};
use crate::schedule::{self, jobs};
use crate::store::Store;
use crate::vocabulary::Vocabulary;

/// The program, ready to run.
pub struct App {
    /// What the edges share.
    pub desk: Arc<Desk>,
    /// Where reports come from.
    pub sources: Vec<SourceSettings>,
    /// The sources that are told back by calls.
    platforms: Vec<Platform>,
    summary: SummarySettings,
    poller: Poller,
    door: Option<(Door, SocketAddr)>,
    webhook: Option<String>,
    started: DateTime<Utc>,
    heartbeat: Option<Heartbeat>,
    /// The last poll failed.
    deaf: bool,
}

/// The rules that settings make.
pub fn rules(settings: &Settings) -> Result<Rules> {
    let data = &settings.data;
    let time = |text: &str| {
        time_of_day(text).ok_or_else(|| Error::other(format!("{text:?} is no time of day")))
    };
    let zone = settings.office.timezone;
    let vocabulary = Vocabulary::load(data.vocabulary.as_deref())?;
    let sources: Vec<&str> = settings.sources.iter().map(|s| s.name.as_str()).collect();
    // What masks nothing would let out what it should keep.
    if let Some(fault) = settings.unknown_masked(&vocabulary).into_iter().next() {
        return Err(fault.into());
    }
    let masked = settings.mask.categories.iter();
    let masked = masked.filter_map(|name| vocabulary.category_named(name));
    let mask = Mask {
        all: settings.mask.all,
        categories: masked.map(|category| category.id.clone()).collect(),
    };
    Ok(Rules {
        mask,
        feedback: Arc::new(feedback(settings)),
        deadlines: Arc::new(Deadlines {
            policy: Policy::load(data.policy.as_deref(), &vocabulary, &sources)?,
            calendar: Calendar::load(data.calendar.as_deref())?,
            zone,
            work: Work {
                start: time(&settings.office.work_start)?,
                end: time(&settings.office.work_end)?,
                cut_off: time(&settings.office.cut_off)?,
            },
        }),
        vocabulary: Arc::new(vocabulary),
        zone,
        window: Window {
            after: time(&settings.delivery.send_after)?,
            until: time(&settings.delivery.send_until)?,
            days: settings.delivery.send_days,
        },
        gather_ms: i64::from(settings.delivery.gather_s) * 1_000,
    })
}

/// What is told back to which source.
fn feedback(settings: &Settings) -> BTreeMap<String, Feedback> {
    let sources = settings.sources.iter();
    let told = sources.filter_map(|source| {
        let feedback = source.feedback.clone()?;
        Some((source.name.clone(), feedback))
    });
    told.collect()
}

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
fn client(settings: &Settings, timeout: Duration) -> Result<reqwest::Client> {
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
    let parts = (words, settings.office.name.clone());
    let rules = rules(settings)?;
    want_feedback(&store, &rules).await?;
    Ok(Desk::new((store, clock), rules, parts, bot, short_forms))
}

impl App {
    /// Opens the store, brings the schema up to date and puts everything together.
    pub async fn build(settings: &Settings, clock: Clock) -> Result<Self> {
        let token = settings.token()?;
        let started = clock.now();
        let desk = desk(settings, clock, &token).await?;
        let directory = desk.directory(&mut desk.store.read().await?).await?;
        let policy = &desk.rules.deadlines.policy;
        policy.check_areas(&directory.roster)?;
        delivery::ask_again(&desk).await?;
        let poll = client(settings, Duration::from_secs(70))?;
        let poller = Poller::new(poll, &settings.telegram.api_url, token);
        let webhook = match settings.telegram.mode {
            UpdateMode::Webhook => settings.telegram.webhook_url.clone(),
            UpdateMode::Polling => None,
        };
        let secret = settings
            .telegram
            .webhook_secret
            .clone()
            .filter(|_| webhook.is_some());
        let door = settings.http.listen.map(|listen| {
            let arrived = Arc::new(Notify::new());
            (
                Door {
                    desk: Arc::clone(&desk),
                    secret,
                    arrived,
                },
                listen,
            )
        });
        let heartbeat = settings.audit.heartbeat_url.clone();
        Ok(Self {
            heartbeat: heartbeat.map(Heartbeat::new).transpose()?,
            desk,
            sources: settings.sources.clone(),
            platforms: platforms(&settings.sources),
            summary: settings.summary.clone(),
            poller,
            door,
            webhook,
            started,
            deaf: false,
        })
    }

    /// Opens the door: binds the address, and tells Telegram to call there in webhook mode; in
    /// polling mode a webhook that is left from before is taken back.
    async fn open(&self) -> Result<Option<tokio::net::TcpListener>> {
        if self.webhook.is_none()
            && let Err(error) = self.desk.bot.delete_webhook().await
        {
            let failure = crate::channel::classify(&error);
            tracing::warn!(%failure, "deleteWebhook failed");
        }
        let Some((door, listen)) = &self.door else {
            return Ok(None);
        };
        let about = Error::io(format!("http.listen = {listen}"));
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(about)?;
        if let (Some(url), Some(secret)) = (&self.webhook, &door.secret) {
            let url = format!("{}{}", url.trim_end_matches('/'), http::WEBHOOK_PATH);
            let url = url
                .parse()
                .map_err(|_| Error::other("telegram.webhook_url is no address"))?;
            let request = self
                .desk
                .bot
                .set_webhook(url)
                .secret_token(secret.expose_secret().to_owned())
                .allowed_updates(bot::inbox::allowed());
            request.await.map_err(|error| {
                let failure = crate::channel::classify(&error);
                Error::other(format!(
                    "telegram.webhook_url: setWebhook failed: {failure}"
                ))
            })?;
        }
        Ok(Some(listener))
    }

    /// Does everything that is due now, until nothing is: hear, pull, remind, send. What was
    /// pulled, and when something is due next. For a clock that is moved by hand.
    pub async fn settle(&mut self) -> Result<(Vec<Result<Outcome>>, Option<DateTime<Utc>>)> {
        let mut pulled = Vec::new();
        loop {
            let heard = self.hear().await;
            let handled = bot::handle_waiting(&self.desk).await?;
            let (more, slot) = jobs::run_due(&self.desk, &self.sources, self.started).await?;
            let handed = jobs::hand_over(&self.desk).await?;
            let listed = jobs::look_daily(&self.desk).await?;
            let (told, summary) = summarise(&self.desk, &self.summary, self.started).await?;
            let reminded = handed + listed + told + jobs::escalate_due(&self.desk).await?;
            let round = delivery::deliver(&self.desk).await?;
            let audit = audit_due(&self.desk, self.heartbeat.as_ref()).await?;
            let repaired = audit.map_or(0, |audit| audit.repaired);
            let mut drawn = bot::refresh::refresh(&self.desk).await?;
            let mut redrawn = drawn.done;
            while drawn.done > 0 {
                drawn = bot::refresh::refresh(&self.desk).await?;
                redrawn += drawn.done;
            }
            let fetched = bot::fetch::fetch(&self.desk).await?;
            let fed = feed(&self.desk, &self.platforms).await?;
            tidy(&self.desk).await?;
            let said = round.claimed + redrawn + fetched + fed.claimed;
            let quiet = heard + handled + more.len() + reminded + said + repaired == 0;
            pulled.extend(more);
            if quiet {
                let due = [round.next, drawn.next, fed.next]
                    .into_iter()
                    .flatten()
                    .min();
                let due = due.map(crate::clock::from_ms);
                let step = jobs::next_step(&self.desk).await?;
                let next = [due, slot, step, summary].into_iter().flatten().min();
                return Ok((pulled, next));
            }
        }
    }

    /// Polls once. What Telegram does not answer is asked for again the next time; it is said once.
    async fn hear(&mut self) -> usize {
        match self.poller.poll(&self.desk, 0).await {
            Ok(heard) => {
                self.deaf = false;
                heard.unwrap_or_default()
            }
            Err(error) => {
                if !self.deaf {
                    tracing::warn!(%error, "hearing failed");
                }
                self.deaf = true;
                0
            }
        }
    }

    /// Moves a manual clock to `to`, stopping wherever something is due on the way.
    pub async fn play_until(&mut self, to: DateTime<Utc>) -> Result<Vec<Result<Outcome>>> {
        let mut pulled = Vec::new();
        loop {
            let (more, next) = self.settle().await?;
            pulled.extend(more);
            let now = self.desk.clock.now();
            if now >= to {
                return Ok(pulled);
            }
            // Look at least every half hour.
            let step = (now + TimeDelta::minutes(30)).min(to);
            let stop = next
                .map_or(step, |next| next.min(step))
                .max(now + TimeDelta::milliseconds(1));
            self.desk.clock.advance_to(stop);
        }
    }

    /// Runs until told to stop: one loop hears, one pulls and reminds, one sends, one keeps what was sent true.
    pub async fn serve(mut self, stop: CancellationToken) -> Result<()> {
        let listener = self.open().await?;
        bot::offer(&self.desk).await;
        let (door, called) = (self.door.map(|(door, _)| door), self.webhook.is_some());
        let arrived = door
            .as_ref()
            .map(|door| Arc::clone(&door.arrived))
            .unwrap_or_default();
        let answer = {
            let stop = stop.clone();
            tokio::spawn(async move {
                if let (Some(listener), Some(door)) = (listener, door) {
                    let served = axum::serve(listener, http::router(door))
                        .with_graceful_shutdown(async move { stop.cancelled().await });
                    if let Err(error) = served.await {
                        tracing::error!(%error, "answering over HTTP ended");
                    }
                }
            })
        };
        let hear = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let polled = tokio::select! {
                        polled = self.poller.poll(&desk, 30), if !called => polled,
                        () = arrived.notified(), if called => Ok(Some(1)),
                        () = rest(&desk, &stop, 5_000), if called => Ok(Some(0)),
                        () = stop.cancelled() => break,
                    };
                    let elsewhere = matches!(polled, Ok(None));
                    let handled = match polled {
                        Ok(_) => bot::handle_waiting(&desk).await.map(|_| ()),
                        Err(error) => Err(error),
                    };
                    if elsewhere {
                        // Another replica polls; what it leaves behind is handled here too.
                        rest(&desk, &stop, 2_000).await;
                    }
                    if let Err(error) = handled {
                        tracing::error!(%error, "hearing failed; again in five seconds");
                        rest(&desk, &stop, 5_000).await;
                    }
                }
                if let Err(error) = self.poller.stop(&desk).await {
                    tracing::warn!(%error, "the lease of polling runs out by itself");
                }
            })
        };
        let (sources, started, heartbeat) = (self.sources, self.started, self.heartbeat);
        let summary = self.summary;
        let jobs = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    match jobs::run_due(&desk, &sources, started).await {
                        Ok((pulled, _)) => pulled.iter().for_each(log),
                        Err(error) => tracing::error!(%error, "the job list failed"),
                    }
                    if let Err(error) = jobs::hand_over(&desk).await {
                        tracing::error!(%error, "handing duties over failed");
                    }
                    if let Err(error) = jobs::look_daily(&desk).await {
                        tracing::error!(%error, "the daily look failed");
                    }
                    if let Err(error) = summarise(&desk, &summary, started).await {
                        tracing::error!(%error, "the summaries failed");
                    }
                    if let Err(error) = jobs::escalate_due(&desk).await {
                        tracing::error!(%error, "reminders failed");
                    }
                    if let Err(error) = audit_due(&desk, heartbeat.as_ref()).await {
                        tracing::error!(%error, "the audit failed");
                    }
                    bot::offer(&desk).await;
                    if let Err(error) = tidy(&desk).await {
                        tracing::error!(%error, "tidying up failed");
                    }
                    rest(&desk, &stop, 20_000).await;
                }
            })
        };
        let send = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let wait = match delivery::deliver(&desk).await {
                        Ok(round) => {
                            let now = desk.clock.now_ms();
                            round.next.map_or(1_000, |next| next - now).clamp(20, 1_000)
                        }
                        Err(error) => {
                            tracing::error!(%error, "sending failed; again in five seconds");
                            5_000
                        }
                    };
                    rest(&desk, &stop, wait).await;
                }
            })
        };
        let show = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let wait = match bot::refresh::refresh(&desk).await {
                        Ok(round) if round.done > 0 => 200,
                        Ok(_) => 2_000,
                        Err(error) => {
                            tracing::error!(%error, "keeping messages true failed");
                            10_000
                        }
                    };
                    rest(&desk, &stop, wait).await;
                }
            })
        };
        let prove = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    if let Err(error) = bot::fetch::fetch(&desk).await {
                        tracing::error!(%error, "fetching evidence failed");
                    }
                    rest(&desk, &stop, 5_000).await;
                }
            })
        };
        let tell = {
            let (desk, stop) = (Arc::clone(&self.desk), stop.clone());
            let platforms = self.platforms;
            tokio::spawn(async move {
                while !stop.is_cancelled() && !platforms.is_empty() {
                    let wait = match feed(&desk, &platforms).await {
                        Ok(fed) if fed.claimed > 0 => 200,
                        Ok(_) => 5_000,
                        Err(error) => {
                            tracing::error!(%error, "telling the platforms failed");
                            10_000
                        }
                    };
                    rest(&desk, &stop, wait).await;
                }
            })
        };
        for task in [hear, jobs, send, show, prove, tell, answer] {
            task.await
                .map_err(|error| Error::other(error.to_string()))?;
        }
        self.desk.store.close().await;
        Ok(())
    }
}

/// Once a day forgets what nobody will ask for again: handled updates, ended slots, spent dialogues.
async fn tidy(desk: &Desk) -> Result<()> {
    let now = desk.clock.now();
    let day = at_local(
        desk.rules.zone,
        desk.local(now).date_naive(),
        NaiveTime::MIN,
    );
    let (now, day) = (now.timestamp_millis(), day.timestamp_millis());
    let mut tx = desk.store.begin().await?;
    if schedule::take(&mut tx, "tidy", day, now).await? {
        let gone = bot::inbox::prune(&mut tx, now).await? + schedule::prune(&mut tx, now).await?;
        let gone = gone + redraw::prune(&mut tx, now).await?;
        let gone = gone + evidence::prune_albums(&mut tx, now - 86_400_000).await?;
        if gone > 0 {
            tracing::info!(gone, "tidied up");
        }
        schedule::done(&mut tx, "tidy", day, now, None).await?;
    }
    tx.commit().await
}

/// Waits by the clock, or until the program is to stop.
async fn rest(desk: &Desk, stop: &CancellationToken, ms: i64) {
    let until = desk.clock.now() + TimeDelta::milliseconds(ms);
    tokio::select! {
        () = desk.clock.sleep_until(until) => {}
        () = stop.cancelled() => {}
    }
}

fn log(pulled: &Result<Outcome>) {
    match pulled {
        Ok(o) => tracing::info!(
            source = o.source,
            date = o.date,
            findings = o.findings,
            opened = o.opened,
            verified = o.verified,
            rejected = o.rejected.len(),
            duplicate = o.duplicate,
            "report"
        ),
        Err(error) => tracing::error!(%error, "a report could not be taken"),
    }
}
