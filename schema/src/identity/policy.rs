//! From stored roles and rules to the policy that the checker answers by.

mod masked;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use masked::follow_masks;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{inherit::Inheritance, scope::find_action};
use crate::{
    access::{
        Condition, FieldScope, Mask, Operand, Permission, Policy, Preset, Role, Rule, RuleLimits,
        Variable,
    },
    catalog::{Catalog, Field, FieldList, Subject},
    error::Place,
    field_type::Scalar,
    id::{FieldId, ObjectTypeId, RoleId, RuleId, TeamId},
    plan::{
        derivation::Derivations,
        filter::{Keys, resolve_rule},
    },
    value::Value,
};

/// Roles and rules as they are stored, at one version. Kept beside the policy, so that a change of the
/// catalog resolves it again without asking the database.
#[derive(Debug, Default)]
pub(crate) struct AccessRows {
    /// Changes with each change of access.
    pub(crate) version: i64,
    pub(crate) roles: Vec<entity::role::Model>,
    pub(crate) rules: Vec<entity::rule::Model>,
    pub(crate) teams: Vec<entity::team::Model>,
}

/// The policy of the rows under a catalog. A rule that speaks of a field that is gone is left out,
/// which denies.
pub(crate) fn resolve_policy(
    catalog: &Catalog,
    derivations: &Derivations,
    rows: &AccessRows,
) -> Policy {
    let mut rules: HashMap<RoleId, Vec<Rule>> = HashMap::new();
    for row in &rows.rules {
        let Some(rule) = resolve_row(catalog, row) else {
            tracing::debug!(rule.id = %row.id, "a rule speaks of something that is gone; it denies");
            continue;
        };
        rules
            .entry(RoleId::new(row.role_id))
            .or_default()
            .push(rule);
    }
    for rules in rules.values_mut() {
        follow_masks(catalog, derivations, rules);
    }
    let inheritance = Inheritance::of(&rows.roles);
    let roles = rows.roles.iter().map(|row| {
        let id = RoleId::new(row.id);
        let role = Role {
            id,
            name: row.name.clone(),
            permissions: permissions_of(&row.permissions),
            with_inherited: inheritance
                .with_inherited([row.id])
                .into_iter()
                .map(RoleId::new)
                .collect(),
            rules: rules.remove(&id).unwrap_or_default(),
        };
        (id, Arc::new(role))
    });
    let teams = rows.teams.iter().map(|team| {
        let above = team.parent_id.map(TeamId::new);
        (TeamId::new(team.id), above)
    });
    Policy {
        version: rows.version,
        roles: roles.collect(),
        teams: teams.collect(),
    }
}

/// The permissions that a row holds. One that this version does not know grants nothing.
pub(crate) fn permissions_of(json: &Json) -> BTreeSet<Permission> {
    let items = json.as_array().into_iter().flatten();
    items
        .filter_map(|item| Permission::deserialize(item).ok())
        .collect()
}

/// The fields of a rule as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StoredFields {
    All,
    Only(Vec<FieldId>),
    Except(Vec<FieldId>),
}

impl StoredFields {
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::All => json!({ "all": true }),
            Self::Only(ids) => json!({ "only": ids }),
            Self::Except(ids) => json!({ "except": ids }),
        }
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let ids = |json: &Json| Vec::<FieldId>::deserialize(json).ok();
        if json.get("all").and_then(Json::as_bool) == Some(true) {
            Some(Self::All)
        } else if let Some(only) = json.get("only") {
            ids(only).map(Self::Only)
        } else {
            ids(json.get("except")?).map(Self::Except)
        }
    }

    /// The scope among the fields that still exist. A list of which nothing is left resolves to
    /// nothing.
    fn resolve(self, fields: Option<&FieldList>) -> Option<FieldScope> {
        let known = |id: &FieldId| fields.is_some_and(|fields| fields.find_by_id(*id).is_some());
        match self {
            Self::All => Some(FieldScope::All),
            Self::Only(ids) => {
                let left: BTreeSet<FieldId> = ids.iter().copied().filter(known).collect();
                (ids.is_empty() || !left.is_empty()).then_some(FieldScope::Only(left))
            }
            Self::Except(ids) => Some(FieldScope::Except(ids.into_iter().collect())),
        }
    }
}

/// Whether a rule grants something under a catalog.
pub(crate) fn is_valid(catalog: &Catalog, row: &entity::rule::Model) -> bool {
    resolve_row(catalog, row).is_some()
}

fn resolve_row(catalog: &Catalog, row: &entity::rule::Model) -> Option<Rule> {
    let subject = match row.subject {
        Some(id) => Some(catalog.find_subject_by_id(id)?),
        None => None,
    };
    let fields = subject.and_then(|subject| catalog.subject_fields(subject));
    Some(Rule {
        id: RuleId::new(row.id),
        subject: row.subject,
        action: find_action(&row.action)?,
        fields: StoredFields::parse(&row.fields)?.resolve(fields)?,
        condition: resolve_condition(catalog, subject, row.condition.as_deref())?,
        check: resolve_condition(catalog, subject, row.check_condition.as_deref())?,
        presets: resolve_presets(fields, &row.presets)?,
        masks: resolve_masks(fields, row),
        limits: stored_limits(row)?,
    })
}

