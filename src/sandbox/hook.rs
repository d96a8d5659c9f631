//! The webhook of the bot, called with the updates that wait.

use super::Sandbox;

impl Sandbox {
    /// Posts the waiting updates to the webhook, in order, until one is refused. How many were taken.
    pub async fn call_webhook(&self) -> usize {
        let client = reqwest::Client::new();
        let mut taken = 0;
        loop {
            let (next, webhook) = {
                let state = self.state();
                (state.updates.front().cloned(), state.webhook.clone())
            };
            let (Some(update), Some((url, secret))) = (next, webhook) else {
                return taken;
            };
            let post = client
                .post(url)
                .header("X-Telegram-Bot-Api-Secret-Token", secret);
            match post.json(&update).send().await {
                Ok(answer) if answer.status().is_success() => {
                    self.state().updates.pop_front();
                    taken += 1;
                }
                _ => return taken,
            }
        }
    }

    /// Posts updates to the webhook whenever there are any, for ever; a webhook that refuses is
    /// asked again after a second of the machine's time.
    pub async fn call_webhooks(&self) {
        let mut watch = self.watch();
        loop {
            if self.call_webhook().await == 0 && self.webhook_waits() {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                continue;
            }
            if watch.changed().await.is_err() {
                return;
            }
        }
    }

    fn webhook_waits(&self) -> bool {
        let state = self.state();
        state.webhook.is_some() && !state.updates.is_empty()
    }
}
