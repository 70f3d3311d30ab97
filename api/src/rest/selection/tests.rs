//! Selections as they are asked, before the surface gives them kinds.

use serde_json::json;

use super::*;

fn select(json: &Json) -> Result<Vec<Wanted>> {
    let mut left = LIMITS.selected_fields;
    parse_select(json, &Place::Pointer("/select".to_owned()), &mut left)
}

/// `name(below, …)` of each wanted name.
fn outline(wanted: &[Wanted]) -> String {
    let one = |wanted: &Wanted| match &wanted.below {
        Some(below) => format!("{}({})", wanted.name, outline(below)),
        None => wanted.name.clone(),
    };
    wanted.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn paths_with_the_same_beginning_meet() {
    let wanted = parse_paths("people.email,name,people.link.title".split(','), |_| {
        Place::Parameter("fields".to_owned())
    });
    assert_eq!(
        outline(&wanted.unwrap()),
        "people(email, link(title)), name"
    );
}

#[test]
fn an_array_and_an_object_mean_the_same() {
    let object = json!({"name": true, "organization": {"select": {"name": true}}});
    let array = json!(["name", "organization.name"]);
    let short = json!({"name": true, "organization": ["name"]});
    for form in [object, array, short] {
        assert_eq!(outline(&select(&form).unwrap()), "name, organization(name)");
    }
}

#[test]
fn a_collection_takes_arguments() {
    let form =
        json!({"people": {"select": ["email"], "sort": "-name", "limit": 3, "count": "exact"}});
    let wanted = select(&form).unwrap();
    let query = wanted[0].query.as_ref().unwrap();
    assert_eq!(query.page.limit, Some(3));
    assert!(query.sort[0].descending);
    assert_eq!(query.argument("limit").text(), "/select/people/limit");
}

#[test]
fn what_is_malformed_is_refused_where_it_stands() {
    let cases = [
        (json!("name"), "/select"),
        (json!([1]), "/select"),
        (json!(["name", "a..b"]), "/select/1"),
        (json!({"name": false}), "/select/name"),
        (json!({"people": {"take": 1}}), "/select/people/take"),
        (json!({"people": {"limit": "1"}}), "/select/people/limit"),
        (json!({"people": {"count": "all"}}), "/select/people/count"),
        (
            json!({"people": {"after": "a", "before": "b"}}),
            "/select/people/before",
        ),
    ];
    for (form, place) in cases {
        let Err(Error::Invalid(faults)) = select(&form) else {
            panic!("{form} was taken");
        };
        assert_eq!(faults[0].place.text(), place, "{form}");
    }
}
