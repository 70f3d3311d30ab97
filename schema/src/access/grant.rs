//! Grants: the proof that one caller may do one thing on one type. Only the checker builds them.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    sync::Arc,
};

use crate::{
    access::{Condition, FieldScope, Mask, Masked, Permission, Preset, RuleLimits},
    catalog::{Column, Field, FieldList, ObjectType, RelationType, Subject, SystemField},
    id::FieldId,
};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;
    )*};
}

actions! {
    /// The right to see.
    Read;
    /// The right to create.
    Create;
    /// The right to change.
    Update;
    /// The right to delete and restore.
    Delete;
    /// The right to point at records, or to create, change and end links.
    Link;
    /// The right to sum and count.
    Aggregate;
    /// The right to take records out in bulk.
    Export;
    /// The right to share single records.
    Share;
}

/// What a grant is on.
#[derive(Clone, Debug)]
pub(in crate::access) enum GrantedType {
    Object(Arc<ObjectType>),
    Relation(Arc<RelationType>),
}

/// Proof that one caller may do `A` on one object or relation type, and on which fields and rows.
#[derive(Debug)]
pub struct Grant<A> {
    pub(in crate::access) on: GrantedType,
    pub(in crate::access) rules: Vec<GrantedRule>,
    /// References whose target the caller may not see: they do not exist for it.
    pub(in crate::access) hidden: BTreeSet<FieldId>,
    pub(in crate::access) action: PhantomData<A>,
}

/// One rule of a grant, with the caller's variables put in.
#[derive(Clone, Debug)]
pub struct GrantedRule {
    pub(in crate::access) fields: FieldScope,
    pub(in crate::access) rows: Condition,
    pub(in crate::access) check: Condition,
    pub(in crate::access) presets: Vec<Preset>,
    pub(in crate::access) masks: BTreeMap<FieldId, Mask>,
    pub(in crate::access) limits: RuleLimits,
    /// Whether it is the server itself that acts.
    pub(in crate::access) of_system: bool,
}

impl GrantedRule {
    /// The rows (for a write: as they were before).
    pub fn rows(&self) -> &Condition {
        &self.rows
    }

    /// What must hold after a write.
    pub fn check(&self) -> &Condition {
        &self.check
    }

    /// What the server sets on a write.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// Whether a write of this field is covered by the rule. A preset field can't be sent, nor one that
    /// is there to be read only.
    pub fn may_write(&self, field: &Field) -> bool {
        field.is_writable()
            && (self.of_system || !field.attributes.read_only)
            && self.fields.contains(field.id)
            && !self.presets.iter().any(|preset| preset.field == field.id)
    }
}

/// The rows that a grant covers.
#[derive(Clone, Debug)]
pub enum RowFilter {
    /// Every row.
    All,
    /// The rows where this holds.
    Where(Condition),
}

impl RowFilter {
    /// The filter as a condition.
    pub fn into_condition(self) -> Condition {
        match self {
            Self::All => Condition::TRUE,
            Self::Where(condition) => condition,
        }
    }
}

/// A field that the caller may name in a read: select, filter and sort alike.
#[derive(Clone, Debug)]
pub struct ReadableField {
    /// The field.
    pub field: Arc<Field>,
    /// On which of the visible rows it shows in full. Elsewhere it has no value, for filters and sorts
    /// too.
    pub visibility: Visibility,
    /// What shows of it elsewhere, that which tells most first.
    pub masked: Vec<Masked>,
}

/// On which rows a field shows.
#[derive(Clone, Debug)]
pub enum Visibility {
    /// On every row that the grant covers.
    Always,
    /// Where this holds; elsewhere it is null.
    When(Condition),
}

impl Visibility {
    /// Whether it is on no row at all.
    pub fn is_nowhere(&self) -> bool {
        matches!(self, Self::When(Condition::Any(any)) if any.is_empty())
    }

    /// The condition for a compare, if there is one.
    pub fn into_option(self) -> Option<Box<Condition>> {
        match self {
            Self::Always => None,
            Self::When(condition) => Some(Box::new(condition)),
        }
    }
}

impl<A> Grant<A> {
    /// The object or relation type.
    pub fn subject(&self) -> Subject {
        match &self.on {
            GrantedType::Object(object) => Subject::Object(object.id),
            GrantedType::Relation(relation) => Subject::Relation(relation.id),
        }
    }

    /// The object type; `None` for a grant on links.
    pub fn object(&self) -> Option<&Arc<ObjectType>> {
        match &self.on {
            GrantedType::Object(object) => Some(object),
            GrantedType::Relation(_) => None,
        }
    }

    /// The physical table.
    pub fn table(&self) -> &str {
        match &self.on {
            GrantedType::Object(object) => &object.table,
            GrantedType::Relation(relation) => &relation.table,
        }
    }

    pub(in crate::access) fn all_fields(&self) -> &FieldList {
        match &self.on {
            GrantedType::Object(object) => &object.fields,
            GrantedType::Relation(relation) => &relation.fields,
        }
    }

    /// The column of a system field, which the engine reads and writes for itself.
    pub(crate) fn system_column(&self, system: SystemField) -> Option<&Column> {
        self.all_fields()
            .find_system(system)
            .map(|field| field.column())
    }

    /// The rules, of which one alone must justify a write.
    pub fn rules(&self) -> &[GrantedRule] {
        &self.rules
    }

