//! Computed fields of types with many records: filled by a job, right at the end, whoever writes meanwhile
//! and whatever else is changed.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::{done, ended, everything, jobs_of, many, thing};
use crate::support::{Client, Rules, TestApp};

/// More records than a changeset computes itself.
const MANY: usize = 1_050;
/// How many write at once.
const WRITERS: usize = 20;

fn formula(name: &str, expression: &str) -> Json {
    json!({"name": name, "type": "formula", "result": "decimal", "expression": expression})
}

fn add(object: &str, field: Json) -> Json {
    json!({"op": "addField", "object": object, "field": field})
}

/// A type with many records, numbered from 0.
async fn things(app: &TestApp) -> Client {
    let admin = app.admin();
    let fields = json!([{"name": "size", "type": "integer"}]);
    admin.change(json!([thing(&fields)])).await.ok();
    many(&admin, "Thing", MANY, |at| format!("{{size: {at}}}")).await;
    admin
}

#[tokio::test]
async fn a_large_type_is_filled_by_a_job() {
    let app = TestApp::start().await;
    let admin = things(&app).await;
    let operations = json!([add("thing", formula("double", "size * 2"))]);
    let dry = json!({"dryRun": true, "operations": operations});
    let dry = admin.meta("POST", "changesets", dry).await.ok();
    assert_eq!(dry["operations"][0]["jobs"], json!([{"kind": "fill"}]));
    assert_eq!(dry["operations"][0]["rowsAffected"], json!(MANY));
    assert_eq!(
        admin.meta("GET", "jobs", Json::Null).await.ok()["data"],
        json!([])
    );

    let report = admin.change(operations).await.ok();
    assert_eq!(report["operations"][0]["rowsAffected"], json!(MANY));
    let jobs = jobs_of(&report);
    assert_eq!(jobs.len(), 1, "{report}");
    // What is written meanwhile is right at once.
    let id = admin.make("things", json!({"size": 7_000})).await;
    let written = admin.get("things", &id).await.ok();
    assert_eq!(written["double"], "14000.00");

    let found = done(&admin, &jobs[0]).await;
    assert!(found["records"].as_u64() >= Some(MANY as u64), "{found}");
    for record in everything(&admin, "things", "fields=size,double").await {
        let size = record["size"].as_u64().expect("a size");
        assert_eq!(record["double"], format!("{}.00", size * 2));
    }
    let filtered = admin.list("things", "double[lt]=10&count=exact").await.ok();
    assert_eq!(filtered["count"], 5);
    let field = admin.meta("GET", "objects/thing", Json::Null).await.ok();
    assert!(!field.to_string().contains("computing"), "{field}");
    // The records are as nobody had written them.
    let unchanged = admin.list("things", "version[gt]=1&count=exact").await.ok();
    assert_eq!(unchanged["count"], 0);
    // The end of the job is a version of its own, which the log tells of.
    let log = admin
        .meta("GET", "changesets?limit=1", Json::Null)
        .await
        .ok();
    assert_eq!(log["data"][0]["operations"][0]["op"], "finishJob");
    assert_eq!(log["data"][0]["operations"][0]["job"], json!(jobs[0]));
}

#[tokio::test]
async fn a_fill_gives_way_to_a_later_change_of_its_field() {
    let app = TestApp::start().await;
    let admin = things(&app).await;
    let first = admin
        .change(json!([
            add("thing", formula("scaled", "size * 2")),
            add("thing", formula("next", "scaled + 1")),
            add("thing", formula("gone", "size * 9")),
        ]))
        .await
        .ok();
    let second = admin
        .change(json!([
            {"op": "updateField", "object": "thing", "field": "scaled", "expression": "size * 3"},
            {"op": "deleteField", "object": "thing", "field": "gone"},
        ]))
        .await
        .ok();
    for job in jobs_of(&first).iter().chain(&jobs_of(&second)) {
        done(&admin, job).await;
    }
    for record in everything(&admin, "things", "fields=size,scaled,next").await {
        let size = record["size"].as_u64().expect("a size");
        assert_eq!(record["scaled"], format!("{}.00", size * 3));
        assert_eq!(record["next"], format!("{}.00", size * 3 + 1));
    }
}

#[tokio::test]
async fn a_cancelled_fill_goes_on_when_it_is_tried_again() {
    let app = TestApp::start().await;
    let admin = things(&app).await;
    let operations = json!([add("thing", formula("double", "size * 2"))]);
    let job = jobs_of(&admin.change(operations).await.ok())[0].clone();
    let cancelled = admin
        .meta("POST", &format!("jobs/{job}/cancel"), Json::Null)
        .await;
    if cancelled.code() == 200 {
        let shown = admin.meta("GET", "objects/thing", Json::Null).await.ok();
        let fields = shown["fields"].as_array().expect("fields");
        let field = fields.iter().find(|field| field["name"] == "double");
        let field = field.expect("the field");
        assert_eq!(field["state"], "computing");
        assert_eq!(field["job"], json!(job));
        admin
            .meta("POST", &format!("jobs/{job}/retry"), Json::Null)
            .await
            .ok();
    }
    done(&admin, &job).await;
    let missing = admin
        .list("things", "double[isNull]=true&count=exact")
        .await;
    assert_eq!(missing.ok()["count"], 0);
}

