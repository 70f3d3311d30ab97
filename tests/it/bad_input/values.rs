//! Values that do not fit, and unusual ones that do: those come back byte for byte.

use serde_json::{Value as Json, json};

use super::{refused, refused_by_graphql};
use crate::support::{Kind, TestApp};

/// An id that no record has.
const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// Field, values that it does not take.
fn misfits() -> Vec<(&'static str, Vec<Json>)> {
    let long = "9".repeat(400);
    vec![
        (
            "name",
            vec![
                json!(1),
                json!(true),
                json!([]),
                json!({}),
                json!(null),
                json!("a\u{0}b"),
                json!("x".repeat(201)),
            ],
        ),
        (
            "city",
            vec![json!(1.5), json!(["x"]), json!("\u{0}"), json!({"eq": "x"})],
        ),
        (
            "employeeCount",
            vec![
                json!("x"),
                json!(1.5),
                json!(true),
                json!([1]),
                json!(9_223_372_036_854_775_807_u64),
                json!(18_446_744_073_709_551_615_u64),
                json!(1e300),
                json!("1e5"),
                json!(""),
            ],
        ),
        (
            "serial",
            vec![
                json!("9223372036854775808"),
                json!("-9223372036854775809"),
                json!(long),
                json!("1.0"),
                json!("0x1"),
                json!(1.5),
                json!(""),
                json!("१"),
                json!(1e30),
            ],
        ),
        (
            "weight",
            vec![
                json!("1000000000"),
                json!("0.0001"),
                json!("1e400"),
                json!(long),
                json!("NaN"),
                json!("Infinity"),
                json!("-"),
                json!("1,5"),
                json!(true),
                json!("1.2.3"),
                json!(" 1"),
                json!(1e300),
            ],
        ),
        (
            "share",
            vec![json!("x"), json!(long), json!({}), json!("1e-400")],
        ),
        (
            "annualRevenue",
            vec![
                json!("1"),
                json!(1),
                json!({"amount": "1"}),
                json!({"currency": "EUR"}),
                json!({"amount": "x", "currency": "EUR"}),
                json!({"amount": "1", "currency": "euro"}),
                json!({"amount": "1", "currency": "EUR", "x": 1}),
                json!({"amount": "100000000000000", "currency": "EUR"}),
                json!({"amount": "0.00001", "currency": "EUR"}),
                json!({"amount": null, "currency": null}),
                json!({}),
            ],
        ),
        ("listed", vec![json!("true"), json!(1), json!("yes")]),
        (
            "founded",
            vec![
                json!("2026-02-30"),
                json!("2026-2-3"),
                json!("2026-13-01"),
                json!("2026-00-10"),
                json!("0000-00-00"),
                json!(20_260_101),
                json!("2026-01-01T00:00:00Z"),
                json!("99999-01-01"),
                json!("yesterday"),
                json!(""),
                json!("2023-02-29"),
            ],
        ),
        (
            "seenAt",
            vec![
                json!("2026-02-30T00:00:00Z"),
                json!("2026-01-01"),
                json!("2026-01-01T25:00:00Z"),
                json!("2026-01-01T00:00:00"),
                json!("2026-01-01T00:00:00+99:00"),
                json!(0),
                json!("99999-01-01T00:00:00Z"),
                json!("now"),
            ],
        ),
        (
            "status",
            vec![
                json!("nonsense"),
                json!("Active"),
                json!(1),
                json!(["active"]),
                json!(""),
            ],
        ),
        (
            "kinds",
            vec![
                json!("customer"),
                json!(["nonsense"]),
                json!([1]),
                json!([null]),
                json!(["customer", "customer", "x"]),
                json!({}),
            ],
        ),
        (
            "email",
            vec![
                json!("x"),
                json!("a@b@c"),
                json!("a b@example.com"),
                json!(1),
                json!("@"),
                json!("a@b\u{0}.nl"),
            ],
        ),
        (
            "phone",
            vec![
                json!("not a phone"),
                json!(1),
                json!("+"),
                json!("+1".repeat(50)),
            ],
        ),
        (
            "website",
            vec![
                json!("x"),
                json!("javascript:alert(1)"),
                json!("http://"),
                json!(1),
            ],
        ),
        (
            "token",
            vec![
                json!("x"),
                json!(1),
                json!("01900000-0000-7000-8000-00000000000"),
                json!("01900000-0000-7000-8000-00000000000g"),
            ],
        ),
        (
            "parent",
            vec![
                json!("x"),
                json!(1),
                json!({}),
                json!({"id": 1}),
                json!({"id": "x"}),
                json!(NOTHING),
                json!({"id": NOTHING}),
                json!([NOTHING]),
            ],
        ),
        (
            "extra",
            vec![json!({"a": "x\u{0}"}), json!("\u{0}"), json!({"\u{0}": 1})],
        ),
    ]
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_a_422_at_its_field() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let id = kind.make(&admin, "x").await;
        for (field, values) in misfits() {
            for value in values {
                let place = format!("/{field}");
                for answer in [
                    admin.patch(kind.plural, &id, json!({(field): value})).await,
                    admin
                        .create(kind.plural, json!({"name": "y", (field): value}))
                        .await,
                ] {
                    let body = answer.problem(422, "validation_failed");
                    let fault = body["errors"][0]["pointer"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned();
                    assert!(fault.starts_with(&place), "{answer}");
                }
                if (field, &value) == ("kinds", &json!("customer")) {
                    continue; // GraphQL takes one value for a list of one.
                }
                let document =
                    "mutation($p: ThingPatch!) { updateThing(id: \"ID\", input: $p) { id } }"
                        .replace("ID", &id);
                refused_by_graphql(
                    &kind
                        .graphql(&admin, &document, json!({"p": {(field): value}}))
                        .await,
                );
            }
        }
        assert_eq!(admin.get(kind.plural, &id).await.ok()["version"], 1);
        assert_eq!(
            admin.list(kind.plural, "count=exact").await.ok()["count"],
            1
        );
    }
}

