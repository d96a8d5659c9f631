//! The scripted people: most do their duty, some are late, one disputes, the manager asks.

use super::{Demo, hour};
use crate::error::Result;

impl Demo {
    /// A whole day: the report in the morning, what people do, the clock moved on.
    pub(super) async fn scripted_day(&mut self) -> Result<()> {
        self.morning().await?;
        let star = self.chat("O-TJ");
        let manager = self.chat("M1");
        let chats = self.chats.clone();
        let mut done = 0;
        for (n, (code, chat)) in chats.iter().enumerate() {
            let Some(digest) = self.sandbox.last(*chat).filter(|m| !m.buttons.is_empty()) else {
                continue;
            };
            if *chat == manager || *chat == star || n % 6 == 5 || !code.starts_with("O-") {
                continue;
            }
            let all = self.sandbox.press(*chat, digest.id, "全部收到");
            let seen = all.or_else(|_| self.sandbox.press(*chat, digest.id, "收到"));
            if n % 4 != 3 && seen.is_ok() {
                self.sandbox.reply(*chat, digest.id, "1 已修改");
                done += 1;
            }
        }
        println!("（{done} 位运维人员签收并反馈整改）\n");
        self.act(star, "press", "1 收到").await?;
        self.act(star, "reply", "1 已修改，见截图").await?;
        self.app.play_until(hour(self.date(), 10, 0)).await?;
        self.place_name(manager).await?;
        self.act(manager, "say", "/status").await?;
        self.next_day().await
    }

    /// The manager places the first printed name that waits.
    async fn place_name(&mut self, manager: i64) -> Result<()> {
        let asked = self
            .sandbox
            .chat(manager)
            .into_iter()
            .rev()
            .find(|message| {
                message
                    .buttons
                    .iter()
                    .flatten()
                    .any(|button| button.data.starts_with("pick:"))
            });
        let Some(asked) = asked else { return Ok(()) };
        println!(
            "监管人员为「{}」选择 1.",
            asked.text.lines().nth(2).unwrap_or_default()
        );
        if let Ok(press) = self.sandbox.press(manager, asked.id, "1. ") {
            self.app.settle().await?;
            println!(
                "  ↳ {}\n",
                self.sandbox
                    .toast(&press)
                    .map(|t| t.text)
                    .unwrap_or_default()
            );
        }
        Ok(())
    }

    /// One person does one thing; what they see of it is printed.
    pub(super) async fn act(&mut self, chat: i64, verb: &str, words: &str) -> Result<()> {
        let who = self
            .chats
            .iter()
            .position(|(_, c)| *c == chat)
            .map_or(0, |n| n + 1);
        let code = self
            .chats
            .get(who.saturating_sub(1))
            .map_or("", |(code, _)| code.as_str());
        println!("▶ {who} {code} {verb} {words}");
        let last = self.sandbox.last(chat);
        let digest = self
            .sandbox
            .chat(chat)
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
            ("press", Some(digest)) => match self.sandbox.press(chat, digest.id, words) {
                Ok(id) => press = Some(id),
                Err(why) => println!("  {why}"),
            },
            _ => println!("  （还没有可以回应的消息）"),
        }
        // Time goes on while people talk: three answers at once are the Bot API's limit.
        let soon = self.app.desk.clock.now() + chrono::TimeDelta::seconds(2);
        self.app.play_until(soon).await?;
        let toast = press.and_then(|press| self.sandbox.toast(&press));
        if let Some(toast) = toast.filter(|toast| !toast.text.is_empty()) {
            println!("  ↳ {}", toast.text);
        }
        for message in self.sandbox.unread(chat) {
            let mark = if message.edits > 0 {
                "（已更新）"
            } else {
                ""
            };
            println!("┌ 督办{mark}");
            message.text.lines().for_each(|line| println!("│ {line}"));
            println!("└");
        }
        println!();
        Ok(())
    }
}
