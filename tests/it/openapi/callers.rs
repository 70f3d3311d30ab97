//! Each caller has a document of its own, and what it says is true for that caller.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Response, Rules, TestApp, Validator};

async fn document(client: &Client) -> Json {
    client.call("GET", "/openapi.json", &Json::Null).await.ok()
}

fn types(property: &Json) -> Vec<&str> {
    let types = match &property["type"] {
        Json::Array(types) => types.iter().filter_map(Json::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    assert_ne!(types, Vec::<&str>::new(), "{property}");
    types
}

/// Sees the name of every record, the version and the dates of those in Utrecht, and of those in Zeist the
/// phone, masked; the external id everywhere, masked.
fn reader(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let everywhere =
            json!({"fields": ["name", "externalId"], "masks": {"externalId": "last4"}});
        let utrecht = json!({
            "fields": ["version", "createdAt", "updatedAt", "createdBy", "phone", "status"],
            "where": {"city": {"eq": "Utrecht"}},
        });
        let zeist = json!({
            "fields": ["phone"], "masks": {"phone": "hash"}, "where": {"city": {"eq": "Zeist"}},
        });
        rules
            .allow("read", kind.name, everywhere)
            .allow("read", kind.name, utrecht)
            .allow("read", kind.name, zeist)
            .allow("update", kind.name, json!({"fields": ["phone"]}))
            .allow("create", kind.name, json!({"fields": ["name"]}))
            .allow("delete", kind.name, json!({}))
    })
}

async fn fill(app: &TestApp, kind: Kind) -> [String; 2] {
    let admin = app.admin();
    let mut ids = Vec::new();
    for city in ["Utrecht", "Zeist"] {
        let record = json!({
            "name": city, "city": city, "phone": "+31 30 1234567", "externalId": format!("ext-{city}"),
        });
        ids.push(admin.make(kind.plural, record).await);
    }
    ids.try_into().expect("two records")
}

/// Every form in which a caller reads records of a type.
async fn reads(client: &Client, kind: Kind, ids: &[String; 2]) -> Vec<(String, Response)> {
    let list = format!("{}List", kind.pascal());
    let mut answers = vec![
        (list.clone(), client.list(kind.plural, "").await),
        (list, client.list(kind.plural, "fields=*").await),
    ];
    for id in ids {
        answers.push((kind.pascal(), client.get(kind.plural, id).await));
        let patched = client
            .patch(kind.plural, id, json!({"phone": "+31 30 7654321"}))
            .await;
        answers.push((kind.pascal(), patched));
    }
    answers
}

fn assert_fits(document: &Json, answers: Vec<(String, Response)>) {
    let validator = Validator::new(document.clone());
    for (name, answer) in answers {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        let fits = validator.fits(&schema, &answer.ok());
        assert!(fits, "not of the form {name}\n{answer}");
    }
}

#[tokio::test]
async fn what_shows_on_some_records_may_be_null() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let clients = app.person_and_key("reader", reader(kinds)).await;
    for kind in kinds {
        let ids = fill(&app, kind).await;
        for client in &clients {
            let document = document(client).await;
            let record = &document["components"]["schemas"][kind.pascal()]["properties"];
            for name in ["version", "createdAt", "updatedAt"] {
                assert!(types(&record[name]).contains(&"null"), "{name}");
            }
            assert_eq!(types(&record["name"]), ["string"]);
            for (name, masks) in [("externalId", "`last4`"), ("phone", "`hash`")] {
                let about = record[name]["description"].as_str().unwrap_or_default();
                assert!(about.contains(masks), "{about}");
            }
            assert_fits(&document, reads(client, kind, &ids).await);
            // The version is a condition of a write for those who read it always.
            let one = &document["paths"][format!("/v1/data/{}/{{id}}", kind.plural)];
            let found = &one["get"]["responses"]["200"]["headers"]["ETag"];
            assert!(
                found["description"].to_string().contains("absent"),
                "{found}"
            );
            assert!(one["patch"]["responses"]["200"]["headers"]["ETag"].is_null());
            for method in ["patch", "delete"] {
                assert!(one[method]["responses"]["412"].is_null());
                assert!(!one[method]["parameters"].to_string().contains("IfMatch"));
            }
            let tags = [&ids[0], &ids[1]].map(|id| client.get(kind.plural, id));
            let [seen, hidden] = futures::future::join_all(tags)
                .await
                .try_into()
                .expect("two");
            assert!(seen.header("etag").is_some() && hidden.header("etag").is_none());
            let request = client.request(
                reqwest::Method::PATCH,
                &format!("/v1/data/{}/{}", kind.plural, ids[0]),
            );
            let request = request.header("if-match", "\"1\"").json(&json!({}));
            client.send(request).await.problem(403, "forbidden");
        }
        let document = document(&app.admin()).await;
        let record = &document["components"]["schemas"][kind.pascal()]["properties"];
        for name in ["version", "createdAt", "updatedAt"] {
            assert!(!types(&record[name]).contains(&"null"), "{name}");
        }
        let one = &document["paths"][format!("/v1/data/{}/{{id}}", kind.plural)];
        assert!(!one["patch"]["responses"]["200"]["headers"]["ETag"].is_null());
        assert!(!one["delete"]["responses"]["412"].is_null());
        assert_fits(&document, reads(&app.admin(), kind, &ids).await);
    }
}

