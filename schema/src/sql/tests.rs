//! Golden SQL: what a request of one caller becomes on each database, from plan to text. Read every
//! difference before accepting it: an index that served the old text may not serve the new one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Sight, Why,
    dialect::Dialect,
    read,
    write::{self, Assignment, Lock, RowState, Target},
};
use crate::{
    access::{
        Action, Caller, Checker, Condition, FieldScope, PartnerBinding, Policy, Principal, Role,
        Rule, RuleLimits, Teams,
    },
    catalog::{Catalog, MetadataRows, Subject},
    error::{Error, Place},
    id::{KeyId, PartnerId, RecordId, RoleId, RuleId},
    plan::{
        filter::{Keys, resolve_rule},
        read::{Level, ListLevel, Planner, ReadPlan},
    },
    request::{
        CollectionQuery, Count, Entry, Filter, ListPart, ListRequest, ListShape, Node, PageRequest,
        Selection, SortKey, cursor,
    },
    value::{Storage, Value},
};

mod proof;

const KEY: &[u8] = b"a key of a test";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A catalog with a policy that knows one role.
struct World {
    catalog: Arc<Catalog>,
    policy: Policy,
}

impl World {
    /// The standard types; rules are type, fields (empty for all) and condition.
    fn new(rules: &[(&str, &[&str], Json)]) -> Self {
        let rows = MetadataRows {
            version: 1,
            ..MetadataRows::default()
        };
        let catalog = Arc::new(Catalog::load(&rows).expect("the standard types"));
        let rules = rules
            .iter()
            .enumerate()
            .map(|(at, (name, fields, filter))| {
                let subject = catalog.find_subject(name).expect("a type");
                rule_on(&catalog, (at, subject), fields, filter)
            });
        let role = Role {
            id: RoleId::new(id(1)),
            name: "reader".to_owned(),
            permissions: BTreeSet::new(),
            with_inherited: [RoleId::new(id(1))].into(),
            rules: rules.collect(),
        };
        let policy = Policy {
            version: 1,
            roles: [(role.id, Arc::new(role))].into(),
            teams: Teams::default(),
        };
        Self { catalog, policy }
    }

    fn list(&self, caller: &Caller, request: &ListRequest) -> Result<ReadPlan, Error> {
        let checker = Checker::new(&self.catalog, &self.policy, caller);
        Planner::new(&checker, KEY).plan_list(request)
    }

    /// The statements of a plan on both databases, one a paragraph.
    fn print(&self, plan: &ReadPlan) -> String {
        let mut text = String::new();
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            let _ = writeln!(text, "-- {dialect:?}");
            match plan {
                ReadPlan::List(list) => self.print_list(dialect, list, None, &mut text),
                ReadPlan::Record { level, .. } | ReadPlan::Collection { level, .. } => {
                    let statement = read::record(&self.catalog, dialect, level);
                    print(&statement.expect("SQL"), &mut text);
                    self.print_children(dialect, level, &mut text);
                }
            }
        }
        text
    }

    fn print_list(
        &self,
        dialect: Dialect,
        list: &ListLevel,
        parents: Option<&[Uuid]>,
        text: &mut String,
    ) {
        let statement = read::rows(&self.catalog, dialect, list, parents);
        print(&statement.expect("SQL"), text);
        if list.count != Count::None {
            let statement = read::count(&self.catalog, dialect, list, parents);
            print(&statement.expect("SQL"), text);
        }
        self.print_children(dialect, &list.level, text);
    }

    fn print_children(&self, dialect: Dialect, level: &Level, text: &mut String) {
        for child in &level.children {
            self.print_list(dialect, &child.list, Some(&[id(7), id(8)]), text);
        }
    }
}

fn rule_on(
    catalog: &Catalog,
    (at, subject): (usize, Subject),
    fields: &[&str],
    filter: &Json,
) -> Rule {
    let all = catalog.subject_fields(subject).expect("fields");
    let field = |name: &&str| all.find(name).expect("a field").id;
    let place = Place::Pointer(String::new());
    let condition = resolve_rule(catalog, Keys::Names, subject, filter, &place);
    Rule {
        id: RuleId::new(id(100 + at as u128)),
        subject: Some(subject.uuid()),
        action: Action::Read,
        fields: if fields.is_empty() {
            FieldScope::All
        } else {
            FieldScope::Only(fields.iter().map(field).collect())
        },
        condition: Some(condition.expect("a condition")),
        check: None,
        presets: Vec::new(),
        masks: BTreeMap::new(),
        limits: RuleLimits::default(),
    }
}

fn print(statement: &super::Statement, text: &mut String) {
    let _ = writeln!(text, "{}", statement.text);
    for (at, value) in statement.values.0.iter().enumerate() {
        let _ = writeln!(text, "    {} {value:?}", at + 1);
    }
}

