//! The demo: Northwind, defined and written through the same engine as every caller's. It knows
//! nothing of tables; what it may do, an admin may do over HTTP.
//!
//! First a changeset defines what no standard type has, then records and links are written, then
//! roles, partners, their people and API keys are made. `api/assets/northwind/README.md` says what becomes of what.

mod access;
mod data;
mod loader;
mod parties;
mod trade;
mod values;

use schema::{Engine, access::Caller, change::Changeset};

use self::{data::Tables, loader::Loader};
use crate::{config::Secret, password::PasswordError};

/// What no standard type has.
const CHANGESET: &str = include_str!("../assets/northwind/changeset.json");
/// An object type that only the demo defines: where it is, the demo was begun.
const MARKER: &str = "territory";

/// How far the demo is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What is written.
    pub what: &'static str,
    /// How many are.
    pub done: usize,
    /// Of how many.
    pub of: usize,
}

/// An API key of the demo.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// Its role.
    pub role: String,
    /// The partner's name.
    pub organization: String,
    /// The whole text, to be sent as `Authorization: Bearer …`.
    pub secret: String,
}

/// Somebody of a partner of the demo, who signs in.
#[derive(Debug, Clone)]
pub struct IssuedUser {
    /// The role.
    pub role: String,
    /// The partner's name.
    pub organization: String,
    /// The sign-in name.
    pub email: String,
    /// The password, to be shown to a person, once.
    pub password: Secret,
}

/// The access that the demo gives to others.
#[derive(Debug, Clone, Default)]
pub struct Issued {
    /// Keys for the systems of partners.
    pub keys: Vec<IssuedKey>,
    /// People of partners.
    pub people: Vec<IssuedUser>,
}

/// What the demo found and did.
#[derive(Debug)]
pub enum Outcome {
    /// The data is in, and these keys and passwords work.
    Loaded(Issued),
    /// The data was in already; its keys and passwords were shown then.
    Present,
}

/// Why the demo can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// An earlier start was cut off.
    #[error(
        "the database has a part of the demo, whose loading was cut off; start with an empty database"
    )]
    Unfinished,
    /// The engine refuses or fails.
    #[error("{what}: {}", faults(source))]
    Engine {
        /// What was made.
        what: &'static str,
        /// Why not.
        #[source]
        source: schema::Error,
    },
    /// No password could be made.
    #[error("making a password failed")]
    Password(#[from] PasswordError),
    /// A file in the binary is no CSV.
    #[error("{file} can't be read")]
    Malformed {
        /// The file.
        file: &'static str,
        /// Why not.
        #[source]
        source: csv::Error,
    },
    /// A file in the binary is not the JSON that was expected.
    #[error("a definition can't be read")]
    Definition(#[from] serde_json::Error),
    /// A file in the binary lacks a column.
    #[error("{file} has no column {column}")]
    UnknownColumn {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A cell is empty that must not be.
    #[error("{file} has an empty cell in column {column}")]
    EmptyCell {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A row points at a row that is not there.
    #[error("no row has the key {0:?}")]
    UnknownKey(String),
}

impl DemoError {
    /// Says what was made when the engine refused.
    fn of(what: &'static str) -> impl Fn(schema::Error) -> Self {
        move |source| Self::Engine { what, source }
    }
}

/// The places and messages of a refused request.
fn faults(error: &schema::Error) -> String {
    let schema::Error::Invalid(faults) = error else {
        return "failed".to_owned();
    };
    let line = |fault: &schema::Fault| format!("{} {}", fault.place.text(), fault.message);
    faults.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// Puts Northwind into the engine's database, unless it is there already.
pub async fn load(
    engine: &Engine,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome, DemoError> {
    let caller = Caller::system("loading the demo", engine.clock().now());
    if engine.surface(&caller).find_name(MARKER).is_some() {
        // The keys come last, so they tell a whole demo from a part of one.
        let listing = schema::identity::Listing {
            limit: 1,
            after: None,
        };
        let keys = engine.list_keys(&caller, listing).await;
        let keys = keys.map_err(DemoError::of("keys"))?;
        if keys.items.is_empty() {
            return Err(DemoError::Unfinished);
        }
        return Ok(Outcome::Present);
    }
    let tables = Tables::parse()?;
    let changeset = Changeset::parse(serde_json::from_str(CHANGESET)?);
    let changeset = changeset.map_err(DemoError::of("types"))?;
    let applied = engine.apply(&caller, &changeset).await;
    applied.map_err(DemoError::of("types"))?;
    let mut loader = Loader::new(engine, &caller, report);
    let parties = parties::load(&mut loader, &tables).await?;
    trade::load(&mut loader, &tables, &parties).await?;
    let refreshed = engine.refresh_statistics(&caller).await;
    refreshed.map_err(DemoError::of("statistics"))?;
    let issued = access::load(engine, &caller, (&tables, &parties)).await?;
    Ok(Outcome::Loaded(issued))
}
