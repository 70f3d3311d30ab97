//! Whose access somebody manages: that of all, or that of the own partner as far as the own roles reach.

use std::{collections::BTreeSet, sync::Arc};

use uuid::Uuid;

use super::{
    find_role, member, not_found,
    principals::{partner_of_row, unauthenticated},
    teams::find_teams,
};
use crate::{
    access::{Caller, PartnerBinding, Permission, Principal},
    engine::Engine,
    error::{Error, Fault, FaultCode, Result},
    id::{PartnerId, RoleId, TeamId, UserId},
    identity::{AccessRows, Inheritance, faults_to_result},
    store::identity::{AccessChange, RoleHolders, UserRow},
};

/// Whose access somebody manages.
#[derive(Debug)]
pub(super) enum Managing {
    /// That of all.
    Everything,
    /// That of the users and keys of one partner.
    Partner {
        partner: PartnerBinding,
        /// The own roles with what they inherit: nobody gives more than he has.
        roles: BTreeSet<Uuid>,
    },
}

/// What somebody manages, as it was judged inside a change of access.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) managing: Managing,
    /// The caller as it stands there.
    pub(super) caller: Caller,
}

impl Engine {
    /// Whose access the caller manages; refuses one who manages none.
    pub(super) fn managing(&self, caller: &Caller) -> Result<Managing> {
        let Err(refused) = self.permit(caller, Permission::ManageAccess) else {
            return Ok(Managing::Everything);
        };
        let Some(partner) = caller.partner else {
            return Err(refused);
        };
        self.permit(caller, Permission::ManagePartnerAccess)?;
        let held = caller.roles.iter().map(|role| role.uuid());
        Ok(Managing::Partner {
            partner,
            roles: Inheritance::of(&self.state().access.roles).with_inherited(held),
        })
    }

    /// Begins a change of what those with `manageAccess` manage alone. The right is judged as it is in the
    /// change, see [`Self::change_managed`].
    pub(super) async fn change_all(&self, caller: &Caller) -> Result<AccessChange> {
        self.manage_access(caller)?;
        let change = self.store.change_access().await?;
        let now = self.caller_in(&change, caller).await?;
        self.manage_access(&now)?;
        Ok(change)
    }

    /// Begins a change of users or keys. Whose they may be is judged as it is in the change, which no other
    /// one runs beside: between the beginning of a request and here, its body may have taken its time, or
    /// others their turn, and what the caller had then it may have lost.
    pub(super) async fn change_managed(&self, caller: &Caller) -> Result<(AccessChange, Judged)> {
        self.managing(caller)?;
        let change = self.store.change_access().await?;
        let caller = self.caller_in(&change, caller).await?;
        let managing = self.managing(&caller)?;
        Ok((change, Judged { managing, caller }))
    }

    /// The caller as it stands in a change of access, with the policy of that instant in force.
    async fn caller_in(&self, change: &AccessChange, caller: &Caller) -> Result<Caller> {
        let version = change.version().await? - 1;
        if version > self.state().access.version {
            // By the connection of the change: whoever waits for the change may hold all others.
            let access = AccessRows {
                version,
                roles: change.roles().await?,
                rules: change.rules().await?,
                teams: change.teams().await?,
            };
            self.principals.forget();
            self.current.put_access(Arc::new(access));
        }
        // Only people manage access: the permission is refused to all others, whatever became of them.
        let Principal::User(id) = caller.principal else {
            return Ok(caller.clone());
        };
        let found = change.read_user(id).await?;
        let row = found.filter(|row| row.user.active);
        let row = row.ok_or_else(unauthenticated)?;
        let partner = match row.user.partner_id.map(PartnerId::new) {
            None => None,
            Some(id) => {
                let found = change.find_partner(id).await?;
                let active = found.filter(|partner| partner.active);
                Some(partner_of_row(active.ok_or_else(unauthenticated)?).binding)
            }
        };
        if let Some(session) = caller.origin.session
            && !change.session_is_open(session, id).await?
        {
            return Err(unauthenticated());
        }
        Ok(Caller {
            roles: row.roles.into_iter().map(RoleId::new).collect(),
            teams: row.teams.into_iter().map(TeamId::new).collect(),
            partner,
            ..caller.clone()
        })
    }

