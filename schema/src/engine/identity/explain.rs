//! Explains why a user or key may do something or not: by the same checker that decides about requests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{member, principals::holder_of_row, role_names, rules::show_rule};
use crate::{
    access::{
        Action, Caller, Checker, Condition, Grant, Principal, Read, Scopes, Standing, Visibility,
    },
    catalog::{Catalog, Subject},
    engine::{Engine, state::State},
    error::{Error, FaultCode, Result},
    id::{KeyId, RoleId, RuleId, TeamId, UserId},
    identity::{
        AccessQuestion, ExplainedFields, ExplainedPrincipal, ExplainedRule, Explanation,
        PrincipalName, action_name, find_action, scope_texts,
    },
    sql::{
        Sight, Why,
        write::{self as sql, Lock, RowState, Target},
    },
    store::Connection,
};

/// What a question is about, with its names resolved.
struct About {
    subject: Subject,
    action: Action,
    record: Option<Uuid>,
}

impl Engine {
    /// Whether and why a user or key may do something. Faults: a name or id that nothing has.
    pub async fn explain(&self, caller: &Caller, question: &AccessQuestion) -> Result<Explanation> {
        self.manage_access(caller)?;
        let state = self.state();
        let about = about(&state.catalog, question)?;
        let (principal, asked) = self.find_principal(&state, &question.principal).await?;
        let checker = Checker::new(&state.catalog, &state.policy, &asked);
        let standings = checker.standings(about.subject.uuid(), about.action);
        let standings: BTreeMap<RuleId, Standing> = standings.into_iter().collect();
        let mut rules = explained_rules(&state, &asked, &about, &standings);
        if about.record.is_some() {
            let rows = rules
                .iter()
                .filter_map(|rule| rows_of(&standings, rule.rule.id));
            let rows: Vec<&Condition> = rows.collect();
            let mut hold = self.hold(&state.catalog, &about, &rows).await?.into_iter();
            for rule in rules.iter_mut().filter(|rule| rule.applies) {
                rule.matches = hold.next();
            }
        }
        let fields = if about.action == Action::Read {
            self.explained_fields(&checker, &about).await?
        } else {
            None
        };
        Ok(conclude(principal, rules, fields, &about))
    }

    /// The user or key, and the caller that it would be now.
    pub(super) async fn find_principal(
        &self,
        state: &State,
        named: &PrincipalName,
    ) -> Result<(ExplainedPrincipal, Caller)> {
        let named = (&named.user, &named.key);
        let (id, kind) = match named {
            (Some(user), None) => (user, "user"),
            (None, Some(key)) => (key, "key"),
            (None, None) | (Some(_), Some(_)) => {
                let message = "must be {\"user\": \"<id>\"} or {\"key\": \"<id>\"}".to_owned();
                let place = member("principal");
                return Err(Error::fault(place, FaultCode::InvalidValue, message));
            }
        };
        let unknown = || {
            let message = format!("there is no {kind} {id:?}");
            let place = member("principal").child(kind);
            Error::fault(place, FaultCode::ReferenceNotFound, message)
        };
        let uuid = Uuid::try_parse(id).map_err(|_| unknown())?;
        let found = match kind {
            "user" => self.find_user_as_caller(state, UserId::new(uuid)).await?,
            _ => self.find_key_as_caller(state, KeyId::new(uuid)).await?,
        };
        found.ok_or_else(unknown)
    }

    async fn find_user_as_caller(
        &self,
        state: &State,
        id: UserId,
    ) -> Result<Option<(ExplainedPrincipal, Caller)>> {
        let Some(row) = self.store.find_user(id).await? else {
            return Ok(None);
        };
        let partner = self.partner_of(&row.user).await?;
        let caller = Caller {
            principal: Principal::User(id),
            roles: row.roles.into_iter().map(RoleId::new).collect(),
            teams: row.teams.into_iter().map(TeamId::new).collect(),
            partner: partner.as_ref().map(|partner| partner.binding),
            ..Caller::anonymous(self.clock.now())
        };
        let is_let_in = partner.is_none_or(|partner| partner.active);
        let named = (row.user.name, row.user.active && is_let_in);
        Ok(Some((described(state, named, (&caller, None)), caller)))
    }

