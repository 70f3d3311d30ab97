//! Standard object type `interaction`: the row of table `interactions` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// A contact between you and somebody: a call, an email, a meeting, a letter.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "interactions")]
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
    /// What sort of contact this is.
    pub kind: String,
    /// What it is about, in one line.
    pub subject: String,
    /// The text itself, or notes.
    #[sea_orm(column_type = "Text")]
    pub body: Option<String>,
    /// Who got in touch with whom.
    pub direction: Option<String>,
    /// Whether it has taken place.
    pub status: Option<String>,
    /// Instant that it began or begins.
    pub started_at: Option<TimeDateTimeWithTimeZone>,
    /// Instant that it ended or ends.
    pub ended_at: Option<TimeDateTimeWithTimeZone>,
    /// Place or link of the meeting.
    pub location: Option<String>,
    /// Organization that it regards.
    pub organization_id: Option<Uuid>,
    /// Person that it regards.
    pub person_id: Option<Uuid>,
    /// Opportunity that it regards.
    pub opportunity_id: Option<Uuid>,
    /// Order that it regards.
    pub order_id: Option<Uuid>,
    /// Shipment that it regards.
    pub shipment_id: Option<Uuid>,
    /// Identifier of this record in another system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
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
    /// Shipment that it regards.
    #[sea_orm(
        belongs_to = "super::shipment::Entity",
        from = "Column::ShipmentId",
        to = "super::shipment::Column::Id"
    )]
    Shipment,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "interaction",
    plural: "interactions",
    label: "Interaction",
    plural_label: "Interactions",
    description: "A contact between you and somebody: a call, an email, a meeting, a letter",
    title: "subject",
    display_template: None,
    fields: &[
        field::select("kind", "kind", "Kind", "What sort of contact this is", KIND),
        field::text("subject", "subject", "Subject", "What it is about, in one line", 500),
        field::long_text("body", "body", "Body", "The text itself, or notes"),
        field::select("direction", "direction", "Direction", "Who got in touch with whom", DIRECTION),
        field::select("status", "status", "Status", "Whether it has taken place", STATUS),
        field::date_time("started_at", "startedAt", "Started at", "Instant that it began or begins"),
        field::date_time("ended_at", "endedAt", "Ended at", "Instant that it ended or ends"),
        field::text("location", "location", "Location", "Place or link of the meeting", 200),
        field::reference("organization_id", "organization", "Organization", "Organization that it regards", ["organization", "interactions", "Interactions"]),
        field::reference("person_id", "person", "Person", "Person that it regards", ["person", "interactions", "Interactions"]),
        field::reference("opportunity_id", "opportunity", "Opportunity", "Opportunity that it regards", ["opportunity", "interactions", "Interactions"]),
        field::reference("order_id", "order", "Order", "Order that it regards", ["order", "interactions", "Interactions"]),
        field::reference("shipment_id", "shipment", "Shipment", "Shipment that it regards", ["shipment", "interactions", "Interactions"]),
        field::text("external_id", "externalId", "External ID", "Identifier of this record in another system", 100),
    ],
};

const KIND: &[Choice] = &[
    field::choice("call", "Call"),
    field::choice("email", "Email"),
    field::choice("meeting", "Meeting"),
    field::choice("letter", "Letter"),
    field::choice("visit", "Visit"),
    field::choice("message", "Message"),
    field::choice("social", "Social"),
];

const DIRECTION: &[Choice] = &[
    field::choice("inbound", "Inbound"),
    field::choice("outbound", "Outbound"),
    field::choice("internal", "Internal"),
];

const STATUS: &[Choice] = &[
    field::choice("planned", "Planned"),
    field::choice("done", "Done"),
    field::choice("cancelled", "Cancelled"),
];
