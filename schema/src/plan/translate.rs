//! Filters that are kept: the names in them become ids, and ids become names again.

mod pointer;

use serde_json::{Map, Value as Json};

use crate::{
    catalog::{Catalog, Collection, CollectionKind, Field, Subject},
    id::ObjectTypeId,
    plan::filter::{COUNT_FILTER, Keys, SHARED, collection_key, is_operator_on_reference, split},
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
            SHARED => (key.clone(), value.clone()),
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
    let (key, collection) = translate_collection(catalog, from, object, key)?;
    let mut quantified = Map::new();
    for (quantifier, inner) in value.as_object()? {
        let inner = if quantifier == "count" {
            let mut compared = inner.as_object()?.clone();
            if let Some(filter) = compared.get_mut(COUNT_FILTER) {
                *filter = translate_members(catalog, from, collection, filter)?;
            }
            Json::Object(compared)
        } else {
            translate_members(catalog, from, collection, inner)?
        };
        quantified.insert(quantifier.clone(), inner);
    }
    Some((key, Json::Object(quantified)))
}

fn translate_collection<'c>(
    catalog: &'c Catalog,
    from: Keys,
    object: ObjectTypeId,
    key: &str,
) -> Option<(String, &'c Collection)> {
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
    Some((key, collection))
}

/// The condition on the members of a collection. What it says of the link is kept under `link`, so
/// that a field that the member gets later takes nothing from it.
fn translate_members(
    catalog: &Catalog,
    from: Keys,
    collection: &Collection,
    json: &Json,
) -> Option<Json> {
    let CollectionKind::Relation { relation, .. } = collection.kind else {
        let member = Subject::Object(collection.target?);
        return translate(catalog, from, member, json);
    };
    let member = Member::of(catalog, collection)?;
    let link = Subject::Relation(relation);
    let relation = catalog.find_relation(relation)?;
    let of_link = |key: &str| names_field(catalog, from, link, key);
    let of_member = |key: &str| member.has(catalog, from, key);
    let members = json.as_object()?.clone();
    let parts = split(members, of_member, of_link, relation.temporal);
    let mut named = member.translate(catalog, from, &Json::Object(parts.own))?;
    let mut of_link = match &parts.link {
        Some(json) => translate(catalog, from, link, json)?,
        None => Json::Object(Map::new()),
    };
    let beside = translate(catalog, from, link, &Json::Object(parts.beside))?;
    let into = of_link.as_object_mut()?;
    for (key, value) in beside.as_object()? {
        if into.insert(key.clone(), value.clone()).is_some() {
            return None;
        }
    }
    for (word, value, _) in parts.words {
        into.insert(word.to_owned(), value);
    }
    if !into.is_empty() {
        named.as_object_mut()?.insert("link".to_owned(), of_link);
    }
    Some(named)
}

/// What the members of a collection of a relation type are.
#[derive(Clone, Copy)]
enum Member<'c> {
    /// Records of one type.
    Of(ObjectTypeId),
    /// Records of one of several types.
    At(&'c Field),
}

impl<'c> Member<'c> {
    fn of(catalog: &'c Catalog, collection: &Collection) -> Option<Self> {
        match catalog.member_pointer(collection) {
            Some(pointer) => Some(Self::At(pointer)),
            None => collection.target.map(Self::Of),
        }
    }

    fn has(self, catalog: &Catalog, from: Keys, key: &str) -> bool {
        match self {
            Self::Of(target) => {
                names_field(catalog, from, Subject::Object(target), key)
                    || translate_collection(catalog, from, target, key).is_some()
            }
            Self::At(field) => pointer::has(catalog, from, field, key),
        }
    }

    fn translate(self, catalog: &Catalog, from: Keys, json: &Json) -> Option<Json> {
        match self {
            Self::Of(target) => translate(catalog, from, Subject::Object(target), json),
            Self::At(field) => pointer::translate_members(catalog, from, field, json),
        }
    }
}

fn names_field(catalog: &Catalog, from: Keys, subject: Subject, key: &str) -> bool {
    let Some(fields) = catalog.subject_fields(subject) else {
        return false;
    };
    match from {
        Keys::Names => fields.find(key).is_some(),
        Keys::Ids => key.parse().is_ok_and(|id| fields.find_by_id(id).is_some()),
    }
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
