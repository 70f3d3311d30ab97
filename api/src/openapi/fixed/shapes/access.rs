//! The bodies of managing access.

use super::{
    Kind::{
        Any, Flag, Id, IdOrNull, Object, Permissions, Shapes, Text, TextOrNull, Texts, TextsOrNull,
        Whole,
    },
    Shape,
};

/// The bodies of managing who has access.
#[rustfmt::skip] // one row a member
pub(in crate::openapi::fixed) const HOLDERS: &[Shape] = &[
    Shape { name: "User", members: &[
        ("id!", Id, ""),
        ("email!", Text, "The sign-in name."),
        ("name!", Text, "What people call the user."),
        ("active!", Flag, "Whether the user may sign in."),
        ("partner!", IdOrNull, "The partner that the user works for; null for a user of the company itself."),
        ("roles!", Texts, ""),
        ("teams!", Texts, ""),
        ("createdAt!", Text, "When the user was created."),
        ("updatedAt!", Text, "When the user was last changed."),
    ] },
    Shape { name: "NewUser", members: &[
        ("email!", Text, "The sign-in name."),
        ("name!", Text, "What people call the user."),
        ("password", Text, "Without one the user can't sign in."),
        ("partner", Id, "The partner that the user works for; it never changes."),
        ("roles", Texts, ""),
        ("teams", Texts, ""),
    ] },
    Shape { name: "UserChange", members: &[
        ("email", Text, "The sign-in name."),
        ("name", Text, "What people call the user."),
        ("active", Flag, "Whether the user may sign in."),
        ("password", Text, "A new password; it ends all sessions."),
        ("roles", Texts, ""),
        ("teams", Texts, ""),
    ] },
    Shape { name: "AuditEntry", members: &[
        ("sequence!", Whole, "Its place in the log, from 1 on and without gaps."),
        ("at!", Text, "When it happened."),
        ("kind!", Text, "What happened."),
        ("principal!", Object, "Who did it: `kind` (`user`, `key`, `system`, `anonymous`) and `id`."),
        ("object!", Any, "What it was done to: `type` and `id`, or null."),
        ("address!", TextOrNull, "Where the request came from."),
        ("session!", IdOrNull, "The session of a user."),
        ("details!", Object, "What else there is to tell: `before` and `after` of what was changed, `reason` and `count` of what was refused."),
        ("previousHash!", Text, "The hash of the entry before."),
        ("hash!", Text, "Its own hash: SHA-256, in hexadecimal digits."),
    ] },
    Shape { name: "Role", members: &[
        ("id!", Id, ""),
        ("name!", Text, "The name."),
        ("label!", Text, "What people read."),
        ("description!", Text, "What the role is for."),
        ("permissions!", Permissions, ""),
        ("inherits!", Texts, ""),
        ("createdAt!", Text, "When the role was created."),
        ("updatedAt!", Text, "When the role was last changed."),
    ] },
    Shape { name: "Partner", members: &[
        ("id!", Id, ""),
        ("organization!", Object, "The organization that the partner is: `id`."),
        ("name!", Text, "What people call it."),
        ("active!", Flag, "Whether its users and keys may do anything."),
        ("createdAt!", Text, "When the partner was created."),
        ("updatedAt!", Text, "When the partner was last changed."),
    ] },
    Shape { name: "ApiKey", members: &[
        ("id!", Id, ""),
        ("keyId!", Text, "The public part of the key."),
        ("name!", Text, "What people call it."),
        ("partner!", IdOrNull, "The partner that it acts for."),
        ("roles!", Texts, ""),
        ("scopes!", TextsOrNull, ""),
        ("allowedIps!", TextsOrNull, ""),
        ("rateClass!", Text, "How much it may ask for in a time: `low`, `standard`, `high` or `unlimited`."),
        ("expiresAt!", TextOrNull, "When it stops working."),
        ("oldSecretUntil!", TextOrNull, "Until when the secret of before the last rotation works too; null when it does not."),
        ("revokedAt!", TextOrNull, "When it was revoked."),
        ("lastUsedAt!", TextOrNull, "When it was last used."),
        ("createdAt!", Text, "When it was created."),
        ("secret", Text, "The key itself; only the answers to its creation and rotation show it."),
    ] },
    Shape { name: "NewApiKey", members: &[
        ("name!", Text, "What people call it."),
        ("partner", Text, "The id of the partner that it acts for."),
        ("roles!", Texts, ""),
        ("scopes", TextsOrNull, ""),
        ("allowedIps", TextsOrNull, ""),
        ("rateClass", Text, "How much it may ask for in a time: `low`, `standard`, `high` or `unlimited`."),
        ("expiresAt", TextOrNull, "When it stops working, an instant."),
    ] },
    Shape { name: "ApiKeyChange", members: &[
        ("name", Text, "What people call it."),
        ("roles", Texts, ""),
        ("scopes", TextsOrNull, ""),
        ("allowedIps", TextsOrNull, ""),
        ("rateClass", Text, "How much it may ask for in a time: `low`, `standard`, `high` or `unlimited`."),
        ("expiresAt", TextOrNull, "When it stops working, an instant; null is never."),
    ] },
    Shape { name: "ApiKeyRotation", members: &[
        ("overlap", TextOrNull, "How long the old secret works beside the new one, an ISO 8601 duration of at most 30 days; not at all when absent."),
    ] },
];

