//! Sources that duban fetches itself, against a real platform on this machine: by the real job, on both
//! engines; what goes well, and what a person is told when it does not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a story that cannot go on fails"
)]

#[expect(dead_code, reason = "nobody presses or replies here")]
mod support;

#[path = "support/mailbox.rs"]
mod mailbox;
#[path = "support/platform.rs"]
mod platform;

use duban::config::Settings;
use duban::flow::Outcome;
use duban::report::source::SourceSettings;
use hmac::{Hmac, Mac as _};
use mailbox::Mailbox;
use platform::{Platform, Reply, Seen, ok, status};
use sha2::{Digest as _, Sha256};
use support::{HEADER, World};

stories!(
    pages_by_number_are_one_report,
    pages_by_cursor_are_asked_for_by_post,
    pages_by_link_and_by_address,
    rows_that_pages_leave_out_make_a_report_incomplete,
    a_page_that_is_missing_leaves_nothing_behind,
    pages_without_an_end_are_given_up,
    the_next_page_lies_on_the_same_host,
    a_signed_request_is_known_by_its_signature,
    a_login_is_repeated_once_when_the_session_ends,
    a_login_gives_a_token,
    a_login_that_is_refused_says_what_to_check,
    a_login_page_is_no_report,
    credentials_stay_at_home,
    a_busy_platform_is_asked_again,
    a_busy_platform_is_given_up,
    an_own_ca_vouches_for_the_platform,
    a_watched_folder_waits_until_a_file_is_whole,
    a_young_file_is_looked_at_once_more,
    one_unreadable_file_holds_up_no_other,
    sub_folders_are_looked_into,
    a_dry_run_stores_nothing,
    mails_bring_their_attachments,
    a_mailbox_that_is_closed_says_why,
);

