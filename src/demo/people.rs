//! The scripted people: most do their duty, some are late, a few dispute, the manager asks.

use super::stage::{CAST, Demo, hour, print};
use crate::error::Result;
use chrono::{Days, TimeDelta};

impl Demo {
    /// A whole day: the report in the morning, what people do, the clock moved on.
    pub async fn scripted_day(&mut self) -> Result<()> {
        self.morning().await?;
        let [star, _, manager] = CAST.map(|code| self.chat(code));
        self.colleagues();
        self.act(star, "press", "1 收到").await?;
        self.act(star, "photo", "1 已修改，见截图").await?;
        self.play_until(hour(self.date(), 10, 0)).await?;
        self.place_name(manager).await?;
        self.act(manager, "say", "/status").await?;
        let date = self.date();
        self.play_until(hour(date, 20, 0)).await?;
        let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
        self.play_until(hour(next, 8, 0)).await
    }

    /// The operators whom nobody plays acknowledge and report fixes, but for every sixth and those
    /// on leave; one in twelve disputes the first issue.
    pub fn colleagues(&mut self) {
        let mut done = 0;
        for (n, (code, chat)) in self.chats.iter().enumerate() {
            let Some(digest) = self.sandbox.last(*chat).filter(|m| !m.buttons.is_empty()) else {
                continue;
            };
            let silent = n % 6 == 5 || self.on_leave.contains(code);
            if CAST.contains(&code.as_str()) || silent || !code.starts_with("O-") {
                continue;
            }
            let all = self.sandbox.press(*chat, digest.id, "全部收到");
            let seen = all.or_else(|_| self.sandbox.press(*chat, digest.id, "收到"));
            if n % 12 == 3 && seen.is_ok() {
                self.sandbox
                    .reply(*chat, digest.id, "1 误报 这里是引用原文");
            } else if n % 4 != 3 && seen.is_ok() {
                self.sandbox.reply(*chat, digest.id, "1 已修改");
                done += 1;
            }
        }
        self.played = Some(self.date());
        self.tell(format!("（{done} 位运维人员签收并反馈整改）\n"));
    }

    /// The manager places the first printed name that waits.
    async fn place_name(&mut self, manager: i64) -> Result<()> {
        let asked = self
            .sandbox
            .chat(manager)
            .into_iter()
            .rev()
            .find(|message| {
                let mut buttons = message.buttons.iter().flatten();
                buttons.any(|button| button.data.starts_with("pick:"))
            });
        let Some(asked) = asked else { return Ok(()) };
        println!(
            "监管人员为「{}」选择 1.",
            asked.text.lines().nth(2).unwrap_or_default()
        );
        if let Ok(press) = self.sandbox.press(manager, asked.id, "1. ") {
            self.app()?.settle().await?;
            let toast = self.sandbox.toast(&press);
            println!("  ↳ {}\n", toast.map(|t| t.text).unwrap_or_default());
        }
        Ok(())
    }

    /// One person does one thing; what they see of it is printed.
    pub async fn act(&mut self, chat: i64, verb: &str, words: &str) -> Result<()> {
        let mut all = self.chats.iter().enumerate();
        let found = all.find(|(_, (_, c))| *c == chat);
        let (who, code) = found.map_or((0, ""), |(n, (code, _))| (n + 1, code.as_str()));
        println!("▶ {who} {code} {verb} {words}");
        let last = self.sandbox.last(chat);
        let messages = self.sandbox.chat(chat);
        let digest = messages
            .into_iter()
            .rev()
            .find(|message| message.from_bot && !message.buttons.is_empty())
            .or(last);
        let mut press = None;
        match (verb, digest) {
            ("say", _) => {
                self.sandbox.say(chat, words);
            }
            ("reply", Some(digest)) => {
                self.sandbox.reply(chat, digest.id, words);
            }
            ("photo", Some(digest)) => {
                self.sandbox.send_photo(chat, Some(digest.id), Some(words));
            }
            ("press", Some(digest)) => match self.sandbox.press(chat, digest.id, words) {
                Ok(id) => press = Some(id),
                Err(labels) => println!("  没有「{words}」这个按钮；有：{labels}"),
            },
            _ => println!("  （还没有可以回应的消息）"),
        }
        // Time goes on while people talk: three answers at once are the Bot API's limit.
        self.play_until(self.now() + TimeDelta::seconds(2)).await?;
        let toast = press.and_then(|press| self.sandbox.toast(&press));
        if let Some(toast) = toast.filter(|toast| !toast.text.is_empty()) {
            println!("  ↳ {}", toast.text);
        }
        for message in self.sandbox.unread(chat) {
            let edited = if message.edits > 0 {
                "（已更新）"
            } else {
                ""
            };
            println!("┌ 督办{edited}");
            print(&message);
        }
        println!();
        Ok(())
    }
}
