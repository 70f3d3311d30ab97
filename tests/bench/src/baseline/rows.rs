//! The rows and answers of the hand-written server: one struct for each, in the JSON form that Relata
//! gives the same data.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// An amount with its currency.
#[derive(Serialize, Deserialize)]
pub(super) struct Money {
    #[serde(serialize_with = "as_text", deserialize_with = "decimal")]
    pub(super) amount: Decimal,
    pub(super) currency: String,
}

/// An organization with all its fields.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    id: Uuid,
    version: i64,
    #[serde(serialize_with = "instant")]
    created_at: OffsetDateTime,
    created_by: Option<Uuid>,
    #[serde(serialize_with = "instant")]
    updated_at: OffsetDateTime,
    updated_by: Option<Uuid>,
    owner_id: Option<Uuid>,
    name: String,
    external_id: Option<String>,
    kinds: Option<Json<Vec<String>>>,
    status: Option<String>,
    industry: Option<String>,
    website: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    fax: Option<String>,
    annual_revenue: Option<Money>,
    employee_count: Option<i64>,
    vat_number: Option<String>,
    street: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    description: Option<String>,
}

impl FromRow<'_, PgRow> for Organization {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            version: row.try_get(1)?,
            created_at: row.try_get(2)?,
            created_by: row.try_get(3)?,
            updated_at: row.try_get(4)?,
            updated_by: row.try_get(5)?,
            owner_id: row.try_get(6)?,
            name: row.try_get(7)?,
            external_id: row.try_get(8)?,
            kinds: row.try_get(9)?,
            status: row.try_get(10)?,
            industry: row.try_get(11)?,
            website: row.try_get(12)?,
            email: row.try_get(13)?,
            phone: row.try_get(14)?,
            fax: row.try_get(15)?,
            annual_revenue: money(row, 16)?,
            employee_count: row.try_get(18)?,
            vat_number: row.try_get(19)?,
            street: row.try_get(20)?,
            city: row.try_get(21)?,
            region: row.try_get(22)?,
            postal_code: row.try_get(23)?,
            country: row.try_get(24)?,
            description: row.try_get(25)?,
        })
    }
}

/// An organization in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedOrganization {
    id: Uuid,
    name: String,
    external_id: Option<String>,
    kinds: Option<Json<Vec<String>>>,
    status: Option<String>,
    industry: Option<String>,
    website: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    annual_revenue: Option<Money>,
    employee_count: Option<i64>,
    street: Option<String>,
    city: Option<String>,
    country: Option<String>,
    #[serde(serialize_with = "instant")]
    created_at: OffsetDateTime,
}

impl FromRow<'_, PgRow> for ListedOrganization {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            external_id: row.try_get(2)?,
            kinds: row.try_get(3)?,
            status: row.try_get(4)?,
            industry: row.try_get(5)?,
            website: row.try_get(6)?,
            email: row.try_get(7)?,
            phone: row.try_get(8)?,
            annual_revenue: money(row, 9)?,
            employee_count: row.try_get(11)?,
            street: row.try_get(12)?,
            city: row.try_get(13)?,
            country: row.try_get(14)?,
            created_at: row.try_get(15)?,
        })
    }
}

/// A page of a list.
#[derive(Serialize)]
pub(super) struct List {
    pub(super) data: Vec<ListedOrganization>,
    pub(super) page: Page,
}

/// Where a page stands.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    pub(super) next: Option<String>,
    pub(super) previous: Option<String>,
    pub(super) has_next: bool,
    pub(super) has_previous: bool,
}

/// The place behind an organization of a list.
pub(super) fn cursor(last: &ListedOrganization) -> String {
    let micros = last.created_at.unix_timestamp_nanos() / 1_000;
    format!("{micros}.{}", last.id.simple())
}

/// The members of something.
#[derive(Serialize)]
pub(super) struct Nodes<T> {
    pub(super) nodes: Vec<T>,
}

