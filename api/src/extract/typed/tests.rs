//! Parameters that fit, and what is told of those that do not.

use serde::Deserialize;
use uuid::Uuid;

use super::*;
use crate::code::Code;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    First,
    Second,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    object: String,
    limit: Option<u64>,
    before: Option<i64>,
    depth: Option<u8>,
    after: Option<Uuid>,
    kind: Option<Kind>,
    #[serde(default)]
    dry_run: bool,
}

fn pairs(text: &str) -> Vec<(String, String)> {
    super::super::parse_parameters(Some(text)).expect("no parameter stands twice")
}

#[test]
fn values_are_read_as_what_they_are() {
    let text = "object=a&limit=3&before=-1&depth=2&after=01a20035-4d8d-7054-91b2-74bc0295d687&kind=second&dryRun=true";
    let wanted: Wanted = parse(pairs(text)).expect("all of it fits");
    assert_eq!(
        wanted,
        Wanted {
            object: "a".to_owned(),
            limit: Some(3),
            before: Some(-1),
            depth: Some(2),
            after: Some(Uuid::from_u128(0x01a2_0035_4d8d_7054_91b2_74bc_0295_d687)),
            kind: Some(Kind::Second),
            dry_run: true,
        }
    );
    let least: Wanted = parse(pairs("object=")).expect("the rest may be absent");
    assert_eq!((least.limit, least.dry_run), (None, false));
}

#[test]
fn what_does_not_fit_is_told_by_its_name() {
    let known = "is unknown here; known are object, limit, before, depth, after, kind and dryRun";
    let whole = "must be a whole number, and not too large";
    let cases = [
        ("object=a&x=1", Code::InvalidParameter, "x", known),
        ("limit=1", Code::InvalidParameter, "object", "is required"),
        ("object=a&limit=x", Code::ValidationFailed, "limit", whole),
        ("object=a&limit=", Code::ValidationFailed, "limit", whole),
        ("object=a&limit=-1", Code::ValidationFailed, "limit", whole),
        ("object=a&depth=256", Code::ValidationFailed, "depth", whole),
        (
            "object=a&before=1.5",
            Code::ValidationFailed,
            "before",
            whole,
        ),
        (
            "object=a&after=x",
            Code::ValidationFailed,
            "after",
            "must be an id",
        ),
        (
            "object=a&kind=x",
            Code::ValidationFailed,
            "kind",
            "must be one of first, second",
        ),
        (
            "object=a&dryRun=yes",
            Code::ValidationFailed,
            "dryRun",
            "must be true or false",
        ),
    ];
    for (text, code, name, message) in cases {
        let problem = parse::<Wanted>(pairs(text)).expect_err(text);
        assert_eq!(problem.code, code, "{text}");
        let [fault] = problem.errors.as_slice() else {
            panic!("{text}: one fault");
        };
        assert_eq!(fault.place, Place::Parameter(name.to_owned()), "{text}");
        assert_eq!(fault.message, message, "{text}");
    }
}
