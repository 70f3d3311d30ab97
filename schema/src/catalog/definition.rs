//! The definitions of object types, fields and relation types as they are sent in changesets and
//! kept in the metadata tables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    catalog::{Aliases, Cardinality, FieldWork},
    field_type::{OnDelete, Scalar, Settings, find_field_type},
    id::{FieldId, ObjectTypeId},
    name::ApiName,
    value::Storage,
};

/// An object type as the metadata table keeps it. For a standard type the row overrides what the
/// code says of names and labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectDefinition {
    /// The singular API name.
    pub name: ApiName,
    /// The plural API name.
    pub plural: ApiName,
    /// Old singular names.
    #[serde(default, skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// Old plural names.
    #[serde(default, skip_serializing_if = "Aliases::is_empty")]
    pub plural_aliases: Aliases,
    /// What people read, singular.
    pub label: String,
    /// What people read, plural.
    pub plural_label: String,
    /// What the type is for.
    #[serde(default)]
    pub description: String,
    /// The physical table.
    pub table: String,
    /// The field that names a record.
    #[serde(default)]
    pub title: Option<FieldId>,
    /// What every record keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<RuleDefinition>,
    /// What an object type may have besides.
    #[serde(flatten)]
    pub attributes: ObjectAttributes,
}

/// What an object type may have besides names and title; nothing of it by default.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectAttributes {
    /// What people read in other languages, singular, by BCP 47 tag.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What people read in other languages, plural, by BCP 47 tag.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub plural_labels: BTreeMap<String, String>,
    /// Fields that together tell two live records apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unique_keys: Vec<UniqueKey>,
    /// Whether records have an owner; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_owner: Option<bool>,
    /// Whether there is at most one record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub singleton: bool,
    /// Whether the table has the column that holds records of a singleton apart.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub singleton_column: bool,
    /// The order of lists that ask for none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_sort: Vec<SortField>,
    /// What people read of a record, with ids in place of names; the title when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_template: Option<String>,
}

/// Fields that together tell two live records apart. A record that lacks one of them does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueKey {
    /// What the key is called.
    pub name: ApiName,
    /// Its fields, each of one column.
    pub fields: Vec<FieldId>,
}

/// A field that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortField {
    /// The field.
    pub field: FieldId,
    /// The part of a composite value, if it is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Whether the greatest comes first.
    #[serde(default)]
    pub descending: bool,
}

/// The column of a singleton's table that is the same in every record.
pub const SINGLETON_COLUMN: &str = "singleton";

/// A field as the metadata table keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldDefinition {
    /// The API name.
    pub name: ApiName,
    /// Old names.
    #[serde(default, skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// Old names of the inverse of a reference.
    #[serde(default, skip_serializing_if = "Aliases::is_empty")]
    pub inverse_aliases: Aliases,
    /// What people read.
    pub label: String,
    /// What people read when they ask what it is for.
    #[serde(default)]
    pub help: String,
    /// The name of the field type.
    #[serde(rename = "type")]
    pub field_type: String,
    /// The settings of the type.
    #[serde(default)]
    pub settings: Settings,
    /// Whether a record must have a value.
    #[serde(default)]
    pub required: bool,
    /// Whether no two live records may have the same value.
    #[serde(default)]
    pub unique: bool,
    /// The value of a new record that brings none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// What a field of any type may have besides.
    #[serde(flatten)]
    pub attributes: FieldAttributes,
    /// The first physical column.
    pub column: String,
    /// Fields show in this order.
    #[serde(default)]
    pub position: i64,
    /// Slow work on it that is not done yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<FieldWork>,
}

impl FieldDefinition {
    /// Whether a new record that brings no value is given one.
    pub fn has_default(&self) -> bool {
        self.default.is_some() || self.attributes.default_expression.is_some()
    }

