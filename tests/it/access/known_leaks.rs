//! What leaked in other systems, one case each, named by it. `docs/leaks.md` is the list; cases that stood
//! here already under another name are told there.

use serde_json::{Value as Json, json};

use super::{same, unknown};
use crate::support::{Client, Kind, Rules, TestApp};

/// A record of each kind below another one, with a value that the readers may not see.
async fn start() -> (TestApp, [Kind; 2]) {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    for kind in kinds {
        let top = json!({"name": "top", "description": "secret", "externalId": "taken"});
        let top = app.admin().make(kind.plural, top).await;
        let below = json!({"name": "below", "parent": top, "city": "Utrecht"});
        app.admin().make(kind.plural, below).await;
    }
    (app, kinds)
}

/// A person and a key who read the names.
async fn readers(app: &TestApp, kinds: [Kind; 2]) -> [Client; 2] {
    let fields = json!({"fields": ["name", "parent"]});
    let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        rules.allow("read", kind.name, fields.clone())
    });
    app.person_and_key("reader", rules).await
}

/// Strapi, CVE-2023-22894 and its four by-passes: a filter on a private field of a joined type told the
/// field's value; then a prefix, another parameter, another route did.
#[tokio::test]
async fn a_filter_on_a_private_field_of_a_joined_type() {
    let (app, kinds) = start().await;
    let hidden = "description";
    let questions = [
        "parent.NAME[startsWith]=s",
        "children.some.NAME[startsWith]=s",
        "t0.NAME[startsWith]=s",
        "t1.NAME[startsWith]=s",
        "PLURAL.NAME[startsWith]=s",
        "where[NAME][startsWith]=s",
        "_where[0][NAME_contains]=s",
        "lookup[NAME]=secret",
        "filters[NAME][$startsWith]=s",
        "sort=parent.NAME",
        "sort=t0.NAME",
        "fields=parent.NAME",
        "populate=NAME",
    ];
    for client in readers(&app, kinds).await {
        for kind in kinds {
            let ids = client.list(kind.plural, "").await.ids();
            for question in questions {
                let ask = |name: &str| {
                    question
                        .replace("NAME", name)
                        .replace("PLURAL", kind.plural)
                };
                for path in [String::new(), format!("/{}/children", ids[0])] {
                    let path = format!("/v1/data/{}{path}", kind.plural);
                    let other = unknown(hidden);
                    let told = client.get_path(&path, &ask(hidden)).await;
                    let missing = client.get_path(&path, &ask(&other)).await;
                    assert!(told.code() >= 400, "{told}");
                    same(&told, (hidden, &other), &missing);
                }
            }
        }
    }
}

/// Directus, CVE-2024-34708: what was redacted under its name showed under an alias.
#[tokio::test]
async fn a_redacted_cell_under_an_alias() {
    let (app, kinds) = start().await;
    let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let seen = json!({"fields": ["description"], "where": {"city": {"eq": "Utrecht"}}});
        rules
            .allow("read", kind.name, json!({"fields": ["name", "parent"]}))
            .allow("read", kind.name, seen)
    });
    let document = "{ things(sort: [{name: DESC}]) { nodes { name alias: description ...deep } } }
        fragment deep on Thing { again: description up: parent { alias: description } }";
    for client in app.person_and_key("partly", rules).await {
        for kind in kinds {
            let answer = kind.graphql(&client, document, Json::Null).await;
            answer.data();
            assert!(!answer.text().contains("secret"), "{answer}");
        }
    }
}

/// Directus, CVE-2024-39701: a rule with an empty list let everything through.
#[tokio::test]
async fn an_empty_list_in_a_rule() {
    let (app, kinds) = start().await;
    for (at, condition) in [
        json!({"name": {"in": []}}),
        json!({"or": []}),
        json!({"parent": {"in": []}}),
        json!({"children": {"some": {"name": {"in": []}}}}),
    ]
    .into_iter()
    .enumerate()
    {
        let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
            rules.allow("read", kind.name, json!({"where": condition}))
        });
        for client in app.person_and_key(&format!("empty{at}"), rules).await {
            for kind in kinds {
                assert_eq!(
                    client.list(kind.plural, "").await.ids().len(),
                    0,
                    "{condition}"
                );
                let document = "{ things { totalCount nodes { id } } }";
                let answer = kind.graphql(&client, document, Json::Null).await.data();
                assert_eq!(answer[kind.plural]["totalCount"], 0, "{condition}");
            }
        }
    }
}

/// Directus, CVE-2024-6534: what a preset or the server decides was sent by the caller.
#[tokio::test]
async fn an_owner_of_ones_own_choice() {
    let (app, kinds) = start().await;
    let me = app.admin().get_path("/v1/auth/me", "").await.ok();
    let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let made = json!({"fields": ["name"], "presets": {"status": "active"}});
        rules
            .allow("read", kind.name, json!({}))
            .allow("create", kind.name, made)
            .allow("update", kind.name, json!({"fields": ["name"]}))
    });
    for client in app.person_and_key("maker", rules).await {
        for kind in kinds {
            let id = client.make(kind.plural, json!({"name": "mine"})).await;
            let before = client.get(kind.plural, &id).await.ok();
            for field in [
                "ownerId",
                "createdBy",
                "updatedBy",
                "version",
                "id",
                "status",
            ] {
                let mut body = json!({"name": "x"});
                body[field] = match field {
                    "version" => json!(9),
                    "status" => json!("inactive"),
                    _ => me["id"].clone(),
                };
                let created = client.create(kind.plural, body.clone()).await;
                created.problem(422, "validation_failed");
                let updated = client.patch(kind.plural, &id, body).await;
                updated.problem(422, "validation_failed");
            }
            assert_eq!(client.get(kind.plural, &id).await.ok(), before);
        }
    }
}

/// Directus, CVE-2026-35441: the same costly field a thousand times under other names.
#[tokio::test]
async fn a_thousand_aliases() {
    let (app, kinds) = start().await;
    let aliases = (0..1_000).fold(String::new(), |text, at| {
        format!("{text}a{at}: things(first: 1) {{ totalCount }} ")
    });
    for client in readers(&app, kinds).await {
        for kind in kinds {
            let document = format!("{{ {aliases} }}");
            let answer = kind.graphql(&client, &document, Json::Null).await;
            answer.error("query_too_large");
        }
    }
}

/// `PostgREST`, #541: the text of a database error told of rows and columns that the caller does not see.
#[tokio::test]
async fn the_text_of_a_database_error() {
    let (app, kinds) = start().await;
    let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let written = json!({"fields": ["name", "externalId", "parent"]});
        rules
            .allow(
                "read",
                kind.name,
                json!({"fields": ["name"], "where": {"name": {"eq": "below"}}}),
            )
            .allow("create", kind.name, written)
    });
    for client in app.person_and_key("writer", rules).await {
        for kind in kinds {
            let refused = client
                .create(kind.plural, json!({"name": "x", "externalId": "taken"}))
                .await;
            refused.problem_at(409, "unique_conflict", "/externalId");
            let document =
                "mutation { createThing(input: {name: \"x\", externalId: \"taken\"}) { id } }";
            let over_graphql = kind.graphql(&client, document, Json::Null).await;
            over_graphql.error("unique_conflict");
            for text in [refused.text(), over_graphql.text()] {
                for word in [
                    "top",
                    "constraint",
                    "UNIQUE",
                    "ux_",
                    "x_external",
                    "external_id",
                    "DETAIL",
                ] {
                    assert!(!text.contains(word), "{word}: {text}");
                }
            }
        }
    }
}
