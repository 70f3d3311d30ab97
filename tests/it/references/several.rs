//! A reference to several types: written, read, expanded, filtered, walked back.

use serde_json::{Value as Json, json};

use super::{NOTHING, activity, parties, pointer, start, subjects};

#[tokio::test]
async fn it_is_written_and_read_with_the_type() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, _, carla, delta] = parties(&admin).await;
    let call = activity(&admin, "call", pointer("account", &alfa)).await;
    let read = admin.get("activities", &call).await.ok();
    assert_eq!(read["regarding"], json!({"id": alfa, "type": "account"}));
    assert_eq!(read["about"], Json::Null);

    for (of_type, id) in [("contact", &carla), ("organization", &delta)] {
        let patch = json!({"regarding": pointer(of_type, id)});
        let patched = admin.patch("activities", &call, patch).await.ok();
        assert_eq!(patched["regarding"], json!({"id": id, "type": of_type}));
    }
    let cleared = admin
        .patch("activities", &call, json!({"regarding": null}))
        .await
        .ok();
    assert_eq!(cleared["regarding"], Json::Null);
    admin
        .patch(
            "activities",
            &call,
            json!({"regarding": pointer("account", &alfa)}),
        )
        .await
        .ok();
    admin.delete("accounts", &alfa).await.status(204);
    let gone = admin.get("activities", &call).await.ok();
    assert_eq!(gone["regarding"], Json::Null, "a deleted target is none");
    admin.restore("accounts", &alfa).await.ok();
    let back = admin.get("activities", &call).await.ok();
    assert_eq!(back["regarding"]["id"], json!(alfa));
}

#[tokio::test]
async fn a_value_that_points_at_nothing_is_refused() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, _, carla, _] = parties(&admin).await;
    let person = admin.make("people", json!({"lastName": "Else"})).await;
    for (value, code) in [
        (json!(alfa), "validation_failed"),
        (json!({"id": alfa}), "validation_failed"),
        (json!({"type": "account"}), "validation_failed"),
        (json!({"type": "account", "id": 7}), "validation_failed"),
        (json!({"type": 7, "id": alfa}), "validation_failed"),
        (
            json!({"type": "account", "id": alfa, "x": 1}),
            "validation_failed",
        ),
        (json!([alfa]), "validation_failed"),
        (pointer("account", "nonsense"), "validation_failed"),
        (pointer("account", NOTHING), "validation_failed"),
        (pointer("account", &carla), "validation_failed"),
        (pointer("contact", &alfa), "validation_failed"),
        (pointer("person", &person), "validation_failed"),
        (pointer("nonsense", &alfa), "validation_failed"),
    ] {
        let sent = json!({"subject": "x", "regarding": value});
        let refused = admin.create("activities", sent).await;
        refused.problem_at(422, code, "/regarding");
    }
    assert_eq!(subjects(&admin, &json!({})).await, Vec::<String>::new());
}

#[tokio::test]
async fn records_are_expanded_by_their_type() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, _, carla, _] = parties(&admin).await;
    activity(&admin, "a", pointer("account", &alfa)).await;
    activity(&admin, "b", pointer("contact", &carla)).await;
    activity(&admin, "c", Json::Null).await;
    let fields = "fields=subject,regarding.account.name,regarding.contact.name,regarding.contact.activities.subject&sort=subject";
    let rows = admin.list("activities", fields).await.ok()["data"].clone();
    assert_eq!(
        rows[0]["regarding"],
        json!({"id": alfa, "type": "account", "account": {"id": alfa, "name": "Alfa"}, "contact": null})
    );
    assert_eq!(rows[1]["regarding"]["account"], Json::Null);
    let contact = &rows[1]["regarding"]["contact"];
    assert_eq!(contact["name"], json!("Carla"));
    assert_eq!(contact["activities"]["data"][0]["subject"], json!("b"));
    assert_eq!(rows[2]["regarding"], Json::Null);
    let select = json!({"select": {"regarding": {"select": {"type": true, "account": {"select": ["city"]}}}}, "sort": "subject"});
    let tree = admin.query("activities", &select).await.ok()["data"].clone();
    assert_eq!(tree[0]["regarding"]["account"]["city"], json!("Utrecht"));
    for unknown in [
        "regarding.person.lastName",
        "regarding.nonsense",
        "regarding.account.nonsense",
    ] {
        let asked = admin.list("activities", &format!("fields={unknown}")).await;
        asked.problem(400, "unknown_field");
    }
    for sort in ["regarding", "regarding.id", "regarding.account.name"] {
        let asked = admin.list("activities", &format!("sort={sort}")).await;
        assert_eq!(asked.code(), 400, "{asked}");
    }
}

