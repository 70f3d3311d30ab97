//! What a description says of keys and orders, as far as the caller may name their fields.

use super::{KeyDescription, fields::holds};
use crate::access::SurfaceObject;

/// The keys all of whose fields the caller may name.
pub(super) fn unique_keys(seen: &SurfaceObject) -> Vec<KeyDescription> {
    let object = &seen.object;
    let keys = object.attributes.unique_keys.iter().filter_map(|key| {
        let fields = key.fields.iter().map(|id| {
            let field = object.fields.find_by_id(*id)?;
            let lists = [&seen.readable, &seen.creatable, &seen.updatable];
            let named = lists.iter().any(|list| holds(list.as_ref(), field));
            named.then(|| field.name.to_string())
        });
        Some(KeyDescription {
            name: key.name.to_string(),
            fields: fields.collect::<Option<Vec<_>>>()?,
        })
    });
    keys.collect()
}

/// The order of lists, in the form of `sort`.
pub(super) fn default_sort(seen: &SurfaceObject) -> Vec<String> {
    let object = &seen.object;
    let keys = object.attributes.default_sort.iter().filter_map(|key| {
        let field = object.fields.find_by_id(key.field)?;
        let sign = if key.descending { "-" } else { "" };
        let part = key.part.as_ref().map(|part| format!(".{part}"));
        let part = part.unwrap_or_default();
        holds(seen.readable.as_ref(), field).then(|| format!("{sign}{}{part}", field.name))
    });
    keys.collect()
}
