//! What a caller may be shown of expressions: it names the fields that it reads, and so it is for those who
//! may define it, and for those who may read every field in it.

use std::{collections::BTreeSet, sync::Arc};

use uuid::Uuid;

use super::SchemaView;
use crate::{
    access::SurfaceCollection,
    catalog::{Expressions, Field, Formula},
    expression::{Path, Program, fields_in, render},
    id::{FieldId, ObjectTypeId},
};

/// What begins a comment in an expression, which may speak of anything.
const COMMENT: &str = "//";

/// The expressions of one field that callers may be shown.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// When it must have a value.
    Required,
    /// The value of a new record that brings none.
    Default,
}

impl SchemaView {
    /// A condition or default of a field with the names of now, if the caller may be shown it.
    pub(super) fn expression_of(&self, (owner, field): (Uuid, &Field), of: Of) -> Option<String> {
        let attributes = &field.attributes;
        let (stored, list): (_, fn(&Expressions) -> &Vec<Formula>) = match of {
            Of::Required => (&attributes.required_when, |it| &it.required),
            Of::Default => (&attributes.default_expression, |it| &it.defaults),
        };
        let stored = stored.as_deref()?;
        let shows = self.defines() || {
            let expressions = self.expressions(owner)?;
            let mut formulas = list(expressions).iter();
            formulas.any(|it| it.field.id == field.id && self.reads(owner, &it.program))
        };
        shows.then(|| render(stored, owner, &*self.catalog))
    }

    /// The expressions of a type.
    pub(super) fn expressions(&self, owner: Uuid) -> Option<&Arc<Expressions>> {
        let subject = self.catalog.find_subject_by_id(owner)?;
        self.catalog.expressions(subject)
    }

    /// Whether the caller may read every field that an expression of a type names.
    pub(super) fn reads(&self, owner: Uuid, program: &Program) -> bool {
        let stored = program.stored();
        let own = self.readable(owner);
        let ways = program.inputs().iter().map(|path| self.way(own, path));
        let Some(ways) = ways.collect::<Option<Vec<_>>>() else {
            return false;
        };
        let seen: BTreeSet<FieldId> = ways.iter().flatten().map(|field| field.id).collect();
        let named = fields_in(stored);
        !stored.contains(COMMENT) && named.iter().all(|id| seen.contains(id))
    }

    /// The fields of an object or relation type that the caller may read.
    pub(super) fn readable(&self, owner: Uuid) -> &[Arc<Field>] {
        if let Some(seen) = self.surface.find(ObjectTypeId::new(owner)) {
            return seen.readable.as_deref().unwrap_or_default();
        }
        let mut collections = self.surface.objects.iter().flat_map(|it| &it.collections);
        let links = |it: &'_ SurfaceCollection| {
            it.relation
                .as_ref()
                .is_some_and(|it| it.relation.id.uuid() == owner)
        };
        let found = collections.find(|it| links(it));
        let relation = found.and_then(|it| it.relation.as_ref());
        relation.map_or(&[], |relation| relation.readable.as_slice())
    }

    /// The fields along a path from a type with these readable fields, if the caller may read each of them.
    pub(super) fn way<'v>(
        &'v self,
        own: &'v [Arc<Field>],
        path: &Path,
    ) -> Option<Vec<&'v Arc<Field>>> {
        let mut way: Vec<&'v Arc<Field>> = Vec::with_capacity(path.references.len() + 1);
        let mut readable = own;
        for id in path.fields() {
            if let Some(last) = way.last() {
                readable = self.surface.find(last.target()?)?.readable.as_deref()?;
            }
            way.push(readable.iter().find(|field| field.id == id)?);
        }
        Some(way)
    }
}
