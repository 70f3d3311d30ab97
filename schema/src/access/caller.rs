//! The caller: principal, roles, partner and key scopes of one request.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    access::{Action, FieldScope, Grantees, Operand, RateClass, Teams},
    id::{FieldId, KeyId, PartnerId, RecordId, RoleId, SessionId, TeamId, UserId},
    value::Value,
};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Nobody is signed in.
    Anonymous,
    /// A person.
    User(UserId),
    /// An API key.
    Key(KeyId),
    /// The system itself, for a reason that stands in the log.
    System {
        /// Why, for the log and the event.
        reason: &'static str,
    },
}

/// Principal, roles, partner and scopes of one request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub principal: Principal,
    /// The roles, without repetitions.
    pub roles: BTreeSet<RoleId>,
    /// The teams that a user is in.
    pub teams: BTreeSet<TeamId>,
    /// The partner that the principal works for.
    pub partner: Option<PartnerBinding>,
    /// What a key narrows its roles to; `None` narrows nothing.
    pub scopes: Option<Scopes>,
    /// How much it may ask for in a time. It decides nothing about what it may see.
    pub rate_class: RateClass,
    /// The instant of the request.
    pub now: OffsetDateTime,
    /// Where the request came from. It is for the audit log and decides nothing.
    pub origin: Origin,
}

/// Where a request came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The address, as far as somebody tells it who can be trusted.
    pub address: Option<IpAddr>,
    /// The session of a user.
    pub session: Option<SessionId>,
}

/// A partner and the organization that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartnerBinding {
    /// The partner.
    pub id: PartnerId,
    /// Its organization, the value of `$partner.id`.
    pub organization: RecordId,
}

/// The scopes of a key, each `data:<object>:<action>`; `*` stands for every object or action. Several add
/// up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Scopes(pub BTreeSet<Scope>);

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The id of an object or relation type; `None` for every one.
    pub subject: Option<uuid::Uuid>,
    /// The action; `None` for every one.
    pub action: Option<Action>,
    /// The fields that it names; `None` for every one, also those that come later.
    pub fields: Option<BTreeSet<FieldId>>,
}

impl Scopes {
    /// The fields that the scopes leave for this action on this subject; `None` when they leave nothing
    /// of it.
    pub fn fields(&self, subject: uuid::Uuid, action: Action) -> Option<FieldScope> {
        let on_it = self.0.iter().filter(|scope| scope.is_on(subject, action));
        on_it
            .map(|scope| match &scope.fields {
                None => FieldScope::All,
                Some(fields) => FieldScope::Only(fields.clone()),
            })
            .reduce(|one, other| one.or(&other))
    }
}

impl Scope {
    fn is_on(&self, subject: uuid::Uuid, action: Action) -> bool {
        self.subject.is_none_or(|named| named == subject)
            && self.action.is_none_or(|named| named == action)
    }
}

impl Caller {
    /// Nobody.
    pub fn anonymous(now: OffsetDateTime) -> Self {
        Self {
            principal: Principal::Anonymous,
            roles: BTreeSet::new(),
            teams: BTreeSet::new(),
            partner: None,
            scopes: None,
            rate_class: RateClass::default(),
            now,
            origin: Origin::default(),
        }
    }

    /// The system, which passes the same checker with every right.
    pub fn system(reason: &'static str, now: OffsetDateTime) -> Self {
        Self {
            principal: Principal::System { reason },
            ..Self::anonymous(now)
        }
    }

    /// Whether this is the system.
    pub fn is_system(&self) -> bool {
        matches!(self.principal, Principal::System { .. })
    }

    /// The id that is written as the actor, if the principal has one.
    pub fn actor(&self) -> Option<uuid::Uuid> {
        match self.principal {
            Principal::User(id) => Some(id.uuid()),
            Principal::Key(id) => Some(id.uuid()),
            Principal::Anonymous | Principal::System { .. } => None,
        }
    }

