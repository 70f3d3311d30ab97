//! Rules between names and ids: what an admin writes becomes what is stored, and back.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    Rule, RuleFields, RuleText, StoredRule,
    check::at,
    policy::{StoredFields, parse_preset, stored_limits, stored_masks},
    scope::{action_name, find_action},
};
use crate::{
    access::{Action, Mask, RuleLimits},
    catalog::{Catalog, FieldList, Subject},
    error::{Fault, FaultCode, Place},
    id::{FieldId, RuleId},
    plan::{
        filter::{Keys, resolve_rule},
        pointer::{with_type_id, with_type_name},
        translate::translate,
    },
    request::LIMITS,
    value::instant_text,
};

/// The stored form of a rule, or every fault of its text.
pub(crate) fn resolve_rule_text(
    catalog: &Catalog,
    text: &RuleText,
) -> Result<StoredRule, Vec<Fault>> {
    let RuleText {
        role: _,
        object,
        action,
        fields,
        condition,
        check,
        presets,
        masks,
        limits,
    } = text;
    let mut faults = Vec::new();
    let subject = find_subject(catalog, object, &mut faults);
    let action = find_action(action).or_else(|| {
        let known: Vec<&str> = Action::ALL
            .iter()
            .map(|action| action_name(*action))
            .collect();
        faults.push(fault(
            "action",
            FaultCode::InvalidValue,
            format!("must be one of {}", known.join(", ")),
        ));
        None
    });
    let (Some(subject), Some(action)) = (subject, action) else {
        return Err(faults);
    };
    check_shape(text, subject, action, &mut faults);
    let mut author = Author {
        catalog,
        subject,
        faults,
    };
    let stored = StoredRule {
        subject: subject.map(Subject::uuid),
        action,
        fields: author.fields(fields.as_ref(), action),
        condition: author.condition("where", condition.as_ref()),
        check: author.condition("check", check.as_ref()),
        presets: author.presets(presets.as_ref()),
        masks: author.masks(masks.as_ref()),
        limits: author.limits(limits.as_ref(), action),
    };
    if author.faults.is_empty() {
        Ok(stored)
    } else {
        Err(author.faults)
    }
}

/// The rule of a row as the API shows it. `valid` says whether the policy has it.
pub(crate) fn rule_of_row(
    catalog: &Catalog,
    row: &entity::rule::Model,
    role: &str,
    valid: bool,
) -> Rule {
    let subject = row.subject.map(|id| (id, catalog.find_subject_by_id(id)));
    let known = subject.and_then(|(_, subject)| subject);
    let list = known.and_then(|subject| catalog.subject_fields(subject));
    let name_of = |id: &FieldId| {
        let field = list.and_then(|list| list.find_by_id(*id));
        field.map_or_else(|| id.to_string(), |field| field.name.to_string())
    };
    let names = |ids: &[FieldId]| ids.iter().map(name_of).collect::<Vec<_>>();
    let filter = |json: Option<&Json>| {
        let json = json?;
        let named = known.and_then(|subject| translate(catalog, Keys::Ids, subject, json));
        Some(named.unwrap_or_else(|| json.clone()))
    };
    let presets = row
        .presets
        .as_object()
        .into_iter()
        .flatten()
        .map(|(id, value)| {
            let Ok(id) = id.parse::<FieldId>() else {
                return (id.clone(), value.clone());
            };
            let field = list.and_then(|list| list.find_by_id(id));
            let value = field.map(|field| with_type_name(catalog, field, value));
            (name_of(&id), value.unwrap_or_default())
        });
    let masks = stored_masks(row).into_iter();
    let masks = masks.map(|(id, mask)| (name_of(&id), Json::from(mask.name())));
    Rule {
        id: RuleId::new(row.id),
        role: role.to_owned(),
        object: match subject {
            None => "*".to_owned(),
            Some((id, known)) => {
                let name = known.and_then(|subject| catalog.subject_name(subject));
                name.map_or_else(|| id.to_string(), str::to_owned)
            }
        },
        action: row.action.clone(),
        fields: match StoredFields::parse(&row.fields) {
            Some(StoredFields::All) => RuleFields::All("*"),
            Some(StoredFields::Only(ids)) => RuleFields::Only(names(&ids)),
            Some(StoredFields::Except(ids)) => RuleFields::Except {
                except: names(&ids),
            },
            None => RuleFields::Only(Vec::new()),
        },
        condition: filter(row.condition.as_deref()),
        check: filter(row.check_condition.as_deref()),
        presets: Json::Object(presets.collect()),
        masks: Json::Object(masks.collect()),
        limits: stored_limits(row).unwrap_or_default(),
        valid,
        created_at: instant_text(row.created_at),
    }
}

