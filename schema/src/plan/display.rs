//! Display names: the fields that a template reads, each under the grant of the record that has it. What
//! the caller may not read gets no column, so that it counts as missing, for this caller alone.

use std::sync::Arc;

use crate::{
    expression::Path,
    id::ObjectTypeId,
    plan::{
        read::{At, Out, Planner},
        selection::Builder,
    },
    value::Storage,
};

impl Planner<'_> {
    /// What people read of the record at `at`; `None` of what is no record.
    pub(in crate::plan) fn display_name(&mut self, builder: &mut Builder, at: At) -> Option<Out> {
        let object = builder.grant_at(at).object().filter(|_| at != At::Link)?.id;
        let Some(template) = self.checker.catalog().display(object) else {
            return Some(Out::Constant("null".to_owned()));
        };
        let template = Arc::clone(template);
        let paths = template.inputs().iter();
        let inputs = paths.map(|path| {
            let slots = self.display_input(builder, (at, object), path);
            slots.unwrap_or_default()
        });
        let inputs = inputs.collect();
        Some(Out::Display { template, inputs })
    }

    /// The columns of a field along a path; `None` when something on the way is hidden.
    fn display_input(
        &mut self,
        builder: &mut Builder,
        (mut at, mut object): (At, ObjectTypeId),
        path: &Path,
    ) -> Option<Vec<(usize, Storage)>> {
        let catalog = self.checker.catalog();
        let name_of = |object: ObjectTypeId, field| {
            let field = catalog.find_object(object)?.fields.find_by_id(field)?;
            Some(field.name.clone())
        };
        for reference in &path.references {
            let name = name_of(object, *reference)?;
            let readable = builder.grant_at(at).field(name.as_str())?;
            object = readable.field.target()?;
            at = self.join(builder, at, readable)?;
        }
        let name = name_of(object, path.field)?;
        let readable = builder.grant_at(at).field(name.as_str())?;
        builder.note_read(at, &readable.field);
        let visible = readable.visibility.into_option();
        let columns = readable.field.columns.iter();
        let slots = columns.map(|column| {
            let slot = builder.slot(at, column.clone(), visible.clone());
            (slot, column.part.storage)
        });
        Some(slots.collect())
    }
}
