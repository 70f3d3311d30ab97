//! Rules as data: the rule set as one document, what another one would change, and putting it in force.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

async fn access(app: &TestApp) -> Json {
    app.admin().meta("GET", "access", Json::Null).await.ok()
}

async fn preview(client: &Client, wish: Json) -> Json {
    client.meta("POST", "access/preview", wish).await.ok()
}

async fn apply(client: &Client, wish: Json) -> Json {
    client.meta("POST", "access/apply", wish).await.ok()
}

/// A document with one role that has one rule to read.
fn reading(role: &str, object: &str, fields: Json, filter: Json) -> Json {
    let rule = json!({"object": object, "action": "read", "fields": fields, "where": filter});
    json!({"roles": [{"name": role, "label": role, "rules": [rule]}]})
}

/// What changes of one action on one type for a role.
fn effect(preview: &Json, role: &str, object: &str, action: &str) -> Json {
    let roles = preview["roles"].as_array().expect("roles");
    let role = roles.iter().find(|it| it["role"] == role);
    let role = role.unwrap_or_else(|| panic!("{preview:#}"));
    let effects = role["access"].as_array().expect("effects").iter();
    let mut effects = effects.filter(|it| it["object"] == object && it["action"] == action);
    effects.next().cloned().unwrap_or_default()
}

async fn in_city(app: &TestApp, kind: Kind, city: &str, number: usize) {
    for at in 0..number {
        let record = json!({"name": format!("{city}{at}"), "city": city});
        app.admin().make(kind.plural, record).await;
    }
}

