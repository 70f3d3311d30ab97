//! The forms of descriptions: their members are those of the JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{indexes::IndexDescription, settings::RuleDescription};
use crate::{catalog::Aliases, field_type::OnDelete, id::JobId};

/// An object type as one caller may see it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the JSON form"
)]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectDescription {
    /// The singular API name.
    pub name: String,
    /// The plural API name.
    pub plural: String,
    /// Old names that still answer, with their ends.
    #[serde(skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// Old plural names that still answer, with their ends.
    #[serde(skip_serializing_if = "Aliases::is_empty")]
    pub plural_aliases: Aliases,
    /// What people read, singular.
    pub label: String,
    /// What people read, plural.
    pub plural_label: String,
    /// What the type is for.
    pub description: String,
    /// `standard` or `custom`.
    pub origin: &'static str,
    /// The field that names a record, when the caller may see it.
    pub title: Option<String>,
    /// What people read of a record, when the caller may see all that it is made of.
    pub display_template: Option<String>,
    /// The texts that the display name is made of, as far as the caller may read them: what a picker
    /// looks for in.
    pub display_fields: Vec<String>,
    /// What people read in other languages, singular.
    pub labels: BTreeMap<String, String>,
    /// What people read in other languages, plural.
    pub plural_labels: BTreeMap<String, String>,
    /// The order of lists that ask for none, as far as the caller may see it.
    pub default_sort: Vec<String>,
    /// The keys that tell records apart, all of whose fields the caller may name.
    pub unique_keys: Vec<KeyDescription>,
    /// Whether records have an owner that the caller may name.
    pub has_owner: bool,
    /// Whether there is at most one record.
    pub singleton: bool,
    /// The most records of one page of a list.
    pub max_rows: u32,
    /// Whether the caller may see records.
    pub readable: bool,
    /// Whether the caller may create records.
    pub creatable: bool,
    /// Whether the caller may change records.
    pub updatable: bool,
    /// Whether the caller may delete and restore records.
    pub deletable: bool,
    /// The fields that the caller may read or write, system fields first.
    pub fields: Vec<FieldDescription>,
    /// What every record keeps, as far as the caller may read all that it looks at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<RuleDescription>,
    /// The collections that the caller may walk: inverses of references and relation types.
    pub relations: Vec<CollectionDescription>,
}

/// Fields that together tell two live records apart.
#[derive(Debug, Clone, Serialize)]
pub struct KeyDescription {
    /// What the key is called.
    pub name: String,
    /// Its fields.
    pub fields: Vec<String>,
}

/// A field as one caller may see it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the JSON form"
)]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldDescription {
    /// The API name.
    pub name: String,
    /// Old names that still answer, with their ends.
    #[serde(skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// The name of the field type.
    #[serde(rename = "type")]
    pub field_type: &'static str,
    /// What people read.
    pub label: String,
    /// What people read when they ask what it is for.
    pub help: String,
    /// Whether a record must have a value.
    pub required: bool,
    /// Whether a record must have a value under a condition: `requiredWhen`, where the caller may be shown
    /// it.
    pub conditionally_required: bool,
    /// Whether a new record that brings no value is given one: `default`, or `defaultExpression` where
    /// the caller may be shown it.
    pub has_default: bool,
    /// Whether no two live records may have the same value.
    pub unique: bool,
    /// The value of a new record that brings none.
    pub default: Option<Json>,
    /// What a field of any type may have besides: `labels`, `readOnly`, `audited`, …
    #[serde(flatten)]
    pub attributes: Map<String, Json>,
    /// The settings of the type, beside the rest as in a changeset.
    #[serde(flatten)]
    pub settings: Map<String, Json>,
    /// `standard` or `custom`.
    pub origin: &'static str,
    /// Whether the engine keeps it.
    pub system: bool,
    /// Whether the caller may read it on some record.
    pub readable: bool,
    /// Whether the caller may send it in a create.
    pub creatable: bool,
    /// Whether the caller may send it in an update.
    pub updatable: bool,
    /// On which of the records that the caller sees it shows in full: `always`, `sometimes` or, on none of
    /// them, `masked`. Absent when the caller may not read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<&'static str>,
    /// What may be left of it on other records, that which tells most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<&'static str>,
    /// The operators that a filter may use on it; of a composite value by part. Empty when the caller may
    /// not read it.
    pub operators: Json,
    /// What a list can be sorted by: the field, or the parts of a composite value.
    pub sort_keys: Vec<String>,
    /// The object types that a reference may point at, as far as a picker needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_types: Option<Vec<TargetDescription>>,
    /// What is done with its values in the background.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// The job that does it, for those who may change the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// Its index, for those who may define fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexDescription>,
}

