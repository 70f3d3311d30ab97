//! What is computed of what: for each field that a write can change, the computed fields that depend on
//! it, and the way from the changed record to the records whose value has to be computed anew.
//!
//! A *layer* is computed when everything below it is final: a field that reads other records is one
//! layer above what it reads there; one that reads its own record is in the layer of what it reads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    access::{Condition, Hop},
    catalog::{Catalog, Direction, Subject, period_names},
    expression::Program,
    id::{FieldId, RelationTypeId},
    plan::rollup::Rollup,
};

/// One step from a changed record towards those that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    /// To the record that this reference points at.
    Target(FieldId),
    /// To the records whose reference points here.
    Referrers(FieldId),
    /// From a link to the record at the end from which it is walked in this direction.
    End(RelationTypeId, Direction),
    /// From the record at the far end of links to those at the near end.
    Linked(RelationTypeId, Direction),
}

/// What a computed field reads of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Input {
    /// A field.
    Field(FieldId),
    /// Whether it is there.
    Existence,
}

/// A computed field that depends on an input.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Dependency {
    /// The type that has the computed field.
    pub(crate) owner: Subject,
    /// The computed field.
    pub(crate) field: FieldId,
    /// The way from the changed record; empty when it is the same one.
    pub(crate) path: Vec<Step>,
}

/// A computed field.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    /// The type that has it.
    pub(crate) owner: Subject,
    /// Where it stands in the order of computing.
    pub(crate) layer: usize,
    /// How it is computed.
    pub(crate) computation: Computation,
}

/// How a field is computed.
#[derive(Debug, Clone)]
pub(crate) enum Computation {
    /// Of the members of a collection.
    Rollup(Box<Rollup>),
    /// By an expression over the record and those that it refers to.
    Formula,
}

/// What is computed of what, at one schema version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Derivations {
    derived: HashMap<FieldId, Derived>,
    by_input: HashMap<Subject, BTreeMap<Input, BTreeSet<Dependency>>>,
    by_owner: HashMap<Subject, Vec<FieldId>>,
    /// The fields that each computed field reads itself, and whether those are of another record.
    inputs: HashMap<FieldId, BTreeSet<(FieldId, bool)>>,
    /// Computed fields that lack something that they need, and those that need each other.
    broken: Vec<Broken>,
}

/// A computed field that can't be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The type that has it.
    pub(crate) owner: Subject,
    /// The field.
    pub(crate) field: FieldId,
    /// Whether it depends on itself; otherwise something that it needs is gone.
    pub(crate) is_cycle: bool,
}

