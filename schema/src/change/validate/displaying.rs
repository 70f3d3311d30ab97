//! Display templates: what people read of a record.

use super::Validation;
use crate::{
    catalog::MAX_DISPLAY_HOPS,
    error::{FaultCode, Place},
    expression::Template,
    id::ObjectTypeId,
};

impl Validation<'_> {
    /// A template as it is stored, with ids in place of names.
    pub(super) fn display_template(
        &mut self,
        object: ObjectTypeId,
        text: &str,
        place: &Place,
    ) -> Option<String> {
        let template = match Template::define(text, object.uuid(), &self.draft) {
            Ok(template) => template,
            Err(error) => {
                self.refuse(place.clone(), FaultCode::InvalidValue, error.to_string());
                return None;
            }
        };
        let mut paths = template.inputs().iter();
        if paths.any(|path| path.references.len() > MAX_DISPLAY_HOPS) {
            let message = format!("follows more than {MAX_DISPLAY_HOPS} references in a row");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return None;
        }
        Some(template.stored().to_owned())
    }
}
