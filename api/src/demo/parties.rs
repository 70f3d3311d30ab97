//! Who takes part: customers, suppliers and shippers with their contacts, and Northwind's own people.

use serde_json::json;

use super::{
    DemoError,
    data::{Row, Table, Tables},
    loader::{Ids, Loader, NewLink, find},
    values::{Form, Mapping, Values, point_at, set, values_of},
};

/// The company whose data it is.
const OWN_NAME: &str = "Northwind Traders";
const OWN_KEY: &str = "northwind";

const COMPANY: Mapping = &[
    ("name", "CompanyName", Form::Text),
    ("street", "Address", Form::Text),
    ("city", "City", Form::Text),
    ("region", "Region", Form::Text),
    ("postalCode", "PostalCode", Form::Text),
    ("country", "Country", Form::Text),
    ("phone", "Phone", Form::Text),
    ("fax", "Fax", Form::Text),
];

const SHIPPER: Mapping = &[
    ("name", "CompanyName", Form::Text),
    ("phone", "Phone", Form::Text),
];

const EMPLOYEE: Mapping = &[
    ("firstName", "FirstName", Form::Text),
    ("lastName", "LastName", Form::Text),
    ("salutation", "TitleOfCourtesy", Form::Text),
    ("jobTitle", "Title", Form::Text),
    ("birthDate", "BirthDate", Form::Text),
    ("hireDate", "HireDate", Form::Text),
    ("street", "Address", Form::Text),
    ("city", "City", Form::Text),
    ("region", "Region", Form::Text),
    ("postalCode", "PostalCode", Form::Text),
    ("country", "Country", Form::Text),
    ("homePhone", "HomePhone", Form::Text),
    ("extension", "Extension", Form::Text),
    ("description", "Notes", Form::Text),
];

/// The parties by their keys in the source.
pub(super) struct Parties {
    pub(super) customers: Ids,
    pub(super) suppliers: Ids,
    pub(super) shippers: Ids,
    pub(super) employees: Ids,
}

/// Creates all parties with the links among them.
pub(super) async fn load(loader: &mut Loader<'_>, tables: &Tables) -> Result<Parties, DemoError> {
    let mut own = Values::new();
    set(&mut own, "name", OWN_NAME);
    set(&mut own, "externalId", OWN_KEY);
    let own = vec![(OWN_KEY.to_owned(), own)];
    let own = loader.create("own organization", "organizations", own);
    let own = own.await?;

    let customers = (&tables.customers, "CustomerID", "customer");
    let customers = companies(loader, "customers", customers).await?;
    let suppliers = (&tables.suppliers, "SupplierID", "supplier");
    let suppliers = companies(loader, "suppliers", suppliers).await?;
    let shippers = shippers(loader, &tables.shippers, &own).await?;
    let employees = employees(loader, &tables.employees, &own).await?;
    Ok(Parties {
        customers,
        suppliers,
        shippers,
        employees,
    })
}

/// Customers or suppliers, each with its contact.
async fn companies(
    loader: &mut Loader<'_>,
    what: &'static str,
    (table, key, kind): (&Table, &'static str, &'static str),
) -> Result<Ids, DemoError> {
    let mut records = Vec::new();
    for row in table.rows() {
        let mut values = organization(&row, COMPANY, (key, kind))?;
        if kind == "supplier"
            && let Some(link) = row.find("HomePage")?
        {
            set(&mut values, "homePage", link);
            // A link of Microsoft Access: text#address#.
            if let Some(address) = link.split('#').find(|part| part.starts_with("http://")) {
                set(&mut values, "website", address);
            }
        }
        records.push((row.cell(key)?.to_owned(), values));
    }
    let companies = loader.create(what, "organizations", records).await?;
    contacts(loader, &companies, (table, key, kind)).await?;
    Ok(companies)
}

fn organization(
    row: &Row<'_>,
    mapping: Mapping,
    (key, kind): (&'static str, &'static str),
) -> Result<Values, DemoError> {
    let key = row.cell(key)?;
    let mut values = values_of(row, mapping)?;
    set(&mut values, "externalId", format!("{kind}-{key}"));
    set(&mut values, "northwindCode", key);
    set(&mut values, "kinds", json!([kind]));
    Ok(values)
}

