//! The names of the GraphQL types and root fields of one surface. Every name is claimed once: an
//! object type that an admin called `date` must not collide with the scalar `Date`.

use std::collections::{HashMap, HashSet};

use schema::{
    FieldId, ObjectTypeId, RelationTypeId,
    access::{Surface, SurfaceCollection, SurfaceObject},
    catalog::{CollectionKind, Field},
    field_type::Scalar,
};

/// The type names of one surface.
#[derive(Debug, Default)]
pub(in crate::graphql) struct TypeNames {
    records: HashMap<ObjectTypeId, RecordNames>,
    links: HashMap<RelationTypeId, LinkNames>,
    sides: HashMap<(ObjectTypeId, String), SideNames>,
    composites: HashMap<&'static str, CompositeNames>,
    /// By field, and under `None` those of the references to any type.
    pointers: HashMap<Option<FieldId>, PointerNames>,
    pointer_input: String,
}

/// The names around one object type.
#[derive(Debug)]
pub(in crate::graphql) struct RecordNames {
    /// `Organization`.
    pub(in crate::graphql) record: String,
    /// `OrganizationConnection`.
    pub(in crate::graphql) connection: String,
    /// `OrganizationEdge`.
    pub(in crate::graphql) edge: String,
    /// `OrganizationFilter`.
    pub(in crate::graphql) filter: String,
    /// `OrganizationCollectionFilter`.
    pub(in crate::graphql) collection_filter: String,
    /// `OrganizationCollectionCount`.
    pub(in crate::graphql) collection_count: String,
    /// `OrganizationSort`.
    pub(in crate::graphql) sort: String,
    /// `OrganizationInput`.
    pub(in crate::graphql) input: String,
    /// `OrganizationPatch`.
    pub(in crate::graphql) patch: String,
    /// `OrganizationPayload`.
    pub(in crate::graphql) payload: String,
}

/// The names around one relation type.
#[derive(Debug)]
pub(in crate::graphql) struct LinkNames {
    /// `EmploymentLink`.
    pub(in crate::graphql) link: String,
    /// `EmploymentLinkFilter`.
    pub(in crate::graphql) filter: String,
    /// `EmploymentLinkSort`.
    pub(in crate::graphql) sort: String,
    /// `EmploymentLinkInput`.
    pub(in crate::graphql) input: String,
    /// `EmploymentLinkPatch`.
    pub(in crate::graphql) patch: String,
    /// `EmploymentLinkPayload`.
    pub(in crate::graphql) payload: String,
    /// `EmploymentLinkSet`.
    pub(in crate::graphql) set: String,
    /// `EmploymentLinkItem`.
    pub(in crate::graphql) item: String,
}

/// The names around one side of a relation type.
#[derive(Debug)]
pub(in crate::graphql) struct SideNames {
    /// `OrganizationEmployeesConnection`.
    pub(in crate::graphql) connection: String,
    /// `OrganizationEmployeesEdge`.
    pub(in crate::graphql) edge: String,
    /// `OrganizationEmployeesFilter`.
    pub(in crate::graphql) filter: String,
    /// `OrganizationEmployeesCollectionFilter`.
    pub(in crate::graphql) collection_filter: String,
    /// `OrganizationEmployeesCollectionCount`.
    pub(in crate::graphql) collection_count: String,
    /// `OrganizationEmployeesSort`.
    pub(in crate::graphql) sort: String,
}

/// The names around one reference to several types.
#[derive(Debug)]
pub(in crate::graphql) struct PointerNames {
    /// `TaskRegardingReference`.
    pub(in crate::graphql) object: String,
    /// `TaskRegardingReferenceFilter`.
    pub(in crate::graphql) filter: String,
}

/// The names around one composite field type.
#[derive(Debug)]
pub(in crate::graphql) struct CompositeNames {
    /// `Money`.
    pub(in crate::graphql) object: String,
    /// `MoneyInput`.
    pub(in crate::graphql) input: String,
    /// `MoneyFilter`.
    pub(in crate::graphql) filter: String,
    /// `MoneySort`.
    pub(in crate::graphql) sort: String,
}

