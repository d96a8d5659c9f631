//! Every message of the catalogue in every language, with sample data: kept side by side in `snapshots/`, and
//! held to what Telegram takes. `INSTA_UPDATE=always ./test --test messages` keeps what has changed.

#![expect(clippy::unwrap_used, reason = "a sample that cannot be drawn fails")]

mod asked;
mod cards;
mod cast;
mod coming;
mod inbound;
mod issues;
mod managing;
mod office;
mod people;
mod said;

use std::collections::{BTreeMap, BTreeSet};

use cast::{Cast, bleached};
use duban::message::lang::Lang;
use duban::message::{Catalogue, Languages, Rendered, plain, utf16_len};
use duban::sandbox::html;
use duban::vocabulary::Vocabulary;

/// How a message is drawn: from a cast, in the words of a language.
type Draw = Box<dyn Fn(&Cast, &Catalogue) -> Rendered>;

/// A message with sample data.
struct Sample {
    template: &'static str,
    about: &'static str,
    draw: Draw,
}

/// What a sample is drawn by; most are drawn by the views that the program uses.
fn sample(
    template: &'static str,
    about: &'static str,
    draw: impl Fn(&Cast, &Catalogue) -> Rendered + 'static,
) -> Sample {
    let draw = Box::new(draw);
    Sample {
        template,
        about,
        draw,
    }
}

/// A message without buttons.
fn text(html: String) -> Rendered {
    let keyboard = vec![];
    Rendered { html, keyboard }
}

fn samples() -> Vec<Sample> {
    let mut all = issues::samples();
    all.extend(asked::samples());
    all.extend(people::samples());
    all.extend(cards::samples());
    all.extend(coming::samples());
    all.extend(inbound::samples());
    all.extend(managing::samples());
    all.extend(office::samples());
    all.extend(said::samples());
    all
}

fn languages() -> Languages {
    Languages::load(None, Lang::Zh).unwrap()
}

/// A message as it is kept: what is said, and the rows of buttons.
fn shown(said: &Rendered) -> String {
    let mut shown = said.html.clone();
    for row in &said.keyboard {
        let labels: Vec<String> = row
            .iter()
            .map(|button| format!("[{}]", button.label))
            .collect();
        shown.push('\n');
        shown.push_str(&labels.join(" "));
    }
    shown
}

/// Messages that are shown for a moment above the chat.
fn toast(template: &str) -> bool {
    let others = ["dismissed", "placed", "ruled", "hand_nobody"];
    template.starts_with("toast_") || others.contains(&template)
}

/// What Telegram refuses, or cuts.
fn faults(template: &str, said: &Rendered) -> Vec<String> {
    let mut faults = Vec::new();
    match html::parse(&said.html) {
        Err(refusal) => faults.push(refusal),
        Ok((text, _)) if utf16_len(&text) > 4096 => faults.push("longer than 4096".to_owned()),
        Ok((text, _)) if text.trim().is_empty() => faults.push("says nothing".to_owned()),
        Ok(_) => {}
    }
    if toast(template) && utf16_len(&plain(&said.html)) > 200 {
        faults.push("a toast longer than 200".to_owned());
    }
    if said.html.contains("\n\n\n") || said.html.contains("{{") {
        faults.push("not as it should be laid out".to_owned());
    }
    for button in said.keyboard.iter().flatten() {
        if button.data.len() > 64 || button.label.trim().is_empty() {
            faults.push(format!("the button {button:?}"));
        }
    }
    faults
}

#[test]
fn every_message_has_a_sample() {
    let drawn: BTreeSet<&str> = samples().iter().map(|sample| sample.template).collect();
    let all: BTreeSet<&str> = Catalogue::names().collect();
    let without: Vec<_> = all.difference(&drawn).collect();
    let unknown: Vec<_> = drawn.difference(&all).collect();
    assert!(without.is_empty(), "no sample of {without:?}");
    assert!(unknown.is_empty(), "no message {unknown:?}");
}

#[test]
fn every_message_reads_as_it_is_kept() {
    let languages = languages();
    let cast = Cast::new();
    let mut kept: BTreeMap<&str, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for sample in samples() {
        let page = kept.entry(sample.template).or_default();
        for lang in Lang::ALL {
            let said = (sample.draw)(&cast, languages.of(lang));
            for fault in faults(sample.template, &said) {
                let (template, about) = (sample.template, sample.about);
                wrong.push(format!("{template}, {about}, {lang:?}: {fault}"));
            }
            let heading = format!("──── {} · {}", sample.about, lang.code());
            page.push_str(&format!("{heading}\n{}\n\n", shown(&said)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (template, page) in kept {
            insta::assert_snapshot!(template, page);
        }
    });
}

/// Where an English text says in Chinese what may be typed, or names what only has a Chinese name.
const QUOTED: [&str; 13] = [
    "谁还没签收",
    "上周严重错误有哪些",
    "哪些单位超期最多",
    "menu、菜单",
    "/account 发布",
    "/person 林",
    "张三",
    "示范区教育局",
    "教育局",
    "账号名称",
    "问题类型",
    "中文",
    "语言",
];

fn han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff60}')
}

