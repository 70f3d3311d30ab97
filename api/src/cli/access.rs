//! Roles and rules as files on the terminal: what they would change, and the change.

use std::fmt::Write as _;

use schema::{
    Error, Fault, Place,
    change::Changeset,
    identity::{
        AccessDocument, AccessPreview, ChangedRole, Effect, EffectSide, NewAccess, RolePreview,
    },
};

use super::schema::caller;
use crate::{StartError, state::AppState};

/// What the files would change of roles and rules, when the schema has changed; nothing where they have no
/// roles, or none that differ.
pub(super) async fn preview(
    state: &AppState,
    new: Option<&NewAccess>,
    changeset: Option<&Changeset>,
) -> Result<Option<AccessPreview>, StartError> {
    let Some(new) = new else {
        return Ok(None);
    };
    let engine = &state.engine;
    let caller = caller(state);
    let previewed = engine.preview_access_after(&caller, new, changeset);
    let preview = previewed.await.map_err(|error| refused(error, new))?;
    Ok(Some(preview).filter(|preview| !preview.roles.is_empty()))
}

/// Makes roles and rules what the files say.
pub(super) async fn apply(
    state: &AppState,
    new: NewAccess,
    version: i64,
) -> Result<i64, StartError> {
    let new = NewAccess {
        expected_version: Some(version),
        ..new
    };
    let applied = state.engine.apply_access(&caller(state), &new).await;
    let changed = applied.map_err(|error| refused(error, &new))?;
    Ok(changed.version)
}

/// What the engine refused, with the names of files in place of numbers of roles.
fn refused(error: Error, new: &NewAccess) -> StartError {
    let Error::Invalid(faults) = error else {
        return StartError::Refused(error);
    };
    let faults = faults.into_iter().map(|fault| Fault {
        place: in_file(&fault.place, new).unwrap_or_else(|| fault.place.clone()),
        ..fault
    });
    StartError::Refused(Error::Invalid(faults.collect()))
}

fn in_file(place: &Place, new: &NewAccess) -> Option<Place> {
    let rest = place.text().strip_prefix("/roles/")?;
    let (at, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let name = &new.roles.get(at.parse::<usize>().ok()?)?.name;
    Some(Place::Pointer(format!("access/roles/{name}.yaml: /{rest}")))
}

/// The roles of files as they are to be.
pub(super) fn wanted(document: Option<AccessDocument>, prune: bool) -> Option<NewAccess> {
    document.map(|document| NewAccess::of(document, prune))
}

/// A preview as people read it.
pub(super) fn told(preview: &AccessPreview) -> String {
    let mut text = String::new();
    for role in &preview.roles {
        tell_role(&mut text, role);
    }
    if !preview.complete {
        let _ = writeln!(text, "  There is more that was not counted.");
    }
    text
}

fn tell_role(text: &mut String, role: &RolePreview) {
    let RolePreview {
        change,
        permissions,
        holders,
        access,
    } = role;
    let ChangedRole {
        role,
        change,
        members,
        rules,
    } = change;
    let _ = writeln!(text, "  role {role:?}: {change}");
    for (name, sides) in members {
        let _ = writeln!(
            text,
            "      {name}: {} → {}",
            sides["before"], sides["after"]
        );
    }
    for (sign, rules) in [("-", &rules.removed), ("+", &rules.added)] {
        for rule in rules {
            let rule = serde_json::to_string(rule).unwrap_or_default();
            let _ = writeln!(text, "      {sign} {rule}");
        }
    }
    for (verb, permissions) in [("gains", &permissions.gained), ("loses", &permissions.lost)] {
        for permission in permissions {
            let permission = serde_json::json!(permission);
            let _ = writeln!(text, "      {verb} the permission {permission}");
        }
    }
    if let Some(holders) = holders {
        let (users, keys, counted) = (holders.users, holders.keys, holders.counted);
        let _ = writeln!(
            text,
            "      held by {users} user(s) and {keys} key(s), of which {counted} were looked at"
        );
    }
    for effect in access {
        tell_effect(text, effect);
    }
}

fn tell_effect(text: &mut String, effect: &Effect) {
    let Effect {
        object,
        action,
        allowed,
        gained,
        lost,
        masked,
        changed,
        unbound,
    } = effect;
    let now = match (allowed.before, allowed.after) {
        (false, true) => ", not allowed before",
        (true, false) => ", not allowed any more",
        (true, true) | (false, false) => "",
    };
    let _ = writeln!(text, "      {action} {object}{now}");
    tell_side(text, "gained", gained);
    tell_side(text, "lost", lost);
    for (about, fields) in [("only masked", masked), ("on other records", changed)] {
        if !fields.is_empty() {
            let _ = writeln!(text, "        fields {about}: {}", fields.join(", "));
        }
    }
    if *unbound {
        let _ = writeln!(
            text,
            "        a rule names a variable that nobody who was looked at has a value for"
        );
    }
}

fn tell_side(text: &mut String, verb: &str, side: &EffectSide) {
    if let Some(records) = side.records.filter(|records| *records > 0) {
        let _ = writeln!(text, "        records {verb}: {records}");
    }
    for example in &side.examples {
        let name = example["displayName"].as_str().unwrap_or_default();
        let id = example["id"].as_str().unwrap_or_default();
        let _ = writeln!(text, "          {id} {name}");
    }
    if !side.fields.is_empty() {
        let _ = writeln!(text, "        fields {verb}: {}", side.fields.join(", "));
    }
}