impl Derivations {
    /// The derivations of a catalog.
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut derivations = Self::default();
        let mut inputs: HashMap<FieldId, BTreeSet<Read>> = HashMap::new();
        for object in catalog.objects() {
            let owner = Subject::Object(object.id);
            for field in object.fields.iter().filter(|it| it.field_type.is_rollup()) {
                let Some(rollup) = Rollup::resolve(catalog, object.id, field) else {
                    derivations.broken.push(Broken {
                        owner,
                        field: field.id,
                        is_cycle: false,
                    });
                    continue;
                };
                inputs.insert(field.id, reads_of_rollup(catalog, &rollup));
                derivations.add(owner, field.id, Computation::Rollup(Box::new(rollup)));
            }
        }
        for (owner, formula) in catalog.formulas() {
            let id = formula.field.id;
            inputs.insert(id, reads_of_formula(catalog, owner, &formula.program));
            derivations.add(owner, id, Computation::Formula);
        }
        derivations.order(&inputs);
        derivations.index(inputs);
        derivations
    }

    fn add(&mut self, owner: Subject, field: FieldId, computation: Computation) {
        self.by_owner.entry(owner).or_default().push(field);
        let derived = Derived {
            owner,
            layer: 0,
            computation,
        };
        self.derived.insert(field, derived);
    }

    /// Finds the layers; what depends on itself is taken out.
    fn order(&mut self, inputs: &HashMap<FieldId, BTreeSet<Read>>) {
        let mut layers: HashMap<FieldId, Option<usize>> = HashMap::new();
        let mut ids: Vec<FieldId> = self.derived.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            layer_of(id, inputs, &mut layers, &mut Vec::new());
        }
        for (id, layer) in layers {
            let Some(derived) = self.derived.get_mut(&id) else {
                continue;
            };
            let owner = derived.owner;
            if let Some(layer) = layer {
                derived.layer = layer;
                continue;
            }
            self.broken.push(Broken {
                owner,
                field: id,
                is_cycle: true,
            });
            self.derived.remove(&id);
            if let Some(list) = self.by_owner.get_mut(&owner) {
                list.retain(|known| *known != id);
            }
        }
    }

    fn index(&mut self, inputs: HashMap<FieldId, BTreeSet<Read>>) {
        for (field, reads) in inputs {
            let Some(derived) = self.derived.get(&field) else {
                continue;
            };
            for read in reads {
                if let Input::Field(input) = read.input {
                    let is_elsewhere = !read.path.is_empty();
                    let inputs = self.inputs.entry(field).or_default();
                    inputs.insert((input, is_elsewhere));
                }
                let dependency = Dependency {
                    owner: derived.owner,
                    field,
                    path: read.path,
                };
                let of_subject = self.by_input.entry(read.subject).or_default();
                of_subject.entry(read.input).or_default().insert(dependency);
            }
        }
    }

    /// How a field is computed.
    pub(crate) fn find(&self, field: FieldId) -> Option<&Derived> {
        self.derived.get(&field)
    }

    /// Everything that a computed field is computed of, over any number of computed fields.
    /// With each whether it is of another record.
    pub(crate) fn inputs_of(&self, field: FieldId) -> BTreeSet<(FieldId, bool)> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![(field, false)];
        while let Some((field, before)) = waiting.pop() {
            let inputs = self.inputs.get(&field).into_iter().flatten();
            let inputs = inputs.map(|(input, elsewhere)| (*input, before || *elsewhere));
            waiting.extend(inputs.filter(|input| found.insert(*input)));
        }
        found
    }

    /// Whether a field is computed of another one, which is computed too.
    pub(crate) fn reads(&self, field: FieldId, other: FieldId) -> bool {
        let owner = self.find(other).map(|derived| derived.owner);
        let inputs = owner.and_then(|owner| self.on(owner));
        let readers = inputs.and_then(|inputs| inputs.get(&Input::Field(other)));
        readers.is_some_and(|readers| readers.iter().any(|reader| reader.field == field))
    }

    /// The computed fields of a type.
    pub(crate) fn of_owner(&self, owner: Subject) -> &[FieldId] {
        self.by_owner.get(&owner).map_or(&[], Vec::as_slice)
    }

    /// What depends on records of a type, by what it reads of them.
    pub(crate) fn on(&self, subject: Subject) -> Option<&BTreeMap<Input, BTreeSet<Dependency>>> {
        self.by_input.get(&subject)
    }

    /// The rollups that count only links that hold today, in a fixed order.
    pub(crate) fn of_today(&self) -> BTreeMap<FieldId, &Derived> {
        let all = self.derived.iter();
        let current = all.filter(|(_, derived)| match &derived.computation {
            Computation::Rollup(rollup) => rollup.members.current,
            Computation::Formula => false,
        });
        current.map(|(id, derived)| (*id, derived)).collect()
    }

    /// The computed fields that can't be computed.
    pub(crate) fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// Whether a write of this reference makes the server write to the record that it points at.
    pub(crate) fn writes_to_target(&self, of: Subject, reference: FieldId) -> bool {
        self.reaches(of, &[Step::Target(reference)])
    }

    /// Whether a write of a link makes the server write to the record at its near end.
    pub(crate) fn writes_to_end(&self, relation: RelationTypeId, direction: Direction) -> bool {
        let path = [Step::End(relation, direction)];
        self.reaches(Subject::Relation(relation), &path)
    }

    fn reaches(&self, from: Subject, path: &[Step]) -> bool {
        let inputs = self.on(from).into_iter().flat_map(BTreeMap::values);
        inputs.flatten().any(|dependency| dependency.path == path)
    }
}

/// Something that a computed field reads, with the way back from there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Read {
    subject: Subject,
    input: Input,
    path: Vec<Step>,
}

/// The layer of a field; `None` for one that depends on itself.
fn layer_of(
    id: FieldId,
    inputs: &HashMap<FieldId, BTreeSet<Read>>,
    layers: &mut HashMap<FieldId, Option<usize>>,
    walked: &mut Vec<FieldId>,
) -> Option<usize> {
    if let Some(known) = layers.get(&id) {
        return *known;
    }
    if walked.contains(&id) {
        return None;
    }
    walked.push(id);
    let mut layer = Some(1);
    for read in inputs.get(&id).into_iter().flatten() {
        let Input::Field(field) = read.input else {
            continue;
        };
        if !inputs.contains_key(&field) {
            continue;
        }
        let above = usize::from(!read.path.is_empty());
        let below = layer_of(field, inputs, layers, walked);
        layer = match (layer, below) {
            (Some(layer), Some(below)) => Some(layer.max(below + above)),
            (_, None) | (None, _) => None,
        };
    }
    walked.pop();
    layers.insert(id, layer);
    layer
}

