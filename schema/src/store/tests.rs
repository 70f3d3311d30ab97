//! What failures of the database mean, and which column a taken value is of.

use crate::sql::ddl::unique_index_names;

use super::rows::{Taken, Trouble, trouble_on_postgres, trouble_on_sqlite};

#[test]
fn a_failure_of_postgres_is_known_by_its_code() {
    for (code, trouble) in [
        ("40001", Trouble::Aborted),
        ("40P01", Trouble::Aborted),
        ("55P03", Trouble::Passing),
        ("57P01", Trouble::Passing),
        ("57P02", Trouble::Passing),
        ("57P03", Trouble::Passing),
        ("53300", Trouble::Passing),
        ("08006", Trouble::Passing),
        ("57014", Trouble::Lasting),
        ("42P01", Trouble::Lasting),
        ("22P02", Trouble::Lasting),
        ("", Trouble::Lasting),
    ] {
        assert_eq!(trouble_on_postgres(code), trouble, "{code}");
    }
}

#[test]
fn a_failure_of_sqlite_is_known_by_its_code_and_by_extended_ones() {
    for (code, trouble) in [
        ("5", Trouble::Passing),
        ("6", Trouble::Passing),
        ("261", Trouble::Passing),
        ("262", Trouble::Passing),
        ("517", Trouble::Passing),
        ("1", Trouble::Lasting),
        ("1555", Trouble::Lasting),
        ("", Trouble::Lasting),
    ] {
        assert_eq!(trouble_on_sqlite(code), trouble, "{code}");
    }
}

#[test]
fn a_taken_value_is_of_the_column_that_the_database_names_and_of_no_longer_name() {
    let index = |table: &str, name: &str| Taken::Index {
        table: table.to_owned(),
        name: name.to_owned(),
    };
    let [made, shipped] = unique_index_names("products", "x_code2");
    for taken in [
        Taken::columns("UNIQUE constraint failed: products.x_code2"),
        index("products", &made),
        index("products", &shipped),
    ] {
        assert!(taken.is_about("x_code2"), "{taken:?}");
        assert!(!taken.is_about("x_code"), "{taken:?}");
        assert!(!taken.is_about("code2"), "{taken:?}");
    }
    let both = Taken::columns("UNIQUE constraint failed: r_a.source_id, r_a.target_id");
    assert!(both.is_about("source_id") && both.is_about("target_id"));
}
