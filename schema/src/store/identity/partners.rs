//! Partners.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{AccessChange, failed};
use crate::{
    error::Result,
    id::PartnerId,
    identity::{Listed, Listing},
    store::Store,
};

impl Store {
    pub(crate) async fn find_partner(
        &self,
        id: PartnerId,
    ) -> Result<Option<entity::partner::Model>> {
        entity::partner::Entity::find_by_id(id.uuid())
            .one(&self.reader)
            .await
            .map_err(failed("finding a partner"))
    }

    /// One page of partners; that one alone where it is named.
    pub(crate) async fn list_partners(
        &self,
        listing: Listing,
        only: Option<PartnerId>,
    ) -> Result<Listed<entity::partner::Model>> {
        use entity::partner::{Column, Entity};
        let mut select = Entity::find()
            .order_by_asc(Column::Id)
            .limit(listing.limit + 1);
        if let Some(after) = listing.after {
            select = select.filter(Column::Id.gt(after));
        }
        if let Some(partner) = only {
            select = select.filter(Column::Id.eq(partner.uuid()));
        }
        let partners = select
            .all(&self.reader)
            .await
            .map_err(failed("listing partners"))?;
        Ok(listing.cut(partners))
    }
}

impl AccessChange {
    pub(crate) async fn find_partner(
        &self,
        id: PartnerId,
    ) -> Result<Option<entity::partner::Model>> {
        entity::partner::Entity::find_by_id(id.uuid())
            .one(&self.tx)
            .await
            .map_err(failed("finding a partner"))
    }

    /// Whether this organization exists and was not deleted.
    pub(crate) async fn organization_exists(&self, id: Uuid) -> Result<bool> {
        use entity::organization::{Column, Entity};
        let found = Entity::find()
            .filter(Column::Id.eq(id))
            .filter(Column::DeletedAt.is_null())
            .count(&self.tx)
            .await
            .map_err(failed("finding an organization"))?;
        Ok(found > 0)
    }

    /// Whether this organization is a partner already.
    pub(crate) async fn is_partner(&self, organization: Uuid) -> Result<bool> {
        let found = entity::partner::Entity::find()
            .filter(entity::partner::Column::OrganizationId.eq(organization))
            .count(&self.tx)
            .await
            .map_err(failed("finding a partner"))?;
        Ok(found > 0)
    }

    pub(crate) async fn insert_partner(&self, partner: entity::partner::Model) -> Result<()> {
        entity::partner::Entity::insert(partner.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await
            .map(drop)
            .map_err(failed("creating a partner"))
    }

    pub(crate) async fn update_partner(&self, partner: entity::partner::Model) -> Result<()> {
        partner
            .into_active_model()
            .reset_all()
            .update(&self.tx)
            .await
            .map(drop)
            .map_err(failed("changing a partner"))
    }
}
