//! Lists: which records a filter finds, with every operator, and what a list answers of them.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, TestApp};

/// Five records: `e` has no values but its name.
async fn fill(admin: &Client, kind: Kind) {
    let rows = [
        json!({"name": "a", "city": "Utrecht", "employeeCount": 1, "serial": "9007199254740993", "weight": "0.5",
               "share": "0.1", "annualRevenue": {"amount": "10", "currency": "EUR"}, "listed": true,
               "founded": "2001-01-01", "seenAt": "2026-01-01T00:00:00Z", "status": "active",
               "kinds": ["customer"], "email": "ann@example.com",
               "token": "00000000-0000-7000-8000-00000000000a", "extra": {"a": 1}}),
        json!({"name": "b", "city": "utrecht", "employeeCount": 2, "serial": "9007199254740994", "weight": "1.5",
               "share": "0.2", "annualRevenue": {"amount": "20", "currency": "USD"}, "listed": false,
               "founded": "2002-02-02", "seenAt": "2026-01-01T00:00:00.000001Z", "status": "inactive",
               "kinds": ["customer", "supplier"], "email": "bob@example.com",
               "token": "00000000-0000-7000-8000-00000000000b"}),
        json!({"name": "c", "city": "50%_\\'", "employeeCount": -3, "serial": "-1", "weight": "-1",
               "share": "0.3", "annualRevenue": {"amount": "-5", "currency": "EUR"}, "listed": true,
               "founded": "1999-12-31", "seenAt": "1999-12-31T23:59:59Z", "status": "active",
               "kinds": [], "email": "carl@other.example",
               "token": "00000000-0000-7000-8000-00000000000c"}),
        json!({"name": "d", "city": "Zeist", "employeeCount": 10, "serial": "0", "weight": "10",
               "share": "0.4", "annualRevenue": {"amount": "10.0001", "currency": "EUR"}, "listed": false,
               "founded": "2010-10-10", "seenAt": "2026-06-01T00:00:00+02:00",
               "kinds": ["carrier", "supplier"], "email": "dora@other.example",
               "token": "00000000-0000-7000-8000-00000000000d"}),
        json!({"name": "e"}),
    ];
    for row in rows {
        admin.create(kind.plural, row).await.status(201);
    }
}

/// Filter, names of the records that it finds.
fn cases() -> Vec<(Json, &'static str)> {
    let mut cases = comparisons();
    cases.extend(texts());
    cases.extend(sets_and_logic());
    cases
}

fn comparisons() -> Vec<(Json, &'static str)> {
    let money =
        |operator: &str, amount: &str| json!({"annualRevenue": {"amount": {(operator): amount}}});
    vec![
        (json!({"employeeCount": {"eq": 2}}), "b"),
        (json!({"employeeCount": {"neq": 2}}), "acde"),
        (json!({"employeeCount": {"lt": 2}}), "ac"),
        (json!({"employeeCount": {"lte": 2}}), "abc"),
        (json!({"employeeCount": {"gt": 2}}), "d"),
        (json!({"employeeCount": {"gte": 2}}), "bd"),
        (json!({"employeeCount": {"between": [1, 2]}}), "ab"),
        (json!({"employeeCount": {"between": [2, 1]}}), ""),
        (json!({"employeeCount": {"in": [1, 10, 99]}}), "ad"),
        (json!({"employeeCount": {"in": []}}), ""),
        (json!({"employeeCount": {"nin": [1, 10]}}), "bce"),
        (json!({"employeeCount": {"nin": []}}), "abcde"),
        (json!({"employeeCount": {"isNull": true}}), "e"),
        (json!({"employeeCount": {"isNull": false}}), "abcd"),
        (json!({"employeeCount": {"gte": 1, "lt": 10}}), "ab"),
        (json!({"serial": {"eq": "9007199254740993"}}), "a"),
        (json!({"serial": {"gt": "9007199254740993"}}), "b"),
        (json!({"serial": {"lt": "0"}}), "c"),
        (json!({"weight": {"gt": "1"}}), "bd"),
        (json!({"weight": {"eq": "0.500"}}), "a"),
        (json!({"weight": {"in": ["10", -1]}}), "cd"),
        (json!({"share": {"between": ["0.2", "0.3"]}}), "bc"),
        (money("gt", "10"), "bd"),
        (money("eq", "10.0000"), "a"),
        (json!({"annualRevenue": {"gte": "10"}}), "abd"),
        (json!({"annualRevenue": {"currency": {"eq": "USD"}}}), "b"),
        (json!({"annualRevenue": {"isNull": true}}), "e"),
        (json!({"listed": {"eq": true}}), "ac"),
        (json!({"listed": {"neq": true}}), "bde"),
        (
            json!({"founded": {"gte": "2001-01-01", "lte": "2002-02-02"}}),
            "ab",
        ),
        (json!({"founded": {"lt": "2000-01-01"}}), "c"),
        (json!({"seenAt": {"gt": "2026-01-01T00:00:00Z"}}), "bd"),
        (json!({"seenAt": {"eq": "2026-01-01T01:00:00+01:00"}}), "a"),
        (json!({"seenAt": {"lt": "2000-01-01T00:00:00Z"}}), "c"),
        (json!({"status": {"eq": "active"}}), "ac"),
        (json!({"status": {"neq": "active"}}), "bde"),
        (json!({"status": {"in": ["inactive", "active"]}}), "abc"),
        (json!({"status": {"isNull": true}}), "de"),
        (
            json!({"token": {"eq": "00000000-0000-7000-8000-00000000000B"}}),
            "b",
        ),
        (
            json!({"token": {"in": ["00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-0000000000ff"]}}),
            "a",
        ),
        (json!({"extra": {"isNull": false}}), "a"),
        (json!({"version": {"eq": 1}}), "abcde"),
        (json!({"createdAt": {"gt": "2100-01-01T00:00:00Z"}}), ""),
    ]
}

