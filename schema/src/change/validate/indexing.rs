//! Indexes of fields: which fields may have one, and the job that builds or drops it.

use super::{
    super::{
        draft::DraftField,
        index_of_field::IndexOfField,
        job::{IndexJob, JobInput},
    },
    Validation,
};
use crate::{
    catalog::{Subject, definition::FieldDefinition},
    error::{FaultCode, Place},
    id::FieldId,
};

impl Validation<'_> {
    pub(super) fn set_index(&mut self, input: &IndexOfField, there: bool, place: &Place) {
        let named = input.object.as_deref().or(input.relation.as_deref());
        let named = named.unwrap_or_default();
        let verb = if there { "builds" } else { "drops" };
        self.summarize(format!("{verb} the index of {named}.{}", input.field));
        let owner = self.owner(input.object.as_deref(), input.relation.as_deref(), place);
        let Some(owner) = owner else { return };
        if self.field(owner, &input.field, place).is_none() {
            return;
        }
        let Some(field) = self.draft.find_field(owner.uuid(), &input.field).cloned() else {
            return;
        };
        if self.is_converting(&field, &place.child("field")) {
            return;
        }
        let mut definition = field.to_definition();
        definition.attributes.indexed = there;
        self.index_fits(&definition, &place.child("field"));
        self.plan_index(owner, (field.id, Some(&field)), &definition);
        self.draft.put_field(owner.uuid(), field.id, definition);
    }

    /// The values of an indexed field are short enough for an index, and stand in an order.
    pub(super) fn index_fits(&mut self, definition: &FieldDefinition, place: &Place) {
        if definition.attributes.indexed && !definition.can_have_index() {
            let message = format!(
                "a field of the type {} with these settings can't have an index: its values are too long or have no order",
                definition.field_type
            );
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// Asks for the job when the index is to come or to go. A field whose column is made just now has an
    /// index from the start if its table is new as well.
    pub(super) fn plan_index(
        &mut self,
        owner: Subject,
        (id, before): (FieldId, Option<&DraftField>),
        definition: &FieldDefinition,
    ) {
        let indexed = before.is_some_and(|field| field.definition.attributes.indexed);
        if definition.attributes.indexed == indexed || definition.settings.is_reference() {
            return;
        }
        self.enqueue(JobInput::Index(IndexJob {
            owner: owner.uuid(),
            field: id,
        }));
    }
}
