//! What a write may choose, asked of a row that was inspected for it.

use std::sync::Arc;

use crate::{
    catalog::{Field, FieldList},
    error::{Place, Result},
    field_type::chosen,
    plan::{
        choice::{self, Choices},
        write::Values,
    },
    store::Row,
    value::Value,
};

/// The options that an inspected row has. Its columns are those of the fields, in order.
pub(super) fn stored_choices<'f>(
    row: &Row,
    fields: impl Iterator<Item = &'f Arc<Field>>,
) -> Result<Choices> {
    let mut choices = Choices::new();
    let mut at = 1;
    for field in fields {
        if !field.settings.options.is_empty() {
            let json = row.field(field, at)?;
            let value = Value::from_json(&json, field.column().part.storage);
            choices.insert(field.id, value.map_or_else(Vec::new, |it| chosen(&[it])));
        }
        at += field.columns.len();
    }
    Ok(choices)
}

/// Refuses what an update of a row may not choose: `sent` by the caller, `all` with what rules set.
pub(super) fn check_choices(
    fields: &FieldList,
    (sent, all): (&Values, &Values),
    before: &Choices,
    place: &Place,
    (readable, always): (impl Fn(&str) -> bool, impl Fn(&Field) -> bool),
) -> Result<()> {
    choice::check_active(sent, before, place)?;
    let mut after = before.clone();
    after.extend(choice::choices(all));
    let known =
        |name: &str| readable(name) || sent.iter().any(|(field, _)| field.name.as_str() == name);
    let told = |field: &Field| always(field) || sent.find(field).is_some();
    choice::check_dependent(fields, (before, &after), place, (known, told))
}
