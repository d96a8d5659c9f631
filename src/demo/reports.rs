//! The sample city's daily reports: what the bulletin prints on its accounts, and invented errors on
//! invented accounts that are found, listed for some days, and gone.

use chrono::{Days, NaiveDate};
use serde_json::{Map, Value as Json, json};

use super::city::invented;

/// Errors as they are found: wrong, right, around.
const ERRORS: [(&str, &str, &str); 8] = [
    (
        "警钟常鸣",
        "警钟长鸣",
        "各单位要时刻警钟常鸣，压实安全生产责任。",
    ),
    ("再接再励", "再接再厉", "希望大家再接再励，再创佳绩。"),
    ("做为", "作为", "做为基层干部，要主动服务群众。"),
    ("按装", "安装", "社区统一按装充电设施。"),
    ("一愁莫展", "一筹莫展", "面对难题不能一愁莫展。"),
    ("既使", "即使", "既使遇到暴雨也照常巡查。"),
    ("渡假", "度假", "欢迎来我区渡假休闲。"),
    ("座落", "坐落", "服务大厅座落于广场东侧。"),
];

/// What the bulletin prints: account, unit, problem.
const PRINTED: [(&str, &str, &str); 12] = [
    ("鼓山登山步道运动", "鼓岭旅游度假区管委会", "超期未更新"),
    ("长乐阳光餐饮", "长乐区", "超期未更新"),
    ("I东湖", "长乐区", "超期未更新"),
    ("闽侯文化", "闽侯县", "超期未更新"),
    ("永泰县白云乡人民政府", "永泰县", "超期未更新"),
    ("福州园林", "市园林中心", "严重表述错误未及时修改"),
    ("法治福州", "司法局", "严重表述错误未及时修改"),
    ("高新福州", "高新区管委会", "严重表述错误未及时修改"),
    ("台江发布", "台江区", "严重表述错误未及时修改"),
    ("福州台江公安", "台江区", "严重表述错误未及时修改"),
    ("连江公安", "连江县", "严重表述错误未及时修改"),
    ("上迳印象", "福清市", "严重表述错误未及时修改"),
];

/// One row: header and value.
pub(super) type Row = Map<String, Json>;

/// The columns of the platform's list, in its order.
pub(super) const COLUMNS: [&str; 12] = [
    "账号名称",
    "账号类型",
    "责任单位",
    "问题类型",
    "错敏词",
    "推荐修改",
    "所在上下文",
    "文章标题",
    "链接",
    "发布时间",
    "最后更新时间",
    "备注",
];

fn row(cells: Json) -> Row {
    cells.as_object().cloned().unwrap_or_default()
}

/// The platform's envelope around the rows of a day.
pub(super) fn envelope(date: NaiveDate, rows: &[Row]) -> Json {
    json!({ "code": 0, "data": { "date": date.to_string(), "list": rows } })
}

/// An invented error on an invented account, published `age` days before; `seed` chooses both.
fn error(date: NaiveDate, seed: usize, age: u64) -> Row {
    let (account, _) = invented(seed * 7 % 280 + 1);
    let (wrong, right, context) = ERRORS.get(seed % ERRORS.len()).copied().unwrap_or_default();
    let before = |days| date.checked_sub_days(Days::new(days)).unwrap_or(date);
    let published = before(age);
    // One in twelve was not updated since long before: it goes stale unless somebody posts.
    let mut row = row(json!({
        "账号名称": account, "账号类型": "微信公众号", "问题类型": "错别字", "错敏词": wrong,
        "推荐修改": right, "所在上下文": context, "发布时间": published.to_string(),
        "文章标题": format!("示范文章第{seed}期"),
        "链接": format!("https://example.gov.cn/a/{seed}.html"),
    }));
    // One in twelve has not been updated for long: it goes stale unless somebody posts.
    if seed % 12 == 5 {
        row.insert(
            "最后更新时间".to_owned(),
            before(age + 10).to_string().into(),
        );
    }
    row
}

/// Invented errors drawn by lot.
pub(super) fn drawn(date: NaiveDate) -> Vec<Row> {
    let draw = |_| error(date, rand::random_range(0..4_000), rand::random_range(1..4));
    (0..rand::random_range(8..30)).map(draw).collect()
}

/// The rows of a day, `day` days after the first.
pub(super) fn rows(date: NaiveDate, day: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (n, (account, unit, problem)) in PRINTED.iter().enumerate() {
        if day < 2 + n % 3 {
            rows.push(row(
                json!({ "账号名称": account, "责任单位": unit, "问题类型": problem }),
            ));
        }
    }
    if day < 3 {
        rows.push(row(
            json!({ "责任单位": "晋安区", "问题类型": "依申请公开电话无人接听" }),
        ));
    }
    if day == 0 {
        rows.push(row(
            json!({ "责任单位": "市教育局", "问题类型": "表扬", "备注": "政策解读及时" }),
        ));
        // A name that is mistyped, and a row whose date is none.
        rows.push(row(
            json!({ "账号名称": "示范号01O", "问题类型": "错别字", "错敏词": "做为", "推荐修改": "作为" }),
        ));
        rows.push(row(
            json!({ "账号名称": "示范号002", "账号类型": "微信公众号", "问题类型": "错别字",
            "错敏词": "按装", "推荐修改": "安装", "发布时间": "前天" }),
        ));
    }
    for born in day.saturating_sub(3)..=day {
        for k in 0..12 {
            let seed = born * 12 + k;
            if day - born <= seed % 3 {
                rows.push(error(date, seed, (day - born) as u64 + 1));
            }
        }
    }
    rows
}
