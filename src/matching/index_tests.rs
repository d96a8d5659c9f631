use super::*;
use crate::matching::Candidate;
use crate::roster::{AccountState, Alias, LearnedAlias, Unit};

fn unit(id: i64, code: &str, name: &str, area: Option<&str>) -> Unit {
    Unit {
        id,
        code: code.into(),
        name: name.into(),
        aliases: vec![],
        parent: None,
        area: area.map(Into::into),
        kind: String::new(),
    }
}

fn account(id: i64, platform: &str, name: &str, unit: &str) -> Account {
    Account {
        id,
        platform: platform.into(),
        name: name.into(),
        uid: Some(format!("uid-{id}")),
        unit: unit.into(),
        aliases: vec![],
        homepage: None,
        state: AccountState::Active,
        valid_from: None,
        valid_to: None,
    }
}

fn row(account: Option<&str>, unit: Option<&str>) -> Finding {
    Finding {
        row: 1,
        account_name: account.map(Into::into),
        unit_name: unit.map(Into::into),
        category: "typo".into(),
        ..Finding::blank()
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 6, 30).unwrap()
}

fn city() -> Index {
    index_of(vec![])
}

#[test]
fn of_several_units_in_one_cell_the_first_is_not_taken_for_all() {
    let units = vec![
        unit(1, "A", "示范一区教育局", None),
        unit(2, "B", "示范二区教育局", None),
        unit(3, "C", "示范三区教育局", None),
        unit(4, "D", "和平区教育局", None),
    ];
    let accounts = ["A", "B", "C", "D"].into_iter();
    let accounts = (10..).zip(accounts);
    let accounts: Vec<Account> = accounts
        .map(|(id, unit)| account(id, "wechat", "同名发布", unit))
        .chain([
            account(20, "wechat", "一家发布", "A"),
            account(30, "wechat", "和平发布", "D"),
        ])
        .collect();
    let roster = Arc::new(Roster::new(1, units, accounts, vec![], vec![]));
    let index = Index::build(&roster, &ShortForms::load(None).unwrap());
    for (name, unit, want) in [
        ("同名发布", "示范一区教育局、示范二区教育局", None),
        ("同名发布", "示范一区教育局", Some(10)),
        ("同名发布", "示范二区教育局", Some(11)),
        ("一家发布", "示范一区教育局、示范二区教育局", Some(20)),
        ("一家发布", "示范二区教育局、示范三区教育局", None),
        (
            "同名发布",
            "示范一区教育局、示范二区教育局、和平区教育局",
            None,
        ),
        ("同名发布", "示范一区教育局和示范二区教育局", None),
        ("同名发布", "示范一区教育局、没有的局", None),
        ("同名发布", "和平区教育局", Some(13)),
        (
            "和平发布",
            "示范一区教育局、示范二区教育局、和平区教育局",
            Some(30),
        ),
    ] {
        let decision = index.decide(&row(Some(name), Some(unit)), day());
        let found = match &decision {
            Decision::Matched { account, .. } => *account,
            _ => None,
        };
        assert_eq!(found, want, "{name} {unit}: {decision:?}");
    }
}

