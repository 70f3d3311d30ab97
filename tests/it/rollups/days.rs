//! The turn of the day: what counts links of today follows without a write.

use std::{sync::Arc, time::Duration as Wait};

use serde_json::{Value as Json, json};
use time::{Date, Duration, OffsetDateTime, macros::format_description};
use tokio::{sync::Mutex, task::JoinSet};

use super::{
    add,
    links::{define, sailor},
    of, rollup,
};
use crate::support::{Client, TestApp};

/// A day from today, as it is written.
fn day(from_today: i64) -> String {
    let day: Date = (OffsetDateTime::now_utc() + Duration::days(from_today)).date();
    day.format(format_description!("[year]-[month]-[day]"))
        .expect("a day")
}

/// Waits until a record has these values.
async fn becomes(client: &Client, place: (&str, &str), fields: &[&str], expected: &Json) {
    let mut found = Json::Null;
    for _ in 0..200 {
        found = json!(of(client, place.0, place.1, fields).await);
        if found == *expected {
            return;
        }
        tokio::time::sleep(Wait::from_millis(50)).await;
    }
    panic!("{found} does not become {expected}");
}

/// The jobs of turned days, the newest first.
async fn jobs_of_days(admin: &Client) -> Vec<Json> {
    let listed = admin.meta("GET", "jobs?limit=200", Json::Null).await.ok();
    let listed = listed["data"].as_array().expect("jobs").clone();
    let of_days = listed.into_iter().filter(|job| job["kind"] == "turnDay");
    of_days.collect()
}

/// Waits until so many are asked for.
async fn asked(admin: &Client, number: usize) {
    for _ in 0..200 {
        if jobs_of_days(admin).await.len() >= number {
            return;
        }
        tokio::time::sleep(Wait::from_millis(50)).await;
    }
    panic!("there are no {number} jobs of turned days");
}

/// Waits until so many are done, and no other one is there.
async fn turned(admin: &Client, number: usize) -> Vec<Json> {
    let mut jobs = Vec::new();
    for _ in 0..200 {
        jobs = jobs_of_days(admin).await;
        if jobs.len() >= number && jobs.iter().all(|job| job["state"] == "done") {
            break;
        }
        tokio::time::sleep(Wait::from_millis(50)).await;
    }
    assert_eq!(jobs.len(), number, "{jobs:?}");
    jobs
}

/// A ship with a crew of which one leaves and one comes on each of some days, and a ship of whose crew
/// nobody does.
async fn ships(admin: &Client) -> [String; 2] {
    add(admin, "ship", rollup("crewNow", "crew", "count", "")).await;
    add(admin, "ship", rollup("paid", "crew", "sum", "link.pay")).await;
    let twice = json!({"name": "twice", "type": "formula", "result": "integer", "expression": "crewNow * 2"});
    add(admin, "ship", twice).await;
    let ships = [
        admin.make("ships", json!({"name": "Beagle"})).await,
        admin.make("ships", json!({"name": "Fram"})).await,
    ];
    let ann = sailor(admin, "Ann", 30).await;
    for (ship, from, until, pay) in [
        (&ships[0], None, Some(1), "1"),
        (&ships[0], Some(1), Some(3), "10"),
        (&ships[0], Some(4), Some(8), "100"),
        (&ships[1], None, Some(300), "1000"),
    ] {
        let values = json!({"validFrom": from.map(day), "validUntil": until.map(day), "pay": pay});
        let path = format!("ships/{ship}/crew");
        admin.link(&path, &ann, values).await.status(201);
    }
    ships
}

