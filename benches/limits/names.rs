//! A labelled set of names: an invented province with its accounts, and the many ways in which reports print
//! them, each with whose it is. Everything comes from a seed, so that a figure can be had again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use duban::finding::Finding;
use duban::finding::text::fold;
use duban::matching::{Candidate, Decision, Index, ShortForms};
use duban::roster::{Account, AccountState, Alias, Roster, Unit};

/// How a name is printed; the share of each class in percent.
pub const CLASSES: [(Class, usize); 13] = [
    (Class::Exact, 14),
    (Class::Width, 8),
    (Class::Script, 8),
    (Class::Brackets, 7),
    (Class::Spaces, 7),
    (Class::Alias, 8),
    (Class::ShortForm, 8),
    (Class::Prefix, 7),
    (Class::Clipped, 6),
    (Class::Typo, 9),
    (Class::Suffix, 6),
    (Class::Namesake, 6),
    (Class::Stranger, 6),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    Exact,
    Width,
    Script,
    Brackets,
    Spaces,
    Alias,
    ShortForm,
    /// A place before the name is left out or added.
    Prefix,
    Clipped,
    Typo,
    Suffix,
    /// The name is that of several accounts, and what would tell them apart is missing.
    Namesake,
    /// The account is not in the roster.
    Stranger,
}

impl Class {
    /// Whether a rule has to find the account without a person.
    pub fn plain(self) -> bool {
        self <= Self::ShortForm
    }
}

/// A seeded sequence (SplitMix64): the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

const CITIES: [&str; 8] = [
    "云岭市",
    "青石市",
    "东屿市",
    "南屏市",
    "白鹭市",
    "松涛市",
    "望海市",
    "长亭市",
];
/// Cities that the roster knows nothing of.
const ABROAD: [&str; 2] = ["北原市", "西岭市"];
const FIRST: [&str; 12] = [
    "永", "平", "建", "安", "龙", "清", "宁", "华", "德", "新", "金", "武",
];
const SECOND: [&str; 8] = ["溪", "江", "山", "阳", "泉", "塘", "原", "川"];
/// Bodies: the name after the place, the word by which accounts call themselves, and the abbreviation.
const BODIES: [(&str, &str, Option<&str>); 24] = [
    ("教育局", "教育", None),
    ("公安局", "公安", None),
    ("司法局", "普法", None),
    ("财政局", "财政", None),
    ("民政局", "民政", None),
    ("审计局", "审计", None),
    ("人力资源和社会保障局", "人社", Some("人社局")),
    ("发展和改革委员会", "发改", Some("发改委")),
    ("工业和信息化局", "工信", Some("工信局")),
    ("卫生健康委员会", "健康", Some("卫健委")),
    ("住房和城乡建设局", "住建", Some("住建局")),
    ("市场监督管理局", "市场监管", Some("市监局")),
    ("生态环境局", "环境", Some("生态局")),
    ("医疗保障局", "医保", Some("医保局")),
    ("交通运输局", "交通", Some("交通局")),
    ("农业农村局", "三农", Some("农业局")),
    ("文化和旅游局", "文旅", Some("文旅局")),
    ("退役军人事务局", "老兵", Some("退役军人局")),
    ("应急管理局", "应急", Some("应急局")),
    ("城市管理局", "城管", Some("城管局")),
    ("自然资源和规划局", "资源", Some("资源局")),
    ("国有资产监督管理委员会", "国资", Some("国资委")),
    ("科学技术局", "科技", Some("科技局")),
    ("疾病预防控制中心", "疾控", Some("疾控中心")),
];
const TOWNS: [&str; 5] = [
    "镇人民政府",
    "乡人民政府",
    "街道办事处",
    "经济开发区管理委员会",
    "融媒体中心",
];
const PLATFORMS: [&str; 7] = [
    "wechat",
    "weibo",
    "website",
    "douyin",
    "toutiao",
    "video_channel",
    "kuaishou",
];
const TRADITIONAL: &str = "云雲岭嶺东東屿嶼鹭鷺涛濤长長务務乡鄉镇鎮县縣区區医醫疗療监監场場业業发發办辦处處\
    经經济濟开開会會员員国國资資产產农農态態环環输輸运運军軍应應术術预預规規划劃设設构構财財审審计計卫衛\
    旅旅乐樂兴興华華龙龍宁寧阳陽楼樓体體动動综綜质質传傳媒媒兵兵线線热熱点點讯訊观觀微微";
