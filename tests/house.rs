//! The house: arrows run down only, and the map of the files is true.

use std::path::{Path, PathBuf};

/// The floors; a module uses only what stands below it, or beside it without a way back.
const FLOORS: &[&[&str]] = &[
    &["error"],
    &["aside", "clock", "store", "sandbox", "channel"],
    &["finding", "calendar"],
    &["vocabulary", "outbox", "feedback"],
    &["report"],
    &["roster"],
    &["hours"],
    &["issue", "matching"],
    &["freshness"],
    &["flow"],
    &["act", "ask", "audit", "message"],
    &["summary"],
    &["picture"],
    &["desk"],
    &["delivery", "schedule"],
    &["bot", "config"],
    &["http"],
    &["app"],
    &["demo"],
    &["cli"],
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn arrows_run_down_only() {
    let mut sources = Vec::new();
    files(Path::new("src"), &mut sources);
    let mut wrong = Vec::new();
    for path in &sources {
        let inside = path.strip_prefix("src").unwrap_or(path);
        let first = inside
            .components()
            .next()
            .map(|c| c.as_os_str().to_string_lossy().into_owned());
        let own = first.unwrap_or_default().trim_end_matches(".rs").to_owned();
        if own == "lib" || own == "main" {
            continue;
        }
        let Some(here) = floor(&own) else {
            wrong.push(format!("{own} stands on no floor"));
            continue;
        };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        for used in text.split("crate::").skip(1) {
            let name: String = used
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let above = floor(&name).is_some_and(|there| there >= here);
            if name != own && above && !(own == "sandbox" && name == "clock") {
                wrong.push(format!(
                    "{} uses {name}, which is not below it",
                    path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_has_its_line_on_the_map() {
    let map = std::fs::read_to_string("ARCHITECTURE.md").unwrap_or_default();
    let mut sources = Vec::new();
    files(Path::new("src"), &mut sources);
    let missing: Vec<String> = sources
        .iter()
        .map(|path| path.display().to_string())
        .filter(|path| !map.contains(&format!("`{path}`")))
        .collect();
    assert!(missing.is_empty(), "not in ARCHITECTURE.md: {missing:#?}");
    for part in map
        .split('`')
        .filter(|part| part.starts_with("src/") && part.ends_with(".rs"))
    {
        assert!(
            Path::new(part).exists(),
            "ARCHITECTURE.md names {part}, which is not there"
        );
    }
}

/// The functions of a file; of a folder those of all its files.
fn functions(path: &Path) -> Option<String> {
    if path.is_dir() {
        let mut inside = Vec::new();
        files(path, &mut inside);
        Some(inside.iter().filter_map(|path| functions(path)).collect())
    } else {
        std::fs::read_to_string(path).ok()
    }
}

#[test]
fn the_walkthroughs_lead_past_what_is_there() {
    let map = std::fs::read_to_string("ARCHITECTURE.md").unwrap_or_default();
    let (_, rest) = map.split_once("## Three walkthroughs").unwrap_or_default();
    let (walks, _) = rest.split_once("\n## ").unwrap_or_default();
    let walks: Vec<&str> = walks
        .split("\n\n")
        .filter(|w| w.starts_with("**"))
        .collect();
    assert_eq!(walks.len(), 3, "{walks:#?}");
    let mut wrong = Vec::new();
    for walk in walks {
        let (mut place, mut names) = (None, 0);
        for part in walk.split('`').skip(1).step_by(2) {
            if part.contains('/') {
                place = functions(&Path::new("src").join(part)).map(|text| (part, text));
                if place.is_none() {
                    wrong.push(format!("src/{part} is not there"));
                }
                continue;
            }
            names += 1;
            let there = |text: &str| {
                ["(", "<"]
                    .iter()
                    .any(|end| text.contains(&format!("fn {part}{end}")))
            };
            match &place {
                Some((_, text)) if there(text) => {}
                Some((path, _)) => wrong.push(format!("{part} is no function of src/{path}")),
                None => wrong.push(format!("{part} stands behind no file")),
            }
        }
        assert!(names > 2, "a walk names the functions it passes: {walk}");
    }
    assert!(wrong.is_empty(), "ARCHITECTURE.md: {wrong:#?}");
}
