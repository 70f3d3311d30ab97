//! The Northwind files inside the binary, as tables of rows. Says nothing about what becomes of them.

use std::collections::HashMap;

use super::DemoError;

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident: $file:literal;)*) => {
        /// The tables of the source.
        pub(super) struct Tables {
            $($(#[$doc])* pub(super) $field: Table,)*
        }

        impl Tables {
            /// Parses all files.
            pub(super) fn parse() -> Result<Self, DemoError> {
                Ok(Self {
                    $($field: Table::parse($file, include_str!(concat!("../../assets/northwind/", $file)))?,)*
                })
            }
        }
    };
}

tables! {
    categories: "Categories.csv";
    customers: "Customers.csv";
    employees: "Employees.csv";
    employee_territories: "EmployeeTerritories.csv";
    orders: "Orders.csv";
    order_details: "OrderDetails.csv";
    products: "Products.csv";
    regions: "Regions.csv";
    shippers: "Shippers.csv";
    suppliers: "Suppliers.csv";
    territories: "Territories.csv";
}

/// One table.
pub(super) struct Table {
    file: &'static str,
    columns: HashMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a csv::StringRecord,
}

impl Table {
    fn parse(file: &'static str, text: &str) -> Result<Self, DemoError> {
        let malformed = |source| DemoError::Malformed { file, source };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(malformed)?;
        let columns = header.iter().map(str::to_owned).zip(0..).collect();
        let records = reader.records().collect::<Result<_, _>>();
        Ok(Self {
            file,
            columns,
            records: records.map_err(malformed)?,
        })
    }

    /// The rows in the order of the file.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row {
            table: self,
            record,
        })
    }
}

impl<'a> Row<'a> {
    /// A cell; `None` when it is empty.
    pub(super) fn find(&self, column: &'static str) -> Result<Option<&'a str>, DemoError> {
        let file = self.table.file;
        let at = self.table.columns.get(column);
        let at = at.ok_or(DemoError::UnknownColumn { file, column })?;
        Ok(self.record.get(*at).filter(|cell| !cell.is_empty()))
    }

    /// A cell that is never empty.
    pub(super) fn cell(&self, column: &'static str) -> Result<&'a str, DemoError> {
        let file = self.table.file;
        self.find(column)?
            .ok_or(DemoError::EmptyCell { file, column })
    }
}
