//! The rules that names, settings and texts of a change must keep: one function per rule, each adds
//! its fault and goes on. None of them changes the draft.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    draft::DraftField,
    validate::{TEMPORAL_MEMBERS, Validation},
};
use crate::{
    catalog::Subject,
    error::{Fault, FaultCode, Place},
    field_type::{FieldType, Inverse, Settings, chosen, find_field_type},
    id::{FieldId, ObjectTypeId},
    name::ApiName,
    value::Value,
};

/// The most fields of one type.
pub(super) const MAX_FIELDS: usize = 500;
/// The most references of one type.
pub(super) const MAX_REFERENCES: usize = 40;
/// The most unique keys of one type.
pub(super) const MAX_KEYS: usize = 10;
const MAX_LABEL: usize = 200;
const MAX_DESCRIPTION: usize = 4_000;

/// Names that GraphQL types of every installation have, so that no type may be called so.
/// Types that are generated from an object type end as `name` reserves it.
const FIXED_TYPES: &[&str] = &[
    "Query",
    "Mutation",
    "Subscription",
    "Node",
    "PageInfo",
    "Money",
    "String",
    "Int",
    "Float",
    "Boolean",
    "ID",
    "Id",
    "BigInt",
    "Decimal",
    "Date",
    "DateTime",
    "Time",
    "Duration",
    "JSON",
    "Json",
    "UUID",
    "Uuid",
    "Count",
    "Error",
    "Problem",
    "Record",
    "Schema",
    "Type",
    "Field",
    "EnumValue",
    "Directive",
    "InputValue",
];

/// What stands below a record beside its collections, `/v1/data/organizations/{id}/related`.
const ADDRESSES: &[&str] = &["related", "path"];

/// A name of a member that every link or record shows beside its own fields.
const FIXED_MEMBERS: &[&str] = &["source", "target", "sourceId", "targetId"];

