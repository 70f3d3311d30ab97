//! Write plans: values parsed, names resolved, the rules that could justify the write.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::{
    access::{Condition, Grant, GrantedRule, Operand, Preset},
    catalog::{Field, FieldList, SystemField},
    error::{Error, Fault, FaultCode, Place, Result},
    id::ObjectTypeId,
    value::Value,
};

/// The values of one write, one entry per field.
#[derive(Debug, Default, Clone)]
pub(crate) struct Values {
    entries: Vec<(Arc<Field>, Vec<Value>)>,
}

/// A reference that a write sets: what it points at must exist for the caller.
#[derive(Debug)]
pub(crate) struct SetReference {
    pub(crate) field: Arc<Field>,
    pub(crate) target: ObjectTypeId,
    pub(crate) id: uuid::Uuid,
}

impl Values {
    /// The fields with their values, one per column.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<Field>, &[Value])> {
        self.entries
            .iter()
            .map(|(field, values)| (field, values.as_slice()))
    }

    /// Sets a field; a later value replaces an earlier one.
    pub(crate) fn set(&mut self, field: &Arc<Field>, values: Vec<Value>) {
        match self
            .entries
            .iter_mut()
            .find(|(known, _)| known.id == field.id)
        {
            Some(entry) => entry.1 = values,
            None => self.entries.push((Arc::clone(field), values)),
        }
    }

    /// The values of one field, if the write has it.
    pub(crate) fn find(&self, field: &Field) -> Option<&[Value]> {
        self.entries
            .iter()
            .find(|(known, _)| known.id == field.id)
            .map(|(_, values)| values.as_slice())
    }

    /// The references that are set to something.
    pub(crate) fn references(&self) -> impl Iterator<Item = SetReference> {
        self.entries.iter().filter_map(|(field, values)| {
            let (target, id) = match (field.target(), values.as_slice()) {
                (Some(target), [Value::Uuid(id)]) => (target, *id),
                (None, [Value::Uuid(id), Value::Uuid(target)]) if field.is_polymorphic() => {
                    (ObjectTypeId::new(*target), *id)
                }
                _ => return None,
            };
            Some(SetReference {
                field: Arc::clone(field),
                target,
                id,
            })
        })
    }
}

