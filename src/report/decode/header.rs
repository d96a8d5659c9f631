//! Where a table's header is, in one row or several, and which rows below it are none of its rows.

use std::collections::HashMap;

use super::Area;
use crate::error::Fault;
use crate::vocabulary::Vocabulary;

/// The header is looked for in so many rows that hold anything.
pub(super) const HEAD_ROWS: usize = 15;

/// A header has at most so many rows.
const DEEPEST: usize = 3;

/// A row with the number a person counts.
pub(super) type Row = (u64, Vec<String>);

/// A header that was found.
#[derive(Debug, PartialEq)]
pub(super) struct Head {
    /// The name of each column.
    pub headers: Vec<String>,
    /// How many of the first rows are above the table's rows.
    pub above: usize,
}

/// The header among the first rows: the one with most known headers, at least two.
pub(super) fn header_row(rows: &[Vec<String>], vocabulary: &Vocabulary) -> Option<usize> {
    let counts = rows
        .iter()
        .take(HEAD_ROWS)
        .map(|row| known(row, vocabulary));
    let (at, best) = counts
        .enumerate()
        .max_by_key(|(n, hits)| (*hits, std::cmp::Reverse(*n)))?;
    (best >= 2).then_some(at)
}

/// How many of the cells are known headers.
pub(super) fn known(row: &[String], vocabulary: &Vocabulary) -> usize {
    let cells = row.iter().filter(|cell| !cell.is_empty());
    cells
        .filter(|cell| vocabulary.header(cell).is_some())
        .count()
}

/// The header among the first rows, where it may have several rows: groups above names.
pub(super) fn find(rows: &[Row], merged: &[Area], vocabulary: &Vocabulary) -> Option<Head> {
    let rows = rows.get(..HEAD_ROWS.min(rows.len()))?;
    let mut best: Option<(usize, usize, usize)> = None;
    for at in 0..rows.len() {
        for deep in 1..=DEEPEST {
            let Some(headers) = combined(rows, at, deep, merged, vocabulary) else {
                break;
            };
            let hits = known(&headers, vocabulary);
            if hits >= 2 && best.is_none_or(|(most, _, _)| hits > most) {
                best = Some((hits, at, deep));
            }
        }
    }
    let (hits, at, mut deep) = best?;
    while deep < DEEPEST && goes_on(rows, at, deep, merged) {
        // Rows of the table would take the place of names that are known.
        let longer = combined(rows, at, deep + 1, merged, vocabulary);
        if longer.is_none_or(|names| known(&names, vocabulary) < hits) {
            break;
        }
        deep += 1;
    }
    Some(Head {
        headers: combined(rows, at, deep, merged, vocabulary)?,
        above: at + deep,
    })
}

/// The names of the columns by `deep` rows from `at` on, which stand directly below each other.
fn combined(
    rows: &[Row],
    at: usize,
    deep: usize,
    merged: &[Area],
    vocabulary: &Vocabulary,
) -> Option<Vec<String>> {
    let mut rows = rows.get(at..at + deep)?.iter();
    let (number, first) = rows.next()?;
    let mut number = *number;
    let mut names = first.clone();
    for (next, lower) in rows {
        if *next != number + 1 {
            return None;
        }
        let groups = groups(&names, lower, number, merged);
        number = *next;
        let width = names.len().max(lower.len());
        let of = |cells: &[String], at: usize| cells.get(at).cloned().unwrap_or_default();
        let mut times: HashMap<&str, usize> = HashMap::new();
        for name in lower {
            *times.entry(name).or_default() += 1;
        }
        names = (0..width)
            .map(|at| {
                let twice = lower.get(at).and_then(|name| times.get(name.as_str()));
                let twice = twice.is_some_and(|times| *times > 1);
                name(
                    of(&names, at),
                    &of(&groups, at),
                    of(lower, at),
                    twice,
                    vocabulary,
                )
            })
            .collect();
    }
    Some(names)
}

/// What a column below a group is called.
fn name(own: String, group: &str, lower: String, twice: bool, vocabulary: &Vocabulary) -> String {
    if lower.is_empty() {
        return own;
    }
    if group.is_empty() || group == lower {
        return lower;
    }
    let joined = format!("{group}{lower}");
    let known = vocabulary.header(&joined).is_some();
    if known || (twice && vocabulary.header(&lower).is_none()) {
        return joined;
    }
    lower
}

/// The group above each column: the cell itself, or the one that is merged over it. Where nothing
/// of the row is merged, as in text, a group reaches over the empty cells to its right.
fn groups(upper: &[String], lower: &[String], number: u64, merged: &[Area]) -> Vec<String> {
    let here = |area: &&Area| u64::from(area.0.0) < number && number <= u64::from(area.1.0) + 1;
    let wide = |area: &&Area| area.1.1 > area.0.1;
    let over: Vec<&Area> = merged.iter().filter(here).filter(wide).collect();
    let mut last = String::new();
    (0..upper.len().max(lower.len()))
        .map(|at| {
            let own = upper.get(at).map_or("", String::as_str);
            if !own.is_empty() {
                own.clone_into(&mut last);
                return own.to_owned();
            }
            if merged.is_empty() {
                let named = lower.get(at).is_some_and(|name| !name.is_empty());
                return if named { last.clone() } else { String::new() };
            }
            let group = over
                .iter()
                .find(|area| (area.0.1..=area.1.1).contains(&(at as u32)));
            let group = group.and_then(|area| upper.get(area.0.1 as usize));
            group.cloned().unwrap_or_default()
        })
        .collect()
}

