//! What is asked: the same data of both servers, each in its own words.

use serde_json::json;
use uuid::Uuid;

use crate::{fill::KEY_ACCOUNTS, http};

/// The constant that the hand-written server compares a token with.
pub(crate) const BASELINE_TOKEN: &str = "constant-token-of-the-hand-written-server";

/// The fields of a list, in Relata's names.
const LIST_FIELDS: &str = "id,name,externalId,kinds,status,industry,website,email,phone,annualRevenue,\
employeeCount,street,city,country,createdAt";

const TREE: &str = "query Tree($from: String!) {
  organizations(first: 20, filter: {externalId: {gte: $from}}, sort: [{externalId: ASC}]) {
    nodes {
      id name status industry city country employeeCount
      people(first: 10) {
        nodes {
          id firstName lastName jobTitle email phone
          interactions(first: 5) { nodes { id kind subject direction startedAt } }
        }
      }
    }
  }
}";

/// One of the things that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// One record by its id, with all its fields.
    Get,
    /// Fifty records with 15 fields, filtered and sorted.
    List,
    /// Twenty organizations with 10 people each with 5 interactions each.
    Tree,
    /// A new record, with its event in the same transaction.
    Create,
}

/// One of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Relata.
    Relata,
    /// The hand-written server.
    Baseline,
}

impl Side {
    /// Both, in the order of the processes.
    pub(crate) const ALL: [Self; 2] = [Self::Relata, Self::Baseline];
}

impl Workload {
    /// All of them; writes come last, for they change what the others read.
    pub(crate) const ALL: &[Self] = &[Self::Get, Self::List, Self::Tree, Self::Create];

    /// Its name in arguments.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Tree => "tree",
            Self::Create => "create",
        }
    }

    /// What a reader of the table sees.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Get => "get by id, all fields (REST)",
            Self::List => "list of 50 × 15 fields (REST)",
            Self::Tree => "tree 20 × 10 × 5 (GraphQL)",
            Self::Create => "create (REST)",
        }
    }

    /// The requests to one server. They stand in the same order for both.
    pub(crate) fn requests(self, side: Side, ids: &[Uuid], token: &str) -> Vec<Vec<u8>> {
        match self {
            Self::Get => ids.iter().map(|id| get(side, *id, token)).collect(),
            Self::List => (0..500).map(|at| list(side, at, token)).collect(),
            Self::Tree => (0..2_000).map(|at| tree(side, at, token)).collect(),
            Self::Create => (0..500).map(|at| create(side, at, token)).collect(),
        }
    }
}

fn get(side: Side, id: Uuid, token: &str) -> Vec<u8> {
    match side {
        Side::Relata => http::get(&format!("/v1/data/organizations/{id}"), token),
        Side::Baseline => http::get(&format!("/organizations/{id}"), BASELINE_TOKEN),
    }
}

fn list(side: Side, at: u32, token: &str) -> Vec<u8> {
    let status = if at.is_multiple_of(4) {
        "inactive"
    } else {
        "active"
    };
    let employees = at % 10 * 100;
    let (month, day) = (1 + at % 12, 1 + at % 28);
    let before = format!("2024-{month:02}-{day:02}T00:00:00Z");
    match side {
        Side::Relata => {
            let path = format!(
                "/v1/data/organizations?status%5Beq%5D={status}&employeeCount%5Bgte%5D={employees}\
                 &createdAt%5Blt%5D={before}&sort=-createdAt&limit=50&fields={LIST_FIELDS}"
            );
            http::get(&path, token)
        }
        Side::Baseline => {
            let path = format!(
                "/organizations?status={status}&min_employees={employees}&before={before}&limit=50"
            );
            http::get(&path, BASELINE_TOKEN)
        }
    }
}

fn tree(side: Side, at: u32, token: &str) -> Vec<u8> {
    let from = format!("K-{:06}", 1 + at * 4 % (KEY_ACCOUNTS - 100));
    match side {
        Side::Relata => {
            let body = json!({ "query": TREE, "variables": { "from": from } }).to_string();
            http::post("/graphql", Some(token), &body)
        }
        Side::Baseline => http::get(&format!("/tree?from={from}"), BASELINE_TOKEN),
    }
}

fn create(side: Side, at: u32, token: &str) -> Vec<u8> {
    let body = json!({
        "name": format!("New organization {at}"),
        "kinds": ["prospect"],
        "status": "active",
        "industry": "logistics",
        "email": format!("info{at}@example.com"),
        "annualRevenue": { "amount": "1250000.5000", "currency": "EUR" },
        "employeeCount": at,
        "street": "Damrak 1",
        "city": "Amsterdam",
        "country": "Netherlands",
    })
    .to_string();
    match side {
        Side::Relata => http::post("/v1/data/organizations", Some(token), &body),
        Side::Baseline => http::post("/organizations", Some(BASELINE_TOKEN), &body),
    }
}
