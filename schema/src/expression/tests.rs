//! What expressions accept, compute and refuse.

mod computing;
mod defining;
mod spans;

use std::collections::HashMap;

use rust_decimal::Decimal;
use time::macros::datetime;
use uuid::Uuid;

use super::{Inputs, Member, Moment, Program, Purpose, Scope};
use crate::{
    field_type::{Settings, find_field_type},
    id::{FieldId, ObjectTypeId},
    value::Value,
};

const LINE: Uuid = Uuid::from_u128(1);
const ORDER: Uuid = Uuid::from_u128(2);

/// Two types: a line with a reference to its order, and the order with one to its parent order.
struct Types {
    members: HashMap<Uuid, Vec<Member>>,
}

impl Types {
    fn new() -> Self {
        let line = [
            ("unitPrice", "money"),
            ("quantity", "integer"),
            ("discount", "percent"),
            ("note", "text"),
            ("tags", "multiSelect"),
            ("due", "date"),
            ("paidAt", "dateTime"),
            ("isPaid", "boolean"),
            ("extra", "json"),
            ("order", "reference"),
            ("package", "text"),
            ("weight", "float"),
            ("opens", "time"),
            ("length", "duration"),
            ("home", "address"),
            ("place", "geoPoint"),
            ("names", "stringList"),
            ("scan", "file"),
            ("stars", "rating"),
            ("seller", "user"),
        ];
        let order = [
            ("number", "text"),
            ("freight", "decimal"),
            ("parent", "reference"),
        ];
        let members = [(LINE, &line[..]), (ORDER, &order[..])];
        let members = members.map(|(owner, fields)| {
            let fields = fields
                .iter()
                .enumerate()
                .map(|(at, (name, field_type))| member(owner, at, name, field_type));
            (owner, fields.collect())
        });
        Self {
            members: members.into(),
        }
    }

    fn remove(&mut self, owner: Uuid, name: &str) {
        let members = self.members.get_mut(&owner).expect("a type");
        members.retain(|member| member.name != name);
    }

    fn rename(&mut self, owner: Uuid, old: &str, new: &str) {
        for member in self.members.get_mut(&owner).expect("a type") {
            if member.name == old {
                new.clone_into(&mut member.name);
            }
        }
    }
}

fn member(owner: Uuid, at: usize, name: &str, field_type: &str) -> Member {
    let settings = Settings::default();
    let found = find_field_type(field_type).expect("a field type");
    Member {
        id: FieldId::new(Uuid::from_u128(owner.as_u128() * 1_000 + at as u128)),
        name: name.to_owned(),
        parts: found.parts(&settings),
        target: (field_type == "reference").then_some(ObjectTypeId::new(ORDER)),
        is_volatile: false,
        is_secret: false,
    }
}

impl Scope for Types {
    fn find(&self, owner: Uuid, name: &str) -> Option<Member> {
        self.members[&owner]
            .iter()
            .find(|it| it.name == name)
            .cloned()
    }

    fn find_by_id(&self, owner: Uuid, id: FieldId) -> Option<Member> {
        self.members[&owner].iter().find(|it| it.id == id).cloned()
    }
}

fn define(text: &str) -> Program {
    define_for(text, Purpose::Formula)
}

fn define_for(text: &str, purpose: Purpose) -> Program {
    Program::define(text, purpose, LINE, &Types::new())
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str) -> String {
    match Program::define(text, Purpose::Formula, LINE, &Types::new()) {
        Ok(program) => panic!("{text} was taken: {program:?}"),
        Err(error) => error.to_string(),
    }
}

fn moment() -> Moment {
    Moment {
        now: datetime!(2026-02-28 23:30:00 UTC),
        user: Some(Uuid::from_u128(7)),
    }
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse::<Decimal>().expect("a decimal"))
}

/// The values of a line, by the names of its fields.
fn line(names: &[(&str, Vec<Value>)], program: &Program) -> Vec<Vec<Value>> {
    let types = Types::new();
    let value_of = |path: &super::Path| {
        let owner = if path.is_own() { LINE } else { ORDER };
        let member = types.find_by_id(owner, path.field).expect("a field");
        let found = names.iter().find(|(name, _)| *name == member.name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    program.inputs().iter().map(value_of).collect()
}

/// The value of an expression as text, as a field of its own type holds it.
fn computed(text: &str, names: &[(&str, Vec<Value>)]) -> Option<String> {
    let program = define(text);
    let values = line(names, &program);
    let inputs = Inputs {
        values: &values,
        moment: moment(),
    };
    super::evaluate::evaluate(&program.root, program.purpose, &inputs).text()
}

fn holds(text: &str, names: &[(&str, Vec<Value>)]) -> bool {
    let program = define_for(text, Purpose::Condition);
    let values = line(names, &program);
    program.holds(&Inputs {
        values: &values,
        moment: moment(),
    })
}