/// The names of the examples, in order.
fn names(side: &Json) -> BTreeSet<String> {
    let examples = side["examples"].as_array().expect("examples").iter();
    examples
        .map(|it| it["displayName"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn a_preview_tells_what_applying_does() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        in_city(&app, kind, "Utrecht", 2).await;
        in_city(&app, kind, "Paris", 4).await;
        let role = format!("{}Clerk", kind.name);
        let utrecht = json!({"fields": ["name", "weight"], "where": {"city": {"eq": "Utrecht"}}});
        let clerk = Rules::none()
            .allow("read", kind.name, utrecht.clone())
            .allow("update", kind.name, utrecht);
        let clients = app.person_and_key(&role, clerk).await;
        let before = clients[0].list(kind.plural, "").await.ids();
        let wish = reading(
            &role,
            kind.name,
            json!(["name", "city"]),
            json!({"city": {"eq": "Paris"}}),
        );

        let told = preview(&app.admin(), wish.clone()).await;
        let state = access(&app).await;
        assert_eq!(told["version"], state["version"], "{told:#}");
        assert_eq!(told["complete"], true);
        assert_eq!(told["roles"].as_array().map(Vec::len), Some(1), "{told:#}");
        let change = &told["roles"][0];
        assert_eq!(change["change"], "changed");
        assert_eq!(
            change["holders"],
            json!({"users": 1, "keys": 1, "counted": 2})
        );
        assert_eq!(change["rules"]["added"].as_array().map(Vec::len), Some(1));
        assert_eq!(change["rules"]["removed"].as_array().map(Vec::len), Some(2));
        let read = effect(&told, &role, kind.name, "read");
        assert_eq!(read["allowed"], json!({"before": true, "after": true}));
        assert_eq!(read["gained"]["records"], 4, "{read:#}");
        assert_eq!(read["lost"]["records"], 2, "{read:#}");
        assert_eq!(read["gained"]["fields"], json!(["city"]));
        assert_eq!(read["lost"]["fields"], json!(["weight"]));
        assert_eq!(names(&read["gained"]).len(), 3, "three of four: {read:#}");
        let lost = BTreeSet::from(["Utrecht0".to_owned(), "Utrecht1".to_owned()]);
        assert_eq!(names(&read["lost"]), lost);
        let update = effect(&told, &role, kind.name, "update");
        assert_eq!(update["allowed"], json!({"before": true, "after": false}));
        assert_eq!(update["lost"]["records"], 2, "{update:#}");
        assert_eq!(update["gained"]["records"], 0, "{update:#}");

        // It has changed nothing, and what is done then is what it told.
        for client in &clients {
            assert_eq!(client.list(kind.plural, "").await.ids(), before);
        }
        assert_eq!(access(&app).await, state);
        let mut wish = wish;
        wish["expectedVersion"] = told["version"].clone();
        let done = apply(&app.admin(), wish.clone()).await;
        assert_eq!(done["roles"][0]["rules"], change["rules"], "{done:#}");
        // A user's session goes on under the new rules.
        for client in &clients {
            let after = client.list(kind.plural, "").await.ids();
            assert_eq!(after.len(), 4);
            assert!(after.iter().all(|id| !before.contains(id)));
        }
        let again = app.admin().meta("POST", "access/apply", wish).await;
        again.problem(409, "access_version_mismatch");
    }
}

#[tokio::test]
async fn records_are_counted_for_those_who_hold_the_role() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let own = json!({"where": {"ownerId": {"eq": "$user.id"}}});
    let rules = Rules::none().allow("read", kind.name, own);
    let [user, _] = app.person_and_key("owner", rules).await;
    let other = app.user(&["owner"]).await;
    let id_of = |me: Json| me["id"].as_str().expect("an id").to_owned();
    let me = id_of(user.get_path("/v1/auth/me", "").await.ok());
    let you = id_of(other.get_path("/v1/auth/me", "").await.ok());
    for (name, owner) in [
        ("a", &me),
        ("b", &me),
        ("c", &you),
        ("d", &you),
        ("e", &you),
    ] {
        let record = json!({"name": name, "ownerId": owner, "city": "Utrecht"});
        app.admin().make(kind.plural, record).await;
    }
    let nobody = json!({"name": "f", "city": "Utrecht"});
    app.admin().make(kind.plural, nobody).await;
    let wish = reading(
        "owner",
        kind.name,
        json!("*"),
        json!({"city": {"eq": "Utrecht"}, "name": {"neq": "a"}}),
    );
    // b to f: each of them is new to one of the users or to the key, which saw nothing; a goes for one.
    let told = preview(&app.admin(), wish.clone()).await;
    let read = effect(&told, "owner", kind.name, "read");
    assert_eq!(read["gained"]["records"], 5, "{read:#}");
    assert_eq!(read["lost"]["records"], 1, "{read:#}");
    assert_eq!(told["roles"][0]["holders"]["counted"], 3);

    // For one of them the numbers are its own.
    let mut for_one = wish.clone();
    for_one["principal"] = json!({"user": me});
    let told = preview(&app.admin(), for_one).await;
    assert_eq!(told["roles"][0]["access"], json!([]));
    assert_eq!(told["roles"][0]["holders"], Json::Null);
    let read = &told["principal"]["access"][0];
    assert_eq!(told["principal"]["roles"], json!(["owner"]));
    assert_eq!(read["gained"]["records"], 4, "{read:#}");
    assert_eq!(read["lost"]["records"], 1, "{read:#}");
    assert_eq!(names(&read["lost"]), BTreeSet::from(["a".to_owned()]));

    // Another role that grants all already leaves nothing to gain.
    app.add_role("all", &Rules::none().read(kind.name)).await;
    let both = json!({"roles": ["owner", "all"]});
    let path = format!("users/{me}");
    app.admin().meta("PATCH", &path, both).await.ok();
    let mut for_one = wish;
    for_one["principal"] = json!({"user": me});
    let told = preview(&app.admin(), for_one).await;
    assert_eq!(told["principal"]["access"], json!([]), "{told:#}");
}

#[tokio::test]
async fn what_a_key_gains_is_within_its_scopes() {
    let app = TestApp::start().await;
    let [_, kind] = Kind::both(&app).await;
    in_city(&app, kind, "Utrecht", 2).await;
    app.add_role("clerk", &Rules::none()).await;
    let scopes = json!({"scopes": [format!("data:{}:read(name)", kind.name)]});
    let key = app.create_key(&["clerk"], scopes).await;
    let wish = json!({
        "roles": [{"name": "clerk", "label": "clerk", "rules": [
            {"object": kind.name, "action": "read", "fields": ["name", "city"]},
            {"object": kind.name, "action": "update", "fields": ["name"]},
        ]}],
        "principal": {"key": key["id"]},
    });
    let told = preview(&app.admin(), wish.clone()).await;
    let access = told["principal"]["access"].as_array().expect("effects");
    assert_eq!(access.len(), 1, "{told:#}");
    assert_eq!(access[0]["action"], "read");
    assert_eq!(access[0]["gained"]["records"], 2);
    let fields = access[0]["gained"]["fields"].as_array().expect("fields");
    assert!(fields.contains(&json!("name")) && !fields.contains(&json!("city")));
    // The same as a holder of the role.
    let mut wish = wish;
    wish["principal"] = Json::Null;
    let told = preview(&app.admin(), wish).await;
    assert_eq!(told["roles"][0]["access"], json!(access), "{told:#}");
}

