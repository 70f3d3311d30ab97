//! The bodies of the fixed paths, a row a member. Values with rules of their own (definitions of
//! fields, conditions) stay open: the server checks them and says what is wrong with them.

mod access;

pub(super) use access::{ACCESS, HOLDERS, SHARES};

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type, schema::SchemaType};

use crate::openapi::parts::{Names, array_of, id_schema, or_null, plain, schema_ref};

/// A body: its name and its members.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) members: &'static [Member],
}

/// A member: its name, its kind, and what it is. A name that ends in `!` must be there.
type Member = (&'static str, Kind, &'static str);

/// What a member holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// A text or null.
    TextOrNull,
    Id,
    IdOrNull,
    Flag,
    Whole,
    Texts,
    /// An array of texts, or null.
    TextsOrNull,
    /// One of the permissions beyond records.
    Permissions,
    /// An object with members of its own.
    Object,
    /// An array of such objects.
    Objects,
    /// Any JSON.
    Any,
    /// An array of another body.
    Shapes(&'static str),
}

/// The schema of a body.
pub(super) fn schema(names: &Names, shape: &Shape) -> RefOr<Schema> {
    let mut builder = plain(Type::Object);
    for (name, kind, description) in shape.members {
        let key = name.trim_end_matches('!');
        builder = builder.property(key, member(names, *kind, description));
        if key != *name {
            builder = builder.required(key);
        }
    }
    builder.into()
}

fn member(names: &Names, kind: Kind, description: &str) -> RefOr<Schema> {
    let described = |builder: ObjectBuilder| builder.description(Some(description)).into();
    let text_or_null =
        || plain(Type::String).schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    let text = || plain(Type::String).into();
    match kind {
        Kind::Text => described(plain(Type::String)),
        Kind::TextOrNull | Kind::IdOrNull => described(text_or_null()),
        Kind::Id => id_schema(),
        Kind::Flag => described(plain(Type::Boolean)),
        Kind::Whole => described(plain(Type::Integer)),
        Kind::Texts => array_of(text()),
        Kind::TextsOrNull => or_null(array_of(text())),
        Kind::Permissions => array_of(
            plain(Type::String)
                .enum_values(Some([
                    "manageSchema",
                    "manageAccess",
                    "manageCurrencies",
                    "managePartnerAccess",
                ]))
                .into(),
        ),
        Kind::Object => described(plain(Type::Object)),
        Kind::Objects => array_of(plain(Type::Object).into()),
        Kind::Any => described(ObjectBuilder::new().schema_type(SchemaType::AnyValue)),
        Kind::Shapes(name) => array_of(schema_ref(&names.fixed(name))),
    }
}

use Kind::{
    Any, Flag, Id, IdOrNull, Object, Objects, Permissions, Shapes, Text, TextOrNull, Texts,
    TextsOrNull, Whole,
};

