//! Fields and their columns, of object types and of relation types alike.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, LazyLock},
};

use serde_json::Value as Json;

use crate::{
    catalog::{
        Aliases, Converting, Lookup,
        definition::{FieldAttributes, FieldDefinition, RelationDefinition},
    },
    field_type::{FieldType, Limits, Operator, Part, Presence, Scalar, Settings, find_field_type},
    id::{FieldId, ObjectTypeId},
    name::ApiName,
};

/// Whether something ships in code or was defined by an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A sea-orm entity of the `entity` crate.
    Standard,
    /// Defined at run time.
    Custom,
}

/// The fields that every record has and that only the engine writes (but for the owner).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemField {
    /// The id of the record.
    Id,
    /// +1 on each update.
    Version,
    /// When the record was created.
    CreatedAt,
    /// Who created it: the id of a user or key.
    CreatedBy,
    /// When it was last changed.
    UpdatedAt,
    /// Who changed it last.
    UpdatedBy,
    /// The user who owns it.
    OwnerId,
    /// The first day on which a link holds; callers write it.
    ValidFrom,
    /// The first day on which a link holds no longer; callers write it.
    ValidUntil,
}

impl SystemField {
    /// Whether callers may write it.
    pub fn is_writable(self) -> bool {
        match self {
            Self::OwnerId | Self::ValidFrom | Self::ValidUntil => true,
            Self::Id
            | Self::Version
            | Self::CreatedAt
            | Self::CreatedBy
            | Self::UpdatedAt
            | Self::UpdatedBy => false,
        }
    }
}

/// A typed attribute: its definition, which it derefs to, and what only the catalog knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Never changes; rules and events hold it.
    pub id: FieldId,
    /// Names, labels, settings and all else that admins define.
    pub definition: Arc<FieldDefinition>,
    /// What it stores and accepts.
    pub field_type: &'static dyn FieldType,
    /// Standard or custom.
    pub origin: Origin,
    /// Set on the fields that the engine keeps.
    pub system: Option<SystemField>,
    /// The physical columns, one per part of the type. A lookup has those of the field that it shows,
    /// in whose table they are.
    pub columns: Vec<Column>,
    /// Set on lookups.
    pub lookup: Option<Box<Lookup>>,
    /// Set while it is converted to another type: what is written to it goes there as well.
    pub converting: Option<Box<Converting>>,
}

impl Deref for Field {
    type Target = FieldDefinition;

    fn deref(&self) -> &FieldDefinition {
        &self.definition
    }
}

/// One physical column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The physical name: chosen once, never changed.
    pub name: String,
    /// Form, JSON key and scalar.
    pub part: Part,
    /// Whether the database lets it be null.
    pub nullable: bool,
}

impl Field {
    /// The object type that a reference to one type points at; `None` for all other fields.
    pub fn target(&self) -> Option<ObjectTypeId> {
        self.settings.target
    }

    /// Whether it is a reference, to one type or to more.
    pub fn is_reference(&self) -> bool {
        self.settings.is_reference()
    }

    /// Whether it is a reference to several types or to any, which says of what type its target is.
    pub fn is_polymorphic(&self) -> bool {
        self.settings.is_polymorphic()
    }

    /// Whether a value has several parts, so that its JSON is an object.
    pub fn is_composite(&self) -> bool {
        self.columns
            .first()
            .is_some_and(|column| column.part.key.is_some())
    }

    /// The place among the columns of the amount in the base currency; none of what is no money.
    pub(crate) fn base_amount(&self) -> Option<usize> {
        let mut columns = self.columns.iter();
        columns.position(|column| column.part.presence == Presence::Asked)
    }