const HOMOPHONES: &str = "育玉局句安按政正府俯发法布步市事场厂监坚督都管馆理里文闻卫未健建鼓古楼娄永勇平瓶\
    溪西江姜山衫阳洋泉全塘糖公工云运岭领青清石时南男屏萍白百松送望忘海还长常亭停教较人仁社设法发财材\
    民名审沈计记交骄通同农浓业夜旅吕应英急极城成资姿源原国果科棵技际心新普谱在再线现";

fn table(pairs: &str) -> HashMap<char, char> {
    let letters: Vec<char> = pairs.chars().filter(|c| !c.is_whitespace()).collect();
    letters.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

/// Who is in the invented province: what the roster holds, and what it does not.
pub struct Province {
    pub roster: Arc<Roster>,
    /// Accounts of the province that the roster does not hold, each with its area.
    abroad: Vec<(Account, String)>,
    /// The area of a unit as reports print it, by code.
    area_of: HashMap<String, String>,
    /// The names that accounts go by, with whose they are: units' codes and platforms.
    known: HashMap<String, Vec<(String, String)>>,
    /// The accounts of the roster by their names and other names.
    named: HashMap<String, Vec<Account>>,
    /// The cities in which a district or county of that name is.
    cities: HashMap<String, HashSet<String>>,
}

/// One printed row, and whose it is.
pub struct Printed {
    pub class: Class,
    pub finding: Finding,
    /// The account and the unit; none where nobody in the roster is meant.
    pub truth: Option<(Option<i64>, i64)>,
}

fn counties(dice: &mut Dice, city: usize) -> Vec<String> {
    let mut names = Vec::new();
    if city.is_multiple_of(2) {
        names.push("鼓楼区".to_owned());
    }
    if city % 3 == 1 {
        names.push("城关区".to_owned());
    }
    while names.len() < 10 {
        let ending = dice.of(&["区", "县", "县"]);
        let name = format!("{}{}{ending}", dice.of(&FIRST), dice.of(&SECOND));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The names that a unit of a place gives its accounts.
fn names_of(dice: &mut Dice, place: &str, whole: &str, word: &str) -> Vec<String> {
    let stem = place.trim_end_matches(['市', '区', '县']);
    let mut names = vec![whole.to_owned(), format!("{stem}{word}")];
    let other = match dice.below(9) {
        0 => format!("{stem}{word}发布"),
        1 => format!("智慧{stem}{word}"),
        2 => format!("e{stem}{word}APP"),
        3 => format!("I{stem}{word}"),
        4 => format!("{stem}·{word}"),
        5 => format!("{stem}{word}12345热线"),
        6 => format!("{place}“智慧{word}”服务中心"),
        7 => format!("{word}{stem}2021"),
        _ => format!("微观{stem}{word}"),
    };
    names.push(other);
    if dice.chance(60) {
        names.remove(0);
    }
    names
}

struct Making {
    dice: Dice,
    units: Vec<Unit>,
    accounts: Vec<Account>,
    area_of: HashMap<String, String>,
}

impl Making {
    fn unit(&mut self, name: String, parent: Option<&str>, place: &str) -> String {
        let id = self.units.len() as i64 + 1;
        let code = format!("U{id}");
        self.area_of.insert(code.clone(), place.to_owned());
        self.units.push(Unit {
            id,
            code: code.clone(),
            name,
            aliases: vec![],
            parent: parent.map(str::to_owned),
            area: None,
            kind: String::new(),
        });
        code
    }

    fn accounts(&mut self, unit: &str, place: &str, whole: &str, word: &str) {
        let names = names_of(&mut self.dice, place, whole, word);
        for (at, platform) in PLATFORMS.iter().enumerate() {
            if at > 0 && self.dice.chance(15) {
                continue;
            }
            let name = match *platform {
                "website" => format!("{whole}网站"),
                _ => names[self.dice.below(names.len())].clone(),
            };
            let id = self.accounts.len() as i64 + 1;
            let stem = place.trim_end_matches(['市', '区', '县']);
            let old = match self.dice.below(4) {
                0 => format!("{stem}{word}在线"),
                1 => format!("掌上{stem}{word}"),
                2 => format!("{stem}{word}服务号"),
                _ => format!("{stem}之{word}"),
            };
            let aliases = match self.dice.chance(40) {
                true => vec![Alias::from(old.as_str())],
                false => vec![],
            };
            self.accounts.push(Account {
                id,
                platform: (*platform).to_owned(),
                name,
                uid: Some(format!("id_{id}")),
                unit: unit.to_owned(),
                aliases,
                homepage: None,
                state: AccountState::Active,
                valid_from: None,
                valid_to: None,
            });
        }
    }

    fn city(&mut self, n: usize, city: &str) {
        let government = format!("{city}人民政府");
        let top = self.unit(government.clone(), None, city);
        self.accounts(&top, city, &government, "发布");
        for (body, word, _) in BODIES {
            let name = format!("{city}{body}");
            let unit = self.unit(name.clone(), Some(&top), city);
            self.accounts(&unit, city, &name, word);
        }
        let mut dice = Dice(self.dice.next());
        for county in counties(&mut dice, n) {
            let area = format!("{city}{county}");
            // Half of the districts' bodies carry the city in their names.
            let shown = match county.ends_with('区') {
                true => area.clone(),
                false => county.clone(),
            };
            let government = format!("{shown}人民政府");
            let seat = self.unit(government.clone(), Some(&top), &area);
            self.accounts(&seat, &county, &government, "发布");
            for (body, word, _) in BODIES.iter().take(18) {
                let name = format!("{shown}{body}");
                let unit = self.unit(name.clone(), Some(&seat), &area);
                self.accounts(&unit, &county, &name, word);
            }
            for ending in TOWNS {
                let town = format!(
                    "{}{}",
                    dice.of(&SECOND),
                    dice.of(&["口", "头", "尾", "前", "后"])
                );
                let name = format!("{county}{town}{ending}");
                if self.units.iter().any(|unit| unit.name == name) {
                    continue;
                }
                let unit = self.unit(name.clone(), Some(&seat), &area);
                self.accounts(&unit, &county, &name, &town);
            }
        }
    }
}

impl Province {
    /// A province with so many accounts in the roster, and a fifth as many that are not in it.
    pub fn new(seed: u64, accounts: usize) -> Self {
        let mut making = Making {
            dice: Dice(seed),
            units: vec![],
            accounts: vec![],
            area_of: HashMap::new(),
        };
        for (n, city) in CITIES.iter().enumerate() {
            making.city(n, city);
        }
        let inside = making.units.len();
        let first_abroad = making.accounts.len();
        for (n, city) in ABROAD.iter().enumerate() {
            making.city(n * 2, city);
        }
        let Making {
            mut dice,
            mut units,
            accounts: all,
            area_of,
        } = making;
        units.truncate(inside);
        let mut order: Vec<usize> = (0..first_abroad).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at + 1));
        }
        assert!(order.len() > accounts, "only {} accounts", order.len());
        let held: HashSet<usize> = order.into_iter().take(accounts).collect();
        let area = |account: &Account| area_of[&account.unit].clone();
        let mut known: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for account in &all {
            let aliases = account.aliases.iter().map(|alias| &alias.name);
            for name in aliases.chain([&account.name]) {
                let whose = (account.unit.clone(), account.platform.clone());
                known.entry(fold(name)).or_default().push(whose);
            }
        }
        for unit in &units {
            let whose = (unit.code.clone(), String::new());
            known.entry(fold(&unit.name)).or_default().push(whose);
        }
        let abroad = all.iter().enumerate().filter(|(n, _)| !held.contains(n));
        let mut abroad: Vec<(Account, String)> =
            abroad.map(|(_, a)| (a.clone(), area(a))).collect();
        abroad.sort_by_key(|(account, _)| account.id);
        let mut here: Vec<Account> = held.iter().map(|n| all[*n].clone()).collect();
        here.sort_by_key(|account| account.id);
        let mut named: HashMap<String, Vec<Account>> = HashMap::new();
        for account in &here {
            let aliases = account.aliases.iter().map(|alias| &alias.name);
            for name in aliases.chain([&account.name]) {
                named.entry(name.clone()).or_default().push(account.clone());
            }
        }
        let mut cities: HashMap<String, HashSet<String>> = HashMap::new();
        for unit in &units {
            let area: Vec<char> = area_of[&unit.code].chars().collect();
            let (city, short) = area.split_at(3);
            let city = city.iter().collect();
            cities
                .entry(short.iter().collect())
                .or_default()
                .insert(city);
        }
        let roster = Arc::new(Roster::new(1, units, here, vec![], vec![]));
        Self {
            roster,
            abroad,
            area_of,
            known,
            named,
            cities,
        }
    }

    /// The accounts of the roster that go by a name.
    fn named(&self, name: &str) -> impl Iterator<Item = &Account> {
        self.named.get(name).into_iter().flatten()
    }

    /// Whether the name is that of somebody else too, on that platform or on any.
    fn shared(&self, name: &str, platform: Option<&str>, unit: &str) -> bool {
        let whose = self.known.get(&fold(name)).into_iter().flatten();
        whose
            .filter(|(_, on)| platform.is_none_or(|platform| on == platform))
            .any(|(other, _)| other != unit)
    }

    /// Whether somebody goes by this name, but for what folding takes away.
    fn taken(&self, name: &str) -> bool {
        self.known.contains_key(&fold(name))
    }

    /// So many rows, in the shares of [`CLASSES`].
    pub fn print(&self, seed: u64, rows: usize) -> Vec<Printed> {
        let mut printer = Printer {
            province: self,
            dice: Dice(seed),
            traditional: table(TRADITIONAL),
            homophones: table(HOMOPHONES),
        };
        let mut printed = Vec::with_capacity(rows);
        for (class, share) in CLASSES {
            for _ in 0..rows * share / 100 {
                printed.push(printer.row(class));
            }
        }
        printed
    }
}

