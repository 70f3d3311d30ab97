//! Descriptions of relation types and of the collections that hang on object types.

use serde_json::{Value as Json, json};

use super::settings::describe_rules;
use super::{
    BackDescription, CollectionDescription, EndDescription, FieldDescription, RelationDescription,
    SchemaView,
    fields::{Rights, holds},
    origin_text,
};
use crate::{
    access::{SurfaceCollection, SurfaceRelation},
    catalog::{Cardinality, CollectionKind, End, RelationType},
    error::{Error, Result},
};

impl SchemaView {
    /// The relation types along which the caller may walk, by API name.
    pub fn relations(&self) -> Vec<RelationDescription> {
        let collections = self.surface.objects.iter().flat_map(|it| &it.collections);
        let mut found: Vec<&SurfaceRelation> = collections
            .filter_map(|collection| collection.relation.as_ref())
            .collect();
        found.sort_by(|a, b| a.relation.name.cmp(&b.relation.name));
        found.dedup_by_key(|found| found.relation.id);
        let found = found.into_iter();
        found.map(|found| self.describe_relation(found)).collect()
    }

    /// One relation type by its name.
    pub fn relation(&self, name: &str) -> Result<RelationDescription> {
        let relations = self.relations();
        let by_name = relations.iter().position(|relation| relation.name == name);
        let at = by_name.or_else(|| relations.iter().position(|it| it.aliases.has(name)));
        let found = at.and_then(|at| relations.into_iter().nth(at));
        found.ok_or_else(|| Error::NotFound {
            kind: "relation type",
            name: name.to_owned(),
        })
    }

    pub(super) fn collection(&self, seen: &SurfaceCollection) -> CollectionDescription {
        let collection = &seen.collection;
        let target_type = collection.target.and_then(|id| self.target(id));
        let target_types = seen.pointer().map(|pointer| self.targets_of(pointer));
        let relation = seen.relation.as_ref();
        let (field, cardinality, back) = match (collection.kind, relation) {
            (CollectionKind::Relation { direction, .. }, Some(seen)) => {
                let relation: &RelationType = &seen.relation;
                let (near, far) = (relation.near(direction), relation.far(direction));
                (None, cardinality(near.cardinality), self.back_to(far))
            }
            (CollectionKind::Relation { .. } | CollectionKind::Inverse { .. }, _) => {
                self.inverse(seen)
            }
        };
        CollectionDescription {
            name: collection.name.to_string(),
            aliases: collection.aliases.clone(),
            label: self.languages.pick(&collection.labels, &collection.label),
            kind: if relation.is_some() {
                "relation"
            } else {
                "inverse"
            },
            target: collection.target.map(|_| {
                let target = target_type.as_ref();
                target.map_or_else(String::new, |target| target.name.clone())
            }),
            target_type,
            target_types,
            field,
            relation: relation.map(|seen| seen.relation.name.to_string()),
            cardinality,
            ordered: self.catalog.is_ordered(collection.kind),
            back,
            temporal: relation.map(SurfaceRelation::is_temporal),
            symmetric: relation.map(|seen| seen.relation.symmetric),
            linkable: relation.map(|seen| seen.linkable.is_some()),
            fields: relation.map(|seen| self.link_fields(seen)),
        }
    }

    /// Of an inverse the reference, how many members a record has, and the way back.
    fn inverse(&self, seen: &SurfaceCollection) -> (Option<String>, Json, BackDescription) {
        let reference = match seen.collection.kind {
            CollectionKind::Inverse { field } => self.catalog.find_reference(field),
            CollectionKind::Relation { .. } => None,
        };
        let reference = reference.map(|(_, field)| field);
        let unique = reference.is_some_and(|field| field.unique);
        let members = if unique { "one" } else { "many" };
        let back = BackDescription {
            name: reference.map_or_else(String::new, |field| field.name.to_string()),
            label: reference.map_or_else(String::new, |field| {
                self.languages.pick(&field.attributes.labels, &field.label)
            }),
            cardinality: json!("one"),
        };
        let name = reference.map(|field| field.name.to_string());
        (name, json!(members), back)
    }

    fn link_fields(&self, seen: &SurfaceRelation) -> Vec<FieldDescription> {
        let relation = &seen.relation;
        self.fields_of((relation.id.uuid(), &relation.fields), |field| {
            let sendable = holds(seen.linkable.as_ref(), field);
            Rights {
                readable: holds(Some(&seen.readable), field),
                creatable: sendable,
                updatable: sendable,
                partly: seen.partly.get(&field.id),
            }
        })
    }

    fn describe_relation(&self, seen: &SurfaceRelation) -> RelationDescription {
        let relation: &RelationType = &seen.relation;
        RelationDescription {
            name: relation.name.to_string(),
            aliases: relation.aliases.clone(),
            label: self.languages.pick(&relation.labels, &relation.label),
            labels: relation.labels.clone(),
            description: relation.description.clone(),
            origin: origin_text(relation.origin),
            source: self.end(&relation.source),
            target: self.end(&relation.target),
            temporal: seen.is_temporal(),
            symmetric: relation.symmetric,
            allow_duplicates: relation.allow_duplicates,
            linkable: seen.linkable.is_some(),
            fields: self.link_fields(seen),
            validations: describe_rules(
                self,
                (relation.id.uuid(), &relation.fields),
                &relation.validations,
            ),
        }
    }

    fn back_to(&self, end: &End) -> BackDescription {
        BackDescription {
            name: end.name.to_string(),
            label: self.languages.pick(&end.labels, &end.label),
            cardinality: cardinality(end.cardinality),
        }
    }

    fn end(&self, end: &End) -> EndDescription {
        let one = end.object.map(|id| {
            let object = self.catalog.find_object(id);
            object.map_or_else(String::new, |object| object.name.to_string())
        });
        let several = end.is_polymorphic().then(|| {
            let named = end.types().filter_map(|id| self.surface.find(id));
            named.map(|seen| seen.object.name.to_string()).collect()
        });
        EndDescription {
            object: one,
            objects: several,
            name: end.name.to_string(),
            aliases: end.aliases.clone(),
            label: self.languages.pick(&end.labels, &end.label),
            labels: end.labels.clone(),
            cardinality: cardinality(end.cardinality),
            on_delete: end.on_delete,
            ordered: end.ordered,
        }
    }
}

fn cardinality(of: Cardinality) -> Json {
    serde_json::to_value(of).unwrap_or_default()
}
