//! New relation types and changes of them: their ends, and what links of them are like.

use time::OffsetDateTime;

use super::{
    super::{
        changeset::{AddRelationType, UpdateRelationType},
        end::{EndInput, EndPatch},
        physical,
        plan::{ColumnPlan, Step},
        rules::{Member, label_of},
    },
    Validation,
};
use crate::{
    catalog::{
        Aliases, Cardinality, Subject,
        definition::{EndDefinition, RelationDefinition},
        period_names, type_column,
    },
    error::{FaultCode, Place},
    id::RelationTypeId,
    value::{Storage, Value},
};

impl Validation<'_> {
    pub(super) fn add_relation_type(&mut self, input: &AddRelationType, place: &Place) {
        let before = self.faults.len();
        self.summarize(format!("adds the relation type {}", input.name));
        let name_place = place.child("name");
        let name = self.well_formed(&input.name, &name_place);
        if let Some(name) = &name {
            self.type_name_is_free(name, None, &name_place);
            self.graphql_names_are_free([Some(name), None], None, (&name_place, before));
        }
        let label = input.label.clone().unwrap_or_else(|| label_of(&input.name));
        self.label_fits(&label, &place.child("label"));
        self.labels_fit(&input.labels, &place.child("labels"));
        self.description_fits(&input.description, &place.child("description"));
        let ends = self.ends(input, place);
        let (Some(name), Some((source, target)), true) = (name, ends, self.faults.len() == before)
        else {
            self.refused.insert(input.name.clone());
            return;
        };
        let definition = RelationDefinition {
            table: physical::link_table_name(&self.draft, &name),
            name,
            aliases: Aliases::default(),
            label,
            labels: input.labels.clone(),
            description: input.description.clone(),
            source,
            target,
            temporal: input.temporal,
            symmetric: input.symmetric,
            allow_duplicates: input.allow_duplicates,
            validations: Vec::new(),
        };
        self.new_relation(definition, input, place);
    }

    /// Both ends: different members of their types, or of a symmetric type one and the same.
    fn ends(
        &mut self,
        input: &AddRelationType,
        place: &Place,
    ) -> Option<(EndDefinition, EndDefinition)> {
        let source = self.end(&input.source, &place.child("source"));
        let at_target = place.child("target");
        let Some(target) = &input.target else {
            if input.symmetric {
                let source = source?;
                self.ends_fit(&source, &source, true, place);
                return Some((source.clone(), source));
            }
            self.refuse(
                at_target,
                FaultCode::Required,
                "name the end that links lead to",
            );
            return None;
        };
        let target = self.end(target, &at_target);
        let (source, target) = (source?, target?);
        self.ends_fit(&source, &target, input.symmetric, place);
        Some((source, target))
    }

    fn end(&mut self, input: &EndInput, place: &Place) -> Option<EndDefinition> {
        let label = input.label.clone().unwrap_or_else(|| label_of(&input.name));
        self.label_fits(&label, &place.child("label"));
        self.labels_fit(&input.labels, &place.child("labels"));
        let name = self.well_formed(&input.name, &place.child("name"));
        let (object, objects) = self.end_types(input, place)?;
        let name = name?;
        self.collection_name_is_free(&name, &place.child("name"));
        for owner in object.iter().chain(&objects) {
            let owner = Subject::Object(*owner);
            self.member_name_is_free(owner, &name, Member::New, &place.child("name"));
        }
        Some(EndDefinition {
            object,
            objects,
            name,
            aliases: Aliases::default(),
            label,
            labels: input.labels.clone(),
            cardinality: input.cardinality,
            on_delete: input.on_delete,
            ordered: input.ordered,
        })
    }

    fn new_relation(
        &mut self,
        definition: RelationDefinition,
        input: &AddRelationType,
        place: &Place,
    ) {
        let Some(id) = self.id_of(input.id, place).map(RelationTypeId::new) else {
            self.refused.insert(input.name.clone());
            return;
        };
        let table = definition.table.clone();
        let ends = [definition.source.object, definition.target.object]
            .map(|object| object.map(|object| self.draft.table(Subject::Object(object)).0));
        let period = definition.temporal.then(period_columns);
        let create = Step::CreateTable {
            table: table.clone(),
            ends: Some(ends),
            columns: period.into_iter().flatten().collect(),
        };
        let indexed = unique_ends(&definition);
        let owner = Subject::Relation(id);
        self.draft.put_relation(id, definition.clone());
        self.with_fields(create, owner, &input.fields, place);
        let definition = RelationDefinition {
            validations: self.rules(owner, &input.validations, place),
            ..definition
        };
        self.draft.put_relation(id, definition);
        for columns in indexed {
            let table = table.clone();
            self.step(match columns {
                End::Id(column) => Step::AddUniqueIndex { table, column },
                End::Record(columns) => Step::AddUniqueKey { table, columns },
            });
        }
        if let Some(entry) = self.draft.relations.get(&id) {
            let definition = entry.definition.clone();
            self.order_ends((id, None), &definition, place);
        }
    }

    pub(super) fn update_relation_type(&mut self, input: &UpdateRelationType, place: &Place) {
        let before = self.faults.len();
        self.summarize(format!("changes the relation type {}", input.relation));
        let Some(id) = self.relation(&input.relation, place) else {
            return;
        };
        let Some(entry) = self.draft.relations.get(&id) else {
            return;
        };
        let (mut definition, entry_is_new) = (entry.definition.clone(), entry.is_new);
        let old = entry.definition.clone();
        let alias_end = self.alias_end(&input.alias_until, place);
        let alias_end = alias_end.filter(|_| !entry_is_new);
        if let Some(text) = &input.name
            && text != definition.name.as_str()
            && let Some(name) = self.well_formed(text, &place.child("name"))
        {
            let place = place.child("name");
            self.type_name_is_free(&name, Some(id.uuid()), &place);
            self.graphql_names_are_free([Some(&name), None], Some(id.uuid()), (&place, before));
            let names = (&mut definition.name, &mut definition.aliases);
            self.rename(names, name, alias_end);
        }
        if let Some(label) = &input.label {
            self.label_fits(label, &place.child("label"));
            definition.label.clone_from(label);
        }
        if let Some(labels) = &input.labels {
            self.labels_fit(labels, &place.child("labels"));
            definition.labels.clone_from(labels);
        }
        if let Some(description) = &input.description {
            self.description_fits(description, &place.child("description"));
            definition.description.clone_from(description);
        }
        self.update_ends((id, alias_end), &mut definition, input, place);
        if let Some(rules) = &input.validations {
            definition.validations = self.rules(Subject::Relation(id), rules, place);
        }
        self.keep_symmetric(&mut definition, input, place);
        self.update_links(id, &mut definition, input, place);
        self.order_ends((id, Some(&old)), &definition, place);
        self.draft.put_relation(id, definition);
    }

    fn update_ends(
        &mut self,
        (id, alias_end): (RelationTypeId, Option<OffsetDateTime>),
        definition: &mut RelationDefinition,
        input: &UpdateRelationType,
        place: &Place,
    ) {
        if let Some(patch) = &input.source {
            let member = Member::End(id.uuid(), true);
            let place = place.child("source");
            let at = (member, definition.name.as_str());
            self.update_end_types(&mut definition.source, patch, at, &place);
            self.update_end(&mut definition.source, (patch, alias_end), member, &place);
        }
        if let Some(patch) = &input.target {
            let member = Member::End(id.uuid(), false);
            let place = place.child("target");
            let at = (member, definition.name.as_str());
            self.update_end_types(&mut definition.target, patch, at, &place);
            self.update_end(&mut definition.target, (patch, alias_end), member, &place);
        }
        if !definition.symmetric {
            self.ends_fit(&definition.source, &definition.target, false, place);
        }
    }

    fn update_end(
        &mut self,
        end: &mut EndDefinition,
        (patch, alias_end): (&EndPatch, Option<OffsetDateTime>),
        own: Member,
        place: &Place,
    ) {
        if let Some(label) = &patch.label {
            self.label_fits(label, &place.child("label"));
            end.label.clone_from(label);
        }
        if let Some(labels) = &patch.labels {
            self.labels_fit(labels, &place.child("labels"));
            end.labels.clone_from(labels);
        }
        if let Some(on_delete) = patch.on_delete {
            end.on_delete = on_delete.unwrap_or_default();
        }
        end.ordered = patch.ordered.unwrap_or(end.ordered);
        let Some(text) = patch.name.as_deref().filter(|it| *it != end.name.as_str()) else {
            return;
        };
        let place = place.child("name");
        if let Some(name) = self.well_formed(text, &place) {
            self.collection_name_is_free(&name, &place);
            for object in end.types().collect::<Vec<_>>() {
                self.member_name_is_free(Subject::Object(object), &name, own, &place);
            }
            self.rename((&mut end.name, &mut end.aliases), name, alias_end);
        }
    }

    /// The ends of a symmetric type stay one and the same: what changes one changes both.
    fn keep_symmetric(
        &mut self,
        definition: &mut RelationDefinition,
        input: &UpdateRelationType,
        place: &Place,
    ) {
        if !definition.symmetric {
            return;
        }
        match (&input.source, &input.target) {
            (Some(_), None) => definition.target = definition.source.clone(),
            (None, Some(_)) => definition.source = definition.target.clone(),
            (Some(_), Some(_)) if definition.source != definition.target => {
                let message = "the ends of a symmetric type are one and the same";
                self.refuse(place.child("target"), FaultCode::InvalidValue, message);
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    /// What links are like: only in ways that the links that are there can follow.
    fn update_links(
        &mut self,
        id: RelationTypeId,
        definition: &mut RelationDefinition,
        input: &UpdateRelationType,
        place: &Place,
    ) {
        if input.symmetric.is_some_and(|it| it != definition.symmetric) {
            let message = "can't change: define a new relation type";
            self.refuse(place.child("symmetric"), FaultCode::InvalidValue, message);
        }
        match (definition.allow_duplicates, input.allow_duplicates) {
            (true, Some(false)) => {
                let message = "can't be taken back: some records may be linked twice";
                let place = place.child("allowDuplicates");
                self.refuse(place, FaultCode::InvalidValue, message);
            }
            (_, Some(true)) => definition.allow_duplicates = true,
            (false, Some(false)) | (_, None) => {}
        }
        match (definition.temporal, input.temporal) {
            (true, Some(false)) => {
                let message = "can't be taken back: the links have periods";
                self.refuse(place.child("temporal"), FaultCode::InvalidValue, message);
            }
            (false, Some(true)) => self.make_temporal(id, definition, &place.child("temporal")),
            (true, Some(true)) | (false, Some(false)) | (_, None) => {}
        }
    }

    /// Links that are there hold for ever. What was at most one at all becomes at most one at a time,
    /// which no index keeps.
    fn make_temporal(
        &mut self,
        id: RelationTypeId,
        definition: &mut RelationDefinition,
        place: &Place,
    ) {
        let taken: Vec<String> = self
            .draft
            .fields(id.uuid())
            .iter()
            .map(|field| field.definition.name.to_string())
            .filter(|name| TEMPORAL_MEMBERS.contains(&name.as_str()))
            .collect();
        if !taken.is_empty() {
            let message = format!(
                "links that hold for a period have members called {} of their own; rename the \
                 field(s) {} first",
                TEMPORAL_MEMBERS.join(", "),
                taken.join(", ")
            );
            self.refuse(place.clone(), FaultCode::NameTaken, message);
            return;
        }
        let table = definition.table.clone();
        for column in period_columns() {
            self.step(Step::AddColumn {
                table: table.clone(),
                column,
                value: Value::Null,
            });
        }
        for columns in unique_ends(definition) {
            let table = table.clone();
            self.step(match columns {
                End::Id(column) => Step::DropUniqueIndex { table, column },
                End::Record(columns) => Step::DropUniqueKey { table, columns },
            });
        }
        definition.temporal = true;
    }
}

/// What a link that holds for a period has and is asked by beside its own fields.
pub(in crate::change) const TEMPORAL_MEMBERS: &[&str] =
    &["validFrom", "validUntil", "current", "asOf", "validity"];

/// The columns of the period of a link.
fn period_columns() -> Vec<ColumnPlan> {
    let columns = period_names().map(|(column, _)| ColumnPlan {
        name: column.to_owned(),
        storage: Storage::Date,
    });
    columns.into()
}

/// The columns of an end that an index keeps unique.
enum End {
    /// The id of the record.
    Id(String),
    /// Its id and its type, at an end of several types.
    Record(Vec<String>),
}

/// The columns that an index keeps unique among live links: at most one link at all, not at a time,
/// and not from either end.
fn unique_ends(definition: &RelationDefinition) -> Vec<End> {
    if definition.temporal || definition.symmetric {
        return Vec::new();
    }
    let ends = [
        (&definition.source, "source_id", true),
        (&definition.target, "target_id", false),
    ];
    ends.into_iter()
        .filter(|(end, ..)| end.cardinality == Cardinality::One)
        .map(|(end, column, is_source)| {
            let column = column.to_owned();
            if end.is_polymorphic() {
                End::Record(vec![column, type_column(is_source).to_owned()])
            } else {
                End::Id(column)
            }
        })
        .collect()
}
