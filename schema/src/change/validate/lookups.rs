//! Lookups: the way that a new one reads through, and what keeps the fields on it from going.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{super::changeset::FieldInput, Validation};
use crate::{
    catalog::Subject,
    error::{FaultCode, Place},
    field_type::{FieldType, RollupField, find_field_type},
    id::FieldId,
};

impl Validation<'_> {
    /// The settings of a new field with the ids of the fields that a lookup names in their place.
    /// `None` when the way of a lookup leads nowhere, which is a fault.
    pub(super) fn with_way(
        &mut self,
        owner: Subject,
        field_type: &dyn FieldType,
        input: &FieldInput,
        place: &Place,
    ) -> Option<Map<String, Json>> {
        if !field_type.is_virtual() {
            return Some(input.settings.clone());
        }
        let named = |key: &str| input.settings.get(key).and_then(Json::as_str);
        let (Some(via), Some(field)) = (named("via"), named("field")) else {
            let message = "needs `via`, the name of a reference of this type, and `field`, the name \
                           of a field of its target";
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return None;
        };
        let reference = self.draft.find_field(owner.uuid(), via);
        let way = reference.and_then(|it| Some((it.id, it.definition.settings.target?)));
        let Some((via_id, target)) = way else {
            let message = format!("{via:?} is no reference of this type to one other type");
            self.refuse(place.child("via"), FaultCode::InvalidValue, message);
            return None;
        };
        let shown = self.draft.find_field(target.uuid(), field);
        let fits = shown.filter(|shown| {
            let is_virtual =
                find_field_type(&shown.definition.field_type).is_none_or(FieldType::is_virtual);
            !is_virtual && !shown.definition.settings.is_reference()
        });
        let Some(field_id) = fits.map(|shown| shown.id) else {
            let target = self.owner_name(target.uuid());
            let message = format!(
                "{field:?} is no field of {target:?} that a lookup can show; references and lookups can't be"
            );
            self.refuse(place.child("field"), FaultCode::InvalidValue, message);
            return None;
        };
        let mut settings = input.settings.clone();
        settings.insert("via".to_owned(), Json::from(via_id.to_string()));
        let shown = serde_json::to_value(RollupField::Member(field_id));
        settings.insert("field".to_owned(), shown.unwrap_or_default());
        Some(settings)
    }

    /// No lookup shows the field or is read through it.
    pub(super) fn no_lookup_needs(&mut self, field: FieldId, place: &Place) {
        let needing: Vec<String> = self
            .lookups_on(field)
            .into_iter()
            .map(|(owner, _, name)| format!("{}.{name}", self.owner_name(owner)))
            .collect();
        if !needing.is_empty() {
            let message = format!(
                "the lookup {} is read from it; delete that first",
                needing.join(", ")
            );
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// The lookups that show a field or are read through it: owner, id, name.
    pub(super) fn lookups_on(&self, field: FieldId) -> Vec<(Uuid, FieldId, String)> {
        let lookups = self.draft.every_field().into_iter().filter(|(_, lookup)| {
            let settings = &lookup.definition.settings;
            let is_virtual =
                find_field_type(&lookup.definition.field_type).is_some_and(FieldType::is_virtual);
            is_virtual
                && (settings.via == Some(field)
                    || settings.field == Some(RollupField::Member(field)))
        });
        lookups
            .map(|(owner, lookup)| (owner, lookup.id, lookup.definition.name.to_string()))
            .collect()
    }
}
