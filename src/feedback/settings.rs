//! `[sources.feedback]`: what a platform is told, in which columns and words, and how it is called.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::State;
use crate::error::closest;

/// What a column, or a place in a template, can hold: a field of the issue.
pub const FIELDS: &[(&str, &str)] = &[
    ("ticket_no", "the work order of this source"),
    ("number", "the number of the issue here"),
    ("state", "where it stands, in the words of the settings"),
    ("how", "how it was fixed, in the words of the settings"),
    ("fixed_at", "when the fix was reported"),
    ("closed_at", "when it was closed"),
    ("changed_at", "when it changed last"),
    ("opened_at", "when it was opened"),
    ("due_at", "until when it has to be fixed"),
    ("note", "what was said with it"),
    ("who", "who did it"),
    ("account", "the account's name"),
    ("account_uid", "the platform's id of the account"),
    ("platform", "the platform of the account"),
    ("unit", "the unit's name"),
    ("unit_code", "the unit's code"),
    ("category", "what is wrong"),
    ("severity", "how grave: veto, normal or advisory"),
    ("wrong_text", "the wrong words"),
    ("suggestion", "what to write instead"),
    ("title", "the article's title"),
    ("url", "the article's link"),
    ("source", "the name of the source"),
];

/// What a platform is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feedback {
    /// Exactly the states that it is told of.
    pub on: Vec<State>,
    /// So many minutes a person's act waits before it is told: as long as it can be taken back.
    pub wait_minutes: u32,
    /// The columns of the file to hand in.
    pub columns: Columns,
    /// What the platform calls the states.
    pub words: BTreeMap<State, String>,
    /// What it calls the ways of fixing.
    pub how: Hows,
    /// How times are written, as `strftime` has it.
    pub time_format: String,
    /// How it is called; without, there is only the file.
    pub call: Option<Call>,
}

impl Default for Feedback {
    fn default() -> Self {
        Self {
            on: vec![State::FixReported, State::Verified, State::FalseAlarm],
            wait_minutes: 10,
            columns: Columns::default(),
            words: BTreeMap::new(),
            how: Hows::default(),
            time_format: "%Y-%m-%d %H:%M".to_owned(),
            call: None,
        }
    }
}

impl Feedback {
    /// The platform's word for a state.
    pub fn word(&self, state: State) -> &str {
        self.words.get(&state).map_or(state.usual(), String::as_str)
    }
}

/// What a platform calls the ways of fixing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hows {
    /// 修改
    pub edited: String,
    /// 删除
    pub deleted: String,
    /// 重发
    pub reposted: String,
    /// 其他
    pub other: String,
    /// Where nobody said how.
    pub unsaid: String,
}

impl Default for Hows {
    fn default() -> Self {
        Self {
            edited: "修改".to_owned(),
            deleted: "删除".to_owned(),
            reposted: "重发".to_owned(),
            other: "其他".to_owned(),
            unsaid: String::new(),
        }
    }
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// One of [`FIELDS`].
    Field(String),
    /// The same in each row.
    Text(String),
}

/// The columns of a file, in the order of the settings: `"订单号" = "ticket_no"`,
/// `"渠道" = { text = "督办" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(pub Vec<(String, Cell)>);

impl Default for Columns {
    fn default() -> Self {
        let usual = [
            ("订单号", "ticket_no"),
            ("账号名称", "account"),
            ("错敏词", "wrong_text"),
            ("整改状态", "state"),
            ("整改方式", "how"),
            ("整改时间", "fixed_at"),
            ("整改说明", "note"),
            ("整改人", "who"),
        ];
        let cell =
            |(header, field): (&str, &str)| (header.to_owned(), Cell::Field(field.to_owned()));
        Self(usual.map(cell).to_vec())
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a field, or { text = \"…\" }")]
enum Written {
    Field(String),
    Text { text: String },
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = Columns;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of headers and fields")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Columns, A::Error> {
                let mut columns = Vec::new();
                while let Some((header, cell)) = map.next_entry::<String, Written>()? {
                    let cell = match cell {
                        Written::Text { text } => Cell::Text(text),
                        Written::Field(field) => {
                            known(&field).map_err(A::Error::custom)?;
                            Cell::Field(field)
                        }
                    };
                    columns.push((header, cell));
                }
                Ok(Columns(columns))
            }
        }
        from.deserialize_map(Table)
    }
}

