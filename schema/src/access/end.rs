//! Links of relation types with an end of several object types: which of them a record of one type has,
//! and at which records of which types they may lead.

use crate::{
    access::{Condition, GrantedCollection, Operand, Surface, SurfaceCollection, SurfaceObject},
    catalog::{CollectionKind, Direction, Field, RelationType},
    field_type::Operator,
    id::ObjectTypeId,
    value::Value,
};

impl Condition {
    /// The record at the near end of a link is of this type; true where no other type can stand there.
    pub(crate) fn near_is(
        relation: &RelationType,
        direction: Direction,
        near: ObjectTypeId,
    ) -> Self {
        match relation.near_pointer(direction) {
            None => Self::TRUE,
            Some(pointer) => Self::Compare {
                field: pointer.id,
                part: 1,
                operator: Operator::Eq,
                operand: Operand::Value(Value::Uuid(near.uuid())),
                visible: None,
            },
        }
    }

    /// A pointer points at a live record of this type that fits.
    pub(crate) fn points_at(pointer: &Field, target: ObjectTypeId, inner: Self) -> Self {
        Self::Through {
            field: pointer.id,
            target,
            visible: None,
            inner: Box::new(inner),
        }
    }
}

impl GrantedCollection<'_> {
    /// The links that the caller may see of a record that has the collection; true for inverses.
    pub(crate) fn link_scope(&self) -> Condition {
        let links = self.links.as_ref();
        let links = links.map_or(Condition::TRUE, |links| links.rows().into_condition());
        links.and(self.of_near.clone())
    }
}

impl SurfaceCollection {
    /// The pointer to the members, where they are of several object types.
    pub fn pointer(&self) -> Option<&Field> {
        match (self.collection.kind, &self.relation) {
            (CollectionKind::Relation { direction, .. }, Some(side)) => {
                side.relation.far_pointer(direction).map(|field| &**field)
            }
            (CollectionKind::Relation { .. } | CollectionKind::Inverse { .. }, _) => None,
        }
    }
}

impl Surface {
    /// The object type of the members of a collection; none where they are of several.
    pub fn member(&self, collection: &SurfaceCollection) -> Option<&SurfaceObject> {
        self.find(collection.collection.target?)
    }

    /// The object types of the members of a collection, as far as the caller may read them.
    pub fn members(&self, collection: &SurfaceCollection) -> Vec<&SurfaceObject> {
        match collection.pointer() {
            Some(pointer) => self.targets(pointer),
            None => self.member(collection).into_iter().collect(),
        }
    }
}
