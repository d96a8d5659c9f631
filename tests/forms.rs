//! Reports in other forms than tables of text: an archive of several files is one report, or none; what is too
//! large is not read. Stories on both engines.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[expect(dead_code, reason = "nobody says anything here")]
mod support;

use std::io::{Cursor, Write as _};

use duban::report::folder;
use duban::report::source::SourceSettings;
use support::World;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

stories![
    an_archive_is_one_report_or_none,
    limits_hold_for_the_archive_as_a_whole
];

fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, inside) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(inside.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const TABLE: &str = "账号名称,账号类型,问题类型,错敏词\n示范发布,微信公众号,错别字,做为\n";
const PAGE: &str = "<html><table><tr><th>账号名称<th>账号类型<th>问题类型<th>错敏词\
    <tr><td>示范发布<td>微信公众号<td>错别字<td>按装</table>";
const LINES: &str = "{\"账号名称\":\"示范发布\",\"账号类型\":\"微信公众号\",\"错敏词\":\"帐号\"}\n\
    {\"账号名称\":\"示范发布\",\"账号类型\":\"微信公众号\",\"错敏词\":\"截止\"}\n";

async fn an_archive_is_one_report_or_none(mut world: World) {
    let manager = world.bind("M1").await;
    let good = [("a.csv", TABLE), ("sub/b.html", PAGE), ("c.jsonl", LINES)];
    world.drop_report("2021-06-28.zip", archive(&good));
    let pulled = world.until("2021-06-28 09:00").await;
    let outcome = pulled.into_iter().next().unwrap().unwrap();
    assert_eq!((outcome.findings, outcome.opened), (4, 4), "{outcome:?}");
    assert!(outcome.rejected.is_empty());
    assert_eq!(world.issues().await.len(), 4);
    world.sandbox.unread(manager);

    // One entry of the next day's cannot be read: nothing of it counts, and what it does not list stays open.
    let bad = [("a.csv", TABLE), ("sub/b.html", "<html><p>请登录</p>")];
    world.drop_report("2021-06-29.zip", archive(&bad));
    let pulled = world.until("2021-06-29 09:00").await;
    let refused = pulled.into_iter().find_map(Result::err).unwrap();
    assert!(
        refused.to_string().contains("2021-06-29.zip/sub/b.html"),
        "{refused}"
    );
    let open = world.issues().await;
    assert!(
        open.iter().all(|issue| !issue.contains("closed")),
        "{open:?}"
    );
    let told = world.sandbox.unread(manager);
    let told = told.iter().any(|m| m.text.contains("sub/b.html"));
    assert!(told, "the manager is told which file it is");

    // The right one verifies what it does not list any more.
    world.drop_report("2021-06-30.zip", archive(&good[..2]));
    let pulled = world.until("2021-06-30 09:00").await;
    let outcome = pulled
        .into_iter()
        .filter_map(Result::ok)
        .find(|o| !o.duplicate);
    assert_eq!(outcome.unwrap().verified, 2);
}

/// Three entries of one row each: each by itself is small enough, all of them are not.
async fn limits_hold_for_the_archive_as_a_whole(mut world: World) {
    let manager = world.bind("M1").await;
    let entries = [("a.csv", TABLE), ("sub/b.html", PAGE), ("c.jsonl", LINES)];
    let whole = archive(&entries);
    for (day, key, most, left, said) in [
        (
            28,
            "max_rows",
            3,
            4,
            "c.jsonl, row 2: the report has more than 3 rows",
        ),
        (
            29,
            "max_cells",
            15,
            22,
            "sub/b.html: the report has more than 15 cells",
        ),
    ] {
        let set = |most: u64| match key {
            "max_rows" => (Some(most), None),
            _ => (None, Some(most)),
        };
        (
            world.settings.sources[0].max_rows,
            world.settings.sources[0].max_cells,
        ) = set(most);
        world.restart().await;
        world.drop_report(&format!("2021-06-{day}.zip"), &whole);
        let pulled = world.until(&format!("2021-06-{day} 08:40")).await;
        let refused = pulled.into_iter().find_map(Result::err).unwrap();
        let refused = refused.to_string();
        assert!(refused.contains(said), "{refused}");
        assert!(
            refused.contains(&format!("raise {key} of the source")),
            "{refused}"
        );
        assert!(!refused.contains("take it out"), "{refused}");
        let told = world.sandbox.unread(manager);
        assert!(told.iter().any(|m| m.text.contains(key)), "{told:?}");
        // Exactly as many as there are: all is taken.
        (
            world.settings.sources[0].max_rows,
            world.settings.sources[0].max_cells,
        ) = set(left);
        world.restart().await;
        let pulled = world.until(&format!("2021-06-{day} 12:00")).await;
        let taken = pulled.into_iter().filter_map(Result::ok);
        assert_eq!(
            taken.map(|outcome| outcome.findings).max(),
            Some(4),
            "{key}"
        );
    }
}

#[tokio::test]
async fn what_is_larger_than_the_source_takes_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = SourceSettings {
        max_bytes: Some(1_000),
        ..SourceSettings::named("daily")
    };
    let path = folder.path().join("large.csv");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    for path in [path, "/dev/zero".into()] {
        let refused = folder::read_file(&source, path).await.unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.contains("larger than max_bytes = 1000"),
            "{refused}"
        );
    }
    let path = folder.path().join("small.csv");
    std::fs::write(&path, TABLE).unwrap();
    let bytes = folder::read_file(&source, path).await.unwrap();
    assert_eq!(bytes, TABLE.as_bytes());
}
