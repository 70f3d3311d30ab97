//! The proof of a statement: the text that is about to run for a caller is parsed again, and every table of
//! records or links in it must carry, in the same select and for the same alias, whether its rows are live
//! and the row predicate of the caller's grant. It knows nothing of plans: what must be there is made anew
//! from the rules. It is a part of tests alone.
//!
//! Left out is the inside of a rule: what a rule asks of other records it asks with the rights of who wrote
//! it. A subquery counts as the inside of a rule when it is, to the letter and the value, one that a rule of
//! this caller on the type of that alias has.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "SQL has a hundred kinds of everything; what is not named here is refused"
)]

use std::{
    collections::{BTreeSet, HashMap},
    ops::ControlFlow,
    thread,
};

use sea_orm::sea_query::{Expr as Written, SelectStatement, Values};
use sqlparser::{
    ast::{
        BinaryOperator, Expr, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem,
        SetExpr, Statement as Parsed, TableFactor, Visit, Visitor,
    },
    dialect::{Dialect as Grammar, PostgreSqlDialect, SQLiteDialect},
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};

use crate::{
    access::{Checker, Condition},
    catalog::Subject,
    sql::{Reads, Statement, condition::Writer, dialect::Dialect},
};

/// The alias under which conditions of rules are written to be compared.
const ROW: &str = "row";
/// What [`canonical`] calls the alias of the row that a condition is on.
const THE_ROW: &str = "@";
/// Trees as deep as the parser and the visitor go into take stack.
const STACK: usize = 256 << 20;
/// How deep a statement may be.
const DEPTH: usize = 100_000;

/// Panics when a table in the statement lacks the row predicate of the caller.
pub(super) fn hold(checker: &Checker<'_>, dialect: Dialect, statement: &Statement) {
    if let Err(lacking) = check(checker, dialect, statement) {
        panic!(
            "a statement for {:?} is not proven: {lacking}\n{}\n{:?}",
            checker.caller().principal,
            statement.text,
            statement.values
        );
    }
}

/// Says what a statement lacks.
pub(super) fn check(
    checker: &Checker<'_>,
    dialect: Dialect,
    statement: &Statement,
) -> Result<(), String> {
    thread::scope(|scope| {
        let proof = || {
            let Parsed::Query(query) = parse(dialect, &statement.text, &statement.values)? else {
                return Err("it is no select".to_owned());
            };
            match query.visit(&mut Proof::new(checker, dialect, statement.is_of_a_write())) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(lacking) => Err(lacking),
            }
        };
        let proof = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, proof)
            .map_err(|error| error.to_string())?;
        proof.join().map_err(|_| "the proof broke off".to_owned())?
    })
}

/// The tree of a statement with its values in place.
fn parse(dialect: Dialect, text: &str, values: &Values) -> Result<Parsed, String> {
    let grammar: &dyn Grammar = match dialect {
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
    };
    let read = Tokenizer::new(grammar, text).tokenize();
    let (mut tokens, mut next, mut before) = (Vec::new(), 0, String::new());
    for token in read.map_err(|error| error.to_string())? {
        if let Token::Placeholder(name) = &token {
            let numbered = name.strip_prefix('$').and_then(|at| at.parse().ok());
            next = numbered.unwrap_or(next + 1);
            let value = values.0.get(next - 1).ok_or("a value is missing")?;
            tokens.push(Token::SingleQuotedString(format!("{value:?}")));
            continue;
        }
        if let Token::Word(word) = &token {
            // The parser does not know `FOR NO KEY UPDATE`.
            let is_left_out = matches!((&*before, &*word.value), ("FOR", "NO") | ("NO", "KEY"));
            before.clone_from(&word.value);
            if is_left_out {
                continue;
            }
        }
        tokens.push(token);
    }
    let mut parser = Parser::new(grammar)
        .with_recursion_limit(DEPTH)
        .with_tokens(tokens);
    let parsed = parser.parse_statements();
    let parsed = parsed.map_err(|error| error.to_string())?.pop();
    parsed.ok_or_else(|| "it is empty".to_owned())
}

/// What is known around a part of a statement.
#[derive(Default)]
struct Frame {
    /// The tables of the selects, by their aliases.
    aliases: Vec<(String, Subject)>,
    /// The names of the common table expressions.
    named: Vec<String>,
}

