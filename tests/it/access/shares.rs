//! Shares: one record for a user, a team or a partner, until a date, as far as rules follow shares.

use serde_json::{Value as Json, json};
use time::{Duration, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::support::{Client, Kind, Response, Rules, TestApp};

const PASSWORD: &str = "a password of a test";

struct World {
    app: TestApp,
    kinds: [Kind; 2],
    /// The ids of a user, of the team above its team, and of a partner.
    user: String,
    team: String,
    partner: String,
    /// Who hopes to see something, with the member of `with` that names it.
    hopeful: Vec<(&'static str, String, Client)>,
}

fn shared(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        rules
            .allow(
                "read",
                kind.name,
                json!({"fields": ["name"], "where": {"$shared": "read"}}),
            )
            .allow(
                "update",
                kind.name,
                json!({"fields": ["name"], "where": {"$shared": "write"}}),
            )
    })
}

async fn start() -> World {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let admin = app.admin();
    app.add_role("guest", &shared(kinds)).await;
    let id = |made: &Json| made["id"].as_str().expect("an id").to_owned();
    let team = admin
        .meta("POST", "teams", json!({"name": "Top"}))
        .await
        .status(201)
        .json();
    admin
        .meta("POST", "teams", json!({"name": "Below", "parent": "Top"}))
        .await
        .status(201);
    let organization = admin
        .make("organizations", json!({"name": "Partner"}))
        .await;
    let partner = json!({"organization": organization, "name": "Partner"});
    let partner = id(&admin
        .meta("POST", "partners", partner)
        .await
        .status(201)
        .json());
    let mut hopeful = Vec::new();
    let mut user = String::new();
    for (kind, more) in [
        ("user", json!({})),
        ("team", json!({"teams": ["Below"]})),
        ("partner", json!({"partner": partner})),
    ] {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let mut body =
            json!({"email": email, "name": kind, "password": PASSWORD, "roles": ["guest"]});
        body.as_object_mut()
            .expect("a body")
            .extend(more.as_object().cloned().unwrap_or_default());
        let made = id(&admin.meta("POST", "users", body).await.status(201).json());
        let grantee = match kind {
            "user" => made.clone(),
            "team" => id(&team),
            _ => partner.clone(),
        };
        if kind == "user" {
            user = made;
        }
        hopeful.push((kind, grantee, app.sign_in(&email, PASSWORD).await));
    }
    let key = app.key(&["guest"], json!({"partner": partner})).await;
    hopeful.push(("partner", partner.clone(), key));
    let team = id(&team);
    World {
        app,
        kinds,
        user,
        team,
        partner,
        hopeful,
    }
}

fn body(kind: Kind, record: &str, with: Json, access: &str) -> Json {
    json!({"object": kind.name, "record": record, "with": with, "access": access})
}

async fn share(client: &Client, body: Json) -> Response {
    client.meta("POST", "shares", body).await
}

/// The names that a client sees, over both faces.
async fn sight(client: &Client, kind: Kind) -> Vec<String> {
    let names = client
        .list(kind.plural, "fields=name&sort=name")
        .await
        .column("name");
    let document = kind.document("{ things(sort: {name: ASC}) { nodes { name } } }");
    let data = client.graphql(&document, Json::Null).await.data();
    let text = data.to_string();
    assert_eq!(text.matches("\"name\"").count(), names.len(), "{text}");
    names
}

