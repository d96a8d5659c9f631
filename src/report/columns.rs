//! What the columns mean: a row becomes a finding, or is rejected with its place.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::dates::{self, When};
use super::sheet::{Column, DecodeOptions, Decoded, Rejected, Sheet};
use crate::error::Fault;
use crate::finding::{Finding, Severity, mojibake, text};
use crate::vocabulary::Vocabulary;

/// Turns the rows of a sheet into findings. An error means that a needed column is missing.
pub fn understand(
    mut sheet: Sheet,
    vocabulary: &Vocabulary,
    options: &DecodeOptions,
    out: &mut Decoded,
) -> Result<(), Fault> {
    if sheet.rows.is_empty() && sheet.headers.is_empty() {
        return Ok(());
    }
    mojibake::repair_row(&mut sheet.headers, &[], &[]);
    let mut repaired = 0;
    let columns = Columns::of(&sheet, vocabulary, options.updates)?;
    let content = [
        "wrong_text",
        "suggestion",
        "context",
        "article_title",
        "article",
    ];
    let content = content
        .into_iter()
        .filter_map(|field| columns.field.get(field));
    let content: Vec<usize> = content.map(|(at, _)| *at).collect();
    if !columns.unknown.is_empty() {
        let names: Vec<&str> = columns
            .unknown
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        out.notes
            .push(format!("columns kept as they are: {}", names.join("、")));
    }
    out.columns.extend(columns.told(&sheet));
    let sheet_platform = sheet
        .name
        .as_deref()
        .and_then(|name| vocabulary.platform(name))
        .map(|platform| platform.id.clone());
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    for (number, mut cells) in std::mem::take(&mut sheet.rows) {
        let was = mojibake::repair_row(&mut cells, &sheet.headers, &content);
        repaired += usize::from(!was.is_empty());
        let row = Row {
            columns: &columns,
            cells: &cells,
            vocabulary,
            options,
        };
        let mut finding = row.names(number);
        finding.sheet.clone_from(&sheet.name);
        finding.other.extend(was);
        match &finding.platform_text {
            Some(word) => *unknown.entry(word.clone()).or_default() += 1,
            None => finding.platform = finding.platform.or_else(|| sheet_platform.clone()),
        }
        match row.complete(finding) {
            Ok(finding) => out.findings.push(finding),
            Err(unread) => {
                let (finding, fault) = *unread;
                let fault = Fault {
                    sheet: sheet.name.clone(),
                    row: Some(number),
                    ..fault
                };
                let named = finding.account_name.is_some()
                    || finding.unit_name.is_some()
                    || finding.account_uid.is_some();
                out.rejected.push(Rejected {
                    fault,
                    named: named.then(|| Box::new(finding)),
                });
            }
        }
    }
    if repaired > 0 {
        out.notes.push(format!(
            "{repaired} rows held text read in a wrong encoding (like 鍙版睙): it was read back, and stands as it came \
             beside each row; have the report exported as UTF-8"
        ));
    }
    for (word, rows) in unknown {
        out.notes.push(format!(
            "platform {word} is not known ({rows} rows): add the word to platforms.toml"
        ));
    }
    Ok(())
}

/// Which column carries which field.
struct Columns {
    field: HashMap<String, (usize, String)>,
    unknown: Vec<(usize, String)>,
}