/// The city, with aliases beside the one that was learned.
fn index_of(written: Vec<(i64, Alias)>) -> Index {
    let units = vec![
        unit(1, "TJ", "福州市台江区人民政府", None),
        unit(2, "TJGA", "福州市公安局台江分局", Some("TJ")),
        unit(3, "CL", "福州市长乐区人民政府", None),
        unit(4, "SF", "福州市司法局", None),
        unit(5, "GL", "福州市鼓楼区人民政府", None),
        unit(6, "KFGL", "开封市鼓楼区人民政府", None),
        unit(7, "RS", "福州市人力资源和社会保障局", None),
        unit(8, "DS", "常德市公安局德山分局", None),
        unit(9, "FQ", "福清市人民政府", None),
    ];
    let mut closed = account(16, "wechat", "老台江", "TJ");
    closed.state = AccountState::Closed;
    let mut accounts = vec![
        account(10, "wechat", "台江发布", "TJ"),
        account(11, "wechat", "福州台江公安", "TJGA"),
        account(12, "wechat", "I东湖", "CL"),
        account(13, "wechat", "法治福州", "SF"),
        account(14, "wechat", "德山公安", "DS"),
        account(15, "weibo", "德山公安", "DS"),
        closed,
        account(17, "wechat", "上迳印象", "FQ"),
    ];
    let mut without_uid = account(18, "wechat", "闽侯文化", "FQ");
    without_uid.uid = None;
    accounts.push(without_uid);
    let mut units = units;
    for (id, alias) in written {
        let of_account = accounts
            .iter_mut()
            .find(|a| a.id == id)
            .map(|a| &mut a.aliases);
        let of_unit = units
            .iter_mut()
            .find(|u| u.id == id)
            .map(|u| &mut u.aliases);
        of_account.or(of_unit).unwrap().push(alias);
    }
    let aliases = vec![LearnedAlias {
        id: 1,
        target: Target::Account(13),
        name: "福州普法".into(),
        platform: None,
        area: None,
        valid_from: NaiveDate::from_ymd_opt(2021, 1, 1),
        valid_to: NaiveDate::from_ymd_opt(2021, 12, 31),
    }];
    let roster = Arc::new(Roster::new(1, units, accounts, vec![], aliases));
    Index::build(&roster, &ShortForms::load(None).unwrap())
}

#[test]
fn names_as_bulletins_print_them() {
    let index = city();
    let table = [
        (
            Some("台江发布"),
            Some("台江区"),
            Some(10),
            1,
            MatchedBy::Exact,
        ),
        (
            Some("福州台江公安"),
            Some("台江区"),
            Some(11),
            2,
            MatchedBy::Exact,
        ),
        (
            Some("l东湖"),
            Some("长乐区"),
            Some(12),
            3,
            MatchedBy::Normalised,
        ),
        (
            Some("法 治福州"),
            Some("司法局"),
            Some(13),
            4,
            MatchedBy::Normalised,
        ),
        (Some("臺江發佈"), None, Some(10), 1, MatchedBy::Normalised),
        (Some("福州普法"), None, Some(13), 4, MatchedBy::Alias),
        (
            Some("上逕印象"),
            Some("福清市"),
            Some(17),
            9,
            MatchedBy::Normalised,
        ),
        (None, Some("市人社局"), None, 7, MatchedBy::ShortForm),
        (None, Some("福州市司法局"), None, 4, MatchedBy::Exact),
    ];
    for (name, printed, account, unit, by) in table {
        let decision = index.decide(&row(name, printed), day());
        assert_eq!(
            decision,
            Decision::Matched { account, unit, by },
            "{name:?} {printed:?}"
        );
    }
}

#[test]
fn what_is_not_sure_goes_to_a_person() {
    let index = city();
    let two_platforms = index.decide(&row(Some("德山公安"), None), day());
    assert!(matches!(two_platforms, Decision::Ambiguous { candidates } if candidates.len() == 2));
    let mut one = row(Some("德山公安"), None);
    one.platform = Some("weibo".into());
    assert!(matches!(
        index.decide(&one, day()),
        Decision::Matched {
            account: Some(15),
            ..
        }
    ));

    let wrong_unit = index.decide(&row(Some("法治福州"), Some("台江区")), day());
    assert!(
        matches!(wrong_unit, Decision::Ambiguous { .. }),
        "{wrong_unit:?}"
    );
    let closed = index.decide(&row(Some("老台江"), None), day());
    assert!(matches!(closed, Decision::Ambiguous { .. }));
    let typo = index.decide(&row(Some("台江发部"), None), day());
    assert!(
        matches!(&typo, Decision::Unmatched { candidates } if candidates[0].account == Some(10)),
        "{typo:?}"
    );
    let damaged = index.decide(&row(Some("台江?布"), None), day());
    assert!(matches!(damaged, Decision::Unmatched { .. }));
    let later = NaiveDate::from_ymd_opt(2022, 6, 30).unwrap();
    assert!(matches!(
        index.decide(&row(Some("福州普法"), None), later),
        Decision::Unmatched { .. }
    ));
    let stranger = index.decide(&row(Some("完全无关的名称"), None), day());
    assert_eq!(stranger, Decision::Unmatched { candidates: vec![] });
}