    /// The operators that a filter may use on the value as a whole; on a reference beside what it asks of
    /// the target.
    pub fn operators(&self) -> &'static [Operator] {
        use Operator as O;
        if self.settings.tree {
            return &[
                O::Eq,
                O::Neq,
                O::In,
                O::Nin,
                O::IsNull,
                O::DescendantsOf,
                O::DescendantsOrSelfOf,
                O::AncestorsOf,
                O::AncestorsOrSelfOf,
            ];
        }
        if self.target().is_some() {
            return O::ON_REFERENCES;
        }
        let of_first = self.column().part.scalar.operators();
        self.field_type.operators().unwrap_or(of_first)
    }

    /// A value as a caller could send it; none where the constraints of the field refuse the example of its
    /// type.
    pub fn example(&self) -> Option<Json> {
        let example = self.field_type.example(&self.settings);
        let fits = self.field_type.parse(&self.settings, &example).is_ok();
        fits.then_some(example)
    }

    /// Whether it has no column of its own.
    pub fn is_virtual(&self) -> bool {
        self.lookup.is_some() || self.field_type.is_virtual()
    }

    /// Whether callers may write it at all.
    pub fn is_writable(&self) -> bool {
        !self.is_virtual()
            && !self.field_type.is_computed()
            && self.system.is_none_or(SystemField::is_writable)
    }

    /// The type of the values: the field's own, or of a computed field that of what is computed.
    pub fn value_type(&self) -> (&'static dyn FieldType, &Settings) {
        let settings = &self.definition.settings;
        let computed = self.field_type.value_type(settings);
        computed.unwrap_or((self.field_type, settings))
    }

    /// What bounds one part of a value: of what callers write all that its type knows, of what is computed
    /// or read through what its settings say. A required text says something.
    pub fn limits(&self, part: usize) -> Limits {
        let (value_type, settings) = self.value_type();
        if !self.is_writable() {
            let of_first = (part == 0).then(|| Limits::set(settings));
            return of_first.unwrap_or_default();
        }
        let mut limits = value_type.limits(settings, part);
        if self.required && self.is_text() {
            limits.min_length = limits.min_length.max(Some(1));
        }
        limits
    }

    /// Whether a value is one text that people write.
    pub fn is_text(&self) -> bool {
        !self.is_composite() && self.column().part.scalar == Scalar::Text
    }

    /// Whether it has an index of its own: a reference always, others when they ask for one. What a
    /// rollup follows by the day, the period of links, has one from the first such rollup on.
    pub fn has_index(&self) -> bool {
        !self.is_virtual() && (self.attributes.indexed || self.is_reference() || is_period(self))
    }

    /// The first (for most types the only) column.
    pub fn column(&self) -> &Column {
        &self.columns[0]
    }
}

/// The fields of one type, system fields first, found by name and by id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FieldList {
    fields: Vec<Arc<Field>>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<FieldId, usize>,
}