/// Everything that a formula reads.
fn reads_of_formula(catalog: &Catalog, owner: Subject, program: &Program) -> BTreeSet<Read> {
    let mut reader = Reader {
        catalog,
        reads: BTreeSet::new(),
    };
    for input in program.inputs() {
        let (mut subject, mut back) = (owner, Vec::new());
        for reference in &input.references {
            reader.field(subject, *reference, &back);
            let fields = catalog.subject_fields(subject);
            let field = fields.and_then(|fields| fields.find_by_id(*reference));
            let Some(target) = field.and_then(|field| field.target()) else {
                break;
            };
            subject = Subject::Object(target);
            back = before(Step::Referrers(*reference), &back);
            reader.add(subject, Input::Existence, &back);
        }
        reader.field(subject, input.field, &back);
    }
    reader.reads
}

/// Everything that a rollup reads.
fn reads_of_rollup(catalog: &Catalog, rollup: &Rollup) -> BTreeSet<Read> {
    let members = &rollup.members;
    let mut reader = Reader {
        catalog,
        reads: BTreeSet::new(),
    };
    let (to_member, to_link) = reader.members(members.hop, members.target, &[]);
    reader.condition(members.target, &members.inner, &to_member);
    if let Some((relation, path)) = &to_link {
        reader.condition(*relation, &members.link, path);
        for (column, _) in period_names().iter().filter(|_| members.current) {
            reader.field(*relation, FieldId::standard("system", column), path);
        }
    }
    match (&rollup.operand, to_link) {
        (Some((field, false)), _) => {
            reader.field(members.target, field.id, &to_member);
        }
        (Some((field, true)), Some((relation, path))) => reader.field(relation, field.id, &path),
        (Some((_, true)), None) | (None, _) => {}
    }
    reader.reads
}

/// Collects what conditions read.
struct Reader<'a> {
    catalog: &'a Catalog,
    reads: BTreeSet<Read>,
}

impl Reader<'_> {
    fn field(&mut self, subject: Subject, field: FieldId, path: &[Step]) {
        self.add(subject, Input::Field(field), path);
    }

    fn add(&mut self, subject: Subject, input: Input, path: &[Step]) {
        self.reads.insert(Read {
            subject,
            input,
            path: path.to_vec(),
        });
    }

    /// Reads that members are there; gives the ways back from a member and from the link to it.
    fn members(
        &mut self,
        hop: Hop,
        member: Subject,
        path: &[Step],
    ) -> (Vec<Step>, Option<(Subject, Vec<Step>)>) {
        match hop {
            Hop::Inverse(field) => {
                let back = before(Step::Target(field), path);
                self.add(member, Input::Existence, &back);
                self.field(member, field, &back);
                (back, None)
            }
            Hop::Relation(relation, direction) => {
                let link = Subject::Relation(relation);
                let from_link = before(Step::End(relation, direction), path);
                self.add(link, Input::Existence, &from_link);
                if member == link {
                    return (from_link.clone(), Some((link, from_link)));
                }
                let back = before(Step::Linked(relation, direction), path);
                self.add(member, Input::Existence, &back);
                (back, Some((link, from_link)))
            }
        }
    }

    fn condition(&mut self, subject: Subject, condition: &Condition, path: &[Step]) {
        match condition {
            Condition::All(inner) | Condition::Any(inner) => {
                for one in inner {
                    self.condition(subject, one, path);
                }
            }
            Condition::Not(inner) => self.condition(subject, inner, path),
            Condition::Compare { field, .. } => self.field(subject, *field, path),
            Condition::Through {
                field,
                target,
                inner,
                ..
            } => {
                self.field(subject, *field, path);
                let back = before(Step::Referrers(*field), path);
                self.add(Subject::Object(*target), Input::Existence, &back);
                self.condition(Subject::Object(*target), inner, &back);
            }
            // What is stored counts no members by a condition and asks for no place in a tree: see `rollup`.
            Condition::Count { .. } | Condition::Tree(_) | Condition::Shared(_) => {}
            Condition::Members {
                hop,
                link,
                inner,
                scope,
                ..
            } => {
                let Some(target) = self.target(*hop) else {
                    return;
                };
                let (back, of_link) = self.members(*hop, target, path);
                self.condition(target, scope, &back);
                self.condition(target, inner, &back);
                if let Some((relation, path)) = of_link {
                    self.condition(relation, link, &path);
                }
            }
        }
    }

    /// The object type of the members of a collection; where they are of several, the relation type.
    fn target(&self, hop: Hop) -> Option<Subject> {
        match hop {
            Hop::Inverse(field) => self
                .catalog
                .find_reference(field)
                .map(|(object, _)| Subject::Object(object.id)),
            Hop::Relation(id, direction) => {
                let far = self.catalog.find_relation(id)?.far(direction);
                Some(far.object.map_or(Subject::Relation(id), Subject::Object))
            }
        }
    }
}

/// The way that begins with a step and goes on along another one.
fn before(step: Step, path: &[Step]) -> Vec<Step> {
    std::iter::once(step).chain(path.iter().copied()).collect()
}
