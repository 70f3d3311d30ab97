//! Relation types: links that hold for a period, links that say the same from either end, how many
//! links there may be, and what of them a caller may choose by.

mod counts;
mod limits;
mod periods;
mod sight;
mod symmetric;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Defines a temporal relation from people to organizations, standard types, and one between custom
/// ones: chief executives, of whom an organization has one at a time.
pub(crate) async fn define_chiefs(app: &TestApp) -> [Chiefs; 2] {
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "captain", "plural": "captains",
         "fields": [{"name": "name", "type": "text", "required": true}]},
        {"op": "addObjectType", "name": "vessel", "plural": "vessels",
         "fields": [{"name": "name", "type": "text", "required": true}]},
        relation("leadership", "person", "organization"),
        relation("command", "captain", "vessel"),
    ]);
    admin.change(operations).await.ok();
    [
        Chiefs {
            people: "people",
            houses: "organizations",
            relation: "leadership",
            house: "organization",
            person: "person",
        },
        Chiefs {
            people: "captains",
            houses: "vessels",
            relation: "command",
            house: "vessel",
            person: "captain",
        },
    ]
}

fn relation(name: &str, person: &str, house: &str) -> Json {
    json!({
        "op": "addRelationType", "name": name, "temporal": true,
        "source": {"object": person, "name": "leads"},
        "target": {"object": house, "name": "chiefs", "cardinality": "one"},
        "fields": [{"name": "role", "type": "text"}],
    })
}

/// Two types and the relation between them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chiefs {
    people: &'static str,
    houses: &'static str,
    relation: &'static str,
    house: &'static str,
    person: &'static str,
}

impl Chiefs {
    async fn person(self, client: &Client, name: &str) -> String {
        let values = if self.people == "people" {
            json!({"firstName": name, "lastName": name})
        } else {
            json!({"name": name})
        };
        client.make(self.people, values).await
    }

    async fn house(self, client: &Client, name: &str) -> String {
        client.make(self.houses, json!({"name": name})).await
    }

    /// `{houses}/{id}/chiefs`
    fn chiefs(self, house: &str) -> String {
        format!("{}/{house}/chiefs", self.houses)
    }
}