/// The bodies of signing in.
#[rustfmt::skip] // one row a member
pub(super) const SIGN_IN: &[Shape] = &[
    Shape { name: "Login", members: &[
        ("email!", Text, "The sign-in name."),
        ("password!", Text, "The password."),
    ] },
    Shape { name: "RefreshToken", members: &[("refreshToken!", Text, "The latest refresh token of the session.")] },
    Shape { name: "Challenge", members: &[
        ("challenge!", Text, "The sign-in that waits for a code, to send to `/v1/auth/login/verify`."),
        ("factors!", Texts, ""),
        ("expiresIn!", Whole, "Seconds until it is over."),
    ] },
    Shape { name: "ChallengeAnswer", members: &[
        ("challenge!", Text, "The challenge of the sign-in."),
        ("code!", Text, "Six digits of the app, or a recovery code."),
    ] },
    Shape { name: "Provider", members: &[
        ("name!", Text, "What it is called in addresses."),
        ("label!", Text, "What people call it."),
    ] },
    Shape { name: "ProviderStart", members: &[("redirectUri!", Text, "The page that the provider sends its user back to; one of those in the settings of the provider.")] },
    Shape { name: "ProviderSignIn", members: &[
        ("authorizationUrl!", Text, "Where to send the browser."),
        ("transaction!", Text, "To keep in this browser alone, and to send to `finish`; it works once."),
        ("expiresIn!", Whole, "Seconds until it is over."),
    ] },
    Shape { name: "ProviderFinish", members: &[
        ("code!", Text, "What the provider has added to the address of the page."),
        ("state!", Text, "What else it has added."),
        ("transaction!", Text, "What `start` has answered to this browser."),
        ("iss", Text, "The issuer, where the provider has added it (RFC 9207)."),
    ] },
    Shape { name: "ForgottenPassword", members: &[("email!", Text, "The sign-in name.")] },
    Shape { name: "PasswordReset", members: &[
        ("token!", Text, "What stands in the mailed link; it works once."),
        ("password!", Text, "The password, of 8 to 256 characters."),
    ] },
    Shape { name: "Session", members: &[
        ("accessToken!", Text, "To send as `Authorization: Bearer …`."),
        ("refreshToken!", Text, "For the next refresh; each one works once, or again within 10 seconds, should the answer get lost."),
        ("expiresIn!", Whole, "Seconds until the access token expires."),
        ("tokenType!", Text, "`Bearer`."),
    ] },
];

/// The bodies of what people alone have: passwords, second factors and sessions.
#[rustfmt::skip] // one row a member
pub(super) const PEOPLE: &[Shape] = &[
    Shape { name: "TotpBeginning", members: &[("password!", Text, "Your password.")] },
    Shape { name: "TotpEnrolment", members: &[
        ("secret!", Text, "The secret in base32, to type into an app."),
        ("uri!", Text, "The same as `otpauth://…`, for a QR code."),
    ] },
    Shape { name: "TotpCode", members: &[("code!", Text, "Six digits of the app.")] },
    Shape { name: "RecoveryCodes", members: &[("recoveryCodes!", Texts, "")] },
    Shape { name: "TotpRemoval", members: &[
        ("password!", Text, "Your password."),
        ("code!", Text, "Six digits of the app, or a recovery code."),
    ] },
    Shape { name: "PasswordChange", members: &[
        ("currentPassword!", Text, "The password of now."),
        ("newPassword!", Text, "The password from now on, of 8 to 256 characters."),
    ] },
    Shape { name: "UserSession", members: &[
        ("id!", Id, ""),
        ("createdAt!", Text, "When its user signed in."),
        ("lastUsedAt!", Text, "When it was last prolonged; at first, the sign-in."),
        ("expiresAt!", Text, "When it ends unless it is prolonged."),
        ("address!", TextOrNull, "The address of the sign-in."),
        ("userAgent!", TextOrNull, "What the client called itself at the sign-in."),
        ("current!", Flag, "Whether it is the session that asks."),
    ] },
];

