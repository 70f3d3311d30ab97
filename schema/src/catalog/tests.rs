//! The catalog of a fresh installation.

use super::{Catalog, CollectionKind, MetadataRows};

fn fresh() -> Catalog {
    Catalog::load(&MetadataRows {
        version: 1,
        ..MetadataRows::default()
    })
    .expect("the standard types load")
}

#[test]
fn the_standard_types_are_found_by_their_names() {
    let catalog = fresh();
    let orders = catalog.find_plural("orders").expect("orders exist");
    assert_eq!(orders.name.as_str(), "order");
    assert_eq!(orders.table, "orders");
    let customer = orders
        .fields
        .find("customer")
        .expect("orders have a customer");
    assert_eq!(customer.column().name, "customer_id");
    assert_eq!(
        customer.target(),
        catalog.find_plural("organizations").map(|target| target.id)
    );
}

#[test]
fn a_reference_and_a_relation_both_show_as_collections() {
    let catalog = fresh();
    let organization = catalog
        .find_object_by_name("organization")
        .expect("organizations exist");
    let orders = catalog
        .find_collection(organization.id, "orders")
        .expect("the inverse of the customer");
    assert!(matches!(orders.kind, CollectionKind::Inverse { .. }));
    let employees = catalog
        .find_collection(organization.id, "employees")
        .expect("a side of employment");
    assert!(matches!(employees.kind, CollectionKind::Relation { .. }));
}

#[test]
fn an_unchanged_part_is_shared_with_the_predecessor() {
    let first = fresh();
    let second = fresh().sharing(&first);
    let (a, b) = (first.find_plural("orders"), second.find_plural("orders"));
    assert!(std::sync::Arc::ptr_eq(a.expect("a"), b.expect("b")));
}
