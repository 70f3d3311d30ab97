//! Teams: rules on what the user, its teams and the teams below them own.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::support::{Client, Kind, Rules, TestApp};

const PASSWORD: &str = "a password of a test";

/// A user and what it is called.
struct Person {
    id: String,
    client: Client,
}

async fn person(app: &TestApp, roles: &[&str], teams: &[&str]) -> Person {
    let email = format!("{}@example.com", Uuid::now_v7().simple());
    let user = json!({
        "email": email, "name": "Test", "password": PASSWORD, "roles": roles, "teams": teams,
    });
    let made = app
        .admin()
        .meta("POST", "users", user)
        .await
        .status(201)
        .json();
    assert_eq!(made["teams"], json!(teams));
    Person {
        id: made["id"].as_str().expect("an id").to_owned(),
        client: app.sign_in(&email, PASSWORD).await,
    }
}

/// The teams Sales above North and South, and North above Harbour.
async fn teams(app: &TestApp) {
    let admin = app.admin();
    let tree = [
        ("Sales", None),
        ("North", Some("Sales")),
        ("South", Some("Sales")),
        ("Harbour", Some("North")),
    ];
    for (name, parent) in tree {
        let team = json!({"name": name, "parent": parent});
        admin.meta("POST", "teams", team).await.status(201);
    }
}

/// A role for each reach of ownership.
async fn roles(app: &TestApp, kinds: [Kind; 2]) {
    let reaches = [
        ("own", json!({"eq": "$user.id"})),
        ("team", json!({"in": "$user.teams"})),
        ("subtree", json!({"in": "$user.teamTree"})),
        ("others", json!({"nin": "$user.teams"})),
    ];
    for (name, owner) in reaches {
        let rule = json!({"where": {"ownerId": owner}});
        let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
            rules
                .allow("read", kind.name, rule.clone())
                .allow("update", kind.name, rule.clone())
        });
        app.add_role(name, &rules).await;
    }
}

async fn owned(app: &TestApp, kind: Kind, name: &str, owner: Option<&str>) -> String {
    let record = json!({"name": name, "city": "Utrecht", "ownerId": owner});
    app.admin().make(kind.plural, record).await
}

/// The names that a client sees, over both faces.
async fn sight(client: &Client, kind: Kind) -> String {
    let listed = client.list(kind.plural, "fields=name&sort=name").await;
    let names = listed.column("name").join(" ");
    let document = kind.document("{ things(sort: {name: ASC}) { totalCount nodes { name } } }");
    let data = client.graphql(&document, Json::Null).await.data();
    let things = data
        .as_object()
        .and_then(|data| data.values().next())
        .expect("things")
        .clone();
    let nodes = things["nodes"].as_array().expect("nodes").clone();
    let same: Vec<&str> = nodes
        .iter()
        .filter_map(|node| node["name"].as_str())
        .collect();
    assert_eq!(same.join(" "), names);
    assert_eq!(things["totalCount"], json!(same.len()));
    names
}

