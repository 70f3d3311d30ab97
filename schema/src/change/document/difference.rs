//! The operations that lead from one document to another, in an order in which each finds what it needs.

use serde_json::{Value as Json, json};

use super::{Entry, SchemaDocument, counterpart, fields_of, is_default, order::in_order};
use crate::{catalog::definition::FieldAttributes, field_type::find_field_type};

/// What names other fields of its type, so that it waits until all of them are there.
const LATE_OBJECT_KEYS: &[&str] = &[
    "title",
    "displayTemplate",
    "defaultSort",
    "uniqueKeys",
    "validations",
];

/// Field types whose values come from other fields.
const DERIVED: &[&str] = &["formula", "rollup", "lookup"];

/// Members that name other fields.
const NAMING: &[&str] = &["requiredWhen", "defaultExpression", "dependsOn"];

/// The operations by the stage at which they are carried out.
#[derive(Default)]
struct Stages {
    /// New names of what is there, so that all later operations speak of the new ones.
    renames: Vec<Json>,
    lists: Vec<Json>,
    types: Vec<Json>,
    fields: Vec<Json>,
    relations: Vec<Json>,
    /// Fields that are made of others, each with its owner.
    derived: Vec<(Json, Entry)>,
    details: Vec<Json>,
    deletions: Vec<Json>,
}

/// The operations of a changeset that make `from` to `to`; empty when they say the same. What only
/// `from` has is deleted if `prune` says so.
pub fn difference(from: &SchemaDocument, to: &SchemaDocument, prune: bool) -> Vec<Json> {
    let mut stages = Stages::default();
    for want in &to.option_lists {
        stages.list(counterpart(&from.option_lists, want), want);
    }
    for want in &to.objects {
        match counterpart(&from.objects, want) {
            None => stages.new_object(want),
            Some(have) => stages.changed_type(Owner::Object, have, want, prune),
        }
    }
    for want in &to.relations {
        match counterpart(&from.relations, want) {
            None => stages.new_relation(want),
            Some(have) => stages.changed_type(Owner::Relation, have, want, prune),
        }
    }
    if prune {
        stages.deletions(from, to);
    }
    stages.finish()
}

#[derive(Clone, Copy)]
enum Owner {
    Object,
    Relation,
}

impl Owner {
    fn key(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Relation => "relation",
        }
    }

    fn update(self) -> &'static str {
        match self {
            Self::Object => "updateObjectType",
            Self::Relation => "updateRelationType",
        }
    }
}

impl Stages {
    fn finish(self) -> Vec<Json> {
        let mut all = self.renames;
        all.extend(self.lists);
        all.extend(self.types);
        all.extend(self.fields);
        all.extend(self.relations);
        all.extend(in_order(self.derived));
        all.extend(self.details);
        all.extend(self.deletions);
        all
    }

    fn list(&mut self, have: Option<&Entry>, want: &Entry) {
        match have {
            None => self.lists.push(operation("addOptionList", None, want)),
            Some(have) => {
                let changes = changed(have, want, &["id"]);
                if !changes.is_empty() {
                    let at = ("optionList", name(have));
                    self.lists
                        .push(operation("updateOptionList", Some(at), &changes));
                }
            }
        }
    }

    fn new_object(&mut self, want: &Entry) {
        let mut header = want.clone();
        let mut late = Entry::new();
        for key in LATE_OBJECT_KEYS {
            if let Some(value) = header.shift_remove(*key) {
                late.insert((*key).to_owned(), value);
            }
        }
        let (plain, others): (Vec<Entry>, Vec<Entry>) = fields_of(want)
            .into_iter()
            .partition(|field| is_plain(field) && !is_reference(field));
        header.insert(
            "fields".to_owned(),
            plain.into_iter().map(Json::Object).collect(),
        );
        self.types.push(operation("addObjectType", None, &header));
        for field in others {
            self.new_field((Owner::Object, name(want)), field);
        }
        if !late.is_empty() {
            let at = ("object", name(want));
            self.details
                .push(operation("updateObjectType", Some(at), &late));
        }
    }

