//! Another name of a unit or an account, as a cell of the roster writes it: the name, the days on
//! which it holds, the area in which it holds: `沙县广电(2015-01-01~2021-08-31)`, `人社局@350102`.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::cells::date;

/// Another name, with what limits it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Alias {
    /// The name.
    pub name: String,
    /// From this day.
    pub from: Option<NaiveDate>,
    /// Until this day, which counts.
    pub to: Option<NaiveDate>,
    /// Only for what a report prints in the area of this unit's code.
    pub area: Option<String>,
}

/// How it is stored: a plain name is a string.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Plain(String),
    Limited {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<NaiveDate>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<NaiveDate>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        area: Option<String>,
    },
}

impl From<Stored> for Alias {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Plain(name) => name.as_str().into(),
            Stored::Limited {
                name,
                from,
                to,
                area,
            } => Self {
                name,
                from,
                to,
                area,
            },
        }
    }
}

impl From<Alias> for Stored {
    fn from(alias: Alias) -> Self {
        if alias == Alias::from(alias.name.as_str()) {
            return Self::Plain(alias.name);
        }
        Self::Limited {
            name: alias.name,
            from: alias.from,
            to: alias.to,
            area: alias.area,
        }
    }
}

/// A name without limits.
impl From<&str> for Alias {
    fn from(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// As [`Alias::read`] reads it.
impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        let day = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
        if self.from.is_some() || self.to.is_some() {
            write!(f, "({}~{})", day(self.from), day(self.to))?;
        }
        match &self.area {
            Some(area) => write!(f, "@{area}"),
            None => Ok(()),
        }
    }
}

/// What stands in brackets at the end, and what before it; only if it is a period.
fn period(text: &str) -> Option<(&str, &str, &str)> {
    let inside = text.strip_suffix([')', '）'])?;
    let at = inside.rfind(['(', '（'])?;
    let (name, bracket) = inside.split_at_checked(at)?;
    let bracket = bracket.trim_start_matches(['(', '（']);
    let (from, to) = bracket.split_once(['~', '～', '至'])?;
    Some((name.trim_end(), from.trim(), to.trim()))
}

impl Alias {
    /// Reads a value of an alias cell. `is_code` knows the units' codes: what follows the last `@`
    /// is an area only if it is one, or is written like one.
    ///
    /// # Errors
    /// What is wrong and how to write it.
    pub fn read(text: &str, is_code: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let mut alias = Self::default();
        let mut rest = text.trim();
        if let Some((name, code)) = rest.rsplit_once('@')
            && !name.trim().is_empty()
        {
            let code = code.trim();
            let like_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if is_code(code) {
                (rest, alias.area) = (name.trim_end(), Some(code.to_owned()));
            } else if !code.is_empty() && code.chars().all(like_one) {
                return Err(format!(
                    "{text}: there is no unit of the code {code}: write 别名@区县编码, and an @ that \
                     belongs to the name as ＠"
                ));
            }
        }
        if let Some((name, from, to)) = period(rest) {
            let day = |text: &str| match text {
                "" => Ok(None),
                text => date(text).map(Some).ok_or(()),
            };
            let (Ok(from), Ok(to)) = (day(from), day(to)) else {
                return Err(wrong_period(text));
            };
            let turned = from.zip(to).is_some_and(|(from, to)| to < from);
            if name.is_empty() || turned || (from.is_none() && to.is_none()) {
                return Err(wrong_period(text));
            }
            (rest, alias.from, alias.to) = (name, from, to);
        }
        rest.clone_into(&mut alias.name);
        Ok(alias)
    }

    /// Whether it holds on that day.
    pub fn on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| to >= day)
    }
}

fn wrong_period(text: &str) -> String {
    format!(
        "{text}: the days of an alias are written 别名(2019-01-01~2021-06-30); one of the two may be \
         left out"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Alias, String> {
        Alias::read(text, &|code| code == "350102" || code == "鼓楼")
    }

    #[test]
    fn aliases_are_written_and_read_alike() {
        for (text, name, limits) in [
            ("旧名", "旧名", ""),
            (
                "旧名(2019-01-01~2021-06-30)",
                "旧名",
                "(2019-01-01~2021-06-30)",
            ),
            (
                "旧名（2019年1月1日～2021/6/30）",
                "旧名",
                "(2019-01-01~2021-06-30)",
            ),
            ("旧名(2019-01-01至)", "旧名", "(2019-01-01~)"),
            ("旧名 (~2021-06-30)", "旧名", "(~2021-06-30)"),
            ("人社局@350102", "人社局", "@350102"),
            ("人社局@鼓楼", "人社局", "@鼓楼"),
            ("旧名(~2021-06-30)@350102", "旧名", "(~2021-06-30)@350102"),
            ("福州日报(海外版)", "福州日报(海外版)", ""),
            ("@发布", "@发布", ""),
            ("微博@福州发布", "微博@福州发布", ""),
            ("=HYPERLINK(1)", "=HYPERLINK(1)", ""),
        ] {
            let alias = read(text).unwrap();
            assert_eq!(alias.name, name, "{text}");
            let written = alias.to_string();
            assert_eq!(written, format!("{name}{limits}"), "{text}");
            assert_eq!(read(&written).unwrap(), alias, "{text}");
            let stored = serde_json::to_string(&alias).unwrap();
            assert_eq!(serde_json::from_str::<Alias>(&stored).unwrap(), alias);
        }
        assert_eq!(
            serde_json::to_string(&Alias::from("旧名")).unwrap(),
            "\"旧名\""
        );
    }

    #[test]
    fn what_is_no_period_and_no_area_is_told() {
        for (text, says) in [
            ("旧名(2019-13-01~)", "2019-01-01~2021-06-30"),
            ("旧名(2021-06-30~2019-01-01)", "left out"),
            ("旧名(~)", "left out"),
            ("(2019-01-01~)", "left out"),
            ("旧名@350199", "350199"),
        ] {
            let wrong = read(text).unwrap_err();
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
    }
}
