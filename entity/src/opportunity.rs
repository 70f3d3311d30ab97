//! Standard object type `opportunity`: the row of table `opportunities` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// A possible sale that you work on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "opportunities")]
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
    /// What the sale is about.
    pub name: String,
    /// Organization that would buy.
    pub organization_id: Option<Uuid>,
    /// Person that you mainly talk to about it.
    pub person_id: Option<Uuid>,
    /// Sales process that it goes through.
    pub pipeline_id: Option<Uuid>,
    /// Step that it has reached.
    pub stage_id: Option<Uuid>,
    /// Expected value of the sale.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub amount: Option<Decimal>,
    /// ISO 4217 code of `amount`.
    pub amount_currency: Option<String>,
    /// `amount` in the base currency.
    #[sea_orm(column_name = "amount__base", column_type = "Decimal(Some((18, 4)))")]
    pub amount_base: Option<Decimal>,
    /// Chance to win, as a fraction: 0.15 is 15 %.
    #[sea_orm(column_type = "Decimal(Some((18, 6)))")]
    pub probability: Option<Decimal>,
    /// Day that the decision is expected.
    pub close_date: Option<TimeDate>,
    /// Instant that it was won or lost.
    pub closed_at: Option<TimeDateTimeWithTimeZone>,
    /// How the opportunity came up.
    pub source: Option<String>,
    /// Why it was lost.
    pub lost_reason: Option<String>,
    /// What to do next.
    pub next_step: Option<String>,
    /// Anything else worth knowing.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Identifier of this record in another system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Organization that would buy.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::OrganizationId",
        to = "super::organization::Column::Id"
    )]
    Organization,
    /// Person that you mainly talk to about it.
    #[sea_orm(
        belongs_to = "super::person::Entity",
        from = "Column::PersonId",
        to = "super::person::Column::Id"
    )]
    Person,
    /// Sales process that it goes through.
    #[sea_orm(
        belongs_to = "super::pipeline::Entity",
        from = "Column::PipelineId",
        to = "super::pipeline::Column::Id"
    )]
    Pipeline,
    /// Step that it has reached.
    #[sea_orm(
        belongs_to = "super::stage::Entity",
        from = "Column::StageId",
        to = "super::stage::Column::Id"
    )]
    Stage,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "opportunity",
    plural: "opportunities",
    label: "Opportunity",
    plural_label: "Opportunities",
    description: "A possible sale that you work on",
    title: "name",
    display_template: None,
    fields: &[
        field::text("name", "name", "Name", "What the sale is about", 200),
        field::reference("organization_id", "organization", "Organization", "Organization that would buy", ["organization", "opportunities", "Opportunities"]),
        field::reference("person_id", "person", "Main contact", "Person that you mainly talk to about it", ["person", "opportunities", "Opportunities"]),
        field::reference("pipeline_id", "pipeline", "Pipeline", "Sales process that it goes through", ["pipeline", "opportunities", "Opportunities"]),
        field::reference("stage_id", "stage", "Stage", "Step that it has reached", ["stage", "opportunities", "Opportunities"]),
        field::money("amount", "amount", "Amount", "Expected value of the sale"),
        field::percent("probability", "probability", "Probability", "Chance to win, as a fraction: 0.15 is 15 %"),
        field::date("close_date", "closeDate", "Close date", "Day that the decision is expected"),
        field::date_time("closed_at", "closedAt", "Closed at", "Instant that it was won or lost"),
        field::select("source", "source", "Source", "How the opportunity came up", SOURCE),
        field::text("lost_reason", "lostReason", "Lost reason", "Why it was lost", 200),
        field::text("next_step", "nextStep", "Next step", "What to do next", 200),
        field::long_text("description", "description", "Description", "Anything else worth knowing"),
        field::text("external_id", "externalId", "External ID", "Identifier of this record in another system", 100),
    ],
};

const SOURCE: &[Choice] = &[
    field::choice("website", "Website"),
    field::choice("referral", "Referral"),
    field::choice("campaign", "Campaign"),
    field::choice("event", "Event"),
    field::choice("coldCall", "Cold call"),
    field::choice("partner", "Partner"),
    field::choice("existingCustomer", "Existing customer"),
    field::choice("advertisement", "Advertisement"),
    field::choice("socialMedia", "Social media"),
    field::choice("other", "Other"),
];
