//! Fields that get another type: copied beside the requests, switched as a whole, with a report of what does
//! not fit.

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::{done, ended, everything, jobs_of, many, thing};
use crate::support::{Client, Rules, TestApp};

fn convert(field: &str, to: Json) -> Json {
    json!({"op": "convertField", "object": "thing", "field": field, "to": to})
}

/// Things with the field `value` of this type.
async fn things(app: &TestApp, mut field: Json) -> Client {
    let admin = app.admin();
    field["name"] = json!("value");
    admin.change(json!([thing(&json!([field]))])).await.ok();
    admin
}

/// Converts `value` and gives the job as it ended.
async fn converted(admin: &Client, operation: Json) -> Json {
    let report = admin.change(json!([operation])).await.ok();
    ended(admin, &jobs_of(&report)[0]).await
}

async fn field(client: &Client, name: &str) -> Json {
    let described = client.meta("GET", "objects/thing", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let found = fields.iter().find(|field| field["name"] == name);
    found.cloned().unwrap_or(Json::Null)
}

/// Old type, new type, values as they were, and as they are.
type Pair = (Json, Json, Vec<(Json, Json)>);

#[expect(clippy::too_many_lines, reason = "a table: one row per pair")]
fn table() -> Vec<Pair> {
    let options = json!([{"name": "open"}, {"name": "won", "label": "Deal won"}]);
    let flags = json!([{"name": "yes"}, {"name": "no"}]);
    let money = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let of = |name: &str| json!({"type": name});
    vec![
        (
            of("text"),
            of("longText"),
            vec![(json!("a b"), json!("a b")), (json!(""), json!(""))],
        ),
        (
            of("longText"),
            of("text"),
            vec![(json!("short"), json!("short"))],
        ),
        (
            of("text"),
            of("email"),
            vec![(json!(" ann@example.com"), json!("ann@example.com"))],
        ),
        (
            of("text"),
            of("url"),
            vec![(json!("https://example.com/"), json!("https://example.com/"))],
        ),
        (
            of("text"),
            json!({"type": "phone", "region": "NL"}),
            vec![(json!("030 123 4567"), json!("+31301234567"))],
        ),
        (
            of("text"),
            of("uuid"),
            vec![(
                json!("0190A6E2-7b1c-7d3e-8f4a-5b6c7d8e9f00"),
                json!("0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00"),
            )],
        ),
        (
            of("text"),
            of("integer"),
            vec![
                (json!(" 42 "), json!(42)),
                (json!("-7"), json!(-7)),
                (json!(" "), Json::Null),
            ],
        ),
        (
            of("text"),
            of("bigInteger"),
            vec![(json!("9007199254740993"), json!("9007199254740993"))],
        ),
        (
            of("text"),
            json!({"type": "decimal", "scale": 3}),
            vec![(json!("1.5"), json!("1.500"))],
        ),
        (of("text"), of("float"), vec![(json!("36.6"), json!(36.6))]),
        (
            of("text"),
            of("boolean"),
            vec![(json!("Yes"), json!(true)), (json!("0"), json!(false))],
        ),
        (
            of("text"),
            of("date"),
            vec![(json!("2026-02-28"), json!("2026-02-28"))],
        ),
        (
            of("text"),
            of("dateTime"),
            vec![
                (json!("2026-02-28"), json!("2026-02-28T00:00:00.000000Z")),
                (
                    json!("2026-02-28T10:00:00+01:00"),
                    json!("2026-02-28T09:00:00.000000Z"),
                ),
            ],
        ),
        (
            of("text"),
            of("time"),
            vec![
                (json!("9:30"), Json::Null),
                (json!("09:30"), json!("09:30:00")),
            ],
        ),
        (
            of("text"),
            of("duration"),
            vec![(json!("PT90M"), json!("PT1H30M"))],
        ),
        (
            of("text"),
            json!({"type": "select", "options": options}),
            vec![
                (json!("open"), json!("open")),
                (json!("deal WON"), json!("won")),
            ],
        ),
        (
            of("text"),
            json!({"type": "multiSelect", "options": options}),
            vec![(json!("open; won"), json!(["open", "won"]))],
        ),
        (
            of("text"),
            of("stringList"),
            vec![(json!("a, b\nc"), json!(["a", "b", "c"]))],
        ),
        (
            of("text"),
            of("money"),
            vec![(json!("12.50 EUR"), money("12.5000"))],
        ),
        (
            of("text"),
            of("json"),
            vec![(json!("[1, 2]"), json!([1, 2]))],
        ),
        (
            json!({"type": "select", "options": options}),
            of("text"),
            vec![(json!("won"), json!("won"))],
        ),
        (
            json!({"type": "select", "options": options}),
            json!({"type": "multiSelect", "options": options}),
            vec![(json!("won"), json!(["won"]))],
        ),
        (
            json!({"type": "multiSelect", "options": options}),
            json!({"type": "select", "options": options}),
            vec![(json!(["won"]), json!("won")), (json!([]), Json::Null)],
        ),
        (
            json!({"type": "multiSelect", "options": options}),
            of("stringList"),
            vec![(json!(["won", "open"]), json!(["won", "open"]))],
        ),
        (
            of("stringList"),
            of("text"),
            vec![(json!(["a", "b"]), json!("a, b"))],
        ),
        (
            of("integer"),
            of("bigInteger"),
            vec![(json!(5), json!("5"))],
        ),
        (
            of("integer"),
            of("decimal"),
            vec![(json!(5), json!("5.00"))],
        ),
        (
            of("integer"),
            of("boolean"),
            vec![(json!(1), json!(true)), (json!(0), json!(false))],
        ),
        (of("integer"), of("text"), vec![(json!(5), json!("5"))]),
        (of("integer"), of("rating"), vec![(json!(5), json!(5))]),
        (
            of("bigInteger"),
            of("integer"),
            vec![(json!("5"), json!(5))],
        ),
        (
            of("decimal"),
            of("integer"),
            vec![(json!("5.00"), json!(5))],
        ),
        (
            of("decimal"),
            of("text"),
            vec![(json!("5.10"), json!("5.10"))],
        ),
        (
            json!({"type": "decimal", "scale": 4}),
            json!({"type": "decimal", "scale": 2}),
            vec![(json!("1.2500"), json!("1.25"))],
        ),
        (
            json!({"type": "decimal", "precision": 6, "scale": 2}),
            json!({"type": "decimal", "precision": 12, "scale": 5}),
            vec![(json!("1.25"), json!("1.25000"))],
        ),
        (
            of("float"),
            of("decimal"),
            vec![(json!(1.25), json!("1.25"))],
        ),
        (
            of("boolean"),
            of("integer"),
            vec![(json!(true), json!(1)), (json!(false), json!(0))],
        ),
        (
            of("boolean"),
            of("text"),
            vec![(json!(true), json!("true"))],
        ),
        (
            of("boolean"),
            json!({"type": "select", "options": flags}),
            vec![(json!(true), json!("yes"))],
        ),
        (
            json!({"type": "select", "options": flags}),
            of("boolean"),
            vec![(json!("no"), json!(false))],
        ),
        (
            of("date"),
            of("dateTime"),
            vec![(json!("2026-02-28"), json!("2026-02-28T00:00:00.000000Z"))],
        ),
        (
            of("dateTime"),
            of("date"),
            vec![(json!("2026-02-28T23:30:00-02:00"), json!("2026-03-01"))],
        ),
        (
            of("money"),
            of("text"),
            vec![(money("12.50"), json!("12.5 EUR"))],
        ),
        (
            of("personName"),
            of("text"),
            vec![(json!({"given": "Ann", "family": "Bo"}), json!("Ann Bo"))],
        ),
        (of("country"), of("text"), vec![(json!("NL"), json!("NL"))]),
    ]
}

#[tokio::test]
async fn each_pair_of_the_table_goes_over() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let (mut fields, mut operations) = (Vec::new(), Vec::new());
    for (at, (from, to, _)) in table().into_iter().enumerate() {
        let mut field = from;
        field["name"] = json!(format!("f{at}"));
        fields.push(field);
        let mut operation = convert(&format!("f{at}"), to);
        operation["onMisfit"] = json!("clear");
        operations.push(operation);
    }
    admin.change(json!([thing(&json!(fields))])).await.ok();
    let mut expected = Vec::new();
    for (at, (_, _, values)) in table().into_iter().enumerate() {
        let name = format!("f{at}");
        for (before, after) in values {
            let id = admin.make("things", json!({&name: before})).await;
            expected.push((id, name.clone(), after));
        }
    }
    let report = admin.change(json!(operations)).await.ok();
    for job in jobs_of(&report) {
        done(&admin, &job).await;
    }
    for (id, name, after) in expected {
        let record = admin.get("things", &id).await.ok();
        assert_eq!(record[&name], after, "{name}");
        assert_eq!(record["version"], 1, "nobody has changed it");
    }
    for (at, (_, to, _)) in table().into_iter().enumerate() {
        assert_eq!(field(&admin, &format!("f{at}")).await["type"], to["type"]);
    }
}