impl RecordNames {
    /// The names with what stands behind the name of the object type.
    pub(in crate::graphql) fn by_suffix(&self) -> [(&'static str, &str); 10] {
        [
            ("", &self.record),
            ("Connection", &self.connection),
            ("Edge", &self.edge),
            ("Filter", &self.filter),
            ("CollectionFilter", &self.collection_filter),
            ("CollectionCount", &self.collection_count),
            ("Sort", &self.sort),
            ("Input", &self.input),
            ("Patch", &self.patch),
            ("Payload", &self.payload),
        ]
    }
}

impl LinkNames {
    /// The names with what stands behind the name of the relation type.
    pub(in crate::graphql) fn by_suffix(&self) -> [(&'static str, &str); 7] {
        [
            ("Link", &self.link),
            ("LinkFilter", &self.filter),
            ("LinkInput", &self.input),
            ("LinkPatch", &self.patch),
            ("LinkPayload", &self.payload),
            ("LinkSet", &self.set),
            ("LinkItem", &self.item),
        ]
    }
}

impl SideNames {
    /// The names with what stands behind the names of object type and collection.
    pub(in crate::graphql) fn by_suffix(&self) -> [(&'static str, &str); 5] {
        [
            ("Connection", &self.connection),
            ("Edge", &self.edge),
            ("Filter", &self.filter),
            ("CollectionFilter", &self.collection_filter),
            ("CollectionCount", &self.collection_count),
        ]
    }
}

/// Hands out each name once.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Claims(HashSet<String>);

impl Claims {
    /// The name, or the name with as many underscores as make it free. API names have no underscores,
    /// so that the result is never asked for by another thing.
    pub(in crate::graphql) fn claim(&mut self, preferred: impl Into<String>) -> String {
        let mut name = preferred.into();
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// The name, if nobody has it: an old name takes none from a new thing.
    pub(in crate::graphql) fn claim_free(&mut self, name: String) -> Option<String> {
        self.0.insert(name.clone()).then_some(name)
    }
}

/// The types that every schema has, beside those of scalars.
const FIXED: &[&str] = &[
    "Query",
    "Mutation",
    "Subscription",
    "PageInfo",
    "SortDirection",
    "Validity",
    "RemovalPayload",
    "LinkRemoval",
    "MemberSet",
    "MemberItem",
    "MemberPosition",
    "GeoCircleInput",
    "GeoBoxInput",
    "GeoCenterInput",
];

impl TypeNames {
    /// The names for a surface.
    pub(in crate::graphql) fn of(surface: &Surface) -> Self {
        let mut claims = Claims::default();
        for fixed in FIXED {
            claims.claim(*fixed);
        }
        for fixed in super::graph::TYPES {
            claims.claim(*fixed);
        }
        for scalar in Scalar::ALL {
            // Text and choices share `String`: the second claim takes a name that nobody asks for.
            claims.claim(scalar_name(*scalar));
            claims.claim(scalar_filter_name(*scalar));
        }
        let mut names = Self::default();
        names.claim_composites(surface, &mut claims);
        for object in &surface.objects {
            let record = claims.claim(object.object.name.pascal_case());
            names
                .records
                .insert(object.object.id, record_names(record, &mut claims));
        }
        for object in &surface.objects {
            names.claim_sides(object, &mut claims);
        }
        names.claim_pointers(surface, &mut claims);
        names
    }

    /// The names around an object type of the surface.
    pub(in crate::graphql) fn record(&self, id: ObjectTypeId) -> Option<&RecordNames> {
        self.records.get(&id)
    }

    /// The names around a relation type of the surface.
    pub(in crate::graphql) fn link(&self, id: RelationTypeId) -> Option<&LinkNames> {
        self.links.get(&id)
    }

    /// The names around the collection of a relation type.
    pub(in crate::graphql) fn side(
        &self,
        object: ObjectTypeId,
        collection: &str,
    ) -> Option<&SideNames> {
        self.sides.get(&(object, collection.to_owned()))
    }

    /// The names around a composite field's type.
    pub(in crate::graphql) fn composite(&self, field: &Field) -> Option<&CompositeNames> {
        self.composites.get(field.value_type().0.type_name())
    }

    /// The names around a reference to several types.
    pub(in crate::graphql) fn pointer(&self, field: &Field) -> Option<&PointerNames> {
        self.pointers.get(&pointer_key(field))
    }

    /// The input of references to several types.
    pub(in crate::graphql) fn pointer_input(&self) -> &str {
        &self.pointer_input
    }

    fn claim_pointers(&mut self, surface: &Surface, claims: &mut Claims) {
        for object in &surface.objects {
            let own = object.object.name.pascal_case();
            for field in object.object.fields.iter().filter(|it| it.is_polymorphic()) {
                let key = pointer_key(field);
                if self.pointers.contains_key(&key) {
                    continue;
                }
                let name = match key {
                    Some(_) => format!("{own}{}Reference", field.name.pascal_case()),
                    None => "AnyReference".to_owned(),
                };
                let object = claims.claim(name);
                let filter = claims.claim(format!("{object}Filter"));
                self.pointers.insert(key, PointerNames { object, filter });
            }
        }
        for object in &surface.objects {
            for collection in &object.collections {
                self.claim_end(collection, claims);
            }
        }
        self.pointer_input = claims.claim("ReferenceInput");
    }

    /// Members of several types are read as what a reference points at. Both ends of a relation type can
    /// have such, and all collections along one way share their type.
    fn claim_end(&mut self, collection: &SurfaceCollection, claims: &mut Claims) {
        let (Some(pointer), Some(side)) = (collection.pointer(), &collection.relation) else {
            return;
        };
        if self.pointers.contains_key(&Some(pointer.id)) {
            return;
        }
        let relation = side.relation.name.pascal_case();
        let object = claims.claim(format!("{relation}{}Reference", pointer.name.pascal_case()));
        let filter = claims.claim(format!("{object}Filter"));
        self.pointers
            .insert(Some(pointer.id), PointerNames { object, filter });
    }