#[tokio::test]
async fn each_type_has_the_inverse() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, beta, carla, delta] = parties(&admin).await;
    for (subject, of_type, id) in [
        ("a", "account", &alfa),
        ("b", "account", &beta),
        ("c", "contact", &carla),
        ("d", "organization", &delta),
        ("e", "account", &alfa),
    ] {
        activity(&admin, subject, pointer(of_type, id)).await;
    }
    for (path, expected) in [
        (format!("accounts/{alfa}"), vec!["a", "e"]),
        (format!("accounts/{beta}"), vec!["b"]),
        (format!("contacts/{carla}"), vec!["c"]),
        (format!("organizations/{delta}"), vec!["d"]),
    ] {
        let path = format!("/v1/data/{path}/activities");
        let found = admin.get_path(&path, "sort=subject&count=exact").await;
        assert_eq!(found.column("subject"), expected);
        assert_eq!(found.ok()["count"], json!(expected.len()));
    }
    let some = json!({"activities": {"some": {"subject": {"eq": "e"}}}});
    assert_eq!(
        admin.filter("accounts", &some, "").await.column("name"),
        ["Alfa"]
    );
    let nested = admin
        .list("accounts", "fields=name,activities.subject&sort=name")
        .await;
    let rows = nested.ok()["data"].clone();
    assert_eq!(
        rows[0]["activities"]["data"].as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn it_is_filtered_by_id_type_and_record() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, beta, carla, _] = parties(&admin).await;
    activity(&admin, "a", pointer("account", &alfa)).await;
    activity(&admin, "b", pointer("account", &beta)).await;
    activity(&admin, "c", pointer("contact", &carla)).await;
    activity(&admin, "d", Json::Null).await;
    for (filter, expected) in [
        (json!({"eq": alfa}), "a"),
        (json!({"id": {"eq": alfa}}), "a"),
        (json!({"neq": alfa}), "bcd"),
        (json!({"in": [alfa, carla]}), "ac"),
        (json!({"nin": [alfa, carla]}), "bd"),
        (json!({"in": []}), ""),
        (json!({"isNull": true}), "d"),
        (json!({"isNull": false}), "abc"),
        (json!({"id": {"isNull": true}}), "d"),
        (json!({"type": {"eq": "account"}}), "ab"),
        (json!({"type": {"neq": "account"}}), "cd"),
        (json!({"type": {"in": ["account", "contact"]}}), "abc"),
        (json!({"type": {"nin": ["contact"]}}), "abd"),
        (json!({"type": {"isNull": true}}), "d"),
        (json!({"account": {"name": {"eq": "Alfa"}}}), "a"),
        (json!({"account": {"eq": alfa}}), "a"),
        (json!({"account": {"isNull": true}}), "cd"),
        (json!({"contact": {"eq": alfa}}), ""),
        (json!({"account": {"city": {"eq": "Zeist"}}}), "b"),
        (json!({"contact": {"city": {"eq": "Utrecht"}}}), "c"),
        (json!({"account": {}}), "ab"),
        (
            json!({"account": {"activities": {"some": {"subject": {"eq": "b"}}}}}),
            "b",
        ),
        (json!({"type": {"eq": "account"}, "neq": alfa}), "b"),
    ] {
        let expected: Vec<String> = expected.chars().map(String::from).collect();
        let found = subjects(&admin, &json!({"regarding": filter})).await;
        assert_eq!(found, expected, "{filter}");
    }
    for (term, expected) in [
        (format!("regarding[eq]={alfa}"), "a"),
        (format!("regarding.id[in]={alfa},{carla}"), "ac"),
        ("regarding.type[in]=contact,organization".to_owned(), "c"),
        ("regarding.account.city[eq]=Zeist".to_owned(), "b"),
        ("regarding[isNull]=true".to_owned(), "d"),
    ] {
        let found = admin
            .list("activities", &format!("{term}&sort=subject"))
            .await;
        assert_eq!(found.column("subject").concat(), expected, "{term}");
    }
    for (filter, status, code) in [
        (json!({"type": {"eq": "person"}}), 422, "validation_failed"),
        (
            json!({"type": {"eq": "nonsense"}}),
            422,
            "validation_failed",
        ),
        (json!({"type": {"eq": null}}), 422, "validation_failed"),
        (json!({"type": {"eq": 1}}), 422, "validation_failed"),
        (json!({"type": {"in": "account"}}), 422, "validation_failed"),
        (json!({"type": {"isNull": 1}}), 422, "validation_failed"),
        (json!({"eq": "x"}), 422, "validation_failed"),
        (json!({"type": {"contains": "a"}}), 400, "unknown_operator"),
        (json!({"id": {"contains": "a"}}), 400, "unknown_operator"),
        (json!({"id": {"nonsense": "a"}}), 400, "unknown_operator"),
        (json!({"person": {}}), 400, "unknown_field"),
        (json!({"nonsense": {}}), 400, "unknown_field"),
        (
            json!({"account": {"nonsense": {"eq": 1}}}),
            400,
            "unknown_field",
        ),
        (json!({"account": 1}), 400, "invalid_request"),
        (json!({"id": 1}), 400, "invalid_request"),
        (json!(alfa), 400, "invalid_request"),
        (Json::Null, 400, "invalid_request"),
    ] {
        let asked = json!({"regarding": filter});
        let refused = admin.filter("activities", &asked, "").await;
        refused.problem(status, code);
    }
}

