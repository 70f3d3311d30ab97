//! The organizations of the Research Organization Registry in western Europe, with the relations that
//! they state to each other, against answers that were computed from the files by SQL.
//!
//! A relation is one link, whoever states it: `parent` and `child` are the two sides of one relation
//! type, as are `predecessor` and `successor`; `related` is symmetric. Which side states it is a field of the link,
//! because the registry does not always say both.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use crate::support::{Client, TestApp};

const ORGANIZATIONS: &str = include_str!("ror/organizations.csv");
const NAMES: &str = include_str!("ror/names.csv");
const RELATIONSHIPS: &str = include_str!("ror/relationships.csv");

/// How many records one request makes.
const BATCH: usize = 50;
/// How many requests run at once.
const AT_ONCE: usize = 4;

fn schema() -> Json {
    let said = json!([{"name": "saidBySource", "type": "boolean"}, {"name": "saidByTarget", "type": "boolean"}]);
    let count = |name: &str, of: &str, link: Json| {
        json!({"op": "addField", "object": "researchOrganization", "field":
            {"name": name, "type": "rollup", "of": of, "function": "count", "filter": {"link": link}}})
    };
    let end = |name: &str| json!({"object": "researchOrganization", "name": name});
    json!([
        {"op": "addObjectType", "name": "researchOrganization", "plural": "researchOrganizations", "title": "name", "fields": [
            {"name": "ror", "type": "text", "required": true, "unique": true},
            {"name": "name", "type": "text", "required": true, "maxLength": 300},
            {"name": "status", "type": "select", "options": [{"name": "active"}, {"name": "inactive"}, {"name": "withdrawn"}]},
            {"name": "country", "type": "text", "maxLength": 2},
            {"name": "city", "type": "text", "maxLength": 100}]},
        {"op": "addObjectType", "name": "organizationName", "plural": "organizationNames", "title": "value", "fields": [
            {"name": "organization", "type": "reference", "required": true, "target": "researchOrganization",
             "inverse": {"name": "names", "label": "Names"}},
            {"name": "value", "type": "text", "required": true, "maxLength": 300},
            {"name": "lang", "type": "text", "maxLength": 10}]},
        {"op": "addRelationType", "name": "hierarchy", "source": end("parents"), "target": end("children"), "fields": said},
        {"op": "addRelationType", "name": "succession", "source": end("predecessors"), "target": end("successors"), "fields": said},
        {"op": "addRelationType", "name": "kinship", "symmetric": true, "source": end("kin"), "target": end("kin"), "fields": said},
        count("parentsSaid", "parents", json!({"saidBySource": {"eq": true}})),
        count("parentsSaidTwice", "parents", json!({"saidBySource": {"eq": true}, "saidByTarget": {"eq": true}})),
        count("childrenSaid", "children", json!({"saidByTarget": {"eq": true}})),
        count("predecessorsSaid", "predecessors", json!({"saidBySource": {"eq": true}})),
        count("predecessorsSaidTwice", "predecessors", json!({"saidBySource": {"eq": true}, "saidByTarget": {"eq": true}})),
        count("successorsSaid", "successors", json!({"saidByTarget": {"eq": true}})),
    ])
}

/// The rows of a file as maps.
fn rows(text: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize();
    rows.map(|row| row.expect("a row")).collect()
}

/// Sends mutations of one kind, several in a request and several requests at once.
async fn mutate(client: &Client, mutations: Vec<(String, Json)>) -> Vec<Json> {
    let mut answers: BTreeMap<usize, Json> = BTreeMap::new();
    let mut running = JoinSet::new();
    for (number, batch) in mutations.chunks(BATCH).enumerate() {
        if running.len() == AT_ONCE {
            let (at, data) = running
                .join_next()
                .await
                .expect("a request")
                .expect("an answer");
            answers.insert(at, data);
        }
        let (mut fields, mut variables, mut declared) = (String::new(), json!({}), Vec::new());
        for (at, (field, input)) in batch.iter().enumerate() {
            let (kind, call) = field.split_once(' ').expect("a type and a call");
            fields.push_str(&format!(
                "m{at}: {}\n",
                call.replace("$input", &format!("$i{at}"))
            ));
            declared.push(format!("$i{at}: {kind}"));
            variables[format!("i{at}")] = input.clone();
        }
        let query = format!("mutation ({}) {{ {fields} }}", declared.join(", "));
        let client = client.clone();
        running.spawn(async move { (number, client.graphql(&query, variables).await.data()) });
    }
    while let Some(done) = running.join_next().await {
        let (at, data) = done.expect("an answer");
        answers.insert(at, data);
    }
    let members = answers.into_values().flat_map(|data| {
        let members = data.as_object().expect("data").values().cloned();
        members.collect::<Vec<_>>()
    });
    members.collect()
}

