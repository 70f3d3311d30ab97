//! From credentials to callers.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use serde::Deserialize as _;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    keys::{stored_networks, stored_rate_class},
    not_found,
    own_scopes::own_scopes,
};
use crate::{
    access::{Caller, Origin, PartnerBinding, Permission, Principal, Scopes},
    engine::Engine,
    error::{Error, Result},
    id::{KeyId, PartnerId, RecordId, RoleId, SessionId, TeamId, UserId},
    identity::{
        KeyHolder, KeyPartner, KeyText, Membership, OldSecret, PartnerOrganization, SignedIn,
        StoredScope, Who, scope_texts,
    },
    store::identity::KeyRow,
};

/// How often the last uses of keys are written.
const USES_WRITTEN_EVERY: Duration = Duration::minutes(1);

impl Engine {
    /// The caller behind an access token: the user of this session, if both still stand.
    pub async fn caller_of_user(
        &self,
        user: UserId,
        auth_epoch: i32,
        origin: Origin,
    ) -> Result<Caller> {
        let session = origin.session.ok_or_else(unauthenticated)?;
        self.refresh_if_old().await?;
        let found = self.find_signed_in(user, session).await?;
        let stands = |found: &Arc<SignedIn>| {
            found.active
                && found.partner.as_ref().is_none_or(|partner| partner.active)
                && found.session_is_open
                && found.user == user
                && found.auth_epoch == auth_epoch
        };
        let Some(signed_in) = found.filter(stands) else {
            self.note_ended_session(user, origin);
            return Err(unauthenticated());
        };
        Ok(Caller {
            principal: Principal::User(user),
            roles: signed_in.roles.clone(),
            teams: signed_in.teams.clone(),
            partner: signed_in.partner.as_ref().map(|partner| partner.binding),
            origin,
            ..Caller::anonymous(self.clock.now())
        })
    }

    /// The caller behind an API key, used from this address.
    pub async fn caller_of_key(&self, text: &KeyText, from: Option<IpAddr>) -> Result<Caller> {
        self.refresh_if_old().await?;
        let now = self.clock.now();
        let origin = Origin {
            address: from,
            session: None,
        };
        let found = self.find_holder(text.key_id()).await?;
        let fault = found.as_ref().map_or(Some("unknown"), |holder| {
            fault_of(holder, (text, from), now)
        });
        let good = found.as_ref().filter(|_| fault.is_none());
        let Some(holder) = good else {
            let known = found.map(|holder| holder.id);
            self.note_refused_key(known, origin, fault.unwrap_or_default());
            return Err(unauthenticated());
        };
        self.principals.note_use(holder.id, now);
        Ok(Caller {
            principal: Principal::Key(holder.id),
            roles: holder.roles.clone(),
            teams: BTreeSet::new(),
            partner: holder.partner.as_ref().map(|partner| partner.binding),
            scopes: holder.scopes.as_ref().map(Scopes::from),
            rate_class: holder.rate_class,
            now,
            origin,
        })
    }

    /// Who the caller is.
    pub async fn describe_caller(&self, caller: &Caller) -> Result<Who> {
        let state = self.state();
        let roles = caller.roles.iter();
        let roles = roles.filter_map(|id| state.policy.roles.get(id));
        let mut roles: Vec<String> = roles.map(|role| role.name.clone()).collect();
        roles.sort();
        let permissions = Permission::ALL.iter().copied();
        let held = permissions.filter(|permission| self.permit(caller, *permission).is_ok());
        let blank = Who {
            kind: caller.actor_kind(),
            id: caller.actor().unwrap_or_default(),
            email: None,
            name: String::new(),
            second_factor: None,
            roles,
            partner: None,
            permissions: held.collect(),
            scopes: None,
        };
        match caller.principal {
            Principal::User(id) => {
                let found = self.store.find_user(id).await?;
                let user = found.ok_or_else(|| not_found("user", id))?.user;
                let partner = self.partner_of(&user).await?;
                Ok(Who {
                    partner: partner.map(show_membership),
                    second_factor: Some(user.totp_confirmed_at.is_some()),
                    email: Some(user.email),
                    name: user.name,
                    ..blank
                })
            }
            Principal::Key(id) => {
                let found = self.store.find_key(id).await?;
                let holder = holder_of_row(found.ok_or_else(|| not_found("key", id))?);
                let scopes = holder.scopes.as_ref();
                let scopes = scopes.map(|scopes| own_scopes(&state, caller, scopes));
                Ok(Who {
                    scopes: scopes.map(|scopes| scope_texts(&state.catalog, &scopes)),
                    name: holder.name,
                    partner: holder.partner.map(show_membership),
                    ..blank
                })
            }
            Principal::Anonymous => Err(unauthenticated()),
            Principal::System { .. } => Ok(blank),
        }
    }