fn texts() -> Vec<(Json, &'static str)> {
    vec![
        (json!({"city": {"eq": "Utrecht"}}), "a"),
        (json!({"city": {"ieq": "UTRECHT"}}), "ab"),
        (json!({"city": {"contains": "rech"}}), "ab"),
        (json!({"city": {"contains": "U"}}), "a"),
        (json!({"city": {"icontains": "U"}}), "ab"),
        (json!({"city": {"startsWith": "U"}}), "a"),
        (json!({"city": {"istartsWith": "U"}}), "ab"),
        (json!({"city": {"endsWith": "t"}}), "abd"),
        (json!({"city": {"iendsWith": "T"}}), "abd"),
        (json!({"city": {"contains": "%"}}), "c"),
        (json!({"city": {"contains": "_"}}), "c"),
        (json!({"city": {"contains": "\\"}}), "c"),
        (json!({"city": {"contains": "'"}}), "c"),
        (json!({"city": {"icontains": "%_"}}), "c"),
        (json!({"city": {"istartsWith": "5_"}}), ""),
        (json!({"city": {"contains": ""}}), "abcd"),
        (json!({"city": {"lt": "V"}}), "ac"),
        (json!({"city": {"gte": "V"}}), "bd"),
        (json!({"city": {"in": ["Utrecht", "Zeist"]}}), "ad"),
        (json!({"city": {"neq": "Utrecht"}}), "bcde"),
        (json!({"email": {"endsWith": "@other.example"}}), "cd"),
        (json!({"email": {"contains": "@"}}), "abcd"),
        (json!({"name": {"between": ["b", "d"]}}), "bcd"),
    ]
}

fn sets_and_logic() -> Vec<(Json, &'static str)> {
    vec![
        (json!({"kinds": {"has": "supplier"}}), "bd"),
        (json!({"kinds": {"hasAny": ["customer", "carrier"]}}), "abd"),
        (json!({"kinds": {"hasAny": []}}), ""),
        (json!({"kinds": {"hasAll": ["customer", "supplier"]}}), "b"),
        (json!({"kinds": {"hasAll": []}}), "abcd"),
        (json!({"kinds": {"isNull": true}}), "e"),
        (json!({}), "abcde"),
        (json!({"and": []}), "abcde"),
        (json!({"or": []}), ""),
        (json!({"not": {}}), ""),
        (
            json!({"or": [{"name": {"eq": "a"}}, {"name": {"eq": "e"}}]}),
            "ae",
        ),
        (
            json!({"and": [{"listed": {"eq": true}}, {"employeeCount": {"gt": 0}}]}),
            "a",
        ),
        (json!({"not": {"listed": {"eq": true}}}), "bde"),
        (json!({"not": {"employeeCount": {"gt": 0}}}), "ce"),
        (json!({"not": {"not": {"employeeCount": {"gt": 0}}}}), "abd"),
        (
            json!({"listed": {"eq": true}, "or": [{"employeeCount": {"eq": 1}}, {"employeeCount": {"eq": 2}}]}),
            "a",
        ),
        (
            json!({"not": {"or": [{"name": {"in": ["a", "b"]}}, {"employeeCount": {"isNull": true}}]}}),
            "cd",
        ),
    ]
}

