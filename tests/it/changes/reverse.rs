//! The reverse of a changeset, as a dry run tells it: carried out after the changeset, it leaves the schema
//! as it was.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

/// Types that have something of everything.
fn ground() -> Json {
    json!([
        {"op": "addOptionList", "name": "zones", "options": [{"name": "north"}, {"name": "south"}]},
        {"op": "addObjectType", "name": "depot", "plural": "depots", "title": "code", "fields": [
            {"name": "code", "type": "text", "required": true, "maxLength": 40},
            {"name": "city", "type": "text", "pattern": "[A-Z].*"},
            {"name": "size", "type": "integer", "min": 1, "max": 100},
            {"name": "zone", "type": "select", "optionList": "zones"},
            {"name": "state", "type": "select", "options": [{"name": "open"}, {"name": "shut"}]},
            {"name": "upper", "type": "reference", "target": "depot", "inverse": {"name": "lowers"}}]},
        {"op": "addField", "object": "depot", "field": {"name": "double", "type": "formula", "result": "integer",
            "expression": "size * 2"}},
        {"op": "addField", "object": "depot", "field": {"name": "below", "type": "rollup", "of": "lowers",
            "function": "sum", "field": "size"}},
        {"op": "addRelationType", "name": "lease",
            "source": {"object": "organization", "name": "leased"}, "target": {"object": "depot", "name": "leasedBy"},
            "fields": [{"name": "rent", "type": "money"}]},
        {"op": "updateObjectType", "object": "depot", "displayTemplate": "{code} ({upper.code})", "defaultSort": ["code"],
            "validations": [{"name": "small", "condition": "size < 90", "message": "is too large", "fields": ["size"]}]},
    ])
}

/// Operations, and how many of them can't be taken back.
fn cases() -> Vec<(&'static str, Json)> {
    let depot = |more: Json| {
        let mut update = json!({"op": "updateObjectType", "object": "depot"});
        if let (Some(update), Json::Object(more)) = (update.as_object_mut(), more) {
            update.extend(more);
        }
        update
    };
    let field = |name: &str, more: Json| {
        let mut update = json!({"op": "updateField", "object": "depot", "field": name});
        if let (Some(update), Json::Object(more)) = (update.as_object_mut(), more) {
            update.extend(more);
        }
        update
    };
    vec![
        (
            "a new field",
            json!([{"op": "addField", "object": "depot",
            "field": {"name": "serial", "type": "text", "unique": true, "maxLength": 20, "indexed": true}}]),
        ),
        (
            "a new type with all that belongs to it",
            json!([
            {"op": "addObjectType", "name": "dock", "plural": "docks", "fields": [
                {"name": "depot", "type": "reference", "target": "depot", "inverse": {"name": "docks"}}]},
            {"op": "addRelationType", "name": "visit", "source": {"object": "dock", "name": "visitors"},
                "target": {"object": "person", "name": "visits"}},
            {"op": "updateObjectType", "object": "dock", "label": "Quay"}]),
        ),
        (
            "new names of all",
            json!([
            depot(json!({"name": "store", "plural": "stores", "label": "Store"})),
            {"op": "updateField", "object": "store", "field": "size", "name": "area", "label": "Area"},
            {"op": "updateField", "object": "store", "field": "upper", "name": "parent",
                "inverse": {"name": "parts", "label": "Parts"}},
            {"op": "updateRelationType", "relation": "lease", "name": "rental",
                "source": {"name": "rented", "label": "Rented"}, "target": {"name": "rentedBy"}},
            {"op": "updateOptionList", "optionList": "zones", "name": "regions"}]),
        ),
        (
            "a name that goes to another field",
            json!([
            field("city", json!({"name": "town", "aliasUntil": null})),
            {"op": "addField", "object": "depot", "field": {"name": "city", "type": "integer"}}]),
        ),
        (
            "names that change places",
            json!([
                field("city", json!({"name": "spare", "aliasUntil": null})),
                field("code", json!({"name": "city", "aliasUntil": null})),
                field("spare", json!({"name": "code", "aliasUntil": null}))
            ]),
        ),
        (
            "texts and orders",
            json!([
                depot(
                    json!({"description": "Where goods lie", "labels": {"de": "Lager"}, "title": null,
                "displayTemplate": null, "defaultSort": ["-size", "code"], "validations": [],
                "uniqueKeys": [{"name": "place", "fields": ["city", "size"]}]})
                ),
                field(
                    "city",
                    json!({"help": "Where", "labels": {"de": "Stadt"}, "audited": false})
                )
            ]),
        ),
        (
            "tighter",
            json!([
                field(
                    "city",
                    json!({"required": true, "unique": true, "maxLength": 50, "minLength": 2, "pattern": "[A-Z]+"})
                ),
                field("size", json!({"min": 5, "max": 50, "default": 7})),
                depot(json!({"singleton": true}))
            ]),
        ),
        (
            "looser",
            json!([
                field("code", json!({"required": false, "maxLength": 80})),
                field("city", json!({"pattern": null})),
                field("size", json!({"min": null, "max": 1000}))
            ]),
        ),
        (
            "options",
            json!([
            field("state", json!({"options": [{"name": "shut", "color": "#aa0000"}, {"name": "open", "active": false}, {"name": "new"}]})),
            {"op": "updateOptionList", "optionList": "zones", "label": "Zones of old", "options": [{"name": "south"}, {"name": "north"}, {"name": "west"}]},
            {"op": "addOptionList", "name": "moods", "options": [{"name": "good"}]}]),
        ),
        (
            "expressions",
            json!([
            field("double", json!({"expression": "size * 3"})),
            field("city", json!({"requiredWhen": "size > 10"})),
            {"op": "updateRelationType", "relation": "lease", "description": "Who rents it",
                "validations": [{"name": "paid", "condition": "rent != null", "message": "needs a rent"}]}]),
        ),
        (
            "an index and back",
            json!([
            {"op": "createIndex", "object": "depot", "field": "city"},
            {"op": "createIndex", "object": "depot", "field": "size"},
            {"op": "dropIndex", "object": "depot", "field": "city"}]),
        ),
        (
            "what was deleted",
            json!([
                {"op": "deleteRelationType", "relation": "lease"},
                {"op": "deleteField", "object": "depot", "field": "state"},
                field("city", json!({"name": "state"}))]),
        ),
        (
            "a type and all that goes with it",
            json!([{"op": "deleteObjectType", "object": "depot"}]),
        ),
    ]
}

