//! Users, roles, partners, keys and sessions in the database: the only SQL of identity.
//!
//! Every change of access runs in an [`AccessChange`]: one transaction that moves the access version
//! first, which also queues changes behind each other, so that two of them together can't do what
//! each alone may not (such as taking the last administrator away).

mod held_user;
mod holders;
mod identities;
mod keys;
mod partners;
mod role_versions;
mod roles;
mod second_factor;
mod sessions;
mod shares;
mod sign_ins;
mod signing_keys;
mod teams;
mod users;

use role_versions::Touched;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    SqlErr,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    catalog::Catalog,
    error::{Error, Result},
    identity::{AccessRows, Draft},
    store::{Store, audit, head::may_try_again},
};

pub(crate) use entity::mailed_link::Model as MailedLinkRow;
pub(crate) use held_user::HeldUser;
pub(crate) use holders::RoleHolders;
pub(crate) use identities::IdentityRow;
pub(crate) use keys::{KeyRow, holds_role};
pub(crate) use role_versions::EarlierRoles;
pub(crate) use second_factor::ChallengeRow;
pub(crate) use sessions::Rotation;
pub(crate) use signing_keys::{KIND as SIGNING_KEYS, SigningKeyRow};
pub(crate) use users::{UserRow, new_user_row};

/// How long a change of access waits for a row that a sign-in holds, for an instant.
const LOCK_TIMEOUT_MILLISECONDS: u32 = 2_000;

/// The versions that say whether catalog, policy and rates are current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The schema version.
    pub(crate) schema: i64,
    /// The access version.
    pub(crate) access: i64,
    /// The version of base currency and rates.
    pub(crate) currencies: i64,
}

impl Head {
    /// Whether a catalog has the schema and the rates of this head, or later ones.
    pub(crate) fn is_of(self, catalog: &Catalog) -> bool {
        catalog.version() >= self.schema && catalog.currencies().version() >= self.currencies
    }
}

/// A transaction that changes access. Dropped without [`AccessChange::commit`], it leaves nothing.
#[derive(Debug)]
pub(crate) struct AccessChange {
    tx: DatabaseTransaction,
    touched: Touched,
}

impl AccessChange {
    /// The stored version of the schema, at which it stays until the change ends.
    pub(crate) async fn schema_version(&self) -> Result<i64> {
        self.head().await.map(|head| head.version)
    }

    async fn head(&self) -> Result<entity::meta_head::Model> {
        let context = "reading the versions";
        let head = entity::meta_head::Entity::find().one(&self.tx).await;
        let head = head.map_err(failed(context))?;
        head.ok_or_else(|| Error::internal(context, "meta_head is empty"))
    }

    /// The catalog at that version.
    pub(crate) async fn load_catalog(&self, version: i64) -> Result<Catalog> {
        Catalog::load(&super::catalog::metadata_rows(&self.tx, version).await?)
    }

    /// Makes the change visible to all, with its entries in the audit log and the versions of the roles that it
    /// touches.
    pub(crate) async fn commit(self, entries: &[Draft]) -> Result<()> {
        self.keep_roles(entries).await?;
        audit::append(&self.tx, entries).await?;
        self.tx
            .commit()
            .await
            .map_err(failed("committing a change of access"))
    }
}

impl AccessChange {
    /// Undoes the change at once, so that nobody waits for what will not come.
    pub(crate) async fn give_up(self) -> Result<()> {
        let undone = self.tx.rollback().await;
        undone.map_err(failed("giving a change of access up"))
    }
}

impl Store {
    /// The current versions.
    pub(crate) async fn load_head(&self) -> Result<Head> {
        let context = "reading the versions";
        let head = entity::meta_head::Entity::find()
            .one(&self.reader)
            .await
            .map_err(failed(context))?
            .ok_or_else(|| Error::internal(context, "meta_head is empty"))?;
        Ok(Head {
            schema: head.version,
            access: head.access_version,
            currencies: head.currency_version,
        })
    }

    /// All roles, rules and teams. The version is read first: what changes in between is read again later.
    pub(crate) async fn load_access(&self) -> Result<AccessRows> {
        let context = "loading roles and rules";
        let version = self.load_head().await?.access;
        let roles = entity::role::Entity::find()
            .order_by_asc(entity::role::Column::Id)
            .all(&self.reader)
            .await
            .map_err(failed(context))?;
        let rules = entity::rule::Entity::find()
            .order_by_asc(entity::rule::Column::Id)
            .all(&self.reader)
            .await
            .map_err(failed(context))?;
        let teams = entity::team::Entity::find()
            .order_by_asc(entity::team::Column::Id)
            .all(&self.reader)
            .await
            .map_err(failed(context))?;
        Ok(AccessRows {
            version,
            roles,
            rules,
            teams,
        })
    }

    /// Begins a change of access, when the writes that run have ended.
    pub(crate) async fn change_access(&self) -> Result<AccessChange> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_to_change_access().await {
                Err(Error::Busy | Error::Aborted) if may_try_again(attempt).await => {}
                result => return result,
            }
        }
    }

    async fn try_to_change_access(&self) -> Result<AccessChange> {
        use entity::meta_head::{Column, Entity};
        let tx = self.begin_alone().await?;
        self.limit_locks(&tx, LOCK_TIMEOUT_MILLISECONDS).await?;
        Entity::update_many()
            .col_expr(
                Column::AccessVersion,
                Expr::col(Column::AccessVersion).add(1),
            )
            .filter(Column::Id.eq(1))
            .exec(&tx)
            .await
            .map_err(failed("moving the access version"))?;
        let touched = Touched::default();
        Ok(AccessChange { tx, touched })
    }
}

/// Turns a failure of the database into ours. No text of the database goes further than the log.
fn failed(context: &'static str) -> impl Fn(DbErr) -> Error {
    move |error| crate::store::rows::failed(error, context)
}

/// The same, where a unique field may be taken.
fn failed_unique(context: &'static str, field: &'static str) -> impl Fn(DbErr) -> Error {
    move |error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::UniqueConflict {
            fields: vec![field.to_owned()],
        },
        _ => failed(context)(error),
    }
}

/// A row to which something of another row is added must stay as it is until the end: this reads it
/// under a lock where the database has row locks.
async fn lock_user<C: ConnectionTrait>(
    db: &C,
    id: uuid::Uuid,
) -> Result<Option<entity::user::Model>> {
    use sea_orm::QuerySelect as _;
    entity::user::Entity::find_by_id(id)
        .lock_exclusive()
        .one(db)
        .await
        .map_err(failed("locking a user"))
}