impl FieldList {
    /// A list in the given order. Names and ids must be distinct, which the change pipeline sees to.
    pub fn new(fields: Vec<Arc<Field>>) -> Self {
        let numbered = || fields.iter().enumerate();
        let old = numbered().flat_map(|(at, field)| {
            let aliases = field.aliases.iter();
            aliases.map(move |alias| (alias.name.to_string(), at))
        });
        // Names come last: where an alias is called like a field, the field has the name.
        let names = numbered().map(|(at, field)| (field.name.to_string(), at));
        let by_name = old.chain(names).collect();
        let by_id = fields
            .iter()
            .enumerate()
            .map(|(at, field)| (field.id, at))
            .collect();
        Self {
            fields,
            by_name,
            by_id,
        }
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Field>> {
        self.fields.iter()
    }

    /// The field with this API name, or with this alias.
    pub fn find(&self, name: &str) -> Option<&Arc<Field>> {
        self.by_name.get(name).map(|at| &self.fields[*at])
    }

    /// The field with this id.
    pub fn find_by_id(&self, id: FieldId) -> Option<&Arc<Field>> {
        self.by_id.get(&id).map(|at| &self.fields[*at])
    }

    /// A system field.
    pub fn find_system(&self, system: SystemField) -> Option<&Arc<Field>> {
        self.fields
            .iter()
            .find(|field| field.system == Some(system))
    }
}

/// What the catalog says of a system field: which, API name, column, label, type, help.
pub(super) type SystemRow = (
    SystemField,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip] // one row a field
const COMMON: [SystemRow; 6] = [
    (SystemField::Id, "id", "id", "Id", "uuid", ""),
    (SystemField::Version, "version", "version", "Version", "integer", ""),
    (SystemField::CreatedAt, "createdAt", "created_at", "Created at", "dateTime", ""),
    (SystemField::CreatedBy, "createdBy", "created_by", "Created by", "uuid", ""),
    (SystemField::UpdatedAt, "updatedAt", "updated_at", "Updated at", "dateTime", ""),
    (SystemField::UpdatedBy, "updatedBy", "updated_by", "Updated by", "uuid", ""),
];

const OWNER: SystemRow = (
    SystemField::OwnerId,
    "ownerId",
    "owner_id",
    "Owner",
    "uuid",
    "",
);

#[rustfmt::skip] // one row a field
const PERIOD: [SystemRow; 2] = [
    (SystemField::ValidFrom, "validFrom", "valid_from", "Valid from", "date", "The first day on which it holds; empty when it held ever since"),
    (SystemField::ValidUntil, "validUntil", "valid_until", "Valid until", "date", "The first day on which it holds no longer; empty while no end is known"),
];

/// The system fields of a record.
pub(crate) fn record_fields(with_owner: bool) -> Vec<Arc<Field>> {
    // All types share them.
    static FIELDS: LazyLock<Vec<Arc<Field>>> =
        LazyLock::new(|| system_fields(COMMON.iter().chain([&OWNER])));
    let fields = FIELDS.iter();
    let owned = |field: &&Arc<Field>| with_owner || field.system != Some(SystemField::OwnerId);
    fields.filter(owned).cloned().collect()
}

/// The system fields of a link.
pub(crate) fn link_fields(relation: &RelationDefinition) -> Vec<Arc<Field>> {
    // All relation types share them.
    static FIELDS: LazyLock<Vec<Arc<Field>>> =
        LazyLock::new(|| system_fields(COMMON.iter().chain(&PERIOD)));
    let fields = FIELDS.iter();
    let held = |field: &&Arc<Field>| relation.temporal || !is_period(field);
    fields.filter(held).cloned().collect()
}

fn is_period(field: &Field) -> bool {
    matches!(
        field.system,
        Some(SystemField::ValidFrom | SystemField::ValidUntil)
    )
}

/// The columns and API names of the period of a link.
pub(crate) fn period_names() -> [(&'static str, &'static str); 2] {
    PERIOD.map(|(_, name, column, ..)| (column, name))
}

impl Field {
    /// Whether its values are ids of users.
    pub(crate) fn names_user(&self) -> bool {
        use SystemField::{CreatedBy, OwnerId, UpdatedBy};
        self.field_type.points_at_user()
            || matches!(self.system, Some(OwnerId | CreatedBy | UpdatedBy))
    }
}

fn system_fields<'a>(rows: impl Iterator<Item = &'a SystemRow>) -> Vec<Arc<Field>> {
    rows.filter_map(|row| system_field(*row))
        .map(Arc::new)
        .collect()
}

pub(super) fn system_field(
    (system, name, column, label, field_type, help): SystemRow,
) -> Option<Field> {
    use SystemField as S;
    let field_type = find_field_type(field_type)?;
    let nullable = matches!(
        system,
        S::CreatedBy | S::UpdatedBy | S::OwnerId | S::ValidFrom | S::ValidUntil
    );
    Some(Field {
        id: FieldId::standard("system", column),
        definition: Arc::new(FieldDefinition {
            name: ApiName::of_code(name),
            aliases: Aliases::default(),
            inverse_aliases: Aliases::default(),
            label: label.to_owned(),
            help: help.to_owned(),
            field_type: field_type.name().to_owned(),
            settings: Settings::default(),
            required: !nullable,
            unique: system == S::Id,
            default: None,
            attributes: FieldAttributes::default(),
            column: column.to_owned(),
            position: 0,
            work: None,
        }),
        field_type,
        origin: Origin::Standard,
        system: Some(system),
        columns: columns_of(field_type, &Settings::default(), column, nullable),
        lookup: None,
        converting: None,
    })
}

/// The columns of a field whose first column has this physical name.
pub(crate) fn columns_of(
    field_type: &dyn FieldType,
    settings: &Settings,
    first: &str,
    nullable: bool,
) -> Vec<Column> {
    field_type
        .parts(settings)
        .into_iter()
        .map(|part| Column {
            name: format!("{first}{}", part.suffix),
            part,
            nullable: nullable || part.presence != Presence::Required,
        })
        .collect()
}

/// The system field of records with this name.
pub(crate) fn system_field_named(name: &str) -> Option<Arc<Field>> {
    let mut fields = record_fields(true).into_iter();
    fields.find(|field| field.name.as_str() == name)
}
