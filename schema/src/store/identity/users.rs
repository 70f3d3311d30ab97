//! Users and their roles.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AccessChange, failed, failed_unique, lock_user, teams::teams_of};
use crate::{
    error::Result,
    id::{PartnerId, UserId},
    identity::{Listed, Listing},
    store::Store,
};

/// A user with the ids of roles and teams.
#[derive(Clone, Debug)]
pub(crate) struct UserRow {
    pub(crate) user: entity::user::Model,
    pub(crate) roles: BTreeSet<Uuid>,
    pub(crate) teams: BTreeSet<Uuid>,
}

impl Store {
    pub(crate) async fn find_user(&self, id: UserId) -> Result<Option<UserRow>> {
        let user = entity::user::Entity::find_by_id(id.uuid())
            .one(&self.reader)
            .await
            .map_err(failed("finding a user"))?;
        with_roles(&self.reader, user).await
    }

    pub(crate) async fn find_user_by_email(
        &self,
        email: &str,
    ) -> Result<Option<entity::user::Model>> {
        entity::user::Entity::find()
            .filter(entity::user::Column::Email.eq(email))
            .one(&self.reader)
            .await
            .map_err(failed("finding a user"))
    }

    pub(crate) async fn count_users(&self) -> Result<u64> {
        entity::user::Entity::find()
            .count(&self.reader)
            .await
            .map_err(failed("counting users"))
    }

    /// One page of users; of one partner where it is named.
    pub(crate) async fn list_users(
        &self,
        listing: Listing,
        of: Option<PartnerId>,
    ) -> Result<Listed<UserRow>> {
        use entity::user::{Column, Entity};
        let mut select = Entity::find()
            .order_by_asc(Column::Id)
            .limit(listing.limit + 1);
        if let Some(after) = listing.after {
            select = select.filter(Column::Id.gt(after));
        }
        if let Some(partner) = of {
            select = select.filter(Column::PartnerId.eq(partner.uuid()));
        }
        let users = select
            .all(&self.reader)
            .await
            .map_err(failed("listing users"))?;
        let listed = listing.cut(users);
        let ids = listed.items.iter().map(|user| user.id).collect();
        let mut teams = teams_of(&self.reader, ids).await?;
        let ids = listed.items.iter().map(|user| user.id).collect();
        let mut roles = roles_of(&self.reader, ids).await?;
        let items = listed.items.into_iter().map(|user| UserRow {
            roles: roles.remove(&user.id).unwrap_or_default(),
            teams: teams.remove(&user.id).unwrap_or_default(),
            user,
        });
        Ok(Listed {
            items: items.collect(),
            has_next: listed.has_next,
        })
    }
}

impl AccessChange {
    pub(crate) async fn count_users(&self) -> Result<u64> {
        entity::user::Entity::find()
            .count(&self.tx)
            .await
            .map_err(failed("counting users"))
    }

    /// The user, locked until the end of the change.
    pub(crate) async fn find_user(&self, id: UserId) -> Result<Option<UserRow>> {
        let user = lock_user(&self.tx, id.uuid()).await?;
        with_roles(&self.tx, user).await
    }

    /// The user as it is now, without a lock.
    pub(crate) async fn read_user(&self, id: UserId) -> Result<Option<UserRow>> {
        let user = entity::user::Entity::find_by_id(id.uuid())
            .one(&self.tx)
            .await
            .map_err(failed("finding a user"))?;
        with_roles(&self.tx, user).await
    }

    pub(crate) async fn insert_user(&self, row: UserRow) -> Result<()> {
        let id = row.user.id;
        entity::user::Entity::insert(row.user.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await
            .map_err(failed_unique("creating a user", "email"))?;
        self.set_teams(id, &row.teams).await?;
        self.insert_user_roles(id, &row.roles).await
    }

    /// Writes the whole row, its roles and its teams.
    pub(crate) async fn update_user(&self, row: UserRow) -> Result<()> {
        let id = row.user.id;
        row.user
            .into_active_model()
            .reset_all()
            .update(&self.tx)
            .await
            .map_err(failed_unique("changing a user", "email"))?;
        self.set_teams(id, &row.teams).await?;
        entity::user_role::Entity::delete_many()
            .filter(entity::user_role::Column::UserId.eq(id))
            .exec(&self.tx)
            .await
            .map_err(failed("changing the roles of a user"))?;
        self.insert_user_roles(id, &row.roles).await
    }

    /// How many users of a partner are active.
    pub(crate) async fn count_active_users(&self, partner: PartnerId) -> Result<u64> {
        use entity::user::{Column, Entity};
        Entity::find()
            .filter(Column::PartnerId.eq(partner.uuid()))
            .filter(Column::Active.eq(true))
            .count(&self.tx)
            .await
            .map_err(failed("counting the users of a partner"))
    }

    async fn insert_user_roles(&self, user: Uuid, roles: &BTreeSet<Uuid>) -> Result<()> {
        let rows = roles.iter().map(|role| entity::user_role::ActiveModel {
            user_id: Set(user),
            role_id: Set(*role),
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return Ok(());
        }
        entity::user_role::Entity::insert_many(rows)
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed("setting the roles of a user"))
    }
}

async fn with_roles<C: ConnectionTrait>(
    db: &C,
    user: Option<entity::user::Model>,
) -> Result<Option<UserRow>> {
    let Some(user) = user else {
        return Ok(None);
    };
    let roles = roles_of(db, vec![user.id]).await?;
    let roles = roles.into_values().next().unwrap_or_default();
    let teams = teams_of(db, vec![user.id]).await?;
    let teams = teams.into_values().next().unwrap_or_default();
    Ok(Some(UserRow { user, roles, teams }))
}

async fn roles_of<C: ConnectionTrait>(
    db: &C,
    users: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, BTreeSet<Uuid>>> {
    let rows = entity::user_role::Entity::find()
        .filter(entity::user_role::Column::UserId.is_in(users))
        .all(db)
        .await
        .map_err(failed("reading the roles of users"))?;
    let mut roles: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for row in rows {
        roles.entry(row.user_id).or_default().insert(row.role_id);
    }
    Ok(roles)
}

impl Listing {
    /// One item more than the page was read, to know whether there is one.
    pub(crate) fn cut<T>(self, mut items: Vec<T>) -> Listed<T> {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_next = items.len() > most;
        items.truncate(most);
        Listed { items, has_next }
    }
}

/// The row of a new user.
pub(crate) fn new_user_row(id: UserId, now: OffsetDateTime) -> entity::user::Model {
    entity::user::Model {
        id: id.uuid(),
        email: String::new(),
        name: String::new(),
        password_hash: None,
        partner_id: None,
        active: true,
        auth_epoch: 1,
        totp_secret: None,
        totp_confirmed_at: None,
        totp_last_step: None,
        totp_failures: None,
        totp_blocked_until: None,
        known_to_lead: false,
        created_at: now,
        updated_at: now,
    }
}
