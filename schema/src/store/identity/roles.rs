//! Roles and their rules.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::{AccessChange, failed, failed_unique};
use crate::error::Result;

/// How many rows one statement writes.
const ROWS: usize = 500;

impl AccessChange {
    /// All roles, as this transaction sees them.
    pub(crate) async fn roles(&self) -> Result<Vec<entity::role::Model>> {
        entity::role::Entity::find()
            .order_by_asc(entity::role::Column::Id)
            .all(&self.tx)
            .await
            .map_err(failed("reading roles"))
    }

    pub(crate) async fn insert_role(&self, role: entity::role::Model) -> Result<()> {
        self.touch(role.id);
        entity::role::Entity::insert(role.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed_unique("creating a role", "name"))
    }

    pub(crate) async fn update_role(&self, role: entity::role::Model) -> Result<()> {
        self.touch(role.id);
        role.into_active_model()
            .reset_all()
            .update(&self.tx)
            .await
            .map(drop)
            .map_err(failed_unique("changing a role", "name"))
    }

    /// Deletes a role with its rules.
    pub(crate) async fn delete_role(&self, role: Uuid) -> Result<()> {
        self.touch(role);
        entity::role::Entity::delete_by_id(role)
            .exec(&self.tx)
            .await
            .map(drop)
            .map_err(failed("deleting a role"))
    }

    /// A rule of a role.
    pub(crate) async fn find_rule(
        &self,
        role: Uuid,
        rule: Uuid,
    ) -> Result<Option<entity::rule::Model>> {
        entity::rule::Entity::find_by_id(rule)
            .filter(entity::rule::Column::RoleId.eq(role))
            .one(&self.tx)
            .await
            .map_err(failed("finding a rule"))
    }

    /// The rules of a role, oldest first.
    pub(crate) async fn rules_of(&self, role: Uuid) -> Result<Vec<entity::rule::Model>> {
        entity::rule::Entity::find()
            .filter(entity::rule::Column::RoleId.eq(role))
            .order_by_asc(entity::rule::Column::Id)
            .all(&self.tx)
            .await
            .map_err(failed("reading the rules of a role"))
    }

    pub(crate) async fn insert_rules(&self, rules: Vec<entity::rule::Model>) -> Result<()> {
        for rule in &rules {
            self.touch(rule.role_id);
        }
        // A statement takes so many values, each database another number.
        for rules in rules.chunks(ROWS) {
            let rows = rules
                .iter()
                .map(|rule| rule.clone().into_active_model().reset_all());
            entity::rule::Entity::insert_many(rows)
                .exec_without_returning(&self.tx)
                .await
                .map_err(failed("creating rules"))?;
        }
        Ok(())
    }

    pub(crate) async fn update_rule(&self, rule: entity::rule::Model) -> Result<()> {
        self.touch(rule.role_id);
        rule.into_active_model()
            .reset_all()
            .update(&self.tx)
            .await
            .map(drop)
            .map_err(failed("changing a rule"))
    }

    pub(crate) async fn delete_rule(&self, rule: &entity::rule::Model) -> Result<()> {
        self.touch(rule.role_id);
        entity::rule::Entity::delete_by_id(rule.id)
            .exec(&self.tx)
            .await
            .map(drop)
            .map_err(failed("deleting a rule"))
    }
}
