//! Rollups: the settings that define one, and whether all that is computed can be computed when the
//! changeset is done.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    super::{
        job::{IndexJob, JobInput},
        rules::Member,
    },
    Validation,
};
use crate::{
    catalog::{Subject, period_names},
    error::{Error, FaultCode, Place, Result},
    field_type::{
        BASE_AMOUNT, FieldType, ResultType, RollupField, RollupFunction, RollupOf, RollupValidity,
        Settings, find_field_type,
    },
    id::{FieldId, ObjectTypeId, RelationTypeId},
    plan::{
        derivation::{Broken, Derivations},
        rollup::store_filter,
        validity::NOT_TEMPORAL,
    },
};

/// The collection of a rollup: how it is walked, whose members it has, and the type of its links.
struct Over {
    of: RollupOf,
    /// None where the members are of several types.
    target: Option<ObjectTypeId>,
    link: Option<RelationTypeId>,
}

/// Why a field of members of several types is not computed with.
const NOTHING_IN_COMMON: &str = "the members are of several types and have no field in common: count \
                                 them, or name a field of the link, such as link.createdAt";

impl Over {
    /// The type that has the field with this name, and what it is called there; nothing where the members
    /// are of several types.
    fn owner_of<'n>(&self, name: &'n str) -> Option<(Uuid, &'n str)> {
        match (name.strip_prefix("link."), self.link) {
            (Some(own), Some(link)) => Some((link.uuid(), own)),
            (Some(_), None) | (None, _) => Some((self.target?.uuid(), name)),
        }
    }
}

