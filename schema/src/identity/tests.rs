//! Keys, scopes, and rules between names and ids.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    AccessRows, KeyText, Network, Principals, Rule, RuleText, StoredScope, TokenKind, parse_scopes,
    resolve_policy, resolve_rule_text, rule_of_row, scope_texts,
};
use crate::{
    access::{Action, Condition, Operand, Scopes, Variable},
    catalog::{Catalog, MetadataRows},
    error::{FaultCode, Place},
    id::{FieldId, KeyId, RoleId},
    plan::derivation::Derivations,
};

const ROLE: Uuid = Uuid::from_u128(1);

fn catalog() -> Catalog {
    catalog_with(Vec::new())
}

fn catalog_with(fields: Vec<entity::meta_field::Model>) -> Catalog {
    let rows = MetadataRows {
        version: 1,
        fields,
        ..MetadataRows::default()
    };
    Catalog::load(&rows).expect("the catalog loads")
}

/// A field row that takes a field of shipments away and, under another id, puts a new one of the same
/// name in its place.
fn recreated(catalog: &Catalog, name: &str) -> Vec<entity::meta_field::Model> {
    let shipment = catalog
        .find_object_by_name("shipment")
        .expect("shipments exist");
    let old = shipment.fields.find(name).expect("the field exists");
    let row = |id: Uuid, column: &str, deleted_at| entity::meta_field::Model {
        id,
        owner_id: shipment.id.uuid(),
        name: name.to_owned(),
        definition: json!({ "name": name, "label": name, "type": "text", "column": column }).into(),
        deleted_at,
    };
    vec![
        row(
            old.id.uuid(),
            &old.column().name,
            Some(OffsetDateTime::UNIX_EPOCH),
        ),
        row(Uuid::from_u128(77), "x_again", None),
    ]
}

fn text(json: Json) -> RuleText {
    serde_json::from_value(json).expect("the rule has the right shape")
}

fn row_of(catalog: &Catalog, rule: Json) -> entity::rule::Model {
    let stored = resolve_rule_text(catalog, &text(rule)).expect("the rule resolves");
    entity::rule::Model {
        id: Uuid::from_u128(2),
        role_id: ROLE,
        subject: stored.subject,
        action: super::action_name(stored.action).to_owned(),
        fields: stored.fields,
        condition: stored.condition.map(Into::into),
        check_condition: stored.check.map(Into::into),
        presets: stored.presets.into(),
        masks: Some(json!(stored.masks)),
        limits: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
    }
}

fn access_rows(rules: Vec<entity::rule::Model>) -> AccessRows {
    let role = entity::role::Model {
        id: ROLE,
        name: "shipper".to_owned(),
        label: String::new(),
        description: String::new(),
        permissions: json!(["manageAccess", "fly"]),
        inherits: None,
        created_at: OffsetDateTime::UNIX_EPOCH,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    };
    AccessRows {
        version: 1,
        roles: vec![role],
        rules,
        teams: Vec::new(),
    }
}

fn rules_in_force(catalog: &Catalog, row: &entity::rule::Model) -> Vec<crate::access::Rule> {
    let rows = access_rows(vec![row.clone()]);
    let policy = resolve_policy(catalog, &Derivations::of(catalog), &rows);
    policy.roles[&RoleId::new(ROLE)].rules.clone()
}

fn shown(catalog: &Catalog, row: &entity::rule::Model) -> Rule {
    rule_of_row(catalog, row, "shipper", true)
}

fn faults(rule: Json) -> Vec<(String, FaultCode)> {
    let faults = resolve_rule_text(&catalog(), &text(rule)).expect_err("the rule is refused");
    let place = |place: &Place| match place {
        Place::Pointer(pointer) => pointer.clone(),
        Place::Parameter(name) => name.clone(),
    };
    faults
        .iter()
        .map(|fault| (place(&fault.place), fault.code))
        .collect()
}

#[test]
fn a_key_is_parsed_from_its_own_text() {
    let key = KeyText::random();
    assert_eq!(KeyText::parse(&key.text()), Some(key.clone()));
    assert_eq!(key.text().len(), "rlt_".len() + 12 + 1 + 43 + 6);
    assert!(!format!("{key:?}").contains(&key.text()[20..]));
}

