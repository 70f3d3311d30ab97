//! Conversions of fields: whether a field can get another type, what that makes of all that reads it, and,
//! when the values are copied, the change of the two that puts the new columns in place of the old ones.
//!
//! The new columns belong to a hidden field, which counts as deleted from the start. So nothing that a
//! conversion makes or leaves behind is ever without an owner: it goes as deleted fields go.

mod dependants;

use serde_json::{Map, Value as Json};

use super::{
    super::{
        convert_field::ConvertField,
        draft::DraftField,
        job::{ConvertJob, JobInput, PlannedJob},
        physical,
        plan::Step,
        work::definition,
    },
    Ground, Validated, Validation,
    adding::column_plans,
};
use crate::{
    catalog::{
        Catalog, ConvertedInto, Field, FieldWork, Subject, WorkState,
        definition::{FieldAttributes, FieldDefinition},
        hidden_field,
    },
    change::changeset::UpdateField,
    error::{FaultCode, Place, Result},
    field_type::{
        Conversion, ConversionRules, FieldType, Scalar, check_convertible, find_field_type,
    },
    id::{FieldId, JobId, OptionListId},
    value::Value,
};

/// A field that is to get another type.
#[derive(Debug)]
pub(crate) struct PlannedConversion {
    /// The place of the operation in the changeset.
    pub(crate) operation: usize,
    /// The type that has the field.
    pub(crate) owner: Subject,
    /// The table.
    pub(crate) table: String,
    /// The field as it is.
    pub(crate) from: Field,
    /// The field as it will be.
    pub(crate) into: Field,
    /// What becomes of values without a plain counterpart.
    pub(crate) rules: ConversionRules,
    /// The catalog as it will be.
    pub(crate) after: Catalog,
    /// Where it is asked for.
    pub(crate) place: Place,
}

