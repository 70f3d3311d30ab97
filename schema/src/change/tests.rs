//! Changesets: what is refused and where, and the SQL of what is accepted.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a case reads better without borrows"
)]

use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Changeset, Ground, Step, Validated, validate};
use crate::{
    catalog::{Catalog, MetadataRows, Predecessor},
    error::{Error, Fault, FaultCode},
    sql::dialect::Dialect,
};

/// A schema that changesets change one after another, without a database.
#[derive(Default)]
struct Schema {
    rows: MetadataRows,
    ids: u128,
}

impl Schema {
    fn validate(&mut self, operations: Json) -> Result<Validated, Error> {
        let changeset = Changeset::parse(json!({"operations": operations}))?;
        let catalog = Catalog::load(&self.rows)?;
        let ids = &mut self.ids;
        let ground = Ground {
            rows: &self.rows,
            catalog: &catalog,
            now: OffsetDateTime::UNIX_EPOCH,
            new_id: &mut || {
                *ids += 1;
                Uuid::from_u128(*ids)
            },
        };
        validate(&changeset, ground)
    }

    /// Applies operations that must be valid and gives their steps.
    fn apply(&mut self, operations: Json) -> Vec<Step> {
        let validated = self.validate(operations).expect("valid operations");
        let (before, catalog) = (self.rows.clone(), self.catalog());
        validated.changed.put_into(&mut self.rows);
        let known = Predecessor {
            rows: &before,
            catalog: &catalog,
        };
        let after = Catalog::load_after(&self.rows, known).expect("the rows load");
        let anew = self.catalog();
        assert_eq!(after.objects(), anew.objects());
        assert_eq!(after.relations(), anew.relations());
        validated.tasks.into_iter().map(|task| task.step).collect()
    }

