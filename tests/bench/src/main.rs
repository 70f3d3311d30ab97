//! `make bench`: Relata beside a server that an engineer would write by hand for the same tables.
//!
//! The program fills a PostgreSQL database, starts itself twice more as the two servers, asks both for
//! the same data, measures them in turns and prints a table. docs/performance.md says more.

mod access;
mod baseline;
mod change;
mod children;
mod compare;
mod fields;
mod fill;
mod http;
mod load;
mod options;
mod relata;
mod report;
mod scratch;
mod types;
mod workload;

use std::{error::Error, process::ExitCode, time::Duration};

use sqlx::PgPool;

use crate::{
    children::Child,
    load::{Round, measure},
    options::{Options, Part, Role},
    report::Figures,
    workload::{Side, Workload},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A benchmark that fails says why and ends; nobody handles its errors.
type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// How long each server is warmed up with each workload: plans, caches, connections.
const WARM_UP: Duration = Duration::from_millis(1500);

fn main() -> ExitCode {
    let result = Options::read().and_then(|options| match options.role {
        Role::Bench => one_thread().and_then(|runtime| runtime.block_on(bench(&options))),
        Role::Relata => {
            many_threads().and_then(|runtime| runtime.block_on(relata::serve(&options)))
        }
        Role::Baseline => {
            many_threads().and_then(|runtime| runtime.block_on(baseline::serve(&options)))
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::say(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The generator runs on one thread, so that it takes as little as may be from the servers.
fn one_thread() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

fn many_threads() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

async fn bench(options: &Options) -> Result<()> {
    if options.has_part(Part::Compare) {
        compare_servers(options).await?;
    }
    for kind in &options.kinds {
        if options.has_part(Part::Types) {
            types::run(*kind, options).await?;
        }
        if options.has_part(Part::Fields) {
            fields::run(*kind, options).await?;
        }
        if options.has_part(Part::Access) {
            access::run(*kind, options).await?;
        }
        if options.has_part(Part::Change) {
            change::run(*kind, options).await?;
        }
    }
    Ok(())
}

/// Relata beside the hand-written server.
async fn compare_servers(options: &Options) -> Result<()> {
    let pool = fill::prepare(options).await?;
    let servers = [
        Child::start(Role::Relata, options)?,
        Child::start(Role::Baseline, options)?,
    ];
    let token = relata::sign_in(servers[0].address).await?;
    let ids = fill::organization_ids(&pool).await?;
    let mut all = Vec::new();
    for workload in Workload::ALL {
        if options.is_wanted(*workload) {
            let requests = Side::ALL.map(|side| workload.requests(side, &ids, &token));
            compare::check(*workload, &servers, &requests).await?;
            all.push(run(*workload, options, (&servers, &requests), &pool).await?);
        }
    }
    report::print(&all);
    pool.close().await;
    Ok(())
}

/// Measures both servers in turns.
async fn run(
    workload: Workload,
    options: &Options,
    (servers, requests): (&[Child; 2], &[Vec<Vec<u8>>; 2]),
    pool: &PgPool,
) -> Result<Figures> {
    let mut rounds: [Vec<Round>; 2] = Default::default();
    for (server, requests) in servers.iter().zip(requests) {
        measure(server, requests, WARM_UP, pool).await?;
    }
    for _ in 0..options.rounds {
        for side in 0..2 {
            let round = measure(&servers[side], &requests[side], options.round, pool).await?;
            rounds[side].push(round);
        }
    }
    let figures = Figures::of(workload, rounds);
    report::say(&figures.line());
    Ok(figures)
}