#[tokio::test]
async fn a_share_shows_one_record_to_its_grantee_and_to_nobody_else() {
    let world = start().await;
    let admin = world.app.admin();
    for kind in world.kinds {
        for (at, (member, grantee, client)) in world.hopeful.iter().enumerate() {
            let record = admin
                .make(kind.plural, json!({"name": "r", "city": "Utrecht"}))
                .await;
            let other = admin
                .make(kind.plural, json!({"name": "o", "city": "Utrecht"}))
                .await;
            assert_eq!(sight(client, kind).await.len(), 0);
            let made = share(
                &admin,
                body(kind, &record, json!({*member: grantee}), "read"),
            )
            .await;
            let made = made.status(201).json();
            assert_eq!(made["with"], json!({*member: grantee}));
            assert_eq!(sight(client, kind).await, ["r"]);
            client
                .list(kind.plural, "fields=city")
                .await
                .problem(400, "unknown_field");
            client
                .get(kind.plural, &other)
                .await
                .problem(404, "record_not_found");
            client
                .patch(kind.plural, &record, json!({"name": "x"}))
                .await
                .problem(403, "forbidden");
            for (other, _, nobody) in &world.hopeful {
                if other != member {
                    assert_eq!(sight(nobody, kind).await.len(), 0, "{at} {other}");
                }
            }
            // For writing: the share before gives way to it.
            share(
                &admin,
                body(kind, &record, json!({*member: grantee}), "write"),
            )
            .await
            .status(201);
            client
                .patch(kind.plural, &record, json!({"name": "y"}))
                .await
                .ok();
            assert_eq!(sight(client, kind).await, ["y"]);
            let path = format!("shares?object={}&record={record}", kind.name);
            let shares = admin.meta("GET", &path, Json::Null).await.ok();
            assert_eq!(shares["data"].as_array().map(Vec::len), Some(1), "{shares}");
            assert_eq!(shares["data"][0]["access"], "write");
            let id = shares["data"][0]["id"].as_str().expect("an id");
            admin
                .meta("DELETE", &format!("shares/{id}"), Json::Null)
                .await
                .status(204);
            assert_eq!(sight(client, kind).await.len(), 0);
            client
                .patch(kind.plural, &record, json!({"name": "z"}))
                .await
                .problem(404, "record_not_found");
        }
    }
}

#[tokio::test]
async fn a_share_ends_at_its_time() {
    let world = start().await;
    let admin = world.app.admin();
    let now = world.app.now();
    let (member, grantee, client) = &world.hopeful[0];
    for kind in world.kinds {
        let record = admin
            .make(kind.plural, json!({"name": "r", "city": "Utrecht"}))
            .await;
        let mut soon = body(kind, &record, json!({*member: grantee}), "read");
        for bad in ["yesterday", "2020-01-01T00:00:00Z"] {
            soon["until"] = json!(bad);
            share(&admin, soon.clone())
                .await
                .problem_at(422, "validation_failed", "/until");
        }
        let until = (now + Duration::hours(2))
            .format(&Rfc3339)
            .expect("an instant");
        soon["until"] = json!(until);
        share(&admin, soon).await.status(201);
        assert_eq!(sight(client, kind).await, ["r"]);
    }
    world.app.advance(Duration::hours(3));
    // A token lives for minutes; the user signs in anew.
    let path = format!("users/{grantee}");
    let shown = world
        .app
        .admin_anew()
        .await
        .meta("GET", &path, Json::Null)
        .await
        .ok();
    let email = shown["email"].as_str().expect("an email");
    let client = world.app.sign_in(email, PASSWORD).await;
    for kind in world.kinds {
        assert_eq!(sight(&client, kind).await.len(), 0);
    }
}

