//! Who may sign in and what they may do: users, roles, rules, partners, keys, sessions.
//! Frozen once applied: what comes later is a migration of its own.

use sea_orm_migration::prelude::*;

use crate::columns::{
    Column, Table, boolean, bytes, instant, json, json_text, reference, small, text, uuid,
};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn tables() -> Vec<Table> {
    vec![
        Table::system("users", USERS),
        Table::system("roles", ROLES),
        Table::system("user_roles", USER_ROLES).primary_key(&["user_id", "role_id"]),
        Table::system("rules", RULES),
        Table::system("partners", PARTNERS),
        Table::system("api_keys", API_KEYS),
        Table::system("sessions", SESSIONS).index(&["family_id"]),
        Table::system("signing_keys", SIGNING_KEYS),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::create(manager, &tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::physical::drop(manager, &tables()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const USERS: &[Column] = &[
    uuid("id").required(),
    text("email").required().unique(),
    text("name").required(),
    text("password_hash"),
    boolean("active").required(),
    small("auth_epoch").required(),
    instant("created_at").required(),
    instant("updated_at").required(),
];

const ROLES: &[Column] = &[
    uuid("id").required(),
    text("name").required().unique(),
    text("label").required(),
    text("description").required(),
    json("permissions").required(),
    instant("created_at").required(),
    instant("updated_at").required(),
];

const USER_ROLES: &[Column] = &[
    reference("user_id", "users").required().cascade(),
    reference("role_id", "roles").required().cascade(),
];

const RULES: &[Column] = &[
    uuid("id").required(),
    reference("role_id", "roles").required().cascade(),
    uuid("subject"),
    text("action").required(),
    json("fields").required(),
    json_text("condition"),
    json_text("check_condition"),
    json_text("presets").required(),
    instant("created_at").required(),
];

const PARTNERS: &[Column] = &[
    uuid("id").required(),
    reference("organization_id", "organizations").required(),
    text("name").required(),
    boolean("active").required(),
    instant("created_at").required(),
    instant("updated_at").required(),
];

const API_KEYS: &[Column] = &[
    uuid("id").required(),
    text("key_id").required().unique(),
    bytes("secret_hash").required(),
    text("name").required(),
    reference("partner_id", "partners"),
    reference("user_id", "users"),
    json("role_ids").required(),
    json("scopes"),
    instant("expires_at"),
    instant("revoked_at"),
    instant("last_used_at"),
    instant("created_at").required(),
    uuid("created_by"),
];

const SESSIONS: &[Column] = &[
    uuid("id").required(),
    uuid("family_id").required(),
    reference("user_id", "users").required().cascade(),
    bytes("token_hash").required().unique(),
    small("auth_epoch").required(),
    instant("expires_at").required(),
    instant("used_at"),
    instant("revoked_at"),
    instant("created_at").required(),
];

const SIGNING_KEYS: &[Column] = &[
    text("id").required(),
    text("kind").required(),
    bytes("secret").required(),
    instant("created_at").required(),
];