impl Columns {
    fn of(sheet: &Sheet, vocabulary: &Vocabulary, updates: bool) -> Result<Self, Fault> {
        let mut columns = Self {
            field: HashMap::new(),
            unknown: Vec::new(),
        };
        for (at, header) in sheet.headers.iter().enumerate() {
            let shown: String = header.split_whitespace().collect();
            match vocabulary.header(header) {
                Some(field) if !columns.field.contains_key(field) => {
                    columns.field.insert(field.to_owned(), (at, shown));
                }
                _ if !shown.is_empty() => columns.unknown.push((at, shown)),
                _ => {}
            }
        }
        if let Some((at, shown)) = columns.field.get("organisation").cloned() {
            columns
                .field
                .entry("unit".to_owned())
                .or_insert((at, shown));
        }
        let has = |names: &[&str]| names.iter().any(|name| columns.field.contains_key(*name));
        let seen = sheet.headers.join("、");
        let need = |what: &str, names: &str| {
            let fault = Fault::new(format!(
                "no column says {what}; one of these is needed: {names}; the headers are: {seen}"
            ));
            Fault {
                sheet: sheet.name.clone(),
                ..fault.code("no_column")
            }
        };
        if !has(&["account_name", "account_uid", "unit", "unit_code"]) {
            return Err(need(
                "which account or unit is meant",
                "账号名称、唯一标识、责任单位",
            ));
        }
        if updates && !has(&["last_update"]) {
            return Err(need(
                "when the account was updated last",
                "最后更新时间、检查时更新日期",
            ));
        }
        if !updates && !has(&["problem_type", "wrong_text"]) {
            return Err(need("what is wrong", "问题类型、错敏词"));
        }
        Ok(columns)
    }
}

impl Columns {
    /// What each column was taken for, from left to right.
    fn told(&self, sheet: &Sheet) -> Vec<Column> {
        let known = |at: usize| {
            let taken = self.field.iter().filter(|(_, (place, _))| *place == at);
            // 机构 stands for the unit where no column names one.
            taken.map(|(field, _)| field).min()
        };
        let named = sheet.headers.iter().enumerate();
        let named = named.map(|(at, header)| (at, header.split_whitespace().collect::<String>()));
        let named = named.filter(|(_, header)| !header.is_empty());
        named
            .map(|(at, header)| Column {
                sheet: sheet.name.clone(),
                header,
                field: known(at).cloned(),
            })
            .collect()
    }
}

struct Row<'a> {
    columns: &'a Columns,
    cells: &'a [String],
    vocabulary: &'a Vocabulary,
    options: &'a DecodeOptions,
}

