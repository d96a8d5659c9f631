//! What may be wrong with sources that nobody fetches: reports that are pushed, or handed to the bot.

use std::net::SocketAddr;

use secrecy::ExposeSecret as _;

use crate::report::source::{SourceKind, SourceSettings};

/// A shorter token could be guessed.
const TOKEN: usize = 16;

/// What is wrong with a source, given those before it: the key and why. A token's value is not shown.
pub(super) fn wrong(
    source: &SourceSettings,
    before: &[SourceSettings],
    listen: Option<SocketAddr>,
) -> Option<(&'static str, &'static str)> {
    let Some(token) = &source.token else {
        let needs = source.kind == SourceKind::Push;
        let reason =
            "kind = \"push\" needs a token of its own, for instance of: openssl rand -hex 32";
        return needs.then_some((".token", reason));
    };
    if source.kind != SourceKind::Push {
        return Some((".token", "means nothing unless kind = \"push\""));
    }
    let token = token.expose_secret();
    if token.len() < TOKEN || !token.bytes().all(|b| b.is_ascii_graphic()) {
        let reason = "must be at least 16 ASCII characters without blanks, for instance of: openssl rand -hex 32";
        return Some((".token", reason));
    }
    let same = |other: &SourceSettings| {
        let other = other.token.as_ref().map(|token| token.expose_secret());
        other == Some(token)
    };
    if before.iter().any(same) {
        return Some((
            ".token",
            "is another source's too: each needs one of its own",
        ));
    }
    if listen.is_none() {
        return Some((
            ".kind",
            "kind = \"push\" needs http.listen, for instance 127.0.0.1:8080",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: SourceKind, token: Option<&str>) -> SourceSettings {
        SourceSettings {
            kind,
            token: token.map(|token| token.to_owned().into()),
            ..SourceSettings::default()
        }
    }

    #[test]
    fn a_push_needs_a_token_of_its_own_and_a_door() {
        let door = Some(([127, 0, 0, 1], 8080).into());
        let long = "0123456789abcdef";
        let key = |source: &SourceSettings, before: &[SourceSettings], door| {
            wrong(source, before, door).map(|(key, _)| key)
        };
        let push = source(SourceKind::Push, Some(long));
        assert_eq!(key(&push, &[], door), None);
        assert_eq!(key(&push, &[], None), Some(".kind"));
        assert_eq!(
            key(&push, std::slice::from_ref(&push), door),
            Some(".token")
        );
        for token in [None, Some("short"), Some("0123456789 abcdef")] {
            let push = source(SourceKind::Push, token);
            assert_eq!(key(&push, &[], door), Some(".token"), "{token:?}");
        }
        let http = source(SourceKind::Http, Some(long));
        assert_eq!(key(&http, &[], door), Some(".token"));
        assert_eq!(key(&source(SourceKind::Upload, None), &[], None), None);
    }
}