#[tokio::test]
async fn numbers_become_money_and_back_by_a_currency() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "decimal", "scale": 3})).await;
    let id = admin.make("things", json!({"value": "12.345"})).await;
    let to = json!({"type": "money"});
    let refused = admin.change(json!([convert("value", to.clone())])).await;
    refused.problem_at(422, "validation_failed", "/operations/0/currency");
    let mut operation = convert("value", to);
    operation["currency"] = json!("EUR");
    assert_eq!(converted(&admin, operation).await["state"], "done");
    let expected = json!({"amount": "12.3450", "currency": "EUR"});
    assert_eq!(admin.get("things", &id).await.ok()["value"], expected);

    let other = json!({"amount": "1", "currency": "USD"});
    let dollars = admin.make("things", json!({"value": other})).await;
    let mut back = convert("value", json!({"type": "decimal", "scale": 2}));
    back["currency"] = json!("EUR");
    back["round"] = json!(true);
    let job = converted(&admin, back.clone()).await;
    assert_eq!(job["state"], "failed", "{job}");
    assert_eq!(
        job["report"]["misfits"]["samples"][0]["record"],
        json!(dollars)
    );
    back["onMisfit"] = json!("clear");
    assert_eq!(converted(&admin, back).await["state"], "done");
    assert_eq!(admin.get("things", &id).await.ok()["value"], "12.35");
    assert_eq!(
        admin.get("things", &dollars).await.ok()["value"],
        Json::Null
    );
}

