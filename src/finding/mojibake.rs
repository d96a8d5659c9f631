//! Text that was read in a wrong encoding: UTF-8 read as GBK (鍙版睙鍙戝竷) or as Latin-1 (å°æ±Ÿ), GBK read as Latin-1
//! (¸£ÖÝ). What can be read back is repaired; what was lost on the way (锟斤拷, �, ?) is not. Pure.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use encoding_rs::{GBK, UTF_8, WINDOWS_1252};
use memchr::memmem::Finder;

use super::text::is_han;

/// What is known of a Han character of the common blocks.
#[derive(Clone, Copy, Default)]
struct Known {
    /// In GBK it reads like the beginning of a Chinese letter in UTF-8.
    suspect: bool,
    /// One of the 3,755 of everyday use: the first level of GB 2312.
    common: bool,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    ('\u{3400}'..='\u{9fff}')
        .map(|c| {
            let text = c.to_string();
            let (bytes, _, unknown) = GBK.encode(&text);
            match bytes.as_ref() {
                &[lead, trail] if !unknown => Known {
                    suspect: matches!(lead, 0xe2..=0xe9 | 0xef) && matches!(trail, 0x80..=0xbf),
                    common: matches!(lead, 0xb0..=0xd7) && trail >= 0xa1,
                },
                _ => Known::default(),
            }
        })
        .collect()
});

static SEARCHED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("斤"));

fn known(c: char) -> Known {
    let at = (c as usize).wrapping_sub(0x3400);
    KNOWN.get(at).copied().unwrap_or_default()
}

/// How many Han characters of everyday use, and how many in all.
fn everyday(text: &str) -> (usize, usize) {
    let han = text.chars().filter(|c| is_han(*c));
    han.fold((0, 0), |(common, all), c| {
        (common + usize::from(known(c).common), all + 1)
    })
}

/// Whether text is as people write it here: Han, ASCII, and the usual signs; nothing of what wrong readings leave.
fn healthy(text: &str) -> bool {
    text.chars().all(|c| {
        is_han(c)
            || matches!(c, ' '..='~' | '\n' | '\t' | '\r' | '·' | '×' | '\u{2010}'..='\u{2027}' | '\u{2160}'..='\u{2188}')
            || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '\u{2190}'..='\u{25ff}')
    })
}

/// UTF-8 that was read as GBK.
fn from_gbk(text: &str) -> Option<String> {
    let first = text.chars().find(|c| !c.is_ascii())?;
    if !known(first).suspect {
        return None;
    }
    let (bytes, _, unknown) = GBK.encode(text);
    if unknown {
        return None;
    }
    let read = UTF_8.decode_without_bom_handling_and_without_replacement(&bytes)?;
    let ((now, all_now), (before, all_before)) = (everyday(&read), everyday(text));
    // Two of three letters read so are of no everyday use, and all of what was written is.
    let likelier = all_now > 0 && now * all_before > before * all_now && now * 2 >= all_now;
    (likelier && healthy(&read)).then(|| read.into_owned())
}

/// UTF-8 or GBK that was read as Latin-1 or as what Windows calls so.
fn from_latin(text: &str) -> Option<String> {
    let latin = |c: char| {
        c <= '\u{ff}'
            || matches!(c, '\u{152}'..='\u{192}' | '\u{2c6}'..='\u{2dc}' | '\u{2013}'..='\u{203a}' | '\u{20ac}' | '\u{2122}')
    };
    if text.is_ascii() || !text.chars().all(latin) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(&WINDOWS_1252.encode(&c.to_string()).0),
        }
    }
    let utf8 = UTF_8.decode_without_bom_handling_and_without_replacement(&bytes);
    if let Some(read) = utf8.filter(|read| everyday(read).1 > 0 && healthy(read)) {
        return Some(read.into_owned());
    }
    // Pairs of letters that no language of Latin letters writes; all of them Han, most of everyday use.
    let read = GBK.decode_without_bom_handling_and_without_replacement(&bytes)?;
    let (common, all) = everyday(&read);
    let strange = bytes.iter().filter(|byte| **byte >= 0xa1).count();
    (all > 1 && common * 5 >= all * 4 && strange >= all * 2 && healthy(&read))
        .then(|| read.into_owned())
}

/// What a text says that was read in a wrong encoding; none where it is healthy, or where letters were lost.
pub fn repair(text: &str) -> Option<String> {
    let read = |text: &str| from_gbk(text).or_else(|| from_latin(text));
    let once = read(text)?;
    // Some texts went through it twice.
    Some(read(&once).unwrap_or(once))
}

