//! What is different between the worlds: everything that the callers may not see, and nothing else.

use serde_json::{Value as Json, json};

use super::{callers, chance::Chance, pair::Sight};
use crate::support::{Kind, TestApp};

/// Makes the differences of one world and gives the ids of what there is in it alone.
pub(super) async fn make(
    app: &TestApp,
    (sight, world): (Sight, usize),
    (kinds, ids): ([Kind; 2], &[Vec<String>; 2]),
    links: &[String],
) -> [Vec<String>; 2] {
    let mut chance = Chance::new(100 + world as u64);
    let mut made = [Vec::new(), Vec::new()];
    for (at, kind) in kinds.into_iter().enumerate() {
        let own = &ids[at];
        let mut hidden = Vec::new();
        for id in own {
            let record = app.admin().get(kind.plural, id).await.ok();
            if cells(sight, &record).is_empty() {
                hidden.push(id.clone());
            } else {
                // Both worlds change just these, so that the versions stay alike.
                change_cells(app, kind, (id, &record), (sight, world)).await;
            }
        }
        callers::differ(app, (sight, world), (kind, &hidden)).await;
        for id in &hidden {
            change_record(app, kind, id, (&mut chance, own)).await;
        }
        for number in 0..=2 * world {
            let id = add_record(app, kind, (number, world), (&mut chance, own)).await;
            add_links(app, kind, &id, (&mut chance, own)).await;
            made[at].push(id);
        }
    }
    change_links(app, kinds, links, world).await;
    add_type(app, world).await;
    made
}

/// The fields of a record that no caller sees; none when the record is not seen at all.
fn cells(sight: Sight, record: &Json) -> Vec<&'static str> {
    let (utrecht, dutch) = (record["city"] == "Utrecht", record["country"] == "NL");
    let always = ["description", "serial", "externalId", "annualRevenue"];
    let more: &[&str] = match (sight, utrecht, dutch) {
        (Sight::Rows | Sight::Masked | Sight::Shared | Sight::Team, true, _)
        | (Sight::ReadsOnly, _, true) => &[],
        (Sight::Cells, true, true) => &["founded", "kinds"],
        (Sight::Cells, true, false) => &["founded", "kinds", "employeeCount", "weight", "listed"],
        (Sight::Cells, false, true) => &["founded", "kinds", "status", "parent"],
        _ => return Vec::new(),
    };
    always.into_iter().chain(more.iter().copied()).collect()
}

async fn change_cells(
    app: &TestApp,
    kind: Kind,
    (id, record): (&str, &Json),
    (sight, world): (Sight, usize),
) {
    let mut patch = json!({});
    for field in cells(sight, record) {
        patch[field] = match field {
            "serial" => json!((1_000 + world).to_string()),
            "externalId" => json!(format!("hidden {world} {id}")),
            "annualRevenue" => json!({"amount": format!("{}", 7 + world), "currency": "EUR"}),
            "employeeCount" => json!(100 + world),
            "weight" => json!(format!("{}.125", 100 + world)),
            "listed" => json!(world == 0),
            "founded" => json!(format!("199{world}-01-01")),
            "kinds" => json!([["supplier"], ["carrier"]][world]),
            "status" => json!(["active", "inactive"][world]),
            "parent" => json!(if world == 0 { Json::Null } else { json!(id) }),
            _ => json!(format!("hidden {world}")),
        };
    }
    app.admin().patch(kind.plural, id, patch).await.ok();
}

/// Somewhere where no caller looks.
fn elsewhere(chance: &mut Chance) -> Json {
    json!({"city": chance.pick(&["Paris", "Rome"]), "country": chance.pick(&["FR", "IT"]),
        "employeeCount": chance.below(60), "status": chance.pick(&["active", "inactive"]),
        "weight": format!("{}.500", chance.below(60)), "founded": "1999-09-09"})
}

async fn change_record(
    app: &TestApp,
    kind: Kind,
    id: &str,
    (chance, own): (&mut Chance, &[String]),
) {
    let mut patch = elsewhere(chance);
    patch["name"] = json!(format!("n{}", chance.below(30)));
    if chance.one_in(2) {
        patch["parent"] = json!(live(app, kind, chance, own).await);
    }
    app.admin().patch(kind.plural, id, patch).await.ok();
    if chance.one_in(3) {
        app.admin().delete(kind.plural, id).await.status(204);
    }
}

async fn add_record(
    app: &TestApp,
    kind: Kind,
    (number, world): (usize, usize),
    (chance, own): (&mut Chance, &[String]),
) -> String {
    let mut record = elsewhere(chance);
    record["name"] = json!(format!("n{}", chance.below(30)));
    record["externalId"] = json!(format!("only in {world}, {number}"));
    record["parent"] = json!(live(app, kind, chance, own).await);
    app.admin().make(kind.plural, record).await
}

/// Links between a hidden record and any others.
async fn add_links(app: &TestApp, kind: Kind, id: &str, (chance, own): (&mut Chance, &[String])) {
    for side in ["allies", "alliedBy"] {
        let other = live(app, kind, chance, own).await;
        let path = format!("{}/{id}/{side}", kind.plural);
        let terms = json!({"terms": "hidden"});
        app.admin().link(&path, &other, terms).await.status(201);
    }
}

/// The id of a record that is not deleted.
async fn live(app: &TestApp, kind: Kind, chance: &mut Chance, own: &[String]) -> String {
    let list = app
        .admin()
        .list(kind.plural, "fields=id&limit=200")
        .await
        .ids();
    let live: Vec<&String> = own.iter().filter(|id| list.contains(id)).collect();
    live[chance.below(live.len())].clone()
}

/// The hidden field of each link.
async fn change_links(app: &TestApp, kinds: [Kind; 2], links: &[String], world: usize) {
    for kind in kinds {
        let query =
            json!({"select": {"allies": {"select": {"link": true}, "limit": 200}}, "limit": 200});
        let found = app.admin().query(kind.plural, &query).await.ok();
        for record in found["data"].as_array().expect("records") {
            for member in record["allies"]["data"].as_array().expect("members") {
                let link = member["link"]["id"].as_str().expect("a link");
                if links.iter().any(|known| known == link) {
                    let from = record["id"].as_str().expect("an id");
                    let path = format!("/v1/data/{}/{from}/allies/{link}", kind.plural);
                    let terms = json!({"terms": format!("hidden {world}")});
                    app.admin().call("PATCH", &path, &terms).await.ok();
                }
            }
        }
    }
}

/// A type that points at one that the callers see.
async fn add_type(app: &TestApp, world: usize) {
    let (name, plural) = [("project", "projects"), ("deal", "deals")][world];
    let inverse = json!({"name": (["plans", "secretPlans"][world])});
    let field =
        json!({"name": "for", "type": "reference", "target": "organization", "inverse": inverse});
    let operation =
        json!({"op": "addObjectType", "name": name, "plural": plural, "fields": [field]});
    app.admin().change(json!([operation])).await.ok();
}
