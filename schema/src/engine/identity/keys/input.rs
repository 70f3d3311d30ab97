//! What admins send of a key, parsed; each fault with its place.

use std::collections::BTreeSet;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    catalog::Catalog,
    engine::identity::{self as engine, member},
    error::{Error, Fault, FaultCode, Result},
    id::PartnerId,
    identity::{self, Network, StoredScope, faults_to_result, permissions_of},
    store::identity::AccessChange,
};

/// The most entries of a list of addresses.
const MOST_NETWORKS: usize = 100;

const ALLOWED_IPS: &str = "allowedIps";

/// The scopes that the texts name. With none, a key is not narrowed.
pub(super) fn parse_scopes(
    catalog: &Catalog,
    texts: Option<&[String]>,
    faults: &mut Vec<Fault>,
) -> Option<BTreeSet<StoredScope>> {
    match identity::parse_scopes(catalog, texts?, &member("scopes")) {
        Ok(scopes) => Some(scopes),
        Err(found) => {
            faults.extend(found);
            None
        }
    }
}

/// From when on a key is refused.
pub(super) fn parse_expiry(
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

/// The addresses that a key may be used from.
pub(super) fn parse_networks(
    texts: Option<&[String]>,
    faults: &mut Vec<Fault>,
) -> Option<Vec<Network>> {
    let texts = texts?;
    let mut refuse = |place, message| {
        faults.push(Fault {
            place,
            code: FaultCode::InvalidValue,
            message,
        });
    };
    if texts.is_empty() || texts.len() > MOST_NETWORKS {
        let message =
            format!("must have 1 to {MOST_NETWORKS} entries; leave it out to allow every address");
        refuse(member(ALLOWED_IPS), message);
    }
    let mut networks = Vec::with_capacity(texts.len().min(MOST_NETWORKS));
    for (at, text) in texts.iter().enumerate().take(MOST_NETWORKS) {
        match text.parse() {
            Ok(network) => networks.push(network),
            Err(message) => refuse(member(ALLOWED_IPS).child(at), message),
        }
    }
    Some(networks)
}

/// Refuses an empty list: such a key could do nothing.
pub(super) fn check_roles(roles: &[String]) -> Option<Fault> {
    let message = "must name at least one role";
    let fault = || invalid("roles", FaultCode::Required, message);
    roles.is_empty().then(fault)
}

/// The partner that a text names. One that is not active may get keys beforehand.
pub(super) async fn find_partner(
    change: &AccessChange,
    text: Option<&str>,
) -> Result<Option<Uuid>> {
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
pub(super) async fn find_roles(change: &AccessChange, texts: &[String]) -> Result<BTreeSet<Uuid>> {
    let known = change.roles().await?;
    let roles = engine::find_roles(&known, texts)?;
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
