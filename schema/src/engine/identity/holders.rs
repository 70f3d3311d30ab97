//! Those who hold a role, as callers that have that role alone.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::principals::{holder_of_row, partner_of_row};
use crate::{
    access::{Caller, PartnerBinding, Principal, Scopes},
    engine::Engine,
    error::Result,
    id::{KeyId, RoleId, TeamId, UserId},
    identity::{Holders, KeyHolder, KeyPartner},
    store::identity::UserRow,
};

/// The most holders of a role whose sight is looked at.
const MOST_HOLDERS: usize = 100;

/// What is asked of the database once for all roles.
pub(super) struct KnownHolders {
    keys: Vec<KeyHolder>,
    partners: BTreeMap<Uuid, KeyPartner>,
}

impl Engine {
    pub(super) async fn known_holders(&self) -> Result<KnownHolders> {
        let keys = self.store.live_keys().await?;
        let partners = self.store.all_partners().await?.into_iter();
        let now = self.clock.now();
        let keys = keys.into_iter().map(holder_of_row);
        Ok(KnownHolders {
            keys: keys.filter(|key| key.is_honoured(now)).collect(),
            partners: partners
                .map(|partner| (partner.id, partner_of_row(partner)))
                .collect(),
        })
    }

    /// Those who hold a role and are let in. Of many, some of each partner.
    pub(super) async fn holders_of(
        &self,
        known: &KnownHolders,
        role: RoleId,
    ) -> Result<(Holders, Vec<Caller>)> {
        let users = self.store.users_of_role(role.uuid()).await?;
        let users = users
            .into_iter()
            .filter_map(|row| self.user(known, role, &row));
        let users: Vec<Caller> = users.collect();
        let keys = known.keys.iter().filter(|key| key.roles.contains(&role));
        let keys: Vec<Caller> = keys.map(|key| self.key(role, key)).collect();
        let mut holders = Holders {
            users: users.len(),
            keys: keys.len(),
            counted: 0,
        };
        let mut callers = some_of_each([users, keys].concat());
        holders.counted = callers.len();
        if callers.is_empty() {
            callers.push(Caller {
                roles: [role].into(),
                ..Caller::anonymous(self.clock.now())
            });
        }
        Ok((holders, callers))
    }

    fn user(&self, known: &KnownHolders, role: RoleId, row: &UserRow) -> Option<Caller> {
        let partner: Option<PartnerBinding> = match row.user.partner_id {
            None => None,
            Some(id) => {
                let partner = known.partners.get(&id).filter(|partner| partner.active)?;
                Some(partner.binding)
            }
        };
        Some(Caller {
            principal: Principal::User(UserId::new(row.user.id)),
            roles: [role].into(),
            teams: row.teams.iter().copied().map(TeamId::new).collect(),
            partner,
            ..Caller::anonymous(self.clock.now())
        })
    }

    fn key(&self, role: RoleId, key: &KeyHolder) -> Caller {
        let id: KeyId = key.id;
        Caller {
            principal: Principal::Key(id),
            roles: [role].into(),
            teams: BTreeSet::new(),
            partner: key.partner.as_ref().map(|partner| partner.binding),
            scopes: key.scopes.as_ref().map(Scopes::from),
            ..Caller::anonymous(self.clock.now())
        }
    }
}

/// At most so many callers as are looked at, in turns from each partner, so that none is left out for the
/// sake of another one's many.
fn some_of_each(callers: Vec<Caller>) -> Vec<Caller> {
    let mut by_partner: BTreeMap<Option<Uuid>, Vec<Caller>> = BTreeMap::new();
    for caller in callers {
        let partner = caller.partner.map(|partner| partner.id.uuid());
        by_partner.entry(partner).or_default().push(caller);
    }
    let mut turns: Vec<(usize, Caller)> = by_partner
        .into_values()
        .flat_map(|own| own.into_iter().enumerate())
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    let callers = turns.into_iter().map(|(_, caller)| caller);
    callers.take(MOST_HOLDERS).collect()
}
