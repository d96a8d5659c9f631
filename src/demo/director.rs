//! The director: lets the city's time go on, does what the page and the prompt order, and keeps the
//! wall up to date.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, TimeDelta, Timelike as _, Utc};
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot, watch};

use super::stage::{Demo, hour};
use super::wall::{self, Pace};
use crate::error::Result;
use crate::roster::{invitation, table};

/// How often time goes on, of the machine's time.
const TICK: Duration = Duration::from_millis(500);
/// The longest step of the city's time, so that the wall shows what happens on the way.
const STEP: TimeDelta = TimeDelta::minutes(30);
/// When the colleagues act.
const COLLEAGUES: (u32, u32) = (9, 30);
/// The furthest jump, in days.
const FURTHEST: i64 = 400;

/// What the director is told to do.
pub(super) enum Order {
    /// Time stands still, or goes on.
    Pause(bool),
    /// How many of the city's seconds go by in one.
    Speed(u32),
    /// To the next morning.
    NextDay,
    /// To a time that is to come.
    Jump(DateTime<Utc>),
    /// Whether colleagues act by themselves.
    Autoplay(bool),
    /// Somebody does not answer, or does again.
    Leave(String, bool),
    /// A new invitation for a person.
    Invite(String),
    /// The program is killed and started again.
    Restart,
    /// Everything from the beginning.
    Again,
    /// The n-th person, counted from 1, says, presses or replies.
    Act(usize, String, String),
    /// Who there is.
    Who,
    /// Nothing; it is done when the city has begun.
    Nothing,
    /// The end.
    Quit,
}

/// What an order is answered with: JSON for the page, or why it was not done.
pub(super) type Answer = std::result::Result<Json, String>;
/// Where orders are given.
pub(super) type Orders = mpsc::Sender<(Order, oneshot::Sender<Answer>)>;

/// What hangs on the wall, as JSON; who watches is told of each change.
#[derive(Clone)]
pub(super) struct Board(Arc<(Mutex<String>, watch::Sender<u64>)>);

impl Board {
    /// Told of each change.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.1.subscribe()
    }

    /// The number of the last change, and the text; none while nothing hangs there.
    pub fn read(&self) -> Option<(u64, String)> {
        let text = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        (!text.is_empty()).then(|| (*self.0.1.borrow(), text.clone()))
    }

    fn hang(&self, new: String) {
        let mut text = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *text != new {
            *text = new;
            drop(text);
            self.0.1.send_modify(|number| *number += 1);
        }
    }
}

/// The director with the city.
pub(super) struct Director {
    /// The city.
    pub demo: Demo,
    /// The wall.
    pub board: Board,
    orders: mpsc::Receiver<(Order, oneshot::Sender<Answer>)>,
    pace: Pace,
    /// What the wall was painted of: the sandbox's number, the minute.
    painted: (u64, i64),
}

/// A director who waits for orders.
pub(super) fn new(demo: Demo) -> (Director, Orders) {
    let (give, orders) = mpsc::channel(64);
    let director = Director {
        demo,
        board: Board(Arc::new((Mutex::default(), watch::Sender::new(0)))),
        orders,
        pace: Pace {
            paused: false,
            speed: 1,
            autoplay: true,
            busy: true,
        },
        painted: (0, 0),
    };
    (director, give)
}

impl Director {
    /// Begins the city and runs it until the end is ordered.
    pub async fn run(mut self) -> Result<()> {
        self.begin().await?;
        let sandbox = self.demo.sandbox.clone();
        let mut last = Instant::now();
        loop {
            let mut went = TimeDelta::zero();
            tokio::select! {
                order = self.orders.recv() => {
                    let Some((order, answer)) = order else { break };
                    if matches!(order, Order::Quit) {
                        break;
                    }
                    let done = self.obey(order).await;
                    if let Err(why) = &done {
                        println!("  {why}");
                    }
                    self.paint(true).await?;
                    // Who gave the order may have gone away.
                    let _ = answer.send(done);
                    last = Instant::now();
                }
                () = sandbox.arrival() => {}
                () = tokio::time::sleep(TICK) => {
                    let passed = TimeDelta::from_std(last.elapsed()).unwrap_or_default();
                    last = Instant::now();
                    if !self.pace.paused {
                        went = passed * i32::try_from(self.pace.speed).unwrap_or(1);
                    }
                }
            }
            let to = self.demo.now() + went;
            if let Err(error) = self.advance(to).await {
                self.demo.tell(format!("程序报错：{error}"));
            }
            self.paint(false).await?;
        }
        self.demo.end().await;
        Ok(())
    }

