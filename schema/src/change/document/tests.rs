//! What documents say, and what leads from one to another.

use serde_json::{Value as Json, json};

use super::{Entry, SchemaDocument, difference};

fn entry(json: &Json) -> Entry {
    let members = json.as_object();
    members.expect("an object").clone()
}

fn document(objects: &[Json]) -> SchemaDocument {
    SchemaDocument {
        objects: objects.iter().map(entry).collect(),
        ..SchemaDocument::default()
    }
}

#[test]
fn equal_documents_need_no_operation() {
    let one = document(&[json!({"id": "1", "name": "lane", "plural": "lanes",
        "fields": [{"id": "2", "name": "code", "type": "text"}]})]);
    assert_eq!(difference(&one, &one, true), Vec::<Json>::new());
}

#[test]
fn renames_come_first_and_deletions_last() {
    let from = document(&[
        json!({"id": "1", "name": "lane", "plural": "lanes", "fields": [
            {"id": "2", "name": "code", "type": "text"}, {"id": "3", "name": "old", "type": "text"}]}),
        json!({"id": "9", "name": "gone", "plural": "goners", "fields": []}),
    ]);
    let to = document(&[
        json!({"id": "1", "name": "route", "plural": "lanes", "fields": [
            {"id": "2", "name": "key", "type": "text", "required": true},
            {"name": "twice", "type": "formula", "expression": "once * 2", "result": "integer"},
            {"name": "once", "type": "formula", "expression": "size(key)", "result": "integer"}]}),
    ]);
    let operations = difference(&from, &to, true);
    assert_eq!(
        json!(operations),
        json!([
            {"op": "updateObjectType", "object": "lane", "name": "route"},
            {"op": "updateField", "object": "route", "field": "code", "name": "key"},
            {"op": "addField", "object": "route", "field":
                {"name": "once", "type": "formula", "expression": "size(key)", "result": "integer"}},
            {"op": "addField", "object": "route", "field":
                {"name": "twice", "type": "formula", "expression": "once * 2", "result": "integer"}},
            {"op": "updateField", "object": "route", "field": "key", "required": true},
            {"op": "deleteField", "object": "route", "field": "old"},
            {"op": "deleteObjectType", "object": "gone"},
        ])
    );
}

#[test]
fn another_type_becomes_a_conversion() {
    let from = document(&[
        json!({"id": "1", "name": "lane", "plural": "lanes", "fields": [
        {"id": "2", "name": "code", "type": "text", "label": "Code", "maxLength": 40, "unique": true,
         "searchable": true, "default": "1"}]}),
    ]);
    let to = document(&[
        json!({"id": "1", "name": "lane", "plural": "lanes", "fields": [
        {"id": "2", "name": "number", "type": "integer", "label": "Number", "min": 1, "indexed": true}]}),
    ]);
    assert_eq!(
        json!(difference(&from, &to, true)),
        json!([
            {"op": "updateField", "object": "lane", "field": "code", "name": "number", "label": "Number"},
            {"op": "convertField", "object": "lane", "field": "number", "to": {"type": "integer", "min": 1,
                "unique": false, "default": null, "searchable": false, "indexed": true}},
        ])
    );
}

#[test]
fn what_is_shipped_is_left_out_and_comes_back() {
    let shipped = document(&[
        json!({"id": "1", "name": "task", "plural": "tasks", "label": "Task", "fields": [
            {"id": "2", "name": "subject", "type": "text"}, {"id": "3", "name": "dueOn", "type": "date"}]}),
        json!({"id": "4", "name": "stage", "plural": "stages", "label": "Stage", "fields": []}),
    ]);
    let mut whole = shipped.clone();
    whole.objects[0].insert("label".to_owned(), json!("To do"));
    whole.objects[0].insert(
        "fields".to_owned(),
        json!([{"id": "2", "name": "subject", "type": "text"}, {"id": "5", "name": "effort", "type": "integer"}]),
    );
    let own = whole.beyond(&shipped);
    assert_eq!(
        json!(own.objects),
        json!([{"id": "1", "name": "task", "label": "To do", "fields": [
            {"id": "5", "name": "effort", "type": "integer"}, {"id": "3", "name": "dueOn", "deleted": true}]}])
    );
    assert_eq!(own.upon(&shipped), whole);
}