/// A table of records or links in a select.
struct Found<'q> {
    alias: String,
    subject: Subject,
    /// The condition of its join.
    on: Option<&'q Expr>,
}

struct Proof<'a> {
    checker: &'a Checker<'a>,
    dialect: Dialect,
    /// Whether the outermost select looks at a row that the caller writes.
    is_write: bool,
    tables: HashMap<&'a str, Subject>,
    frames: Vec<Frame>,
    /// Selects that only hand the links of a symmetric type on; what must hold of these stands outside.
    handing_on: Vec<String>,
    /// How many queries of a rule the walk is in.
    in_rule: usize,
    inside_of_rules: HashMap<Subject, BTreeSet<String>>,
}

impl<'a> Proof<'a> {
    fn new(checker: &'a Checker<'a>, dialect: Dialect, is_write: bool) -> Self {
        let catalog = checker.catalog();
        let objects = catalog.objects().into_iter();
        let objects = objects.map(|it| (it.table.as_str(), Subject::Object(it.id)));
        let relations = catalog.relations().into_iter();
        let relations = relations.map(|it| (it.table.as_str(), Subject::Relation(it.id)));
        Self {
            checker,
            dialect,
            is_write,
            tables: objects.chain(relations).collect(),
            frames: Vec::new(),
            handing_on: Vec::new(),
            in_rule: 0,
            inside_of_rules: HashMap::new(),
        }
    }

    fn enter(&mut self, query: &Query) -> Result<(), String> {
        if self.in_rule > 0 || self.is_of_a_rule(query)? {
            self.in_rule += 1;
            return Ok(());
        }
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        let named = ctes.map(|cte| cte.alias.name.value.clone()).collect();
        self.frames.push(Frame {
            aliases: Vec::new(),
            named,
        });
        if self.handing_on.contains(&query.to_string()) {
            return Ok(());
        }
        for select in selects(&query.body)? {
            let found = self.found(select)?;
            if let Some(frame) = self.frames.last_mut() {
                let aliases = found.iter().map(|one| (one.alias.clone(), one.subject));
                frame.aliases.extend(aliases);
            }
            for one in found {
                self.prove(select, &one)?;
            }
        }
        Ok(())
    }