/// What there is, but for old names.
async fn schema_of(admin: &Client) -> Json {
    let mut all = Vec::new();
    for path in ["objects", "relations", "option-lists"] {
        let mut answer = admin.meta("GET", path, Json::Null).await.ok();
        without_aliases(&mut answer);
        all.push(answer);
    }
    Json::Array(all)
}

fn without_aliases(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(without_aliases),
        Json::Object(members) => {
            members.retain(|key, _| key != "aliases" && key != "pluralAliases");
            members.values_mut().for_each(without_aliases);
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

#[tokio::test]
async fn the_reverse_of_a_changeset_takes_it_back() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin.change(ground()).await.ok();
    let depot = json!({"code": "A", "city": "AMSTERDAM", "size": 7, "state": "open"});
    admin.make("depots", depot).await;
    for (case, operations) in cases() {
        let before = schema_of(&admin).await;
        let dry = json!({"operations": operations, "dryRun": true});
        let report = admin.meta("POST", "changesets", dry).await.ok();
        assert_eq!(report["applicable"], true, "{case}: {report}");
        let reverse = report["reverse"].clone();
        assert!(reverse["operations"].is_array(), "{case}: {report}");
        assert_eq!(
            schema_of(&admin).await,
            before,
            "{case}: a dry run changes nothing"
        );
        admin.change(operations).await.ok();
        assert_ne!(schema_of(&admin).await, before, "{case}");
        admin.meta("POST", "changesets", reverse.clone()).await.ok();
        let after = schema_of(&admin).await;
        assert_eq!(after, before, "{case}: {reverse}");
    }
}

#[tokio::test]
async fn what_can_not_be_taken_back_says_why() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin.change(ground()).await.ok();
    let rename = json!([{"op": "updateField", "object": "depot", "field": "city", "name": "town"}]);
    admin.change(rename).await.ok();
    let operations = json!([
        {"op": "updateRelationType", "relation": "lease", "temporal": true},
        {"op": "dropAlias", "object": "depot", "field": "town", "alias": "city"},
        {"op": "updateField", "object": "depot", "field": "town", "label": "Town"},
    ]);
    let dry = json!({"operations": operations, "dryRun": true});
    let report = admin.meta("POST", "changesets", dry).await.ok();
    assert_eq!(report["reverse"], Json::Null, "{report}");
    let reverse = |at: usize| report["operations"][at]["reverse"].clone();
    for at in [0, 1] {
        assert_eq!(reverse(at)["operations"], json!([]), "{report}");
        assert!(reverse(at)["note"].is_string(), "{report}");
    }
    assert_eq!(
        reverse(2)["operations"],
        json!([{"op": "updateField", "object": "depot", "field": "town", "label": "City"}])
    );
}
