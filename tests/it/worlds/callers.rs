//! Who asks the worlds: a person and a key with the rights of a sight, and what these rights hang on.

use serde_json::{Value as Json, json};

use super::pair::Sight;
use crate::support::{Client, Kind, Rules, TestApp};

const PASSWORD: &str = "a password of a test";

/// The callers of a sight. `ids` are the records of either kind.
pub(super) async fn make(
    app: &TestApp,
    sight: Sight,
    (kinds, ids): ([Kind; 2], &[Vec<String>; 2]),
) -> Vec<Client> {
    app.add_role("narrow", &rules(sight, kinds)).await;
    match sight {
        Sight::Rows | Sight::Cells | Sight::Masked | Sight::ReadsOnly => vec![
            app.user(&["narrow"]).await,
            app.key(&["narrow"], json!({})).await,
        ],
        Sight::Shared => {
            let partner = partner(app, "Ours").await;
            let lead = json!({"name": "lead", "permissions": ["managePartnerAccess"]});
            app.admin().meta("POST", "roles", lead).await.status(201);
            let more = json!({"partner": partner, "roles": ["narrow", "lead"]});
            let (person, _) = person(app, "lead", more).await;
            for (kind, ids) in kinds.into_iter().zip(ids) {
                for (number, id) in utrecht(app, kind, ids).await.iter().enumerate() {
                    let access = ["write", "write", "read"][number % 3];
                    share(app, kind, id, (&partner, access, Json::Null)).await;
                }
            }
            vec![
                person,
                app.key(&["narrow"], json!({"partner": partner})).await,
            ]
        }
        Sight::Team => {
            for team in [
                json!({"name": "Top"}),
                json!({"name": "Below", "parent": "Top"}),
            ] {
                app.admin().meta("POST", "teams", team).await.status(201);
            }
            let top = json!({"teams": ["Top"], "roles": ["narrow"]});
            let (person, _) = self::person(app, "top", top).await;
            let (_, below) = self::person(app, "below", json!({"teams": ["Below"]})).await;
            for (kind, ids) in kinds.into_iter().zip(ids) {
                for id in utrecht(app, kind, ids).await {
                    let patch = json!({"ownerId": below});
                    app.admin().patch(kind.plural, &id, patch).await.ok();
                }
            }
            vec![person]
        }
    }
}

/// What differs of the rights of others, and of those that the callers had.
pub(super) async fn differ(
    app: &TestApp,
    (sight, world): (Sight, usize),
    (kind, hidden): (Kind, &[String]),
) {
    match sight {
        Sight::Rows | Sight::Cells | Sight::Masked | Sight::ReadsOnly => {}
        Sight::Shared => {
            let name = format!("Theirs {}", kind.name);
            let theirs = partner(app, &name).await;
            let ours = app.admin().get_path("/v1/meta/partners", "").await.ok();
            let ours = ours["data"].as_array().expect("partners").iter();
            let ours = ours.clone().find(|it| it["name"] == "Ours").expect("ours");
            let ours = ours["id"].as_str().expect("an id");
            if world == 1 {
                let email = format!("{}-theirs", kind.name);
                person(app, &email, json!({"partner": theirs})).await;
                app.key(&["narrow"], json!({"partner": theirs})).await;
            }
            for id in hidden.iter().skip(world) {
                share(app, kind, id, (&theirs, "write", Json::Null)).await;
                // Over when the callers ask.
                let until = app.now() + time::Duration::seconds(30);
                let until = until.format(&time::format_description::well_known::Rfc3339);
                let until = json!(until.expect("an instant"));
                share(app, kind, id, (ours, "write", until)).await;
            }
        }
        Sight::Team => {
            let email = format!("{}-nobody", kind.name);
            let (_, nobody) = person(app, &email, json!({})).await;
            for id in hidden.iter().skip(world) {
                let patch = json!({"ownerId": nobody});
                app.admin().patch(kind.plural, id, patch).await.ok();
            }
        }
    }
}

async fn utrecht(app: &TestApp, kind: Kind, ids: &[String]) -> Vec<String> {
    let filter = json!({"city": {"eq": "Utrecht"}});
    let found = app
        .admin()
        .filter(kind.plural, &filter, "fields=id&limit=200")
        .await;
    let found = found.ids();
    ids.iter()
        .filter(|id| found.contains(id))
        .cloned()
        .collect()
}

