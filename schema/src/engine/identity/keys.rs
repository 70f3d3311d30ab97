//! API keys: made, changed, given another secret, revoked for good. A secret shows once.

mod change;
mod input;
mod rotation;

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Judged, Managing, not_found, own_scopes::own_scopes, parse_end, role_names};
use crate::{
    access::{Caller, RateClass},
    engine::Engine,
    error::{Fault, Result},
    id::{KeyId, PartnerId},
    identity::{
        AuditKind, AuditObject, Draft, Key, KeyText, KeyWithSecret, Listed, Listing, Network,
        NewKey, StoredScope, check_label, faults_to_result, scope_texts,
    },
    store::identity::AccessChange,
    value::instant_text,
};

impl Engine {
    /// One page of keys, oldest first, also those that are revoked or expired; for somebody who manages a
    /// partner, those of that one.
    pub async fn list_keys(&self, caller: &Caller, listing: Listing) -> Result<Listed<Key>> {
        let managing = self.managing(caller)?;
        let listed = self.store.list_keys(listing, managing.only()).await?;
        let rows = listed.items.into_iter();
        let shown = rows.map(|row| self.show_key(caller, &managing, row));
        Ok(Listed {
            items: shown.collect(),
            has_next: listed.has_next,
        })
    }

    /// One key.
    pub async fn load_key(&self, caller: &Caller, id: KeyId) -> Result<Key> {
        let managing = self.managing(caller)?;
        let found = self.store.find_key(id).await?;
        let seen = found.filter(|row| managing.sees(row.key.partner_id));
        let row = seen.ok_or_else(|| not_found("key", id))?;
        Ok(self.show_key(caller, &managing, row.key))
    }

    /// Makes a key. The answer is the only place where its secret ever shows.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<KeyWithSecret> {
        let managing = self.managing(caller)?;
        let NewKey {
            name,
            partner,
            roles,
            scopes,
            expires_at,
            allowed_ips,
            rate_class,
        } = new;
        let now = self.clock.now();
        let mut faults: Vec<Fault> = check_label("name", &name).into_iter().collect();
        let expires_at = parse_end("expiresAt", expires_at.as_deref(), now, &mut faults);
        let allowed_ips = input::parse_networks(allowed_ips.as_deref(), &mut faults);
        faults.extend(managing.refuse_rate_class(rate_class.as_deref()));
        let rate_class = input::parse_rate_class(rate_class.as_deref(), &mut faults);
        let (
            change,
            Judged {
                managing,
                caller: judged,
            },
        ) = self.change_managed(caller).await?;
        let catalog = self.catalog_in(&change).await?;
        let scopes = input::parse_scopes(
            &catalog,
            scopes.as_deref(),
            &self.within(&judged, &managing),
            &mut faults,
        );
        faults.extend(input::check_roles(&roles));
        faults_to_result(faults)?;

