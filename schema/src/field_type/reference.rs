//! `reference`: points at one record of one object type, of one of several, or of any.
//!
//! To one type it is written as the id of the target, or as an object with its `id`, which is the form
//! in which it is read. To more than one it is `{"type", "id"}`; the name of the type is resolved to its
//! id before it comes here. Whether the target exists for the caller is checked by the write path.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{FieldType, Part, Settings, id, kind_of};
use crate::value::Value;

/// The most levels that a tree has below its top.
pub const MAX_TREE_DEPTH: u32 = 100;

/// The most object types that a reference names. Each is a member of its own in answers and filters.
const MAX_TARGETS: usize = 20;

const POINTER: &str = "must be an object such as {\"type\": \"organization\", \"id\": \"…\"}: the name of an object type and the id of a record";

/// What is a part goes with its owner, which needs not be said twice; what is above in a tree is of the
/// same type, and nothing is above the top.
fn check_bond(settings: &Settings) -> Result<(), String> {
    if settings.owned && !settings.on_delete.is_detach() {
        return Err(
            "is deleted with what it is a part of, because of `owned`: leave `onDelete` out"
                .to_owned(),
        );
    }
    if settings.tree && settings.is_polymorphic() {
        return Err("a tree is made of records of one type: it needs one `target`".to_owned());
    }
    if settings.tree && settings.owned {
        return Err(
            "the records at the top of a tree are part of nothing: take `onDelete: cascade` in \
             place of `owned`"
                .to_owned(),
        );
    }
    Ok(())
}

/// A pointer to a record.
#[derive(Debug)]
pub(super) struct Reference;

impl FieldType for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &[
            "target", "targets", "any", "inverse", "onDelete", "owned", "tree",
        ]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["targets", "inverse", "onDelete", "owned", "tree"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        let named = [
            settings.target.is_some(),
            !settings.targets.is_empty(),
            settings.any,
        ];
        match named.iter().filter(|given| **given).count() {
            1 => {}
            0 => {
                return Err(
                    "needs a target: the object type that it points at (or `targets`, \
                            several, or `any`: true)"
                        .to_owned(),
                );
            }
            _ => return Err("has either `target`, `targets` or `any`".to_owned()),
        }
        if settings.targets.len() > MAX_TARGETS {
            return Err(format!(
                "names more than {MAX_TARGETS} targets; make it a reference to `any` type"
            ));
        }
        let distinct: BTreeSet<_> = settings.targets.iter().collect();
        if distinct.len() < settings.targets.len() {
            return Err("names a target twice".to_owned());
        }
        check_bond(settings)?;
        match (&settings.inverse, settings.target.is_some()) {
            (None, true) => Err(
                "needs an inverse: {\"name\", \"label\"} of the collection on the target"
                    .to_owned(),
            ),
            (Some(_), _) if settings.any => {
                Err("a reference to any type has no inverse".to_owned())
            }
            (Some(_) | None, _) => Ok(()),
        }
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        if settings.is_polymorphic() {
            return Part::pointer().to_vec();
        }
        vec![Part::id()]
    }

    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        match json {
            Json::String(text) => id::parse_uuid(text),
            Json::Object(members) if members.len() == 1 && !settings.is_polymorphic() => {
                match members.get("id") {
                    Some(Json::String(text)) => id::parse_uuid(text),
                    Some(_) | None => Err("must be the id of a record".to_owned()),
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Err(format!("must be the id of a record, not {}", kind_of(json)))
            }
        }
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        if !settings.is_polymorphic() {
            return self.parse_part(settings, 0, json).map(|value| vec![value]);
        }
        let members = json.as_object().filter(|members| members.len() == 2);
        let (Some(id), Some(of_type)) = (
            members.and_then(|members| members.get("id")),
            members.and_then(|members| members.get("type")),
        ) else {
            return Err(POINTER.to_owned());
        };
        Ok(vec![
            self.parse_part(settings, 0, id)?,
            self.parse_part(settings, 1, of_type)?,
        ])
    }

    fn example(&self, _: &Settings) -> Json {
        Json::from("0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f00")
    }
}
