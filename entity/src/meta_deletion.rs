//! System table `meta_deletions`. The row only: no rule and no query lives here.

use sea_orm::entity::prelude::*;

/// What was deleted of the schema, until it comes back. What was purged stays here, so that it never does.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meta_deletions")]
pub struct Model {
    /// Identity of the deletion.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The object type, field, relation type or option list that was deleted.
    pub thing_id: Uuid,
    /// `objectType`, `field`, `relationType` or `optionList`.
    pub kind: String,
    /// The type that has the field.
    pub owner_id: Option<Uuid>,
    /// What it went with; itself when it was named.
    pub root_id: Uuid,
    /// Instant of the deletion.
    pub deleted_at: TimeDateTimeWithTimeZone,
    /// What sort of principal deleted it.
    pub actor_kind: String,
    /// Who deleted it.
    pub actor_id: Option<Uuid>,
    /// The instant from which on it can't come back.
    pub purged_at: Option<TimeDateTimeWithTimeZone>,
}

/// The foreign keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
