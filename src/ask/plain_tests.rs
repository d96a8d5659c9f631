//! Many ways to ask, and many sentences that ask nothing.

use std::sync::Arc;

use super::*;
use crate::matching::ShortForms;
use crate::roster::{Account, AccountState, Roster, Unit};

fn unit(id: i64, name: &str) -> Unit {
    Unit {
        id,
        code: format!("U{id}"),
        name: name.into(),
        aliases: vec![],
        parent: None,
        area: None,
        kind: String::new(),
    }
}

fn account(id: i64, platform: &str, name: &str) -> Account {
    Account {
        id,
        platform: platform.into(),
        name: name.into(),
        uid: None,
        unit: "U1".into(),
        aliases: vec![],
        homepage: None,
        state: AccountState::Active,
        valid_from: None,
        valid_to: None,
    }
}

struct City {
    index: Index,
    vocabulary: Vocabulary,
    people: Vec<(String, i64)>,
}

impl City {
    fn new() -> Self {
        let units = vec![
            unit(1, "福州市台江区人民政府"),
            unit(2, "福州市人力资源和社会保障局"),
            unit(3, "福州市教育局"),
        ];
        let accounts = vec![
            account(10, "wechat", "台江发布"),
            account(11, "wechat", "高新福州"),
            account(12, "weibo", "法治福州"),
            account(13, "wechat", "法治福州"),
        ];
        let roster = Arc::new(Roster::new(1, units, accounts, vec![], vec![]));
        Self {
            index: Index::build(&roster, &ShortForms::load(None).unwrap()),
            vocabulary: Vocabulary::builtin().unwrap(),
            people: vec![("林晓雨".to_owned(), 7)],
        }
    }

    fn understand(&self, text: &str) -> Understood {
        understand(
            text,
            &Known {
                index: &self.index,
                vocabulary: &self.vocabulary,
                people: &self.people,
                today: "2021-06-30".parse().unwrap(),
                admits: &|_| true,
            },
        )
    }
}

const TAIJIANG: Option<Place> = Some(Place::Unit(1));

fn find(stand: Stand, place: Option<Place>) -> Search {
    Search {
        stand,
        place,
        ..Search::default()
    }
}

fn days(from: &str, to: &str) -> Option<Period> {
    Some(Period {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
    })
}

