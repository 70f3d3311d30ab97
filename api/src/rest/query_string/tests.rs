//! Query strings.

use super::*;
use crate::extract::parse_parameters;

fn list(text: &str) -> Result<ListParameters, Problem> {
    parse_list(parse_parameters(Some(text))?)
}

fn refused(text: &str) -> (&'static str, String) {
    let problem = list(text).unwrap_err();
    (
        problem.code.text(),
        problem.errors[0].place.text().to_owned(),
    )
}

#[test]
fn every_parameter_is_understood() {
    let list = list(
        "filter=%7B%22name%22%3A%7B%22eq%22%3A%22x%22%7D%7D&sort=-amount,organization.name&fields=name,organization.name\
         &limit=7&after=abc&count=bounded&amount%5Bgte%5D=100&organization.country[eq]=NL",
    )
    .unwrap();
    assert_eq!(
        list.query.filter.json,
        Some(serde_json::json!({"name": {"eq": "x"}}))
    );
    let terms: Vec<_> = list
        .query
        .filter
        .terms
        .iter()
        .map(|term| &term.json)
        .collect();
    let expected = [
        &serde_json::json!({"amount": {"gte": "100"}}),
        &serde_json::json!({"organization": {"country": {"eq": "NL"}}}),
    ];
    assert_eq!(terms, expected);
    assert_eq!(list.query.sort.len(), 2);
    assert!(list.query.sort[0].descending);
    assert_eq!(list.query.page.limit, Some(7));
    assert_eq!(list.query.page.after.as_deref(), Some("abc"));
    assert_eq!(list.query.count, Count::Bounded);
    assert_eq!(list.fields.unwrap().len(), 2);
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    let cases = [
        ("colour=red", "invalid_parameter", "colour"),
        ("limit=1&limit=2", "invalid_parameter", "limit"),
        ("name[]=1", "invalid_parameter", "name[]"),
        ("[eq]=1", "invalid_parameter", "[eq]"),
        ("filter={", "invalid_request", "filter"),
        ("limit=many", "validation_failed", "limit"),
        ("count=all", "validation_failed", "count"),
        ("fields=name,,x", "invalid_request", "fields"),
        ("after=a&before=b", "invalid_request", "before"),
    ];
    for (text, code, name) in cases {
        assert_eq!(refused(text), (code, name.to_owned()), "{text}");
    }
}

#[test]
fn a_path_of_a_thousand_names_is_refused() {
    let deep = vec!["a"; 1_000].join(".");
    assert_eq!(refused(&format!("fields={deep}")).0, "invalid_request");
}

#[test]
fn a_record_takes_fields_alone() {
    assert!(parse_record(vec![("fields".into(), "name".into())]).is_ok());
    assert!(parse_record(vec![("limit".into(), "1".into())]).is_err());
    assert!(parse_nothing(&[("x".into(), String::new())]).is_err());
}
