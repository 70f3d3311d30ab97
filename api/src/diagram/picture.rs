//! What a diagram shows: boxes for object types, lines for references and relation types.

use std::collections::{BTreeMap, BTreeSet};

use schema::{EndDescription, FieldDescription, SchemaView};

/// Boxes and lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Picture {
    /// By API name.
    pub(super) boxes: Vec<TypeBox>,
    /// By their ends.
    pub(super) lines: Vec<Line>,
    /// Around which box it is drawn.
    pub(super) centre: Option<String>,
}

/// An object type.
#[derive(Debug, Clone)]
pub(super) struct TypeBox {
    pub(super) name: String,
    pub(super) label: String,
    /// Field types and names, system fields aside.
    pub(super) fields: Vec<(String, String)>,
}

/// A reference or a relation type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) label: String,
    /// How many records at `from` one at `to` has.
    pub(super) at_from: Count,
    /// How many records at `to` one at `from` has.
    pub(super) at_to: Count,
}

/// How many records stand at the end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    /// Exactly one.
    One,
    /// At most one.
    AtMostOne,
    /// Any number.
    Many,
}

impl Picture {
    /// All that the caller may name.
    pub(super) fn of(view: &SchemaView) -> Self {
        let objects = view.objects();
        let mut picture = Self::default();
        for object in &objects {
            for field in &object.fields {
                picture.lines.extend(lines_of(&object.name, field));
            }
            let own = object.fields.iter().filter(|field| !field.system);
            picture.boxes.push(TypeBox {
                name: object.name.clone(),
                label: object.label.clone(),
                fields: own
                    .map(|field| (field.field_type.to_owned(), field.name.clone()))
                    .collect(),
            });
        }
        for relation in view.relations() {
            for from in types_at(&relation.source) {
                for to in types_at(&relation.target) {
                    picture.lines.push(Line {
                        from: from.clone(),
                        to: to.clone(),
                        label: relation.name.clone(),
                        at_from: count(&relation.target.cardinality),
                        at_to: count(&relation.source.cardinality),
                    });
                }
            }
        }
        picture.lines.sort();
        picture
    }

    /// The part that is at most so many steps around a box.
    pub(super) fn around(self, name: &str, depth: u8) -> Self {
        let steps = self.distances(name);
        let near: BTreeSet<&str> = steps
            .iter()
            .filter(|(_, steps)| **steps <= usize::from(depth))
            .map(|(name, _)| name.as_str())
            .collect();
        let boxes = self.boxes.iter();
        let lines = self.lines.iter();
        Self {
            boxes: boxes
                .filter(|it| near.contains(it.name.as_str()))
                .cloned()
                .collect(),
            lines: lines
                .filter(|it| near.contains(it.from.as_str()) && near.contains(it.to.as_str()))
                .cloned()
                .collect(),
            centre: Some(name.to_owned()),
        }
    }

    /// The number of lines from one box to each that can be reached.
    pub(super) fn distances(&self, from: &str) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::from([(from.to_owned(), 0)]);
        let mut edge = vec![from.to_owned()];
        let mut steps = 0;
        while !edge.is_empty() {
            steps += 1;
            let mut next = Vec::new();
            for line in &self.lines {
                for (near, far) in [(&line.from, &line.to), (&line.to, &line.from)] {
                    if edge.contains(near) && !found.contains_key(far) {
                        found.insert(far.clone(), steps);
                        next.push(far.clone());
                    }
                }
            }
            edge = next;
        }
        found
    }
}

/// The lines of a reference; one that points at any type has none.
fn lines_of(object: &str, field: &FieldDescription) -> Vec<Line> {
    if field.settings.get("any").is_some() {
        return Vec::new();
    }
    let targets = field.target_types.iter().flatten();
    targets
        .map(|target| Line {
            from: object.to_owned(),
            to: target.name.clone(),
            label: field.name.clone(),
            at_from: if field.unique {
                Count::AtMostOne
            } else {
                Count::Many
            },
            at_to: if field.required {
                Count::One
            } else {
                Count::AtMostOne
            },
        })
        .collect()
}

/// The object types at an end of a relation type.
fn types_at(end: &EndDescription) -> impl Iterator<Item = &String> {
    end.object.iter().chain(end.objects.iter().flatten())
}

fn count(cardinality: &serde_json::Value) -> Count {
    if cardinality == "one" {
        Count::AtMostOne
    } else {
        Count::Many
    }
}
