//! Reads: from requests to plans, from plans to statements level by level, from rows to JSON bytes.

mod fetch;
mod noted;
mod write_json;

use std::sync::Arc;

use crate::{
    access::{Caller, Checker, Surface},
    engine::{Engine, state::State},
    error::{Error, Result},
    plan::read::{Planner, ReadPlan},
    request::ReadRequest,
    store::Connection,
};

pub(in crate::engine) use fetch::Reader;

/// The answer to one read.
#[derive(Debug)]
pub struct ReadAnswer {
    /// The JSON text, in the shape that was asked for.
    pub body: Vec<u8>,
    /// The version of the record, for reads of one record by callers who may read it.
    pub version: Option<i64>,
    /// How many SQL statements it took.
    pub statements: u32,
}

/// What one request is answered by, from its compilation to its rows.
#[derive(Debug, Clone)]
pub struct Snapshot {
    state: State,
    surface: Arc<Surface>,
}

impl Snapshot {
    /// What the caller may name.
    pub fn surface(&self) -> &Arc<Surface> {
        &self.surface
    }
}

impl Engine {
    /// Answers reads, each by itself, in their order. All are planned before the first one runs, so
    /// that a request with a fault costs no statement.
    pub async fn read(
        &self,
        caller: &Caller,
        requests: &[ReadRequest],
    ) -> Result<Vec<Result<ReadAnswer>>> {
        self.read_in(&self.state(), caller, requests).await
    }

    /// Answers one read that depends on what the caller may name, such as "all fields". The surface is
    /// that of the catalog which answers, so that no change of the schema comes between.
    pub async fn read_shaped(
        &self,
        caller: &Caller,
        build: impl FnOnce(&Surface) -> ReadRequest,
    ) -> Result<ReadAnswer> {
        let state = self.state();
        let request = build(&self.surfaces.surface(&state, caller));
        let mut answers = self.read_in(&state, caller, &[request]).await?;
        answers.pop().unwrap_or(Err(Error::Busy))
    }

    /// Catalog, policy and surface of this moment: a face that compiles requests by a surface has them
    /// answered by what the surface was made of.
    pub fn snapshot(&self, caller: &Caller) -> Snapshot {
        let state = self.state();
        let surface = self.surfaces.surface(&state, caller);
        Snapshot { state, surface }
    }

    /// [`Engine::read`] by a snapshot.
    pub async fn read_in_snapshot(
        &self,
        snapshot: &Snapshot,
        caller: &Caller,
        requests: &[ReadRequest],
    ) -> Result<Vec<Result<ReadAnswer>>> {
        self.read_in(&snapshot.state, caller, requests).await
    }

    async fn read_in(
        &self,
        state: &State,
        caller: &Caller,
        requests: &[ReadRequest],
    ) -> Result<Vec<Result<ReadAnswer>>> {
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        let plans: Vec<Result<ReadPlan>> = requests
            .iter()
            .map(|request| plan(&checker, &self.cursor_key, request))
            .collect();
        let mut answers = Vec::with_capacity(plans.len());
        for (plan, request) in plans.into_iter().zip(requests) {
            let connection = Connection::Pool(self.store.reader());
            let answer = match plan {
                Ok(plan) => self.answer(&checker, connection, (&plan, request)).await,
                Err(error) => Err(error),
            };
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Runs a plan and writes its answer.
    pub(in crate::engine) async fn answer(
        &self,
        checker: &Checker<'_>,
        connection: Connection<'_>,
        (plan, request): (&ReadPlan, &ReadRequest),
    ) -> Result<ReadAnswer> {
        let mut reader = Reader::new(checker, self.store.dialect(), connection);
        let data = reader.run(plan).await?;
        let statements = reader.statements();
        let mut body = Vec::with_capacity(4 * 1024);
        let found = write_json::write(plan, &data, &self.cursor_key, &mut body)?;
        self.note_reads(checker.caller(), checker.catalog(), (plan, &data));
        match found {
            write_json::Found::Nothing => Err(missing(request)),
            write_json::Found::List => Ok(ReadAnswer {
                body,
                version: None,
                statements,
            }),
            write_json::Found::Record { version } => Ok(ReadAnswer {
                body,
                version,
                statements,
            }),
        }
    }
}

fn plan(checker: &Checker<'_>, cursor_key: &[u8], request: &ReadRequest) -> Result<ReadPlan> {
    let planner = Planner::new(checker, cursor_key);
    match request {
        ReadRequest::List(list) => planner.plan_list(list),
        ReadRequest::Record(record) => planner.plan_record(record),
    }
}

fn missing(request: &ReadRequest) -> Error {
    match request {
        ReadRequest::Record(record) => crate::plan::read::not_found(&record.object, &record.id),
        ReadRequest::List(list) => {
            let id = list.of.as_ref().map_or("", |(id, _)| id.as_str());
            crate::plan::read::not_found(&list.object, id)
        }
    }
}
