//! Relation types with several object types at an end: attendees of a meeting that are people or leads.

mod access;
mod changes;
mod definitions;
mod graphql;
mod links;
mod lists;
mod rollups;
mod sets;

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// An id that no record has.
const NOTHING: &str = "0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00";

/// Defines leads and meetings, whose attendees are people (a standard type) and leads (a custom one).
async fn start() -> TestApp {
    let app = TestApp::start().await;
    let operations = json!([
        {"op": "addObjectType", "name": "lead", "plural": "leads", "title": "name",
         "fields": [{"name": "name", "type": "text", "required": true}, {"name": "score", "type": "integer"}]},
        {"op": "addObjectType", "name": "meeting", "plural": "meetings", "title": "subject",
         "fields": [{"name": "subject", "type": "text", "required": true}]},
        {"op": "addRelationType", "name": "attendance", "label": "Attendance",
         "source": {"object": "meeting", "name": "attendees", "label": "Attendees"},
         "target": {"objects": ["person", "lead"], "name": "meetings", "label": "Meetings"},
         "fields": [
            {"name": "acceptance", "type": "select", "options": [{"name": "yes"}, {"name": "no"}]},
            {"name": "minutes", "type": "integer"}]},
    ]);
    app.admin().change(operations).await.ok();
    app
}

/// A meeting with the person Ada and the leads Bob and Cid.
struct Meeting {
    id: String,
    ada: String,
    bob: String,
    cid: String,
    /// The links to them, in this order.
    links: [String; 3],
}

impl Meeting {
    async fn make(admin: &Client) -> Self {
        let id = meeting(admin, "Kick-off").await;
        let ada = person(admin, "Ada").await;
        let (bob, cid) = (lead(admin, "Bob", 10).await, lead(admin, "Cid", 30).await);
        let links = [
            attend(
                admin,
                &id,
                ("person", &ada),
                json!({"acceptance": "yes", "minutes": 60}),
            )
            .await,
            attend(
                admin,
                &id,
                ("lead", &bob),
                json!({"acceptance": "no", "minutes": 15}),
            )
            .await,
            attend(
                admin,
                &id,
                ("lead", &cid),
                json!({"acceptance": "yes", "minutes": 30}),
            )
            .await,
        ];
        Self {
            id,
            ada,
            bob,
            cid,
            links,
        }
    }

    /// `meetings/{id}/attendees`
    fn path(&self) -> String {
        format!("meetings/{}/attendees", self.id)
    }
}

async fn meeting(admin: &Client, subject: &str) -> String {
    admin.make("meetings", json!({"subject": subject})).await
}

async fn person(admin: &Client, name: &str) -> String {
    admin.make("people", json!({"lastName": name})).await
}

async fn lead(admin: &Client, name: &str, score: i32) -> String {
    admin
        .make("leads", json!({"name": name, "score": score}))
        .await
}

/// Links an attendee, and gives the id of the link.
async fn attend(admin: &Client, meeting: &str, who: (&str, &str), mut values: Json) -> String {
    values["type"] = json!(who.0);
    let path = format!("meetings/{meeting}/attendees");
    let made = admin.link(&path, who.1, values).await;
    let made = made.status(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

/// The ids of the members of a collection, in their order.
async fn members(client: &Client, path: &str, parameters: &str) -> Vec<String> {
    let list = client
        .get_path(&format!("/v1/data/{path}"), parameters)
        .await;
    list.status(200).ids()
}

/// The subjects of the meetings that a filter finds, sorted.
async fn subjects(client: &Client, filter: &Json) -> Vec<String> {
    let list = client.filter("meetings", filter, "sort=subject").await;
    list.status(200).column("subject")
}
