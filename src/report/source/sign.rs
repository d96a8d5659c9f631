//! Signed requests: an HMAC over what the platform wants signed, with the time and a number used once.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::template::{Filling, Within, fill};

/// By what a request is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[default]
    HmacSha256,
    /// HMAC with SHA-1, for platforms that know nothing else.
    HmacSha1,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Lower-case hexadecimal digits.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

/// How the time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stamp {
    /// Seconds since 1970.
    #[default]
    S,
    /// Milliseconds since 1970.
    Ms,
}

/// `[sources.sign]`: how requests are signed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sign {
    /// `hmac-sha256` or `hmac-sha1`.
    pub algorithm: Algorithm,
    /// The secret that both sides know.
    pub secret: Option<SecretString>,
    /// The name of the secret, `{key}`.
    pub key: String,
    /// What is signed, with places `{method}` `{host}` `{path}` `{query}` `{timestamp}` `{nonce}` `{key}`
    /// `{body}` `{body_sha256}`.
    pub text: String,
    /// `hex` or `base64`.
    pub encoding: Encoding,
    /// The unit of `{timestamp}`: `s` or `ms`.
    pub timestamp: Stamp,
    /// Headers sent along, with the same places and `{signature}`.
    pub headers: BTreeMap<String, String>,
    /// Parameters added to the address, with the same places and `{signature}`.
    pub query: BTreeMap<String, String>,
}

/// A request about to be signed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToSign<'a> {
    pub method: &'a str,
    pub host: &'a str,
    pub path: &'a str,
    /// Without the question mark.
    pub query: &'a str,
    pub body: &'a str,
}

/// What is sent along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signed {
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
}

/// The places that what is signed may have.
pub(super) const PLACES: [&str; 9] = [
    "method",
    "host",
    "path",
    "query",
    "timestamp",
    "nonce",
    "key",
    "body",
    "body_sha256",
];

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Sign {
    /// Signs a request at this time; `nonce` is used once.
    pub(super) fn sign(&self, request: ToSign<'_>, now: DateTime<Utc>, nonce: &str) -> Signed {
        let timestamp = match self.timestamp {
            Stamp::S => now.timestamp(),
            Stamp::Ms => now.timestamp_millis(),
        }
        .to_string();
        let hash = hex(&Sha256::digest(request.body));
        let mut values = vec![
            ("method", Filling::Text(request.method)),
            ("host", Filling::Text(request.host)),
            ("path", Filling::Text(request.path)),
            ("query", Filling::Text(request.query)),
            ("timestamp", Filling::Text(&timestamp)),
            ("nonce", Filling::Text(nonce)),
            ("key", Filling::Text(&self.key)),
            ("body", Filling::Text(request.body)),
            ("body_sha256", Filling::Text(&hash)),
        ];
        let text = fill(&self.text, Within::Plain, &values);
        let signature = self.mac(text.as_bytes());
        values.push(("signature", Filling::Text(&signature)));
        let filled = |map: &BTreeMap<String, String>| {
            let filled = map.iter().map(|(name, value)| {
                let value = fill(value, Within::Plain, &values);
                (name.clone(), value)
            });
            filled.collect()
        };
        Signed {
            headers: filled(&self.headers),
            query: filled(&self.query),
        }
    }

    fn mac(&self, text: &[u8]) -> String {
        let secret = self.secret.as_ref();
        let secret = secret
            .map_or("", |secret| secret.expose_secret())
            .as_bytes();
        // A key of any length is taken.
        let bytes = match self.algorithm {
            Algorithm::HmacSha256 => Hmac::<Sha256>::new_from_slice(secret)
                .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec()),
            Algorithm::HmacSha1 => Hmac::<Sha1>::new_from_slice(secret)
                .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec()),
        };
        let bytes = bytes.unwrap_or_default();
        match self.encoding {
            Encoding::Hex => hex(&bytes),
            Encoding::Base64 => BASE64_STANDARD.encode(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second case of RFC 2202 and of RFC 4231.
    #[test]
    fn the_published_cases_come_out() {
        let mut sign = Sign {
            secret: Some("Jefe".to_owned().into()),
            ..Sign::default()
        };
        let text = b"what do ya want for nothing?";
        assert_eq!(
            sign.mac(text),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        sign.algorithm = Algorithm::HmacSha1;
        assert_eq!(sign.mac(text), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        sign.encoding = Encoding::Base64;
        assert_eq!(sign.mac(text), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn what_is_signed_is_a_template() {
        let sign = Sign {
            secret: Some("s".to_owned().into()),
            key: "k1".into(),
            text: "{method}\n{path}?{query}\n{timestamp}\n{nonce}\n{body_sha256}".into(),
            timestamp: Stamp::Ms,
            headers: BTreeMap::from([
                ("X-Time".into(), "{timestamp}".into()),
                ("Authorization".into(), "HMAC {key}:{signature}".into()),
            ]),
            ..Sign::default()
        };
        let request = ToSign {
            method: "POST",
            host: "a.example",
            path: "/r",
            query: "p=1",
            body: "",
        };
        let now = crate::clock::from_ms(1_625_000_000_123);
        let signed = sign.sign(request, now, "n1");
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let text = format!("POST\n/r?p=1\n1625000000123\nn1\n{empty}");
        let want = format!("HMAC k1:{}", sign.mac(text.as_bytes()));
        assert_eq!(
            signed.headers,
            [
                ("Authorization".to_owned(), want),
                ("X-Time".to_owned(), "1625000000123".to_owned())
            ]
        );
    }
}
