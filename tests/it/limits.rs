//! Limits: units, wrong credentials, requests at once, bodies, and browsers of other origins.

mod credentials;
mod cross_origin;
mod quotas;
mod transport;

use crate::support::{Options, Response, TestApp};

/// A server that counts by these rates, on a clock that stands still.
async fn start(rates: &'static str) -> TestApp {
    TestApp::start_with(Options {
        rates: Some(rates),
        still: true,
        ..Options::default()
    })
    .await
}

/// The units that are left, as an answer tells.
#[track_caller]
fn left(answer: &Response) -> u64 {
    let told = answer.header("ratelimit").unwrap_or_default();
    let units = told.split(';').find_map(|part| part.strip_prefix("r="));
    let units = units.and_then(|text| text.parse().ok());
    units.unwrap_or_else(|| panic!("no units in {told:?}\n{answer}"))
}

/// The seconds after which an answer says to try again.
#[track_caller]
fn wait(answer: &Response) -> i64 {
    let told = answer.header("retry-after").unwrap_or_default();
    let seconds = told.parse();
    seconds.unwrap_or_else(|_| panic!("no seconds in {told:?}\n{answer}"))
}
