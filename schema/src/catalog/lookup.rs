//! Lookups: each gets the form of the field that it shows.

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use super::{Column, Field};
use crate::{
    field_type::{RollupField, Settings},
    id::ObjectTypeId,
};

/// The way from a record to the field that a lookup shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// The reference, a field of the same type.
    pub via: Arc<Field>,
    /// The type that it points at.
    pub target: ObjectTypeId,
    /// The field of that type that is shown.
    pub field: Arc<Field>,
}

/// Gives each lookup its way and its form, and takes away those whose reference or field is gone.
pub(super) fn resolve(fields: &mut HashMap<Uuid, Vec<Arc<Field>>>) {
    let mut ways: HashMap<crate::id::FieldId, Lookup> = HashMap::new();
    for list in fields.values() {
        for field in list.iter().filter(|field| field.is_virtual()) {
            if let Some(way) = way(fields, list, &field.settings) {
                ways.insert(field.id, way);
            }
        }
    }
    for list in fields.values_mut() {
        list.retain(|field| !field.is_virtual() || ways.contains_key(&field.id));
        for field in list.iter_mut() {
            if let Some(way) = ways.remove(&field.id) {
                take_form(Arc::make_mut(field), way);
            }
        }
    }
}

fn way(
    fields: &HashMap<Uuid, Vec<Arc<Field>>>,
    list: &[Arc<Field>],
    settings: &Settings,
) -> Option<Lookup> {
    let via = list.iter().find(|field| Some(field.id) == settings.via)?;
    let target = via.target()?;
    let mut of_target = fields.get(&target.uuid())?.iter();
    let shown = of_target.find(|field| Some(RollupField::Member(field.id)) == settings.field)?;
    let fits = !shown.is_virtual() && !shown.is_reference();
    fits.then(|| Lookup {
        via: Arc::clone(via),
        target,
        field: Arc::clone(shown),
    })
}

fn take_form(field: &mut Field, way: Lookup) {
    let shown = &way.field;
    let (value_type, settings) = shown.value_type();
    field.field_type = value_type;
    Arc::make_mut(&mut field.definition).settings = Settings {
        via: field.definition.settings.via,
        field: field.definition.settings.field,
        ..settings.clone()
    };
    field.columns = shown
        .columns
        .iter()
        .map(|column| Column {
            nullable: true,
            ..column.clone()
        })
        .collect();
    field.lookup = Some(Box::new(way));
}
