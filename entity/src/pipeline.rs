//! Standard object type `pipeline`: the row of table `pipelines` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::ObjectDescription;
use crate::field;

/// A sales process: an ordered row of stages.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipelines")]
pub struct Model {
    /// Identity of the record, a `UUIDv7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Goes up by one with each update.
    pub version: i64,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Who created it.
    pub created_by: Option<Uuid>,
    /// Instant of the last update.
    pub updated_at: TimeDateTimeWithTimeZone,
    /// Who updated it last.
    pub updated_by: Option<Uuid>,
    /// The user who is responsible for it.
    pub owner_id: Option<Uuid>,
    /// Instant of the deletion; null while it lives.
    pub deleted_at: Option<TimeDateTimeWithTimeZone>,
    /// Name of the sales process.
    pub name: String,
    /// When to use this pipeline.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Whether new opportunities may use the pipeline.
    pub active: Option<bool>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "pipeline",
    plural: "pipelines",
    label: "Pipeline",
    plural_label: "Pipelines",
    description: "A sales process: an ordered row of stages",
    title: "name",
    display_template: None,
    fields: &[
        field::text("name", "name", "Name", "Name of the sales process", 100),
        field::long_text("description", "description", "Description", "When to use this pipeline"),
        field::boolean("active", "active", "Active", "Whether new opportunities may use the pipeline"),
    ],
};