/// Whether a text holds what is left of letters that were lost when a wrong encoding was saved: 锟斤拷.
pub fn is_lost(text: &str) -> bool {
    // Every text is looked at; few hold the letter of both.
    let both = SEARCHED.find(text.as_bytes()).is_some();
    both && (text.contains("锟斤") || text.contains("斤拷"))
}

/// Repairs the cells of a row in place; what was repaired as it had been, by the header of its column. What a
/// column of `content` says may be what is wrong with a page (乱码): it is repaired only where other cells were.
pub fn repair_row<C: AsRef<str> + From<String> + Into<String>>(
    cells: &mut [C],
    headers: &[String],
    content: &[usize],
) -> BTreeMap<String, String> {
    let mut was = BTreeMap::new();
    for said in [false, true] {
        if said && was.is_empty() {
            break;
        }
        for (at, cell) in cells.iter_mut().enumerate() {
            if content.contains(&at) != said {
                continue;
            }
            let Some(read) = repair(cell.as_ref()) else {
                continue;
            };
            let header = headers
                .get(at)
                .map_or_else(|| (at + 1).to_string(), Clone::clone);
            let before = std::mem::replace(cell, C::from(read));
            was.insert(format!("原文（乱码）：{header}"), before.into());
        }
    }
    was
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_read_wrongly_is_read_back() {
        for (damaged, text) in [
            ("鍙版睙鍙戝竷", "台江发布"),
            ("绂忓窞", "福州"),
            ("e绂忓窞APP", "e福州APP"),
            ("¸£ÖÝ·¢²¼", "福州发布"),
            ("ç¦\u{8f}å·\u{9e}", "福州"),
            ("ç¦\u{8f}å·ž", "福州"),
        ] {
            assert_eq!(repair(damaged).as_deref(), Some(text), "{damaged}");
        }
    }

    #[test]
    fn what_is_healthy_or_lost_stays() {
        for text in [
            "台江发布",
            "I东湖",
            "e福州APP",
            "上逕印象",
            "福州市“智慧福州”管理服务中心",
            "關(guān)於",
            "磻溪构朳",
            "鍙版睙鍖?",
            "锟斤拷锟斤拷",
            "福州\u{fffd}",
            "café",
            "Ö",
            "naïve",
            "法治丨福州",
            "镇镉铐锞",
            "",
            "联通",
            "https://mp.weixin.qq.com/s?__biz=1",
        ] {
            assert_eq!(repair(text), None, "{text}");
        }
        assert!(is_lost("锟斤拷") && !is_lost("福州"));
    }

    #[test]
    fn what_is_wrong_with_a_page_is_no_damage_of_the_report() {
        let row = |name: &str| vec![name.to_owned(), "鍙版睙鍙戝竷".to_owned()];
        let headers = ["账号名称".to_owned(), "错敏词".to_owned()];
        let (mut healthy, mut damaged) = (row("示范发布"), row("绀鸿寖鍙戝竷"));
        assert!(repair_row(&mut healthy, &headers, &[1]).is_empty());
        assert_eq!(healthy, row("示范发布"));
        assert_eq!(repair_row(&mut damaged, &headers, &[1]).len(), 2);
        assert_eq!(damaged, ["示范发布", "台江发布"]);
    }

    fn read_as(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> Option<String> {
        let read = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        (encoding.encode(&read).0.as_ref() == bytes).then(|| read.into_owned())
    }

    fn latin(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| char::from(*byte)).collect()
    }

    /// Han characters of everyday use.
    fn letters() -> impl Strategy<Value = String> {
        let common: Vec<char> = ('\u{4e00}'..='\u{9fff}')
            .filter(|c| known(*c).common)
            .collect();
        prop::collection::vec(prop::sample::select(common), 2..12)
            .prop_map(|letters| letters.into_iter().collect())
    }

    proptest! {
        #[test]
        fn damage_is_undone(text in letters()) {
            if let Some(damaged) = read_as(GBK, text.as_bytes()) {
                prop_assert_eq!(repair(&damaged), Some(text.clone()));
            }
            prop_assert_eq!(repair(&latin(text.as_bytes())), Some(text.clone()));
            prop_assert_eq!(repair(&latin(&GBK.encode(&text).0)), Some(text.clone()));
        }

        #[test]
        fn healthy_text_is_left_alone(text in letters(), tail in "[ -~（）·“”]{0,6}") {
            let text = format!("{text}{tail}");
            prop_assert_eq!(repair(&text), None);
        }
    }
}
