//! Kinds: a standard type and a custom type with the same fields, so that one case covers both.
//!
//! The fields that `organization` has of its own are made anew on the custom type; those that it
//! lacks are added to both. The requests of a case differ in the plural name alone.

use serde_json::{Value as Json, json};

use super::{Client, Response, TestApp};

/// An object type with a field of every type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// `organization`
    pub(crate) name: &'static str,
    /// `organizations`
    pub(crate) plural: &'static str,
}

/// The standard type.
const STANDARD: Kind = Kind {
    name: "organization",
    plural: "organizations",
};

/// The custom type.
const CUSTOM: Kind = Kind {
    name: "venture",
    plural: "ventures",
};

impl Kind {
    /// Both kinds, with their fields in place.
    pub(crate) async fn both(app: &TestApp) -> [Self; 2] {
        let admin = app.admin();
        admin.change(operations()).await.ok();
        [STANDARD, CUSTOM]
    }

    /// `Organization`, as GraphQL calls it.
    pub(crate) fn pascal(self) -> String {
        let (first, rest) = self.name.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    }

    /// A GraphQL document about things: `things`, `thing` and `Thing` become the names of the kind.
    pub(crate) fn document(self, text: &str) -> String {
        text.replace("things", self.plural)
            .replace("Thing", &self.pascal())
            .replace("thing", self.name)
    }

    /// Sends such a document.
    pub(crate) async fn graphql(self, client: &Client, text: &str, variables: Json) -> Response {
        client.graphql(&self.document(text), variables).await
    }

    /// Creates a record with a name.
    pub(crate) async fn make(self, client: &Client, name: &str) -> String {
        client.make(self.plural, json!({"name": name})).await
    }
}

/// What makes the two alike.
fn operations() -> Json {
    let mut custom = own_fields();
    custom.extend(added_fields(CUSTOM));
    let mut operations = vec![json!({
        "op": "addObjectType", "name": CUSTOM.name, "plural": CUSTOM.plural, "fields": custom, "title": "name",
    })];
    let added = added_fields(STANDARD);
    operations.extend(
        added
            .into_iter()
            .map(|field| json!({"op": "addField", "object": STANDARD.name, "field": field})),
    );
    for kind in [STANDARD, CUSTOM] {
        operations.push(json!({
            "op": "addRelationType", "name": format!("{}Alliance", kind.name),
            "source": {"object": kind.name, "name": "allies"},
            "target": {"object": kind.name, "name": "alliedBy"},
            "fields": [{"name": "since", "type": "date"}, {"name": "terms", "type": "text"}],
        }));
    }
    Json::Array(operations)
}

/// What `organization` has.
fn own_fields() -> Vec<Json> {
    let options = |names: &[&str]| -> Json {
        let options = names
            .iter()
            .map(|name| json!({"name": name, "label": name}));
        options.collect()
    };
    vec![
        json!({"name": "name", "type": "text", "required": true, "maxLength": 200}),
        json!({"name": "externalId", "type": "text", "unique": true, "maxLength": 100}),
        json!({"name": "city", "type": "text", "maxLength": 100}),
        json!({"name": "country", "type": "text", "maxLength": 100}),
        json!({"name": "description", "type": "longText"}),
        json!({"name": "employeeCount", "type": "integer"}),
        json!({"name": "annualRevenue", "type": "money"}),
        json!({"name": "status", "type": "select", "options": options(&["active", "inactive"])}),
        json!({"name": "kinds", "type": "multiSelect", "options": options(&["customer", "supplier", "carrier"])}),
        json!({"name": "email", "type": "email"}),
        json!({"name": "phone", "type": "phone"}),
        json!({"name": "website", "type": "url"}),
    ]
}

/// What it lacks.
fn added_fields(kind: Kind) -> Vec<Json> {
    vec![
        json!({"name": "serial", "type": "bigInteger"}),
        json!({"name": "weight", "type": "decimal", "precision": 12, "scale": 3}),
        json!({"name": "share", "type": "percent"}),
        json!({"name": "listed", "type": "boolean"}),
        json!({"name": "founded", "type": "date"}),
        json!({"name": "seenAt", "type": "dateTime"}),
        json!({"name": "extra", "type": "json"}),
        json!({"name": "token", "type": "uuid"}),
        json!({"name": "parent", "type": "reference", "target": kind.name,
               "inverse": {"name": "children", "label": "Children"}}),
    ]
}
