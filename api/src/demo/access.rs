//! The roles of the demo, its partners, and an API key for each.

use schema::{
    Engine, RecordId,
    access::Caller,
    identity::{NewKey, NewPartner, NewRole, RuleText},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    DemoError, IssuedKey,
    data::{Row, Tables},
    loader::find,
    parties::Parties,
};

/// Suppliers with a key: the first ones.
const SUPPLIERS_WITH_KEY: usize = 3;

/// The roles and their rules.
const ROLES: &str = include_str!("../../assets/northwind/roles.json");

#[derive(Deserialize)]
struct RoleText {
    #[serde(flatten)]
    role: NewRole,
    rules: Vec<RuleText>,
}

/// Creates roles, partners and keys.
pub(super) async fn load(
    engine: &Engine,
    caller: &Caller,
    (tables, parties): (&Tables, &Parties),
) -> Result<Vec<IssuedKey>, DemoError> {
    let roles: Vec<RoleText> = serde_json::from_str(ROLES)?;
    for RoleText { role, rules } in roles {
        let role = engine.create_role(caller, role).await;
        let role = role.map_err(DemoError::of("roles"))?;
        for rule in &rules {
            let rule = engine.create_rule(caller, &role.name, rule).await;
            rule.map_err(DemoError::of("rules"))?;
        }
    }
    let mut keys = Vec::new();
    for row in tables.shippers.rows() {
        let organization = find(&parties.shippers, row.cell("ShipperID")?)?;
        keys.push(issue(engine, caller, ("carrier", &row, organization)).await?);
    }
    for row in tables.suppliers.rows().take(SUPPLIERS_WITH_KEY) {
        let organization = find(&parties.suppliers, row.cell("SupplierID")?)?;
        keys.push(issue(engine, caller, ("supplier", &row, organization)).await?);
    }
    Ok(keys)
}

/// Makes an organization a partner, with a key for its systems.
async fn issue(
    engine: &Engine,
    caller: &Caller,
    (role, row, organization): (&str, &Row<'_>, RecordId),
) -> Result<IssuedKey, DemoError> {
    let name = row.cell("CompanyName")?.to_owned();
    let partner = NewPartner {
        organization: json!(organization),
        name: name.clone(),
    };
    let partner = engine.create_partner(caller, partner).await;
    let partner = partner.map_err(DemoError::of("partners"))?;
    let key = NewKey {
        name: format!("{name} (demo)"),
        partner: Some(partner.id.to_string()),
        roles: vec![role.to_owned()],
        scopes: None,
        allowed_ips: None,
        rate_class: None,
        expires_at: None,
    };
    let key = engine.create_key(caller, key).await;
    let key = key.map_err(DemoError::of("keys"))?;
    Ok(IssuedKey {
        role: role.to_owned(),
        organization: name,
        secret: key.secret,
    })
}
