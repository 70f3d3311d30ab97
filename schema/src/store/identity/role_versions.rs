//! What roles and rules were at earlier versions of access. Each change of them keeps the roles that it touches, in
//! its own transaction; rows are only ever added.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Order,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};
use time::OffsetDateTime;
use uuid::Uuid;

use entity::role_version::{Column, Entity, Model};

use super::{AccessChange, failed};
use crate::{
    error::{Error, Result},
    identity::{
        AccessVersionQuery, Draft, Listed, Maker, RoleRows, initial_version, kept_role,
        next_version,
    },
    store::Store,
};

const READING: &str = "reading earlier versions of roles";
const KEEPING: &str = "keeping the versions of roles";

/// How many rows one statement writes or names.
const ROWS: usize = 500;

/// The roles at an earlier version.
#[derive(Debug)]
pub(crate) enum EarlierRoles {
    /// As they were, by name.
    Known(Vec<RoleRows>),
    /// They were not kept; from this version on they are, if there is one.
    NotKept(Option<i64>),
}

impl AccessChange {
    /// Keeps the roles that the change has touched as they are now, for whoever the entries say made it.
    pub(super) async fn keep_roles(&self, entries: &[Draft]) -> Result<()> {
        let touched = self.touched();
        if touched.is_empty() {
            return Ok(());
        }
        let maker = entries.first().map(Maker::of);
        let maker = maker.ok_or_else(|| Error::internal(KEEPING, "the change has no entry"))?;
        let version = self.version().await?;
        let mut rows = Vec::new();
        let touched: Vec<Uuid> = touched.into_iter().collect();
        for ids in touched.chunks(ROWS) {
            let newest = self.newest(ids).await?;
            let now = self.rows_of(ids).await?;
            for id in ids {
                let found = (*id, now.get(id));
                rows.extend(next_version(newest.get(id), found, (version, &maker)));
            }
        }
        insert(&self.tx, rows).await
    }

    /// The roles at an earlier version, as this transaction sees them.
    pub(crate) async fn roles_at(&self, version: i64) -> Result<EarlierRoles> {
        roles_at(&self.tx, version).await
    }

