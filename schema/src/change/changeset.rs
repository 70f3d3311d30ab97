//! A changeset as it is sent: operations that name things by their API names. One that parses may
//! still make no sense; that is for `validate`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    convert_field::ConvertField,
    deletion::{
        DeleteField, DeleteObjectType, DeleteRelationType, Purge, UndeleteField,
        UndeleteObjectType, UndeleteOptionList, UndeleteRelationType,
    },
    end::{EndInput, EndPatch},
    index_of_field::IndexOfField,
    option_list::{AddOptionList, DeleteOptionList, UpdateOptionList},
};
use crate::{
    catalog::definition::FieldAttributes,
    error::{Error, Fault, FaultCode, Place, Result},
};

/// The most operations of one changeset.
const MAX_OPERATIONS: usize = 1_000;

/// A change of the schema: all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changeset {
    /// The schema version that the sender knows; another one is a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<i64>,
    /// What to change, in order. Later operations may use names that earlier ones make.
    pub operations: Vec<Operation>,
    /// Whether to report only, and change nothing.
    pub dry_run: bool,
}

/// One operation of a changeset.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "camelCase")]
pub enum Operation {
    /// A new object type.
    AddObjectType(AddObjectType),
    /// A new field.
    AddField(AddField),
    /// A new relation type.
    AddRelationType(AddRelationType),
    /// Other names, labels or title of an object type.
    UpdateObjectType(UpdateObjectType),
    /// Another name, label, option list, … of a field.
    UpdateField(UpdateField),
    /// Other names or labels of a relation type.
    UpdateRelationType(UpdateRelationType),
    /// Another type of a field, by a job.
    ConvertField(ConvertField),
    /// Frees an old name at once.
    DropAlias(DropAlias),
    /// Builds an index of a field.
    CreateIndex(IndexOfField),
    /// Drops the index of a field.
    DropIndex(IndexOfField),
    /// Hides a field at once; its values stay in the database.
    DeleteField(DeleteField),
    /// Hides an object type at once; its records stay in the database.
    DeleteObjectType(DeleteObjectType),
    /// Hides a relation type at once; its links stay in the database.
    DeleteRelationType(DeleteRelationType),
    /// A new list of options that fields can share.
    AddOptionList(AddOptionList),
    /// Another name, label or other options of a shared list.
    UpdateOptionList(UpdateOptionList),
    /// Deletes a shared list that no field uses.
    DeleteOptionList(DeleteOptionList),
    /// Brings a deleted field back.
    UndeleteField(UndeleteField),
    /// Brings a deleted object type back, and what went with it.
    UndeleteObjectType(UndeleteObjectType),
    /// Brings a deleted relation type back.
    UndeleteRelationType(UndeleteRelationType),
    /// Brings a deleted option list back.
    UndeleteOptionList(UndeleteOptionList),
    /// Ends something deleted for good.
    Purge(Purge),
}

/// A new object type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddObjectType {
    /// The id; a new one when absent. Files of a schema bring it, so that the thing is the same wherever
    /// they are applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The singular API name.
    pub name: String,
    /// The plural API name.
    pub plural: String,
    /// What people read, singular; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read, plural; made from the plural name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural_label: Option<String>,
    /// What the type is for.
    #[serde(default)]
    pub description: String,
    /// Its fields.
    #[serde(default)]
    pub fields: Vec<FieldInput>,
    /// The field that names a record to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What every record keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<RuleInput>,
    /// What people read in other languages, singular.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// What people read in other languages, plural.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural_labels: Option<BTreeMap<String, String>>,
    /// Fields that together tell two live records apart: the whole list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_keys: Option<Vec<UniqueKeyInput>>,
    /// Whether records have an owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_owner: Option<bool>,
    /// Whether there is at most one record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub singleton: Option<bool>,
    /// The order of lists that ask for none, `-` for descending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_sort: Option<Vec<String>>,
    /// What people read of a record, with names of fields in braces; the title when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_template: Option<String>,
}

/// A unique key as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UniqueKeyInput {
    /// What the key is called.
    pub name: String,
    /// Its fields.
    pub fields: Vec<String>,
}

/// A condition that every record keeps when it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleInput {
    /// What it is called among the rules of its type.
    pub name: String,
    /// What must hold: an expression.
    pub condition: String,
    /// What people are told who break it.
    pub message: String,
    /// The fields that are at fault; none is the record as a whole.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// A new field of an object type or of a relation type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddField {
    /// The object type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field.
    pub field: FieldInput,
}

