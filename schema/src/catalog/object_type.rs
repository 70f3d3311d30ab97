//! Object types and the collections that hang on them.

use crate::{
    catalog::{FieldList, Origin},
    id::{FieldId, ObjectTypeId, RelationTypeId},
    name::ApiName,
};

/// A kind of record.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectType {
    /// Never changes.
    pub id: ObjectTypeId,
    /// The singular API name, such as `organization`.
    pub name: ApiName,
    /// The plural API name, as it stands in URLs and GraphQL lists.
    pub plural: ApiName,
    /// What people read, singular.
    pub label: String,
    /// What people read, plural.
    pub plural_label: String,
    /// What the type is for.
    pub description: String,
    /// Standard or custom.
    pub origin: Origin,
    /// The physical table.
    pub table: String,
    /// The field that names a record to people.
    pub title: Option<FieldId>,
    /// The fields, system fields first.
    pub fields: FieldList,
}

/// A to-many side of an object type: the inverse of a reference, or one side of a relation type.
#[derive(Debug, Clone)]
pub struct Collection {
    /// The API name, such as `orders`.
    pub name: ApiName,
    /// What people read.
    pub label: String,
    /// The object type of the members.
    pub target: ObjectTypeId,
    /// Where the members come from.
    pub kind: CollectionKind,
}

/// Where the members of a collection come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionKind {
    /// Records of the target whose reference field points here.
    Inverse {
        /// The reference, a field of the target.
        field: FieldId,
    },
    /// Links of a relation type.
    Relation {
        /// The relation type.
        relation: RelationTypeId,
        /// From which end it is walked.
        direction: Direction,
    },
}

/// From which end a relation is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From source to target.
    Forward,
    /// From target to source.
    Reverse,
}
