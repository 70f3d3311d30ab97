//! Limits: how much a caller may ask for in a time, how much runs at once, and how often credentials may be wrong.
//!
//! A request is paid for before it runs, in units that its route and its shape tell, never what is found: first at
//! the door, when the caller is known, then in [`Limits::charge`], when the shape is. All of it is counted in this
//! process alone; another node counts for itself. Nothing here decides about access.

mod bucket;
mod credentials;
mod fields;
mod layer;
mod rates;
mod route;
mod running;

use std::{fmt, net::IpAddr, sync::Arc};

use schema::{
    access::{Caller, Principal, RateClass},
    identity::Network,
};
use time::OffsetDateTime;
use tokio::sync::Semaphore;

pub(crate) use credentials::Account;
pub use fields::{RATE_LIMIT, RATE_LIMIT_POLICY};
pub use layer::TIME_LIMIT;
pub(crate) use layer::{Meter, limit};
pub use rates::RateLimits;

use self::{
    bucket::{Buckets, Quota, Refusal, Standing},
    credentials::Credentials,
    running::Running,
};
use crate::{code::Code, config::Config, problem::Problem};

/// What every request costs at the door, if its route does not cost more.
const AT_THE_DOOR: u64 = 1;

/// The counters of one process.
#[derive(Debug)]
pub struct Limits {
    /// Nothing is counted without them.
    rates: Option<RateLimits>,
    /// A principal that gets another class begins anew.
    principals: Buckets<(Principal, RateClass)>,
    addresses: Buckets<Origin>,
    credentials: Credentials,
    running: Arc<Running>,
    /// How many requests of one principal run at once.
    most_of_one: u32,
    /// How many requests run at once.
    turns: Semaphore,
}

/// Where requests come from, as far as one party has it: an IPv4 address, or the first half of an IPv6 one. What
/// nobody tells who can be trusted is one origin for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Origin(Option<Network>);

impl Origin {
    /// The origin of an address.
    pub(crate) fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(Network::of_one_party))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(network) => network.fmt(formatter),
            None => formatter.write_str("unknown"),
        }
    }
}

impl Limits {
    /// Counters that begin at nothing.
    pub fn new(config: &Config) -> Self {
        Self {
            rates: config.rate_limits,
            principals: Buckets::default(),
            addresses: Buckets::default(),
            credentials: Credentials::default(),
            running: Arc::default(),
            most_of_one: config.max_requests_of_caller,
            turns: Semaphore::new(config.max_requests),
        }
    }

    /// Lets a request without credentials in.
    pub(crate) fn admit_address(&self, meter: &Meter, now: OffsetDateTime) -> Result<(), Problem> {
        let Some(quota) = self.rates.map(|rates| rates.of_address()) else {
            return Ok(());
        };
        let taken = self.addresses.take(meter.origin, meter.base, (quota, now));
        taken.map_err(|refusal| refused(refusal, (meter.base, quota), "anonymous"))
    }

    /// Lets a caller in: its request is one of those that run, and is paid for at the price of its route.
    pub(crate) fn admit(
        &self,
        meter: &Meter,
        caller: &Caller,
        now: OffsetDateTime,
    ) -> Result<(), Problem> {
        let class = caller.rate_class;
        if meter.note_caller(caller.principal, class) {
            return Ok(());
        }
        let place = self.running.enter(caller.principal, self.most_of_one);
        let place = place.ok_or_else(|| {
            let detail = format!(
                "{} requests of yours run already; wait for one of them",
                self.most_of_one
            );
            Problem::new(Code::Busy, detail)
        })?;
        meter.keep(place);
        self.take(caller, (meter.base, 0), now)
    }

    /// Has a caller pay for what the shape of its request costs, before it runs.
    pub(crate) fn charge(
        &self,
        caller: &Caller,
        cost: u64,
        now: OffsetDateTime,
    ) -> Result<(), Problem> {
        let more = cost.saturating_sub(AT_THE_DOOR);
        if more == 0 {
            return Ok(());
        }
        self.take(caller, (more, AT_THE_DOOR), now)
    }

    /// The quota of a principal, and how it stands.
    fn standing(
        &self,
        principal: Principal,
        class: RateClass,
        now: OffsetDateTime,
    ) -> Option<(Quota, Standing)> {
        let quota = self.rates?.quota(class)?;
        let standing = self.principals.standing(&(principal, class), quota, now);
        Some((quota, standing))
    }

    fn take(
        &self,
        caller: &Caller,
        (units, others): (u64, u64),
        now: OffsetDateTime,
    ) -> Result<(), Problem> {
        let class = caller.rate_class;
        let Some(quota) = self.rates.and_then(|rates| rates.quota(class)) else {
            return Ok(());
        };
        let bucket = (caller.principal, class);
        let taken = self
            .principals
            .take_beside(bucket, (units, others), (quota, now));
        let cost = units.saturating_add(others);
        taken.map_err(|refusal| refused(refusal, (cost, quota), class.name()))
    }
}

fn refused(refusal: Refusal, (cost, quota): (u64, Quota), policy: &'static str) -> Problem {
    let units = quota.units;
    match refusal {
        Refusal::Wait(seconds) => {
            let detail = format!(
                "the request costs {cost} of the {units} units a minute of the rate class {policy}, and fewer are left; \
                 try again in {seconds} s"
            );
            Problem::new(Code::QuotaExceeded, detail).after(seconds, Some(policy))
        }
        Refusal::Never => Problem::new(
            Code::CostTooHigh,
            format!(
                "the request costs {cost} units, and the rate class {policy} has {units} a minute, so that waiting does \
                 not help; ask for smaller pages, fewer fields or fewer levels, ask in several requests, or have an \
                 administrator give the key a higher rateClass"
            ),
        ),
    }
}
