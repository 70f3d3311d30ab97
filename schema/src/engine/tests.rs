//! The engine over a database of its own: what is written is read, in one statement a level.

mod audit;

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Engine, EngineOptions};
use crate::{
    access::Caller,
    error::{Error, Place},
    id::SystemClock,
    request::{
        CollectionQuery, Count, Entry, Filter, ListPart, ListRequest, ListShape, Node,
        PageInfoPart, PageRequest, ReadRequest, Selection, SortKey, WriteRequest, WriteStep,
    },
};

struct Database {
    engine: Engine,
    folder: tempfile::TempDir,
}

async fn open() -> Database {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("test.db").display()
    );
    migration::migrate(&url).await.expect("the migrations run");
    let options = EngineOptions {
        database_url: url,
        max_connections: 2,
        clock: Arc::new(SystemClock),
        retention: time::Duration::days(30),
    };
    Database {
        engine: Engine::open(options).await.expect("the engine opens"),
        folder,
    }
}

fn system() -> Caller {
    Caller::system(
        "test",
        time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000),
    )
}

fn fields(names: &[&str]) -> Selection {
    let entry = |name: &&str| Entry {
        key: (*name).to_owned(),
        node: Node::Field {
            name: (*name).to_owned(),
            parts: None,
        },
        place: Place::Parameter("fields".to_owned()),
    };
    Selection {
        entries: names.iter().map(entry).collect(),
    }
}

fn collection(name: &str, selection: Selection) -> Entry {
    Entry {
        key: name.to_owned(),
        node: Node::Collection {
            name: name.to_owned(),
            query: CollectionQuery::default(),
            shape: records(selection),
        },
        place: Place::Parameter("fields".to_owned()),
    }
}

fn records(selection: Selection) -> ListShape {
    ListShape {
        entries: vec![("data".to_owned(), ListPart::Records(selection))],
    }
}

impl Database {
    async fn create(&self, object: &str, values: Json) -> String {
        let Json::Object(values) = values else {
            panic!("values are an object")
        };
        let write = WriteRequest::Create {
            object: object.to_owned(),
            values,
        };
        self.write(write).await.expect("the record is created")
    }

    async fn write(&self, write: WriteRequest) -> Result<String, Error> {
        let step = WriteStep {
            write,
            answer: None,
            place: Place::Pointer(String::new()),
        };
        Ok(self
            .engine
            .write(&system(), vec![step])
            .await?
            .remove(0)
            .id
            .to_string())
    }

    async fn list(
        &self,
        object: &str,
        query: CollectionQuery,
        shape: ListShape,
    ) -> Result<(Json, u32), Error> {
        let request = ListRequest {
            object: object.to_owned(),
            query,
            shape,
            of: None,
        };
        let answer = self
            .engine
            .read(&system(), &[ReadRequest::List(request)])
            .await?
            .remove(0)?;
        Ok((
            serde_json::from_slice(&answer.body).expect("the answer is JSON"),
            answer.statements,
        ))
    }
}

fn filter(json: Json) -> CollectionQuery {
    CollectionQuery {
        filter: Filter {
            json: Some(json),
            terms: Vec::new(),
        },
        ..CollectionQuery::default()
    }
}

