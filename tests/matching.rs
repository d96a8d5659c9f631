//! Names as reports print them: a labelled set of all the ways in which they differ from the roster's, the traps
//! that are known, text in a wrong encoding, and learned names that are taken back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the labelled set is shared with the benchmark, which ends where it cannot go on"
)]
#[path = "../benches/limits/names.rs"]
mod names;
#[expect(dead_code, reason = "nobody says anything but by buttons here")]
mod support;

use std::sync::Arc;

use duban::finding::Finding;
use duban::matching::{Decision, Index, ShortForms};
use duban::roster::{Account, AccountState, Alias, Roster, Unit};
use support::World;

stories![
    a_learned_name_is_taken_back_with_what_it_opened,
    only_the_name_is_taken_back,
    what_was_read_in_a_wrong_encoding_is_read_back,
];

fn labelled(accounts: usize, rows: usize) {
    let folder = tempfile::tempdir().unwrap();
    let province = names::Province::new(20_210_630, accounts);
    let index = Index::build(&province.roster, &names::forms(folder.path()));
    let printed = province.print(7, rows);
    let (tallies, wrong, missed) = names::judge(&index, &printed);
    println!("{}", names::shown(&tallies));
    let few = |all: &[String]| {
        let some = all.iter().step_by((all.len() / 12).max(1)).cloned();
        some.collect::<Vec<_>>().join("\n")
    };
    println!("not offered:\n{}", few(&missed));
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), few(&wrong));
    let (plain, offered, _) = names::figures(&tallies);
    assert!(plain >= 97.0, "{plain:.2} % of the plain ones matched");
    assert!(offered >= 95.0, "{offered:.2} % of the others offered");
}

#[test]
fn nothing_of_the_labelled_set_goes_to_a_wrong_unit() {
    labelled(1_000, 10_000);
}

/// Units: code, name, the unit above.
const UNITS: &[(&str, &str, Option<&str>)] = &[
    ("FZ", "福州市人民政府", None),
    ("GL", "福州市鼓楼区人民政府", Some("FZ")),
    ("GLJY", "福州市鼓楼区教育局", Some("GL")),
    ("TJ", "福州市台江区人民政府", Some("FZ")),
    ("TJGA", "福州市公安局台江分局", Some("TJ")),
    ("RS", "福州市人力资源和社会保障局", Some("FZ")),
    ("JY", "福州市教育局", Some("FZ")),
    ("FG", "福州市住房保障和房产管理局", Some("FZ")),
    ("SF", "福州市司法局", Some("FZ")),
    ("SJ", "福州市数据管理局", Some("FZ")),
    ("KFGL", "开封市鼓楼区人民政府", None),
    ("NJGL", "南京市鼓楼区人民政府", None),
    ("XZGL", "徐州市鼓楼区人民政府", None),
    ("SX", "沙县区人民政府", None),
    ("ZH", "福州市“智慧福州”管理服务中心", Some("FZ")),
];

/// Accounts: platform, name, unit, another name.
const ACCOUNTS: &[(&str, &str, &str, &str)] = &[
    ("wechat", "鼓楼示范", "GL", ""),
    ("wechat", "鼓楼示范", "KFGL", ""),
    ("wechat", "法治示范", "SF", ""),
    ("wechat", "台江示范发布", "TJ", ""),
    ("wechat", "示范台江公安", "TJGA", ""),
    ("wechat", "德山示范", "TJGA", ""),
    ("weibo", "德山示范", "TJGA", ""),
    ("wechat", "I东湖示范", "TJ", ""),
    ("app", "e示范APP", "FZ", ""),
    ("wechat", "上迳示范", "TJ", ""),
    ("wechat", "帐户示范", "TJ", ""),
    ("wechat", "法治丨示范之窗", "SF", ""),
    ("wechat", "磻溪示范", "TJ", ""),
    (
        "wechat",
        "沙县区示范广电",
        "SX",
        "沙县示范广电(2015-01-01~2021-08-31)",
    ),
    ("wechat", "示范数据", "SJ", "示范大数据中心"),
    ("wechat", "福州市人力资源和社会保障局", "RS", ""),
    ("wechat", "师范大讲堂", "JY", ""),
];

