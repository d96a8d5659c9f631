//! How the emulator refuses: status, words, parameters.

use serde_json::{Value as Json, json};

/// A refusal: status, description, parameters.
pub(super) struct Refusal(pub u16, pub String, pub Option<Json>);

impl Refusal {
    pub fn bad(text: impl Into<String>) -> Self {
        Self(400, format!("Bad Request: {}", text.into()), None)
    }
}

pub(super) fn too_many(wait: u32) -> Refusal {
    let text = format!("Too Many Requests: retry after {wait}");
    Refusal(429, text, Some(json!({ "retry_after": wait })))
}
