//! Ends of relation types: the object types whose records stand there. An end of several types is a
//! pointer from the link, with the form of a reference to several types.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    catalog::{
        Direction, Field, Origin, RelationType, SystemField,
        definition::EndDefinition,
        field::{columns_of, system_field},
    },
    field_type::{Settings, find_field_type},
    id::{FieldId, ObjectTypeId, RelationTypeId},
};

/// The columns of the records at the source and at the target.
const COLUMNS: [(&str, &str); 2] = [("source", "source_id"), ("target", "target_id")];

impl EndDefinition {
    /// The object types at this end, also those that are deleted.
    pub fn types(&self) -> impl Iterator<Item = ObjectTypeId> {
        self.object.into_iter().chain(self.objects.iter().copied())
    }

    /// Whether records of this type stand at this end.
    pub fn has(&self, object: ObjectTypeId) -> bool {
        self.types().any(|known| known == object)
    }

    /// Whether links say of what type the record at this end is.
    pub fn is_polymorphic(&self) -> bool {
        self.object.is_none()
    }

    /// Whether a record can stand at both ends.
    pub(crate) fn shares_type_with(&self, other: &Self) -> bool {
        let own: BTreeSet<ObjectTypeId> = self.types().collect();
        other.types().any(|known| own.contains(&known))
    }
}

/// The columns that say of what type the records at the ends of several types are, from the source on.
pub(crate) fn type_column(is_source: bool) -> &'static str {
    if is_source {
        "source_id_type"
    } else {
        "target_id_type"
    }
}

/// The pointers that the ends of a relation type are; none at an end of one type.
pub(super) fn pointers(id: RelationTypeId, ends: [&EndDefinition; 2]) -> [Option<Arc<Field>>; 2] {
    let [source, target] = ends;
    [(0, source), (1, target)].map(|(at, end)| pointer(id, COLUMNS[at], end).map(Arc::new))
}

fn pointer(
    relation: RelationTypeId,
    (name, column): (&'static str, &'static str),
    end: &EndDefinition,
) -> Option<Field> {
    if !end.is_polymorphic() {
        return None;
    }
    let field_type = find_field_type("reference")?;
    let settings = Settings {
        targets: end.objects.clone(),
        ..Settings::default()
    };
    let row = (SystemField::Id, name, column, "", field_type.name(), "");
    let mut pointer = system_field(row)?;
    pointer.id = FieldId::standard(&relation.to_string(), column);
    pointer.columns = columns_of(field_type, &settings, column, false);
    pointer.origin = Origin::Custom;
    pointer.system = None;
    let definition = Arc::make_mut(&mut pointer.definition);
    definition.label.clone_from(&end.label);
    definition.settings = settings;
    definition.unique = false;
    Some(pointer)
}

impl RelationType {
    /// The pointer to the record at the near end, where that is one of several types.
    pub fn near_pointer(&self, direction: Direction) -> Option<&Arc<Field>> {
        match direction {
            Direction::Forward | Direction::Either => self.pointers[0].as_ref(),
            Direction::Reverse => self.pointers[1].as_ref(),
        }
    }

    /// The pointer to the record at the far end, where that is one of several types.
    pub fn far_pointer(&self, direction: Direction) -> Option<&Arc<Field>> {
        self.near_pointer(direction.reversed_end())
    }

    /// The pointer with this id.
    pub fn find_pointer(&self, id: FieldId) -> Option<&Arc<Field>> {
        self.pointers.iter().flatten().find(|field| field.id == id)
    }

    /// From which end a walk starts whose far end is this pointer.
    pub fn direction_to(&self, pointer: FieldId) -> Direction {
        match &self.pointers[0] {
            Some(source) if source.id == pointer => Direction::Reverse,
            Some(_) | None => Direction::Forward,
        }
    }
}

impl Direction {
    /// The direction that starts at the other end. A symmetric type has no end of several types, so that
    /// it does not matter which of its ends that is.
    fn reversed_end(self) -> Self {
        match self {
            Self::Forward | Self::Either => Self::Reverse,
            Self::Reverse => Self::Forward,
        }
    }
}
