//! What admins send of a key, parsed; each fault with its place.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    access::{Caller, RateClass},
    catalog::Catalog,
    engine::{
        identity::{Holder, Managing, check_permissions, member, own_scopes::own_scopes},
        state::State,
    },
    error::{Fault, FaultCode, Result},
    identity::{self, Network, StoredScope},
    store::identity::AccessChange,
};

/// The most entries of a list of addresses.
const MOST_NETWORKS: usize = 100;

const ALLOWED_IPS: &str = "allowedIps";

/// The scopes that the texts name. With none, a key is not narrowed.
pub(super) fn parse_scopes(
    catalog: &Catalog,
    texts: Option<&[String]>,
    within: &Within<'_>,
    faults: &mut Vec<Fault>,
) -> Option<BTreeSet<StoredScope>> {
    let texts = texts?;
    let parsed = match within {
        Within::Everything => identity::parse_scopes(catalog, texts, &member("scopes")),
        Within::Rights(state, caller) => parse_within(state, caller, texts),
    };
    match parsed {
        Ok(scopes) => Some(scopes),
        Err(found) => {
            faults.extend(found);
            None
        }
    }
}

/// What scopes may name.
pub(super) enum Within<'a> {
    /// All types and fields.
    Everything,
    /// What the roles of this caller grant: of anything else it must not learn that it exists.
    Rights(State, &'a Caller),
}

fn parse_within(
    state: &State,
    caller: &Caller,
    texts: &[String],
) -> Result<BTreeSet<StoredScope>, Vec<Fault>> {
    let mut scopes = BTreeSet::new();
    let mut faults = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let place = member("scopes");
        let parsed = identity::parse_scopes(&state.catalog, std::slice::from_ref(text), &place);
        let known = parsed
            .ok()
            .filter(|parsed| own_scopes(state, caller, parsed) == *parsed);
        match known {
            Some(parsed) => scopes.extend(parsed),
            None => faults.push(Fault {
                place: place.child(at),
                code: FaultCode::InvalidValue,
                message: format!(
                    "{text:?} is no scope of what your roles grant; write data:<object>:<action>, data:<object>:<action>(<fields>), or changes:read"
                ),
            }),
        }
    }
    if faults.is_empty() {
        Ok(scopes)
    } else {
        Err(faults)
    }
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

/// The rate class with this name, the usual one without a name.
pub(super) fn parse_rate_class(name: Option<&str>, faults: &mut Vec<Fault>) -> RateClass {
    let Some(name) = name else {
        return RateClass::default();
    };
    if let Some(class) = RateClass::find(name) {
        return class;
    }
    let known: Vec<&str> = RateClass::ALL.iter().map(|class| class.name()).collect();
    let message = format!("must be one of {}", known.join(", "));
    faults.push(invalid("rateClass", FaultCode::InvalidValue, &message));
    RateClass::default()
}

/// Refuses an empty list: such a key could do nothing.
pub(super) fn check_roles(roles: &[String]) -> Option<Fault> {
    let message = "must name at least one role";
    let fault = || invalid("roles", FaultCode::Required, message);
    roles.is_empty().then(fault)
}

/// The ids of the roles of a key, each of which may be given.
pub(super) async fn find_roles(
    change: &AccessChange,
    managing: &Managing,
    texts: &[String],
) -> Result<BTreeSet<Uuid>> {
    let known = change.roles().await?;
    let roles = managing.roles_to_give(&known, texts)?;
    check_permissions(&known, &roles, Holder::Key)?;
    Ok(roles.iter().map(|role| role.id).collect())
}

fn invalid(name: &str, code: FaultCode, message: &str) -> Fault {
    Fault {
        place: member(name),
        code,
        message: message.to_owned(),
    }
}
