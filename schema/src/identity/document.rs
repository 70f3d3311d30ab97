//! The rule set as a document: roles with their rules in the words of the API, without ids.
//!
//! What a role says of itself in a document is the whole of it. What a rule says of something that is
//! deleted is in no document: it grants nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    Rule, RuleFields, RuleText, inherited_by, permissions_of, policy::is_valid,
    rule_text::rule_of_row,
};
use crate::{access::Permission, catalog::Catalog};

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

/// The document of roles and rules as they are stored, the roles by name.
pub(crate) fn document_of(
    catalog: &Catalog,
    roles: &[entity::role::Model],
    rules: &[entity::rule::Model],
) -> AccessDocument {
    let mut documents: Vec<RoleDocument> = roles
        .iter()
        .map(|role| {
            let own = rules.iter().filter(|rule| rule.role_id == role.id);
            let texts = own.filter_map(|rule| rule_document(catalog, role, rule));
            RoleDocument {
                rules: texts.collect(),
                ..role_document(roles, role)
            }
        })
        .collect();
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    AccessDocument { roles: documents }
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