fn system() -> Caller {
    Caller::system("test", OffsetDateTime::UNIX_EPOCH)
}

/// A key of a partner with the one role.
fn partner() -> Caller {
    Caller {
        principal: Principal::Key(KeyId::new(id(2))),
        roles: [RoleId::new(id(1))].into(),
        partner: Some(PartnerBinding {
            id: PartnerId::new(id(3)),
            organization: RecordId::new(id(4)),
        }),
        ..Caller::anonymous(OffsetDateTime::UNIX_EPOCH)
    }
}

/// A selection; `customer.name` follows a reference, `people()` is a collection of names.
fn select(paths: &[&str]) -> Selection {
    let entries = paths.iter().map(|path| {
        let node = match path.split_once('.') {
            Some((name, below)) => Node::Reference {
                name: name.to_owned(),
                selection: select(&[below]),
            },
            None => Node::Field {
                name: (*path).to_owned(),
                parts: None,
            },
        };
        entry(path, node)
    });
    Selection {
        entries: entries.collect(),
    }
}

fn entry(key: &str, node: Node) -> Entry {
    Entry {
        key: key.to_owned(),
        node,
        place: Place::Pointer(String::new()),
    }
}

fn records(selection: Selection) -> ListShape {
    ListShape {
        entries: vec![("data".to_owned(), ListPart::Records(selection))],
    }
}

fn list(object: &str, filter: Json, sort: &str, selection: Selection) -> ListRequest {
    let query = CollectionQuery {
        filter: Filter {
            json: Some(filter),
            terms: Vec::new(),
        },
        sort: match sort {
            "" => Vec::new(),
            keys => SortKey::parse_list(keys),
        },
        ..CollectionQuery::default()
    };
    ListRequest {
        object: object.to_owned(),
        query,
        shape: records(selection),
        of: None,
    }
}

fn golden(name: &str, world: &World, caller: &Caller, request: &ListRequest) {
    let plan = world.list(caller, request).expect("a plan");
    insta::assert_snapshot!(name, world.print(&plan));
}

#[test]
fn a_list_is_one_statement() {
    let request = list(
        "organizations",
        json!({}),
        "-name,city",
        select(&["id", "name", "annualRevenue"]),
    );
    golden("list", &World::new(&[]), &system(), &request);
}

#[test]
fn comparisons_are_bound() {
    let filter = json!({
        "city": {"eq": "x", "icontains": "50%_"}, "employeeCount": {"between": [1, 2], "neq": 3},
        "kinds": {"hasAny": ["customer"]}, "status": {"nin": ["active"]}, "country": {"in": ["NL", "BE"]},
        "annualRevenue": {"amount": {"gte": "1.5"}}, "createdAt": {"lt": "2026-01-01T00:00:00Z"},
        "or": [{"fax": {"isNull": true}}, {"not": {"email": {"endsWith": "@x.nl"}}}],
    });
    golden(
        "comparisons",
        &World::new(&[]),
        &system(),
        &list("organizations", filter, "name", select(&["id"])),
    );
}

#[test]
fn references_are_joined_and_filtered_by_exists() {
    let filter = json!({"customer": {"country": {"eq": "NL"}}, "lines": {"some": {"quantity": {"gt": "10"}}}});
    let request = list(
        "orders",
        filter,
        "customer.name",
        select(&["number", "customer.name"]),
    );
    golden("references", &World::new(&[]), &system(), &request);
}

#[test]
fn a_collection_is_one_statement_for_all_parents() {
    let mut selection = select(&["name"]);
    let people = Node::Collection {
        name: "people".to_owned(),
        query: CollectionQuery {
            sort: SortKey::parse_list("lastName"),
            count: Count::Exact,
            ..CollectionQuery::default()
        },
        shape: records(select(&["lastName"])),
    };
    let mut member = select(&["lastName"]);
    member.entries.push(entry(
        "link",
        Node::Link {
            selection: select(&["title"]),
        },
    ));
    let employees = Node::Collection {
        name: "employees".to_owned(),
        query: CollectionQuery::default(),
        shape: records(member),
    };
    selection.entries.push(entry("people", people));
    selection.entries.push(entry("employees", employees));
    golden(
        "collections",
        &World::new(&[]),
        &system(),
        &list("organizations", json!({}), "", selection),
    );
}

#[test]
fn counts_stop_where_they_may() {
    let world = World::new(&[]);
    for (name, count) in [
        ("count_exact", Count::Exact),
        ("count_bounded", Count::Bounded),
    ] {
        let mut request = list(
            "products",
            json!({"active": {"eq": true}}),
            "name",
            select(&["id"]),
        );
        request.query.count = count;
        golden(name, &world, &system(), &request);
    }
}

