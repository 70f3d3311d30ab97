//! The typed tree, and its value. Every node is visited once at most, so that the cost is bounded by the
//! length of the text.

use super::{
    Inputs, Purpose,
    calculate::{Comparison, Math, negated},
    datum::{Datum, Kind},
    function::Function,
};

/// A checked expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Constant(Datum),
    /// A field, or one part of it.
    Input {
        at: usize,
        part: Option<usize>,
        kind: Kind,
    },
    Variable(Variable),
    Not(Box<Self>),
    Negate(Box<Self>),
    And(Box<[Self; 2]>),
    Or(Box<[Self; 2]>),
    Choose(Box<[Self; 3]>),
    Math(Math, Box<[Self; 2]>),
    Compare(Comparison, Box<[Self; 2]>),
    /// A value among values.
    OneOf(Box<Self>, Vec<Self>),
    /// A text in a set of texts.
    Within(Box<[Self; 2]>),
    /// Whether there is a value.
    Present(Box<Self>),
    Call(Function, Vec<Self>),
}

/// What is known of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Now,
    Today,
    CurrentUser,
}

/// The value of a tree.
pub(super) fn evaluate(node: &Node, purpose: Purpose, inputs: &Inputs<'_>) -> Datum {
    Evaluation {
        two_valued: purpose.is_two_valued(),
        inputs,
    }
    .of(node)
}

struct Evaluation<'a> {
    two_valued: bool,
    inputs: &'a Inputs<'a>,
}

impl Evaluation<'_> {
    fn of(&self, node: &Node) -> Datum {
        match node {
            Node::Constant(datum) => datum.clone(),
            Node::Input { at, part, kind } => self.input(*at, *part, *kind),
            Node::Variable(variable) => self.variable(*variable),
            Node::Not(node) => truth(self.truth(node).map(|holds| !holds)),
            Node::Negate(node) => negated(self.of(node)),
            Node::And(both) => self.both(both),
            Node::Or(both) => self.either(both),
            Node::Choose(choice) => match self.truth(&choice[0]) {
                Some(true) => self.of(&choice[1]),
                Some(false) => self.of(&choice[2]),
                None => Datum::Null,
            },
            Node::Math(math, both) => {
                let (left, right) = (self.of(&both[0]), self.of(&both[1]));
                math.of(&left, &right)
            }
            Node::Compare(comparison, both) => {
                let (left, right) = (self.of(&both[0]), self.of(&both[1]));
                truth(self.compared(*comparison, &left, &right))
            }
            Node::OneOf(one, items) => self.one_of(one, items),
            Node::Within(both) => match (self.of(&both[0]), self.of(&both[1])) {
                (Datum::Text(text), Datum::Texts(texts)) => Datum::Boolean(texts.contains(&text)),
                _ if self.two_valued => Datum::Boolean(false),
                _ => Datum::Null,
            },
            Node::Present(node) => Datum::Boolean(!self.of(node).is_null()),
            Node::Call(function, arguments) => {
                let arguments: Vec<Datum> = arguments.iter().map(|node| self.of(node)).collect();
                function.of(&arguments)
            }
        }
    }

    fn input(&self, at: usize, part: Option<usize>, kind: Kind) -> Datum {
        let values = self.inputs.values.get(at).map_or(&[][..], Vec::as_slice);
        match part {
            Some(part) => values
                .get(part)
                .map_or(Datum::Null, |value| Datum::of_value(value, kind)),
            None => Datum::of_values(values, kind),
        }
    }

    fn variable(&self, variable: Variable) -> Datum {
        let moment = self.inputs.moment;
        let now = moment.now.to_offset(time::UtcOffset::UTC);
        match variable {
            Variable::Now => Datum::Instant(now),
            Variable::Today => Datum::Date(now.date()),
            Variable::CurrentUser => moment.user.map_or(Datum::Null, Datum::Id),
        }
    }

    /// Whether a node holds; in a condition what is missing does not.
    fn truth(&self, node: &Node) -> Option<bool> {
        if let Datum::Boolean(flag) = self.of(node) {
            return Some(flag);
        }
        self.two_valued.then_some(false)
    }

    /// False as soon as one is false, whatever the other is.
    fn both(&self, both: &[Node; 2]) -> Datum {
        match self.truth(&both[0]) {
            Some(false) => Datum::Boolean(false),
            Some(true) => truth(self.truth(&both[1])),
            None if self.truth(&both[1]) == Some(false) => Datum::Boolean(false),
            None => Datum::Null,
        }
    }

    /// True as soon as one is true, whatever the other is.
    fn either(&self, both: &[Node; 2]) -> Datum {
        match self.truth(&both[0]) {
            Some(true) => Datum::Boolean(true),
            Some(false) => truth(self.truth(&both[1])),
            None if self.truth(&both[1]) == Some(true) => Datum::Boolean(true),
            None => Datum::Null,
        }
    }

    fn compared(&self, comparison: Comparison, left: &Datum, right: &Datum) -> Option<bool> {
        let compared = comparison.of(left, right);
        if compared.is_none() && self.two_valued {
            let both = left.is_null() && right.is_null();
            return Some(comparison.of_missing(both));
        }
        compared
    }

    fn one_of(&self, one: &Node, items: &[Node]) -> Datum {
        let one = self.of(one);
        if one.is_null() && !self.two_valued {
            return Datum::Null;
        }
        let found = items.iter().any(|item| {
            let item = self.of(item);
            self.compared(Comparison::Equal, &one, &item) == Some(true)
        });
        Datum::Boolean(found)
    }
}

fn truth(holds: Option<bool>) -> Datum {
    holds.map_or(Datum::Null, Datum::Boolean)
}