    fn faults(&mut self, operations: Json) -> Vec<Fault> {
        match self.validate(operations) {
            Err(Error::Invalid(faults)) => faults,
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    }

    fn catalog(&self) -> Catalog {
        Catalog::load(&self.rows).expect("the rows load")
    }
}

/// One operation on a fresh installation, and the places and codes of its faults.
#[track_caller]
fn refused(operation: Json, expected: &[(&str, FaultCode)]) {
    let text = operation.to_string();
    let faults = Schema::default().faults(json!([operation]));
    let found: Vec<(&str, FaultCode)> = faults
        .iter()
        .map(|fault| (fault.place.text(), fault.code))
        .collect();
    assert_eq!(found, expected, "{text}: {faults:?}");
}

fn field(field: Json) -> Json {
    json!({"op": "addField", "object": "organization", "field": field})
}

#[test]
fn names_that_are_no_names_are_refused() {
    let place = "/operations/0/field/name";
    for name in [
        "\"; drop table organizations; --",
        "Upper",
        "with space",
        "snake_case",
        "",
        "9lives",
        "naïve",
        "a\u{0}b",
    ] {
        let operation = field(json!({"name": name, "type": "text"}));
        let faults = Schema::default().faults(json!([operation]));
        assert!(!faults.is_empty(), "{name}");
        assert_eq!(faults[0].place.text(), place);
        assert_eq!(faults[0].code, FaultCode::InvalidName);
    }
}

#[test]
fn names_of_system_fields_are_refused() {
    for name in ["id", "version", "createdAt", "ownerId", "deletedAt", "link"] {
        refused(
            field(json!({"name": name, "type": "text"})),
            &[("/operations/0/field/name", FaultCode::InvalidName)],
        );
    }
}

#[test]
fn names_that_are_words_of_sql_are_names_like_others() {
    for name in ["select", "group", "order", "table", "user", "default"] {
        let operation = field(json!({"name": name, "type": "text"}));
        assert!(Schema::default().faults(json!([operation])).is_empty());
    }
}

#[test]
fn a_name_that_is_taken_is_refused_fields_and_collections_alike() {
    use FaultCode::NameTaken;
    let place = "/operations/0/field/name";
    refused(
        field(json!({"name": "name", "type": "text"})),
        &[(place, NameTaken)],
    );
    refused(
        field(json!({"name": "orders", "type": "text"})),
        &[(place, NameTaken)],
    );
    refused(
        field(json!({"name": "employees", "type": "text"})),
        &[(place, NameTaken)],
    );
    refused(
        field(
            json!({"name": "buyer", "type": "reference", "target": "person",
            "inverse": {"name": "lastName"}}),
        ),
        &[("/operations/0/field/inverse/name", NameTaken)],
    );
    let object =
        |name: &str, plural: &str| json!({"op": "addObjectType", "name": name, "plural": plural});
    refused(
        object("organization", "others"),
        &[("/operations/0/name", NameTaken)],
    );
    refused(
        object("employment", "others"),
        &[("/operations/0/name", NameTaken)],
    );
    refused(
        object("other", "orders"),
        &[("/operations/0/plural", NameTaken)],
    );
    refused(
        object("sheep", "sheep"),
        &[("/operations/0/plural", FaultCode::InvalidName)],
    );
    refused(
        object("money", "monies"),
        &[("/operations/0/name", NameTaken)],
    );
    refused(
        object("orderBy", "orderBys"),
        &[("/operations/0/name", NameTaken)],
    );
}

#[test]
fn settings_must_fit_the_type() {
    use FaultCode::{InvalidValue, UnknownField, UnknownObject};
    refused(
        field(json!({"name": "a", "type": "text", "maxLength": 0})),
        &[("/operations/0/field", InvalidValue)],
    );
    refused(
        field(json!({"name": "a", "type": "text", "scale": 2, "nonsense": true})),
        &[
            ("/operations/0/field/scale", UnknownField),
            ("/operations/0/field/nonsense", UnknownField),
        ],
    );
    refused(
        field(json!({"name": "a", "type": "decimal", "precision": "ten"})),
        &[("/operations/0/field/precision", InvalidValue)],
    );
    refused(
        field(
            json!({"name": "a", "type": "reference", "target": "nothing", "inverse": {"name": "as"}}),
        ),
        &[("/operations/0/field/target", UnknownObject)],
    );
    refused(
        field(json!({"name": "a", "type": "hologram"})),
        &[("/operations/0/field/type", InvalidValue)],
    );
    refused(
        field(json!({"name": "a", "type": "integer", "default": "three"})),
        &[("/operations/0/field/default", InvalidValue)],
    );
    refused(
        field(json!({"name": "a", "type": "money", "unique": true})),
        &[("/operations/0/field/unique", InvalidValue)],
    );
}

#[test]
fn all_faults_of_a_changeset_are_found_and_none_twice() {
    let faults = Schema::default().faults(json!([
        {"op": "addObjectType", "name": "Bad", "plural": "bads"},
        {"op": "addField", "object": "Bad", "field": {"name": "fine", "type": "text"}},
        {"op": "addField", "object": "organization", "field": {"name": "id", "type": "text"}},
        {"op": "deleteField", "object": "organization", "field": "nothing"},
        {"op": "deleteObjectType", "object": "nowhere"},
    ]));
    let places: Vec<&str> = faults.iter().map(|fault| fault.place.text()).collect();
    assert_eq!(
        places,
        [
            "/operations/0/name",
            "/operations/2/field/name",
            "/operations/3/field",
            "/operations/4/object"
        ]
    );
}

#[test]
fn an_operation_that_does_not_parse_says_which() {
    let parsed = Changeset::parse(json!({"operations": [
        {"op": "addField", "object": "organization", "field": {"name": "a", "type": "text"}},
        {"op": "addFeild"},
        {"op": "deleteField", "object": "organization", "field": "a", "really": true},
    ]}));
    let Err(Error::Invalid(faults)) = parsed else {
        panic!("parsed");
    };
    assert_eq!(faults[0].place.text(), "/operations/1/op");
    assert_eq!(faults[1].place.text(), "/operations/2");
    assert!(
        faults[1].message.contains("really"),
        "{}",
        faults[1].message
    );
}

#[test]
fn what_the_engine_needs_can_not_be_deleted() {
    use FaultCode::InvalidValue;
    refused(
        json!({"op": "deleteField", "object": "organization", "field": "name"}),
        &[("/operations/0/field", InvalidValue)],
    );
    // Each order line needs an order.
    refused(
        json!({"op": "deleteObjectType", "object": "order"}),
        &[("/operations/0/object", InvalidValue)],
    );
}

#[test]
fn what_is_deleted_is_gone_and_takes_along_what_points_at_it() {
    let mut schema = Schema::default();
    schema.apply(json!([{"op": "deleteObjectType", "object": "product"}]));
    let catalog = schema.catalog();
    assert!(catalog.find_object_by_name("product").is_none());
    assert!(catalog.find_relation_by_name("supplies").is_none());
    let line = catalog.find_object_by_name("orderLine").expect("stays");
    assert!(line.fields.find("product").is_none());
}

#[test]
fn physical_names_never_return() {
    let mut schema = Schema::default();
    let add = json!([field(json!({"name": "rank", "type": "integer"}))]);
    schema.apply(add.clone());
    schema.apply(json!([{"op": "deleteField", "object": "organization", "field": "rank"}]));
    schema.apply(add);
    let catalog = schema.catalog();
    let organization = catalog.find_object_by_name("organization").expect("there");
    let rank = organization.fields.find("rank").expect("there");
    assert_eq!(rank.column().name, "x_rank_2");
}

#[test]
fn the_columns_of_a_composite_field_are_kept_apart_from_others() {
    let mut schema = Schema::default();
    schema.apply(json!([
        field(json!({"name": "feeCurrency", "type": "text"})),
        field(json!({"name": "fee", "type": "money"})),
    ]));
    let catalog = schema.catalog();
    let organization = catalog.find_object_by_name("organization").expect("there");
    let fee = organization.fields.find("fee").expect("there");
    let columns: Vec<&str> = fee.columns.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(columns, ["x_fee_2", "x_fee_2_currency", "x_fee_2__base"]);
}

#[test]
fn a_rename_is_no_ddl_and_later_operations_use_the_new_name() {
    let mut schema = Schema::default();
    let steps = schema.apply(json!([
        {"op": "updateField", "object": "person", "field": "lastName", "name": "surname"},
        {"op": "updateObjectType", "object": "person", "name": "human", "plural": "humans", "title": "surname"},
        {"op": "updateField", "object": "human", "field": "surname", "label": "Family name"},
        {"op": "updateRelationType", "relation": "employment", "name": "job",
            "source": {"name": "jobs"}, "label": "Job"},
    ]));
    assert_eq!(steps, []);
    let catalog = schema.catalog();
    let human = catalog.find_plural("humans").expect("renamed");
    assert_eq!(human.table, "people");
    let surname = human.fields.find("surname").expect("renamed");
    assert_eq!(surname.column().name, "last_name");
    assert_eq!(human.title, Some(surname.id));
    assert!(catalog.find_collection(human.id, "jobs").is_some());
}

#[test]
fn fields_keep_the_order_in_which_they_were_added() {
    let mut schema = Schema::default();
    schema.apply(json!([
        {"op": "addObjectType", "name": "car", "plural": "cars", "fields": [
            {"name": "zeta", "type": "text"}, {"name": "alpha", "type": "text"}]},
        {"op": "addField", "object": "car", "field": {"name": "midway", "type": "text"}},
    ]));
    schema.rows.fields.reverse();
    let catalog = schema.catalog();
    let car = catalog.find_object_by_name("car").expect("there");
    let own = car.fields.iter().filter(|field| field.system.is_none());
    let names: Vec<&str> = own.map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["zeta", "alpha", "midway"]);
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one changeset with an operation of each kind"
)]
fn the_sql_of_a_change_is_that_of_the_golden_file() {
    let mut schema = Schema::default();
    let steps = schema.apply(json!([
        {"op": "addObjectType", "name": "serviceContract", "plural": "serviceContracts", "fields": [
            {"name": "title", "type": "text", "required": true},
            {"name": "notes", "type": "longText"},
            {"name": "seats", "type": "integer"},
            {"name": "serial", "type": "bigInteger", "unique": true},
            {"name": "rate", "type": "decimal", "precision": 10, "scale": 3},
            {"name": "share", "type": "percent"},
            {"name": "price", "type": "money"},
            {"name": "active", "type": "boolean"},
            {"name": "starts", "type": "date"},
            {"name": "signedAt", "type": "dateTime"},
            {"name": "select", "type": "select", "options": [{"name": "a"}, {"name": "b"}]},
            {"name": "tags", "type": "multiSelect", "options": [{"name": "x"}]},
            {"name": "contact", "type": "email"},
            {"name": "hotline", "type": "phone"},
            {"name": "site", "type": "url"},
            {"name": "extra", "type": "json"},
            {"name": "foreignId", "type": "uuid"},
            {"name": "customer", "type": "reference", "target": "organization",
                "inverse": {"name": "serviceContracts"}},
        ]},
        {"op": "addRelationType", "name": "covers",
            "source": {"object": "serviceContract", "name": "coveredProducts", "cardinality": "one"},
            "target": {"object": "product", "name": "contracts"},
            "fields": [{"name": "since", "type": "date"}]},
        field(json!({"name": "loyalty", "type": "money", "required": true,
            "default": {"amount": "1.5", "currency": "EUR"}})),
        {"op": "updateField", "object": "organization", "field": "name", "unique": true},
        {"op": "updateField", "object": "organization", "field": "name", "unique": false},
        {"op": "updateField", "object": "person", "field": "email", "required": true},
        {"op": "updateField", "object": "organization", "field": "kinds",
            "options": [{"name": "customer"}]},
    ]));
    for (name, dialect) in [("sqlite", Dialect::Sqlite), ("postgres", Dialect::Postgres)] {
        let mut sql = Vec::new();
        for step in &steps {
            let questions = match step {
                Step::Ask(question) => [
                    Some(dialect.render_count(question)),
                    dialect.render_samples(question, 10),
                    dialect.render_pairs(question, 3),
                ],
                Step::CreateTable { .. }
                | Step::AddColumn { .. }
                | Step::AddUniqueIndex { .. }
                | Step::DropUniqueIndex { .. }
                | Step::AddReferenceIndex { .. }
                | Step::AddUniqueKey { .. }
                | Step::MakeOrdered { .. }
                | Step::DropUniqueKey { .. }
                | Step::BackFill { .. }
                | Step::Number(_)
                | Step::ReplaceOption(_) => [None, None, None],
            };
            let changes = dialect.render_step(step);
            for statement in questions.into_iter().flatten().chain(changes) {
                let values: Vec<String> = statement
                    .values
                    .0
                    .iter()
                    .map(|it| format!("{it:?}"))
                    .collect();
                sql.push(format!("{};\n  -- {}", statement.text, values.join(", ")));
            }
        }
        insta::assert_snapshot!(format!("ddl_{name}"), sql.join("\n"));
    }
}