#[tokio::test]
async fn only_who_may_share_shares_and_nobody_gives_more_than_he_has() {
    let world = start().await;
    let admin = world.app.admin();
    let rules = world.kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let utrecht = json!({"where": {"city": {"eq": "Utrecht"}}});
        rules
            .allow(
                "read",
                kind.name,
                json!({"fields": ["name", "city"], "where": {"country": {"eq": "NL"}}}),
            )
            .allow("share", kind.name, utrecht)
            .allow(
                "update",
                kind.name,
                json!({"fields": ["name"], "where": {"name": {"eq": "mine"}}}),
            )
    });
    let clients = world.app.person_and_key("sharer", rules).await;
    let reader = world
        .app
        .role(
            "reader",
            world
                .kinds
                .into_iter()
                .fold(Rules::none(), |rules, kind| rules.read(kind.name)),
        )
        .await;
    let with = json!({"user": world.user});
    for kind in world.kinds {
        let make = |name: &'static str, city: &'static str, country: &'static str| {
            let record = json!({"name": name, "city": city, "country": country});
            let admin = &admin;
            async move { admin.make(kind.plural, record).await }
        };
        let (mine, theirs) = (
            make("mine", "Utrecht", "NL").await,
            make("theirs", "Utrecht", "NL").await,
        );
        let (elsewhere, hidden) = (
            make("e", "Breda", "NL").await,
            make("h", "Utrecht", "US").await,
        );
        let missing = Uuid::now_v7().to_string();
        for client in &clients {
            share(client, body(kind, &mine, with.clone(), "write"))
                .await
                .status(201);
            share(client, body(kind, &theirs, with.clone(), "read"))
                .await
                .status(201);
            let too_much = share(client, body(kind, &theirs, with.clone(), "write")).await;
            too_much.problem(403, "forbidden");
            share(client, body(kind, &elsewhere, with.clone(), "read"))
                .await
                .problem(403, "forbidden");
            let unseen = share(client, body(kind, &hidden, with.clone(), "read")).await;
            let unknown = share(client, body(kind, &missing, with.clone(), "read")).await;
            unseen.problem_at(422, "validation_failed", "/record");
            super::same(&unseen, (&hidden, &missing), &unknown);
            // What is shared of a record that it does not see stays hidden too.
            let theirs = share(&admin, body(kind, &hidden, with.clone(), "read"))
                .await
                .status(201)
                .json();
            let id = theirs["id"].as_str().expect("an id").to_owned();
            for method in ["GET", "DELETE"] {
                let unseen = client
                    .meta(method, &format!("shares/{id}"), Json::Null)
                    .await;
                let unknown = client
                    .meta(method, &format!("shares/{missing}"), Json::Null)
                    .await;
                unseen.problem(404, "not_found");
                super::same(&unseen, (&id, &missing), &unknown);
            }
            admin
                .meta("DELETE", &format!("shares/{id}"), Json::Null)
                .await
                .status(204);
            let list = |record: &str| format!("shares?object={}&record={record}", kind.name);
            let unseen = client.meta("GET", &list(&hidden), Json::Null).await;
            let unknown = client.meta("GET", &list(&missing), Json::Null).await;
            super::same(&unseen, (&hidden, &missing), &unknown);
        }
        share(&reader, body(kind, &mine, with.clone(), "read"))
            .await
            .problem(403, "forbidden");
        // Where a share stands it can be read, by whoever may share the record.
        let made = share(&clients[0], body(kind, &mine, with.clone(), "read")).await;
        let location = made.header("location").expect("a location").to_owned();
        for client in &clients {
            let shown = client.call("GET", &location, &Json::Null).await;
            assert_eq!(shown.ok(), made.status(201).json());
        }
        let refused = reader.call("GET", &location, &Json::Null).await;
        refused.problem(404, "not_found");
        let stranger = world.app.user(&[]).await;
        let unknown = share(&stranger, body(kind, &mine, with.clone(), "read")).await;
        unknown.problem_at(422, "validation_failed", "/object");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_share_is_told_at_its_place() {
    let world = start().await;
    let admin = world.app.admin();
    let nobody = Uuid::now_v7().to_string();
    let [kind, _] = world.kinds;
    let record = admin
        .make(kind.plural, json!({"name": "r", "city": "Utrecht"}))
        .await;
    for (with, place) in [
        (json!({}), "/with"),
        (json!({"user": world.user, "team": world.team}), "/with"),
        (json!({"user": world.team}), "/with/user"),
        (json!({"team": nobody}), "/with/team"),
        (json!({"partner": "x"}), "/with/partner"),
    ] {
        let refused = share(&admin, body(kind, &record, with, "read")).await;
        refused.problem_at(422, "validation_failed", place);
    }
    let with = json!({"partner": world.partner});
    share(&admin, body(kind, &record, with.clone(), "own"))
        .await
        .problem_at(422, "validation_failed", "/access");
    let me = admin.get_path("/v1/auth/me", "").await.ok();
    let myself = json!({"user": me["id"]});
    share(&admin, body(kind, &record, myself, "read"))
        .await
        .problem_at(422, "validation_failed", "/with/user");
    let mut endless = body(kind, &record, with.clone(), "read");
    endless["until"] = json!("9999-12-31T23:59:59-01:00");
    share(&admin, endless)
        .await
        .problem_at(422, "validation_failed", "/until");
    share(&admin, body(kind, "x", with, "read"))
        .await
        .problem_at(422, "validation_failed", "/record");
    // Rules on links have no shares, and requests can't ask for them.
    admin
        .meta("POST", "roles", json!({"name": "r"}))
        .await
        .status(201);
    let rule = json!({"object": "employment", "action": "read", "fields": "*", "where": {"$shared": "read"}});
    admin
        .meta("POST", "roles/r/rules", rule)
        .await
        .problem(400, "invalid_request");
    let rule =
        json!({"object": kind.name, "action": "read", "fields": "*", "where": {"$shared": "x"}});
    admin.meta("POST", "roles/r/rules", rule).await.problem_at(
        422,
        "validation_failed",
        "/where/$shared",
    );
    let rule = json!({"object": "employment", "action": "share"});
    admin
        .meta("POST", "roles/r/rules", rule)
        .await
        .problem_at(422, "validation_failed", "/action");
    admin
        .filter(kind.plural, &json!({"$shared": "read"}), "")
        .await
        .problem(400, "unknown_field");
}

