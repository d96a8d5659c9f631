//! A platform that lists about as many rows every day: some are new, some vanish for good, some come
//! back. The same seed tells the same year.

use std::collections::VecDeque;

use chrono::NaiveDate;

use crate::city::account_name;

/// New rows a day, and rows that come back.
const NEW: usize = 22;
const BACK: usize = 3;
/// One row in so many vanishes in a day: with the above, 150 are listed.
const STAYS: usize = 6;
/// Rows that may still come back.
const REMEMBERED: usize = 300;

/// A row of the platform.
#[derive(Clone, Copy)]
struct Row {
    n: usize,
    account: usize,
}

/// What the platform lists, and what it has done so far.
pub struct Listing {
    random: u64,
    accounts: usize,
    live: Vec<Row>,
    gone: VecDeque<Row>,
    /// Rows that were ever listed.
    pub opened: usize,
    /// How often a row vanished.
    pub vanished: usize,
    /// How often one came back.
    pub returned: usize,
}

impl Listing {
    /// A platform that watches so many accounts of a [`city`](crate::city).
    pub fn new(accounts: usize, seed: u64) -> Self {
        Self {
            random: seed,
            accounts,
            live: vec![],
            gone: VecDeque::new(),
            opened: 0,
            vanished: 0,
            returned: 0,
        }
    }

    /// How many rows are listed.
    pub fn listed(&self) -> usize {
        self.live.len()
    }

    /// The report of the next day.
    pub fn day(&mut self, date: NaiveDate) -> Vec<u8> {
        // What vanishes today is not back today.
        let mut absent = self.gone.len();
        for row in std::mem::take(&mut self.live) {
            if self.below(STAYS) == 0 {
                self.vanished += 1;
                self.gone.push_back(row);
            } else {
                self.live.push(row);
            }
        }
        for _ in 0..BACK.min(absent) {
            let at = self.below(absent);
            self.live.extend(self.gone.remove(at));
            self.returned += 1;
            absent -= 1;
        }
        while self.gone.len() > REMEMBERED {
            self.gone.pop_front();
        }
        let new = match self.opened {
            0 => (NEW + BACK) * STAYS,
            _ => NEW,
        };
        (0..new).for_each(|_| self.open());
        self.report(date)
    }

    fn report(&self, date: NaiveDate) -> Vec<u8> {
        let rows: Vec<serde_json::Value> = self
            .live
            .iter()
            .map(|Row { n, account }| {
                let platform = if account.is_multiple_of(8) {
                    "政府网站"
                } else {
                    "微信公众号"
                };
                serde_json::json!({
                    "账号名称": account_name(*account), "账号类型": platform, "问题类型": "错敏词",
                    "错敏词": format!("错误表述{n}"), "推荐修改": format!("正确表述{n}"),
                    "上下文": format!("各单位要认真落实错误表述{n}的要求，确保按时完成整改。"),
                    "文章标题": format!("第{n}篇"), "监测时间": format!("{date} 06:12:00"),
                    "文章链接": format!("https://mp.example.cn/s/{n:012x}"),
                })
            })
            .collect();
        serde_json::to_vec(&serde_json::json!({ "code": 0, "data": { "list": rows } })).unwrap()
    }

    fn open(&mut self) {
        let account = self.below(self.accounts);
        let n = self.opened;
        self.live.push(Row { n, account });
        self.opened += 1;
    }

    /// A number below another, by splitmix64.
    fn below(&mut self, end: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 33) as usize % end
    }
}