    /// The tables of records and links that a select takes rows from.
    fn found<'q>(&mut self, select: &'q Select) -> Result<Vec<Found<'q>>, String> {
        let mut found = Vec::new();
        for table in &select.from {
            found.extend(self.source(&table.relation, None)?);
            for join in &table.joins {
                let on = match &join.join_operator {
                    JoinOperator::Join(JoinConstraint::On(on))
                    | JoinOperator::Inner(JoinConstraint::On(on))
                    | JoinOperator::Left(JoinConstraint::On(on)) => on,
                    other => return Err(format!("a join of another kind: {other:?}")),
                };
                found.extend(self.source(&join.relation, Some(on))?);
            }
        }
        Ok(found)
    }

    fn source<'q>(
        &mut self,
        source: &TableFactor,
        on: Option<&'q Expr>,
    ) -> Result<Option<Found<'q>>, String> {
        if let TableFactor::Derived {
            subquery,
            alias: Some(alias),
            ..
        } = source
        {
            let handed_on = self.handed_on(subquery)?;
            if handed_on.is_some() {
                self.handing_on.push(subquery.to_string());
                nested(&subquery.body, &mut self.handing_on);
            }
            return Ok(handed_on.map(|subject| Found {
                alias: alias.name.value.clone(),
                subject,
                on,
            }));
        }
        let TableFactor::Table {
            name, alias, args, ..
        } = source
        else {
            return Err(format!("rows come from something else: {source}"));
        };
        let name = name_of(name)?;
        let is_named = |frame: &Frame| frame.named.contains(&name);
        if args.is_some() || self.frames.iter().any(is_named) {
            return Ok(None);
        }
        let subject = self.tables.get(name.as_str()).copied();
        let subject = subject.ok_or_else(|| format!("{name} is no table of records"))?;
        let alias = alias.as_ref().map(|alias| alias.name.value.clone());
        Ok(Some(Found {
            alias: alias.unwrap_or(name),
            subject,
            on,
        }))
    }

    /// The type of the links that a query hands on as they are, under the names of walks from either end.
    fn handed_on(&self, query: &Query) -> Result<Option<Subject>, String> {
        let mut handed_on = None;
        for select in selects(&query.body)? {
            let is_as_it_is = |item: &SelectItem| match item {
                SelectItem::UnnamedExpr(Expr::Identifier(_)) => true,
                SelectItem::ExprWithAlias {
                    expr: Expr::Identifier(_),
                    alias,
                } => matches!(&*alias.value, "near_id" | "far_id"),
                _ => false,
            };
            let ([from], true) = (
                select.from.as_slice(),
                select.projection.iter().all(is_as_it_is),
            ) else {
                return Ok(None);
            };
            let TableFactor::Table {
                name, alias: None, ..
            } = &from.relation
            else {
                return Ok(None);
            };
            let subject = self.tables.get(name_of(name)?.as_str()).copied();
            let Some(Subject::Relation(_)) = subject.filter(|_| from.joins.is_empty()) else {
                return Ok(None);
            };
            if handed_on.is_some_and(|before| Some(before) != subject) {
                return Ok(None);
            }
            handed_on = subject;
        }
        Ok(handed_on)
    }

    /// The table carries its predicates.
    fn prove(&self, select: &Select, found: &Found<'_>) -> Result<(), String> {
        let Found { alias, subject, on } = found;
        let held = select.selection.iter().chain(*on).flat_map(conjuncts);
        let held: BTreeSet<String> = held.map(|one| canonical(&one.to_string(), alias)).collect();
        let is_live = format!("\"{THE_ROW}\".\"deleted_at\" IS NULL");
        let is_deleted = format!("\"{THE_ROW}\".\"deleted_at\" IS NOT NULL");
        // A write brings back what is deleted; nothing else looks at it.
        let is_written = self.is_write && self.frames.len() == 1;
        let stands = held.contains(&is_live) || is_written && held.contains(&is_deleted);
        if !stands {
            return Err(format!("{alias} can be deleted"));
        }
        let sights = match self.checker.rows_in_sight(*subject) {
            Some(rows) => vec![rows],
            None if is_written => self.checker.rows_to_write(*subject),
            None => Vec::new(),
        };
        let mut said = format!("the caller may read no {subject:?}, {alias}");
        for rows in sights {
            for searches in [false, true] {
                match self.lacking(*subject, (&rows, searches), &held)? {
                    None => return Ok(()),
                    Some(wanted) => said = format!("{alias} lacks {wanted}"),
                }
            }
        }
        Err(said)
    }

    /// The first conjunct of a row predicate that is not among these.
    fn lacking(
        &self,
        subject: Subject,
        (rows, searches): (&Condition, bool),
        held: &BTreeSet<String>,
    ) -> Result<Option<String>, String> {
        if rows.is_true() {
            return Ok(None);
        }
        let tree = self.tree(subject, (rows, searches))?;
        let wanted = selection(&tree).flat_map(conjuncts);
        let mut wanted = wanted.map(|one| canonical(&one.to_string(), ROW));
        Ok(wanted.find(|wanted| !held.contains(wanted)))
    }

    /// The tree of a select whose only condition is this one.
    fn tree(
        &self,
        on: Subject,
        (condition, searches): (&Condition, bool),
    ) -> Result<Parsed, String> {
        let catalog = self.checker.catalog();
        let mut writer = if searches {
            Writer::of_search(catalog, self.dialect)
        } else {
            Writer::new(catalog, self.dialect)
        };
        let condition = writer.condition(on, ROW, condition);
        let mut select = SelectStatement::new();
        select
            .expr(Written::cust("1"))
            .and_where(condition.map_err(|error| error.to_string())?);
        let rendered = self.dialect.render(&select, 0, Reads::InSight);
        parse(self.dialect, &rendered.text, &rendered.values)
    }

    /// Whether a query is one that a rule on the type of an alias around it has.
    fn is_of_a_rule(&mut self, query: &Query) -> Result<bool, String> {
        let frames = self.frames.iter().flat_map(|frame| &frame.aliases);
        let aliases: Vec<(String, Subject)> = frames.cloned().collect();
        if aliases.is_empty() {
            return Ok(false);
        }
        let text = query.to_string();
        for (alias, subject) in aliases {
            if !self.inside_of_rules.contains_key(&subject) {
                let mut inside = Inside::default();
                for condition in self.checker.conditions_of_rules(subject) {
                    for searches in [false, true] {
                        let tree = self.tree(subject, (&condition, searches))?;
                        let _ = tree.visit(&mut inside);
                    }
                }
                self.inside_of_rules.insert(subject, inside.queries);
            }
            let inside = self.inside_of_rules.get(&subject);
            if inside.is_some_and(|inside| inside.contains(&canonical(&text, &alias))) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Visitor for Proof<'_> {
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        match self.enter(query) {
            Ok(()) => ControlFlow::Continue(()),
            Err(lacking) => ControlFlow::Break(lacking),
        }
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<String> {
        if self.in_rule > 0 {
            self.in_rule -= 1;
        } else {
            self.frames.pop();
        }
        ControlFlow::Continue(())
    }
}

/// The outermost queries within a condition.
#[derive(Default)]
struct Inside {
    depth: usize,
    queries: BTreeSet<String>,
}

impl Visitor for Inside {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if self.depth == 1 {
            self.queries.insert(canonical(&query.to_string(), ROW));
        }
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }
}