    /// The newest row of each of these roles.
    async fn newest(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Model>> {
        let rows = Entity::find()
            .filter(Column::RoleId.is_in(ids.to_vec()))
            .filter(Column::Version.in_subquery(newest_until(None)))
            .all(&self.tx)
            .await
            .map_err(failed(READING))?;
        Ok(rows.into_iter().map(|row| (row.role_id, row)).collect())
    }

    /// These roles with their rules, as they are.
    async fn rows_of(&self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, RoleRows>> {
        let roles = entity::role::Entity::find()
            .filter(entity::role::Column::Id.is_in(ids.to_vec()))
            .all(&self.tx)
            .await
            .map_err(failed(KEEPING))?;
        let rules = entity::rule::Entity::find()
            .filter(entity::rule::Column::RoleId.is_in(ids.to_vec()))
            .order_by_asc(entity::rule::Column::Id)
            .all(&self.tx)
            .await
            .map_err(failed(KEEPING))?;
        Ok(with_rules(roles, rules))
    }
}

impl Store {
    /// Keeps the roles as they are where no version says so: those of a database from before versions were kept, and what
    /// was changed past this version of the server.
    pub(crate) async fn begin_role_versions(&self, now: OffsetDateTime) -> Result<()> {
        let has_roles = entity::role::Entity::find().limit(1).one(&self.reader);
        if has_roles.await.map_err(failed(KEEPING))?.is_none() {
            return Ok(());
        }
        let change = self.change_access().await?;
        let all = with_rules(change.roles().await?, change.rules().await?);
        let newest = Entity::find()
            .filter(Column::Version.in_subquery(newest_until(None)))
            .all(&change.tx)
            .await
            .map_err(failed(READING))?;
        let version = change.version().await?;
        let maker = Maker::system(now);
        let by = (version, &maker);
        let mut rows = Vec::new();
        if newest.is_empty() {
            rows.extend(all.values().map(|rows| initial_version(rows, by)));
        } else {
            let newest: BTreeMap<Uuid, Model> =
                newest.into_iter().map(|row| (row.role_id, row)).collect();
            let ids: BTreeSet<Uuid> = newest.keys().chain(all.keys()).copied().collect();
            for id in ids {
                rows.extend(next_version(newest.get(&id), (id, all.get(&id)), by));
            }
        }
        if rows.is_empty() {
            return change.give_up().await;
        }
        insert(&change.tx, rows).await?;
        change.commit(&[]).await
    }

    /// The roles at an earlier version.
    pub(crate) async fn roles_at(&self, version: i64) -> Result<EarlierRoles> {
        roles_at(&self.reader, version).await
    }

    /// One page of the versions at which roles changed, newest first, without what the roles were.
    pub(crate) async fn list_role_versions(
        &self,
        query: &AccessVersionQuery,
    ) -> Result<Listed<Model>> {
        let mut select = Entity::find()
            .select_only()
            .column(Column::Version)
            .distinct()
            .order_by_desc(Column::Version)
            .limit(query.limit + 1);
        if let Some(before) = query.before {
            select = select.filter(Column::Version.lt(before));
        }
        let versions = select.into_tuple::<i64>().all(&self.reader).await;
        let mut versions = versions.map_err(failed(READING))?;
        let most = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let has_next = versions.len() > most;
        versions.truncate(most);
        let rows = Entity::find()
            .select_only()
            .columns([
                Column::RoleId,
                Column::Version,
                Column::Name,
                Column::Change,
                Column::CreatedAt,
                Column::PrincipalKind,
                Column::PrincipalId,
            ])
            .expr_as(Expr::value(Option::<String>::None), "definition")
            .filter(Column::Version.is_in(versions))
            .order_by_desc(Column::Version)
            .order_by(Column::Name, Order::Asc)
            .order_by(Column::RoleId, Order::Asc)
            .all(&self.reader)
            .await
            .map_err(failed(READING))?;
        Ok(Listed {
            items: rows,
            has_next,
        })
    }
}

async fn roles_at<C: ConnectionTrait>(db: &C, version: i64) -> Result<EarlierRoles> {
    let first = first_version(db).await?;
    if first.is_none_or(|first| version < first) {
        return Ok(EarlierRoles::NotKept(first));
    }
    let rows = Entity::find()
        .filter(Column::Version.in_subquery(newest_until(Some(version))))
        .order_by_asc(Column::Name)
        .all(db)
        .await
        .map_err(failed(READING))?;
    let roles = rows.iter().filter_map(|row| kept_role(row).transpose());
    Ok(EarlierRoles::Known(roles.collect::<Result<_>>()?))
}

/// The first version at which a role was kept.
async fn first_version<C: ConnectionTrait>(db: &C) -> Result<Option<i64>> {
    let first = Entity::find()
        .select_only()
        .column(Column::Version)
        .order_by_asc(Column::Version)
        .limit(1)
        .into_tuple::<i64>();
    first.one(db).await.map_err(failed(READING))
}

/// The newest version of the role of the row outside, of those until one.
fn newest_until(version: Option<i64>) -> SelectStatement {
    const EARLIER: &str = "earlier";
    let column = |column: Column| Expr::col((EARLIER, column));
    let mut newest = Query::select();
    newest
        .expr(column(Column::Version).max())
        .from_as(Entity, EARLIER)
        .and_where(column(Column::RoleId).equals((Entity, Column::RoleId)));
    if let Some(version) = version {
        newest.and_where(column(Column::Version).lte(version));
    }
    newest.take()
}

/// Roles with their rules, which stand in the order in which they are tried.
fn with_rules(
    roles: Vec<entity::role::Model>,
    rules: Vec<entity::rule::Model>,
) -> BTreeMap<Uuid, RoleRows> {
    let roles = roles.into_iter().map(|role| {
        let rules = Vec::new();
        (role.id, RoleRows { role, rules })
    });
    let mut all: BTreeMap<Uuid, RoleRows> = roles.collect();
    for rule in rules {
        if let Some(rows) = all.get_mut(&rule.role_id) {
            rows.rules.push(rule);
        }
    }
    all
}

async fn insert<C: ConnectionTrait>(db: &C, rows: Vec<Model>) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        let rows = rows.iter().cloned();
        let rows = rows.map(|row| row.into_active_model().reset_all());
        let inserted = Entity::insert_many(rows).exec_without_returning(db).await;
        inserted.map_err(failed(KEEPING))?;
    }
    Ok(())
}

/// The roles that a change has touched so far.
#[derive(Debug, Default)]
pub(super) struct Touched(std::sync::Mutex<BTreeSet<Uuid>>);

impl AccessChange {
    /// Notes that a role, or a rule of it, is made, changed or deleted.
    pub(super) fn touch(&self, role: Uuid) {
        let touched = self.touched.0.lock();
        let mut touched = touched.unwrap_or_else(std::sync::PoisonError::into_inner);
        touched.insert(role);
    }

    fn touched(&self) -> BTreeSet<Uuid> {
        let touched = self.touched.0.lock();
        let touched = touched.unwrap_or_else(std::sync::PoisonError::into_inner);
        touched.clone()
    }
}
