//! An invented city: units, accounts and people with names that a template has to bear, and issues of theirs.

use std::cell::Cell;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use duban::calendar::Calendar;
use duban::finding::Severity;
use duban::flow::{Mask, Rules};
use duban::hours::{Days, Window, Work};
use duban::issue::acts::Act;
use duban::issue::due::Deadlines;
use duban::issue::policy::Policy;
use duban::issue::state::Standing;
use duban::issue::table::Issue;
use duban::issue::{CloseReason, How, State};
use duban::message::view::Lens;
use duban::message::{Catalogue, IssueView, Section};
use duban::roster::{Account, AccountState, Person, Role, Roster, Unit};
use duban::vocabulary::Vocabulary;

thread_local! {
    static BLEACHED: Cell<bool> = const { Cell::new(false) };
}

/// Draws with sample data that has no Chinese.
pub fn bleached(draw: impl FnOnce()) {
    BLEACHED.set(true);
    draw();
    BLEACHED.set(false);
}

/// Sample data: what comes from reports, rosters and people, not from the catalogue.
pub fn data(text: &str) -> String {
    let latin = |c: char| match c {
        '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' => 'x',
        c => c,
    };
    match BLEACHED.get() {
        true => text.chars().map(latin).collect(),
        false => text.to_owned(),
    }
}