/// The selects that a query is a union of.
fn selects(body: &SetExpr) -> Result<Vec<&Select>, String> {
    match body {
        SetExpr::Select(select) => Ok(vec![select]),
        SetExpr::Query(query) if query.with.is_none() => selects(&query.body),
        SetExpr::SetOperation { left, right, .. } => {
            let mut all = selects(left)?;
            all.extend(selects(right)?);
            Ok(all)
        }
        other => Err(format!("a query of another kind: {other}")),
    }
}

/// The texts of the queries that a query is a union of; the walk comes to each of them.
fn nested(body: &SetExpr, texts: &mut Vec<String>) {
    if let SetExpr::Query(query) = body {
        texts.push(query.to_string());
        nested(&query.body, texts);
    }
    if let SetExpr::SetOperation { left, right, .. } = body {
        nested(left, texts);
        nested(right, texts);
    }
}

fn selection(parsed: &Parsed) -> impl Iterator<Item = &Expr> {
    let body = match parsed {
        Parsed::Query(query) => query.body.as_select(),
        _ => None,
    };
    body.and_then(|select| select.selection.as_ref())
        .into_iter()
}

/// What all must hold for an expression to hold.
fn conjuncts(expression: &Expr) -> Vec<&Expr> {
    if let Expr::Nested(inner) = expression {
        return conjuncts(inner);
    }
    if let Expr::BinaryOp {
        left,
        op: BinaryOperator::And,
        right,
    } = expression
    {
        let mut all = conjuncts(left);
        all.extend(conjuncts(right));
        return all;
    }
    vec![expression]
}

fn name_of(name: &ObjectName) -> Result<String, String> {
    let [part] = name.0.as_slice() else {
        return Err(format!("{name} is named by its schema"));
    };
    let identifier = part.as_ident().map(|identifier| identifier.value.clone());
    identifier.ok_or_else(|| format!("{name} is no name"))
}

/// The text with the alias of the row called [`THE_ROW`], and the aliases that a [`Writer`] gives numbered in
/// the order of their first mention.
fn canonical(text: &str, row: &str) -> String {
    let is_given = |name: &str| {
        let number = name.strip_prefix('s');
        number.is_some_and(|number| number.parse::<usize>().is_ok())
    };
    let mut given: Vec<&str> = Vec::new();
    let (mut rest, mut out) = (text, String::with_capacity(text.len()));
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = &rest[at..=at];
        out.push_str(&rest[..at]);
        let Some(end) = rest[at + 1..].find(quote) else {
            break;
        };
        let name = &rest[at + 1..at + 1 + end];
        rest = &rest[at + end + 2..];
        out.push_str(quote);
        if quote == "\"" && name == row {
            out.push_str(THE_ROW);
        } else if quote == "\"" && is_given(name) {
            let known = given.iter().position(|one| *one == name);
            let number = known.unwrap_or(given.len());
            if known.is_none() {
                given.push(name);
            }
            out.push('s');
            out.push_str(&number.to_string());
        } else {
            out.push_str(name);
        }
        out.push_str(quote);
    }
    out.push_str(rest);
    out
}
