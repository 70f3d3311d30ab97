//! Who holds a role, for those who look at what a change of the role does.

use std::collections::{BTreeMap, BTreeSet};

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

/// Who holds which roles, as far as it decides what may become of them.
#[derive(Debug, Default)]
pub(crate) struct RoleHolders {
    /// How many users hold each role.
    users: BTreeMap<Uuid, i64>,
    /// How many keys that were not revoked do.
    keys: BTreeMap<Uuid, usize>,
    /// The roles of users of partners.
    of_partners: BTreeSet<Uuid>,
    /// The roles of active users with a password.
    sign_in: BTreeSet<Uuid>,
}

impl RoleHolders {
    /// How many users hold a role.
    pub(crate) fn users_of(&self, role: Uuid) -> i64 {
        self.users.get(&role).copied().unwrap_or_default()
    }

    /// How many keys that were not revoked hold it.
    pub(crate) fn keys_of(&self, role: Uuid) -> usize {
        self.keys.get(&role).copied().unwrap_or_default()
    }

    /// Whether a user of a partner holds it.
    pub(crate) fn of_partners(&self, role: Uuid) -> bool {
        self.of_partners.contains(&role)
    }

    /// Whether an active user with a password holds it.
    pub(crate) fn sign_in(&self, role: Uuid) -> bool {
        self.sign_in.contains(&role)
    }
}

impl AccessChange {
    /// Whether an active user with a password holds one of these roles.
    pub(crate) async fn has_sign_in(&self, roles: Vec<Uuid>) -> Result<bool> {
        use entity::{user, user_role};
        let held = user_role::Entity::find()
            .join(JoinType::InnerJoin, user_role::Relation::User.def())
            .filter(user_role::Column::RoleId.is_in(roles))
            .filter(user::Column::Active.eq(true))
            .filter(user::Column::PasswordHash.is_not_null())
            .limit(1)
            .one(&self.tx);
        let held = held
            .await
            .map_err(failed("counting the holders of roles"))?;
        Ok(held.is_some())
    }

    /// Who holds the roles, as this transaction sees them.
    pub(crate) async fn role_holders(&self) -> Result<RoleHolders> {
        use entity::{user, user_role};
        let context = "counting the holders of roles";
        let users = user_role::Entity::find()
            .select_only()
            .column(user_role::Column::RoleId)
            .column_as(user_role::Column::UserId.count(), "users")
            .group_by(user_role::Column::RoleId)
            .into_tuple::<(Uuid, i64)>()
            .all(&self.tx)
            .await
            .map_err(failed(context))?;
        let held = || {
            user_role::Entity::find()
                .join(JoinType::InnerJoin, user_role::Relation::User.def())
                .select_only()
                .column(user_role::Column::RoleId)
                .distinct()
        };
        let of_partners = held()
            .filter(user::Column::PartnerId.is_not_null())
            .into_tuple::<Uuid>()
            .all(&self.tx)
            .await
            .map_err(failed(context))?;
        let sign_in = held()
            .filter(user::Column::Active.eq(true))
            .filter(user::Column::PasswordHash.is_not_null())
            .into_tuple::<Uuid>()
            .all(&self.tx)
            .await
            .map_err(failed(context))?;
        Ok(RoleHolders {
            users: users.into_iter().collect(),
            keys: self.keys_by_role().await?,
            of_partners: of_partners.into_iter().collect(),
            sign_in: sign_in.into_iter().collect(),
        })
    }

    /// How many keys that were not revoked hold each role.
    async fn keys_by_role(&self) -> Result<BTreeMap<Uuid, usize>> {
        use entity::api_key::{Column, Entity};
        let keys = Entity::find()
            .select_only()
            .column(Column::RoleIds)
            .filter(Column::RevokedAt.is_null())
            .into_tuple::<serde_json::Value>()
            .all(&self.tx)
            .await
            .map_err(failed("reading the roles of keys"))?;
        let mut holders = BTreeMap::new();
        for held in &keys {
            let ids = held.as_array().into_iter().flatten();
            let ids = ids.filter_map(|id| Uuid::try_parse(id.as_str()?).ok());
            for role in ids.collect::<BTreeSet<Uuid>>() {
                *holders.entry(role).or_default() += 1;
            }
        }
        Ok(holders)
    }

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
