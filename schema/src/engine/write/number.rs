//! The auto numbers of new records and links.

use crate::{
    catalog::FieldList,
    engine::write::Writing,
    error::{Error, Result},
    plan::write::Values,
    value::Value,
};

impl Writing<'_> {
    /// Draws a number for each field that has them. It is the last thing before the row is written: until
    /// the transaction ends, others who make such a record wait for the counter.
    pub(super) async fn with_numbers(&self, fields: &FieldList, values: &Values) -> Result<Values> {
        let mut all = values.clone();
        for field in fields.iter() {
            let Some(format) = field.field_type.number_format(&field.settings) else {
                continue;
            };
            let day = self.now.to_offset(time::UtcOffset::UTC).date();
            let draw = self.dialect().draw(field.id, &format.period(day))?;
            let drawn = self.tx.connection().fetch(draw).await?;
            let number = match drawn.first() {
                Some(row) => row.integer(0)?,
                None => None,
            };
            let number = number
                .ok_or_else(|| Error::internal("drawing a number", "the counter gave nothing"))?;
            all.set(field, vec![Value::Text(format.write(day, number))]);
        }
        Ok(all)
    }
}
