//! Old names: how long they answer after a rename, who else may not take them, and how they are freed.

use time::{
    Date, Duration, OffsetDateTime, format_description::well_known::Rfc3339,
    macros::format_description,
};
use uuid::Uuid;

use super::{
    super::{changeset::DropAlias, impact::Dependant, rules::Member},
    Validation,
};
use crate::{
    catalog::{Alias, Aliases, Subject},
    error::{FaultCode, Place},
    id::ObjectTypeId,
    name::ApiName,
};

/// How long an old name answers unless told.
const DEFAULT: Duration = Duration::days(90);
/// The longest time that it may be told.
const LONGEST: Duration = Duration::days(3_660);

/// What a request says of the old name: nothing, that there is to be none, or its end.
pub(super) type AliasUntil = Option<Option<String>>;

impl Validation<'_> {
    /// The end of the old name; nothing when it is to be gone at once.
    pub(super) fn alias_end(&mut self, sent: &AliasUntil, place: &Place) -> Option<OffsetDateTime> {
        let text = match sent {
            None => return Some(self.now + DEFAULT),
            Some(None) => return None,
            Some(Some(text)) if text == "none" => return None,
            Some(Some(text)) => text,
        };
        let day = format_description!("[year]-[month]-[day]");
        let end = Date::parse(text, day)
            .map(|date| date.midnight().assume_utc())
            .or_else(|_| OffsetDateTime::parse(text, &Rfc3339));
        match end {
            Ok(end) if end > self.now && end <= self.now + LONGEST => Some(end),
            Ok(_) | Err(_) => {
                let message =
                    "must be a day or an instant to come, within ten years, or null for no alias";
                let place = place.child("aliasUntil");
                self.refuse(place, FaultCode::InvalidValue, message);
                None
            }
        }
    }

    /// Gives a thing another name and keeps the old one until `end`.
    pub(super) fn rename(
        &mut self,
        (name, aliases): (&mut ApiName, &mut Aliases),
        new: ApiName,
        end: Option<OffsetDateTime>,
    ) {
        aliases.remove(new.as_str());
        let old = std::mem::replace(name, new);
        let Some(end) = end else { return };
        self.impact().dependants.push(Dependant {
            kind: "alias",
            name: old.to_string(),
            effect: "answers as an alias until its end",
        });
        aliases.add(old, end);
    }

    /// No other type answers to the name.
    pub(in crate::change) fn type_alias_is_free(
        &mut self,
        name: &ApiName,
        own: Option<Uuid>,
        place: &Place,
    ) -> bool {
        let objects = self.draft.objects.iter();
        let by_object = objects
            .filter(|(id, _)| Some(id.uuid()) != own)
            .find_map(|(_, entry)| {
                let definition = &entry.definition;
                let alias = definition.aliases.find(name.as_str());
                let alias = alias.or_else(|| definition.plural_aliases.find(name.as_str()));
                Some((definition.name.to_string(), alias?.clone()))
            });
        let mut relations = self.draft.relations.iter();
        let by_relation = || {
            relations.find_map(|(id, entry)| {
                let alias = entry.definition.aliases.find(name.as_str());
                let alias = alias.filter(|_| Some(id.uuid()) != own)?;
                Some((entry.definition.name.to_string(), alias.clone()))
            })
        };
        let holder = by_object.or_else(by_relation);
        self.refuse_alias(holder, place)
    }

    /// No other member of the type answers to the name.
    pub(in crate::change) fn member_alias_is_free(
        &mut self,
        owner: Subject,
        name: &ApiName,
        own: Member,
        place: &Place,
    ) -> bool {
        let by_field = self.draft.fields(owner.uuid()).iter().find_map(|field| {
            let alias = field.definition.aliases.find(name.as_str())?;
            let holder = field.definition.name.to_string();
            (own != Member::Field(field.id)).then(|| (holder, alias.clone()))
        });
        let holder = by_field.or_else(|| match owner {
            Subject::Object(id) => self.collection_alias(id, name, own),
            Subject::Relation(_) => None,
        });
        self.refuse_alias(holder, place)
    }

    fn collection_alias(
        &self,
        object: ObjectTypeId,
        name: &ApiName,
        own: Member,
    ) -> Option<(String, Alias)> {
        let inverse = self.draft.references().find_map(|(_, field)| {
            let definition = &field.definition;
            let inverse = definition.settings.inverse.as_ref()?;
            let alias = definition.inverse_aliases.find(name.as_str())?;
            let applies = definition.settings.named_targets().any(|it| it == object)
                && own != Member::Inverse(field.id);
            applies.then(|| (inverse.name.to_string(), alias.clone()))
        });
        inverse.or_else(|| {
            let ends = self.draft.relations.iter().flat_map(|(id, entry)| {
                let definition = &entry.definition;
                [
                    (*id, &definition.source, true),
                    (*id, &definition.target, false),
                ]
            });
            let mut ends = ends.filter(|(id, end, is_source)| {
                end.has(object) && own != Member::End(id.uuid(), *is_source)
            });
            ends.find_map(|(_, end, _)| {
                let alias = end.aliases.find(name.as_str())?;
                Some((end.name.to_string(), alias.clone()))
            })
        })
    }

    fn refuse_alias(&mut self, holder: Option<(String, Alias)>, place: &Place) -> bool {
        let Some((holder, alias)) = holder else {
            return true;
        };
        let message = format!(
            "\"{}\" is an alias of \"{holder}\" until {}; drop it with dropAlias, or choose another name",
            alias.name,
            alias.until.date()
        );
        self.refuse(place.clone(), FaultCode::NameTaken, message);
        false
    }

    pub(super) fn drop_alias(&mut self, input: &DropAlias, place: &Place) {
        self.summarize(format!("drops the alias {}", input.alias));
        let owner = self.owner(input.object.as_deref(), input.relation.as_deref(), place);
        let Some(owner) = owner else { return };
        let dropped = match (&input.field, owner) {
            (Some(field), _) => {
                if self.field(owner, field, place).is_none() {
                    return;
                }
                self.drop_alias_of_field(owner, field, &input.alias)
            }
            (None, Subject::Object(id)) => {
                self.draft.objects.get(&id).cloned().is_some_and(|entry| {
                    let mut definition = entry.definition;
                    let dropped = definition.aliases.remove(&input.alias)
                        | definition.plural_aliases.remove(&input.alias);
                    self.draft.put_object(id, definition);
                    dropped
                })
            }
            (None, Subject::Relation(id)) => {
                self.draft.relations.get(&id).cloned().is_some_and(|entry| {
                    let mut definition = entry.definition;
                    let dropped = definition.aliases.remove(&input.alias)
                        | definition.source.aliases.remove(&input.alias)
                        | definition.target.aliases.remove(&input.alias);
                    self.draft.put_relation(id, definition);
                    dropped
                })
            }
        };
        if !dropped {
            let message = format!("there is no alias {:?} here", input.alias);
            self.refuse(place.child("alias"), FaultCode::InvalidName, message);
        }
    }

    fn drop_alias_of_field(&mut self, owner: Subject, field: &str, alias: &str) -> bool {
        let Some(field) = self.draft.find_field(owner.uuid(), field).cloned() else {
            return false;
        };
        let mut definition = field.to_definition();
        let dropped = definition.aliases.remove(alias) | definition.inverse_aliases.remove(alias);
        self.draft.put_field(owner.uuid(), field.id, definition);
        dropped
    }
}
