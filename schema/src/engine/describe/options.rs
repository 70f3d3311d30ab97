//! Shared option lists and dependent options as one caller may see them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{FieldDescription, Languages};
use crate::{
    access::{Caller, Surface},
    catalog::{Catalog, Field, FieldList, OptionList},
    engine::Engine,
    error::{Error, Result},
    field_type::{FieldOption, Settings},
    id::{FieldId, OptionListId},
};

/// A shared option list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionListDescription {
    /// The API name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    pub labels: BTreeMap<String, String>,
    /// What the list is for.
    pub description: String,
    /// The options, in order.
    pub options: Vec<FieldOption>,
    /// The fields that offer them, so far as the caller may see them: `contract.region`.
    pub used_by: Vec<String>,
}

impl Engine {
    /// The option lists that the caller may know of, by name: those of fields that it may see, and all
    /// for who may change the schema.
    pub fn describe_option_lists(
        &self,
        caller: &Caller,
        languages: Languages,
    ) -> Vec<OptionListDescription> {
        let view = self.schema_view(caller, languages);
        let seen = seen_fields(&view.surface);
        let lists = view.catalog.option_lists().iter();
        lists
            .map(|list| describe(&view.languages, list, &seen))
            .filter(|list| view.defines() || !list.used_by.is_empty())
            .collect()
    }

    /// One option list by its name.
    pub fn describe_option_list(
        &self,
        (caller, languages): (&Caller, Languages),
        name: &str,
    ) -> Result<OptionListDescription> {
        let mut lists = self.describe_option_lists(caller, languages).into_iter();
        let found = lists.find(|list| list.name == name);
        found.ok_or_else(|| Error::NotFound {
            kind: "option list",
            name: name.to_owned(),
        })
    }
}

fn describe(
    languages: &Languages,
    list: &OptionList,
    seen: &BTreeSet<(String, OptionListId)>,
) -> OptionListDescription {
    let definition = &list.definition;
    let mut options = definition.options.clone();
    in_language(languages, &mut options);
    let users = seen.iter().filter(|(_, id)| *id == list.id);
    OptionListDescription {
        name: definition.name.to_string(),
        label: languages.pick(&definition.labels, &definition.label),
        labels: definition.labels.clone(),
        description: definition.description.clone(),
        options,
        used_by: users.map(|(name, _)| name.clone()).collect(),
    }
}

/// The fields with a shared list that the caller may read or write, by name.
fn seen_fields(surface: &Surface) -> BTreeSet<(String, OptionListId)> {
    let mut seen = BTreeSet::new();
    let mut see = |owner: &str, field: &Field| {
        if let Some(list) = field.settings.option_list {
            seen.insert((format!("{owner}.{}", field.name), list));
        }
    };
    for object in &surface.objects {
        let lists = [&object.readable, &object.creatable, &object.updatable];
        for field in lists.into_iter().flatten().flatten() {
            see(object.object.name.as_str(), field);
        }
        let relations = object
            .collections
            .iter()
            .filter_map(|it| it.relation.as_ref());
        for relation in relations {
            let sendable = relation.linkable.iter().flatten();
            for field in relation.readable.iter().chain(sendable) {
                see(relation.relation.name.as_str(), field);
            }
        }
    }
    seen
}

/// Puts the name of the shared list in the place of its id.
pub(super) fn name_list(shown: &mut Map<String, Json>, catalog: &Catalog, settings: &Settings) {
    let list = settings.option_list;
    if let Some(list) = list.and_then(|id| catalog.find_option_list(id)) {
        let name = Json::from(list.definition.name.as_str());
        shown.insert("optionList".to_owned(), name);
    }
}

/// Puts the labels that the caller reads best in the place of the plain ones.
pub(super) fn in_language(languages: &Languages, options: &mut [FieldOption]) {
    for option in options {
        option.label = languages.pick(&option.labels, &option.label);
    }
}

/// Puts the name of the field that decides in the place of its id. Where the caller may not see that
/// field, nothing tells of it.
pub(super) fn name_deciding(described: &mut [FieldDescription], fields: &FieldList) {
    let seen: Vec<String> = described.iter().map(|field| field.name.clone()).collect();
    for field in described {
        let deciding = field.settings.get("dependsOn").and_then(Json::as_str);
        let Some(deciding) = deciding.and_then(|id| id.parse::<FieldId>().ok()) else {
            continue;
        };
        let name = fields.find_by_id(deciding).map(|it| it.name.to_string());
        if let Some(name) = name.filter(|name| seen.contains(name)) {
            field
                .settings
                .insert("dependsOn".to_owned(), Json::String(name));
            continue;
        }
        field.settings.shift_remove("dependsOn");
        let options = field
            .settings
            .get_mut("options")
            .and_then(Json::as_array_mut);
        for option in options
            .into_iter()
            .flatten()
            .filter_map(Json::as_object_mut)
        {
            option.shift_remove("when");
        }
    }
}
