//! Standard object type `task`: the row of table `tasks` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// Something that somebody has to do.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
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
    /// What to do, in one line.
    pub subject: String,
    /// How far the task is.
    pub status: Option<String>,
    /// How much it matters.
    pub priority: Option<String>,
    /// Instant that it must be done by.
    pub due_at: Option<TimeDateTimeWithTimeZone>,
    /// Instant that it was done.
    pub completed_at: Option<TimeDateTimeWithTimeZone>,
    /// Anything else worth knowing.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Organization that it regards.
    pub organization_id: Option<Uuid>,
    /// Person that it regards.
    pub person_id: Option<Uuid>,
    /// Opportunity that it regards.
    pub opportunity_id: Option<Uuid>,
    /// Order that it regards.
    pub order_id: Option<Uuid>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Organization that it regards.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::OrganizationId",
        to = "super::organization::Column::Id"
    )]
    Organization,
    /// Person that it regards.
    #[sea_orm(
        belongs_to = "super::person::Entity",
        from = "Column::PersonId",
        to = "super::person::Column::Id"
    )]
    Person,
    /// Opportunity that it regards.
    #[sea_orm(
        belongs_to = "super::opportunity::Entity",
        from = "Column::OpportunityId",
        to = "super::opportunity::Column::Id"
    )]
    Opportunity,
    /// Order that it regards.
    #[sea_orm(
        belongs_to = "super::order::Entity",
        from = "Column::OrderId",
        to = "super::order::Column::Id"
    )]
    Order,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "task",
    plural: "tasks",
    label: "Task",
    plural_label: "Tasks",
    description: "Something that somebody has to do",
    title: "subject",
    display_template: None,
    fields: &[
        field::text("subject", "subject", "Subject", "What to do, in one line", 500),
        field::select("status", "status", "Status", "How far the task is", STATUS),
        field::select("priority", "priority", "Priority", "How much it matters", PRIORITY),
        field::date_time("due_at", "dueAt", "Due at", "Instant that it must be done by"),
        field::date_time("completed_at", "completedAt", "Completed at", "Instant that it was done"),
        field::long_text("description", "description", "Description", "Anything else worth knowing"),
        field::reference("organization_id", "organization", "Organization", "Organization that it regards", ["organization", "tasks", "Tasks"]),
        field::reference("person_id", "person", "Person", "Person that it regards", ["person", "tasks", "Tasks"]),
        field::reference("opportunity_id", "opportunity", "Opportunity", "Opportunity that it regards", ["opportunity", "tasks", "Tasks"]),
        field::reference("order_id", "order", "Order", "Order that it regards", ["order", "tasks", "Tasks"]),
    ],
};

const STATUS: &[Choice] = &[
    field::choice("open", "Open"),
    field::choice("inProgress", "In progress"),
    field::choice("waiting", "Waiting"),
    field::choice("done", "Done"),
    field::choice("cancelled", "Cancelled"),
];

const PRIORITY: &[Choice] = &[
    field::choice("low", "Low"),
    field::choice("normal", "Normal"),
    field::choice("high", "High"),
    field::choice("urgent", "Urgent"),
];
