//! The same list for who sees all records and for who sees some of them, by a rule: 200,000 shipments.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value as Json, json};
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::{
    Result, http,
    options::{Kind, Options},
    report::say,
    scratch::{Scratch, Service, median, timed},
};

/// How many organizations, orders and shipments there are.
const ORGANIZATIONS: u32 = 500;
const ORDERS: u32 = 40_000;
const SHIPMENTS: u32 = 200_000;
/// How often each list is asked for.
const REQUESTS: usize = 300;

const LIST: &str =
    "/v1/data/shipments?limit=50&fields=number,status,requiredDate,trackingNumber,recipientCity";

/// The first number of the ids of a table.
const ORGANIZATION_IDS: u64 = 1_700_000_000_000;
const ORDER_IDS: u64 = 1_710_000_000_000;
const SHIPMENT_IDS: u64 = 1_720_000_000_000;
/// Who owns few shipments.
const OWNER_ID: u64 = 1_730_000_000_000;

/// The carriers of many shipments, one in 19 each, and that of 40.
const WIDE_CARRIER: u32 = 1;
const NARROW_CARRIER: u32 = 20;
/// The customer of one shipment in ten, and that of 40.
const WIDE_CUSTOMER: u32 = 50;
const NARROW_CUSTOMER: u32 = 60;

/// A key with a role of its own.
struct Reader {
    name: &'static str,
    /// The condition of its rule; none shows all.
    condition: Option<Json>,
    /// The organization that `$partner.id` stands for.
    partner: u32,
}

fn readers() -> Vec<Reader> {
    let reader = |name, partner, condition| Reader {
        name,
        condition,
        partner,
    };
    let carrier = || Some(json!({"carrier": {"eq": "$partner.id"}}));
    let customer = || Some(json!({"order": {"customer": {"eq": "$partner.id"}}}));
    let owner = json!({"ownerId": {"eq": uuid_of(OWNER_ID)}});
    let either = json!({"or": [{"carrier": {"eq": "$partner.id"}}, {"$shared": "read"}]});
    vec![
        reader("all, no rule", 1, None),
        reader("a carrier's 10,524", WIDE_CARRIER, carrier()),
        reader("a carrier's 40", NARROW_CARRIER, carrier()),
        reader(
            "a carrier's 40, and what is shared",
            NARROW_CARRIER,
            Some(either),
        ),
        reader("an owner's 40", 1, Some(owner)),
        reader(
            "one status, 100",
            1,
            Some(json!({"status": {"eq": "exception"}})),
        ),
        reader(
            "a customer's 20,000, by the order",
            WIDE_CUSTOMER,
            customer(),
        ),
        reader("a customer's 40, by the order", NARROW_CUSTOMER, customer()),
    ]
}

/// Measures all readers in turns, before and after the indexes that the engine advises are there.
pub(crate) async fn run(kind: Kind, options: &Options) -> Result<()> {
    let scratch = Scratch::new(kind, options).await?;
    let service = scratch.serve().await?;
    fill(kind, &scratch, &service).await?;
    let (mut tokens, mut partners) = (Vec::new(), BTreeMap::new());
    for (number, reader) in readers().iter().enumerate() {
        tokens.push(key(&service, (reader, number), &mut partners).await?);
    }
    let before = measure(&service, &tokens).await?;
    let built = build_advised(&service).await?;
    let after = measure(&service, &tokens).await?;
    say("");
    say(&format!(
        "{kind:?}: a list of 50 out of {SHIPMENTS} shipments; medians; advised: {built}"
    ));
    say("| who sees | ms before | ratio before | ms with the advised indexes | ratio |");
    say("| --- | ---: | ---: | ---: | ---: |");
    for (at, reader) in readers().iter().enumerate() {
        let (early, late) = (before[at], after[at]);
        say(&format!(
            "| {} | {early:.2} | {:.2} | {late:.2} | {:.2} |",
            reader.name,
            early / before[0],
            late / after[0]
        ));
    }
    drop(service);
    scratch.drop(options).await
}

/// The medians of the list for each key, asked in turns.
async fn measure(service: &Service, tokens: &[String]) -> Result<Vec<f64>> {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); tokens.len()];
    for _ in 0..REQUESTS {
        for (token, times) in tokens.iter().zip(&mut times) {
            let (answer, time) = timed(service.child.address, &http::get(LIST, token)).await?;
            let found = answer["data"].as_array().map_or(0, Vec::len);
            if found < 40 {
                return Err(format!("{found} shipments only: {answer}").into());
            }
            times.push(time);
        }
    }
    Ok(times.iter_mut().map(|times| median(times)).collect())
}

