//! What the administrator finds: each reference answer that needs no sum of products of fields.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use time::{Date, macros::format_description};

use super::{Northwind, all, count, expected, key, text};

#[tokio::test]
async fn everything_is_there() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let none = json!({});
    for (objects, number) in [
        ("orders", 830),
        ("orderLines", 2155),
        ("products", 77),
        ("shipments", 830),
        ("territories", 53),
    ] {
        assert_eq!(count(&admin, objects, &none).await, number, "{objects}");
    }
    for (kind, number) in [("customer", 93), ("supplier", 29), ("carrier", 3)] {
        let filter = json!({"kinds": {"has": kind}});
        let found = count(&admin, "organizations", &filter).await;
        assert_eq!(found, number, "{kind}");
    }
    let ordered = json!({"orders": {"some": {}}});
    assert_eq!(count(&admin, "organizations", &ordered).await, 89);

    let lines = all(&admin, "orderLines", "fields=quantity", &none).await;
    let units = lines.iter().map(|line| units(line, "/quantity"));
    assert_eq!(json!(units.sum::<i64>() / 10_000), expected("nw01")[0][3]);
}

#[tokio::test]
async fn what_is_odd_in_the_source_is_kept() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let odd = json!({"northwindCode": {"eq": "Val2 "}});
    assert_eq!(count(&admin, "organizations", &odd).await, 1);
    let trimmed = json!({"northwindCode": {"eq": "Val2"}});
    assert_eq!(count(&admin, "organizations", &trimmed).await, 0);
    let no_url = json!({"homePage": {"eq": "#CAJUN.HTM#"}, "website": {"isNull": true}});
    assert_eq!(count(&admin, "organizations", &no_url).await, 1);
    let two_lines = json!({"street": {"eq": "Coventry House\nMiner Rd."}});
    assert_eq!(count(&admin, "people", &two_lines).await, 1);
}

#[tokio::test]
async fn orders_by_month_and_by_customer() {
    let northwind = Northwind::start().await;
    let fields = "fields=orderDate,customer.northwindCode";
    let orders = all(&northwind.admin(), "orders", fields, &json!({})).await;
    let mut months = BTreeMap::<&str, u32>::new();
    let mut customers = BTreeMap::<&str, Vec<i64>>::new();
    for order in &orders {
        let date = text(order, "/orderDate");
        *months.entry(&date[..7]).or_default() += 1;
        let dates = customers.entry(text(order, "/customer/northwindCode"));
        dates.or_default().push(day(date));
    }
    let months: Vec<Json> = months.iter().map(|row| json!(row)).collect();
    assert_eq!(months, expected("nw06"));

    let mut gaps: Vec<(f64, &str, usize)> = Vec::new();
    for (customer, mut days) in customers {
        days.sort_unstable();
        if let [first, .., last] = days[..] {
            let between = i64::try_from(days.len()).expect("few") - 1;
            gaps.push((ratio(last - first, between), customer, days.len()));
        }
    }
    gaps.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    let shortest = gaps.iter().take(10);
    let rows: Vec<Json> = shortest
        .map(|(gap, customer, orders)| json!([customer, orders, gap]))
        .collect();
    assert_eq!(rows, expected("nw16"));
}

#[tokio::test]
async fn orders_that_were_not_shipped_and_customers_without_orders() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let fields = "fields=number,customer.northwindCode,orderDate,requiredDate,shipments.carrier.externalId&sort=number";
    let open = all(
        &admin,
        "orders",
        fields,
        &json!({"shippedDate": {"isNull": true}}),
    )
    .await;
    let row = |order: &Json| {
        let carrier = order.pointer("/shipments/data/0/carrier/externalId");
        json!([
            text(order, "/number").parse::<i64>().expect("a number"),
            order["customer"]["northwindCode"],
            order["orderDate"],
            order["requiredDate"],
            key(carrier.expect("a carrier")),
        ])
    };
    assert_eq!(open.iter().map(row).collect::<Vec<_>>(), expected("nw12"));

    let filter = json!({"kinds": {"has": "customer"}, "orders": {"none": {}}});
    let fields = "fields=northwindCode,name&sort=northwindCode";
    let never = all(&admin, "organizations", fields, &filter).await;
    let row = |customer: &Json| json!([customer["northwindCode"], customer["name"]]);
    let rows: BTreeSet<String> = never.iter().map(|one| row(one).to_string()).collect();
    let expected = expected("nw13");
    assert_eq!(rows, expected.iter().map(Json::to_string).collect());
}

