//! Sign-in by providers of OpenID Connect: a sign-in that has begun and comes back, and whose identity it is.
//!
//! What has begun is sealed into a token that the browser holds, so that strangers who begin and never come back
//! leave nothing in the database. Which user an identity is, and whether somebody becomes one, is decided here; what
//! a provider says was verified by the face.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::Duration;
use uuid::Uuid;

use super::{
    find_roles_at,
    identities::shown,
    sign_in::origin_at,
    users::{Known, show_user},
};
use crate::{
    access::{Caller, Origin, Principal},
    engine::Engine,
    error::{Error, Result},
    id::UserId,
    identity::{
        Admission, Arrival, AuditKind, AuditObject, Draft, Inheritance, NewUserPolicy,
        ProvenIdentity, ProviderSignIn, RefusedIdentity, SealedSignIn, Secret, SignIn, TokenKind,
        check_email, check_label, check_subject, refused_identity,
    },
    store::identity::{UserRow, new_user_row},
};

/// How long somebody has to sign in at a provider.
const TRANSACTION_LIFETIME: Duration = Duration::minutes(10);
/// The longest token that is opened. Ours have about 500 characters and the page to return to.
const MAX_TRANSACTION: usize = 8_192;
/// Why users are made.
const REASON: &str = "sign-in by a provider";

impl Engine {
    /// A token for a sign-in that begins, and how long it is good. Who holds it, and nobody else, can finish it.
    pub fn seal_sign_in(&self, sign_in: &ProviderSignIn) -> Result<(Secret, Duration)> {
        let now = self.clock.now();
        let sealed = SealedSignIn::of(sign_in, self.ids.uuid(now), now + TRANSACTION_LIFETIME);
        let text = serde_json::to_string(&sealed);
        let text = text.map_err(|_| Error::internal("sealing a sign-in", "it is no JSON"))?;
        let sealed = self.sealer.seal_for(&purpose(&sign_in.provider), &text)?;
        Ok((TokenKind::TRANSACTION.wrap(&sealed), TRANSACTION_LIFETIME))
    }

    /// What was begun, when it comes back with the state that it was begun with. It comes back once.
    pub async fn take_sign_in(
        &self,
        provider: &str,
        (transaction, state): (&str, &str),
        from: &Arrival,
    ) -> Result<ProviderSignIn> {
        let refuse = |reason| {
            let refused = RefusedIdentity {
                provider,
                user: None,
                reason,
            };
            self.refuse_identity(&refused, origin_at(from.address))
        };
        let opened = self.open_sign_in(provider, transaction);
        let sealed = opened.ok_or_else(|| refuse("transaction"))?;
        let now = self.clock.now();
        if now >= sealed.expires_at {
            return Err(refuse("expired"));
        }
        let (id, expires_at) = (sealed.id, sealed.expires_at);
        let sign_in = sealed.into_sign_in(provider);
        // A state that does not fit uses nothing up: it comes from a page that somebody was led to.
        if Sha256::digest(state) != Sha256::digest(sign_in.state.reveal()) {
            return Err(refuse("state"));
        }
        if !self.store.use_sign_in(id, expires_at, now).await? {
            return Err(refuse("used"));
        }
        Ok(sign_in)
    }

    /// The user whose identity a provider has proven, as far as it may sign in.
    pub async fn sign_in_by_identity(
        &self,
        proven: &ProvenIdentity,
        admission: &Admission,
        from: &Arrival,
    ) -> Result<SignIn> {
        match self.find_user_of(proven, admission, from).await {
            Ok(found) => Ok(SignIn {
                second_factor: found.second_factor && !admission.trusts_second_factor,
                provider: Some(proven.provider.clone()),
                ..found
            }),
            Err(Refusal::For(user, reason)) => {
                let refused = RefusedIdentity {
                    provider: &proven.provider,
                    user,
                    reason,
                };
                Err(self.refuse_identity(&refused, origin_at(from.address)))
            }
            Err(Refusal::Failed(error)) => Err(error),
        }
    }

    /// Notes that a sign-in by a provider is refused, and gives the one answer to it.
    pub fn refuse_identity(&self, refused: &RefusedIdentity<'_>, origin: Origin) -> Error {
        self.note_refused_identity(refused, origin);
        refused_identity()
    }

    fn open_sign_in(&self, provider: &str, transaction: &str) -> Option<SealedSignIn> {
        if transaction.len() > MAX_TRANSACTION {
            return None;
        }
        let sealed = TokenKind::TRANSACTION.unwrap(transaction)?;
        let text = self.sealer.open_for(&purpose(provider), sealed)?;
        serde_json::from_str(&text).ok()
    }

    async fn find_user_of(
        &self,
        proven: &ProvenIdentity,
        admission: &Admission,
        from: &Arrival,
    ) -> Result<SignIn, Refusal> {
        if check_subject(&proven.subject).is_some() {
            return Err(Refusal::For(None, "subject"));
        }
        let identity = (proven.issuer.as_str(), proven.subject.as_str());
        if let Some(user) = self.store.find_user_by_identity(identity).await? {
            return self.active(user).await;
        }
        let email = proven.verified_email.as_deref();
        let email = email.and_then(plain_email);
        let email = email.ok_or(Refusal::For(None, "unknownWithoutVerifiedEmail"))?;
        let found = self.store.find_user_by_email(&email).await?;
        match (found, &admission.new_users) {
            (Some(user), _) if admission.link_by_email => {
                self.link_by_email(UserId::new(user.id), &email, (proven, from))
                    .await
            }
            (Some(user), _) => Err(Refusal::For(Some(UserId::new(user.id)), "notLinked")),
            (None, Some(policy)) if policy.admits(&email) => {
                self.create_user_of(policy, &email, (proven, from)).await
            }
            (None, _) => Err(Refusal::For(None, "unknown")),
        }
    }

