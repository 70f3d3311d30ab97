//! The settings of sign-in by providers of OpenID Connect: a file with a list, as there are several with secrets
//! of their own.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use schema::identity::{Admission, NewUserPolicy};
use serde::{Deserialize, Deserializer, de::Error as _};
use url::{Host, Url};

use super::{ConfigError, Secret, refuse};

pub(crate) const OIDC_PROVIDERS: &str = "RELATA_OIDC_PROVIDERS";

/// The most characters of a name.
const MAX_NAME: usize = 40;
/// The most providers: a page for signing in has no room for more.
const MOST: usize = 50;

/// A provider by which people can sign in.
#[derive(Debug, Clone)]
pub struct OidcProvider {
    /// `name`: what it is called in requests, of lower-case letters, digits and dashes.
    pub name: String,
    /// `label`: what people call it.
    pub label: String,
    /// `issuer`: its issuer identifier, exactly as its discovery document has it.
    pub issuer: String,
    /// `clientId`: what it calls this installation.
    pub client_id: String,
    /// `clientSecret`, or what stands in the file `clientSecretFile`; a public client has none.
    pub client_secret: Option<Secret>,
    /// `scopes`: what is asked for. Default `openid`, `email` and `profile`.
    pub scopes: Vec<String>,
    /// `redirectUris`: the pages that it may send people back to.
    pub redirect_uris: Vec<String>,
    /// `linkByEmail`, `newUsers` and `secondFactor`: what an identity there is good for here.
    pub admission: Admission,
}

