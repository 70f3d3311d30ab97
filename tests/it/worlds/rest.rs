//! Requests over REST: one way to make them for each operation of the contract.

use serde_json::{Value as Json, json};

use super::{
    chance::Chance,
    pair::{Pair, Request},
    vocabulary as words,
};

type Make = fn(&mut Chance, &Pair) -> (String, Json);

/// The operations on data, each with how often it is chosen.
#[rustfmt::skip] // one row an operation
const DATA: &[(&str, usize, Make)] = &[
    ("get /v1/data/{objects}", 8, list),
    ("post /v1/data/{objects}/query", 6, query),
    ("get /v1/data/{objects}/{id}", 5, one),
    ("get /v1/data/{objects}/{id}/{collection}", 5, members),
    ("get /v1/data/{objects}/{id}/related", 3, related),
    ("get /v1/data/{objects}/{id}/path", 3, path),
    ("post /v1/data/{objects}", 4, create),
    ("patch /v1/data/{objects}/{id}", 5, update),
    ("delete /v1/data/{objects}/{id}", 2, record),
    ("post /v1/data/{objects}/{id}/restore", 2, restore),
    ("post /v1/data/{objects}/{id}/{relation}", 3, link),
    ("put /v1/data/{objects}/{id}/{collection}", 2, set),
    ("patch /v1/data/{objects}/{id}/{collection}", 2, add_and_remove),
    ("patch /v1/data/{objects}/{id}/{relation}/{linkId}", 2, one_link),
    ("delete /v1/data/{objects}/{id}/{relation}/{linkId}", 1, end_link),
];

