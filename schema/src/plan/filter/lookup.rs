//! Filters on lookups: those of the field that is shown, read through the reference.

use super::{Given, Level, Named, Reached, Resolver};
use crate::{
    access::Condition,
    catalog::Lookup,
    error::FaultCode,
    plan::{filter::View, lookup},
};

impl Resolver<'_> {
    pub(super) fn lookup(&mut self, named: &Named, way: &Lookup, given: &Given<'_>) -> Condition {
        if !self.count_hop(given) {
            return Condition::FALSE;
        }
        let found = self.find_target(way.target).and_then(|(level, rows)| {
            let shown = match (&level, self.view) {
                (Reached::Granted(grant), View::Caller(_)) => {
                    self.find_field(Level::Granted(grant), way.field.name.as_str())?
                }
                (Reached::Granted(_) | Reached::Defined(_) | Reached::Pointed(_), _) => Named {
                    field: way.field.clone(),
                    visible: None,
                },
            };
            Some((shown, rows))
        });
        let Some((shown, rows)) = found else {
            let name = named.field.name.as_str();
            let message = format!("there is no field {name:?} to filter by");
            return self.fault(given.place.clone(), FaultCode::UnknownField, message);
        };
        let inner = self.comparisons(&shown, given);
        lookup::through(way, named.visible.as_deref(), &rows, inner)
    }
}
