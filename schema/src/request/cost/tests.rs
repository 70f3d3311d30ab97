//! Costs follow the shape of a request.

use serde_json::{Value as Json, json};

use crate::{
    error::Place,
    request::{
        CollectionQuery, Count, Entry, ListPart, ListRequest, ListShape, Node, PageRequest,
        ReadRequest, RecordRequest, Selection, WriteRequest, WriteStep,
    },
};

fn entry(node: Node) -> Entry {
    Entry {
        key: "k".to_owned(),
        node,
        place: Place::Pointer(String::new()),
    }
}

fn fields(number: usize) -> Vec<Entry> {
    let field = || {
        let name = "name".to_owned();
        entry(Node::Field { name, parts: None })
    };
    (0..number).map(|_| field()).collect()
}

fn nested(limit: u32) -> Entry {
    entry(Node::Collection {
        name: "lines".to_owned(),
        query: page(limit),
        shape: records(fields(1)),
    })
}

fn page(limit: u32) -> CollectionQuery {
    CollectionQuery {
        page: PageRequest {
            limit: Some(limit),
            ..PageRequest::default()
        },
        ..CollectionQuery::default()
    }
}

fn records(entries: Vec<Entry>) -> ListShape {
    let records = ListPart::Records(Selection { entries });
    ListShape {
        entries: vec![("data".to_owned(), records)],
    }
}

fn list(query: CollectionQuery, entries: Vec<Entry>) -> u64 {
    let request = ListRequest {
        object: "orders".to_owned(),
        query,
        shape: records(entries),
        of: None,
    };
    ReadRequest::List(request).cost()
}

#[test]
fn a_record_and_a_small_list_cost_one_unit() {
    let record = RecordRequest {
        object: "orders".to_owned(),
        id: "x".to_owned(),
        selection: Selection {
            entries: fields(40),
        },
        as_of: None,
    };
    assert_eq!(ReadRequest::Record(record).cost(), 1);
    assert_eq!(list(page(10), fields(9)), 1);
}

#[test]
fn a_list_costs_by_page_and_width() {
    assert_eq!(list(page(50), fields(19)), 2);
    assert_eq!(list(page(200), fields(19)), 5);
    assert_eq!(list(page(200), fields(199)), 41);
}

#[test]
fn a_collection_inside_costs_as_if_every_page_were_full() {
    let flat = list(page(50), fields(1));
    let with = |inner| list(page(50), vec![nested(inner)]);
    assert!(with(1) > flat);
    assert_eq!(with(20), 1 + 1 + 2);
    assert_eq!(with(200), 1 + 1 + 20);
}

#[test]
fn each_alias_of_a_collection_costs_anew() {
    let one = list(page(50), vec![nested(20)]);
    let many = list(page(50), (0..10).map(|_| nested(20)).collect());
    assert!(many >= 10 * (one - 1), "{many} of {one}");
}

#[test]
fn a_page_over_the_limit_costs_no_more_than_the_limit() {
    assert_eq!(
        list(page(u32::MAX), fields(19)),
        list(page(200), fields(19))
    );
}

#[test]
fn counts_and_filters_cost() {
    let counted = |count| CollectionQuery { count, ..page(1) };
    assert_eq!(list(counted(Count::Bounded), fields(1)), 2);
    assert_eq!(list(counted(Count::Exact), fields(1)), 6);
    let terms: Vec<Json> = (0..10)
        .map(|_| json!({"name": {"eq": "a"}, "city": {"in": ["a", "b"]}}))
        .collect();
    let mut query = page(1);
    query.filter.json = Some(json!({"and": terms}));
    assert_eq!(list(query, fields(1)), 1 + 4);
}

#[test]
fn a_write_costs_by_the_members_that_it_names() {
    let cost = |patch: Json| {
        let Json::Object(patch) = patch else {
            panic!("an object");
        };
        let write = WriteRequest::Update {
            object: "orders".to_owned(),
            id: "x".to_owned(),
            patch,
            if_match: None,
        };
        let step = WriteStep {
            write,
            answer: None,
            place: Place::Pointer(String::new()),
        };
        step.cost()
    };
    assert_eq!(cost(json!({"name": "a"})), 5);
    assert_eq!(
        cost(json!({"lines": {"add": ["a", "b"], "remove": ["c"]}})),
        8
    );
}
