//! Reads of which the audit log tells: those whose answer shows a field with `auditReads`.

use std::collections::{BTreeMap, BTreeSet};

use super::fetch::{Data, ListData};
use crate::{
    access::Caller,
    catalog::Catalog,
    engine::Engine,
    plan::read::{Level, ReadPlan},
};

/// The names of the fields by the name of their type, and how many records showed them.
#[derive(Debug, Default)]
struct Noted {
    fields: BTreeMap<String, BTreeSet<String>>,
    records: u64,
}

impl Engine {
    /// Notes what the caller has read, never the values. Most reads have nothing of it.
    pub(in crate::engine) fn note_reads(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        (plan, data): (&ReadPlan, &Data),
    ) {
        if caller.is_system() {
            return;
        }
        let mut noted = Noted::default();
        match (plan, data) {
            (ReadPlan::List(list), Data::List(data)) => noted.list(catalog, &list.level, data),
            (
                ReadPlan::Record { level, .. } | ReadPlan::Collection { level, .. },
                Data::Record(data),
            ) => noted.level(
                catalog,
                level,
                (u64::from(data.row.is_some()), &data.children),
            ),
            (ReadPlan::List(_), Data::Record(_))
            | (ReadPlan::Record { .. } | ReadPlan::Collection { .. }, Data::List(_)) => {}
        }
        if noted.records > 0 {
            let of_type = |(name, fields): (String, BTreeSet<String>)| {
                (name, fields.into_iter().collect::<Vec<String>>())
            };
            let fields = noted.fields.into_iter().map(of_type).collect();
            self.note_personal_read((caller.principal, caller.origin), fields, noted.records);
        }
    }
}

impl Noted {
    fn list(&mut self, catalog: &Catalog, level: &Level, data: &ListData) {
        let rows = u64::try_from(data.rows.len()).unwrap_or(u64::MAX);
        self.level(catalog, level, (rows, &data.children));
    }

    fn level(&mut self, catalog: &Catalog, level: &Level, (rows, children): (u64, &[ListData])) {
        if rows > 0 && !level.noted.is_empty() {
            self.records += rows;
            for read in &level.noted {
                let field = catalog.find_field(read.subject, read.field);
                let name = catalog.subject_name(read.subject);
                if let (Some(name), Some(field)) = (name, field) {
                    let fields = self.fields.entry(name.to_owned()).or_default();
                    fields.insert(field.name.to_string());
                }
            }
        }
        for (child, data) in level.children.iter().zip(children) {
            self.list(catalog, &child.list.level, data);
        }
    }
}