/// The answer to the tree.
#[derive(Serialize)]
pub(super) struct TreeAnswer {
    pub(super) data: Tree,
}

/// The tree.
#[derive(Serialize)]
pub(super) struct Tree {
    pub(super) organizations: Nodes<TreeOrganization>,
}

/// An organization of the tree.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TreeOrganization {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) status: Option<String>,
    pub(super) industry: Option<String>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
    pub(super) employee_count: Option<i64>,
    pub(super) people: Nodes<TreePerson>,
}

impl FromRow<'_, PgRow> for TreeOrganization {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            status: row.try_get(2)?,
            industry: row.try_get(3)?,
            city: row.try_get(4)?,
            country: row.try_get(5)?,
            employee_count: row.try_get(6)?,
            people: Nodes {
                nodes: Vec::with_capacity(10),
            },
        })
    }
}

/// A person of the tree.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TreePerson {
    #[serde(skip)]
    pub(super) organization: Uuid,
    pub(super) id: Uuid,
    first_name: Option<String>,
    last_name: String,
    job_title: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    pub(super) interactions: Nodes<TreeInteraction>,
}

impl FromRow<'_, PgRow> for TreePerson {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            organization: row.try_get(0)?,
            id: row.try_get(1)?,
            first_name: row.try_get(2)?,
            last_name: row.try_get(3)?,
            job_title: row.try_get(4)?,
            email: row.try_get(5)?,
            phone: row.try_get(6)?,
            interactions: Nodes {
                nodes: Vec::with_capacity(5),
            },
        })
    }
}

/// An interaction of the tree.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TreeInteraction {
    #[serde(skip)]
    pub(super) person: Uuid,
    id: Uuid,
    kind: String,
    subject: String,
    direction: Option<String>,
    #[serde(serialize_with = "optional_instant")]
    started_at: Option<OffsetDateTime>,
}

impl FromRow<'_, PgRow> for TreeInteraction {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            person: row.try_get(0)?,
            id: row.try_get(1)?,
            kind: row.try_get(2)?,
            subject: row.try_get(3)?,
            direction: row.try_get(4)?,
            started_at: row.try_get(5)?,
        })
    }
}

/// What a client sends for a new organization.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewOrganization {
    pub(super) name: String,
    pub(super) kinds: Option<Vec<String>>,
    pub(super) status: Option<String>,
    pub(super) industry: Option<String>,
    pub(super) email: Option<String>,
    pub(super) annual_revenue: Option<Money>,
    pub(super) employee_count: Option<i64>,
    pub(super) street: Option<String>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
}

fn money(row: &PgRow, at: usize) -> sqlx::Result<Option<Money>> {
    let amount: Option<Decimal> = row.try_get(at)?;
    let currency: Option<String> = row.try_get(at + 1)?;
    Ok(amount
        .zip(currency)
        .map(|(amount, currency)| Money { amount, currency }))
}

fn as_text<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

fn decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn instant<S: Serializer>(instant: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    let (year, month, day) = instant.date().to_calendar_date();
    let (hour, minute, second, micro) = instant.time().as_hms_micro();
    digits(&mut text[0..4], year.unsigned_abs());
    digits(&mut text[5..7], u32::from(month as u8));
    digits(&mut text[8..10], u32::from(day));
    digits(&mut text[11..13], u32::from(hour));
    digits(&mut text[14..16], u32::from(minute));
    digits(&mut text[17..19], u32::from(second));
    digits(&mut text[20..26], micro);
    serializer.serialize_str(std::str::from_utf8(&text).map_err(serde::ser::Error::custom)?)
}

#[expect(clippy::ref_option, reason = "the form that serde calls")]
fn optional_instant<S: Serializer>(
    value: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => instant(value, serializer),
        None => serializer.serialize_none(),
    }
}

fn digits(into: &mut [u8], mut number: u32) {
    for digit in into.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}
