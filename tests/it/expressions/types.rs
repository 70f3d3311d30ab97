//! Expressions over every type of field, on standard and custom types and over both faces.

use serde_json::{Value as Json, json};

use super::formula;
use crate::support::{Client, Rules, TestApp};

/// A field for each type that expressions read, with a value of it.
fn fields(seller: &str) -> Vec<(Json, Json)> {
    let field = |name: &str, field_type: &str| json!({"name": name, "type": field_type});
    let address =
        json!({"line1": "Damrak 1", "postalCode": "1012 LG", "city": "Amsterdam", "country": "NL"});
    let file = json!({"name": "offer.pdf", "mimeType": "application/pdf", "size": "48213"});
    vec![
        (field("myWeight", "float"), json!(0.1)),
        (field("myOpens", "time"), json!("09:30:00")),
        (field("myLength", "duration"), json!("PT1H30M")),
        (field("myHome", "address"), address),
        (
            field("myName", "personName"),
            json!({"given": "Ada", "family": "Byron"}),
        ),
        (
            field("myPlace", "geoPoint"),
            json!({"latitude": 52.379, "longitude": 4.9}),
        ),
        (field("myScan", "file"), file),
        (field("myTexts", "stringList"), json!(["a", "b", "a"])),
        (field("myStars", "rating"), json!(4)),
        (field("myLand", "country"), json!("NL")),
        (field("myTongue", "locale"), json!("nl-NL")),
        (field("myZone", "timeZone"), json!("Europe/Amsterdam")),
        (field("myPaint", "color"), json!("#336699")),
        (field("mySeller", "user"), json!(seller)),
        (field("myDue", "date"), json!("2026-02-28")),
        (
            field("myPaidAt", "dateTime"),
            json!("2026-03-01T23:30:15.500000Z"),
        ),
        (field("myRate", "decimal"), json!("2.5")),
        (
            json!({"name": "mySerial", "type": "autoNumber", "format": "P-{0000}"}),
            Json::Null,
        ),
    ]
}

/// Formulas with their results.
fn formulas() -> Vec<(&'static str, &'static str, Json)> {
    vec![
        ("float", "myWeight + 0.2", json!(0.300_000_000_000_000_04)),
        ("float", "myRate / 2", json!(1.25)),
        ("decimal", "decimal(myWeight) + 0.2", json!("0.3")),
        ("boolean", "myWeight == 0.1", json!(true)),
        ("time", "myOpens + myLength", json!("11:00:00")),
        ("time", "myOpens - duration(\"10h\")", json!("23:30:00")),
        ("duration", "myLength * 2", json!("PT3H")),
        ("duration", "myPaidAt - myDue", json!("PT47H30M15.5S")),
        (
            "dateTime",
            "myDue + myOpens",
            json!("2026-02-28T09:30:00.000000Z"),
        ),
        (
            "dateTime",
            "myPaidAt - myLength",
            json!("2026-03-01T22:00:15.500000Z"),
        ),
        ("decimal", "hours(myLength)", json!("1.5")),
        (
            "integer",
            "hour(myOpens) * 60 + minute(myOpens)",
            json!(570),
        ),
        (
            "text",
            "myHome.city + \" \" + myHome.country",
            json!("Amsterdam NL"),
        ),
        ("text", "upper(myName.family)", json!("BYRON")),
        ("float", "myPlace.latitude - 2", json!(50.379)),
        ("bigInteger", "myScan.size * 2", json!("96426")),
        (
            "boolean",
            "\"b\" in myTexts && !(\"c\" in myTexts)",
            json!(true),
        ),
        ("integer", "size(myTexts) + myStars", json!(7)),
        (
            "text",
            "mySerial + myLand + myTongue",
            json!("P-0001NLnl-NL"),
        ),
        ("text", "myZone + myPaint", json!("Europe/Amsterdam#336699")),
        ("boolean", "has(mySeller)", json!(true)),
        ("text", "text(mySeller)", Json::Null),
    ]
}