struct Printer<'a> {
    province: &'a Province,
    dice: Dice,
    traditional: HashMap<char, char>,
    homophones: HashMap<char, char>,
}

impl Printer<'_> {
    fn row(&mut self, class: Class) -> Printed {
        for _ in 0..100_000 {
            let row = match class {
                Class::Stranger => self.stranger(),
                Class::Namesake => self.namesake(),
                Class::ShortForm if self.dice.chance(50) => self.short_unit(),
                class => self.account(class),
            };
            if let Some(row) = row {
                return row;
            }
        }
        unreachable!("no name of class {class:?} can be made of this province")
    }

    fn finding(&self, account: &Account, name: String) -> Finding {
        Finding {
            row: 1,
            account_name: Some(name),
            platform: Some(account.platform.clone()),
            category: "typo".to_owned(),
            ..Finding::blank()
        }
    }

    fn account(&mut self, class: Class) -> Option<Printed> {
        let province = self.province;
        let account = self.dice.of(&province.roster.accounts).clone();
        let unit = province.roster.unit(&account.unit)?;
        let mut source = account.name.clone();
        if class == Class::Alias {
            source.clone_from(&account.aliases.first()?.name);
        }
        let name = self.variant(class, &account, &source)?;
        if !class.plain() && province.taken(&name) {
            return None;
        }
        let mut finding = self.finding(&account, name);
        // Who is right must be there to see: where a name is not one account's, the place is printed.
        let twins = province
            .named(&source)
            .filter(|other| other.unit == account.unit && other.platform == account.platform);
        if class.plain() && twins.count() > 1 {
            return None;
        }
        let shared = province.shared(&source, None, &account.unit);
        if shared || self.dice.chance(40) {
            finding.area = Some(province.area_of[&account.unit].clone());
        }
        if self.dice.chance(15) {
            finding.unit_name = Some(unit.name.clone());
        }
        Some(Printed {
            class,
            finding,
            truth: Some((Some(account.id), unit.id)),
        })
    }

    /// The name as this class prints it; none where it cannot be printed so.
    fn variant(&mut self, class: Class, account: &Account, name: &str) -> Option<String> {
        let dice = &mut self.dice;
        let letters: Vec<char> = name.chars().collect();
        let varied = match class {
            Class::Exact | Class::Alias => return Some(name.to_owned()),
            Class::Width => name
                .chars()
                .map(|c| match c {
                    '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
                    c => c,
                })
                .collect(),
            Class::Script => letters
                .iter()
                .map(|c| *self.traditional.get(c).unwrap_or(c))
                .collect(),
            Class::Brackets => {
                let (open, close) = *dice.of(&[
                    ("（", "）"),
                    ("(", ")"),
                    ("〔", "〕"),
                    ("﹝", "﹞"),
                    ("[", "]"),
                    ("【", "】"),
                    ("“", "”"),
                    ("《", "》"),
                    ("「", "」"),
                    ("", "丨"),
                    ("", "｜"),
                    ("", "·"),
                ]);
                let from = dice.below(letters.len() - 1);
                let to = from + 1 + dice.below(letters.len() - from);
                let part =
                    |range: std::ops::Range<usize>| letters[range].iter().collect::<String>();
                let (head, inner, tail) = (part(0..from), part(from..to), part(to..letters.len()));
                // Between two latin letters or digits a stroke is one of them.
                if close == "｜" && letters.iter().any(char::is_ascii) {
                    return None;
                }
                format!("{head}{open}{inner}{close}{tail}")
            }
            Class::Spaces => {
                let gap = *dice.of(&[
                    " ", "\u{3000}", "\u{200b}", "\u{a0}", "  ", "\n", "\u{feff}", "guan",
                ]);
                if gap == "guan" {
                    name.replacen('区', "区(qū)", 1)
                        .replacen('县', "县(xiàn)", 1)
                        .replacen('教', "教(jiào)", 1)
                } else {
                    let at = 1 + dice.below(letters.len() - 1);
                    let mut spaced: Vec<String> = letters.iter().map(char::to_string).collect();
                    spaced.insert(at, gap.to_owned());
                    spaced.concat()
                }
            }
            Class::ShortForm => {
                let (body, _, short) = BODIES.iter().find(|(body, _, _)| name.ends_with(body))?;
                name.replace(body, (*short)?)
            }
            Class::Prefix => {
                let area = &self.province.area_of[&account.unit];
                let city: String = area.chars().take(3).collect();
                let stem: String = area.chars().take(2).collect();
                match name.strip_prefix(city.as_str()) {
                    Some(rest) => rest.to_owned(),
                    None if name.starts_with(stem.as_str()) => {
                        name.strip_prefix(stem.as_str())?.to_owned()
                    }
                    None => format!(
                        "{}{name}",
                        dice.of(&[city.as_str(), stem.as_str(), area.as_str()])
                    ),
                }
            }
            Class::Clipped => {
                let cut = 1 + dice.below((letters.len() / 4).max(1));
                match dice.chance(70) {
                    true => letters[..letters.len() - cut].iter().collect(),
                    false => letters[cut..].iter().collect(),
                }
            }
            Class::Typo => self.typo(&letters),
            Class::Suffix => {
                let added = dice.of(&[
                    "官方微信",
                    "（官方账号）",
                    "微信公众号",
                    "政务号",
                    "官方微博",
                    "新媒体",
                    "官网",
                    "（旧）",
                ]);
                format!("{name}{added}")
            }
            Class::Namesake | Class::Stranger => return None,
        };
        let least = if class == Class::Prefix || class == Class::Clipped {
            3
        } else {
            1
        };
        (varied != name && varied.chars().count() >= least).then_some(varied)
    }

    fn typo(&mut self, letters: &[char]) -> String {
        let dice = &mut self.dice;
        let mut typed = letters.to_vec();
        let at = dice.below(typed.len());
        match dice.below(6) {
            0..3 => {
                let from = dice.below(typed.len());
                let homophones = &self.homophones;
                let place = (0..typed.len()).map(|n| (from + n) % letters.len());
                if let Some(at) = place
                    .into_iter()
                    .find(|n| homophones.contains_key(&letters[*n]))
                {
                    typed[at] = homophones[&letters[at]];
                }
            }
            3 => {
                typed[at] = *dice.of(&['大', '本', '日', '末', '己', '贝', '厂', '土', '王', '曰'])
            }
            4 if at + 1 < typed.len() => typed.swap(at, at + 1),
            _ => drop(typed.remove(at)),
        }
        typed.into_iter().collect()
    }

    /// A row that prints no account and a unit by its abbreviation.
    fn short_unit(&mut self) -> Option<Printed> {
        let province = self.province;
        let unit = self.dice.of(&province.roster.units);
        let (body, _, short) = BODIES
            .iter()
            .find(|(body, _, _)| unit.name.ends_with(body))?;
        let name = unit.name.replace(body, (*short)?);
        let finding = Finding {
            row: 1,
            unit_name: Some(name),
            area: (self.dice.chance(50) || !unit.name.contains('市'))
                .then(|| province.area_of[&unit.code].clone()),
            category: "typo".to_owned(),
            ..Finding::blank()
        };
        Some(Printed {
            class: Class::ShortForm,
            finding,
            truth: Some((None, unit.id)),
        })
    }

    /// A name that several go by, printed without the platform, without the place or with a place of which
    /// there are several.
    fn namesake(&mut self) -> Option<Printed> {
        let province = self.province;
        let account = self.dice.of(&province.roster.accounts).clone();
        let unit = province.roster.unit(&account.unit)?;
        let same = |other: &&Account| other.name == account.name && other.id != account.id;
        let mut finding = self.finding(&account, account.name.clone());
        let area = &province.area_of[&account.unit];
        if self.dice.chance(50) {
            // On several platforms: the place is there, the platform is not.
            let mut twins = province.named(&account.name).filter(same);
            if !twins.any(|other| other.unit == account.unit) {
                return None;
            }
            finding.platform = None;
            finding.area = Some(area.clone());
        } else {
            // In several places: the platform is there, the place says nothing.
            let mut twins = province.named(&account.name).filter(same);
            if !twins.any(|other| other.unit != account.unit && other.platform == account.platform)
            {
                return None;
            }
            let short: String = area.chars().skip(3).collect();
            let cities = province.cities.get(&short).map_or(0, HashSet::len);
            if !short.is_empty() && cities > 1 && self.dice.chance(70) {
                finding.area = Some(short);
            }
        }
        Some(Printed {
            class: Class::Namesake,
            finding,
            truth: Some((Some(account.id), unit.id)),
        })
    }

    /// An account that the roster does not hold: of a city that it does not know, or left out of it. Where it
    /// has the name of one that is held, its place or its platform is printed.
    fn stranger(&mut self) -> Option<Printed> {
        let province = self.province;
        let (account, area) = self.dice.of(&province.abroad).clone();
        let mut finding = self.finding(&account, account.name.clone());
        let unit = &account.unit;
        if province.shared(&account.name, Some(&account.platform), unit) || self.dice.chance(50) {
            finding.area = Some(area);
        }
        let mut twins = province.named(&account.name);
        if twins.any(|other| other.unit == account.unit && other.platform == account.platform) {
            return None;
        }
        Some(Printed {
            class: Class::Stranger,
            finding,
            truth: None,
        })
    }
}

