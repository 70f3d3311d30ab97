//! Descriptions: one call has what a form and a list need, and shows what the caller may name alone.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

async fn get(client: &Client, path: &str) -> Json {
    client.meta("GET", path, Json::Null).await.ok()
}

fn named<'j>(list: &'j Json, name: &str) -> &'j Json {
    let mut items = list.as_array().into_iter().flatten();
    let found = items.find(|item| item["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list}"))
}

fn is(json: &Json, members: &Json) {
    for (name, value) in members.as_object().into_iter().flatten() {
        assert_eq!(json[name], *value, "{name} of {json}");
    }
}

#[tokio::test]
async fn one_call_is_enough_for_a_form() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let object = get(&admin, &format!("objects/{}", kind.name)).await;
        let fields = &object["fields"];
        let name = named(fields, "name");
        is(
            name,
            &json!({"maxLength": 200, "required": true, "creatable": true, "updatable": true, "sortKeys": ["name"]}),
        );
        assert!(
            name["operators"].to_string().contains("\"istartsWith\""),
            "{name}"
        );
        let revenue = named(fields, "annualRevenue");
        is(
            revenue,
            &json!({"sortKeys": ["annualRevenue.amount", "annualRevenue.currency", "annualRevenue.baseAmount"]}),
        );
        assert!(revenue["operators"]["amount"].is_array(), "{revenue}");
        assert_eq!(named(fields, "status")["options"][0]["name"], "active");
        let parent = named(fields, "parent");
        is(parent, &json!({"target": kind.name, "sortKeys": []}));
        let target = &parent["targetTypes"][0];
        is(
            target,
            &json!({"plural": kind.plural, "creatable": true, "title": object["title"]}),
        );
        is(
            named(fields, "id"),
            &json!({"system": true, "creatable": false, "readable": true}),
        );

        let children = named(&object["relations"], "children");
        is(
            children,
            &json!({"kind": "inverse", "field": "parent", "cardinality": "many"}),
        );
        assert_eq!(children["back"]["name"], "parent");
        let allies = named(&object["relations"], "allies");
        is(allies, &json!({"kind": "relation", "linkable": true}));
        is(
            &allies["back"],
            &json!({"name": "alliedBy", "label": "Allied by", "cardinality": "many"}),
        );
        assert_eq!(allies["targetType"]["plural"], kind.plural);
        assert_eq!(named(&allies["fields"], "terms")["creatable"], true);

        let own = get(&admin, &format!("fields?object={}", kind.name)).await;
        let own = own["data"].as_array().expect("a list").clone();
        assert_eq!(own.len(), fields.as_array().map_or(0, Vec::len));
        assert!(own.iter().all(|field| field["object"] == kind.name));
        let relation = format!("{}Alliance", kind.name);
        let own = get(&admin, &format!("fields?relation={relation}")).await;
        assert_eq!(named(&own["data"], "since")["relation"], json!(relation));
    }
    let all = get(&admin, "fields").await;
    let objects = get(&admin, "objects").await;
    let relations = get(&admin, "relations").await;
    let count = |list: &Json| -> usize {
        let items = list["data"].as_array().into_iter().flatten();
        items
            .map(|it| it["fields"].as_array().map_or(0, Vec::len))
            .sum()
    };
    assert_eq!(
        all["data"].as_array().map_or(0, Vec::len),
        count(&objects) + count(&relations)
    );
    let types = get(&admin, "field-types").await;
    let text = named(&types["data"], "text");
    is(text, &json!({"sortable": true, "canBeUnique": true}));
    assert!(text["operators"].to_string().contains("contains"));
}

