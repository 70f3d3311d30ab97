//! What a field of any type may have besides name, type and settings: the rules for new fields, and
//! the merge of what a change sends.

use serde_json::{Map, Value as Json};

use super::Validation;
use crate::{
    catalog::definition::FieldAttributes,
    error::{FaultCode, Place},
    field_type::{FieldType, Part, Scalar, Settings},
};

/// The longest tag of a language.
const MAX_LOCALE: usize = 35;

impl Validation<'_> {
    /// The attributes make sense.
    pub(super) fn attributes_fit(&mut self, attributes: &FieldAttributes, place: &Place) {
        for (locale, label) in &attributes.labels {
            let place = place.child("labels").child(locale);
            self.locale_is_well_formed(locale, &place);
            self.label_fits(label, &place);
        }
        for (locale, help) in &attributes.helps {
            let place = place.child("helps").child(locale);
            self.locale_is_well_formed(locale, &place);
            self.description_fits(help, &place);
        }
        if attributes.read_only && attributes.write_once {
            let message = "a field that callers can't write at all can't be written once";
            self.refuse(place.child("writeOnce"), FaultCode::InvalidValue, message);
        }
    }

    /// The attributes make sense for the type of the field.
    pub(super) fn attributes_suit(
        &mut self,
        attributes: &FieldAttributes,
        (field_type, settings): (&dyn FieldType, &Settings),
        place: &Place,
    ) {
        if attributes.write_once && field_type.is_virtual() {
            let message = format!("a {} is never written", field_type.name());
            self.refuse(place.child("writeOnce"), FaultCode::InvalidValue, message);
        }
        let parts = field_type.parts(settings);
        let is_text = |part: &Part| part.scalar == Scalar::Text;
        if attributes.searchable && !parts.iter().any(is_text) {
            let message = format!(
                "a field of the type {} has no text to search",
                field_type.name()
            );
            self.refuse(place.child("searchable"), FaultCode::InvalidValue, message);
        }
    }

    /// The attributes with the changes put in, member by member; null takes a member back to its default.
    pub(super) fn merged_attributes(
        &mut self,
        stored: &FieldAttributes,
        changes: &Map<String, Json>,
        place: &Place,
    ) -> Option<FieldAttributes> {
        let mut members = match serde_json::to_value(stored) {
            Ok(Json::Object(members)) => members,
            Ok(_) | Err(_) => Map::new(),
        };
        let mut last = place.clone();
        for (key, value) in changes {
            last = place.child(key);
            if value.is_null() {
                members.shift_remove(key);
            } else {
                members.insert(key.clone(), value.clone());
            }
        }
        match serde_json::from_value(Json::Object(members)) {
            Ok(attributes) => {
                self.attributes_fit(&attributes, place);
                Some(attributes)
            }
            Err(error) => {
                self.refuse(last, FaultCode::InvalidValue, error.to_string());
                None
            }
        }
    }

    /// A text is the tag of a language.
    pub(super) fn locale_is_well_formed(&mut self, locale: &str, place: &Place) {
        let fits = (2..=MAX_LOCALE).contains(&locale.len())
            && locale
                .split('-')
                .all(|part| (1..=8).contains(&part.len()) && is_alphanumeric(part));
        if !fits {
            let message = "must be a language tag of BCP 47 such as \"de\" or \"pt-BR\"";
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }
}

fn is_alphanumeric(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