        let partner_id = managing.partner_of_new(&change, partner.as_deref()).await?;
        managing.check_room_for_key(&change, now).await?;
        let role_ids = input::find_roles(&change, &managing, &roles).await?;
        let text = KeyText::random();
        let row = entity::api_key::Model {
            name,
            partner_id,
            role_ids: json!(role_ids),
            scopes: scopes.map(|scopes| json!(scopes)),
            allowed_ips: allowed_ips.map(|networks| json!(networks)),
            rate_class: rate_class.name().to_owned(),
            expires_at,
            known_to_lead: managing.is_of_lead(),
            created_by: caller.actor(),
            ..new_row(self.ids.uuid(now), &text, now)
        };
        change.insert_key(row.clone()).await?;
        let object = (AuditObject::Key, row.id);
        let entry = Draft::of(caller, AuditKind::KeyCreated, object);
        let entry = entry.after(&self.show_key(caller, &Managing::Everything, row.clone()));
        self.commit_access(change, entry).await?;
        Ok(KeyWithSecret {
            key: self.show_key(&judged, &managing, row),
            secret: text.text(),
        })
    }

    /// Ends a key for good. Ending it again changes nothing.
    pub async fn revoke_key(&self, caller: &Caller, id: KeyId) -> Result<()> {
        let (change, Judged { managing, .. }) = self.change_managed(caller).await?;
        let mut row = load_in(&change, &managing, id).await?;
        if row.revoked_at.is_some() {
            return Ok(());
        }
        let before = self.show_key(caller, &Managing::Everything, row.clone());
        row.revoked_at = Some(self.clock.now());
        (row.old_secret_hash, row.old_secret_until) = (None, None);
        change.update_key(row.clone()).await?;
        let entry = Draft::of(caller, AuditKind::KeyRevoked, (AuditObject::Key, id.uuid()));
        let entry = entry
            .before(&before)
            .after(&self.show_key(caller, &Managing::Everything, row));
        self.commit_access(change, entry).await
    }

    /// What the scopes of a key may name, when it is this caller who makes or changes it.
    fn within<'a>(&self, caller: &'a Caller, managing: &Managing) -> input::Within<'a> {
        match managing {
            Managing::Everything => input::Within::Everything,
            Managing::Partner { .. } => input::Within::Rights(self.state(), caller),
        }
    }

    /// A key as somebody who manages it may know it: of what an administrator gave to the key, it tells
    /// a partner no roles, types and fields beyond his own.
    fn show_key(&self, caller: &Caller, managing: &Managing, row: entity::api_key::Model) -> Key {
        let (state, now) = (self.state(), self.clock.now());
        let old_secret_until = row.old_secret_until.filter(|until| now < *until);
        let mut roles = held_roles(&row);
        roles.retain(|role| managing.may_give(*role));
        let scopes = row.scopes.as_ref().filter(|scopes| !scopes.is_null());
        let scopes =
            scopes.map(|json| BTreeSet::<StoredScope>::deserialize(json).unwrap_or_default());
        let scopes = scopes.map(|scopes| match managing {
            Managing::Everything => scopes,
            Managing::Partner { .. } => own_scopes(&state, caller, &scopes),
        });
        Key {
            id: KeyId::new(row.id),
            key_id: row.key_id,
            name: row.name,
            partner: row.partner_id.map(PartnerId::new),
            roles: role_names(&state.access.roles, &roles),
            scopes: scopes.map(|scopes| scope_texts(&state.catalog, &scopes)),
            expires_at: row.expires_at.map(instant_text),
            allowed_ips: stored_networks(row.allowed_ips.as_ref()),
            rate_class: stored_rate_class(&row.rate_class),
            has_secret: !row.secret_hash.is_empty(),
            old_secret_until: old_secret_until.map(instant_text),
            revoked_at: row.revoked_at.map(instant_text),
            last_used_at: row.last_used_at.map(instant_text),
            created_at: instant_text(row.created_at),
        }
    }
}

/// The row of a new key, with nothing but its secret.
fn new_row(id: Uuid, text: &KeyText, now: OffsetDateTime) -> entity::api_key::Model {
    entity::api_key::Model {
        id,
        key_id: text.key_id().to_owned(),
        secret_hash: text.hash(),
        old_secret_hash: None,
        old_secret_until: None,
        name: String::new(),
        partner_id: None,
        user_id: None,
        role_ids: json!([]),
        scopes: None,
        allowed_ips: None,
        rate_class: String::new(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        known_to_lead: false,
        created_at: now,
        created_by: None,
    }
}

/// The roles that a key holds itself.
pub(super) fn held_roles(row: &entity::api_key::Model) -> BTreeSet<Uuid> {
    BTreeSet::deserialize(&row.role_ids).unwrap_or_default()
}

/// A key as the change of access sees it, if it is one of those that are managed.
async fn load_in(
    change: &AccessChange,
    managing: &Managing,
    id: KeyId,
) -> Result<entity::api_key::Model> {
    let found = change.find_key(id).await?;
    let seen = found.filter(|row| managing.sees(row.partner_id));
    seen.ok_or_else(|| not_found("key", id))
}

/// The networks of a row; `None` is everywhere. What can't be read is no address.
pub(super) fn stored_networks(json: Option<&Json>) -> Option<Vec<Network>> {
    let json = json.filter(|json| !json.is_null())?;
    let texts = json.as_array().into_iter().flatten();
    let networks = texts.filter_map(|text| text.as_str()?.parse().ok());
    Some(networks.collect())
}

/// The rate class of a row. A name that this version does not know is that of a later one; it must not
/// be without a limit here.
pub(super) fn stored_rate_class(name: &str) -> RateClass {
    RateClass::find(name).unwrap_or_default()
}