pub fn some(text: &str) -> Option<String> {
    Some(data(text))
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

/// `2026-09-30 09:12`, a time of the office.
pub fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// The same in UTC milliseconds.
pub fn ms(text: &str) -> i64 {
    let zone = chrono_tz::Asia::Shanghai;
    zone.from_local_datetime(&local(text))
        .unwrap()
        .timestamp_millis()
}

pub const OPERATOR: i64 = 1;
pub const COLLEAGUE: i64 = 2;
pub const LEAD: i64 = 3;
pub const MANAGER: i64 = 4;
pub const OUTSIDE: i64 = 5;

pub const CITY: i64 = 1;
pub const EDUCATION: i64 = 2;
pub const HEALTH: i64 = 3;

pub const WECHAT: i64 = 1;
pub const SITE: i64 = 2;
pub const DOUYIN: i64 = 3;
pub const LONG: i64 = 4;

/// Who and what there is; a Wednesday morning before the National Day.
pub struct Cast {
    pub rules: Rules,
    pub roster: Roster,
    pub now: DateTime<Utc>,
}

fn unit(id: i64, name: &str) -> Unit {
    Unit {
        id,
        code: format!("U{id}"),
        name: data(name),
        aliases: vec![],
        parent: (id != CITY).then(|| format!("U{CITY}")),
        area: None,
        kind: String::new(),
    }
}

fn account(id: i64, platform: &str, name: &str, unit: i64) -> Account {
    Account {
        id,
        platform: platform.to_owned(),
        name: data(name),
        uid: None,
        unit: format!("U{unit}"),
        aliases: vec![],
        homepage: None,
        state: AccountState::Active,
        valid_from: None,
        valid_to: None,
    }
}

fn person(id: i64, name: &str, role: Role, unit: &str) -> Person {
    Person {
        id,
        code: format!("P{id}"),
        name: data(name),
        role,
        units: vec![unit.to_owned()],
        operates: vec![],
    }
}

impl Cast {
    pub fn new() -> Self {
        let zone = chrono_tz::Asia::Shanghai;
        let vocabulary = Vocabulary::load(None).unwrap();
        let window = Window {
            after: time("08:30"),
            until: time("20:00"),
            days: Days::All,
        };
        let rules = Rules {
            feedback: std::sync::Arc::default(),
            deadlines: Arc::new(Deadlines {
                policy: Policy::load(None, &vocabulary, &[]).unwrap(),
                calendar: Calendar::load(None).unwrap(),
                zone,
                work: Work {
                    start: time("08:30"),
                    end: time("17:30"),
                    cut_off: time("17:00"),
                },
            }),
            vocabulary: Arc::new(vocabulary),
            zone,
            window,
            gather_ms: 0,
            mask: Mask {
                all: false,
                categories: vec!["secret_leak".to_owned()],
            },
        };
        let long = "示范市第二高级中学（原示范师范附属中学）招生与考试信息公开服务平台官方公众号暨家校共育工作联络平台试运行";
        let roster = Roster::new(
            1,
            vec![
                unit(CITY, "示范市人民政府"),
                unit(EDUCATION, "示范市教育局"),
                unit(HEALTH, "示范<一>区卫健局&疾控中心"),
            ],
            vec![
                account(WECHAT, "wechat", "示范教育", EDUCATION),
                account(SITE, "website", "示范市教育局", EDUCATION),
                account(DOUYIN, "douyin", "健康示范🏥<官方>", HEALTH),
                account(LONG, "wechat", long, EDUCATION),
            ],
            vec![
                person(OPERATOR, "林晓雨", Role::Operator, "U2"),
                person(COLLEAGUE, "陈志远", Role::Operator, "U2"),
                person(LEAD, "王建国", Role::Lead, "U2"),
                person(MANAGER, "赵敏", Role::Manager, "*"),
                person(OUTSIDE, "A&B<外包>", Role::Operator, "U3"),
            ],
            vec![],
        );
        let now = DateTime::from_timestamp_millis(ms("2026-09-30 09:12")).unwrap();
        Self { rules, roster, now }
    }

    pub fn lens<'a>(&'a self, words: &'a Catalogue) -> Lens<'a> {
        Lens {
            rules: &self.rules,
            roster: &self.roster,
            words,
            now: self.now,
            reader: None,
        }
    }

    pub fn view(
        &self,
        words: &Catalogue,
        issue: &Issue,
        section: Section,
        position: usize,
    ) -> IssueView {
        self.lens(words).issue(issue, &[], section, position)
    }
}

/// An issue that was just found: a wrong word in an article.
pub fn typo(id: i64) -> Issue {
    Issue {
        id,
        identity: String::new(),
        source: data("市平台"),
        account_id: Some(WECHAT),
        unit_id: EDUCATION,
        about_id: None,
        handler_id: None,
        category: "typo".to_owned(),
        severity: Severity::Normal,
        urgent: false,
        standing: Standing {
            state: State::Open,
            reason: None,
            disputed: false,
        },
        matched_by: "exact".to_owned(),
        wrong_text: some("做为"),
        suggestion: some("作为"),
        context: some("全市教育系统要把安全做为头等大事来抓，确保开学工作平稳有序"),
        title: some("开学第一课：<安全>与\"责任\""),
        url: Some("https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=2".to_owned()),
        opened_at: ms("2026-09-30 09:00"),
        told_at: Some(ms("2026-09-30 09:00")),
        due_at: Some(ms("2026-10-09 17:30")),
        due_why: None,
        stamps: None,
        acknowledged_at: None,
        fix_reported_at: None,
        fix_how: None,
        closed_at: None,
        reopened: 0,
        last_report: 1,
        last_seen_at: ms("2026-09-30 09:00"),
        revision: 1,
        tickets: None,
    }
}

/// The gravest one, of another unit, past due; nothing but its kind is known.
pub fn stale(id: i64) -> Issue {
    Issue {
        account_id: Some(DOUYIN),
        unit_id: HEALTH,
        category: "overdue_update".to_owned(),
        severity: Severity::Veto,
        wrong_text: None,
        suggestion: None,
        context: None,
        title: None,
        url: None,
        due_at: Some(ms("2026-09-28 17:30")),
        ..typo(id)
    }
}

/// The unit's own, for which no account stands.
pub fn ticket(id: i64) -> Issue {
    Issue {
        account_id: None,
        category: "ticket_not_handled".to_owned(),
        severity: Severity::Advisory,
        wrong_text: None,
        suggestion: None,
        context: None,
        url: None,
        due_at: None,
        ..typo(id)
    }
}

pub fn standing(issue: Issue, state: State) -> Issue {
    let reason = (state == State::Closed).then_some(CloseReason::Verified);
    Issue {
        standing: Standing {
            state,
            reason,
            disputed: false,
        },
        ..issue
    }
}

pub fn disputed(issue: Issue) -> Issue {
    Issue {
        standing: Standing {
            disputed: true,
            ..issue.standing
        },
        ..issue
    }
}

pub fn fixed(issue: Issue, how: Option<How>) -> Issue {
    let issue = standing(issue, State::FixReported);
    Issue {
        fix_how: how,
        ..issue
    }
}

/// Something a person did to an issue; nobody for a report.
pub fn act(issue: i64, at: &str, verb: &str, person: Option<i64>, note: Option<&str>) -> Act {
    Act {
        issue_id: issue,
        at: ms(at),
        verb: verb.to_owned(),
        person_id: person,
        update_id: None,
        message: None,
        report_id: person.is_none().then_some(1),
        note: note.map(data),
        evidence: None,
        sha256: None,
        prior: None,
    }
}
