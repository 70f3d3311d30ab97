//! The statements of the hand-written server. sqlx prepares each once a connection.

use std::collections::HashMap;

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rows::{
    ListedOrganization, NewOrganization, Organization, TreeInteraction, TreeOrganization,
    TreePerson,
};

const ORGANIZATION: &str = "
    SELECT id, version, created_at, created_by, updated_at, updated_by, owner_id, name, external_id, kinds, status,
        industry, website, email, phone, fax, annual_revenue, annual_revenue_currency, employee_count, vat_number,
        street, city, region, postal_code, country, description
    FROM organizations WHERE id = $1 AND deleted_at IS NULL";

const ORGANIZATIONS: &str = "
    SELECT id, name, external_id, kinds, status, industry, website, email, phone, annual_revenue,
        annual_revenue_currency, employee_count, street, city, country, created_at
    FROM organizations
    WHERE deleted_at IS NULL AND status = $1 AND employee_count >= $2 AND created_at < $3
    ORDER BY created_at DESC, id DESC LIMIT $4";

const TREE_ORGANIZATIONS: &str = "
    SELECT id, name, status, industry, city, country, employee_count
    FROM organizations WHERE deleted_at IS NULL AND external_id >= $1
    ORDER BY external_id, id LIMIT 20";

const TREE_PEOPLE: &str = "
    SELECT parent.id, person.*
    FROM unnest($1::uuid[]) AS parent(id), LATERAL (
        SELECT id, first_name, last_name, job_title, email, phone
        FROM people WHERE organization_id = parent.id AND deleted_at IS NULL ORDER BY id LIMIT 10) AS person";

const TREE_INTERACTIONS: &str = "
    SELECT parent.id, interaction.*
    FROM unnest($1::uuid[]) AS parent(id), LATERAL (
        SELECT id, kind, subject, direction, started_at
        FROM interactions WHERE person_id = parent.id AND deleted_at IS NULL ORDER BY id LIMIT 5) AS interaction";

/// The record and its event in one statement, and so in one transaction.
const CREATE: &str = "
    WITH created AS (
        INSERT INTO organizations (id, version, created_at, updated_at, name, kinds, status, industry, email,
            annual_revenue, annual_revenue_currency, employee_count, street, city, country)
        VALUES ($1, 1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        RETURNING id, version, created_at, created_by, updated_at, updated_by, owner_id, name, external_id, kinds,
            status, industry, website, email, phone, fax, annual_revenue, annual_revenue_currency, employee_count,
            vat_number, street, city, region, postal_code, country, description
    ), event AS (
        INSERT INTO events (at, object_id, record_id, operation, version, actor_kind, transaction_id, changes)
        SELECT created_at, id, id, 'create', 1, 'user', id, to_jsonb(created) FROM created
    )
    SELECT * FROM created";

/// One organization.
pub(super) async fn organization(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<Organization>> {
    sqlx::query_as(ORGANIZATION)
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The newest organizations of a status and a size that were made before an instant.
pub(super) async fn organizations(
    pool: &PgPool,
    status: &str,
    (employees, before): (i64, OffsetDateTime),
    limit: i64,
) -> sqlx::Result<Vec<ListedOrganization>> {
    sqlx::query_as(ORGANIZATIONS)
        .bind(status)
        .bind(employees)
        .bind(before)
        .bind(limit)
        .fetch_all(pool)
        .await
}

/// Twenty organizations from an external id on, with people and their interactions.
pub(super) async fn tree(pool: &PgPool, from: &str) -> sqlx::Result<Vec<TreeOrganization>> {
    let mut organizations: Vec<TreeOrganization> = sqlx::query_as(TREE_ORGANIZATIONS)
        .bind(from)
        .fetch_all(pool)
        .await?;
    let ids: Vec<Uuid> = organizations.iter().map(|row| row.id).collect();
    let mut people: Vec<TreePerson> = sqlx::query_as(TREE_PEOPLE)
        .bind(&ids)
        .fetch_all(pool)
        .await?;
    let person_ids: Vec<Uuid> = people.iter().map(|row| row.id).collect();
    let interactions: Vec<TreeInteraction> = sqlx::query_as(TREE_INTERACTIONS)
        .bind(&person_ids)
        .fetch_all(pool)
        .await?;
    let places = place_by_id(&person_ids);
    for interaction in interactions {
        if let Some(place) = places.get(&interaction.person) {
            people[*place].interactions.nodes.push(interaction);
        }
    }
    let places = place_by_id(&ids);
    for person in people {
        if let Some(place) = places.get(&person.organization) {
            organizations[*place].people.nodes.push(person);
        }
    }
    Ok(organizations)
}

fn place_by_id(ids: &[Uuid]) -> HashMap<Uuid, usize> {
    ids.iter().enumerate().map(|(at, id)| (*id, at)).collect()
}

/// Inserts an organization with its event.
pub(super) async fn create(pool: &PgPool, new: &NewOrganization) -> sqlx::Result<Organization> {
    let (amount, currency) = new
        .annual_revenue
        .as_ref()
        .map(|money| (money.amount, money.currency.as_str()))
        .unzip();
    sqlx::query_as(CREATE)
        .bind(Uuid::now_v7())
        .bind(OffsetDateTime::now_utc())
        .bind(&new.name)
        .bind(new.kinds.as_ref().map(sqlx::types::Json))
        .bind(&new.status)
        .bind(&new.industry)
        .bind(&new.email)
        .bind(amount)
        .bind(currency)
        .bind(new.employee_count)
        .bind(&new.street)
        .bind(&new.city)
        .bind(&new.country)
        .fetch_one(pool)
        .await
}
