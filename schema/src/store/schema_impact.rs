//! What the database knows of the impact of a change: the records that stand in its way, the rules and
//! keys that name what it changes, and how large the tables are.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    catalog::{Catalog, Subject},
    change::{
        Ask, ChangeReport, Dependant, Duplicate, MAX_PAIRS, MAX_SAMPLES, Named, OperationImpact,
        PlannedConversion, Question, TableSize, Validated, Violations, expected_time, fault_of,
        tables_of,
    },
    error::{Fault, FaultCode, Result},
    field_type::Pattern,
    identity::is_valid,
    store::{Computing, Connection, Row, Store, schema_change::changing},
    value::{Storage, Value},
};

/// Rows are counted so far where the database keeps no statistics.
const MAX_COUNTED: u64 = 100_000;

/// The most records that are looked at together.
const CHUNK: usize = 1_000;

/// The most keys that a report names for one operation.
const MAX_KEYS: usize = 50;

/// The columns whose values the caller may read; only a dry run tells values.
type Reads<'a> = Option<&'a HashSet<(String, String)>>;

impl Store {
    /// Asks a question, and notes the answer.
    pub(super) async fn ask(
        &self,
        tx: &DatabaseTransaction,
        (question, reads): (&Question, Reads<'_>),
        impact: &mut OperationImpact,
    ) -> Result<Option<Fault>> {
        let connection = Connection::Transaction(tx);
        if let Ask::Mismatches {
            column,
            storage,
            pattern,
        } = question.ask.inner()
        {
            if reads.is_some() {
                let of = (question.table.as_str(), column.as_str(), *storage);
                let found = self.mismatches(connection, of, pattern).await?;
                impact.violations.get_or_insert_default().add(found);
            }
            return Ok(None);
        }
        let counted = connection
            .fetch(self.dialect().render_count(question))
            .await?;
        let count = match counted.first() {
            Some(row) => row.integer(0)?.unwrap_or_default(),
            None => 0,
        };
        let count = u64::try_from(count).unwrap_or_default();
        if self.are_affected(question, count) {
            impact.rows_affected += count;
            return Ok(None);
        }
        if fault_of(question, count, (&[], &[])).is_none() {
            return Ok(None);
        }
        let pairs = self.pairs(connection, question, reads).await?;
        let mut samples = self.samples(connection, question).await?;
        if samples.is_empty() {
            samples = pairs.iter().flat_map(|pair| pair.records.clone()).collect();
            samples.sort();
            samples.dedup();
        }
        impact.rows_failing += count;
        let fault = fault_of(question, count, (&samples, &pairs));
        for sample in samples {
            if impact.samples.len() < MAX_SAMPLES && !impact.samples.contains(&sample) {
                impact.samples.push(sample);
            }
        }
        impact.duplicates.extend(pairs);
        Ok(fault)
    }

    /// Whether the change does something to the records that the question is about, and may do so.
    fn are_affected(&self, question: &Question, count: u64) -> bool {
        if let Ask::Defaulted { bytes } = question.ask {
            let most = self.dialect().most_defaulted(bytes);
            return most.is_none_or(|most| count <= most);
        }
        matches!(question.ask, Ask::Lost { .. })
    }

    async fn samples(
        &self,
        connection: Connection<'_>,
        question: &Question,
    ) -> Result<Vec<String>> {
        let Some(select) = self.dialect().render_samples(question, MAX_SAMPLES) else {
            return Ok(Vec::new());
        };
        let mut samples = Vec::new();
        for row in connection.fetch(select).await? {
            samples.extend(row.uuid(0)?.map(|id| id.to_string()));
        }
        Ok(samples)
    }

    /// Pairs of records with the same value. The values are for those who may read them.
    async fn pairs(
        &self,
        connection: Connection<'_>,
        question: &Question,
        reads: Reads<'_>,
    ) -> Result<Vec<Duplicate>> {
        let Some(select) = self.dialect().render_pairs(question, MAX_PAIRS) else {
            return Ok(Vec::new());
        };
        let columns = match question.ask.inner() {
            Ask::Duplicates { column, storage } => vec![(column, *storage)],
            Ask::SharedKey { columns, storages } => {
                columns.iter().zip(storages.iter().copied()).collect()
            }
            Ask::Rows { .. }
            | Ask::Defaulted { .. }
            | Ask::Missing { .. }
            | Ask::Breaks { .. }
            | Ask::Singleton
            | Ask::Circles { .. }
            | Ask::Uses { .. }
            | Ask::Replaced { .. }
            | Ask::Unconverted { .. }
            | Ask::Strange { .. }
            | Ask::Undone { .. }
            | Ask::Lost { .. }
            | Ask::Mismatches { .. } => Vec::new(),
        };
        let may_read = |(column, _): &(&String, Storage)| {
            let column = (question.table.clone(), (*column).clone());
            reads.is_some_and(|reads| reads.contains(&column))
        };
        let shown = columns.iter().all(may_read);
        let mut pairs = Vec::new();
        for row in connection.fetch(select).await? {
            let (Some(first), Some(second)) = (row.uuid(0)?, row.uuid(1)?) else {
                continue;
            };
            let values = columns.iter().enumerate();
            let values = values.map(|(at, (_, storage))| row.json(at + 2, *storage));
            pairs.push(Duplicate {
                records: [first.to_string(), second.to_string()],
                values: shown
                    .then(|| values.collect::<Result<Vec<Json>>>())
                    .transpose()?,
            });
        }
        Ok(pairs)
    }

    /// The records whose texts do not match a pattern.
    async fn mismatches(
        &self,
        connection: Connection<'_>,
        (table, column, storage): (&str, &str, Storage),
        pattern: &Pattern,
    ) -> Result<Violations> {
        let mut found = Violations::default();
        let mut after = None;
        loop {
            let page = (after, CHUNK);
            let select = self.dialect().render_values((table, column), page);
            let rows = connection.fetch(select).await?;
            let Some(last) = rows.last() else {
                return Ok(found);
            };
            after = last.uuid(0)?;
            for row in &rows {
                let Some(id) = row.uuid(0)? else { continue };
                if !matches(row, storage, pattern)? {
                    found.rows += 1;
                    if found.samples.len() < MAX_SAMPLES {
                        found.samples.push(id.to_string());
                    }
                }
            }
        }
    }

    /// Says of each operation how long it may take.
    pub(super) async fn add_expected_times(
        &self,
        tx: &DatabaseTransaction,
        validated: &mut Validated,
    ) -> Result<()> {
        let mut sizes = HashMap::new();
        for table in tables_of(&validated.tasks) {
            let size = self.size_of(Connection::Transaction(tx), &table).await?;
            sizes.insert(table, size);
        }
        let size_of = |table: &str| sizes.get(table).cloned().unwrap_or(TableSize::New);
        let dialect = self.dialect();
        let writes_default = |value: &Value| dialect.writes_default(value.bytes());
        for (at, impact) in validated.impacts.iter_mut().enumerate() {
            let expected = expected_time(&validated.tasks, (at, &writes_default), size_of);
            impact.expected_time = Some(expected);
        }
        Ok(())
    }

    async fn size_of(&self, connection: Connection<'_>, table: &str) -> Result<TableSize> {
        if let Some(select) = self.dialect().render_statistics(table)
            && let Some(row) = connection.fetch(select).await?.first()
            && let Some(rows) = row.integer(0)?
            && let Ok(rows) = u64::try_from(rows)
            && rows > 0
        {
            return Ok(TableSize::Statistics(rows));
        }
        let count = self.dialect().render_bounded_count(table, MAX_COUNTED + 1);
        let counted = connection.fetch(count).await?;
        let rows = match counted.first() {
            Some(row) => row.integer(0)?.unwrap_or_default(),
            None => 0,
        };
        let rows = u64::try_from(rows).unwrap_or_default();
        if rows > MAX_COUNTED {
            return Ok(TableSize::MoreThan(MAX_COUNTED));
        }
        Ok(TableSize::Counted(rows))
    }
}

fn matches(row: &Row, storage: Storage, pattern: &Pattern) -> Result<bool> {
    let json = row.json(1, storage)?;
    Ok(match Value::from_json(&json, storage) {
        Some(Value::Text(text)) => pattern.matches(&text),
        Some(Value::TextSet(items)) => items.iter().all(|item| pattern.matches(item)),
        Some(_) | None => true,
    })
}

/// Adds the records that do not keep new conditions of their type to the report.
pub(super) async fn add_violations(
    report: &mut ChangeReport,
    computing: &Computing<'_>,
    checked: &[(Subject, usize)],
) -> Result<()> {
    for (subject, operation) in checked {
        let violations = computing.violations(*subject).await?;
        if let Some(impact) = report.operations.get_mut(*operation) {
            impact.violations.get_or_insert_default().add(violations);
        }
    }
    Ok(())
}

/// Adds the rules that name a changed thing to the impacts, and the keys that act by them.
pub(super) async fn add_holders(tx: &DatabaseTransaction, validated: &mut Validated) -> Result<()> {
    if validated.named.iter().all(Vec::is_empty) {
        return Ok(());
    }
    let rules = rules_with_roles(tx).await?;
    let keys = live_keys(tx).await?;
    for (impact, named) in validated.impacts.iter_mut().zip(&validated.named) {
        let mut roles: Vec<(Uuid, &str)> = Vec::new();
        for (rule, role) in &rules {
            let hit = named.iter().find(|named| names(rule, named));
            if let Some(Named { effect, .. }) = hit {
                impact.dependants.push(Dependant {
                    kind: "rule",
                    name: format!("{role}: {}", rule.action),
                    effect,
                });
                roles.push((rule.role_id, effect));
            }
        }
        let touched = keys.iter().filter_map(|key| {
            let mut roles = roles.iter();
            let (_, effect) = roles.find(|(role, _)| holds(key, *role))?;
            Some((key.name.clone(), *effect))
        });
        let touched = touched.take(MAX_KEYS).collect::<Vec<_>>();
        for (name, effect) in touched {
            let effect = effect_on_key(effect);
            impact.dependants.push(Dependant {
                kind: "key",
                name,
                effect,
            });
        }
    }
    Ok(())
}

/// What becomes of a key that acts by a rule.
fn effect_on_key(effect: &str) -> &'static str {
    if effect.starts_with("goes on") {
        "acts by such a rule, which goes on"
    } else if effect.starts_with("grants again") {
        "acts by such a rule, which grants more again"
    } else {
        "acts by such a rule, which grants less"
    }
}