    fn claim_composites(&mut self, surface: &Surface, claims: &mut Claims) {
        for field in super::all_fields(surface).filter(|field| is_composite(field)) {
            let name = field.value_type().0.type_name();
            if self.composites.contains_key(name) {
                continue;
            }
            // A type called "address" or "file" is an admin's for the asking.
            let pascal = match name {
                "money" => "Money".to_owned(),
                _ => pascal_case(name) + "Value",
            };
            let composite = CompositeNames {
                input: claims.claim(format!("{pascal}Input")),
                filter: claims.claim(format!("{pascal}Filter")),
                sort: claims.claim(format!("{pascal}Sort")),
                object: claims.claim(pascal),
            };
            self.composites.insert(name, composite);
        }
    }

    fn claim_sides(&mut self, object: &SurfaceObject, claims: &mut Claims) {
        let Some(near) = self.records.get(&object.object.id) else {
            return;
        };
        let near = near.record.clone();
        for collection in &object.collections {
            let (Some(side), CollectionKind::Relation { relation, .. }) =
                (&collection.relation, collection.collection.kind)
            else {
                continue;
            };
            let name = &collection.collection.name;
            let prefix = format!("{near}{}", name.pascal_case());
            let names = SideNames {
                connection: claims.claim(format!("{prefix}Connection")),
                edge: claims.claim(format!("{prefix}Edge")),
                filter: claims.claim(format!("{prefix}Filter")),
                collection_filter: claims.claim(format!("{prefix}CollectionFilter")),
                collection_count: claims.claim(format!("{prefix}CollectionCount")),
                sort: claims.claim(format!("{prefix}Sort")),
            };
            self.sides
                .insert((object.object.id, name.to_string()), names);
            self.links
                .entry(relation)
                .or_insert_with(|| link_names(&side.relation.name.pascal_case(), claims));
        }
    }
}

fn record_names(record: String, claims: &mut Claims) -> RecordNames {
    RecordNames {
        connection: claims.claim(format!("{record}Connection")),
        edge: claims.claim(format!("{record}Edge")),
        filter: claims.claim(format!("{record}Filter")),
        collection_filter: claims.claim(format!("{record}CollectionFilter")),
        collection_count: claims.claim(format!("{record}CollectionCount")),
        sort: claims.claim(format!("{record}Sort")),
        input: claims.claim(format!("{record}Input")),
        patch: claims.claim(format!("{record}Patch")),
        payload: claims.claim(format!("{record}Payload")),
        record,
    }
}

fn link_names(relation: &str, claims: &mut Claims) -> LinkNames {
    LinkNames {
        link: claims.claim(format!("{relation}Link")),
        filter: claims.claim(format!("{relation}LinkFilter")),
        sort: claims.claim(format!("{relation}LinkSort")),
        input: claims.claim(format!("{relation}LinkInput")),
        patch: claims.claim(format!("{relation}LinkPatch")),
        payload: claims.claim(format!("{relation}LinkPayload")),
        set: claims.claim(format!("{relation}LinkSet")),
        item: claims.claim(format!("{relation}LinkItem")),
    }
}

/// References to any type share their types, for there could be very many members.
fn pointer_key(field: &Field) -> Option<FieldId> {
    (!field.settings.any).then_some(field.id)
}

/// The GraphQL scalar of a part.
pub(in crate::graphql) fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Text | Scalar::TextList | Scalar::Choice | Scalar::ChoiceSet => "String",
        Scalar::Int => "Int",
        Scalar::BigInt => "BigInt",
        Scalar::Decimal => "Decimal",
        Scalar::Float => "Float",
        Scalar::Boolean | Scalar::Secret => "Boolean",
        Scalar::Date => "Date",
        Scalar::DateTime => "DateTime",
        Scalar::Time => "Time",
        Scalar::Duration => "Duration",
        Scalar::Id => "ID",
        Scalar::Json => "JSON",
    }
}

/// The filter input of a part.
pub(in crate::graphql) fn scalar_filter_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Text => "StringFilter",
        Scalar::Choice => "ChoiceFilter",
        Scalar::ChoiceSet => "ChoiceSetFilter",
        Scalar::TextList => "StringListFilter",
        Scalar::Int => "IntFilter",
        Scalar::BigInt => "BigIntFilter",
        Scalar::Decimal => "DecimalFilter",
        Scalar::Float => "FloatFilter",
        Scalar::Boolean => "BooleanFilter",
        Scalar::Date => "DateFilter",
        Scalar::DateTime => "DateTimeFilter",
        Scalar::Time => "TimeFilter",
        Scalar::Duration => "DurationFilter",
        Scalar::Id => "IDFilter",
        Scalar::Json => "JSONFilter",
        Scalar::Secret => "SecretFilter",
    }
}

/// Whether a field has types by its field type. Those of a reference to several types are its own.
pub(in crate::graphql) fn is_composite(field: &Field) -> bool {
    field.is_composite() && !field.is_polymorphic()
}

/// `money` becomes `Money`.
fn pascal_case(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + characters.as_str()
    })
}