/// What is Chinese of an English text besides what it quotes: in brackets, or by name.
fn chinese(text: &str) -> String {
    let mut rest = QUOTED
        .iter()
        .fold(text.to_owned(), |text, quoted| text.replace(quoted, ""));
    while let Some(at) = rest.find('(') {
        let tail = rest.get(at + 1..).unwrap_or_default();
        let end = tail.find(')').unwrap_or(tail.len());
        let inside = tail.get(..end).unwrap_or_default().to_owned();
        let outside = rest.get(..at).unwrap_or_default().to_owned();
        if !inside.chars().all(han) && inside.chars().any(han) {
            return inside;
        }
        rest = outside + tail.get(end..).unwrap_or_default();
    }
    rest.chars().filter(|c| han(*c)).collect()
}

#[test]
fn english_says_nothing_in_chinese() {
    let languages = languages();
    let english = languages.of(Lang::En);
    let mut wrong = Vec::new();
    // The sample data in Latin letters: what is Chinese then is the catalogue's.
    bleached(|| {
        let cast = Cast::new();
        for sample in samples() {
            let said = shown(&(sample.draw)(&cast, english));
            let chinese = chinese(&said);
            if !chinese.is_empty() {
                wrong.push(format!("{}, {}: {chinese}", sample.template, sample.about));
            }
        }
    });
    for key in english.keys() {
        let chinese = chinese(english.term(key));
        if !chinese.is_empty() {
            wrong.push(format!("{key}: {chinese}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Short words that only another language needs: what vocabulary and calendar say in Chinese.
fn of_english(key: &str) -> bool {
    ["category_", "platform_", "holiday_"]
        .iter()
        .any(|prefix| key.starts_with(prefix))
}

/// What a template is given of others: `issue.due`.
fn parts(template: &str) -> BTreeSet<&str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let words = template.split(|c: char| !word(c));
    let words = words.filter(|word| !word.starts_with("loop.") && !word.starts_with('.'));
    let dotted = words.filter(|word| word.contains('.') && !word.ends_with('.'));
    dotted
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

#[test]
fn every_language_says_all_that_is_told() {
    let mut wrong = Vec::new();
    for name in Catalogue::names() {
        let read = |lang: Lang| {
            let text = std::fs::read_to_string(format!("messages/{}/{name}.jinja", lang.code()));
            let text = text.unwrap();
            // What a template is given stands in a comment above it.
            let (_, below) = text.rsplit_once("-#}").unwrap_or(("", &text));
            below.to_owned()
        };
        let (zh, en) = (read(Lang::Zh), read(Lang::En));
        let unsaid: Vec<_> = parts(&zh).difference(&parts(&en)).copied().collect();
        if !unsaid.is_empty() {
            wrong.push(format!("{name}: {unsaid:?}"));
        }
    }
    assert!(wrong.is_empty(), "said in Chinese only: {wrong:#?}");
}

/// What stands in braces.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts
        .filter_map(|part| Some(part.split_once('}')?.0))
        .collect()
}

#[test]
fn every_language_has_the_same_short_words() {
    let languages = languages();
    let (zh, en) = (languages.of(Lang::Zh), languages.of(Lang::En));
    let keys = |of: &Catalogue| -> BTreeSet<String> {
        let keys = of.keys().filter(|key| !of_english(key));
        keys.map(str::to_owned).collect()
    };
    let (chinese, english) = (keys(zh), keys(en));
    let apart: Vec<_> = chinese.symmetric_difference(&english).collect();
    assert!(apart.is_empty(), "only in one language: {apart:?}");
    for key in &chinese {
        let mut said = placeholders(zh.term(key));
        // How a day is said differs most.
        said.extend(
            ["month_name", "weekday", "to"]
                .iter()
                .filter(|_| key.starts_with("date")),
        );
        let unknown: Vec<_> = placeholders(en.term(key))
            .difference(&said)
            .copied()
            .collect();
        assert!(unknown.is_empty(), "{key}: {unknown:?}");
    }
}

/// What the calendar calls days off; it may name two at once.
const HOLIDAYS: [&str; 7] = [
    "元旦",
    "春节",
    "清明节",
    "劳动节",
    "端午节",
    "中秋节",
    "国庆节",
];

#[test]
fn english_names_every_category_and_platform() {
    let languages = languages();
    let english = languages.of(Lang::En);
    let vocabulary = Vocabulary::load(None).unwrap();
    let categories = vocabulary
        .category_ids()
        .into_iter()
        .map(|id| format!("category_{id}"));
    let platforms = vocabulary
        .platform_ids()
        .into_iter()
        .map(|id| format!("platform_{id}"));
    let holidays = HOLIDAYS.map(|name| format!("holiday_{name}"));
    let wanted: BTreeSet<String> = categories.chain(platforms).chain(holidays).collect();
    let there: BTreeSet<String> = english
        .keys()
        .filter(|k| of_english(k))
        .map(str::to_owned)
        .collect();
    assert_eq!(there, wanted);
}