fn place() -> Index {
    let unit = |(id, (code, name, parent)): (i64, &(&str, &str, Option<&str>))| Unit {
        id,
        code: (*code).into(),
        name: (*name).into(),
        aliases: vec![],
        parent: parent.map(Into::into),
        area: None,
        kind: String::new(),
    };
    let account = |(id, (platform, name, unit, alias)): (i64, &(&str, &str, &str, &str))| Account {
        id,
        platform: (*platform).into(),
        name: (*name).into(),
        uid: None,
        unit: (*unit).into(),
        aliases: match *alias {
            "" => vec![],
            alias => vec![Alias::read(alias, &|_| false).unwrap()],
        },
        homepage: None,
        state: AccountState::Active,
        valid_from: None,
        valid_to: None,
    };
    let units = (1..).zip(UNITS).map(unit).collect();
    let accounts = (1..).zip(ACCOUNTS).map(account).collect();
    let roster = Arc::new(Roster::new(1, units, accounts, vec![], vec![]));
    Index::build(&roster, &ShortForms::load(None).unwrap())
}

/// What a printed row comes to: the account or unit with the rule, or `?` with those a person is asked about.
fn told(index: &Index, platform: &str, name: &str, unit: &str, area: &str, on: &str) -> String {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let finding = Finding {
        account_name: some(name),
        platform: some(platform),
        unit_name: some(unit),
        area: some(area),
        category: "typo".into(),
        ..Finding::blank()
    };
    let shown = |account: Option<i64>, unit: i64| match account {
        Some(id) => {
            let (platform, name, unit, _) = ACCOUNTS[usize::try_from(id).unwrap() - 1];
            format!("{platform}:{name}@{unit}")
        }
        None => UNITS[usize::try_from(unit).unwrap() - 1].0.to_owned(),
    };
    let (decision, steps) = index.explain(&finding, on.parse().unwrap());
    assert_eq!(decision, index.decide(&finding, on.parse().unwrap()));
    assert!(!steps.is_empty());
    match decision {
        Decision::Matched { account, unit, by } => {
            format!("{} {}", shown(account, unit), by.as_str())
        }
        Decision::Ambiguous { candidates } | Decision::Unmatched { candidates } => {
            assert!(candidates.len() <= 5);
            let names = candidates.iter().map(|c| shown(c.account, c.unit));
            format!("? {}", names.collect::<Vec<_>>().join(" "))
        }
    }
}

