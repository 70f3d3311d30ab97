//! The table of installed packages.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder, sea_query::OnConflict};

use crate::{
    access::Permit,
    error::Result,
    store::{Store, rows::failed},
};
use entity::meta_package::{Column, Entity, Model};

impl Store {
    /// The packages by name, those that were uninstalled too.
    pub(crate) async fn list_packages(&self, _: &Permit) -> Result<Vec<Model>> {
        let found = Entity::find().order_by_asc(Column::Name).all(&self.writer);
        found
            .await
            .map_err(|error| failed(error, "listing packages"))
    }

    /// Writes what is known of a package.
    pub(crate) async fn put_package(&self, _: &Permit, package: Model) -> Result<()> {
        let changed = [
            Column::Version,
            Column::Contents,
            Column::CreatedAt,
            Column::UpdatedAt,
        ];
        let conflict = OnConflict::column(Column::Id)
            .update_columns(changed)
            .to_owned();
        Entity::insert(package.into_active_model().reset_all())
            .on_conflict(conflict)
            .exec_without_returning(&self.writer)
            .await
            .map_err(|error| failed(error, "writing a package"))?;
        Ok(())
    }
}
