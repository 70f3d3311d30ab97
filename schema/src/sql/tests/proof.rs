//! The proof of statements can fail: what lacks a predicate is refused.

use sea_orm::sea_query::Values;
use serde_json::{Value as Json, json};

use super::{World, list, partner, select, system};
use crate::{
    access::{Checker, Condition, Hop, Operand, Quantifier},
    catalog::Subject,
    field_type::Operator,
    id::FieldId,
    plan::read::{ListLevel, ReadPlan},
    request::{Count, ListRequest},
    sql::{Reads, Statement, dialect::Dialect, proof, read},
    value::Value,
};

/// Rules of which one asks another type with the rights of its author.
fn world() -> World {
    let own = json!({"carrier": {"eq": "$partner.id"}});
    World::new(&[
        ("shipment", &["number", "order"], own.clone()),
        (
            "shipment",
            &["freight"],
            json!({"carrier": {"region": {"eq": "North"}}}),
        ),
        ("order", &[], json!({"shipments": {"some": own}})),
        ("product", &[], json!({})),
    ])
}

fn request(filter: Json) -> ListRequest {
    let columns = select(&["number", "freight", "order.number"]);
    let mut request = list("shipments", filter, "-order.number,number", columns);
    request.query.count = Count::Exact;
    request
}

fn plan(world: &World, filter: Json) -> ListLevel {
    let plan = world.list(&partner(), &request(filter)).expect("a plan");
    let ReadPlan::List(list) = plan else {
        panic!("a list")
    };
    list
}

/// What the proof says of the statements of a list.
fn proofs(world: &World, list: &ListLevel) -> Vec<Result<(), String>> {
    let caller = partner();
    let checker = Checker::new(&world.catalog, &world.policy, &caller);
    let mut proofs = Vec::new();
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        for statement in [
            read::rows(&world.catalog, dialect, list, None),
            read::count(&world.catalog, dialect, list, None),
        ] {
            proofs.push(proof::check(&checker, dialect, &statement.expect("SQL")));
        }
    }
    proofs
}

/// The statements of rows and of count lack something, on both databases.
fn refused(world: &World, list: &ListLevel, what: &str) {
    for proof in proofs(world, list) {
        let lacking = proof.expect_err(what);
        assert!(lacking.contains("lacks"), "{what}: {lacking}");
    }
}

#[test]
fn what_is_planned_is_proven() {
    let world = world();
    for filter in [
        json!({}),
        json!({"order": {"number": {"startsWith": "1"}}, "freight": {"amount": {"gt": "5"}}}),
        json!({"not": {"order": {"shipments": {"every": {"number": {"eq": "x"}}}}}}),
        json!({"order": {"shipments": {"count": {"gt": 2}}}}),
    ] {
        let list = plan(&world, filter.clone());
        for proof in proofs(&world, &list) {
            assert_eq!(proof, Ok(()), "{filter}");
        }
    }
}

#[test]
fn a_level_without_its_rows_is_refused() {
    let world = world();
    let mut list = plan(&world, json!({}));
    list.level.rows = Condition::TRUE;
    refused(&world, &list, "no predicate");
    // That of another one is none.
    let mut list = plan(&world, json!({}));
    list.level.rows = Condition::Compare {
        field: FieldId::standard("shipment", "carrier_id"),
        part: 0,
        operator: Operator::Eq,
        operand: Operand::Value(Value::Uuid(super::id(99))),
        visible: None,
    };
    refused(&world, &list, "the predicate of another caller");
    // Nor is one that another condition makes void.
    let mut list = plan(&world, json!({}));
    let rows = std::mem::replace(&mut list.level.rows, Condition::TRUE);
    list.level.filter = Condition::Any(vec![rows, list.level.filter]);
    list.level.filter = Condition::Not(Box::new(list.level.filter));
    refused(&world, &list, "a predicate that need not hold");
}

#[test]
fn a_join_without_its_rows_is_refused() {
    let world = world();
    let mut list = plan(&world, json!({}));
    list.level.joins[0].rows = Condition::TRUE;
    let all = proofs(&world, &list);
    // The statement of the count has no join.
    let lacking = all.iter().filter(|proof| proof.is_err()).count();
    assert_eq!(lacking, 2, "{all:?}");
}