#[test]
fn the_known_traps() {
    let index = place();
    for (trap, platform, name, unit, area, on, want) in [
        // 1: short forms, and a prefix that is written once for a list.
        (1, "", "", "人社局", "", "2021-06-30", "RS short_form"),
        (1, "", "", "市房管局", "", "2021-06-30", "FG short_form"),
        (
            1,
            "wechat",
            "市人社局",
            "",
            "",
            "2021-06-30",
            "wechat:福州市人力资源和社会保障局@RS short_form",
        ),
        (
            1,
            "",
            "",
            "市教育局、房管局、人社局",
            "",
            "2021-06-30",
            "? JY FG RS",
        ),
        (1, "", "", "鼓楼教育局", "", "2021-06-30", "GLJY short_form"),
        (1, "", "", "教育局", "鼓楼区", "2021-06-30", "?"),
        // 2: renamed, with the days on which the old name holds.
        (
            2,
            "wechat",
            "沙县示范广电",
            "",
            "",
            "2021-08-31",
            "wechat:沙县区示范广电@SX alias",
        ),
        (
            2,
            "wechat",
            "沙县示范广电",
            "",
            "",
            "2021-09-01",
            "? wechat:沙县区示范广电@SX",
        ),
        (
            2,
            "wechat",
            "示范大数据中心",
            "",
            "",
            "2021-06-30",
            "wechat:示范数据@SJ alias",
        ),
        // 3: an account's name is not its unit's.
        (
            3,
            "wechat",
            "法治示范",
            "福州市司法局",
            "",
            "2021-06-30",
            "wechat:法治示范@SF exact",
        ),
        (
            3,
            "wechat",
            "法治示范",
            "台江区",
            "",
            "2021-06-30",
            "? wechat:法治示范@SF",
        ),
        // 4: the area stands where the owner should.
        (
            4,
            "wechat",
            "示范台江公安",
            "福州市台江区",
            "",
            "2021-06-30",
            "wechat:示范台江公安@TJGA exact",
        ),
        // 5: one name on two platforms.
        (
            5,
            "",
            "德山示范",
            "",
            "",
            "2021-06-30",
            "? wechat:德山示范@TJGA weibo:德山示范@TJGA",
        ),
        (
            5,
            "weibo",
            "德山示范",
            "",
            "",
            "2021-06-30",
            "weibo:德山示范@TJGA exact",
        ),
        (
            5,
            "douyin",
            "德山示范",
            "",
            "",
            "2021-06-30",
            "? wechat:德山示范@TJGA weibo:德山示范@TJGA",
        ),
        // 6: a district of that name is in four cities.
        (6, "", "", "鼓楼区人民政府", "", "2021-06-30", "?"),
        (
            6,
            "",
            "",
            "开封市鼓楼区",
            "",
            "2021-06-30",
            "KFGL short_form",
        ),
        (
            6,
            "wechat",
            "鼓楼示范",
            "",
            "",
            "2021-06-30",
            "? wechat:鼓楼示范@GL wechat:鼓楼示范@KFGL",
        ),
        (
            6,
            "wechat",
            "鼓楼示范",
            "",
            "福州市鼓楼区",
            "2021-06-30",
            "wechat:鼓楼示范@GL exact",
        ),
        (
            6,
            "wechat",
            "鼓楼示范",
            "",
            "南京市鼓楼区",
            "2021-06-30",
            "? wechat:鼓楼示范@GL wechat:鼓楼示范@KFGL",
        ),
        (
            6,
            "wechat",
            "台江示范发布",
            "",
            "某某市台江区",
            "2021-06-30",
            "? wechat:台江示范发布@TJ",
        ),
        (
            6,
            "wechat",
            "台江示范发布",
            "",
            "福建省福州市台江区",
            "2021-06-30",
            "wechat:台江示范发布@TJ exact",
        ),
        // 7: letters.
        (
            7,
            "wechat",
            "臺江示範發佈",
            "",
            "",
            "2021-06-30",
            "wechat:台江示范发布@TJ normalised",
        ),
        (
            7,
            "wechat",
            "台江（示范）〔发布〕",
            "",
            "",
            "2021-06-30",
            "wechat:台江示范发布@TJ normalised",
        ),
        (
            7,
            "wechat",
            "台江﹝示范﹞[发布]",
            "",
            "",
            "2021-06-30",
            "wechat:台江示范发布@TJ normalised",
        ),
        (
            7,
            "wechat",
            "l东湖示范",
            "",
            "",
            "2021-06-30",
            "wechat:I东湖示范@TJ normalised",
        ),
        (
            7,
            "wechat",
            "Ⅰ东湖示范",
            "",
            "",
            "2021-06-30",
            "wechat:I东湖示范@TJ exact",
        ),
        (
            7,
            "app",
            "ｅ示范ＡＰＰ",
            "",
            "",
            "2021-06-30",
            "app:e示范APP@FZ exact",
        ),
        (
            7,
            "app",
            "E示范app",
            "",
            "",
            "2021-06-30",
            "app:e示范APP@FZ normalised",
        ),
        (
            7,
            "wechat",
            "上逕示范",
            "",
            "",
            "2021-06-30",
            "wechat:上迳示范@TJ normalised",
        ),
        (
            7,
            "wechat",
            "账户示范",
            "",
            "",
            "2021-06-30",
            "wechat:帐户示范@TJ normalised",
        ),
        (
            7,
            "wechat",
            "法治｜示范之窗",
            "",
            "",
            "2021-06-30",
            "wechat:法治丨示范之窗@SF normalised",
        ),
        (
            7,
            "wechat",
            "法治·示范之窗",
            "",
            "",
            "2021-06-30",
            "wechat:法治丨示范之窗@SF normalised",
        ),
        (
            7,
            "wechat",
            "法治|示范之窗",
            "",
            "",
            "2021-06-30",
            "wechat:法治丨示范之窗@SF normalised",
        ),
        (
            7,
            "wechat",
            "磻溪 示\u{200b}范",
            "",
            "",
            "2021-06-30",
            "wechat:磻溪示范@TJ normalised",
        ),
        (
            7,
            "wechat",
            "磻(pán)溪(xī)示范",
            "",
            "",
            "2021-06-30",
            "wechat:磻溪示范@TJ normalised",
        ),
        (
            7,
            "",
            "",
            "福州市智慧福州管理服务中心",
            "",
            "2021-06-30",
            "ZH normalised",
        ),
        (
            7,
            "",
            "",
            "福州市“智慧福州”管理服务中心",
            "",
            "2021-06-30",
            "ZH exact",
        ),
        // 8: letters were lost.
        (
            8,
            "wechat",
            "台江?范发布",
            "",
            "",
            "2021-06-30",
            "? wechat:台江示范发布@TJ",
        ),
        (
            8,
            "wechat",
            "台江示范发布锟斤拷",
            "",
            "",
            "2021-06-30",
            "? wechat:台江示范发布@TJ",
        ),
        (
            8,
            "wechat",
            "台江\u{fffd}范发布",
            "",
            "",
            "2021-06-30",
            "? wechat:台江示范发布@TJ",
        ),
        // A homophone is a question with the right answer first.
        (
            9,
            "wechat",
            "示范大讲堂",
            "",
            "",
            "2021-06-30",
            "? wechat:师范大讲堂@JY",
        ),
        (9, "", "", "福州市人社", "", "2021-06-30", "? RS"),
    ] {
        let said = told(&index, platform, name, unit, area, on);
        let right = match want.strip_prefix('?') {
            // Whoever else may be asked about stands behind.
            Some(_) => said.starts_with(want),
            None => said == want,
        };
        assert!(
            right,
            "trap {trap}: {platform} {name} {unit} {area} on {on}: {said}, not {want}"
        );
    }
}