#[test]
fn a_key_with_one_wrong_character_is_no_key() {
    let text = KeyText::random().text();
    for at in 4..text.len() {
        let mut wrong: Vec<u8> = text.clone().into_bytes();
        wrong[at] = if wrong[at] == b'a' { b'b' } else { b'a' };
        let wrong = String::from_utf8(wrong).expect("still ASCII");
        assert_eq!(KeyText::parse(&wrong), None, "{wrong}");
    }
    for wrong in [
        "",
        "rlt_",
        "rlt__",
        "rlt_a_b",
        &text[1..],
        &format!("{text}a"),
        &text.replace('_', "-"),
    ] {
        assert_eq!(KeyText::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_refresh_token_is_neither_a_key_nor_guessable_in_form() {
    let token = TokenKind::REFRESH.random();
    assert!(TokenKind::REFRESH.hash(token.reveal()).is_some());
    assert_eq!(TokenKind::REFRESH.hash(&KeyText::random().text()), None);
    assert_eq!(TokenKind::REFRESH.hash("rlr_short"), None);
    assert_ne!(TokenKind::REFRESH.random().reveal(), token.reveal());
}

#[test]
fn a_rule_comes_back_with_the_names_it_was_written_with() {
    let catalog = catalog();
    let condition = json!({
        "carrier": { "eq": "$partner.id" },
        "or": [
            { "order": { "customer": { "name": { "startsWith": "A" }, "orders": { "some": { "number": { "eq": "1" } } } } } },
            { "not": { "status": { "in": ["delivered"] } } },
        ],
    });
    let row = row_of(
        &catalog,
        json!({
            "role": "shipper", "object": "shipment", "action": "update",
            "fields": ["status"], "where": condition, "check": { "carrier": { "eq": "$partner.id" } },
            "presets": { "carrier": "$partner.id" },
        }),
    );
    let stored = row.condition.clone().expect("a condition").to_string();
    assert!(
        !stored.contains("carrier") && !stored.contains("customer"),
        "{stored}"
    );
    let shown = shown(&catalog, &row);
    assert_eq!(shown.condition, Some(condition));
    assert_eq!(
        shown.check,
        Some(json!({ "carrier": { "eq": "$partner.id" } }))
    );
    assert_eq!(shown.presets, json!({ "carrier": "$partner.id" }));
    assert_eq!(shown.object, "shipment");
    assert_eq!(
        serde_json::to_value(&shown.fields).expect("JSON"),
        json!(["status"])
    );
    let rules = rules_in_force(&catalog, &row);
    let rule = rules.first().expect("the rule is in force");
    assert!(matches!(
        rule.presets[0].parts[..],
        [Operand::Variable(Variable::PartnerId)]
    ));
    assert!(
        rule.condition
            .as_ref()
            .is_some_and(|condition| !condition.is_true())
    );
}

#[test]
fn a_condition_walks_relations_and_their_links() {
    let catalog = catalog();
    let condition = json!({ "employees": { "some": { "link": { "title": { "eq": "CEO" } }, "lastName": { "eq": "X" } } } });
    let row = row_of(
        &catalog,
        json!({ "object": "organization", "action": "read", "fields": "*", "where": condition }),
    );
    // `link` moves to the end; its place in an object means nothing.
    assert_eq!(shown(&catalog, &row).condition, Some(condition));
    let rules = rules_in_force(&catalog, &row);
    let condition = rules[0].condition.as_ref().expect("a condition").clone();
    assert!(
        format!("{condition:?}").contains("Members"),
        "{condition:?}"
    );
}

#[test]
fn a_rule_never_attaches_to_a_new_field_of_an_old_name() {
    let before = catalog();
    let conditioned = row_of(
        &before,
        json!({ "object": "shipment", "action": "read", "fields": "*", "where": { "trackingNumber": { "eq": "1" } } }),
    );
    let listing = row_of(
        &before,
        json!({ "object": "shipment", "action": "read", "fields": ["status", "trackingNumber"] }),
    );
    let preset = row_of(
        &before,
        json!({ "object": "shipment", "action": "create", "fields": "*", "presets": { "trackingNumber": "1" } }),
    );
    assert_eq!(rules_in_force(&before, &conditioned).len(), 1);

    let after = catalog_with(recreated(&before, "trackingNumber"));
    let new = after
        .find_object_by_name("shipment")
        .expect("shipments exist");
    let new = new
        .fields
        .find("trackingNumber")
        .expect("the new field exists")
        .id;
    assert_eq!(new, FieldId::new(Uuid::from_u128(77)));
    assert!(rules_in_force(&after, &conditioned).is_empty());
    assert!(rules_in_force(&after, &preset).is_empty());
    let rules = rules_in_force(&after, &listing);
    assert!(
        !rules[0].fields.contains(new),
        "a list narrows to what is left"
    );
}

#[test]
fn a_rule_of_which_all_fields_are_gone_denies() {
    let before = catalog();
    let row = row_of(
        &before,
        json!({ "object": "shipment", "action": "read", "fields": ["trackingNumber"] }),
    );
    let after = catalog_with(recreated(&before, "trackingNumber"));
    assert!(rules_in_force(&after, &row).is_empty());
}

#[test]
fn every_fault_of_a_rule_is_named_with_its_place() {
    let unknown = json!({
        "object": "shipment", "action": "read", "fields": ["status", "nope"],
        "where": { "nope": { "eq": 1 }, "status": { "eq": "$nope" } },
    });
    assert_eq!(
        faults(unknown),
        [
            ("/fields/1".to_owned(), FaultCode::UnknownField),
            ("/where/nope".to_owned(), FaultCode::UnknownField),
            ("/where/status/eq".to_owned(), FaultCode::InvalidValue),
        ]
    );
    let check = |rule: Json, place: &str| {
        let found = faults(rule.clone());
        assert!(found.iter().any(|(at, _)| at == place), "{rule}: {found:?}");
    };
    check(
        json!({ "object": "user", "action": "read", "fields": "*" }),
        "/object",
    );
    check(
        json!({ "object": "shipment", "action": "rule", "fields": "*" }),
        "/action",
    );
    check(json!({ "object": "shipment", "action": "read" }), "/fields");
    check(
        json!({ "object": "shipment", "action": "read", "fields": {} }),
        "/fields",
    );
    check(
        json!({ "object": "shipment", "action": "read", "fields": "*", "check": {} }),
        "/check",
    );
    check(
        json!({ "object": "employment", "action": "create", "fields": "*" }),
        "/action",
    );
    check(
        json!({ "object": "*", "action": "read", "fields": ["id"] }),
        "/fields",
    );
    check(
        json!({ "object": "*", "action": "read", "fields": "*", "where": {} }),
        "/where",
    );
    check(
        json!({ "object": "shipment", "action": "create", "fields": "*", "presets": { "id": "$partner.id" } }),
        "/presets/id",
    );
    check(
        json!({ "object": "shipment", "action": "create", "fields": "*", "presets": { "status": "$now" } }),
        "/presets/status",
    );
}

#[test]
fn a_preset_of_a_reference_is_a_variable_of_the_type_that_it_points_at() {
    for (field, variable, fits) in [
        ("carrier", "$partner.id", true),
        ("order", "$partner.id", false),
        ("carrier", "$user.id", false),
        ("carrier", "$key.id", false),
    ] {
        let rule = json!({
            "object": "shipment", "action": "create", "fields": "*",
            "presets": { field: variable },
        });
        let resolved = resolve_rule_text(&catalog(), &text(rule));
        assert_eq!(resolved.is_ok(), fits, "{field}: {variable}");
    }
}

#[test]
fn a_permission_that_nobody_knows_grants_nothing() {
    let policy = resolve_policy(
        &catalog(),
        &Derivations::default(),
        &access_rows(Vec::new()),
    );
    let role = &policy.roles[&RoleId::new(ROLE)];
    assert_eq!(role.permissions.len(), 1);
}

#[test]
fn a_rule_without_a_condition_is_on_all_records() {
    let catalog = catalog();
    let row = row_of(
        &catalog,
        json!({ "object": "*", "action": "read", "fields": "*" }),
    );
    let rule = &rules_in_force(&catalog, &row)[0];
    assert!(rule.subject.is_none() && rule.condition.is_none());
    let void = entity::rule::Model {
        condition: Some(json!({ "or": [] }).into()),
        subject: catalog
            .find_subject("shipment")
            .map(crate::catalog::Subject::uuid),
        ..row
    };
    let rule = &rules_in_force(&catalog, &void)[0];
    assert_ne!(rule.condition, Some(Condition::TRUE));
}

#[test]
fn scopes_are_kept_by_id_and_shown_by_name() {
    let catalog = catalog();
    let place = Place::Pointer("/scopes".to_owned());
    let texts = [
        "data:*:read",
        "data:shipment:update",
        "data:employment:*",
        "data:shipment:read(version,number,status)",
        "data:employment:link(title)",
    ]
    .map(str::to_owned);
    let scopes = parse_scopes(&catalog, &texts, &place).expect("all are scopes");
    let shown: BTreeSet<String> = scope_texts(&catalog, &scopes).into_iter().collect();
    assert_eq!(shown, BTreeSet::from(texts));
    for wrong in [
        "",
        "data",
        "data:shipment",
        "data:shipments:read",
        "meta:*:read",
        "data:shipment:fly",
        "data:*:read:x",
        "data:shipment:read(",
        "data:shipment:read)",
        "data:shipment:read()",
        "data:shipment:read(number",
        "data:shipment:read(number) ",
        "data:shipment:read(number)(status)",
        "data:shipment:read(number,)",
        "data:shipment(number):read",
        "data:shipment:(number)",
        "data:shipment:*(number)",
        "data:shipment:delete(number)",
        "data:shipment:aggregate(number)",
        "data:shipment:link(number)",
        "data:employment:update(title)",
        "data:*:read(number)",
        "data:*:*(number)",
        "data:shipment:read(nope)",
    ] {
        let refused = parse_scopes(&catalog, &[wrong.to_owned()], &place);
        assert!(refused.is_err(), "{wrong:?}");
    }
    assert!(parse_scopes(&catalog, &[], &place).is_err());
    let spaced = ["data:shipment:read( version, number ,status )".to_owned()];
    let scopes =
        parse_scopes(&catalog, &spaced, &place).expect("spaces between names are no fault");
    assert_eq!(
        scope_texts(&catalog, &scopes),
        ["data:shipment:read(version,number,status)"]
    );
}

#[test]
fn every_fault_of_a_scope_is_named_with_its_place() {
    let place = Place::Pointer("/scopes".to_owned());
    let texts = [
        "data:shipment:read",
        "data:shipment:read(number,nope,neither)",
        "data:nothing:read",
        "data:*:read(number)",
    ];
    let faults = parse_scopes(&catalog(), &texts.map(str::to_owned), &place);
    let faults = faults.expect_err("three are none");
    let told: Vec<(&str, FaultCode)> = faults.iter().map(|it| (it.place.text(), it.code)).collect();
    assert_eq!(
        told,
        [
            ("/scopes/1", FaultCode::UnknownField),
            ("/scopes/1", FaultCode::UnknownField),
            ("/scopes/2", FaultCode::UnknownObject),
            ("/scopes/3", FaultCode::InvalidValue),
        ]
    );
}

#[test]
fn a_scope_never_attaches_to_a_new_field_of_an_old_name() {
    let before = catalog();
    let place = Place::Pointer(String::new());
    let texts = ["data:shipment:read(status,trackingNumber)".to_owned()];
    let scopes = parse_scopes(&before, &texts, &place).expect("both are fields");
    let after = catalog_with(recreated(&before, "trackingNumber"));
    let shipment = after
        .find_object_by_name("shipment")
        .expect("shipments exist");
    let allowed = Scopes::from(&scopes).fields(shipment.id.uuid(), Action::Read);
    let allowed = allowed.expect("the scope is on shipments");
    let has = |name: &str| allowed.contains(shipment.fields.find(name).expect("a field").id);
    assert!(has("status"));
    assert!(!has("trackingNumber"));
    assert!(!has("number"));
    let old = before
        .find_object_by_name("shipment")
        .and_then(|shipment| shipment.fields.find("trackingNumber"));
    let gone = old.expect("the old field").id;
    assert_eq!(
        scope_texts(&after, &scopes),
        [format!("data:shipment:read(status,{gone})")]
    );
}

#[test]
fn a_stored_scope_that_narrows_in_an_unknown_way_is_none() {
    for stored in [
        json!({"subject": null, "action": "read", "rows": []}),
        json!({"subject": null, "action": "read", "fields": "*"}),
        json!({"subject": null, "action": "fly"}),
        json!({"feed": "everything"}),
        json!({"feed": "changes", "since": 1}),
    ] {
        assert!(
            serde_json::from_value::<StoredScope>(stored.clone()).is_err(),
            "{stored}"
        );
    }
    let old = json!({"subject": null, "action": "read"});
    let scope: StoredScope = serde_json::from_value(old.clone()).expect("a scope of before");
    assert!(matches!(&scope, StoredScope::Data(scope) if scope.fields.is_none()));
    assert_eq!(json!(scope), old);
}

#[test]
fn networks_are_written_in_one_way() {
    for (text, written) in [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8:0::/32", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("::/0", "::/0"),
    ] {
        let network: Network = text.parse().expect(text);
        assert_eq!(network.to_string(), written, "{text}");
    }
    for text in [
        "",
        "x",
        "192.0.2",
        "192.0.2.7/33",
        "192.0.2.0/+24",
        "192.0.2.0/",
        "192.0.2.0/ 24",
        " 192.0.2.0/24",
        "192.0.2.7/24",
        "2001:db8::1/32",
        "010.0.0.0/8",
        "192.0.2.0/255.255.255.0",
        "fe80::1%eth0",
        "2001:db8::/129",
        "example.com",
        "*",
    ] {
        assert!(text.parse::<Network>().is_err(), "{text:?}");
    }
}

#[test]
fn an_address_is_one_of_a_network_however_it_is_written() {
    let has = |network: &str, address: &str| {
        let network: Network = network.parse().expect(network);
        network.contains(address.parse().expect(address))
    };
    assert!(has("203.0.113.0/24", "203.0.113.255"));
    assert!(has("203.0.113.0/24", "::ffff:203.0.113.1"));
    assert!(has("::ffff:203.0.113.0/120", "203.0.113.1"));
    assert!(has("2001:db8::/32", "2001:db8:ffff::1"));
    assert!(!has("203.0.113.0/24", "203.0.114.0"));
    assert!(!has("2001:db8::/32", "2001:db9::1"));
    assert!(!has("0.0.0.0/0", "2001:db8::1"));
    assert!(
        !has("::/0", "::ffff:203.0.113.1"),
        "that is an IPv4 address"
    );
}

#[test]
fn what_was_read_before_a_change_is_not_kept_after_it() {
    let now = OffsetDateTime::UNIX_EPOCH;
    let principals = Principals::default();
    let holder = std::sync::Arc::new(super::KeyHolder {
        id: KeyId::new(ROLE),
        name: String::new(),
        secret_hash: vec![1],
        old_secret: Some(super::OldSecret {
            hash: vec![3],
            until: now + Duration::seconds(2),
        }),
        roles: BTreeSet::new(),
        partner: None,
        scopes: None,
        rate_class: crate::access::RateClass::default(),
        allowed_ips: None,
        expires_at: Some(now + Duration::seconds(5)),
        is_void: false,
    });
    let asked = principals.ask(now);
    principals.keep_key(asked, "k", &holder);
    assert!(
        principals
            .find_key("k", now + Duration::milliseconds(999))
            .is_some()
    );
    assert!(
        principals
            .find_key("k", now + Duration::seconds(1))
            .is_none()
    );
    assert!(
        principals
            .find_key("k", now - Duration::seconds(1))
            .is_none(),
        "the clock was set back"
    );
    let asked = principals.ask(now);
    principals.forget();
    principals.keep_key(asked, "k", &holder);
    assert!(principals.find_key("k", now).is_none());
    assert!(holder.is_honoured(now) && !holder.is_honoured(now + Duration::seconds(5)));
    let has = |hash: &[u8], second| holder.has_secret(hash, now + Duration::seconds(second));
    assert!(has(&[1], 0) && !has(&[2], 0) && !has(&[], 0));
    assert!(
        has(&[1], 2) && has(&[3], 1) && !has(&[3], 2),
        "the old secret ends"
    );
}
