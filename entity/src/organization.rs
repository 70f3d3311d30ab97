//! Standard object type `organization`: the row of table `organizations` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::{Choice, ObjectDescription};
use crate::field;

/// A company, authority or other body that you deal with, in any role.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
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
    /// Name that the organization is known by.
    pub name: String,
    /// Identifier of this record in another system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    /// `kinds`: a JSON array of choice names.
    pub kinds: Option<Json>,
    /// Whether you still deal with the organization.
    pub status: Option<String>,
    /// Main line of business.
    pub industry: Option<String>,
    /// Address of the main website.
    pub website: Option<String>,
    /// General email address.
    pub email: Option<String>,
    /// Main telephone number.
    pub phone: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// Revenue of the last full business year.
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub annual_revenue: Option<Decimal>,
    /// ISO 4217 code of `annual_revenue`.
    pub annual_revenue_currency: Option<String>,
    /// `annual_revenue` in the base currency.
    #[sea_orm(
        column_name = "annual_revenue__base",
        column_type = "Decimal(Some((18, 4)))"
    )]
    pub annual_revenue_base: Option<Decimal>,
    /// Number of people employed.
    pub employee_count: Option<i64>,
    /// Value added tax identification number.
    pub vat_number: Option<String>,
    /// Street and house number of the main address.
    pub street: Option<String>,
    /// Town or city of the main address.
    pub city: Option<String>,
    /// State, province or county of the main address.
    pub region: Option<String>,
    /// Postal code of the main address.
    pub postal_code: Option<String>,
    /// Country of the main address.
    pub country: Option<String>,
    /// Anything else worth knowing.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "organization",
    plural: "organizations",
    label: "Organization",
    plural_label: "Organizations",
    description: "A company, authority or other body that you deal with, in any role",
    title: "name",
    display_template: None,
    fields: &[
        field::text("name", "name", "Name", "Name that the organization is known by", 200),
        field::text("external_id", "externalId", "External ID", "Identifier of this record in another system", 100),
        field::multi_select("kinds", "kinds", "Kinds", "Roles that the organization plays for you; several at once are usual", KINDS),
        field::select("status", "status", "Status", "Whether you still deal with the organization", STATUS),
        field::select("industry", "industry", "Industry", "Main line of business", INDUSTRY),
        field::url("website", "website", "Website", "Address of the main website"),
        field::email("email", "email", "Email", "General email address"),
        field::phone("phone", "phone", "Phone", "Main telephone number"),
        field::phone("fax", "fax", "Fax", "Fax number"),
        field::money("annual_revenue", "annualRevenue", "Annual revenue", "Revenue of the last full business year"),
        field::integer("employee_count", "employeeCount", "Employees", "Number of people employed"),
        field::text("vat_number", "vatNumber", "VAT number", "Value added tax identification number", 50),
        field::text("street", "street", "Street", "Street and house number of the main address", 200),
        field::text("city", "city", "City", "Town or city of the main address", 100),
        field::text("region", "region", "Region", "State, province or county of the main address", 100),
        field::text("postal_code", "postalCode", "Postal code", "Postal code of the main address", 20),
        field::text("country", "country", "Country", "Country of the main address", 100),
        field::long_text("description", "description", "Description", "Anything else worth knowing"),
    ],
};

const KINDS: &[Choice] = &[
    field::choice("customer", "Customer"),
    field::choice("prospect", "Prospect"),
    field::choice("supplier", "Supplier"),
    field::choice("carrier", "Carrier"),
    field::choice("partner", "Partner"),
    field::choice("branch", "Branch"),
    field::choice("competitor", "Competitor"),
    field::choice("other", "Other"),
];

const STATUS: &[Choice] = &[
    field::choice("active", "Active"),
    field::choice("inactive", "Inactive"),
];

const INDUSTRY: &[Choice] = &[
    field::choice("agriculture", "Agriculture"),
    field::choice("automotive", "Automotive"),
    field::choice("construction", "Construction"),
    field::choice("education", "Education"),
    field::choice("energy", "Energy"),
    field::choice("finance", "Finance"),
    field::choice("food", "Food"),
    field::choice("healthcare", "Healthcare"),
    field::choice("hospitality", "Hospitality"),
    field::choice("logistics", "Logistics"),
    field::choice("manufacturing", "Manufacturing"),
    field::choice("media", "Media"),
    field::choice("professionalServices", "Professional services"),
    field::choice("publicSector", "Public sector"),
    field::choice("retail", "Retail"),
    field::choice("technology", "Technology"),
    field::choice("wholesale", "Wholesale"),
    field::choice("other", "Other"),
];
