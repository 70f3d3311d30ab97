//! API keys: made once, shown once, revoked for good.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{find_roles, member, not_found, role_names};
use crate::{
    access::Caller,
    catalog::Catalog,
    engine::Engine,
    error::{Error, Fault, FaultCode, Result},
    id::{KeyId, PartnerId},
    identity::{
        CreatedKey, Key, KeyText, Listed, Listing, NewKey, StoredScope, check_label,
        faults_to_result, parse_scopes, permissions_of, scope_texts,
    },
    store::identity::AccessChange,
    value::instant_text,
};

impl Engine {
    /// One page of keys, oldest first, also those that are revoked or expired.
    pub async fn list_keys(&self, caller: &Caller, listing: Listing) -> Result<Listed<Key>> {
        self.manage_access(caller)?;
        let listed = self.store.list_keys(listing).await?;
        let shown = listed.items.into_iter().map(|row| self.show_key(row));
        Ok(Listed {
            items: shown.collect(),
            has_next: listed.has_next,
        })
    }

    /// One key.
    pub async fn load_key(&self, caller: &Caller, id: KeyId) -> Result<Key> {
        self.manage_access(caller)?;
        let found = self.store.find_key(id).await?;
        let row = found.ok_or_else(|| not_found("key", id))?;
        Ok(self.show_key(row.key))
    }

    /// Makes a key. The answer is the only place where its secret ever shows.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey> {
        self.manage_access(caller)?;
        let NewKey {
            name,
            partner,
            roles,
            scopes,
            expires_at,
        } = new;
        let now = self.clock.now();
        let mut faults: Vec<Fault> = check_label("name", &name).into_iter().collect();
        let expires_at = parse_expiry(expires_at.as_deref(), now, &mut faults);
        let change = self.store.change_access().await?;
        let catalog = self.catalog_in(&change).await?;
        let scopes = parse_key_scopes(&catalog, scopes.as_deref(), &mut faults);
        if roles.is_empty() {
            let message = "must name at least one role";
            faults.push(invalid("roles", FaultCode::Required, message));
        }
        faults_to_result(faults)?;

        let partner_id = find_partner(&change, partner.as_deref()).await?;
        let role_ids = find_key_roles(&change, &roles).await?;
        let text = KeyText::random();
        let row = entity::api_key::Model {
            id: self.ids.uuid(now),
            key_id: text.key_id().to_owned(),
            secret_hash: text.hash(),
            name,
            partner_id,
            user_id: None,
            role_ids: serde_json::json!(role_ids),
            scopes: scopes.map(|scopes| serde_json::json!(scopes)),
            expires_at,
            revoked_at: None,
            last_used_at: None,
            created_at: now,
            created_by: caller.actor(),
        };
        change.insert_key(row.clone()).await?;
        change.commit().await?;
        self.access_changed(caller, "key created", row.id).await;
        Ok(CreatedKey {
            key: self.show_key(row),
            secret: text.text(),
        })
    }

    /// Ends a key for good. Ending it again changes nothing.
    pub async fn revoke_key(&self, caller: &Caller, id: KeyId) -> Result<()> {
        self.manage_access(caller)?;
        let change = self.store.change_access().await?;
        let found = change.find_key(id).await?;
        let mut row = found.ok_or_else(|| not_found("key", id))?;
        if row.revoked_at.is_some() {
            return Ok(());
        }
        row.revoked_at = Some(self.clock.now());
        change.update_key(row).await?;
        change.commit().await?;
        self.access_changed(caller, "key revoked", id.uuid()).await;
        Ok(())
    }

    fn show_key(&self, row: entity::api_key::Model) -> Key {
        let state = self.state();
        let roles = BTreeSet::<Uuid>::deserialize(&row.role_ids).unwrap_or_default();
        let scopes = row.scopes.as_ref().filter(|scopes| !scopes.is_null());
        let scopes =
            scopes.map(|json| BTreeSet::<StoredScope>::deserialize(json).unwrap_or_default());
        Key {
            id: KeyId::new(row.id),
            key_id: row.key_id,
            name: row.name,
            partner: row.partner_id.map(PartnerId::new),
            roles: role_names(&state.access.roles, &roles),
            scopes: scopes.map(|scopes| scope_texts(&state.catalog, &scopes)),
            expires_at: row.expires_at.map(instant_text),
            revoked_at: row.revoked_at.map(instant_text),
            last_used_at: row.last_used_at.map(instant_text),
            created_at: instant_text(row.created_at),
        }
    }
}

fn parse_key_scopes(
    catalog: &Catalog,
    texts: Option<&[String]>,
    faults: &mut Vec<Fault>,
) -> Option<BTreeSet<StoredScope>> {
    match parse_scopes(catalog, texts?, &member("scopes")) {
        Ok(scopes) => Some(scopes),
        Err(found) => {
            faults.extend(found);
            None
        }
    }
}

fn parse_expiry(
    text: Option<&str>,
    now: OffsetDateTime,
    faults: &mut Vec<Fault>,
) -> Option<OffsetDateTime> {
    let message = match OffsetDateTime::parse(text?, &Rfc3339) {
        Ok(instant) if instant > now => return Some(instant.to_offset(time::UtcOffset::UTC)),
        Ok(_) => "must be in the future",
        Err(_) => "must be an instant such as \"2030-01-31T00:00:00Z\"",
    };
    faults.push(invalid("expiresAt", FaultCode::InvalidValue, message));
    None
}

/// The partner that a text names. One that is not active may get keys beforehand.
async fn find_partner(change: &AccessChange, text: Option<&str>) -> Result<Option<Uuid>> {
    let Some(text) = text else {
        return Ok(None);
    };
    if let Ok(id) = text.parse::<PartnerId>()
        && let Some(partner) = change.find_partner(id).await?
    {
        return Ok(Some(partner.id));
    }
    Err(Error::fault(
        member("partner"),
        FaultCode::ReferenceNotFound,
        format!("there is no partner {text:?}"),
    ))
}

/// The ids of the roles of a key. Keys are for records alone: whoever finds one must not be able to
/// make more of them.
async fn find_key_roles(change: &AccessChange, texts: &[String]) -> Result<BTreeSet<Uuid>> {
    let known = change.roles().await?;
    let roles = find_roles(&known, texts)?;
    let faults = roles.iter().enumerate().filter_map(|(at, role)| {
        let permissions = permissions_of(&role.permissions);
        (!permissions.is_empty()).then(|| Fault {
            place: member("roles").child(at),
            code: FaultCode::InvalidValue,
            message: format!(
                "the role {:?} has permissions beyond records, which keys never have",
                role.name
            ),
        })
    });
    faults_to_result(faults.collect())?;
    Ok(roles.iter().map(|role| role.id).collect())
}

fn invalid(name: &str, code: FaultCode, message: &str) -> Fault {
    Fault {
        place: member(name),
        code,
        message: message.to_owned(),
    }
}