/// A provider as the file has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    name: String,
    label: String,
    issuer: String,
    client_id: String,
    #[serde(default, deserialize_with = "secret_text")]
    client_secret: Option<Secret>,
    client_secret_file: Option<PathBuf>,
    #[serde(default = "default_scopes")]
    scopes: Vec<String>,
    redirect_uris: Vec<String>,
    #[serde(default)]
    link_by_email: bool,
    new_users: Option<WrittenNewUsers>,
    #[serde(default)]
    second_factor: SecondFactor,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenNewUsers {
    roles: Vec<String>,
    email_domains: Vec<String>,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
enum SecondFactor {
    /// Users who have a second factor here are asked for it.
    #[default]
    Ask,
    /// The provider is trusted to have asked for one.
    Trusted,
}

impl OidcProvider {
    /// Reads a file with a list of them. A relative `clientSecretFile` stands beside it.
    pub fn read_all(file: &Path) -> Result<Vec<Self>, ConfigError> {
        let read = |path: &Path| {
            let text = std::fs::read_to_string(path);
            text.map_err(|error| refuse(OIDC_PROVIDERS, format!("{}: {error}", path.display())))
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        parse_providers(&read(file)?, |name| {
            let secret = read(&folder.join(name))?;
            Ok(Secret::new(secret.trim_end_matches(['\r', '\n'])))
        })
    }
}

/// Parses a list of providers, in YAML or JSON.
fn parse_providers(
    text: &str,
    read_secret: impl Fn(&Path) -> Result<Secret, ConfigError>,
) -> Result<Vec<OidcProvider>, ConfigError> {
    let written: Vec<Written> = serde_yaml_ng::from_str(text).map_err(|error| {
        // It begins with the path, and that with a dot.
        let message = error.to_string();
        refuse(OIDC_PROVIDERS, message.trim_start_matches('.'))
    })?;
    if written.len() > MOST {
        let message = format!("lists {} providers; at most {MOST} are", written.len());
        return Err(refuse(OIDC_PROVIDERS, message));
    }
    let mut names = BTreeSet::new();
    let mut providers = Vec::with_capacity(written.len());
    for (at, written) in written.into_iter().enumerate() {
        let refuse_at = |message: String| refuse(OIDC_PROVIDERS, format!("[{at}].{message}"));
        written.check().map_err(refuse_at)?;
        if !names.insert(written.name.clone()) {
            return Err(refuse_at(format!("name: {:?} is taken", written.name)));
        }
        let client_secret = match (&written.client_secret, &written.client_secret_file) {
            (Some(_), Some(_)) => {
                let message = "clientSecretFile: can't stand beside clientSecret".to_owned();
                return Err(refuse_at(message));
            }
            (None, Some(file)) => Some(read_secret(file)?),
            (secret, None) => secret.clone(),
        };
        if client_secret
            .as_ref()
            .is_some_and(|it| it.expose().is_empty())
        {
            let message = "clientSecret: is empty; leave it out for a public client".to_owned();
            return Err(refuse_at(message));
        }
        providers.push(written.into_provider(client_secret));
    }
    Ok(providers)
}

impl Written {
    /// What is wrong, with the member that it stands at.
    fn check(&self) -> Result<(), String> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=MAX_NAME).contains(&self.name.len()) || !self.name.bytes().all(is_plain) {
            return Err(format!(
                "name: must be 1 to {MAX_NAME} lower-case letters, digits and dashes"
            ));
        }
        for (member, text) in [("label", &self.label), ("clientId", &self.client_id)] {
            if text.trim().is_empty() {
                return Err(format!("{member}: must not be empty"));
            }
        }
        let issuer = check_url(&self.issuer).map_err(|message| format!("issuer: {message}"))?;
        if issuer.query().is_some() {
            return Err("issuer: must have no query".to_owned());
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return Err("scopes: must contain openid".to_owned());
        }
        if self.redirect_uris.is_empty() {
            return Err("redirectUris: must name a page to return to".to_owned());
        }
        for (at, page) in self.redirect_uris.iter().enumerate() {
            check_url(page).map_err(|message| format!("redirectUris[{at}]: {message}"))?;
        }
        self.new_users
            .as_ref()
            .map_or(Ok(()), WrittenNewUsers::check)
    }

    fn into_provider(self, client_secret: Option<Secret>) -> OidcProvider {
        let new_users = self.new_users.map(|new_users| NewUserPolicy {
            roles: new_users.roles,
            email_domains: new_users.email_domains,
        });
        OidcProvider {
            name: self.name,
            label: self.label,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret,
            scopes: self.scopes,
            redirect_uris: self.redirect_uris,
            admission: Admission {
                link_by_email: self.link_by_email,
                new_users,
                trusts_second_factor: self.second_factor == SecondFactor::Trusted,
            },
        }
    }
}

impl WrittenNewUsers {
    fn check(&self) -> Result<(), String> {
        if self.email_domains.is_empty() {
            let message = "must name the domains of addresses whose owners become users";
            return Err(format!("newUsers.emailDomains: {message}"));
        }
        for (at, domain) in self.email_domains.iter().enumerate() {
            let is_plain = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)
            };
            if domain.is_empty() || !domain.bytes().all(is_plain) {
                let message = "must be a domain in lower case, such as example.com";
                return Err(format!("newUsers.emailDomains[{at}]: {message}"));
            }
        }
        Ok(())
    }
}

/// An absolute address without a fragment that nobody on the way can read.
fn check_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !is_secure(&url) {
        return Err("must begin with https://, or with http:// on a loopback host".to_owned());
    }
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("must have no fragment, no user and no password".to_owned());
    }
    Ok(url)
}

/// Whether nobody on the way can read or change what is sent to this address: https, or this machine.
pub(crate) fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        },
        _ => false,
    }
}

fn default_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(str::to_owned).into()
}

/// A text. What else stands there is not repeated: it may be a secret.
fn secret_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    match serde_yaml_ng::Value::deserialize(deserializer) {
        Ok(serde_yaml_ng::Value::String(text)) => Ok(Some(Secret::new(text))),
        Ok(_) | Err(_) => Err(D::Error::custom(
            "clientSecret must be a text; put it in quotes",
        )),
    }
}

#[cfg(test)]
mod tests;