/// The bodies of sharing records.
#[rustfmt::skip] // one row a member
pub(in crate::openapi::fixed) const SHARES: &[Shape] = &[
    Shape { name: "Share", members: &[
        ("id!", Id, ""),
        ("object!", Text, "The object type."),
        ("record!", Id, ""),
        ("with!", Object, "`{\"user\": \"<id>\"}`, `{\"team\": \"<id>\"}` or `{\"partner\": \"<id>\"}`."),
        ("access!", Text, "`read` or `write`."),
        ("until!", TextOrNull, "From when on it counts no more; null is never."),
        ("createdAt!", Text, "When it was made."),
        ("createdBy!", IdOrNull, "The user or key that made it."),
    ] },
    Shape { name: "NewShare", members: &[
        ("object!", Text, "The object type."),
        ("record!", Id, ""),
        ("with!", Object, "`{\"user\": \"<id>\"}`, `{\"team\": \"<id>\"}` or `{\"partner\": \"<id>\"}`."),
        ("access!", Text, "`read` or `write`."),
        ("until", Text, "From when on it counts no more, RFC 3339."),
    ] },
];

/// The bodies of managing access, those apart.
#[rustfmt::skip] // one row a member
pub(in crate::openapi::fixed) const ACCESS: &[Shape] = &[
    Shape { name: "NewRole", members: &[
        ("name!", Text, "The name."),
        ("label", Text, "What people read."),
        ("description", Text, "What the role is for."),
        ("permissions", Permissions, ""),
        ("inherits", Texts, ""),
    ] },
    Shape { name: "RoleChange", members: &[
        ("name", Text, "The name."),
        ("label", Text, "What people read."),
        ("description", Text, "What the role is for."),
        ("permissions", Permissions, ""),
        ("inherits", Texts, ""),
    ] },
    Shape { name: "Rule", members: &[
        ("id!", Id, ""),
        ("role!", Text, "The role."),
        ("object!", Text, "An object type, a relation type, or `*`."),
        ("action!", Text, "The action."),
        ("fields!", Any, "`*`, or the names of the fields that it covers."),
        ("where!", Any, "Which records it covers; null for all."),
        ("check!", Any, "What must hold after a write; null for what `where` says."),
        ("presets!", Object, "What the server sets on a write."),
        ("masks!", Object, "What is left of values, by field."),
        ("valid!", Flag, "Whether everything that it names still exists; otherwise it grants nothing."),
        ("createdAt!", Text, "When the rule was created."),
    ] },
    Shape { name: "NewRule", members: &[
        ("object!", Text, "An object type, a relation type, or `*`."),
        ("action!", Text, "`read`, `create`, `update`, `delete`, `link`, `aggregate`, `export` or `share`."),
        ("fields", Any, "`*` (the default), or the names of the fields that it covers."),
        ("where", Object, "Which records it covers: a filter that may use `$user.id`, `$user.teams`, `$user.teamTree`, `$key.id`, `$partner.id`, `$now`, `$today` and `{\"$shared\": \"read\"}`."),
        ("check", Object, "What must hold after a write; what `where` says when absent."),
        ("presets", Object, "What the server sets on a write, by field."),
        ("masks", Object, "Of `read`: what is left of values, by field: `null`, `hash`, `year`, `domain` or `last4`."),
    ] },
    Shape { name: "Team", members: &[
        ("id!", Id, ""),
        ("name!", Text, "What people call it."),
        ("parent!", IdOrNull, "The team above it; null at the top."),
        ("createdAt!", Text, "When the team was created."),
        ("updatedAt!", Text, "When the team was last changed."),
    ] },
    Shape { name: "NewTeam", members: &[
        ("name!", Text, "What people call it."),
        ("parent", Text, "The name or id of the team above it."),
    ] },
    Shape { name: "TeamChange", members: &[
        ("name", Text, "What people call it."),
        ("parent", TextOrNull, "The name or id of the team above it; null puts it to the top."),
    ] },
    Shape { name: "AccessQuestion", members: &[
        ("principal!", Object, "`{\"user\": \"<id>\"}` or `{\"key\": \"<id>\"}`."),
        ("action!", Text, "`read`, `create`, `update`, `delete`, `link`, `aggregate`, `export` or `share`."),
        ("object!", Text, "An object type or a relation type."),
        ("record", Id, "A record (or link) that is there."),
    ] },
    Shape { name: "Explanation", members: &[
        ("allowed!", Flag, "Whether some rule grants it: on the record, or without one on some records."),
        ("reason!", Text, "Why, in words."),
        ("principal!", Object, "Who: `kind`, `id`, `name`, `active`, `roles`, `partner` (the organization) and `scopes`."),
        ("rules!", Shapes("ExplainedRule"), "Every rule of the roles on this action, whether it counts or not."),
        ("where!", Any, "On which records the rules that count grant it, as a filter; null for all."),
        ("fields!", Any, "Of `read`: `{\"always\": […], \"sometimes\": […], \"masked\": […]}`, on the records that are seen; with a record, `always` tells those of this one."),
    ] },
    Shape { name: "ExplainedRule", members: &[
        ("id!", Id, ""),
        ("role!", Text, "The role."),
        ("object!", Text, "An object type, a relation type, or `*`."),
        ("action!", Text, "The action."),
        ("fields!", Any, "`*`, or the names of the fields that it covers."),
        ("where!", Any, "Which records it covers; null for all."),
        ("check!", Any, "What must hold after a write; null for what `where` says."),
        ("presets!", Object, "What the server sets on a write."),
        ("masks!", Object, "What is left of values, by field."),
        ("valid!", Flag, "Whether everything that it names still exists; otherwise it grants nothing."),
        ("createdAt!", Text, "When the rule was created."),
        ("applies!", Flag, "Whether it counts for this principal."),
        ("reason!", TextOrNull, "Why it does not."),
        ("matches!", Any, "Whether the record is one of its records; null without a record, and of a rule that does not count."),
    ] },
    Shape { name: "NewPartner", members: &[
        ("organization!", Any, "The organization that the partner is: its id, or `{\"id\": …}`."),
        ("name!", Text, "What people call it."),
    ] },
    Shape { name: "PartnerChange", members: &[
        ("name", Text, "What people call it."),
        ("active", Flag, "Whether its users and keys may do anything."),
    ] },
];
