//! The REST face: one file per resource. A handler extracts, builds a request, calls the engine once
//! and shapes the answer; it knows nothing of rules and nothing of SQL.

pub(crate) mod access;
pub(crate) mod answer;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod changesets;
pub(crate) mod condition;
pub(crate) mod currencies;
pub(crate) mod deleted;
pub(crate) mod describe;
pub(crate) mod fields;
pub(crate) mod graph;
pub(crate) mod health;
pub(crate) mod identities;
pub(crate) mod indexes;
pub(crate) mod jobs;
pub(crate) mod keys;
mod language;
pub(crate) mod links;
pub(crate) mod listing;
pub(crate) mod object_types;
pub(crate) mod oidc;
pub(crate) mod option_lists;
pub(crate) mod partners;
pub(crate) mod passwords;
pub(crate) mod query_string;
pub(crate) mod records;
pub(crate) mod relation_types;
pub(crate) mod roles;
pub(crate) mod rules;
pub(crate) mod selection;
pub(crate) mod sessions;
pub(crate) mod shares;
pub(crate) mod teams;
pub(crate) mod totp;
pub(crate) mod users;
pub(crate) mod verify;