#[tokio::test]
async fn a_role_that_nobody_holds_is_counted_as_far_as_that_can_be() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    in_city(&app, kind, "Utrecht", 2).await;
    let open = reading(
        "open",
        kind.name,
        json!("*"),
        json!({"city": {"eq": "Utrecht"}}),
    );
    let told = preview(&app.admin(), open).await;
    assert_eq!(told["roles"][0]["change"], "created");
    assert_eq!(told["roles"][0]["holders"]["counted"], 0);
    let read = effect(&told, "open", kind.name, "read");
    assert_eq!(read["gained"]["records"], 2, "{read:#}");
    assert_eq!(read["unbound"], false);
    let own = reading(
        "own",
        kind.name,
        json!("*"),
        json!({"ownerId": {"eq": "$user.id"}}),
    );
    let told = preview(&app.admin(), own).await;
    let read = effect(&told, "own", kind.name, "read");
    assert_eq!(read["gained"]["records"], 0, "{read:#}");
    assert_eq!(read["unbound"], true, "{read:#}");
}

#[tokio::test]
async fn those_who_inherit_gain_and_lose_too() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    in_city(&app, kind, "Utrecht", 3).await;
    app.add_role("base", &Rules::none()).await;
    let heir = json!({"name": "heir", "inherits": ["base"]});
    app.admin().meta("POST", "roles", heir).await.status(201);
    app.user(&["heir"]).await;
    let wish = json!({"roles": [{"name": "base", "label": "Base", "permissions": ["manageCurrencies"],
        "rules": [{"object": kind.name, "action": "read", "fields": ["name"]}]}]});
    let told = preview(&app.admin(), wish.clone()).await;
    let changes: Vec<(&Json, &Json)> = told["roles"]
        .as_array()
        .expect("roles")
        .iter()
        .map(|role| (&role["role"], &role["change"]))
        .collect();
    assert_eq!(
        changes,
        [
            (&json!("base"), &json!("changed")),
            (&json!("heir"), &json!("inherited"))
        ]
    );
    let read = effect(&told, "heir", kind.name, "read");
    assert_eq!(read["gained"]["records"], 3, "{told:#}");
    for role in [0, 1] {
        let gained = &told["roles"][role]["permissions"]["gained"];
        assert_eq!(*gained, json!(["manageCurrencies"]), "{told:#}");
    }
    let members = &told["roles"][0]["members"];
    assert_eq!(
        members["label"],
        json!({"before": "base", "after": "Base"}),
        "{told:#}"
    );
    // A document that takes the inheritance away takes the sight away.
    apply(&app.admin(), wish).await;
    let alone = json!({"roles": [{"name": "heir"}]});
    let told = preview(&app.admin(), alone).await;
    let read = effect(&told, "heir", kind.name, "read");
    assert_eq!(read["lost"]["records"], 3, "{told:#}");
    assert_eq!(read["allowed"]["after"], false);
    assert_eq!(
        told["roles"][0]["permissions"]["lost"],
        json!(["manageCurrencies"])
    );
}

#[tokio::test]
async fn masks_and_cells_are_told_as_fields() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    in_city(&app, kind, "Utrecht", 1).await;
    let rules = Rules::none().allow("read", kind.name, json!({"fields": ["name", "city"]}));
    app.person_and_key("clerk", rules).await;
    let wish = json!({"roles": [{"name": "clerk", "label": "clerk", "rules": [
        {"object": kind.name, "action": "read", "fields": ["name", "city"], "masks": {"name": "last4"},
         "where": {"city": {"neq": "Paris"}}},
        {"object": kind.name, "action": "read", "fields": ["name"]},
        {"object": kind.name, "action": "create", "fields": ["name"]},
    ]}]});
    let told = preview(&app.admin(), wish).await;
    let read = effect(&told, "clerk", kind.name, "read");
    assert_eq!(read["changed"], json!(["city"]), "{read:#}");
    let create = effect(&told, "clerk", kind.name, "create");
    assert_eq!(create["gained"]["fields"], json!(["name"]), "{create:#}");
    assert_eq!(create["gained"]["records"], Json::Null);
    let masked = json!({"roles": [{"name": "clerk", "label": "clerk", "rules": [
        {"object": kind.name, "action": "read", "fields": ["name", "city"], "masks": {"name": "last4"}},
    ]}]});
    let told = preview(&app.admin(), masked).await;
    let read = effect(&told, "clerk", kind.name, "read");
    assert_eq!(read["masked"], json!(["name"]), "{read:#}");
    assert_eq!(read["lost"]["fields"], json!(["name"]));
}