#[tokio::test]
async fn a_new_day_computes_whose_links_begin_or_end() {
    let mut app = TestApp::start().await;
    let admin = define(&app).await;
    let [beagle, fram] = ships(&admin).await;
    let fields = &["crewNow", "paid", "twice"];
    let beagle_now = async |app: &TestApp, expected: Json| {
        let admin = app.admin_anew().await;
        becomes(&admin, ("ships", &beagle), fields, &expected).await;
    };
    beagle_now(&app, json!([1, "1.00", 2])).await;
    let versions = async |app: &TestApp| {
        let admin = app.admin_anew().await;
        let beagle = of(&admin, "ships", &beagle, &["version", "updatedAt"]).await;
        let fram = of(&admin, "ships", &fram, &["version", "updatedAt"]).await;
        (beagle, fram)
    };
    let (before, fram_before) = versions(&app).await;
    // One leaves and one comes: the number stays, the pay does not.
    app.advance(Duration::days(1));
    beagle_now(&app, json!([1, "10.00", 2])).await;
    let (after, fram_after) = versions(&app).await;
    assert_eq!(after[0], json!(before[0].as_i64().expect("a version") + 1));
    assert_eq!(after[1], before[1], "nobody wrote it");
    assert_eq!(fram_before, fram_after, "nothing of it turned");

    // Nobody was there for days.
    app.stop().await;
    app.advance(Duration::days(2));
    app.restart().await;
    beagle_now(&app, json!([0, "0.00", 0])).await;
    app.stop().await;
    app.advance(Duration::days(6));
    app.restart().await;
    let admin = app.admin_anew().await;
    asked(&admin, 6).await;
    // The third came and went meanwhile.
    app.advance(Duration::hours(1));
    let admin = app.admin_anew().await;
    let turned = turned(&admin, 6).await;
    // Two for each turn: the second looks again for writes of before midnight.
    assert_eq!(turned[0]["report"], json!({"rows": 2}), "{turned:?}");
    beagle_now(&app, json!([0, "0.00", 0])).await;
}

#[tokio::test]
async fn symmetric_links_and_several_nodes_turn_the_day_once() {
    let app = TestApp::start().await;
    let admin = define(&app).await;
    let _other = app.another_node().await;
    let _third = app.another_node().await;
    add(&admin, "sailor", rollup("married", "spouses", "count", "")).await;
    let (ann, bob) = (
        sailor(&admin, "Ann", 1).await,
        sailor(&admin, "Bob", 1).await,
    );
    let path = format!("sailors/{bob}/spouses");
    let values = json!({"validFrom": day(1), "validUntil": day(2)});
    admin.link(&path, &ann, values).await.status(201);
    for (ahead, expected) in [(0, json!([0])), (1, json!([1])), (1, json!([0]))] {
        app.advance(Duration::days(ahead));
        let admin = app.admin_anew().await;
        for id in [&ann, &bob] {
            becomes(&admin, ("sailors", id), &["married"], &expected).await;
        }
    }
    app.advance(Duration::minutes(6));
    // Two for each of two days, by whichever node.
    turned(&app.admin_anew().await, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_writers_and_the_turn_of_the_day_leave_it_right() {
    let app = TestApp::start().await;
    let admin = define(&app).await;
    add(&admin, "ship", rollup("crewNow", "crew", "count", "")).await;
    let ship = admin.make("ships", json!({"name": "Beagle"})).await;
    let mut sailors = Vec::new();
    for number in 0..20 {
        sailors.push(sailor(&admin, "s", number).await);
    }
    // The token of a person does not last the night: a writer whose token is over takes the next one.
    let current = Arc::new(Mutex::new(admin.clone()));
    let mut writers = JoinSet::new();
    for sailor in sailors {
        let (current, path) = (Arc::clone(&current), format!("ships/{ship}/crew"));
        writers.spawn(async move {
            // Of three links one holds today, one from tomorrow on, one until tomorrow.
            let days = [
                json!({}),
                json!({"validFrom": day(1)}),
                json!({"validUntil": day(1)}),
            ];
            for values in days {
                loop {
                    let client = current.lock().await.clone();
                    let answer = client.link(&path, &sailor, values.clone()).await;
                    if answer.code() != 401 {
                        answer.status(201);
                        break;
                    }
                    tokio::time::sleep(Wait::from_millis(20)).await;
                }
            }
        });
    }
    // The day turns in the midst of it.
    tokio::time::sleep(Wait::from_millis(100)).await;
    app.advance(Duration::days(1));
    *current.lock().await = app.admin_anew().await;
    writers.join_all().await;
    let admin = app.admin_anew().await;
    becomes(&admin, ("ships", &ship), &["crewNow"], &json!([40])).await;
    // And the second look, later, changes nothing.
    let version = of(&admin, "ships", &ship, &["version"]).await;
    app.advance(Duration::minutes(6));
    let admin = app.admin_anew().await;
    turned(&admin, 2).await;
    assert_eq!(
        of(&admin, "ships", &ship, &["crewNow", "version"]).await,
        [json!(40), version[0].clone()]
    );
}
