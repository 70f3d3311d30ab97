//! The REST face: one file per resource. A handler extracts, builds a request, calls the engine once
//! and shapes the answer; it knows nothing of rules and nothing of SQL.

pub(crate) mod health;
