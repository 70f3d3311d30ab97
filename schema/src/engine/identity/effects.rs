//! What two policies let callers do, compared type by type and action by action: in conditions, and for
//! the records that differ in numbers that the database counts.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    access::{Action, Caller, Checker, Condition, Operand, Policy, Reach, Standing},
    catalog::{Catalog, Subject},
    engine::{Engine, state::State},
    error::{Error, Place, Result},
    field_type::Operator,
    id::{FieldId, RoleId, RuleId},
    identity::{Allowed, Effect, EffectSide, action_name},
    plan::read::{Planner, ReadPlan},
    request::{
        CollectionQuery, Entry, ListPart, ListRequest, ListShape, Node, PageRequest, ReadRequest,
        Selection,
    },
    sql::reach,
    store::Connection,
    value::Value,
};

/// The most queries of one preview: a count is one, and looking for examples is two.
const MOST_QUERIES: usize = 600;
const OF_EXAMPLES: usize = 2;
/// The most records that stand as examples.
const EXAMPLES: u32 = 3;

/// Among how many records examples are looked for.
const CANDIDATES: u64 = 1_000;

/// Two policies on one catalog.
pub(super) struct Sides {
    pub(super) catalog: Arc<Catalog>,
    pub(super) before: Policy,
    pub(super) after: Policy,
    /// The rules that differ.
    pub(super) changed: BTreeSet<Uuid>,
}

impl Sides {
    /// Whether a role has the same rules on both sides.
    pub(super) fn same_rules(&self, role: RoleId) -> bool {
        self.before.says_same(&self.after, role)
    }

    fn subjects(&self) -> Vec<Subject> {
        let objects = self.catalog.objects().into_iter();
        let relations = self.catalog.relations().into_iter();
        objects
            .map(|object| Subject::Object(object.id))
            .chain(relations.map(|relation| Subject::Relation(relation.id)))
            .collect()
    }
}

/// One caller under both policies.
struct Compared<'a> {
    before: Checker<'a>,
    after: Checker<'a>,
}

/// Counts for one preview; what was counted once is not counted again.
pub(super) struct Counting<'a> {
    engine: &'a Engine,
    state: &'a State,
    /// Who asks: examples are what it can read itself.
    asking: &'a Caller,
    sides: &'a Sides,
    counted: Vec<Counted>,
    queries: usize,
    is_complete: bool,
}

/// What was found of the records that a condition holds of.
struct Counted {
    subject: Subject,
    condition: Condition,
    records: u64,
    /// Whether examples were looked for, and which there are.
    examples: Option<Vec<Json>>,
}

/// What differs of one action on one type, over all callers that are compared.
#[derive(Default)]
struct Difference {
    allowed: Allowed,
    gained: Vec<Condition>,
    lost: Vec<Condition>,
    gained_fields: BTreeSet<String>,
    lost_fields: BTreeSet<String>,
    masked: BTreeSet<String>,
    changed: BTreeSet<String>,
    /// For each rule that changes whether somebody has a value for its variables.
    bound: BTreeMap<RuleId, bool>,
}