#[tokio::test]
async fn graphql_reads_writes_and_filters_it() {
    let app = start().await;
    let admin = app.admin();
    let [alfa, _, carla, _] = parties(&admin).await;
    let create = r"mutation($i: ActivityInput!) { createActivity(input: $i) { activity {
        subject regarding { __typename id type a: account { name } contact { name } } } } }";
    let input = json!({"i": {"subject": "a", "regarding": pointer("account", &alfa)}});
    let made = admin.graphql(create, input).await.data();
    assert_eq!(
        made["createActivity"]["activity"]["regarding"],
        json!({"__typename": "ActivityRegardingReference", "id": alfa, "type": "account",
               "a": {"name": "Alfa"}, "contact": null})
    );
    let input = json!({"i": {"subject": "b", "regarding": pointer("contact", &carla), "about": pointer("account", &alfa)}});
    admin.graphql(create, input).await.data();
    let list = r"query($f: ActivityFilter) { activities(filter: $f, sort: [{subject: ASC}]) { nodes { subject
        about { type account { name } } } } }";
    for (filter, expected) in [
        (
            json!({"regarding": {"account": {"name": {"eq": "Alfa"}}}}),
            json!(["a"]),
        ),
        (
            json!({"regarding": {"type": {"eq": "contact"}}}),
            json!(["b"]),
        ),
        (json!({"regarding": {"eq": alfa}}), json!(["a"])),
        (json!({"regarding": {"id": {"in": [carla]}}}), json!(["b"])),
        (json!({"about": {"type": {"eq": "account"}}}), json!(["b"])),
    ] {
        let data = admin.graphql(list, json!({"f": filter})).await.data();
        let nodes = data["activities"]["nodes"].as_array().expect("nodes");
        let found: Json = nodes.iter().map(|node| node["subject"].clone()).collect();
        assert_eq!(found, expected, "{filter}");
    }
    let bad = json!({"i": {"subject": "x", "regarding": pointer("person", &alfa)}});
    admin.graphql(create, bad).await.error("validation_failed");
    let bad = json!({"i": {"subject": "x", "regarding": {"id": alfa}}});
    assert!(admin.graphql(create, bad).await.json()["errors"].is_array());
    let inverse = r"{ accounts { nodes { name activities { nodes { subject } totalCount } } } }";
    let data = admin.graphql(inverse, Json::Null).await.data();
    assert!(
        data["accounts"]["nodes"]
            .to_string()
            .contains(r#""subject":"a""#)
    );
}

#[tokio::test]
async fn the_contract_and_the_description_show_it() {
    let app = start().await;
    let admin = app.admin();
    let contract = admin.call("GET", "/openapi.json", &Json::Null).await.ok();
    let schemas = &contract["components"]["schemas"];
    let sent = &schemas["ActivityCreate"]["properties"]["regarding"];
    assert!(
        sent.to_string()
            .contains(r#"["account","contact","organization"]"#),
        "{sent}"
    );
    let filter = &schemas["ActivityFilter"]["properties"]["regarding"]["properties"];
    assert!(
        filter["account"].is_object() && filter["type"].is_object(),
        "{filter}"
    );
    let described = admin.meta("GET", "objects/activity", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let field = fields.iter().find(|field| field["name"] == "regarding");
    let field = field.expect("the field");
    assert_eq!(
        field["targets"],
        json!(["account", "contact", "organization"])
    );
    assert_eq!(field["inverse"]["name"], json!("activities"));
}