/// A standard type and a custom one with the fields.
async fn define(admin: &Client, seller: &str) -> [(&'static str, &'static str, &'static str); 2] {
    let custom = json!([{"op": "addObjectType", "name": "parcel", "plural": "parcels",
        "fields": [{"name": "name", "type": "text"}]}]);
    admin.change(custom).await.ok();
    let types = [
        ("organization", "organizations", "organization"),
        ("parcel", "parcels", "parcel"),
    ];
    for (object, ..) in types {
        let fields = fields(seller).into_iter().map(|(field, _)| field);
        let formulas = formulas().into_iter().enumerate();
        let formulas = formulas.map(|(at, (result, expression, _))| {
            let mut field = formula(&format!("result{at}"), result, expression);
            if result == "decimal" {
                field["scale"] = json!(1);
                field["precision"] = json!(10);
            }
            field
        });
        let all = fields.chain(formulas);
        let operations =
            all.map(|field| json!({"op": "addField", "object": object, "field": field}));
        admin.change(operations.collect()).await.ok();
    }
    types
}

/// A key that makes records of a type.
async fn maker(app: &TestApp, object: &str) -> Client {
    let rules = Rules::none().read(object);
    let role = format!("maker{object}");
    app.add_role(&role, &rules.allow("create", object, json!({})))
        .await;
    app.key(&[&role], json!({})).await
}

async fn admin_id(admin: &Client) -> String {
    let me = admin.call("GET", "/v1/auth/me", &Json::Null).await.ok();
    let id = me["id"].as_str().or_else(|| me["user"]["id"].as_str());
    id.expect("an id").to_owned()
}

#[tokio::test]
async fn formulas_read_every_type() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let seller = admin_id(&admin).await;
    for (_, plural, query_name) in define(&admin, &seller).await {
        let mut record = json!({"name": "one"});
        for (field, value) in fields(&seller) {
            if !value.is_null() {
                record[field["name"].as_str().expect("a name")] = value;
            }
        }
        let empty = admin
            .make(plural, json!({"name": "none", "mySeller": null}))
            .await;
        let nothing = admin.get(plural, &empty).await.ok();
        assert_eq!(nothing["result0"], Json::Null, "no value without values");
        let id = admin.make(plural, record).await;
        let stored = admin.get(plural, &id).await.ok();
        let names: Vec<String> = (0..formulas().len())
            .map(|at| format!("result{at}"))
            .collect();
        let query = format!(
            "query ($id: ID!) {{ {query_name}(id: $id) {{ {} }} }}",
            names.join(" ")
        );
        let answered = admin.graphql(&query, json!({"id": id})).await.data();
        for (name, (_, expression, expected)) in names.iter().zip(formulas()) {
            let expected = match expression {
                "text(mySeller)" => json!(seller),
                // The record before had the first number.
                text if text.starts_with("mySerial") => json!("P-0002NLnl-NL"),
                _ => expected,
            };
            assert_eq!(stored[name], expected, "{plural}: {expression}");
            assert_eq!(
                answered[query_name][name], expected,
                "{plural}: {expression}"
            );
        }
        // They are filtered and sorted by like fields of their type, and follow what they read.
        for filter in [
            json!({"result4": {"gte": "10:59"}}),
            json!({"result6": {"between": ["PT2H", "PT4H"]}}),
            json!({"result0": {"gt": 0.3}}),
            json!({"result8": {"lt": "2026-02-28T10:00:00Z"}}),
        ] {
            let found = admin.filter(plural, &filter, "sort=result6,-result0").await;
            assert_eq!(found.ids(), [id.clone()], "{filter}");
        }
        let patch = json!({"myOpens": "23:00:00", "myWeight": 1.5, "myHome": {"city": "Utrecht"}});
        admin.patch(plural, &id, patch).await.ok();
        let changed = admin.get(plural, &id).await.ok();
        assert_eq!(changed["result4"], "00:30:00");
        assert_eq!(changed["result0"], 1.7);
        assert_eq!(changed["result12"], Json::Null, "a city without a country");
    }
}

