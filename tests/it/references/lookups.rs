//! Lookups: fields of a referenced record, read through.

use serde_json::{Value as Json, json};

use crate::support::{Rules, TestApp};

/// Trips of vessels; a trip looks up name, flag and value of its vessel.
async fn start() -> (TestApp, [String; 2]) {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "vessel", "plural": "vessels", "title": "name", "fields": [
            {"name": "name", "type": "text", "required": true},
            {"name": "flag", "type": "select", "options": [{"name": "nl"}, {"name": "be"}]},
            {"name": "worth", "type": "money"},
            {"name": "secret", "type": "text"},
        ]},
        {"op": "addObjectType", "name": "trip", "plural": "trips", "fields": [
            {"name": "number", "type": "integer"},
            {"name": "vessel", "type": "reference", "target": "vessel", "inverse": {"name": "trips"}},
            {"name": "vesselName", "type": "lookup", "via": "vessel", "field": "name"},
            {"name": "vesselFlag", "type": "lookup", "via": "vessel", "field": "flag"},
            {"name": "vesselWorth", "type": "lookup", "via": "vessel", "field": "worth"},
            {"name": "vesselSecret", "type": "lookup", "via": "vessel", "field": "secret"},
        ]},
    ]);
    admin.change(operations).await.ok();
    let worth = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let ever = json!({"name": "Ever", "flag": "nl", "worth": worth("10"), "secret": "s1"});
    let ever = admin.make("vessels", ever).await;
    let given = json!({"name": "Given", "flag": "be", "worth": worth("20"), "secret": "s2"});
    let given = admin.make("vessels", given).await;
    for (number, vessel) in [(1, json!(given)), (2, json!(ever)), (3, Json::Null)] {
        let values = json!({"number": number, "vessel": vessel});
        admin.make("trips", values).await;
    }
    (app, [ever, given])
}

#[tokio::test]
async fn it_reads_filters_and_sorts_like_the_field() {
    let (app, [ever, _]) = start().await;
    let admin = app.admin();
    let rows = admin.list("trips", "sort=number").await.ok()["data"].clone();
    assert_eq!(rows[0]["vesselName"], json!("Given"));
    assert_eq!(
        rows[0]["vesselWorth"],
        json!({"amount": "20.0000", "currency": "EUR"})
    );
    assert_eq!(rows[2]["vesselName"], Json::Null);
    assert_eq!(rows[2]["vesselWorth"], Json::Null);
    for (query, expected) in [
        ("sort=vesselName", "[2,1,3]"),
        ("sort=-vesselName", "[1,2,3]"),
        ("sort=-vesselWorth.amount", "[1,2,3]"),
        ("vesselName[eq]=Ever&sort=number", "[2]"),
        ("vesselName[neq]=Ever&sort=number", "[1,3]"),
        ("vesselName[nin]=Ever,Given&sort=number", "[3]"),
        ("vesselName[isNull]=true", "[3]"),
        ("vesselName[isNull]=false&sort=number", "[1,2]"),
        ("vesselName[startsWith]=Gi", "[1]"),
        ("vesselFlag[in]=nl", "[2]"),
        ("vesselWorth.amount[gt]=15", "[1]"),
        ("vesselWorth[gt]=15", "[1]"),
    ] {
        let found = admin.list("trips", query).await.ok()["data"].clone();
        let numbers = found.as_array().into_iter().flatten();
        let numbers: Json = numbers.map(|row| row["number"].clone()).collect();
        assert_eq!(numbers.to_string(), expected, "{query}");
    }
    let first = admin.list("trips", "sort=vesselName&limit=1").await.ok();
    let next = first["page"]["next"].as_str().expect("a cursor");
    let second = admin
        .list("trips", &format!("sort=vesselName&limit=1&after={next}"))
        .await;
    assert_eq!(second.column("number"), ["1"]);
    admin
        .patch("vessels", &ever, json!({"name": "Never"}))
        .await
        .ok();
    let found = admin.list("trips", "vesselName[eq]=Never").await;
    assert_eq!(found.column("number"), ["2"]);
    admin.delete("vessels", &ever).await.status(204);
    let found = admin
        .list("trips", "vesselName[isNull]=true&sort=number")
        .await;
    assert_eq!(found.column("number"), ["2", "3"]);
    let wrong = admin.list("trips", "vesselFlag[eq]=de").await;
    wrong.problem(422, "validation_failed");
    let wrong = admin.list("trips", "vesselName[nonsense]=x").await;
    wrong.problem(400, "unknown_operator");
}