fn fault(member: &str, code: FaultCode, message: impl Into<String>) -> Fault {
    Fault {
        place: at(member),
        code,
        message: message.into(),
    }
}

#[expect(
    clippy::option_option,
    reason = "the outer says whether the name fits, the inner None is every type"
)]
fn find_subject(
    catalog: &Catalog,
    object: &str,
    faults: &mut Vec<Fault>,
) -> Option<Option<Subject>> {
    if object == "*" {
        return Some(None);
    }
    let found = catalog.find_subject(object);
    if found.is_none() {
        let message = format!(
            "there is no object type or relation type {object:?}; write its singular name, or \"*\""
        );
        faults.push(fault("object", FaultCode::UnknownObject, message));
    }
    found.map(Some)
}

/// Refuses what could never have a meaning, so that no rule seems to say more than it does.
fn check_shape(text: &RuleText, subject: Option<Subject>, action: Action, faults: &mut Vec<Fault>) {
    let mut refuse =
        |member: &str, message: &str| faults.push(fault(member, FaultCode::InvalidValue, message));
    let of_records = matches!(action, Action::Create | Action::Update | Action::Delete);
    if of_records && matches!(subject, Some(Subject::Relation(_))) {
        refuse(
            "action",
            "links are made, changed and ended by the action link",
        );
    }
    if action == Action::Share && matches!(subject, Some(Subject::Relation(_))) {
        refuse("action", "records are shared, links are not");
    }
    let writes = matches!(action, Action::Create | Action::Update | Action::Link);
    if text.check.is_some() && !writes {
        refuse("check", "only create, update and link have a check");
    }
    if text
        .presets
        .as_ref()
        .is_some_and(|presets| !presets.is_empty())
        && !writes
    {
        refuse("presets", "only create, update and link have presets");
    }
    let has_masks = text.masks.as_ref().is_some_and(|masks| !masks.is_empty());
    if has_masks && action != Action::Read {
        refuse("masks", "only read has masks");
    }
    if has_masks && subject.is_none() {
        refuse(
            "masks",
            "a rule on every type can't have masks; write a rule for each type",
        );
    }
    if subject.is_none() {
        if text.condition.is_some() || text.check.is_some() {
            refuse(
                "where",
                "a rule on every type can't have a condition; write a rule for each type",
            );
        }
        if text
            .presets
            .as_ref()
            .is_some_and(|presets| !presets.is_empty())
        {
            refuse(
                "presets",
                "a rule on every type can't have presets; write a rule for each type",
            );
        }
        if text.fields.as_ref().is_some_and(|fields| fields != "*") {
            refuse("fields", "a rule on every type is on all fields, \"*\"");
        }
    }
}

/// Resolves the names of one rule and collects the faults.
struct Author<'a> {
    catalog: &'a Catalog,
    subject: Option<Subject>,
    faults: Vec<Fault>,
}