/// Builds what the engine advises and waits for it; the fields.
async fn build_advised(service: &Service) -> Result<String> {
    let advice = service.get("/v1/meta/indexes/advice").await?.0;
    let indexes = advice["indexes"].as_array().cloned().unwrap_or_default();
    let operations: Vec<Json> = indexes.iter().map(|it| it["operation"].clone()).collect();
    if !operations.is_empty() {
        service.change(&operations).await?;
    }
    for _ in 0..600 {
        let advice = service.get("/v1/meta/indexes/advice").await?.0;
        if advice["indexes"].as_array().is_some_and(Vec::is_empty) {
            let field = |it: &Json| format!("{}.{}", it["object"], it["field"]).replace('"', "");
            let fields: Vec<String> = operations.iter().map(field).collect();
            return Ok(fields.join(", "));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the advised indexes are not built after a minute".into())
}

/// A key with a role that reads shipments by the condition.
async fn key(
    service: &Service,
    (reader, number): (&Reader, usize),
    partners: &mut BTreeMap<String, Json>,
) -> Result<String> {
    let role = format!("reader{number}");
    let organization = uuid_of(ORGANIZATION_IDS + u64::from(reader.partner));
    service
        .send("POST", "/v1/meta/roles", &json!({"name": role}))
        .await?;
    let mut rule = json!({"object": "shipment", "action": "read", "fields": "*"});
    if let Some(condition) = &reader.condition {
        rule["where"] = condition.clone();
    }
    let path = format!("/v1/meta/roles/{role}/rules");
    service.send("POST", &path, &rule).await?;
    if !partners.contains_key(&organization) {
        let partner = json!({"organization": organization, "name": reader.name});
        let (partner, _) = service.send("POST", "/v1/meta/partners", &partner).await?;
        partners.insert(organization.clone(), partner["id"].clone());
    }
    let key = json!({"name": reader.name, "roles": [role], "partner": partners[&organization]});
    let (key, _) = service.send("POST", "/v1/meta/keys", &key).await?;
    let secret = key["secret"].as_str();
    Ok(secret.ok_or_else(|| format!("no key: {key}"))?.to_owned())
}

/// Makes the records by the database itself, after the first of each kind.
async fn fill(kind: Kind, scratch: &Scratch, service: &Service) -> Result<()> {
    for (plural, record) in [
        ("organizations", json!({"name": "First"})),
        ("orders", json!({"number": "First"})),
        ("shipments", json!({"number": "First"})),
    ] {
        service
            .send("POST", &format!("/v1/data/{plural}"), &record)
            .await?;
    }
    let statements = rows(kind);
    match kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(&scratch.url).await?;
            connection.execute("BEGIN").await?;
            for statement in statements {
                connection.execute(sqlx::AssertSqlSafe(statement)).await?;
            }
            connection.execute("COMMIT").await?;
            connection.close().await?;
        }
        Kind::Postgres => {
            let mut connection = PgConnection::connect(&scratch.url).await?;
            for statement in statements {
                connection.execute(sqlx::AssertSqlSafe(statement)).await?;
            }
            connection.execute("VACUUM ANALYZE").await?;
            connection.close().await?;
        }
    }
    Ok(())
}

fn rows(kind: Kind) -> Vec<String> {
    let id = |base, number| id_of(kind, base, number);
    let series = |last: u32| {
        format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {last})")
    };
    let first = |table| format!("(SELECT created_at AS at FROM {table} LIMIT 1) AS f");
    let carrier = format!("CASE WHEN n % 5000 = 0 THEN {NARROW_CARRIER} ELSE 1 + n % 19 END");
    let customer = format!(
        "CASE WHEN n % 10 = 0 THEN {WIDE_CUSTOMER} WHEN n % 5000 = 7 THEN {NARROW_CUSTOMER} ELSE 100 + n % 400 END"
    );
    vec![
        format!(
            "INSERT INTO organizations (id, version, created_at, updated_at, name) {} SELECT {}, 1, at, at, 'Organization ' || n FROM s, {}",
            series(ORGANIZATIONS),
            id(ORGANIZATION_IDS, "n"),
            first("organizations")
        ),
        format!(
            "INSERT INTO orders (id, version, created_at, updated_at, number, customer_id) {} SELECT {}, 1, at, at, 'O-' || n, {} FROM s, {}",
            series(ORDERS),
            id(ORDER_IDS, "n"),
            id(ORGANIZATION_IDS, &customer),
            first("orders")
        ),
        format!(
            "INSERT INTO shipments (id, version, created_at, updated_at, number, tracking_number, recipient_city, status, owner_id, carrier_id, order_id) \
             {} SELECT {}, 1, at, at, 'S-' || n, 'T' || n, 'Utrecht', CASE WHEN n % 2000 = 3 THEN 'exception' ELSE 'inTransit' END, \
             CASE WHEN n % 5000 = 1 THEN {} END, {}, {} FROM s, {}",
            series(SHIPMENTS),
            id(SHIPMENT_IDS, "n"),
            id(OWNER_ID, "0"),
            id(ORGANIZATION_IDS, &carrier),
            id(ORDER_IDS, &format!("n % {ORDERS} + 1")),
            first("shipments")
        ),
    ]
}

/// The expression of an id in the form of a `UUIDv7` that can be computed from a number.
fn id_of(kind: Kind, base: u64, number: &str) -> String {
    match kind {
        Kind::Sqlite => format!("unhex(printf('%012x70008000000000000000', {base} + ({number})))"),
        Kind::Postgres => {
            format!("(lpad(to_hex({base} + ({number})), 12, '0') || '70008000000000000000')::uuid")
        }
    }
}

/// The same id as text.
fn uuid_of(number: u64) -> String {
    let digits = format!("{number:012x}");
    format!("{}-{}-7000-8000-000000000000", &digits[..8], &digits[8..])
}
