//! Old names: each stands in the schema beside the new one, deprecated, until it ends.

use std::collections::HashMap;

use async_graphql::dynamic::{Field as OutputField, InputValue};
use schema::{
    ApiName,
    access::Surface,
    catalog::{Aliases, CollectionKind},
};

use super::TypeNames;

/// A name of a thing: its own, or an old one with what is to be said of it.
#[derive(Debug)]
pub(super) struct Named<'a> {
    /// The name.
    pub(super) name: &'a ApiName,
    gone: Option<String>,
}

/// The name of a thing and its old ones.
pub(super) fn named<'a>(
    name: &'a ApiName,
    aliases: &'a Aliases,
) -> impl Iterator<Item = Named<'a>> {
    let old = aliases.iter().map(move |alias| Named {
        name: &alias.name,
        gone: Some(format!(
            "renamed to {name}, gone after {}",
            alias.until.date()
        )),
    });
    std::iter::once(Named { name, gone: None }).chain(old)
}

impl Named<'_> {
    /// The name as text.
    pub(super) fn text(&self) -> &str {
        self.name.as_str()
    }

    /// Whether it is an old name.
    pub(super) fn is_old(&self) -> bool {
        self.gone.is_some()
    }

    /// The field, deprecated when the name is old.
    pub(super) fn mark(&self, field: OutputField) -> OutputField {
        match &self.gone {
            Some(reason) => field.deprecation(Some(reason)),
            None => field,
        }
    }

    /// The argument or member, deprecated when the name is old.
    pub(super) fn mark_input(&self, value: InputValue) -> InputValue {
        match &self.gone {
            Some(reason) => value.deprecation(Some(reason)),
            None => value,
        }
    }

    /// The name of two that is made of both, marked when one of them is old.
    pub(super) fn with(&self, other: &Named<'_>) -> Option<String> {
        self.gone.clone().or_else(|| other.gone.clone())
    }
}

/// What the types were called under the old names, with what they are called now. GraphQL knows no
/// aliases of types, so that a document which speaks of them is read with the new names.
pub(super) fn renamed_types(surface: &Surface, names: &TypeNames) -> HashMap<String, String> {
    let mut renamed = HashMap::new();
    let mut note = |old: String, new: &str| {
        if old != new {
            renamed.insert(old, new.to_owned());
        }
    };
    for object in &surface.objects {
        let Some(now) = names.record(object.object.id) else {
            continue;
        };
        for alias in object.object.aliases.iter() {
            let old = alias.name.pascal_case();
            for (suffix, now) in now.by_suffix() {
                note(format!("{old}{suffix}"), now);
            }
        }
        for collection in &object.collections {
            let one = &collection.collection;
            let Some(now) = names.side(object.object.id, one.name.as_str()) else {
                continue;
            };
            for near in named(&object.object.name, &object.object.aliases) {
                for own in named(&one.name, &one.aliases) {
                    let old = near.name.pascal_case() + &own.name.pascal_case();
                    for (suffix, now) in now.by_suffix() {
                        note(format!("{old}{suffix}"), now);
                    }
                }
            }
            let (Some(side), CollectionKind::Relation { relation, .. }) =
                (&collection.relation, one.kind)
            else {
                continue;
            };
            let Some(now) = names.link(relation) else {
                continue;
            };
            for alias in side.relation.aliases.iter() {
                let old = alias.name.pascal_case();
                for (suffix, now) in now.by_suffix() {
                    note(format!("{old}{suffix}"), now);
                }
                if let Some(pointer) = collection.pointer()
                    && let Some(now) = names.pointer(pointer)
                {
                    let end = pointer.name.pascal_case();
                    note(format!("{old}{end}Reference"), &now.object);
                }
            }
        }
    }
    renamed
}
