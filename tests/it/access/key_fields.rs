//! Scopes that name fields: on every path, a key sees and writes what its roles grant of these fields.
//! Each answer is compared, to the byte, with that of a key whose roles grant as much and no more.

use serde_json::{Value as Json, json};

use super::same;
use crate::support::{Client, Kind, Response, Rules, TestApp};

/// What the scopes of the narrowed key leave of [`wide`] is [`narrow`].
fn scopes(kinds: [Kind; 2]) -> Vec<String> {
    let of = |kind: Kind| {
        [
            "data:thing:read(name,parent,employeeCount,phone)",
            "data:thing:create(name,city)",
            "data:thing:create(parent)",
            "data:thing:update(city,parent)",
            "data:thing:link",
            "data:thingAlliance:read(terms)",
            "data:thingAlliance:link(since)",
        ]
        .map(|scope| scope.replace("thing", kind.name))
    };
    kinds.into_iter().flat_map(of).collect()
}

fn utrecht(fields: Json) -> Json {
    json!({"fields": fields, "where": {"city": {"eq": "Utrecht"}}})
}

fn wide(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let relation = format!("{}Alliance", kind.name);
        let all = |presets: Json| json!({"fields": "*", "presets": presets});
        rules
            .allow(
                "read",
                kind.name,
                json!({"fields": ["name", "city", "parent", "status"]}),
            )
            .allow("read", kind.name, utrecht(json!({"except": ["phone"]})))
            .allow("create", kind.name, all(json!({"status": "active"})))
            .allow("update", kind.name, all(json!({"description": "changed"})))
            .allow("delete", kind.name, json!({}))
            .allow("link", kind.name, json!({}))
            .allow("read", &relation, json!({"fields": "*"}))
            .allow("link", &relation, json!({"fields": "*"}))
    })
}

fn narrow(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let relation = format!("{}Alliance", kind.name);
        let only = |fields: Json, presets: Json| json!({"fields": fields, "presets": presets});
        rules
            .allow("read", kind.name, json!({"fields": ["name", "parent"]}))
            .allow(
                "read",
                kind.name,
                utrecht(json!(["name", "parent", "employeeCount"])),
            )
            .allow(
                "create",
                kind.name,
                only(
                    json!(["name", "city", "parent"]),
                    json!({"status": "active"}),
                ),
            )
            .allow(
                "update",
                kind.name,
                only(json!(["city", "parent"]), json!({"description": "changed"})),
            )
            .allow("link", kind.name, json!({}))
            .allow("read", &relation, json!({"fields": ["terms"]}))
            .allow("link", &relation, json!({"fields": ["since"]}))
    })
}

/// Both kinds with records, the narrowed key, and the one that it must be like.
struct Pair {
    app: TestApp,
    kinds: [Kind; 2],
    scoped: Client,
    like: Client,
}

async fn start() -> Pair {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("wide", &wide(kinds)).await;
    app.add_role("narrow", &narrow(kinds)).await;
    let scoped = app.key(&["wide"], json!({"scopes": scopes(kinds)})).await;
    let like = app.key(&["narrow"], json!({})).await;
    Pair {
        app,
        kinds,
        scoped,
        like,
    }
}

/// Two records, of which the second points at the first and is its ally.
async fn fill(app: &TestApp, kind: Kind) -> [String; 2] {
    let admin = app.admin();
    let first = json!({"name": "a", "city": "Utrecht", "employeeCount": 7, "phone": "+31301234567", "status": "inactive"});
    let first = admin.make(kind.plural, first).await;
    let second = json!({"name": "b", "city": "Zeist", "employeeCount": 9, "parent": first});
    let second = admin.make(kind.plural, second).await;
    let link = json!({"terms": "loose", "since": "2020-02-29"});
    let path = format!("{}/{second}/allies", kind.plural);
    admin.link(&path, &first, link).await.ok();
    [first, second]
}

/// Fails unless both get the same answer; tells whether it is a good one.
#[track_caller]
fn alike(scoped: &Response, like: &Response) -> bool {
    same(scoped, ("~", "~"), like);
    scoped.code() < 300 && !scoped.text().contains("\"errors\":[")
}

