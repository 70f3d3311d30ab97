//! The schema as a document: what admins have defined, in the words of changesets, with ids. Files are
//! made of it, and it is what files are compared with.
//!
//! Standard types are in it as far as they differ from what is shipped: the rest comes with the binary.

mod difference;
mod lost;
mod order;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::rules::label_of;
use crate::{catalog::definition::FieldAttributes, field_type::find_field_type};

pub use difference::difference;
pub(crate) use lost::Lost;

/// A member of a document: a type, a field, a list of options.
pub(crate) type Entry = Map<String, Json>;

/// All of a schema, or a part of one such as a package.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SchemaDocument {
    /// Lists of options that several fields share.
    pub option_lists: Vec<Entry>,
    /// Object types, each with its `fields`.
    pub objects: Vec<Entry>,
    /// Relation types, each with its `fields`.
    pub relations: Vec<Entry>,
}

/// What an object type says of itself.
const OBJECT_KEYS: &[&str] = &[
    "id",
    "name",
    "plural",
    "label",
    "pluralLabel",
    "labels",
    "pluralLabels",
    "description",
    "hasOwner",
    "singleton",
    "title",
    "displayTemplate",
    "defaultSort",
    "uniqueKeys",
    "validations",
];

/// What a relation type says of itself.
const RELATION_KEYS: &[&str] = &[
    "id",
    "name",
    "label",
    "labels",
    "description",
    "symmetric",
    "temporal",
    "ordered",
    "owned",
    "allowDuplicates",
    "source",
    "target",
    "uniqueKeys",
    "validations",
];

/// What an end of a relation type says of itself.
const END_KEYS: &[&str] = &[
    "object",
    "objects",
    "name",
    "label",
    "labels",
    "cardinality",
    "ordered",
    "onDelete",
];

/// What a field says of itself beside its attributes and the settings of its type.
const FIELD_KEYS: &[&str] = &[
    "id", "name", "type", "label", "help", "required", "unique", "default", "position",
];

/// What a list of options says of itself.
const LIST_KEYS: &[&str] = &["id", "name", "label", "labels", "description", "options"];

/// Members that hold unless they say otherwise.
const TRUE_WHEN_ABSENT: &[&str] = &["audited", "hasOwner", "active"];

/// Texts that say what holds anyway.
const IMPLIED: &[(&str, &str)] = &[("personalData", "none"), ("onDelete", "detach")];

/// An object type as a document has it, from its description with `id` and `fields`.
pub(crate) fn object_entry(described: &Entry) -> Entry {
    with_fields(picked(described, OBJECT_KEYS), described)
}

/// A relation type as a document has it, from its description with `id` and `fields`.
pub(crate) fn relation_entry(described: &Entry) -> Entry {
    let mut entry = picked(described, RELATION_KEYS);
    for end in ["source", "target"] {
        if let Some(Json::Object(members)) = entry.get(end) {
            let mut members = picked(members, END_KEYS);
            if members.get("cardinality") == Some(&Json::from("many")) {
                members.shift_remove("cardinality");
            }
            if members.get("onDelete") == Some(&Json::from("detach")) {
                members.shift_remove("onDelete");
            }
            if members.get("ordered") == Some(&Json::Bool(false)) {
                members.shift_remove("ordered");
            }
            if members.contains_key("objects") {
                members.shift_remove("object");
            }
            entry.insert(end.to_owned(), Json::Object(members));
        }
    }
    with_fields(entry, described)
}

/// A list of options as a document has it, from its description with `id`.
pub(crate) fn list_entry(described: &Entry) -> Entry {
    picked(described, LIST_KEYS)
}

/// A field as a document has it, from its description with `id` and `position`.
fn field_entry(described: &Entry) -> Entry {
    let name = described.get("type").and_then(Json::as_str);
    let settings = name
        .and_then(find_field_type)
        .map_or(&[][..], |it| it.allowed_settings());
    let keys = FIELD_KEYS
        .iter()
        .chain(FieldAttributes::KEYS)
        .chain(settings);
    let keys: Vec<&str> = keys.copied().collect();
    let mut entry = picked(described, &keys);
    if entry.contains_key("optionList") {
        // They are shown for those who draw forms, and belong to the list.
        entry.shift_remove("options");
    }
    entry
}

