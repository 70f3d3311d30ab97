//! People, roles and rules, partners and keys as the API shows them: plain types, their validation,
//! and the translation of rules between names and ids.
//!
//! Nothing here touches the database (that is `store`) or decides about a request (that is `access`).
//! A rule is stored with the ids of the fields it speaks of, so that it never attaches to a new field
//! that took an old name; names stand only in what admins send and read.

mod access_plan;
mod audit;
mod check;
mod credential;
mod document;
mod explanation;
mod inherit;
mod key;
mod key_text;
mod mailed_link;
mod network;
mod partner;
mod policy;
mod preview;
mod role;
mod role_version;
mod rule;
mod rule_text;
mod scope;
mod session;
mod share;
mod team;
mod token_text;
mod totp;
mod user;
mod user_identity;

#[cfg(test)]
mod tests;

pub use audit::{
    Arrival, AuditBreak, AuditEntry, AuditKind, AuditObject, AuditPrincipal, AuditQuery,
    AuditReport, AuditSubject, SessionDescription,
};
pub use document::{AccessDocument, LeftOut, RoleDocument};
pub use explanation::{
    AccessQuestion, ExplainedFields, ExplainedPrincipal, ExplainedRule, Explanation, PrincipalName,
};
pub use key::{Key, KeyChange, KeyRotation, KeyWithSecret, NewKey};
pub use key_text::KeyText;
pub use mailed_link::{LinkPurpose, MailedLink};
pub use network::Network;
pub use partner::{NewPartner, Partner, PartnerChange, PartnerOrganization};
pub use preview::{
    AccessChanged, AccessPreview, AccessPreviewQuestion, AccessRestore, AccessState, Allowed,
    ChangedRole, ChangedRules, Effect, EffectSide, Holders, NewAccess, PermissionChange,
    PrincipalPreview, RolePreview,
};
pub use role::{NewRole, Role, RoleChange};
pub use role_version::{AccessVersion, AccessVersionQuery, VersionedRole};
pub use rule::{Rule, RuleFields, RuleText};
pub use session::{Membership, Secret, SessionTokens, SignIn, SignInChallenge, TotpEnrolment, Who};
pub use share::{Grantee, NewShare, Share};
pub use team::{NewTeam, Team, TeamChange};
pub use user::{NewUser, User, UserChange};
pub use user_identity::{
    Admission, NewIdentity, NewUserPolicy, ProvenIdentity, ProviderSignIn, RefusedIdentity,
    UserIdentity,
};

pub(crate) use access_plan::{
    AccessGround, AccessPlan, PlannedRole, RoleFate, WantedRoles, plan_access,
};
pub(crate) use audit::{Draft, Verifier, chained, micros, parse_hash};
pub(crate) use check::{
    check_description, check_email, check_label, check_role_name, faults_to_result,
};
pub(crate) use credential::{KeyHolder, KeyPartner, OldSecret, Principals, SignedIn, is_young};
pub(crate) use document::{document_of, left_out_of, living_rule, role_document, rule_document};
pub(crate) use inherit::{Inheritance, inherited_by};
pub(crate) use policy::{AccessRows, is_valid, permissions_of, resolve_policy};
pub(crate) use preview::RuleSet;
pub(crate) use role_version::{
    Maker, RoleRows, initial_version, kept_role, next_version, versions_of,
};
pub(crate) use rule::StoredRule;
pub(crate) use rule_text::{resolve_rule_text, rule_of_row};
pub(crate) use scope::{
    DataScope, StoredScope, action_name, find_action, parse_scopes, scope_texts,
};
pub(crate) use token_text::TokenKind;
pub(crate) use totp::{TotpSecret, TypedCode, random_recovery_codes};
pub(crate) use user_identity::{SealedSignIn, check_subject, refused_identity};

/// One page of a list of managed things.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// The most items.
    pub limit: u64,
    /// The id of the last item of the page before.
    pub after: Option<uuid::Uuid>,
}

/// The items of one page, and whether more follow.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The items, oldest first.
    pub items: Vec<T>,
    /// Whether more follow.
    pub has_next: bool,
}
