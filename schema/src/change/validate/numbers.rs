//! Auto numbers: what they do not take, and the numbers of the rows that are there already.

use super::{
    super::plan::{Numbering, Step},
    Validation,
};
use crate::{
    catalog::{Subject, definition::FieldDefinition},
    error::{FaultCode, Place},
    field_type::{FieldType, Settings, find_field_type},
    id::FieldId,
};

impl Validation<'_> {
    /// Whether a new field is unique, which the type must allow. Auto numbers are so whether it is asked
    /// for or not.
    pub(super) fn is_unique(
        &mut self,
        (field_type, settings): (&dyn FieldType, &Settings),
        asked: bool,
        place: &Place,
    ) -> bool {
        if asked {
            self.type_can_be_unique(field_type, settings, place);
        }
        asked || field_type.number_format(settings).is_some()
    }

    /// An auto number stays unique.
    pub(super) fn stays_unique(&mut self, field: &FieldDefinition, place: &Place) {
        let field_type = find_field_type(&field.field_type);
        let format = field_type.and_then(|it| it.number_format(&field.settings));
        if format.is_some() {
            let message = "a field of this type is always unique";
            self.refuse(place.child("unique"), FaultCode::InvalidValue, message);
        }
    }

    /// The step that numbers the rows of a type. Tells whether the field is an auto number.
    pub(super) fn plan_numbers(
        &mut self,
        owner: Subject,
        field: FieldId,
        of: &FieldDefinition,
    ) -> bool {
        let (table, is_new) = self.draft.table(owner);
        let format = find_field_type(&of.field_type)
            .and_then(|field_type| field_type.number_format(&of.settings));
        let numbered = format.is_some();
        if let Some(format) = format.filter(|_| !is_new) {
            self.step(Step::Number(Numbering {
                field,
                table,
                column: of.column.clone(),
                format,
                only_missing: false,
            }));
        }
        numbered
    }

    /// The step that numbers the rows which were made while the field was deleted; the counters go on.
    /// Tells whether the field is an auto number.
    pub(super) fn plan_missing_numbers(
        &mut self,
        owner: Subject,
        field: FieldId,
        of: &FieldDefinition,
    ) -> bool {
        let (table, _) = self.draft.table(owner);
        let format = find_field_type(&of.field_type)
            .and_then(|field_type| field_type.number_format(&of.settings));
        let numbered = format.is_some();
        if let Some(format) = format {
            self.step(Step::Number(Numbering {
                field,
                table,
                column: of.column.clone(),
                format,
                only_missing: true,
            }));
        }
        numbered
    }
}