/// A text that is no number, and what a report says of it.
async fn misfit(admin: &Client) -> (String, Json) {
    admin.make("things", json!({"value": "7"})).await;
    let bad = admin.make("things", json!({"value": "seven"})).await;
    let reason = "is no number, or has too many digits";
    let sample = json!({"record": bad, "value": "seven", "reason": reason});
    (bad, sample)
}

#[tokio::test]
async fn a_dry_run_counts_what_does_not_fit() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text"})).await;
    let (_, sample) = misfit(&admin).await;
    let operation = convert("value", json!({"type": "integer"}));
    let dry = json!({"dryRun": true, "operations": [operation]});
    let dry = admin.meta("POST", "changesets", dry).await.ok();
    assert_eq!(dry["applicable"], false, "{dry}");
    let impact = &dry["operations"][0];
    let rows = (&impact["rowsAffected"], &impact["rowsFailing"]);
    assert_eq!(rows, (&json!(2), &json!(1)));
    assert_eq!(impact["jobs"], json!([{"kind": "convert"}]));
    assert_eq!(impact["misfits"], json!({"rows": 1, "samples": [sample]}));
    assert_eq!(field(&admin, "value").await["state"], Json::Null);
    let jobs = admin.meta("GET", "jobs", Json::Null).await.ok();
    assert_eq!(jobs["data"], json!([]));
}

#[tokio::test]
async fn what_does_not_fit_leaves_the_field_as_it_was() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text"})).await;
    let (bad, sample) = misfit(&admin).await;
    let operation = convert("value", json!({"type": "integer"}));
    let job = converted(&admin, operation.clone()).await;
    assert_eq!(job["state"], "failed", "{job}");
    let error = job["error"].as_str().unwrap_or_default();
    assert!(error.contains("does not fit"), "{job}");
    assert_eq!(job["report"]["misfits"]["samples"], json!([sample]));
    let kept = field(&admin, "value").await;
    let shown = (&kept["type"], &kept["state"]);
    assert_eq!(shown, (&json!("text"), &Json::Null));
    let found = admin.list("things", "value[eq]=seven").await;
    assert_eq!(found.ids(), [bad.clone()]);

    let id = job["id"].as_str().expect("an id");
    let path = format!("jobs/{id}/retry");
    admin.meta("POST", &path, Json::Null).await.ok();
    let again = ended(&admin, id).await;
    assert_eq!(again["state"], "failed");
    let error = again["error"].as_str().unwrap_or_default();
    assert!(error.contains("convertField"), "{again}");

    let mended = json!({"value": "8"});
    admin.patch("things", &bad, mended).await.ok();
    assert_eq!(converted(&admin, operation).await["state"], "done");
    assert_eq!(admin.get("things", &bad).await.ok()["value"], 8);
}