fn with_fields(mut entry: Entry, described: &Entry) -> Entry {
    let fields = described.get("fields").and_then(Json::as_array);
    let own = fields.into_iter().flatten().filter_map(Json::as_object);
    let own = own.filter(|field| field.get("system") != Some(&Json::Bool(true)));
    let fields = own.map(|field| Json::Object(field_entry(field)));
    entry.insert("fields".to_owned(), fields.collect());
    entry
}

/// The members with these keys, in the order of the keys, but for those that say what holds anyway.
fn picked(members: &Entry, keys: &[&str]) -> Entry {
    let mut picked = Entry::new();
    for key in keys {
        if let Some(value) = members.get(*key).filter(|value| !is_default(key, value)) {
            picked.insert((*key).to_owned(), compact(value));
        }
    }
    picked
}

/// A value without the members that say what holds anyway.
fn compact(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(compact).collect(),
        Json::Object(members) => {
            let kept = members.iter().filter(|(key, value)| !is_empty(key, value));
            let kept = kept.map(|(key, value)| (key.clone(), compact(value)));
            Json::Object(kept.collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.clone(),
    }
}

fn is_default(key: &str, value: &Json) -> bool {
    match value {
        Json::Bool(false) => !TRUE_WHEN_ABSENT.contains(&key) && key != "default",
        Json::String(text) => text.is_empty() || IMPLIED.contains(&(key, text.as_str())),
        Json::Number(_) => false,
        Json::Null | Json::Bool(true) | Json::Array(_) | Json::Object(_) => is_empty(key, value),
    }
}

fn is_empty(key: &str, value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(flag) => *flag && TRUE_WHEN_ABSENT.contains(&key),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        Json::Number(_) | Json::String(_) => false,
    }
}

impl SchemaDocument {
    /// The document with the labels that things get from their names where it gives none.
    #[must_use]
    pub fn with_labels(&self) -> Self {
        let labelled = |entries: &[Entry]| entries.iter().map(labelled).collect();
        Self {
            option_lists: labelled(&self.option_lists),
            objects: labelled(&self.objects),
            relations: labelled(&self.relations),
        }
    }

    /// What of this document is not in `shipped`: of a standard type its id, its name and what differs,
    /// of what was deleted the word `deleted`.
    #[must_use]
    pub fn beyond(&self, shipped: &Self) -> Self {
        Self {
            option_lists: beyond(&self.option_lists, &shipped.option_lists),
            objects: beyond(&self.objects, &shipped.objects),
            relations: beyond(&self.relations, &shipped.relations),
        }
    }

    /// The whole schema that this document describes upon `shipped`: the reverse of [`Self::beyond`].
    #[must_use]
    pub fn upon(&self, shipped: &Self) -> Self {
        Self {
            option_lists: upon(&self.option_lists, &shipped.option_lists),
            objects: upon(&self.objects, &shipped.objects),
            relations: upon(&self.relations, &shipped.relations),
        }
    }
}

/// An entry with labels for itself and all that it holds. What only adds to a type that is there keeps
/// the labels of the type.
fn labelled(entry: &Entry) -> Entry {
    let is_whole = ["plural", "source", "options"]
        .iter()
        .any(|key| entry.contains_key(*key));
    let mut whole = entry.clone();
    if is_whole {
        put_labels(&mut whole);
    }
    for (key, value) in &mut whole {
        match value {
            Json::Object(end) if matches!(key.as_str(), "source" | "target") => put_labels(end),
            Json::Array(fields) if key == "fields" => {
                for field in fields.iter_mut().filter_map(Json::as_object_mut) {
                    complete_field(field);
                }
            }
            Json::Array(options) if key == "options" => put_all_labels(options),
            Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_)
            | Json::Object(_) => {}
        }
    }
    whole
}

/// A field as it is described once it is there. One without a type changes a field that is there.
fn complete_field(field: &mut Entry) {
    if field.contains_key("type") {
        put_labels(field);
    }
    if let Some(Json::Object(inverse)) = field.get_mut("inverse") {
        put_labels(inverse);
    }
    if let Some(Json::Array(options)) = field.get_mut("options") {
        put_all_labels(options);
    }
    if let Some(Json::String(of_type)) = field.get("result").cloned() {
        let mut result = Entry::new();
        for key in find_field_type(&of_type).map_or(&[][..], |it| it.allowed_settings()) {
            if let Some(value) = field.shift_remove(*key) {
                result.insert((*key).to_owned(), value);
            }
        }
        result.insert("type".to_owned(), Json::from(of_type));
        field.insert("result".to_owned(), Json::Object(result));
    }
}

