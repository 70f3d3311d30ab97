//! Teams and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use super::{AccessChange, failed, failed_unique};
use crate::error::Result;

impl AccessChange {
    /// All teams, as this transaction sees them.
    pub(crate) async fn teams(&self) -> Result<Vec<entity::team::Model>> {
        entity::team::Entity::find()
            .order_by_asc(entity::team::Column::Id)
            .all(&self.tx)
            .await
            .map_err(failed("reading teams"))
    }

    pub(crate) async fn insert_team(&self, team: entity::team::Model) -> Result<()> {
        entity::team::Entity::insert(team.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed_unique("creating a team", "name"))
    }

    pub(crate) async fn update_team(&self, team: entity::team::Model) -> Result<()> {
        team.into_active_model()
            .reset_all()
            .update(&self.tx)
            .await
            .map(drop)
            .map_err(failed_unique("changing a team", "name"))
    }

    /// Deletes a team.
    pub(crate) async fn delete_team(&self, team: Uuid) -> Result<()> {
        entity::team::Entity::delete_by_id(team)
            .exec(&self.tx)
            .await
            .map(drop)
            .map_err(failed("deleting a team"))
    }

    /// How many users are in a team.
    pub(crate) async fn count_members(&self, team: Uuid) -> Result<u64> {
        entity::team_member::Entity::find()
            .filter(entity::team_member::Column::TeamId.eq(team))
            .count(&self.tx)
            .await
            .map_err(failed("counting the members of a team"))
    }

    /// Puts a user into these teams and no others.
    pub(crate) async fn set_teams(&self, user: Uuid, teams: &BTreeSet<Uuid>) -> Result<()> {
        use entity::team_member::{ActiveModel, Column, Entity};
        Entity::delete_many()
            .filter(Column::UserId.eq(user))
            .exec(&self.tx)
            .await
            .map_err(failed("changing the teams of a user"))?;
        let rows = teams.iter().map(|team| ActiveModel {
            team_id: Set(*team),
            user_id: Set(user),
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return Ok(());
        }
        Entity::insert_many(rows)
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed("changing the teams of a user"))
    }
}

/// The teams of each of these users.
pub(super) async fn teams_of<C: ConnectionTrait>(
    db: &C,
    users: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, BTreeSet<Uuid>>> {
    let rows = entity::team_member::Entity::find()
        .filter(entity::team_member::Column::UserId.is_in(users))
        .all(db)
        .await
        .map_err(failed("reading the teams of users"))?;
    let mut teams: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for row in rows {
        teams.entry(row.user_id).or_default().insert(row.team_id);
    }
    Ok(teams)
}