    fn new_relation(&mut self, want: &Entry) {
        let mut header = want.clone();
        let validations = header.shift_remove("validations");
        let (plain, others): (Vec<Entry>, Vec<Entry>) =
            placed(want).into_iter().partition(is_plain);
        header.insert(
            "fields".to_owned(),
            plain.into_iter().map(Json::Object).collect(),
        );
        self.relations
            .push(operation("addRelationType", None, &header));
        for field in others {
            self.new_field((Owner::Relation, name(want)), field);
        }
        if let Some(validations) = validations {
            let late = Entry::from_iter([("validations".to_owned(), validations)]);
            let at = ("relation", name(want));
            self.details
                .push(operation("updateRelationType", Some(at), &late));
        }
    }

    fn new_field(&mut self, (owner, of): (Owner, &str), field: Entry) {
        let add = json!({"op": "addField", owner.key(): of, "field": field});
        if is_plain(&field) {
            self.fields.push(add);
        } else {
            self.derived.push((add, field));
        }
    }

    fn changed_type(&mut self, owner: Owner, have: &Entry, want: &Entry, prune: bool) {
        let mut changes = changed(have, want, &["id", "fields"]);
        if matches!(owner, Owner::Relation) {
            keep_changed_ends(have, &mut changes);
        }
        let (names, others): (Entry, Entry) = changes
            .into_iter()
            .partition(|(key, _)| matches!(key.as_str(), "name" | "plural"));
        if !names.is_empty() {
            let at = (owner.key(), name(have));
            self.renames
                .push(operation(owner.update(), Some(at), &names));
        }
        if !others.is_empty() {
            let at = (owner.key(), name(want));
            self.details
                .push(operation(owner.update(), Some(at), &others));
        }
        let fields = fields_of(have);
        for field in fields_of(want) {
            match counterpart(&fields, &field) {
                None => self.new_field((owner, name(want)), field),
                Some(stored) => self.changed_field((owner, name(want)), stored, &field),
            }
        }
        if prune {
            let wanted = fields_of(want);
            for field in fields
                .iter()
                .filter(|it| counterpart(&wanted, it).is_none())
            {
                let gone =
                    json!({"op": "deleteField", owner.key(): name(want), "field": name(field)});
                self.deletions.push(gone);
            }
        }
    }

    fn changed_field(&mut self, (owner, of): (Owner, &str), have: &Entry, want: &Entry) {
        if have.get("type") != want.get("type") {
            self.converted_field((owner, of), have, want);
            return;
        }
        let mut changes = changed(have, want, &["id", "type"]);
        if let Some(renamed) = changes.shift_remove("name") {
            let rename =
                json!({"op": "updateField", owner.key(): of, "field": name(have), "name": renamed});
            self.renames.push(rename);
        }
        if !changes.is_empty() {
            let mut update = json!({"op": "updateField", owner.key(): of, "field": name(want)});
            if let Some(members) = update.as_object_mut() {
                members.extend(changes);
            }
            self.details.push(update);
        }
    }

    /// Another type, with what else is different. Names and texts change at once, for the rest waits until
    /// the values are copied.
    fn converted_field(&mut self, (owner, of): (Owner, &str), have: &Entry, want: &Entry) {
        let at_once = ["name", "label", "help", "labels", "helps", "position"];
        let (now, later): (Entry, Entry) = changed(have, want, &["id", "type"])
            .into_iter()
            .partition(|(key, _)| at_once.contains(&key.as_str()));
        if !now.is_empty() {
            let at = json!({"op": "updateField", owner.key(): of, "field": name(have)});
            let mut update = at.as_object().cloned().unwrap_or_default();
            update.extend(now);
            self.renames.push(Json::Object(update));
        }
        let of_type = want.get("type").and_then(Json::as_str).unwrap_or_default();
        let settings = find_field_type(of_type).map_or(&[][..], |it| it.allowed_settings());
        let mut to = Entry::from_iter([("type".to_owned(), Json::from(of_type))]);
        for (key, value) in want
            .iter()
            .filter(|(key, _)| settings.contains(&key.as_str()))
        {
            to.insert(key.clone(), value.clone());
        }
        let common = ["required", "unique", "default"];
        let common = common.iter().chain(FieldAttributes::KEYS);
        for key in common {
            if let Some(value) = later.get(*key) {
                to.insert((*key).to_owned(), value.clone());
            }
        }
        let convert = json!({"op": "convertField", owner.key(): of, "field": name(want), "to": to});
        self.details.push(convert);
    }