#[tokio::test]
async fn all_faults_of_a_rule_set_are_told_at_their_places() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let state = access(&app).await;
    let wish = json!({"roles": [
        {"name": "Bad name", "label": " "},
        {"name": "twice"}, {"name": "twice"},
        {"name": "heir", "inherits": ["nobody", "loop"], "rules": [
            {"object": "nothing", "action": "read", "fields": "*"},
            {"object": kind.name, "action": "read", "fields": ["name", "nothing"],
             "where": {"nowhere": {"eq": 1}}},
            {"role": "other", "object": kind.name, "action": "delete"},
        ]},
        {"name": "loop", "inherits": ["heir"]},
    ]});
    for path in ["access/preview", "access/apply"] {
        let refused = app.admin().meta("POST", path, wish.clone()).await;
        // Names that nothing has are among them.
        let told = refused.problem(400, "unknown_field");
        let places: Vec<&str> = told["errors"]
            .as_array()
            .expect("faults")
            .iter()
            .filter_map(|fault| fault["pointer"].as_str())
            .collect();
        for place in [
            "/roles/0/name",
            "/roles/0/label",
            "/roles/2/name",
            "/roles/3/inherits/0",
            "/roles/3/inherits/1",
            "/roles/3/rules/0/object",
            "/roles/3/rules/1/fields/1",
            "/roles/3/rules/1/where/nowhere",
            "/roles/3/rules/2/role",
            "/roles/4/inherits/0",
        ] {
            assert!(places.contains(&place), "{place} in {places:?}");
        }
    }
    for (body, place) in [
        (json!({}), "/roles"),
        (
            json!({"roles": [{"name": "x", "permissions": ["fly"]}]}),
            "/roles/0/permissions/0",
        ),
        (
            json!({"roles": [], "principal": {"user": "x"}}),
            "/principal/user",
        ),
    ] {
        let refused = app.admin().meta("POST", "access/preview", body).await;
        refused.problem_at(422, "validation_failed", place);
    }
    assert_eq!(access(&app).await, state);
}

#[tokio::test]
async fn a_rule_set_is_applied_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let admin = app.admin();
    let held = app.role("held", Rules::none().read(kind.name)).await;
    app.add_role("free", &Rules::none()).await;
    app.key(&["held"], json!({})).await;
    let state = access(&app).await;
    let administrator = state["roles"][0].clone();
    assert_eq!(administrator["name"], "administrator");
    // Nobody may be left without one who manages access; nobody loses a role by a document that forgets it;
    // keys get no permissions.
    let new = json!({"name": "new", "rules": [{"object": kind.name, "action": "delete"}]});
    for wish in [
        json!({"roles": [new, {"name": "administrator"}]}),
        json!({"roles": [new, administrator], "prune": true}),
        json!({"roles": [new, {"name": "held", "permissions": ["manageSchema"]}]}),
    ] {
        for path in ["access/preview", "access/apply"] {
            let refused = admin.meta("POST", path, wish.clone()).await;
            refused.problem(409, "conflict");
        }
        assert_eq!(access(&app).await, state);
    }
    held.list(kind.plural, "").await.ok();
    // What it has already is no change.
    let same = json!({"roles": state["roles"], "prune": true});
    assert_eq!(preview(&admin, same.clone()).await["roles"], json!([]));
    let done = apply(&admin, same).await;
    assert_eq!(done, json!({"version": state["version"], "roles": []}));
    assert_eq!(access(&app).await, state);
    // And with prune, what it does not have goes.
    let kept: Vec<&Json> = state["roles"].as_array().expect("roles").iter().collect();
    let kept: Vec<&Json> = kept.into_iter().filter(|it| it["name"] != "free").collect();
    let wish = json!({"roles": kept, "prune": true});
    let told = preview(&admin, wish.clone()).await;
    assert_eq!(told["roles"][0]["change"], "deleted", "{told:#}");
    let done = apply(&admin, wish).await;
    let after = access(&app).await;
    assert_eq!(after["version"], done["version"]);
    assert_eq!(after["roles"], json!(kept));
}