/// What a picker of records needs to know of their type.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetDescription {
    /// The singular API name.
    pub name: String,
    /// The plural API name, as it stands in URLs.
    pub plural: String,
    /// What people read, singular.
    pub label: String,
    /// What people read, plural.
    pub plural_label: String,
    /// The field that names a record, when the caller may see it.
    pub title: Option<String>,
    /// The texts that the display name is made of, as far as the caller may read them: what a picker
    /// looks for in.
    pub display_fields: Vec<String>,
    /// Whether the caller may create records.
    pub creatable: bool,
}

/// A field in the list of all fields.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnedFieldDescription {
    /// The object type that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field.
    #[serde(flatten)]
    pub field: FieldDescription,
}

/// A collection of an object type as one caller may see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionDescription {
    /// The API name.
    pub name: String,
    /// Old names that still answer, with their ends.
    #[serde(skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// What people read.
    pub label: String,
    /// `inverse` of a reference, or `relation`.
    pub kind: &'static str,
    /// The object type of the members; absent where they are of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The object type of the members, as far as a picker needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_type: Option<TargetDescription>,
    /// The object types of members of several types, as far as the caller may read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_types: Option<Vec<TargetDescription>>,
    /// The reference, a field of the target, of which this is the inverse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The relation type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// How many members a record may have here.
    pub cardinality: Json,
    /// Whether the members keep their order.
    pub ordered: bool,
    /// What the way back is called: the reference, or the collection at the other end.
    pub back: BackDescription,
    /// Whether its links hold for a period that the caller may choose them by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal: Option<bool>,
    /// Whether a link says the same from either end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symmetric: Option<bool>,
    /// Whether the caller may make and end links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linkable: Option<bool>,
    /// The link's own fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<FieldDescription>>,
}

/// The way back from a member of a collection.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackDescription {
    /// The API name, of a field or a collection of the target.
    pub name: String,
    /// What people read.
    pub label: String,
    /// How many records a member may have there.
    pub cardinality: Json,
}

/// A relation type as one caller may see it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the JSON form"
)]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationDescription {
    /// The API name.
    pub name: String,
    /// Old names that still answer, with their ends.
    #[serde(skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    pub labels: BTreeMap<String, String>,
    /// What a link says.
    pub description: String,
    /// `standard` or `custom`.
    pub origin: &'static str,
    /// The source end.
    pub source: EndDescription,
    /// The target end.
    pub target: EndDescription,
    /// Whether links hold for a period, `validFrom` and `validUntil`, that the caller may read.
    pub temporal: bool,
    /// Whether a link says the same from either end. Both ends are one and the same then.
    pub symmetric: bool,
    /// Whether two records may be linked more than once at a time.
    pub allow_duplicates: bool,
    /// Whether the caller may make and end links.
    pub linkable: bool,
    /// The link's own fields.
    pub fields: Vec<FieldDescription>,
    /// What every link keeps, as far as the caller may read all that it looks at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<RuleDescription>,
}

/// One end of a relation type.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndDescription {
    /// The object type at this end; absent at an end of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The object types at an end of several, as far as the caller may name them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<String>>,
    /// The collection that a record at this end has.
    pub name: String,
    /// Old names that still answer, with their ends.
    #[serde(skip_serializing_if = "Aliases::is_empty")]
    pub aliases: Aliases,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    pub labels: BTreeMap<String, String>,
    /// How many links a record at this end may have.
    pub cardinality: Json,
    /// What becomes of the records at the other end when one at this end is deleted.
    pub on_delete: OnDelete,
    /// Whether the links of a record at this end keep their order.
    pub ordered: bool,
}

/// A field type, for those who define fields.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldTypeDescription {
    /// The name.
    pub name: &'static str,
    /// The settings that a field of this type may have.
    pub settings: &'static [&'static str],
    /// Those of them that can change while there are records.
    pub changeable_settings: &'static [&'static str],
    /// Whether a field of this type may be unique, its settings aside.
    pub can_be_unique: bool,
    /// The parts of a value, by JSON key, with the operators of each; of a plain value one list.
    pub operators: Json,
    /// Whether lists can be sorted by it.
    pub sortable: bool,
    /// The types that a field of this type can be converted to.
    pub convertible_to: Vec<&'static str>,
}