async fn live_keys(tx: &DatabaseTransaction) -> Result<Vec<entity::api_key::Model>> {
    use entity::api_key::{Column, Entity};
    let keys = Entity::find().filter(Column::RevokedAt.is_null());
    keys.all(tx).await.map_err(changing)
}

fn holds(key: &entity::api_key::Model, role: Uuid) -> bool {
    super::identity::holds_role(&key.role_ids, role)
}

/// The rules that would not hold of the new type of a field: they would grant nothing any more.
pub(super) async fn rules_that_break(
    tx: &DatabaseTransaction,
    before: &Catalog,
    conversions: &[PlannedConversion],
) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    if conversions.is_empty() {
        return Ok(faults);
    }
    let rules = rules_with_roles(tx).await?;
    for planned in conversions {
        for (rule, role) in &rules {
            if is_valid(before, rule) && !is_valid(&planned.after, rule) {
                let action = &rule.action;
                faults.push(Fault {
                    place: planned.place.clone(),
                    code: FaultCode::InvalidValue,
                    message: format!(
                        "the rule {action} of the role {role} would not fit the new type; change it first"
                    ),
                });
            }
        }
    }
    Ok(faults)
}

/// All rules with the names of their roles.
async fn rules_with_roles(tx: &DatabaseTransaction) -> Result<Vec<(entity::rule::Model, String)>> {
    let holders = entity::role::Entity::find().all(tx).await;
    let holders = holders.map_err(changing)?;
    let name_of = |id: Uuid| {
        let role = holders.iter().find(|role| role.id == id);
        role.map(|role| role.name.clone()).unwrap_or_default()
    };
    let rules = entity::rule::Entity::find().all(tx).await;
    let rules = rules.map_err(changing)?.into_iter();
    Ok(rules
        .map(|rule| {
            let role = name_of(rule.role_id);
            (rule, role)
        })
        .collect())
}

fn names(rule: &entity::rule::Model, named: &Named) -> bool {
    let id = named.id.to_string();
    let texts = [Some(&rule.fields), Some(&*rule.presets)];
    let conditions = [rule.condition.as_deref(), rule.check_condition.as_deref()];
    rule.subject == Some(named.id)
        || texts
            .into_iter()
            .chain(conditions)
            .flatten()
            .any(|json: &Json| json.to_string().contains(&id))
}