#[tokio::test]
async fn what_is_written_is_read() {
    let database = open().await;
    let acme = database
        .create(
            "organizations",
            json!({"name": "Acme", "kinds": ["supplier", "carrier"], "annualRevenue": {"amount": "-12.5", "currency": "EUR"}}),
        )
        .await;
    let names = [
        "id",
        "name",
        "kinds",
        "annualRevenue",
        "version",
        "createdAt",
        "city",
    ];
    let (answer, statements) = database
        .list(
            "organizations",
            CollectionQuery::default(),
            records(fields(&names)),
        )
        .await
        .expect("a list");
    assert_eq!(statements, 1);
    assert_eq!(
        answer["data"][0],
        json!({
            "id": acme, "name": "Acme", "kinds": ["supplier", "carrier"],
            "annualRevenue": {"amount": "-12.5000", "currency": "EUR"}, "version": 1,
            "createdAt": answer["data"][0]["createdAt"], "city": null,
        })
    );
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "a table of filters over one small world"
)]
async fn references_inverses_and_links_are_walked_and_filtered() {
    let database = open().await;
    let acme = database
        .create("organizations", json!({"name": "Acme", "country": "NL"}))
        .await;
    let umbrella = database
        .create(
            "organizations",
            json!({"name": "Umbrella", "country": "BE"}),
        )
        .await;
    let ann = database
        .create("people", json!({"lastName": "Ann", "organization": acme}))
        .await;
    database
        .create(
            "people",
            json!({"lastName": "Bob", "organization": {"id": umbrella}}),
        )
        .await;
    let Json::Object(values) = json!({"title": "CFO"}) else {
        unreachable!()
    };
    let link = WriteRequest::Link {
        object: "organizations".into(),
        id: umbrella.clone(),
        relation: "employees".into(),
        target: ann.clone(),
        values,
    };
    database.write(link).await.expect("the link is made");

    let cases = [
        (
            json!({"organization": {"country": {"eq": "NL"}}}),
            vec!["Ann"],
        ),
        (json!({"organization": {"eq": umbrella}}), vec!["Bob"]),
        (
            json!({"not": {"organization": {"name": {"startsWith": "Ac"}}}}),
            vec!["Bob"],
        ),
        (
            json!({"employers": {"some": {"name": {"eq": "Umbrella"}, "link": {"title": {"eq": "CFO"}}}}}),
            vec!["Ann"],
        ),
        (json!({"employers": {"none": {}}}), vec!["Bob"]),
        (
            json!({"employers": {"every": {"country": {"eq": "XX"}}}}),
            vec!["Bob"],
        ),
        (json!({"lastName": {"in": []}}), vec![]),
        (json!({"lastName": {"in": ["Ann", "x"]}}), vec!["Ann"]),
        (json!({"lastName": {"nin": ["Ann", "x"]}}), vec!["Bob"]),
        (json!({"organization": {"in": [umbrella]}}), vec!["Bob"]),
        (json!({"birthDate": {"in": ["2000-01-01"]}}), vec![]),
        (
            json!({"createdAt": {"in": ["2000-01-01T00:00:00Z"]}}),
            vec![],
        ),
        (
            json!({"organization": {"annualRevenue": {"in": ["1.5"]}}}),
            vec![],
        ),
        (
            json!({"organization": {"employeeCount": {"in": [1, 2]}}}),
            vec![],
        ),
        (
            json!({"email": {"neq": "x"}, "or": [{"lastName": {"ieq": "ANN"}}, {"lastName": {"icontains": "OB"}}]}),
            vec!["Ann", "Bob"],
        ),
    ];
    for (json, expected) in cases {
        let mut query = filter(json.clone());
        query.sort = SortKey::parse_list("lastName");
        let (answer, _) = database
            .list("people", query, records(fields(&["lastName"])))
            .await
            .expect("a list");
        let names: Vec<&str> = answer["data"]
            .as_array()
            .expect("data")
            .iter()
            .filter_map(|row| row["lastName"].as_str())
            .collect();
        assert_eq!(names, expected, "{json}");
    }

    let mut selection = fields(&["name"]);
    selection
        .entries
        .push(collection("people", fields(&["lastName"])));
    let mut member = fields(&["lastName"]);
    member.entries.push(Entry {
        key: "link".into(),
        node: Node::Link {
            selection: fields(&["title"]),
        },
        place: Place::Parameter("fields".into()),
    });
    selection.entries.push(collection("employees", member));
    let query = CollectionQuery {
        sort: SortKey::parse_list("-name"),
        ..CollectionQuery::default()
    };
    let (answer, statements) = database
        .list("organizations", query, records(selection))
        .await
        .expect("a tree");
    assert_eq!(statements, 3);
    assert_eq!(
        answer,
        json!({"data": [
            {"name": "Umbrella", "people": {"data": [{"lastName": "Bob"}]},
             "employees": {"data": [{"lastName": "Ann", "link": {"title": "CFO"}}]}},
            {"name": "Acme", "people": {"data": [{"lastName": "Ann"}]}, "employees": {"data": []}},
        ]})
    );
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "forwards and backwards over the same orders"
)]
async fn pages_go_both_ways_with_missing_values_last() {
    let database = open().await;
    for (name, city) in [
        ("a", Some("X")),
        ("b", None),
        ("c", Some("Y")),
        ("d", Some("X")),
        ("e", None),
    ] {
        database
            .create("organizations", json!({"name": name, "city": city}))
            .await;
    }
    let shape = ListShape {
        entries: vec![
            ("data".into(), ListPart::Records(fields(&["name"]))),
            (
                "page".into(),
                ListPart::PageInfo(vec![
                    ("next".into(), PageInfoPart::Next),
                    ("previous".into(), PageInfoPart::Previous),
                ]),
            ),
            ("count".into(), ListPart::Count),
        ],
    };
    for (sort, expected) in [
        ("city,name", "adcbe"),
        ("-city,name", "cadbe"),
        ("-name", "edcba"),
        ("city,-name", "daceb"),
    ] {
        let query = |page: PageRequest| CollectionQuery {
            sort: SortKey::parse_list(sort),
            page,
            count: Count::Exact,
            ..CollectionQuery::default()
        };
        let (mut seen, mut after, mut last_previous) = (String::new(), None, Json::Null);
        loop {
            let page = PageRequest {
                limit: Some(2),
                after: after.clone(),
                ..PageRequest::default()
            };
            let (answer, _) = database
                .list("organizations", query(page), shape.clone())
                .await
                .expect("a page");
            assert_eq!(answer["count"], json!(5));
            seen.extend(
                answer["data"]
                    .as_array()
                    .expect("data")
                    .iter()
                    .filter_map(|row| row["name"].as_str()),
            );
            last_previous = if answer["page"]["previous"].is_null() {
                last_previous
            } else {
                answer["page"]["previous"].clone()
            };
            match answer["page"]["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{sort} forwards");
        let mut backwards = seen.chars().last().map(String::from).unwrap_or_default();
        let mut before = last_previous.as_str().map(str::to_owned);
        while let Some(cursor) = before {
            let page = PageRequest {
                limit: Some(2),
                before: Some(cursor),
                ..PageRequest::default()
            };
            let (answer, _) = database
                .list("organizations", query(page), shape.clone())
                .await
                .expect("a page");
            let names: String = answer["data"]
                .as_array()
                .expect("data")
                .iter()
                .filter_map(|row| row["name"].as_str())
                .collect();
            backwards = names + &backwards;
            before = answer["page"]["previous"].as_str().map(str::to_owned);
        }
        assert_eq!(backwards, expected, "{sort} backwards");
    }
}

#[tokio::test]
async fn a_unique_value_can_be_taken_again_after_a_deletion() {
    let database = open().await;
    let first = database
        .create("products", json!({"name": "A", "sku": "1"}))
        .await;
    let Json::Object(values) = json!({"name": "B", "sku": "1"}) else {
        unreachable!()
    };
    let again = WriteRequest::Create {
        object: "products".into(),
        values,
    };
    let conflict = database
        .write(again.clone())
        .await
        .expect_err("the value is taken");
    assert!(matches!(conflict, Error::UniqueConflict { fields } if fields == ["sku"]));
    let delete = WriteRequest::Delete {
        object: "products".into(),
        id: first.clone(),
        if_match: Some(1),
    };
    database.write(delete).await.expect("the record is deleted");
    database.write(again).await.expect("the value is free");
    let restore = WriteRequest::Restore {
        object: "products".into(),
        id: first,
    };
    let conflict = database
        .write(restore)
        .await
        .expect_err("the value is taken");
    assert!(matches!(conflict, Error::UniqueConflict { fields } if fields == ["sku"]));
}