    fn deletions(&mut self, from: &SchemaDocument, to: &SchemaDocument) {
        let gone = |have: &[Entry], want: &[Entry]| -> Vec<String> {
            let missing = have.iter().filter(|it| counterpart(want, it).is_none());
            missing.map(|it| name(it).to_owned()).collect()
        };
        for relation in gone(&from.relations, &to.relations) {
            self.deletions
                .push(json!({"op": "deleteRelationType", "relation": relation}));
        }
        for object in gone(&from.objects, &to.objects) {
            self.deletions
                .push(json!({"op": "deleteObjectType", "object": object}));
        }
        for list in gone(&from.option_lists, &to.option_lists) {
            self.deletions
                .push(json!({"op": "deleteOptionList", "optionList": list}));
        }
    }
}

fn name(entry: &Entry) -> &str {
    entry.get("name").and_then(Json::as_str).unwrap_or_default()
}

fn operation(op: &str, at: Option<(&str, &str)>, members: &Entry) -> Json {
    let mut operation = Entry::new();
    operation.insert("op".to_owned(), Json::from(op));
    if let Some((key, name)) = at {
        operation.insert(key.to_owned(), Json::from(name));
    }
    operation.extend(members.clone());
    Json::Object(operation)
}

/// The fields of a new type, each with its place: they are not all added in their order.
fn placed(entry: &Entry) -> Vec<Entry> {
    let mut fields = fields_of(entry);
    for (at, field) in fields.iter_mut().enumerate() {
        field.entry("position").or_insert_with(|| Json::from(at));
    }
    fields
}

/// Whether a field needs no other one.
fn is_plain(field: &Entry) -> bool {
    let of_type = field.get("type").and_then(Json::as_str).unwrap_or_default();
    !DERIVED.contains(&of_type) && !NAMING.iter().any(|key| field.contains_key(*key))
}

fn is_reference(field: &Entry) -> bool {
    field.get("type") == Some(&Json::from("reference"))
}

/// The members that differ, as `want` has them; what only `have` has gets the value that it has by default.
fn changed(have: &Entry, want: &Entry, but: &[&str]) -> Entry {
    let mut changes = Entry::new();
    for (key, value) in want.iter().filter(|(key, _)| !but.contains(&key.as_str())) {
        let is_implied = !have.contains_key(key) && is_default(key, value);
        if have.get(key) != Some(value) && !is_implied {
            changes.insert(key.clone(), value.clone());
        }
    }
    for (key, value) in have.iter().filter(|(key, _)| !but.contains(&key.as_str())) {
        // A file need not say where a field stands.
        if !want.contains_key(key) && key != "position" {
            changes.insert(key.clone(), default_of(key, value));
        }
    }
    changes
}

/// Of the ends of a relation type what differs: they are changed member by member.
fn keep_changed_ends(have: &Entry, changes: &mut Entry) {
    for end in ["source", "target"] {
        let stored = have.get(end).and_then(Json::as_object);
        if let (Some(Json::Object(wanted)), Some(stored)) = (changes.get_mut(end), stored) {
            *wanted = changed(stored, wanted, &[]);
        }
    }
}

fn default_of(key: &str, value: &Json) -> Json {
    match value {
        Json::Bool(flag) => Json::Bool(!flag),
        Json::String(_) if matches!(key, "description" | "help") => Json::from(""),
        Json::Array(_) => Json::Array(Vec::new()),
        Json::Object(_) if matches!(key, "labels" | "pluralLabels" | "helps") => {
            Json::Object(Entry::new())
        }
        Json::Null | Json::Number(_) | Json::String(_) | Json::Object(_) => Json::Null,
    }
}
