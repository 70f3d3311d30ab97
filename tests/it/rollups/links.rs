//! Rollups over links of every kind: symmetric ones, and such as hold for a period.

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::{add, of, rollup};
use crate::support::{Client, TestApp};

/// How many write at once.
const WRITERS: usize = 20;

/// People who know each other, and people who serve on ships for a time.
pub(super) async fn define(app: &TestApp) -> Client {
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "sailor", "plural": "sailors", "fields": [
            {"name": "name", "type": "text"}, {"name": "age", "type": "integer"}]},
        {"op": "addObjectType", "name": "ship", "plural": "ships", "fields": [{"name": "name", "type": "text"}]},
        {"op": "addRelationType", "name": "knows", "symmetric": true, "allowDuplicates": true,
         "source": {"object": "sailor", "name": "friends"},
         "fields": [{"name": "trust", "type": "integer"}]},
        {"op": "addRelationType", "name": "marriage", "symmetric": true, "temporal": true,
         "source": {"object": "sailor", "name": "spouses"}},
        {"op": "addRelationType", "name": "service", "temporal": true, "allowDuplicates": true,
         "source": {"object": "sailor", "name": "ships"}, "target": {"object": "ship", "name": "crew"},
         "fields": [{"name": "pay", "type": "decimal", "precision": 12, "scale": 2}]},
    ]);
    admin.change(operations).await.ok();
    admin
}

pub(super) async fn sailor(admin: &Client, name: &str, age: i64) -> String {
    admin
        .make("sailors", json!({"name": name, "age": age}))
        .await
}