/// A field as it is sent: what every field has, and the settings of its type beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldInput {
    /// The id; a new one when absent. Files of a schema bring it, so that the thing is the same wherever
    /// they are applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The API name.
    pub name: String,
    /// What people read; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read when they ask what it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// The name of the field type.
    #[serde(rename = "type")]
    pub field_type: String,
    /// Whether a record must have a value.
    #[serde(default)]
    pub required: bool,
    /// Whether no two live records may have the same value.
    #[serde(default)]
    pub unique: bool,
    /// The value of a new record that brings none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// Where the field stands among those of its type, from 0; last when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u16>,
    /// What a field of any type may have besides.
    #[serde(flatten)]
    pub attributes: FieldAttributes,
    /// The settings of the type, by name: `maxLength`, `options`, `target`, …
    #[serde(flatten)]
    pub settings: Map<String, Json>,
}

/// A new relation type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddRelationType {
    /// The id; a new one when absent. Files of a schema bring it, so that the thing is the same wherever
    /// they are applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The API name.
    pub name: String,
    /// What people read; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What a link says.
    #[serde(default)]
    pub description: String,
    /// The source end.
    pub source: EndInput,
    /// The target end; a symmetric type has it from the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<EndInput>,
    /// Whether links hold for a period.
    #[serde(default)]
    pub temporal: bool,
    /// Whether a link says the same from either end.
    #[serde(default)]
    pub symmetric: bool,
    /// Whether two records may be linked more than once at a time.
    #[serde(default)]
    pub allow_duplicates: bool,
    /// The fields of a link.
    #[serde(default)]
    pub fields: Vec<FieldInput>,
    /// What every link keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<RuleInput>,
}

/// Changes of an object type; what is absent stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateObjectType {
    /// The object type, by its present name.
    pub object: String,
    /// The new singular API name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new plural API name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural: Option<String>,
    /// How long the old name is an alias: a day, an instant, or null for not at all; 90 days when absent.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub alias_until: Option<Option<String>>,
    /// What people read, singular.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read, plural.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural_label: Option<String>,
    /// What the type is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The field that names a record; null takes it away.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub title: Option<Option<String>>,
    /// What every record keeps: the whole new list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validations: Option<Vec<RuleInput>>,
    /// What people read in other languages, singular.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// What people read in other languages, plural.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural_labels: Option<BTreeMap<String, String>>,
    /// Fields that together tell two live records apart: the whole list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_keys: Option<Vec<UniqueKeyInput>>,
    /// Whether records have an owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_owner: Option<bool>,
    /// Whether there is at most one record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub singleton: Option<bool>,
    /// The order of lists that ask for none, `-` for descending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_sort: Option<Vec<String>>,
    /// What people read of a record, with names of fields in braces; null leaves the title.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub display_template: Option<Option<String>>,
}

/// Changes of a field; what is absent stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateField {
    /// The object type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field, by its present name.
    pub field: String,
    /// The new API name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How long the old name is an alias: a day, an instant, or null for not at all; 90 days when absent.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub alias_until: Option<Option<String>>,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read when they ask what it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Whether a record must have a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Whether no two live records may have the same value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
    /// Where the field stands among those of its type, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u16>,
    /// The value of a new record that brings none; null takes it away.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub default: Option<Option<Json>>,
    /// The attributes of every field ([`FieldAttributes`]) and the settings of its type to change, by
    /// name: `labels`, `options` (the whole new list), `inverse`, …
    #[serde(flatten)]
    pub settings: Map<String, Json>,
}

/// Changes of a relation type; what is absent stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateRelationType {
    /// The relation type, by its present name.
    pub relation: String,
    /// The new API name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How long the old name is an alias: a day, an instant, or null for not at all; 90 days when absent.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub alias_until: Option<Option<String>>,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// What a link says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The source end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<EndPatch>,
    /// The target end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<EndPatch>,
    /// What every link keeps: the whole new list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validations: Option<Vec<RuleInput>>,
    /// Whether links hold for a period; once they do, they keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal: Option<bool>,
    /// Whether a link says the same from either end; can't change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symmetric: Option<bool>,
    /// Whether two records may be linked more than once at a time; can only be allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_duplicates: Option<bool>,
}

/// An old name that is to be free.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DropAlias {
    /// The object type that has it, or whose field has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type that has it, or whose end or field has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field that has it, or whose inverse has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The old name.
    pub alias: String,
}

