//! The base currency and the rates in the database. A change of them is one transaction that no write
//! runs beside, with the job that converts what is there.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, sea_query::Expr,
};
use time::{Date, OffsetDateTime};

use crate::{
    access::Permit,
    catalog::{Catalog, CurrencyRows},
    change::{BaseAmountsJob, JobInput},
    error::{Error, Result},
    id::JobId,
    store::{
        Connection, Store, WriteFailure,
        head::may_try_again,
        jobs::{self, NewJobs},
        rows::failed,
    },
};

const CONTEXT: &str = "changing the rates";
/// The most rows of one insert.
const CHUNK: usize = 500;

/// Base currency and rates as they shall be, made of those that are there. `None` leaves them.
pub(crate) type NewCurrencies<'a> =
    &'a (dyn Fn(&CurrencyRows) -> Result<Option<CurrencyRows>> + Send + Sync);

impl Store {
    /// Changes base currency and rates. `change` sees those that are in force; it may be asked more than
    /// once. Gives whether anything is different now.
    pub(crate) async fn change_currencies(
        &self,
        _: &Permit,
        change: NewCurrencies<'_>,
        (id, now): (JobId, OffsetDateTime),
    ) -> Result<bool> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_to_change_currencies(change, (id, now)).await {
                Err(Error::Busy | Error::Aborted) if may_try_again(attempt).await => {}
                result => return result,
            }
        }
    }

    async fn try_to_change_currencies(
        &self,
        change: NewCurrencies<'_>,
        (id, now): (JobId, OffsetDateTime),
    ) -> Result<bool> {
        let tx = self.begin_alone().await?;
        let head = entity::meta_head::Entity::find().lock_exclusive();
        let head = head.one(&tx).await.map_err(changing)?;
        let head = head.ok_or_else(|| Error::internal(CONTEXT, "meta_head is empty"))?;
        let before = super::catalog::currency_rows(&tx).await?;
        let after = change(&before)?;
        let Some(after) = after.filter(|after| is_other(&before, after)) else {
            return Ok(false);
        };
        write(&tx, &after, head.currency_version + 1).await?;
        let is_other_base = before.base != after.base;
        if is_other_base && before.base.is_some() {
            let rows = super::catalog::metadata_rows(&tx, head.version).await?;
            self.forget_base_amounts(&tx, &Catalog::load(&rows)?)
                .await?;
        }
        let since = first_difference(&before, &after).filter(|_| !is_other_base);
        let job = JobInput::BaseAmounts(BaseAmountsJob { owner: None, since });
        let new = NewJobs {
            jobs: vec![(id, &job)],
            schema_version: head.version,
            now,
        };
        jobs::insert(&tx, new).await?;
        tx.commit().await.map_err(changing)?;
        Ok(true)
    }

    /// What was converted to another currency must not be taken for amounts in the new one.
    async fn forget_base_amounts(&self, tx: &DatabaseTransaction, catalog: &Catalog) -> Result<()> {
        let objects = catalog
            .objects()
            .into_iter()
            .map(|it| (&it.table, &it.fields));
        let relations = catalog.relations().into_iter();
        let relations = relations.map(|it| (&it.table, &it.fields));
        for (table, fields) in objects.chain(relations) {
            for field in fields.iter().filter(|field| !field.is_virtual()) {
                let Some(base) = field.base_amount() else {
                    continue;
                };
                let column = &field.columns[base].name;
                let statement = self.dialect().clear(table, column);
                let done = Connection::Transaction(tx).execute(statement).await;
                done.map_err(|failure| match failure {
                    WriteFailure::Unique(_) => Error::Busy,
                    WriteFailure::Other(error) => error,
                })?;
            }
        }
        Ok(())
    }

    /// Whether a job that converts amounts has not ended yet.
    pub(crate) async fn is_converting(&self) -> Result<bool> {
        use entity::job::{Column, Entity};
        let found = Entity::find()
            .filter(Column::Kind.eq("baseAmounts"))
            .filter(Column::State.is_in(["queued", "running"]))
            .one(&self.reader)
            .await;
        Ok(found.map_err(changing)?.is_some())
    }
}

/// Puts the rows in the place of those that are there.
async fn write(tx: &DatabaseTransaction, after: &CurrencyRows, version: i64) -> Result<()> {
    use entity::{currency_rate, meta_head};
    let cleared = currency_rate::Entity::delete_many().exec(tx).await;
    cleared.map_err(changing)?;
    for rates in after.rates.chunks(CHUNK) {
        let models = rates
            .iter()
            .map(|rate| rate.clone().into_active_model().reset_all());
        let inserted = currency_rate::Entity::insert_many(models)
            .exec_without_returning(tx)
            .await;
        inserted.map_err(changing)?;
    }
    meta_head::Entity::update_many()
        .col_expr(meta_head::Column::CurrencyVersion, Expr::val(version))
        .col_expr(
            meta_head::Column::BaseCurrency,
            Expr::val(after.base.clone()),
        )
        .exec(tx)
        .await
        .map_err(changing)?;
    Ok(())
}

fn is_other(before: &CurrencyRows, after: &CurrencyRows) -> bool {
    before.base != after.base || first_difference(before, after).is_some()
}

/// The first day on which the rates of the two are not the same.
fn first_difference(before: &CurrencyRows, after: &CurrencyRows) -> Option<Date> {
    let lacks = |rates: &CurrencyRows| {
        let known: std::collections::HashSet<(String, Date, String)> = rates
            .rates
            .iter()
            .map(|rate| (rate.currency.clone(), rate.valid_from, rate.rate.clone()))
            .collect();
        move |rate: &&entity::currency_rate::Model| {
            !known.contains(&(rate.currency.clone(), rate.valid_from, rate.rate.clone()))
        }
    };
    let gone = before.rates.iter().filter(lacks(after));
    let new = after.rates.iter().filter(lacks(before));
    gone.chain(new).map(|rate| rate.valid_from).min()
}

fn changing(error: DbErr) -> Error {
    failed(error, CONTEXT)
}
