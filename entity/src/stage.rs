//! Standard object type `stage`: the row of table `stages` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// One step of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stages")]
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
    /// Name of the step.
    pub name: String,
    /// Pipeline that the stage belongs to.
    pub pipeline_id: Uuid,
    /// Place in the pipeline, counted from one.
    pub position: Option<i64>,
    /// What it means for an opportunity to be here.
    pub kind: Option<String>,
    /// Usual chance to win from here, as a fraction: 0.15 is 15 %.
    #[sea_orm(column_type = "Decimal(Some((18, 6)))")]
    pub probability: Option<Decimal>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Pipeline that the stage belongs to.
    #[sea_orm(
        belongs_to = "super::pipeline::Entity",
        from = "Column::PipelineId",
        to = "super::pipeline::Column::Id"
    )]
    Pipeline,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "stage",
    plural: "stages",
    label: "Stage",
    plural_label: "Stages",
    description: "One step of a pipeline",
    title: "name",
    display_template: Some("{pipeline.name} – {name}"),
    fields: &[
        field::text("name", "name", "Name", "Name of the step", 100),
        field::part_of("pipeline_id", "pipeline", "Pipeline", "Pipeline that the stage belongs to", ["pipeline", "stages", "Stages"]),
        field::integer("position", "position", "Position", "Place in the pipeline, counted from one"),
        field::select("kind", "kind", "Kind", "What it means for an opportunity to be here", KIND),
        field::percent("probability", "probability", "Probability", "Usual chance to win from here, as a fraction: 0.15 is 15 %"),
    ],
};

const KIND: &[Choice] = &[
    field::choice("open", "Open"),
    field::choice("won", "Won"),
    field::choice("lost", "Lost"),
];
