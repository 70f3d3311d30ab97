//! A process that is killed while it does a job: the next one goes on behind the last piece that was
//! committed, so that nothing is left out and nothing is done twice.

use std::time::Duration;

use serde_json::{Value as Json, json};
use time::{OffsetDateTime, macros::format_description};

use super::spawn;
use crate::{
    changes::{doubled, ended, everything, fresh_id, jobs_of, many},
    support::{ADMIN_EMAIL, ADMIN_PASSWORD, Client, TestApp, is_postgres},
};

/// How often a process is killed.
const KILLS: i64 = 3;
/// How often a test looks whether a job gets on.
const LOOKS: usize = 4_000;
/// The records that are made one by one, and those that there are when they are doubled.
const MADE: usize = 40;
const DOUBLED: u32 = 8;
const ALL: usize = MADE << DOUBLED;
/// As many of what is quicker: of records to verify, and of those to index.
const DOUBLED_TO_VERIFY: u32 = 10;
const DOUBLED_TO_INDEX: u32 = 13;
const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// Kills one process after another, when `reached` ends: it is given what the job was like at the kill
/// before, and gives what it is like now. `ask` asks the first process for the job. Each clock is a minute
/// ahead of the one before, so that what that process has begun counts as lost.
async fn kill(
    (url, ahead): (&str, i64),
    ask: impl AsyncFnOnce(&Client),
    reached: impl AsyncFn(&Client, &Json) -> Json,
) {
    let (mut ask, mut job) = (Some(ask), Json::Null);
    let mut token: Option<String> = None;
    for round in 0..KILLS {
        let url = url.to_owned();
        let spawned = tokio::task::spawn_blocking(move || spawn(&url, ahead + round)).await;
        let (mut child, base) = spawned.expect("a process");
        // A later one is at the job before anybody could sign in.
        let client = match &token {
            Some(token) => Client::anonymous(base).with_token(token),
            None => signed_in(base).await,
        };
        token = Some(client.token().to_owned());
        if let Some(ask) = ask.take() {
            ask(&client).await;
        }
        job = reached(&client, &job).await;
        child.kill().expect("SIGKILL");
        child.wait().expect("the process is gone");
    }
}

/// Whether another process has begun the job.
fn begins(before: &Json, now: &Json) -> bool {
    let attempts = |job: &Json| job["attempts"].as_i64().unwrap_or_default();
    attempts(now) > attempts(before)
}

/// Waits until a process has begun the job of this kind, or a later one has got on with it.
async fn got_on(client: &Client, kind: &str, before: &Json) -> Json {
    let gets_on = |now: &Json| {
        if before.is_null() {
            begins(before, now)
        } else {
            now["progress"] != before["progress"]
        }
    };
    seen(client, kind, gets_on).await
}

async fn signed_in(base: String) -> Client {
    let anonymous = Client::anonymous(base);
    let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let signed_in = anonymous.call("POST", "/v1/auth/login", &body).await.ok();
    anonymous.with_token(signed_in["accessToken"].as_str().expect("a token"))
}