impl<'a> Counting<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        state: &'a State,
        asking: &'a Caller,
        sides: &'a Sides,
    ) -> Self {
        Self {
            engine,
            state,
            asking,
            sides,
            counted: Vec::new(),
            queries: 0,
            is_complete: true,
        }
    }

    pub(super) fn sides(&self) -> &'a Sides {
        self.sides
    }

    /// Whether nothing was left uncounted.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// What changes for these callers: what at least one of them gains or loses.
    pub(super) async fn effects(&mut self, callers: &[Caller]) -> Result<Vec<Effect>> {
        let Sides {
            catalog,
            before,
            after,
            ..
        } = self.sides;
        let checkers = callers.iter().map(|caller| Compared {
            before: Checker::new(catalog, before, caller),
            after: Checker::new(catalog, after, caller),
        });
        let checkers: Vec<Compared<'_>> = checkers.collect();
        let sides = checkers.iter().flat_map(|it| [&it.before, &it.after]);
        let named: HashSet<_> = sides.flat_map(Checker::named).collect();
        let mut effects = Vec::new();
        for subject in self.sides.subjects() {
            for action in Action::ALL {
                let mut rules = [Some(subject.uuid()), None].into_iter();
                if !rules.any(|of| named.contains(&(of, *action))) {
                    continue;
                }
                let difference = self.difference(&checkers, subject, *action);
                if let Some(difference) = difference {
                    let effect = self.effect(subject, *action, difference).await?;
                    effects.extend(effect);
                }
            }
        }
        Ok(effects)
    }

    fn difference(
        &self,
        checkers: &[Compared<'_>],
        subject: Subject,
        action: Action,
    ) -> Option<Difference> {
        let mut difference = Difference::default();
        for Compared { before, after } in checkers {
            let standings = [before, after].into_iter();
            let standings = standings.flat_map(|checker| checker.standings(subject.uuid(), action));
            for (id, standing) in standings {
                if self.sides.changed.contains(&id.uuid()) {
                    let is_bound = !matches!(standing, Standing::WithoutValue);
                    *difference.bound.entry(id).or_default() |= is_bound;
                }
            }
            let (before, after) = (before.reach(subject, action), after.reach(subject, action));
            difference.add(before.as_ref(), after.as_ref(), action);
        }
        difference.says_something().then_some(difference)
    }

    async fn effect(
        &mut self,
        subject: Subject,
        action: Action,
        difference: Difference,
    ) -> Result<Option<Effect>> {
        let unbound = difference.is_unbound();
        let Difference {
            allowed,
            gained,
            lost,
            gained_fields,
            lost_fields,
            masked,
            changed,
            bound: _,
        } = difference;
        let counts = action != Action::Create;
        let gained = self.side(subject, counts, (gained, gained_fields)).await?;
        let lost = self.side(subject, counts, (lost, lost_fields)).await?;
        let is_empty = |side: &EffectSide| {
            side.fields.is_empty() && (side.records == Some(0) || action == Action::Create)
        };
        let same = allowed.before == allowed.after && masked.is_empty() && changed.is_empty();
        if is_empty(&gained) && is_empty(&lost) && same && !unbound {
            return Ok(None);
        }
        let name = self.sides.catalog.subject_name(subject);
        Ok(Some(Effect {
            object: name.unwrap_or_default().to_owned(),
            action: action_name(action),
            allowed,
            gained,
            lost,
            masked: masked.into_iter().collect(),
            changed: changed.into_iter().collect(),
            unbound,
        }))
    }

    async fn side(
        &mut self,
        subject: Subject,
        counts: bool,
        (conditions, fields): (Vec<Condition>, BTreeSet<String>),
    ) -> Result<EffectSide> {
        let mut side = EffectSide {
            fields: fields.into_iter().collect(),
            ..EffectSide::default()
        };
        if !counts {
            return Ok(side);
        }
        if conditions.is_empty() {
            side.records = Some(0);
            return Ok(side);
        }
        let condition = any(conditions);
        let mut known = self.counted.iter();
        let known = known.position(|it| it.subject == subject && it.condition == condition);
        let mut counted = match known {
            Some(at) => self.counted.swap_remove(at),
            None if !self.may_ask(1) => return Ok(side),
            None => Counted {
                records: self.count(subject, &condition).await?,
                subject,
                condition,
                examples: None,
            },
        };
        side.records = Some(counted.records);
        let examples = match counted.examples.take() {
            Some(known) => Some(known),
            None if counted.records == 0 || matches!(subject, Subject::Relation(_)) => None,
            None if !self.may_ask(OF_EXAMPLES) => None,
            None => Some(self.examples(subject, &counted.condition).await?),
        };
        side.examples = examples.clone().unwrap_or_default();
        counted.examples = examples;
        self.counted.push(counted);
        Ok(side)
    }

    /// Whether so many more queries are within the limit; from then on something is left out.
    fn may_ask(&mut self, queries: usize) -> bool {
        let asked = self.queries + queries;
        if asked > MOST_QUERIES {
            self.is_complete = false;
            return false;
        }
        self.queries = asked;
        true
    }

    /// How many records the condition holds of.
    async fn count(&self, subject: Subject, condition: &Condition) -> Result<u64> {
        let catalog = &self.sides.catalog;
        let context = "counting for a preview";
        let table = catalog.subject_table(subject);
        let table = table.ok_or_else(|| Error::internal(context, "a type has no table"))?;
        let store = &self.engine.store;
        let statement = reach::count(catalog, store.dialect(), (subject, table), condition)?;
        let rows = Connection::Pool(store.reader()).fetch(statement).await?;
        let number = rows
            .first()
            .map(|row| row.integer(0))
            .transpose()?
            .flatten();
        Ok(u64::try_from(number.unwrap_or(0)).unwrap_or(0))
    }

    /// The ids of the first of these records, whoever may see them.
    async fn first_ids(&self, subject: Subject, condition: &Condition) -> Result<Vec<Uuid>> {
        let catalog = &self.sides.catalog;
        let table = catalog.subject_table(subject);
        let table = table.ok_or_else(|| {
            Error::internal("looking for examples of a preview", "a type has no table")
        })?;
        let store = &self.engine.store;
        let of = (subject, table);
        let statement = reach::ids(catalog, store.dialect(), of, (condition, CANDIDATES))?;
        let rows = Connection::Pool(store.reader()).fetch(statement).await?;
        let ids = rows.iter().map(|row| row.uuid(0));
        Ok(ids
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// Some of these records, as an ordinary list shows them to the one who asks: of the first of all, those that it
    /// may read.
    async fn examples(&self, subject: Subject, condition: &Condition) -> Result<Vec<Json>> {
        let Subject::Object(id) = subject else {
            return Ok(Vec::new());
        };
        let Some(object) = self.state.catalog.find_object(id) else {
            return Ok(Vec::new());
        };
        let request = examples_of(object.plural.as_str());
        let checker = Checker::new(&self.state.catalog, &self.state.policy, self.asking);
        let planned = Planner::new(&checker, &self.engine.cursor_key).plan_list(&request);
        let Ok(ReadPlan::List(mut list)) = planned else {
            return Ok(Vec::new());
        };
        let ids = self.first_ids(subject, condition).await?;
        let among = Condition::Compare {
            field: FieldId::standard("system", "id"),
            part: 0,
            operator: Operator::In,
            operand: Operand::Values(ids.into_iter().map(Value::Uuid).collect()),
            visible: None,
        };
        list.level.filter = list.level.filter.and(among);
        let (plan, request) = (ReadPlan::List(list), ReadRequest::List(request));
        let connection = Connection::Pool(self.engine.store.reader());
        let answer = self
            .engine
            .answer(&checker, connection, (&plan, &request))
            .await?;
        let body: Json = serde_json::from_slice(&answer.body)
            .map_err(|error| Error::internal("reading examples", error))?;
        let records = body.get("data").and_then(Json::as_array);
        Ok(records.cloned().unwrap_or_default())
    }
}

impl Difference {
    fn add(&mut self, before: Option<&Reach>, after: Option<&Reach>, action: Action) {
        self.allowed.before |= before.is_some();
        self.allowed.after |= after.is_some();
        if before == after {
            return;
        }
        if action != Action::Create {
            push(&mut self.gained, beyond(after, before));
            push(&mut self.lost, beyond(before, after));
        }
        let in_full = |reach: Option<&Reach>| -> BTreeSet<String> {
            let fields = reach.into_iter().flat_map(|reach| &reach.fields);
            let fields = fields.filter(|(_, shown)| shown.is_in_full());
            fields.map(|(name, _)| name.clone()).collect()
        };
        let masked = |reach: Option<&Reach>| -> BTreeSet<String> {
            let fields = reach.into_iter().flat_map(|reach| &reach.fields);
            let fields = fields.filter(|(_, shown)| !shown.is_in_full());
            fields.map(|(name, _)| name.clone()).collect()
        };
        let (was, is) = (in_full(before), in_full(after));
        self.gained_fields.extend(is.difference(&was).cloned());
        self.lost_fields.extend(was.difference(&is).cloned());
        let newly = &masked(after) - &masked(before);
        self.masked.extend(newly);
        let (Some(before), Some(after)) = (before, after) else {
            return;
        };
        let both = was.intersection(&is);
        let differs = |name: &&String| before.fields.get(*name) != after.fields.get(*name);
        self.changed.extend(both.filter(differs).cloned());
    }

    fn says_something(&self) -> bool {
        let fields = [
            &self.gained_fields,
            &self.lost_fields,
            &self.masked,
            &self.changed,
        ];
        self.allowed.before != self.allowed.after
            || !self.gained.is_empty()
            || !self.lost.is_empty()
            || fields.iter().any(|fields| !fields.is_empty())
            || self.is_unbound()
    }

    fn is_unbound(&self) -> bool {
        self.bound.values().any(|is_bound| !is_bound)
    }
}

/// The records of one reach that the other one does not have; `None` where there can be none.
fn beyond(of: Option<&Reach>, other: Option<&Reach>) -> Option<Condition> {
    let rows = &of?.rows;
    match other.map(|other| &other.rows) {
        None => Some(rows.clone()),
        Some(other) if other == rows || other.is_true() => None,
        Some(other) => Some(rows.clone().and(Condition::Not(Box::new(other.clone())))),
    }
}

fn push(conditions: &mut Vec<Condition>, condition: Option<Condition>) {
    if let Some(condition) = condition.filter(|condition| !conditions.contains(condition)) {
        conditions.push(condition);
    }
}

fn any(mut conditions: Vec<Condition>) -> Condition {
    match conditions.len() {
        1 => conditions.swap_remove(0),
        _ if conditions.iter().any(Condition::is_true) => Condition::TRUE,
        _ => Condition::any_of(conditions),
    }
}

/// The first records of a type, by id and by what people read of them.
fn examples_of(plural: &str) -> ListRequest {
    let place = Place::Pointer(String::new());
    let member = |key: &str, node| Entry {
        key: key.to_owned(),
        node,
        place: place.clone(),
    };
    let id = Node::Field {
        name: "id".to_owned(),
        parts: None,
    };
    let selection = Selection {
        entries: vec![member("id", id), member("displayName", Node::DisplayName)],
    };
    ListRequest {
        object: plural.to_owned(),
        query: CollectionQuery {
            page: PageRequest {
                limit: Some(EXAMPLES),
                is_cut: true,
                ..PageRequest::default()
            },
            ..CollectionQuery::default()
        },
        shape: ListShape {
            entries: vec![("data".to_owned(), ListPart::Records(selection))],
        },
        of: None,
    }
}