/// The ids of the organizations by their ROR id.
async fn load_organizations(client: &Client) -> HashMap<String, String> {
    let organizations = rows(ORGANIZATIONS);
    let mutations = organizations.iter().map(|row| {
        let text = |key: &str| Some(row[key].as_str()).filter(|text| !text.is_empty());
        let input = json!({"ror": text("id"), "name": text("name"), "status": text("status"),
            "country": text("country_code"), "city": text("city")});
        let call = "ResearchOrganizationInput! createResearchOrganization(input: $input) { id }";
        (call.to_owned(), input)
    });
    let made = mutate(client, mutations.collect()).await;
    let ids = made
        .iter()
        .map(|one| one["id"].as_str().expect("an id").to_owned());
    organizations
        .iter()
        .map(|row| row["id"].clone())
        .zip(ids)
        .collect()
}

async fn load_names(client: &Client, ids: &HashMap<String, String>) {
    let names = rows(NAMES).into_iter().map(|row| {
        let lang = Some(row["lang"].clone()).filter(|lang| !lang.is_empty());
        let input = json!({"organization": ids[&row["organization_id"]], "value": row["value"], "lang": lang});
        let call = "OrganizationNameInput! createOrganizationName(input: $input) { id }";
        (call.to_owned(), input)
    });
    mutate(client, names.collect()).await;
}

/// Which sides state a relation.
#[derive(Default, Clone, Copy)]
struct Said {
    by_source: bool,
    by_target: bool,
}

async fn load_relations(client: &Client, ids: &HashMap<String, String>) {
    let mut links: BTreeMap<(&str, String, String), Said> = BTreeMap::new();
    for row in rows(RELATIONSHIPS) {
        let (from, to) = (row["from_id"].clone(), row["to_id"].clone());
        let (kind, source, target, by_source) = match row["type"].as_str() {
            "parent" => ("Parents", from, to, true),
            "child" => ("Parents", to, from, false),
            "predecessor" => ("Predecessors", from, to, true),
            "successor" => ("Predecessors", to, from, false),
            "related" if from < to => ("Kin", from, to, true),
            "related" => ("Kin", to, from, false),
            other => panic!("there is no type {other}"),
        };
        let said = links.entry((kind, source, target)).or_default();
        if by_source {
            said.by_source = true;
        } else {
            said.by_target = true;
        }
    }
    let mutations = links.into_iter().map(|((kind, source, target), said)| {
        let relation = match kind {
            "Parents" => "Hierarchy",
            "Predecessors" => "Succession",
            _ => "Kinship",
        };
        let call = format!(
            "{relation}LinkInput linkResearchOrganization{kind}(id: \"{}\", target: \"{}\", input: $input) {{ id }}",
            ids[&source], ids[&target]
        );
        (call, json!({"saidBySource": said.by_source, "saidByTarget": said.by_target}))
    });
    mutate(client, mutations.collect()).await;
}

/// The rows of one of the reference answers.
fn expected(id: &str) -> Vec<Json> {
    let file: Json = serde_json::from_str(include_str!("ror/expected.json")).expect("JSON");
    let answers = file["answers"].as_array().expect("answers");
    let answer = answers.iter().find(|answer| answer["id"] == id);
    answer.expect("an answer")["rows"]
        .as_array()
        .expect("rows")
        .clone()
}

async fn count(client: &Client, objects: &str, filter: Json) -> Json {
    let page = client.filter(objects, &filter, "limit=1&count=exact").await;
    page.ok()["count"].clone()
}

/// The sum of a counted field over all organizations.
async fn sums(client: &Client, fields: &[&str]) -> HashMap<String, i64> {
    let mut sums: HashMap<String, i64> = HashMap::new();
    let mut after = String::new();
    loop {
        let parameters = format!("limit=200&sort=ror&fields={}{after}", fields.join(","));
        let page = client.list("researchOrganizations", &parameters).await.ok();
        for record in page["data"].as_array().expect("data") {
            for field in fields {
                let value = record[*field].as_i64().expect("a count");
                *sums.entry((*field).to_owned()).or_default() += value;
            }
        }
        match page["page"]["next"].as_str() {
            Some(next) if page["page"]["hasNext"] == true => after = format!("&after={next}"),
            Some(_) | None => return sums,
        }
    }
}