#[test]
fn a_page_continues_behind_the_values_of_its_cursor() {
    let world = World::new(&[]);
    let mut request = list("organizations", json!({}), "city,-name", select(&["id"]));
    let plan = world.list(&system(), &request).expect("a plan");
    let ReadPlan::List(first) = plan else {
        panic!("a list")
    };
    let values = json!(["Utrecht", "Acme", id(9).to_string()]).to_string();
    let after = cursor::encode(KEY, &first.context, values.as_bytes());
    request.query.page = PageRequest {
        limit: Some(10),
        after: Some(after),
        ..PageRequest::default()
    };
    golden("cursor", &world, &system(), &request);
}

#[test]
fn a_restricted_caller_reads_under_its_rules_at_every_hop() {
    let own = json!({"carrier": {"eq": "$partner.id"}});
    let world = World::new(&[
        ("shipment", &["number", "order"], own.clone()),
        (
            "shipment",
            &["freight"],
            json!({"carrier": {"eq": "$partner.id"}, "status": {"eq": "delivered"}}),
        ),
        (
            "order",
            &["number", "customer"],
            json!({"shipments": {"some": own}}),
        ),
    ]);
    let filter =
        json!({"order": {"number": {"startsWith": "1"}}, "freight": {"amount": {"gt": "5"}}});
    let request = list(
        "shipments",
        filter,
        "-order.number,number",
        select(&["number", "freight", "order.number"]),
    );
    golden("restricted", &world, &partner(), &request);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of requests")]
fn every_table_that_a_restricted_caller_reads_is_under_its_rule() {
    let rules = [
        ("shipment", "shipments", "trackingNumber"),
        ("order", "orders", "shipRegion"),
        ("organization", "organizations", "region"),
    ];
    let text_of = |name: &str| format!("the rule of {name}");
    let rule = |(name, _, field): &(&'static str, _, &str)| {
        let all: &[&str] = &[];
        (*name, all, json!({(*field): {"eq": text_of(name)}}))
    };
    let world = World::new(&rules.iter().map(rule).collect::<Vec<_>>());
    let requests = [
        (
            "shipments",
            json!({}),
            "",
            vec!["number", "order.number", "carrier.name"],
        ),
        (
            "shipments",
            json!({"order": {"customer": {"city": {"eq": "x"}}}}),
            "order.number",
            vec!["number"],
        ),
        (
            "shipments",
            json!({"not": {"order": {"isNull": true}}}),
            "",
            vec!["id"],
        ),
        (
            "orders",
            json!({"shipments": {"every": {"carrier": {"name": {"eq": "x"}}}}}),
            "customer.name",
            vec!["id"],
        ),
        (
            "organizations",
            json!({"orders": {"none": {"shipments": {"some": {}}}}}),
            "",
            vec!["name"],
        ),
        (
            "organizations",
            json!({"or": [{"orders": {"some": {}}}, {"carriedShipments": {"none": {}}}]}),
            "",
            vec!["id"],
        ),
        (
            "orders",
            json!({"customer": {"eq": id(6).to_string()}}),
            "-customer.city",
            vec!["customer.city"],
        ),
    ];
    for (object, filter, sort, paths) in requests {
        let mut request = list(object, filter, sort, select(&paths));
        request.query.count = Count::Exact;
        let plan = world.list(&partner(), &request).expect("a plan");
        let text = world.print(&plan);
        for (name, table, _) in rules {
            let read = text.matches(&format!("\"{table}\" AS")).count();
            let under = text.matches(&text_of(name)).count();
            assert_eq!(read, under, "{table} read, and under its rule\n{text}");
        }
    }
}

#[test]
fn writes_are_bound_and_raise_the_version() {
    let world = World::new(&[]);
    let assignments = || {
        vec![
            Assignment::new("name", Storage::Text, Value::Text("'; --".to_owned())),
            Assignment::new(
                "kinds",
                Storage::TextSet,
                Value::TextSet(vec!["customer".to_owned()]),
            ),
            Assignment::new("owner_id", Storage::Uuid, Value::Null),
        ]
    };
    let object = world.catalog.find_plural("organizations").expect("a type");
    let target = Target {
        subject: Subject::Object(object.id),
        table: &object.table,
        id: id(5),
        state: RowState::Live,
    };
    let mut text = String::new();
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let _ = writeln!(text, "-- {dialect:?}");
        let catalog = &*world.catalog;
        let insert = write::insert(catalog, dialect, "organizations", &assignments());
        print(&insert.expect("SQL"), &mut text);
        print(
            &write::update(catalog, dialect, ("organizations", id(5)), &assignments()),
            &mut text,
        );
        let always = [&Condition::TRUE];
        let (every, looked_at) = (
            Sight::Engine(Why::Again),
            (&[][..], &always[..], Lock::Change),
        );
        let inspect = write::inspect(catalog, dialect, target, every, looked_at);
        print(&inspect.expect("SQL"), &mut text);
    }
    insta::assert_snapshot!("writes", text);
}
