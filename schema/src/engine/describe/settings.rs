//! The settings of a field with the names that things have now in place of ids.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{SchemaView, options::name_list};
use crate::{
    catalog::{Catalog, CollectionKind, Field, FieldList, Subject, definition::RuleDefinition},
    expression,
    field_type::{ResultType, RollupField},
    id::ObjectTypeId,
    plan::rollup::{link_fields, named_filter},
};

/// The settings of a field as a changeset has them. What a computed field is computed of is for those
/// who define fields: its names may be of things that nobody else sees.
pub(super) fn settings_of(view: &SchemaView, (owner, field): (Uuid, &Field)) -> Map<String, Json> {
    let (catalog, surface) = (&view.catalog, &view.surface);
    let mut settings = members(serde_json::to_value(&field.settings));
    if let Some(target) = field.target().and_then(|id| catalog.find_object(id)) {
        settings.insert("target".to_owned(), Json::from(target.name.as_str()));
    }
    if field.is_polymorphic() && !field.settings.any {
        let targets = surface.targets(field).into_iter();
        let names = targets.map(|target| target.object.name.as_str()).collect();
        settings.insert("targets".to_owned(), names);
    }
    name_list(&mut settings, catalog, field);
    if let Some(result) = &field.settings.result {
        settings.insert("result".to_owned(), Json::Object(result_of(result)));
    }
    for key in ["expression", "of", "field", "part", "filter"] {
        settings.shift_remove(key);
    }
    if let Some(lookup) = &field.lookup {
        settings.insert("via".to_owned(), Json::from(lookup.via.name.as_str()));
        settings.insert("field".to_owned(), Json::from(lookup.field.name.as_str()));
    }
    let shown = shown_expression(view, owner, field.settings.expression.as_deref());
    settings.extend(shown.map(|shown| ("expression".to_owned(), Json::from(shown))));
    if view.defines() {
        settings.extend(rollup_of(catalog, owner, field));
    }
    settings
}

/// A stored expression with the names of now, for those who may define it: others may not know of all
/// that it names.
pub(super) fn shown_expression(
    view: &SchemaView,
    owner: Uuid,
    stored: Option<&str>,
) -> Option<String> {
    let stored = stored.filter(|_| view.defines())?;
    Some(expression::render(stored, owner, &*view.catalog))
}

/// A validation rule as a changeset has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleDescription {
    /// What it is called among the rules of its type.
    pub name: String,
    /// What must hold.
    pub condition: String,
    /// What people are told who break it.
    pub message: String,
    /// The fields that are at fault.
    pub fields: Vec<String>,
}

/// The validation rules of a type, for those who may define them.
pub(super) fn describe_rules(
    view: &SchemaView,
    (owner, fields): (Uuid, &FieldList),
    rules: &[RuleDefinition],
) -> Vec<RuleDescription> {
    let described = rules.iter().filter_map(|rule| {
        let named = rule.fields.iter().filter_map(|id| fields.find_by_id(*id));
        Some(RuleDescription {
            name: rule.name.to_string(),
            condition: shown_expression(view, owner, Some(&rule.condition))?,
            message: rule.message.clone(),
            fields: named.map(|field| field.name.to_string()).collect(),
        })
    });
    described.collect()
}

fn members(json: serde_json::Result<Json>) -> Map<String, Json> {
    match json {
        Ok(Json::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    }
}

/// `{"type": "decimal", "precision": 18, "scale": 2}`
fn result_of(result: &ResultType) -> Map<String, Json> {
    let mut members = members(serde_json::to_value(&result.settings));
    members.insert("type".to_owned(), Json::from(result.field_type.as_str()));
    members
}

fn rollup_of(catalog: &Catalog, owner: Uuid, field: &Field) -> Vec<(String, Json)> {
    let owner = ObjectTypeId::new(owner);
    let Some(of) = field.settings.of else {
        return Vec::new();
    };
    let kind = CollectionKind::from(of);
    let mut is_temporal = false;
    let found = match kind {
        CollectionKind::Inverse { field } => {
            catalog.find_reference(field).and_then(|(from, it)| {
                let name = it.settings.inverse.as_ref()?.name.to_string();
                Some((it.target()?, name, Some(from.id)))
            })
        }
        CollectionKind::Relation {
            relation,
            direction,
        } => catalog.find_relation(relation).map(|relation| {
            is_temporal = relation.temporal;
            let (near, far) = (relation.near(direction), relation.far(direction));
            (owner, near.name.to_string(), far.object)
        }),
    };
    let Some((owner, name, target)) = found else {
        return Vec::new();
    };
    let mut settings = vec![("of".to_owned(), Json::from(name))];
    let operand = match field.settings.field {
        Some(RollupField::Member(id)) => target
            .and_then(|target| catalog.subject_fields(Subject::Object(target)))
            .and_then(|fields| fields.find_by_id(id))
            .map(|field| field.name.to_string()),
        Some(RollupField::Link(id)) => link_fields(catalog, kind)
            .and_then(|fields| fields.find_by_id(id))
            .map(|field| format!("link.{}", field.name)),
        None => None,
    };
    let operand = operand.map(|name| match &field.settings.part {
        Some(part) => format!("{name}.{part}"),
        None => name,
    });
    settings.extend(operand.map(|name| ("field".to_owned(), Json::from(name))));
    let filter = named_filter(catalog, owner, &field.settings);
    settings.extend(filter.map(|filter| ("filter".to_owned(), filter)));
    if is_temporal && field.settings.validity.is_none() {
        settings.push(("validity".to_owned(), Json::from("all")));
    }
    settings
}