fn path_of(path: &str, link: &Json) -> String {
    format!("/v1/data/{path}/{}", link["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn links_that_say_the_same_from_either_end_count_at_both() {
    let app = TestApp::start().await;
    let admin = define(&app).await;
    let mut old = rollup("oldTrust", "friends", "sum", "link.trust");
    old["filter"] = json!({"age": {"gte": 50}});
    let mut befriended = rollup("youngest", "friends", "min", "age");
    befriended["filter"] = json!({"friends": {"some": {"name": {"eq": "Cara"}}}});
    for field in [
        rollup("friendCount", "friends", "count", ""),
        rollup("trust", "friends", "sum", "link.trust"),
        old,
        befriended,
    ] {
        add(&admin, "sailor", field).await;
    }
    let double = json!({"name": "double", "type": "formula", "result": "integer", "expression": "friendCount * 2"});
    add(&admin, "sailor", double).await;
    let (ann, bob, cara) = (
        sailor(&admin, "Ann", 30).await,
        sailor(&admin, "Bob", 60).await,
        sailor(&admin, "Cara", 40).await,
    );
    let fields = &["friendCount", "trust", "oldTrust", "double", "youngest"];
    let check = async |expected: [Json; 3]| {
        for (id, expected) in [&ann, &bob, &cara].into_iter().zip(expected) {
            assert_eq!(json!(of(&admin, "sailors", id, fields).await), expected);
        }
    };
    let none = json!([0, "0", "0", 0, null]);
    check([none.clone(), none.clone(), none.clone()]).await;
    let of_ann = format!("sailors/{ann}/friends");
    let of_bob = format!("sailors/{bob}/friends");
    let to_bob = admin.link(&of_ann, &bob, json!({"trust": 3})).await.ok();
    let to_cara = admin.link(&of_bob, &cara, json!({"trust": 5})).await.ok();
    check([
        json!([1, "3", "3", 2, 60]),
        json!([2, "8", "0", 4, null]),
        json!([1, "5", "5", 2, 60]),
    ])
    .await;
    // Changed from the other end.
    let path = path_of(&of_bob, &to_bob);
    admin.call("PATCH", &path, &json!({"trust": 7})).await.ok();
    admin.patch("sailors", &cara, json!({"age": 50})).await.ok();
    check([
        json!([1, "7", "7", 2, 60]),
        json!([2, "12", "5", 4, null]),
        json!([1, "5", "5", 2, 60]),
    ])
    .await;
    admin.delete("sailors", &bob).await.status(204);
    assert_eq!(json!(of(&admin, "sailors", &ann, fields).await), none);
    assert_eq!(json!(of(&admin, "sailors", &cara, fields).await), none);
    admin.restore("sailors", &bob).await.ok();
    let path = path_of(&of_bob, &to_cara);
    admin.call("DELETE", &path, &Json::Null).await.status(204);
    check([
        json!([1, "7", "7", 2, null]),
        json!([1, "7", "0", 2, null]),
        none.clone(),
    ])
    .await;

    // What is there is counted by a new rollup, and shown as it was defined.
    add(
        &admin,
        "sailor",
        rollup("most", "friends", "max", "link.trust"),
    )
    .await;
    let most = of(&admin, "sailors", &bob, &["most", "version"]).await;
    assert_eq!(most[0], 7);
    let described = admin.meta("GET", "objects/sailor", Json::Null).await.ok();
    let described = described["fields"].as_array().expect("fields").iter();
    let mut described = described.filter(|field| field["name"] == "most");
    assert_eq!(described.next().expect("the field")["of"], "friends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn symmetric_links_made_from_both_ends_at_once_are_all_counted() {
    let app = TestApp::start().await;
    let admin = define(&app).await;
    add(&admin, "sailor", rollup("number", "friends", "count", "")).await;
    let (ann, bob) = (
        sailor(&admin, "Ann", 1).await,
        sailor(&admin, "Bob", 1).await,
    );
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (admin, ann, bob) = (admin.clone(), ann.clone(), bob.clone());
        writers.spawn(async move {
            let (near, far) = if writer % 2 == 0 {
                (ann, bob)
            } else {
                (bob, ann)
            };
            let path = format!("sailors/{near}/friends");
            let link = admin.link(&path, &far, json!({"trust": 1})).await;
            let link = link.status(201).json();
            if writer % 4 == 3 {
                // Removed from the far end.
                let path = path_of(&format!("sailors/{far}/friends"), &link);
                admin.call("DELETE", &path, &Json::Null).await.status(204);
            }
        });
    }
    writers.join_all().await;
    let expected = vec![json!(WRITERS - WRITERS / 4)];
    for id in [&ann, &bob] {
        assert_eq!(of(&admin, "sailors", id, &["number"]).await, expected);
    }
}

#[tokio::test]
async fn links_of_today_count_unless_all_are_wanted() {
    let app = TestApp::start().await;
    let admin = define(&app).await;
    let mut all = rollup("everPaid", "crew", "sum", "link.pay");
    all["validity"] = json!("all");
    let mut grown = rollup("grown", "crew", "count", "");
    grown["filter"] = json!({"age": {"gte": 18}});
    grown["validity"] = json!("current");
    for field in [rollup("paid", "crew", "sum", "link.pay"), all, grown] {
        add(&admin, "ship", field).await;
    }
    add(&admin, "sailor", rollup("serving", "ships", "count", "")).await;
    let ship = admin.make("ships", json!({"name": "Beagle"})).await;
    let ann = sailor(&admin, "Ann", 30).await;
    let path = format!("ships/{ship}/crew");
    let mut links = Vec::new();
    for (from, until, pay) in [
        (Json::Null, json!("2020-01-01"), "1"),
        (json!("2020-01-01"), Json::Null, "10"),
        (Json::Null, Json::Null, "100"),
        (json!("2999-01-01"), Json::Null, "1000"),
    ] {
        let values = json!({"validFrom": from, "validUntil": until, "pay": pay});
        links.push(admin.link(&path, &ann, values).await.status(201).json());
    }
    let fields = &["paid", "everPaid", "grown"];
    let found = async || json!(of(&admin, "ships", &ship, fields).await);
    assert_eq!(found().await, json!(["110.00", "1111.00", 2]));
    assert_eq!(of(&admin, "sailors", &ann, &["serving"]).await, [json!(2)]);
    // A period that changes is a change of what counts; so is an end in the past.
    for (link, patch, expected) in [
        (
            1,
            json!({"validUntil": "2021-01-01"}),
            json!(["100.00", "1111.00", 1]),
        ),
        (
            3,
            json!({"validFrom": "2001-01-01"}),
            json!(["1100.00", "1111.00", 2]),
        ),
        (
            0,
            json!({"validUntil": null, "pay": "2"}),
            json!(["1102.00", "1112.00", 3]),
        ),
    ] {
        let path = path_of(&path, &links[link]);
        admin.call("PATCH", &path, &patch).await.ok();
        assert_eq!(found().await, expected);
    }
    let path = path_of(&path, &links[0]);
    admin.call("DELETE", &path, &Json::Null).await.status(204);
    assert_eq!(found().await, json!(["1100.00", "1110.00", 2]));

    // The setting is shown, and can be changed.
    let shown = async |name: &str| {
        let described = admin.meta("GET", "objects/ship", Json::Null).await.ok();
        let fields = described["fields"].as_array().expect("fields").clone();
        let field = fields.into_iter().find(|field| field["name"] == name);
        field.expect("the field")["validity"].clone()
    };
    assert_eq!(shown("paid").await, "current");
    assert_eq!(shown("everPaid").await, "all");
    let patch = |validity: Json| json!({"validity": validity});
    for (validity, expected) in [(json!("all"), "1110.00"), (Json::Null, "1100.00")] {
        admin
            .meta("PATCH", "objects/ship/fields/paid", patch(validity))
            .await
            .ok();
        assert_eq!(
            of(&admin, "ships", &ship, &["paid"]).await,
            [json!(expected)]
        );
    }
    for (object, mut field, code, place) in [
        ("ship", rollup("x", "crew", "count", ""), 422, "/validity"),
        (
            "sailor",
            rollup("x", "friends", "count", ""),
            400,
            "/validity",
        ),
    ] {
        field["validity"] = json!(if code == 422 { "today" } else { "all" });
        let path = format!("objects/{object}/fields");
        let refused = admin.meta("POST", &path, field).await;
        assert_eq!(refused.code(), code, "{refused}");
        assert!(
            refused.json()["errors"].to_string().contains(place),
            "{refused}"
        );
    }
    let mut walking = rollup("x", "friends", "count", "");
    walking["filter"] = json!({"ships": {"some": {}}});
    let refused = admin
        .meta("POST", "objects/sailor/fields", walking.clone())
        .await;
    refused.problem(422, "validation_failed");
    walking["filter"] = json!({"ships": {"some": {"validity": "all"}}});
    add(&admin, "sailor", walking).await;
}

#[tokio::test]
async fn a_rollup_of_before_goes_on_to_count_all_links() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "club", "plural": "clubs", "fields": [{"name": "name", "type": "text"}]},
        {"op": "addRelationType", "name": "membership",
         "source": {"object": "person", "name": "clubs"}, "target": {"object": "club", "name": "members"}},
        {"op": "addField", "object": "club", "field": rollup("size", "members", "count", "")},
    ]);
    admin.change(operations).await.ok();
    let temporal = json!({"temporal": true});
    admin
        .meta("PATCH", "relations/membership", temporal)
        .await
        .ok();
    add(&admin, "club", rollup("now", "members", "count", "")).await;
    let club = admin.make("clubs", json!({"name": "Chess"})).await;
    let person = admin
        .make("people", json!({"firstName": "A", "lastName": "B"}))
        .await;
    let path = format!("clubs/{club}/members");
    admin
        .link(&path, &person, json!({"validUntil": "2020-01-01"}))
        .await
        .status(201);
    let found = of(&admin, "clubs", &club, &["size", "now"]).await;
    assert_eq!(json!(found), json!([1, 0]));
}