#[tokio::test]
async fn what_fits_is_a_value_of_the_new_type_everywhere() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text", "unique": true})).await;
    for value in ["7", "8"] {
        admin.make("things", json!({"value": value})).await;
    }
    let operation = convert("value", json!({"type": "integer"}));
    assert_eq!(converted(&admin, operation).await["state"], "done");
    let listed = admin.list("things", "sort=value&value[gte]=7").await;
    assert_eq!(listed.column("value"), ["7", "8"]);
    let taken = admin.create("things", json!({"value": 8})).await;
    taken.problem(409, "unique_conflict");
    let text = admin.create("things", json!({"value": "9"})).await;
    text.status(422);
    let query = "{ things(filter: {value: {gt: 7}}) { nodes { value } } }";
    let seen = admin.graphql(query, Json::Null).await.data();
    assert_eq!(seen["things"]["nodes"], json!([{"value": 8}]));
}

#[tokio::test]
async fn values_that_become_equal_keep_a_unique_field_from_its_new_type() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text", "unique": true})).await;
    for value in ["1", "01"] {
        admin.make("things", json!({"value": value})).await;
    }
    let job = converted(&admin, convert("value", json!({"type": "integer"}))).await;
    assert_eq!(job["state"], "failed", "{job}");
    assert!(
        job["error"]
            .as_str()
            .is_some_and(|it| it.contains("unique")),
        "{job}"
    );
    assert_eq!(field(&admin, "value").await["type"], "text");
    let to = json!({"type": "integer", "unique": false});
    assert_eq!(
        converted(&admin, convert("value", to)).await["state"],
        "done"
    );
    admin.make("things", json!({"value": 1})).await;
}

#[tokio::test]
async fn a_cleared_value_of_a_required_field_is_refused() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text", "required": true})).await;
    admin.make("things", json!({"value": "x"})).await;
    let mut operation = convert("value", json!({"type": "integer"}));
    operation["onMisfit"] = json!("clear");
    let job = converted(&admin, operation.clone()).await;
    assert_eq!(job["state"], "failed", "{job}");
    operation["to"]["required"] = json!(false);
    assert_eq!(converted(&admin, operation).await["state"], "done");
    let listed = admin.list("things", "").await;
    assert_eq!(listed.column("value"), ["null"]);
}

#[tokio::test]
async fn defaults_names_and_aliases_go_with_the_field() {
    let app = TestApp::start().await;
    let admin = things(
        &app,
        json!({"type": "text", "default": "5", "label": "The value"}),
    )
    .await;
    admin
        .meta(
            "PATCH",
            "objects/thing/fields/value",
            json!({"name": "size"}),
        )
        .await
        .ok();
    let refused = convert("size", json!({"type": "date"}));
    let refused = admin.change(json!([refused])).await;
    refused.problem_at(422, "validation_failed", "/operations/0/to/default");
    let job = converted(&admin, convert("size", json!({"type": "integer"}))).await;
    assert_eq!(job["state"], "done", "{job}");
    let found = field(&admin, "size").await;
    assert_eq!(found["label"], "The value");
    assert_eq!(found["default"], 5);
    let id = admin.make("things", json!({})).await;
    assert_eq!(admin.get("things", &id).await.ok()["size"], 5);
    assert_eq!(admin.list("things", "value[eq]=5").await.ids(), [id]);
}