/// Whether the row below a header belongs to it, although none of its names is known: a cell of the
/// header is merged down into it, or it only names parts of the header's groups.
fn goes_on(rows: &[Row], at: usize, deep: usize, merged: &[Area]) -> bool {
    let (Some((number, upper)), Some((next, lower))) =
        (rows.get(at + deep - 1), rows.get(at + deep))
    else {
        return false;
    };
    if *next != number + 1 {
        return false;
    }
    let first = rows.get(at).map_or(*number, |(first, _)| *first);
    let down = |area: &Area| {
        let (from, to) = (u64::from(area.0.0) + 1, u64::from(area.1.0) + 1);
        from >= first && from <= *number && to >= *next && to < first + DEEPEST as u64
    };
    if merged.iter().any(down) {
        return true;
    }
    if !merged.is_empty() && !merged.iter().any(|area| u64::from(area.0.0) + 1 == *number) {
        return false;
    }
    let filled = |cells: &[String], at: usize| cells.get(at).is_some_and(|cell| !cell.is_empty());
    let width = upper
        .iter()
        .rposition(|cell| !cell.is_empty())
        .map_or(0, |last| last + 2);
    // A group is a name with empty cells to its right, all of which are named below.
    let grouped = |at: usize| {
        let begins = (0..=at).rev().find(|at| filled(upper, *at));
        let Some(begins) = begins.filter(|begins| !filled(upper, begins + 1)) else {
            return false;
        };
        (begins..=at.max(begins + 1)).all(|at| filled(lower, at)) && at < width
    };
    let named: Vec<usize> = (0..lower.len()).filter(|at| filled(lower, *at)).collect();
    named.len() >= 2 && named.iter().all(|at| grouped(*at))
}

/// What to say when no header was found.
pub(super) fn no_header(rows: &[Vec<String>]) -> Fault {
    let filled = |row: &&Vec<String>| row.iter().filter(|cell| !cell.is_empty()).count();
    let widest = rows.iter().rev().max_by_key(filled);
    let shown = |row: &Vec<String>| {
        let cells: Vec<&str> = row
            .iter()
            .map(String::as_str)
            .filter(|c| !c.is_empty())
            .collect();
        cells.join(" | ").chars().take(120).collect::<String>()
    };
    let first = rows.first().map(shown).unwrap_or_default();
    let widest = widest.map(shown).filter(|widest| *widest != first);
    let widest = widest
        .map(|row| format!("; the widest is: {row}"))
        .unwrap_or_default();
    Fault::new(format!(
        "no header row among the first {HEAD_ROWS} rows: at least two known column names are needed, \
         for instance 账号名称 and 问题类型; rename them, or say under [sources.columns] of the source \
         what they mean; the first row is: {first}{widest}"
    ))
    .code("no_header")
}

/// Words of rows that only sum up.
const SUMS: [&str; 6] = ["合计", "小计", "总计", "共计", "总数", "累计"];
/// First words of rows that remark; a remark's word stands alone.
const REMARKS: [&str; 5] = ["备注", "说明", "注", "填表说明", "备注说明"];
/// First words of rows that sign; a colon follows.
const SIGNS: [&str; 11] = [
    "填表人",
    "制表人",
    "填报人",
    "审核人",
    "复核人",
    "负责人",
    "联系人",
    "联系电话",
    "填报单位",
    "填报日期",
    "制表日期",
];

/// How any of these words begins.
const BEGIN: &str = "合小总共累备说注填制审复负联";

/// Whether a row below the header closes the table instead of saying a finding.
pub(super) fn is_closing<S: AsRef<str>>(cells: &[S]) -> bool {
    let mut filled = cells
        .iter()
        .map(|cell| cell.as_ref().trim())
        .filter(|c| !c.is_empty());
    let Some(first) = filled.next() else {
        return false;
    };
    let (second, rest) = (filled.next(), filled);
    // Most rows begin with a number or a name that is none of these.
    let may = |cell: &str| cell.starts_with(|c| BEGIN.contains(c));
    if !may(first) && !second.is_some_and(may) {
        return false;
    }
    let rest: Vec<&str> = rest.collect();
    let numbers = |cells: &[&str]| cells.iter().all(|cell| is_number(cell));
    if is_sum(first) {
        let others: Vec<&str> = second.into_iter().chain(rest.iter().copied()).collect();
        return others.len() <= 2 || numbers(&others);
    }
    if second.is_some_and(is_sum) && numbers(&rest) {
        return true;
    }
    let remarks = |word: &&str| {
        let after = first.strip_prefix(*word);
        after.is_some_and(|after| !after.starts_with(char::is_alphabetic))
    };
    let signs = |word: &&str| {
        let after = first.strip_prefix(*word).map(str::trim_start);
        after.is_some_and(|after| after.is_empty() || after.starts_with([':', '：']))
    };
    let others = usize::from(second.is_some()) + rest.len();
    (REMARKS.iter().any(remarks) && others <= 2) || (SIGNS.iter().any(signs) && others <= 7)
}

