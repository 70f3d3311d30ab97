//! From the syntax tree to the typed tree: names become paths, and every operator is checked against
//! the types of its operands, so that nothing is left to go wrong later.

use cel::common::ast::{CallExpr, Expr, LiteralValue, SelectExpr, operators as cel_operators};
use cel::parser::Expression;
use rust_decimal::Decimal;
use std::str::FromStr;
use uuid::Uuid;

use super::{
    ExpressionError, Path, Purpose,
    calculate::{Comparison, Math},
    datum::{Datum, Kind},
    evaluate::{Node, Variable},
    function::Function,
    names::{Member, Scope, field_of},
    path::MAX_HOPS,
};

/// How deep the tree may be: it is walked recursively.
const MAX_DEPTH: usize = 64;
/// The most different fields that one expression may read.
const MAX_INPUTS: usize = 50;

type Checked = Result<(Node, Kind), ExpressionError>;

/// Checks a syntax tree; gives the tree, its type and the paths that it reads.
pub(super) fn check(
    syntax: &Expression,
    purpose: Purpose,
    owner: Uuid,
    scope: &dyn Scope,
) -> Result<(Node, Kind, Vec<Path>), ExpressionError> {
    let mut checking = Checking {
        purpose,
        owner,
        scope,
        paths: Vec::new(),
    };
    let (node, kind) = checking.node(syntax, 0)?;
    Ok((node, kind, checking.paths))
}

struct Checking<'a> {
    purpose: Purpose,
    owner: Uuid,
    scope: &'a dyn Scope,
    paths: Vec<Path>,
}

fn refuse<T>(message: impl Into<String>) -> Result<T, ExpressionError> {
    Err(ExpressionError::new(message))
}

