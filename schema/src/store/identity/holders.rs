//! Who holds a role, for those who look at what a change of the role does.

use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};
use uuid::Uuid;

use super::{AccessChange, KeyRow, UserRow, failed, teams::teams_of};
use crate::{error::Result, store::Store};

impl Store {
    /// The active users who hold a role, with their teams; of their roles with this one alone.
    pub(crate) async fn users_of_role(&self, role: Uuid) -> Result<Vec<UserRow>> {
        use entity::{user, user_role};
        let context = "reading the users of a role";
        let held = user_role::Entity::find()
            .join(JoinType::InnerJoin, user_role::Relation::User.def())
            .filter(user_role::Column::RoleId.eq(role))
            .filter(user::Column::Active.eq(true))
            .order_by_asc(user_role::Column::UserId)
            .select_only()
            .column(user_role::Column::UserId)
            .into_tuple::<Uuid>()
            .all(&self.reader)
            .await
            .map_err(failed(context))?;
        let mut users = Vec::with_capacity(held.len());
        for ids in held.chunks(IDS) {
            let found = user::Entity::find()
                .filter(user::Column::Id.is_in(ids.to_vec()))
                .order_by_asc(user::Column::Id)
                .all(&self.reader);
            let mut teams = teams_of(&self.reader, ids.to_vec()).await?;
            let found = found.await.map_err(failed(context))?.into_iter();
            users.extend(found.map(|user| UserRow {
                teams: teams.remove(&user.id).unwrap_or_default(),
                roles: [role].into(),
                user,
            }));
        }
        Ok(users)
    }

    /// All keys that were not revoked, with their partners.
    pub(crate) async fn live_keys(&self) -> Result<Vec<KeyRow>> {
        use entity::api_key::{Column, Entity};
        let found = Entity::find()
            .filter(Column::RevokedAt.is_null())
            .find_also_related(entity::partner::Entity)
            .order_by_asc(Column::Id)
            .all(&self.reader)
            .await
            .map_err(failed("reading keys"))?;
        let rows = found.into_iter();
        Ok(rows.map(|(key, partner)| KeyRow { key, partner }).collect())
    }

    /// All partners.
    pub(crate) async fn all_partners(&self) -> Result<Vec<entity::partner::Model>> {
        entity::partner::Entity::find()
            .all(&self.reader)
            .await
            .map_err(failed("reading partners"))
    }
}

/// How many ids one statement names.
const IDS: usize = 500;

impl AccessChange {
    /// The version of access that the change makes.
    pub(crate) async fn version(&self) -> Result<i64> {
        self.head().await.map(|head| head.access_version)
    }

    /// All rules, oldest first, as this transaction sees them.
    pub(crate) async fn rules(&self) -> Result<Vec<entity::rule::Model>> {
        entity::rule::Entity::find()
            .order_by_asc(entity::rule::Column::Id)
            .all(&self.tx)
            .await
            .map_err(failed("reading rules"))
    }
}