/// What became of the rows of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: usize,
    pub right: usize,
    /// Given to a unit that is not the right one.
    pub wrong: usize,
    /// Given to another account of the right unit.
    pub beside: usize,
    pub asked: usize,
    /// Of those asked about, how many were asked with the right one among the candidates.
    pub offered: usize,
}

/// The day on which everything is looked up.
pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 6, 29).unwrap_or_default()
}

/// The abbreviations, with the office's own addition.
pub fn forms(folder: &Path) -> ShortForms {
    let text = "builtin = true\n[prefix]\nwhole = [\"云岭市\"]\nshort = [\"市\"]\n";
    std::fs::write(folder.join("short_forms.toml"), text).expect("a folder to write to");
    ShortForms::load(Some(folder)).expect("the abbreviations")
}

/// Whose the rows are, by class; the first wrong ones and the first that were not offered, for the eye.
pub fn judge(
    index: &Index,
    printed: &[Printed],
) -> (BTreeMap<Class, Tally>, Vec<String>, Vec<String>) {
    let mut tallies: BTreeMap<Class, Tally> = BTreeMap::new();
    let (mut wrong, mut missed) = (Vec::new(), Vec::new());
    for row in printed {
        let tally = tallies.entry(row.class).or_default();
        tally.rows += 1;
        let decision = index.decide(&row.finding, day());
        let shown = || {
            let f = &row.finding;
            format!(
                "{:?} {:?} on {:?} of {:?} in {:?}, truth {:?}: {decision:?}",
                row.class, f.account_name, f.platform, f.unit_name, f.area, row.truth
            )
        };
        match &decision {
            Decision::Matched { account, unit, .. } => match row.truth {
                Some(truth) if truth == (*account, *unit) => tally.right += 1,
                Some((_, of)) if of == *unit => tally.beside += 1,
                _ => {
                    tally.wrong += 1;
                    wrong.push(shown());
                }
            },
            Decision::Ambiguous { candidates } | Decision::Unmatched { candidates } => {
                tally.asked += 1;
                let is = |c: &&Candidate| row.truth == Some((c.account, c.unit));
                match candidates.iter().take(5).any(|c| is(&c)) {
                    true => tally.offered += 1,
                    false if row.truth.is_some() => missed.push(shown()),
                    false => {}
                }
            }
        }
    }
    (tallies, wrong, missed)
}