/// The frame of a changeset, its operations not looked into yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Frame {
    #[serde(default)]
    expected_version: Option<i64>,
    operations: Vec<Json>,
    #[serde(default)]
    dry_run: bool,
}

impl Changeset {
    /// Parses a changeset. Each operation that does not parse is a fault of its own.
    pub fn parse(json: Json) -> Result<Self> {
        let frame: Frame = serde_json::from_value(json)
            .map_err(|error| Error::Invalid(vec![malformed(root(), &error)]))?;
        if frame.operations.is_empty() || frame.operations.len() > MAX_OPERATIONS {
            return Err(Error::fault(
                root().child("operations"),
                FaultCode::InvalidRequest,
                format!("must have 1 to {MAX_OPERATIONS} operations"),
            ));
        }
        let mut faults = Vec::new();
        let mut operations = Vec::with_capacity(frame.operations.len());
        for (at, json) in frame.operations.into_iter().enumerate() {
            match Operation::parse(json, &root().child("operations").child(at)) {
                Ok(operation) => operations.push(operation),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Ok(Self {
            expected_version: frame.expected_version,
            operations,
            dry_run: frame.dry_run,
        })
    }
}

impl Operation {
    /// Parses one operation, which stands at `place`.
    pub fn parse(json: Json, place: &Place) -> Result<Self, Fault> {
        let Json::Object(mut members) = json else {
            return Err(Fault {
                place: place.clone(),
                code: FaultCode::InvalidRequest,
                message: "an operation is an object with the member \"op\"".to_owned(),
            });
        };
        let op = members.remove("op");
        let body = Json::Object(members);
        match op.as_ref().and_then(Json::as_str) {
            Some("addObjectType") => read(body, place).map(Self::AddObjectType),
            Some("addField") => read(body, place).map(Self::AddField),
            Some("addRelationType") => read(body, place).map(Self::AddRelationType),
            Some("updateObjectType") => read(body, place).map(Self::UpdateObjectType),
            Some("updateField") => read(body, place).map(Self::UpdateField),
            Some("updateRelationType") => read(body, place).map(Self::UpdateRelationType),
            Some("convertField") => read(body, place).map(Self::ConvertField),
            Some("dropAlias") => read(body, place).map(Self::DropAlias),
            Some("createIndex") => read(body, place).map(Self::CreateIndex),
            Some("dropIndex") => read(body, place).map(Self::DropIndex),
            Some("deleteField") => read(body, place).map(Self::DeleteField),
            Some("deleteObjectType") => read(body, place).map(Self::DeleteObjectType),
            Some("deleteRelationType") => read(body, place).map(Self::DeleteRelationType),
            Some("addOptionList") => read(body, place).map(Self::AddOptionList),
            Some("updateOptionList") => read(body, place).map(Self::UpdateOptionList),
            Some("deleteOptionList") => read(body, place).map(Self::DeleteOptionList),
            Some("undeleteField") => read(body, place).map(Self::UndeleteField),
            Some("undeleteObjectType") => read(body, place).map(Self::UndeleteObjectType),
            Some("undeleteRelationType") => read(body, place).map(Self::UndeleteRelationType),
            Some("undeleteOptionList") => read(body, place).map(Self::UndeleteOptionList),
            Some("purge") => read(body, place).map(Self::Purge),
            Some(_) | None => Err(Fault {
                place: place.child("op"),
                code: FaultCode::InvalidRequest,
                message: "must be addObjectType, addField, addRelationType, updateObjectType, \
                          updateField, convertField, updateRelationType, dropAlias, createIndex, dropIndex, deleteField, \
                          deleteObjectType, deleteRelationType, addOptionList, updateOptionList, \
                          deleteOptionList, undeleteField, undeleteObjectType, \
                          undeleteRelationType, undeleteOptionList or purge"
                    .to_owned(),
            }),
        }
    }
}

fn read<D: DeserializeOwned>(body: Json, place: &Place) -> Result<D, Fault> {
    serde_json::from_value(body).map_err(|error| malformed(place.clone(), &error))
}

fn malformed(place: Place, error: &serde_json::Error) -> Fault {
    Fault {
        place,
        code: FaultCode::InvalidRequest,
        message: error.to_string(),
    }
}

fn root() -> Place {
    Place::Pointer(String::new())
}

/// Tells an absent member from one that is null.
#[expect(
    clippy::option_option,
    reason = "a patch knows three states: absent, null, value"
)]
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
