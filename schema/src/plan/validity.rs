//! Which links of a temporal relation type are in sight: those that hold on a day, today unless told,
//! or all that ever held or will.
//!
//! The default is no choice of the caller and looks at the periods as they are stored. A choice names
//! `validFrom` and `validUntil`, and so is only for those who may read both, and where they may.

use std::sync::Arc;

use time::Date;

use crate::{
    access::{Condition, Grant, Operand, Read, ReadableField, Variable},
    catalog::{Field, SystemField, period_names},
    error::{FaultCode, Place, Result},
    field_type::{Operator, Settings, find_field_type},
    id::FieldId,
    plan::{
        filter,
        read::{Planner, Source},
    },
    request::CollectionQuery,
    value::Value,
};

/// Which links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    /// Those that hold on the day of the read.
    Current,
    /// Those that do not hold on the day of the read.
    NotCurrent,
    /// Those that hold on this day.
    On(Date),
    /// All of them.
    All,
}

/// What a caller is told who chooses where there is nothing to choose.
pub(crate) const NOT_TEMPORAL: &str = "can't be given here: the links hold for no period";

impl Validity {
    /// Reads `current`, `all` or `at:2024-05-01`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "current" | "CURRENT" => Some(Self::Current),
            "all" | "ALL" => Some(Self::All),
            _ => text.strip_prefix("at:").and_then(parse_day).map(Self::On),
        }
    }
}

/// Reads a day.
pub(crate) fn parse_day(text: &str) -> Option<Date> {
    let json = serde_json::Value::from(text);
    let parsed = find_field_type("date")?.parse(&Settings::default(), &json);
    match parsed.ok()?.as_slice() {
        [Value::Date(day)] => Some(*day),
        _ => None,
    }
}

/// Whether links of the type of the grant hold for periods that the caller may choose by.
pub(crate) fn may_choose(links: &Grant<Read>) -> bool {
    readable_period(links).is_some()
}

/// The links in sight of a caller. `day` is the day of the read; nothing when a choice was made that the
/// caller does not have.
pub(crate) fn of_grant(
    links: &Grant<Read>,
    chosen: Option<Validity>,
    (day, today): (Option<Date>, Date),
) -> Option<Condition> {
    if links.system_column(SystemField::ValidFrom).is_none() {
        return chosen.is_none().then_some(Condition::TRUE);
    }
    let now = || holds_on(&Operand::Value(Value::Date(today)), [None, None]);
    let Some(period) = readable_period(links) else {
        return chosen.is_none().then(now);
    };
    if chosen.is_none() && day.is_none() {
        return Some(now());
    }
    let shown = period.map(|field| field.visibility.into_option());
    let on = |day: Date| holds_on(&Operand::Value(Value::Date(day)), shown.clone());
    let day = day.unwrap_or(today);
    let wanted = match chosen.unwrap_or(Validity::Current) {
        Validity::Current => on(day),
        Validity::NotCurrent => Condition::Not(Box::new(on(day))),
        Validity::On(day) => on(day),
        Validity::All => Condition::TRUE,
    };
    // Where the period is hidden the caller sees what everybody sees who makes no choice.
    let hidden: Vec<Condition> = shown
        .iter()
        .flatten()
        .map(|shown| Condition::Not(shown.clone()))
        .collect();
    if hidden.is_empty() {
        return Some(wanted);
    }
    let hidden = Condition::Any(hidden);
    let open = Condition::Not(Box::new(hidden.clone())).and(wanted);
    Some(Condition::Any(vec![open, hidden.and(now())]))
}

/// The links in sight of a rule.
pub(crate) fn of_rule(chosen: Option<Validity>, day: Option<Date>) -> Condition {
    let day = day.map_or(Operand::Variable(Variable::Today), |day| {
        Operand::Value(Value::Date(day))
    });
    let on = |day: &Operand| holds_on(day, [None, None]);
    match chosen.unwrap_or(Validity::Current) {
        Validity::Current => on(&day),
        Validity::NotCurrent => Condition::Not(Box::new(on(&day))),
        Validity::On(day) => on(&Operand::Value(Value::Date(day))),
        Validity::All => Condition::TRUE,
    }
}

/// Whether the caller may know that the links hold for a period.
pub(crate) fn reads_period(links: &Grant<Read>) -> bool {
    readable_period(links).is_some()
}

fn readable_period(links: &Grant<Read>) -> Option<[ReadableField; 2]> {
    let is_kept = |field: &ReadableField| {
        matches!(
            field.field.system,
            Some(SystemField::ValidFrom | SystemField::ValidUntil)
        )
    };
    let [(_, from), (_, until)] = period_names();
    let from = links.field(from).filter(is_kept)?;
    let until = links.field(until).filter(is_kept)?;
    Some([from, until])
}

/// The period is open or begun before, and open or ended after.
fn holds_on(day: &Operand, shown: [Option<Box<Condition>>; 2]) -> Condition {
    let [(from, _), (until, _)] = period_names();
    let [from_shown, until_shown] = shown;
    let open_or = |column: &str, operator: Operator, visible: Option<Box<Condition>>| {
        let compare = |operator, operand| Condition::Compare {
            field: FieldId::standard("system", column),
            part: 0,
            operator,
            operand,
            visible: visible.clone(),
        };
        Condition::Any(vec![
            compare(Operator::IsNull, Operand::Flag(true)),
            compare(operator, day.clone()),
        ])
    };
    Condition::All(vec![
        open_or(from, Operator::Lte, from_shown),
        open_or(until, Operator::Gt, until_shown),
    ])
}

impl Planner<'_> {
    /// What the filter asks of the members; what it asks of the links goes into the source.
    pub(in crate::plan) fn condition(
        &mut self,
        (grant, links, pointer): (&Grant<Read>, Option<&Grant<Read>>, Option<&Arc<Field>>),
        source: &mut Source,
        query: &CollectionQuery,
    ) -> Result<Condition> {
        let place = query.argument("filter");
        let chosen = query.validity.as_ref().and_then(|text| {
            let at = query.argument("validity");
            let chosen = Validity::parse(text);
            if chosen.is_none() {
                let message = "must be current, all or at: and a day, such as at:2026-02-28";
                self.fault(&at, FaultCode::InvalidValue, message);
            }
            chosen.map(|chosen| (chosen, at))
        });
        let (Some(links), Source::Members { links: shown, .. }) = (links, source) else {
            if let Some((_, at)) = chosen {
                self.fault(&at, FaultCode::InvalidRequest, NOT_TEMPORAL);
            }
            let on = (self.checker, self.day);
            let resolved = filter::resolve_filter(on, grant, &query.filter, &place);
            return Ok(self.collect(resolved)?.unwrap_or(Condition::FALSE));
        };
        let on = (self.checker, self.day);
        let asked = (&query.filter, &place);
        let resolved = filter::resolve_members(on, (grant, links, pointer), chosen, asked);
        let Some(resolved) = self.collect(resolved)? else {
            return Ok(Condition::FALSE);
        };
        *shown = shown.clone().and(resolved.links);
        Ok(resolved.members)
    }

    pub(in crate::plan) fn parse_day(&mut self, text: &str, place: &Place) -> Option<Date> {
        let day = parse_day(text);
        if day.is_none() {
            let message = "must be a day of the calendar such as 2026-02-28";
            self.fault(place, FaultCode::InvalidValue, message);
        }
        day
    }
}