/// Reads of lists: `true` where they are answered, `false` where a field is not there.
const LISTS: &[(&str, bool)] = &[
    ("", true),
    ("count=exact", true),
    ("fields=id,name,parent.name,parent.employeeCount", true),
    (
        "fields=name,children.name,children.employeeCount,allies.name",
        true,
    ),
    ("employeeCount[gt]=6", true),
    ("employeeCount[isNull]=true", true),
    ("parent.employeeCount[gt]=6", true),
    ("sort=employeeCount,-name", true),
    ("sort=parent.employeeCount", true),
    ("id[isNull]=false", true),
    ("fields=city", false),
    ("fields=phone", false),
    ("fields=version", false),
    ("fields=parent.city", false),
    ("fields=children.status", false),
    ("fields=allies.phone", false),
    ("city[eq]=Utrecht", false),
    ("phone[isNull]=true", false),
    ("updatedAt[isNull]=true", false),
    ("parent.city[eq]=Utrecht", false),
    ("sort=city", false),
    ("sort=-createdAt", false),
    ("sort=parent.city", false),
];

/// The same, as JSON filters.
fn filters() -> Vec<(Json, bool)> {
    vec![
        (
            json!({"children": {"some": {"employeeCount": {"gt": 6}}}}),
            true,
        ),
        (
            json!({"allies": {"some": {"employeeCount": {"gt": 6}, "link": {"terms": {"eq": "loose"}}}}}),
            true,
        ),
        (
            json!({"children": {"some": {"city": {"eq": "Zeist"}}}}),
            false,
        ),
        (
            json!({"allies": {"some": {"city": {"eq": "Utrecht"}}}}),
            false,
        ),
        (
            json!({"allies": {"some": {"link": {"since": {"isNull": false}}}}}),
            false,
        ),
        (json!({"not": {"status": {"eq": "active"}}}), false),
    ]
}

const DOCUMENTS: &[(&str, bool)] = &[
    (
        "{ things(sort: {name: ASC}) { totalCount nodes { id name employeeCount parent { name } children { nodes { name } } } } }",
        true,
    ),
    (
        "{ things(filter: {employeeCount: {gt: 6}}) { nodes { name } } }",
        true,
    ),
    (
        "{ things(filter: {parent: {employeeCount: {gt: 6}}}) { nodes { name } } }",
        true,
    ),
    (
        "{ things(sort: {employeeCount: DESC}) { nodes { name } } }",
        true,
    ),
    (
        "{ things { nodes { allies { edges { link { terms } node { name } } } } } }",
        true,
    ),
    ("{ things { nodes { city } } }", false),
    ("{ things { nodes { phone } } }", false),
    ("{ things { nodes { version } } }", false),
    ("{ things { nodes { parent { status } } } }", false),
    (
        "{ things(filter: {city: {eq: \"Utrecht\"}}) { nodes { name } } }",
        false,
    ),
    (
        "{ things(filter: {parent: {city: {eq: \"Utrecht\"}}}) { nodes { name } } }",
        false,
    ),
    ("{ things(sort: {city: ASC}) { nodes { name } } }", false),
    (
        "{ things { nodes { allies { edges { link { since } } } } } }",
        false,
    ),
];

#[tokio::test]
async fn a_key_reads_the_fields_of_its_scopes_alone() {
    let Pair {
        app,
        kinds,
        scoped,
        like,
    } = start().await;
    for kind in kinds {
        let [first, second] = fill(&app, kind).await;
        for (parameters, answered) in LISTS {
            let both = (
                scoped.list(kind.plural, parameters).await,
                like.list(kind.plural, parameters).await,
            );
            assert_eq!(alike(&both.0, &both.1), *answered, "{}", both.0);
        }
        for (filter, answered) in filters() {
            let both = (
                scoped.filter(kind.plural, &filter, "").await,
                like.filter(kind.plural, &filter, "").await,
            );
            assert_eq!(alike(&both.0, &both.1), answered, "{}", both.0);
            let body = json!({"filter": filter, "count": "exact"});
            let both = (
                scoped.query(kind.plural, &body).await,
                like.query(kind.plural, &body).await,
            );
            assert_eq!(alike(&both.0, &both.1), answered, "{}", both.0);
        }
        for (document, answered) in DOCUMENTS {
            let both = (
                kind.graphql(&scoped, document, Json::Null).await,
                kind.graphql(&like, document, Json::Null).await,
            );
            assert_eq!(alike(&both.0, &both.1), *answered, "{document} {}", both.0);
        }
        for (id, employees) in [(&first, json!(7)), (&second, Json::Null)] {
            for rest in ["", "/allies", "/children", "/related"] {
                let path = format!("/v1/data/{}/{id}{rest}", kind.plural);
                let both = (
                    scoped.get_path(&path, "").await,
                    like.get_path(&path, "").await,
                );
                assert!(alike(&both.0, &both.1), "{}", both.0);
            }
            let record = scoped.get(kind.plural, id).await.ok();
            let members: Vec<&String> = record.as_object().expect("a record").keys().collect();
            assert_eq!(
                members,
                ["id", "name", "employeeCount", "parent"],
                "{record}"
            );
            assert_eq!(record["employeeCount"], employees);
        }
    }
}