/// 合计, 合 计, 小计：, 总计3条.
fn is_sum(cell: &str) -> bool {
    // Longer texts are none, and are not looked at.
    if cell.len() > 60 {
        return false;
    }
    let Some(first) = cell.chars().next() else {
        return false;
    };
    if !SUMS.iter().any(|word| word.starts_with(first)) {
        return false;
    }
    let close: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    SUMS.iter().any(|word| {
        let after = close.strip_prefix(word);
        after.is_some_and(|after| !after.starts_with(char::is_alphabetic))
    })
}

fn is_number(cell: &str) -> bool {
    let bare = cell.trim_end_matches(['条', '个', '家', '次', '%', '％', '项']);
    let figures = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '—' | '/' | '\'');
    bare.chars().all(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[&str]) -> Vec<Row> {
        let cells = |row: &&str| row.split(',').map(str::to_owned).collect();
        (1..).zip(text.iter().map(cells)).collect()
    }

    fn found(text: &[&str], merged: &[Area]) -> Option<(String, usize)> {
        let words = Vocabulary::builtin().unwrap();
        let head = find(&rows(text), merged, &words)?;
        Some((head.headers.join(","), head.above))
    }

    #[test]
    fn a_header_has_one_row_or_groups_above_names() {
        let area =
            |rows: (u32, u32), columns: (u32, u32)| ((rows.0, columns.0), (rows.1, columns.1));
        // Titles above.
        let simple = [
            "每日检查报告,,",
            "填报单位：示范市,,日期",
            "序号,账号名称,问题类型",
            "1,甲,错别字",
        ];
        assert_eq!(
            found(&simple, &[area((0, 0), (0, 2))]),
            Some(("序号,账号名称,问题类型".into(), 3))
        );
        // Groups that are merged, names below, cells merged down.
        let groups = [
            "序号,账号信息,,问题,,备注",
            ",账号名称,平台,类型,错敏词,",
            "1,甲,微信,错别字,做为,无",
        ];
        let merged = [
            area((0, 1), (0, 0)),
            area((0, 0), (1, 2)),
            area((0, 0), (3, 4)),
            area((0, 1), (5, 5)),
        ];
        let want = Some(("序号,账号名称,平台,问题类型,错敏词,备注".into(), 2));
        assert_eq!(found(&groups, &merged), want);
        // The same as text, where nothing says what is merged.
        assert_eq!(found(&groups, &[]), want);
        // Names that nobody knows, below a header that is known: a cell is merged down.
        let dates = [
            "账号名称,责任单位,更新情况,,问题类型",
            ",,首次,再次,",
            "甲,某局,1,2,错别字",
        ];
        let merged = [area((0, 1), (0, 0)), area((0, 0), (2, 3))];
        let want = Some(("账号名称,责任单位,首次,再次,问题类型".into(), 2));
        assert_eq!(found(&dates, &merged), want);
        assert_eq!(found(&dates, &[]), want);
        // A column without a header makes no group of the one before it.
        let bare = ["账号名称,,错敏词", "甲,一,做为", "乙,二,按装"];
        assert_eq!(found(&bare, &[]).map(|head| head.1), Some(1));
        let bare = ["账号名称,错敏词,", "甲,做为,一"];
        assert_eq!(found(&bare, &[]).map(|head| head.1), Some(1));
        // A first row that is not full is no part of the header.
        let sparse = [
            "账号名称,责任单位,问题类型,错敏词",
            "甲,,错别字,",
            "乙,某局,错别字,做为",
        ];
        assert_eq!(found(&sparse, &[]).map(|head| head.1), Some(1));
        assert_eq!(found(&["甲,乙", "丙,丁"], &[]), None);
    }

    #[test]
    fn totals_remarks_and_signatures_close_a_table() {
        for (row, closes) in [
            ("合计,,3", true),
            ("合 计,12,3,4,5", true),
            ("示范一区,小计,3", true),
            ("总计：12条", true),
            ("合计,甲,错别字,做为", false),
            ("备注：截至今日", true),
            ("备注说明,按装,二", true),
            ("说明文档,按装", false),
            ("注1：,", true),
            ("注意事项公众号,错别字", false),
            ("填表人：林晓雨,,审核人：陈志远,,日期：2021-06-30", true),
            ("负责人之家,错别字", false),
            ("1,示范发布,小计,小计", false),
            ("1,示范发布,错别字,合计", false),
        ] {
            let cells: Vec<&str> = row.split(',').collect();
            assert_eq!(is_closing(&cells), closes, "{row}");
        }
    }
}
