//! Computed fields compared with what they should be, after somebody wrote into the database by hand.

use std::time::Duration;

use api::{Config, Secret, cli};
use serde_json::{Value as Json, json};

use super::{add, of, rollup, ventures};
use crate::support::{Client, Rules, TestApp};

/// Waits until a job has ended and gives its report.
async fn report(admin: &Client, job: &Json) -> Json {
    let id = job["id"].as_str().expect("an id");
    for _ in 0..600 {
        let job = admin.meta("GET", &format!("jobs/{id}"), Json::Null).await;
        let job = job.ok();
        if job["state"] == "done" {
            return job["report"].clone();
        }
        assert_ne!(job["state"], "failed", "{job}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the job {id} does not end");
}

async fn verified(admin: &Client, path: &str, options: Json) -> Json {
    let asked = admin.meta("POST", &format!("{path}/verify"), options).await;
    let job = asked.status(202).json();
    assert_eq!(job["kind"], "verify");
    let location = asked.header("location").expect("a location");
    assert!(location.ends_with(job["id"].as_str().expect("an id")));
    report(admin, &job).await
}

/// Ventures with a rollup of the deals, and formulas over both; three records.
async fn prepared(app: &TestApp) -> (Client, Vec<String>, Vec<String>) {
    let admin = ventures(app).await;
    add(&admin, "venture", rollup("total", "deals", "sum", "amount")).await;
    let twice = json!({"name": "twice", "type": "formula", "result": "decimal", "precision": 18, "scale": 2,
        "expression": "total * 2"});
    add(&admin, "venture", twice).await;
    let net = json!({"name": "net", "type": "formula", "result": "decimal", "precision": 18, "scale": 2,
        "expression": "amount * 3"});
    add(&admin, "deal", net).await;
    let (mut owners, mut deals) = (Vec::new(), Vec::new());
    for name in ["A", "B", "C"] {
        let venture = admin.make("ventures", json!({"name": name})).await;
        let deal = json!({"venture": venture, "amount": "5"});
        deals.push(admin.make("deals", deal).await);
        owners.push(venture);
    }
    (admin, owners, deals)
}

#[tokio::test]
async fn what_drifted_is_told_and_put_right() {
    let app = TestApp::start().await;
    let (admin, owners, deals) = prepared(&app).await;
    let right = json!({"rows": 3, "drifted": 0, "repaired": 0, "samples": []});
    assert_eq!(verified(&admin, "objects/venture", Json::Null).await, right);
    assert_eq!(
        verified(&admin, "objects/deal", json!({"repair": true})).await,
        right
    );

    // Another amount by hand: what depends on it does not follow.
    app.sql("UPDATE x_deal SET x_amount = x_amount + x_amount WHERE x_title IS NULL")
        .await;
    let found = verified(&admin, "objects/deal/fields/net", json!({"repair": false})).await;
    assert_eq!(
        (&found["rows"], &found["drifted"], &found["repaired"]),
        (&json!(3), &json!(3), &json!(0))
    );
    for (sample, deal) in found["samples"]
        .as_array()
        .expect("samples")
        .iter()
        .zip(&deals)
    {
        let expected = json!({"record": deal, "field": "net", "stored": "15.00", "right": "30.00"});
        assert_eq!(*sample, expected);
    }
    let values = |fields: &'static [&'static str]| {
        let (admin, owner) = (admin.clone(), owners[1].clone());
        async move { json!(of(&admin, "ventures", &owner, fields).await) }
    };
    assert_eq!(
        values(&["total", "twice", "version"]).await,
        json!(["5.00", "10.00", 2])
    );

    // The repair is a change like those of computing: of a version, followed by what depends on it.
    let found = verified(&admin, "objects/venture", json!({"repair": true})).await;
    assert_eq!(
        (&found["drifted"], &found["repaired"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        values(&["total", "twice", "version"]).await,
        json!(["10.00", "20.00", 3])
    );
    assert_eq!(verified(&admin, "objects/venture", Json::Null).await, right);
    // Deals were not asked for.
    let found = verified(&admin, "objects/deal", Json::Null).await;
    assert_eq!(found["drifted"], 3);
}

#[tokio::test]
async fn a_report_tells_ten_values_of_many_chunks() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    add(&admin, "venture", rollup("number", "deals", "count", "")).await;
    let mutation: Vec<String> = (0..40)
        .map(|at| {
            format!("m{at}: createVenture(input: {{name: \"v{at}\"}}) {{ venture {{ id }} }}")
        })
        .collect();
    let mutation = format!("mutation {{ {} }}", mutation.join("\n"));
    for _ in 0..15 {
        admin.graphql(&mutation, json!({})).await.data();
    }
    app.sql("UPDATE x_venture SET x_number = 7").await;
    let found = verified(
        &admin,
        "objects/venture/fields/number",
        json!({"repair": true}),
    )
    .await;
    assert_eq!(found["rows"], 600);
    assert_eq!(
        (&found["drifted"], &found["repaired"]),
        (&json!(600), &json!(600))
    );
    assert_eq!(found["samples"].as_array().expect("samples").len(), 10);
    let other = json!({"number": {"neq": 0}});
    let wrong = admin.filter("ventures", &other, "count=exact");
    assert_eq!(wrong.await.ok()["count"], 0);
}

#[tokio::test]
async fn only_what_is_computed_is_verified_and_only_for_those_who_define_it() {
    let app = TestApp::start().await;
    let (admin, ..) = prepared(&app).await;
    for (path, status) in [
        ("objects/nothing", 404),
        ("relations/nothing", 404),
        ("objects/venture/fields/nothing", 404),
        ("objects/venture/fields/name", 422),
        ("relations/share/fields/part", 422),
    ] {
        let path = format!("{path}/verify");
        admin.meta("POST", &path, Json::Null).await.status(status);
    }
    let path = "objects/venture/verify";
    let odd = admin.meta("POST", path, json!({"repair": "yes"})).await;
    odd.problem_at(422, "validation_failed", "/repair");
    admin
        .meta("POST", path, json!({"mend": true}))
        .await
        .status(400);
    // A type without computed fields has nothing that could be wrong.
    let nothing = json!({"rows": 0, "drifted": 0, "repaired": 0, "samples": []});
    assert_eq!(
        verified(&admin, "relations/share", Json::Null).await,
        nothing
    );

    let reader = app.role("reader", Rules::none().read("venture")).await;
    for path in [
        "objects/venture",
        "objects/nothing",
        "objects/venture/fields/total",
    ] {
        let path = format!("{path}/verify");
        reader.meta("POST", &path, Json::Null).await.status(403);
    }
}

#[tokio::test]
async fn who_defines_fields_learns_no_values_by_it() {
    let app = TestApp::start().await;
    let (admin, ..) = prepared(&app).await;
    app.sql("UPDATE x_venture SET x_total = x_total + x_total")
        .await;
    let job = admin
        .meta("POST", "objects/venture/fields/total/verify", Json::Null)
        .await
        .status(202)
        .json();
    report(&admin, &job).await;
    let path = format!("jobs/{}", job["id"].as_str().expect("an id"));
    let names = json!({"fields": ["name"]});
    let some = json!({"where": {"name": {"eq": "A"}}});
    for (role, rules, shown) in [
        ("blind", Rules::none(), false),
        (
            "namesOnly",
            Rules::none().allow("read", "venture", names),
            false,
        ),
        ("some", Rules::none().allow("read", "venture", some), false),
        ("all", Rules::none().read("venture"), true),
    ] {
        app.add_role(role, &rules).await;
        let patch = json!({"permissions": ["manageSchema"]});
        admin
            .meta("PATCH", &format!("roles/{role}"), patch)
            .await
            .ok();
        let designer = app.user(&[role]).await;
        let found = designer.meta("GET", &path, Json::Null).await.ok();
        assert_eq!(found["report"]["drifted"], 3, "{role}");
        let listed = designer.meta("GET", "jobs", Json::Null).await.ok();
        for job in [&found, &listed["data"][0]] {
            let sample = &job["report"]["samples"][0];
            assert_eq!(sample["field"], "total");
            assert_eq!(sample.get("stored").is_some(), shown, "{role}: {sample}");
            assert_eq!(sample.get("right").is_some(), shown, "{role}: {sample}");
        }
    }
}

#[tokio::test]
async fn the_command_line_verifies_all_types() {
    let mut app = TestApp::start().await;
    let (_, owners, _) = prepared(&app).await;
    app.sql("UPDATE x_deal SET x_amount = x_amount + x_amount")
        .await;
    let url = app.stop().await;
    let run = async |words: &[&str]| {
        let arguments = cli::Arguments::of(words).expect("a command");
        let config = Config {
            database_url: Secret::new(&url),
            max_connections: 4,
            ..Config::default()
        };
        cli::execute(arguments, config).await
    };
    let error = run(&["verify"]).await.expect_err("a drift");
    assert!(error.to_string().starts_with("6 records"), "{error}");
    let nothing = run(&["verify", "--object", "venture", "--field", "name"]).await;
    assert!(nothing.is_err());
    run(&["verify", "--repair"]).await.expect("a repair");
    run(&["verify"]).await.expect("nothing left");
    app.restart().await;
    let found = of(&app.admin(), "ventures", &owners[0], &["total", "twice"]).await;
    assert_eq!(json!(found), json!(["10.00", "20.00"]));
}
