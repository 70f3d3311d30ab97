//! What is sold, where and to whom: regions and territories, products, orders with lines and shipments.

use super::{
    DemoError,
    data::{Row, Table, Tables},
    loader::{Ids, Loader, NewLink, find},
    parties::Parties,
    values::{Form, Mapping, Values, point_at, set, values_of},
};

const CATEGORY: Mapping = &[
    ("code", "CategoryID", Form::Text),
    ("name", "CategoryName", Form::Text),
    ("description", "Description", Form::Text),
];

const REGION: Mapping = &[
    ("code", "RegionID", Form::Text),
    ("name", "RegionDescription", Form::Text),
];

const TERRITORY: Mapping = &[
    ("code", "TerritoryID", Form::Text),
    ("name", "TerritoryDescription", Form::Text),
];

const PRODUCT: Mapping = &[
    ("name", "ProductName", Form::Text),
    ("sku", "ProductID", Form::Text),
    ("unit", "QuantityPerUnit", Form::Text),
    ("price", "UnitPrice", Form::Dollars),
    ("unitsInStock", "UnitsInStock", Form::Integer),
    ("unitsOnOrder", "UnitsOnOrder", Form::Integer),
    ("reorderLevel", "ReorderLevel", Form::Integer),
];

const ORDER: Mapping = &[
    ("number", "OrderID", Form::Text),
    ("orderDate", "OrderDate", Form::Text),
    ("requiredDate", "RequiredDate", Form::Text),
    ("shippedDate", "ShippedDate", Form::Text),
    ("freight", "Freight", Form::Dollars),
    ("shipName", "ShipName", Form::Text),
    ("shipStreet", "ShipAddress", Form::Text),
    ("shipCity", "ShipCity", Form::Text),
    ("shipRegion", "ShipRegion", Form::Text),
    ("shipPostalCode", "ShipPostalCode", Form::Text),
    ("shipCountry", "ShipCountry", Form::Text),
];

const SHIPMENT: Mapping = &[
    ("requiredDate", "RequiredDate", Form::Text),
    ("shippedDate", "ShippedDate", Form::Text),
    ("freight", "Freight", Form::Dollars),
    ("recipientName", "ShipName", Form::Text),
    ("recipientStreet", "ShipAddress", Form::Text),
    ("recipientCity", "ShipCity", Form::Text),
    ("recipientRegion", "ShipRegion", Form::Text),
    ("recipientPostalCode", "ShipPostalCode", Form::Text),
    ("recipientCountry", "ShipCountry", Form::Text),
];

const LINE: Mapping = &[
    ("quantity", "Quantity", Form::Text),
    ("unitPrice", "UnitPrice", Form::Dollars),
    ("discount", "Discount", Form::Text),
];

/// Creates everything that is traded.
pub(super) async fn load(
    loader: &mut Loader<'_>,
    tables: &Tables,
    parties: &Parties,
) -> Result<(), DemoError> {
    territories(loader, tables, &parties.employees).await?;
    let categories = keyed(&tables.categories, "CategoryID", CATEGORY)?;
    let categories = loader.create("categories", "categories", categories);
    let categories = categories.await?;
    let products = products(loader, &tables.products, (&categories, &parties.suppliers)).await?;
    let orders = orders(loader, &tables.orders, parties).await?;
    shipments(loader, &tables.orders, (&orders, &parties.shippers)).await?;
    lines(loader, &tables.order_details, (&orders, &products)).await
}

/// Records that are made of their cells alone.
fn keyed(
    table: &Table,
    key: &'static str,
    mapping: Mapping,
) -> Result<Vec<(String, Values)>, DemoError> {
    let record = |row: Row<'_>| Ok((row.cell(key)?.to_owned(), values_of(&row, mapping)?));
    table.rows().map(record).collect()
}