#[tokio::test]
async fn what_is_told_of_the_schema_has_the_fields_of_the_scopes_alone() {
    let Pair {
        kinds,
        scoped,
        like,
        app: _running,
    } = start().await;
    let mut paths: Vec<String> = [
        "/openapi.json",
        "/v1/meta/objects",
        "/v1/meta/fields",
        "/v1/meta/relations",
        "/v1/meta/diagram",
    ]
    .map(str::to_owned)
    .into();
    for kind in kinds {
        paths.push(format!("/v1/meta/objects/{}", kind.name));
        paths.push(format!("/v1/meta/objects/{}/schema", kind.name));
        paths.push(format!("/v1/meta/relations/{}Alliance", kind.name));
    }
    for path in paths {
        let both = (
            scoped.get_path(&path, "").await,
            like.get_path(&path, "").await,
        );
        assert!(alike(&both.0, &both.1), "{}", both.0);
        for name in ["phone", "annualRevenue", "createdAt"] {
            assert!(
                !both.0.text().contains(&format!("\"{name}\"")),
                "{path} {name}"
            );
        }
    }
    for kind in kinds {
        for name in [
            "Thing",
            "ThingInput",
            "ThingPatch",
            "ThingFilter",
            "ThingSort",
        ] {
            let document = format!(
                "{{ __type(name: \"{name}\") {{ fields {{ name }} inputFields {{ name }} }} }}"
            );
            let both = (
                kind.graphql(&scoped, &document, Json::Null).await,
                kind.graphql(&like, &document, Json::Null).await,
            );
            assert!(alike(&both.0, &both.1), "{}", both.0);
            assert!(both.0.data()["__type"].is_object(), "{name}");
        }
        let described = scoped
            .get_path(&format!("/v1/meta/objects/{}", kind.name), "")
            .await
            .ok();
        let fields = described["fields"].as_array().expect("fields");
        let has = |right: &str| -> Vec<&str> {
            let having = fields.iter().filter(|field| field[right] == true);
            having.filter_map(|field| field["name"].as_str()).collect()
        };
        assert_eq!(has("readable"), ["id", "name", "employeeCount", "parent"]);
        assert_eq!(has("creatable"), ["name", "city", "parent"]);
        assert_eq!(has("updatable"), ["city", "parent"]);
    }
}

