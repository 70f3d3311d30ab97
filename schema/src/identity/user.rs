//! Users: people who sign in.

use serde::Serialize;

use crate::id::{PartnerId, UserId};

/// A user as the API shows it. The password never shows, in no form.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user.
    pub id: UserId,
    /// The sign-in name, in lower case.
    pub email: String,
    /// What people call the user.
    pub name: String,
    /// Whether the user may sign in.
    pub active: bool,
    /// The partner that the user works for; null for a user of the company itself.
    pub partner: Option<PartnerId>,
    /// Whether the user has a password; without one it is invited to choose one.
    pub has_password: bool,
    /// Whether the user signs in with a second factor.
    pub second_factor: bool,
    /// The names of the user's roles.
    pub roles: Vec<String>,
    /// The names of the teams that the user is in.
    pub teams: Vec<String>,
    /// When the user was created.
    pub created_at: String,
    /// When the user was last changed.
    pub updated_at: String,
}

/// A user to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The sign-in name.
    pub email: String,
    /// What people call the user.
    pub name: String,
    /// The hash of the password; a user without one can't sign in with a password.
    pub password_hash: Option<String>,
    /// The id of the partner that the user works for.
    pub partner: Option<String>,
    /// The names or ids of the roles.
    pub roles: Vec<String>,
    /// The names or ids of the teams.
    pub teams: Vec<String>,
    /// Whether to make a link with which the user chooses the password.
    pub invite: bool,
}

/// What to change of a user; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// The sign-in name.
    pub email: Option<String>,
    /// What people call the user.
    pub name: Option<String>,
    /// Whether the user may sign in.
    pub active: Option<bool>,
    /// The hash of a new password.
    pub password_hash: Option<String>,
    /// The names or ids of all roles from now on.
    pub roles: Option<Vec<String>>,
    /// The names or ids of all teams from now on.
    pub teams: Option<Vec<String>>,
}