    /// Refuses whoever does not manage the access of all.
    pub fn check_manages_all(&self, caller: &Caller) -> Result<()> {
        self.manage_access(caller).map(drop)
    }

    /// Refuses whoever manages nobody's users and keys.
    pub fn check_manages_users(&self, caller: &Caller) -> Result<()> {
        self.managing(caller).map(drop)
    }
}

impl Managing {
    /// The partner to which all is bound that somebody who manages so sees.
    pub(super) fn only(&self) -> Option<PartnerId> {
        match self {
            Self::Everything => None,
            Self::Partner { partner, .. } => Some(partner.id),
        }
    }

    /// Whether users and keys of this partner are among those that are managed. `None` stands for those
    /// of the company itself.
    pub(super) fn sees(&self, partner: Option<Uuid>) -> bool {
        match self {
            Self::Everything => true,
            Self::Partner { partner: own, .. } => partner == Some(own.id.uuid()),
        }
    }

    /// The partner of something new: the one that the text names, or the own one.
    pub(super) async fn partner_of_new(
        &self,
        change: &AccessChange,
        text: Option<&str>,
    ) -> Result<Option<Uuid>> {
        let own = self.only().map(PartnerId::uuid);
        let Some(text) = text else {
            return Ok(own);
        };
        if let Ok(id) = text.parse::<PartnerId>()
            && self.sees(Some(id.uuid()))
            && change.find_partner(id).await?.is_some()
        {
            return Ok(Some(id.uuid()));
        }
        Err(Error::fault(
            member("partner"),
            FaultCode::ReferenceNotFound,
            format!("there is no partner {text:?}"),
        ))
    }

    /// The roles that the texts name, each of which may be given.
    pub(super) fn roles_to_give<'a>(
        &self,
        known: &'a [entity::role::Model],
        texts: &[String],
    ) -> Result<Vec<&'a entity::role::Model>> {
        let mut roles = Vec::with_capacity(texts.len());
        let mut faults = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            match find_role(known, text).filter(|role| self.may_give(role.id)) {
                Some(role) => roles.push(role),
                None => faults.push(Fault {
                    place: member("roles").child(at),
                    code: FaultCode::ReferenceNotFound,
                    message: format!("there is no role {text:?}"),
                }),
            }
        }
        faults_to_result(faults)?;
        Ok(roles)
    }

    /// The teams that the texts name. They are the company's own: who manages a partner gives none.
    pub(super) async fn teams_to_give(
        &self,
        change: &AccessChange,
        texts: &[String],
    ) -> Result<BTreeSet<Uuid>> {
        match self {
            Self::Everything => find_teams(&change.teams().await?, texts),
            Self::Partner { .. } => find_teams(&[], texts),
        }
    }

    /// How much a key may ask for is for those who manage all to say.
    pub(super) fn refuse_rate_class(&self, name: Option<&str>) -> Option<Fault> {
        match (self, name) {
            (Self::Partner { .. }, Some(_)) => Some(Fault {
                place: member("rateClass"),
                code: FaultCode::InvalidValue,
                message: "is set by an administrator; leave it out".to_owned(),
            }),
            (Self::Partner { .. } | Self::Everything, _) => None,
        }
    }

    /// Refuses a change of a user who has more than the own roles: who could set its password would have
    /// what it has. Teams are the company's own, so who is in one has more than any lead.
    pub(super) fn check_reaches_user(&self, row: &UserRow) -> Result<()> {
        self.check_reaches(&row.roles)?;
        match self {
            Self::Partner { .. } if !row.teams.is_empty() => Err(beyond()),
            Self::Partner { .. } | Self::Everything => Ok(()),
        }
    }

    /// Refuses to change a user so: one who has more, or the teams, which are for those who manage all.
    pub(super) fn check_change(&self, row: &UserRow, teams: Option<&[String]>) -> Result<()> {
        self.check_reaches_user(row)?;
        self.refuse_teams(teams)
    }

    fn refuse_teams(&self, teams: Option<&[String]>) -> Result<()> {
        match (self, teams) {
            (Self::Partner { .. }, Some([])) => Err(Error::fault(
                member("teams"),
                FaultCode::InvalidValue,
                "are given by an administrator; leave them out",
            )),
            (Self::Partner { .. } | Self::Everything, _) => Ok(()),
        }
    }

    /// Refuses a change of a holder whose roles go beyond the own ones: who could change it, a password
    /// or a secret, would have what it has.
    pub(super) fn check_reaches(&self, held: &BTreeSet<Uuid>) -> Result<()> {
        if held.iter().all(|role| self.may_give(*role)) {
            return Ok(());
        }
        Err(beyond())
    }
}

