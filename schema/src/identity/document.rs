//! The rule set as a document: roles with their rules in the words of the API, without ids.
//!
//! What a role says of itself in a document is the whole of it. What a rule says of something that is
//! deleted is in no document: it grants nothing.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    Rule, RuleFields, RuleText, inherited_by, permissions_of,
    policy::{StoredFields, is_valid, stored_masks},
    rule_text::rule_of_row,
};
use crate::{
    access::Permission,
    catalog::{Catalog, FieldList},
    id::FieldId,
};

/// Roles with their rules: of all, or of those that are to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessDocument {
    /// The roles, each with all that it has.
    #[serde(default)]
    pub roles: Vec<RoleDocument>,
}

/// A role with its rules. What is left out is not what the role has now but the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleDocument {
    /// The name, by which it is the role that has this name.
    pub name: String,
    /// What people read; the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the role is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What its holders may do beyond records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
    /// The names of the roles whose rules and permissions it has too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<String>,
    /// Its rules, in the order in which they are tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleText>,
}

/// What a document leaves out because it speaks of something that is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// The name of the role.
    pub role: String,
    /// The type that the rule is on; the id of one that is deleted.
    pub object: String,
    /// The action of the rule.
    pub action: String,
    /// `rule` when the whole rule is left out, `fields` when it stands there without fields that are deleted.
    pub what: &'static str,
}

/// What a rule loses by what is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Nothing,
    Fields,
    Everything,
}

/// The document of roles and rules as they are stored, the roles by name.
pub(crate) fn document_of(
    catalog: &Catalog,
    roles: &[entity::role::Model],
    rules: &[entity::rule::Model],
) -> AccessDocument {
    let mut own: HashMap<Uuid, Vec<&entity::rule::Model>> = HashMap::new();
    for rule in rules {
        own.entry(rule.role_id).or_default().push(rule);
    }
    let mut documents: Vec<RoleDocument> = roles
        .iter()
        .map(|role| {
            let own = own.remove(&role.id).unwrap_or_default();
            let texts = own
                .into_iter()
                .filter_map(|rule| rule_document(catalog, role, rule));
            RoleDocument {
                rules: texts.collect(),
                ..role_document(roles, role)
            }
        })
        .collect();
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    AccessDocument { roles: documents }
}

/// What the document of roles and rules leaves out.
pub(crate) fn left_out_of(
    catalog: &Catalog,
    roles: &[entity::role::Model],
    rules: &[entity::rule::Model],
) -> Vec<LeftOut> {
    let names = roles.iter().map(|role| (role.id, role.name.as_str()));
    let names: HashMap<Uuid, &str> = names.collect();
    let mut left: Vec<LeftOut> = rules
        .iter()
        .filter_map(|row| {
            let what = match loss_of(catalog, row) {
                Loss::Nothing => return None,
                Loss::Fields => "fields",
                Loss::Everything => "rule",
            };
            let role = names.get(&row.role_id).copied().unwrap_or_default();
            let rule = rule_of_row(catalog, row, role, what == "fields");
            Some(LeftOut {
                role: rule.role,
                object: rule.object,
                action: rule.action,
                what,
            })
        })
        .collect();
    left.sort_by(|one, other| one.role.cmp(&other.role));
    left
}

/// A rule as it is stored, as far as it grants something: without fields that are deleted, which it would have again
/// when they come back. What keeps others from a deleted field (exceptions and masks) stays.
pub(crate) fn living_rule(
    catalog: &Catalog,
    row: &entity::rule::Model,
) -> Option<entity::rule::Model> {
    if loss_of(catalog, row) == Loss::Everything {
        return None;
    }
    let mut row = row.clone();
    if let Some(StoredFields::Only(ids)) = StoredFields::parse(&row.fields) {
        let known = known_fields(catalog, &row);
        let left = ids.into_iter().filter(|id| known.contains(id));
        row.fields = StoredFields::Only(left.collect()).to_json();
    }
    Some(row)
}

fn loss_of(catalog: &Catalog, row: &entity::rule::Model) -> Loss {
    if !is_valid(catalog, row) {
        return Loss::Everything;
    }
    let listed = match StoredFields::parse(&row.fields) {
        Some(StoredFields::Only(ids) | StoredFields::Except(ids)) => ids,
        Some(StoredFields::All) | None => Vec::new(),
    };
    let masked = stored_masks(row).into_keys();
    let mut named = listed.into_iter().chain(masked).peekable();
    if named.peek().is_none() {
        return Loss::Nothing;
    }
    let known = known_fields(catalog, row);
    if named.all(|id| known.contains(&id)) {
        Loss::Nothing
    } else {
        Loss::Fields
    }
}

fn known_fields(catalog: &Catalog, row: &entity::rule::Model) -> BTreeSet<FieldId> {
    let subject = row.subject.and_then(|id| catalog.find_subject_by_id(id));
    let list = subject.and_then(|subject| catalog.subject_fields(subject));
    let fields = list.into_iter().flat_map(FieldList::iter);
    fields.map(|field| field.id).collect()
}

/// What a role says of itself, without its rules.
pub(crate) fn role_document(
    roles: &[entity::role::Model],
    role: &entity::role::Model,
) -> RoleDocument {
    let inherited = inherited_by(role);
    let inherited = roles.iter().filter(|known| inherited.contains(&known.id));
    let mut inherits: Vec<String> = inherited.map(|role| role.name.clone()).collect();
    inherits.sort();
    RoleDocument {
        name: role.name.clone(),
        label: Some(role.label.clone()).filter(|label| *label != role.name),
        description: role.description.clone(),
        permissions: permissions_of(&role.permissions).into_iter().collect(),
        inherits,
        rules: Vec::new(),
    }
}

/// A rule as it stands in a document; none of one that grants nothing any more.
pub(crate) fn rule_document(
    catalog: &Catalog,
    role: &entity::role::Model,
    row: &entity::rule::Model,
) -> Option<RuleText> {
    is_valid(catalog, row).then(|| RuleText::from(rule_of_row(catalog, row, &role.name, true)))
}

impl From<Rule> for RuleText {
    fn from(rule: Rule) -> Self {
        let fields = match rule.fields {
            RuleFields::All(all) => Json::from(all),
            RuleFields::Only(names) => Json::from(sorted(names)),
            RuleFields::Except { except } => Json::Object(Map::from_iter([(
                "except".to_owned(),
                sorted(except).into(),
            )])),
        };
        Self {
            role: None,
            object: rule.object,
            action: rule.action,
            fields: Some(fields),
            condition: rule.condition,
            check: rule.check,
            presets: members(rule.presets),
            masks: members(rule.masks),
            limits: members(serde_json::json!(rule.limits)),
        }
    }
}

/// Names in an order that does not hang on the ids, which are others in another database. What is gone
/// has an id in place of its name, and is left out.
fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| is_name(name));
    names.sort();
    names
}

fn members(json: Json) -> Option<Map<String, Json>> {
    let Json::Object(members) = json else {
        return None;
    };
    let mut named: Vec<(String, Json)> = members.into_iter().collect();
    named.retain(|(name, _)| is_name(name));
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    (!named.is_empty()).then(|| named.into_iter().collect())
}

fn is_name(text: &str) -> bool {
    !text.contains('-')
}
