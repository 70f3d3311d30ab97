//! Aliases: the old names of what was renamed, each with the instant at which it ends. Requests may use
//! them wherever they may use the name; answers never do.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    Catalog, Field, FieldList, ObjectType, RelationType,
    definition::{FieldDefinition, ObjectDefinition, RelationDefinition},
    load::index,
};
use crate::name::ApiName;

/// An old name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alias {
    /// The name.
    pub name: ApiName,
    /// The instant from which on nobody knows it any more.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
}

/// The old names of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Aliases(Vec<Alias>);

impl Aliases {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Alias> {
        self.0.iter()
    }

    /// The alias of this name.
    pub fn find(&self, name: &str) -> Option<&Alias> {
        self.0.iter().find(|alias| alias.name.as_str() == name)
    }

    /// Whether this is one of them.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Adds a name, or gives one another end.
    pub fn add(&mut self, name: ApiName, until: OffsetDateTime) {
        self.remove(name.as_str());
        self.0.push(Alias { name, until });
    }

    /// Takes a name away; false when it was none of them.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|alias| alias.name.as_str() != name);
        self.0.len() < before
    }

    /// Takes those away that have ended; false when there was none.
    fn end(&mut self, now: OffsetDateTime) -> bool {
        let before = self.0.len();
        self.0.retain(|alias| alias.until > now);
        self.0.len() < before
    }
}

impl FieldDefinition {
    fn end_aliases(&mut self, now: OffsetDateTime) -> bool {
        self.aliases.end(now) | self.inverse_aliases.end(now)
    }

    fn all_aliases(&self) -> impl Iterator<Item = &Alias> {
        self.aliases.iter().chain(self.inverse_aliases.iter())
    }
}

impl ObjectDefinition {
    fn end_aliases(&mut self, now: OffsetDateTime) -> bool {
        self.aliases.end(now) | self.plural_aliases.end(now)
    }
}

impl RelationDefinition {
    fn end_aliases(&mut self, now: OffsetDateTime) -> bool {
        self.aliases.end(now) | self.source.aliases.end(now) | self.target.aliases.end(now)
    }

    fn all_aliases(&self) -> impl Iterator<Item = &Alias> {
        let ends = self.source.aliases.iter().chain(self.target.aliases.iter());
        self.aliases.iter().chain(ends)
    }
}

impl FieldList {
    /// The list without the aliases that have ended; nothing when none has.
    fn without_ended_aliases(&self, now: OffsetDateTime) -> Option<Self> {
        let ends = |field: &Field| field.all_aliases().any(|alias| alias.until <= now);
        if !self.iter().any(|field| ends(field)) {
            return None;
        }
        let mut fields: Vec<_> = self.iter().cloned().collect();
        for field in fields.iter_mut().filter(|field| ends(field)) {
            let mut ended = Field::clone(field);
            Arc::make_mut(&mut ended.definition).end_aliases(now);
            *field = ended.into();
        }
        Some(Self::new(fields))
    }
}

impl Catalog {
    /// The instant at which the next alias ends.
    pub fn next_alias_end(&self) -> Option<OffsetDateTime> {
        self.every_alias().map(|alias| alias.until).min()
    }

    /// How many aliases there are. It goes down while the version of the schema stays.
    pub fn alias_count(&self) -> usize {
        self.alias_count
    }

    /// Whether an alias has ended that is still there.
    pub fn has_ended_aliases(&self, now: OffsetDateTime) -> bool {
        self.alias_end.is_some_and(|end| end <= now)
    }

    /// The catalog without the aliases that have ended.
    #[must_use]
    pub fn without_ended_aliases(mut self, now: OffsetDateTime) -> Self {
        if !self.has_ended_aliases(now) {
            return self;
        }
        for object in self.objects.values_mut() {
            let mut ended = ObjectType::clone(object);
            let fields = ended.fields.without_ended_aliases(now);
            if ended.definition.end_aliases(now) | fields.is_some() {
                ended.fields = fields.unwrap_or(ended.fields);
                *object = ended.into();
            }
        }
        for relation in self.relations.values_mut() {
            let mut ended = RelationType::clone(relation);
            let fields = ended.fields.without_ended_aliases(now);
            if ended.definition.end_aliases(now) | fields.is_some() {
                ended.fields = fields.unwrap_or(ended.fields);
                *relation = ended.into();
            }
        }
        let mut catalog = index(self.version, self.objects, self.relations);
        catalog.option_lists = self.option_lists;
        catalog.currencies = self.currencies;
        catalog
    }

    /// Notes what [`Self::alias_count`] and [`Self::has_ended_aliases`] answer.
    pub(super) fn note_aliases(&mut self) {
        self.alias_count = self.every_alias().count();
        self.alias_end = self.next_alias_end();
    }

    fn every_alias(&self) -> impl Iterator<Item = &Alias> {
        let objects = self.objects.values().flat_map(|object| {
            let fields = object.fields.iter().flat_map(|field| field.all_aliases());
            let names = object.aliases.iter().chain(object.plural_aliases.iter());
            names.chain(fields)
        });
        let relations = self.relations.values().flat_map(|relation| {
            let fields = relation.fields.iter().flat_map(|field| field.all_aliases());
            relation.all_aliases().chain(fields)
        });
        objects.chain(relations)
    }
}
