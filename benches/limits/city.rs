//! Invented cities of any size, and their reports.

use std::fmt::Write as _;
use std::path::Path;

use duban::app::App;
use duban::config::Settings;
use duban::report::source::{Mode, SourceKind, SourceSettings};
use duban::roster::{change, compare, import, table};
use duban::store::Store;

/// The token of every benchmark.
pub const TOKEN: &str = "7000000000:bench";

/// How large a city is.
#[derive(Clone, Copy)]
pub struct Size {
    pub units: usize,
    pub accounts: usize,
    /// Operators; each has a chat and an equal share of the accounts.
    pub people: usize,
}

/// The name of an account: no two alike, none a part of another's.
pub fn account_name(n: usize) -> String {
    let mut rest = n;
    let mut name = String::from("示范");
    for letters in ["东南西北中", "江河湖海山", "春夏秋冬岁", "金木水火土"] {
        let letters: Vec<char> = letters.chars().collect();
        name.extend(letters.get(rest % letters.len()));
        rest /= letters.len();
    }
    let _ = write!(name, "第{n}发布");
    name
}

/// The tables of a roster as CSV files in a folder.
pub fn write_roster(folder: &Path, size: Size) {
    let mut units = String::from("编码,名称\n");
    for n in 0..size.units {
        let _ = writeln!(units, "U{n},示范市第{n}局");
    }
    let mut accounts = String::from("平台,账号名称,唯一标识,单位,别名\n");
    for n in 0..size.accounts {
        let platform = if n.is_multiple_of(8) {
            "政府网站"
        } else {
            "微信公众号"
        };
        let (name, unit) = (account_name(n), n % size.units);
        let _ = writeln!(accounts, "{platform},{name},id_{n},U{unit},旧称{name}");
    }
    let mut people = String::from("编码,姓名,角色,单位,负责账号\nM1,监管,监管人员,*,\n");
    for n in 0..size.people {
        let mine: Vec<String> = (n..size.accounts)
            .step_by(size.people)
            .map(|at| format!("id_{at}"))
            .collect();
        let unit = n % size.units;
        let _ = writeln!(people, "P{n},运维{n},运维人员,U{unit},{}", mine.join(";"));
    }
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in [("units", units), ("accounts", accounts), ("people", people)] {
        std::fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
}

/// A day's report as the JSON of a platform: rows of these numbers spread over the accounts.
pub fn report(accounts: usize, findings: std::ops::Range<usize>) -> Vec<u8> {
    let rows: Vec<serde_json::Value> = findings
        .map(|n| {
            let account = n % accounts;
            let platform = if account.is_multiple_of(8) {
                "政府网站"
            } else {
                "微信公众号"
            };
            serde_json::json!({
                "账号名称": account_name(account), "账号类型": platform, "问题类型": "错敏词",
                "错敏词": format!("错误表述{n}"), "推荐修改": format!("正确表述{n}"),
                "上下文": format!("各单位要认真落实错误表述{n}的要求，确保按时完成整改。"),
                "文章标题": format!("第{n}篇"), "监测时间": "2021-06-29 06:12:00",
                "文章链接": format!("https://mp.example.cn/s/{n:012x}"),
            })
        })
        .collect();
    serde_json::to_vec(&serde_json::json!({ "code": 0, "data": { "list": rows } })).unwrap()
}

/// Settings of a city in a folder that talks to `api_url`: no quiet hours, nothing gathered.
pub fn settings(folder: &Path, api_url: &str) -> Settings {
    let mut settings = Settings::default();
    settings.database.url = format!("sqlite://{}/duban.db", folder.display());
    settings.telegram.token = Some(TOKEN.to_owned().into());
    api_url.clone_into(&mut settings.telegram.api_url);
    settings.delivery.send_after = "00:00".to_owned();
    settings.delivery.send_until = "23:59".to_owned();
    settings.delivery.gather_s = 0;
    let reports = folder.join("reports");
    std::fs::create_dir_all(&reports).unwrap();
    settings.sources = vec![SourceSettings {
        name: "daily".to_owned(),
        kind: SourceKind::Folder,
        path: Some(reports),
        mode: Mode::Snapshot,
        ..SourceSettings::default()
    }];
    settings
}

/// Imports the roster of a folder.
pub async fn import(app: &App, folder: &Path) {
    let store: &Store = &app.desk.store;
    let mut tx = store.begin().await.unwrap();
    let current = table::load(&mut tx).await.unwrap();
    let words = &app.desk.rules.vocabulary;
    let platform_of = |name: &str| words.platform(name).map(|p| p.id.clone());
    let imported = import::read_path(folder, &platform_of, &current)
        .map_err(|faults| format!("{faults:?}"))
        .unwrap();
    let plan = compare::plan(&current, &imported);
    change::apply(&mut tx, &plan).await.unwrap();
    tx.commit().await.unwrap();
}

/// Binds every operator to a chat that `chat` gives.
pub async fn bind(app: &App, mut chat: impl FnMut(usize) -> i64) -> Vec<i64> {
    let mut tx = app.desk.store.begin().await.unwrap();
    let roster = table::load(&mut tx).await.unwrap();
    let mut chats = Vec::new();
    for (n, person) in roster.people.iter().enumerate() {
        let to = chat(n);
        table::bind(&mut tx, person.id, to, app.desk.clock.now_ms())
            .await
            .unwrap();
        chats.push(to);
    }
    tx.commit().await.unwrap();
    chats
}
