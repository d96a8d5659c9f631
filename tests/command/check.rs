//! `duban check` tells what serving would meet, in sentences.

use super::*;

fn settings(at: &Path, text: &str) {
    let sources = "[[sources]]\nname = \"daily\"\nkind = \"folder\"\npath = \"in\"\n";
    write(at, "config/duban.toml", format!("{text}\n{sources}"));
}

#[test]
fn an_address_in_use_fails_the_check_as_it_fails_serving() {
    let folder = staffed();
    let at = folder.path();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    settings(at, &format!("[http]\nlisten = \"{listen}\""));
    let said = bad(at, &["check"], 1);
    let line = said.lines().find(|line| line.contains("http.listen"));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.starts_with("FAIL") && line.contains("in use"),
        "{line}"
    );
    drop(taken);
    let said = bad(at, &["check"], 1);
    assert!(said.contains("ok   http.listen"), "{said}");
}

#[test]
fn what_a_source_covers_is_held_against_words_and_roster() {
    let folder = staffed();
    let at = folder.path();
    let covers = "covers = { platforms = [\"微信\", \"weixn\"], areas = [\"示范一区\", \"Q1\"] }\n";
    let text = format!("[[sources]]\nname = \"daily\"\nkind = \"folder\"\npath = \"in\"\n{covers}");
    write(at, "config/duban.toml", text);
    let said = bad(at, &["check"], 1);
    for part in [
        "FAIL config/duban.toml, row 5, column sources.daily.covers.platforms, value \"weixn\"",
        "did you mean \"weixin\"?",
        "FAIL config/duban.toml, row 5, column sources.daily.covers.areas, value \"示范一区\"",
        "did you mean \"Q1\" (示范一区人民政府)?",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let mut serve = command(at, &["serve"]);
    let output = run(serve.env("DUBAN_TELEGRAM__TOKEN", "1:x"));
    let said = text_of(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("weixn"), "{said}");
}

#[test]
fn what_a_source_says_of_its_columns_is_checked_and_counts() {
    let folder = staffed();
    let at = folder.path();
    let source =
        "[[sources]]\nname = \"daily\"\nkind = \"folder\"\npath = \"in\"\n[sources.columns]\n";
    let columns = "\"来源\" = \"acount_name\"\n\"内部\" = \"ignore\"\n";
    write(at, "config/duban.toml", format!("{source}{columns}"));
    let said = bad(at, &["check"], 1);
    for part in [
        "FAIL config/duban.toml, row 6, column sources.daily.columns.来源, value \"acount_name\"",
        "did you mean \"account_name\"?",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let mut serve = command(at, &["serve"]);
    let output = run(serve.env("DUBAN_TELEGRAM__TOKEN", "1:x"));
    assert_eq!(output.status.code(), Some(1), "{}", text_of(&output));
    write(
        at,
        "config/duban.toml",
        format!("{source}{}", columns.replace("acount", "account")),
    );
    write(
        at,
        "in/2021-06-28.csv",
        "来源,问题类型,内部\n示范发布,错别字,不外传\n",
    );
    let said = bad(at, &["check"], 1);
    assert!(!said.contains("columns"), "{said}");
    assert!(said.contains("1 findings, 0 rejected"), "{said}");
}

fn text_of(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn hours_that_contradict_each_other_are_refused_with_their_line() {
    let folder = office();
    let at = folder.path();
    settings(
        at,
        "[delivery]\nsend_after = \"22:00\"\nsend_until = \"08:00\"",
    );
    let said = bad(at, &["check"], 1);
    assert!(
        said.contains("config/duban.toml, row 3, column delivery.send_until"),
        "{said}"
    );
    settings(at, "[office]\nwork_end = \"08:30\"");
    let said = bad(at, &["check"], 1);
    assert!(said.contains("row 2, column office.work_end"), "{said}");
}

#[test]
fn a_platform_that_cannot_be_asked_is_told_in_a_sentence() {
    let folder = staffed();
    let at = folder.path();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    settings(at, &format!("[telegram]\napi_url = \"http://{address}\""));
    let output = run(command(at, &["check"]).env("DUBAN_TELEGRAM__TOKEN", "1:x"));
    let said = text_of(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let line = said.lines().find(|line| line.contains("bot:"));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert!(line.contains("cannot be reached"), "{line}");
    assert!(!line.contains("Retry") && !line.contains("5000"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_is_told_from_a_silent_platform() {
    let clock = duban::clock::Clock::system();
    let sandbox = duban::sandbox::Sandbox::start(clock, "7000000000:right")
        .await
        .unwrap();
    let folder = staffed();
    let at = folder.path();
    settings(
        at,
        &format!("[telegram]\napi_url = \"{}\"", sandbox.api_url()),
    );
    let output = run(command(at, &["check"]).env("DUBAN_TELEGRAM__TOKEN", "1:x"));
    let said = text_of(&output);
    assert!(
        said.contains("FAIL bot: Telegram refuses the token"),
        "{said}"
    );
    let output = run(command(at, &["check"]).env("DUBAN_TELEGRAM__TOKEN", "7000000000:right"));
    assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
}

#[test]
fn what_was_read_of_a_report_is_told_with_what_was_left_aside() {
    let folder = staffed();
    let at = folder.path();
    let (gb, _, _) = encoding_rs::GB18030.encode("账号名称,问题类型,怪列\n示范发布,错别字,x\n");
    write(at, "in/2021-06-28.csv", gb);
    let said = bad(at, &["check"], 1);
    assert!(
        said.contains("csv, GB18030: 1 findings, 0 rejected"),
        "{said}"
    );
    assert!(said.contains("note") && said.contains("怪列"), "{said}");
}

#[test]
fn hours_of_units_and_people_are_checked_and_shown() {
    let folder = staffed();
    let at = folder.path();
    let policy = |unit: &str| {
        let text = format!(
            "[[deadline]]\n[[hours]]\nunit = \"{unit}\"\nsend_after = \"10:00\"\nsend_until = \"21:00\"\n\
             work_start = \"10:00\"\nwork_end = \"19:30\"\n[[hours]]\nperson = \"O1\"\n\
             send_days = \"working\"\n"
        );
        write(at, "policy.toml", text);
    };
    settings(at, "[data]\npolicy = \"policy.toml\"");
    policy("Q2");
    let said = bad(at, &["check"], 1);
    let want = "FAIL policy: policy.toml, row 2, column unit, value \"Q2\": no unit has this code; did you \
                mean \"Q1\"?";
    assert!(said.contains(want), "{said}");
    let mut serve = command(at, &["serve"]);
    let output = run(serve.env("DUBAN_TELEGRAM__TOKEN", "1:x"));
    assert!(text_of(&output).contains("no unit has this code"));
    policy("Q1");
    let said = bad(at, &["check"], 1);
    assert!(
        said.contains("ok   policy: 1 rows of policy.toml, hours of 2 units and people"),
        "{said}"
    );
    let said = good(at, &["policy"]);
    for line in [
        "-    the office                  08:00-20:00   all       09:00-17:30, 16:00",
        "2    unit Q1                     10:00-21:00   -         10:00-19:30",
        "8    person O1                   -             working   -",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let table = json(at, &["policy", "show", "--json"]);
    assert_eq!(table["hours"][0]["unit"], "Q1");
    assert_eq!(table["office"]["send_days"], "all");
    settings(at, "[delivery]\nsend_days = \"weekdays\"");
    let said = bad(at, &["check"], 1);
    assert!(said.contains("config/duban.toml, row 2"), "{said}");
}
