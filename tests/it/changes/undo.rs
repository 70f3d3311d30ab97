//! Deleted fields come back: with their values, under a free name, and only if what was written meanwhile
//! keeps what they ask for.

use serde_json::{Value as Json, json};

use super::{done, jobs_of, thing};
use crate::support::{Client, Rules, TestApp};

/// What was deleted, by name.
pub(super) async fn deleted(admin: &Client, name: &str) -> Json {
    let listed = admin
        .meta("GET", "deleted?limit=200", Json::Null)
        .await
        .ok();
    let found = listed["data"].as_array().expect("deleted things").iter();
    let mut found = found.filter(|deleted| deleted["name"] == name);
    found
        .next()
        .cloned()
        .unwrap_or_else(|| panic!("{name}: {listed}"))
}

/// The id of something deleted, by name.
pub(super) async fn id_of(admin: &Client, name: &str) -> String {
    deleted(admin, name).await["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

async fn delete_field(admin: &Client, field: &str) {
    let path = format!("objects/thing/fields/{field}");
    admin.meta("DELETE", &path, Json::Null).await.status(204);
}

#[tokio::test]
async fn a_field_comes_back_with_its_values() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "name", "type": "text"}, {"name": "price", "type": "money"}]);
    admin.change(json!([thing(&fields)])).await.ok();
    let price = json!({"amount": "12.5", "currency": "EUR"});
    let one = admin
        .make("things", json!({"name": "a", "price": price}))
        .await;
    admin.make("things", json!({"name": "b"})).await;
    delete_field(&admin, "price").await;
    admin.get("things", &one).await.ok();
    admin
        .list("things", "fields=price")
        .await
        .problem(400, "unknown_field");

    let shown = deleted(&admin, "price").await;
    assert_eq!(shown["kind"], "field");
    assert_eq!(shown["object"], "thing");
    assert_eq!(shown["rows"], json!(1), "{shown}");
    assert_eq!(shown["actorKind"], "user");
    assert_eq!(shown["with"], json!([]));
    assert!(
        shown["undoUntil"].as_str() > shown["deletedAt"].as_str(),
        "{shown}"
    );

    let id = shown["id"].as_str().expect("an id");
    let path = format!("deleted/{id}/restore");
    let tried = admin
        .meta("POST", &format!("{path}?dryRun=true"), Json::Null)
        .await
        .ok();
    assert_eq!(
        (&tried["dryRun"], &tried["applicable"]),
        (&json!(true), &json!(true))
    );
    let report = admin.meta("POST", &path, Json::Null).await.ok();
    assert_eq!(
        report["operations"][0]["summary"],
        "brings the field thing.price back"
    );
    let read = admin.get("things", &one).await.ok();
    assert_eq!(read["price"]["amount"], json!("12.5000"));
    let query = "query($id: ID!) { thing(id: $id) { price { amount currency } } }";
    let answer = admin.graphql(query, json!({"id": one})).await.ok();
    assert_eq!(
        answer["data"]["thing"]["price"]["currency"], "EUR",
        "{answer}"
    );
    let listed = admin.meta("GET", "deleted", Json::Null).await.ok();
    assert_eq!(listed["data"], json!([]));
    admin
        .meta("POST", &path, Json::Null)
        .await
        .problem(404, "not_found");
    admin
        .meta("GET", &format!("deleted/{id}"), Json::Null)
        .await
        .status(404);
}

#[tokio::test]
async fn a_name_that_is_taken_needs_another_one() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}]);
    admin.change(json!([thing(&fields)])).await.ok();
    let one = admin.make("things", json!({"size": 7})).await;
    delete_field(&admin, "size").await;
    let id = id_of(&admin, "size").await;
    let again = json!({"name": "size", "type": "text"});
    admin
        .meta("POST", "objects/thing/fields", again)
        .await
        .status(201);

    let path = format!("deleted/{id}/restore");
    let refused = admin.meta("POST", &path, Json::Null).await;
    let fault = refused.problem_at(422, "validation_failed", "/name");
    assert!(fault.to_string().contains("another `name`"), "{fault}");
    admin
        .meta("POST", &path, json!({"name": "Not a name"}))
        .await
        .status(422);
    admin
        .meta("POST", &path, json!({"nonsense": 1}))
        .await
        .status(400);
    admin
        .meta("POST", &path, json!({"name": "oldSize"}))
        .await
        .ok();
    let read = admin.get("things", &one).await.ok();
    assert_eq!((&read["oldSize"], &read["size"]), (&json!(7), &Json::Null));
}