#[tokio::test]
async fn the_order_of_rules_is_that_of_the_document() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let rule = |city: &str| json!({"object": kind.name, "action": "update", "fields": ["name"], "presets": {"city": city}});
    let read = json!({"object": kind.name, "action": "read", "fields": "*"});
    let clerk = |rules: Json| json!({"roles": [{"name": "clerk", "rules": rules}]});
    let admin = app.admin();
    let id = app.admin().make(kind.plural, json!({"name": "x"})).await;
    apply(&admin, clerk(json!([read, rule("A"), rule("B")]))).await;
    let client = app.user(&["clerk"]).await;
    for (rules, city) in [
        (json!([read, rule("A"), rule("B")]), "A"),
        (json!([rule("B"), read, rule("A")]), "B"),
        (json!([rule("C"), rule("B"), read]), "C"),
        (json!([read, rule("B"), rule("C")]), "B"),
    ] {
        apply(&admin, clerk(rules.clone())).await;
        let written = client.patch(kind.plural, &id, json!({"name": "y"})).await;
        assert_eq!(written.ok()["city"], city, "{rules}");
        let state = access(&app).await;
        let known = state["roles"].as_array().expect("roles").iter();
        let mut known = known.filter(|role| role["name"] == "clerk");
        let shown = known.next().expect("the role");
        let shown: Vec<&Json> = shown["rules"].as_array().expect("rules").iter().collect();
        assert_eq!(shown.len(), 3);
        for (shown, wanted) in shown.iter().zip(rules.as_array().expect("rules")) {
            assert_eq!(shown["presets"], wanted["presets"], "{state:#}");
        }
    }
}

#[tokio::test]
async fn rules_about_what_is_deleted_are_in_no_document() {
    let app = TestApp::start().await;
    let [_, kind] = Kind::both(&app).await;
    let rules = Rules::none()
        .allow("read", kind.name, json!({"fields": ["name", "weight"]}))
        .allow("read", kind.name, json!({"where": {"weight": {"gt": "1"}}}));
    app.add_role("clerk", &rules).await;
    let operation = json!({"op": "deleteField", "object": kind.name, "field": "weight"});
    app.admin().change(json!([operation])).await.ok();
    let state = access(&app).await;
    let known = state["roles"].as_array().expect("roles").iter();
    let clerk = known.filter(|role| role["name"] == "clerk");
    let clerk: Vec<&Json> = clerk.collect();
    let rules = json!([{"object": kind.name, "action": "read", "fields": ["name"]}]);
    assert_eq!(clerk[0]["rules"], rules, "{state:#}");
    // Applied, they are gone for good: the field that comes back brings no right along.
    apply(&app.admin(), json!({"roles": state["roles"]})).await;
    let listed = app
        .admin()
        .meta("GET", "roles/clerk/rules", Json::Null)
        .await
        .ok();
    let valid: Vec<&Json> = listed["data"].as_array().expect("rules").iter().collect();
    assert_eq!(valid.len(), 1, "{listed:#}");
    assert_eq!(valid[0]["fields"], json!(["name"]), "{listed:#}");
}