#[tokio::test]
async fn a_version_out_of_sight_is_in_no_document() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let name = json!({"fields": ["name"]});
        rules
            .allow("read", kind.name, name.clone())
            .allow("update", kind.name, name)
    });
    for client in app.person_and_key("namer", rules).await {
        let document = document(&client).await;
        for kind in kinds {
            let id = kind.make(&app.admin(), "A").await;
            let one = &document["paths"][format!("/v1/data/{}/{{id}}", kind.plural)];
            let text = one.to_string();
            for absent in ["ETag", "IfMatch", "IfNoneMatch", "\"304\"", "\"412\""] {
                assert!(!text.contains(absent), "{absent} in {text}");
            }
            let answers = [
                client.get(kind.plural, &id).await,
                client.patch(kind.plural, &id, json!({"name": "B"})).await,
            ];
            for answer in &answers {
                answer.ok();
                assert_eq!(answer.header("etag"), None, "{answer}");
            }
            let answers = answers.map(|answer| (kind.pascal(), answer));
            assert_fits(&document, answers.into());
        }
    }
}

/// The kind of the type of `version` in a payload.
async fn version_of(client: &Client, payload: &str) -> Json {
    let query = "query($name: String!) { __type(name: $name) { fields { name type { kind } } } }";
    let data = client.graphql(query, json!({"name": payload})).await.data();
    let fields = data["__type"]["fields"].as_array().cloned();
    let mut fields = fields.unwrap_or_default().into_iter();
    let version = fields.find(|field| field["name"] == "version");
    version.expect("a version")["type"]["kind"].clone()
}

#[tokio::test]
async fn the_version_of_a_payload_is_null_for_who_does_not_always_read_it() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let clients = app.person_and_key("reader", reader(kinds)).await;
    for kind in kinds {
        let [id, _] = fill(&app, kind).await;
        for payload in [
            format!("{}Payload", kind.pascal()),
            "RemovalPayload".to_owned(),
        ] {
            for client in &clients {
                assert_eq!(version_of(client, &payload).await, "SCALAR");
            }
            assert_eq!(version_of(&app.admin(), &payload).await, "NON_NULL");
        }
        let write = "mutation($id: ID!) { updateThing(id: $id, input: {phone: \"+31 30 1\"}) { id version } }";
        for client in &clients {
            let data = kind.graphql(client, write, json!({"id": id})).await.data();
            let written = &data[format!("update{}", kind.pascal())];
            assert_eq!(written, &json!({"id": id, "version": null}));
        }
    }
}