#[tokio::test]
async fn what_was_written_meanwhile_is_asked() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "name", "type": "text"},
        {"name": "code", "type": "text", "unique": true, "required": true}]);
    admin.change(json!([thing(&fields)])).await.ok();
    let one = admin.make("things", json!({"code": "a"})).await;
    delete_field(&admin, "code").await;
    admin
        .make("things", json!({"name": "made meanwhile"}))
        .await;
    let id = id_of(&admin, "code").await;
    let path = format!("deleted/{id}/restore");
    let refused = admin.meta("POST", &path, Json::Null).await;
    let fault = refused.problem_at(422, "validation_failed", "/required");
    assert!(fault.to_string().contains("`required: false`"), "{fault}");
    admin
        .meta("POST", &path, json!({"required": false}))
        .await
        .ok();
    admin
        .create("things", json!({"code": "a"}))
        .await
        .problem(409, "unique_conflict");
    let field = admin
        .meta("GET", "fields?object=thing", Json::Null)
        .await
        .ok();
    let code = field["data"]
        .as_array()
        .expect("fields")
        .iter()
        .find(|field| field["name"] == "code");
    let code = code.expect("the field").clone();
    assert_eq!(
        (&code["required"], &code["unique"]),
        (&json!(false), &json!(true))
    );

    // A deleted record holds no value, so that its like may come while the field is away.
    admin.delete("things", &one).await.status(204);
    admin.make("things", json!({"code": "a"})).await;
    delete_field(&admin, "code").await;
    admin.restore("things", &one).await.ok();
    let refused = admin.meta("POST", &path, Json::Null).await;
    let fault = refused.problem_at(422, "validation_failed", "/unique");
    assert!(fault.to_string().contains("`unique: false`"), "{fault}");
    admin
        .meta("POST", &path, json!({"unique": false}))
        .await
        .ok();
    assert_eq!(admin.get("things", &one).await.ok()["code"], "a");
}

#[tokio::test]
async fn numbers_go_on_and_formulas_are_computed_anew() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "size", "type": "integer"},
        {"name": "number", "type": "autoNumber", "format": "T-{000}"},
        {"name": "double", "type": "formula", "expression": "size * 2", "result": "integer"}]);
    admin.change(json!([thing(&fields)])).await.ok();
    let one = admin.make("things", json!({"size": 1})).await;
    delete_field(&admin, "number").await;
    delete_field(&admin, "double").await;
    admin.patch("things", &one, json!({"size": 5})).await.ok();
    let two = admin.make("things", json!({"size": 3})).await;
    let operations = json!([{"op": "undeleteField", "id": id_of(&admin, "number").await},
        {"op": "undeleteField", "id": id_of(&admin, "double").await}]);
    admin.change(operations).await.ok();
    let three = admin.make("things", json!({"size": 4})).await;
    for (id, number, double) in [
        (&one, "T-001", 10),
        (&two, "T-002", 6),
        (&three, "T-003", 8),
    ] {
        let read = admin.get("things", id).await.ok();
        assert_eq!(
            (&read["number"], &read["double"]),
            (&json!(number), &json!(double))
        );
    }
}

#[tokio::test]
async fn a_formula_needs_what_it_reads() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([{"name": "size", "type": "integer", "indexed": true},
        {"name": "double", "type": "formula", "expression": "size * 2", "result": "integer"}]);
    admin.change(json!([thing(&fields)])).await.ok();
    let one = admin.make("things", json!({"size": 1})).await;
    delete_field(&admin, "double").await;
    delete_field(&admin, "size").await;
    let (size, double) = (id_of(&admin, "size").await, id_of(&admin, "double").await);
    let refused = admin
        .change(json!([{"op": "undeleteField", "id": double}]))
        .await;
    let fault = refused.problem_at(422, "validation_failed", "/operations/0/id");
    assert!(fault.to_string().contains("undeleteField"), "{fault}");
    // In any order, for what counts is the end.
    let both = json!([{"op": "undeleteField", "id": double}, {"op": "undeleteField", "id": size}]);
    let report = admin.change(both).await.ok();
    assert_eq!(
        done(&admin, &jobs_of(&report)[0]).await,
        json!({"index": "built"})
    );
    assert_eq!(admin.get("things", &one).await.ok()["double"], json!(2));
}

#[tokio::test]
async fn a_title_and_an_order_come_back_with_their_field() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let mut operation =
        thing(&json!([{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}]));
    operation["title"] = json!("name");
    operation["defaultSort"] = json!(["-name"]);
    admin.change(json!([operation])).await.ok();
    delete_field(&admin, "name").await;
    admin
        .meta("PATCH", "objects/thing", json!({"label": "Thing of mine"}))
        .await
        .ok();
    let without = admin.meta("GET", "objects/thing", Json::Null).await.ok();
    assert_eq!(without["title"], Json::Null);
    let id = id_of(&admin, "name").await;
    admin
        .meta("POST", &format!("deleted/{id}/restore"), Json::Null)
        .await
        .ok();
    let with = admin.meta("GET", "objects/thing", Json::Null).await.ok();
    assert_eq!(
        (&with["title"], &with["defaultSort"]),
        (&json!("name"), &json!(["-name"]))
    );
}

