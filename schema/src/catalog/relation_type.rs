//! Relation types: named, directed kinds of link with fields of their own.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::{Direction, FieldList, Origin},
    id::{ObjectTypeId, RelationTypeId},
    name::ApiName,
};

/// A kind of link between two object types.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationType {
    /// Never changes.
    pub id: RelationTypeId,
    /// The API name, such as `employment`.
    pub name: ApiName,
    /// What people read.
    pub label: String,
    /// What the relation is for.
    pub description: String,
    /// Standard or custom.
    pub origin: Origin,
    /// The physical link table, with the columns `source_id` and `target_id`.
    pub table: String,
    /// The source end: `name` is the collection that a source has.
    pub source: End,
    /// The target end: `name` is the collection that a target has.
    pub target: End,
    /// The link's own fields, system fields first.
    pub fields: FieldList,
}

/// One end of a relation type.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// The object type at this end.
    pub object: ObjectTypeId,
    /// The collection that a record at this end has, such as `employers` on a person.
    pub name: ApiName,
    /// What people read: "works for", "employs".
    pub label: String,
    /// How many links a record at this end may have.
    pub cardinality: Cardinality,
}

/// How many links a record may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cardinality {
    /// At most one.
    One,
    /// Any number.
    #[default]
    Many,
}

impl RelationType {
    /// The end at which a walk in this direction starts.
    pub fn near(&self, direction: Direction) -> &End {
        match direction {
            Direction::Forward => &self.source,
            Direction::Reverse => &self.target,
        }
    }

    /// The end at which a walk in this direction arrives.
    pub fn far(&self, direction: Direction) -> &End {
        match direction {
            Direction::Forward => &self.target,
            Direction::Reverse => &self.source,
        }
    }

    /// The physical columns of the near and the far end.
    pub fn columns(direction: Direction) -> (&'static str, &'static str) {
        match direction {
            Direction::Forward => ("source_id", "target_id"),
            Direction::Reverse => ("target_id", "source_id"),
        }
    }
}