/// All other operations; they are asked with names and bodies at random.
const OTHERS: &[&str] = &[
    "get /.well-known/jwks.json",
    "get /healthz",
    "get /readyz",
    "get /openapi.json",
    "post /graphql",
    "post /v1/auth/login",
    "post /v1/auth/login/verify",
    "post /v1/auth/logout",
    "get /v1/auth/oidc",
    "post /v1/auth/oidc/{provider}/finish",
    "post /v1/auth/oidc/{provider}/start",
    "post /v1/auth/password/change",
    "post /v1/auth/password/forgot",
    "post /v1/auth/password/reset",
    "post /v1/auth/refresh",
    "get /v1/auth/me",
    "get /v1/auth/sessions",
    "delete /v1/auth/sessions/{id}",
    "post /v1/auth/totp",
    "delete /v1/auth/totp",
    "post /v1/auth/totp/confirm",
    "get /v1/meta/access",
    "post /v1/meta/access/apply",
    "post /v1/meta/access/explain",
    "post /v1/meta/access/preview",
    "post /v1/meta/access/restore",
    "get /v1/meta/access/versions",
    "get /v1/meta/audit",
    "get /v1/meta/changesets",
    "post /v1/meta/changesets",
    "get /v1/meta/currencies",
    "put /v1/meta/currencies",
    "post /v1/meta/currencies/rates",
    "delete /v1/meta/currencies/rates/{currency}/{validFrom}",
    "get /v1/meta/deleted",
    "get /v1/meta/deleted/{id}",
    "delete /v1/meta/deleted/{id}",
    "post /v1/meta/deleted/{id}/restore",
    "get /v1/meta/diagram",
    "get /v1/meta/field-types",
    "get /v1/meta/fields",
    "get /v1/meta/indexes/advice",
    "get /v1/meta/jobs",
    "get /v1/meta/jobs/{id}",
    "post /v1/meta/jobs/{id}/cancel",
    "post /v1/meta/jobs/{id}/retry",
    "get /v1/meta/keys",
    "post /v1/meta/keys",
    "get /v1/meta/keys/{id}",
    "delete /v1/meta/keys/{id}",
    "patch /v1/meta/keys/{id}",
    "post /v1/meta/keys/{id}/rotate",
    "get /v1/meta/objects",
    "post /v1/meta/objects",
    "get /v1/meta/objects/{name}",
    "delete /v1/meta/objects/{name}",
    "patch /v1/meta/objects/{name}",
    "post /v1/meta/objects/{name}/fields",
    "delete /v1/meta/objects/{name}/fields/{field}",
    "patch /v1/meta/objects/{name}/fields/{field}",
    "post /v1/meta/objects/{name}/fields/{field}/verify",
    "get /v1/meta/objects/{name}/schema",
    "post /v1/meta/objects/{name}/verify",
    "get /v1/meta/option-lists",
    "post /v1/meta/option-lists",
    "get /v1/meta/option-lists/{name}",
    "delete /v1/meta/option-lists/{name}",
    "patch /v1/meta/option-lists/{name}",
    "get /v1/meta/partners",
    "post /v1/meta/partners",
    "get /v1/meta/partners/{id}",
    "patch /v1/meta/partners/{id}",
    "get /v1/meta/relations",
    "post /v1/meta/relations",
    "get /v1/meta/relations/{name}",
    "delete /v1/meta/relations/{name}",
    "patch /v1/meta/relations/{name}",
    "post /v1/meta/relations/{name}/fields",
    "delete /v1/meta/relations/{name}/fields/{field}",
    "patch /v1/meta/relations/{name}/fields/{field}",
    "post /v1/meta/relations/{name}/fields/{field}/verify",
    "post /v1/meta/relations/{name}/verify",
    "get /v1/meta/roles",
    "post /v1/meta/roles",
    "get /v1/meta/roles/{role}",
    "delete /v1/meta/roles/{role}",
    "patch /v1/meta/roles/{role}",
    "get /v1/meta/roles/{role}/rules",
    "post /v1/meta/roles/{role}/rules",
    "get /v1/meta/roles/{role}/rules/{rule}",
    "put /v1/meta/roles/{role}/rules/{rule}",
    "delete /v1/meta/roles/{role}/rules/{rule}",
    "get /v1/meta/shares",
    "post /v1/meta/shares",
    "get /v1/meta/shares/{id}",
    "delete /v1/meta/shares/{id}",
    "get /v1/meta/teams",
    "post /v1/meta/teams",
    "get /v1/meta/teams/{team}",
    "delete /v1/meta/teams/{team}",
    "patch /v1/meta/teams/{team}",
    "get /v1/meta/users",
    "post /v1/meta/users",
    "get /v1/meta/users/{id}",
    "delete /v1/meta/users/{id}",
    "patch /v1/meta/users/{id}",
    "get /v1/meta/users/{id}/identities",
    "post /v1/meta/users/{id}/identities",
    "get /v1/meta/users/{id}/identities/{identity}",
    "delete /v1/meta/users/{id}/identities/{identity}",
    "get /v1/meta/users/{id}/sessions",
    "delete /v1/meta/users/{id}/sessions",
    "delete /v1/meta/users/{id}/sessions/{session}",
    "post /v1/meta/users/{id}/invite",
    "delete /v1/meta/users/{id}/totp",
    "get /v1/meta/version",
];

/// Every operation that programs are made of.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    let data = DATA.iter().map(|(operation, ..)| *operation);
    data.chain(OTHERS.iter().copied())
}

/// An operation of the contract, whatever the type and the collection are called.
pub(super) fn neutral(method: &str, path: &str) -> String {
    let Some(rest) = path.strip_prefix("/v1/data/") else {
        return format!("{method} {path}");
    };
    let mut parts = vec!["{objects}".to_owned()];
    for (at, part) in rest.split('/').enumerate().skip(1) {
        let is_fixed =
            part.starts_with('{') || ["query", "restore", "related", "path"].contains(&part);
        let is_link = method == "post" || rest.ends_with("{linkId}");
        parts.push(if is_fixed {
            part.to_owned()
        } else if at == 2 && is_link {
            "{relation}".to_owned()
        } else {
            "{collection}".to_owned()
        });
    }
    format!("{method} /v1/data/{}", parts.join("/"))
}