fn put_all_labels(entries: &mut [Json]) {
    for entry in entries.iter_mut().filter_map(Json::as_object_mut) {
        put_labels(entry);
    }
}

/// Puts the labels that a thing gets from its names.
fn put_labels(entry: &mut Entry) {
    for (key, of) in [("label", "name"), ("pluralLabel", "plural")] {
        if let Some(name) = entry.get(of).and_then(Json::as_str) {
            let label = label_of(name);
            entry.entry(key).or_insert_with(|| Json::from(label));
        }
    }
}

fn name_of(entry: &Entry) -> &str {
    entry.get("name").and_then(Json::as_str).unwrap_or_default()
}

fn is_deleted(entry: &Entry) -> bool {
    entry.get("deleted") == Some(&Json::Bool(true))
}

/// The entry that is the same thing: by id, or by name where one of the two has no id.
pub(crate) fn counterpart<'e>(entries: &'e [Entry], of: &Entry) -> Option<&'e Entry> {
    let by_id = of
        .get("id")
        .and_then(|id| entries.iter().find(|it| it.get("id") == Some(id)));
    by_id.or_else(|| {
        entries.iter().find(|it| {
            it.get("name") == of.get("name") && (it.get("id").is_none() || of.get("id").is_none())
        })
    })
}

/// The fields of an entry.
pub(crate) fn fields_of(entry: &Entry) -> Vec<Entry> {
    let fields = entry.get("fields").and_then(Json::as_array);
    let fields = fields.into_iter().flatten();
    fields.filter_map(|it| it.as_object().cloned()).collect()
}

fn gone(entry: &Entry) -> Entry {
    let mut gone = Entry::new();
    for key in ["id", "name"] {
        if let Some(value) = entry.get(key) {
            gone.insert(key.to_owned(), value.clone());
        }
    }
    gone.insert("deleted".to_owned(), Json::Bool(true));
    gone
}

fn beyond(entries: &[Entry], shipped: &[Entry]) -> Vec<Entry> {
    let mut kept = Vec::new();
    for entry in entries {
        let Some(standard) = counterpart(shipped, entry) else {
            kept.push(entry.clone());
            continue;
        };
        let mut own = differing(entry, standard);
        let fields = beyond(&fields_of(entry), &fields_of(standard));
        if !fields.is_empty() {
            let fields = fields.into_iter().map(Json::Object).collect();
            own.insert("fields".to_owned(), fields);
        }
        // Id and name alone say nothing.
        if own.len() > 2 {
            kept.push(own);
        }
    }
    let missing = shipped
        .iter()
        .filter(|it| counterpart(entries, it).is_none());
    kept.extend(missing.map(gone));
    kept
}

/// Id, name, and the members that differ; null for those that `entry` does not have.
fn differing(entry: &Entry, standard: &Entry) -> Entry {
    let mut own = Entry::new();
    for (key, value) in entry {
        let names = matches!(key.as_str(), "id" | "name");
        if names || (key != "fields" && standard.get(key) != Some(value)) {
            own.insert(key.clone(), value.clone());
        }
    }
    for key in standard.keys().filter(|key| !entry.contains_key(*key)) {
        own.insert(key.clone(), Json::Null);
    }
    own
}

fn upon(entries: &[Entry], shipped: &[Entry]) -> Vec<Entry> {
    let mut whole = Vec::new();
    for standard in shipped {
        match counterpart(entries, standard) {
            Some(own) if is_deleted(own) => {}
            Some(own) => whole.push(overlaid(own, standard)),
            None => whole.push(standard.clone()),
        }
    }
    let custom = entries
        .iter()
        .filter(|it| counterpart(shipped, it).is_none());
    whole.extend(custom.filter(|it| !is_deleted(it)).cloned());
    whole
}

fn overlaid(own: &Entry, standard: &Entry) -> Entry {
    let mut whole = standard.clone();
    for (key, value) in own {
        if value.is_null() {
            whole.shift_remove(key);
        } else if key != "fields" {
            whole.insert(key.clone(), value.clone());
        }
    }
    if standard.contains_key("fields") {
        let fields = upon(&fields_of(own), &fields_of(standard));
        let fields = fields.into_iter().map(Json::Object).collect();
        whole.insert("fields".to_owned(), fields);
    }
    whole
}
