//! Whole collections in one write: members added, removed and set, over both faces.

mod links;
mod members;
mod ordered;
mod parallel;
mod periods;
mod sight;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Two types with a relation between them, and a third one whose records refer to the second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fleet {
    crew: &'static str,
    person: &'static str,
    ships: &'static str,
    ship: &'static str,
    relation: &'static str,
}

/// Standard types, and custom ones.
pub(crate) async fn define(app: &TestApp) -> [Fleet; 2] {
    let fleets = [
        Fleet {
            crew: "people",
            person: "person",
            ships: "organizations",
            ship: "organization",
            relation: "service",
        },
        Fleet {
            crew: "sailors",
            person: "sailor",
            ships: "vessels",
            ship: "vessel",
            relation: "duty",
        },
    ];
    let mut operations = vec![
        json!({"op": "addObjectType", "name": "sailor", "plural": "sailors",
            "fields": [{"name": "lastName", "type": "text", "required": true}]}),
        json!({"op": "addObjectType", "name": "vessel", "plural": "vessels",
            "fields": [{"name": "name", "type": "text", "required": true}]}),
    ];
    for fleet in fleets {
        let boats = format!("{}Boats", fleet.ship);
        operations.push(json!({"op": "addRelationType", "name": fleet.relation,
            "source": {"object": fleet.person, "name": "serves"},
            "target": {"object": fleet.ship, "name": "crew"},
            "fields": [{"name": "rank", "type": "text"}, {"name": "pay", "type": "integer"}]}));
        operations.push(
            json!({"op": "addObjectType", "name": format!("{}Boat", fleet.ship), "plural": boats,
            "fields": [{"name": "name", "type": "text", "required": true},
                {"name": "ship", "type": "reference", "target": fleet.ship,
                 "inverse": {"name": "boats", "label": "Boats"}}]}),
        );
        for (name, of) in [("crewCount", "crew"), ("boatCount", "boats")] {
            operations.push(json!({"op": "addField", "object": fleet.ship, "field":
                {"name": name, "type": "rollup", "of": of, "function": "count"}}));
        }
    }
    app.admin().change(Json::Array(operations)).await.ok();
    fleets
}

impl Fleet {
    async fn person(self, client: &Client, name: &str) -> String {
        client.make(self.crew, json!({"lastName": name})).await
    }

    async fn people<const N: usize>(self, client: &Client, names: [&str; N]) -> [String; N] {
        let mut made = Vec::with_capacity(N);
        for name in names {
            made.push(self.person(client, name).await);
        }
        made.try_into().expect("as many as there are names")
    }

    async fn ship(self, client: &Client, name: &str) -> String {
        client.make(self.ships, json!({"name": name})).await
    }

    fn boats(self) -> String {
        format!("{}Boats", self.ship)
    }

    async fn boat(self, client: &Client, name: &str) -> String {
        client.make(&self.boats(), json!({"name": name})).await
    }

    /// `/v1/data/{ships}/{id}/crew`
    fn crew(self, ship: &str) -> String {
        format!("/v1/data/{}/{ship}/crew", self.ships)
    }

    /// The names of the crew, in order.
    async fn aboard(self, client: &Client, ship: &str) -> Vec<String> {
        let crew = client.get_path(&self.crew(ship), "sort=lastName").await;
        crew.column("lastName")
    }

    /// The names of the boats, in order.
    async fn boats_of(self, client: &Client, ship: &str) -> Vec<String> {
        let path = format!("/v1/data/{}/{ship}/boats", self.ships);
        client.get_path(&path, "sort=name").await.column("name")
    }

    /// A GraphQL document about the standard types, of these.
    fn document(self, text: &str) -> String {
        let pascal = |name: &str| name[..1].to_uppercase() + &name[1..];
        text.replace("Ship", &pascal(self.ship))
            .replace("ship", self.ship)
    }
}