#[tokio::test]
async fn a_key_writes_the_fields_of_its_scopes_alone() {
    let Pair {
        app,
        kinds,
        scoped,
        like,
    } = start().await;
    for kind in kinds {
        let [first, second] = fill(&app, kind).await;
        for (values, status, place) in [
            (
                json!({"name": "c", "city": "Zeist", "parent": first}),
                201,
                "",
            ),
            (
                json!({"name": "c", "employeeCount": 1}),
                422,
                "/employeeCount",
            ),
            (json!({"name": "c", "phone": "+31301234567"}), 400, "/phone"),
            (json!({"name": "c", "status": "inactive"}), 400, "/status"),
            (json!({"name": "c", "nothing": 1}), 400, "/nothing"),
        ] {
            for client in [&scoped, &like] {
                let made = client.create(kind.plural, values.clone()).await;
                made.status(status);
                if status == 201 {
                    let id = made.json()["id"].as_str().expect("an id").to_owned();
                    let made = app.admin().get(kind.plural, &id).await.ok();
                    assert_eq!(made["status"], "active", "the preset of the rule");
                } else {
                    assert_eq!(made.json()["errors"][0]["pointer"], place);
                }
            }
        }
        for (patch, status) in [
            (json!({"city": "Breda"}), 200),
            (json!({"parent": null}), 200),
            (json!({"name": "c"}), 422),
            (json!({"city": "Breda", "employeeCount": 1}), 422),
            (json!({"phone": null}), 400),
            (json!({"description": "x"}), 400),
        ] {
            let document =
                "mutation($p: ThingPatch!) { updateThing(id: \"ID\", input: $p) { id } }"
                    .replace("ID", &second);
            let both = (
                scoped.patch(kind.plural, &second, patch.clone()).await,
                like.patch(kind.plural, &second, patch.clone()).await,
            );
            alike(&both.0, &both.1);
            both.0.status(status);
            let both = (
                kind.graphql(&scoped, &document, json!({"p": patch})).await,
                kind.graphql(&like, &document, json!({"p": patch})).await,
            );
            assert_eq!(alike(&both.0, &both.1), status == 200, "{}", both.0);
        }
        let record = app.admin().get(kind.plural, &second).await.ok();
        assert_eq!(
            [
                &record["name"],
                &record["employeeCount"],
                &record["description"]
            ],
            [&json!("b"), &json!(9), &json!("changed")]
        );
        scoped
            .delete(kind.plural, &second)
            .await
            .problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_key_links_with_the_fields_of_its_scopes_alone() {
    let Pair {
        app, kinds, scoped, ..
    } = start().await;
    for kind in kinds {
        let [first, second] = fill(&app, kind).await;
        let allies = format!("{}/{first}/allies", kind.plural);
        let refused = scoped.link(&allies, &second, json!({"terms": "x"})).await;
        refused.problem(422, "validation_failed");
        let link = scoped
            .link(&allies, &second, json!({"since": "2024-01-01"}))
            .await;
        let link = link.status(201).json();
        assert_eq!(link.get("since"), None, "{link}");
        let path = format!("/v1/data/{allies}/{}", link["id"].as_str().expect("an id"));
        scoped
            .call("PATCH", &path, &json!({"since": "2025-01-01"}))
            .await
            .ok();
        let refused = scoped.call("PATCH", &path, &json!({"terms": "x"})).await;
        refused.problem(422, "validation_failed");
        // The far side of the reference is set through the reference, which a scope names.
        let children = format!("/v1/data/{}/{second}/children", kind.plural);
        scoped
            .call("PATCH", &children, &json!({"add": [first]}))
            .await
            .ok();
        let other = app.key(&["wide"], json!({"scopes": [
            format!("data:{}:read", kind.name), format!("data:{}:link", kind.name), format!("data:{}:update(city)", kind.name),
        ]}));
        let refused = other
            .await
            .call("PATCH", &children, &json!({"remove": [first]}))
            .await;
        assert!(refused.code() == 403 || refused.code() == 422, "{refused}");
        let members = app.admin().get_path(&children, "").await;
        assert_eq!(members.column("name"), ["a"]);
    }
}

#[tokio::test]
async fn several_scopes_add_up() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    app.add_role("wide", &wide(kinds)).await;
    for kind in kinds {
        let [first, _] = fill(&app, kind).await;
        for (scopes, members) in [
            (
                json!(["data:thing:read(name)", "data:thing:read(city)"]),
                json!(["id", "name", "city"]),
            ),
            (json!(["data:thing:read(id)"]), json!(["id"])),
            (
                json!(["data:thing:read(name)", "data:thing:update(city)"]),
                json!(["id", "name"]),
            ),
            (
                json!(["data:thing:read(name)", "data:*:create"]),
                json!(["id", "name"]),
            ),
        ] {
            let scopes: Json = scopes
                .to_string()
                .replace("thing", kind.name)
                .parse()
                .expect("JSON");
            let key = app.key(&["wide"], json!({"scopes": scopes})).await;
            let record = key.get(kind.plural, &first).await.ok();
            let read: Vec<&String> = record.as_object().expect("a record").keys().collect();
            assert_eq!(json!(read), members, "{scopes}");
        }
        for more in ["data:thing:read", "data:thing:*", "data:*:read", "data:*:*"] {
            let scopes = ["data:thing:read(name)", more].map(|it| it.replace("thing", kind.name));
            let key = app.key(&["wide"], json!({"scopes": scopes})).await;
            let record = key.get(kind.plural, &first).await.ok();
            assert!(record.get("employeeCount").is_some(), "{scopes:?} {record}");
        }
    }
}
