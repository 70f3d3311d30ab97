//! The processes of the two servers: started with this program in another role, stopped when the
//! benchmark ends in whatever way, and the CPU time that they and PostgreSQL take.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child as Process, Command, Stdio},
};

use sqlx::PgPool;
use tokio::sync::oneshot;

use crate::{
    Result,
    options::{Options, Role},
    report,
};

/// A second has this many ticks in /proc, on every Linux.
const MICROSECONDS_A_TICK: u64 = 10_000;

/// A server.
#[derive(Debug)]
pub(crate) struct Child {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    process: Process,
}

impl Child {
    /// Starts a server on the database of the comparison and waits until it listens.
    pub(crate) fn start(role: Role, options: &Options) -> Result<Self> {
        Self::start_on(role, &options.database_url()?)
    }

    /// Starts a server on a database and waits until it listens.
    pub(crate) fn start_on(role: Role, url: &str) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .args([role.argument(), "--url", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = process.stdout.take();
        let mut line = String::new();
        let read = stdout.map(|stdout| BufReader::new(stdout).read_line(&mut line));
        read.transpose()?;
        if let Ok(address) = line.trim().parse() {
            return Ok(Self { address, process });
        }
        stop(&mut process);
        Err(format!("the server {} did not start", role.argument()).into())
    }

    /// The memory that it holds, in bytes: the resident set.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        Ok(kilobytes.ok_or("no VmRSS")?.parse::<u64>()? * 1024)
    }

    /// The CPU time that it has taken so far, in microseconds.
    pub(crate) fn cpu(&self) -> Result<u64> {
        cpu_of(self.process.id()).ok_or_else(|| "a server has ended".into())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

fn stop(process: &mut Process) {
    // It may have ended already.
    let _ = process.kill();
    let _ = process.wait();
}

/// Tells the process that started this one where the server listens.
pub(crate) fn announce(address: SocketAddr) {
    report::say(&address.to_string());
}

/// Waits until the process that started this one has ended, which closes the pipe.
pub(crate) async fn wait_for_parent() {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().lines().last();
        let _ = ended.send(());
    });
    let _ = end.await;
}

/// The CPU time that the connections to PostgreSQL have taken so far, in microseconds. Only the
/// server that is measured has any work for its own.
pub(crate) async fn cpu_of_postgres(pool: &PgPool) -> Result<u64> {
    let pids: Vec<i32> = sqlx::query_scalar(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'",
    )
    .fetch_all(pool)
    .await?;
    let pids = pids.into_iter().filter_map(|pid| u32::try_from(pid).ok());
    Ok(pids.filter_map(cpu_of).sum())
}

fn cpu_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in brackets and may hold blanks; the state follows it.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some((ticks(11)? + ticks(12)?) * MICROSECONDS_A_TICK)
}
