use super::*;
use crate::finding::Severity;
use crate::roster::{AccountState, LearnedAlias, Unit};

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
        sheet: None,
        row: 1,
        account_name: account.map(Into::into),
        platform: None,
        account_uid: None,
        homepage: None,
        unit_name: unit.map(Into::into),
        unit_code: None,
        supervisor: None,
        area: None,
        category: "typo".into(),
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
        other: Default::default(),
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 6, 30).unwrap()
}

fn city() -> Index {
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
    let accounts = vec![
        account(10, "wechat", "台江发布", "TJ"),
        account(11, "wechat", "福州台江公安", "TJGA"),
        account(12, "wechat", "I东湖", "CL"),
        account(13, "wechat", "法治福州", "SF"),
        account(14, "wechat", "德山公安", "DS"),
        account(15, "weibo", "德山公安", "DS"),
        closed,
        account(17, "wechat", "上迳印象", "FQ"),
    ];
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
