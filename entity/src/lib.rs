//! The sea-orm entities: one file per table, Model and Relation, nothing else. Standard object types
//! and relation types carry a description beside the entity, from which the catalog in `schema` is
//! made. No query and no rule lives here, and the tables are made by `migration`, not from here.

pub mod description;
pub mod field;
pub mod json_text;
pub mod standard;
#[cfg(test)]
mod tests;

// Standard object types
pub mod interaction;
pub mod opportunity;
pub mod order;
pub mod order_line;
pub mod organization;
pub mod person;
pub mod pipeline;
pub mod product;
pub mod shipment;
pub mod stage;
pub mod task;

// Standard relation types
pub mod carries_for;
pub mod employment;
pub mod subsidiary;
pub mod supplies;

// System tables
pub mod api_key;
pub mod audit_entry;
pub mod audit_head;
pub mod currency_rate;
pub mod event;
pub mod job;
pub mod mailed_link;
pub mod meta_changeset;
pub mod meta_deletion;
pub mod meta_field;
pub mod meta_head;
pub mod meta_object_type;
pub mod meta_option_list;
pub mod meta_package;
pub mod meta_relation_type;
pub mod partner;
pub mod record_share;
pub mod recovery_code;
pub mod role;
pub mod role_version;
pub mod rule;
pub mod session;
pub mod sign_in_challenge;
pub mod sign_in_network;
pub mod signing_key;
pub mod team;
pub mod team_member;
pub mod turned_day;
pub mod used_sign_in;
pub mod user;
pub mod user_identity;
pub mod user_role;

pub use description::{
    Bond, Choice, FieldDescription, Kind, ObjectDescription, RelationDescription,
};
pub use json_text::JsonText;
pub use standard::{StandardColumn, StandardObject, StandardRelation};
pub use standard::{standard_objects, standard_relations};
