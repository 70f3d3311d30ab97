//! Object types and the collections that hang on them.

use std::{collections::BTreeMap, ops::Deref};

use crate::{
    catalog::{Aliases, FieldList, Origin, definition::ObjectDefinition},
    id::{FieldId, ObjectTypeId, RelationTypeId},
    name::ApiName,
};

/// A kind of record: its definition, which it derefs to, and what only the catalog knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectType {
    /// Never changes.
    pub id: ObjectTypeId,
    /// Names, labels and all else that admins define. The title is that of a live field.
    pub definition: ObjectDefinition,
    /// Standard or custom.
    pub origin: Origin,
    /// The fields, system fields first.
    pub fields: FieldList,
}

impl Deref for ObjectType {
    type Target = ObjectDefinition;

    fn deref(&self) -> &ObjectDefinition {
        &self.definition
    }
}

/// A to-many side of an object type: the inverse of a reference, or one side of a relation type.
#[derive(Debug, Clone)]
pub struct Collection {
    /// The API name, such as `orders`.
    pub name: ApiName,
    /// Old names.
    pub aliases: Aliases,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    pub labels: BTreeMap<String, String>,
    /// The object type of the members; none where they are of several.
    pub target: Option<ObjectTypeId>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From source to target.
    Forward,
    /// From target to source.
    Reverse,
    /// From whichever end a record stands at to the other one; of symmetric relation types.
    Either,
}

impl Direction {
    /// The direction back.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Forward => Self::Reverse,
            Self::Reverse => Self::Forward,
            Self::Either => Self::Either,
        }
    }
}