async fn partner(app: &TestApp, name: &str) -> String {
    let organization = app
        .admin()
        .make("organizations", json!({"name": name, "city": "Rome"}))
        .await;
    let partner = json!({"organization": organization, "name": name});
    let made = app.admin().meta("POST", "partners", partner).await;
    made.status(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// Somebody who has signed in, and the id.
async fn person(app: &TestApp, name: &str, more: Json) -> (Client, String) {
    let email = format!("{name}@example.com");
    let mut body = json!({"email": email, "name": name, "password": PASSWORD});
    body.as_object_mut()
        .expect("a body")
        .extend(more.as_object().cloned().unwrap_or_default());
    let made = app.admin().meta("POST", "users", body).await;
    let made = made.status(201).json();
    let id = made["id"].as_str().expect("an id").to_owned();
    (app.sign_in(&email, PASSWORD).await, id)
}

async fn share(
    app: &TestApp,
    kind: Kind,
    record: &str,
    (partner, access, until): (&str, &str, Json),
) {
    let body = json!({"object": kind.name, "record": record, "with": {"partner": partner},
        "access": access, "until": until});
    let made = app.admin().meta("POST", "shares", body).await;
    made.status(201);
}

/// The rules of the callers.
fn rules(sight: Sight, kinds: [Kind; 2]) -> Rules {
    let utrecht = json!({"city": {"eq": "Utrecht"}});
    let dutch = json!({"country": {"eq": "NL"}});
    let of = |fields: &[&str], condition: &Json| json!({"fields": fields, "where": condition});
    // Whoever writes what a rule asks for takes things into its sight, as it may: so nobody writes the country.
    let written = ["name", "city", "status", "parent", "founded"];
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let relation = format!("{}Alliance", kind.name);
        let rules = rules.allow("read", &relation, json!({"fields": ["since", "version"]}));
        let seen = super::vocabulary::SEEN;
        let rules = match sight {
            Sight::Rows => rules.allow("read", kind.name, of(seen, &utrecht)),
            Sight::Cells => {
                let some = [
                    "name", "city", "country", "status", "parent", "version", "updatedAt",
                ];
                let others = [
                    "name", "city", "country", "employeeCount", "weight", "listed", "version",
                ];
                rules.allow("read", kind.name, of(&some, &utrecht)).allow(
                    "read",
                    kind.name,
                    of(&others, &dutch),
                )
            }
            Sight::Masked => {
                let masked = ["description", "serial", "externalId", "annualRevenue"];
                let mut rule = of(&[seen, &masked].concat(), &utrecht);
                rule["masks"] = json!({"description": "null", "serial": "null", "externalId": "last4", "annualRevenue": "null"});
                rules.allow("read", kind.name, rule)
            }
            Sight::ReadsOnly => return rules.allow("read", kind.name, of(seen, &dutch)),
            Sight::Shared => {
                let (read, write) = (json!({"$shared": "read"}), json!({"$shared": "write"}));
                return rules
                    .allow("read", kind.name, of(seen, &read))
                    .allow("update", kind.name, of(&written, &write))
                    .allow("share", kind.name, json!({"where": write}))
                    .allow("link", kind.name, json!({"where": read}))
                    .allow("link", &relation, json!({"fields": ["since"]}));
            }
            Sight::Team => {
                let ours = json!({"ownerId": {"in": "$user.teamTree"}});
                return rules
                    .allow("read", kind.name, of(seen, &ours))
                    .allow(
                        "create",
                        kind.name,
                        json!({"fields": written, "presets": {"ownerId": "$user.id"}}),
                    )
                    .allow("update", kind.name, of(&written, &ours))
                    .allow("delete", kind.name, json!({"where": ours}))
                    .allow("link", kind.name, json!({"where": ours}))
                    .allow("link", &relation, json!({"fields": ["since"]}));
            }
        };
        rules
            .allow(
                "create",
                kind.name,
                json!({"fields": written, "check": utrecht}),
            )
            .allow("update", kind.name, of(&written, &utrecht))
            .allow("delete", kind.name, json!({"where": utrecht}))
            .allow("link", kind.name, json!({"where": utrecht}))
            .allow("link", &relation, json!({"fields": ["since"]}))
    })
}
