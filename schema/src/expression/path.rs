//! Where an input of a program comes from: along references to one field.

use crate::id::FieldId;

/// The most references that one path follows.
pub(super) const MAX_HOPS: usize = 4;

/// A field of the record, or of a record that it refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    /// The references to follow, from the record on; empty for a field of the record itself.
    pub references: Vec<FieldId>,
    /// The field at the end.
    pub field: FieldId,
}

impl Path {
    /// A field of the record itself.
    pub fn own(field: FieldId) -> Self {
        Self {
            references: Vec::new(),
            field,
        }
    }

    /// Whether the field is one of the record itself.
    pub fn is_own(&self) -> bool {
        self.references.is_empty()
    }

    /// Every field that the path touches: the references and the field at its end.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.references.iter().copied().chain([self.field])
    }
}