/// The entries of the log about shares and their grantees, newest first.
async fn log(app: &TestApp, kind: &str) -> Vec<Json> {
    let listed = app
        .admin()
        .get_path("/v1/meta/audit", &format!("kind={kind}"))
        .await
        .ok();
    listed["data"].as_array().expect("entries").clone()
}

#[tokio::test]
async fn of_shares_made_at_once_one_is_there_and_a_replaced_one_is_told() {
    let world = start().await;
    let admin = world.app.admin();
    for kind in world.kinds {
        let record = admin.make(kind.plural, json!({"name": "r"})).await;
        let with = json!({"user": world.user});
        let sharing = (0..8).map(|number| {
            let access = if number % 2 == 0 { "read" } else { "write" };
            let (admin, body) = (admin.clone(), body(kind, &record, with.clone(), access));
            tokio::spawn(async move { share(&admin, body).await.status(201).json() })
        });
        let sharing: Vec<_> = sharing.collect();
        let mut ids = std::collections::BTreeSet::new();
        for made in sharing {
            ids.insert(made.await.expect("an answer")["id"].to_string());
        }
        assert_eq!(ids.len(), 1, "{ids:?}");
        let path = format!("shares?object={}&record={record}", kind.name);
        let listed = admin.meta("GET", &path, Json::Null).await.ok();
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
        share(&admin, body(kind, &record, with.clone(), "write"))
            .await
            .status(201);
        share(&admin, body(kind, &record, with, "read"))
            .await
            .status(201);
        let entries = log(&world.app, "shareCreated").await;
        let told = &entries[0]["details"];
        assert_eq!(
            (&told["before"]["access"], &told["after"]["access"]),
            (&json!("write"), &json!("read"))
        );
        assert_eq!(told["before"]["id"], told["after"]["id"]);
        assert!(
            entries[9]["details"].get("before").is_none(),
            "{}",
            entries[9]
        );
        // One that is gone is not ended a second time.
        let path = format!("shares/{}", told["after"]["id"].as_str().expect("an id"));
        let ended = || admin.meta("DELETE", &path, Json::Null);
        let (one, other) = tokio::join!(ended(), ended());
        let mut codes = [one.code(), other.code()];
        codes.sort_unstable();
        assert_eq!(codes, [204, 404]);
        let ended = log(&world.app, "shareDeleted").await;
        let of_it = ended
            .iter()
            .filter(|entry| entry["object"]["id"] == told["after"]["id"]);
        assert_eq!(of_it.count(), 1);
    }
}