/// The account that was matched, or `ask` with those that a person is asked about.
fn told(index: &Index, finding: &Finding, on: &str) -> String {
    let ids = |candidates: Vec<Candidate>| {
        let ids = candidates
            .iter()
            .map(|c| c.account.unwrap_or(-c.unit).to_string());
        format!("ask {}", ids.collect::<Vec<_>>().join(","))
    };
    match index.decide(finding, on.parse().unwrap()) {
        Decision::Matched { account, unit, by } => {
            format!("{} {}", account.unwrap_or(-unit), by.as_str())
        }
        Decision::Ambiguous { candidates } | Decision::Unmatched { candidates } => ids(candidates),
    }
}

#[test]
fn an_unknown_platform_or_a_foreign_uid_is_never_matched_by_name_alone() {
    let index = city();
    for (name, word, uid, want) in [
        ("台江发布", None, None, "10 exact"),
        ("台江发布", Some("火星号"), None, "ask 10"),
        ("臺江發佈", Some("火星号"), None, "ask 10"),
        ("福州普法", Some("火星号"), None, "ask 13"),
        ("台江发布", Some("火星号"), Some("UID-10"), "10 uid"),
        ("台江发布", None, Some("gh_other"), "ask 10"),
        ("臺江發佈", None, Some("gh_other"), "ask 10"),
        ("福州普法", None, Some("gh_other"), "ask 13"),
        ("台江发布", None, Some("uid-11"), "11 uid"),
        ("闽侯文化", None, Some("gh_other"), "18 exact"),
    ] {
        let mut finding = row(Some(name), None);
        finding.platform_text = word.map(Into::into);
        finding.account_uid = uid.map(Into::into);
        assert_eq!(
            told(&index, &finding, "2021-06-30"),
            want,
            "{name} {word:?} {uid:?}"
        );
    }
    // A home page that is known does not outweigh a uid that belongs to nobody.
    let mut finding = row(Some("台江发布"), None);
    finding.homepage = Some("uid-10".into());
    assert_eq!(told(&index, &finding, "2021-06-30"), "10 uid");
    finding.account_uid = Some("gh_other".into());
    assert_eq!(told(&index, &finding, "2021-06-30"), "ask 10");
}

#[test]
fn an_alias_holds_in_its_days_and_in_its_area() {
    let alias = |text: &str| Alias::read(text, &|code| code == "GL" || code == "TJ").unwrap();
    let index = index_of(vec![
        (11, alias("旧公安(2019-01-01~2021-06-30)")),
        (11, alias("公安在线@TJ")),
        (2, alias("分局@TJ")),
    ]);
    for (name, unit, area, on, want) in [
        (Some("旧公安"), None, None, "2021-06-30", "11 alias"),
        (Some("旧公安"), None, None, "2021-07-01", "ask 11"),
        (Some("旧公安"), None, None, "2018-12-31", "ask 11"),
        (
            Some("公安在线"),
            None,
            Some("台江区"),
            "2021-06-30",
            "11 alias",
        ),
        (
            Some("公安在线"),
            Some("福州市公安局台江分局"),
            None,
            "2021-06-30",
            "11 alias",
        ),
        (
            Some("公安在线"),
            None,
            Some("长乐区"),
            "2021-06-30",
            "ask 11",
        ),
        (Some("公安在线"), None, None, "2021-06-30", "ask 11"),
        (None, Some("分局"), Some("台江区"), "2021-06-30", "-2 alias"),
        (
            None,
            Some("分局"),
            Some("长乐区"),
            "2021-06-30",
            // What is above a unit that is not known there is offered, not taken for it.
            "ask -2,-8,-3",
        ),
        (None, Some("分局"), None, "2021-06-30", "ask -2,-8"),
    ] {
        let mut finding = row(name, unit);
        finding.area = area.map(Into::into);
        assert_eq!(
            told(&index, &finding, on),
            want,
            "{name:?} {unit:?} {area:?} {on}"
        );
    }
}