    /// Whether its values are short enough for an index, and stand in an order.
    pub fn can_have_index(&self) -> bool {
        let Some(field_type) = find_field_type(&self.field_type) else {
            return true;
        };
        let settings = &self.settings;
        let (field_type, settings) = field_type
            .value_type(settings)
            .unwrap_or((field_type, settings));
        let parts = field_type.parts(settings);
        parts.first().is_some_and(|part| match part.storage {
            Storage::Json | Storage::TextSet | Storage::Secret => false,
            Storage::Text => {
                part.scalar == Scalar::Choice || field_type.check_unique(settings).is_ok()
            }
            Storage::Integer
            | Storage::BigInteger
            | Storage::Decimal { .. }
            | Storage::Boolean
            | Storage::Date
            | Storage::Instant
            | Storage::Float
            | Storage::Time
            | Storage::Duration
            | Storage::Uuid => true,
        })
    }
}

/// What a field of any type may have besides name, type and settings; nothing of it by default. The
/// members stand flat in definitions and changesets.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the JSON form"
)]
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldAttributes {
    /// What people read in other languages, by BCP 47 tag.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The help text in other languages, by BCP 47 tag.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub helps: BTreeMap<String, String>,
    /// Whether callers can't write it: presets of rules and the server itself do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// Whether it can be written only while it has no value.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub write_once: bool,
    /// Whether events keep its values; absent is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audited: Option<bool>,
    /// How much its values tell of a person.
    #[serde(skip_serializing_if = "PersonalData::is_none")]
    pub personal_data: PersonalData,
    /// Whether the audit log tells who reads it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub audit_reads: bool,
    /// Whether the search over records looks at it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub searchable: bool,
    /// Whether filters and sorts on it are helped by an index.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub indexed: bool,
    /// A condition under which a record must have a value; stored with ids in place of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_when: Option<String>,
    /// The value of a new record that brings none; stored with ids in place of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_expression: Option<String>,
}

impl FieldAttributes {
    /// The JSON names of the members.
    pub const KEYS: &[&str] = &[
        "labels",
        "helps",
        "readOnly",
        "writeOnce",
        "audited",
        "personalData",
        "auditReads",
        "searchable",
        "indexed",
        "requiredWhen",
        "defaultExpression",
    ];

    /// Whether events keep its values.
    pub fn is_audited(&self) -> bool {
        self.audited.unwrap_or(true)
    }
}

/// How much the values of a field tell of a person, in the classes of the GDPR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonalData {
    /// Nothing.
    #[default]
    None,
    /// Something that identifies or describes a person (article 4).
    Personal,
    /// One of the special categories: health, origin, belief, … (article 9).
    Sensitive,
}

impl PersonalData {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde calls"
    )]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A condition that every record keeps when it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleDefinition {
    /// What it is called among the rules of its type.
    pub name: ApiName,
    /// What must hold, with ids in place of names.
    pub condition: String,
    /// What people are told who break it.
    pub message: String,
    /// The fields that are at fault.
    pub fields: Vec<FieldId>,
}

/// A relation type as the metadata table keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationDefinition {
    /// The API name.
    pub name: ApiName,
    /// Old names.
    #[serde(default, skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What the relation is for.
    #[serde(default)]
    pub description: String,
    /// The physical link table.
    pub table: String,
    /// The source end.
    pub source: EndDefinition,
    /// The target end.
    pub target: EndDefinition,
    /// What every link keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<RuleDefinition>,
    /// Whether links hold for a period: they have `validFrom` and `validUntil`.
    #[serde(default)]
    pub temporal: bool,
    /// Whether a link says the same from either end. Both ends are then one and the same.
    #[serde(default)]
    pub symmetric: bool,
    /// Whether two records may be linked more than once at a time. What was defined before this could
    /// be said allows it.
    #[serde(default = "yes")]
    pub allow_duplicates: bool,
}

fn yes() -> bool {
    true
}

/// One end of a relation type as the metadata table keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndDefinition {
    /// The object type at this end; none where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectTypeId>,
    /// The object types at an end of several. Those that are deleted stay, and come back with the type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectTypeId>,
    /// The collection that a record at this end has.
    pub name: ApiName,
    /// Old names of the collection.
    #[serde(default, skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How many links a record at this end may have.
    #[serde(default)]
    pub cardinality: Cardinality,
    /// What becomes of the records at the other end when one at this end is deleted.
    #[serde(default, skip_serializing_if = "OnDelete::is_detach")]
    pub on_delete: OnDelete,
    /// Whether the links of a record at this end keep their order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}
