//! The fixed paths, a row an operation.

use super::Method::{Delete, Get, Patch, Post, Put};
use super::{Fixed, Reply};

/// What anybody may ask, with credentials of any sort or without.
#[rustfmt::skip] // one row an operation
pub(super) const SERVICE: &[Fixed] = &[
    Fixed { method: Get, path: "/healthz", id: "showProcess", tag: "service", summary: "Whether the process lives", body: None, reply: Reply::Object },
    Fixed { method: Get, path: "/readyz", id: "showReadiness", tag: "service", summary: "Whether requests can be answered", body: None, reply: Reply::Object },
    Fixed { method: Get, path: "/openapi.json", id: "showDocument", tag: "service", summary: "This document", body: None, reply: Reply::Object },
];

/// Signing in: what nobody needs credentials for.
#[rustfmt::skip] // one row an operation
pub(super) const SIGN_IN: &[Fixed] = &[
    Fixed { method: Get, path: "/.well-known/jwks.json", id: "showPublicKeys", tag: "auth", summary: "The public keys of access tokens", body: None, reply: Reply::Object },
    Fixed { method: Post, path: "/v1/auth/login", id: "login", tag: "auth", summary: "Sign in", body: Some(("Login", r#"{"email": "admin@example.com", "password": "…"}"#)), reply: Reply::Either(["Session", "Challenge"]) },
    Fixed { method: Post, path: "/v1/auth/login/verify", id: "verifyLogin", tag: "auth", summary: "Answer the challenge of a sign-in with a code of the second factor", body: Some(("ChallengeAnswer", r#"{"challenge": "…", "code": "123456"}"#)), reply: Reply::One("Session") },
    Fixed { method: Get, path: "/v1/auth/oidc", id: "listProviders", tag: "auth", summary: "The providers of OpenID Connect by which people can sign in", body: None, reply: Reply::All("Provider") },
    Fixed { method: Post, path: "/v1/auth/oidc/{provider}/start", id: "startProviderSignIn", tag: "auth", summary: "Begin to sign in by a provider: where to send the browser, and what to keep there until it comes back", body: Some(("ProviderStart", r#"{"redirectUri": "https://app.example.com/signed-in"}"#)), reply: Reply::One("ProviderSignIn") },
    Fixed { method: Post, path: "/v1/auth/oidc/{provider}/finish", id: "finishProviderSignIn", tag: "auth", summary: "Sign in with what the provider has sent back", body: Some(("ProviderFinish", r#"{"code": "…", "state": "…", "transaction": "rlo_…"}"#)), reply: Reply::Either(["Session", "Challenge"]) },
    Fixed { method: Post, path: "/v1/auth/refresh", id: "refresh", tag: "auth", summary: "Exchange a refresh token for new tokens", body: Some(("RefreshToken", r#"{"refreshToken": "…"}"#)), reply: Reply::One("Session") },
    Fixed { method: Post, path: "/v1/auth/logout", id: "logout", tag: "auth", summary: "End a session", body: Some(("RefreshToken", r#"{"refreshToken": "…"}"#)), reply: Reply::Nothing },
    Fixed { method: Post, path: "/v1/auth/password/forgot", id: "forgetPassword", tag: "auth", summary: "Ask for a link to choose a new password; the answer is the same for every address", body: Some(("ForgottenPassword", r#"{"email": "ada@example.com"}"#)), reply: Reply::Taken },
    Fixed { method: Post, path: "/v1/auth/password/reset", id: "resetPassword", tag: "auth", summary: "Choose a password with the token of a mailed link; it ends all sessions", body: Some(("PasswordReset", r#"{"token": "…", "password": "…"}"#)), reply: Reply::Nothing },
];

/// What whoever is signed in may do.
#[rustfmt::skip] // one row an operation
pub(super) const SIGNED_IN: &[Fixed] = &[
    Fixed { method: Get, path: "/v1/auth/me", id: "showMe", tag: "auth", summary: "Who you are and what you may do", body: None, reply: Reply::One("Me") },
    Fixed { method: Get, path: "/v1/meta/version", id: "showSchemaVersion", tag: "schema", summary: "The schema version", body: None, reply: Reply::One("SchemaVersion") },
    Fixed { method: Get, path: "/v1/meta/currencies", id: "showCurrencies", tag: "schema", summary: "The base currency, and the rates for those who may change them", body: None, reply: Reply::Rates("CurrencyTable") },
    Fixed { method: Get, path: "/v1/meta/field-types", id: "listFieldTypes", tag: "schema", summary: "The types that a field may have", body: None, reply: Reply::All("FieldType") },
    Fixed { method: Get, path: "/v1/meta/objects", id: "listObjectTypes", tag: "schema", summary: "The object types that you may name", body: None, reply: Reply::All("ObjectType") },
    Fixed { method: Get, path: "/v1/meta/objects/{name}", id: "showObjectType", tag: "schema", summary: "One object type with its fields and relations", body: None, reply: Reply::One("ObjectType") },
    Fixed { method: Get, path: "/v1/meta/objects/{name}/schema", id: "showJsonSchema", tag: "schema", summary: "The JSON Schema of what creates (`for=create`, unless told) or changes (`for=update`) a record", body: None, reply: Reply::Schema },
    Fixed { method: Get, path: "/v1/meta/fields", id: "listFields", tag: "schema", summary: "The fields that you may name, of all types or of one", body: None, reply: Reply::Fields("FieldDescription") },
    Fixed { method: Get, path: "/v1/meta/diagram", id: "showDiagram", tag: "schema", summary: "The schema that you may see, as a diagram", body: None, reply: Reply::Diagram },
    Fixed { method: Get, path: "/v1/meta/option-lists", id: "listOptionLists", tag: "schema", summary: "The shared option lists that you may see", body: None, reply: Reply::All("OptionList") },
    Fixed { method: Get, path: "/v1/meta/option-lists/{name}", id: "showOptionList", tag: "schema", summary: "One shared option list", body: None, reply: Reply::One("OptionList") },
    Fixed { method: Get, path: "/v1/meta/relations", id: "listRelationTypes", tag: "schema", summary: "The relation types that you may name", body: None, reply: Reply::All("RelationType") },
    Fixed { method: Get, path: "/v1/meta/relations/{name}", id: "showRelationType", tag: "schema", summary: "One relation type", body: None, reply: Reply::One("RelationType") },
];

/// What people alone have: passwords, second factors and sessions.
#[rustfmt::skip] // one row an operation
pub(super) const PEOPLE: &[Fixed] = &[
    Fixed { method: Post, path: "/v1/auth/password/change", id: "changePassword", tag: "auth", summary: "Choose another password for yourself; it ends all sessions and begins a new one", body: Some(("PasswordChange", r#"{"currentPassword": "…", "newPassword": "…"}"#)), reply: Reply::Either(["Session", "Challenge"]) },
    Fixed { method: Post, path: "/v1/auth/totp", id: "beginTotp", tag: "auth", summary: "Begin with a second factor: a secret for an app", body: Some(("TotpBeginning", r#"{"password": "…"}"#)), reply: Reply::One("TotpEnrolment") },
    Fixed { method: Post, path: "/v1/auth/totp/confirm", id: "confirmTotp", tag: "auth", summary: "Put the second factor in force by a first code; shows the recovery codes, once", body: Some(("TotpCode", r#"{"code": "123456"}"#)), reply: Reply::One("RecoveryCodes") },
    Fixed { method: Delete, path: "/v1/auth/totp", id: "removeTotp", tag: "auth", summary: "Take your second factor away", body: Some(("TotpRemoval", r#"{"password": "…", "code": "123456"}"#)), reply: Reply::Nothing },
    Fixed { method: Get, path: "/v1/auth/sessions", id: "listOwnSessions", tag: "auth", summary: "Your open sessions, oldest first", body: None, reply: Reply::Page("UserSession") },
    Fixed { method: Delete, path: "/v1/auth/sessions/{id}", id: "revokeOwnSession", tag: "auth", summary: "End one of your sessions", body: None, reply: Reply::Nothing },
];

/// What the permission `manageCurrencies` gives.
#[rustfmt::skip] // one row an operation
pub(super) const CURRENCIES: &[Fixed] = &[
    Fixed { method: Put, path: "/v1/meta/currencies", id: "replaceCurrencies", tag: "schema", summary: "Set the base currency and all rates", body: Some(("NewCurrencyTable", r#"{"base": "EUR", "rates": [{"currency": "USD", "validFrom": "2026-01-01", "rate": "0.92"}]}"#)), reply: Reply::One("CurrencyTable") },
    Fixed { method: Post, path: "/v1/meta/currencies/rates", id: "addRates", tag: "schema", summary: "Add rates, or replace those of the same currency and day", body: Some(("NewRates", r#"{"rates": [{"currency": "USD", "validFrom": "2026-02-01", "rate": "0.9315"}]}"#)), reply: Reply::One("CurrencyTable") },
    Fixed { method: Delete, path: "/v1/meta/currencies/rates/{currency}/{validFrom}", id: "deleteRate", tag: "schema", summary: "Take a rate away", body: None, reply: Reply::Nothing },
];

/// What the permission `manageSchema` gives.
#[rustfmt::skip] // one row an operation
pub(super) const SCHEMA: &[Fixed] = &[
    Fixed { method: Get, path: "/v1/meta/changesets", id: "listChangesets", tag: "schema", summary: "The log of changesets, newest first", body: None, reply: Reply::Log("ChangesetEntry") },
    Fixed { method: Post, path: "/v1/meta/changesets", id: "applyChangeset", tag: "schema", summary: "Change the schema: all operations or none", body: Some(("Changeset", r#"{"operations": [{"op": "addField", "object": "organization", "field": {"name": "loyaltyTier", "type": "select", "options": [{"name": "gold", "label": "Gold"}]}}]}"#)), reply: Reply::Change("ChangeReport") },
    Fixed { method: Get, path: "/v1/meta/deleted", id: "listDeleted", tag: "schema", summary: "What was deleted of the schema and can come back, the latest first", body: None, reply: Reply::Page("Deleted") },
    Fixed { method: Get, path: "/v1/meta/deleted/{id}", id: "showDeleted", tag: "schema", summary: "Show a deleted thing", body: None, reply: Reply::One("Deleted") },
    Fixed { method: Post, path: "/v1/meta/deleted/{id}/restore", id: "restoreDeleted", tag: "schema", summary: "Bring a deleted field, type or option list back", body: Some(("Restore", r#"{"name": "formerSegment"}"#)), reply: Reply::Change("ChangeReport") },
    Fixed { method: Delete, path: "/v1/meta/deleted/{id}", id: "purgeDeleted", tag: "schema", summary: "Take a deleted thing out of the database for good", body: None, reply: Reply::Change("ChangeReport") },
    Fixed { method: Get, path: "/v1/meta/jobs", id: "listJobs", tag: "schema", summary: "Slow work that changes of the schema have asked for, newest first", body: None, reply: Reply::Page("Job") },
    Fixed { method: Get, path: "/v1/meta/jobs/{id}", id: "showJob", tag: "schema", summary: "Show a job", body: None, reply: Reply::One("Job") },
    Fixed { method: Post, path: "/v1/meta/jobs/{id}/cancel", id: "cancelJob", tag: "schema", summary: "End a job that has not ended", body: None, reply: Reply::One("Job") },
    Fixed { method: Post, path: "/v1/meta/jobs/{id}/retry", id: "retryJob", tag: "schema", summary: "Queue a job again that has failed", body: None, reply: Reply::One("Job") },
    Fixed { method: Get, path: "/v1/meta/indexes/advice", id: "adviseIndexes", tag: "schema", summary: "The indexes that the rules of roles ask for and that are not there", body: None, reply: Reply::One("IndexAdvice") },
    Fixed { method: Post, path: "/v1/meta/objects/{name}/verify", id: "verifyObjectType", tag: "schema", summary: "Compare the computed fields of an object type with what they should be, by a job", body: Some(("Verification", r#"{"repair": true}"#)), reply: Reply::Accepted("Job") },
    Fixed { method: Post, path: "/v1/meta/objects/{name}/fields/{field}/verify", id: "verifyObjectField", tag: "schema", summary: "Compare a computed field of an object type with what it should be, by a job", body: Some(("Verification", r#"{"repair": true}"#)), reply: Reply::Accepted("Job") },
    Fixed { method: Post, path: "/v1/meta/relations/{name}/verify", id: "verifyRelationType", tag: "schema", summary: "Compare the computed fields of a relation type with what they should be, by a job", body: Some(("Verification", r#"{"repair": true}"#)), reply: Reply::Accepted("Job") },
    Fixed { method: Post, path: "/v1/meta/relations/{name}/fields/{field}/verify", id: "verifyRelationField", tag: "schema", summary: "Compare a computed field of a relation type with what it should be, by a job", body: Some(("Verification", r#"{"repair": true}"#)), reply: Reply::Accepted("Job") },
    Fixed { method: Post, path: "/v1/meta/objects", id: "createObjectType", tag: "schema", summary: "Add an object type", body: Some(("NewObjectType", r#"{"name": "contract", "plural": "contracts", "fields": [{"name": "title", "type": "text", "required": true}]}"#)), reply: Reply::NewChange("ObjectType") },
    Fixed { method: Patch, path: "/v1/meta/objects/{name}", id: "updateObjectType", tag: "schema", summary: "Change names and labels of an object type", body: Some(("ObjectTypeChange", r#"{"label": "Company"}"#)), reply: Reply::Change("ObjectType") },
    Fixed { method: Delete, path: "/v1/meta/objects/{name}", id: "deleteObjectType", tag: "schema", summary: "Hide an object type", body: None, reply: Reply::Hidden },
    Fixed { method: Post, path: "/v1/meta/objects/{name}/fields", id: "createObjectField", tag: "schema", summary: "Add a field to an object type", body: Some(("NewField", r#"{"name": "signedOn", "type": "date"}"#)), reply: Reply::NewChange("FieldDescription") },
    Fixed { method: Patch, path: "/v1/meta/objects/{name}/fields/{field}", id: "updateObjectField", tag: "schema", summary: "Change a field of an object type", body: Some(("FieldChange", r#"{"label": "Signed on"}"#)), reply: Reply::Change("FieldDescription") },
    Fixed { method: Delete, path: "/v1/meta/objects/{name}/fields/{field}", id: "deleteObjectField", tag: "schema", summary: "Hide a field of an object type", body: None, reply: Reply::Hidden },
    Fixed { method: Post, path: "/v1/meta/option-lists", id: "createOptionList", tag: "schema", summary: "Add an option list that fields can share", body: Some(("NewOptionList", r##"{"name": "regions", "options": [{"name": "emea", "label": "EMEA", "color": "#336699"}]}"##)), reply: Reply::NewChange("OptionList") },
    Fixed { method: Patch, path: "/v1/meta/option-lists/{name}", id: "updateOptionList", tag: "schema", summary: "Change an option list; fields that use it follow", body: Some(("OptionListChange", r#"{"label": "Sales regions"}"#)), reply: Reply::Change("OptionList") },
    Fixed { method: Delete, path: "/v1/meta/option-lists/{name}", id: "deleteOptionList", tag: "schema", summary: "Delete an option list that no field uses", body: None, reply: Reply::Hidden },
    Fixed { method: Post, path: "/v1/meta/relations", id: "createRelationType", tag: "schema", summary: "Add a relation type", body: Some(("NewRelationType", r#"{"name": "sponsorship", "source": {"object": "organization", "name": "sponsors"}, "target": {"object": "organization", "name": "sponsoredBy"}}"#)), reply: Reply::NewChange("RelationType") },
    Fixed { method: Patch, path: "/v1/meta/relations/{name}", id: "updateRelationType", tag: "schema", summary: "Change names and labels of a relation type", body: Some(("RelationTypeChange", r#"{"label": "Sponsorship"}"#)), reply: Reply::Change("RelationType") },
    Fixed { method: Delete, path: "/v1/meta/relations/{name}", id: "deleteRelationType", tag: "schema", summary: "Hide a relation type", body: None, reply: Reply::Hidden },
    Fixed { method: Post, path: "/v1/meta/relations/{name}/fields", id: "createRelationField", tag: "schema", summary: "Add a field to a relation type", body: Some(("NewField", r#"{"name": "since", "type": "date"}"#)), reply: Reply::NewChange("FieldDescription") },
    Fixed { method: Patch, path: "/v1/meta/relations/{name}/fields/{field}", id: "updateRelationField", tag: "schema", summary: "Change a field of a relation type", body: Some(("FieldChange", r#"{"label": "Since"}"#)), reply: Reply::Change("FieldDescription") },
    Fixed { method: Delete, path: "/v1/meta/relations/{name}/fields/{field}", id: "deleteRelationField", tag: "schema", summary: "Hide a field of a relation type", body: None, reply: Reply::Hidden },
];

/// What the permission `manageAccess` gives, and `managePartnerAccess` for the own partner.
#[rustfmt::skip] // one row an operation
pub(super) const HOLDERS: &[Fixed] = &[
    Fixed { method: Get, path: "/v1/meta/users", id: "listUsers", tag: "access", summary: "List users", body: None, reply: Reply::Page("User") },
    Fixed { method: Post, path: "/v1/meta/users", id: "createUser", tag: "access", summary: "Create a user", body: Some(("NewUser", r#"{"email": "ada@example.com", "name": "Ada", "password": "…", "roles": ["administrator"]}"#)), reply: Reply::New("User") },
    Fixed { method: Get, path: "/v1/meta/users/{id}", id: "showUser", tag: "access", summary: "Show a user", body: None, reply: Reply::One("User") },
    Fixed { method: Patch, path: "/v1/meta/users/{id}", id: "updateUser", tag: "access", summary: "Change a user", body: Some(("UserChange", r#"{"active": true}"#)), reply: Reply::One("User") },
    Fixed { method: Delete, path: "/v1/meta/users/{id}", id: "deleteUser", tag: "access", summary: "Deactivate a user", body: None, reply: Reply::Nothing },
    Fixed { method: Post, path: "/v1/meta/users/{id}/invite", id: "inviteUser", tag: "access", summary: "Mail a user a link to choose a password; it ends the one before", body: None, reply: Reply::One("Invitation") },
    Fixed { method: Delete, path: "/v1/meta/users/{id}/totp", id: "resetTotp", tag: "access", summary: "Take the second factor of a user away, who has lost it; it ends all sessions of the user", body: None, reply: Reply::Nothing },
    Fixed { method: Get, path: "/v1/meta/users/{id}/identities", id: "listIdentities", tag: "access", summary: "The identities of a user at providers, oldest first", body: None, reply: Reply::All("UserIdentity") },
    Fixed { method: Get, path: "/v1/meta/users/{id}/identities/{identity}", id: "showIdentity", tag: "access", summary: "Show an identity of a user", body: None, reply: Reply::One("UserIdentity") },
    Fixed { method: Delete, path: "/v1/meta/users/{id}/identities/{identity}", id: "unlinkIdentity", tag: "access", summary: "Take an identity from a user; it signs in no more, and all sessions of the user end", body: None, reply: Reply::Nothing },
    Fixed { method: Get, path: "/v1/meta/users/{id}/sessions", id: "listSessions", tag: "access", summary: "The open sessions of a user, oldest first", body: None, reply: Reply::Page("UserSession") },
    Fixed { method: Delete, path: "/v1/meta/users/{id}/sessions", id: "revokeSessions", tag: "access", summary: "End all sessions of a user", body: None, reply: Reply::Nothing },
    Fixed { method: Delete, path: "/v1/meta/users/{id}/sessions/{session}", id: "revokeSession", tag: "access", summary: "End one session of a user", body: None, reply: Reply::Nothing },
    Fixed { method: Get, path: "/v1/meta/roles", id: "listRoles", tag: "access", summary: "List roles", body: None, reply: Reply::All("Role") },
    Fixed { method: Get, path: "/v1/meta/roles/{role}", id: "showRole", tag: "access", summary: "Show a role", body: None, reply: Reply::One("Role") },
    Fixed { method: Get, path: "/v1/meta/partners", id: "listPartners", tag: "access", summary: "List partners", body: None, reply: Reply::Page("Partner") },
    Fixed { method: Get, path: "/v1/meta/partners/{id}", id: "showPartner", tag: "access", summary: "Show a partner", body: None, reply: Reply::One("Partner") },
    Fixed { method: Get, path: "/v1/meta/keys", id: "listKeys", tag: "access", summary: "List API keys", body: None, reply: Reply::Page("ApiKey") },
    Fixed { method: Post, path: "/v1/meta/keys", id: "createKey", tag: "access", summary: "Create an API key; the answer shows its secret once", body: Some(("NewApiKey", r#"{"name": "Speedy Express, warehouse", "roles": ["carrier"]}"#)), reply: Reply::New("ApiKey") },
    Fixed { method: Get, path: "/v1/meta/keys/{id}", id: "showKey", tag: "access", summary: "Show an API key", body: None, reply: Reply::One("ApiKey") },
    Fixed { method: Patch, path: "/v1/meta/keys/{id}", id: "updateKey", tag: "access", summary: "Change an API key", body: Some(("ApiKeyChange", r#"{"scopes": ["data:shipment:read", "data:shipment:update(status,deliveredAt)"]}"#)), reply: Reply::One("ApiKey") },
    Fixed { method: Post, path: "/v1/meta/keys/{id}/rotate", id: "rotateKey", tag: "access", summary: "Make the secret of an API key anew; the answer shows it once", body: Some(("ApiKeyRotation", r#"{"overlap": "PT24H"}"#)), reply: Reply::One("ApiKey") },
    Fixed { method: Delete, path: "/v1/meta/keys/{id}", id: "revokeKey", tag: "access", summary: "Revoke an API key for good", body: None, reply: Reply::Nothing },
];

/// What rules of the action `share` give.
#[rustfmt::skip] // one row an operation
pub(super) const SHARES: &[Fixed] = &[
    Fixed { method: Get, path: "/v1/meta/shares", id: "listShares", tag: "access", summary: "List the shares of a record", body: None, reply: Reply::Shares("Share") },
    Fixed { method: Post, path: "/v1/meta/shares", id: "createShare", tag: "access", summary: "Share a record with a user, a team or a partner", body: Some(("NewShare", r#"{"object": "opportunity", "record": "01a20035-4d8d-7054-91b2-74bc0295d687", "with": {"team": "01a20035-4d8d-7054-91b2-74bc0295d688"}, "access": "read", "until": "2030-01-31T00:00:00Z"}"#)), reply: Reply::New("Share") },
    Fixed { method: Get, path: "/v1/meta/shares/{id}", id: "showShare", tag: "access", summary: "Show a share", body: None, reply: Reply::One("Share") },
    Fixed { method: Delete, path: "/v1/meta/shares/{id}", id: "deleteShare", tag: "access", summary: "End a share", body: None, reply: Reply::Nothing },
];

/// What the permission `manageAccess` gives alone.
#[rustfmt::skip] // one row an operation
pub(super) const ACCESS: &[Fixed] = &[
    Fixed { method: Post, path: "/v1/meta/users/{id}/identities", id: "linkIdentity", tag: "access", summary: "Link an identity at a provider to a user, who can sign in by it from now on", body: Some(("NewIdentity", r#"{"provider": "corporate", "subject": "248289761001"}"#)), reply: Reply::New("UserIdentity") },
    Fixed { method: Post, path: "/v1/meta/roles", id: "createRole", tag: "access", summary: "Create a role", body: Some(("NewRole", r#"{"name": "carrier", "label": "Carrier"}"#)), reply: Reply::New("Role") },
    Fixed { method: Patch, path: "/v1/meta/roles/{role}", id: "updateRole", tag: "access", summary: "Change a role", body: Some(("RoleChange", r#"{"label": "Carrier"}"#)), reply: Reply::One("Role") },
    Fixed { method: Delete, path: "/v1/meta/roles/{role}", id: "deleteRole", tag: "access", summary: "Delete a role with its rules", body: None, reply: Reply::Nothing },
    Fixed { method: Get, path: "/v1/meta/roles/{role}/rules", id: "listRules", tag: "access", summary: "List the rules of a role", body: None, reply: Reply::All("Rule") },
    Fixed { method: Post, path: "/v1/meta/roles/{role}/rules", id: "createRule", tag: "access", summary: "Add a rule to a role", body: Some(("NewRule", r#"{"object": "shipment", "action": "read", "fields": ["number", "status"], "where": {"carrier": {"eq": "$partner.id"}}}"#)), reply: Reply::New("Rule") },
    Fixed { method: Get, path: "/v1/meta/roles/{role}/rules/{rule}", id: "showRule", tag: "access", summary: "Show a rule", body: None, reply: Reply::One("Rule") },
    Fixed { method: Put, path: "/v1/meta/roles/{role}/rules/{rule}", id: "replaceRule", tag: "access", summary: "Replace a rule", body: Some(("NewRule", r#"{"object": "shipment", "action": "read"}"#)), reply: Reply::One("Rule") },
    Fixed { method: Delete, path: "/v1/meta/roles/{role}/rules/{rule}", id: "deleteRule", tag: "access", summary: "Delete a rule", body: None, reply: Reply::Nothing },
    Fixed { method: Get, path: "/v1/meta/audit", id: "listAuditEntries", tag: "access", summary: "The audit log, newest first", body: None, reply: Reply::Audit("AuditEntry") },
    Fixed { method: Get, path: "/v1/meta/teams", id: "listTeams", tag: "access", summary: "List teams", body: None, reply: Reply::All("Team") },
    Fixed { method: Post, path: "/v1/meta/teams", id: "createTeam", tag: "access", summary: "Create a team", body: Some(("NewTeam", r#"{"name": "Sales North", "parent": "Sales"}"#)), reply: Reply::New("Team") },
    Fixed { method: Get, path: "/v1/meta/teams/{team}", id: "showTeam", tag: "access", summary: "Show a team", body: None, reply: Reply::One("Team") },
    Fixed { method: Patch, path: "/v1/meta/teams/{team}", id: "updateTeam", tag: "access", summary: "Change a team", body: Some(("TeamChange", r#"{"parent": null}"#)), reply: Reply::One("Team") },
    Fixed { method: Delete, path: "/v1/meta/teams/{team}", id: "deleteTeam", tag: "access", summary: "Delete a team without members", body: None, reply: Reply::Nothing },
    Fixed { method: Get, path: "/v1/meta/access", id: "showAccess", tag: "access", summary: "All roles with their rules, and the version of access (also as `ETag`); or as they were at a version that `GET /v1/meta/access/versions` tells", body: None, reply: Reply::At("Access") },
    Fixed { method: Get, path: "/v1/meta/access/versions", id: "listAccessVersions", tag: "access", summary: "The versions of access at which roles or rules changed, newest first", body: None, reply: Reply::Page("AccessVersion") },
    Fixed { method: Post, path: "/v1/meta/access/preview", id: "previewAccess", tag: "access", summary: "What roles and rules would change: how many records each role gains and loses, with examples", body: Some(("AccessPreviewQuestion", r#"{"roles": [{"name": "carrier", "label": "Carrier", "rules": [{"object": "shipment", "action": "read", "fields": ["number", "status"], "where": {"carrier": {"eq": "$partner.id"}}}]}]}"#)), reply: Reply::One("AccessPreview") },
    Fixed { method: Post, path: "/v1/meta/access/apply", id: "applyAccess", tag: "access", summary: "Make roles and rules what the document says: all of it or nothing", body: Some(("NewAccess", r#"{"expectedVersion": 12, "roles": [{"name": "carrier", "label": "Carrier", "rules": [{"object": "shipment", "action": "read", "fields": ["number", "status"], "where": {"carrier": {"eq": "$partner.id"}}}]}]}"#)), reply: Reply::One("AccessChanged") },
    Fixed { method: Post, path: "/v1/meta/access/restore", id: "restoreAccess", tag: "access", summary: "Put the roles and rules of an earlier version in force again: all of them, and no others", body: Some(("AccessRestore", r#"{"version": 12, "expectedVersion": 17}"#)), reply: Reply::One("AccessChanged") },
    Fixed { method: Post, path: "/v1/meta/access/explain", id: "explainAccess", tag: "access", summary: "Explain what a user or key may do, and why", body: Some(("AccessQuestion", r#"{"principal": {"key": "01a20035-4d8d-7054-91b2-74bc0295d687"}, "action": "read", "object": "shipment"}"#)), reply: Reply::One("Explanation") },
    Fixed { method: Post, path: "/v1/meta/partners", id: "createPartner", tag: "access", summary: "Make an organization a partner", body: Some(("NewPartner", r#"{"organization": "01a20035-4d8d-7054-91b2-74bc0295d687", "name": "Speedy Express"}"#)), reply: Reply::New("Partner") },
    Fixed { method: Patch, path: "/v1/meta/partners/{id}", id: "updatePartner", tag: "access", summary: "Change a partner", body: Some(("PartnerChange", r#"{"active": false}"#)), reply: Reply::One("Partner") },
];