#[tokio::test]
async fn the_job_shows_to_those_who_may_change_the_schema() {
    let app = TestApp::start().await;
    let admin = things(&app).await;
    let reader = app.role("reader", Rules::none().read("thing")).await;
    let operations = json!([add("thing", formula("double", "size * 2"))]);
    let job = jobs_of(&admin.change(operations).await.ok())[0].clone();
    let shown = reader.meta("GET", "objects/thing", Json::Null).await.ok();
    assert!(!shown.to_string().contains(&job), "{shown}");
    ended(&admin, &job).await;
}

/// Parents and their parts, as many of both as a job takes.
async fn crates(app: &TestApp) -> (Client, Vec<String>, Vec<String>) {
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "crate", "plural": "crates",
         "fields": [{"name": "label", "type": "text"}]},
        {"op": "addObjectType", "name": "part", "plural": "parts", "fields": [
            {"name": "weight", "type": "integer"},
            {"name": "crate", "type": "reference", "target": "crate",
             "inverse": {"name": "parts"}}]},
    ]);
    admin.change(operations).await.ok();
    let crates = many(&admin, "Crate", MANY, |at| format!("{{label: \"c{at}\"}}")).await;
    let part = |at: usize| {
        let of = &crates[at * 7 % 50];
        format!("{{weight: {at}, crate: \"{of}\"}}")
    };
    let parts = many(&admin, "Part", MANY, part).await;
    (admin, crates, parts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_is_filled_beside_twenty_writers() {
    let app = TestApp::start().await;
    let (admin, crates, parts) = crates(&app).await;
    let rollup = |name: &str, function: &str, field: Option<&str>| {
        let mut field = json!({"name": name, "type": "rollup", "of": "parts", "function": function,
            "field": field});
        if field["field"].is_null() {
            field.as_object_mut().expect("a field").remove("field");
        }
        field
    };
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (admin, crates, parts) = (admin.clone(), crates.clone(), parts.clone());
        writers.spawn(async move { write(admin, writer, (crates, parts)).await });
    }
    let report = admin
        .change(json!([
            add("part", formula("net", "weight * 3")),
            add("crate", rollup("total", "sum", Some("net"))),
            add("crate", rollup("number", "count", None)),
            add("crate", formula("twice", "total * 2")),
            add("part", formula("share", "crate.twice + weight")),
        ]))
        .await
        .ok();
    let jobs = jobs_of(&report);
    assert!(!jobs.is_empty(), "{report}");
    writers.join_all().await;
    for job in &jobs {
        done(&admin, job).await;
    }
    right(&admin).await;
}

/// Creates, changes, moves and deletes parts.
async fn write(admin: Client, writer: usize, (crates, parts): (Vec<String>, Vec<String>)) {
    for round in 0..6 {
        let to = &crates[(writer * 3 + round) % 50];
        let part = &parts[(writer * 31 + round * 7) % parts.len()];
        let id = admin
            .make("parts", json!({"weight": writer, "crate": to}))
            .await;
        let changed = admin.patch(
            "parts",
            part,
            json!({"weight": 10_000 + round, "crate": to}),
        );
        let code = changed.await.code();
        assert!(code == 200 || code == 404, "{code}");
        if round % 3 == 0 {
            admin.delete("parts", &id).await.status(204);
        }
    }
}

/// Every computed value is what the stored ones give.
async fn right(admin: &Client) {
    let mut totals: HashMap<String, (i64, i64)> = HashMap::new();
    let parts = everything(admin, "parts", "fields=weight,net,share,crate.id").await;
    for part in &parts {
        let weight = part["weight"].as_i64().expect("a weight");
        assert_eq!(part["net"], format!("{}.00", weight * 3), "{part}");
        let of = part["crate"]["id"].as_str().expect("a crate").to_owned();
        let total = totals.entry(of).or_default();
        *total = (total.0 + weight * 3, total.1 + 1);
    }
    for one in everything(admin, "crates", "fields=id,total,number,twice").await {
        let id = one["id"].as_str().expect("an id");
        let (total, number) = totals.get(id).copied().unwrap_or_default();
        assert_eq!(one["total"], format!("{total}.00"), "{one}");
        assert_eq!(one["number"], json!(number), "{one}");
        assert_eq!(one["twice"], format!("{}.00", total * 2), "{one}");
    }
    for part in &parts {
        let of = part["crate"]["id"].as_str().expect("a crate");
        let weight = part["weight"].as_i64().expect("a weight");
        let share = totals[of].0 * 2 + weight;
        assert_eq!(part["share"], format!("{share}.00"), "{part}");
    }
    assert!(parts.len() > MANY);
}