#[tokio::test]
async fn rules_reach_the_own_records_those_of_the_team_and_of_the_teams_below() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    teams(&app).await;
    roles(&app, kinds).await;
    let all = ["own", "team", "subtree", "others"];
    let north = person(&app, &[], &["North"]).await;
    let mate = person(&app, &[], &["North", "South"]).await;
    let harbour = person(&app, &[], &["Harbour"]).await;
    let alone = person(&app, &[], &[]).await;
    for kind in kinds {
        for (name, owner) in [("n", &north), ("m", &mate), ("h", &harbour), ("a", &alone)] {
            owned(&app, kind, name, Some(&owner.id)).await;
        }
        owned(&app, kind, "z", None).await;
    }
    let wanted = [
        (&north, ["n", "m n", "h m n", "a h z"]),
        (&mate, ["m", "m n", "h m n", "a h z"]),
        (&harbour, ["h", "h", "h", "a m n z"]),
        (&alone, ["a", "", "", "a h m n z"]),
    ];
    for (who, seen) in wanted {
        for (role, names) in all.into_iter().zip(seen) {
            // Other roles end the sessions of a user, so each reach has a user of its own in its teams.
            let shown = app
                .admin()
                .meta("GET", &format!("users/{}", who.id), Json::Null)
                .await
                .ok();
            let teams: Vec<String> = serde_json::from_value(shown["teams"].clone()).expect("teams");
            let teams: Vec<&str> = teams.iter().map(String::as_str).collect();
            if role == "own" {
                let path = format!("users/{}", who.id);
                app.admin()
                    .meta(
                        "PATCH",
                        &path,
                        json!({"roles": ["own"], "password": PASSWORD}),
                    )
                    .await
                    .ok();
                let client = app
                    .sign_in(shown["email"].as_str().expect("an email"), PASSWORD)
                    .await;
                for kind in kinds {
                    assert_eq!(sight(&client, kind).await, names, "{role}");
                }
                continue;
            }
            let twin = person(&app, &[role], &teams).await;
            for kind in kinds {
                assert_eq!(sight(&twin.client, kind).await, names, "{role} {teams:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_changes_in_the_tree_holds_for_the_next_request() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    teams(&app).await;
    roles(&app, kinds).await;
    let admin = app.admin();
    let chief = person(&app, &["subtree"], &["North"]).await;
    let sailor = person(&app, &[], &["Harbour"]).await;
    for kind in kinds {
        let id = owned(&app, kind, "h", Some(&sailor.id)).await;
        chief
            .client
            .patch(kind.plural, &id, json!({"city": "Breda"}))
            .await
            .ok();
    }
    let see = async |wanted: &str| {
        for kind in kinds {
            assert_eq!(sight(&chief.client, kind).await, wanted);
        }
    };
    admin
        .meta("PATCH", "teams/Harbour", json!({"parent": "South"}))
        .await
        .ok();
    see("").await;
    admin
        .meta("PATCH", "teams/Harbour", json!({"parent": "North"}))
        .await
        .ok();
    see("h").await;
    let path = format!("users/{}", sailor.id);
    admin.meta("PATCH", &path, json!({"teams": []})).await.ok();
    see("").await;
    admin
        .meta("PATCH", &path, json!({"teams": ["North"]}))
        .await
        .ok();
    see("h").await;
    let path = format!("users/{}", chief.id);
    admin
        .meta("PATCH", &path, json!({"teams": ["South"]}))
        .await
        .ok();
    see("").await;
}

#[tokio::test]
async fn keys_are_in_no_team_and_a_rule_with_teams_is_void_for_them() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    teams(&app).await;
    roles(&app, kinds).await;
    let key = app.key(&["team", "others"], json!({})).await;
    for kind in kinds {
        owned(&app, kind, "z", None).await;
        key.list(kind.plural, "")
            .await
            .problem(404, "object_not_found");
    }
}

#[tokio::test]
async fn a_team_variable_fits_fields_of_users_and_lists_alone() {
    let app = TestApp::start().await;
    app.add_role("r", &Rules::none()).await;
    let rule = |filter: Json| json!({"object": "organization", "action": "read", "fields": "*", "where": filter});
    for (filter, place) in [
        (
            json!({"ownerId": {"eq": "$user.teams"}}),
            "/where/ownerId/eq",
        ),
        (json!({"name": {"in": "$user.teams"}}), "/where/name/in"),
        (
            json!({"createdAt": {"in": "$user.teamTree"}}),
            "/where/createdAt/in",
        ),
        (json!({"ownerId": {"in": "$user.id"}}), "/where/ownerId/in"),
        (json!({"ownerId": {"in": "$teams"}}), "/where/ownerId/in"),
    ] {
        let refused = app
            .admin()
            .meta("POST", "roles/r/rules", rule(filter))
            .await;
        refused.problem_at(422, "validation_failed", place);
    }
    // In a request it is a text like any other.
    let filter = json!({"ownerId": {"in": "$user.teams"}});
    app.admin()
        .filter("organizations", &filter, "")
        .await
        .problem(422, "validation_failed");
}

#[tokio::test]
async fn teams_make_a_tree_and_stay_while_somebody_is_in_them() {
    let app = TestApp::start().await;
    teams(&app).await;
    let admin = app.admin();
    for parent in ["Harbour", "North"] {
        admin
            .meta("PATCH", "teams/North", json!({"parent": parent}))
            .await
            .problem_at(422, "validation_failed", "/parent");
    }
    admin
        .meta("POST", "teams", json!({"name": "x", "parent": "nobody"}))
        .await
        .problem_at(422, "validation_failed", "/parent");
    admin
        .meta("POST", "teams", json!({"name": "North"}))
        .await
        .problem(409, "unique_conflict");
    admin
        .meta("DELETE", "teams/North", Json::Null)
        .await
        .problem(409, "conflict");
    person(&app, &[], &["Harbour"]).await;
    admin
        .meta("DELETE", "teams/Harbour", Json::Null)
        .await
        .problem(409, "conflict");
    admin
        .meta("DELETE", "teams/South", Json::Null)
        .await
        .status(204);
    admin
        .meta("GET", "teams/South", Json::Null)
        .await
        .problem(404, "not_found");
    let top = admin
        .meta("PATCH", "teams/Harbour", json!({"parent": null}))
        .await
        .ok();
    assert_eq!(top["parent"], Json::Null);
    admin
        .meta("DELETE", "teams/North", Json::Null)
        .await
        .status(204);
    let left = admin.meta("GET", "teams", Json::Null).await.ok();
    assert_eq!(left["data"].as_array().map(Vec::len), Some(2));
    let user = json!({"email": "x@example.com", "name": "X", "teams": ["Harbour", "nobody"]});
    admin
        .meta("POST", "users", user)
        .await
        .problem_at(422, "validation_failed", "/teams/1");
}
