//! What envelopes say, as platforms write them.

use super::decode;
use crate::report::source::SourceSettings;
use crate::vocabulary::Vocabulary;

/// `ok` with the number of findings, `part` where more rows exist, else the fault's code.
fn told(json: &str, rows: Option<&str>) -> String {
    let source = SourceSettings {
        rows: rows.map(Into::into),
        ..SourceSettings::named("r")
    };
    let day = chrono::NaiveDate::from_ymd_opt(2021, 6, 30).unwrap();
    let options = source.decoding("r.json", day, chrono_tz::Asia::Shanghai);
    let row = r#"{"账号名称":"示范发布","错敏词":"做为"}"#;
    let json = json.replace("ROW", row);
    match decode(json.as_bytes(), &options, &Vocabulary::builtin().unwrap()) {
        Ok(decoded) => match decoded.incomplete {
            None => format!("ok {}", decoded.findings.len()),
            Some(fault) => format!("part {}", fault.column.unwrap()),
        },
        Err(fault) => fault.code.unwrap().to_owned(),
    }
}

#[test]
fn an_answer_that_failed_is_no_report() {
    for (json, want) in [
        (r#"[ROW]"#, "ok 1"),
        (r#"[]"#, "ok 0"),
        (r#"{"code":0,"data":[ROW]}"#, "ok 1"),
        (r#"{"code":"200","msg":"ok","data":{"list":[ROW]}}"#, "ok 1"),
        (
            r#"{"success":true,"errcode":0,"errmsg":"ok","data":[]}"#,
            "ok 0",
        ),
        (r#"{"status":"success","error":null,"rows":[ROW]}"#, "ok 1"),
        (r#"{"status":"published","rows":[ROW]}"#, "ok 1"),
        (r#"{"code":"00000","data":[]}"#, "ok 0"),
        (
            r#"{"unit":{"code":"FZ01","status":"active"},"rows":[]}"#,
            "ok 0",
        ),
        (
            r#"{"rows":[{"code":7,"账号名称":"甲","错敏词":"乙"}]}"#,
            "ok 1",
        ),
        (r#"{"error":3,"rows":[ROW]}"#, "ok 1"),
        (r#"{"success":1,"data":[]}"#, "ok 0"),
        (
            r#"{"success":true,"data":{"code":"350100","rows":[]}}"#,
            "ok 0",
        ),
        (r#"{"success":true,"code":500,"data":[]}"#, "answer_failed"),
        (
            r#"{"code":0,"data":{"code":"350100","list":[ROW]}}"#,
            "ok 1",
        ),
        (r#"{"code":0,"data":{"code":"350100","list":[]}}"#, "ok 0"),
        (
            r#"{"code":200,"data":{"code":401,"list":[]}}"#,
            "answer_failed",
        ),
        (r#"{"success":0,"data":[]}"#, "answer_failed"),
        (r#"{"success":"no","data":[]}"#, "answer_failed"),
        (
            r#"{"code":401,"message":"token expired","data":[]}"#,
            "answer_failed",
        ),
        (
            r#"{"code":401,"message":"token expired","data":null}"#,
            "answer_failed",
        ),
        (r#"{"code":"500","data":[ROW]}"#, "answer_failed"),
        (r#"{"success":false,"data":[]}"#, "answer_failed"),
        (r#"{"status":"error","data":[]}"#, "answer_failed"),
        (r#"{"status":"maintenance","data":[]}"#, "answer_failed"),
        (
            r#"{"errcode":40001,"errmsg":"invalid credential","data":[]}"#,
            "answer_failed",
        ),
        (r#"{"error":"invalid_token","data":[]}"#, "answer_failed"),
        (r#"{"error":{"reason":"gone"},"data":[]}"#, "answer_failed"),
        (
            r#"{"header":{"code":9},"body":{"rows":[]}}"#,
            "answer_failed",
        ),
        (r#"{"data":{"code":-1,"list":[]}}"#, "answer_failed"),
        (r#"{"message":"hello"}"#, "no_rows"),
    ] {
        assert_eq!(told(json, None), want, "{json}");
    }
    assert_eq!(
        told(r#"{"code":403,"a":{"b":[]}}"#, Some("a.b")),
        "answer_failed"
    );
    assert_eq!(told(r#"{"code":403}"#, Some("a.b")), "answer_failed");
}

#[test]
fn more_rows_than_came_along_are_seen() {
    for (json, want) in [
        (r#"{"total":1,"data":[ROW]}"#, "ok 1"),
        (r#"{"total":1,"page":2,"pages":1,"data":[ROW]}"#, "ok 1"),
        (r#"{"page":1,"pages":1,"size":20,"data":[ROW]}"#, "ok 1"),
        (r#"{"page":0,"has_next":false,"data":[]}"#, "ok 0"),
        (r#"{"total":0,"data":[ROW]}"#, "ok 1"),
        (r#"{"total":500,"data":[ROW]}"#, "part total"),
        (
            r#"{"data":{"totalCount":"2","list":[ROW]}}"#,
            "part totalCount",
        ),
        (r#"{"count":2,"rows":[]}"#, "part count"),
        (r#"{"pages":3,"data":[ROW]}"#, "part pages"),
        (r#"{"page":2,"data":[ROW]}"#, "part page"),
        (
            r#"{"meta":{"page":{"x":1},"total_pages":4},"data":[ROW]}"#,
            "part total_pages",
        ),
        (r#"{"hasMore":true,"data":[ROW]}"#, "part hasMore"),
    ] {
        assert_eq!(told(json, None), want, "{json}");
    }
}
