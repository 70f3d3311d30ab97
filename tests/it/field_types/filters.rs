//! Filters: each operator that the server describes, on the value as a whole and on its parts, over REST
//! and GraphQL. What must be found, a small model here says.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use super::{Bench, table::Row};
use crate::support::Client;

/// What the records of a row have at one place: three values and none.
struct Place<'r> {
    row: &'r Row,
    /// The part; nothing for the value as a whole.
    part: Option<String>,
    values: Vec<Json>,
}

impl<'r> Place<'r> {
    fn whole(row: &'r Row, first_part: Option<&str>) -> Self {
        let values = row.read.iter().map(|read| match first_part {
            Some(part) => read[part].clone(),
            None if row.name == "reference" => read["id"].clone(),
            None => read.clone(),
        });
        let values = values.chain([Json::Null]).collect();
        Self {
            row,
            part: None,
            values,
        }
    }

    fn part(row: &'r Row, part: &str) -> Self {
        let mut place = Self::whole(row, Some(part));
        if let Some((_, values)) = row.asked.as_ref().filter(|(asked, _)| *asked == part) {
            place.values = values.iter().cloned().chain([Json::Null]).collect();
        }
        place.part = Some(part.to_owned());
        place
    }

    fn is_null(&self, at: usize) -> bool {
        self.values[at].is_null()
    }

    /// The numbers of the records for which this holds; none without a value.
    fn such(&self, holds: impl Fn(usize) -> bool) -> Vec<usize> {
        let numbers = 0..self.values.len();
        numbers
            .filter(|at| !self.is_null(*at) && holds(*at))
            .collect()
    }

    /// The order of two values: that of the row, or that of bytes and numbers among parts.
    fn compare(&self, one: usize, other: usize) -> Ordering {
        let (a, b) = (&self.values[one], &self.values[other]);
        if a == b {
            return Ordering::Equal;
        }
        match (&self.part, a.as_f64(), b.as_f64()) {
            (None, ..) => one.cmp(&other),
            (Some(_), Some(a), Some(b)) => a.total_cmp(&b),
            (Some(_), ..) => a.as_str().cmp(&b.as_str()),
        }
    }

    /// The operand of an operator, and the records that must be found.
    fn case(&self, operator: &str) -> (Json, Vec<usize>) {
        let given = self.row.filters.iter().find(|(name, ..)| *name == operator);
        if let (None, Some((_, operand, found))) = (&self.part, given) {
            return (operand.clone(), found.to_vec());
        }
        let middle = *[1, 0, 2]
            .iter()
            .find(|at| !self.is_null(**at))
            .expect("a value");
        let value = self.values[middle].clone();
        let by = |wanted: fn(Ordering) -> bool| self.such(|at| wanted(self.compare(at, middle)));
        let all = 0..self.values.len();
        match operator {
            "eq" => (value, by(Ordering::is_eq)),
            "neq" => {
                let equal = by(Ordering::is_eq);
                (value, all.filter(|at| !equal.contains(at)).collect())
            }
            "lt" => (value, by(Ordering::is_lt)),
            "lte" => (value, by(Ordering::is_le)),
            "gt" => (value, by(Ordering::is_gt)),
            "gte" => (value, by(Ordering::is_ge)),
            "between" => (json!([value, value]), by(Ordering::is_eq)),
            "in" => (json!([value]), by(Ordering::is_eq)),
            "nin" => {
                let equal = by(Ordering::is_eq);
                (
                    json!([value]),
                    all.filter(|at| !equal.contains(at)).collect(),
                )
            }
            "isNull" => (json!(true), all.filter(|at| self.is_null(*at)).collect()),
            "has" | "hasAny" | "hasAll" => self.case_of_list(operator, &value),
            _ => self.case_of_text(operator, value.as_str().expect("a text")),
        }
    }

    fn case_of_list(&self, operator: &str, value: &Json) -> (Json, Vec<usize>) {
        let items = |value: &Json| value.as_array().cloned().unwrap_or_default();
        let wanted = items(value);
        let has = |at: usize, item: &Json| items(&self.values[at]).contains(item);
        match operator {
            "has" => (wanted[0].clone(), self.such(|at| has(at, &wanted[0]))),
            "hasAny" => (
                json!(wanted),
                self.such(|at| wanted.iter().any(|item| has(at, item))),
            ),
            _ => (
                json!(wanted),
                self.such(|at| wanted.iter().all(|item| has(at, item))),
            ),
        }
    }