#[expect(
    clippy::option_option,
    reason = "the outer None voids the rule, the inner one is no condition"
)]
fn resolve_condition(
    catalog: &Catalog,
    subject: Option<Subject>,
    json: Option<&Json>,
) -> Option<Option<Condition>> {
    let Some(json) = json.filter(|json| !json.is_null()) else {
        return Some(None);
    };
    let place = Place::Pointer(String::new());
    resolve_rule(catalog, Keys::Ids, subject?, json, &place)
        .ok()
        .map(Some)
}

fn resolve_presets(fields: Option<&FieldList>, json: &Json) -> Option<Vec<Preset>> {
    let members = json.as_object()?;
    let resolve = |(id, value): (&String, &Json)| {
        let field = fields?.find_by_id(id.parse().ok()?)?;
        Some(Preset {
            field: field.id,
            parts: parse_preset(field, value).ok()?,
        })
    };
    members.iter().map(resolve).collect()
}

/// The masks of a rule on the fields as they are now: one that fits a field no more leaves nothing of it.
fn resolve_masks(fields: Option<&FieldList>, row: &entity::rule::Model) -> BTreeMap<FieldId, Mask> {
    let fits = |id: FieldId, mask: Mask| {
        let field = fields.and_then(|fields| fields.find_by_id(id));
        field.is_some_and(|field| mask.fits(field))
    };
    let masks = stored_masks(row).into_iter();
    masks
        .map(|(id, mask)| (id, if fits(id, mask) { mask } else { Mask::Null }))
        .collect()
}

/// How a rule masks values, as it is stored. A mask that this version does not know leaves nothing.
pub(super) fn stored_masks(row: &entity::rule::Model) -> BTreeMap<FieldId, Mask> {
    let members = row.masks.as_ref().and_then(Json::as_object);
    let masks = members.into_iter().flatten().filter_map(|(id, mask)| {
        let mask = mask.as_str().and_then(Mask::find);
        Some((id.parse().ok()?, mask.unwrap_or(Mask::Null)))
    });
    masks.collect()
}

/// How much one request may have by a rule, as it is stored. One with a limit that this version does not
/// know grants nothing.
pub(super) fn stored_limits(row: &entity::rule::Model) -> Option<RuleLimits> {
    let limits = row.limits.as_ref().filter(|limits| !limits.is_null());
    limits.map_or_else(
        || Some(RuleLimits::default()),
        |limits| RuleLimits::deserialize(limits).ok(),
    )
}

/// The operands of a preset, one per part of the field. The message says what is accepted.
pub(super) fn parse_preset(field: &Field, json: &Json) -> Result<Vec<Operand>, String> {
    if !field.is_writable() {
        return Err("is kept by the server and can't be preset".to_owned());
    }
    if field.column().part.scalar == Scalar::Secret {
        return Err(
            "is a secret and can't be preset: whoever reads the rule would read it".to_owned(),
        );
    }
    if json.is_null() {
        return Ok(field
            .columns
            .iter()
            .map(|_| Operand::Value(Value::Null))
            .collect());
    }
    if let Some(name) = json.as_str().filter(|text| text.starts_with('$')) {
        return parse_variable(field, name).map(|variable| vec![Operand::Variable(variable)]);
    }
    let values = field.field_type.parse(&field.settings, json)?;
    Ok(values.into_iter().map(Operand::Value).collect())
}

fn parse_variable(field: &Field, name: &str) -> Result<Variable, String> {
    let variable = Variable::find(name).ok_or_else(|| {
        let known: Vec<&str> = Variable::ALL.iter().map(|(_, name)| *name).collect();
        format!("{name:?} is no variable; there are {}", known.join(", "))
    })?;
    let needed = match variable {
        Variable::UserId | Variable::KeyId | Variable::PartnerId => Scalar::Id,
        Variable::Now => Scalar::DateTime,
        Variable::Today => Scalar::Date,
        Variable::UserTeams | Variable::UserTeamTree => {
            return Err(format!("{name} is a list of teams and can't be preset"));
        }
    };
    let organization = ObjectTypeId::standard("organization");
    let points_at_it = match (field.target(), variable) {
        (None, _) => true,
        // Users and keys are no records; a partner is one of its organization.
        (Some(target), Variable::PartnerId) => target == organization,
        (
            Some(_),
            Variable::UserId
            | Variable::UserTeams
            | Variable::UserTeamTree
            | Variable::KeyId
            | Variable::Now
            | Variable::Today,
        ) => false,
    };
    let user_fits = !field.field_type.points_at_user() || variable == Variable::UserId;
    if points_at_it && user_fits && field.columns.len() == 1 && field.column().part.scalar == needed
    {
        Ok(variable)
    } else {
        Err(format!("{name} does not fit this field"))
    }
}