/// A row of JSON.
fn row(account: &str, wrong: &str) -> String {
    format!(r#"{{"账号名称":"{account}","账号类型":"微信公众号","错敏词":"{wrong}"}}"#)
}

fn rows(words: &[&str]) -> String {
    let rows: Vec<String> = words.iter().map(|word| row("示范发布", word)).collect();
    format!("[{}]", rows.join(","))
}

/// The source `web` with these settings, `HOST` being the platform's address; its slot is at half past eight.
fn source(platform: &Platform, settings: &str) -> SourceSettings {
    let at = platform.at.to_string();
    let text = format!(
        "name = \"web\"\nschedule = \"30 8 * * *\"\n{}",
        settings.replace("HOST", &at)
    );
    let source: SourceSettings = toml::from_str(&text).unwrap();
    assert_eq!(duban::report::source::wrong(&source), None);
    source
}

/// The program with this source only.
async fn with(world: &mut World, source: SourceSettings) {
    world.settings.sources = vec![source];
    world.restart().await;
}

/// What the slot of a day brought, without later tries.
async fn slot(world: &mut World, day: &str) -> duban::error::Result<Outcome> {
    world.until(&format!("{day} 08:29")).await;
    let mut pulled = world.until(&format!("{day} 08:30")).await;
    assert_eq!(pulled.len(), 1, "{pulled:?}");
    pulled.remove(0)
}

async fn taken(world: &mut World, day: &str) -> Outcome {
    slot(world, day).await.unwrap()
}

/// Why the slot of a day failed; nothing is stored then.
async fn refused(world: &mut World, day: &str) -> String {
    let error = slot(world, day).await.unwrap_err().to_string();
    let mut tx = world.store().read().await.unwrap();
    let reports = tx.all("select id from report", vec![]).await.unwrap();
    assert!(reports.is_empty(), "something was stored");
    error
}

async fn pages_by_number_are_one_report(mut world: World) {
    // Each page says how many rows there are in all, and which page it is, as platforms do.
    let platform = Platform::start(|seen: &Seen, _| {
        let day = seen.path.clone();
        let all: &[&str] = match day.as_str() {
            "/20210628" => &["做为", "按装", "座落", "通迅", "帐单"],
            _ => &["做为", "座落"],
        };
        let page: usize = seen.parameter("page").parse().unwrap();
        let here: Vec<&str> = all.iter().skip((page - 1) * 2).take(2).copied().collect();
        ok(format!(
            r#"{{"code":0,"data":{{"total":{},"page":{page},"list":{}}}}}"#,
            all.len(),
            rows(&here)
        ))
    })
    .await;
    let settings = "url = \"http://HOST/{date:%Y%m%d}?page={page}&size=2\"\n\
                    [paging]\ntotal = \"data.total\"";
    with(&mut world, source(&platform, settings)).await;
    let outcome = taken(&mut world, "2021-06-28").await;
    assert_eq!((outcome.findings, outcome.opened), (5, 5));
    assert_eq!(outcome.incomplete, None);
    assert_eq!(platform.seen().len(), 3);
    let outcome = taken(&mut world, "2021-06-29").await;
    assert_eq!((outcome.seen_again, outcome.verified), (2, 3));
    world.end();
}

async fn pages_by_cursor_are_asked_for_by_post(mut world: World) {
    let platform = Platform::start(|seen: &Seen, _| {
        let asked: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
        assert_eq!(seen.method, "POST");
        assert_eq!(seen.header("content-type"), "application/json");
        assert_eq!(asked["from"], "2021-06-26");
        match asked["after"].as_str().unwrap() {
            "" => ok(format!(
                r#"{{"rows":{},"next":"a\"b 甲"}}"#,
                rows(&["做为"])
            )),
            "a\"b 甲" => ok(format!(r#"{{"rows":{},"next":null}}"#, rows(&["按装"]))),
            other => panic!("{other}"),
        }
    })
    .await;
    let settings = "url = \"http://HOST/search\"\nmethod = \"POST\"\ndays = 3\n\
                    body = '{\"from\":\"{from}\",\"to\":\"{to}\",\"after\":\"{cursor}\"}'\n\
                    [paging]\nby = \"cursor\"\nnext = \"next\"";
    with(&mut world, source(&platform, settings)).await;
    let outcome = taken(&mut world, "2021-06-28").await;
    assert_eq!((outcome.findings, outcome.opened), (2, 2));
    assert_eq!(platform.seen().len(), 2);
    world.end();
}

async fn pages_by_link_and_by_address(mut world: World) {
    let header = "账号名称,账号类型,错敏词\n";
    let platform =
        Platform::start(
            move |seen: &Seen, _| match (seen.path.as_str(), seen.query.as_str()) {
                ("/table", "") => ok(format!("{header}示范发布,微信公众号,做为\n")).with(
                    "link",
                    "</table?p=2>; rel=\"next\", </table>; rel=\"first\"",
                ),
                ("/table", "p=2") => ok(format!("{header}示范发布,微信公众号,按装\n")),
                ("/json", "") => ok(format!(
                    r#"{{"rows":{},"links":{{"next":"json?at=9"}}}}"#,
                    rows(&["做为"])
                )),
                ("/json", "at=9") => ok(format!(r#"{{"rows":{},"links":{{}}}}"#, rows(&["座落"]))),
                other => panic!("{other:?}"),
            },
        )
        .await;
    let settings = "url = \"http://HOST/table\"\n[paging]\nby = \"link\"";
    with(&mut world, source(&platform, settings)).await;
    assert_eq!(taken(&mut world, "2021-06-28").await.opened, 2);
    let settings = "url = \"http://HOST/json\"\n[paging]\nby = \"next\"\nnext = \"links.next\"";
    with(&mut world, source(&platform, settings)).await;
    let outcome = taken(&mut world, "2021-06-29").await;
    assert_eq!((outcome.seen_again, outcome.opened), (1, 1));
    world.end();
}

async fn rows_that_pages_leave_out_make_a_report_incomplete(mut world: World) {
    let platform = Platform::start(|seen: &Seen, _| {
        let here = match seen.parameter("page").as_str() {
            "0" => rows(&["做为", "按装"]),
            "1" => rows(&["座落"]),
            _ => "[]".to_owned(),
        };
        ok(format!(r#"{{"total":4,"rows":{here}}}"#))
    })
    .await;
    let settings = "url = \"http://HOST/r?page={page}\"\n[paging]\nfirst = 0";
    with(&mut world, source(&platform, settings)).await;
    let outcome = taken(&mut world, "2021-06-28").await;
    assert_eq!(outcome.findings, 3);
    let why = outcome.incomplete.unwrap();
    assert!(
        why.contains("total = 4, and 3 rows came along on all its pages"),
        "{why}"
    );
    world.end();
}

async fn a_page_that_is_missing_leaves_nothing_behind(mut world: World) {
    let platform = Platform::start(|seen: &Seen, _| match seen.parameter("page").as_str() {
        "1" => ok(rows(&["做为"])),
        _ => status(500),
    })
    .await;
    let settings = "url = \"http://HOST/r?page={page}&key=GEHEIM\"\n[paging]";
    with(&mut world, source(&platform, settings)).await;
    let manager = world.bind("M1").await;
    let error = refused(&mut world, "2021-06-28").await;
    assert!(
        error.contains("source web: page 2: 127.0.0.1 answered 500")
            && error.contains("nothing of the report was taken"),
        "{error}"
    );
    // The managers hear of it when it lasts, and without the key of the address.
    world.until("2021-06-28 08:40").await;
    let told = world.reads(manager).text;
    assert!(told.contains("page 2: 127.0.0.1 answered 500"), "{told}");
    assert!(!told.contains("GEHEIM"), "{told}");
    world.end();
}

async fn pages_without_an_end_are_given_up(mut world: World) {
    let platform = Platform::start(|seen: &Seen, number| match seen.path.as_str() {
        "/same" => ok(rows(&["做为"])),
        "/more" => ok(rows(&[&format!("做为{number}")])),
        _ => ok(format!(
            r#"{{"rows":{},"n":{number},"next":"c"}}"#,
            rows(&["做为"])
        )),
    })
    .await;
    for (day, settings, want) in [
        (
            "2021-06-28",
            "url = \"http://HOST/same?p={page}\"\n[paging]",
            "page 2 is the same as the one before; name where the answer says how many",
        ),
        (
            "2021-06-29",
            "url = \"http://HOST/more?p={page}\"\n[paging]\nmax_pages = 4",
            "there are more than paging.max_pages = 4 pages",
        ),
        (
            "2021-06-30",
            "url = \"http://HOST/round?c={cursor}\"\n[paging]\nby = \"cursor\"\nnext = \"next\"",
            "page 2 names a page as the next that was fetched before",
        ),
        (
            "2021-07-01",
            "url = \"http://HOST/more?p={page}\"\nmax_bytes = 300\n[paging]",
            "page 4: the report is larger than max_bytes = 300",
        ),
    ] {
        with(&mut world, source(&platform, settings)).await;
        let error = refused(&mut world, day).await;
        assert!(error.contains(want), "{settings}: {error}");
    }
    world.end();
}

async fn the_next_page_lies_on_the_same_host(mut world: World) {
    let platform = Platform::start(|_: &Seen, _| {
        ok(format!(
            r#"{{"rows":{},"next":"http://elsewhere.example/r?key=1"}}"#,
            rows(&["做为"])
        ))
    })
    .await;
    let settings = "url = \"http://HOST/r\"\nbearer = \"GEHEIM\"\n\
                    [paging]\nby = \"next\"\nnext = \"next\"";
    with(&mut world, source(&platform, settings)).await;
    let error = refused(&mut world, "2021-06-28").await;
    assert!(
        error.contains("page 1 names a next page on another host, elsewhere.example"),
        "{error}"
    );
    world.end();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A platform that wants requests signed, and is particular about the time.
async fn strict(now: &'static str) -> Platform {
    Platform::start(move |seen: &Seen, _| {
        let (time, nonce) = (seen.header("x-time"), seen.header("x-nonce"));
        assert_eq!(nonce.len(), 32);
        assert_eq!(time, support::at(now).timestamp_millis().to_string());
        let text = format!(
            "{}\n{}?{}\n{time}\n{nonce}\n{}",
            seen.method,
            seen.path,
            seen.query,
            hex(&Sha256::digest(&seen.body))
        );
        let mut mac = Hmac::<Sha256>::new_from_slice("祕密".as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let want = format!("k7:{}", hex(&mac.finalize().into_bytes()));
        match seen.header("authorization") == want {
            true => ok(rows(&["做为"])),
            false => status(401),
        }
    })
    .await
}

async fn a_signed_request_is_known_by_its_signature(mut world: World) {
    let platform = strict("2021-06-28 08:30").await;
    let settings = r#"
        url = "http://HOST/r?day={date}"
        method = "POST"
        body = "a=1"
        [sign]
        secret = "祕密"
        key = "k7"
        text = "{method}\n{path}?{query}\n{timestamp}\n{nonce}\n{body_sha256}"
        timestamp = "ms"
        headers = { "X-Time" = "{timestamp}", "X-Nonce" = "{nonce}", "Authorization" = "{key}:{signature}" }
    "#;
    with(&mut world, source(&platform, settings)).await;
    assert_eq!(taken(&mut world, "2021-06-28").await.opened, 1);
    world.end();
}

/// A platform with a form: `林:对` enters, and a session lasts for two pages.
async fn with_form() -> Platform {
    Platform::start(|seen: &Seen, number| match seen.path.as_str() {
        "/user/login" => match seen.body.as_str() {
            "username=%E6%9E%97&password=%E5%AF%B9%26" => status(302)
                .with("location", "/home")
                .with("set-cookie", format!("sid=s{number}; Path=/; HttpOnly")),
            _ => status(302).with("location", "/user/login?error=1"),
        },
        "/r" => {
            let page: usize = seen.parameter("page").parse().unwrap();
            let known = match page {
                1 | 2 => "sid=s1",
                _ => "sid=s5",
            };
            if seen.header("cookie") != known {
                return status(302).with("location", "/user/login?back=/r");
            }
            match page {
                1 => ok(rows(&["做为"])),
                2 => ok(rows(&["按装"])),
                _ => ok("[]"),
            }
        }
        other => panic!("{other}"),
    })
    .await
}

const FORM: &str = "url = \"http://HOST/r?page={page}\"\n[paging]\n\
                    [login]\nurl = \"http://HOST/user/login\"\nuser = \"林\"\n";

async fn a_login_is_repeated_once_when_the_session_ends(mut world: World) {
    let platform = with_form().await;
    let settings = format!("{FORM}password = \"对&\"\n");
    with(&mut world, source(&platform, &settings)).await;
    assert_eq!(taken(&mut world, "2021-06-28").await.opened, 2);
    let paths: Vec<String> = platform.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(
        paths,
        ["/user/login", "/r", "/r", "/r", "/user/login", "/r"]
    );
    world.end();
}

async fn a_login_gives_a_token(mut world: World) {
    let platform = Platform::start(|seen: &Seen, _| match seen.path.as_str() {
        "/auth" if seen.body == r#"{"name":"林","pass":"对"}"# => {
            ok(r#"{"code":0,"data":{"token":"t1"}}"#)
        }
        "/auth" => ok(r#"{"code":1,"msg":"wrong"}"#),
        _ if seen.header("x-token") == "t1" && seen.header("authorization").is_empty() => {
            ok(rows(&["做为"]))
        }
        _ => status(401),
    })
    .await;
    let login = |password: &str| {
        format!(
            r#"
            url = "http://HOST/r"
            headers = {{ "X-Token" = "{{token}}" }}
            [login]
            url = "http://HOST/auth"
            user = "林"
            password = "{password}"
            body = '{{"name":"{{user}}","pass":"{{password}}"}}'
            success = '"code":0'
            token = "data.token"
            "#
        )
    };
    with(&mut world, source(&platform, &login("错GEHEIM"))).await;
    let error = refused(&mut world, "2021-06-28").await;
    assert!(
        error.contains("the login's answer does not hold what login.success says; check login.url"),
        "{error}"
    );
    assert!(!error.contains("GEHEIM"), "{error}");
    world.until("2021-06-28 12:00").await;
    with(&mut world, source(&platform, &login("对"))).await;
    assert_eq!(taken(&mut world, "2021-06-29").await.opened, 1);
    world.end();
}

async fn a_login_that_is_refused_says_what_to_check(mut world: World) {
    let platform = with_form().await;
    let settings = format!("{FORM}password = \"GEHEIM\"\n");
    with(&mut world, source(&platform, &settings)).await;
    let error = refused(&mut world, "2021-06-28").await;
    assert!(
        error.contains("the login was refused; check login.url, login.user, login.password"),
        "{error}"
    );
    assert!(!error.contains("GEHEIM"), "{error}");
    world.end();
}

async fn a_login_page_is_no_report(mut world: World) {
    let platform = Platform::start(|_: &Seen, _| {
        ok("<!DOCTYPE html><html><form><input name=u><input type=\"password\"></form></html>")
    })
    .await;
    with(&mut world, source(&platform, "url = \"http://HOST/r\"")).await;
    let error = refused(&mut world, "2021-06-28").await;
    assert!(
        error.contains("127.0.0.1 answered with a login page instead of the report; set"),
        "{error}"
    );
    world.end();
}

async fn credentials_stay_at_home(mut world: World) {
    let store = Platform::start(|_: &Seen, _| ok(rows(&["做为"]))).await;
    let elsewhere = store.at;
    let platform = Platform::start(move |seen: &Seen, _| match seen.method.as_str() {
        "GET" => status(302).with("location", format!("http://{elsewhere}/r?pass=once")),
        _ => status(307).with("location", format!("http://{elsewhere}/r")),
    })
    .await;
    let settings =
        "url = \"http://HOST/r\"\nbearer = \"GEHEIM\"\nheaders = { \"X-Key\" = \"GEHEIM\" }";
    with(&mut world, source(&platform, settings)).await;
    assert_eq!(taken(&mut world, "2021-06-28").await.opened, 1);
    let first = &platform.seen()[0];
    assert_eq!(first.header("authorization"), "Bearer GEHEIM");
    let seen = store.seen();
    assert_eq!(seen[0].query, "pass=once");
    assert!(!format!("{seen:?}").contains("GEHEIM"), "{seen:?}");
    // What is posted goes nowhere else.
    let settings = "url = \"http://HOST/r\"\nmethod = \"POST\"\nbody = \"key=GEHEIM\"";
    with(&mut world, source(&platform, settings)).await;
    let error = slot(&mut world, "2021-06-29")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("sends a POST on to 127.0.0.1, another host"),
        "{error}"
    );
    assert_eq!(store.seen().len(), 1);
    world.end();
}

fn busy(number: usize, until: usize) -> Option<Reply> {
    (number < until).then(|| status(503).with("retry-after", "20"))
}

async fn a_busy_platform_is_asked_again(mut world: World) {
    let platform =
        Platform::start(|_: &Seen, number| busy(number, 3).unwrap_or_else(|| ok(rows(&["做为"]))))
            .await;
    with(&mut world, source(&platform, "url = \"http://HOST/r\"")).await;
    world.until("2021-06-28 08:29").await;
    let outcome = slot(&mut world, "2021-06-28").await.unwrap();
    assert_eq!(outcome.opened, 1);
    assert_eq!(platform.seen().len(), 3);
    // The program's own time has passed.
    assert!(
        world.app.desk.clock.now()
            >= support::at("2021-06-28 08:30") + chrono::TimeDelta::seconds(40)
    );
    world.end();
}

async fn a_busy_platform_is_given_up(mut world: World) {
    let platform = Platform::start(|seen: &Seen, number| match seen.path.as_str() {
        "/long" => status(429).with("retry-after", "3600"),
        _ => busy(number, 99).unwrap(),
    })
    .await;
    with(
        &mut world,
        source(&platform, "url = \"http://HOST/r\"\nretries = 2"),
    )
    .await;
    let error = refused(&mut world, "2021-06-28").await;
    assert!(
        error.contains("answered 503 Service Unavailable, and asks to wait 20 s"),
        "{error}"
    );
    assert_eq!(platform.seen().len(), 3);
    with(&mut world, source(&platform, "url = \"http://HOST/long\"")).await;
    let error = refused(&mut world, "2021-06-29").await;
    assert!(error.contains("and asks to wait 3600 s"), "{error}");
    world.end();
}

async fn an_own_ca_vouches_for_the_platform(mut world: World) {
    let platform = Platform::start_tls(|_: &Seen, _| ok(rows(&["做为"]))).await;
    let url = "url = \"https://HOST/r\"";
    with(&mut world, source(&platform, url)).await;
    let error = refused(&mut world, "2021-06-28").await;
    assert!(
        error.contains("shows a certificate that is not trusted; if its CA is your own, name"),
        "{error}"
    );
    world.until("2021-06-28 12:00").await;
    let ca = format!("{url}\nca = \"tests/sources/ca.pem\"");
    with(&mut world, source(&platform, &ca)).await;
    assert_eq!(taken(&mut world, "2021-06-29").await.opened, 1);
    let none = format!("{url}\nca = \"tests/sources/server.key\"");
    with(&mut world, source(&platform, &none)).await;
    let error = slot(&mut world, "2021-06-30")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("server.key: holds no certificate; PEM is needed"),
        "{error}"
    );
    world.end();
}

/// The folder of the world as a source with these settings.
async fn in_folder(world: &mut World, settings: &str) {
    let path = world.folder.path().join("reports");
    let text = format!("name = \"daily\"\nkind = \"folder\"\npath = {path:?}\n{settings}");
    let source: SourceSettings = toml::from_str(&text).unwrap();
    assert_eq!(duban::report::source::wrong(&source), None);
    with(world, source).await;
}

async fn a_watched_folder_waits_until_a_file_is_whole(mut world: World) {
    in_folder(&mut world, "watch = true").await;
    let manager = world.bind("M1").await;
    let path = world.folder.path().join("reports/2021-06-28.csv");
    world.drop_report("2021-06-28.csv.part", "half");
    std::fs::write(&path, HEADER).unwrap();
    assert!(world.pass(1).await.is_empty());
    // It grows: nothing is taken until it has lain still.
    std::fs::write(
        &path,
        format!("{HEADER}示范教育,微信公众号,,错别字,做为,作为,\n"),
    )
    .unwrap();
    assert!(world.pass(1).await.is_empty());
    let taken = world.pass(2).await;
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(taken[0].as_ref().unwrap().opened, 1);
    assert!(world.pass(120).await.is_empty());
    // What cannot be used is told once, and not tried at every look.
    world.drop_report("2021-06-29.csv", "nothing of use");
    let taken = world.pass(120).await;
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert!(taken[0].is_err());
    // A folder that is away is told of, once a day.
    world.until("2021-06-28 10:00").await;
    world.sandbox.unread(manager);
    std::fs::rename(path.parent().unwrap(), world.folder.path().join("gone")).unwrap();
    world.until("2021-06-28 15:00").await;
    let told = world.reads(manager).text;
    assert!(told.contains("source daily: folder"), "{told}");
    world.end();
}

async fn a_young_file_is_looked_at_once_more(mut world: World) {
    in_folder(&mut world, "schedule = \"30 8 * * *\"\nsettle_s = 30").await;
    world.until("2021-06-28 08:29").await;
    world.pass(59).await;
    world.drop_report(
        "2021-06-28.csv",
        format!("{HEADER}示范教育,微信公众号,,错别字,做为,作为,\n"),
    );
    let taken = world.pass(1).await;
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(taken[0].as_ref().unwrap().opened, 1);
    let now = world.app.desk.clock.now();
    assert_eq!(
        now,
        support::at("2021-06-28 08:30") + chrono::TimeDelta::seconds(30)
    );
    world.end();
}

async fn one_unreadable_file_holds_up_no_other(mut world: World) {
    in_folder(&mut world, "schedule = \"30 8 * * *\"\nmax_bytes = 200").await;
    let manager = world.bind("M1").await;
    let reports = world.folder.path().join("reports");
    // A link to itself can be read by nobody, not even by root.
    std::os::unix::fs::symlink("a.csv", reports.join("a.csv")).unwrap();
    world.drop_report("b.csv", "x".repeat(201));
    world.drop_report(
        "c.csv",
        format!("{HEADER}示范教育,微信公众号,,错别字,做为,作为,\n"),
    );
    world.until("2021-06-28 08:29").await;
    let brought = world.until("2021-06-28 08:30").await;
    let said: Vec<String> = brought
        .iter()
        .map(|one| match one {
            Ok(outcome) => format!("opened {}", outcome.opened),
            Err(error) => error.to_string(),
        })
        .collect();
    assert_eq!(said[0], "opened 1");
    assert!(said[1].contains("a.csv: cannot be read"), "{said:?}");
    assert!(
        said[2].contains("b.csv: larger than max_bytes = 200"),
        "{said:?}"
    );
    world.until("2021-06-28 12:00").await;
    let told: Vec<String> = world
        .sandbox
        .unread(manager)
        .into_iter()
        .map(|m| m.text)
        .collect();
    let told = told.join("\n");
    assert_eq!(told.matches("a.csv").count(), 1, "{told}");
    assert!(told.contains("文件无法读取"), "{told}");
    assert!(told.contains("文件太大"), "{told}");
    world.end();
}

async fn sub_folders_are_looked_into(mut world: World) {
    in_folder(
        &mut world,
        "schedule = \"30 8 * * *\"\nsub_folders = true\nmode = \"incremental\"",
    )
    .await;
    for (folder, word) in [
        ("一区", "做为"),
        ("二区/2021-05", "按装"),
        (".hidden", "座落"),
    ] {
        let at = world.folder.path().join("reports").join(folder);
        std::fs::create_dir_all(&at).unwrap();
        let text = format!("{HEADER}示范教育,微信公众号,,错别字,{word},,\n");
        std::fs::write(at.join("2021-06-27.csv"), text).unwrap();
    }
    world.until("2021-06-28 08:29").await;
    let brought = world.until("2021-06-28 08:30").await;
    let opened: Vec<(usize, String)> = brought
        .into_iter()
        .map(|one| one.unwrap())
        .map(|outcome| (outcome.opened, outcome.date))
        .collect();
    assert_eq!(
        opened,
        [(1, "2021-06-27".to_owned()), (1, "2021-06-27".to_owned())]
    );
    world.until("2021-06-29 08:29").await;
    let brought = world.until("2021-06-29 08:30").await;
    assert!(brought.is_empty(), "{brought:?}");
    world.end();
}

/// The mailbox as a source with these settings on top of what it needs.
async fn by_mail(world: &mut World, mailbox: &Mailbox, settings: &str, mail: &str) {
    let text = format!(
        "name = \"post\"\nkind = \"mailbox\"\nschedule = \"30 8 * * *\"\nmode = \"incremental\"\n{settings}\n\
         [mail]\nhost = \"localhost\"\nport = {}\nuser = \"office\"\n{mail}\n",
        mailbox.port
    );
    let source: SourceSettings = toml::from_str(&text).unwrap();
    assert_eq!(duban::report::source::wrong(&source), None);
    with(world, source).await;
}

async fn mails_bring_their_attachments(mut world: World) {
    let mailbox = Mailbox::start();
    let row = |word: &str| format!("{HEADER}示范教育,微信公众号,,错别字,{word},,");
    let came = |time: &str| support::at(time).into();
    let sender = "report@platform.example";
    mailbox.deliver(
        "1",
        sender,
        ("2021-06-27.csv", &row("做为")),
        came("2021-06-28 07:00"),
    );
    mailbox.deliver(
        "2",
        sender,
        ("report.csv", &row("按装")),
        came("2021-06-26 07:00"),
    );
    mailbox.deliver(
        "3",
        sender,
        ("list.csv", &row("座落")),
        came("2021-06-28 07:00"),
    );
    mailbox.deliver(
        "4",
        "a@b.example",
        ("report.csv", &row("帐单")),
        came("2021-06-28 07:00"),
    );
    mailbox.deliver(
        "5",
        sender,
        ("report.csv", &row("通迅")),
        came("2021-05-28 07:00"),
    );
    let rule = format!(
        "password = {:?}\nfrom = \"@Platform.example\"\nsubject = \"日报\"\nattachment = \"*\"",
        mailbox::PASSWORD
    );
    by_mail(&mut world, &mailbox, "ca = \"tests/sources/ca.pem\"", &rule).await;
    world.until("2021-06-28 08:29").await;
    let brought = world.until("2021-06-28 08:30").await;
    let mut days: Vec<String> = brought.into_iter().map(|one| one.unwrap().date).collect();
    days.sort();
    // By the name's day, else by the mail's; what another sent, or is older than two weeks, is left alone.
    assert_eq!(days, ["2021-06-26", "2021-06-27", "2021-06-28"]);
    assert_eq!(world.issues().await.len(), 3);
    // Nothing is brought twice, also not after a start, and nothing in the mailbox has changed.
    for day in ["2021-06-29", "2021-06-30"] {
        world.restart().await;
        world.until(&format!("{day} 08:29")).await;
        assert!(world.until(&format!("{day} 08:30")).await.is_empty());
    }
    mailbox.deliver(
        "6",
        sender,
        ("2021-07-01.csv", &row("帐单")),
        came("2021-07-01 07:00"),
    );
    world.until("2021-07-01 08:29").await;
    let brought = world.until("2021-07-01 08:30").await;
    assert_eq!(brought.len(), 1, "{brought:?}");
    let seen = mailbox.mails();
    assert_eq!(seen, ["1", "2", "3", "4", "5", "6"], "{seen:?}");
    let only = format!(
        "{}\n",
        rule.replace("attachment = \"*\"", "attachment = \"no*.csv\"")
    );
    by_mail(&mut world, &mailbox, "ca = \"tests/sources/ca.pem\"", &only).await;
    world.until("2021-07-02 08:29").await;
    assert!(world.until("2021-07-02 08:30").await.is_empty());
    world.end();
}

async fn a_mailbox_that_is_closed_says_why(mut world: World) {
    let mailbox = Mailbox::start();
    let ca = "ca = \"tests/sources/ca.pem\"";
    let right = format!("password = {:?}", mailbox::PASSWORD);
    let (wrong, folder) = (
        "password = \"GEHEIM\"",
        format!("{right}\nfolder = \"Reports\""),
    );
    for (day, settings, mail, want) in [
        (
            "2021-06-28",
            ca,
            wrong,
            "localhost refuses the login; check mail.user and mail.password",
        ),
        (
            "2021-06-29",
            "",
            right.as_str(),
            "offers no encrypted connection that is trusted",
        ),
        (
            "2021-06-30",
            ca,
            folder.as_str(),
            "does not open the folder \"Reports\"; check mail.folder",
        ),
    ] {
        by_mail(&mut world, &mailbox, settings, mail).await;
        let error = refused(&mut world, day).await;
        assert!(error.contains(want), "{error}");
        assert!(
            !error.contains("GEHEIM") && !error.contains(mailbox::PASSWORD),
            "{error}"
        );
    }
    world.end();
}

/// The shipped binary with the world's store and these sources.
async fn duban(world: &World, sources: &str, arguments: &[&str]) -> (i32, String) {
    let settings = format!(
        "[database]\nurl = {:?}\n{sources}",
        world.settings.database.url
    );
    let path = world.folder.path().join("duban.toml");
    std::fs::write(&path, settings).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_duban"));
    command.arg("--config").arg(&path).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    (output.status.code().unwrap(), said)
}

async fn a_dry_run_stores_nothing(world: World) {
    let platform = Platform::start(|seen: &Seen, _| match seen.parameter("page").as_str() {
        "1" => ok(format!(
            "[{},{}]",
            row("示范发布", "做为"),
            row("示范教育局", "按装")
        )),
        "2" => ok(format!("[{}]", row("示范教育", "座落"))),
        _ => ok("[]"),
    })
    .await;
    let at = platform.at;
    let sources = format!(
        "[[sources]]\nname = \"web\"\nurl = \"http://{at}/r?page={{page}}&key=GEHEIM\"\n[sources.paging]\n"
    );
    let (code, said) = duban(&world, &sources, &["source", "list"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("web: http, snapshot, http://127.0.0.1") && !said.contains("GEHEIM"));
    let (code, said) = duban(&world, &sources, &["source", "try", "web"]).await;
    assert_eq!(code, 0, "{said}");
    for line in [
        "账号名称 → account_name",
        "rows: 3 understood = 2 matched + 0 ambiguous + 1 unmatched + 0 praise; 0\nrejected",
        "row 1: wechat | 示范发布 | 做为\n    → wechat:示范发布, 福州市示范一区人民政府 (by exact)",
        "? nobody is called so; alike: wechat:示范教育 (示范一区教育局)",
        "row 3: wechat | 示范教育 | 座落",
        "missing: no units (责任单位)",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
    let (_, said) = duban(&world, &sources, &["source", "try", "web", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json[0]["first"][1]["whose"]["outcome"], "unmatched");
    let file = world.folder.path().join("r.csv");
    std::fs::write(&file, "账号,日期\n甲,乙\n").unwrap();
    let file = file.display().to_string();
    let (code, said) = duban(&world, &sources, &["source", "try", "web", "--file", &file]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("refused: r.csv: no header row"), "{said}");
    let (code, said) = duban(&world, &sources, &["source", "try", "wbe"]).await;
    assert_eq!(code, 2, "{said}");
    let mut tx = world.store().read().await.unwrap();
    for sql in [
        "select id from report",
        "select id from finding",
        "select id from waiting",
        "select source from source_state",
    ] {
        assert!(tx.all(sql, vec![]).await.unwrap().is_empty(), "{sql}");
    }
    drop(tx);
    world.end();
}

#[test]
fn settings_that_contradict_themselves_are_refused_with_their_line() {
    let sign = "[sources.sign]\nsecret = \"s\"\n";
    let login = "[sources.login]\nurl = \"http://a.example/login\"\nuser = \"u\"\n";
    for (settings, row, want) in [
        (
            "url = \"http://a.example/{page}\"",
            3,
            "sources.web.url: {page} needs [sources.paging]",
        ),
        (
            "url = \"ftp://a.example/GEHEIM\"",
            3,
            "must be an address that begins with http",
        ),
        (
            "url = \"http://a.example\"\nbody = \"a\"",
            4,
            "set method = \"POST\"",
        ),
        (
            "url = \"http://a.example\"\ndays = 3",
            4,
            "write them into url or body",
        ),
        (
            "url = \"http://a.example\"\nbearer = \"a\"\nbasic_user = \"b\"",
            5,
            "exclude each other",
        ),
        (
            "url = \"http://a.example\"\n[sources.paging]\nby = \"page\"",
            5,
            "needs {page} in url",
        ),
        (
            "url = \"http://a.example\"\n[sources.paging]\nby = \"cursor\"\nnext = \"n\"",
            5,
            "needs {cursor}",
        ),
        (
            "url = \"http://a.example\"\n[sources.paging]\nby = \"next\"",
            4,
            "next = \"data.next\"",
        ),
        (
            "url = \"http://a.example\"\n[sources.paging]\nby = \"link\"\nnext = \"n\"",
            6,
            "only",
        ),
        (
            &format!("url = \"http://a.example\"\n{sign}"),
            4,
            "says what is signed",
        ),
        (
            &format!("url = \"http://a.example\"\n{sign}text = \"{{bdy}}\""),
            6,
            "{bdy} is not known",
        ),
        (
            &format!("url = \"http://a.example\"\n{sign}text = \"a\""),
            4,
            "sends the signature",
        ),
        (
            &format!("url = \"http://a.example\"\n{login}"),
            4,
            "login.password: is needed",
        ),
        (
            &format!("url = \"http://a.example\"\n{login}password = \"GEHEIM\"\nbody = \"a\""),
            8,
            "needs {password}",
        ),
        (
            "kind = \"folder\"\npath = \"in\"\nbearer = \"GEHEIM\"",
            5,
            "means nothing with kind = \"folder\"",
        ),
        (
            "url = \"http://a.example\"\nsub_folders = true",
            4,
            "means nothing with kind = \"http\"",
        ),
    ] {
        let text = format!("[[sources]]\nname = \"web\"\n{settings}\n");
        let error = Settings::read(&text, "duban.toml", std::iter::empty()).unwrap_err();
        let error = error.to_string();
        assert!(
            error.starts_with(&format!("duban.toml, row {row}, column sources.web.")),
            "{settings}: {error}"
        );
        assert!(
            error.contains(want) && !error.contains("GEHEIM"),
            "{settings}: {error}"
        );
    }
}