async fn territories(
    loader: &mut Loader<'_>,
    tables: &Tables,
    employees: &Ids,
) -> Result<(), DemoError> {
    let regions = keyed(&tables.regions, "RegionID", REGION)?;
    let regions = loader.create("regions", "regions", regions).await?;
    let mut records = Vec::new();
    for row in tables.territories.rows() {
        let mut values = values_of(&row, TERRITORY)?;
        let region = find(&regions, row.cell("RegionID")?)?;
        point_at(&mut values, "region", region);
        records.push((row.cell("TerritoryID")?.to_owned(), values));
    }
    let territories = loader.create("territories", "territories", records).await?;

    let mut hired = std::collections::HashMap::new();
    for row in tables.employees.rows() {
        hired.insert(row.cell("EmployeeID")?, row.cell("HireDate")?);
    }
    let mut links = Vec::new();
    for row in tables.employee_territories.rows() {
        let employee = row.cell("EmployeeID")?;
        let mut values = Values::new();
        if let Some(date) = hired.get(employee) {
            set(&mut values, "since", *date);
        }
        links.push(NewLink {
            from: find(employees, employee)?,
            to: find(&territories, row.cell("TerritoryID")?)?,
            values,
        });
    }
    let path = ("people", "territories");
    loader.link("covered territories", path, links).await
}

async fn products(
    loader: &mut Loader<'_>,
    table: &Table,
    (categories, suppliers): (&Ids, &Ids),
) -> Result<Ids, DemoError> {
    let mut records = Vec::new();
    for row in table.rows() {
        let key = row.cell("ProductID")?;
        let mut values = values_of(&row, PRODUCT)?;
        set(&mut values, "externalId", format!("product-{key}"));
        set(&mut values, "active", row.cell("Discontinued")? == "0");
        let category = find(categories, row.cell("CategoryID")?)?;
        point_at(&mut values, "category", category);
        records.push((key.to_owned(), values));
    }
    let products = loader.create("products", "products", records).await?;
    let mut links = Vec::new();
    for row in table.rows() {
        links.push(NewLink {
            from: find(suppliers, row.cell("SupplierID")?)?,
            to: find(&products, row.cell("ProductID")?)?,
            values: Values::new(),
        });
    }
    let path = ("organizations", "suppliedProducts");
    loader.link("supplies", path, links).await?;
    Ok(products)
}

async fn orders(
    loader: &mut Loader<'_>,
    table: &Table,
    parties: &Parties,
) -> Result<Ids, DemoError> {
    let mut records = Vec::new();
    for row in table.rows() {
        let key = row.cell("OrderID")?;
        let mut values = values_of(&row, ORDER)?;
        set(&mut values, "externalId", format!("order-{key}"));
        let status = if row.find("ShippedDate")?.is_some() {
            "shipped"
        } else {
            "confirmed"
        };
        set(&mut values, "status", status);
        let customer = find(&parties.customers, row.cell("CustomerID")?)?;
        point_at(&mut values, "customer", customer);
        let employee = find(&parties.employees, row.cell("EmployeeID")?)?;
        point_at(&mut values, "employee", employee);
        records.push((key.to_owned(), values));
    }
    loader.create("orders", "orders", records).await
}

/// One shipment of each order: the source knows no more of it than what stands on the order.
async fn shipments(
    loader: &mut Loader<'_>,
    table: &Table,
    (orders, shippers): (&Ids, &Ids),
) -> Result<(), DemoError> {
    let mut records = Vec::new();
    for row in table.rows() {
        let key = row.cell("OrderID")?;
        let mut values = values_of(&row, SHIPMENT)?;
        set(&mut values, "number", format!("{key}-1"));
        set(&mut values, "externalId", format!("shipment-{key}"));
        let status = if row.find("ShippedDate")?.is_some() {
            "delivered"
        } else {
            "planned"
        };
        set(&mut values, "status", status);
        point_at(&mut values, "order", find(orders, key)?);
        let carrier = find(shippers, row.cell("ShipVia")?)?;
        point_at(&mut values, "carrier", carrier);
        records.push((key.to_owned(), values));
    }
    loader.create("shipments", "shipments", records).await?;
    Ok(())
}

async fn lines(
    loader: &mut Loader<'_>,
    table: &Table,
    (orders, products): (&Ids, &Ids),
) -> Result<(), DemoError> {
    let mut records = Vec::new();
    let mut positions = std::collections::HashMap::<&str, u32>::new();
    for row in table.rows() {
        let (order, product) = (row.cell("OrderID")?, row.cell("ProductID")?);
        let position = positions.entry(order).or_default();
        *position += 1;
        let mut values = values_of(&row, LINE)?;
        set(&mut values, "position", *position);
        point_at(&mut values, "order", find(orders, order)?);
        point_at(&mut values, "product", find(products, product)?);
        records.push((format!("{order}-{product}"), values));
    }
    loader.create("order lines", "orderLines", records).await?;
    Ok(())
}
