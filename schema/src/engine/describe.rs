//! Descriptions of the schema as one caller may see it: what a screen needs to draw forms and lists.
//! They come from the caller's surface, so that nothing shows that could not be asked for.

mod display;
mod fields;
mod form;
mod indexes;
mod keys;
mod language;
mod options;
mod relations;
mod settings;
mod sight;

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{
    access::{Caller, Permission, Surface, SurfaceObject},
    catalog::{Catalog, Origin, SystemField},
    engine::Engine,
    error::{Error, Result},
    request::LIMITS,
};

pub use form::{
    BackDescription, CollectionDescription, EndDescription, FieldDescription, FieldTypeDescription,
    KeyDescription, ObjectDescription, OwnedFieldDescription, RelationDescription,
    TargetDescription,
};
pub use indexes::IndexDescription;
pub use language::Languages;
pub use options::OptionListDescription;
pub use settings::RuleDescription;

use fields::{Rights, holds, title};
use indexes::Indexes;
use settings::describe_rules;

/// The schema at one version as one caller may see it.
#[derive(Debug, Clone)]
pub struct SchemaView {
    catalog: Arc<Catalog>,
    surface: Arc<Surface>,
    languages: Languages,
    indexes: Option<Indexes>,
    /// Whether it shows what was said alone, and not what holds besides.
    as_said: bool,
}

impl Engine {
    /// The schema as the caller may see it now, with texts in the best of these languages.
    pub fn schema_view(&self, caller: &Caller, languages: Languages) -> SchemaView {
        let state = self.state();
        let surface = self.surfaces.surface(&state, caller);
        SchemaView {
            catalog: state.catalog,
            surface,
            languages,
            indexes: None,
            as_said: false,
        }
    }

    /// The field types.
    pub fn describe_field_types(&self) -> Vec<FieldTypeDescription> {
        fields::field_types()
    }
}

impl SchemaView {
    /// A view of a catalog by a surface of it, which shows what was said: for files of the schema.
    pub(super) fn new(catalog: Arc<Catalog>, surface: Surface) -> Self {
        Self {
            catalog,
            surface: Arc::new(surface),
            languages: Languages::default(),
            indexes: None,
            as_said: true,
        }
    }

    /// What the caller may name.
    pub fn surface(&self) -> &Arc<Surface> {
        &self.surface
    }

    /// Equal for views that show the same: of one schema version, surface and choice of languages.
    pub fn tag(&self) -> String {
        let mut sha = Sha256::new();
        sha.update(env!("CARGO_PKG_VERSION"));
        for part in [&self.surface.hash, &self.index_tag()]
            .into_iter()
            .chain(self.languages.tags())
        {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        }
        let bytes = sha.finalize();
        bytes.iter().take(16).fold(String::new(), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The object types that the caller may name, by API name.
    pub fn objects(&self) -> Vec<ObjectDescription> {
        let objects = self.surface.objects.iter();
        objects.map(|object| self.describe_object(object)).collect()
    }

    /// One object type by its singular name.
    pub fn object(&self, name: &str) -> Result<ObjectDescription> {
        self.find_object(name).map(|it| self.describe_object(it))
    }

    /// What the caller may name of the object type with this singular name.
    pub fn find_object(&self, name: &str) -> Result<&SurfaceObject> {
        self.surface.find_name(name).ok_or_else(|| Error::NotFound {
            kind: "object type",
            name: name.to_owned(),
        })
    }

    /// The fields of all types, or of one object or relation type.
    pub fn fields(
        &self,
        object: Option<&str>,
        relation: Option<&str>,
    ) -> Result<Vec<OwnedFieldDescription>> {
        let all = object.is_none() && relation.is_none();
        let mut found = Vec::new();
        let named = object.map(|name| self.find_object(name)).transpose()?;
        let named = named.map(|named| named.object.id);
        let of_name = |seen: &&SurfaceObject| all || named == Some(seen.object.id);
        for seen in self.surface.objects.iter().filter(of_name) {
            let fields = self.object_fields(seen).into_iter();
            found.extend(fields.map(|field| OwnedFieldDescription {
                object: Some(seen.object.name.to_string()),
                relation: None,
                field,
            }));
        }
        let relations = match relation {
            Some(name) => vec![self.relation(name)?],
            None if all => self.relations(),
            None => Vec::new(),
        };
        for relation in relations {
            let name = relation.name;
            let fields = relation.fields.into_iter();
            found.extend(fields.map(|field| OwnedFieldDescription {
                object: None,
                relation: Some(name.clone()),
                field,
            }));
        }
        Ok(found)
    }

    /// Whether the caller may define fields.
    fn defines(&self) -> bool {
        self.surface.permissions.contains(&Permission::ManageSchema)
    }

    fn describe_object(&self, seen: &SurfaceObject) -> ObjectDescription {
        let object = &seen.object;
        let collections = seen.collections.iter();
        ObjectDescription {
            name: object.name.to_string(),
            plural: object.plural.to_string(),
            aliases: object.aliases.clone(),
            plural_aliases: object.plural_aliases.clone(),
            label: self
                .languages
                .pick(&object.attributes.labels, &object.label),
            plural_label: self
                .languages
                .pick(&object.attributes.plural_labels, &object.plural_label),
            labels: object.attributes.labels.clone(),
            plural_labels: object.attributes.plural_labels.clone(),
            default_sort: keys::default_sort(seen),
            unique_keys: keys::unique_keys(seen),
            has_owner: shows_owner(seen),
            singleton: object.attributes.singleton,
            description: object.description.clone(),
            origin: origin_text(object.origin),
            title: title(seen),
            display_template: display::template(self, seen),
            display_fields: display::fields(self, seen),
            max_rows: LIMITS.page_of(seen.max_rows),
            readable: seen.readable.is_some(),
            creatable: seen.creatable.is_some(),
            updatable: seen.updatable.is_some(),
            deletable: seen.deletable,
            fields: self.object_fields(seen),
            validations: describe_rules(
                self,
                (object.id.uuid(), &object.fields),
                &object.validations,
            ),
            relations: collections.map(|it| self.collection(it)).collect(),
        }
    }

    fn object_fields(&self, seen: &SurfaceObject) -> Vec<FieldDescription> {
        let object = &seen.object;
        self.fields_of((object.id.uuid(), &object.fields), |field| Rights {
            readable: holds(seen.readable.as_ref(), field),
            creatable: holds(seen.creatable.as_ref(), field),
            updatable: holds(seen.updatable.as_ref(), field),
            partly: seen.partly.get(&field.id),
        })
    }
}

fn origin_text(origin: Origin) -> &'static str {
    match origin {
        Origin::Standard => "standard",
        Origin::Custom => "custom",
    }
}

/// Whether the owner of records is a field that the caller may read or write.
fn shows_owner(seen: &SurfaceObject) -> bool {
    let lists = [&seen.readable, &seen.creatable, &seen.updatable];
    let mut fields = lists.into_iter().flatten().flatten();
    fields.any(|field| field.system == Some(SystemField::OwnerId))
}