#[tokio::test]
async fn only_those_who_manage_access_look_and_apply() {
    let app = TestApp::start().await;
    let [_, kind] = Kind::both(&app).await;
    in_city(&app, kind, "Utrecht", 2).await;
    let wish = reading("spy", kind.name, json!("*"), json!({}));
    let mut clients = app
        .person_and_key("none", Rules::none().read(kind.name))
        .await
        .to_vec();
    // Who manages the people of a partner manages no rules.
    let admin = app.admin();
    let organization = admin.make("organizations", json!({"name": "P"})).await;
    let partner = json!({"organization": organization, "name": "P"});
    let partner = admin.meta("POST", "partners", partner).await.ok();
    let lead = json!({"name": "lead", "permissions": ["managePartnerAccess"]});
    admin.meta("POST", "roles", lead).await.status(201);
    let password = "a password of a test";
    let user = json!({"email": "lead@example.com", "name": "L", "password": password,
        "partner": partner["id"], "roles": ["lead"]});
    admin.meta("POST", "users", user).await.status(201);
    clients.push(app.sign_in("lead@example.com", password).await);
    for client in &clients {
        for (method, path, body) in [
            ("GET", "access", Json::Null),
            ("POST", "access/preview", wish.clone()),
            ("POST", "access/apply", wish.clone()),
        ] {
            let refused = client.meta(method, path, body).await;
            refused.problem(403, "forbidden");
        }
        let contract = client.get_path("/openapi.json", "").await.ok();
        let paths = contract["paths"].as_object().expect("paths");
        assert!(
            paths
                .keys()
                .all(|path| !path.starts_with("/v1/meta/access"))
        );
    }
    // Who manages access and reads no records learns how many there are, and none by name.
    let manager = json!({"name": "manager", "permissions": ["manageAccess"]});
    admin.meta("POST", "roles", manager).await.status(201);
    let manager = app.user(&["manager"]).await;
    let told = preview(&manager, wish).await;
    let read = effect(&told, "spy", kind.name, "read");
    assert_eq!(read["gained"]["records"], 2, "{read:#}");
    assert_eq!(read["gained"]["examples"], json!([]), "{read:#}");
    // It stands in the log that somebody has looked, and at what.
    let log = admin
        .meta("GET", "audit?kind=accessPreviewed", Json::Null)
        .await
        .ok();
    let entries = log["data"].as_array().expect("entries");
    assert_eq!(entries.len(), 1, "{log:#}");
    let rules = &entries[0]["details"]["roles"][0]["rules"]["added"];
    assert_eq!(rules[0]["object"], kind.name, "{log:#}");
}

#[tokio::test]
async fn the_log_tells_each_role_and_its_version() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let admin = app.admin();
    let clerk = Rules::none().read(kind.name);
    app.add_role("clerk", &clerk).await;
    app.add_role("gone", &clerk).await;
    let state = access(&app).await;
    let wish = json!({"prune": true, "roles": [
        state["roles"][0],
        {"name": "clerk", "label": "Clerk", "rules": [{"object": kind.name, "action": "read", "fields": ["name"]}]},
        {"name": "other"},
    ]});
    let done = apply(&admin, wish).await;
    let log = admin.meta("GET", "audit?limit=3", Json::Null).await.ok();
    let entries = log["data"].as_array().expect("entries");
    let mut kinds: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry["kind"].as_str())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["roleChanged", "roleCreated", "roleDeleted"]);
    for entry in entries {
        let details = &entry["details"];
        assert_eq!(details["accessVersion"], done["version"], "{entry:#}");
        match entry["kind"].as_str().expect("a kind") {
            "roleChanged" => {
                assert_eq!(details["before"]["label"], "clerk");
                assert_eq!(details["after"]["label"], "Clerk");
                assert_eq!(details["rules"]["added"][0]["fields"], json!(["name"]));
                assert_eq!(details["rules"]["removed"][0]["fields"], "*");
            }
            "roleCreated" => assert_eq!(details["after"]["name"], "other"),
            _ => assert_eq!(details["rules"][0]["fields"], "*", "{entry:#}"),
        }
    }
    // One change at a time tells its version as well.
    admin
        .meta("DELETE", "roles/other", Json::Null)
        .await
        .status(204);
    let log = admin.meta("GET", "audit?limit=1", Json::Null).await.ok();
    let version = access(&app).await["version"].clone();
    assert_eq!(log["data"][0]["details"]["accessVersion"], version);
}