#[tokio::test]
async fn graphql_knows_it() {
    let (app, _) = start().await;
    let document = r"query($f: TripFilter) { trips(filter: $f, sort: [{vesselName: DESC}]) { nodes {
        number vesselName vesselFlag vesselWorth { amount } vessel { name } } } }";
    let filter = json!({"f": {"vesselWorth": {"amount": {"lt": "100"}}}});
    let data = app.admin().graphql(document, filter).await.data();
    assert_eq!(
        data["trips"]["nodes"],
        json!([
            {"number": 1, "vesselName": "Given", "vesselFlag": "be", "vesselWorth": {"amount": "20.0000"}, "vessel": {"name": "Given"}},
            {"number": 2, "vesselName": "Ever", "vesselFlag": "nl", "vesselWorth": {"amount": "10.0000"}, "vessel": {"name": "Ever"}},
        ])
    );
    let input = r#"{ __type(name: "TripInput") { inputFields { name } } }"#;
    let shown = app.admin().graphql(input, Json::Null).await.data();
    assert!(!shown.to_string().contains("vesselName"), "{shown}");
}

#[tokio::test]
async fn it_is_never_written() {
    let (app, [ever, _]) = start().await;
    let admin = app.admin();
    let sent = json!({"number": 4, "vessel": ever, "vesselName": "x"});
    let refused = admin.create("trips", sent).await;
    refused.problem_at(422, "validation_failed", "/vesselName");
    let made = admin
        .create("trips", json!({"number": 4, "vessel": ever}))
        .await
        .ok();
    assert_eq!(made["vesselName"], json!("Ever"));
    let id = made["id"].as_str().expect("an id");
    admin.delete("trips", id).await.status(204);
    let back = admin.restore("trips", id).await.ok();
    assert_eq!(back["vesselFlag"], json!("nl"));
    let described = admin.meta("GET", "objects/trip", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let lookup = fields.iter().find(|field| field["name"] == "vesselName");
    let lookup = lookup.expect("the lookup");
    assert_eq!(
        (
            &lookup["type"],
            &lookup["via"],
            &lookup["field"],
            &lookup["creatable"]
        ),
        (
            &json!("lookup"),
            &json!("vessel"),
            &json!("name"),
            &json!(false)
        )
    );
    assert_eq!(lookup["result"]["type"], "text");
    assert_eq!(lookup["maxLength"], Json::Null);
    let flag = fields.iter().find(|field| field["name"] == "vesselFlag");
    let flag = &flag.expect("the lookup")["result"];
    assert_eq!(flag["type"], "select");
    assert_eq!(
        flag["options"],
        json!([{"name": "nl", "label": "Nl"}, {"name": "be", "label": "Be"}])
    );
}

#[tokio::test]
async fn it_is_read_under_the_rights_on_the_target() {
    let (app, _) = start().await;
    let rules = Rules::none().read("trip").allow(
        "read",
        "vessel",
        json!({"fields": ["name", "flag"], "where": {"flag": {"eq": "nl"}}}),
    );
    for narrow in app.person_and_key("narrow", rules).await {
        let rows = narrow.list("trips", "sort=number").await.ok()["data"].clone();
        assert_eq!(rows[0]["vesselName"], Json::Null, "out of sight");
        assert_eq!(rows[1]["vesselName"], json!("Ever"));
        assert!(rows[1].get("vesselSecret").is_none(), "{rows}");
        for hidden in [
            "fields=vesselSecret",
            "vesselSecret[eq]=s1",
            "sort=vesselSecret",
            "fields=vesselWorth",
        ] {
            narrow
                .list("trips", hidden)
                .await
                .problem(400, "unknown_field");
        }
        let found = narrow.list("trips", "vesselName[eq]=Given").await;
        assert_eq!(found.ids(), Vec::<String>::new());
        let found = narrow
            .list("trips", "vesselName[isNull]=true&sort=number")
            .await;
        assert_eq!(found.column("number"), ["1", "3"]);
        let sorted = narrow.list("trips", "sort=vesselName,number").await;
        assert_eq!(sorted.column("number"), ["2", "1", "3"]);
        let types = narrow
            .graphql(
                "{ __schema { types { fields { name } inputFields { name } } } }",
                Json::Null,
            )
            .await;
        assert!(!types.text().contains("vesselSecret"), "{types}");
    }
    let only = json!({"fields": ["number", "vesselName"]});
    let rules = Rules::none().allow("read", "trip", only).read("vessel");
    let without_way = app.role("withoutWay", rules).await;
    without_way
        .list("trips", "fields=vesselName")
        .await
        .problem(400, "unknown_field");
    let rules = Rules::none().read("trip");
    let blind = app.role("blind", rules).await;
    blind
        .list("trips", "fields=vesselName")
        .await
        .problem(400, "unknown_field");
    let found = blind.list("trips", "").await.ok();
    assert!(!found.to_string().contains("vessel"), "{found}");
    // A rule may speak of a lookup.
    let rules = Rules::none().allow(
        "read",
        "trip",
        json!({"where": {"vesselFlag": {"neq": "nl"}}}),
    );
    let ruled = app.role("ruled", rules).await;
    assert_eq!(
        ruled.list("trips", "sort=number").await.column("number"),
        ["1", "3"]
    );
}

#[tokio::test]
async fn it_follows_renames_and_keeps_its_way() {
    let (app, _) = start().await;
    let admin = app.admin();
    let rename = json!([
        {"op": "updateField", "object": "vessel", "field": "name", "name": "title"},
        {"op": "updateField", "object": "trip", "field": "vessel", "name": "ship"},
        {"op": "updateField", "object": "trip", "field": "vesselName", "name": "shipTitle", "label": "Ship"},
        {"op": "updateField", "object": "vessel", "field": "flag", "options": [{"name": "nl"}, {"name": "be"}, {"name": "de"}]},
    ]);
    admin.change(rename).await.ok();
    let rows = admin.list("trips", "sort=number&fields=shipTitle").await;
    assert_eq!(rows.column("shipTitle"), ["Given", "Ever", "null"]);
    let wider = admin.list("trips", "vesselFlag[eq]=de").await;
    assert_eq!(wider.ids(), Vec::<String>::new());
    for (object, field) in [("vessel", "title"), ("trip", "ship")] {
        let delete = json!([{"op": "deleteField", "object": object, "field": field}]);
        let refused = admin.change(delete).await;
        let body = refused.problem_at(422, "validation_failed", "/operations/0/field");
        assert!(body.to_string().contains("trip.shipTitle"), "{body}");
    }
    let report = admin
        .change(json!([{"op": "deleteObjectType", "object": "vessel"}]))
        .await
        .ok();
    assert!(report.to_string().contains("trip.vesselWorth"), "{report}");
    let rows = admin.list("trips", "sort=number").await.ok();
    assert!(!rows.to_string().contains("vessel"), "{rows}");
}

#[tokio::test]
async fn a_way_that_leads_nowhere_is_refused() {
    let (app, _) = start().await;
    let admin = app.admin();
    for (settings, place) in [
        (json!({}), ""),
        (json!({"via": "vessel"}), ""),
        (json!({"via": 1, "field": "name"}), ""),
        (json!({"via": "nonsense", "field": "name"}), "/via"),
        (json!({"via": "number", "field": "name"}), "/via"),
        (json!({"via": "vesselName", "field": "name"}), "/via"),
        (json!({"via": "vessel", "field": "nonsense"}), "/field"),
        (
            json!({"via": "vessel", "field": "name", "required": true}),
            "/required",
        ),
        (
            json!({"via": "vessel", "field": "name", "unique": true}),
            "/unique",
        ),
        (
            json!({"via": "vessel", "field": "name", "default": "x"}),
            "/default",
        ),
    ] {
        let mut field = json!({"name": "broken", "type": "lookup"});
        if let (Some(members), Json::Object(more)) = (field.as_object_mut(), settings.clone()) {
            members.extend(more);
        }
        let refused = admin
            .change(json!([{"op": "addField", "object": "trip", "field": field}]))
            .await;
        let place = format!("/operations/0/field{place}");
        refused.problem_at(422, "validation_failed", &place);
    }
    for (change, place) in [
        (json!({"required": true}), "/required"),
        (json!({"unique": true}), "/unique"),
        (json!({"default": "x"}), "/default"),
        (json!({"indexed": true}), "/indexed"),
        (json!({"writeOnce": true}), "/writeOnce"),
    ] {
        let mut update = json!({"op": "updateField", "object": "trip", "field": "vesselName"});
        if let (Some(members), Json::Object(more)) = (update.as_object_mut(), change) {
            members.extend(more);
        }
        let refused = admin.change(json!([update])).await;
        let place = format!("/operations/0{place}");
        refused.problem_at(422, "validation_failed", &place);
    }
    let formula = json!([{"op": "addField", "object": "trip", "field":
        {"name": "shout", "type": "formula", "result": "text", "expression": "vesselName"}}]);
    let refused = admin.change(formula).await;
    refused.problem(422, "validation_failed");
    let chain = json!([
        {"op": "addField", "object": "vessel", "field": {"name": "sister", "type": "reference", "target": "trip", "inverse": {"name": "sisters"}}},
        {"op": "addField", "object": "vessel", "field": {"name": "far", "type": "lookup", "via": "sister", "field": "vesselName"}},
    ]);
    let refused = admin.change(chain).await;
    let problem = refused.problem(422, "validation_failed").to_string();
    assert!(
        problem.contains("/field\"") || problem.contains("/field/field"),
        "{problem}"
    );
}