#[tokio::test]
async fn every_operator_finds_what_it_says() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        for (filter, expected) in cases() {
            let answer = admin.filter(kind.plural, &filter, "sort=name").await;
            assert_eq!(
                answer.column("name").concat(),
                expected,
                "{filter}\n{answer}"
            );
            let body = json!({"filter": filter, "sort": "name", "count": "exact"});
            let answer = admin.query(kind.plural, &body).await;
            assert_eq!(
                answer.column("name").concat(),
                expected,
                "{filter}\n{answer}"
            );
            assert_eq!(answer.json()["count"], expected.len(), "{filter}\n{answer}");
        }
    }
}

#[tokio::test]
async fn the_short_form_says_the_same() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        let cases = [
            ("city[eq]=Utrecht", "a"),
            ("employeeCount[gte]=2", "bd"),
            ("employeeCount[gte]=1&employeeCount[lt]=10", "ab"),
            ("employeeCount[in]=1,10", "ad"),
            ("employeeCount[between]=1,2", "ab"),
            ("employeeCount[isNull]=true", "e"),
            ("serial[eq]=9007199254740993", "a"),
            ("weight[gt]=1", "bd"),
            ("annualRevenue.amount[gt]=10", "bd"),
            ("annualRevenue.currency[eq]=USD", "b"),
            ("listed[eq]=true", "ac"),
            ("founded[lt]=2000-01-01", "c"),
            ("kinds[has]=supplier", "bd"),
            ("kinds[hasAny]=customer,carrier", "abd"),
            ("status[neq]=active", "bde"),
            ("filter={\"listed\":{\"eq\":true}}&employeeCount[gt]=0", "a"),
        ];
        for (parameters, expected) in cases {
            let answer = admin
                .list(kind.plural, &format!("{parameters}&sort=name"))
                .await;
            assert_eq!(answer.column("name").concat(), expected, "{answer}");
        }
    }
}

/// A family: `a` and `b` are children of `x`, `c` of `y`, `z` has none; `a` is an ally of `b` and `c`.
async fn family(admin: &Client, kind: Kind) {
    let plural = kind.plural;
    let city = |name: &str, city: &str| json!({"name": name, "city": city});
    let x = admin.make(plural, city("x", "Utrecht")).await;
    let y = admin.make(plural, city("y", "Zeist")).await;
    admin.make(plural, json!({"name": "z"})).await;
    let mut children = vec![];
    for (name, parent) in [("a", &x), ("b", &x), ("c", &y)] {
        children.push(
            admin
                .make(
                    plural,
                    json!({"name": name, "parent": parent, "city": name}),
                )
                .await,
        );
    }
    let allies = format!("{plural}/{}/allies", children[0]);
    let since = |day: &str, terms: &str| json!({"since": day, "terms": terms});
    admin
        .link(&allies, &children[1], since("2020-01-01", "loose"))
        .await
        .status(201);
    admin
        .link(&allies, &children[2], since("2024-01-01", "tight"))
        .await
        .status(201);
}

