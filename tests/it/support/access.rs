//! Roles, users and keys for the cases about access.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Client, TestApp};

/// The rules of a role, made one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules(Vec<Json>);

impl Rules {
    /// No rules: what such a role may do is nothing.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Adds a rule; `more` may hold `fields`, `where`, `check` and `presets`.
    pub(crate) fn allow(mut self, action: &str, object: &str, more: Json) -> Self {
        let mut rule = json!({"action": action, "object": object, "fields": "*"});
        if let (Some(rule), Json::Object(more)) = (rule.as_object_mut(), more) {
            rule.extend(more);
        }
        self.0.push(rule);
        self
    }

    /// Adds a rule to read all fields of all records.
    pub(crate) fn read(self, object: &str) -> Self {
        self.allow("read", object, json!({}))
    }
}

impl TestApp {
    /// Makes a role with these rules.
    pub(crate) async fn add_role(&self, name: &str, rules: &Rules) {
        let admin = self.admin();
        let role = json!({"name": name, "label": name});
        admin.meta("POST", "roles", role).await.status(201);
        for rule in &rules.0 {
            let path = format!("roles/{name}/rules");
            admin.meta("POST", &path, rule.clone()).await.status(201);
        }
    }

    /// Makes a user with these roles and signs in.
    pub(crate) async fn user(&self, roles: &[&str]) -> Client {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let password = "a password of a test";
        let user = json!({"email": email, "name": "Test", "password": password, "roles": roles});
        self.admin().meta("POST", "users", user).await.status(201);
        self.sign_in(&email, password).await
    }

    /// Signs in.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Client {
        let anonymous = self.anonymous();
        let body = json!({"email": email, "password": password});
        let signed_in = anonymous.call("POST", "/v1/auth/login", &body).await.ok();
        anonymous.with_token(signed_in["accessToken"].as_str().expect("a token"))
    }

    /// Signs the administrator in anew: a token lives for minutes.
    pub(crate) async fn admin_anew(&self) -> Client {
        use super::app::{ADMIN_EMAIL, ADMIN_PASSWORD};
        self.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD).await
    }

    /// A user whose only role has these rules.
    pub(crate) async fn role(&self, name: &str, rules: Rules) -> Client {
        self.add_role(name, &rules).await;
        self.user(&[name]).await
    }

    /// A key without a partner, made with these members of `POST /v1/meta/keys`.
    pub(crate) async fn key(&self, roles: &[&str], more: Json) -> Client {
        let created = self.create_key(roles, more).await;
        self.anonymous()
            .with_token(created["secret"].as_str().expect("a secret"))
    }

    /// What `POST /v1/meta/keys` answers.
    pub(crate) async fn create_key(&self, roles: &[&str], more: Json) -> Json {
        let mut key = json!({"name": "test", "roles": roles});
        if let (Some(key), Json::Object(more)) = (key.as_object_mut(), more) {
            key.extend(more);
        }
        self.admin()
            .meta("POST", "keys", key)
            .await
            .status(201)
            .json()
    }

    /// The same rights as a user and as a key.
    pub(crate) async fn person_and_key(&self, role: &str, rules: Rules) -> [Client; 2] {
        self.add_role(role, &rules).await;
        [self.user(&[role]).await, self.key(&[role], json!({})).await]
    }
}
