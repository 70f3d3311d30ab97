//! Standard object type `person`: the row of table `people` and its description. Labels and options only;
//! what may be written is the business of the engine.

use sea_orm::entity::prelude::*;

use crate::description::ObjectDescription;
use crate::field;

/// A human being that you deal with: a contact, a buyer, a driver.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "people")]
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
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: String,
    /// How to address the person: Ms, Mr, Dr..
    pub salutation: Option<String>,
    /// Position in the main organization.
    pub job_title: Option<String>,
    /// Department in the main organization.
    pub department: Option<String>,
    /// Business email address.
    pub email: Option<String>,
    /// Business telephone number.
    pub phone: Option<String>,
    /// Mobile telephone number.
    pub mobile: Option<String>,
    /// Day of birth.
    pub birth_date: Option<TimeDate>,
    /// Preferred language as a BCP 47 tag: nl, en-GB.
    pub language: Option<String>,
    /// Street and house number of the postal address.
    pub street: Option<String>,
    /// Town or city of the postal address.
    pub city: Option<String>,
    /// State, province or county of the postal address.
    pub region: Option<String>,
    /// Postal code of the postal address.
    pub postal_code: Option<String>,
    /// Country of the postal address.
    pub country: Option<String>,
    /// Anything else worth knowing.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Identifier of this record in another system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    /// Organization that the person mainly belongs to.
    pub organization_id: Option<Uuid>,
    /// Person that this person reports to.
    pub reports_to_id: Option<Uuid>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Organization that the person mainly belongs to.
    #[sea_orm(
        belongs_to = "super::organization::Entity",
        from = "Column::OrganizationId",
        to = "super::organization::Column::Id"
    )]
    Organization,
    /// Person that this person reports to.
    #[sea_orm(belongs_to = "Entity", from = "Column::ReportsToId", to = "Column::Id")]
    ReportsTo,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the catalog says about the type.
#[rustfmt::skip] // one row a field
pub const DESCRIPTION: ObjectDescription = ObjectDescription {
    name: "person",
    plural: "people",
    label: "Person",
    plural_label: "People",
    description: "A human being that you deal with: a contact, a buyer, a driver",
    title: "last_name",
    display_template: Some("{firstName} {lastName}"),
    fields: &[
        field::text("first_name", "firstName", "First name", "Given name", 100),
        field::text("last_name", "lastName", "Last name", "Family name", 100),
        field::text("salutation", "salutation", "Salutation", "How to address the person: Ms, Mr, Dr.", 50),
        field::text("job_title", "jobTitle", "Job title", "Position in the main organization", 100),
        field::text("department", "department", "Department", "Department in the main organization", 100),
        field::email("email", "email", "Email", "Business email address"),
        field::phone("phone", "phone", "Phone", "Business telephone number"),
        field::phone("mobile", "mobile", "Mobile", "Mobile telephone number"),
        field::date("birth_date", "birthDate", "Birth date", "Day of birth"),
        field::text("language", "language", "Language", "Preferred language as a BCP 47 tag: nl, en-GB", 35),
        field::text("street", "street", "Street", "Street and house number of the postal address", 200),
        field::text("city", "city", "City", "Town or city of the postal address", 100),
        field::text("region", "region", "Region", "State, province or county of the postal address", 100),
        field::text("postal_code", "postalCode", "Postal code", "Postal code of the postal address", 20),
        field::text("country", "country", "Country", "Country of the postal address", 100),
        field::long_text("description", "description", "Description", "Anything else worth knowing"),
        field::text("external_id", "externalId", "External ID", "Identifier of this record in another system", 100),
        field::reference("organization_id", "organization", "Organization", "Organization that the person mainly belongs to", ["organization", "people", "People"]),
        field::below("reports_to_id", "reportsTo", "Reports to", "Person that this person reports to", ["person", "directReports", "Direct reports"]),
    ],
};
