//! 100,000 rows of a platform's list, all its columns, from bytes to findings: as a workbook beside
//! calamine reading the same cells, as text beside the csv crate's `StringRecord`.

use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};

use calamine::{Reader as _, Xlsx, open_workbook_from_rs};
use chrono::NaiveDate;
use duban::report::decode::{self, Decoded};
use duban::report::source::SourceSettings;
use duban::vocabulary::Vocabulary;
use rust_xlsxwriter::Workbook;

use crate::{median, verdict};

const ROWS: usize = 100_000;
const RUNS: usize = 5;

const HEADERS: [&str; 16] = [
    "序号",
    "错敏词",
    "推荐修改",
    "所在上下文",
    "所在文章",
    "账号类型",
    "账号名称",
    "唯一标识",
    "地区",
    "填报单位编码",
    "填报单位名称",
    "订单号",
    "监测时间",
    "发布时间",
    "问题类型",
    "问题级别",
];

fn row(n: usize) -> [String; 16] {
    let account = n * 7_919 % 20_000;
    let second = n % 86_400;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    [
        n.to_string(),
        ["做为", "按装", "帐号", "既使"]
            .get(n % 4)
            .copied()
            .unwrap_or_default()
            .to_owned(),
        "请改正".to_owned(),
        format!("我们做为公务员，应当带头，第{n}次会议指出"),
        format!("https://mp.weixin.qq.com/s?__biz=MzA1&mid={n}&idx=1&sn=a1"),
        ["微信公众号", "微博", "抖音"]
            .get(n % 3)
            .copied()
            .unwrap_or_default()
            .to_owned(),
        format!("示范第{account}发布"),
        format!("gh_{account:08x}"),
        format!("示范{}区", account % 12),
        (350_100 + account % 100).to_string(),
        format!("示范第{}局", account % 100),
        format!("WO20210630{n:06}"),
        format!("2021-06-30 {hour:02}:{minute:02}:{second:02}"),
        format!("2021/6/{}", n % 28 + 1),
        ["错别字", "表述错误", "超期未更新"]
            .get(n % 3)
            .copied()
            .unwrap_or_default()
            .to_owned(),
        ["一般", "严重"]
            .get(n % 2)
            .copied()
            .unwrap_or_default()
            .to_owned(),
    ]
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .merge_range(0, 0, 0, 15, "每日检查报告", &rust_xlsxwriter::Format::new())
        .unwrap();
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write(1, column, header).unwrap();
    }
    for n in 0..ROWS {
        let at = u32::try_from(n).unwrap() + 2;
        for (column, cell) in (0..).zip(row(n)) {
            match column {
                0 | 9 => sheet
                    .write(at, column, cell.parse::<f64>().unwrap())
                    .unwrap(),
                _ => sheet.write(at, column, cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

fn text() -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADERS).unwrap();
    for n in 0..ROWS {
        writer.write_record(row(n)).unwrap();
    }
    writer.into_inner().unwrap()
}

fn decoded(bytes: &[u8], name: &str, vocabulary: &Vocabulary) -> Decoded {
    let day = NaiveDate::from_ymd_opt(2021, 6, 30).unwrap();
    let options = SourceSettings::named("r").decoding(name, day, chrono_tz::Asia::Shanghai);
    decode::decode(bytes, &options, vocabulary).unwrap()
}

/// Each in turn, so that what else the machine does falls on both; the medians.
fn beside(mut raw: impl FnMut(), mut ours: impl FnMut()) -> (Duration, Duration) {
    let (mut limit, mut took) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        raw();
        limit.push(begun.elapsed());
        let begun = Instant::now();
        ours();
        took.push(begun.elapsed());
    }
    (median(limit), median(took))
}

fn say(what: &str, beside: &str, (limit, took): (Duration, Duration), most: f64) {
    let (limit, took) = (crate::ms(limit), crate::ms(took));
    let what = format!("{what}, {took:.0} ms / {beside}, {limit:.0} ms");
    verdict(&what, took / limit, most, "×");
}

pub fn run() {
    let vocabulary = Vocabulary::load(None).unwrap();
    println!("decode: {ROWS} rows of {} columns", HEADERS.len());
    let book = workbook();
    let cells = || {
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(&book[..])).unwrap();
        let range = book.worksheet_range("Sheet1").unwrap();
        assert_eq!(range.used_cells().count(), (ROWS + 1) * HEADERS.len() + 1);
        black_box(range);
    };
    let findings = || {
        let decoded = decoded(&book, "r.xlsx", &vocabulary);
        assert_eq!((decoded.findings.len(), decoded.rejected.len()), (ROWS, 0));
        black_box(decoded);
    };
    let times = beside(cells, findings);
    say("XLSX to findings", "calamine's cells", times, 1.5);
    let text = text();
    let records = || {
        let mut reader = csv::Reader::from_reader(&text[..]);
        let (mut record, mut cells) = (csv::StringRecord::new(), 0);
        while reader.read_record(&mut record).unwrap() {
            cells += record.len();
        }
        assert_eq!(black_box(cells), ROWS * HEADERS.len());
    };
    let findings = || {
        let decoded = decoded(&text, "r.csv", &vocabulary);
        assert_eq!((decoded.findings.len(), decoded.rejected.len()), (ROWS, 0));
        black_box(decoded);
    };
    let times = beside(records, findings);
    say("CSV to findings", "one StringRecord", times, 4.0);
    let records = || {
        let mut reader = csv::Reader::from_reader(&text[..]);
        let all: Result<Vec<csv::StringRecord>, _> = reader.records().collect();
        assert_eq!(black_box(all.unwrap()).len(), ROWS);
    };
    say(
        "CSV to findings",
        "every StringRecord kept",
        beside(records, findings),
        4.0,
    );
}
