//! Physical names: chosen once from the first API name, unique among everything that ever was, and
//! never changed or given again.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::draft::Draft;
use crate::{
    catalog::definition::{FieldDefinition, ObjectDefinition, RelationDefinition},
    field_type::{FieldType, Settings, find_field_type},
    name::ApiName,
};

/// The most bytes of a chosen name. PostgreSQL keeps 63; the suffixes of parts need some of them.
const MAX_BYTES: usize = 50;

/// A name for the table of a new object type.
pub(super) fn table_name(draft: &Draft<'_>, name: &ApiName) -> String {
    let taken = tables(draft);
    distinct("x", name, |candidate| taken.contains(candidate))
}

/// A name for the table of a new relation type.
pub(super) fn link_table_name(draft: &Draft<'_>, name: &ApiName) -> String {
    let taken = tables(draft);
    distinct("r", name, |candidate| taken.contains(candidate))
}

/// A name for the first column of a new field.
pub(super) fn column_name(
    draft: &Draft<'_>,
    owner: Uuid,
    name: &ApiName,
    (field_type, settings): (&dyn FieldType, &Settings),
) -> String {
    let mut taken = BTreeSet::new();
    for definition in draft.all_fields_ever(owner) {
        taken.extend(columns(&definition));
    }
    let parts = field_type.parts(settings);
    distinct("x", name, |candidate| {
        parts
            .iter()
            .any(|part| taken.contains(&[candidate, part.suffix].concat()))
    })
}

fn columns(definition: &FieldDefinition) -> Vec<String> {
    find_field_type(&definition.field_type)
        .map(|field_type| field_type.parts(&definition.settings))
        .unwrap_or_default()
        .iter()
        .map(|part| [definition.column.as_str(), part.suffix].concat())
        .collect()
}

fn tables(draft: &Draft<'_>) -> BTreeSet<String> {
    use serde::Deserialize;
    let rows = draft.rows();
    let objects = rows.objects.iter().filter_map(|row| {
        let definition = ObjectDefinition::deserialize(&*row.definition).ok()?;
        Some(definition.table)
    });
    let relations = rows.relations.iter().filter_map(|row| {
        let definition = RelationDefinition::deserialize(&*row.definition).ok()?;
        Some(definition.table)
    });
    let shipped = entity::standard_objects().into_iter().map(|it| it.table);
    let links = entity::standard_relations().into_iter().map(|it| it.table);
    objects
        .chain(relations)
        .chain(shipped.chain(links).map(str::to_owned))
        .chain(draft.tables())
        .collect()
}

fn distinct(prefix: &str, name: &ApiName, is_taken: impl Fn(&str) -> bool) -> String {
    let mut stem = format!("{prefix}_{}", name.snake_case());
    stem.truncate(MAX_BYTES);
    if !is_taken(&stem) {
        return stem;
    }
    let mut number = 2_u32;
    loop {
        let suffix = format!("_{number}");
        let mut candidate = stem.clone();
        candidate.truncate(MAX_BYTES - suffix.len());
        candidate.push_str(&suffix);
        if !is_taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}
