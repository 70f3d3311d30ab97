//! The data: 100,000 organizations, 300,000 people and 1,000,000 interactions in Relata's own tables,
//! made by PostgreSQL itself and the same each time.
//!
//! One organization in ten is a key account with 12 people of 6 interactions each, so that a tree of
//! 20 × 10 × 5 is full; the others have 2 people with 1 or 2 interactions.

use std::time::Instant;

use sqlx::{Connection as _, Executor as _, PgConnection, PgPool, postgres::PgPoolOptions};

use crate::{Result, options::Options, report};

/// Key accounts; their external ids run from K-000001 on.
pub(crate) const KEY_ACCOUNTS: u32 = 10_000;

const IS_THERE: &str = "SELECT count(*) FROM pg_database WHERE datname = 'relata_bench'";
const IS_FILLED: &str = "SELECT to_regclass('bench_filled') IS NOT NULL";
const CREATE_DATABASE: &str = "CREATE DATABASE relata_bench";
const DROP_DATABASE: &str = "DROP DATABASE relata_bench";
const MARK_FILLED: &str = "CREATE TABLE bench_filled ()";

/// Functions of this session: ids in the form of a `UUIDv7` that can be computed from a number, and a
/// pick from a list.
const FUNCTIONS: &[&str] = &[
    "CREATE FUNCTION pg_temp.id_of(base bigint, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex(base + number), 12, '0') || '7' || substr(md5(number::text), 1, 3)
            || '8' || substr(md5(number::text), 4, 15))::uuid $$",
    "CREATE FUNCTION pg_temp.pick(number bigint, list text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT list[1 + (number * 7919 / 13) % array_length(list, 1)] $$",
];

const ORGANIZATION_ROWS: &str = "
    INSERT INTO organizations (id, version, created_at, updated_at, name, external_id, kinds, status, industry,
        website, email, phone, annual_revenue, annual_revenue_currency, employee_count, vat_number,
        street, city, region, postal_code, country, description)
    SELECT pg_temp.id_of(1700000000000, n), 1, at, at,
        pg_temp.pick(n, '{Acme,Northern,United,Blue Sea,Falcon,Meridian,Old Harbour,Silver Birch}') || ' '
            || pg_temp.pick(n / 8, '{Trading,Foods,Logistics,Instruments,Textiles,Energy,Media}') || ' ' || n,
        CASE WHEN n % 10 = 0 THEN 'K-' ELSE 'C-' END || lpad((CASE WHEN n % 10 = 0 THEN n / 10 ELSE n END)::text, 6, '0'),
        CASE n % 4 WHEN 0 THEN '[\"customer\"]' WHEN 1 THEN '[\"customer\", \"supplier\"]' WHEN 2 THEN '[\"prospect\"]' END::jsonb,
        CASE WHEN n % 5 = 0 THEN 'inactive' ELSE 'active' END,
        pg_temp.pick(n, '{automotive,construction,finance,food,healthcare,logistics,manufacturing,retail,technology}'),
        'https://www.example-' || n || '.com', 'office@example-' || n || '.com', '+3120' || lpad(n::text, 7, '0'),
        (n % 9000) * 1111.1100, 'EUR', (n * 37) % 2000, 'NL' || lpad(n::text, 9, '0') || 'B01',
        'Keizersgracht ' || n % 900, pg_temp.pick(n, '{Amsterdam,Rotterdam,Utrecht,Antwerp,Köln,München,Lyon}'),
        NULL, lpad((n % 9999)::text, 4, '0') || ' AB', pg_temp.pick(n, '{Netherlands,Belgium,Germany,France}'),
        CASE WHEN n % 2 = 0 THEN 'Known from the fair; wants quotations in writing, deliveries on weekdays before noon, \
and one invoice a month. Ask for the purchasing department.' END
    FROM generate_series(1, 100000) AS n,
        LATERAL (SELECT timestamptz '2023-11-14 22:13:20Z' + n * interval '100 seconds' AS at) AS instant";

const PEOPLE_ROWS: &str = "
    INSERT INTO people (id, version, created_at, updated_at, first_name, last_name, salutation, job_title, department,
        email, phone, mobile, birth_date, language, city, country, organization_id)
    SELECT pg_temp.id_of(1710000000000, n), 1, at, at,
        pg_temp.pick(n, '{Anna,Bram,Chiara,Dirk,Elif,Femke,Gérard,Hannah,Ivo,Joke,Karim,Lotte}'),
        pg_temp.pick(n / 12, '{Bakker,Jansen,de Vries,Müller,Dupont,Yilmaz,van den Berg,Peeters,Schmidt,Rossi}'),
        pg_temp.pick(n, '{Ms,Mr,Dr}'), pg_temp.pick(n, '{Buyer,Head of purchasing,Accountant,Driver,Director}'),
        pg_temp.pick(n, '{Purchasing,Finance,Logistics,Management}'), 'person' || n || '@example.com',
        '+3120' || lpad(n::text, 7, '0'), '+316' || lpad(n::text, 8, '0'), date '1960-01-01' + (n % 15000)::int,
        pg_temp.pick(n, '{nl,en,de,fr}'), pg_temp.pick(n, '{Amsterdam,Rotterdam,Utrecht,Antwerp}'), 'Netherlands',
        pg_temp.id_of(1700000000000, organization)
    FROM generate_series(1, 300000) AS n,
        LATERAL (SELECT timestamptz '2024-03-09 16:00:00Z' + n * interval '60 seconds' AS at) AS instant,
        LATERAL (SELECT CASE WHEN n <= 120000 THEN ((n - 1) % 10000 + 1) * 10
            ELSE (n - 120001) % 90000 / 9 * 10 + (n - 120001) % 9 + 1 END AS organization) AS place";