impl Author<'_> {
    fn list(&self) -> Option<&FieldList> {
        self.catalog.subject_fields(self.subject?)
    }

    fn fields(&mut self, json: Option<&Json>, action: Action) -> Json {
        let names = match json {
            Some(Json::String(all)) if all == "*" => return StoredFields::All.to_json(),
            None if matches!(action, Action::Delete | Action::Link | Action::Share) => {
                return StoredFields::All.to_json();
            }
            Some(Json::Array(names)) => Some((names, at("fields"), false)),
            Some(Json::Object(members)) if members.len() == 1 => match members.get("except") {
                Some(Json::Array(names)) => Some((names, at("fields").child("except"), true)),
                Some(_) | None => None,
            },
            Some(_) | None => None,
        };
        let Some((names, place, except)) = names else {
            let message = "must be \"*\", an array of field names, or {\"except\": [field names]}";
            self.faults
                .push(fault("fields", FaultCode::InvalidValue, message));
            return Json::Null;
        };
        let mut ids = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let field = name.as_str().and_then(|name| self.list()?.find(name));
            match field {
                Some(field) => ids.push(field.id),
                None => self.unknown_field(place.child(index), name.as_str().unwrap_or_default()),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let stored = if except {
            StoredFields::Except(ids)
        } else {
            StoredFields::Only(ids)
        };
        stored.to_json()
    }

    fn unknown_field(&mut self, place: Place, name: &str) {
        let message = format!("there is no field {name:?}");
        self.faults.push(Fault {
            place,
            code: FaultCode::UnknownField,
            message,
        });
    }

    fn condition(&mut self, member: &str, json: Option<&Json>) -> Option<Json> {
        let (json, subject) = (json?, self.subject?);
        match resolve_rule(self.catalog, Keys::Names, subject, json, &at(member)) {
            Ok(_) => {
                let stored = translate(self.catalog, Keys::Names, subject, json);
                if stored.is_none() {
                    let message = "can't be kept; write the condition in another way";
                    self.faults
                        .push(fault(member, FaultCode::InvalidRequest, message));
                }
                stored
            }
            Err(crate::error::Error::Invalid(found)) => {
                self.faults.extend(found);
                None
            }
            Err(other) => {
                self.faults
                    .push(fault(member, FaultCode::InvalidRequest, other.to_string()));
                None
            }
        }
    }

    /// How much one request may have by the rule.
    fn limits(&mut self, limits: Option<&Map<String, Json>>, action: Action) -> RuleLimits {
        let mut stored = RuleLimits::default();
        for (name, value) in limits.into_iter().flatten() {
            let mut refuse = |message: String| {
                self.faults.push(Fault {
                    place: at("limits").child(name),
                    code: FaultCode::InvalidValue,
                    message,
                });
            };
            let on_records = matches!(self.subject, Some(Subject::Object(_)));
            if name != "maxRows" {
                refuse("is not a limit; there is maxRows".to_owned());
            } else if action != Action::Read || !on_records {
                refuse("only read on one object type has maxRows".to_owned());
            } else if value.is_null() {
                // As when it is left out.
            } else {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                stored.max_rows = number.filter(|rows| (1..=LIMITS.page).contains(rows));
                if stored.max_rows.is_none() {
                    refuse(format!("must be a whole number from 1 to {}", LIMITS.page));
                }
            }
        }
        stored
    }

    /// What is left of values, each of a field that can be masked so.
    fn masks(&mut self, masks: Option<&Map<String, Json>>) -> BTreeMap<FieldId, Mask> {
        let mut stored = BTreeMap::new();
        for (name, mask) in masks.into_iter().flatten() {
            let place = at("masks").child(name);
            let Some(field) = self.list().and_then(|list| list.find(name)) else {
                self.unknown_field(place, name);
                continue;
            };
            let found = mask.as_str().and_then(Mask::find);
            if let Some(mask) = found.filter(|mask| mask.fits(field) && field.system.is_none()) {
                stored.insert(field.id, mask);
                continue;
            }
            let all = Mask::ALL.iter();
            let fitting = all.filter(|(mask, _)| mask.fits(field) && field.system.is_none());
            let fitting: Vec<&str> = fitting.map(|(_, name)| *name).collect();
            let message = if fitting.is_empty() {
                format!(
                    "{name:?} can't be masked; leave it out of the rule, or mask the field that it shows"
                )
            } else {
                format!("must be one of {} for this field", fitting.join(", "))
            };
            self.faults.push(Fault {
                place,
                code: FaultCode::InvalidValue,
                message,
            });
        }
        stored
    }

    fn presets(&mut self, presets: Option<&Map<String, Json>>) -> Json {
        let mut stored = Map::new();
        for (name, value) in presets.into_iter().flatten() {
            let place = at("presets").child(name);
            let field = self.list().and_then(|list| list.find(name));
            let resolved = field.map(|field| {
                let value = with_type_id(self.catalog, field, value, |_| true);
                let parsed =
                    value.and_then(|value| parse_preset(field, &value).map(|_| value.clone()));
                (field.id, parsed)
            });
            match resolved {
                Some((id, Ok(value))) => {
                    stored.insert(id.to_string(), value);
                }
                Some((_, Err(message))) => {
                    self.faults.push(Fault {
                        place,
                        code: FaultCode::InvalidValue,
                        message,
                    });
                }
                None => self.unknown_field(place, name),
            }
        }
        Json::Object(stored)
    }
}