#[test]
fn a_filter_that_looks_past_the_rules_is_refused() {
    let world = world();
    let order = FieldId::standard("shipment", "order_id");
    let (_, field) = world.catalog.find_reference(order).expect("a reference");
    let target = field.target().expect("a type");
    let mut list = plan(&world, json!({}));
    list.level.filter = Condition::Through {
        field: order,
        target,
        visible: None,
        inner: Box::new(Condition::TRUE),
    };
    refused(&world, &list, "a hop without its rows");
    let members = |quantifier| Condition::Members {
        hop: Hop::Inverse(order),
        quantifier,
        scope: Box::new(Condition::TRUE),
        link_scope: Box::new(Condition::TRUE),
        link: Box::new(Condition::TRUE),
        inner: Box::new(Condition::TRUE),
    };
    for quantifier in [Quantifier::Some, Quantifier::None, Quantifier::Every] {
        let mut list = plan(&world, json!({}));
        let rows = order_rows(&world);
        list.level.filter = Condition::Through {
            field: order,
            target,
            visible: None,
            inner: Box::new(rows.and(members(quantifier))),
        };
        refused(&world, &list, "members without their rows");
    }
}

fn order_rows(world: &World) -> Condition {
    let caller = partner();
    let checker = Checker::new(&world.catalog, &world.policy, &caller);
    let order = world.catalog.find_object_by_name("order").expect("a type");
    let rows = checker.rows_in_sight(Subject::Object(order.id));
    rows.expect("a rule")
}

#[test]
fn other_forms_are_refused() {
    let world = world();
    let caller = partner();
    let cases = [
        (
            r#"SELECT "t"."name" FROM "products" AS "t""#,
            "can be deleted",
        ),
        (
            r#"SELECT "t"."id" FROM "products" AS "t", "products" AS "u" WHERE "t"."deleted_at" IS NULL"#,
            "u can be deleted",
        ),
        (
            r#"SELECT "t"."id" FROM "products" AS "t" WHERE "t"."deleted_at" IS NULL OR 1 = 1"#,
            "can be deleted",
        ),
        (
            r#"SELECT "t"."id" FROM "organizations" AS "t" WHERE "t"."deleted_at" IS NULL"#,
            "may read no",
        ),
        (
            r#"SELECT "t"."id" FROM "products" AS "t" WHERE "t"."deleted_at" IS NULL UNION ALL SELECT "id" FROM "orders" WHERE "orders"."deleted_at" IS NULL"#,
            "orders lacks",
        ),
        (
            r#"SELECT "t"."id" FROM "products" AS "t" WHERE "t"."deleted_at" IS NULL ORDER BY (SELECT "o"."number" FROM "orders" AS "o" WHERE "o"."deleted_at" IS NULL)"#,
            "o lacks",
        ),
        (
            r#"WITH "w" ("id") AS (SELECT "id" FROM "orders" AS "o" WHERE "o"."deleted_at" IS NULL) SELECT "id" FROM "w""#,
            "o lacks",
        ),
        (r#"SELECT "id" FROM "users""#, "is no table of records"),
        (r#"DELETE FROM "products""#, "is no select"),
        ("SELECT (", "sql parser error"),
    ];
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        for (text, lacking) in cases {
            let statement = Statement::read(text.to_owned(), Values(Vec::new()), Reads::Caller);
            let checker = Checker::new(&world.catalog, &world.policy, &caller);
            let said = proof::check(&checker, dialect, &statement).expect_err(text);
            assert!(said.contains(lacking), "{text}: {said}");
        }
    }
}

#[test]
fn the_system_sees_live_records_alone_too() {
    let world = world();
    let caller = system();
    let checker = Checker::new(&world.catalog, &world.policy, &caller);
    let text = |live| format!(r#"SELECT "t"."id" FROM "orders" AS "t"{live}"#);
    for (live, is_proven) in [("", false), (r#" WHERE "t"."deleted_at" IS NULL"#, true)] {
        let statement = Statement::read(text(live), Values(Vec::new()), Reads::Caller);
        let proof = proof::check(&checker, Dialect::Postgres, &statement);
        assert_eq!(proof.is_ok(), is_proven, "{proof:?}");
    }
}

#[test]
fn a_statement_of_a_caller_runs_only_when_it_is_cleared() {
    let world = world();
    let caller = partner();
    let checker = Checker::new(&world.catalog, &world.policy, &caller);
    let list = plan(&world, json!({}));
    let statement = read::rows(&world.catalog, Dialect::Sqlite, &list, None).expect("SQL");
    assert!(!statement.is_cleared());
    assert!(
        statement
            .in_sight_of(&checker, Dialect::Sqlite)
            .is_cleared()
    );
}
