//! Collections that keep the order of their members: on from the start, or switched on for those that are
//! there, which then stand in the order of their ids. They keep it for good.

use super::{super::plan::Step, Validation};
use crate::{
    catalog::{
        SOURCE_POSITION, Subject, TARGET_POSITION,
        definition::{EndDefinition, FieldDefinition, RelationDefinition},
        reference_position,
    },
    error::{FaultCode, Place},
    field_type::Settings,
    id::{FieldId, RelationTypeId},
};

/// What an item of an ordered collection has beside the fields of its link.
const MEMBER: &str = "position";

impl Validation<'_> {
    /// Plans the order of the ends that are ordered now and were not before.
    pub(super) fn order_ends(
        &mut self,
        (id, before): (RelationTypeId, Option<&RelationDefinition>),
        definition: &RelationDefinition,
        place: &Place,
    ) {
        type End = fn(&RelationDefinition) -> &EndDefinition;
        let ends: [(&str, End, &str, &str); 2] = [
            ("source", |it| &it.source, "source_id", SOURCE_POSITION),
            ("target", |it| &it.target, "target_id", TARGET_POSITION),
        ];
        for (name, end, parent, position) in ends {
            let place = place.child(name).child("ordered");
            let was_ordered = before.is_some_and(|it| end(it).ordered);
            match (was_ordered, end(definition).ordered) {
                (false, true) if definition.symmetric => {
                    let message =
                        "a symmetric type has one collection for both ends, which keeps no order";
                    self.refuse(place, FaultCode::InvalidValue, message);
                }
                (false, true) => {
                    self.position_is_free(id, &place);
                    self.step(Step::MakeOrdered {
                        table: definition.table.clone(),
                        parent: parent.to_owned(),
                        position: position.to_owned(),
                    });
                }
                (true, false) => {
                    let message = "can't be taken back: the links have their places";
                    self.refuse(place, FaultCode::InvalidValue, message);
                }
                (true, true) | (false, false) => {}
            }
        }
    }

    fn position_is_free(&mut self, relation: RelationTypeId, place: &Place) {
        let fields = self.draft.fields(relation.uuid());
        if fields
            .iter()
            .any(|it| it.definition.name.as_str() == MEMBER)
        {
            let message = format!(
                "the items of an ordered collection have a member {MEMBER:?} of their own; rename the \
                 field of that name first"
            );
            self.refuse(place.clone(), FaultCode::NameTaken, message);
        }
    }

    /// A field of links has not the name of a place.
    pub(super) fn is_no_position(&mut self, owner: Subject, name: &str, place: &Place) {
        let Subject::Relation(id) = owner else { return };
        let is_ordered = self.draft.relations.get(&id).is_some_and(|entry| {
            let definition = &entry.definition;
            definition.source.ordered || definition.target.ordered
        });
        if is_ordered && name == MEMBER {
            let message = format!(
                "{MEMBER:?} is where an item of an ordered collection goes; choose another name"
            );
            self.refuse(place.clone(), FaultCode::NameTaken, message);
        }
    }

    /// Plans the order of an inverse that is ordered now and was not before. What is not sent stays.
    pub(super) fn order_inverse(
        &mut self,
        owner: Subject,
        (id, old): (FieldId, Option<&Settings>),
        definition: &FieldDefinition,
        place: &Place,
    ) {
        let ordered = |settings: &Settings| settings.inverse.as_ref().is_some_and(|it| it.ordered);
        let was_ordered = old.is_some_and(ordered);
        match (was_ordered, ordered(&definition.settings)) {
            (false, true) => {
                let (table, _) = self.draft.table(owner);
                self.step(Step::MakeOrdered {
                    table,
                    parent: definition.column.clone(),
                    position: reference_position(id),
                });
            }
            (true, false) => {
                let message = "can't be taken back: the records have their places";
                let place = place.child("inverse").child("ordered");
                self.refuse(place, FaultCode::InvalidValue, message);
            }
            (true, true) | (false, false) => {}
        }
    }
}
