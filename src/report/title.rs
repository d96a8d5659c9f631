//! What the name of a sheet says of its rows: the platform, the area, or both.

use crate::vocabulary::{Platform, Vocabulary};

/// How names of areas end.
const ENDINGS: [&str; 12] = [
    "县",
    "区",
    "市",
    "州",
    "旗",
    "盟",
    "镇",
    "乡",
    "省",
    "街道",
    "管委会",
    "兵团",
];

/// Names that end so and mean no area.
const NONE: [&str; 14] = [
    "县区",
    "市区",
    "区县",
    "县市",
    "城区",
    "地区",
    "市县",
    "专区",
    "社区",
    "县市区",
    "市县区",
    "本市",
    "全市",
    "责任区",
];

/// The platform and the area that a sheet's name says: 微信, 台江区, 台江区-微信公众号(12).
pub(super) fn says<'a>(
    name: &str,
    vocabulary: &'a Vocabulary,
) -> (Option<&'a Platform>, Option<String>) {
    if let Some(platform) = vocabulary.platform(name) {
        return (Some(platform), None);
    }
    let (mut platform, mut area) = (None, None);
    for piece in name.split(|c: char| !c.is_alphanumeric()) {
        let piece = piece.trim_matches(|c: char| c.is_ascii_digit());
        let rest = match vocabulary.platform_beside(piece) {
            Some((found, rest)) => {
                platform = platform.or(Some(found));
                rest
            }
            None => piece,
        };
        if is_area(rest) {
            area = area.or_else(|| Some(rest.to_owned()));
        }
    }
    (platform, area)
}

fn is_area(name: &str) -> bool {
    let length = name.chars().count();
    let ends = ENDINGS.iter().any(|ending| name.ends_with(ending));
    let general =
        NONE.contains(&name) || name.starts_with(['各', '全', '本']) || name.starts_with("其他");
    ends && !general && (2..=15).contains(&length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_called_by_platform_and_area() {
        let words = Vocabulary::builtin().unwrap();
        for (name, platform, area) in [
            ("微信公众号", Some("wechat"), None),
            ("微信（12）", Some("wechat"), None),
            ("台江区", None, Some("台江区")),
            ("台江区微信公众号", Some("wechat"), Some("台江区")),
            ("抖音-示范一县(3个)", Some("douyin"), Some("示范一县")),
            ("2021年6月微博", Some("weibo"), None),
            ("高新区管委会 网站", Some("website"), Some("高新区管委会")),
            ("Sheet1", None, None),
            ("各县区", None, None),
            ("县（市）区", None, None),
            ("明细", None, None),
            ("市直单位", None, None),
        ] {
            let (found, at) = says(name, &words);
            let found = found.map(|platform| platform.id.as_str());
            assert_eq!((found, at.as_deref()), (platform, area), "{name}");
        }
    }
}
