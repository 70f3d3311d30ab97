//! `convertField`: another type for a field, whose values are copied by a job.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::changeset::present;
use crate::field_type::ConversionRules;

/// Another type for a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConvertField {
    /// The object type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field.
    pub field: String,
    /// What it becomes.
    pub to: ConversionTarget,
    /// What becomes of values without a plain counterpart: `onMisfit`, `round`, `currency`.
    #[serde(flatten)]
    pub rules: ConversionRules,
    /// Members that mean nothing.
    #[serde(flatten)]
    pub rest: Map<String, Json>,
}

/// What a field becomes: its type with all settings, and what else changes with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversionTarget {
    /// The name of the field type.
    #[serde(rename = "type")]
    pub field_type: String,
    /// Whether a record must have a value; as before when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Whether no two live records may have the same value; as before when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
    /// The value of a new record that brings none; the old one, converted, when absent, and none when null.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub default: Option<Option<Json>>,
    /// The settings of the type, and changes of what a field of any type may have.
    #[serde(flatten)]
    pub settings: Map<String, Json>,
}
