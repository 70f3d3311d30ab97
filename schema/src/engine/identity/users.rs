//! Users: who may sign in, and with which roles.

use uuid::Uuid;

use super::{
    Holder, Judged, Managing, check_administrator_remains, check_permissions,
    leads::end_credentials, managing::load_user_in, member, not_found, role_names, shares::told,
    teams::team_names,
};
use crate::{
    access::{Caller, Principal},
    engine::Engine,
    error::{Fault, FaultCode, Result},
    id::{PartnerId, UserId},
    identity::{
        AuditKind, AuditObject, Draft, LinkPurpose, Listed, Listing, MailedLink, NewUser, User,
        UserChange, check_email, check_label, faults_to_result,
    },
    store::identity::{AccessChange, UserRow, new_user_row},
    value::instant_text,
};

impl Engine {
    /// One page of users, oldest first; for somebody who manages a partner, those of that one.
    pub async fn list_users(&self, caller: &Caller, listing: Listing) -> Result<Listed<User>> {
        let managing = self.managing(caller)?;
        let listed = self.store.list_users(listing, managing.only()).await?;
        let access = self.state().access;
        let known = Known::of(&access.roles, &access.teams);
        let shown = listed.items.into_iter();
        let shown = shown.map(|row| show_user(&known, managing.seen(row)));
        Ok(Listed {
            items: shown.collect(),
            has_next: listed.has_next,
        })
    }

    /// One user.
    pub async fn load_user(&self, caller: &Caller, id: UserId) -> Result<User> {
        let managing = self.managing(caller)?;
        let found = self.store.find_user(id).await?;
        let seen = found.filter(|row| managing.sees(row.user.partner_id));
        let row = seen.ok_or_else(|| not_found("user", id))?;
        let access = self.state().access;
        let known = Known::of(&access.roles, &access.teams);
        Ok(show_user(&known, managing.seen(row)))
    }

    /// Creates an active user, with the link of its invitation if one is wanted. The partner that it works
    /// for never changes: it would suddenly act for another company.
    pub async fn create_user(
        &self,
        caller: &Caller,
        new: NewUser,
    ) -> Result<(User, Option<MailedLink>)> {
        self.managing(caller)?;
        let NewUser {
            email,
            name,
            password_hash,
            partner,
            roles,
            teams,
            invite,
        } = new;
        let email = check_email(&email);
        let faults = email.as_ref().err().cloned().into_iter();
        faults_to_result(faults.chain(check_label("name", &name)).collect())?;
        let now = self.clock.now();
        let id = UserId::new(self.ids.uuid(now));
        let (change, Judged { managing, .. }) = self.change_managed(caller).await?;
        let known = change.roles().await?;
        let partner_id = managing.partner_of_new(&change, partner.as_deref()).await?;
        let roles = managing.roles_to_give(&known, &roles)?;
        check_roles(&known, &roles, partner_id)?;
        managing.check_room_for_user(&change).await?;
        let row = UserRow {
            roles: roles.iter().map(|role| role.id).collect(),
            teams: managing.teams_to_give(&change, &teams).await?,
            user: entity::user::Model {
                email: email.unwrap_or_default(),
                name,
                password_hash,
                partner_id,
                known_to_lead: managing.is_of_lead(),
                ..new_user_row(id, now)
            },
        };
        change.insert_user(row.clone()).await?;
        let invitation = invite.then(|| self.new_link(&row.user, LinkPurpose::Invitation));
        let (link, invitation) = invitation.unzip();
        if let Some(link) = link {
            change.insert_link(link).await?;
        }
        let teams = change.teams().await?;
        let known = Known::of(&known, &teams);
        let object = (AuditObject::User, id.uuid());
        let entry = Draft::of(caller, AuditKind::UserCreated, object);
        let entry = entry
            .after(&show_user(&known, row.clone()))
            .with("invited", invite.into());
        self.commit_access(change, entry).await?;
        Ok((show_user(&known, managing.seen(row)), invitation))
    }

    /// Changes a user. A new password, other roles or a deactivation end all of the user's sessions.
    pub async fn update_user(
        &self,
        caller: &Caller,
        id: UserId,
        wanted: UserChange,
    ) -> Result<User> {
        self.managing(caller)?;
        let UserChange {
            email,
            name,
            active,
            password_hash,
            roles,
            teams,
        } = wanted;
        let email = email.map(|email| check_email(&email)).transpose();
        let faults = email.as_ref().err().cloned().into_iter();
        let label = name.as_deref().and_then(|name| check_label("name", name));
        faults_to_result(faults.chain(label).collect())?;

        let (change, Judged { managing, .. }) = self.change_managed(caller).await?;
        let before = load_user_in(&change, &managing, id).await?;
        managing.check_change(&before, teams.as_deref())?;
        let mut row = before.clone();
        row.user.email = email.ok().flatten().unwrap_or(row.user.email);
        row.user.name = name.unwrap_or(row.user.name);
        row.user.active = active.unwrap_or(row.user.active);
        check_own(caller, &before, &row, password_hash.is_some())?;
        if row.user.active && !before.user.active {
            managing.check_room_for_user(&change).await?;
        }
        let known = change.roles().await?;
        if let Some(texts) = roles {
            let roles = managing.roles_to_give(&known, &texts)?;
            check_roles(&known, &roles, row.user.partner_id)?;
            row.roles = roles.iter().map(|role| role.id).collect();
        }
        if let Some(texts) = teams {
            row.teams = managing.teams_to_give(&change, &texts).await?;
        }
        let users = (&before, &mut row);
        let ended = self
            .end_former(&change, &managing, users, password_hash)
            .await?;
        change.update_user(row.clone()).await?;
        check_administrator_remains(&change).await?;
        let teams = change.teams().await?;
        let known = Known::of(&known, &teams);
        let object = (AuditObject::User, id.uuid());
        let entry = Draft::of(caller, AuditKind::UserChanged, object)
            .before(&show_user(&known, before.clone()))
            .after(&show_user(&known, row.clone()))
            .with("passwordChanged", ended.password.into())
            .with("sessionsEnded", ended.sessions.into())
            .with("credentialsEnded", ended.credentials.into());
        let entry = self.with_shares(&change, entry, (&before, &row)).await?;
        self.commit_access(change, entry).await?;
        Ok(show_user(&known, managing.seen(row)))
    }
}

