//! The settings of a field with the names that things have now in place of ids.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::SchemaView;
use crate::{catalog::Field, expression, field_type::ResultType};

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
    if let Some(result) = &field.settings.result {
        settings.insert("result".to_owned(), Json::Object(result_of(result)));
    }
    settings.shift_remove("expression");
    if let (Some(stored), true) = (&field.settings.expression, view.defines()) {
        let shown = expression::render(stored, owner, &**catalog);
        settings.insert("expression".to_owned(), Json::from(shown));
    }
    settings
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