/// Whether there is such a field; else what is wrong.
fn known(field: &str) -> Result<(), String> {
    let mut names = FIELDS.iter().map(|(name, _)| *name);
    if names.any(|name| name == field) {
        return Ok(());
    }
    let near = closest(field, FIELDS.iter().map(|(name, _)| *name));
    let near = near.map_or("ticket_no", |(name, _)| name);
    Err(format!(
        "no field is called {field:?}; did you mean {near:?}? A text that is the same in each row is written {{ text = {field:?} }}"
    ))
}

/// How a platform is called, once for each change. The address, headers and the body are templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Call {
    /// The address; what is put into it is escaped. It may hold a key, so that it is never shown.
    pub url: SecretString,
    /// `POST`, `PUT`, `PATCH` or `GET`.
    pub method: String,
    /// Headers sent along.
    pub headers: BTreeMap<String, SecretString>,
    /// A bearer token.
    pub bearer: Option<SecretString>,
    /// Basic authentication: the user …
    pub basic_user: Option<String>,
    /// … and the password.
    pub basic_password: Option<SecretString>,
    /// The body; it may hold a key too. Of JSON, each `{{ field }}` becomes a string with its quotation marks.
    pub body: Option<SecretString>,
    /// Seconds to wait for an answer.
    pub timeout_s: u64,
    /// A proxy: `http://…` or `socks5h://…`.
    pub proxy: Option<String>,
    /// The header that says of two calls that they are the same one; empty: none.
    pub idempotency_header: String,
    /// The field of a JSON answer that tells success, as `result.code`.
    pub ok_field: Option<String>,
    /// The values of it that mean success.
    pub ok_values: Vec<OkValue>,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            url: SecretString::default(),
            method: "POST".to_owned(),
            headers: BTreeMap::new(),
            bearer: None,
            basic_user: None,
            basic_password: None,
            body: None,
            timeout_s: 15,
            proxy: None,
            idempotency_header: "Idempotency-Key".to_owned(),
            ok_field: None,
            ok_values: Vec::new(),
        }
    }
}

/// A value of an answer that means success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, a text, or true or false")]
pub enum OkValue {
    /// `0`
    Number(i64),
    /// `true`
    Flag(bool),
    /// `"ok"`
    Text(String),
}

impl OkValue {
    /// Whether an answer holds it; platforms write `0` and `"0"` alike.
    pub fn is(&self, value: &serde_json::Value) -> bool {
        let wanted = match self {
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Text(text) => text.clone(),
        };
        match value {
            serde_json::Value::String(text) => *text == wanted,
            other => {
                let written = other.to_string();
                written == wanted
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_order_and_mistakes_are_named() {
        let text = "on = [\"fix_reported\"]\n[columns]\n\"订单号\" = \"ticket_no\"\n\"整改状态\" = \"state\"\n\"渠道\" = { text = \"督办\" }\n[words]\nfix_reported = \"已改\"\n";
        let feedback: Feedback = toml::from_str(text).unwrap_or_default();
        let headers: Vec<&str> = feedback.columns.0.iter().map(|c| c.0.as_str()).collect();
        assert_eq!(headers, ["订单号", "整改状态", "渠道"]);
        assert_eq!(feedback.word(State::FixReported), "已改");
        assert_eq!(feedback.word(State::FalseAlarm), "误报");
        for (text, want) in [
            (
                "[columns]\n\"状态\" = \"sate\"\n",
                "did you mean \"state\"?",
            ),
            ("on = [\"fixed\"]\n", "unknown variant `fixed`"),
            ("[columns]\n\"状态\" = 1\n", "a field, or { text"),
            ("[words]\nfixd = \"x\"\n", "unknown variant"),
        ] {
            let error = toml::from_str::<Feedback>(text)
                .map(|_| ())
                .map_err(|e| e.to_string());
            assert!(error.clone().is_err_and(|e| e.contains(want)), "{error:?}");
        }
    }
}