impl Validation<'_> {
    /// Adds a fault.
    pub(super) fn refuse(&mut self, place: Place, code: FaultCode, message: impl Into<String>) {
        self.faults.push(Fault {
            place,
            code,
            message: message.into(),
        });
    }

    /// A name is well-formed and not reserved.
    pub(super) fn well_formed(&mut self, text: &str, place: &Place) -> Option<ApiName> {
        match ApiName::parse(text) {
            Ok(name) => Some(name),
            Err(error) => {
                self.refuse(place.clone(), FaultCode::InvalidName, error.to_string());
                None
            }
        }
    }

    /// No other object or relation type has the name, singular or plural.
    pub(super) fn type_name_is_free(&mut self, name: &ApiName, own: Option<Uuid>, place: &Place) {
        let objects = self.draft.objects.iter();
        let by_object = objects
            .filter(|(id, _)| Some(id.uuid()) != own)
            .any(|(_, entry)| entry.definition.name == *name || entry.definition.plural == *name);
        let relations = self.draft.relations.iter();
        let by_relation = relations
            .filter(|(id, _)| Some(id.uuid()) != own)
            .any(|(_, entry)| entry.definition.name == *name);
        if by_object || by_relation {
            let message = format!("an object or relation type is called \"{name}\" already");
            self.refuse(place.clone(), FaultCode::NameTaken, message);
        } else {
            self.type_alias_is_free(name, own, place);
        }
    }

    /// Singular and plural differ, for both name things of their own.
    pub(super) fn plural_differs(&mut self, name: &ApiName, plural: &ApiName, place: &Place) {
        if name == plural {
            let message = "the plural name must differ from the singular one";
            self.refuse(place.clone(), FaultCode::InvalidName, message);
        }
    }

    /// The types and root fields that GraphQL makes of the names are nobody else's. `before` is the
    /// number of faults before the names were looked at.
    pub(super) fn graphql_names_are_free(
        &mut self,
        [name, plural]: [Option<&ApiName>; 2],
        own: Option<Uuid>,
        (place, before): (&Place, usize),
    ) {
        let pascal = [name, plural]
            .into_iter()
            .flatten()
            .map(ApiName::pascal_case);
        for pascal in pascal.collect::<Vec<_>>() {
            if FIXED_TYPES.contains(&pascal.as_str()) {
                let message = format!("{pascal} is a type of the GraphQL API; choose another name");
                self.refuse(place.clone(), FaultCode::NameTaken, message);
            }
        }
        if self.faults[before..]
            .iter()
            .any(|it| it.code == FaultCode::NameTaken)
        {
            return; // what follows from an equal name is no fault of its own
        }
        let wanted = root_fields(name.map(ApiName::as_str), plural.map(ApiName::as_str));
        let others = self.draft.objects.iter();
        let others = others.filter(|(id, _)| Some(id.uuid()) != own);
        let taken: Vec<String> = others
            .flat_map(|(_, entry)| {
                let definition = &entry.definition;
                let (name, plural) = (&definition.name, &definition.plural);
                let mut fields = root_fields(Some(name.as_str()), Some(plural.as_str()));
                for alias in definition.aliases.iter() {
                    fields.extend(root_fields(Some(alias.name.as_str()), None));
                }
                for alias in definition.plural_aliases.iter() {
                    fields.extend(root_fields(None, Some(alias.name.as_str())));
                }
                fields
            })
            .collect();
        let clash = wanted.into_iter().find(|field| taken.contains(field));
        if let Some(field) = clash {
            let message = format!("GraphQL's field {field:?} would be there twice; choose another");
            self.refuse(place.clone(), FaultCode::NameTaken, message);
        }
    }

    /// No field and no collection of the type has the name.
    pub(super) fn member_name_is_free(
        &mut self,
        owner: Subject,
        name: &ApiName,
        own: Member,
        place: &Place,
    ) {
        let is_field = self
            .draft
            .fields(owner.uuid())
            .iter()
            .any(|field| field.definition.name == *name && own != Member::Field(field.id));
        let is_collection = match owner {
            Subject::Object(id) => self
                .collections(id)
                .iter()
                .any(|(taken, member)| taken == name && own != *member),
            Subject::Relation(id) => {
                let relation = self.draft.relations.get(&id);
                let is_temporal = relation.is_some_and(|entry| entry.definition.temporal);
                let names_types = relation.is_some_and(|entry| entry.definition.names_types());
                FIXED_MEMBERS.contains(&name.as_str())
                    || names_types && name.as_str() == "type"
                    || is_temporal && TEMPORAL_MEMBERS.contains(&name.as_str())
            }
        };
        if is_field || is_collection {
            let message = format!("a field or collection of the type is called \"{name}\" already");
            self.refuse(place.clone(), FaultCode::NameTaken, message);
        } else {
            self.member_alias_is_free(owner, name, own, place);
        }
    }

    /// The collections of an object type: inverses of references and ends of relation types.
    pub(super) fn collections(&self, object: ObjectTypeId) -> Vec<(ApiName, Member)> {
        let inverses = self.draft.references().filter_map(|(_, field)| {
            let settings = &field.definition.settings;
            let inverse = settings.inverse.as_ref()?;
            settings
                .named_targets()
                .any(|target| target == object)
                .then(|| (inverse.name.clone(), Member::Inverse(field.id)))
        });
        let ends = self.draft.relations.iter().flat_map(|(id, entry)| {
            let definition = &entry.definition;
            [(&definition.source, true), (&definition.target, false)]
                .into_iter()
                .filter(|(end, _)| end.has(object))
                .map(|(end, is_source)| (end.name.clone(), Member::End(id.uuid(), is_source)))
        });
        inverses.chain(ends).collect()
    }

    /// The field type exists.
    pub(super) fn field_type_is_known(
        &mut self,
        name: &str,
        place: &Place,
    ) -> Option<&'static dyn FieldType> {
        let found = find_field_type(name);
        if found.is_none() {
            let known: Vec<&str> = crate::field_type::FIELD_TYPES
                .iter()
                .map(|field_type| field_type.name())
                .collect();
            let message = format!("must be one of the field types: {}", known.join(", "));
            self.refuse(place.child("type"), FaultCode::InvalidValue, message);
        }
        found
    }

    /// Each setting is one of the type and has the right form; the target of a reference exists.
    pub(super) fn settings_are_allowed(
        &mut self,
        field_type: &dyn FieldType,
        sent: &Map<String, Json>,
        place: &Place,
    ) -> Option<Settings> {
        let before = self.faults.len();
        let mut members = Map::new();
        for (key, value) in sent {
            if !field_type.allowed_settings().contains(&key.as_str()) {
                let message = unknown_setting(field_type, key);
                self.refuse(place.child(key), FaultCode::UnknownField, message);
                continue;
            }
            let value = match key.as_str() {
                "target" => self.target_exists(value, &place.child(key)),
                "targets" => self.targets_exist(value, &place.child(key)),
                "inverse" => Some(with_label(value.clone())),
                "options" => Some(with_labels(value.clone())),
                _ => Some(value.clone()),
            };
            let Some(value) = value else { continue };
            let alone = Map::from_iter([(key.clone(), value.clone())]);
            match serde_json::from_value::<Settings>(Json::Object(alone)) {
                Ok(_) => {
                    members.insert(key.clone(), value);
                }
                Err(error) => {
                    self.refuse(place.child(key), FaultCode::InvalidValue, error.to_string());
                }
            }
        }
        if self.faults.len() > before {
            return None;
        }
        let settings: Settings = serde_json::from_value(Json::Object(members)).ok()?;
        if let Err(message) = field_type.check(&settings) {
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return None;
        }
        Some(settings)
    }

    /// The target of a reference exists; the answer is its id, as settings keep it.
    fn target_exists(&mut self, value: &Json, place: &Place) -> Option<Json> {
        let name = value.as_str().unwrap_or_default();
        let found = self.draft.find_object(name);
        if found.is_none() && !self.is_refused(name) {
            let message = format!("there is no object type {value}");
            self.refuse(place.clone(), FaultCode::UnknownObject, message);
        }
        found.map(|id| Json::String(id.to_string()))
    }

    /// Each target of a reference to several types exists; the answer are their ids.
    fn targets_exist(&mut self, value: &Json, place: &Place) -> Option<Json> {
        let Json::Array(names) = value else {
            let message = "must be an array of the names of object types";
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return None;
        };
        let ids = names.iter().enumerate();
        let ids: Vec<_> = ids
            .map(|(at, name)| self.target_exists(name, &place.child(at)))
            .collect();
        ids.into_iter().collect::<Option<Vec<_>>>().map(Json::Array)
    }

    /// The inverse of a reference has a name that is free on the target.
    pub(super) fn inverse_is_free(
        &mut self,
        settings: &Settings,
        own: Option<FieldId>,
        place: &Place,
    ) {
        let Some(inverse) = &settings.inverse else {
            return;
        };
        let Inverse {
            name,
            label,
            labels,
            ordered: _,
        } = inverse;
        let place = place.child("inverse");
        self.label_fits(label, &place.child("label"));
        self.labels_fit(labels, &place.child("labels"));
        let Some(name) = self.well_formed(name.as_str(), &place.child("name")) else {
            return;
        };
        let own = own.map_or(Member::New, Member::Inverse);
        let place = place.child("name");
        self.collection_name_is_free(&name, &place);
        for target in settings.named_targets() {
            self.member_name_is_free(Subject::Object(target), &name, own, &place);
        }
    }

    /// No address below a record has the name of the collection.
    pub(super) fn collection_name_is_free(&mut self, name: &ApiName, place: &Place) {
        if ADDRESSES.contains(&name.as_str()) {
            let message =
                format!("\"{name}\" has a meaning of its own below a record; choose another name");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// Field and inverse of a reference from a type to itself have names of their own.
    pub(super) fn inverse_differs(
        &mut self,
        owner: Subject,
        name: Option<&ApiName>,
        settings: &Settings,
        place: &Place,
    ) {
        let inverse = settings.inverse.as_ref().map(|inverse| &inverse.name);
        let mut targets = settings.named_targets();
        let to_itself = targets.any(|target| Subject::Object(target) == owner);
        if to_itself && inverse.is_some() && inverse == name {
            let message = "field and inverse are on the same type and need different names";
            let place = place.child("inverse").child("name");
            self.refuse(place, FaultCode::NameTaken, message);
        }
    }

    /// The fields of relation types are values, not references: a link has no collections.
    pub(super) fn owner_takes_references(
        &mut self,
        owner: Subject,
        settings: &Settings,
        place: &Place,
    ) {
        if matches!(owner, Subject::Relation(_)) && settings.is_reference() {
            let message = "a field of a relation type can't be a reference";
            self.refuse(place.child("type"), FaultCode::InvalidValue, message);
        }
    }

    /// The default is a value of the field.
    pub(super) fn default_fits(
        &mut self,
        field_type: &dyn FieldType,
        settings: &Settings,
        default: &Json,
        place: &Place,
    ) {
        let message = if settings.is_reference() {
            Err("a reference can't have a default".to_owned())
        } else if field_type.points_at_user() {
            Err("a reference to a user can't have a constant as its default".to_owned())
        } else {
            let settings = self.draft.with_shared(settings);
            let allowed = field_type.check_default(&settings);
            let parsed = allowed.and_then(|()| field_type.parse(&settings, default));
            parsed.and_then(|values| all_active(&settings, &values))
        };
        if let Err(message) = message {
            self.refuse(place.child("default"), FaultCode::InvalidValue, message);
        }
    }

    /// The values of the type can be told apart by an index of the database.
    pub(super) fn type_can_be_unique(
        &mut self,
        field_type: &dyn FieldType,
        settings: &Settings,
        place: &Place,
    ) {
        if let Err(message) = field_type.check_unique(settings) {
            self.refuse(place.child("unique"), FaultCode::InvalidValue, message);
        }
    }

    /// The type has room for one more field.
    pub(super) fn there_is_room(&mut self, owner: Subject, place: &Place) {
        if self.draft.fields(owner.uuid()).len() >= MAX_FIELDS {
            let message = format!("a type has at most {MAX_FIELDS} fields");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// The type has room for one more reference: a list joins all of them, and SQLite joins 64 tables.
    pub(super) fn there_is_room_for_a_reference(&mut self, owner: Subject, place: &Place) {
        let fields = self.draft.fields(owner.uuid());
        let references = fields
            .iter()
            .filter(|field| field.definition.settings.is_reference())
            .count();
        if references >= MAX_REFERENCES {
            let message = format!("a type has at most {MAX_REFERENCES} references");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// A label is a short text that is not empty.
    pub(super) fn label_fits(&mut self, label: &str, place: &Place) {
        let is_blank = label.trim().is_empty();
        if is_blank || label.contains('\0') || label.chars().count() > MAX_LABEL {
            let message = format!("must be a text of 1 to {MAX_LABEL} characters");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// A description or help text has a limit.
    pub(super) fn description_fits(&mut self, text: &str, place: &Place) {
        if text.contains('\0') || text.chars().count() > MAX_DESCRIPTION {
            let message = format!("must be a text of at most {MAX_DESCRIPTION} characters");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// The engine can go on without the field: the database does not insist on a value.
    pub(super) fn field_can_go(&mut self, field: &DraftField, place: &Place) {
        if !field.nullable {
            let message = format!(
                "\"{}\" is a field that every record of this standard type must have",
                field.definition.name
            );
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// No other type insists on a reference to the object type.
    pub(super) fn nothing_insists_on(&mut self, object: ObjectTypeId, place: &Place) {
        let insisting: Vec<String> = self
            .draft
            .references()
            .filter(|(owner, field)| {
                *owner != object.uuid()
                    && !field.nullable
                    && field.definition.settings.target == Some(object)
            })
            .map(|(owner, field)| format!("{}.{}", self.owner_name(owner), field.definition.name))
            .collect();
        if !insisting.is_empty() {
            let message = format!(
                "every record needs a value of {}; delete those types first",
                insisting.join(", ")
            );
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// The name of the type with this id.
    pub(super) fn owner_name(&self, owner: Uuid) -> String {
        let object = self.draft.objects.get(&ObjectTypeId::new(owner));
        let relation = crate::id::RelationTypeId::new(owner);
        object
            .map(|entry| entry.definition.name.to_string())
            .or_else(|| {
                let relation = self.draft.relations.get(&relation)?;
                Some(relation.definition.name.to_string())
            })
            .unwrap_or_default()
    }
}

/// A member of an object type that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// One that is made just now.
    New,
    /// A field.
    Field(FieldId),
    /// The inverse of a reference.
    Inverse(FieldId),
    /// The source (`true`) or target end of a relation type.
    End(Uuid, bool),
}

/// Whether all options of a value can be chosen.
fn all_active(settings: &Settings, values: &[Value]) -> Result<(), String> {
    let names = chosen(values);
    match names.iter().find(|name| settings.is_inactive(name)) {
        Some(name) => Err(format!("must be an active option, which {name:?} is not")),
        None => Ok(()),
    }
}

fn root_fields(name: Option<&str>, plural: Option<&str>) -> Vec<String> {
    let of_name = name.map(|name| [name.to_owned(), format!("{name}By")]);
    let of_plural = plural.map(|plural| [plural.to_owned(), format!("{plural}Aggregate")]);
    of_name.into_iter().chain(of_plural).flatten().collect()
}

fn unknown_setting(field_type: &dyn FieldType, key: &str) -> String {
    let allowed = field_type.allowed_settings();
    let name = field_type.name();
    if allowed.is_empty() {
        return format!("there is no setting {key:?}; a field of the type {name} has none");
    }
    let allowed = allowed.join(", ");
    format!("there is no setting {key:?}; a field of the type {name} has {allowed}")
}

/// A label made from a name: `contractNumber` becomes `Contract number`.
pub(super) fn label_of(name: &str) -> String {
    let mut label = String::with_capacity(name.len() + 4);
    for (at, character) in name.chars().enumerate() {
        if at == 0 {
            label.push(character.to_ascii_uppercase());
        } else if character.is_ascii_uppercase() {
            label.push(' ');
            label.push(character.to_ascii_lowercase());
        } else {
            label.push(character);
        }
    }
    label
}

fn with_label(mut value: Json) -> Json {
    if let Json::Object(members) = &mut value
        && !members.contains_key("label")
        && let Some(name) = members.get("name").and_then(Json::as_str)
    {
        let label = Json::String(label_of(name));
        members.insert("label".to_owned(), label);
    }
    value
}

/// Options with the labels that were not sent.
pub(super) fn with_labels(value: Json) -> Json {
    match value {
        Json::Array(options) => options.into_iter().map(with_label).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => value,
    }
}
