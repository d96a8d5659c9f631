//! How something was fixed, in the words of who reports it.

use serde::{Deserialize, Serialize};

/// How it was fixed: 修改, 删除, 重发, 其他.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// 修改: the wrong words were changed where they stood.
    Edited,
    /// 删除: what held them was deleted.
    Deleted,
    /// 重发: deleted, and published again without them.
    Reposted,
    /// 其他
    Other,
}

impl How {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Edited, Self::Deleted, Self::Reposted, Self::Other];

    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::Reposted => "reposted",
            Self::Other => "other",
        }
    }

    /// What a stored word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.as_str() == word)
    }
}