    /// The kind of actor as it is written into events.
    pub fn actor_kind(&self) -> &'static str {
        match self.principal {
            Principal::Anonymous => "anonymous",
            Principal::User(_) => "user",
            Principal::Key(_) => "key",
            Principal::System { .. } => "system",
        }
    }

    /// The kind of actor with this name, as events keep it.
    pub(crate) fn actor_kind_named(name: &str) -> &'static str {
        let known = ["user", "key", "anonymous"];
        let found = known.into_iter().find(|kind| *kind == name);
        found.unwrap_or("system")
    }

    /// The variables that conditions may use.
    pub fn variables(&self, teams: &Teams) -> Variables {
        let mut values = BTreeMap::new();
        let mut lists = BTreeMap::new();
        match self.principal {
            Principal::User(id) => {
                values.insert(Variable::UserId, Value::Uuid(id.uuid()));
                lists.insert(Variable::UserTeams, self.teams.clone());
                lists.insert(Variable::UserTeamTree, teams.with_below(&self.teams));
            }
            Principal::Key(id) => {
                values.insert(Variable::KeyId, Value::Uuid(id.uuid()));
            }
            Principal::Anonymous | Principal::System { .. } => {}
        }
        if let Some(partner) = self.partner {
            values.insert(
                Variable::PartnerId,
                Value::Uuid(partner.organization.uuid()),
            );
        }
        values.insert(Variable::Now, Value::Instant(self.now));
        values.insert(Variable::Today, Value::Date(self.now.date()));
        Variables {
            values,
            lists,
            grantees: self.grantees(teams),
        }
    }

    /// With whom a record is shared that is shared with the caller. A share with a team is for its
    /// members and for those of the teams below it.
    fn grantees(&self, teams: &Teams) -> Grantees {
        let user = match self.principal {
            Principal::User(id) => Some(id.uuid()),
            Principal::Key(_) | Principal::Anonymous | Principal::System { .. } => None,
        };
        let teams = teams.with_above(&self.teams).into_iter();
        let partner = self.partner.map(|partner| partner.id.uuid());
        Grantees {
            ids: user
                .into_iter()
                .chain(teams.map(TeamId::uuid))
                .chain(partner)
                .collect(),
            at: self.now,
        }
    }
}

/// A variable of rule conditions and presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Variable {
    /// The user who is signed in.
    #[serde(rename = "$user.id")]
    UserId,
    /// The teams that the user is in.
    #[serde(rename = "$user.teams")]
    UserTeams,
    /// These teams and all below them.
    #[serde(rename = "$user.teamTree")]
    UserTeamTree,
    /// The key that is used.
    #[serde(rename = "$key.id")]
    KeyId,
    /// The organization of the partner.
    #[serde(rename = "$partner.id")]
    PartnerId,
    /// The instant of the request.
    #[serde(rename = "$now")]
    Now,
    /// The day of the request, UTC.
    #[serde(rename = "$today")]
    Today,
}

impl Variable {
    /// Every variable with its name.
    pub const ALL: &[(Self, &str)] = &[
        (Self::UserId, "$user.id"),
        (Self::UserTeams, "$user.teams"),
        (Self::UserTeamTree, "$user.teamTree"),
        (Self::KeyId, "$key.id"),
        (Self::PartnerId, "$partner.id"),
        (Self::Now, "$now"),
        (Self::Today, "$today"),
    ];

    /// The variable with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(variable, _)| *variable)
    }

    /// Whether it is a list of teams, and so stands for the users in them.
    pub fn is_of_teams(self) -> bool {
        matches!(self, Self::UserTeams | Self::UserTeamTree)
    }
}

/// The values of the variables of one caller.
#[derive(Clone, Debug)]
pub struct Variables {
    values: BTreeMap<Variable, Value>,
    lists: BTreeMap<Variable, BTreeSet<TeamId>>,
    grantees: Grantees,
}

impl Variables {
    /// The value of a variable, if the caller has it.
    pub fn find(&self, variable: Variable) -> Option<&Value> {
        self.values.get(&variable)
    }

    /// The operand that a variable stands for, if the caller has it. Nobody is in no team: that is an
    /// empty list, and a value that is there.
    pub(crate) fn operand(&self, variable: Variable) -> Option<Operand> {
        if !variable.is_of_teams() {
            return self.find(variable).cloned().map(Operand::Value);
        }
        let teams = self.lists.get(&variable)?.iter();
        Some(Operand::MembersOf(teams.map(|team| team.uuid()).collect()))
    }

    /// The same when those shares alone are left that last until then.
    pub(crate) fn with_shares_until(mut self, until: OffsetDateTime) -> Self {
        self.grantees.at = until;
        self
    }

    /// With whom the records are shared that the caller sees by that.
    pub(crate) fn grantees(&self) -> &Grantees {
        &self.grantees
    }
}
