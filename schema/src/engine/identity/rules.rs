//! Rules of roles.

use super::{load_role, member, not_found};
use crate::{
    access::Caller,
    engine::{Engine, state::State},
    error::{Error, FaultCode, Result},
    id::{RoleId, RuleId},
    identity::{
        AuditKind, AuditObject, Draft, Rule, RuleText, StoredRule, resolve_rule_text, rule_of_row,
    },
    store::identity::AccessChange,
};

impl Engine {
    /// The rules of a role, oldest first.
    pub fn list_rules(&self, caller: &Caller, role: &str) -> Result<Vec<Rule>> {
        self.manage_access(caller)?;
        let state = self.state();
        let role = load_role(&state.access.roles, role)?;
        let rows = state.access.rules.iter();
        let rows = rows.filter(|row| row.role_id == role.id);
        Ok(rows.map(|row| show_rule(&state, role, row)).collect())
    }

    /// One rule of a role.
    pub fn load_rule(&self, caller: &Caller, role: &str, rule: RuleId) -> Result<Rule> {
        self.manage_access(caller)?;
        let state = self.state();
        let role = load_role(&state.access.roles, role)?;
        let mut rows = state.access.rules.iter();
        rows.find(|row| row.role_id == role.id && row.id == rule.uuid())
            .map(|row| show_rule(&state, role, row))
            .ok_or_else(|| not_found("rule", rule))
    }

    /// Adds a rule to a role.
    pub async fn create_rule(&self, caller: &Caller, role: &str, text: &RuleText) -> Result<Rule> {
        self.manage_access(caller)?;
        let now = self.clock.now();
        let change = self.change_all(caller).await?;
        let stored = self.resolve(&change, text).await?;
        let role = load_role(&change.roles().await?, role)?.clone();
        check_role(text, &role)?;
        let row = entity::rule::Model {
            id: self.ids.uuid(now),
            role_id: role.id,
            created_at: now,
            ..stored.into_row()
        };
        change.insert_rules(vec![row.clone()]).await?;
        let object = (AuditObject::Rule, row.id);
        let entry = Draft::of(caller, AuditKind::RuleCreated, object);
        let entry = entry.after(&show_rule(&self.state(), &role, &row));
        self.commit_access(change, entry).await?;
        Ok(show_rule(&self.state(), &role, &row))
    }

    /// Puts a rule in the place of another one; it keeps the id.
    pub async fn replace_rule(
        &self,
        caller: &Caller,
        role: &str,
        rule: RuleId,
        text: &RuleText,
    ) -> Result<Rule> {
        self.manage_access(caller)?;
        let change = self.change_all(caller).await?;
        let stored = self.resolve(&change, text).await?;
        let role = load_role(&change.roles().await?, role)?.clone();
        check_role(text, &role)?;
        let found = change.find_rule(role.id, rule.uuid()).await?;
        let before = found.ok_or_else(|| not_found("rule", rule))?;
        let row = entity::rule::Model {
            id: before.id,
            role_id: before.role_id,
            created_at: before.created_at,
            ..stored.into_row()
        };
        change.update_rule(row.clone()).await?;
        let state = self.state();
        let entry = Draft::of(caller, AuditKind::RuleChanged, (AuditObject::Rule, row.id))
            .before(&show_rule(&state, &role, &before))
            .after(&show_rule(&state, &role, &row));
        self.commit_access(change, entry).await?;
        Ok(show_rule(&self.state(), &role, &row))
    }

    /// Takes a rule away.
    pub async fn delete_rule(&self, caller: &Caller, role: &str, rule: RuleId) -> Result<()> {
        self.manage_access(caller)?;
        let change = self.change_all(caller).await?;
        let role = load_role(&change.roles().await?, role)?.clone();
        let found = change.find_rule(role.id, rule.uuid()).await?;
        let row = found.ok_or_else(|| not_found("rule", rule))?;
        change.delete_rule(&row).await?;
        let object = (AuditObject::Rule, row.id);
        let entry = Draft::of(caller, AuditKind::RuleDeleted, object);
        let entry = entry.before(&show_rule(&self.state(), &role, &row));
        self.commit_access(change, entry).await
    }

    async fn resolve(&self, change: &AccessChange, text: &RuleText) -> Result<StoredRule> {
        let catalog = self.catalog_in(change).await?;
        resolve_rule_text(&catalog, text).map_err(Error::Invalid)
    }
}

/// The body may name the role once more, but no other one.
fn check_role(text: &RuleText, role: &entity::role::Model) -> Result<()> {
    let same = |named: &String| *named == role.name || *named == role.id.to_string();
    if text.role.as_ref().is_none_or(same) {
        return Ok(());
    }
    let message = format!(
        "the rule belongs to the role {:?} of the address",
        role.name
    );
    Err(Error::fault(
        member("role"),
        FaultCode::InvalidValue,
        message,
    ))
}

pub(super) fn show_rule(
    state: &State,
    role: &entity::role::Model,
    row: &entity::rule::Model,
) -> Rule {
    let resolved = state.policy.roles.get(&RoleId::new(role.id));
    let mut in_force = resolved.iter().flat_map(|role| &role.rules);
    let valid = in_force.any(|rule| rule.id == RuleId::new(row.id));
    rule_of_row(&state.catalog, row, &role.name, valid)
}
