//! Mutations: each root field is one step of one transaction.

use schema::{
    Place,
    access::{SurfaceObject, SurfaceRelation},
    request::{Selection, WriteRequest, WriteStep},
};

use super::{
    At, Compiler, MutationPart, Payload, PayloadPart, Plan, arguments::Arguments, unknown,
};
use crate::graphql::{
    collect::Collected,
    error::GraphError,
    schema::{Act, MutationField},
};

/// `Result` of the compiler.
type Compiled<T> = Result<T, GraphError>;

impl<'a> Compiler<'a> {
    pub(super) fn mutation(&mut self, roots: &[Collected<'a>]) -> Compiled<Plan> {
        let mut steps = Vec::with_capacity(roots.len());
        let mut parts = Vec::with_capacity(roots.len());
        for root in roots {
            let part = if root.name() == "__typename" {
                MutationPart::Constant("Mutation".to_owned())
            } else {
                let at = At {
                    path: vec![root.key.to_owned()],
                    position: root.first().pos,
                };
                let (step, payload) = self.step(root, &at)?;
                steps.push(step);
                MutationPart::Payload {
                    step: steps.len() - 1,
                    payload,
                    at,
                }
            };
            parts.push((root.key.to_owned(), part));
        }
        Ok(Plan::Mutation { steps, parts })
    }

    fn step(&mut self, root: &Collected<'a>, at: &At) -> Compiled<(WriteStep, Payload)> {
        let face = self.face;
        let field = face.mutations.get(root.name());
        let field = field.ok_or_else(|| unknown(root.name()))?;
        let object = face.surface.find(field.object);
        let object = object.ok_or_else(|| unknown("an object type"))?;
        self.places.push(at.clone());
        let arguments = self.arguments("Mutation", root.first(), at)?;
        let (payload, answer) = self.payload(object, field, (root, at))?;
        let step = WriteStep {
            write: write_request(object, &field.act, arguments),
            answer,
            place: Place::Pointer(format!("{}/input", at.pointer())),
        };
        Ok((step, payload))
    }

    fn payload(
        &mut self,
        object: &'a SurfaceObject,
        field: &'a MutationField,
        (root, at): (&Collected<'a>, &At),
    ) -> Compiled<(Payload, Option<Selection>)> {
        let relation = match &field.act {
            Act::Create | Act::Update | Act::Delete | Act::Restore => None,
            Act::Link(name) | Act::UpdateLink(name) | Act::Unlink(name) => object
                .find_collection(name)
                .and_then(|collection| collection.relation.as_ref()),
        };
        let own = self.payload_name(object, &field.act, relation)?;
        let mut payload = Payload::default();
        let mut selections = Vec::new();
        for one in self.collector.collect(&root.selections())? {
            let part = match one.name() {
                "__typename" => PayloadPart::Constant(own.to_owned()),
                "id" => PayloadPart::Id,
                "version" => PayloadPart::Version,
                _ => {
                    let at = at.child(one.key, one.first().pos);
                    let sets = one.selections();
                    selections.push(match relation {
                        Some(relation) => self.link(relation, &sets, &at)?,
                        None => self.record(object, &sets, &at)?,
                    });
                    PayloadPart::Record(selections.len() - 1)
                }
            };
            payload.entries.push((one.key.to_owned(), part));
        }
        payload.selections = selections
            .iter()
            .map(|selection| {
                selection
                    .entries
                    .iter()
                    .map(|entry| entry.key.clone())
                    .collect()
            })
            .collect();
        Ok((payload, joined(selections)))
    }

    fn payload_name(
        &self,
        object: &SurfaceObject,
        act: &Act,
        relation: Option<&SurfaceRelation>,
    ) -> Compiled<&'a str> {
        let names = &self.face.names;
        let name = match act {
            Act::Delete | Act::Unlink(_) => Some("RemovalPayload"),
            Act::Create | Act::Update | Act::Restore => names
                .record(object.object.id)
                .map(|record| record.payload.as_str()),
            Act::Link(_) | Act::UpdateLink(_) => relation
                .and_then(|side| names.link(side.relation.id))
                .map(|link| link.payload.as_str()),
        };
        name.ok_or_else(|| unknown("a payload"))
    }
}

/// The engine answers one selection a step. Several (`a: organization {…} b: organization {…}`) become
/// one with numbered keys, which are told apart again when the payload is written.
fn joined(mut selections: Vec<Selection>) -> Option<Selection> {
    if selections.len() < 2 {
        return selections.pop();
    }
    let mut all = Selection::default();
    for (number, selection) in selections.into_iter().enumerate() {
        for (at, mut entry) in selection.entries.into_iter().enumerate() {
            entry.key = format!("{number}:{at}");
            all.entries.push(entry);
        }
    }
    Some(all)
}

fn write_request(object: &SurfaceObject, act: &Act, mut given: Arguments) -> WriteRequest {
    let id = given.text("id");
    let link = given.text("link");
    let if_match = given.if_match();
    let mut values = given.take_values("input");
    let object = object.object.plural.to_string();
    match act.clone() {
        Act::Create => WriteRequest::Create { object, values },
        Act::Update => WriteRequest::Update {
            object,
            id,
            patch: values,
            if_match,
        },
        Act::Delete => WriteRequest::Delete {
            object,
            id,
            if_match,
        },
        Act::Restore => WriteRequest::Restore { object, id },
        Act::Link(relation) => {
            let (target, of_type) = given.take_target();
            values.extend(of_type.map(|name| ("type".to_owned(), name)));
            WriteRequest::Link {
                object,
                id,
                relation,
                target,
                values,
            }
        }
        Act::UpdateLink(relation) => WriteRequest::UpdateLink {
            object,
            id,
            relation,
            link,
            patch: values,
            if_match,
        },
        Act::Unlink(relation) => WriteRequest::Unlink {
            object,
            id,
            relation,
            link,
            if_match,
        },
    }
}
