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

/// One part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Relata beside a hand-written server.
    Compare,
    /// Many object types.
    Types,
    /// An object type of many fields.
    Fields,
    /// Lists under rules.
    Access,
    /// Changes of the schema while clients read and write.
    Change,
}

impl Part {
    /// All parts by their names.
    const ALL: &[(Self, &str)] = &[
        (Self::Compare, "compare"),
        (Self::Types, "types"),
        (Self::Fields, "fields"),
        (Self::Access, "access"),
        (Self::Change, "change"),
    ];
}

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file.
    Sqlite,
    /// A database of the server.
    Postgres,
}

impl Kind {
    /// Both by their names.
    pub(crate) const ALL: &[(Self, &str)] =
        &[(Self::Sqlite, "sqlite"), (Self::Postgres, "postgres")];
}

/// The settings.
#[derive(Debug)]
pub(crate) struct Options {
    /// What this process does.
    pub(crate) role: Role,
    /// PostgreSQL's own database, from which those of the benchmark are made.
    maintenance_url: Option<String>,
    /// The database that the process serves, where it is not that of the comparison.
    url: Option<String>,
    /// The databases of the parts that run on either.
    pub(crate) kinds: Vec<Kind>,
    parts: Vec<Part>,
    /// How long a round is.
    pub(crate) round: Duration,
    /// How many rounds each server has.
    pub(crate) rounds: usize,
    only: Vec<String>,
}

impl Options {
    /// Reads the arguments: `[--part compare|types|fields|access|change]… [--database sqlite|postgres]…
    /// [--rounds n] [--seconds n] [--only workload]…`; `relata`, `baseline` and `--url` are for the
    /// processes that the benchmark starts.
    #[expect(
        clippy::disallowed_methods,
        reason = "there is no configuration but this"
    )]
    pub(crate) fn read() -> Result<Self> {
        let mut options = Self {
            role: Role::Bench,
            maintenance_url: env::var("TEST_POSTGRES_URL").ok(),
            url: None,
            kinds: Vec::new(),
            parts: Vec::new(),
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
                "--url" => options.url = Some(value()?),
                "--part" => options.parts.push(named(Part::ALL, &value()?)?),
                "--database" => options.kinds.push(named(Kind::ALL, &value()?)?),
                _ => return Err(format!("{argument} is unknown").into()),
            }
        }
        if options.kinds.is_empty() {
            options.kinds = Kind::ALL.iter().map(|(kind, _)| *kind).collect();
        }
        Ok(options)
    }

    /// PostgreSQL's own database.
    pub(crate) fn maintenance_url(&self) -> Result<&str> {
        let url = self.maintenance_url.as_deref();
        Ok(url.ok_or("TEST_POSTGRES_URL is missing; run `make bench`")?)
    }

    /// Whether a part is to be run.
    pub(crate) fn has_part(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }

    /// A database of this name on the PostgreSQL server.
    pub(crate) fn postgres_url(&self, database: &str) -> Result<String> {
        let mut url = url::Url::parse(self.maintenance_url()?)?;
        url.set_path(database);
        Ok(url.into())
    }

    /// The URL of the database that is served.
    pub(crate) fn database_url(&self) -> Result<String> {
        match &self.url {
            Some(url) => Ok(url.clone()),
            None => self.postgres_url(DATABASE),
        }
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

fn named<T: Copy>(all: &[(T, &str)], name: &str) -> Result<T> {
    let found = all.iter().find(|(_, known)| *known == name);
    let known: Vec<&str> = all.iter().map(|(_, name)| *name).collect();
    let found = found.ok_or_else(|| format!("{name} is none of {}", known.join(", ")))?;
    Ok(found.0)
}
