//! The language of the tests: an application with a database of its own, callers as values, verbs as
//! methods, and answers that check themselves.

mod access;
mod app;
mod client;
mod contract;
mod database;
mod kind;
mod response;
mod validator;

pub(crate) use access::Rules;
pub(crate) use app::{ADMIN_EMAIL, ADMIN_PASSWORD, Options, TestApp, TestDemo};
pub(crate) use client::Client;
pub(crate) use database::{is_postgres, setting};
pub(crate) use kind::Kind;
pub(crate) use response::Response;
pub(crate) use validator::Validator;
