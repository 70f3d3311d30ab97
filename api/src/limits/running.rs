//! How many requests of one principal run at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use schema::access::Principal;

/// The requests that run, by principal.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<HashMap<Principal, u32>>);

/// The place of one request; given up when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    running: Arc<Running>,
    principal: Principal,
}

impl Running {
    /// A place for one more request, where there are fewer than `most`.
    pub(super) fn enter(self: &Arc<Self>, principal: Principal, most: u32) -> Option<Place> {
        self.change(principal, |count| {
            (*count < most).then(|| *count += 1)?;
            Some(Place {
                running: Arc::clone(self),
                principal,
            })
        })
    }

    fn change<T>(&self, principal: Principal, change: impl FnOnce(&mut u32) -> T) -> T {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = running.entry(principal).or_default();
        let result = change(count);
        if *count == 0 {
            running.remove(&principal);
        }
        result
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.running
            .change(self.principal, |count| *count = count.saturating_sub(1));
    }
}