impl Row<'_> {
    fn get(&self, field: &str) -> Option<&str> {
        let (at, _) = self.columns.field.get(field)?;
        let text = self.cells.get(*at)?.trim();
        (!matches!(text, "" | "-" | "—" | "--" | "无" | "/")).then_some(text)
    }

    fn own(&self, field: &str) -> Option<String> {
        self.get(field).map(str::to_owned)
    }

    /// What the row names, before anything is judged.
    fn names(&self, number: u64) -> Finding {
        let word = self.get("platform");
        let platform = word.and_then(|word| self.vocabulary.platform(word));
        Finding {
            sheet: None,
            row: number,
            account_name: self.own("account_name"),
            platform_text: word.filter(|_| platform.is_none()).map(str::to_owned),
            platform: platform.map(|p| p.id.clone()),
            account_uid: self.own("account_uid"),
            homepage: self.own("homepage"),
            unit_name: self.own("unit"),
            unit_code: self.own("unit_code"),
            supervisor: self.own("supervisor"),
            area: self.own("area"),
            category: "other".to_owned(),
            category_text: self.own("problem_type"),
            severity: Severity::Normal,
            urgent: false,
            positive: false,
            wrong_text: self.own("wrong_text"),
            suggestion: self.own("suggestion"),
            context: self.own("context"),
            article_title: self.own("article_title"),
            article_url: self.own("article_url"),
            published_at: None,
            found_at: None,
            last_update: None,
            rectify_state: self.own("rectify_state"),
            review_state: self.own("review_state"),
            said: None,
            ticket_no: self.own("ticket_no"),
            other: self.other(),
        }
    }

    fn other(&self) -> BTreeMap<String, String> {
        let kept = self.columns.unknown.iter().filter_map(|(at, header)| {
            let text = self.cells.get(*at).filter(|text| !text.is_empty())?;
            Some((header.clone(), text.clone()))
        });
        kept.collect()
    }

    fn fault(&self, field: &str, code: &'static str, reason: &str) -> Fault {
        let mut fault = Fault::new(reason).code(code);
        if let Some((at, header)) = self.columns.field.get(field) {
            fault = fault.column(header);
            if let Some(value) = self.cells.get(*at).filter(|v| !v.is_empty()) {
                fault = fault.value(value.chars().take(80).collect::<String>());
            }
        }
        fault
    }

    /// The finding whole, or what was readable of it and what is wrong.
    fn complete(&self, mut finding: Finding) -> Result<Finding, Box<(Finding, Fault)>> {
        for field in [
            "account_name",
            "unit",
            "account_uid",
            "wrong_text",
            "problem_type",
        ] {
            if self.get(field).is_some_and(text::is_damaged) {
                let reason =
                    "characters were lost (� or ?); have the report exported again as UTF-8";
                return Err(Box::new((finding, self.fault(field, "damaged", reason))));
            }
        }
        let named = [
            &finding.account_name,
            &finding.account_uid,
            &finding.unit_name,
        ];
        if named.iter().all(|name| name.is_none()) && finding.unit_code.is_none() {
            let reason = "the row names neither an account nor a unit; fill in one of them";
            let fault = self.fault("account_name", "no_name", reason);
            return Err(Box::new((finding, fault)));
        }
        let nothing_wrong = finding.category_text.is_none() && finding.wrong_text.is_none();
        if nothing_wrong && !self.options.updates {
            let reason = "the row does not say what is wrong; fill in 问题类型 or 错敏词";
            let fault = self.fault("problem_type", "no_problem", reason);
            return Err(Box::new((finding, fault)));
        }
        for (field, slot) in [("publish_time", 0), ("found_time", 1), ("last_update", 2)] {
            match self.time(field) {
                Ok(None) => {}
                Ok(Some(at)) if slot == 0 => finding.published_at = Some(at),
                Ok(Some(at)) if slot == 1 => finding.found_at = Some(at),
                Ok(Some(at)) => {
                    let day = at.with_timezone(&self.options.zone).date_naive();
                    if day > self.options.date + TimeDelta::days(1) {
                        let reason = "the last update lies after the report's day";
                        let fault = self.fault(field, "update_to_come", reason);
                        return Err(Box::new((finding, fault)));
                    }
                    finding.last_update = Some(day);
                }
                Err(fault) => return Err(Box::new((finding, fault))),
            }
        }
        self.judge(&mut finding);
        Ok(finding)
    }

    fn time(&self, field: &str) -> Result<Option<DateTime<Utc>>, Fault> {
        let Some(text) = self.get(field) else {
            return Ok(None);
        };
        match dates::read(text, self.options.date, self.options.zone) {
            When::Nothing => Ok(None),
            When::At(at) => Ok(Some(at)),
            When::Unreadable => {
                let reason = "not a date; write it as 2021-06-30 or 2021年6月30日 9:05";
                Err(self.fault(field, "not_a_date", reason))
            }
        }
    }

    /// Category, severity, urgency, praise, and where the article is.
    fn judge(&self, finding: &mut Finding) {
        let category = finding
            .category_text
            .as_deref()
            .and_then(|w| self.vocabulary.category(w));
        match category {
            Some(category) => {
                finding.category.clone_from(&category.id);
                finding.severity = category.severity;
                finding.urgent = category.urgent;
                finding.positive = category.positive;
            }
            None if finding.category_text.is_none() => finding.category = "typo".to_owned(),
            None => {}
        }
        if let Some(severity) = self
            .get("severity")
            .and_then(|w| self.vocabulary.severity(w))
        {
            finding.severity = severity;
        }
        // The review outweighs what was reported; it is the later of the two.
        let said = |field: &str| self.get(field).and_then(|w| self.vocabulary.said(w));
        finding.said = said("review_state").or_else(|| said("rectify_state"));
        if let Some(article) = self.get("article") {
            let slot = if article.contains("://") {
                &mut finding.article_url
            } else {
                &mut finding.article_title
            };
            slot.get_or_insert_with(|| article.to_owned());
        }
    }
}
