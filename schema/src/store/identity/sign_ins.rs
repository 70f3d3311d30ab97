//! From which networks users have signed in.

use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::OnConflict,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::failed;
use crate::{error::Result, store::Store};

impl Store {
    /// Whether the user has signed in from the network since then.
    pub(crate) async fn knows_network(
        &self,
        user: Uuid,
        network: &str,
        since: OffsetDateTime,
    ) -> Result<bool> {
        use entity::sign_in_network::{Column, Entity};
        let found = Entity::find_by_id((user, network.to_owned()))
            .filter(Column::UsedAt.gte(since))
            .count(&self.reader)
            .await
            .map_err(failed("looking for a network"))?;
        Ok(found > 0)
    }

    /// Notes a sign-in. Of the networks of the user the latest `most` stay.
    pub(crate) async fn note_network(
        &self,
        (user, network): (Uuid, &str),
        now: OffsetDateTime,
        most: u64,
    ) -> Result<()> {
        use entity::sign_in_network::{ActiveModel, Column, Entity};
        let context = "noting a network";
        let row = ActiveModel {
            user_id: Set(user),
            network: Set(network.to_owned()),
            used_at: Set(now),
        };
        let mut known = OnConflict::columns([Column::UserId, Column::Network]);
        let tx = self.begin_write().await?;
        Entity::insert(row)
            .on_conflict(known.update_column(Column::UsedAt).to_owned())
            .exec_without_returning(&tx)
            .await
            .map_err(failed(context))?;
        let oldest: Option<OffsetDateTime> = Entity::find()
            .select_only()
            .column(Column::UsedAt)
            .filter(Column::UserId.eq(user))
            .order_by_desc(Column::UsedAt)
            .offset(most)
            .limit(1)
            .into_tuple()
            .one(&tx)
            .await
            .map_err(failed(context))?;
        if let Some(oldest) = oldest {
            Entity::delete_many()
                .filter(Column::UserId.eq(user))
                .filter(Column::UsedAt.lte(oldest))
                .exec(&tx)
                .await
                .map_err(failed(context))?;
        }
        tx.commit().await.map_err(failed(context))
    }
}
