//! Ordered collections: where the places of their members are kept.
//!
//! A place is a text, its *rank*: members stand in the order of their ranks. The ranks of the links of a
//! relation type stand in the link table, one for each end that is ordered; those of records whose reference
//! has an ordered inverse in their table, beside the reference.

use super::{Catalog, CollectionKind, Column, Direction, Field, RelationType};
use crate::{field_type::Part, id::FieldId};

/// The rank among the links of the source.
pub(crate) const SOURCE_POSITION: &str = "source_position";
/// The rank among the links of the target.
pub(crate) const TARGET_POSITION: &str = "target_position";

/// The column of the ranks of the records that refer by this field to the same one. Unlike those of fields it
/// is never chosen by a name, so that no field can take it.
pub(crate) fn reference_position(field: FieldId) -> String {
    format!("p_{}", field.uuid().simple())
}

fn ranks(name: impl Into<String>) -> Column {
    Column {
        name: name.into(),
        part: Part::rank(),
        nullable: false,
    }
}

impl RelationType {
    /// The ranks of the links of a record at the end from which this walk begins, if that is ordered.
    pub(crate) fn position_column(&self, direction: Direction) -> Option<Column> {
        let name = match direction {
            Direction::Forward => SOURCE_POSITION,
            Direction::Reverse => TARGET_POSITION,
            Direction::Either => return None,
        };
        self.near(direction).ordered.then(|| ranks(name))
    }
}

impl Field {
    /// The ranks of the records that refer to the same one, if the inverse is ordered.
    pub(crate) fn position_column(&self) -> Option<Column> {
        let inverse = self.settings.inverse.as_ref()?;
        inverse.ordered.then(|| ranks(reference_position(self.id)))
    }
}

impl Catalog {
    /// Whether the members of a collection keep their order.
    pub fn is_ordered(&self, kind: CollectionKind) -> bool {
        match kind {
            CollectionKind::Inverse { field } => self
                .find_reference(field)
                .is_some_and(|(_, field)| field.position_column().is_some()),
            CollectionKind::Relation {
                relation,
                direction,
            } => self
                .find_relation(relation)
                .is_some_and(|relation| relation.position_column(direction).is_some()),
        }
    }
}