/// A request at random.
pub(super) fn request(chance: &mut Chance, pair: &Pair) -> Request {
    if chance.one_in(4) {
        return other(chance, pair);
    }
    let all: usize = DATA.iter().map(|(_, weight, _)| weight).sum();
    let mut at = chance.below(all);
    let chosen = DATA.iter().find(|(_, weight, _)| {
        let found = at < *weight;
        at = at.wrapping_sub(*weight);
        found
    });
    let (operation, _, make) = chosen.expect("a row of the table");
    let (path, body) = make(chance, pair);
    let mut request = Request::new(operation, path, body);
    if chance.one_in(if chance.careful { 12 } else { 4 }) {
        let header = chance.pick(&["if-match", "if-none-match"]);
        request
            .headers
            .push((header, format!("\"{}\"", 1 + chance.below(4))));
    }
    request
}

fn other(chance: &mut Chance, pair: &Pair) -> Request {
    let operation = chance.pick(OTHERS);
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let mut filled = Vec::new();
    for part in path.split('/') {
        filled.push(match part {
            "{name}" => chance.pick(words::TYPES).trim_end_matches('s').to_owned(),
            "{field}" => words::field(chance).replace(['/', ';', ' '], ""),
            "{id}" | "{rule}" | "{role}" | "{session}" | "{identity}" => pair.id(chance),
            part => part.replace(['{', '}'], ""),
        });
    }
    let body = match method {
        "get" | "delete" => Json::Null,
        _ if chance.one_in(2) => json!({"name": "n", "dryRun": true, "operations": []}),
        _ => json!({"nonsense": chance.below(3)}),
    };
    let mut path = filled.join("/");
    if path.ends_with("/diagram") {
        let around = chance.pick(words::TYPES).trim_end_matches('s');
        path.push_str(&format!("?around={around}&depth=2"));
    }
    Request::new(operation, path, body)
}

fn objects(chance: &mut Chance, pair: &Pair) -> String {
    if !chance.careful && chance.one_in(4) {
        return format!("/v1/data/{}", chance.pick(words::TYPES));
    }
    format!("/v1/data/{}", pair.kind(chance).plural)
}

fn target(chance: &mut Chance, pair: &Pair) -> String {
    format!("{}/{}", objects(chance, pair), pair.id(chance))
}

fn collection(chance: &mut Chance, pair: &Pair) -> String {
    let collection = words::collection(chance);
    format!("{}/{collection}", target(chance, pair))
}

/// The parameters of a list.
fn parameters(chance: &mut Chance, pair: &Pair) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match chance.below(4) {
        0 => {}
        1 => {
            let field = words::field(chance);
            let value = words::value_of(field, chance, pair);
            let text = value.as_str().map(str::to_owned);
            let text = text.unwrap_or_else(|| value.to_string());
            query.append_pair(&format!("{field}[eq]"), &text);
        }
        _ => {
            let filter = words::filter(chance, pair, 2);
            query.append_pair("filter", &filter.to_string());
        }
    }
    if chance.one_in(2) {
        query.append_pair("sort", &words::sort(chance));
    }
    if chance.one_in(2) {
        query.append_pair("fields", &fields(chance));
    }
    if chance.one_in(3) {
        query.append_pair("count", chance.pick(&["exact", "bounded", "none"]));
    }
    if chance.one_in(2) {
        query.append_pair("limit", &format!("{}", 1 + chance.below(6)));
    }
    if chance.one_in(4)
        && let Some(cursor) = pair.cursor(chance)
    {
        query.append_pair(chance.pick(&["after", "before"]), &cursor);
    }
    query.finish()
}