/// The contact of each company, employed there.
async fn contacts(
    loader: &mut Loader<'_>,
    companies: &Ids,
    (table, key, kind): (&Table, &'static str, &'static str),
) -> Result<(), DemoError> {
    let (mut people, mut employments) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let (key, name) = (row.cell(key)?, row.cell("ContactName")?);
        let company = find(companies, key)?;
        let mut values = Values::new();
        match name.split_once(' ') {
            Some((first, last)) => {
                set(&mut values, "firstName", first);
                set(&mut values, "lastName", last);
            }
            None => set(&mut values, "lastName", name),
        }
        let title = row.cell("ContactTitle")?;
        set(&mut values, "jobTitle", title);
        set(&mut values, "externalId", format!("contact-{kind}-{key}"));
        point_at(&mut values, "organization", company);
        people.push((key.to_owned(), values));

        let mut employment = Values::new();
        set(&mut employment, "title", title);
        set(&mut employment, "isPrimary", true);
        employments.push((key, company, employment));
    }
    let people = loader.create("contacts", "people", people).await?;
    let mut links = Vec::with_capacity(employments.len());
    for (key, to, values) in employments {
        let from = find(&people, key)?;
        links.push(NewLink { from, to, values });
    }
    let path = ("people", "employers");
    loader.link("employments", path, links).await
}

/// The shippers, which carry for the own organization.
async fn shippers(loader: &mut Loader<'_>, table: &Table, own: &Ids) -> Result<Ids, DemoError> {
    let mut records = Vec::new();
    for row in table.rows() {
        let mut values = organization(&row, SHIPPER, ("ShipperID", "carrier"))?;
        let key = row.cell("ShipperID")?;
        set(&mut values, "externalId", format!("shipper-{key}"));
        records.push((key.to_owned(), values));
    }
    let shippers = loader.create("shippers", "organizations", records).await?;
    let to = find(own, OWN_KEY)?;
    let links = shippers.values().map(|from| NewLink {
        from: *from,
        to,
        values: Values::new(),
    });
    let path = ("organizations", "carriesFor");
    loader.link("carriages", path, links.collect()).await?;
    Ok(shippers)
}

/// The employees of the own organization, who report to each other.
async fn employees(loader: &mut Loader<'_>, table: &Table, own: &Ids) -> Result<Ids, DemoError> {
    let own = find(own, OWN_KEY)?;
    let mut employees = Ids::new();
    // Whoever is reported to comes first, so that each reference points at a record that is there.
    let mut waiting: Vec<Row<'_>> = table.rows().collect();
    while !waiting.is_empty() {
        let (mut records, mut later) = (Vec::new(), Vec::new());
        for row in std::mem::take(&mut waiting) {
            let boss = row.find("ReportsTo")?;
            match boss.map(|boss| find(&employees, boss)) {
                Some(Err(_)) => later.push(row),
                None => records.push(employee(&row, own, None)?),
                Some(Ok(boss)) => records.push(employee(&row, own, Some(boss))?),
            }
        }
        if records.is_empty() {
            return Err(DemoError::UnknownKey(
                "the employees report in a circle".to_owned(),
            ));
        }
        employees.extend(loader.create("employees", "people", records).await?);
        waiting = later;
    }
    let mut links = Vec::new();
    for row in table.rows() {
        let mut values = Values::new();
        set(&mut values, "title", row.cell("Title")?);
        set(&mut values, "startDate", row.cell("HireDate")?);
        set(&mut values, "isPrimary", true);
        let from = find(&employees, row.cell("EmployeeID")?)?;
        links.push(NewLink {
            from,
            to: own,
            values,
        });
    }
    let path = ("people", "employers");
    loader.link("employments", path, links).await?;
    Ok(employees)
}

fn employee(
    row: &Row<'_>,
    own: schema::RecordId,
    boss: Option<schema::RecordId>,
) -> Result<(String, Values), DemoError> {
    let key = row.cell("EmployeeID")?;
    let mut values = values_of(row, EMPLOYEE)?;
    set(&mut values, "externalId", format!("employee-{key}"));
    point_at(&mut values, "organization", own);
    if let Some(boss) = boss {
        point_at(&mut values, "reportsTo", boss);
    }
    Ok((key.to_owned(), values))
}