    /// The user, if it and its partner are active.
    async fn active(&self, user: entity::user::Model) -> Result<SignIn, Refusal> {
        let id = UserId::new(user.id);
        let partner_is_active = self.partner_is_active(&user).await?;
        let found = SignIn::of(user);
        if found.active && partner_is_active {
            Ok(found)
        } else {
            Err(Refusal::For(Some(id), "notActive"))
        }
    }

    /// Makes an identity one of the user who has its address. A user has one identity of a provider: another one
    /// with the same address is somebody to whom the address was given later. People of partners are left out: a
    /// lead of theirs can make a user with any address, and would have whoever owns it work there.
    async fn link_by_email(
        &self,
        id: UserId,
        email: &str,
        (proven, from): (&ProvenIdentity, &Arrival),
    ) -> Result<SignIn, Refusal> {
        let refuse = |reason| Refusal::For(Some(id), reason);
        let held = self.store.hold_user(id).await?;
        let held = held.ok_or(refuse("notActive"))?;
        if !held.user.active || held.user.email != email {
            return Err(refuse("notActive"));
        }
        if held.user.partner_id.is_some() {
            return Err(refuse("ofPartner"));
        }
        let user = held.user.clone();
        let known = held.identities().await?.into_iter();
        let known = known.filter(|row| row.issuer == proven.issuer);
        match known.map(|row| row.subject == proven.subject).next() {
            // Somebody has signed in twice at once.
            Some(true) => return Ok(SignIn::of(user)),
            Some(false) => return Err(refuse("otherIdentity")),
            None => {}
        }
        let row = self.new_identity(id, (proven.issuer.clone(), proven.subject.clone()));
        held.insert_identity(row.clone()).await?;
        let who = (
            Principal::User(id),
            origin_at(from.address),
            self.clock.now(),
        );
        let entry = Draft::of_credentials(id, AuditKind::IdentityLinked, who)
            .after(&shown(row))
            .with("provider", json!(proven.provider))
            .with("email", json!(email));
        held.commit_noted(&entry).await?;
        tracing::info!(user.id = %id, provider = proven.provider, "an identity was linked by its address");
        Ok(SignIn::of(user))
    }

    /// Makes a user of an identity.
    async fn create_user_of(
        &self,
        policy: &NewUserPolicy,
        email: &str,
        (proven, from): (&ProvenIdentity, &Arrival),
    ) -> Result<SignIn, Refusal> {
        let now = self.clock.now();
        let id = UserId::new(self.ids.uuid(now));
        let change = self.store.change_access().await?;
        let known = change.roles().await?;
        let Ok(roles) = find_roles_at(&known, &policy.roles, "roles") else {
            tracing::error!(
                provider = proven.provider,
                "newUsers names roles that do not exist"
            );
            return Err(Refusal::For(None, "rolesOfNewUsers"));
        };
        let inheritance = Inheritance::of(&known);
        let permits = |role: &&entity::role::Model| !inheritance.permissions(role.id).is_empty();
        if roles.iter().any(permits) {
            tracing::error!(
                provider = proven.provider,
                "newUsers names roles with permissions beyond records"
            );
            return Err(Refusal::For(None, "rolesOfNewUsers"));
        }
        let name = proven.name.clone();
        let name = name.filter(|name| check_label("name", name).is_none());
        let row = UserRow {
            roles: roles.iter().map(|role| role.id).collect(),
            teams: std::collections::BTreeSet::<Uuid>::new(),
            user: entity::user::Model {
                email: email.to_owned(),
                name: name.unwrap_or_else(|| email.to_owned()),
                ..new_user_row(id, now)
            },
        };
        change.insert_user(row.clone()).await?;
        let identity = self.new_identity(id, (proven.issuer.clone(), proven.subject.clone()));
        change.insert_identity(identity.clone()).await?;
        let system = Caller {
            origin: origin_at(from.address),
            ..Caller::system(REASON, now)
        };
        let user = row.user.clone();
        let object = (AuditObject::User, id.uuid());
        let entry = Draft::of(&system, AuditKind::UserCreated, object)
            .after(&show_user(&Known::of(&known, &[]), row))
            .with("provider", json!(proven.provider))
            .with("identity", json!(shown(identity)));
        self.commit_access(change, entry).await?;
        tracing::info!(user.id = %id, provider = proven.provider, "a user was made of an identity");
        Ok(SignIn::of(user))
    }
}

/// Why nobody signs in.
#[derive(Debug)]
enum Refusal {
    /// It is refused; whom it was for, and why.
    For(Option<UserId>, &'static str),
    /// It could not be decided.
    Failed(Error),
}

impl From<Error> for Refusal {
    /// What somebody else has taken since we looked is refused; another try finds it.
    fn from(error: Error) -> Self {
        if matches!(error, Error::UniqueConflict { .. }) {
            Self::For(None, "taken")
        } else {
            Self::Failed(error)
        }
    }
}

impl NewUserPolicy {
    /// Whether users with this address are made.
    fn admits(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain);
        domain.is_some_and(|domain| self.email_domains.iter().any(|it| it == domain))
    }
}

/// An address as users have it. One in which other than ASCII letters change with the case is left out: it would
/// become somebody else's, as a Kelvin sign becomes a k.
fn plain_email(text: &str) -> Option<String> {
    let is_plain = text.to_lowercase() == text.to_ascii_lowercase();
    check_email(text).ok().filter(|_| is_plain)
}

/// What a sign-in is sealed for: it opens for no other provider.
fn purpose(provider: &str) -> String {
    format!("oidc:{provider}")
}