#[tokio::test]
async fn filters_walk_references_inverses_and_relations() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        family(&admin, kind).await;
        let tight = json!({"link": {"terms": {"eq": "tight"}}});
        let cases = [
            (json!({"parent": {"city": {"eq": "Utrecht"}}}), "ab"),
            (json!({"parent": {"city": {"neq": "Utrecht"}}}), "c"),
            (
                json!({"not": {"parent": {"city": {"eq": "Utrecht"}}}}),
                "cxyz",
            ),
            (json!({"parent": {"isNull": true}}), "xyz"),
            (json!({"parent": {"isNull": false}}), "abc"),
            (json!({"parent": {}}), "abc"),
            (json!({"parent": {"parent": {}}}), ""),
            (json!({"children": {"some": {}}}), "xy"),
            (json!({"children": {"none": {}}}), "abcz"),
            (json!({"children": {"some": {"name": {"eq": "a"}}}}), "x"),
            (
                json!({"children": {"every": {"name": {"in": ["a", "b"]}}}}),
                "abcxz",
            ),
            (
                json!({"children": {"some": {"name": {"eq": "a"}}, "every": {"name": {"eq": "a"}}}}),
                "",
            ),
            (
                json!({"children": {"none": {"name": {"eq": "a"}}}}),
                "abcyz",
            ),
            (json!({"allies": {"some": {}}}), "a"),
            (json!({"alliedBy": {"some": {}}}), "bc"),
            (json!({"alliedBy": {"some": {"name": {"eq": "a"}}}}), "bc"),
            (json!({"alliedBy": {"some": tight}}), "c"),
            (
                json!({"allies": {"some": {"name": {"eq": "b"}, "link": {"terms": {"eq": "tight"}}}}}),
                "",
            ),
            (
                json!({"allies": {"every": {"link": {"since": {"gte": "2020-01-01"}}}}}),
                "abcxyz",
            ),
            (json!({"alliedBy": {"none": tight}}), "abxyz"),
            (
                json!({"parent": {"children": {"some": {"alliedBy": {"some": {"name": {"eq": "a"}}}}}}}),
                "abc",
            ),
        ];
        for (filter, expected) in cases {
            let answer = admin.filter(kind.plural, &filter, "sort=name").await;
            assert_eq!(
                answer.column("name").concat(),
                expected,
                "{filter}\n{answer}"
            );
        }
        let answer = admin
            .list(kind.plural, "parent.city[eq]=Utrecht&sort=name")
            .await;
        assert_eq!(answer.column("name").concat(), "ab");
        let answer = admin.list(kind.plural, "sort=-parent.city,-name").await;
        assert_eq!(answer.column("name").concat(), "cbazyx", "{answer}");
    }
}

#[tokio::test]
async fn a_deleted_target_is_no_target() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let parent = kind.make(&admin, "parent").await;
        let child = admin
            .make(kind.plural, json!({"name": "child", "parent": parent}))
            .await;
        admin.delete(kind.plural, &parent).await.status(204);
        let found = admin.filter(kind.plural, &json!({"parent": {}}), "").await;
        assert_eq!(found.ids(), Vec::<String>::new());
        let read = admin.get(kind.plural, &child).await.ok();
        assert_eq!(read["parent"], Json::Null);
        admin.restore(kind.plural, &parent).await.ok();
        let read = admin.get(kind.plural, &child).await.ok();
        assert_eq!(read["parent"], json!({"id": parent}));
    }
}

#[tokio::test]
async fn a_list_answers_the_fields_that_are_asked_for() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        family(&admin, kind).await;
        let names = |answer: &Json| -> Vec<String> {
            let row = answer["data"][0].as_object().expect("a record");
            row.keys().cloned().collect()
        };
        let answer = admin
            .list(kind.plural, "fields=name,city&limit=1")
            .await
            .ok();
        assert_eq!(names(&answer), ["id", "name", "city"]);
        let everything = names(&admin.list(kind.plural, "limit=1").await.ok());
        for expected in [
            "id",
            "version",
            "createdAt",
            "ownerId",
            "name",
            "parent",
            "kinds",
        ] {
            assert!(
                everything.iter().any(|name| name == expected),
                "{expected} in {everything:?}"
            );
        }
        assert!(
            !everything
                .iter()
                .any(|name| name == "children" || name == "deletedAt")
        );

        let parameters = "name[eq]=a&fields=name,parent.name,parent.parent.name,allies.name";
        let answer = admin.list(kind.plural, parameters).await.ok();
        let record = &answer["data"][0];
        assert_eq!(record["parent"]["name"], "x");
        assert_eq!(record["parent"]["parent"], Json::Null);
        let allies = record["allies"]["data"].as_array().expect("members");
        assert_eq!(allies.len(), 2, "{answer}");
        assert!(
            allies.iter().all(|ally| ally["link"]["id"].is_string()),
            "{answer}"
        );
    }
}