#[tokio::test]
async fn delay_and_freight_by_shipper() {
    let northwind = Northwind::start().await;
    let fields = "fields=freight,shippedDate,order.orderDate,carrier.externalId,carrier.name";
    let shipments = all(&northwind.admin(), "shipments", fields, &json!({})).await;
    let mut delays = BTreeMap::<(i64, &str), Vec<i64>>::new();
    let mut freight = BTreeMap::<(i64, &str), i64>::new();
    for shipment in &shipments {
        let shipper = key(&shipment["carrier"]["externalId"]);
        let ordered = text(shipment, "/order/orderDate");
        let paid = units(shipment, "/freight/amount") / 100;
        *freight.entry((shipper, &ordered[..4])).or_default() += paid;
        if let Some(shipped) = shipment["shippedDate"].as_str() {
            let delays = delays.entry((shipper, text(shipment, "/carrier/name")));
            delays.or_default().push(day(shipped) - day(ordered));
        }
    }
    let rows = delays.iter().map(|((shipper, name), days)| {
        let number = i64::try_from(days.len()).expect("few");
        let average = ratio(days.iter().sum(), number);
        json!([shipper, name, number, average, days.iter().max()])
    });
    assert_eq!(rows.collect::<Vec<_>>(), expected("nw10"));
    let rows = freight
        .iter()
        .map(|((shipper, year), cents)| json!([shipper, year, ratio(*cents, 100)]));
    assert_eq!(rows.collect::<Vec<_>>(), expected("nw18"));
}

#[tokio::test]
async fn territories_reorders_and_discounts() {
    let northwind = Northwind::start().await;
    let admin = northwind.admin();
    let query = "{ people(filter: {externalId: {startsWith: \"employee-\"}}, sort: {externalId: ASC}) { nodes {
        externalId territories { nodes { region { name } } } } } }";
    let employees = admin.graphql(query, json!({})).await.data();
    let rows = employees["people"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter();
    let rows = rows.map(|employee| {
        let territories = employee["territories"]["nodes"].as_array().expect("nodes");
        let regions = territories.iter().map(|one| text(one, "/region/name"));
        let regions: BTreeSet<&str> = regions.collect();
        let id = key(&employee["externalId"]);
        json!([id, territories.len(), regions.len(), regions.first()])
    });
    assert_eq!(rows.collect::<Vec<_>>(), expected("nw20"));

    let fields = "fields=sku,name,unitsInStock,unitsOnOrder,reorderLevel";
    let active = all(&admin, "products", fields, &json!({"active": {"eq": true}})).await;
    let number = |product: &Json, field: &str| product[field].as_i64().expect("a number");
    let mut low: Vec<Json> = Vec::new();
    for product in &active {
        let stock = number(product, "unitsInStock") + number(product, "unitsOnOrder");
        if stock <= number(product, "reorderLevel") {
            let id: i64 = text(product, "/sku").parse().expect("a number");
            let members = ["name", "unitsInStock", "unitsOnOrder", "reorderLevel"];
            let cells = members.map(|member| product[member].clone());
            low.push(json!([id, cells[0], cells[1], cells[2], cells[3]]));
        }
    }
    low.sort_by_key(|row| row[0].as_i64());
    assert_eq!(low, expected("nw26"));

    for row in expected("nw28") {
        let percent = row[0].as_i64().expect("a number");
        let discount = format!("{}.{:02}", percent / 100, percent % 100);
        let filter = json!({"discount": {"eq": discount}});
        let lines = count(&admin, "orderLines", &filter).await;
        assert_eq!(json!(lines), row[1], "lines with {percent} % off");
    }
}

/// A decimal with four digits behind the point, in ten thousandths.
fn units(record: &Json, pointer: &str) -> i64 {
    let digits = text(record, pointer).replace('.', "");
    digits.parse().expect("a decimal")
}

/// The number of a day.
fn day(date: &str) -> i64 {
    let date = Date::parse(date, format_description!("[year]-[month]-[day]"));
    date.expect("a date").to_julian_day().into()
}

/// A ratio rounded half away from zero to two decimals; both numbers are positive.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn ratio(numerator: i64, denominator: i64) -> f64 {
    let hundredths = (numerator * 200 + denominator) / (2 * denominator);
    hundredths as f64 / 100.0
}
