//! What can be set: the role of this process, and for a look at one thing at a time which workloads
//! run and for how long.

use std::{env, time::Duration};

use crate::{Result, workload::Workload};

/// The database that is made on the server and used again when it is there.
const DATABASE: &str = "relata_bench";

/// What this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Fill, start the others, measure.
    Bench,
    /// Serve with Relata.
    Relata,
    /// Serve with the hand-written server.
    Baseline,
}

/// The settings.
#[derive(Debug)]
pub(crate) struct Options {
    /// What this process does.
    pub(crate) role: Role,
    /// The server's own database, from which the one of the benchmark is made.
    pub(crate) maintenance_url: String,
    /// How long a round is.
    pub(crate) round: Duration,
    /// How many rounds each server has.
    pub(crate) rounds: usize,
    only: Vec<String>,
}

impl Options {
    /// Reads the arguments: `[relata|baseline] [--rounds n] [--seconds n] [--only workload]…`
    #[expect(
        clippy::disallowed_methods,
        reason = "there is no configuration but this"
    )]
    pub(crate) fn read() -> Result<Self> {
        let maintenance_url = env::var("TEST_POSTGRES_URL")
            .map_err(|_| "TEST_POSTGRES_URL is missing; run `make bench`")?;
        let mut options = Self {
            role: Role::Bench,
            maintenance_url,
            round: Duration::from_secs(3),
            rounds: 4,
            only: Vec::new(),
        };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "relata" => options.role = Role::Relata,
                "baseline" => options.role = Role::Baseline,
                "--seconds" => options.round = Duration::from_secs(value()?.parse()?),
                "--rounds" => options.rounds = value()?.parse()?,
                "--only" => options.only.push(value()?),
                _ => return Err(format!("{argument} is unknown").into()),
            }
        }
        Ok(options)
    }

    /// The URL of the database of the benchmark.
    pub(crate) fn database_url(&self) -> Result<String> {
        let mut url = url::Url::parse(&self.maintenance_url)?;
        url.set_path(DATABASE);
        Ok(url.into())
    }

    /// Whether a workload is to be run.
    pub(crate) fn is_wanted(&self, workload: Workload) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == workload.name())
    }
}

impl Role {
    /// The argument that gives a process this role.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Bench => "bench",
            Self::Relata => "relata",
            Self::Baseline => "baseline",
        }
    }
}