    async fn find_key_as_caller(
        &self,
        state: &State,
        id: KeyId,
    ) -> Result<Option<(ExplainedPrincipal, Caller)>> {
        let now = self.clock.now();
        let Some(row) = self.store.find_key(id).await? else {
            return Ok(None);
        };
        let holder = holder_of_row(row);
        let named = (holder.name.clone(), holder.is_honoured(now));
        let scopes = holder.scopes.as_ref();
        let texts = scopes.map(|scopes| scope_texts(&state.catalog, scopes));
        let caller = Caller {
            principal: Principal::Key(id),
            roles: holder.roles,
            teams: BTreeSet::new(),
            partner: holder.partner.map(|partner| partner.binding),
            scopes: scopes.map(Scopes::from),
            rate_class: holder.rate_class,
            ..Caller::anonymous(now)
        };
        Ok(Some((described(state, named, (&caller, texts)), caller)))
    }

    /// Which of the conditions hold of the record. It must be there.
    async fn hold(
        &self,
        catalog: &Catalog,
        about: &About,
        conditions: &[&Condition],
    ) -> Result<Vec<bool>> {
        let missing = || {
            let message = "there is no such record".to_owned();
            Error::fault(member("record"), FaultCode::ReferenceNotFound, message)
        };
        let (Some(id), Some(table)) = (about.record, catalog.subject_table(about.subject)) else {
            return Err(missing());
        };
        let target = Target {
            subject: about.subject,
            table,
            id,
            state: RowState::Live,
        };
        let looked_at = (&[][..], conditions, Lock::None);
        let dialect = self.store.dialect();
        let by_right = Sight::Engine(Why::Explanation);
        let statement = sql::inspect(catalog, dialect, target, by_right, looked_at)?;
        let rows = Connection::Pool(self.store.reader())
            .fetch(statement)
            .await?;
        let row = rows.first().ok_or_else(missing)?;
        let flags = (1..=conditions.len()).map(|at| Ok(row.integer(at)? == Some(1)));
        flags.collect()
    }

    /// The names whose conditions hold of the record.
    async fn holding(
        &self,
        catalog: &Catalog,
        about: &About,
        asked: Vec<(String, Condition)>,
    ) -> Result<Vec<String>> {
        let conditions: Vec<&Condition> = asked.iter().map(|(_, shown)| shown).collect();
        let shown = self.hold(catalog, about, &conditions).await?;
        let shown = asked.iter().zip(shown).filter(|(_, shown)| *shown);
        Ok(shown.map(|((name, _), _)| name.clone()).collect())
    }

    /// The fields that are read: of the record, or of all that are seen.
    async fn explained_fields(
        &self,
        checker: &Checker<'_>,
        about: &About,
    ) -> Result<Option<ExplainedFields>> {
        let catalog = checker.catalog();
        let grant: Option<Grant<Read>> = match about.subject {
            Subject::Object(id) => checker.grant_read(id),
            Subject::Relation(id) => catalog
                .find_relation(id)
                .and_then(|relation| checker.grant_relation(relation)),
        };
        let mut fields = ExplainedFields::default();
        let Some(grant) = grant else {
            return Ok(Some(fields));
        };
        let rows = grant.rows().into_condition();
        let mut asked: Vec<(String, Condition)> = Vec::new();
        let mut masks: Vec<(String, Condition)> = Vec::new();
        for readable in grant.fields() {
            let name = readable.field.name.to_string();
            let masked = readable.masked.into_iter();
            let masked = masked.map(|it| it.on.map_or(Condition::TRUE, |on| *on));
            masks.extend(masked.map(|on| (name.clone(), on.and(rows.clone()))));
            if readable.visibility.is_nowhere() {
                continue;
            }
            match readable.visibility {
                Visibility::Always if about.record.is_none() => fields.always.push(name),
                Visibility::When(_) if about.record.is_none() => fields.sometimes.push(name),
                Visibility::Always => asked.push((name, rows.clone())),
                Visibility::When(shown) => asked.push((name, shown.and(rows.clone()))),
            }
        }
        if about.record.is_some() {
            fields.always = self.holding(catalog, about, asked).await?;
            fields.masked = self.holding(catalog, about, masks).await?;
            fields.masked.retain(|name| !fields.always.contains(name));
        } else {
            fields.masked = masks.into_iter().map(|(name, _)| name).collect();
        }
        fields.masked.dedup();
        Ok(Some(fields))
    }
}

