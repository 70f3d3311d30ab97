//! Amounts of money in the base currency: set with the amounts, in the same statement.

use time::OffsetDateTime;

use super::Writing;
use crate::{
    catalog::{Subject, SystemField},
    error::Result,
    plan::write::Values,
    sql::{
        Sight, Why,
        write::{Lock, Target},
    },
    store::derive::MoneyFields,
    value::{Storage, Value},
};

impl Writing<'_> {
    /// The values of a new record or link with their amounts in the base currency.
    pub(super) fn converted(&self, values: Values) -> Values {
        self.converted_at(values, self.now)
    }

    /// The values of a change of a record or link with their amounts in the base currency.
    pub(super) async fn converted_for(&self, target: Target<'_>, values: Values) -> Result<Values> {
        let has_money = values.iter().any(|(field, values)| {
            field.base_amount().is_some() && !values.first().is_none_or(Value::is_null)
        });
        if !has_money || self.catalog.currencies().base().is_none() {
            return Ok(values);
        }
        let fields = self.catalog.subject_fields(target.subject);
        let Some(created) = fields.and_then(|fields| fields.find_system(SystemField::CreatedAt))
        else {
            return Ok(values);
        };
        let looked_at: (&[_], &[_], _) = (&[created.column()], &[], Lock::None);
        let row = self
            .inspect(target, Sight::Engine(Why::Again), looked_at)
            .await?;
        match row.map(|row| row.value(1, Storage::Instant)).transpose()? {
            Some(Value::Instant(created)) => Ok(self.converted_at(values, created)),
            _ => Ok(values),
        }
    }

    fn converted_at(&self, values: Values, created: OffsetDateTime) -> Values {
        let mut converted = values;
        let money: Vec<_> = converted
            .iter()
            .filter(|(field, _)| field.base_amount().is_some())
            .map(|(field, values)| (std::sync::Arc::clone(field), values.to_vec()))
            .collect();
        for (field, mut values) in money {
            self.catalog.currencies().fill(&field, &mut values, created);
            converted.set(&field, values);
        }
        converted
    }

    /// Converts the amounts of a record anew that was away while the rates may have changed.
    pub(super) async fn convert_restored(&self, subject: Subject, id: uuid::Uuid) -> Result<()> {
        let fields = MoneyFields::of(self.catalog, subject);
        self.deriving(None)
            .convert_written(subject, &fields.written, &[id])
            .await?;
        Ok(())
    }
}
