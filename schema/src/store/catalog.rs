//! Loads the catalog from the metadata tables.

use std::sync::{Mutex, PoisonError};

use sea_orm::{ConnectionTrait, EntityTrait};

use crate::{
    catalog::{Catalog, CurrencyRows, MetadataRows},
    error::{Error, Result},
    store::{Store, rows::failed},
};

const CONTEXT: &str = "loading the catalog";

impl Store {
    /// The catalog at the stored schema version. Read in one snapshot, so that a changeset that
    /// commits meanwhile is in all of it or in none.
    pub(crate) async fn load_catalog(&self) -> Result<Catalog> {
        Catalog::load(&self.load_metadata().await?)
    }

    /// The metadata tables at the stored schema version, in one snapshot.
    pub(crate) async fn load_metadata(&self) -> Result<MetadataRows> {
        let tx = self.begin_snapshot().await?;
        let head = entity::meta_head::Entity::find().one(&tx).await;
        let head = head.map_err(|error| failed(error, CONTEXT))?;
        let head = head.ok_or_else(|| Error::internal(CONTEXT, "meta_head is empty"))?;
        let rows = metadata_rows(&tx, head.version).await?;
        tx.commit().await.map_err(|error| failed(error, CONTEXT))?;
        Ok(rows)
    }
}

/// The metadata tables as this connection sees them.
pub(super) async fn metadata_rows(db: &impl ConnectionTrait, version: i64) -> Result<MetadataRows> {
    let failed = |error: sea_orm::DbErr| failed(error, CONTEXT);
    Ok(MetadataRows {
        version,
        objects: entity::meta_object_type::Entity::find()
            .all(db)
            .await
            .map_err(failed)?,
        fields: entity::meta_field::Entity::find()
            .all(db)
            .await
            .map_err(failed)?,
        relations: entity::meta_relation_type::Entity::find()
            .all(db)
            .await
            .map_err(failed)?,
        ..small_rows(db).await?
    })
}

/// Of the metadata tables those that have few rows.
async fn small_rows(db: &impl ConnectionTrait) -> Result<MetadataRows> {
    let failed = |error: sea_orm::DbErr| failed(error, CONTEXT);
    Ok(MetadataRows {
        option_lists: entity::meta_option_list::Entity::find()
            .all(db)
            .await
            .map_err(failed)?,
        deletions: entity::meta_deletion::Entity::find()
            .all(db)
            .await
            .map_err(failed)?,
        currencies: currency_rows(db).await?,
        ..MetadataRows::default()
    })
}

/// The types and fields as the last change left them that was made here, so that the next one need not
/// read all of them again.
#[derive(Debug, Default)]
pub(super) struct RecentRows(Mutex<Option<MetadataRows>>);

impl RecentRows {
    /// Keeps the rows of a change that was committed.
    pub(super) fn keep(&self, rows: MetadataRows) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rows);
    }

    fn of(&self, version: i64) -> Option<MetadataRows> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.as_ref()
            .filter(|rows| rows.version == version)
            .cloned()
    }

    /// The metadata at a version, as this connection sees them.
    pub(super) async fn read(
        &self,
        db: &impl ConnectionTrait,
        version: i64,
    ) -> Result<MetadataRows> {
        let Some(recent) = self.of(version) else {
            return metadata_rows(db, version).await;
        };
        Ok(MetadataRows {
            version,
            objects: recent.objects,
            fields: recent.fields,
            relations: recent.relations,
            ..small_rows(db).await?
        })
    }
}

/// The base currency and the rates as this connection sees them.
pub(super) async fn currency_rows(db: &impl ConnectionTrait) -> Result<CurrencyRows> {
    let failed = |error: sea_orm::DbErr| failed(error, CONTEXT);
    let head = entity::meta_head::Entity::find().one(db).await;
    let head = head.map_err(failed)?;
    let head = head.ok_or_else(|| Error::internal(CONTEXT, "meta_head is empty"))?;
    let rates = match &head.base_currency {
        Some(_) => entity::currency_rate::Entity::find().all(db).await,
        None => Ok(Vec::new()),
    };
    Ok(CurrencyRows {
        version: head.currency_version,
        base: head.base_currency,
        rates: rates.map_err(failed)?,
    })
}
