//! One row of a report, as understood: what is wrong, where, and what the row says of who answers.

pub mod fingerprint;
pub mod mojibake;
mod other;
pub mod text;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use other::Other;

/// How grave the rule says a finding is; urgency is another thing (see `decisions`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 单项否决: one is enough to fail the account for the quarter.
    Veto,
    /// An ordinary error with a deadline.
    Normal,
    /// 提醒: a warning that obliges nobody yet.
    Advisory,
}

impl Severity {
    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Veto => "veto",
            Self::Normal => "normal",
            Self::Advisory => "advisory",
        }
    }
    /// The severity of a stored word; an unknown one counts as normal.
    pub fn parse(word: &str) -> Self {
        match word {
            "veto" => Self::Veto,
            "advisory" => Self::Advisory,
            _ => Self::Normal,
        }
    }
}

/// What the report itself says has become of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The platform confirms the fix.
    Verified,
    /// The source takes it back.
    Withdrawn,
    /// Somebody reported the fix on the platform.
    Fixed,
    /// The platform looked again, and it is still there.
    Refuted,
}

impl Said {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Withdrawn => "withdrawn",
            Self::Fixed => "fixed",
            Self::Refuted => "refuted",
        }
    }

    /// Whether nobody has to be told of a finding of which a report says so from the beginning.
    pub fn settles(self) -> bool {
        self != Self::Refuted
    }
}

/// One row of a report. All texts are trimmed; what was empty or a dash is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The sheet the row stands on, in a workbook of several.
    pub sheet: Option<String>,
    /// The row as a person counts it: 1 is the first line of the sheet or file, or the first item.
    pub row: u64,
    /// The account's name as printed.
    pub account_name: Option<String>,
    /// The platform's id (`wechat`), when a column, the sheet or the text says it.
    pub platform: Option<String>,
    /// The platform as printed, where no platform is known by that word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_text: Option<String>,
    /// The platform's own id of the account (微信号, 唯一标识 …).
    pub account_uid: Option<String>,
    /// The account's home page as printed.
    pub homepage: Option<String>,
    /// The responsible unit's name as printed.
    pub unit_name: Option<String>,
    /// The responsible unit's code as printed.
    pub unit_code: Option<String>,
    /// 主管单位 as printed.
    pub supervisor: Option<String>,
    /// The area as printed.
    pub area: Option<String>,
    /// The category's id; `other` when the words are unknown.
    pub category: String,
    /// The category as printed.
    pub category_text: Option<String>,
    /// How grave.
    pub severity: Severity,
    /// May break quiet hours and goes first.
    pub urgent: bool,
    /// Praise: kept as such, obliges nobody.
    pub positive: bool,
    /// The wrong words as printed.
    pub wrong_text: Option<String>,
    /// What to write instead.
    pub suggestion: Option<String>,
    /// The text around the wrong words.
    pub context: Option<String>,
    /// The article's title.
    pub article_title: Option<String>,
    /// The article's link.
    pub article_url: Option<String>,
    /// When the article was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When the platform saw the error.
    pub found_at: Option<DateTime<Utc>>,
    /// The account's last update.
    pub last_update: Option<NaiveDate>,
    /// 整改状态 as printed.
    pub rectify_state: Option<String>,
    /// 复核状态 as printed.
    pub review_state: Option<String>,
    /// What the two say, by the vocabulary.
    #[serde(default)]
    pub said: Option<Said>,
    /// The platform's work order.
    pub ticket_no: Option<String>,
    /// Every other column, by its header as written.
    pub other: Other,
}

impl Finding {
    /// A row that prints nothing but the name of a unit: to look one up that a person names.
    pub fn of_unit(name: &str) -> Self {
        Self {
            unit_name: Some(name.to_owned()),
            unit_code: Some(name.to_owned()),
            ..Self::blank()
        }
    }

    /// A row that prints nothing.
    pub fn blank() -> Self {
        Self {
            sheet: None,
            row: 0,
            account_name: None,
            platform: None,
            platform_text: None,
            account_uid: None,
            homepage: None,
            unit_name: None,
            unit_code: None,
            supervisor: None,
            area: None,
            category: String::new(),
            category_text: None,
            severity: Severity::Normal,
            urgent: false,
            positive: false,
            wrong_text: None,
            suggestion: None,
            context: None,
            article_title: None,
            article_url: None,
            published_at: None,
            found_at: None,
            last_update: None,
            rectify_state: None,
            review_state: None,
            said: None,
            ticket_no: None,
            other: Other::default(),
        }
    }
}
