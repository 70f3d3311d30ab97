//! What a description says of display names, as far as the caller may read what they are made of.

use super::SchemaView;
use crate::{access::SurfaceObject, expression::render_template, field_type::Scalar};

/// The template with the names of now: for those who may define it, and for those who may read every
/// field in it.
pub(super) fn template(view: &SchemaView, seen: &SurfaceObject) -> Option<String> {
    let object = &seen.object;
    let stored = object.attributes.display_template.as_deref()?;
    let template = view.catalog.display(object.id)?;
    let own = seen.readable.as_deref().unwrap_or_default();
    let mut inputs = template.inputs().iter();
    let shows = view.defines() || inputs.all(|path| view.way(own, path).is_some());
    let shown = || render_template(stored, object.id.uuid(), &*view.catalog);
    shows.then(shown).flatten()
}

/// The texts in the template as paths for filters.
pub(super) fn fields(view: &SchemaView, seen: &SurfaceObject) -> Vec<String> {
    let template = view.catalog.display(seen.object.id);
    let own = seen.readable.as_deref().unwrap_or_default();
    let paths = template.iter().flat_map(|template| template.inputs());
    let found = paths.filter_map(|path| {
        let way = view.way(own, path)?;
        let last = way.last()?;
        let text = |column: &crate::catalog::Column| column.part.scalar == Scalar::Text;
        let column = last.columns.iter().rev().find(|column| text(column))?;
        let names = way.iter().map(|field| field.name.as_str());
        let names = names.chain(column.part.key);
        Some(names.collect::<Vec<_>>().join("."))
    });
    found.collect()
}
