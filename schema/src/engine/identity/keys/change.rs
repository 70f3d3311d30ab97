//! Changes of a key. They hold for every request that begins after the answer.

use serde_json::json;
use time::OffsetDateTime;

use super::{Judged, Managing, held_roles, input, load_in};
use crate::{
    access::Caller,
    engine::{
        Engine,
        identity::{leads::end_secrets, parse_end},
    },
    error::{Error, Fault, Result},
    id::KeyId,
    identity::{AuditKind, AuditObject, Draft, Key, KeyChange, check_label, faults_to_result},
};

impl Engine {
    /// Changes a key that was not revoked.
    pub async fn update_key(&self, caller: &Caller, id: KeyId, wanted: KeyChange) -> Result<Key> {
        self.managing(caller)?;
        let KeyChange {
            name,
            roles,
            scopes,
            expires_at,
            allowed_ips,
            rate_class,
        } = wanted;
        let (
            change,
            Judged {
                managing,
                caller: judged,
            },
        ) = self.change_managed(caller).await?;
        let catalog = self.catalog_in(&change).await?;
        let mut row = load_in(&change, &managing, id).await?;
        managing.check_reaches(&held_roles(&row))?;
        if row.revoked_at.is_some() {
            let message = "the key was revoked and can't be changed; make a new one";
            return Err(Error::Conflict(message.to_owned()));
        }
        let former = row.clone();
        let before = self.show_key(caller, &Managing::Everything, row.clone());
        let mut faults: Vec<Fault> = Vec::new();
        if let Some(name) = name {
            faults.extend(check_label("name", &name));
            row.name = name;
        }
        faults.extend(roles.as_deref().and_then(input::check_roles));
        if let Some(texts) = scopes {
            let scopes = input::parse_scopes(
                &catalog,
                texts.as_deref(),
                &self.within(&judged, &managing),
                &mut faults,
            );
            row.scopes = scopes.map(|scopes| json!(scopes));
        }
        faults.extend(managing.refuse_rate_class(rate_class.as_deref()));
        let limits = (expires_at, allowed_ips, rate_class);
        put_limits(&mut row, limits, self.clock.now(), &mut faults);
        // What could not be parsed reads as no limit, and must not get further than here.
        faults_to_result(faults)?;
        if let Some(roles) = roles {
            row.role_ids = json!(input::find_roles(&change, &managing, &roles).await?);
        }
        if managing.key_outgrows_lead(&former, &row) {
            end_secrets(&mut row);
        }
        change.update_key(row.clone()).await?;
        let entry = Draft::of(caller, AuditKind::KeyChanged, (AuditObject::Key, id.uuid()));
        let after = self.show_key(caller, &Managing::Everything, row.clone());
        let entry = entry.before(&before).after(&after);
        self.commit_access(change, entry).await?;
        Ok(self.show_key(&judged, &managing, row))
    }
}

/// Until when a key works, from where it may be used and how much it may ask for, as far as it is sent.
type Limits = (
    Option<Option<String>>,
    Option<Option<Vec<String>>>,
    Option<String>,
);

fn put_limits(
    row: &mut entity::api_key::Model,
    (expires_at, allowed_ips, rate_class): Limits,
    now: OffsetDateTime,
    faults: &mut Vec<Fault>,
) {
    if let Some(text) = expires_at {
        row.expires_at = parse_end("expiresAt", text.as_deref(), now, faults);
    }
    if let Some(texts) = allowed_ips {
        let networks = input::parse_networks(texts.as_deref(), faults);
        row.allowed_ips = networks.map(|networks| json!(networks));
    }
    if let Some(name) = rate_class {
        let class = input::parse_rate_class(Some(&name), faults);
        class.name().clone_into(&mut row.rate_class);
    }
}