/// The bodies for whoever is signed in.
#[rustfmt::skip] // one row a member
pub(super) const SIGNED_IN: &[Shape] = &[
    Shape { name: "Me", members: &[
        ("kind!", Text, "`user` or `key`."),
        ("id!", Id, ""),
        ("email", Text, "The sign-in name of a user."),
        ("name!", Text, "What people call the user or key."),
        ("secondFactor", Flag, "Whether a user signs in with a second factor."),
        ("roles!", Texts, ""),
        ("partner!", Any, "The partner that it acts for, or null."),
        ("permissions!", Permissions, ""),
        ("scopes!", TextsOrNull, ""),
    ] },
    Shape { name: "SchemaVersion", members: &[("version!", Whole, "The schema version.")] },
    Shape { name: "CurrencyTable", members: &[
        ("base!", TextOrNull, "The base currency, a code of ISO 4217."),
        ("version", Whole, "Changes with each change; for those who may change it."),
        ("converting", Flag, "Whether amounts are still being converted after a change."),
        ("rates", Kind::Shapes("Rate"), ""),
    ] },
    Shape { name: "Rate", members: &[
        ("currency!", Text, "A code of ISO 4217."),
        ("validFrom!", Text, "The first day on which it is in force."),
        ("rate!", Text, "What one unit is worth in the base currency."),
    ] },
    Shape { name: "FieldType", members: &[
        ("name!", Text, "The name."),
        ("settings!", Texts, ""),
        ("changeableSettings!", Texts, ""),
        ("canBeUnique!", Flag, "Whether a field of this type may be unique."),
        ("operators!", Any, "The operators of filters; of a composite value by part."),
        ("sortable!", Flag, "Whether lists can be sorted by it."),
        ("convertibleTo!", Texts, "The types that a field of this type can be converted to."),
    ] },
    Shape { name: "FieldDescription", members: &[
        ("name!", Text, "The API name."),
        ("type!", Text, "The field type."),
        ("aliases", Objects, ""),
        ("label!", Text, "What people read."),
        ("help!", Text, "What people read when they ask what it is for."),
        ("required!", Flag, "Whether a record must have a value."),
        ("conditionallyRequired!", Flag, "Whether a record must have a value under a condition: `requiredWhen`, for those who may read all that it looks at."),
        ("hasDefault!", Flag, "Whether a new record that brings no value is given one: `default`, or `defaultExpression` for those who may read all that it looks at."),
        ("unique!", Flag, "Whether no two live records may have the same value."),
        ("default", Any, "The value of a new record that brings none."),
        ("origin!", Text, "`standard` or `custom`."),
        ("system!", Flag, "Whether the engine keeps it."),
        ("readable!", Flag, "Whether you may read it."),
        ("creatable!", Flag, "Whether you may send it in a create."),
        ("updatable!", Flag, "Whether you may send it in an update."),
        ("visibility", Text, "On which of the records that you see it shows in full, if you may read it: `always`, `sometimes`, or on none: `masked`."),
        ("masks", Texts, "What may be left of it on other records: `last4`, `domain`, `year`, `hash` or `null`."),
        ("operators!", Any, "The operators that a filter may use on it."),
        ("sortKeys!", Texts, ""),
        ("targetTypes", Objects, ""),
        ("state", Text, "`computing` while a job fills it, `converting` while one copies it to another type."),
        ("job", Id, "The job that works on it, for those who may change the schema."),
        ("object", Text, "The object type that has it, in `GET /v1/meta/fields`."),
        ("relation", Text, "The relation type that has it, in `GET /v1/meta/fields`."),
        ("options", Kind::Shapes("Option"), ""),
        ("optionList", Text, "The shared list that the options come from."),
        ("dependsOn", Text, "The select of the same type that decides which options there are."),
        ("target", Text, "The object type that a reference points at."),
        ("inverse", Object, "The inverse collection of a reference: `name`, `label`, `labels`."),
        ("onDelete", Text, "What happens when the target of a reference is deleted: `detach`, `restrict` or `cascade`."),
        ("owned", Flag, "Whether the record is a part of the target of a reference, deleted and restored with it."),
        ("tree", Flag, "Whether a reference of a type to itself makes a tree of its records."),
        ("targets", Texts, "The object types of a reference to several."),
        ("any", Flag, "Whether a reference points at records of any type."),
        ("via", Text, "The reference through which a lookup is read."),
        ("field", Text, "The field of its target that a lookup shows."),
        ("maxLength", Whole, "The most characters of a text."),
        ("minLength", Whole, "The fewest characters of a text."),
        ("maxItems", Whole, "The most items of a list."),
        ("min", Any, "The least value."),
        ("max", Any, "The greatest value."),
        ("parts", Object, "Such limits of the parts of a composite value, by name."),
        ("precision", Whole, "The digits of a decimal."),
        ("scale", Whole, "Its digits after the point."),
        ("format", Text, "How an auto number looks, such as `INV-{YYYY}-{0000}`."),
        ("restart", Text, "When its counter begins anew: `year`, `month` or `day`."),
        ("readOnly!", Flag, "Whether callers can't write it: presets of rules do."),
        ("writeOnce!", Flag, "Whether it can be written only while it has no value."),
        ("audited!", Flag, "Whether events keep its values; they do unless told."),
        ("personalData!", Text, "`none`, `personal` or `sensitive`: how much its values tell of a person."),
        ("auditReads!", Flag, "Whether the audit log tells who reads it."),
        ("searchable!", Flag, "Whether the search over records looks at it."),
        ("indexed!", Flag, "Whether filters and sorts on it are helped by an index."),
        ("index", Object, "For those who may change the schema: the `state` of its index (`none`, `building`, `ready` or `failed`) and the `job` that builds it."),
        ("requiredWhen", Text, "A condition of CEL under which a record must have a value."),
        ("defaultExpression", Text, "The value of a new record that brings none, in CEL."),
        ("expression", Text, "How a formula is computed, in CEL."),
        ("result", Any, "The type of what is computed or looked up: `type` and its settings."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("helps", Object, "The help text in other languages, by BCP 47 tag."),
    ] },
    Shape { name: "ValidationRule", members: &[
        ("name!", Text, "What it is called among the rules of its type."),
        ("condition!", Text, "What must hold: an expression of CEL."),
        ("message!", Text, "What people are told who break it."),
        ("fields", Texts, ""),
    ] },
    Shape { name: "Option", members: &[
        ("name!", Text, "What is stored and sent."),
        ("label", Text, "What people read; made from the name when absent."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("color", Text, "The colour in which it shows, `#rrggbb`."),
        ("active", Flag, "Whether it may be newly chosen; true unless told."),
        ("when", Texts, "Of a dependent select: the options of the deciding field with which it may be chosen."),
    ] },
    Shape { name: "OptionList", members: &[
        ("name!", Text, "The API name."),
        ("label!", Text, "What people read."),
        ("labels!", Object, "What people read in other languages, by BCP 47 tag."),
        ("description!", Text, "What the list is for."),
        ("options!", Kind::Shapes("Option"), ""),
        ("usedBy!", Texts, "The fields that offer them, such as `contract.region`."),
    ] },
    Shape { name: "ObjectType", members: &[
        ("name!", Text, "The singular API name."),
        ("plural!", Text, "The plural API name, as in URLs."),
        ("aliases", Objects, ""),
        ("pluralAliases", Objects, ""),
        ("label!", Text, "What people read, singular."),
        ("pluralLabel!", Text, "What people read, plural."),
        ("description!", Text, "What the type is for."),
        ("origin!", Text, "`standard` or `custom`."),
        ("title!", TextOrNull, "The field that names a record."),
        ("displayTemplate!", TextOrNull, "What people read of a record, with names of fields in braces."),
        ("displayFields!", Texts, "The texts that the display name is made of, as paths for filters."),
        ("labels!", Object, "What people read in other languages, singular."),
        ("pluralLabels!", Object, "What people read in other languages, plural."),
        ("defaultSort!", Texts, ""),
        ("uniqueKeys!", Objects, ""),
        ("hasOwner!", Flag, "Whether records have an owner."),
        ("singleton!", Flag, "Whether there is at most one record."),
        ("maxRows!", Whole, "The most records of one page of a list."),
        ("readable!", Flag, "Whether you may see records."),
        ("creatable!", Flag, "Whether you may create records."),
        ("updatable!", Flag, "Whether you may change records."),
        ("deletable!", Flag, "Whether you may delete and restore records."),
        ("fields!", Kind::Shapes("FieldDescription"), ""),
        ("validations", Kind::Shapes("ValidationRule"), ""),
        ("relations!", Objects, ""),
    ] },
    Shape { name: "RelationType", members: &[
        ("name!", Text, "The API name."),
        ("aliases", Objects, ""),
        ("label!", Text, "What people read."),
        ("labels!", Object, "What people read in other languages, by BCP 47 tag."),
        ("description!", Text, "What a link says."),
        ("origin!", Text, "`standard` or `custom`."),
        ("source!", Object, "The end that links start from: `object`, or `objects` at an end of several types, `name`, `label`, `labels`, `cardinality`, `onDelete`, `ordered`."),
        ("target!", Object, "The end that links lead to: `object`, or `objects` at an end of several types, `name`, `label`, `labels`, `cardinality`, `onDelete`, `ordered`."),
        ("temporal!", Flag, "Whether links hold for a period, `validFrom` to before `validUntil`."),
        ("symmetric!", Flag, "Whether a link says the same from either end; both ends are one then."),
        ("allowDuplicates!", Flag, "Whether two records may be linked more than once at a time."),
        ("linkable!", Flag, "Whether you may make and end links."),
        ("fields!", Kind::Shapes("FieldDescription"), ""),
        ("validations", Kind::Shapes("ValidationRule"), ""),
    ] },
];

/// The bodies for those who set the rates.
#[rustfmt::skip] // one row a member
pub(super) const CURRENCIES: &[Shape] = &[
    Shape { name: "NewCurrencyTable", members: &[
        ("base!", TextOrNull, "The base currency; null for none."),
        ("rates", Kind::Shapes("NewRate"), ""),
    ] },
    Shape { name: "NewRates", members: &[("rates!", Kind::Shapes("NewRate"), "")] },
    Shape { name: "NewRate", members: &[
        ("currency!", Text, "A code of ISO 4217, not the base currency."),
        ("validFrom!", Text, "The first day on which it is in force, `YYYY-MM-DD`."),
        ("rate!", Text, "What one unit is worth in the base currency: a decimal greater than 0 with at most 8 digits before the point and 12 after."),
    ] },
];

/// The bodies of changing the schema.
#[rustfmt::skip] // one row a member
pub(super) const SCHEMA: &[Shape] = &[
    Shape { name: "Changeset", members: &[
        ("expectedVersion", Whole, "The schema version that you know; any other is refused with 409."),
        ("operations!", Objects, ""),
        ("dryRun", Flag, "Report only, and change nothing."),
    ] },
    Shape { name: "ChangeReport", members: &[
        ("version!", Whole, "The schema version afterwards."),
        ("dryRun!", Flag, "Whether nothing was changed because it was not asked for."),
        ("applicable!", Flag, "Whether the changeset has no faults."),
        ("operations!", Objects, "What each operation does: rows, samples, dependants, locks, expected time, jobs, reverse."),
        ("locks!", Texts, "What is locked for the whole of it."),
        ("reverse", Any, "Of a dry run: the changeset that takes it back, or null."),
        ("errors!", Kind::Shapes("Fault"), ""),
    ] },
    Shape { name: "Deleted", members: &[
        ("id!", Id, ""),
        ("kind!", Text, "`objectType`, `field`, `relationType` or `optionList`."),
        ("name!", Text, "The API name that it had."),
        ("label!", Text, "What people read."),
        ("object", Text, "Of a field: the object type that has it."),
        ("relation", Text, "Of a field: the relation type that has it."),
        ("deletedAt!", Text, "When it was deleted."),
        ("actorKind!", Text, "What sort of principal deleted it."),
        ("actorId!", IdOrNull, "Who deleted it."),
        ("undoUntil!", TextOrNull, "Until when it can come back; null is at any time."),
        ("rows!", Whole, "How many records or links it holds, deleted ones too; of a field, how many have a value."),
        ("with!", Objects, ""),
    ] },
    Shape { name: "Restore", members: &[
        ("name", Text, "Another name, when somebody else has the old one by now."),
        ("plural", Text, "Of an object type: another plural name."),
        ("without", Texts, ""),
        ("required", Flag, "Of a field: `false` when records made meanwhile have no value."),
        ("unique", Flag, "Of a field: `false` when records share a value by now."),
        ("inverse", Object, "Of a reference: another name of its inverse."),
        ("source", Object, "Of a relation type: another name at its source end."),
        ("target", Object, "Of a relation type: another name at its target end."),
    ] },
    Shape { name: "Job", members: &[
        ("id!", Id, ""),
        ("kind!", Text, "What sort of work it is."),
        ("state!", Text, "`queued`, `running`, `done` or `failed`."),
        ("payload!", Any, "What it is about, by ids."),
        ("progress!", Any, "How far it is."),
        ("report!", Any, "What it found and did."),
        ("error!", TextOrNull, "Why it failed."),
        ("attempts!", Whole, "How often it was begun."),
        ("schemaVersion!", Whole, "The schema version that asked for it."),
        ("runAfter!", Text, "It is not begun before this instant."),
        ("createdAt!", Text, "When it was asked for."),
        ("updatedAt!", Text, "When it was last heard of."),
        ("finishedAt!", TextOrNull, "When it ended."),
    ] },
    Shape { name: "IndexAdvice", members: &[
        ("indexes!", Shapes("AdvisedIndex"), "The indexes that rules ask for and that are not there."),
        ("unserved!", Shapes("AskingRule"), "The rules that no index of a field would help; only for those with `manageAccess`."),
    ] },
    Shape { name: "AdvisedIndex", members: &[
        ("state!", Text, "`none`, `building` or `failed`."),
        ("job", Id, "The job that builds it or could not."),
        ("operation!", Object, "The operation of a changeset that builds it: `createIndex`."),
        ("rules!", Shapes("AskingRule"), "The rules that ask for it; only for those with `manageAccess`."),
    ] },
    Shape { name: "AskingRule", members: &[
        ("role!", Text, "The name of the role that has the rule."),
        ("rule!", Id, ""),
        ("object!", Text, "The singular name of the object or relation type that it is on."),
    ] },
    Shape { name: "Verification", members: &[
        ("repair", Flag, "Whether the right values are written where others are stored."),
    ] },
    Shape { name: "ChangesetEntry", members: &[
        ("version!", Whole, "The schema version that it made."),
        ("appliedAt!", Text, "When it was committed."),
        ("actorKind!", Text, "What sort of principal made it."),
        ("actorId!", IdOrNull, "Who made it."),
        ("operations!", Any, "Its operations, as they were sent."),
    ] },
    Shape { name: "NewObjectType", members: &[
        ("name!", Text, "The singular API name, camelCase."),
        ("plural!", Text, "The plural API name, camelCase."),
        ("label", Text, "What people read, singular."),
        ("pluralLabel", Text, "What people read, plural."),
        ("description", Text, "What the type is for."),
        ("fields", Kind::Shapes("NewField"), ""),
        ("validations", Kind::Shapes("ValidationRule"), ""),
        ("title", Text, "The field that names a record."),
        ("displayTemplate", Text, "What people read of a record, with names of fields in braces; the title when absent."),
        ("labels", Object, "What people read in other languages, singular, by BCP 47 tag."),
        ("pluralLabels", Object, "What people read in other languages, plural."),
        ("defaultSort", Texts, ""),
        ("uniqueKeys", Objects, ""),
        ("hasOwner", Flag, "Whether records have an owner (custom types)."),
        ("singleton", Flag, "Whether there is at most one record."),
    ] },
    Shape { name: "ObjectTypeChange", members: &[
        ("name", Text, "The new singular API name."),
        ("plural", Text, "The new plural API name."),
        ("aliasUntil", TextOrNull, "Until when the old name is an alias: a day, an instant, or null for not at all; 90 days when absent."),
        ("label", Text, "What people read, singular."),
        ("pluralLabel", Text, "What people read, plural."),
        ("description", Text, "What the type is for."),
        ("title", TextOrNull, "The field that names a record; null takes it away."),
        ("displayTemplate", TextOrNull, "What people read of a record, with names of fields in braces; null leaves the title."),
        ("validations", Kind::Shapes("ValidationRule"), ""),
        ("labels", Object, "What people read in other languages, singular, by BCP 47 tag."),
        ("pluralLabels", Object, "What people read in other languages, plural."),
        ("defaultSort", Texts, ""),
        ("uniqueKeys", Objects, ""),
        ("hasOwner", Flag, "Whether records have an owner (custom types)."),
        ("singleton", Flag, "Whether there is at most one record."),
    ] },
    Shape { name: "NewField", members: &[
        ("name!", Text, "The API name, camelCase."),
        ("type!", Text, "The field type; its settings stand beside it (`GET /v1/meta/field-types`)."),
        ("label", Text, "What people read."),
        ("help", Text, "What people read when they ask what it is for."),
        ("required", Flag, "Whether a record must have a value."),
        ("unique", Flag, "Whether no two live records may have the same value."),
        ("default", Any, "The value of a new record that brings none."),
        ("options", Kind::Shapes("Option"), ""),
        ("optionList", Text, "The shared list that the options come from."),
        ("dependsOn", Text, "The select of the same type that decides which options there are."),
        ("target", Text, "The object type that a reference points at."),
        ("inverse", Object, "The inverse collection of a reference: `name`, `label`, `labels`."),
        ("onDelete", Text, "What happens when the target of a reference is deleted: `detach`, `restrict` or `cascade`."),
        ("owned", Flag, "Whether the record is a part of the target of a reference, deleted and restored with it."),
        ("tree", Flag, "Whether a reference of a type to itself makes a tree of its records."),
        ("targets", Texts, "The object types of a reference to several."),
        ("any", Flag, "Whether a reference points at records of any type."),
        ("via", Text, "The reference through which a lookup is read."),
        ("field", Text, "The field of its target that a lookup shows."),
        ("maxLength", Whole, "The most characters of a text."),
        ("precision", Whole, "The digits of a decimal."),
        ("scale", Whole, "Its digits after the point."),
        ("format", Text, "How an auto number looks, such as `INV-{YYYY}-{0000}`."),
        ("restart", Text, "When its counter begins anew: `year`, `month` or `day`."),
        ("readOnly", Flag, "Whether callers can't write it: presets of rules do."),
        ("writeOnce", Flag, "Whether it can be written only while it has no value."),
        ("audited", Flag, "Whether events keep its values; they do unless told."),
        ("personalData", Text, "`none`, `personal` or `sensitive`: how much its values tell of a person."),
        ("auditReads", Flag, "Whether the audit log tells who reads it."),
        ("searchable", Flag, "Whether the search over records looks at it."),
        ("indexed", Flag, "Whether filters and sorts on it are helped by an index."),
        ("requiredWhen", Text, "A condition of CEL under which a record must have a value."),
        ("defaultExpression", Text, "The value of a new record that brings none, in CEL."),
        ("result", Any, "The type of the result of a formula: its name, or `type` with its settings."),
        ("expression", Text, "How a formula is computed, in CEL."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("helps", Object, "The help text in other languages, by BCP 47 tag."),
    ] },
    Shape { name: "FieldChange", members: &[
        ("name", Text, "The new API name."),
        ("aliasUntil", TextOrNull, "Until when the old name is an alias: a day, an instant, or null for not at all; 90 days when absent."),
        ("label", Text, "What people read."),
        ("help", Text, "What people read when they ask what it is for."),
        ("required", Flag, "Whether a record must have a value."),
        ("unique", Flag, "Whether no two live records may have the same value."),
        ("default", Any, "The value of a new record that brings none; null takes it away."),
        ("options", Kind::Shapes("Option"), ""),
        ("optionList", TextOrNull, "The shared list that the options come from."),
        ("dependsOn", TextOrNull, "The select of the same type that decides which options there are."),
        ("replaceOptions", Object, "For options that the new list leaves out: which ones records get instead."),
        ("inverse", Object, "The inverse collection of a reference: `name`, `label`, `labels`."),
        ("onDelete", Text, "What happens when the target of a reference is deleted: `detach`, `restrict` or `cascade`."),
        ("owned", Flag, "Whether the record is a part of the target of a reference, deleted and restored with it."),
        ("tree", Flag, "Whether a reference of a type to itself makes a tree of its records."),
        ("targets", Texts, "The object types of a reference to several."),
        ("readOnly", Flag, "Whether callers can't write it: presets of rules do."),
        ("writeOnce", Flag, "Whether it can be written only while it has no value."),
        ("audited", Flag, "Whether events keep its values; they do unless told."),
        ("personalData", Text, "`none`, `personal` or `sensitive`: how much its values tell of a person."),
        ("auditReads", Flag, "Whether the audit log tells who reads it."),
        ("searchable", Flag, "Whether the search over records looks at it."),
        ("indexed", Flag, "Whether filters and sorts on it are helped by an index."),
        ("requiredWhen", Text, "A condition of CEL under which a record must have a value."),
        ("defaultExpression", Text, "The value of a new record that brings none, in CEL."),
        ("expression", Text, "How a formula is computed, in CEL."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("helps", Object, "The help text in other languages, by BCP 47 tag."),
    ] },
    Shape { name: "NewOptionList", members: &[
        ("name!", Text, "The API name, camelCase."),
        ("label", Text, "What people read."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("description", Text, "What the list is for."),
        ("options!", Kind::Shapes("Option"), ""),
    ] },
    Shape { name: "OptionListChange", members: &[
        ("name", Text, "The new API name."),
        ("label", Text, "What people read."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("description", Text, "What the list is for."),
        ("options", Kind::Shapes("Option"), ""),
        ("replaceOptions", Object, "For options that the new list leaves out: which ones records get instead."),
    ] },
    Shape { name: "NewRelationType", members: &[
        ("name!", Text, "The API name, camelCase."),
        ("label", Text, "What people read."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("description", Text, "What a link says."),
        ("source!", Object, "The end that links start from: `object`, or `objects` for 1 to 20 types, `name`, `label`, `labels`, `cardinality`, `onDelete`, `ordered`."),
        ("target", Object, "The end that links lead to: `object` or `objects`, `name`, `label`, `labels`, `cardinality`, `onDelete`, `ordered`; a symmetric type has it from the source."),
        ("temporal", Flag, "Whether links hold for a period, `validFrom` to before `validUntil`."),
        ("symmetric", Flag, "Whether a link says the same from either end."),
        ("allowDuplicates", Flag, "Whether two records may be linked more than once at a time."),
        ("fields", Kind::Shapes("NewField"), ""),
        ("validations", Kind::Shapes("ValidationRule"), ""),
    ] },
    Shape { name: "RelationTypeChange", members: &[
        ("name", Text, "The new API name."),
        ("aliasUntil", TextOrNull, "Until when the old name is an alias: a day, an instant, or null for not at all; 90 days when absent."),
        ("label", Text, "What people read."),
        ("labels", Object, "What people read in other languages, by BCP 47 tag."),
        ("description", Text, "What a link says."),
        ("source", Object, "Changes of the source end: `name`, `label`, `labels`, `onDelete`, and at an end of several types `objects`, the whole new list."),
        ("target", Object, "Changes of the target end: `name`, `label`, `labels`, `onDelete`, and at an end of several types `objects`, the whole new list."),
        ("validations", Kind::Shapes("ValidationRule"), ""),
        ("temporal", Flag, "`true`: links hold for a period from now on; can't be taken back."),
        ("allowDuplicates", Flag, "`true`: two records may be linked more than once; can't be taken back."),
    ] },
];