    /// Writes which keys were used when. A failure loses minutes of that and nothing else.
    pub(in crate::engine) async fn write_last_uses(&self) -> Result<()> {
        let now = self.clock.now();
        let uses = self.principals.take_uses(now, USES_WRITTEN_EVERY);
        if uses.is_empty() {
            return Ok(());
        }
        self.store.write_last_uses(&uses).await
    }

    async fn find_signed_in(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Option<Arc<SignedIn>>> {
        let now = self.clock.now();
        if let Some(known) = self.principals.find_session(session, now) {
            return Ok(Some(known));
        }
        let asked = self.principals.ask(now);
        let session_is_open = self.store.session_is_open(session, user).await?;
        let Some(row) = self.store.find_user(user).await? else {
            return Ok(None);
        };
        let partner = self.partner_of(&row.user).await?;
        if row.user.partner_id.is_some() != partner.is_some() {
            return Ok(None);
        }
        let signed_in = Arc::new(SignedIn {
            partner,
            user,
            active: row.user.active,
            auth_epoch: row.user.auth_epoch,
            roles: row.roles.into_iter().map(RoleId::new).collect(),
            teams: row.teams.into_iter().map(TeamId::new).collect(),
            session_is_open,
        });
        self.principals.keep_session(asked, session, &signed_in);
        Ok(Some(signed_in))
    }

    /// Whether the user works for no partner, or for one that is active.
    pub(super) async fn partner_is_active(&self, user: &entity::user::Model) -> Result<bool> {
        let partner = self.partner_of(user).await?;
        let active = partner.map(|partner| partner.active);
        Ok(active.unwrap_or(user.partner_id.is_none()))
    }

    /// The partner that a user works for.
    pub(super) async fn partner_of(
        &self,
        user: &entity::user::Model,
    ) -> Result<Option<KeyPartner>> {
        let Some(id) = user.partner_id else {
            return Ok(None);
        };
        let found = self.store.find_partner(PartnerId::new(id)).await?;
        Ok(found.map(partner_of_row))
    }

    async fn find_holder(&self, key_id: &str) -> Result<Option<Arc<KeyHolder>>> {
        let now = self.clock.now();
        if let Some(known) = self.principals.find_key(key_id, now) {
            return Ok(Some(known));
        }
        let asked = self.principals.ask(now);
        let Some(row) = self.store.find_key_by_text(key_id).await? else {
            return Ok(None);
        };
        let holder = Arc::new(holder_of_row(row));
        self.principals.keep_key(asked, key_id, &holder);
        Ok(Some(holder))
    }
}

/// Why a key is refused, for the audit log alone.
fn fault_of(
    holder: &KeyHolder,
    (text, from): (&KeyText, Option<IpAddr>),
    now: OffsetDateTime,
) -> Option<&'static str> {
    if !holder.has_secret(&text.hash(), now) {
        Some("wrongSecret")
    } else if !holder.is_honoured(now) {
        Some("ended")
    } else if !holder.allows(from) {
        Some("address")
    } else {
        None
    }
}

/// One answer for all that is wrong with credentials: which of it, the caller must not learn.
pub(super) fn unauthenticated() -> Error {
    Error::Unauthenticated("the credentials are missing, wrong, expired or revoked".to_owned())
}

pub(super) fn holder_of_row(row: KeyRow) -> KeyHolder {
    let KeyRow { key, partner } = row;
    let roles = BTreeSet::<Uuid>::deserialize(&key.role_ids).unwrap_or_default();
    let scopes = key.scopes.filter(|scopes| !scopes.is_null());
    let old_secret = key.old_secret_hash.zip(key.old_secret_until);
    KeyHolder {
        id: KeyId::new(key.id),
        name: key.name,
        // A key of a user, or of a partner that is gone, would act with rights that nobody gave it.
        is_void: key.revoked_at.is_some()
            || key.user_id.is_some()
            || key.partner_id.is_some() != partner.is_some(),
        secret_hash: key.secret_hash,
        old_secret: old_secret.map(|(hash, until)| OldSecret { hash, until }),
        roles: roles.into_iter().map(RoleId::new).collect(),
        partner: partner.map(partner_of_row),
        // Scopes that can't be read allow nothing.
        scopes: scopes.map(|json| BTreeSet::<StoredScope>::deserialize(&json).unwrap_or_default()),
        allowed_ips: stored_networks(key.allowed_ips.as_ref()),
        rate_class: stored_rate_class(&key.rate_class),
        expires_at: key.expires_at,
    }
}

pub(super) fn partner_of_row(partner: entity::partner::Model) -> KeyPartner {
    KeyPartner {
        binding: PartnerBinding {
            id: PartnerId::new(partner.id),
            organization: RecordId::new(partner.organization_id),
        },
        name: partner.name,
        active: partner.active,
    }
}

fn show_membership(partner: KeyPartner) -> Membership {
    Membership {
        id: partner.binding.id,
        name: partner.name,
        organization: PartnerOrganization {
            id: partner.binding.organization,
        },
    }
}