#[tokio::test]
async fn a_shared_list_comes_back_and_so_do_fields_that_need_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addOptionList", "name": "regions", "options": [{"name": "north"}, {"name": "south"}]},
        thing(&json!([{"name": "region", "type": "select", "optionList": "regions"},
            {"name": "areas", "type": "multiSelect", "optionList": "regions"}])),
    ]);
    admin.change(operations).await.ok();
    let one = admin
        .make(
            "things",
            json!({"region": "north", "areas": ["north", "south"]}),
        )
        .await;
    delete_field(&admin, "region").await;
    delete_field(&admin, "areas").await;
    let (region, areas) = (id_of(&admin, "region").await, id_of(&admin, "areas").await);
    // The list goes on without an option that they still have.
    let fewer = json!({"options": [{"name": "south"}]});
    admin
        .meta("PATCH", "option-lists/regions", fewer)
        .await
        .ok();
    for id in [&region, &areas] {
        let path = format!("deleted/{id}/restore");
        admin
            .meta("POST", &path, Json::Null)
            .await
            .problem_at(422, "validation_failed", "/id");
    }
    let all = json!({"options": [{"name": "south"}, {"name": "north"}]});
    admin.meta("PATCH", "option-lists/regions", all).await.ok();
    admin
        .meta("DELETE", "option-lists/regions", Json::Null)
        .await
        .status(204);
    let refused = admin
        .change(json!([{"op": "undeleteField", "id": region}]))
        .await;
    refused.problem_at(422, "validation_failed", "/operations/0/id");
    let list = id_of(&admin, "regions").await;
    let operations = json!([{"op": "undeleteField", "id": region}, {"op": "undeleteField", "id": areas},
        {"op": "undeleteOptionList", "id": list}]);
    admin.change(operations).await.ok();
    let read = admin.get("things", &one).await.ok();
    assert_eq!(
        (&read["region"], &read["areas"]),
        (&json!("north"), &json!(["north", "south"]))
    );
}

#[tokio::test]
async fn rules_grant_again_and_nobody_else_sees_what_was_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields =
        json!([{"name": "name", "type": "text"}, {"name": "secretSize", "type": "integer"}]);
    admin.change(json!([thing(&fields)])).await.ok();
    let one = admin
        .make("things", json!({"name": "a", "secretSize": 1}))
        .await;
    let fields = json!({"fields": ["name", "secretSize"]});
    let rules = Rules::none().allow("read", "thing", fields);
    for reader in app.person_and_key("reader", rules).await {
        hidden_and_back(&app, &reader, &one).await;
    }
}

async fn hidden_and_back(app: &TestApp, reader: &Client, one: &str) {
    let admin = app.admin();
    assert_eq!(reader.get("things", one).await.ok()["secretSize"], json!(1));
    delete_field(&admin, "secretSize").await;
    assert_eq!(reader.get("things", one).await.ok().get("secretSize"), None);
    let id = id_of(&admin, "secretSize").await;
    for (method, path) in [
        ("GET", "deleted".to_owned()),
        ("GET", format!("deleted/{id}")),
        ("POST", format!("deleted/{id}/restore")),
        ("DELETE", format!("deleted/{id}")),
    ] {
        reader
            .meta(method, &path, Json::Null)
            .await
            .problem(403, "forbidden");
        app.anonymous()
            .meta(method, &path, Json::Null)
            .await
            .status(401);
    }
    let report = admin
        .meta(
            "POST",
            &format!("deleted/{id}/restore?dryRun=true"),
            Json::Null,
        )
        .await
        .ok();
    let dependants = report["operations"][0]["dependants"].to_string();
    assert!(dependants.contains("grants again"), "{report}");
    admin
        .meta("POST", &format!("deleted/{id}/restore"), Json::Null)
        .await
        .ok();
    assert_eq!(reader.get("things", one).await.ok()["secretSize"], json!(1));
}

#[tokio::test]
async fn the_list_pages_and_tells_kinds_apart() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields: Vec<Json> = (0..5)
        .map(|at| json!({"name": format!("f{at}"), "type": "text"}))
        .collect();
    admin.change(json!([thing(&json!(fields))])).await.ok();
    for at in 0..5 {
        delete_field(&admin, &format!("f{at}")).await;
    }
    let mut names = Vec::new();
    let mut path = "deleted?limit=2".to_owned();
    loop {
        let page = admin.meta("GET", &path, Json::Null).await.ok();
        for deleted in page["data"].as_array().expect("deleted things") {
            names.push(deleted["name"].as_str().expect("a name").to_owned());
        }
        let Some(next) = page["page"]["next"].as_str() else {
            break;
        };
        path = format!("deleted?limit=2&after={next}");
    }
    assert_eq!(names, ["f4", "f3", "f2", "f1", "f0"]);
    let none = admin
        .meta("GET", "deleted?kind=objectType", Json::Null)
        .await
        .ok();
    assert_eq!(none["data"], json!([]));
    admin
        .meta("GET", "deleted?kind=odd", Json::Null)
        .await
        .status(422);
    admin
        .meta("GET", "deleted?odd=1", Json::Null)
        .await
        .status(400);
    admin
        .meta("GET", "deleted/odd", Json::Null)
        .await
        .status(404);
}
