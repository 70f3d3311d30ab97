//! The black-box tests: they speak HTTP to a server on a port of its own and know nothing of its
//! inside. The suite runs once on each database, chosen by `TEST_DATABASE`.

#![expect(clippy::expect_used, reason = "a test fails where it can't go on")]
#![expect(clippy::too_many_lines, reason = "a table of cases is read as a whole")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cloned_ref_to_slice_refs,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    clippy::struct_excessive_bools,
    clippy::wildcard_enum_match_arm,
    reason = "a case reads as it is said, and costs nothing in production"
)]

mod support;
mod tidy;

mod access;
mod attributes;
mod audit;
mod auth;
mod auto_numbers;
mod bad_input;
mod changes;
mod crash;
mod deletion;
mod describe;
mod display_names;
mod ends;
mod equivalence;
mod examples;
mod expressions;
mod field_types;
mod graphql;
mod limits;
mod money;
mod northwind;
mod openapi;
mod options;
mod packages;
mod people;
mod problems;
mod references;
mod related;
mod relations;
mod rest;
mod rollups;
mod ror;
mod schema_changes;
mod server;
mod sets;
mod statements;
mod trees;
mod worlds;