    /// The rows that the grant covers.
    pub fn rows(&self) -> RowFilter {
        if self.rules.iter().any(|rule| rule.rows.is_true()) {
            return RowFilter::All;
        }
        RowFilter::Where(match self.rules.as_slice() {
            [only] => only.rows.clone(),
            several => Condition::any_of(several.iter().map(|rule| rule.rows.clone()).collect()),
        })
    }
}

impl Grant<Read> {
    /// The most records of one page: what the rule says that allows most; `None` when one of them has no limit.
    pub fn max_rows(&self) -> Option<u32> {
        let most: Option<Vec<u32>> = self.rules.iter().map(|rule| rule.limits.max_rows).collect();
        most?.into_iter().max()
    }

    /// The field with this name, if the caller may see it anywhere.
    pub fn field(&self, name: &str) -> Option<ReadableField> {
        self.readable(self.all_fields().find(name)?)
    }

    /// Every field that the caller may see, in order.
    pub fn fields(&self) -> Vec<ReadableField> {
        self.all_fields()
            .iter()
            .filter_map(|field| self.readable(field))
            .collect()
    }

    fn readable(&self, field: &Arc<Field>) -> Option<ReadableField> {
        let Some(lookup) = &field.lookup else {
            return self.granted(field);
        };
        // It shows only where the reference shows through which it is read.
        let own = self.granted(field)?;
        let via = self.granted(&lookup.via)?;
        let shown = own.visibility.into_option().into_iter();
        let shown = shown
            .chain(via.visibility.into_option())
            .fold(Condition::TRUE, |all, one| all.and(*one));
        Some(ReadableField {
            field: own.field,
            masked: Vec::new(),
            visibility: if shown.is_true() {
                Visibility::Always
            } else {
                Visibility::When(shown)
            },
        })
    }

    fn granted(&self, field: &Arc<Field>) -> Option<ReadableField> {
        if self.hidden.contains(&field.id) {
            return None;
        }
        let always = ReadableField {
            field: Arc::clone(field),
            visibility: Visibility::Always,
            masked: Vec::new(),
        };
        if field.system == Some(SystemField::Id) {
            return Some(always);
        }
        let naming = self
            .rules
            .iter()
            .filter(|rule| rule.fields.contains(field.id));
        let (covering, masking): (Vec<&GrantedRule>, Vec<&GrantedRule>) =
            naming.partition(|rule| !rule.masks.contains_key(&field.id));
        if covering.is_empty() && masking.is_empty() {
            return None;
        }
        if covering.len() == self.rules.len() || covering.iter().any(|rule| rule.rows.is_true()) {
            return Some(always);
        }
        let shown = Condition::any_of(covering.into_iter().map(|rule| rule.rows.clone()).collect());
        Some(ReadableField {
            field: Arc::clone(field),
            visibility: Visibility::When(shown),
            masked: self.masked(field.id, &masking),
        })
    }

    /// What the rules that mask a field leave of it, and where.
    fn masked(&self, field: FieldId, masking: &[&GrantedRule]) -> Vec<Masked> {
        let mut by_mask: BTreeMap<Mask, Vec<Condition>> = BTreeMap::new();
        for rule in masking {
            if let Some(mask) = rule.masks.get(&field).filter(|mask| **mask != Mask::Null) {
                by_mask.entry(*mask).or_default().push(rule.rows.clone());
            }
        }
        let everywhere = |rows: &[Condition]| {
            rows.len() == self.rules.len() || rows.iter().any(Condition::is_true)
        };
        let masked = by_mask.into_iter().rev().map(|(mask, rows)| Masked {
            mask,
            on: (!everywhere(&rows)).then(|| Box::new(Condition::any_of(rows))),
        });
        masked.collect()
    }
}

impl Grant<Create> {
    /// The field with this name, if a rule lets the caller send it.
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        writable(self, name)
    }

    /// Every field that some rule lets the caller send, in order.
    pub fn fields(&self) -> Vec<Arc<Field>> {
        all_writable(self)
    }
}

impl Grant<Update> {
    /// The field with this name, if a rule lets the caller send it.
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        writable(self, name)
    }

    /// Every field that some rule lets the caller send, in order.
    pub fn fields(&self) -> Vec<Arc<Field>> {
        all_writable(self)
    }
}

impl Grant<Link> {
    /// The link's own field with this name, if a rule lets the caller send it.
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        writable(self, name)
    }

    /// Every own field of the link that some rule lets the caller send, in order.
    pub fn fields(&self) -> Vec<Arc<Field>> {
        all_writable(self)
    }
}

fn writable<'a, A>(grant: &'a Grant<A>, name: &str) -> Option<&'a Arc<Field>> {
    let field = grant.all_fields().find(name)?;
    is_writable(grant, field).then_some(field)
}

fn all_writable<A>(grant: &Grant<A>) -> Vec<Arc<Field>> {
    let fields = grant.all_fields().iter();
    fields
        .filter(|it| is_writable(grant, it))
        .cloned()
        .collect()
}

fn is_writable<A>(grant: &Grant<A>, field: &Field) -> bool {
    !grant.hidden.contains(&field.id) && grant.rules.iter().any(|rule| rule.may_write(field))
}

/// Proof that one caller has a permission beyond records.
#[derive(Debug)]
pub struct Permit {
    pub(in crate::access) permission: Permission,
}

impl Permit {
    /// Which permission.
    pub fn permission(&self) -> Permission {
        self.permission
    }
}