impl Validation<'_> {
    /// The settings of a new rollup, with ids in place of names.
    pub(super) fn rollup_settings(
        &mut self,
        owner: Subject,
        sent: &Map<String, Json>,
        place: &Place,
    ) -> Option<Settings> {
        let Subject::Object(owner) = owner else {
            let message = "a link has no collections, so that it can't have a rollup";
            self.refuse(place.child("type"), FaultCode::InvalidValue, message);
            return None;
        };
        let before = self.faults.len();
        for key in sent.keys() {
            if !["of", "function", "field", "filter", "validity"].contains(&key.as_str()) {
                let message = format!(
                    "there is no setting {key:?}; a field of the type rollup has of, function, field, filter, validity"
                );
                self.refuse(place.child(key), FaultCode::UnknownField, message);
            }
        }
        let function = self.rollup_function(sent.get("function"), &place.child("function"));
        let over = self.rollup_of(owner, sent.get("of"), &place.child("of"))?;
        let function = function?;
        let (sent_field, part) = split_part(sent.get("field"));
        let asked = (sent_field.as_ref(), part);
        let (field, result) = self.rollup_field(&over, function, asked, place)?;
        let mut settings = Settings {
            of: Some(over.of),
            function: Some(function),
            field,
            part: part.map(str::to_owned),
            result: Some(Box::new(result)),
            validity: self.rollup_validity(over.link, sent.get("validity"), place),
            ..Settings::default()
        };
        if let (Some(filter), Some(Json::String(name))) = (sent.get("filter"), sent.get("of")) {
            settings.filter = self.rollup_filter(owner, name, (filter, &place.child("filter")));
        }
        (self.faults.len() == before).then_some(settings)
    }

    /// The settings of a rollup with another filter; null takes it away.
    pub(super) fn updated_rollup(
        &mut self,
        owner: Subject,
        stored: &Settings,
        changes: &Map<String, Json>,
        place: &Place,
    ) -> Option<Settings> {
        let (Subject::Object(owner), Some(of)) = (owner, stored.of) else {
            return None;
        };
        let mut settings = stored.clone();
        settings.filter = match changes.get("filter") {
            None => settings.filter,
            Some(Json::Null) => None,
            Some(filter) => {
                let name = self.collection_of(owner, of)?;
                let filter = self.rollup_filter(owner, &name, (filter, &place.child("filter")));
                Some(filter?)
            }
        };
        if let Some(validity) = changes.get("validity") {
            let link = match of {
                RollupOf::Forward(relation)
                | RollupOf::Reverse(relation)
                | RollupOf::Either(relation) => Some(relation),
                RollupOf::Inverse(_) => None,
            };
            settings.validity = self.rollup_validity(link, Some(validity), place);
        }
        Some(settings)
    }

    /// Which links count: those of today unless told otherwise, where they hold for a period.
    fn rollup_validity(
        &mut self,
        link: Option<RelationTypeId>,
        sent: Option<&Json>,
        place: &Place,
    ) -> Option<RollupValidity> {
        let place = place.child("validity");
        let sent = sent.filter(|sent| !sent.is_null());
        let relation = link.and_then(|link| self.draft.relations.get(&link));
        let Some(owner) = link.filter(|_| relation.is_some_and(|it| it.definition.temporal)) else {
            if sent.is_some() {
                self.refuse(place, FaultCode::InvalidRequest, NOT_TEMPORAL);
            }
            return None;
        };
        let validity = match sent.map(Json::as_str) {
            None | Some(Some("current")) => RollupValidity::Current,
            Some(Some("all")) => RollupValidity::All,
            Some(_) => {
                let message = "must be current or all";
                self.refuse(place, FaultCode::InvalidValue, message);
                return None;
            }
        };
        if validity == RollupValidity::Current {
            // The end of a day looks for the links that begin or end on it.
            for (column, _) in period_names() {
                self.enqueue(JobInput::Index(IndexJob {
                    owner: owner.uuid(),
                    field: FieldId::standard("system", column),
                }));
            }
        }
        Some(validity)
    }

    fn rollup_function(&mut self, sent: Option<&Json>, place: &Place) -> Option<RollupFunction> {
        let name = sent.and_then(Json::as_str).unwrap_or_default();
        let found = RollupFunction::ALL.iter().find(|(_, known)| *known == name);
        if found.is_none() {
            let known: Vec<&str> = RollupFunction::ALL.iter().map(|(_, name)| *name).collect();
            let message = format!("must be one of {}", known.join(", "));
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
        found.map(|(function, _)| *function)
    }

    fn rollup_of(
        &mut self,
        owner: ObjectTypeId,
        sent: Option<&Json>,
        place: &Place,
    ) -> Option<Over> {
        let name = sent.and_then(Json::as_str).unwrap_or_default();
        let collections = self.collections(owner);
        let found = collections.iter().find(|(known, _)| known.as_str() == name);
        let over = found.and_then(|(_, member)| self.over(*member));
        if over.is_none() {
            let known: Vec<&str> = collections.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!(
                "must be the name of a collection of the type; it has {}",
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            );
            self.refuse(place.clone(), FaultCode::UnknownRelation, message);
        }
        over
    }

    fn over(&self, member: Member) -> Option<Over> {
        match member {
            Member::Inverse(field) => {
                let mut references = self.draft.references();
                let (target, _) = references.find(|(_, reference)| reference.id == field)?;
                Some(Over {
                    of: RollupOf::Inverse(field),
                    target: Some(ObjectTypeId::new(target)),
                    link: None,
                })
            }
            Member::End(relation, is_source) => {
                let relation = RelationTypeId::new(relation);
                let definition = &self.draft.relations.get(&relation)?.definition;
                let (of, far) = if definition.symmetric {
                    (RollupOf::Either(relation), &definition.target)
                } else if is_source {
                    (RollupOf::Forward(relation), &definition.target)
                } else {
                    (RollupOf::Reverse(relation), &definition.source)
                };
                Some(Over {
                    of,
                    target: far.object,
                    link: Some(relation),
                })
            }
            Member::New | Member::Field(_) => None,
        }
    }

    /// The name that the collection of a rollup has now.
    fn collection_of(&self, owner: ObjectTypeId, of: RollupOf) -> Option<String> {
        let collections = self.collections(owner).into_iter();
        let mut names = collections.filter_map(|(name, member)| {
            let found = self.over(member)?;
            (found.of == of).then(|| name.to_string())
        });
        names.next()
    }

    fn rollup_field(
        &mut self,
        over: &Over,
        function: RollupFunction,
        (sent, part): (Option<&Json>, Option<&str>),
        place: &Place,
    ) -> Option<(Option<RollupField>, ResultType)> {
        let at = place.child("field");
        let Some(sent) = sent else {
            return match ResultType::of_rollup(function, None) {
                Ok(result) => Some((None, result)),
                Err(message) => {
                    self.refuse(at, FaultCode::Required, message);
                    None
                }
            };
        };
        let name = sent.as_str().unwrap_or_default();
        let Some((owner, own)) = over.owner_of(name) else {
            self.refuse(at, FaultCode::InvalidValue, NOTHING_IN_COMMON);
            return None;
        };
        let of_link = own.len() < name.len();
        let found = self.draft.find_field(owner, own).filter(|field| {
            let field_type = find_field_type(&field.definition.field_type);
            field_type.is_some_and(|field_type| !field_type.is_virtual())
        });
        let found = found.map(|field| (field.id, field.definition.clone()));
        let operand = match &found {
            Some((id, definition)) => find_field_type(&definition.field_type)
                .map(|field_type| (*id, field_type, definition.settings.clone())),
            // The only field of the engine's own that says something of the members and never changes.
            None if own == "createdAt" => find_field_type("dateTime").map(|field_type| {
                let id = FieldId::standard("system", "created_at");
                (id, field_type, Settings::default())
            }),
            None => None,
        };
        let Some((id, field_type, settings)) = operand else {
            let message = format!("the members have no field {name:?}");
            self.refuse(at, FaultCode::UnknownField, message);
            return None;
        };
        let result = match part {
            None => ResultType::of_rollup(function, Some((field_type, &settings))),
            Some(part) if has_part((field_type, &settings), part) => {
                ResultType::of_converted(function)
            }
            Some(part) => Err(format!(
                "{name:?} is no amount of money, so that it has no {part}"
            )),
        };
        match result {
            Ok(result) => {
                let field = if of_link {
                    RollupField::Link(id)
                } else {
                    RollupField::Member(id)
                };
                Some((Some(field), result))
            }
            Err(message) => {
                self.refuse(at, FaultCode::InvalidValue, message);
                None
            }
        }
    }

    fn rollup_filter(
        &mut self,
        owner: ObjectTypeId,
        collection: &str,
        (filter, place): (&Json, &Place),
    ) -> Option<Json> {
        let stored = match self.draft.preview() {
            Ok(catalog) => store_filter(&catalog, owner, collection, (filter, place)),
            Err(error) => {
                self.refuse(place.clone(), FaultCode::InvalidValue, error.to_string());
                return None;
            }
        };
        match stored {
            Ok(filter) => Some(filter),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }

    /// Everything that is computed can be computed, and nothing depends on itself.
    pub(super) fn computed_fields_fit(&mut self) -> Result<()> {
        if !self.draft.has_computed_fields() {
            return Ok(());
        }
        let catalog = self.draft.preview()?;
        for broken in Derivations::of(&catalog).broken() {
            let Broken {
                owner,
                field,
                is_cycle,
            } = *broken;
            let fields = catalog.subject_fields(owner);
            let field = fields.and_then(|fields| fields.find_by_id(field));
            let (Some(of), Some(field)) = (catalog.subject_name(owner), field) else {
                return Err(Error::internal("checking computed fields", "one is gone"));
            };
            let name = format!("{of}.{}", field.name);
            let back = self.came_back(owner.uuid(), field.id.uuid());
            let message = if is_cycle {
                format!("{name} would depend on itself, by way of other computed fields")
            } else if back.is_some() {
                format!(
                    "{name} can't be computed any more: what it is computed of is gone or has changed"
                )
            } else {
                format!(
                    "{name} is computed of what is deleted here; delete it in the same changeset"
                )
            };
            let place = self.place_of_broken(field.id, &field.settings);
            self.refuse(back.unwrap_or(place), FaultCode::InvalidValue, message);
        }
        Ok(())
    }

    /// The operation to blame for a field that can't be computed: the one that defines it, or the one
    /// that deletes something it names.
    fn place_of_broken(&self, field: FieldId, settings: &Settings) -> Place {
        if let Some(computed) = self.computed.iter().find(|known| known.field == field) {
            return computed.place.clone();
        }
        let operations = Place::Pointer(String::new()).child("operations");
        let settings = serde_json::to_string(settings).unwrap_or_default();
        let hit = self.named.iter().position(|named| {
            let mut named = named.iter();
            named.any(|named| settings.contains(&named.id.to_string()))
        });
        hit.map_or_else(|| operations.clone(), |at| operations.child(at))
    }
}

/// The name of the field, and the part of it that is computed with where it is not all of the value.
fn split_part(sent: Option<&Json>) -> (Option<Json>, Option<&'static str>) {
    let name = sent.and_then(Json::as_str);
    let field = name.and_then(|name| name.strip_suffix(BASE_AMOUNT)?.strip_suffix('.'));
    match field {
        Some(field) => (Some(Json::from(field)), Some(BASE_AMOUNT)),
        None => (sent.cloned(), None),
    }
}

/// Whether the values of a field have a part.
pub(super) fn has_part((field_type, settings): (&dyn FieldType, &Settings), part: &str) -> bool {
    let of_result = field_type.value_type(settings);
    let (field_type, settings) = of_result.unwrap_or((field_type, settings));
    let mut parts = field_type.parts(settings).into_iter();
    parts.any(|known| known.key == Some(part))
}
