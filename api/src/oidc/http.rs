//! Requests to providers: HTTP/1.1 over TLS by certificates that the machine trusts, a connection each. They are
//! bounded in time and size, follow no redirects, and go in the clear to this machine alone.

use std::{io, pin::Pin, sync::Arc, time::Duration};

use axum::body::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinSet,
};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::config::{ConfigError, OIDC_PROVIDERS, is_secure};

/// How long a provider may take for one answer. A sign-in seldom needs more than two, and a request of ours has 30
/// seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read. A set of keys has a few thousand bytes.
const MOST_BYTES: usize = 256 * 1024;
const USER_AGENT: &str = concat!("relata/", env!("CARGO_PKG_VERSION"));

/// Sends requests to providers.
pub(super) struct HttpClient {
    /// Nothing goes over TLS without it.
    tls: Option<TlsConnector>,
}

/// Why a provider gave no answer. No part of a request stands in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// What would be sent could be read on the way.
    #[error("its address is neither https nor on this machine")]
    Insecure,
    /// The address can't be used.
    #[error("its address can't be used")]
    Address,
    /// No connection could be made.
    #[error("no connection could be made")]
    Connect(#[from] io::Error),
    /// The connection or the answer is no HTTP/1.1.
    #[error("it does not answer as HTTP/1.1 has it")]
    Protocol(#[from] hyper::Error),
    /// The answer broke off.
    #[error("its answer broke off")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is too long.
    #[error("its answer has more than {MOST_BYTES} bytes")]
    TooLarge,
    /// The answer took too long.
    #[error("it took longer than {} seconds", PATIENCE.as_secs())]
    TooSlow,
}

impl HttpClient {
    /// A client that speaks TLS where it is needed.
    pub(super) fn new(needs_tls: bool) -> Result<Self, ConfigError> {
        let tls = needs_tls.then(tls).transpose()?;
        Ok(Self { tls })
    }

    /// Sends one request and gives the answer, whatever its status.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answered = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        answered.unwrap_or(Err(HttpError::TooSlow))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = request.uri().to_string();
        let url = Url::parse(&url).map_err(|_| HttpError::Address)?;
        if !is_secure(&url) {
            return Err(HttpError::Insecure);
        }
        let host = url.host().ok_or(HttpError::Address)?;
        let port = url.port_or_known_default().ok_or(HttpError::Address)?;
        let stream = match &host {
            Host::Domain(name) => TcpStream::connect((*name, port)).await,
            Host::Ipv4(address) => TcpStream::connect((*address, port)).await,
            Host::Ipv6(address) => TcpStream::connect((*address, port)).await,
        }?;
        let request = addressed(request, &url)?;
        if url.scheme() == "http" {
            // A name may lead elsewhere.
            if !stream.peer_addr()?.ip().is_loopback() {
                return Err(HttpError::Insecure);
            }
            return speak(stream, request).await;
        }
        let tls = self.tls.as_ref().ok_or(HttpError::Address)?;
        let name = match host {
            Host::Domain(name) => ServerName::try_from(name.to_owned()),
            Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::from(address))),
            Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::from(address))),
        };
        let name = name.map_err(|_| HttpError::Address)?;
        speak(tls.connect(name, stream).await?, request).await
    }
}

impl<'client> AsyncHttpClient<'client> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'client>>;

    fn call(&'client self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// The request as it is sent over a connection of its own.
fn addressed(request: HttpRequest, url: &Url) -> Result<Request<Full<Bytes>>, HttpError> {
    let (mut parts, body) = request.into_parts();
    let host = url.host_str().ok_or(HttpError::Address)?;
    let host = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let host = HeaderValue::from_str(&host).map_err(|_| HttpError::Address)?;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    parts.uri = target.parse::<Uri>().map_err(|_| HttpError::Address)?;
    parts.headers.insert(header::HOST, host);
    let agent = HeaderValue::from_static(USER_AGENT);
    parts.headers.insert(header::USER_AGENT, agent);
    Ok(Request::from_parts(parts, Full::new(Bytes::from(body))))
}

async fn speak<S>(stream: S, request: Request<Full<Bytes>>) -> Result<HttpResponse, HttpError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // The connection ends with this request, whichever way that ends.
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await;
    let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
        Some(_) => HttpError::TooLarge,
        None => HttpError::Body(error),
    })?;
    Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
}

/// TLS with the certificate authorities that the machine trusts. `SSL_CERT_FILE` and `SSL_CERT_DIR` name others.
fn tls() -> Result<TlsConnector, ConfigError> {
    let refuse = |message: String| ConfigError {
        variable: OIDC_PROVIDERS,
        message,
    };
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let message = "the machine trusts no certificate authority, so that no provider can be asked over https; install \
                       its list (on Debian the package ca-certificates) or name one in SSL_CERT_FILE";
        return Err(refuse(message.to_owned()));
    }
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| refuse(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