#[tokio::test]
async fn a_narrow_caller_sees_its_surface_alone() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let rules = Rules::none()
            .allow(
                "read",
                kind.name,
                json!({"fields": ["name", "city", "parent"]}),
            )
            .allow("update", kind.name, json!({"fields": ["city", "country"]}));
        let role = format!("{}Narrow", kind.name);
        for client in app.person_and_key(&role, rules).await {
            let objects = get(&client, "objects").await;
            let objects = objects["data"].as_array().expect("a list").clone();
            assert_eq!(objects.len(), 1);
            let object = &objects[0];
            let mut names: Vec<_> = object["fields"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|field| field["name"].as_str().unwrap_or_default().to_owned())
                .collect();
            names.sort();
            assert_eq!(
                names,
                ["city", "country", "id", "name", "parent"],
                "{object}"
            );
            let country = named(&object["fields"], "country");
            is(
                country,
                &json!({"readable": false, "creatable": false, "updatable": true, "operators": [], "sortKeys": []}),
            );
            assert_eq!(get(&client, "relations").await["data"], json!([]));
            let schema = format!("objects/{}/schema?for=update", kind.name);
            for path in [
                "objects",
                "fields",
                "diagram",
                "diagram?format=svg",
                &schema,
            ] {
                let text = client
                    .meta("GET", path, Json::Null)
                    .await
                    .status(200)
                    .text();
                for hidden in [
                    "employeeCount",
                    "pipeline",
                    "allies",
                    "Alliance",
                    "annualRevenue",
                ] {
                    assert!(!text.contains(hidden), "{hidden} in {path}: {text}");
                }
            }
            // Hidden and unknown are one and the same.
            let paths = [
                "objects/{}",
                "objects/{}/schema",
                "fields?object={}",
                "diagram?around={}",
                "relations/{}",
                "fields?relation={}",
            ];
            for path in paths {
                let mut details = Vec::new();
                for name in ["task", "tusk"] {
                    let path = path.replace("{}", name);
                    let body = client
                        .meta("GET", &path, Json::Null)
                        .await
                        .problem(404, "not_found");
                    details.push(body["detail"].to_string().replace("task", "tusk"));
                }
                assert_eq!(details[0], details[1]);
            }
            let path = format!("objects/{}/schema?for=create", kind.name);
            client
                .meta("GET", &path, Json::Null)
                .await
                .problem(403, "forbidden");
        }
    }
    app.anonymous()
        .meta("GET", "fields", Json::Null)
        .await
        .status(401);
}

#[tokio::test]
async fn a_description_that_is_known_is_not_sent_again() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let narrow = app
        .role(
            "narrow",
            Rules::none().read("organization").allow(
                "update",
                "organization",
                json!({"fields": ["name"]}),
            ),
        )
        .await;
    let paths = [
        "objects",
        "objects/organization",
        "fields",
        "relations",
        "field-types",
        "objects/organization/schema?for=update",
        "diagram",
        "diagram?format=svg",
    ];
    for path in paths {
        let path = format!("/v1/meta/{path}");
        let ask = async |client: &Client, tag: &str, language: &str| {
            let request = client.request(reqwest::Method::GET, &path);
            let request = request
                .header("if-none-match", tag)
                .header("accept-language", language);
            client.send(request).await
        };
        let first = ask(&admin, "\"x\"", "nl").await;
        let tag = first.status(200).header("etag").expect("a tag").to_owned();
        assert_eq!(
            first.header("cache-control"),
            Some("private, no-cache"),
            "{path}"
        );
        for known in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"y\", {tag}"),
            "*".to_owned(),
        ] {
            let again = ask(&admin, &known, "nl").await;
            assert_eq!(again.status(304).size(), 0);
            assert_eq!(again.header("etag"), Some(tag.as_str()));
        }
        ask(&admin, &tag, "de").await.status(200);
        ask(&narrow, &tag, "nl").await.status(200);
        let label = format!("Label {}", path.len());
        let change = json!([{"op": "updateObjectType", "object": "organization", "label": label}]);
        admin.change(change).await.ok();
        ask(&admin, &tag, "nl").await.status(200);
    }
    let refused = [
        "objects?x=1",
        "fields?objects=task",
        "diagram?depth=6",
        "diagram?format=png",
        "diagram?depth=-1",
        "objects/organization/schema?for=delete",
        "field-types?x=1",
    ];
    for path in refused {
        let code = admin.meta("GET", path, Json::Null).await.code();
        assert!(code == 400 || code == 422, "{path}: {code}");
    }
}
