//! Texts of the settings with places to be filled in: `{date}`, `{from:%Y%m%d}`, `{page}`. What no value
//! is known for stays as it is, since a body of JSON has braces of its own.

use chrono::NaiveDate;
use chrono::format::{Item, StrftimeItems};

/// How a value is written where it is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// As it is: a header, what is signed.
    Plain,
    /// In an address or a form.
    Form,
    /// In a string of JSON.
    Json,
}

/// What a place is filled with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Filling<'a> {
    Text(&'a str),
    /// As 2021-06-30, or as its format says.
    Day(NaiveDate),
}

/// Percent-encodes everything but what an address may hold anywhere.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

impl Within {
    /// Of a body, by how it begins.
    pub(super) fn body(template: &str) -> Self {
        if template.trim_start().starts_with(['{', '[']) {
            Self::Json
        } else {
            Self::Form
        }
    }

    fn write(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Form => encoded(text),
            Self::Json => {
                let quoted = serde_json::Value::from(text).to_string();
                let inner = quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
                inner.unwrap_or_default().to_owned()
            }
        }
    }
}

/// A day in a format of `strftime`; none if it is no such format.
fn formatted(day: NaiveDate, format: &str) -> Option<String> {
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    let of_a_day = !items.iter().any(|item| matches!(item, Item::Error));
    // Hours of a day that has none fail as they are written.
    use std::fmt::Write as _;
    let mut out = String::new();
    let written = write!(out, "{}", day.format_with_items(items.iter()));
    (of_a_day && written.is_ok()).then_some(out)
}

/// Fills the places of a text.
pub(super) fn fill(template: &str, within: Within, values: &[(&str, Filling<'_>)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        let value = from.split_once('}').and_then(|(inside, after)| {
            let (name, format) = inside.split_once(':').unwrap_or((inside, "%Y-%m-%d"));
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            let text = match value {
                Filling::Text(text) if !inside.contains(':') => (*text).to_owned(),
                Filling::Text(_) => return None,
                Filling::Day(day) => formatted(*day, format)?,
            };
            Some((within.write(&text), after))
        });
        match value {
            Some((text, after)) => {
                out.push_str(&text);
                rest = after;
            }
            None => {
                out.push('{');
                rest = from;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Whether a text has a place of this name.
pub(super) fn has(template: &str, name: &str) -> bool {
    template.contains(&format!("{{{name}}}")) || template.contains(&format!("{{{name}:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_as_they_stand() {
        let day = NaiveDate::from_ymd_opt(2021, 6, 30).unwrap();
        let values = [
            ("date", Filling::Day(day)),
            ("user", Filling::Text("甲&\"乙\"")),
        ];
        for (template, within, want) in [
            ("/{date}.json", Within::Form, "/2021-06-30.json"),
            ("/{date:%Y%m%d}", Within::Form, "/20210630"),
            ("{date:%H}{date:%Q}", Within::Form, "{date:%H}{date:%Q}"),
            ("{user}", Within::Plain, "甲&\"乙\""),
            ("u={user}", Within::Form, "u=%E7%94%B2%26%22%E4%B9%99%22"),
            (
                "{\"u\":\"{user}\"}",
                Within::Json,
                "{\"u\":\"甲&\\\"乙\\\"\"}",
            ),
            ("{\"page\":{no}}{", Within::Json, "{\"page\":{no}}{"),
        ] {
            assert_eq!(fill(template, within, &values), want, "{template}");
        }
    }
}