/// Parses the values that a caller sends. `sendable` finds a field that some rule lets it send,
/// `visible` tells whether it may know of a field at all. `resolve` puts ids in place of the names in a
/// value. Collects every fault.
pub(crate) fn parse_values<'f>(
    sent: &Map<String, Json>,
    place: &Place,
    (sendable, visible): (
        impl Fn(&str) -> Option<&'f Arc<Field>>,
        impl Fn(&str) -> bool,
    ),
    resolve: impl Fn(&Field, &Json) -> Result<Json, String>,
) -> Result<Values> {
    let mut values = Values::default();
    let mut faults = Vec::new();
    for (name, json) in sent {
        let at = place.child(name);
        let Some(field) = sendable(name) else {
            let (code, message) = if visible(name) {
                (
                    FaultCode::ReadOnlyField,
                    format!("{name:?} can't be written"),
                )
            } else {
                (
                    FaultCode::UnknownField,
                    format!("there is no field {name:?}"),
                )
            };
            faults.push(Fault {
                place: at,
                code,
                message,
            });
            continue;
        };
        if values.find(field).is_some() {
            faults.push(Fault {
                place: at,
                code: FaultCode::InvalidValue,
                message: format!(
                    "{:?} is sent twice, by its name and by an alias",
                    field.name.as_str()
                ),
            });
            continue;
        }
        match resolve(field, json).and_then(|json| parse_value(field, &json)) {
            Ok(parsed) if !(field.required && is_blank(field, &parsed)) => {
                values.set(field, parsed);
            }
            refused => {
                let (code, message) = refusal(field, json, refused.err());
                faults.push(Fault {
                    place: at,
                    code,
                    message,
                });
            }
        }
    }
    if faults.is_empty() {
        Ok(values)
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Why a value is not taken, from what its type says of it; nothing of a text that says nothing.
fn refusal(field: &Field, json: &Json, message: Option<String>) -> (FaultCode, String) {
    match message {
        Some(message) if !json.is_null() => (FaultCode::InvalidValue, message),
        Some(message) => (FaultCode::Required, message),
        None => {
            let name = field.name.as_str();
            let message = format!("{name:?} is required and needs a text that says something");
            (FaultCode::Required, message)
        }
    }
}

/// Whether a value is a text that says nothing, which a field that is required does not take.
pub(crate) fn is_blank(field: &Field, values: &[Value]) -> bool {
    field.is_text() && values.first().is_some_and(Value::is_blank)
}

fn parse_value(field: &Field, json: &Json) -> Result<Vec<Value>, String> {
    if !json.is_null() {
        return field.field_type.parse(&field.settings, json);
    }
    if field.required {
        return Err(format!(
            "{:?} is required and can't be cleared",
            field.name.as_str()
        ));
    }
    Ok(vec![Value::Null; field.columns.len()])
}

/// The required fields that a create does not bring, to be reported with the other faults.
pub(crate) fn missing(
    sent: &Map<String, Json>,
    fields: &FieldList,
    place: &Place,
    knows: impl Fn(&str) -> bool,
) -> Vec<Fault> {
    let own = fields.iter().filter(|field| field.system.is_none());
    own.filter(|field| field.required && !field.has_default())
        .filter(|field| {
            let names = field.aliases.iter().map(|alias| alias.name.as_str());
            !names
                .chain([field.name.as_str()])
                .any(|name| sent.contains_key(name))
        })
        .map(|field| field.name.as_str())
        .filter(|name| knows(name))
        .map(|name| Fault {
            place: place.child(name),
            code: FaultCode::Required,
            message: required_message(name, fields),
        })
        .collect()
}

fn required_message(name: &str, fields: &FieldList) -> String {
    let field = fields.find(name);
    if field.is_some_and(|field| field.attributes.read_only) {
        format!("{name:?} is required and read-only: only a preset of a rule can set it")
    } else {
        format!("{name:?} is required")
    }
}

/// Adds the defaults of the fields that were not sent, and reports the required ones that are missing:
/// by name where the caller may know of the field.
pub(crate) fn complete(
    values: &mut Values,
    fields: &FieldList,
    place: &Place,
    knows: impl Fn(&str) -> bool,
) -> Result<()> {
    let mut faults = Vec::new();
    for field in fields.iter().filter(|field| field.system.is_none()) {
        if values.find(field).is_some() {
            continue;
        }
        let name = field.name.as_str();
        if let Some(default) = &field.default {
            let parsed = field.field_type.parse(&field.settings, default);
            let parsed =
                parsed.map_err(|message| Error::internal("applying a default", message))?;
            values.set(field, parsed);
        } else if field.required && knows(name) {
            faults.push(Fault {
                place: place.child(name),
                code: FaultCode::Required,
                message: required_message(name, fields),
            });
        } else if field.required {
            let message = "a required field is missing that no rule of your roles lets you write";
            return Err(Error::Forbidden(message.to_owned()));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// The rules that cover all fields of a write, put together where they set the same presets: each
/// group can be tried as one.
pub(crate) fn justifying<A>(grant: &Grant<A>, values: &Values) -> Vec<RuleGroup> {
    let mut groups: Vec<RuleGroup> = Vec::new();
    for rule in grant.rules() {
        if !values.iter().all(|(field, _)| rule.may_write(field)) {
            continue;
        }
        match groups
            .iter_mut()
            .find(|group| group.presets == rule.presets())
        {
            Some(group) => group.rules.push(rule.clone()),
            None => groups.push(RuleGroup {
                presets: rule.presets().to_vec(),
                rules: vec![rule.clone()],
            }),
        }
    }
    groups
}

/// Rules with the same presets.
#[derive(Debug)]
pub(crate) struct RuleGroup {
    pub(crate) presets: Vec<Preset>,
    pub(crate) rules: Vec<GrantedRule>,
}

impl RuleGroup {
    /// What must hold before the write, rule by rule.
    pub(crate) fn rows(&self) -> Vec<&Condition> {
        self.rules.iter().map(GrantedRule::rows).collect()
    }

    /// What must hold after the write, rule by rule.
    pub(crate) fn checks(&self) -> Vec<&Condition> {
        self.rules.iter().map(GrantedRule::check).collect()
    }

    /// The values with the presets put in.
    pub(crate) fn with_presets(&self, values: &Values, fields: &FieldList) -> Values {
        let mut values = values.clone();
        for preset in &self.presets {
            if let Some(field) = fields.find_by_id(preset.field) {
                let parts = preset.parts.iter().map(|part| match part {
                    Operand::Value(value) => value.clone(),
                    Operand::Values(_)
                    | Operand::MembersOf(_)
                    | Operand::Flag(_)
                    | Operand::Variable(_) => Value::Null,
                });
                values.set(field, parts.collect());
            }
        }
        values
    }
}

/// The whole value of a field as JSON: null, a value, or an object of parts.
pub(crate) fn field_json(field: &Field, values: &[Value]) -> Json {
    let mut parts = field
        .columns
        .iter()
        .zip(values)
        .map(|(column, value)| (column, value.to_json(column.part.storage)));
    if !field.is_composite() {
        return parts.next().map_or(Json::Null, |(_, json)| json);
    }
    if values.first().is_none_or(Value::is_null) {
        return Json::Null;
    }
    let shown = parts.filter_map(|(column, json)| Some((column.part.key?.to_owned(), json)));
    Json::Object(shown.collect())
}

/// Whether a field is kept in events: all but the fields that every write sets.
pub(crate) fn is_recorded(field: &Field) -> bool {
    !field.is_virtual() && field.system.is_none_or(SystemField::is_writable)
}
