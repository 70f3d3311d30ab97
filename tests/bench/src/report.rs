//! The figures, a line when each is there and a table at the end. The only place that prints.

use std::time::Duration;

use crate::{load::Round, workload::Workload};

/// Writes a line for the person who runs the benchmark.
#[expect(clippy::print_stdout, reason = "the program speaks to a person")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// The figures of one workload.
#[derive(Debug)]
pub(crate) struct Figures {
    workload: Workload,
    relata: Summary,
    baseline: Summary,
}

/// The figures of one server over all its rounds.
#[derive(Debug)]
struct Summary {
    rate: f64,
    p50: f64,
    p99: f64,
    server: f64,
    postgres: f64,
}

impl Figures {
    /// The figures of both servers, Relata's first.
    pub(crate) fn of(workload: Workload, rounds: [Vec<Round>; 2]) -> Self {
        let [relata, baseline] = rounds.map(Summary::of);
        Self {
            workload,
            relata,
            baseline,
        }
    }

    /// The most important of them on one line.
    pub(crate) fn line(&self) -> String {
        let (relata, baseline) = (&self.relata, &self.baseline);
        format!(
            "{}: {:.0} and {:.0} requests/s, ratio {:.2}; CPU µs {:.0}+{:.0} and {:.0}+{:.0}",
            self.workload.title(),
            relata.rate,
            baseline.rate,
            relata.rate / baseline.rate,
            relata.server,
            relata.postgres,
            baseline.server,
            baseline.postgres,
        )
    }
}

impl Summary {
    #[expect(
        clippy::cast_precision_loss,
        reason = "figures for people, far below 2^52"
    )]
    fn of(rounds: Vec<Round>) -> Self {
        let elapsed: Duration = rounds.iter().map(|round| round.elapsed).sum();
        let server: u64 = rounds.iter().map(|round| round.server_cpu).sum();
        let postgres: u64 = rounds.iter().map(|round| round.postgres_cpu).sum();
        let mut latencies: Vec<u32> = rounds
            .into_iter()
            .flat_map(|round| round.latencies)
            .collect();
        latencies.sort_unstable();
        let requests = latencies.len().max(1) as f64;
        Self {
            rate: requests / elapsed.as_secs_f64(),
            p50: quantile(&latencies, 50),
            p99: quantile(&latencies, 99),
            server: server as f64 / requests,
            postgres: postgres as f64 / requests,
        }
    }
}

/// A latency in milliseconds that so many percent stay below.
pub(crate) fn quantile(sorted: &[u32], percent: usize) -> f64 {
    let at = sorted.len() * percent / 100;
    f64::from(sorted.get(at).copied().unwrap_or_default()) / 1000.0
}

/// Prints the Markdown table.
pub(crate) fn print(all: &[Figures]) {
    say("");
    say(
        "| workload | server | requests/s | p50 ms | p99 ms | CPU µs server | CPU µs PostgreSQL | ratio |",
    );
    say("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for figures in all {
        let ratio = figures.relata.rate / figures.baseline.rate;
        let title = figures.workload.title();
        row(title, "Relata", &figures.relata, &format!("**{ratio:.2}**"));
        row("", "by hand", &figures.baseline, "");
    }
}

fn row(title: &str, server: &str, summary: &Summary, ratio: &str) {
    say(&format!(
        "| {title} | {server} | {:.0} | {:.1} | {:.1} | {:.0} | {:.0} | {ratio} |",
        summary.rate, summary.p50, summary.p99, summary.server, summary.postgres,
    ));
}
