//! Pages: sort keys with missing values last, cursors both ways, limits and counts.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Response, TestApp};

async fn fill(admin: &Client, kind: Kind) {
    let rows = [
        ("a", Some("X")),
        ("b", None),
        ("c", Some("Y")),
        ("d", Some("X")),
        ("e", None),
    ];
    for (name, city) in rows {
        let values = json!({"name": name, "city": city, "founded": city.map(|_| "2020-01-01")});
        admin.create(kind.plural, values).await.status(201);
    }
}

const ORDERS: &[(&str, &str)] = &[
    ("name", "abcde"),
    ("-name", "edcba"),
    ("city,name", "adcbe"),
    ("-city,name", "cadbe"),
    ("city,-name", "daceb"),
    ("-city,-name", "cdaeb"),
    ("founded,city,-name", "daceb"),
    ("createdAt", "abcde"),
    ("-id", "edcba"),
    ("version,-id", "edcba"),
];

fn names(answer: &Response) -> String {
    answer.column("name").concat()
}

/// Walks all pages from an end and gives the names in the order of the list.
async fn walk(admin: &Client, kind: Kind, sort: &str, limit: usize) -> [String; 2] {
    let list = |cursor: String| {
        let parameters = format!("sort={sort}&limit={limit}{cursor}");
        async move { admin.list(kind.plural, &parameters).await }
    };
    let (mut forwards, mut answer) = (String::new(), list(String::new()).await);
    assert_eq!(answer.ok()["page"]["hasPrevious"], false);
    loop {
        forwards += &names(&answer);
        let page = answer.json()["page"].clone();
        assert_eq!(page["hasNext"], page["next"].is_string(), "{answer}");
        let Some(next) = page["next"].as_str() else {
            break;
        };
        answer = list(format!("&after={next}")).await;
        assert_eq!(answer.ok()["page"]["hasPrevious"], true, "{answer}");
    }
    let mut backwards = names(&answer);
    while let Some(previous) = answer.json()["page"]["previous"].as_str() {
        answer = list(format!("&before={previous}")).await;
        assert_eq!(answer.ok()["page"]["hasNext"], true, "{answer}");
        backwards = names(&answer) + &backwards;
    }
    [forwards, backwards]
}

#[tokio::test]
async fn pages_go_both_ways_in_every_order() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        for (sort, expected) in ORDERS {
            for limit in [1, 2, 5] {
                let walked = walk(&admin, kind, sort, limit).await;
                assert_eq!(
                    walked,
                    [*expected, *expected],
                    "{} {sort} by {limit}",
                    kind.plural
                );
            }
        }
    }
}

#[tokio::test]
async fn a_page_stays_in_place_when_records_come_before_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        let first = admin.list(kind.plural, "sort=name&limit=2").await.ok();
        let next = first["page"]["next"].as_str().expect("a cursor").to_owned();
        kind.make(&admin, "0").await;
        let answer = admin
            .list(kind.plural, &format!("sort=name&limit=2&after={next}"))
            .await;
        assert_eq!(names(&answer), "cd");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [standard, custom] = Kind::both(&app).await;
    for kind in [standard, custom] {
        fill(&admin, kind).await;
    }
    for kind in [standard, custom] {
        let first = admin.list(kind.plural, "sort=name&limit=2").await.ok();
        let cursor = first["page"]["next"].as_str().expect("a cursor").to_owned();
        let other = if kind == standard { custom } else { standard };
        let mut flipped = cursor.clone().into_bytes();
        let last = flipped.len() - 2;
        flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(flipped).expect("text");
        let cases = [
            (kind, format!("sort=-name&after={cursor}")),
            (kind, format!("sort=city&after={cursor}")),
            (kind, format!("sort=name&name[neq]=a&after={cursor}")),
            (kind, format!("sort=name&before={flipped}")),
            (kind, format!("sort=name&after={}", &cursor[1..])),
            (kind, "sort=name&after=AAAA".to_owned()),
            (kind, "sort=name&after=".to_owned()),
            (other, format!("sort=name&after={cursor}")),
        ];
        for (of, parameters) in cases {
            let answer = admin.list(of.plural, &parameters).await;
            answer.problem(400, "invalid_cursor");
        }
        let both = admin
            .list(kind.plural, &format!("after={cursor}&before={cursor}"))
            .await;
        both.problem_at(400, "invalid_request", "before");
        // The limit may change, and the columns as well.
        let parameters = format!("sort=name&limit=3&fields=name&after={cursor}");
        assert_eq!(names(&admin.list(kind.plural, &parameters).await), "cde");
    }
}

#[tokio::test]
async fn a_count_speaks_of_the_whole_list() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        let answer = admin.list(kind.plural, "limit=2").await.ok();
        assert_eq!(answer.get("count"), None);
        let answer = admin
            .list(kind.plural, "limit=2&count=exact&city[isNull]=false")
            .await
            .ok();
        assert_eq!(answer["count"], 3);
        let answer = admin.list(kind.plural, "limit=2&count=bounded").await.ok();
        assert_eq!(
            (&answer["count"], &answer["countIsExact"]),
            (&json!(5), &json!(true))
        );
        let next = answer["page"]["next"].as_str().expect("a cursor");
        let answer = admin
            .list(kind.plural, &format!("limit=2&count=exact&after={next}"))
            .await;
        assert_eq!(answer.ok()["count"], 5);
    }
}

#[tokio::test]
async fn limits_are_kept() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        for limit in ["0", "201", "-1", "1.5", "x", "", "99999999999999999999"] {
            let answer = admin.list(kind.plural, &format!("limit={limit}")).await;
            answer.problem_at(422, "validation_failed", "limit");
        }
        let nine = ["name"; 9].join(",");
        admin
            .list(kind.plural, &format!("sort={nine}"))
            .await
            .problem_at(400, "invalid_request", "sort");
        let list: Vec<String> = (0..501).map(|at| at.to_string()).collect();
        let filter = json!({"name": {"in": list}});
        admin
            .query(kind.plural, &json!({"filter": filter}))
            .await
            .problem(422, "validation_failed");
        for sort in ["kinds", "extra", "parent", "children"] {
            let answer = admin.list(kind.plural, &format!("sort={sort}")).await;
            assert!([400].contains(&answer.code()), "{answer}");
        }
        let two_hundred = admin.list(kind.plural, "limit=200").await.ok();
        assert_eq!(two_hundred["data"], Json::Array(vec![]));
    }
}
