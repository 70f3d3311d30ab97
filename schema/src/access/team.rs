//! Teams: a tree of users. What a rule says of teams and of shared records is bound here.

use std::collections::{BTreeSet, HashMap};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::id::TeamId;

/// All teams, each with the one above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Teams(HashMap<TeamId, Option<TeamId>>);

impl FromIterator<(TeamId, Option<TeamId>)> for Teams {
    fn from_iter<I: IntoIterator<Item = (TeamId, Option<TeamId>)>>(teams: I) -> Self {
        Self(teams.into_iter().collect())
    }
}

impl Teams {
    /// These teams and all that lie below them.
    pub fn with_below(&self, of: &BTreeSet<TeamId>) -> BTreeSet<TeamId> {
        let below = self.0.keys().copied();
        below
            .filter(|team| self.upwards(*team).any(|above| of.contains(&above)))
            .collect()
    }

    /// These teams and all that lie above them.
    pub fn with_above(&self, of: &BTreeSet<TeamId>) -> BTreeSet<TeamId> {
        of.iter().flat_map(|team| self.upwards(*team)).collect()
    }

    /// A team and what lies above it, step by step. A circle, which no change can make, ends it too.
    fn upwards(&self, team: TeamId) -> impl Iterator<Item = TeamId> {
        let mut seen = BTreeSet::new();
        let known = self.0.contains_key(&team).then_some(team);
        std::iter::successors(known, move |team| {
            seen.insert(*team);
            let above = self.0.get(team).copied().flatten()?;
            (!seen.contains(&above)).then_some(above)
        })
    }
}

/// With whom the records are shared that a caller sees by it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grantees {
    /// The user, its teams with those above them, the partner: whichever there are.
    pub ids: Vec<Uuid>,
    /// The instant at which a share must still count.
    pub at: OffsetDateTime,
}

/// What a share lets its grantee do, as far as rules follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShareAccess {
    /// See the record.
    Read,
    /// See it and change it.
    Write,
}

impl ShareAccess {
    /// Each with its name.
    pub const ALL: &[(Self, &str)] = &[(Self::Read, "read"), (Self::Write, "write")];

    /// The one with this name.
    pub fn find(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, known)| *known == name).map(|(it, _)| *it)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// The record is shared with the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// For what at least.
    pub access: ShareAccess,
    /// With whom; `None` until the caller is put in.
    pub with: Option<Grantees>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(number: u128) -> TeamId {
        TeamId::new(Uuid::from_u128(number))
    }

    fn set(numbers: &[u128]) -> BTreeSet<TeamId> {
        numbers.iter().map(|number| team(*number)).collect()
    }

    #[test]
    fn a_tree_is_walked_both_ways_and_a_circle_ends() {
        // 1 above 2 and 3, 3 above 4; 8 and 9 above each other.
        let parents = [
            (1, None),
            (2, Some(1)),
            (3, Some(1)),
            (4, Some(3)),
            (8, Some(9)),
            (9, Some(8)),
        ];
        let teams: Teams = parents
            .into_iter()
            .map(|(id, above)| (team(id), above.map(team)))
            .collect();
        assert_eq!(teams.with_below(&set(&[1])), set(&[1, 2, 3, 4]));
        assert_eq!(teams.with_below(&set(&[3, 2])), set(&[2, 3, 4]));
        assert_eq!(teams.with_above(&set(&[4, 2])), set(&[1, 2, 3, 4]));
        assert_eq!(teams.with_above(&set(&[8])), set(&[8, 9]));
        assert_eq!(
            teams.with_below(&set(&[7])),
            set(&[]),
            "a team that is gone"
        );
        assert_eq!(teams.with_below(&set(&[])), set(&[]));
    }
}