impl Validation<'_> {
    pub(super) fn convert_field(&mut self, input: &ConvertField, place: &Place) {
        let before = self.faults.len();
        let named = input.object.as_deref().or(input.relation.as_deref());
        let named = named.unwrap_or_default();
        let (name, wanted) = (&input.field, &input.to.field_type);
        self.summarize(format!("converts the field {named}.{name} to {wanted}"));
        for key in input.rest.keys() {
            let message = format!("unknown field `{key}`");
            self.refuse(place.child(key), FaultCode::UnknownField, message);
        }
        let owner = self.owner(input.object.as_deref(), input.relation.as_deref(), place);
        let Some(owner) = owner else { return };
        if self.field(owner, name, place).is_none() {
            return;
        }
        let Some(field) = self.draft.find_field(owner.uuid(), name).cloned() else {
            return;
        };
        if !self.can_be_converted(&field, &place.child("field")) {
            return;
        }
        let to = place.child("to");
        let Some(field_type) = self.field_type_is_known(wanted, &to) else {
            return;
        };
        let Some(converted) = self.converted(owner, (&field, field_type), input, place) else {
            return;
        };
        let after = self.dependants_fit(owner, field.id, &converted, &to);
        if let Some(after) = after.filter(|_| self.faults.len() == before) {
            self.plan_conversion((owner, &field), converted, (input, to), after);
        }
    }

    fn can_be_converted(&mut self, field: &DraftField, place: &Place) -> bool {
        let name = &field.definition.name;
        let message = if field.is_new {
            format!("\"{name}\" is made by this changeset; give it the type at once")
        } else if !field.nullable {
            format!(
                "\"{name}\" is a field that every record of this standard type must have; its type stays"
            )
        } else {
            return !self.is_converting(field, place);
        };
        self.refuse(place.clone(), FaultCode::InvalidValue, message);
        false
    }

    /// Whether a field is being converted, which is a fault then.
    pub(super) fn is_converting(&mut self, field: &DraftField, place: &Place) -> bool {
        let work = field.definition.work.as_ref();
        let Some(work) = work.filter(|work| work.state == WorkState::Converting) else {
            return false;
        };
        let message = format!(
            "\"{}\" is being converted by the job {}; wait for its end, or cancel it",
            field.definition.name, work.job
        );
        self.refuse(place.clone(), FaultCode::InvalidValue, message);
        true
    }

    /// Of a field that is being converted only names and texts can change.
    pub(super) fn change_suits_conversion(
        &mut self,
        input: &UpdateField,
        field: &DraftField,
        place: &Place,
    ) -> bool {
        let is_text = |key: &String| matches!(key.as_str(), "labels" | "helps");
        let only_texts = input.settings.keys().all(is_text)
            && input.required.is_none()
            && input.unique.is_none()
            && input.default.is_none();
        only_texts || !self.is_converting(field, &place.child("field"))
    }

    /// Whether a field with the options of a list is being converted, or one is being given them.
    pub(super) fn list_is_converting(&mut self, list: OptionListId, place: &Place) -> bool {
        let rows = &self.draft.rows().fields;
        let fields = self.draft.every_field().into_iter();
        let uses = |field: &DraftField| {
            let into = field.definition.work.as_ref()?.conversion.as_ref()?;
            let row = rows.iter().find(|row| row.id == into.field.uuid())?;
            let into = definition(row).ok()?.settings.option_list;
            let lists = [field.definition.settings.option_list, into];
            lists.contains(&Some(list)).then_some(())
        };
        let found = fields.map(|(_, field)| field).find(|it| uses(it).is_some());
        let found = found.cloned();
        found.is_some_and(|field| self.is_converting(&field, place))
    }

    /// The definition of the field with the new type.
    fn converted(
        &mut self,
        owner: Subject,
        (field, field_type): (&DraftField, &'static dyn FieldType),
        input: &ConvertField,
        place: &Place,
    ) -> Option<FieldDefinition> {
        let (before, to) = (self.faults.len(), place.child("to"));
        let old_type = find_field_type(&field.definition.field_type)?;
        if let Err(message) = check_convertible(old_type, field_type) {
            self.refuse(to.child("type"), FaultCode::InvalidValue, message);
            return None;
        }
        let (attributes, settings): (Map<_, _>, Map<_, _>) = input
            .to
            .settings
            .clone()
            .into_iter()
            .partition(|(key, _)| FieldAttributes::KEYS.contains(&key.as_str()));
        let settings = self.options_by_id(owner, &settings, &to);
        let mut definition = field.to_definition();
        definition.settings = self.settings_are_allowed(field_type, &settings, &to)?;
        field_type.name().clone_into(&mut definition.field_type);
        definition.work = None;
        self.options_fit(owner, Some(field.id), &definition.settings, &to);
        self.converted_attributes(owner, field_type, &mut definition, (&attributes, &to));
        let from = self.draft.with_shared(&field.definition.settings);
        let into = self.draft.with_shared(&definition.settings);
        match Conversion::find((old_type, &from), (field_type, &into), &input.rules) {
            Ok(conversion) => {
                self.converted_default(&conversion, &mut definition, (input, field_type), &to);
            }
            Err(message) => {
                let place = place.child("currency");
                self.refuse(place, FaultCode::InvalidValue, message);
            }
        }
        definition.required = input.to.required.unwrap_or(definition.required);
        definition.unique = input.to.unique.unwrap_or(definition.unique);
        if definition.unique {
            self.type_can_be_unique(field_type, &definition.settings, &to);
        }
        let of_type = (field_type as &dyn FieldType, &definition.settings);
        definition.column =
            physical::column_name(&self.draft, owner.uuid(), &definition.name, of_type);
        (self.faults.len() == before).then_some(definition)
    }

    /// What is sent, and of what was there before all that the new type can have.
    fn converted_attributes(
        &mut self,
        owner: Subject,
        field_type: &'static dyn FieldType,
        definition: &mut FieldDefinition,
        (sent, place): (&Map<String, Json>, &Place),
    ) {
        let parts = field_type.parts(&definition.settings);
        let has_text = parts.iter().any(|part| part.scalar == Scalar::Text);
        if !has_text && !sent.contains_key("searchable") {
            definition.attributes.searchable = false;
        }
        if !sent.is_empty() {
            self.update_attributes(owner, field_type, definition, (sent, place));
        }
        let before = self.faults.len();
        self.index_fits(definition, &place.child("indexed"));
        if !sent.contains_key("indexed") && self.faults.len() > before {
            self.faults.truncate(before);
            definition.attributes.indexed = false;
        }
    }

    fn converted_default(
        &mut self,
        conversion: &Conversion<'_>,
        definition: &mut FieldDefinition,
        (input, field_type): (&ConvertField, &'static dyn FieldType),
        place: &Place,
    ) {
        let default = match (&input.to.default, definition.default.take()) {
            (Some(sent), _) => sent.clone(),
            (None, None) => None,
            (None, Some(old)) => match conversion.convert_constant(&old) {
                Ok(default) => Some(default).filter(|default| !default.is_null()),
                Err(message) => {
                    let message = format!(
                        "the default {old} does not fit: it {message}; send another one, or null"
                    );
                    self.refuse(place.child("default"), FaultCode::InvalidValue, message);
                    return;
                }
            },
        };
        if let Some(default) = &default {
            self.default_fits(field_type, &definition.settings, default, place);
        }
        definition.default = default;
    }

    fn plan_conversion(
        &mut self,
        (owner, field): (Subject, &DraftField),
        converted: FieldDefinition,
        (input, place): (&ConvertField, Place),
        after: Catalog,
    ) {
        let into = FieldId::new((self.new_id)());
        let job = JobId::new((self.new_id)());
        let (table, _) = self.draft.table(owner);
        for column in column_plans(&converted) {
            self.step(Step::AddColumn {
                table: table.clone(),
                column,
                value: Value::Null,
            });
        }
        let shown = |definition: &FieldDefinition| FieldDefinition {
            settings: self.draft.with_shared(&definition.settings),
            ..definition.clone()
        };
        let from = hidden_field(field.id, shown(&field.definition));
        let hidden = hidden_field(into, shown(&converted));
        let operation = self.impacts.len().saturating_sub(1);
        if let (Ok(from), Ok(into)) = (from, hidden) {
            self.conversions.push(PlannedConversion {
                operation,
                owner,
                table,
                from,
                into,
                rules: input.rules.clone(),
                after,
                place,
            });
        }
        self.draft.hide(owner.uuid(), into, converted);
        let mut definition = field.to_definition();
        definition.work = Some(FieldWork {
            state: WorkState::Converting,
            job,
            conversion: Some(ConvertedInto {
                field: into,
                rules: input.rules.clone(),
            }),
        });
        self.draft.put_field(owner.uuid(), field.id, definition);
        self.touches(field.id.uuid(), "goes on with values of the new type");
        let input = JobInput::Convert(ConvertJob {
            owner: owner.uuid(),
            field: field.id,
        });
        self.jobs.push(PlannedJob {
            operation,
            input,
            id: Some(job),
        });
    }
}

/// The change that puts the new columns of a converted field in place of the old ones, validated anew:
/// what reads the field may be another by now. Nothing when it is no longer converted.
pub(crate) fn validate_switch(
    ground: Ground<'_>,
    owner: Subject,
    (field, job): (FieldId, JobId),
) -> Result<Option<Validated>> {
    let rows = ground.rows;
    let mut validation = Validation::new(ground);
    validation.impacts.push(super::OperationImpact::default());
    validation.named.push(Vec::new());
    let fields = validation.draft.fields(owner.uuid()).iter();
    let Some(field) = fields.clone().find(|it| it.id == field).cloned() else {
        return Ok(None);
    };
    let into = field.definition.work.as_ref().filter(|it| it.job == job);
    let Some(into) = into.and_then(|work| work.conversion.clone()) else {
        return Ok(None);
    };
    let hidden = rows.fields.iter().find(|row| row.id == into.field.uuid());
    let Some(hidden) = hidden.map(definition).transpose()? else {
        return Ok(None);
    };
    validation.switch(owner, &field, (&into, hidden));
    validation.finish(Vec::new()).map(Some)
}
