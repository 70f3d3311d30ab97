//! The descriptions agree with the entities, and no two names on one type collide.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ColumnType;

use crate::{FieldDescription, Kind, StandardColumn, standard_objects, standard_relations};

const OBJECT_COLUMNS: &[&str] = &[
    "id",
    "version",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "owner_id",
    "deleted_at",
];
const LINK_COLUMNS: &[&str] = &[
    "id",
    "version",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "deleted_at",
    "source_id",
    "target_id",
];

/// The system columns, columns and fields of one type.
struct Type {
    name: &'static str,
    system: &'static [&'static str],
    columns: Vec<StandardColumn>,
    fields: &'static [FieldDescription],
}

fn types() -> Vec<Type> {
    let objects = standard_objects().into_iter().map(|object| Type {
        name: object.description.name,
        system: OBJECT_COLUMNS,
        columns: (object.columns)(),
        fields: object.description.fields,
    });
    let relations = standard_relations().into_iter().map(|relation| Type {
        name: relation.description.name,
        system: LINK_COLUMNS,
        columns: (relation.columns)(),
        fields: relation.description.fields,
    });
    objects.chain(relations).collect()
}

fn columns_of_field(field: &FieldDescription) -> Vec<String> {
    let mut columns = vec![field.column.to_owned()];
    if let Kind::Money = field.kind {
        columns.push(format!("{}_currency", field.column));
        columns.push(format!("{}__base", field.column));
    }
    columns
}

fn camel_case(column: &str) -> String {
    let mut upper = false;
    let mut name = String::new();
    for character in column.chars() {
        match character {
            '_' => upper = true,
            _ if upper => {
                name.push(character.to_ascii_uppercase());
                upper = false;
            }
            _ => name.push(character),
        }
    }
    name
}

#[test]
fn every_column_is_a_system_column_or_described_once() {
    for Type {
        name,
        system,
        columns,
        fields,
    } in types()
    {
        let mut expected: Vec<String> = system.iter().map(ToString::to_string).collect();
        expected.extend(fields.iter().flat_map(columns_of_field));
        let mut actual: Vec<String> = columns.into_iter().map(|column| column.name).collect();
        expected.sort();
        actual.sort();
        assert_eq!(expected, actual, "{name}");
    }
}

#[test]
fn every_kind_fits_its_column() {
    for Type {
        name,
        columns,
        fields,
        ..
    } in types()
    {
        for field in fields {
            let column = |name: &str| columns.iter().find(|column| column.name == name).unwrap();
            let first = column(field.column);
            let fits = match field.kind {
                Kind::Text { max_length } => is_string(first) && max_length > 0,
                Kind::Select(choices) => is_string(first) && distinct(choices),
                Kind::Email | Kind::Phone | Kind::Url => is_string(first),
                Kind::LongText => first.column_type == ColumnType::Text,
                Kind::Integer | Kind::BigInteger => first.column_type == ColumnType::BigInteger,
                Kind::Decimal { precision, scale } => {
                    precision <= 18 && is_decimal(first, u32::from(precision), u32::from(scale))
                }
                Kind::Percent => is_decimal(first, 18, 6),
                Kind::Money => {
                    let currency = column(&format!("{}_currency", field.column));
                    let base = column(&format!("{}__base", field.column));
                    is_decimal(first, 18, 4)
                        && is_decimal(base, 18, 4)
                        && base.nullable
                        && is_string(currency)
                        && currency.nullable == first.nullable
                }
                Kind::Boolean => first.column_type == ColumnType::Boolean,
                Kind::Date => first.column_type == ColumnType::Date,
                Kind::DateTime => first.column_type == ColumnType::TimestampWithTimeZone,
                Kind::Json => first.column_type == ColumnType::Json,
                Kind::MultiSelect(choices) => {
                    first.column_type == ColumnType::Json && distinct(choices)
                }
                Kind::Uuid | Kind::Reference { .. } => first.column_type == ColumnType::Uuid,
            };
            assert!(fits, "{name}.{}: {:?}", field.name, first.column_type);
        }
    }
}

fn is_string(column: &StandardColumn) -> bool {
    matches!(column.column_type, ColumnType::String(_))
}

fn is_decimal(column: &StandardColumn, precision: u32, scale: u32) -> bool {
    column.column_type == ColumnType::Decimal(Some((precision, scale)))
}

fn distinct(choices: &[crate::Choice]) -> bool {
    let names: BTreeSet<_> = choices.iter().map(|choice| choice.name).collect();
    !names.is_empty() && names.len() == choices.len()
}

#[test]
fn api_names_follow_from_the_columns() {
    for Type { name, fields, .. } in types() {
        for field in fields {
            let column = if let Kind::Reference { .. } = field.kind {
                field.column.strip_suffix("_id").unwrap()
            } else {
                field.column
            };
            assert_eq!(field.name, camel_case(column), "{name}");
        }
    }
}

#[test]
fn fields_inverses_and_relations_of_one_type_have_distinct_names() {
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Type {
        name,
        system,
        fields,
        ..
    } in types()
    {
        let own = names.entry(name).or_default();
        own.extend(system.iter().map(|column| camel_case(column)));
        own.push("owner".to_owned());
        own.extend(fields.iter().map(|field| field.name.to_owned()));
        for field in fields {
            if let Kind::Reference {
                target, inverse, ..
            } = field.kind
            {
                names.entry(target).or_default().push(inverse.to_owned());
            }
        }
    }
    for relation in standard_relations() {
        let description = relation.description;
        for (end, collection) in [
            (description.source, description.forward),
            (description.target, description.reverse),
        ] {
            names.entry(end).or_default().push(collection.to_owned());
        }
    }
    for (name, all) in names {
        let mut seen = BTreeSet::new();
        for one in all {
            assert!(seen.insert(one.clone()), "{name}.{one} is there twice");
        }
    }
}

#[test]
fn references_and_relations_end_at_standard_objects() {
    let objects: BTreeSet<&str> = standard_objects()
        .iter()
        .map(|object| object.description.name)
        .collect();
    for Type { name, fields, .. } in types() {
        for field in fields {
            if let Kind::Reference { target, .. } = field.kind {
                assert!(objects.contains(target), "{name}.{}", field.name);
            }
        }
    }
    for relation in standard_relations() {
        let description = relation.description;
        assert!(objects.contains(description.source), "{}", description.name);
        assert!(objects.contains(description.target), "{}", description.name);
    }
}

#[test]
fn type_names_are_distinct_and_titles_are_columns() {
    let mut names = BTreeSet::new();
    for object in standard_objects() {
        let description = object.description;
        for name in [description.name, description.plural] {
            assert!(names.insert(name), "{name} is there twice");
        }
        let mut fields = description.fields.iter();
        assert!(fields.any(|field| field.column == description.title));
    }
    for relation in standard_relations() {
        let name = relation.description.name;
        assert!(names.insert(name), "{name} is there twice");
    }
}
