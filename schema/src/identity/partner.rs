//! Partners: organizations of the CRM whose own systems have access.

use serde::{Deserialize, Serialize};

use super::role::not_null;
use crate::id::{PartnerId, RecordId};

/// A partner as the API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// The partner.
    pub id: PartnerId,
    /// The organization that it is.
    pub organization: PartnerOrganization,
    /// What people call it.
    pub name: String,
    /// Whether its keys are honoured.
    pub active: bool,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// The organization of a partner, as references read everywhere.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PartnerOrganization {
    /// The record.
    pub id: RecordId,
}

/// A partner to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPartner {
    /// The id of the organization, as a text or as `{"id"}`.
    pub organization: serde_json::Value,
    /// What people call it.
    pub name: String,
}

/// What to change of a partner; what is absent stays. The organization never changes: its keys would
/// suddenly act for another company.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartnerChange {
    /// What people call it.
    #[serde(default, deserialize_with = "not_null")]
    pub name: Option<String>,
    /// Whether its keys are honoured.
    #[serde(default, deserialize_with = "not_null")]
    pub active: Option<bool>,
}
