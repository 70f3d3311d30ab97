//! The records at the ends of a link, each with its object type. At an end of several types the link
//! holds the type beside the id, and whoever makes a link says it.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Path, Writing};
use crate::{
    catalog::{Column, Direction, End, Field, RelationType, type_column},
    error::{Error, FaultCode, Place, Result},
    id::ObjectTypeId,
    plan::pointer,
    sql::{sets::end_column, write::Assignment},
    store::Row,
    value::{Storage, Value},
};

/// A record with its object type.
pub(in crate::engine::write) type Record = (ObjectTypeId, Uuid);

/// The ends of a relation type, each with its own of these.
fn both<T>(relation: &RelationType, [source, target]: [T; 2]) -> [(T, &End); 2] {
    [(source, &relation.source), (target, &relation.target)]
}

/// The columns from which [`far_end`] reads.
pub(in crate::engine::write) fn end_columns(relation: &RelationType) -> Vec<Column> {
    let ids = ["source_id", "target_id"];
    let mut columns: Vec<Column> = ids.into_iter().map(end_column).collect();
    let ends = both(relation, [true, false]).into_iter();
    let of_types = ends.filter(|(_, end)| end.is_polymorphic());
    columns.extend(of_types.map(|(is_source, _)| end_column(type_column(is_source))));
    columns
}

/// The record at the far end of a link, of which the end columns were read behind one cell; nothing when
/// the link does not start at this record.
pub(in crate::engine::write) fn far_end(
    (relation, direction): (&RelationType, Direction),
    near: Option<Record>,
    row: &Row,
) -> Result<Option<Record>> {
    let mut next = 3;
    let mut ends = Vec::with_capacity(2);
    for (at, end) in both(relation, [1, 2]) {
        let mut of_type = end.object;
        if end.is_polymorphic() {
            of_type = row.uuid(next)?.map(ObjectTypeId::new);
            next += 1;
        }
        ends.push(of_type.zip(row.uuid(at)?));
    }
    let [source, target] = [ends[0], ends[1]];
    Ok(match direction {
        Direction::Forward | Direction::Either if source == near => target,
        Direction::Reverse | Direction::Either if target == near => source,
        Direction::Forward | Direction::Reverse | Direction::Either => None,
    })
}

impl Path {
    /// The records at the source and at the target. A symmetric type has no such order, so that the lesser
    /// id stands first.
    pub(super) fn ends(&self, far: Record) -> [Record; 2] {
        let near = self.start();
        match self.direction {
            Direction::Reverse => [far, near],
            Direction::Either if far.1 < near.1 => [far, near],
            Direction::Forward | Direction::Either => [near, far],
        }
    }

    /// The columns of the ends with their values.
    pub(super) fn assignments(&self, far: Record) -> Vec<Assignment<'static>> {
        let mut assignments = Vec::with_capacity(4);
        let ids = ["source_id", "target_id"];
        for ((of_type, id), (column, end)) in self.ends(far).into_iter().zip(self.both(ids)) {
            assignments.push(Assignment::new(column, Storage::Uuid, Value::Uuid(id)));
            if end.is_polymorphic() {
                let column = type_column(column == "source_id");
                let of_type = Value::Uuid(of_type.uuid());
                assignments.push(Assignment::new(column, Storage::Uuid, of_type));
            }
        }
        assignments
    }

    /// What an event says of the ends of a new link.
    pub(super) fn event(&self, far: Record) -> Map<String, Json> {
        let names = ["source", "target"];
        let ends = self.ends(far).into_iter().zip(self.both(names));
        let said = ends.map(|((of_type, id), (name, end))| {
            let after = if end.is_polymorphic() {
                json!({ "id": id.to_string(), "type": of_type.to_string() })
            } else {
                Json::from(id.to_string())
            };
            (name.to_owned(), json!({ "after": after }))
        });
        said.collect()
    }

    /// The record at which the path starts.
    pub(in crate::engine::write) fn start(&self) -> Record {
        (self.near_type, self.near.uuid())
    }

    /// Whether records of this type stand at the far end: a type that was taken from it, or deleted, has
    /// none there.
    pub(in crate::engine::write) fn leads_to(&self, object: ObjectTypeId) -> bool {
        self.relation.far(self.direction).has(object)
    }

    fn both<T>(&self, of: [T; 2]) -> [(T, &End); 2] {
        both(&self.relation, of)
    }

    /// The object type of the record to link to: the only one of the far end, or the one that was named.
    /// It is taken out of the values, where it stands beside the fields of the link.
    pub(in crate::engine::write) fn named_type(
        &self,
        writing: &Writing<'_>,
        values: &mut Map<String, Json>,
        place: &Place,
    ) -> Result<ObjectTypeId> {
        let Some(pointer) = self.relation.far_pointer(self.direction) else {
            let object = self.relation.far(self.direction).object;
            return object.ok_or_else(|| Error::internal("linking", "an end without a type"));
        };
        let place = place.child("type");
        let names = || writing.readable_targets(pointer);
        let name = match values.shift_remove("type") {
            Some(Json::String(name)) => name,
            Some(_) => {
                let message = format!("must be the name of an object type: {}", names());
                return Err(Error::fault(place, FaultCode::InvalidValue, message));
            }
            None => {
                let message = format!("name the object type of the record to link to: {}", names());
                return Err(Error::fault(place, FaultCode::Required, message));
            }
        };
        writing.find_type(pointer, &name).ok_or_else(|| {
            let message = format!(
                "{name:?} is no object type that links lead to here; there are {}",
                names()
            );
            Error::fault(place, FaultCode::InvalidValue, message)
        })
    }
}

impl Writing<'_> {
    /// The target of a pointer with this name, if the caller can read its records.
    pub(in crate::engine::write) fn find_type(
        &self,
        pointer: &Field,
        name: &str,
    ) -> Option<ObjectTypeId> {
        let target = self.catalog.find_target(pointer, name)?;
        self.checker.grant_read(target.id)?;
        Some(target.id)
    }

    fn readable_targets(&self, pointer: &Field) -> String {
        let is_readable =
            |object: &crate::catalog::ObjectType| self.checker.grant_read(object.id).is_some();
        pointer::target_names(self.catalog, pointer, is_readable)
    }
}
