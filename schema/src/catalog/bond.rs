//! What hangs on the records of a type when one of them is deleted: references to it, and links at it.

use std::{collections::HashMap, sync::Arc};

use super::{Catalog, Direction, End, Field, ObjectType};
use crate::{
    field_type::OnDelete,
    id::{FieldId, ObjectTypeId, RelationTypeId},
};

/// A way in which other records hang on those of a type, and what the deletion of one does to them.
/// Those that are only detached are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bond {
    /// From the deleted record to those that hang on it.
    pub(crate) way: Way,
    /// What becomes of them; never [`OnDelete::Detach`].
    pub(crate) on_delete: OnDelete,
    /// Whether they are parts of it.
    pub(crate) owned: bool,
}

/// How one record hangs on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a reference of this object type.
    Reference(ObjectTypeId, FieldId),
    /// By links, walked in this direction from the deleted record to records of this object type.
    Links(RelationTypeId, Direction, ObjectTypeId),
}

impl Way {
    /// Whether it leads along links.
    pub(crate) fn is_links(self) -> bool {
        matches!(self, Self::Links(..))
    }
}

impl Catalog {
    /// What hangs on the records of a type, but for what a deletion only detaches.
    pub(crate) fn bonds(&self, object: ObjectTypeId) -> &[Bond] {
        self.bonds.get(&object).map_or(&[], Vec::as_slice)
    }

    /// The references by which records of a type are parts of others: one at most.
    pub(crate) fn owning(object: &ObjectType) -> Option<&Arc<Field>> {
        object.fields.iter().find(|field| field.settings.owned)
    }

    /// The live object types whose records stand at an end of a relation type.
    fn objects_at(&self, end: &End) -> Vec<ObjectTypeId> {
        let types = self.end_types(end).into_iter();
        types.map(|object| object.id).collect()
    }

    pub(super) fn note_bonds(&mut self) {
        let mut bonds: HashMap<ObjectTypeId, Vec<Bond>> = HashMap::new();
        for object in self.objects() {
            let references = object.fields.iter().filter(|field| {
                field.lookup.is_none() && !field.settings.effect_of_deletion().is_detach()
            });
            for field in references {
                let bond = Bond {
                    way: Way::Reference(object.id, field.id),
                    on_delete: field.settings.effect_of_deletion(),
                    owned: field.settings.owned,
                };
                for target in self.targets(field) {
                    bonds.entry(target.id).or_default().push(bond);
                }
            }
        }
        for relation in self.relations() {
            for &direction in relation.directions() {
                let (near, far) = (relation.near(direction), relation.far(direction));
                if near.on_delete.is_detach() {
                    continue;
                }
                for far in self.objects_at(far) {
                    let bond = Bond {
                        way: Way::Links(relation.id, direction, far),
                        on_delete: near.on_delete,
                        owned: false,
                    };
                    for object in self.objects_at(near) {
                        bonds.entry(object).or_default().push(bond);
                    }
                }
            }
        }
        self.bonds = bonds;
    }
}
