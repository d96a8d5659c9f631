//! The shipped binary in a folder of its own, for stories of the command line.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod check;
mod duty;
mod listing;
mod people;
mod report;

#[path = "../support/shell.rs"]
mod shell;

use std::path::Path;
use std::process::Output;

pub use shell::{bad, command, duban, good, json, run, text, write};

/// A folder with settings, a roster and a report; nothing is imported yet.
pub fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(
        at,
        "config/duban.toml",
        "[[sources]]\nname = \"daily\"\nkind = \"folder\"\npath = \"in\"\n",
    );
    write(at, "in/.keep", "");
    write(at, "roster/units.csv", "编码,名称\nQ1,示范一区人民政府\n");
    write(
        at,
        "roster/accounts.csv",
        "平台,账号名称,唯一标识,单位\n微信公众号,示范发布,gh1,Q1\n",
    );
    write(
        at,
        "roster/people.csv",
        "编码,姓名,角色,单位\nO1,林晓雨,运维人员,Q1\nM1,陈若溪,监管人员,*\n",
    );
    write(
        at,
        "report.csv",
        "账号名称,问题类型,错敏词,监测时间\n示范发布,错别字,警钟常鸣,\n示范发布,错别字,做为,昨天\n",
    );
    folder
}

/// The same with the roster imported.
pub fn staffed() -> tempfile::TempDir {
    let folder = office();
    good(folder.path(), &["roster", "import", "roster"]);
    folder
}