#[tokio::test]
async fn what_reads_the_field_has_to_fit_its_new_type() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "integer"})).await;
    let formula = |name: &str, result: &str, expression: &str| {
        json!({"op": "addField", "object": "thing", "field":
            {"name": name, "type": "formula", "result": result, "expression": expression}})
    };
    admin
        .change(json!([
            formula("half", "decimal", "value / 2"),
            {"op": "updateObjectType", "object": "thing", "defaultSort": ["value"],
             "validations": [{"name": "small", "condition": "value < 100", "message": "too large"}]},
        ]))
        .await
        .ok();
    let id = admin.make("things", json!({"value": 3})).await;
    assert_eq!(admin.get("things", &id).await.ok()["half"], "1.00");

    let refused = admin
        .change(json!([convert("value", json!({"type": "text"}))]))
        .await;
    let problem = refused.problem_at(422, "validation_failed", "/operations/0/to");
    let text = problem.to_string();
    assert!(
        text.contains("thing.half") && text.contains("small"),
        "{text}"
    );

    // What can go on is computed anew.
    let job = converted(&admin, convert("value", json!({"type": "decimal"}))).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(admin.get("things", &id).await.ok()["half"], "1.50");
    let broken = admin.create("things", json!({"value": "100"})).await;
    broken.problem(422, "validation_failed");
}

#[tokio::test]
async fn a_rule_over_the_field_has_to_fit_as_well() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text"})).await;
    let filter = json!({"value": {"eq": "x"}});
    let rules = Rules::none().allow("read", "thing", json!({"where": filter}));
    let reader = app.role("narrow", rules).await;
    admin.make("things", json!({"value": "x"})).await;
    assert_eq!(reader.list("things", "").await.ids().len(), 1);
    let refused = admin
        .change(json!([convert("value", json!({"type": "integer"}))]))
        .await;
    let problem = refused.problem_at(422, "validation_failed", "/operations/0/to");
    assert!(problem.to_string().contains("narrow"), "{problem}");
    let to = json!({"type": "longText"});
    assert_eq!(
        converted(&admin, convert("value", to)).await["state"],
        "done"
    );
    assert_eq!(reader.list("things", "").await.ids().len(), 1);
}

#[tokio::test]
async fn pairs_without_a_way_say_what_to_do_instead() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let fields = json!([
        {"name": "place", "type": "geoPoint"}, {"name": "key", "type": "secret"},
        {"name": "text", "type": "text"}, {"name": "size", "type": "integer"},
        {"name": "twice", "type": "formula", "result": "integer", "expression": "size * 2"},
        {"name": "who", "type": "reference", "target": "organization", "inverse": {"name": "things"}}]);
    admin.change(json!([thing(&fields)])).await.ok();
    for (field, to) in [
        ("place", "text"),
        ("key", "text"),
        ("twice", "text"),
        ("who", "text"),
        ("text", "personName"),
        ("text", "autoNumber"),
        ("text", "formula"),
        ("text", "text"),
        ("size", "date"),
    ] {
        let refused = admin
            .change(json!([convert(field, json!({"type": to}))]))
            .await;
        refused.problem_at(422, "validation_failed", "/operations/0/to/type");
    }
    let refused = admin
        .change(json!([convert("nothing", json!({"type": "text"}))]))
        .await;
    refused.problem_at(400, "unknown_field", "/operations/0/field");
    let refused = admin
        .change(json!([convert("text", json!({"type": "nothing"}))]))
        .await;
    refused.problem_at(422, "validation_failed", "/operations/0/to/type");
    let mut odd = convert("text", json!({"type": "integer"}));
    odd["onmisfit"] = json!("clear");
    let refused = admin.change(json!([odd])).await;
    refused.problem_at(400, "unknown_field", "/operations/0/onmisfit");
    let standard = json!({"op": "convertField", "object": "organization", "field": "name", "to": {"type": "longText"}});
    let refused = admin.change(json!([standard])).await;
    refused.problem_at(422, "validation_failed", "/operations/0/field");
    let types = admin.meta("GET", "field-types", Json::Null).await.ok();
    let types = types["data"].as_array().expect("types");
    let date = types.iter().find(|it| it["name"] == "date").expect("date");
    assert_eq!(
        date["convertibleTo"],
        json!(["text", "longText", "richText", "dateTime"])
    );
}

