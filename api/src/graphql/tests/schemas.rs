//! Schemas of surfaces: the caller sees exactly what it may name.

use std::sync::Arc;

use super::{small_surface, surface_of, whole_face, whole_surface};
use crate::graphql::schema::build;

#[test]
fn a_small_surface_makes_a_small_schema() {
    let face = build(Arc::new(small_surface())).expect("the schema builds");
    insta::assert_snapshot!(face.schema.sdl());
}

#[test]
fn a_caller_with_nothing_still_has_a_schema() {
    let face = build(Arc::new(surface_of(Vec::new()))).expect("the schema builds");
    let sdl = face.schema.sdl();
    assert!(sdl.contains("schemaVersion: Int!"), "{sdl}");
    assert!(!sdl.contains("Mutation"), "{sdl}");
}

#[test]
fn every_standard_type_can_be_read_and_written() {
    let face = whole_face();
    let sdl = face.schema.sdl();
    for object in &whole_surface().objects {
        let name = object.object.name.pascal_case();
        for wanted in [
            format!("type {name} {{"),
            format!("type {name}Connection {{"),
            format!("input {name}Filter {{"),
            format!("input {name}Sort @oneOf {{"),
            format!("create{name}("),
            format!("update{name}("),
            format!("delete{name}("),
            format!("restore{name}("),
        ] {
            assert!(sdl.contains(&wanted), "{wanted}");
        }
    }
}
