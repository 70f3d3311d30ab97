//! What a rule set would change, before it is applied. Nothing of access changes by it; that somebody has
//! looked stands in the audit log, for who writes rules can count by them what it can't read.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    access::{Prepared, changed_roles},
    effects::{Counting, Sides},
};
use crate::{
    access::Caller,
    change::Changeset,
    engine::Engine,
    error::Result,
    id::RoleId,
    identity::{
        AccessPreview, AccessPreviewQuestion, AccessRows, AuditKind, ChangedRole, ChangedRules,
        Draft, Inheritance, NewAccess, PermissionChange, PrincipalName, PrincipalPreview,
        RolePreview, RuleSet, resolve_policy,
    },
};

impl Engine {
    /// What the document would change: for each role that differs, its rules and how many records it gains
    /// and loses. Faults and conflicts are those that applying it would meet.
    pub async fn preview_access(
        &self,
        caller: &Caller,
        question: AccessPreviewQuestion,
    ) -> Result<AccessPreview> {
        self.manage_access(caller)?;
        let (set, principal) = question.split()?;
        self.preview(caller, (set, principal.as_ref()), None).await
    }

    /// The same, of a rule set that is to follow a change of the schema. The records are counted by the
    /// schema as it is.
    pub async fn preview_access_after(
        &self,
        caller: &Caller,
        new: &NewAccess,
        changeset: Option<&Changeset>,
    ) -> Result<AccessPreview> {
        let set = RuleSet::Document(new.clone());
        self.preview(caller, (set, None), changeset).await
    }

    async fn preview(
        &self,
        caller: &Caller,
        (set, principal): (RuleSet, Option<&PrincipalName>),
        changeset: Option<&Changeset>,
    ) -> Result<AccessPreview> {
        self.manage_access(caller)?;
        let asked = match principal {
            None => None,
            Some(named) => Some(self.find_principal(&self.state(), named).await?),
        };
        let catalog = match changeset {
            None => None,
            Some(changeset) => Some(self.catalog_after(changeset).await?),
        };
        // What it is planned from is read, and who asks is judged, as when it is applied. Nothing is written, and the
        // change is given up before the planning: others need not wait for it.
        let change = self.change_all(caller).await?;
        let ground = self.ground(&change, set, catalog).await;
        change.give_up().await?;
        let prepared = self.prepare(ground?)?;
        self.tell_preview(caller, &prepared).await?;
        let state = self.state();
        let after = AccessRows {
            version: prepared.before.version,
            roles: prepared.plan.roles.clone(),
            rules: prepared.plan.rules.clone(),
            teams: prepared.before.teams.clone(),
        };
        let sides = Sides {
            catalog: Arc::clone(&state.catalog),
            before: resolve_policy(&state.catalog, &state.derivations, &prepared.before),
            after: resolve_policy(&state.catalog, &state.derivations, &after),
            changed: changed_rules(&prepared),
        };
        let mut counting = Counting::new(self, &state, caller, &sides);
        let for_one = asked.is_some();
        let roles = self
            .role_previews(&prepared, &mut counting, for_one)
            .await?;
        let principal = match asked {
            None => None,
            Some((principal, asked)) => Some(PrincipalPreview {
                principal,
                access: counting.effects(&[asked]).await?,
            }),
        };
        Ok(AccessPreview {
            version: prepared.before.version,
            roles,
            principal,
            complete: counting.is_complete(),
            left_out: prepared.left_out,
        })
    }

    async fn role_previews(
        &self,
        prepared: &Prepared,
        counting: &mut Counting<'_>,
        for_one: bool,
    ) -> Result<Vec<RolePreview>> {
        let known = self.known_holders().await?;
        let (before, after) = inheritances(prepared);
        let mut previews = Vec::new();
        for (id, change) in differing(prepared, counting.sides(), (&before, &after)) {
            let lost = before.permissions(id.uuid());
            let gained = after.permissions(id.uuid());
            let permissions = PermissionChange {
                gained: gained.difference(&lost).copied().collect(),
                lost: lost.difference(&gained).copied().collect(),
            };
            let (mut holders, mut access) = (None, Vec::new());
            if !for_one {
                let (told, callers) = self.holders_of(&known, id).await?;
                holders = Some(told);
                if !counting.sides().same_rules(id) {
                    access = counting.effects(&callers).await?;
                }
            }
            previews.push(RolePreview {
                change,
                permissions,
                holders,
                access,
            });
        }
        Ok(previews)
    }

    /// Writes into the audit log who has looked at which rules.
    async fn tell_preview(&self, caller: &Caller, prepared: &Prepared) -> Result<()> {
        let changed = changed_roles(prepared).into_iter();
        let changed: Vec<ChangedRole> = changed.map(|(_, changed)| changed).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let entry = Draft::without_object(caller, AuditKind::AccessPreviewed);
        let entry = Draft {
            at: self.clock.now(),
            ..entry
        };
        let entry = entry
            .with("roles", serde_json::json!(changed))
            .with("accessVersion", prepared.before.version.into());
        let entry = match prepared.restored {
            Some(version) => entry.with("restoredVersion", version.into()),
            None => entry,
        };
        self.store.write_audit(&[entry]).await
    }
}

/// The roles that differ, by name: those that change, and those that inherit other rules by that.
fn differing(
    prepared: &Prepared,
    sides: &Sides,
    (before, after): (&Inheritance, &Inheritance),
) -> Vec<(RoleId, ChangedRole)> {
    let mut changed: HashMap<_, _> = changed_roles(prepared).into_iter().collect();
    let both = prepared.plan.roles.iter().chain(&prepared.before.roles);
    let mut seen = BTreeSet::new();
    let mut found: Vec<(RoleId, ChangedRole)> = Vec::new();
    for role in both {
        let id = RoleId::new(role.id);
        if !seen.insert(role.id) {
            continue;
        }
        let own = changed.remove(&role.id).or_else(|| {
            let inherits_others =
                !sides.same_rules(id) || before.permissions(role.id) != after.permissions(role.id);
            inherits_others.then(|| ChangedRole {
                role: role.name.clone(),
                change: "inherited",
                members: serde_json::Map::new(),
                rules: ChangedRules::default(),
            })
        });
        found.extend(own.map(|own| (id, own)));
    }
    found.sort_by(|(_, one), (_, other)| one.role.cmp(&other.role));
    found
}

/// How roles inherit each other before and after.
fn inheritances(prepared: &Prepared) -> (Inheritance, Inheritance) {
    let before = Inheritance::of(&prepared.before.roles);
    (before, Inheritance::of(&prepared.plan.roles))
}

/// The rules that come, go or have another text.
fn changed_rules(prepared: &Prepared) -> BTreeSet<uuid::Uuid> {
    let planned = prepared.plan.changes.iter();
    planned
        .flat_map(|planned| planned.removed.iter().chain(planned.gained()))
        .map(|rule| rule.id)
        .collect()
}