/// The share of the plain classes that no person had to look at, and of the rest how often the right one was
/// among the candidates; in percent. And how many were given to a wrong unit.
pub fn figures(tallies: &BTreeMap<Class, Tally>) -> (f64, f64, usize) {
    let sum = |want: fn(Class) -> bool, of: fn(&Tally) -> usize| -> usize {
        let some = tallies.iter().filter(|(class, _)| want(**class));
        some.map(|(_, tally)| of(tally)).sum()
    };
    let share = |part: usize, whole: usize| part as f64 * 100.0 / whole.max(1) as f64;
    let rest = |class: Class| !class.plain() && class != Class::Stranger;
    (
        share(
            sum(Class::plain, |t| t.right),
            sum(Class::plain, |t| t.rows),
        ),
        share(sum(rest, |t| t.offered), sum(rest, |t| t.asked)),
        sum(|_| true, |t| t.wrong),
    )
}

/// The figures as a table.
pub fn shown(tallies: &BTreeMap<Class, Tally>) -> String {
    use std::fmt::Write as _;
    let mut text = format!(
        "  {:<10} {:>7} {:>7} {:>6} {:>7} {:>7} {:>8}\n",
        "class", "rows", "right", "wrong", "beside", "asked", "top five"
    );
    for (class, t) in tallies {
        let class = format!("{class:?}");
        let top = match t.asked {
            0 => "-".to_owned(),
            asked if class == "Stranger" => format!("({asked})"),
            asked => format!("{:.1} %", t.offered as f64 * 100.0 / asked as f64),
        };
        let _ = writeln!(
            text,
            "  {class:<10} {:>7} {:>7} {:>6} {:>7} {:>7} {top:>8}",
            t.rows, t.right, t.wrong, t.beside, t.asked
        );
    }
    text
}
