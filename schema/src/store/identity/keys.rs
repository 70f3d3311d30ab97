//! API keys.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AccessChange, failed};
use crate::{
    error::Result,
    id::{KeyId, PartnerId},
    identity::{Listed, Listing},
    store::Store,
};

/// A key with its partner.
#[derive(Clone, Debug)]
pub(crate) struct KeyRow {
    pub(crate) key: entity::api_key::Model,
    pub(crate) partner: Option<entity::partner::Model>,
}

impl Store {
    /// The key with this public part.
    pub(crate) async fn find_key_by_text(&self, key_id: &str) -> Result<Option<KeyRow>> {
        let found = entity::api_key::Entity::find()
            .filter(entity::api_key::Column::KeyId.eq(key_id))
            .find_also_related(entity::partner::Entity)
            .one(&self.reader)
            .await
            .map_err(failed("finding a key"))?;
        Ok(found.map(|(key, partner)| KeyRow { key, partner }))
    }

    pub(crate) async fn find_key(&self, id: KeyId) -> Result<Option<KeyRow>> {
        let found = entity::api_key::Entity::find_by_id(id.uuid())
            .find_also_related(entity::partner::Entity)
            .one(&self.reader)
            .await
            .map_err(failed("finding a key"))?;
        Ok(found.map(|(key, partner)| KeyRow { key, partner }))
    }

    /// One page of keys; of one partner where it is named.
    pub(crate) async fn list_keys(
        &self,
        listing: Listing,
        of: Option<PartnerId>,
    ) -> Result<Listed<entity::api_key::Model>> {
        use entity::api_key::{Column, Entity};
        let mut select = Entity::find()
            .order_by_asc(Column::Id)
            .limit(listing.limit + 1);
        if let Some(after) = listing.after {
            select = select.filter(Column::Id.gt(after));
        }
        if let Some(partner) = of {
            select = select.filter(Column::PartnerId.eq(partner.uuid()));
        }
        let keys = select
            .all(&self.reader)
            .await
            .map_err(failed("listing keys"))?;
        Ok(listing.cut(keys))
    }

    /// Writes when keys were last used. No change of access: the access version stays.
    pub(crate) async fn write_last_uses(
        &self,
        uses: &HashMap<KeyId, OffsetDateTime>,
    ) -> Result<()> {
        use entity::api_key::{Column, Entity};
        let tx = self.begin_write().await?;
        for (id, used_at) in uses {
            Entity::update_many()
                .col_expr(Column::LastUsedAt, Expr::value(*used_at))
                .filter(Column::Id.eq(id.uuid()))
                .exec(&tx)
                .await
                .map_err(failed("writing the last use of a key"))?;
        }
        tx.commit()
            .await
            .map_err(failed("writing the last use of a key"))
    }
}

impl AccessChange {
    pub(crate) async fn find_key(&self, id: KeyId) -> Result<Option<entity::api_key::Model>> {
        entity::api_key::Entity::find_by_id(id.uuid())
            .one(&self.tx)
            .await
            .map_err(failed("finding a key"))
    }

    pub(crate) async fn insert_key(&self, key: entity::api_key::Model) -> Result<()> {
        entity::api_key::Entity::insert(key.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed("creating a key"))
    }

    pub(crate) async fn update_key(&self, key: entity::api_key::Model) -> Result<()> {
        key.into_active_model()
            .reset_all()
            .update(&self.tx)
            .await
            .map(drop)
            .map_err(failed("changing a key"))
    }

    /// How many keys of a partner were not revoked and have not expired.
    pub(crate) async fn count_live_keys(
        &self,
        partner: PartnerId,
        now: OffsetDateTime,
    ) -> Result<u64> {
        use entity::api_key::{Column, Entity};
        let expires_later = Column::ExpiresAt.is_null().or(Column::ExpiresAt.gt(now));
        Entity::find()
            .filter(Column::PartnerId.eq(partner.uuid()))
            .filter(Column::RevokedAt.is_null())
            .filter(expires_later)
            .count(&self.tx)
            .await
            .map_err(failed("counting the keys of a partner"))
    }
}

/// Whether the role ids of a key, as they are stored, contain this role.
pub(crate) fn holds_role(role_ids: &serde_json::Value, role: Uuid) -> bool {
    let text = role.to_string();
    let mut ids = role_ids.as_array().into_iter().flatten();
    ids.any(|id| id.as_str() == Some(text.as_str()))
}