/// What to answer, in dotted paths.
fn fields(chance: &mut Chance) -> String {
    let count = 1 + chance.below(4);
    let paths: Vec<String> = (0..count)
        .map(|_| match chance.below(6) {
            0 => format!("parent.{}", words::field(chance)),
            1 => format!("{}.{}", words::collection(chance), words::field(chance)),
            2 => "allies.link.since".to_owned(),
            3 => "*".to_owned(),
            _ => words::field(chance).to_owned(),
        })
        .collect();
    paths.join(",")
}

fn list(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let (objects, parameters) = (objects(chance, pair), parameters(chance, pair));
    (format!("{objects}?{parameters}"), Json::Null)
}

fn one(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let target = target(chance, pair);
    if chance.one_in(2) {
        return (target, Json::Null);
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("fields", &fields(chance));
    (format!("{target}?{}", query.finish()), Json::Null)
}

fn members(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let (collection, parameters) = (collection(chance, pair), parameters(chance, pair));
    (format!("{collection}?{parameters}"), Json::Null)
}

fn query(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let mut body = json!({"select": select(chance, pair, 2)});
    if chance.one_in(2) {
        body["filter"] = words::filter(chance, pair, 3);
    }
    if chance.one_in(2) {
        body["sort"] = json!(words::sort(chance));
    }
    if chance.one_in(3) {
        body["count"] = json!("exact");
    }
    body["limit"] = json!(1 + chance.below(8));
    (format!("{}/query", objects(chance, pair)), body)
}

fn select(chance: &mut Chance, pair: &Pair, depth: usize) -> Json {
    let mut select = json!({});
    for field in words::some_fields(chance) {
        select[field] = json!(true);
    }
    if depth > 0 && chance.one_in(2) {
        select["parent"] = json!({"select": self::select(chance, pair, depth - 1)});
    }
    if depth > 0 && chance.one_in(2) {
        let mut nested = json!({"select": self::select(chance, pair, depth - 1), "limit": 3});
        if chance.one_in(2) {
            nested["filter"] = words::filter(chance, pair, 1);
        }
        if chance.one_in(2) {
            nested["count"] = json!("exact");
        }
        select[words::collection(chance)] = nested;
    }
    select
}

fn related(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let depth = 1 + chance.below(3);
    (
        format!("{}/related?depth={depth}", target(chance, pair)),
        Json::Null,
    )
}

fn path(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let from = target(chance, pair);
    let to = format!("{}/{}", pair.kind(chance).plural, pair.id(chance));
    (format!("{from}/path?to={to}"), Json::Null)
}

fn create(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let mut body = words::input(chance, pair);
    if !chance.one_in(4) {
        body["name"] = json!("made");
        body["city"] = json!("Utrecht");
    }
    (objects(chance, pair), body)
}

fn update(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    (target(chance, pair), words::input(chance, pair))
}

fn record(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    (target(chance, pair), Json::Null)
}

fn restore(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    (format!("{}/restore", target(chance, pair)), Json::Null)
}

fn link(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let mut body = json!({"id": pair.id(chance)});
    if chance.one_in(2) {
        body[link_field(chance)] = json!("2026-01-01");
    }
    (collection(chance, pair), body)
}

fn link_field(chance: &mut Chance) -> &'static str {
    if chance.careful {
        "since"
    } else {
        chance.pick(&["since", "terms"])
    }
}

fn set(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let items = json!([{"id": pair.id(chance)}, {"id": pair.id(chance)}]);
    (collection(chance, pair), items)
}

fn add_and_remove(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let change = chance.pick(&["add", "remove"]);
    let items = json!([{"id": pair.id(chance)}]);
    (collection(chance, pair), json!({change: items}))
}

fn one_link(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let field = link_field(chance);
    let path = format!("{}/{}", collection(chance, pair), pair.link(chance));
    (path, json!({field: "2026-02-02"}))
}

fn end_link(chance: &mut Chance, pair: &Pair) -> (String, Json) {
    let path = format!("{}/{}", collection(chance, pair), pair.link(chance));
    (path, Json::Null)
}
