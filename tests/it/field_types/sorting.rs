//! Sort: both ways, missing values last, page by page through cursors, which hold the values.

use serde_json::json;

use super::Bench;

#[tokio::test]
async fn each_type_sorts_both_ways_page_by_page_or_is_refused() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        bench.fill(row).await;
        let plural = row.plural();
        let Some(part) = row.sort else {
            let answer = admin.list(&plural, "sort=value").await;
            assert_eq!(answer.code(), 400, "{}: {answer}", row.name);
            continue;
        };
        let path = match part {
            "" => "value".to_owned(),
            part => format!("value.{part}"),
        };
        let equal = |at: usize| row.read[at] == row.read[at + 1];
        for (direction, mut expected) in [
            ("", ["0", "1", "2", "none"]),
            ("-", ["2", "1", "0", "none"]),
        ] {
            let mut marks = Vec::new();
            let mut parameters = format!("sort={direction}{path}&limit=1&fields=mark");
            loop {
                let page = admin.list(&plural, &parameters).await;
                marks.extend(page.column("mark"));
                let Some(next) = page.ok()["page"]["next"].as_str().map(str::to_owned) else {
                    break;
                };
                parameters = format!("sort={direction}{path}&limit=1&fields=mark&after={next}");
            }
            // Equal values stand in the order of their ids, in the direction of the sort.
            if equal(1) && direction == "-" {
                expected = ["2", "1", "0", "none"];
            }
            assert_eq!(marks, expected, "{} by {direction}{path}", row.name);
        }
        let member = part
            .split('.')
            .rfind(|part| !part.is_empty())
            .map_or(json!("DESC"), |part| json!({ part: "DESC" }));
        // A composite is sorted by a part in GraphQL.
        let key = match (row.selection().is_empty(), part) {
            (false, "") => json!({"formatted": "DESC"}),
            _ => member,
        };
        let document = format!(
            "query($sort: [{}Sort!]) {{ {plural}(sort: $sort) {{ nodes {{ mark }} }} }}",
            row.pascal()
        );
        let variables = json!({"sort": [{"value": key}]});
        let data = admin.graphql(&document, variables).await.data();
        let nodes = &data[&plural]["nodes"];
        assert_eq!(nodes[0]["mark"], "2", "{}: {nodes}", row.name);
        assert_eq!(nodes[3]["mark"], "none", "{}: {nodes}", row.name);
    }
}