#[tokio::test]
async fn numbers_beyond_64_bits_are_refused_as_json_numbers_too() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        for number in [
            "9223372036854775808",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "1e999",
            "-1e999",
            "1e400",
        ] {
            for field in ["employeeCount", "serial", "weight", "share"] {
                let body = format!("{{\"name\": \"x\", \"{field}\": {number}}}");
                let client = app.admin();
                let request = client.request(
                    "POST".parse().expect("a method"),
                    &format!("/v1/data/{}", kind.plural),
                );
                let answer = client
                    .send(
                        request
                            .header("content-type", "application/json")
                            .body(body),
                    )
                    .await;
                assert!([400, 422].contains(&answer.code()), "{answer}");
                refused(&answer);
                let document = format!(
                    "mutation {{ createThing(input: {{name: \"x\", {field}: {number}}}) {{ id }} }}"
                );
                refused_by_graphql(&kind.graphql(&client, &document, Json::Null).await);
                let answer = client
                    .list(kind.plural, &format!("{field}[eq]={number}"))
                    .await;
                assert!(answer.code() < 500, "{answer}");
                let filter = format!("{{\"{field}\": {{\"gt\": {number}}}}}");
                let answer = client.list(kind.plural, &format!("filter={filter}")).await;
                assert!(answer.code() < 500, "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn all_faults_of_a_body_are_named_at_once() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let values =
            json!({"employeeCount": "x", "founded": "2026-02-30", "weight": "many", "nonsense": 1});
        let answer = app.admin().create(kind.plural, values).await;
        for place in ["/employeeCount", "/founded", "/weight", "/nonsense"] {
            answer.problem_at(400, "unknown_field", place);
        }
        let answer = app.admin().create(kind.plural, json!({"city": 1})).await;
        answer.problem_at(422, "validation_failed", "/city");
        app.admin()
            .create(kind.plural, json!({"city": "x"}))
            .await
            .problem_at(422, "validation_failed", "/name");
    }
}

#[tokio::test]
async fn unusual_text_comes_back_byte_for_byte() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let texts = [
        "😀 👩‍👩‍👧‍👦 🇳🇱",
        "שלום עולם",
        "مرحبا \u{202e}abc\u{202c}",
        "e\u{301} é",
        "\u{1}\u{1f}\u{7f}",
        "\u{feff}x\u{200b}",
        "'; drop table organizations; --",
        "\"; drop table x",
        "\\u0000 \\",
        "%_\\%",
        "a\r\n\tb",
        " both ends ",
        "\u{10ffff}\u{fffd}",
        "ﷺ",
        "$1 ? :name @p {0} ${x}",
        "null",
        "</script><b>",
    ];
    for kind in Kind::both(&app).await {
        for text in texts {
            let stored = admin
                .create(
                    kind.plural,
                    json!({"name": text, "description": text, "extra": {"t": text}}),
                )
                .await;
            let id = stored.status(201).json()["id"]
                .as_str()
                .expect("an id")
                .to_owned();
            let record = admin.get(kind.plural, &id).await.ok();
            assert_eq!(
                (
                    &record["name"],
                    &record["description"],
                    &record["extra"]["t"]
                ),
                (&json!(text), &json!(text), &json!(text))
            );
            for operator in ["eq", "contains", "startsWith", "endsWith", "ieq"] {
                let found = admin
                    .filter(kind.plural, &json!({"name": {(operator): text}}), "")
                    .await;
                assert!(found.ids().contains(&id), "{operator} {found}");
                let found = admin
                    .list(
                        kind.plural,
                        &format!("name[{operator}]={}", text.replace('&', "")),
                    )
                    .await;
                assert!(found.ids().contains(&id), "{operator} {found}");
            }
            let document =
                "query($t: String!) { things(filter: {name: {eq: $t}}) { nodes { id name } } }";
            let found = kind
                .graphql(&admin, document, json!({"t": text}))
                .await
                .data();
            assert_eq!(
                found[kind.plural]["nodes"],
                json!([{"id": id, "name": text}])
            );
        }
    }
}

#[tokio::test]
async fn the_length_of_a_text_counts_characters() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        app.admin()
            .create(kind.plural, json!({"name": "😀".repeat(200)}))
            .await
            .status(201);
        app.admin()
            .create(kind.plural, json!({"name": "😀".repeat(201)}))
            .await
            .problem_at(422, "validation_failed", "/name");
    }
}
