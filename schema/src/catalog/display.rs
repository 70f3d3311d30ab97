//! What people read of a record: the display template of its type, or else the field that is its title,
//! made ready once for each catalog.

use std::{collections::HashMap, sync::Arc};

use super::{Catalog, Field, ObjectType};
use crate::{
    expression::{Path, Template, stored_path},
    field_type::{Part, Scalar},
    id::ObjectTypeId,
};

/// The most references that a display template follows in a row.
pub(crate) const MAX_DISPLAY_HOPS: usize = 2;

impl Catalog {
    /// How the records of an object type are named to people; nothing when it has neither a template nor
    /// a title that can be read as text.
    pub fn display(&self, object: ObjectTypeId) -> Option<&Arc<Template>> {
        self.displays.get(&object)
    }
}

/// The templates of all object types. A template none of whose fields is left is the same as none.
pub(super) fn displays(catalog: &Catalog) -> HashMap<ObjectTypeId, Arc<Template>> {
    let objects = catalog.objects.values();
    let displays = objects.filter_map(|object| {
        let own = object.attributes.display_template.as_deref();
        let load = |stored: &str| Template::load(stored, object.id.uuid(), catalog);
        let template = own.and_then(load);
        let template = template.or_else(|| load(&of_title(catalog, object)?));
        Some((object.id, Arc::new(template?)))
    });
    displays.collect()
}

/// A template of the title alone.
fn of_title(catalog: &Catalog, object: &ObjectType) -> Option<String> {
    let mut references = Vec::new();
    let mut field = object.fields.find_by_id(object.title?)?;
    if let Some(lookup) = &field.lookup {
        references.push(lookup.via.id);
        return written(references, &lookup.field);
    }
    // A record that is named by what it points at is called as that is.
    while let Some(target) = field.target() {
        references.push(field.id);
        let target = catalog.find_object(target)?;
        field = target.fields.find_by_id(target.title?)?;
        if references.len() > MAX_DISPLAY_HOPS || field.is_virtual() {
            return None;
        }
    }
    written(references, field)
}

fn written(references: Vec<crate::id::FieldId>, field: &Field) -> Option<String> {
    let parts: Vec<Part> = field.columns.iter().map(|column| column.part).collect();
    let key = match parts.as_slice() {
        [part] if part.key.is_none() => None,
        [amount, currency] if (amount.key, currency.key) == (Some("amount"), Some("currency")) => {
            None
        }
        parts => {
            let named = |key: &str| {
                let mut parts = parts.iter();
                let part = parts.find(|part| part.key == Some(key))?;
                (part.scalar == Scalar::Text).then_some(part.key?)
            };
            Some(named("formatted").or_else(|| named("name"))?)
        }
    };
    let path = Path {
        references,
        field: field.id,
    };
    Some(["{", &stored_path(&path, key), "}"].concat())
}