impl Checking<'_> {
    fn node(&mut self, syntax: &Expression, depth: usize) -> Checked {
        if depth > MAX_DEPTH {
            return refuse(format!("is nested deeper than {MAX_DEPTH}"));
        }
        match &syntax.expr {
            Expr::Literal(literal) => constant(literal),
            Expr::Ident(word) => self.word(word),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call, depth + 1),
            Expr::List(_) => refuse("has a list where none can stand; lists stand behind `in`"),
            Expr::Comprehension(_) => refuse("walks a list, which an expression can't"),
            Expr::Map(_) | Expr::Struct(_) => refuse("makes a map, which an expression can't"),
            Expr::Unspecified => refuse("is empty"),
        }
    }

    fn word(&mut self, word: &str) -> Checked {
        let variable = match word {
            "now" => Some((Variable::Now, Kind::Instant)),
            "today" => Some((Variable::Today, Kind::Date)),
            "currentUser" => Some((Variable::CurrentUser, Kind::Id)),
            _ => None,
        };
        if let Some((variable, kind)) = variable {
            if !self.purpose.has_variables() {
                return refuse(format!(
                    "uses {word:?}, which a stored value can't follow; use a condition or a default for it"
                ));
            }
            return Ok((Node::Variable(variable), kind));
        }
        self.field(&[word])
    }

    /// `reference.field`, `money.amount`, or both.
    fn select(&mut self, select: &SelectExpr) -> Checked {
        let mut words = vec![select.field.as_str()];
        let mut operand = &select.operand.expr;
        loop {
            if let Expr::Ident(word) = operand {
                words.push(word);
                break;
            }
            let Expr::Select(inner) = operand else {
                return refuse("has a dot behind what is no field");
            };
            if inner.test {
                return refuse("has a dot behind what is no field");
            }
            words.push(&inner.field);
            operand = &inner.operand.expr;
        }
        words.reverse();
        if select.test {
            let (node, _) = self.field(&words)?;
            return Ok((Node::Present(Box::new(node)), Kind::Boolean));
        }
        self.field(&words)
    }

    fn field(&mut self, words: &[&str]) -> Checked {
        let (mut owner, mut references) = (self.owner, Vec::new());
        for (at, word) in words.iter().enumerate() {
            let member = field_of(word).and_then(|id| self.scope.find_by_id(owner, id));
            let Some(member) = member else {
                return refuse(format!(
                    "names {word:?}, which is no field that it can read"
                ));
            };
            let behind = &words[at + 1..];
            match (behind, member.target) {
                ([], _) => return self.input(references, &member, None),
                ([_, ..], Some(target)) => {
                    references.push(member.id);
                    owner = target.uuid();
                }
                ([key], None) => return self.input(references, &member, Some(key)),
                ([key, ..], None) => {
                    return refuse(format!("has {key:?} behind what is no reference"));
                }
            }
            if references.len() > MAX_HOPS {
                return refuse(format!("follows more than {MAX_HOPS} references in a row"));
            }
        }
        refuse("names no field")
    }

    fn input(
        &mut self,
        references: Vec<crate::id::FieldId>,
        member: &Member,
        key: Option<&str>,
    ) -> Checked {
        let name = &member.name;
        if member.is_secret {
            return refuse(format!("reads {name:?}, which can only be written"));
        }
        if self.purpose == Purpose::Formula && member.is_volatile {
            return refuse(format!(
                "reads {name:?}, which changes with every write, so that no stored value can follow it"
            ));
        }
        let part = match key {
            None => None,
            Some(key) => {
                let at = member.parts.iter().position(|part| part.key == Some(key));
                if at.is_none() {
                    return refuse(format!("names {key:?}, which is no part of {name:?}"));
                }
                at
            }
        };
        let kind = part.map_or_else(
            || Kind::of_parts(&member.parts),
            |part| Kind::of_part(&member.parts[part]),
        );
        let path = Path {
            references,
            field: member.id,
        };
        let known = self.paths.iter().position(|known| *known == path);
        let at = known.unwrap_or(self.paths.len());
        if known.is_none() {
            if at == MAX_INPUTS {
                return refuse(format!("reads more than {MAX_INPUTS} fields"));
            }
            self.paths.push(path);
        }
        Ok((Node::Input { at, part, kind }, kind))
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Checked {
        let name = call.func_name.as_str();
        match (name, call.args.as_slice(), &call.target) {
            (cel_operators::CONDITIONAL, [condition, yes, no], None) => {
                self.choose([condition, yes, no], depth)
            }
            (cel_operators::LOGICAL_AND, [one, two], None) => {
                let both = self.both_boolean("&&", [one, two], depth)?;
                Ok((Node::And(both), Kind::Boolean))
            }
            (cel_operators::LOGICAL_OR, [one, two], None) => {
                let both = self.both_boolean("||", [one, two], depth)?;
                Ok((Node::Or(both), Kind::Boolean))
            }
            (cel_operators::LOGICAL_NOT, [one], None) => {
                let node = self.boolean("!", one, depth)?;
                Ok((Node::Not(Box::new(node)), Kind::Boolean))
            }
            (cel_operators::NEGATE, [one], None) => self.negate(one, depth),
            (cel_operators::IN, [one, list], None) => self.one_of(one, list, depth),
            (_, [one, two], None) if Comparison::find(name).is_some() => {
                self.compare(name, [one, two], depth)
            }
            (_, [one, two], None) if Math::find(name).is_some() => {
                self.math(name, [one, two], depth)
            }
            (cel_operators::INDEX | cel_operators::OPT_INDEX | cel_operators::OPT_SELECT, ..) => {
                refuse("looks into a list or a map, which an expression can't")
            }
            (_, args, target) => {
                let args: Vec<&Expression> = target.as_deref().into_iter().chain(args).collect();
                self.function(name, &args, depth)
            }
        }
    }

    fn boolean(
        &mut self,
        operator: &str,
        syntax: &Expression,
        depth: usize,
    ) -> Result<Node, ExpressionError> {
        let (node, kind) = self.node(syntax, depth)?;
        if matches!(kind, Kind::Boolean | Kind::Null) {
            return Ok(node);
        }
        refuse(format!(
            "has {} at {operator:?}, which takes true or false",
            kind.name()
        ))
    }

    fn both_boolean(
        &mut self,
        operator: &str,
        [one, two]: [&Expression; 2],
        depth: usize,
    ) -> Result<Box<[Node; 2]>, ExpressionError> {
        let one = self.boolean(operator, one, depth)?;
        let two = self.boolean(operator, two, depth)?;
        Ok(Box::new([one, two]))
    }

    fn choose(&mut self, [condition, yes, no]: [&Expression; 3], depth: usize) -> Checked {
        let condition = self.boolean("?", condition, depth)?;
        let ((yes, one), (no, two)) = (self.node(yes, depth)?, self.node(no, depth)?);
        let Some(kind) = one.unite(two) else {
            return refuse(format!(
                "gives {} or {}; both sides of a choice must be of one type",
                one.name(),
                two.name()
            ));
        };
        let (yes, no) = (lifted((yes, one), kind), lifted((no, two), kind));
        Ok((Node::Choose(Box::new([condition, yes, no])), kind))
    }

    fn negate(&mut self, syntax: &Expression, depth: usize) -> Checked {
        let (node, kind) = self.node(syntax, depth)?;
        if kind.is_number() || matches!(kind, Kind::Money | Kind::Duration) {
            return Ok((Node::Negate(Box::new(node)), kind));
        }
        refuse(format!("has {} behind a minus", kind.name()))
    }

    fn compare(&mut self, name: &str, [one, two]: [&Expression; 2], depth: usize) -> Checked {
        let ((one, left), (two, right)) = (self.node(one, depth)?, self.node(two, depth)?);
        let Some(comparison) = Comparison::find(name) else {
            return refuse("has an unknown operator");
        };
        // `x == null` asks whether x is there.
        let asked = match (left, right) {
            (_, Kind::Null) => Some(one.clone()),
            (Kind::Null, _) => Some(two.clone()),
            _ => None,
        };
        if let Some(asked) = asked {
            let present = Node::Present(Box::new(asked));
            return match comparison {
                Comparison::Equal => Ok((Node::Not(Box::new(present)), Kind::Boolean)),
                Comparison::NotEqual => Ok((present, Kind::Boolean)),
                Comparison::Less
                | Comparison::LessOrEqual
                | Comparison::Greater
                | Comparison::GreaterOrEqual => refuse("compares with null; use == or !="),
            };
        }
        if !left.unite(right).is_some_and(|kind| comparison.takes(kind)) {
            return refuse(format!(
                "compares {} with {} by {}{}",
                left.name(),
                right.name(),
                comparison.sign(),
                hint(left, right)
            ));
        }
        Ok((
            Node::Compare(comparison, Box::new([one, two])),
            Kind::Boolean,
        ))
    }

    fn math(&mut self, name: &str, [one, two]: [&Expression; 2], depth: usize) -> Checked {
        let ((one, left), (two, right)) = (self.node(one, depth)?, self.node(two, depth)?);
        let Some(math) = Math::find(name) else {
            return refuse("has an unknown operator");
        };
        let Some(kind) = math.gives(left, right) else {
            return refuse(format!(
                "has {} {} {}, which can't be computed{}",
                left.name(),
                math.sign(),
                right.name(),
                hint(left, right)
            ));
        };
        Ok((Node::Math(math, Box::new([one, two])), kind))
    }

    /// `x in [a, b]`, or a text in a set of texts.
    fn one_of(&mut self, one: &Expression, list: &Expression, depth: usize) -> Checked {
        let (node, kind) = self.node(one, depth)?;
        if let Expr::List(list) = &list.expr {
            let mut items = Vec::with_capacity(list.elements.len());
            for item in &list.elements {
                let (item, of) = self.node(item, depth)?;
                if !kind
                    .unite(of)
                    .is_some_and(|kind| Comparison::Equal.takes(kind))
                {
                    return refuse(format!("looks for {} among {}", kind.name(), of.name()));
                }
                items.push(item);
            }
            return Ok((Node::OneOf(Box::new(node), items), Kind::Boolean));
        }
        let (set, of) = self.node(list, depth)?;
        if (kind, of) == (Kind::Text, Kind::Texts) {
            return Ok((Node::Within(Box::new([node, set])), Kind::Boolean));
        }
        refuse(format!("looks for {} in {}", kind.name(), of.name()))
    }

    fn function(&mut self, name: &str, args: &[&Expression], depth: usize) -> Checked {
        let mut nodes = Vec::with_capacity(args.len());
        let mut kinds = Vec::with_capacity(args.len());
        if name != "isPresent" && Function::find(name).is_none() {
            let known = Function::names().join(", ");
            return refuse(format!("calls {name:?}; the functions are has, {known}"));
        }
        for arg in args {
            let (node, kind) = self.node(arg, depth)?;
            nodes.push(node);
            kinds.push(kind);
        }
        let Some(function) = Function::find(name) else {
            return match <[Node; 1]>::try_from(nodes) {
                Ok([node]) => Ok((Node::Present(Box::new(node)), Kind::Boolean)),
                Err(_) => refuse("calls \"has\", which takes one field"),
            };
        };
        let Some(kind) = function.gives(&kinds) else {
            let given: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            return refuse(format!(
                "calls {name:?} with ({}); it is {}",
                given.join(", "),
                function.usage()
            ));
        };
        if function.unites() {
            let given = nodes.into_iter().zip(kinds);
            nodes = given.map(|given| lifted(given, kind)).collect();
        }
        Ok((Node::Call(function, nodes), kind))
    }
}