/// What a change of a user has ended.
struct Ended {
    /// The password, for another one has taken its place.
    password: bool,
    /// All sessions.
    sessions: bool,
    /// What a lead may have known.
    credentials: bool,
}

impl Engine {
    /// Puts another password into the changed row of a user, and ends what does not outlive the change.
    async fn end_former(
        &self,
        change: &AccessChange,
        managing: &Managing,
        (before, row): (&UserRow, &mut UserRow),
        password_hash: Option<String>,
    ) -> Result<Ended> {
        let (id, now) = (UserId::new(row.user.id), self.clock.now());
        let password = password_hash.is_some();
        let credentials = managing.outgrows_lead(before, row);
        if credentials {
            end_credentials(&mut row.user);
            change.delete_second_factor(id).await?;
        }
        let sessions = password
            || credentials
            || row.roles != before.roles
            || row.user.active != before.user.active;
        row.user.password_hash = password_hash.or(row.user.password_hash.take());
        row.user.known_to_lead |=
            managing.is_of_lead() && (password || row.user.email != before.user.email);
        row.user.updated_at = now;
        if sessions {
            row.user.auth_epoch += 1;
            change.revoke_sessions(id, now).await?;
        }
        if password || ends_links(before, row) {
            change.end_links(id, now).await?;
        }
        Ok(Ended {
            password,
            sessions,
            credentials,
        })
    }

    /// What is shared with a user who is deactivated waits for the day that it comes back; the entry tells it.
    async fn with_shares(
        &self,
        change: &AccessChange,
        entry: Draft,
        (before, row): (&UserRow, &UserRow),
    ) -> Result<Draft> {
        if !before.user.active || row.user.active {
            return Ok(entry);
        }
        let shares = change.shares_with(row.user.id).await?;
        Ok(entry.with("shares", told(&self.state().catalog, shares)))
    }
}

impl Managing {
    /// A user as somebody who manages so may know it: without roles and teams that he does not know.
    fn seen(&self, mut row: UserRow) -> UserRow {
        row.roles.retain(|role| self.may_give(*role));
        if self.only().is_some() {
            row.teams.clear();
        }
        row
    }
}

/// The roles and teams that there are.
pub(super) struct Known<'a> {
    roles: &'a [entity::role::Model],
    teams: &'a [entity::team::Model],
}

impl<'a> Known<'a> {
    /// These.
    pub(super) fn of(roles: &'a [entity::role::Model], teams: &'a [entity::team::Model]) -> Self {
        Self { roles, teams }
    }
}

/// A user, with the names of its roles and teams out of those that there are.
pub(super) fn show_user(known: &Known<'_>, row: UserRow) -> User {
    let UserRow { user, roles, teams } = row;
    User {
        id: UserId::new(user.id),
        email: user.email,
        name: user.name,
        active: user.active,
        has_password: user.password_hash.is_some(),
        second_factor: user.totp_confirmed_at.is_some(),
        partner: user.partner_id.map(PartnerId::new),
        roles: role_names(known.roles, &roles),
        teams: team_names(known.teams, &teams),
        created_at: instant_text(user.created_at),
        updated_at: instant_text(user.updated_at),
    }
}

/// Whether a change of a user ends the links that were mailed to it. Of a user of a partner other rights do too: its
/// lead may have the link, and must not come by them.
fn ends_links(before: &UserRow, row: &UserRow) -> bool {
    let has_other_rights = row.roles != before.roles || row.teams != before.teams;
    row.user.email != before.user.email
        || row.user.active != before.user.active
        || (row.user.partner_id.is_some() && has_other_rights)
}

/// Refuses what would leave one's own account to whoever holds an open session of it: another password without
/// the one before, and another address, to which a link to a password is mailed.
fn check_own(caller: &Caller, before: &UserRow, row: &UserRow, sets_password: bool) -> Result<()> {
    if caller.principal != Principal::User(UserId::new(before.user.id)) {
        return Ok(());
    }
    let password = sets_password.then_some((
        "password",
        "your own is changed by POST /v1/auth/password/change, which asks for the present one",
    ));
    let email = (row.user.email != before.user.email).then_some((
        "email",
        "is where links to a new password go; your own is changed by another administrator",
    ));
    let faults = [password, email].into_iter().flatten();
    let faults = faults.map(|(name, message)| Fault {
        place: member(name),
        code: FaultCode::InvalidValue,
        message: message.to_owned(),
    });
    faults_to_result(faults.collect())
}

/// Refuses roles that a user of a partner can't have.
fn check_roles(
    known: &[entity::role::Model],
    roles: &[&entity::role::Model],
    partner: Option<Uuid>,
) -> Result<()> {
    match partner {
        Some(_) => check_permissions(known, roles, Holder::OfPartner),
        None => Ok(()),
    }
}
