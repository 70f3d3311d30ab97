//! What events keep of fields that are not audited: nothing, in creates, updates and deletes.

use sea_orm::{Database as Connector, EntityTrait, QueryOrder};
use serde_json::{Value as Json, json};

use super::{Database, open};
use crate::{change::Changeset, request::WriteRequest};

#[tokio::test]
async fn events_leave_out_what_is_not_audited() {
    let database = open().await;
    let operations = json!({"operations": [
        {"op": "updateField", "object": "organization", "field": "city", "audited": false},
    ]});
    let changeset = Changeset::parse(operations).expect("a changeset");
    let engine = &database.engine;
    engine
        .apply(&super::system(), &changeset)
        .await
        .expect("the field changes");
    let values = json!({"name": "Acme", "city": "Utrecht"});
    let id = database.create("organizations", values).await;
    let object = || "organizations".to_owned();
    for patch in [
        json!({"city": "Delft"}),
        json!({"city": "Gouda", "name": "Acme NV"}),
    ] {
        let Json::Object(patch) = patch else {
            panic!("a patch is an object")
        };
        let update = WriteRequest::Update {
            object: object(),
            id: id.clone(),
            patch,
            if_match: None,
        };
        database.write(update).await.expect("the record changes");
    }
    let delete = WriteRequest::Delete {
        object: object(),
        id,
        if_match: None,
    };
    database.write(delete).await.expect("the record goes");

    let events = record_events(&database).await;
    let versions: Vec<_> = events
        .iter()
        .map(|(what, at, _)| (what.as_str(), *at))
        .collect();
    let expected = [("create", 1), ("update", 2), ("update", 3), ("delete", 4)];
    assert_eq!(versions, expected);
    for (_, _, changes) in &events {
        for city in ["Utrecht", "Delft", "Gouda"] {
            assert!(!changes.contains(city), "{changes}");
        }
    }
    assert_eq!(events[1].2, "{}");
    assert!(events[2].2.contains("Acme NV"), "{}", events[2].2);
}

/// Operation, version and changes of the events of records, in order.
async fn record_events(database: &Database) -> Vec<(String, i64, String)> {
    let path = database.folder.path().join("test.db");
    let stored = Connector::connect(format!("sqlite://{}", path.display()));
    let stored = stored.await.expect("the database opens");
    let events = entity::event::Entity::find()
        .order_by_asc(entity::event::Column::Seq)
        .all(&stored)
        .await
        .expect("the events");
    events
        .into_iter()
        .filter(|event| event.operation != "changeSchema")
        .map(|event| {
            let changes = event.changes.to_string();
            (event.operation, event.version, changes)
        })
        .collect()
}
