//! Teams: a tree that users are put into. Rules name the own teams by `$user.teams` and `$user.teamTree`.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{member, not_found, shares::told};
use crate::{
    access::{Caller, Teams},
    engine::Engine,
    error::{Error, Fault, FaultCode, Result},
    id::TeamId,
    identity::{
        AuditKind, AuditObject, Draft, NewTeam, Team, TeamChange, check_label, faults_to_result,
    },
    value::instant_text,
};

impl Engine {
    /// All teams, oldest first.
    pub fn list_teams(&self, caller: &Caller) -> Result<Vec<Team>> {
        self.manage_access(caller)?;
        Ok(self.state().access.teams.iter().map(show_team).collect())
    }

    /// One team, by its name or id.
    pub fn load_team(&self, caller: &Caller, team: &str) -> Result<Team> {
        self.manage_access(caller)?;
        let state = self.state();
        let found = find_team(&state.access.teams, team);
        found.map(show_team).ok_or_else(|| not_found("team", team))
    }

    /// Creates a team without members.
    pub async fn create_team(&self, caller: &Caller, new: NewTeam) -> Result<Team> {
        self.manage_access(caller)?;
        let NewTeam { name, parent } = new;
        faults_to_result(check_label("name", &name).into_iter().collect())?;
        let now = self.clock.now();
        let change = self.change_all(caller).await?;
        let known = change.teams().await?;
        let row = entity::team::Model {
            id: self.ids.uuid(now),
            name,
            parent_id: parent_of(&known, parent.as_deref(), None)?,
            created_at: now,
            updated_at: now,
        };
        change.insert_team(row.clone()).await?;
        let shown = show_team(&row);
        let entry = Draft::of(caller, AuditKind::TeamCreated, (AuditObject::Team, row.id));
        self.commit_access(change, entry.after(&shown)).await?;
        Ok(shown)
    }

    /// Changes the name of a team or its place in the tree.
    pub async fn update_team(
        &self,
        caller: &Caller,
        team: &str,
        wanted: TeamChange,
    ) -> Result<Team> {
        self.manage_access(caller)?;
        let TeamChange { name, parent } = wanted;
        let label = name.as_deref().and_then(|name| check_label("name", name));
        faults_to_result(label.into_iter().collect())?;
        let change = self.change_all(caller).await?;
        let known = change.teams().await?;
        let found = find_team(&known, team).cloned();
        let mut row = found.ok_or_else(|| not_found("team", team))?;
        let before = show_team(&row);
        row.name = name.unwrap_or(row.name);
        if let Some(parent) = parent {
            row.parent_id = parent_of(&known, parent.as_deref(), Some(row.id))?;
        }
        row.updated_at = self.clock.now();
        change.update_team(row.clone()).await?;
        let shown = show_team(&row);
        let entry = Draft::of(caller, AuditKind::TeamChanged, (AuditObject::Team, row.id));
        let entry = entry.before(&before).after(&shown);
        self.commit_access(change, entry).await?;
        Ok(shown)
    }

    /// Deletes a team that has no members and no teams below it.
    pub async fn delete_team(&self, caller: &Caller, team: &str) -> Result<()> {
        self.manage_access(caller)?;
        let change = self.change_all(caller).await?;
        let known = change.teams().await?;
        let found = find_team(&known, team);
        let row = found.ok_or_else(|| not_found("team", team))?;
        let members = change.count_members(row.id).await?;
        let below = known.iter().filter(|it| it.parent_id == Some(row.id));
        let below = below.count();
        if members > 0 || below > 0 {
            return Err(Error::Conflict(format!(
                "the team has {members} member(s) and {below} team(s) below it; move them first"
            )));
        }
        let shares = change.shares_with(row.id).await?;
        change.delete_shares_with(row.id).await?;
        change.delete_team(row.id).await?;
        let entry = Draft::of(caller, AuditKind::TeamDeleted, (AuditObject::Team, row.id));
        let entry = entry.before(&show_team(row));
        let entry = entry.with("shares", told(&self.state().catalog, shares));
        self.commit_access(change, entry).await
    }
}

/// The team that a text names, by its name or its id.
fn find_team<'a>(teams: &'a [entity::team::Model], text: &str) -> Option<&'a entity::team::Model> {
    let id = Uuid::try_parse(text).ok();
    teams
        .iter()
        .find(|team| team.name == text || Some(team.id) == id)
}

/// The ids of the teams that the texts name, or one fault for each that names none.
pub(super) fn find_teams(
    teams: &[entity::team::Model],
    texts: &[String],
) -> Result<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    let mut faults = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match find_team(teams, text) {
            Some(team) => {
                found.insert(team.id);
            }
            None => faults.push(Fault {
                place: member("teams").child(at),
                code: FaultCode::ReferenceNotFound,
                message: format!("there is no team {text:?}"),
            }),
        }
    }
    faults_to_result(faults)?;
    Ok(found)
}

/// The names of teams by their ids, in the order of the names.
pub(super) fn team_names(teams: &[entity::team::Model], ids: &BTreeSet<Uuid>) -> Vec<String> {
    let named = teams.iter().filter(|team| ids.contains(&team.id));
    let mut names: Vec<String> = named.map(|team| team.name.clone()).collect();
    names.sort();
    names
}

/// The id of the team above that a text names. It must not lie below the team itself.
fn parent_of(
    known: &[entity::team::Model],
    text: Option<&str>,
    of: Option<Uuid>,
) -> Result<Option<Uuid>> {
    let Some(text) = text else {
        return Ok(None);
    };
    let refuse = |code, message| Err(Error::fault(member("parent"), code, message));
    let Some(parent) = find_team(known, text) else {
        return refuse(
            FaultCode::ReferenceNotFound,
            format!("there is no team {text:?}"),
        );
    };
    let tree: Teams = known
        .iter()
        .map(|team| (TeamId::new(team.id), team.parent_id.map(TeamId::new)))
        .collect();
    let own = of.map(TeamId::new).into_iter().collect();
    if tree.with_below(&own).contains(&TeamId::new(parent.id)) {
        let message = "is the team itself or lies below it; teams can't make a circle";
        return refuse(FaultCode::InvalidValue, message.to_owned());
    }
    Ok(Some(parent.id))
}

fn show_team(row: &entity::team::Model) -> Team {
    Team {
        id: TeamId::new(row.id),
        name: row.name.clone(),
        parent: row.parent_id.map(TeamId::new),
        created_at: instant_text(row.created_at),
        updated_at: instant_text(row.updated_at),
    }
}