const INTERACTION_ROWS: &str = "
    INSERT INTO interactions (id, version, created_at, updated_at, kind, subject, body, direction, status,
        started_at, ended_at, organization_id, person_id)
    SELECT pg_temp.id_of(1720000000000, n), 1, at, at, pg_temp.pick(n, '{call,email,meeting,visit,message}'),
        pg_temp.pick(n, '{Offer,Complaint,Delivery,Price list,Introduction}') || ' ' || n,
        'Spoke about the open quotation and the dates of delivery. They ask for a sample of the new series and for ' ||
        'the conditions of the yearly contract; call back within two weeks. Reference ' || n || '.',
        pg_temp.pick(n, '{inbound,outbound}'), 'done', at, at + interval '20 minutes',
        CASE WHEN person <= 120000 THEN pg_temp.id_of(1700000000000, ((person - 1) % 10000 + 1) * 10)
            ELSE pg_temp.id_of(1700000000000, (person - 120001) % 90000 / 9 * 10 + (person - 120001) % 9 + 1) END,
        pg_temp.id_of(1710000000000, person)
    FROM generate_series(1, 1000000) AS n,
        LATERAL (SELECT timestamptz '2024-07-03 09:46:40Z' + n * interval '60 seconds' AS at) AS instant,
        LATERAL (SELECT CASE WHEN n <= 720000 THEN (n - 1) % 120000 + 1
            ELSE (n - 720001) % 180000 + 120001 END AS person) AS place";

/// The one index that the migrations do not make: the list filters by status and sorts by creation.
const LIST_INDEX: &str = "
    CREATE INDEX bench_organizations_status_idx ON organizations (status, created_at, id) WHERE deleted_at IS NULL";

/// Makes and fills the database, unless it is there from an earlier run.
pub(crate) async fn prepare(options: &Options) -> Result<PgPool> {
    let mut server = PgConnection::connect(options.maintenance_url()?).await?;
    let url = options.database_url()?;
    let there: i64 = sqlx::query_scalar(IS_THERE).fetch_one(&mut server).await?;
    if there > 0 && !is_filled(&url).await? {
        server.execute(DROP_DATABASE).await?;
        server.execute(CREATE_DATABASE).await?;
    } else if there == 0 {
        server.execute(CREATE_DATABASE).await?;
    }
    server.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect(&url)
        .await?;
    if !is_filled(&url).await? {
        let started = Instant::now();
        api::migrate(&url).await?;
        fill(&pool).await?;
        report::say(&format!("filled in {:.0?}", started.elapsed()));
    }
    Ok(pool)
}

async fn is_filled(url: &str) -> Result<bool> {
    let mut connection = PgConnection::connect(url).await?;
    let filled = sqlx::query_scalar(IS_FILLED)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(filled)
}

async fn fill(pool: &PgPool) -> Result<()> {
    let mut session = pool.acquire().await?;
    // The rows fit each other by construction; checking every foreign key would take longer than the rest.
    session
        .execute("SET session_replication_role = replica")
        .await?;
    for function in FUNCTIONS {
        session.execute(*function).await?;
    }
    for rows in [ORGANIZATION_ROWS, PEOPLE_ROWS, INTERACTION_ROWS] {
        session.execute(rows).await?;
    }
    session
        .execute("SET session_replication_role = DEFAULT")
        .await?;
    session.execute(LIST_INDEX).await?;
    // Without it the first readers would write hint bits and the visibility map.
    for table in [
        "VACUUM ANALYZE organizations",
        "VACUUM ANALYZE people",
        "VACUUM ANALYZE interactions",
        "CHECKPOINT",
        MARK_FILLED,
    ] {
        session.execute(table).await?;
    }
    Ok(())
}

/// Ids of organizations in no order.
pub(crate) async fn organization_ids(pool: &PgPool) -> Result<Vec<uuid::Uuid>> {
    let ids = sqlx::query_scalar("SELECT id FROM organizations ORDER BY md5(id::text) LIMIT 10000")
        .fetch_all(pool)
        .await?;
    Ok(ids)
}
