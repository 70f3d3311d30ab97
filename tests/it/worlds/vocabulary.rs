//! What programs speak of: names that the caller sees, that it does not see, and that are none; and values
//! that are there, are hidden, or are nowhere.

use serde_json::{Value as Json, json};

use super::{chance::Chance, pair::Pair};

/// How many of [`SEEN`], from the first on, are no system fields.
const WRITABLE: usize = 10;

/// Fields that some caller may see somewhere.
pub(super) const SEEN: &[&str] = &[
    "name",
    "city",
    "country",
    "status",
    "listed",
    "weight",
    "founded",
    "kinds",
    "employeeCount",
    "parent",
    "id",
    "version",
    "updatedAt",
];

/// Fields that no caller sees, and names that are no fields.
pub(super) const UNSEEN: &[&str] = &[
    "description",
    "annualRevenue",
    "serial",
    "token",
    "extra",
    "externalId",
    "createdAt",
    "ownerId",
    "nonsense",
    "secretPlan",
    "name; drop",
    "deletedAt",
    "t0.description",
    "organizations.description",
    "",
];

/// Collections of both sorts, and names that are none.
pub(super) const COLLECTIONS: &[&str] = &["children", "allies", "alliedBy", "orders", "plans"];

/// Types: those of the caller, hidden ones, and none.
pub(super) const TYPES: &[&str] = &[
    "organizations",
    "ventures",
    "people",
    "projects",
    "deals",
    "nothings",
    "organization",
    "events",
];

const OPERATORS: &[&str] = &[
    "eq",
    "neq",
    "in",
    "nin",
    "lt",
    "lte",
    "gt",
    "gte",
    "between",
    "contains",
    "startsWith",
    "icontains",
    "ieq",
    "isNull",
    "has",
    "hasAny",
    "like",
];

/// Fields that each caller sees somewhere.
const COMMON: &[&str] = &[
    "name", "city", "country", "status", "parent", "version", "id",
];

/// A field: one that is seen, or not so sure.
pub(super) fn field(chance: &mut Chance) -> &'static str {
    if chance.careful {
        chance.pick(COMMON)
    } else if chance.one_in(4) {
        chance.pick(UNSEEN)
    } else {
        chance.pick(SEEN)
    }
}

/// A few fields.
pub(super) fn some_fields(chance: &mut Chance) -> Vec<&'static str> {
    let count = 1 + chance.below(4);
    (0..count).map(|_| field(chance)).collect()
}

/// A collection: one that is seen, or not so sure.
pub(super) fn collection(chance: &mut Chance) -> &'static str {
    if chance.careful {
        chance.pick(&["children", "allies", "alliedBy"])
    } else {
        chance.pick(COLLECTIONS)
    }
}

/// A value of some form.
pub(super) fn value(chance: &mut Chance, pair: &Pair) -> Json {
    match chance.below(12) {
        0 => json!(chance.pick(&["Utrecht", "Paris", "Rome", "NL", "FR"])),
        1 => json!(format!("n{}", chance.below(30))),
        2 => json!(chance.below(60)),
        3 => json!(format!("{}.500", chance.below(60))),
        4 => json!(chance.pick(&["active", "inactive", "customer", "carrier"])),
        5 => json!(chance.one_in(2)),
        6 => json!(format!("2026-0{}-01", 1 + chance.below(9))),
        7 | 8 => json!(pair.id(chance)),
        9 => json!({"amount": format!("{}", chance.below(60)), "currency": "EUR"}),
        10 => Json::Null,
        _ => json!(chance.pick(&["hidden 0", "hidden 1", "", "a", "\u{0}", "%", "_"])),
    }
}

