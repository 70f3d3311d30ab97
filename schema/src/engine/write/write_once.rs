//! Fields that can be written once: at the creation of a record, or while they have no value.

use serde_json::{Map, Value as Json};

use super::Writing;
use crate::{
    access::Visibility,
    catalog::{Field, Subject},
    error::{Error, Fault, FaultCode, Place, Result},
    plan::write::Values,
    store::Row,
};

impl Writing<'_> {
    /// Refuses to replace the value of a field that can be written once. `all` are the values with the
    /// presets, in the order of the columns of the row; only what was `sent` is held against the sender.
    ///
    /// Sending the stored value again is fine for those who can read it. To the others the two answers
    /// would tell what is stored.
    pub(super) fn keeps_write_once(
        &self,
        (row, all): (&Row, &Values),
        sent: &Values,
        changes: &Map<String, Json>,
        (subject, place): (Subject, &Place),
    ) -> Result<()> {
        let mut faults = Vec::new();
        let mut at = 1;
        for (field, _) in all.iter() {
            let stands_at = at;
            at += field.columns.len();
            if !field.attributes.write_once || sent.find(field).is_none() {
                continue;
            }
            let changed = changes.contains_key(&field.id.to_string());
            if !changed && self.always_reads(subject, field) {
                continue;
            }
            if !row.field(field, stands_at)?.is_null() {
                let name = field.name.as_str();
                faults.push(Fault {
                    place: place.child(name),
                    code: FaultCode::ReadOnlyField,
                    message: format!("{name:?} has a value and can be written only once"),
                });
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }

    /// Whether the caller reads a field in every record that it sees.
    pub(super) fn always_reads(&self, subject: Subject, field: &Field) -> bool {
        self.read_grant(subject)
            .and_then(|grant| grant.field(field.name.as_str()))
            .is_some_and(|readable| matches!(readable.visibility, Visibility::Always))
    }
}
