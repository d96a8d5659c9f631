//! The languages people read, and the table `language`: what each chose for themselves.

use crate::error::Result;
use crate::store::{Tx, vals};

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its name in settings, folders and the store (IETF BCP 47).
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Its name as Telegram knows menus and descriptions (ISO 639-1); none is everybody's.
    pub fn of_menu(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// What a setting, a person or Telegram's `language_code` calls it: en, en-GB, English, 英文, zh-CN, 中文.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let tag = text.split(['-', '_']).next().unwrap_or_default();
        match tag {
            "en" | "eng" | "english" | "英文" | "英语" => Some(Self::En),
            "zh" | "cn" | "chinese" | "中文" | "汉语" | "简体" | "简体中文" => {
                Some(Self::Zh)
            }
            _ => None,
        }
    }
}

/// What a person chose; none stands for the office's language.
pub async fn chosen(tx: &mut Tx, person: i64) -> Result<Option<Lang>> {
    let sql = "select code from language where person_id = $1";
    let Some(row) = tx.first(sql, vals![person]).await? else {
        return Ok(None);
    };
    Ok(Lang::parse(&row.text(0)?))
}

/// Sets what a person reads from now on. `now` is UTC milliseconds.
pub async fn choose(tx: &mut Tx, person: i64, lang: Lang, now: i64) -> Result<()> {
    tx.run(
        "insert into language (person_id, code, chosen_at) values ($1, $2, $3)
         on conflict (person_id) do update set code = $2, chosen_at = $3",
        vals![person, lang.code(), now],
    )
    .await?;
    Ok(())
}
