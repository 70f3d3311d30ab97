//! Limits that hold, whether a field's settings name them or its type does: in descriptions, in JSON Schema
//! and in the contract.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Fields of which no setting says how long or great a value may be.
fn fields() -> Json {
    json!([
        {"name": "code", "type": "text"},
        {"name": "notes", "type": "longText"},
        {"name": "stars", "type": "rating"},
        {"name": "most", "type": "rating", "max": 7},
        {"name": "pieces", "type": "integer", "min": 0},
        {"name": "serial", "type": "bigInteger"},
        {"name": "price", "type": "decimal", "precision": 5, "scale": 2},
        {"name": "share", "type": "percent", "max": "1"},
        {"name": "worth", "type": "money", "min": "0"},
        {"name": "tags", "type": "stringList"},
        {"name": "place", "type": "geoPoint"},
        {"name": "seat", "type": "address"},
        {"name": "mail", "type": "email"},
        {"name": "key", "type": "secret"},
        {"name": "day", "type": "date"},
        {"name": "twice", "type": "formula", "result": "integer", "expression": "pieces * 2"},
    ])
}

async fn gauge() -> (TestApp, Client) {
    let app = TestApp::start().await;
    let admin = app.admin();
    let operation =
        json!([{"op": "addObjectType", "name": "gauge", "plural": "gauges", "fields": fields()}]);
    admin.change(operation).await.ok();
    (app, admin)
}

fn named<'j>(list: &'j Json, name: &str) -> &'j Json {
    let mut items = list.as_array().into_iter().flatten();
    items.find(|item| item["name"] == name).expect("the field")
}

#[tokio::test]
async fn they_are_described() {
    let (_app, admin) = gauge().await;
    let object = admin.meta("GET", "objects/gauge", Json::Null).await.ok();
    let rows = [
        ("code", json!({"maxLength": 255})),
        ("notes", json!({"maxLength": 100_000})),
        ("stars", json!({"min": 1, "max": 5})),
        ("most", json!({"min": 1, "max": 7})),
        ("pieces", json!({"min": 0, "max": 2_147_483_647})),
        ("serial", json!({"max": "9223372036854775807"})),
        (
            "price",
            json!({"precision": 5, "scale": 2, "min": "-999.99", "max": "999.99"}),
        ),
        ("share", json!({"precision": 18, "scale": 6, "max": "1"})),
        ("tags", json!({"maxLength": 255, "maxItems": 200})),
        ("mail", json!({"maxLength": 254})),
        ("key", json!({"minLength": 1, "maxLength": 4000})),
        ("day", json!({"min": null, "max": null, "maxLength": null})),
        ("twice", json!({"min": null, "max": null})),
        (
            "place",
            json!({"parts": {"latitude": {"min": -90.0, "max": 90.0},
            "longitude": {"min": -180.0, "max": 180.0}}}),
        ),
    ];
    for (name, expected) in rows {
        let field = named(&object["fields"], name);
        for (member, value) in expected.as_object().into_iter().flatten() {
            assert_eq!(field[member], *value, "{member} of {field}");
        }
    }
    let worth = named(&object["fields"], "worth");
    assert_eq!(
        worth["parts"]["amount"],
        json!({"min": "0", "max": "99999999999999.9999", "precision": 18, "scale": 4})
    );
    let seat = named(&object["fields"], "seat");
    assert_eq!(seat["parts"]["city"], json!({"maxLength": 255}));
    assert_eq!(seat["parts"]["formatted"], Json::Null);
}

#[tokio::test]
async fn they_are_in_json_schema_and_in_the_contract() {
    let (_app, admin) = gauge().await;
    let path = "objects/gauge/schema?for=create";
    let schema = admin.meta("GET", path, Json::Null).await.ok();
    let contract = admin.get_path("/openapi.json", "").await.ok();
    let create = &contract["components"]["schemas"]["GaugeCreate"];
    for properties in [&schema["properties"], &create["properties"]] {
        let rows = [
            ("/code/maxLength", json!(255)),
            ("/notes/maxLength", json!(100_000)),
            ("/stars/minimum", json!(1)),
            ("/stars/maximum", json!(5)),
            ("/pieces/minimum", json!(0)),
            ("/pieces/maximum", json!(2_147_483_647)),
            (
                "/price/pattern",
                json!("^-?0*[0-9]{1,3}(\\.[0-9]{1,2}0*)?$"),
            ),
            ("/tags/maxItems", json!(200)),
            ("/tags/items/maxLength", json!(255)),
            ("/place/properties/latitude/minimum", json!(-90)),
            ("/place/properties/longitude/maximum", json!(180)),
            ("/seat/properties/city/maxLength", json!(255)),
            ("/mail/maxLength", json!(254)),
            ("/key/maxLength", json!(4000)),
        ];
        for (pointer, expected) in rows {
            assert_eq!(properties.pointer(pointer), Some(&expected), "{pointer}");
        }
    }
}