/// Waits until the oldest job of a kind that has not ended looks so, and gives it.
async fn seen(client: &Client, kind: &str, looks_so: impl Fn(&Json) -> bool) -> Json {
    for _ in 0..LOOKS {
        let job = open(client, kind).await;
        if looks_so(&job) {
            assert_eq!(job["state"], "running", "it ended before the kill: {job}");
            return job;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("no job of the kind {kind} gets on");
}

/// The oldest job of a kind that has not ended.
async fn open(client: &Client, kind: &str) -> Json {
    let listed = client.meta("GET", "jobs?limit=200", Json::Null).await.ok();
    let listed = listed["data"].as_array().cloned().unwrap_or_default();
    let is_open = |job: &Json| job["kind"] == kind && job["state"] != "done";
    let open = listed.into_iter().rev().find(is_open);
    open.unwrap_or_default()
}

/// Serves again, at a time when the last process counts as gone.
async fn go_on(app: &mut TestApp, minutes: i64) -> Client {
    app.advance(time::Duration::minutes(minutes));
    app.restart().await;
    app.admin_anew().await
}

/// Waits until a job is done that each of the processes has begun, and gives its report.
async fn done_by_all(admin: &Client, id: &str) -> Json {
    let job = ended(admin, id).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["attempts"], KILLS + 1, "{job}");
    job["report"].clone()
}

async fn count(client: &Client, objects: &str, filter: Json) -> Json {
    let page = client.filter(objects, &filter, "count=exact&limit=1").await;
    page.ok()["count"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn amounts_are_converted_once_after_every_kill() {
    let mut app = TestApp::start().await;
    let admin = app.admin_anew().await;
    let sale = json!({"op": "addObjectType", "name": "sale", "plural": "sales",
        "fields": [{"name": "price", "type": "money"}]});
    admin.change(json!([sale])).await.ok();
    let price = |at: usize| {
        let currency = if at.is_multiple_of(4) { "EUR" } else { "USD" };
        format!(
            "{{price: {{amount: \"{}\", currency: \"{currency}\"}}}}",
            at * 10
        )
    };
    many(&admin, "Sale", MADE, price).await;
    doubled(&app, "x_sale", "x_price, x_price_currency", DOUBLED).await;

    let url = app.stop().await;
    let rates = json!([{"currency": "USD", "validFrom": "2020-01-01", "rate": "0.8"}]);
    let table = json!({"base": "EUR", "rates": rates});
    let ask = async |client: &Client| {
        client.meta("PUT", "currencies", table).await.ok();
    };
    let reached =
        async |client: &Client, before: &Json| got_on(client, "baseAmounts", before).await;
    kill((&url, 0), ask, reached).await;
    let admin = go_on(&mut app, KILLS).await;
    let job = open(&admin, "baseAmounts").await;
    let id = job["id"].as_str().expect("a job that has not ended");
    let report = done_by_all(&admin, id).await;
    assert_eq!(report, json!({"converted": ALL}));
    let fields = "fields=version,price.amount,price.currency,price.baseAmount";
    let sales = everything(&admin, "sales", fields).await;
    assert_eq!(sales.len(), ALL);
    for sale in sales {
        let price = &sale["price"];
        let amount = price["amount"].as_str().and_then(|it| it.split('.').next());
        let amount: u32 = amount.and_then(|it| it.parse().ok()).expect("an amount");
        let tenths = if price["currency"] == "EUR" { 10 } else { 8 };
        let expected = format!("{}.0000", amount * tenths / 10);
        assert_eq!(price["baseAmount"], expected, "{sale}");
        assert_eq!(sale["version"], 2, "converted once: {sale}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verification_finds_all_drift_after_every_kill() {
    let mut app = TestApp::start().await;
    let admin = app.admin_anew().await;
    let operations = json!([
        {"op": "addObjectType", "name": "venture", "plural": "ventures", "fields": [
            {"name": "name", "type": "text"}]},
        {"op": "addObjectType", "name": "deal", "plural": "deals", "fields": [
            {"name": "venture", "type": "reference", "target": "venture", "inverse": {"name": "deals"}}]},
        {"op": "addField", "object": "venture", "field":
            {"name": "number", "type": "rollup", "of": "deals", "function": "count"}},
    ]);
    admin.change(operations).await.ok();
    let named = |at| format!("{{name: \"v{at}\"}}");
    let made = many(&admin, "Venture", MADE, named).await;
    doubled(&app, "x_venture", "x_name, x_number", DOUBLED_TO_VERIFY).await;
    let deal = |at: usize| format!("{{venture: \"{}\"}}", made[at]);
    many(&admin, "Deal", MADE, deal).await;
    app.sql("UPDATE x_venture SET x_number = 7 WHERE x_name IN ('v3', 'v4')")
        .await;
    let (all, drifted) = (MADE << DOUBLED_TO_VERIFY, 2_usize << DOUBLED_TO_VERIFY);

    let url = app.stop().await;
    let ask = async |client: &Client| {
        let path = "objects/venture/fields/number/verify";
        let asked = client.meta("POST", path, json!({"repair": true})).await;
        asked.status(202);
    };
    let reached = async |client: &Client, before: &Json| got_on(client, "verify", before).await;
    kill((&url, 0), ask, reached).await;
    let admin = go_on(&mut app, KILLS).await;
    let job = open(&admin, "verify").await;
    let id = job["id"].as_str().expect("a job that has not ended");
    let report = done_by_all(&admin, id).await;
    let found = (&report["rows"], &report["drifted"], &report["repaired"]);
    assert_eq!(found, (&json!(all), &json!(drifted), &json!(drifted)));
    let samples = report["samples"].as_array().expect("samples");
    assert_eq!(samples.len(), 10, "{report}");
    assert!(samples.iter().all(|it| it["stored"] == 7), "{report}");
    for (number, expected) in [(0, all - MADE), (1, MADE), (7, 0)] {
        let of_number = count(&admin, "ventures", json!({"number": {"eq": number}})).await;
        assert_eq!(of_number, expected, "{number}");
    }
    // Each of them was put right once; the deals have made a version of the first ones before.
    let put_right = json!({"name": {"in": ["v3", "v4"]}, "version": {"eq": 2}});
    assert_eq!(count(&admin, "ventures", put_right).await, drifted - 2);
}

/// Tomorrow, as it is written.
fn tomorrow() -> String {
    let day = (OffsetDateTime::now_utc() + time::Duration::days(1)).date();
    day.format(format_description!("[year]-[month]-[day]"))
        .expect("a day")
}

/// Ships whose rollups count the sailors of today, each with a sailor from tomorrow on, the first with two.
async fn ships(app: &TestApp) {
    let admin = app.admin_anew().await;
    let operations = json!([
        {"op": "addObjectType", "name": "sailor", "plural": "sailors", "fields": [{"name": "name", "type": "text"}]},
        {"op": "addObjectType", "name": "ship", "plural": "ships", "fields": [{"name": "name", "type": "text"}]},
        {"op": "addRelationType", "name": "service", "temporal": true, "allowDuplicates": true,
         "source": {"object": "sailor", "name": "ships"}, "target": {"object": "ship", "name": "crew"}},
        {"op": "addField", "object": "ship", "field":
            {"name": "crewNow", "type": "rollup", "of": "crew", "function": "count"}},
        {"op": "addField", "object": "ship", "field":
            {"name": "twice", "type": "formula", "result": "integer", "expression": "crewNow * 2"}},
    ]);
    admin.change(operations).await.ok();
    let made = many(&admin, "Ship", MADE, |at| format!("{{name: \"s{at}\"}}")).await;
    doubled(app, "x_ship", "x_name, x_crew_now, x_twice", DOUBLED).await;
    let ann = admin.make("sailors", json!({"name": "Ann"})).await;
    let path = format!("ships/{}/crew", made[0]);
    let from_tomorrow = json!({"validFrom": tomorrow()});
    admin.link(&path, &ann, from_tomorrow).await.status(201);
    let link = "version, created_at, updated_at, source_id";
    let statement = format!(
        "INSERT INTO r_service (id, {link}, target_id, valid_from) \
         SELECT {}, l.version, l.created_at, l.updated_at, l.source_id, s.id, l.valid_from \
         FROM r_service l CROSS JOIN x_ship s",
        fresh_id()
    );
    app.sql(&statement).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_of_the_day_reaches_every_record_after_every_kill() {
    let mut app = TestApp::start().await;
    ships(&app).await;
    let url = app.stop().await;
    // The first of them turns the day by itself.
    let ask = async |_: &Client| {};
    let reached = async |client: &Client, before: &Json| got_on(client, "turnDay", before).await;
    kill((&url, MINUTES_OF_A_DAY), ask, reached).await;
    let admin = go_on(&mut app, MINUTES_OF_A_DAY + KILLS).await;
    let job = open(&admin, "turnDay").await;
    let id = job["id"].as_str().expect("a job that has not ended");
    let report = done_by_all(&admin, id).await;
    assert_eq!(report, json!({"rows": ALL}));
    for (crew, expected) in [(0, 0), (1, ALL - 1), (2, 1)] {
        let both = json!({"crewNow": {"eq": crew}, "twice": {"eq": crew * 2}});
        assert_eq!(count(&admin, "ships", both).await, expected, "{crew}");
    }
    let turned = json!({"name": {"neq": "s0"}, "version": {"eq": 2}});
    let others = ALL - ALL / MADE;
    assert_eq!(count(&admin, "ships", turned).await, others, "turned once");
}

/// How many indexes of a table there are of the field `size`, whole and half-made ones.
async fn indexes(app: &TestApp) -> (i64, i64) {
    let name = "ix_x_size_id_x_thing_%";
    if !is_postgres() {
        let select = format!(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE '{name}'"
        );
        return (app.number(&select).await, 0);
    }
    let select = |valid: &str| {
        format!(
            "SELECT count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
             WHERE relname LIKE '{name}' AND {valid}"
        )
    };
    let whole = app.number(&select("indisvalid")).await;
    (whole, app.number(&select("NOT indisvalid")).await)
}

/// Whether indexes are built and dropped beside writers, whom they wait for. Otherwise a drop takes no time.
fn are_beside_writers() -> bool {
    is_postgres()
}

/// Holds a lock of a writer on the table for a minute.
async fn write_on(app: &TestApp) {
    if are_beside_writers() {
        let writing =
            "BEGIN; LOCK TABLE x_thing IN ROW EXCLUSIVE MODE; SELECT pg_sleep(60); COMMIT";
        app.sql(writing).await;
    }
    std::future::pending::<()>().await;
}

/// Ends that.
async fn write_no_more(app: &TestApp) {
    if are_beside_writers() {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                   AND datname = current_database() AND query LIKE '%pg_sleep%'";
        app.sql(end).await;
    }
}

/// Waits until the database has ended what the killed processes asked for.
async fn ends_what_they_did(app: &TestApp) {
    let active = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' \
                  AND datname = current_database() AND query LIKE '%CONCURRENTLY%'";
    for _ in 0..200 {
        if !are_beside_writers() || app.number(active).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("statements of killed processes go on");
}

/// Waits until a process has begun the job of an index, and the index is half-made where that shows.
async fn began_index(app: &TestApp, client: &Client, before: &Json) -> Json {
    let job = seen(client, "index", |now| begins(before, now)).await;
    for _ in 0..LOOKS {
        if !are_beside_writers() || indexes(app).await == (0, 1) {
            // Later processes are a little further when they are killed.
            let earlier = before["attempts"].as_u64().unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(20 * earlier)).await;
            return job;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("the index is never half-made");
}

/// Kills processes that are at the job of an index, the first of which is so many minutes ahead, and has it
/// done.
async fn index(app: &mut TestApp, operation: &str, ahead: i64) -> Json {
    let url = app.stop().await;
    let operations = json!([{"op": operation, "object": "thing", "field": "size"}]);
    let mut id = String::new();
    let ask = async |client: &Client| {
        let report = client.change(operations).await.ok();
        id.clone_from(&jobs_of(&report)[0]);
    };
    let served: &TestApp = app;
    let reached = async |client: &Client, before: &Json| began_index(served, client, before).await;
    let killed = async {
        kill((&url, ahead), ask, reached).await;
        ends_what_they_did(served).await;
    };
    tokio::select! {
        () = write_on(served) => {}
        () = killed => {}
    }
    let half_made = (0, i64::from(are_beside_writers()));
    assert_eq!(indexes(app).await, half_made, "{operation}");
    write_no_more(app).await;
    let admin = go_on(app, KILLS).await;
    done_by_all(&admin, &id).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_whole_or_gone_after_every_kill() {
    let mut app = TestApp::start().await;
    let admin = app.admin_anew().await;
    let thing = json!({"op": "addObjectType", "name": "thing", "plural": "things",
        "fields": [{"name": "size", "type": "integer"}]});
    admin.change(json!([thing])).await.ok();
    many(&admin, "Thing", MADE, |at| format!("{{size: {at}}}")).await;
    doubled(&app, "x_thing", "x_size", DOUBLED_TO_INDEX).await;
    for (operation, ahead, report, whole) in [
        ("createIndex", 0, "built", 1),
        ("dropIndex", KILLS, "dropped", 0),
    ] {
        if operation == "dropIndex" && !are_beside_writers() {
            break;
        }
        let reported = index(&mut app, operation, ahead).await;
        assert_eq!(reported, json!({"index": report}));
        assert_eq!(indexes(&app).await, (whole, 0), "{operation}");
        let admin = app.admin_anew().await;
        let thing = admin.meta("GET", "objects/thing", Json::Null).await.ok();
        let mut fields = thing["fields"].as_array().expect("fields").iter();
        let size = fields.find(|it| it["name"] == "size");
        let state = if whole == 1 { "ready" } else { "none" };
        assert_eq!(size.expect("the field")["index"], json!({"state": state}));
    }
}
