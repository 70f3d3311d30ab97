//! The roles of the demo, its partners with their people, and an API key for each.

use schema::{
    Engine, RecordId,
    access::Caller,
    identity::{NewKey, NewPartner, NewRole, NewUser, Partner, RuleText},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    DemoError, Issued, IssuedKey, IssuedUser, data::Tables, loader::find, parties::Parties,
};
use crate::password::{Passwords, generate};

/// Suppliers with a key: the first ones.
const SUPPLIERS_WITH_KEY: usize = 3;

/// The customer that orders for itself.
const CUSTOMER: &str = "ALFKI";

/// The roles and their rules.
const ROLES: &str = include_str!("../../assets/northwind/roles.json");

#[derive(Deserialize)]
struct RoleText {
    #[serde(flatten)]
    role: NewRole,
    rules: Vec<RuleText>,
}

/// An organization that gets access.
struct Party {
    organization: RecordId,
    name: String,
    /// The role of its key.
    role: &'static str,
    person: Option<Person>,
}

/// Somebody of a partner who signs in.
struct Person {
    name: String,
    /// What stands before the `@` of the address.
    mailbox: &'static str,
    role: &'static str,
}

/// Creates roles, partners, their people and keys.
pub(super) async fn load(
    engine: &Engine,
    caller: &Caller,
    (tables, parties): (&Tables, &Parties),
) -> Result<Issued, DemoError> {
    add_roles(engine, caller).await?;
    let passwords = Passwords::new()?;
    let mut issued = Issued::default();
    let mut partners = Vec::new();
    for party in invited(tables, parties)? {
        let partner = add_partner(engine, caller, &party).await?;
        if let Some(person) = &party.person {
            let user = add_person(engine, caller, (&party, &partner, person), &passwords);
            issued.people.push(user.await?);
        }
        partners.push((party, partner));
    }
    // The keys come last: they tell a whole demo from a part of one.
    for (party, partner) in partners {
        let key = add_key(engine, caller, (&party, &partner)).await?;
        issued.keys.push(key);
    }
    Ok(issued)
}

async fn add_roles(engine: &Engine, caller: &Caller) -> Result<(), DemoError> {
    let roles: Vec<RoleText> = serde_json::from_str(ROLES)?;
    for RoleText { role, rules } in roles {
        let role = engine.create_role(caller, role).await;
        let role = role.map_err(DemoError::of("roles"))?;
        for rule in &rules {
            let rule = engine.create_rule(caller, &role.name, rule).await;
            rule.map_err(DemoError::of("rules"))?;
        }
    }
    Ok(())
}

/// All shippers, each with somebody who manages its people; some suppliers; one customer.
fn invited(tables: &Tables, parties: &Parties) -> Result<Vec<Party>, DemoError> {
    let mut invited = Vec::new();
    for row in tables.shippers.rows() {
        let name = row.cell("CompanyName")?;
        invited.push(Party {
            organization: find(&parties.shippers, row.cell("ShipperID")?)?,
            name: name.to_owned(),
            role: "carrier",
            person: Some(Person {
                name: format!("Dispatch of {name}"),
                mailbox: "dispatch",
                role: "carrierLead",
            }),
        });
    }
    for row in tables.suppliers.rows().take(SUPPLIERS_WITH_KEY) {
        invited.push(Party {
            organization: find(&parties.suppliers, row.cell("SupplierID")?)?,
            name: row.cell("CompanyName")?.to_owned(),
            role: "supplier",
            person: None,
        });
    }
    for row in tables.customers.rows() {
        let key = row.cell("CustomerID")?;
        if key != CUSTOMER {
            continue;
        }
        invited.push(Party {
            organization: find(&parties.customers, key)?,
            name: row.cell("CompanyName")?.to_owned(),
            role: "customer",
            person: Some(Person {
                name: row.cell("ContactName")?.to_owned(),
                mailbox: "orders",
                role: "customer",
            }),
        });
    }
    Ok(invited)
}

async fn add_partner(
    engine: &Engine,
    caller: &Caller,
    party: &Party,
) -> Result<Partner, DemoError> {
    let partner = NewPartner {
        organization: json!(party.organization),
        name: party.name.clone(),
    };
    let partner = engine.create_partner(caller, partner).await;
    partner.map_err(DemoError::of("partners"))
}

/// Somebody who signs in with a password that was made up here.
async fn add_person(
    engine: &Engine,
    caller: &Caller,
    (party, partner, person): (&Party, &Partner, &Person),
    passwords: &Passwords,
) -> Result<IssuedUser, DemoError> {
    let password = generate();
    let host = party.name.to_lowercase().replace(' ', "-");
    let user = NewUser {
        email: format!("{}@{host}.example", person.mailbox),
        name: person.name.clone(),
        password_hash: Some(passwords.hash(password.clone()).await?),
        partner: Some(partner.id.to_string()),
        roles: vec![person.role.to_owned()],
        teams: Vec::new(),
        invite: false,
    };
    let user = engine.create_user(caller, user).await;
    let (user, _) = user.map_err(DemoError::of("people of partners"))?;
    Ok(IssuedUser {
        role: person.role.to_owned(),
        organization: party.name.clone(),
        email: user.email,
        password,
    })
}

/// A key for the partner's systems.
async fn add_key(
    engine: &Engine,
    caller: &Caller,
    (party, partner): (&Party, &Partner),
) -> Result<IssuedKey, DemoError> {
    let key = NewKey {
        name: format!("{} (demo)", party.name),
        partner: Some(partner.id.to_string()),
        roles: vec![party.role.to_owned()],
        scopes: None,
        allowed_ips: None,
        rate_class: None,
        expires_at: None,
    };
    let key = engine.create_key(caller, key).await;
    let key = key.map_err(DemoError::of("keys"))?;
    Ok(IssuedKey {
        role: party.role.to_owned(),
        organization: party.name.clone(),
        secret: key.secret,
    })
}