    fn case_of_text(&self, operator: &str, value: &str) -> (Json, Vec<usize>) {
        let characters: Vec<char> = value.chars().collect();
        let some = |from: usize, to: usize| characters[from..to].iter().collect::<String>();
        let count = characters.len();
        let text = |at: usize| self.values[at].as_str().unwrap_or_default().to_owned();
        let fold = |text: &str| text.to_ascii_lowercase();
        let swap = |text: String| match text.to_ascii_uppercase() {
            upper if upper == text => text.to_ascii_lowercase(),
            upper => upper,
        };
        let (start, end, within) = (some(0, 1), some(count - 1, count), some(count / 2, count));
        let (operand, found) = match operator {
            "contains" => (within.clone(), self.such(|at| text(at).contains(&within))),
            "startsWith" => (start.clone(), self.such(|at| text(at).starts_with(&start))),
            "endsWith" => (end.clone(), self.such(|at| text(at).ends_with(&end))),
            "ieq" => (
                swap(value.to_owned()),
                self.such(|at| fold(&text(at)) == fold(value)),
            ),
            "icontains" => (
                swap(within.clone()),
                self.such(|at| fold(&text(at)).contains(&fold(&within))),
            ),
            "istartsWith" => (
                swap(start.clone()),
                self.such(|at| fold(&text(at)).starts_with(&fold(&start))),
            ),
            "iendsWith" => (
                swap(end.clone()),
                self.such(|at| fold(&text(at)).ends_with(&fold(&end))),
            ),
            other => panic!("the operator {other:?} has no case in the table of field types"),
        };
        (json!(operand), found)
    }
}

/// The operators of the field `value` by place, as the server describes them.
async fn described(admin: &Client, row: &Row) -> Vec<(Option<String>, Vec<String>)> {
    let path = format!("objects/{}", row.object());
    let object = admin.meta("GET", &path, Json::Null).await.ok();
    let fields = object["fields"].as_array().expect("fields").clone();
    let field = fields.iter().find(|field| field["name"] == "value");
    let names = |list: &Json| -> Vec<String> {
        let list = list.as_array().expect("a list of operators").iter();
        list.map(|name| name.as_str().expect("a name").to_owned())
            .collect()
    };
    match &field.expect("the field")["operators"] {
        Json::Object(parts) => parts
            .iter()
            .map(|(part, list)| (Some(part.clone()).filter(|it| it != "self"), names(list)))
            .collect(),
        list => vec![(None, names(list))],
    }
}

/// The number of a record from its mark.
fn numbers(marks: &[String]) -> Vec<usize> {
    let mut numbers: Vec<usize> = marks.iter().map(|mark| mark.parse().unwrap_or(3)).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn each_type_is_filtered_by_each_operator_that_it_has() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    let mut cases = 0;
    for row in &bench.rows {
        bench.fill(row).await;
        let places = described(&admin, row).await;
        let first_part = places.get(1).and_then(|(part, _)| part.clone());
        for (part, operators) in places {
            let place = match &part {
                Some(part) => Place::part(row, part),
                None => Place::whole(row, first_part.as_deref()),
            };
            for operator in operators {
                let (operand, expected) = place.case(&operator);
                let mut filter = json!({ operator.as_str(): operand });
                if let Some(part) = &part {
                    filter = json!({ part.as_str(): filter });
                }
                check(&admin, row, &json!({"value": filter}), &expected).await;
                cases += 1;
            }
        }
    }
    assert!(cases > 300, "{cases} cases");
}

/// Both faces find these records, and the opposite filter the others.
async fn check(admin: &Client, row: &Row, filter: &Json, expected: &[usize]) {
    let found = admin.filter(&row.plural(), filter, "fields=mark").await;
    let marks = found.column("mark");
    assert_eq!(numbers(&marks), expected, "{} {filter}\n{found}", row.name);
    let (object, plural) = (row.pascal(), row.plural());
    let document = format!(
        "query($is: {object}Filter, $not: {object}Filter) {{
            is: {plural}(filter: $is) {{ nodes {{ mark }} }}
            not: {plural}(filter: $not) {{ nodes {{ mark }} }} }}"
    );
    let variables = json!({"is": filter, "not": {"not": filter}});
    let data = admin.graphql(&document, variables).await.data();
    let marks = |list: &Json| -> Vec<String> {
        let nodes = list["nodes"].as_array().expect("nodes").iter();
        nodes
            .map(|node| node["mark"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(
        numbers(&marks(&data["is"])),
        expected,
        "{} {filter}",
        row.name
    );
    let others: Vec<usize> = (0..4).filter(|at| !expected.contains(at)).collect();
    assert_eq!(
        numbers(&marks(&data["not"])),
        others,
        "{} not {filter}",
        row.name
    );
}

#[tokio::test]
async fn an_operator_that_a_type_has_not_is_refused() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        let mut filter = Map::new();
        filter.insert("sounds".to_owned(), json!("x"));
        let filter = json!({"value": filter});
        let answer = admin.filter(&row.plural(), &filter, "").await;
        assert_eq!(answer.code(), 400, "{answer}");
    }
}
