//! Filters that are kept: the names in them become ids, and ids become names again.

mod pointer;

use serde_json::{Map, Value as Json};

use crate::{
    catalog::{Catalog, CollectionKind, Field, Subject},
    id::ObjectTypeId,
    plan::filter::{Keys, collection_key, is_operator_on_reference},
};

/// The filter with each key of the `from` kind replaced by one of the other kind; `None` when a key
/// names nothing. Operators, operands and the words of the language stay.
pub(crate) fn translate(
    catalog: &Catalog,
    from: Keys,
    subject: Subject,
    json: &Json,
) -> Option<Json> {
    let mut named = Map::new();
    for (key, value) in json.as_object()? {
        let (key, value) = match key.as_str() {
            "and" | "or" => {
                let items = value.as_array()?.iter();
                let items: Option<_> = items
                    .map(|item| translate(catalog, from, subject, item))
                    .collect();
                (key.clone(), Json::Array(items?))
            }
            "not" => (key.clone(), translate(catalog, from, subject, value)?),
            _ => translate_member(catalog, from, subject, (key, value))?,
        };
        named.insert(key, value);
    }
    Some(Json::Object(named))
}

fn translate_member(
    catalog: &Catalog,
    from: Keys,
    subject: Subject,
    (key, value): (&str, &Json),
) -> Option<(String, Json)> {
    let fields = catalog.subject_fields(subject)?;
    let field = match from {
        Keys::Names => fields.find(key),
        Keys::Ids => key.parse().ok().and_then(|id| fields.find_by_id(id)),
    };
    if let Some(field) = field {
        let key = match from {
            Keys::Names => field.id.to_string(),
            Keys::Ids => field.name.to_string(),
        };
        return Some((key, translate_operators(catalog, from, field, value)?));
    }
    let Subject::Object(object) = subject else {
        return None;
    };
    let (key, target, kind) = translate_collection(catalog, from, object, key)?;
    let mut quantified = Map::new();
    for (quantifier, inner) in value.as_object()? {
        quantified.insert(
            quantifier.clone(),
            translate_members(catalog, from, (target, kind), inner)?,
        );
    }
    Some((key, Json::Object(quantified)))
}

fn translate_collection(
    catalog: &Catalog,
    from: Keys,
    object: ObjectTypeId,
    key: &str,
) -> Option<(String, ObjectTypeId, CollectionKind)> {
    let collection = catalog
        .collections(object)
        .iter()
        .find(|collection| match from {
            Keys::Names => collection.name.as_str() == key,
            Keys::Ids => collection_key(collection.kind) == key,
        })?;
    let key = match from {
        Keys::Names => collection_key(collection.kind),
        Keys::Ids => collection.name.to_string(),
    };
    Some((key, collection.target, collection.kind))
}

/// The condition on the members of a collection; below the key `link` it speaks of the link.
fn translate_members(
    catalog: &Catalog,
    from: Keys,
    (target, kind): (ObjectTypeId, CollectionKind),
    json: &Json,
) -> Option<Json> {
    let mut own = json.as_object()?.clone();
    let link = match kind {
        CollectionKind::Relation { relation, .. } => own
            .shift_remove("link")
            .map(|link| translate(catalog, from, Subject::Relation(relation), &link)),
        CollectionKind::Inverse { .. } => None,
    };
    let mut named = translate(catalog, from, Subject::Object(target), &Json::Object(own))?;
    if let (Some(link), Some(members)) = (link, named.as_object_mut()) {
        members.insert("link".to_owned(), link?);
    }
    Some(named)
}

fn translate_operators(catalog: &Catalog, from: Keys, field: &Field, value: &Json) -> Option<Json> {
    match field.target() {
        None if field.is_polymorphic() => pointer::translate(catalog, from, field, value),
        Some(target) if !is_operator_on_reference(value) => {
            translate(catalog, from, Subject::Object(target), value)
        }
        Some(_) | None => Some(value.clone()),
    }
}
