//! Relation types: named, directed kinds of link with fields of their own.

use std::{ops::Deref, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    catalog::{
        Direction, Field, FieldList, Origin, SystemField,
        definition::{EndDefinition, RelationDefinition},
    },
    id::RelationTypeId,
};

/// A kind of link between records: its definition, which it derefs to, and what only the catalog knows
/// of it. The link table has the columns `source_id` and `target_id`, and beside each of them at an end
/// of several object types the column of the type.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationType {
    /// Never changes.
    pub id: RelationTypeId,
    /// Names, labels, ends and all else that admins define.
    pub definition: RelationDefinition,
    /// Standard or custom.
    pub origin: Origin,
    /// The link's own fields, system fields first.
    pub fields: FieldList,
    /// At ends of several object types, from the source on, the pointer to the record there. It is no
    /// field of the link: who may walk there may follow it.
    pub(in crate::catalog) pointers: [Option<Arc<Field>>; 2],
}

impl Deref for RelationType {
    type Target = RelationDefinition;

    fn deref(&self) -> &RelationDefinition {
        &self.definition
    }
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
    pub fn near(&self, direction: Direction) -> &EndDefinition {
        match direction {
            Direction::Forward | Direction::Either => &self.source,
            Direction::Reverse => &self.target,
        }
    }

    /// The end at which a walk in this direction arrives.
    pub fn far(&self, direction: Direction) -> &EndDefinition {
        match direction {
            Direction::Forward | Direction::Either => &self.target,
            Direction::Reverse => &self.source,
        }
    }

    /// The physical columns of the near and the far end. Those of a walk from either end change places.
    pub fn columns(direction: Direction) -> (&'static str, &'static str) {
        match direction {
            Direction::Forward | Direction::Either => ("source_id", "target_id"),
            Direction::Reverse => ("target_id", "source_id"),
        }
    }

    /// The directions in which it can be walked, each a collection of its own.
    pub fn directions(&self) -> &'static [Direction] {
        if self.symmetric {
            &[Direction::Either]
        } else {
            &[Direction::Forward, Direction::Reverse]
        }
    }

    /// The fields of the period in which a link holds, if the type is temporal.
    pub fn period(&self) -> Option<[&Arc<Field>; 2]> {
        let from = self.fields.find_system(SystemField::ValidFrom)?;
        let until = self.fields.find_system(SystemField::ValidUntil)?;
        Some([from, until])
    }
}