/// A user as the change of access sees it, if it is one of those that are managed.
pub(super) async fn load_user_in(
    change: &AccessChange,
    managing: &Managing,
    id: UserId,
) -> Result<UserRow> {
    let found = change.find_user(id).await?;
    let seen = found.filter(|row| managing.sees(row.user.partner_id));
    seen.ok_or_else(|| not_found("user", id))
}

fn beyond() -> Error {
    Error::Forbidden("it has rights beyond yours; ask an administrator".to_owned())
}

/// What the people of partners may have beyond records. Keys have none of it.
const OF_PARTNERS: &[Permission] = &[Permission::ManagePartnerAccess];

/// Who holds a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// A key: it is for records alone, so that whoever finds one can't make more of them.
    Key,
    /// A user of a partner.
    OfPartner,
}

impl Holder {
    fn may_have(self, permission: Permission) -> bool {
        self == Self::OfPartner && OF_PARTNERS.contains(&permission)
    }
}

/// Refuses roles with permissions that such a holder never has, each at its place.
pub(super) fn check_permissions(
    known: &[entity::role::Model],
    roles: &[&entity::role::Model],
    holder: Holder,
) -> Result<()> {
    let inheritance = Inheritance::of(known);
    let faults = roles.iter().enumerate().filter_map(|(at, role)| {
        let permissions = inheritance.permissions(role.id);
        let mut beyond = permissions.iter().filter(|it| !holder.may_have(**it));
        beyond.next().map(|_| Fault {
            place: member("roles").child(at),
            code: FaultCode::InvalidValue,
            message: format!(
                "the role {:?} has permissions beyond records, which {} never have",
                role.name,
                match holder {
                    Holder::Key => "keys",
                    Holder::OfPartner => "users of partners",
                }
            ),
        })
    });
    faults_to_result(faults.collect())
}

/// Refuses a change of roles by which a key or a user of a partner would have what such never have.
pub(super) fn check_permissions_of_holders(
    holders: &RoleHolders,
    known: &[entity::role::Model],
) -> Result<()> {
    let inheritance = Inheritance::of(known);
    let has_more = |role: Uuid, holder: Holder| {
        let permissions = inheritance.permissions(role);
        permissions.iter().any(|it| !holder.may_have(*it))
    };
    let mut of_keys = known.iter().filter(|role| holders.keys_of(role.id) > 0);
    if of_keys.any(|role| has_more(role.id, Holder::Key)) {
        let message = "API keys hold this role, and keys never have permissions beyond records";
        return Err(Error::Conflict(message.to_owned()));
    }
    let of_partners = known.iter().filter(|role| holders.of_partners(role.id));
    let mut of_partners = of_partners.map(|role| role.id);
    if of_partners.any(|role| has_more(role, Holder::OfPartner)) {
        let message = "users of partners hold this role, and they never have permissions beyond their partner";
        return Err(Error::Conflict(message.to_owned()));
    }
    Ok(())
}