#[tokio::test]
async fn the_version_is_an_entity_tag() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let shown = admin.meta("GET", "access", Json::Null).await;
    let tag = shown.header("etag").expect("a tag").to_owned();
    assert_eq!(tag, format!("\"{}\"", shown.ok()["version"]));
    let conditional = |method: &str, path: &str, name: &'static str, tag: &str, body: Json| {
        let method = method.parse().expect("a method");
        let request = admin.request(method, path).header(name, tag);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        admin.send(request)
    };
    let known = conditional("GET", "/v1/meta/access", "if-none-match", &tag, Json::Null).await;
    known.status(304);
    let wish = json!({"roles": [{"name": "clerk"}]});
    let path = "/v1/meta/access/apply";
    let applied = conditional("POST", path, "if-match", &tag, wish.clone()).await;
    applied.status(200);
    assert_ne!(applied.header("etag"), Some(&*tag));
    let stale = conditional("POST", path, "if-match", &tag, wish.clone()).await;
    stale.problem(412, "version_mismatch");
    let looked = "/v1/meta/access/preview";
    let stale = conditional("POST", looked, "if-match", &tag, wish.clone()).await;
    stale.problem(412, "version_mismatch");
    // The body says the same for itself.
    let mut named = wish.clone();
    named["expectedVersion"] = shown.ok()["version"].clone();
    let stale = admin.meta("POST", "access/apply", named.clone()).await;
    stale.problem(409, "access_version_mismatch");
    let both = conditional("POST", path, "if-match", &tag, named.clone()).await;
    both.problem(412, "version_mismatch");
    let apart = conditional("POST", path, "if-match", "\"1\"", named).await;
    apart.problem(400, "invalid_header");
    let malformed = conditional("POST", path, "if-match", "three", wish).await;
    malformed.problem(400, "invalid_header");
    let shown = conditional("GET", "/v1/meta/access", "if-none-match", &tag, Json::Null).await;
    shown.status(200);
}

#[tokio::test]
async fn a_role_of_very_many_rules_is_applied_and_read_by() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let rule = |kind: Kind, number: usize| {
        json!({"object": kind.name, "action": "read", "fields": ["name", "city"],
            "where": {"name": {"eq": format!("n{number}")}}})
    };
    let rules = |most: usize| -> Vec<Json> {
        let rules = (0..most).map(|number| rule(kinds[number % 2], number));
        rules.collect()
    };
    let many = json!({"roles": [{"name": "many", "rules": rules(1_000)}]});
    app.admin().meta("POST", "access/apply", many).await.ok();
    let too_many = json!({"roles": [{"name": "more", "rules": rules(1_001)}]});
    let refused = app.admin().meta("POST", "access/preview", too_many).await;
    refused.problem_at(422, "validation_failed", "/roles/0/rules");
    let roles: Vec<Json> = (0..501)
        .map(|at| json!({"name": format!("r{at}")}))
        .collect();
    let too_many = json!({"roles": roles});
    let refused = app.admin().meta("POST", "access/apply", too_many).await;
    refused.problem_at(422, "validation_failed", "/roles");
    for client in [
        app.user(&["many"]).await,
        app.key(&["many"], json!({})).await,
    ] {
        for (at, kind) in kinds.into_iter().enumerate() {
            let seen = format!("n{}", 998 + at);
            kind.make(&app.admin(), &seen).await;
            kind.make(&app.admin(), "elsewhere").await;
            let found = client.list(kind.plural, "fields=name").await.column("name");
            assert!(found.iter().all(|name| name.contains(&seen)), "{found:?}");
            assert!(!found.is_empty());
            let document = kind.document("{ things { nodes { name } } }");
            client.graphql(&document, Json::Null).await.data();
        }
    }
}

#[tokio::test]
async fn examples_count_among_the_queries_of_a_preview() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    kind.make(&app.admin(), "a").await;
    // Roles of which each gains the record on a condition of its own: a count, and a look for examples.
    let wish = |roles: usize| {
        let roles = (0..roles).map(|at| {
            let condition = json!({"name": {"neq": format!("n{at:03}")}});
            let rule = json!({"object": kind.name, "action": "read", "fields": ["name"], "where": condition});
            json!({"name": format!("r{at:03}"), "rules": [rule]})
        });
        json!({"roles": roles.collect::<Vec<_>>()})
    };
    let told = preview(&app.admin(), wish(20)).await;
    assert_eq!(told["complete"], true);
    let told = preview(&app.admin(), wish(201)).await;
    assert_eq!(told["complete"], false);
    let gained = |at: usize| told["roles"][at]["access"][0]["gained"].clone();
    assert_eq!(gained(199)["records"], 1, "{:#}", gained(199));
    assert_eq!(names(&gained(199)), BTreeSet::from(["a".to_owned()]));
    assert_eq!(gained(200)["records"], Json::Null, "{:#}", gained(200));
    assert_eq!(gained(200)["fields"], json!(["id", "name"]));
}
