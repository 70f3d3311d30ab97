//! Loads the catalog from the metadata tables.

use sea_orm::EntityTrait;

use crate::{
    catalog::{Catalog, MetadataRows},
    error::{Error, Result},
    store::Store,
};

impl Store {
    /// The catalog at the stored schema version.
    pub(crate) async fn load_catalog(&self) -> Result<Catalog> {
        let failed = |error: sea_orm::DbErr| Error::internal("loading the catalog", error);
        let db = &self.writer;
        let head = entity::meta_head::Entity::find()
            .one(db)
            .await
            .map_err(failed)?;
        let head =
            head.ok_or_else(|| Error::internal("loading the catalog", "meta_head is empty"))?;
        let rows = MetadataRows {
            version: head.version,
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
        };
        Catalog::load(&rows)
    }
}