#[tokio::test]
async fn a_key_has_no_way_to_sign_in_in_its_document() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let [person, key] = app.person_and_key("reader", reader(kinds)).await;
    let listed = document(&key).await;
    let paths = listed["paths"].as_object().expect("paths");
    let of_sign_in: Vec<&String> = paths
        .keys()
        .filter(|path| path.starts_with("/v1/auth/") || path.starts_with("/.well-known/"))
        .collect();
    assert_eq!(of_sign_in, ["/v1/auth/me"]);
    for shape in ["Login", "Session", "TotpCode", "PasswordChange"] {
        assert!(listed["components"]["schemas"][shape].is_null(), "{shape}");
    }
    // What it lists, the key may ask.
    for (path, item) in paths {
        if item["get"].is_null() || path.starts_with("/v1/data/") {
            continue;
        }
        let path = path.replace("{name}", "organization");
        let answer = key.call("GET", &path, &Json::Null).await;
        let code = answer.code();
        assert!(code != 401 && code != 405, "{answer}");
        // The schema of a body is for those who may send it; this key may.
        assert_ne!(code, 403, "{answer}");
    }
    let listed = document(&person).await;
    for path in ["/v1/auth/refresh", "/v1/auth/totp", "/v1/auth/sessions"] {
        assert!(!listed["paths"][path].is_null(), "{path}");
    }
    // And what it does not list of a person's, it is refused.
    for (method, path, body) in [
        ("GET", "/v1/auth/sessions", Json::Null),
        ("POST", "/v1/auth/totp", json!({"password": "x"})),
        ("POST", "/v1/auth/totp/confirm", json!({"code": "123456"})),
        (
            "POST",
            "/v1/auth/password/change",
            json!({"currentPassword": "x", "newPassword": "a long new password"}),
        ),
    ] {
        let refused = key.call(method, path, &body).await;
        refused.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn descriptions_tell_masks_and_where_a_field_shows() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let clients = app.person_and_key("reader", reader(kinds)).await;
    for kind in kinds {
        for client in &clients {
            let path = format!("objects/{}", kind.name);
            let described = client.meta("GET", &path, Json::Null).await.ok();
            let fields = described["fields"].as_array().expect("fields");
            let field = |name: &str| {
                let found = fields.iter().find(|field| field["name"] == name);
                let found = found.unwrap_or_else(|| panic!("no field {name}"));
                (found["visibility"].clone(), found["masks"].clone())
            };
            assert_eq!(field("id"), (json!("always"), Json::Null));
            assert_eq!(field("name"), (json!("always"), Json::Null));
            assert_eq!(field("version"), (json!("sometimes"), Json::Null));
            assert_eq!(field("status"), (json!("sometimes"), Json::Null));
            assert_eq!(field("phone"), (json!("sometimes"), json!(["hash"])));
            assert_eq!(field("externalId"), (json!("masked"), json!(["last4"])));
            let city = fields.iter().any(|field| field["name"] == "city");
            assert!(!city, "what only rules ask for is no field");
        }
        let path = format!("objects/{}", kind.name);
        let described = app.admin().meta("GET", &path, Json::Null).await.ok();
        for field in described["fields"].as_array().expect("fields") {
            assert_eq!(field["visibility"], "always", "{field}");
            assert!(field["masks"].is_null(), "{field}");
        }
    }
}

#[tokio::test]
async fn a_field_that_reads_as_null_everywhere_says_so() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let nothing =
            json!({"fields": ["name", "employeeCount"], "masks": {"employeeCount": "null"}});
        rules.allow("read", kind.name, nothing)
    });
    for client in app.person_and_key("reader", rules).await {
        let document = document(&client).await;
        for kind in kinds {
            let path = format!("fields?object={}", kind.name);
            let fields = client.meta("GET", &path, Json::Null).await.ok();
            let mut fields = fields["data"]
                .as_array()
                .cloned()
                .unwrap_or_default()
                .into_iter();
            let count = fields.find(|field| field["name"] == "employeeCount");
            let count = count.expect("the field");
            assert_eq!(count["visibility"], "masked");
            assert_eq!(count["masks"], json!(["null"]));
            let record = &document["components"]["schemas"][kind.pascal()]["properties"];
            assert!(types(&record["employeeCount"]).contains(&"null"));
        }
    }
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_told_by_name() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for (path, status, code, place, message) in [
        (
            "users?colour=1",
            400,
            "invalid_parameter",
            "colour",
            "is unknown here; known are limit and after",
        ),
        (
            "roles?colour=1",
            400,
            "invalid_parameter",
            "colour",
            "is unknown here; this address takes no parameters",
        ),
        (
            "users?limit=many",
            422,
            "validation_failed",
            "limit",
            "must be a whole number, and not too large",
        ),
        (
            "users?limit=0",
            422,
            "validation_failed",
            "limit",
            "must be from 1 to 200",
        ),
        (
            "keys?after=first",
            422,
            "validation_failed",
            "after",
            "must be an id",
        ),
        (
            "shares?object=organization",
            400,
            "invalid_parameter",
            "record",
            "is required",
        ),
        (
            "diagram?format=png",
            422,
            "validation_failed",
            "format",
            "must be one of mermaid, svg",
        ),
        (
            "diagram?depth=deep",
            422,
            "validation_failed",
            "depth",
            "must be a whole number, and not too large",
        ),
        (
            "changesets?before=x",
            422,
            "validation_failed",
            "before",
            "must be a whole number, and not too large",
        ),
        (
            "objects/organization/schema?for=all",
            422,
            "validation_failed",
            "for",
            "must be one of create, update",
        ),
    ] {
        let refused = admin.meta("GET", path, Json::Null).await;
        let body = refused.problem_at(status, code, place);
        assert_eq!(body["errors"][0]["message"], message, "{path}");
    }
    let new = json!({"name": "vessel", "plural": "vessels"});
    let refused = admin.meta("POST", "objects?dryRun=maybe", new).await;
    let body = refused.problem_at(422, "validation_failed", "dryRun");
    assert_eq!(body["errors"][0]["message"], "must be true or false");
}
