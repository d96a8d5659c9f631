//! What a test or a demo asks the emulator and tells it from outside: what people saw, what the bot
//! called, what is to go wrong.

use super::Sandbox;
use super::state::{Call, ChatMessage, Fault, ToastSeen};

impl Sandbox {
    /// The commands that a person is offered in the private chat: those of the chat, else those of
    /// all private chats, else the default ones, in the person's language first (Bot API,
    /// BotCommandScope).
    pub fn menu(&self, user: i64) -> Vec<String> {
        let state = self.state();
        let commands = state.offered(user);
        let words = commands.iter().filter_map(|c| c["command"].as_str());
        words.map(str::to_owned).collect()
    }

    /// What the person saw after a press; none while it was not answered.
    pub fn toast(&self, press: &str) -> Option<ToastSeen> {
        let state = self.state();
        let (_, seen) = state.presses.get(press)?.answer.as_ref()?;
        Some(seen.clone())
    }

    /// Everything in a private chat, oldest first.
    pub fn chat(&self, user: i64) -> Vec<ChatMessage> {
        let state = self.state();
        state
            .chats
            .get(&user)
            .map(|c| c.messages.values().cloned().collect())
            .unwrap_or_default()
    }

    /// The last message of the bot.
    pub fn last(&self, user: i64) -> Option<ChatMessage> {
        self.chat(user)
            .into_iter()
            .rev()
            .find(|message| message.from_bot)
    }

    /// A message as it is now.
    pub fn message(&self, user: i64, id: i64) -> Option<ChatMessage> {
        self.chat(user).into_iter().find(|message| message.id == id)
    }

    /// What the bot sent or edited since the last look.
    pub fn unread(&self, user: i64) -> Vec<ChatMessage> {
        let mut state = self.state();
        let Some(chat) = state.chats.get_mut(&user) else {
            return vec![];
        };
        let mut fresh = Vec::new();
        for message in chat.messages.values_mut().filter(|m| m.fresh && m.from_bot) {
            message.fresh = false;
            fresh.push(message.clone());
        }
        fresh
    }

    /// Parameters and methods that the real server does not know.
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Waits until the bot has called a method so many times in all.
    pub async fn called(&self, method: &str, times: usize) {
        loop {
            let next = self.shared.called.notified();
            tokio::pin!(next);
            next.as_mut().enable();
            let calls = self.calls();
            if calls.iter().filter(|call| call.method == method).count() >= times {
                return;
            }
            next.await;
        }
    }

    /// Waits until something was said, pressed or done.
    pub async fn arrival(&self) {
        self.shared.arrived.notified().await;
    }

    /// Lets something go wrong.
    pub fn fault(&self, fault: Fault) {
        let mut state = self.state();
        state.faults.push(fault);
        state.tick();
    }

    /// Lets everything go right again.
    pub fn mend(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.tick();
    }

    /// Updates that no offset has confirmed yet.
    pub fn pending(&self) -> usize {
        self.state().updates.len()
    }

    /// Turns the flood limits on or off.
    pub fn limits(&self, on: bool) {
        self.state().limits_off = !on;
    }
}
