//! What a message says, and what its buttons are called.

use duban::sandbox::ChatMessage;

/// Every one of these parts stands in the text.
#[track_caller]
pub fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

/// The labels of all buttons, row by row.
pub fn labels(message: &ChatMessage) -> Vec<&str> {
    let all = message.buttons.iter().flatten();
    all.map(|button| button.label.as_str()).collect()
}
