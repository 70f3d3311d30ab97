//! Rules as admins send and read them, and as they are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{policy::StoredFields, scope::action_name};
use crate::{
    access::{Action, Mask, RuleLimits},
    id::{FieldId, RuleId},
};

/// A rule as an admin writes it, with API names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleText {
    /// The role; the path names it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// An object or relation type by its singular name; `*` is every one, also later ones.
    pub object: String,
    /// What it grants.
    pub action: String,
    /// `*`, a list of names, or `{"except": […]}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Json>,
    /// On which records: a filter that may name variables such as `$partner.id`.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Json>,
    /// What must hold after a write; the condition when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Json>,
    /// Values that the server sets, by field name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presets: Option<Map<String, Json>>,
    /// What is left of values, by field name: `null`, `hash`, `year`, `domain` or `last4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masks: Option<Map<String, Json>>,
    /// How much one page may show by the rule: `{"maxRows": 20}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Map<String, Json>>,
}

/// A rule as the API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The rule.
    pub id: RuleId,
    /// The name of its role.
    pub role: String,
    /// The singular name of an object or relation type; `*` is every one.
    pub object: String,
    /// What it grants.
    pub action: String,
    /// On which fields.
    pub fields: RuleFields,
    /// On which records; null is all.
    #[serde(rename = "where")]
    pub condition: Option<Json>,
    /// What must hold after a write; null takes the condition.
    pub check: Option<Json>,
    /// Values that the server sets.
    pub presets: Json,
    /// What is left of values, by field name.
    pub masks: Json,
    /// How much one page may show by the rule.
    pub limits: RuleLimits,
    /// Whether it is in force. One that speaks of a deleted field is not, and denies; the ids of what
    /// is gone show in place of names.
    pub valid: bool,
    /// When it was created.
    pub created_at: String,
}

/// The fields of a rule as the API shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RuleFields {
    /// `*`: all, also later ones.
    All(&'static str),
    /// These.
    Only(Vec<String>),
    /// All but these.
    Except {
        /// The fields that are left out.
        except: Vec<String>,
    },
}

/// A rule as it is stored, with ids.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredRule {
    pub(crate) subject: Option<Uuid>,
    pub(crate) action: Action,
    pub(crate) fields: Json,
    pub(crate) condition: Option<Json>,
    pub(crate) check: Option<Json>,
    pub(crate) presets: Json,
    pub(crate) masks: BTreeMap<FieldId, Mask>,
    pub(crate) limits: RuleLimits,
}

impl StoredRule {
    /// The rule that grants an action on every record of every type, also of later ones.
    pub(crate) fn of_everything(action: Action) -> Self {
        Self {
            subject: None,
            action,
            fields: StoredFields::All.to_json(),
            condition: None,
            check: None,
            presets: Json::Object(Map::new()),
            masks: BTreeMap::new(),
            limits: RuleLimits::default(),
        }
    }

    /// The row of a rule; whoever uses it sets id, role and instant.
    pub(crate) fn into_row(self) -> entity::rule::Model {
        let Self {
            subject,
            action,
            fields,
            condition,
            check,
            presets,
            masks,
            limits,
        } = self;
        entity::rule::Model {
            id: Uuid::nil(),
            role_id: Uuid::nil(),
            subject,
            action: action_name(action).to_owned(),
            fields,
            condition: condition.map(Into::into),
            check_condition: check.map(Into::into),
            presets: presets.into(),
            masks: (!masks.is_empty()).then(|| serde_json::json!(masks)),
            limits: (limits != RuleLimits::default()).then(|| serde_json::json!(limits)),
            created_at: time::OffsetDateTime::UNIX_EPOCH,
        }
    }
}
