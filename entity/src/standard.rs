//! The standard types in one list, with their columns as sea-orm knows them. The only door by which
//! the catalog reads the entities, so nothing else needs to know how many there are.

use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable};

use crate::description::{ObjectDescription, RelationDescription};
use crate::{carries_for, employment, interaction, opportunity, order, order_line, organization};
use crate::{person, pipeline, product, shipment, stage, subsidiary, supplies, task};

/// An object type that is shipped in code.
#[derive(Debug, Clone, Copy)]
pub struct StandardObject {
    /// The physical table.
    pub table: &'static str,
    /// Reads the physical columns, system columns included.
    pub columns: fn() -> Vec<StandardColumn>,
    /// Labels, semantic types and options.
    pub description: &'static ObjectDescription,
}

/// A relation type that is shipped in code.
#[derive(Debug, Clone, Copy)]
pub struct StandardRelation {
    /// The physical link table.
    pub table: &'static str,
    /// Reads the physical columns, system columns and both ends included.
    pub columns: fn() -> Vec<StandardColumn>,
    /// Labels, semantic types and options.
    pub description: &'static RelationDescription,
    /// The column that holds the id of the source record.
    pub source_column: &'static str,
    /// The column that holds the id of the target record.
    pub target_column: &'static str,
}

/// One physical column of a standard type.
#[derive(Debug, Clone)]
pub struct StandardColumn {
    /// The physical name.
    pub name: String,
    /// The type in the entity; what a database makes of it is another matter.
    pub column_type: ColumnType,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether no two live records may share a value.
    pub unique: bool,
}

/// Lists the standard object types.
pub fn standard_objects() -> Vec<StandardObject> {
    vec![
        object::<organization::Entity>(&organization::DESCRIPTION),
        object::<person::Entity>(&person::DESCRIPTION),
        object::<product::Entity>(&product::DESCRIPTION),
        object::<pipeline::Entity>(&pipeline::DESCRIPTION),
        object::<stage::Entity>(&stage::DESCRIPTION),
        object::<opportunity::Entity>(&opportunity::DESCRIPTION),
        object::<order::Entity>(&order::DESCRIPTION),
        object::<order_line::Entity>(&order_line::DESCRIPTION),
        object::<shipment::Entity>(&shipment::DESCRIPTION),
        object::<interaction::Entity>(&interaction::DESCRIPTION),
        object::<task::Entity>(&task::DESCRIPTION),
    ]
}

/// Lists the standard relation types.
pub fn standard_relations() -> Vec<StandardRelation> {
    vec![
        relation::<employment::Entity>(&employment::DESCRIPTION),
        relation::<supplies::Entity>(&supplies::DESCRIPTION),
        relation::<subsidiary::Entity>(&subsidiary::DESCRIPTION),
        relation::<carries_for::Entity>(&carries_for::DESCRIPTION),
    ]
}

fn object<E: EntityTrait>(description: &'static ObjectDescription) -> StandardObject {
    StandardObject {
        table: E::default().table_name(),
        columns: columns_of::<E>,
        description,
    }
}

fn relation<E: EntityTrait>(description: &'static RelationDescription) -> StandardRelation {
    StandardRelation {
        table: E::default().table_name(),
        columns: columns_of::<E>,
        description,
        source_column: "source_id",
        target_column: "target_id",
    }
}

fn columns_of<E: EntityTrait>() -> Vec<StandardColumn> {
    E::Column::iter()
        .map(|column| {
            let definition = column.def();
            StandardColumn {
                name: column.as_str().to_owned(),
                column_type: definition.get_column_type().clone(),
                nullable: definition.is_null(),
                unique: definition.is_unique(),
            }
        })
        .collect()
}
