//! System table `jobs`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// A piece of slow work: what it is, how far it is, and who does it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    /// Identity of the job.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What sort of work it is.
    pub kind: String,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// What is to be done.
    pub payload: crate::JsonText,
    /// Where the next attempt goes on.
    pub progress: Option<crate::JsonText>,
    /// What was found and done.
    pub report: Option<crate::JsonText>,
    /// Why it failed.
    pub error: Option<String>,
    /// How often it was begun.
    pub attempts: i32,
    /// How often it was begun since it last got on.
    pub fruitless: i32,
    /// The process that does it.
    pub claimed_by: Option<Uuid>,
    /// The last sign of life of that process.
    pub heartbeat_at: Option<TimeDateTimeWithTimeZone>,
    /// It is not begun before this instant.
    pub run_after: TimeDateTimeWithTimeZone,
    /// The schema version that asked for it.
    pub schema_version: i64,
    /// Instant of the creation.
    pub created_at: TimeDateTimeWithTimeZone,
    /// Instant of the last change.
    pub updated_at: TimeDateTimeWithTimeZone,
    /// Instant of the end.
    pub finished_at: Option<TimeDateTimeWithTimeZone>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