/// How many links of the symmetric relation are seen from all organizations together: those that both
/// sides state, and all.
async fn kin(client: &Client) -> (i64, i64) {
    let (mut twice, mut seen) = (0, 0);
    let mut body = json!({"filter": {"kin": {"some": {}}}, "sort": ["ror"], "limit": 100,
        "select": {"kin": {"limit": 200, "select": ["ror", "link.saidBySource", "link.saidByTarget"]}}});
    loop {
        let page = client.query("researchOrganizations", &body).await.ok();
        for record in page["data"].as_array().expect("data") {
            for member in record["kin"]["data"].as_array().expect("members") {
                let said = ["saidBySource", "saidByTarget"];
                twice += i64::from(said.iter().all(|side| member["link"][*side] == true));
                seen += 1;
            }
        }
        if page["page"]["hasNext"] != true {
            return (twice, seen);
        }
        body["after"] = page["page"]["next"].clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_answers_as_its_files_do() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin.change(schema()).await.ok();
    let ids = load_organizations(&admin).await;
    load_relations(&admin, &ids).await;
    load_names(&admin, &ids).await;
    relations_are_counted(&admin).await;
    organizations_are_counted(&admin).await;
    names_are_counted(&admin).await;
    the_graph_is_walked(&admin, &ids).await;
}

/// `ro1`: relations by type and how many have their inverse.
async fn relations_are_counted(admin: &Client) {
    let fields = [
        "parentsSaid",
        "parentsSaidTwice",
        "childrenSaid",
        "predecessorsSaid",
        "predecessorsSaidTwice",
        "successorsSaid",
    ];
    let sums = sums(admin, &fields).await;
    let of = |field: &str| sums[field];
    // Each link of a symmetric relation is seen from both of its ends.
    let (twice, seen) = kin(admin).await;
    let known = seen / 2;
    let said = json!([
        ["child", of("childrenSaid"), of("parentsSaidTwice")],
        ["parent", of("parentsSaid"), of("parentsSaidTwice")],
        [
            "predecessor",
            of("predecessorsSaid"),
            of("predecessorsSaidTwice")
        ],
        ["related", known + twice / 2, twice],
        [
            "successor",
            of("successorsSaid"),
            of("predecessorsSaidTwice")
        ],
    ]);
    assert_eq!(said, json!(expected("ro1")));
}

/// `ro2`, `ro3` and `ro5`: by country and status, by children, by number of parents.
async fn organizations_are_counted(admin: &Client) {
    for row in expected("ro2") {
        let filter = json!({"country": {"eq": row[0]}, "status": {"eq": row[1]}});
        assert_eq!(
            count(admin, "researchOrganizations", filter).await,
            row[2],
            "{row}"
        );
    }
    let most = "sort=-childrenSaid,ror&limit=10&fields=ror,name,childrenSaid";
    let most = admin.list("researchOrganizations", most).await.ok();
    let most = most["data"].as_array().expect("data").iter();
    let most = most.map(|one| json!([one["ror"], one["name"], one["childrenSaid"]]));
    assert_eq!(most.collect::<Vec<_>>(), expected("ro3"));
    for row in expected("ro5") {
        let filter = json!({"parentsSaid": {"eq": row[0]}});
        assert_eq!(
            count(admin, "researchOrganizations", filter).await,
            row[1],
            "{row}"
        );
    }
}

/// `ro6`: names per language.
async fn names_are_counted(admin: &Client) {
    for row in expected("ro6") {
        let filter = match row[0].as_str() {
            Some("(none)") => json!({"lang": {"isNull": true}}),
            _ => json!({"lang": {"eq": row[0]}}),
        };
        assert_eq!(
            count(admin, "organizationNames", filter).await,
            row[1],
            "{row}"
        );
    }
}

/// What is connected to what, through filters and walks.
async fn the_graph_is_walked(admin: &Client, ids: &HashMap<String, String>) {
    let zurich = &ids["05a28rw58"];
    let filter = json!({"parents": {"some": {"ror": {"eq": "05a28rw58"}, "link": {"saidByTarget": {"eq": true}}}}});
    assert_eq!(
        count(admin, "researchOrganizations", filter).await,
        json!(100),
        "the children of ETH Zurich"
    );
    let path = format!("/v1/data/researchOrganizations/{zurich}/related");
    let around = admin
        .get_path(&path, "through=hierarchy&limit=1000")
        .await
        .ok();
    let near = around["nodes"].as_array().expect("nodes").len() - 1;
    let children = admin
        .get_path(
            &format!("/v1/data/researchOrganizations/{zurich}/children"),
            "count=exact&limit=1",
        )
        .await
        .ok();
    let parents = admin
        .get_path(
            &format!("/v1/data/researchOrganizations/{zurich}/parents"),
            "count=exact&limit=1",
        )
        .await
        .ok();
    let linked =
        children["count"].as_u64().expect("a count") + parents["count"].as_u64().expect("a count");
    assert_eq!(
        near as u64, linked,
        "every child and parent is one step away"
    );
    let child = around["nodes"][1]["id"].as_str().expect("an id");
    let other = around["nodes"][2]["id"].as_str().expect("an id");
    let between = format!("/v1/data/researchOrganizations/{child}/path");
    let between = admin
        .get_path(
            &between,
            &format!("to=researchOrganizations/{other}&through=hierarchy"),
        )
        .await
        .ok();
    assert!(
        (2..=3).contains(&between["nodes"].as_array().expect("nodes").len()),
        "{between}"
    );
}