/// A value that suits a field, where the field is one.
pub(super) fn value_of(field: &str, chance: &mut Chance, pair: &Pair) -> Json {
    if !chance.careful && chance.one_in(4) {
        return value(chance, pair);
    }
    match field {
        "name" => json!(format!("n{}", chance.below(30))),
        "city" => json!(chance.pick(&["Utrecht", "Utrecht", "Paris", "Rome"])),
        "country" => json!(chance.pick(&["NL", "FR", "IT"])),
        "status" => json!(chance.pick(&["active", "inactive"])),
        "listed" => json!(chance.one_in(2)),
        "weight" => json!(format!("{}.250", chance.below(60))),
        "employeeCount" | "serial" | "version" => json!(chance.below(60)),
        "founded" => json!(format!("2020-01-{:02}", 1 + chance.below(28))),
        "kinds" => json!(["customer"]),
        "parent" | "id" => json!(pair.id(chance)),
        "updatedAt" => json!("2026-06-01T00:00:00Z"),
        _ => value(chance, pair),
    }
}

/// A filter, `depth` levels deep at most.
pub(super) fn filter(chance: &mut Chance, pair: &Pair, depth: usize) -> Json {
    let kinds = if depth == 0 { 4 } else { 10 };
    match chance.below(kinds) {
        0..=3 => {
            let field = field(chance);
            let mut operand = value_of(field, chance, pair);
            let operator = match field {
                "id" | "parent" | "status" if chance.careful => chance.pick(&["eq", "in", "neq"]),
                _ if chance.careful => chance.pick(&["eq", "lt", "gte", "in", "between", "isNull"]),
                _ => chance.pick(OPERATORS),
            };
            match operator {
                "in" | "nin" | "hasAny" => operand = json!([operand]),
                "between" => operand = json!([operand, value_of(field, chance, pair)]),
                "isNull" => operand = json!(chance.one_in(2)),
                _ => {}
            }
            json!({field: {operator: operand}})
        }
        4 => json!({"not": filter(chance, pair, depth - 1)}),
        5 => json!({"and": [filter(chance, pair, depth - 1), filter(chance, pair, depth - 1)]}),
        6 => json!({"or": [filter(chance, pair, depth - 1), filter(chance, pair, depth - 1)]}),
        7 => json!({"parent": filter(chance, pair, depth - 1)}),
        8 => {
            let quantifier = chance.pick(&["some", "none", "every"]);
            let mut inner = filter(chance, pair, depth - 1);
            if chance.one_in(4) {
                let field = if chance.careful {
                    "since"
                } else {
                    chance.pick(&["since", "terms", "version"])
                };
                inner["link"] = json!({field: {"isNull": chance.one_in(2)}});
            }
            if inner["link"].is_null() {
                return json!({collection(chance): {quantifier: inner}});
            }
            json!({chance.pick(&["allies", "alliedBy"]): {quantifier: inner}})
        }
        _ => {
            let number = json!({chance.pick(&["gte", "eq", "lt"]): chance.below(4)});
            json!({collection(chance): {"count": number}})
        }
    }
}

/// The keys of an order, as REST writes them.
pub(super) fn sort(chance: &mut Chance) -> String {
    let keys = 1 + chance.below(3);
    let keys: Vec<String> = (0..keys)
        .map(|_| {
            let sign = chance.pick(&["", "-"]);
            let way = if chance.one_in(4) { "parent." } else { "" };
            let key = match field(chance) {
                "parent" if chance.careful => "name",
                key => key,
            };
            format!("{sign}{way}{key}")
        })
        .collect();
    keys.join(",")
}

/// Fields of a record that is written.
pub(super) fn input(chance: &mut Chance, pair: &Pair) -> Json {
    let mut input = json!({});
    let count = 1 + chance.below(4);
    for _ in 0..count {
        let field = if chance.careful {
            chance.pick(&["name", "city", "country", "status", "parent"])
        } else if chance.one_in(6) {
            chance.pick(UNSEEN)
        } else {
            chance.pick(&SEEN[..WRITABLE])
        };
        input[field] = value_of(field, chance, pair);
    }
    if chance.one_in(6) {
        let change = chance.pick(&["add", "remove", "set"]);
        let collection = collection(chance);
        input[collection] = json!({change: [{"id": pair.id(chance)}]});
    }
    input
}