#[tokio::test]
async fn what_ends_a_grantee_tells_of_its_shares() {
    let world = start().await;
    let admin = world.app.admin();
    let [kind, _] = world.kinds;
    let record = admin.make(kind.plural, json!({"name": "r"})).await;
    for with in [
        json!({"user": world.user}),
        json!({"team": world.team}),
        json!({"partner": world.partner}),
    ] {
        share(&admin, body(kind, &record, with, "read"))
            .await
            .status(201);
    }
    let gone = json!({"active": false});
    admin
        .meta("PATCH", &format!("users/{}", world.user), gone.clone())
        .await
        .ok();
    admin
        .meta("PATCH", &format!("partners/{}", world.partner), gone)
        .await
        .ok();
    for path in ["teams/Below", "teams/Top"] {
        for user in admin.meta("GET", "users", Json::Null).await.ok()["data"]
            .as_array()
            .expect("users")
        {
            let id = user["id"].as_str().expect("an id");
            if user["teams"] != json!([]) {
                admin
                    .meta("PATCH", &format!("users/{id}"), json!({"teams": []}))
                    .await
                    .ok();
            }
        }
        admin.meta("DELETE", path, Json::Null).await.status(204);
    }
    for (entry, grantee) in [
        ("userChanged", "user"),
        ("partnerChanged", "partner"),
        ("teamDeleted", "team"),
    ] {
        let entries = log(&world.app, entry).await;
        let told = entries
            .iter()
            .find_map(|entry| entry["details"]["shares"].as_array());
        let told = told.unwrap_or_else(|| panic!("{entry} tells no shares: {entries:?}"));
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["record"], json!(record));
        assert_eq!(told[0]["object"], json!(kind.name));
        assert!(told[0]["with"].get(grantee).is_some(), "{told:?}");
    }
    // The team is gone; the others may come back, and with them what is shared with them.
    let path = format!("shares?object={}&record={record}", kind.name);
    let listed = admin.meta("GET", &path, Json::Null).await.ok();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2), "{listed}");
}

#[tokio::test]
async fn who_has_a_record_by_a_share_alone_gives_it_for_no_longer_and_no_more() {
    let world = start().await;
    let admin = world.app.admin();
    let rules = world.kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let by = |access: &str| json!({"where": {"$shared": access}, "fields": ["name"]});
        let own = json!({"where": {"city": {"eq": "Utrecht"}}, "fields": ["name"]});
        rules
            .allow("read", kind.name, by("read"))
            .allow("read", kind.name, own)
            .allow("update", kind.name, by("write"))
            .allow("share", kind.name, json!({}))
    });
    let middle = world.app.role("middle", rules).await;
    let me = middle.get_path("/v1/auth/me", "").await.ok()["id"].clone();
    let at = |days: i64| {
        let instant = world.app.now() + Duration::days(days);
        json!(instant.format(&Rfc3339).expect("an instant"))
    };
    let until = |mut body: Json, end: Json| {
        body["until"] = end;
        body
    };
    for kind in world.kinds {
        let record = admin.make(kind.plural, json!({"name": "r"})).await;
        let given = |access: &str| body(kind, &record, json!({"user": me}), access);
        let on = |access: &str| body(kind, &record, json!({"user": world.user}), access);
        share(&admin, until(given("write"), at(7)))
            .await
            .status(201);
        share(&middle, until(on("write"), at(6))).await.status(201);
        share(&middle, until(on("read"), at(3))).await.status(201);
        for body in [
            on("read"),
            until(on("read"), at(8)),
            until(on("write"), at(8)),
        ] {
            let refused = share(&middle, body).await;
            refused.problem_at(422, "validation_failed", "/until");
        }
        // For reading without an end, for writing not at all.
        share(&admin, given("read")).await.status(201);
        share(&middle, on("read")).await.status(201);
        share(&middle, on("write")).await.problem(403, "forbidden");
        // What it sees without a share it may share as it likes.
        admin
            .patch(kind.plural, &record, json!({"city": "Utrecht"}))
            .await
            .ok();
        share(&admin, until(given("read"), at(1))).await.status(201);
        share(&middle, until(on("read"), at(30))).await.status(201);
    }
}