#[test]
fn an_office_adds_abbreviations_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let text = "builtin = true\n[forms]\n\"数局\" = [\"数据管理局\"]\n";
    std::fs::write(folder.path().join("short_forms.toml"), text).unwrap();
    let forms = ShortForms::load(Some(folder.path()))
        .unwrap()
        .of("福州市数据管理局");
    for short in ["市数局", "福州市数局", "数据局"] {
        assert!(forms.contains(&short.to_owned()), "{short}: {forms:?}");
    }
    let wrong = "builtin = true\n[form]\n\"数局\" = \"数据管理局\"\n";
    std::fs::write(folder.path().join("short_forms.toml"), wrong).unwrap();
    let fault = ShortForms::load(Some(folder.path()))
        .unwrap_err()
        .to_string();
    assert!(
        fault.contains("short_forms.toml") && fault.contains("form"),
        "{fault}"
    );
}

/// A name that no rule knows, placed by the manager on an account of another unit than it is.
async fn placed(world: &mut World) -> (i64, i64, i64) {
    let (operator, manager) = (world.bind("O1").await, world.bind("M1").await);
    let rows = "示范发部,微信公众号,,错别字,做为,作为,\n";
    world.report("2021-06-28", rows).await;
    let asked = world.reads(manager);
    world
        .press(manager, asked.id, "1. 微信公众号「示范发布」")
        .await;
    world.pass(120).await;
    assert!(world.reads(operator).text.contains("做为 → 作为"));
    let second = "示范发部,微信公众号,,错别字,做为,作为,\n示范发部,微信公众号,,错别字,按装,安装,\n";
    let second = world.report("2021-06-29", second).await;
    assert_eq!((second.matched, second.opened), (2, 1));
    // The first is fixed, and gone the next day.
    world
        .report("2021-06-30", "示范发部,微信公众号,,错别字,按装,安装,\n")
        .await;
    assert_eq!(
        world.issues().await,
        ["#1 closed verified_unreported", "#2 open"]
    );
    world.sandbox.unread(operator);
    world.sandbox.unread(manager);
    (operator, manager, asked.id)
}