/// An exact number that stands where floating point numbers may, as one of these.
fn lifted((node, own): (Node, Kind), kind: Kind) -> Node {
    if kind == Kind::Float && own.is_exact() {
        return Node::Call(Function::ToFloat, vec![node]);
    }
    node
}

/// What to do where a date meets a text or a number.
fn hint(left: Kind, right: Kind) -> &'static str {
    let either = |kind: Kind| left == kind || right == kind;
    if either(Kind::Float) && (either(Kind::Money) || either(Kind::Duration)) {
        "; decimal(x) is the exact number that it shows"
    } else if either(Kind::Date) && either(Kind::Text) {
        "; write a day as date(\"2026-02-28\")"
    } else if either(Kind::Date) && either(Kind::Instant) {
        "; date(x) is the day of an instant"
    } else if either(Kind::Instant) && either(Kind::Text) {
        "; write an instant as dateTime(\"2026-02-28T09:30:00Z\")"
    } else if either(Kind::Date) || either(Kind::Instant) {
        "; use dateDiff and addDays"
    } else if either(Kind::Money) {
        "; the amount alone is x.amount"
    } else if either(Kind::Text) {
        "; text(x) makes a text of a value"
    } else {
        ""
    }
}

fn constant(literal: &LiteralValue) -> Checked {
    Ok(match literal {
        LiteralValue::Boolean(flag) => {
            (Node::Constant(Datum::Boolean(*flag.inner())), Kind::Boolean)
        }
        LiteralValue::Int(number) => (
            Node::Constant(Datum::Integer(*number.inner())),
            Kind::Integer,
        ),
        LiteralValue::UInt(number) => {
            let Ok(number) = i64::try_from(*number.inner()) else {
                return refuse("has a whole number of more than 64 bits");
            };
            (Node::Constant(Datum::Integer(number)), Kind::Integer)
        }
        // The shortest text of the number is what was written, as the digits were counted before.
        LiteralValue::Double(number) => {
            let text = number.inner().to_string();
            let Ok(number) = Decimal::from_str(&text) else {
                return refuse("has a decimal of more than 28 digits");
            };
            (Node::Constant(Datum::Decimal(number)), Kind::Decimal)
        }
        LiteralValue::String(text) => {
            if text.inner().contains('\0') {
                return refuse("must not contain the NUL character");
            }
            (
                Node::Constant(Datum::Text(text.inner().to_owned())),
                Kind::Text,
            )
        }
        LiteralValue::Null => (Node::Constant(Datum::Null), Kind::Null),
        LiteralValue::Bytes(_) => return refuse("has bytes, which no field holds"),
    })
}