#[tokio::test]
async fn values_show_only_to_those_who_may_read_them() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text"})).await;
    let id = admin
        .make("things", json!({"value": "a secret word"}))
        .await;
    let role = json!({"name": "designer", "label": "d", "permissions": ["manageSchema"]});
    admin.meta("POST", "roles", role).await.status(201);
    let designer = app.user(&["designer"]).await;
    let operation = convert("value", json!({"type": "integer"}));
    let dry = json!({"dryRun": true, "operations": [operation]});
    let dry = designer.meta("POST", "changesets", dry).await;
    assert!(
        dry.text().contains(&id) && !dry.text().contains("secret word"),
        "{dry}"
    );
    let job = converted(&designer, operation).await;
    assert!(!job.to_string().contains("secret word"), "{job}");
    let path = format!("jobs/{}", job["id"].as_str().expect("an id"));
    let seen = admin.meta("GET", &path, Json::Null).await;
    assert!(seen.text().contains("secret word"), "{seen}");
    let nobody = app.user(&[]).await;
    nobody.meta("GET", &path, Json::Null).await.status(403);
    let refused = nobody
        .change(json!([convert("value", json!({"type": "longText"}))]))
        .await;
    refused.status(403);
}

/// Enough values for several chunks.
const MANY: usize = 1_200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_go_on_while_a_field_is_converted() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text"})).await;
    let ids = many(&admin, "Thing", MANY, |at| format!("{{value: \"{at}\"}}")).await;
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let (admin, ids) = (admin.clone(), ids.clone());
        writers.spawn(async move {
            for round in 0..12 {
                let id = &ids[(writer * 97 + round * 13) % ids.len()];
                let number = 100_000 + writer * 100 + round;
                // A text before the switch, a number after it.
                let text = json!({"value": number.to_string()});
                let answer = admin.patch("things", id, text).await;
                if answer.code() == 422 {
                    admin
                        .patch("things", id, json!({"value": number}))
                        .await
                        .ok();
                } else {
                    answer.ok();
                }
            }
        });
    }
    let report = admin
        .change(json!([convert("value", json!({"type": "integer"}))]))
        .await
        .ok();
    let job = jobs_of(&report)[0].clone();
    writers.join_all().await;
    done(&admin, &job).await;
    let records = everything(&admin, "things", "fields=id,value").await;
    assert_eq!(records.len(), MANY);
    for record in &records {
        let at = ids.iter().position(|id| record["id"] == json!(id));
        let value = record["value"].as_u64().expect("a number");
        assert!(
            value == at.expect("known") as u64 || value >= 100_000,
            "{record}"
        );
    }
    let written = records
        .iter()
        .filter(|it| it["value"].as_u64() >= Some(100_000));
    assert!(written.count() > 20);
}

#[tokio::test]
async fn a_conversion_can_be_cancelled_and_its_field_deleted() {
    let app = TestApp::start().await;
    let admin = things(&app, json!({"type": "text"})).await;
    many(&admin, "Thing", MANY, |at| format!("{{value: \"{at}\"}}")).await;
    let operation = convert("value", json!({"type": "integer"}));
    let report = admin.change(json!([operation])).await.ok();
    let job = jobs_of(&report)[0].clone();
    let again = admin.change(json!([operation])).await;
    let bounded = admin
        .meta(
            "PATCH",
            "objects/thing/fields/value",
            json!({"maxLength": 100}),
        )
        .await;
    let cancelled = admin
        .meta("POST", &format!("jobs/{job}/cancel"), Json::Null)
        .await;
    if cancelled.code() == 200 {
        // It was on its way, so that nobody else could change the field.
        again.problem_at(422, "validation_failed", "/operations/0/field");
        bounded.status(422);
        let kept = field(&admin, "value").await;
        assert_eq!(
            (&kept["type"], &kept["state"]),
            (&json!("text"), &Json::Null)
        );
        let report = admin.change(json!([operation])).await.ok();
        ended(&admin, &jobs_of(&report)[0]).await;
    }
    ended(&admin, &job).await;
    let back = admin
        .change(json!([convert("value", json!({"type": "text"}))]))
        .await
        .ok();
    admin
        .meta("DELETE", "objects/thing/fields/value", Json::Null)
        .await
        .status(204);
    let end = ended(&admin, &jobs_of(&back)[0]).await;
    assert_eq!(end["state"], "done", "{end}");
    let add = json!({"name": "value", "type": "boolean"});
    admin
        .meta("POST", "objects/thing/fields", add)
        .await
        .status(201);
}