async fn a_learned_name_is_taken_back_with_what_it_opened(mut world: World) {
    let (operator, manager, asked) = placed(&mut world).await;
    let lead = world.bind("L1").await;
    world.sandbox.unread(lead);
    world.press(manager, asked, "撤回认领").await;
    let question = world.reads(manager);
    for part in [
        "「示范发部」",
        "微信公众号「示范发布」",
        "未办结 1 项",
        "已办结 1 项",
    ] {
        assert!(question.text.contains(part), "{}", question.text);
    }
    assert_eq!(
        world.issues().await,
        ["#1 closed verified_unreported", "#2 open"]
    );
    world
        .press(manager, question.id, "撤回，问题退回认领")
        .await;
    assert_eq!(
        world.issues().await,
        ["#1 closed verified_unreported", "#2 closed withdrawn"]
    );
    assert_eq!(world.acts(2).await, ["opened", "withdrawn"]);
    world.pass(120).await;
    for chat in [operator, lead] {
        let told = world.reads(chat).text;
        assert!(
            told.contains("已撤销") && told.contains("#2") && told.contains("吴静怡"),
            "{told}"
        );
    }
    // The name waits again; placed rightly, it opens an issue there.
    let waiting = world.reads(manager);
    assert!(waiting.text.contains("示范发部"), "{}", waiting.text);
    let toast = world
        .press(manager, waiting.id, "微信公众号「示范教育」")
        .await;
    assert!(toast.contains("立案 1 项"), "{toast}");
    let third = world
        .report("2021-07-01", "示范发部,微信公众号,,错别字,按装,安装,\n")
        .await;
    assert_eq!((third.matched, third.seen_again), (1, 1));
    world.end();
}

async fn only_the_name_is_taken_back(mut world: World) {
    let (operator, manager, asked) = placed(&mut world).await;
    world.press(manager, asked, "撤回认领").await;
    let question = world.reads(manager);
    world.press(manager, question.id, "只停用别名").await;
    let said = world.reads(manager).text;
    assert!(said.contains("已立案的不变"), "{said}");
    assert_eq!(
        world.issues().await,
        ["#1 closed verified_unreported", "#2 open"]
    );
    world.pass(120).await;
    let told = world.sandbox.unread(operator);
    assert!(told.iter().all(|m| !m.text.contains("已撤销")), "{told:?}");
    let next = world
        .report("2021-07-01", "示范发部,微信公众号,,错别字,按装,安装,\n")
        .await;
    assert_eq!((next.matched, next.unmatched), (0, 1));
    assert!(
        world.reads(manager).text.contains("示范发部"),
        "it is asked about again"
    );
    world.end();
}

async fn what_was_read_in_a_wrong_encoding_is_read_back(mut world: World) {
    let operator = world.bind("O1").await;
    let manager = world.bind("M1").await;
    // 示范发布 in UTF-8, read as GBK somewhere on the way; and one in which letters were lost.
    let rows =
        "绀鸿寖鍙戝竷,微信公众号,,错别字,做为,作为,\n锟斤拷锟斤拷,微信公众号,,错别字,按装,安装,\n";
    let outcome = world.report("2021-06-28", rows).await;
    assert_eq!(
        (outcome.matched, outcome.opened, outcome.rejected.len()),
        (1, 1, 1)
    );
    assert!(world.reads(operator).text.contains("示范发布"));
    let told = world.reads(manager).text;
    assert!(
        told.contains("乱码") || told.contains("丢失") || told.contains("锟斤拷"),
        "{told}"
    );
    let mut tx = world.store().read().await.unwrap();
    let row = tx
        .first("select body from finding where issue_id = 1", vec![])
        .await
        .unwrap()
        .unwrap();
    let finding: Finding = row.json(0).unwrap();
    assert_eq!(finding.account_name.as_deref(), Some("示范发布"));
    let kept: Vec<&str> = finding.other.iter().map(|(_, text)| text).collect();
    assert_eq!(kept, ["绀鸿寖鍙戝竷"]);
    drop(tx);
    world.end();
}