#[test]
fn many_ways_to_ask() {
    use Question::{
        Acts, Card, Export, Found, Fresh, Pending, Person, Silent, Status, Today, Top, Trend,
        Unmatched,
    };
    let city = City::new();
    let last_week = days("2021-06-21", "2021-06-27");
    let veto = Some(Severity::Veto);
    let typo = Some("typo".to_owned());
    let mut wrong = Vec::new();
    for (text, wanted) in [
        (
            "台江区还有几个没改？",
            Found(find(Stand::Unfixed, TAIJIANG)),
        ),
        (
            "台江区还有多少没整改",
            Found(find(Stand::Unfixed, TAIJIANG)),
        ),
        (
            "請問臺江區還有幾個沒改?",
            Found(find(Stand::Unfixed, TAIJIANG)),
        ),
        ("台江区都改完了吗", Found(find(Stand::Unfixed, TAIJIANG))),
        ("都整改了没有？", Found(find(Stand::Unfixed, None))),
        ("还有多少没改", Found(find(Stand::Unfixed, None))),
        ("谁还没签收", Silent(None)),
        ("谁没有签收？", Silent(None)),
        ("台江区谁还没签收", Silent(TAIJIANG)),
        ("都签收了吗", Silent(None)),
        ("哪些人没绑定", Silent(None)),
        ("谁屏蔽了", Silent(None)),
        ("有几个没签收", Found(find(Stand::Unacknowledged, None))),
        (
            "上周严重错误有哪些",
            Found(Search {
                period: last_week,
                severity: veto,
                ..find(Stand::Opened, None)
            }),
        ),
        (
            "上周有哪些严重问题？",
            Found(Search {
                period: last_week,
                severity: veto,
                ..find(Stand::Opened, None)
            }),
        ),
        (
            "上周新增多少",
            Found(Search {
                period: last_week,
                ..find(Stand::Opened, None)
            }),
        ),
        (
            "上周办结了多少",
            Found(Search {
                period: last_week,
                ..find(Stand::Closed, None)
            }),
        ),
        (
            "6月办结几个",
            Found(Search {
                period: days("2021-06-01", "2021-06-30"),
                ..find(Stand::Closed, None)
            }),
        ),
        (
            "错别字还有哪些没改",
            Found(Search {
                category: typo.clone(),
                ..find(Stand::Unfixed, None)
            }),
        ),
        (
            "台江区有几个错别字",
            Found(Search {
                category: typo.clone(),
                ..find(Stand::Live, TAIJIANG)
            }),
        ),
        ("高新福州最近怎么样", Card(Place::Account(11))),
        ("台江区情况如何", Card(Place::Unit(1))),
        ("人社局怎么样？", Card(Place::Unit(2))),
        ("保障局怎么样", Card(Place::Unit(2))),
        ("看看教育局", Card(Place::Unit(3))),
        (
            "导出9月超期",
            Export(Search {
                period: days("2020-09-01", "2020-09-30"),
                ..find(Stand::Overdue, None)
            }),
        ),
        ("导出台江区未办结", Export(find(Stand::Live, TAIJIANG))),
        ("今天的报告到了吗", Today),
        ("报告来了没", Today),
        ("今天检查报告收到了吗？", Today),
        ("哪些单位超期最多", Top(30, By::Overdue)),
        ("近90天哪个账号问题最多", Top(90, By::Live)),
        ("谁反复出错最多", Top(30, By::Repeated)),
        ("问题最多的单位是哪些", Top(30, By::Live)),
        ("有哪些超期", Found(find(Stand::Overdue, None))),
        ("超期的有多少？", Found(find(Stand::Overdue, None))),
        (
            "人社局有几个超期",
            Found(find(Stand::Overdue, Some(Place::Unit(2)))),
        ),
        ("今天到期的有哪些", Found(find(Stand::DueToday, None))),
        ("待复核的有几个", Found(find(Stand::Reported, None))),
        ("申诉有哪些", Found(find(Stand::Disputed, None))),
        ("近30天趋势", Trend(30)),
        ("最近一个月走势怎么样", Trend(30)),
        ("有哪些待认领", Unmatched),
        ("待批的有哪些", Pending),
        ("看看最近的操作", Acts(20)),
        ("哪些账号没更新", Fresh),
        ("林晓雨怎么样", Person(7)),
        ("林晓雨还有几个没改", Person(7)),
        ("现在情况怎么样", Status),
        ("有多少人没签收", Silent(None)),
        (
            "昨天有什么新问题",
            Found(Search {
                period: days("2021-06-29", "2021-06-29"),
                ..find(Stand::Opened, None)
            }),
        ),
        (
            "本周新增了哪些问题",
            Found(Search {
                period: days("2021-06-28", "2021-07-04"),
                ..find(Stand::Opened, None)
            }),
        ),
        ("超期的都有谁", Found(find(Stand::Overdue, None))),
        ("台江区超期名单", Found(find(Stand::Overdue, TAIJIANG))),
        ("哪个单位最差", Top(30, By::Live)),
        ("有没有人没绑定？", Silent(None)),
        ("总共多少问题", Found(find(Stand::Live, None))),
    ] {
        let understood = city.understand(text);
        if understood != Understood::Sure(wanted.clone()) {
            wrong.push(format!("{text}: {understood:?}, not {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_not_sure_is_asked_back() {
    let city = City::new();
    for (text, wanted) in [
        (
            "台江还有几个没改",
            Question::Found(find(Stand::Unfixed, Some(Place::Account(10)))),
        ),
        ("法治福州怎么样", Question::Card(Place::Account(12))),
        ("台江区", Question::Card(Place::Unit(1))),
        (
            "台江区和人社局还有几个没改",
            Question::Found(find(Stand::Unfixed, Some(Place::Unit(2)))),
        ),
        (
            "法治鼓楼还有几个没改",
            Question::Found(find(Stand::Unfixed, Some(Place::Account(12)))),
        ),
        ("保障局", Question::Card(Place::Unit(2))),
        ("高新福州", Question::Card(Place::Account(11))),
        ("林晓雨", Question::Person(7)),
    ] {
        match city.understand(text) {
            Understood::Unsure(all) => assert!(all.contains(&wanted), "{text}: {all:?}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn many_sentences_ask_nothing() {
    let city = City::new();
    let mut wrong = Vec::new();
    for text in [
        "收到",
        "好的",
        "好的，谢谢",
        "1 3 通过",
        "2 未通过",
        "同意",
        "同意延期吗？同意",
        "请台江区尽快整改",
        "台江区已经整改完了",
        "已改",
        "1 已改",
        "明天上午九点开会",
        "今天放假",
        "今天的报告我看过了",
        "我单位没有问题",
        "台江发布的文章写得不错",
        "这个是误报，标题是引文",
        "上周开了三个会",
        "人社局的同志辛苦了",
        "提醒台江区整改",
        "通知各单位今天下班前反馈",
        "/status",
        "#17 怎么样",
        "你好",
        "谁能帮我看一下电脑",
        "请问今天食堂有什么菜",
        "？",
        "嗯",
        "",
        "   ",
        "为什么天是蓝的呢，有谁知道吗",
        "台江区\n还有几个没改？",
        "请问一下各位领导关于本次检查报告中所列的问题我们单位应该怎么样按照要求进行整改并且在什么时间之前反馈呢",
    ] {
        let understood = city.understand(text);
        if understood != Understood::Nothing {
            wrong.push(format!("{text}: {understood:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