#[tokio::test]
async fn rules_read_every_type() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let seller = admin_id(&admin).await;
    for (object, plural, _) in define(&admin, &seller).await {
        let rule = |name: &str, condition: &str, field: &str| json!({"name": name, "condition": condition, "message": "not so", "fields": [field]});
        let rules = json!([
            rule(
                "early",
                "myOpens == null || myOpens < time(\"12:00\")",
                "myOpens"
            ),
            rule(
                "short",
                "myLength == null || myLength <= duration(\"PT8H\")",
                "myLength"
            ),
            rule(
                "light",
                "myWeight == null || myWeight * 2 < 100",
                "myWeight"
            ),
            rule("near", "!has(myPlace) || myPlace.latitude > 0.0", "myPlace"),
            rule(
                "here",
                "!has(myHome) || myHome.country in [\"NL\", \"BE\"]",
                "myHome"
            ),
            rule("small", "!has(myScan) || myScan.size < 1000000", "myScan"),
            rule("few", "!has(myTexts) || size(myTexts) < 4", "myTexts"),
            rule(
                "own",
                "mySeller == null || mySeller == currentUser",
                "mySeller"
            ),
            rule(
                "later",
                "myPaidAt == null || myPaidAt - now < duration(\"P1D\")",
                "myPaidAt"
            ),
        ]);
        let operation = json!([{"op": "updateObjectType", "object": object, "validations": rules}]);
        admin.change(operation).await.ok();
        for (field, broken) in [
            ("myOpens", json!("12:00")),
            ("myLength", json!("PT8H1S")),
            ("myWeight", json!(50)),
            ("myPlace", json!({"latitude": -1, "longitude": 0})),
            ("myHome", json!({"city": "Paris", "country": "FR"})),
            (
                "myScan",
                json!({"name": "a", "mimeType": "a/b", "size": "1000000"}),
            ),
            ("myTexts", json!(["1", "2", "3", "4"])),
            ("myPaidAt", json!("2999-01-01T00:00:00Z")),
        ] {
            let refused = admin
                .create(plural, json!({"name": "x", field: broken}))
                .await;
            let body = refused.problem_at(422, "validation_failed", &format!("/{field}"));
            assert_eq!(body["errors"][0]["code"], "rule_broken");
        }
        let kept = json!({"name": "x", "myOpens": "11:59:59", "myLength": "PT8H", "myWeight": 49.9,
            "myTexts": ["1"], "mySeller": seller, "myHome": {"city": "Gent", "country": "BE"}});
        admin.create(plural, kept).await.status(201);
        // A key is nobody's user.
        let key = maker(&app, object).await;
        let refused = key
            .create(plural, json!({"name": "x", "mySeller": seller}))
            .await;
        refused.problem_at(422, "validation_failed", "/mySeller");
    }
}

#[tokio::test]
async fn defaults_know_the_moment_and_the_writer() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let seller = admin_id(&admin).await;
    let default = |name: &str, field_type: &str, expression: &str| json!({"name": name, "type": field_type, "defaultExpression": expression});
    let fields = [
        default("day", "date", "addDays(today, 30)"),
        default("instant", "dateTime", "now + duration(\"PT1H\")"),
        default("writer", "user", "currentUser"),
        default("clock", "time", "time(now)"),
        default("length", "duration", "duration(\"PT1H\") * 1.5"),
        default("ratio", "float", "1 / 4.0"),
        default(
            "label",
            "text",
            "has(ratio) ? \"sent \" + text(ratio) : \"new\"",
        ),
    ];
    let custom =
        json!([{"op": "addObjectType", "name": "parcel", "plural": "parcels", "fields": fields}]);
    admin.change(custom).await.ok();
    let id = admin.make("parcels", json!({})).await;
    let made = admin.get("parcels", &id).await.ok();
    let created = made["createdAt"].as_str().expect("an instant").to_owned();
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let day = time::Date::parse(&created[..10], format).expect("a day");
    let later = (day + time::Duration::days(30))
        .format(format)
        .expect("a day");
    assert_eq!(made["day"], later);
    let hour: u32 = created[11..13].parse().expect("an hour");
    let instant = made["instant"].as_str().expect("an instant");
    assert_eq!(
        instant[11..13].parse::<u32>().expect("an hour"),
        (hour + 1) % 24
    );
    assert_eq!(instant[13..], created[13..]);
    let clock = made["clock"].as_str().expect("a time");
    assert_eq!(clock[..8], created[11..19]);
    assert_eq!(made["writer"]["id"], seller);
    assert_eq!(
        (&made["length"], &made["ratio"]),
        (&json!("PT1H30M"), &json!(0.25))
    );

    // Over the other face, and as nobody's user; what is sent counts.
    let key = maker(&app, "parcel").await;
    let mutation = "mutation { createParcel(input: {ratio: 2.5, day: \"2026-01-01\"}) {
        parcel { day writer { id } ratio label } } }";
    let made = key.graphql(mutation, json!({})).await.data();
    let expected = json!({"day": "2026-01-01", "writer": null, "ratio": 2.5, "label": "sent 2.5"});
    assert_eq!(made["createParcel"]["parcel"], expected);
    for (field_type, expression) in [
        ("date", "now"),
        ("dateTime", "today"),
        ("user", "today"),
        ("time", "duration(\"PT1H\")"),
        ("decimal", "float(\"1\")"),
        ("integer", "1.5"),
    ] {
        let field = default("odd", field_type, expression);
        let refused = admin.meta("POST", "objects/parcel/fields", field).await;
        refused.problem_at(422, "validation_failed", "/defaultExpression");
    }
}