    async fn begin(&mut self) -> Result<()> {
        self.pace.busy = true;
        self.demo.begin().await?;
        self.demo.morning().await?;
        self.pace.busy = false;
        self.paint(true).await
    }

    /// Moves the city's time to `to`; the colleagues act when their hour has come.
    async fn advance(&mut self, to: DateTime<Utc>) -> Result<()> {
        self.pace.busy = to - self.demo.now() > TimeDelta::minutes(15);
        let moved = self.steps(to).await;
        self.pace.busy = false;
        moved
    }

    async fn steps(&mut self, to: DateTime<Utc>) -> Result<()> {
        loop {
            let (now, date) = (self.demo.now(), self.demo.date());
            let half_nine = hour(date, COLLEAGUES.0, COLLEAGUES.1);
            if self.pace.autoplay && now >= half_nine && self.demo.played != Some(date) {
                self.demo.colleagues();
            }
            let mut stop = to.min(now + STEP);
            if now < half_nine {
                stop = stop.min(half_nine);
            }
            self.demo.play_until(stop).await?;
            if stop >= to {
                return Ok(());
            }
            self.paint(false).await?;
        }
    }

    async fn obey(&mut self, order: Order) -> Answer {
        let failed = |error: crate::error::Error| error.to_string();
        match order {
            Order::Pause(paused) => self.pace.paused = paused,
            Order::Speed(speed) => self.pace.speed = speed.clamp(1, 3_600),
            Order::NextDay => {
                let date = self.demo.date();
                let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
                self.advance(hour(next, 8, 0)).await.map_err(failed)?;
                self.demo.morning().await.map_err(failed)?;
            }
            Order::Jump(to) => self.jump(to).await?,
            Order::Autoplay(on) => self.pace.autoplay = on,
            Order::Leave(code, on) => {
                if !self.demo.chats.iter().any(|(known, _)| *known == code) {
                    return Err(format!("there is nobody with the code {code}"));
                }
                match on {
                    true => self.demo.on_leave.insert(code),
                    false => self.demo.on_leave.remove(&code),
                };
            }
            Order::Invite(code) => return self.invite(&code).await,
            Order::Restart => {
                self.demo.wake().await.map_err(failed)?;
                self.demo.tell("程序已重启，数据都在".to_owned());
            }
            Order::Again => self.begin().await.map_err(failed)?,
            Order::Act(n, verb, words) => {
                let at = n.checked_sub(1).and_then(|n| self.demo.chats.get(n));
                let chat = at.map(|(_, chat)| *chat);
                let chat = chat.ok_or_else(|| format!("没有第 {n} 个人；发 who 查看"))?;
                self.demo.act(chat, &verb, &words).await.map_err(failed)?;
            }
            Order::Who => {
                for (n, (code, _)) in self.demo.chats.iter().enumerate() {
                    print!("{}={code}  ", n + 1);
                }
                println!("\nM 监管人员，O 运维人员，L 分管负责人；后面是单位编码");
            }
            Order::Nothing | Order::Quit => {}
        }
        Ok(json!({}))
    }

    async fn jump(&mut self, to: DateTime<Utc>) -> std::result::Result<(), String> {
        let now = self.demo.now();
        if to <= now {
            return Err("the clock goes forward only; start again to go back".to_owned());
        }
        if to - now > TimeDelta::days(FURTHEST) {
            return Err(format!("at most {FURTHEST} days at once"));
        }
        self.advance(to).await.map_err(|error| error.to_string())
    }

    async fn invite(&mut self, code: &str) -> Answer {
        let failed = |error: crate::error::Error| error.to_string();
        let desk = self.demo.app().map_err(failed)?.desk.clone();
        let mut tx = desk.store.begin().await.map_err(failed)?;
        let roster = table::load(&mut tx).await.map_err(failed)?;
        let person = roster.person_by_code(code).map(|person| person.id);
        let person = person.ok_or_else(|| format!("there is nobody with the code {code}"))?;
        let invitation = invitation::create(&mut tx, person, desk.clock.now_ms(), 7 * 86_400_000);
        let invitation = invitation.await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        let link = format!("https://t.me/duban_bot?start={invitation}");
        Ok(json!({ "link": link, "code": invitation }))
    }

    /// Paints the wall when something has changed, or in any case.
    async fn paint(&mut self, anyway: bool) -> Result<()> {
        let minute = self
            .demo
            .now()
            .with_second(0)
            .unwrap_or_default()
            .timestamp();
        let painted = (*self.demo.sandbox.watch().borrow(), minute);
        if !anyway && painted == self.painted {
            return Ok(());
        }
        self.painted = painted;
        let text = wall::paint(&mut self.demo, self.pace).await?.to_string();
        self.board.hang(text);
        Ok(())
    }
}