fn about(catalog: &Catalog, question: &AccessQuestion) -> Result<About> {
    let unknown = |place: &str, code, message| Error::fault(member(place), code, message);
    let action = find_action(&question.action).ok_or_else(|| {
        let all: Vec<&str> = Action::ALL.iter().map(|it| action_name(*it)).collect();
        let message = format!("must be one of {}", all.join(", "));
        unknown("action", FaultCode::InvalidValue, message)
    })?;
    let subject = catalog.find_subject(&question.object).ok_or_else(|| {
        let message = format!("there is no object or relation type {:?}", question.object);
        unknown("object", FaultCode::UnknownObject, message)
    })?;
    let record = question.record.as_ref().map(|text| {
        Uuid::try_parse(text).map_err(|_| {
            let message = "must be the id of a record".to_owned();
            unknown("record", FaultCode::InvalidValue, message)
        })
    });
    if action == Action::Create && record.is_some() {
        let message = "a record that is there can't be created; leave it out".to_owned();
        return Err(unknown("record", FaultCode::InvalidValue, message));
    }
    Ok(About {
        subject,
        action,
        record: record.transpose()?,
    })
}

fn described(
    state: &State,
    (name, active): (String, bool),
    (caller, scopes): (&Caller, Option<Vec<String>>),
) -> ExplainedPrincipal {
    let roles = caller.roles.iter().map(|role| role.uuid()).collect();
    ExplainedPrincipal {
        kind: caller.actor_kind(),
        id: caller.actor().unwrap_or_default(),
        name,
        active,
        roles: role_names(&state.access.roles, &roles),
        partner: caller.partner.map(|partner| partner.organization.uuid()),
        scopes,
    }
}

/// The rules of the caller's roles that speak of the action and the type.
fn explained_rules(
    state: &State,
    caller: &Caller,
    about: &About,
    standings: &BTreeMap<RuleId, Standing>,
) -> Vec<ExplainedRule> {
    let roles = state.policy.roles_of(&caller.roles);
    let roles: BTreeSet<RoleId> = roles.into_iter().map(|role| role.id).collect();
    let rows = state.access.rules.iter().filter(|row| {
        let of_subject = row
            .subject
            .is_none_or(|named| named == about.subject.uuid());
        of_subject
            && row.action == action_name(about.action)
            && roles.contains(&RoleId::new(row.role_id))
    });
    let explained = rows.filter_map(|row| {
        let role = state
            .access
            .roles
            .iter()
            .find(|role| role.id == row.role_id)?;
        let reason = reason_against(standings.get(&RuleId::new(row.id)));
        Some(ExplainedRule {
            rule: show_rule(state, role, row),
            applies: reason.is_none(),
            reason,
            matches: None,
        })
    });
    explained.collect()
}

fn rows_of(standings: &BTreeMap<RuleId, Standing>, rule: RuleId) -> Option<&Condition> {
    match standings.get(&rule)? {
        Standing::Grants(rows) => Some(rows),
        Standing::OutOfScope | Standing::WithoutValue => None,
    }
}

fn reason_against(standing: Option<&Standing>) -> Option<&'static str> {
    match standing {
        Some(Standing::Grants(_)) => None,
        Some(Standing::OutOfScope) => Some("the scopes of the key leave it out"),
        Some(Standing::WithoutValue) => {
            Some("it names a variable that this principal has no value for")
        }
        None => Some("it speaks of a field or type that is deleted"),
    }
}

fn conclude(
    principal: ExplainedPrincipal,
    rules: Vec<ExplainedRule>,
    fields: Option<ExplainedFields>,
    about: &About,
) -> Explanation {
    let counting = || rules.iter().filter(|rule| rule.applies);
    let matching = counting()
        .filter(|rule| rule.matches != Some(false))
        .count();
    let (allowed, reason) = if !principal.active {
        let reason =
            "it is not let in: deactivated, revoked, expired, or of a partner that is not active";
        (false, reason.to_owned())
    } else if rules.is_empty() {
        (false, "none of its roles has a rule for this".to_owned())
    } else if counting().next().is_none() {
        (false, "none of the rules of its roles counts".to_owned())
    } else if matching == 0 {
        (
            false,
            "the record is none of those that the rules are for".to_owned(),
        )
    } else if about.record.is_some() {
        (true, format!("{matching} rule(s) grant it on this record"))
    } else {
        (true, format!("{matching} rule(s) grant it"))
    };
    let filters: Vec<Option<Json>> = counting().map(|it| it.rule.condition.clone()).collect();
    let condition = if filters.iter().any(Option::is_none) {
        None
    } else {
        Some(json!({"or": filters}))
    };
    Explanation {
        allowed,
        reason,
        principal,
        rules,
        condition,
        fields,
    }
}
