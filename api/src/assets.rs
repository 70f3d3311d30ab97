//! The pages `/docs/` and `/graphiql/`, embedded in the binary; `assets/README.md` says what they are.

use axum::{
    body::Body,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{code::Code, extract::Path, problem::Problem};

/// One embedded file. The tag changes with the build, for the content can change only with it.
struct Asset {
    path: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($path:literal $media_type:ident;)*) => {
        &[$(Asset {
            path: $path,
            media_type: $media_type,
            bytes: include_bytes!(concat!("../assets/", $path)),
        },)*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

const ASSETS: &[Asset] = assets! {
    "docs/index.html" HTML;
    "docs/page.css" CSS;
    "docs/reference.js" SCRIPT;
    "docs/token.js" SCRIPT;
    "docs/swagger-ui-bundle.js" SCRIPT;
    "docs/swagger-ui.css" CSS;
    "docs/LICENSE.swagger-ui.txt" TEXT;
    "docs/NOTICE.swagger-ui.txt" TEXT;
    "docs/swagger-ui-bundle.js.LICENSE.txt" TEXT;
    "graphiql/index.html" HTML;
    "graphiql/explorer.css" CSS;
    "graphiql/explorer.js" SCRIPT;
    "graphiql/graphiql.min.css" CSS;
    "graphiql/graphiql.min.js" SCRIPT;
    "graphiql/react.production.min.js" SCRIPT;
    "graphiql/react-dom.production.min.js" SCRIPT;
    "graphiql/LICENSE.bundled.txt" TEXT;
    "graphiql/LICENSE.graphiql.txt" TEXT;
    "graphiql/LICENSE.react.txt" TEXT;
};

/// What the pages may load: their own files, and the images that their style sheets hold.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'self'",
);

/// `GET /docs`
pub(crate) async fn redirect_docs() -> Redirect {
    Redirect::permanent("/docs/")
}

/// `GET /graphiql`
pub(crate) async fn redirect_graphiql() -> Redirect {
    Redirect::permanent("/graphiql/")
}

/// `GET /docs/`
pub(crate) async fn show_docs(headers: HeaderMap) -> Result<Response, Problem> {
    show("docs/index.html", &headers)
}

/// `GET /graphiql/`
pub(crate) async fn show_graphiql(headers: HeaderMap) -> Result<Response, Problem> {
    show("graphiql/index.html", &headers)
}

/// `GET /docs/{file}`
pub(crate) async fn show_docs_file(
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    show(&format!("docs/{file}"), &headers)
}

/// `GET /graphiql/{file}`
pub(crate) async fn show_graphiql_file(
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    show(&format!("graphiql/{file}"), &headers)
}

fn show(path: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.path == path)
        .ok_or_else(|| Problem::new(Code::RouteNotFound, "there is no such file"))?;
    let etag = format!("\"{}-{}\"", env!("CARGO_PKG_VERSION"), asset.bytes.len());
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|sent| sent.as_bytes() == etag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(asset.bytes).into_response()
    };
    let into = response.headers_mut();
    into.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.media_type),
    );
    into.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    // Stored, but asked about each time: the names of the files stay when a new version changes them.
    into.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        into.insert(header::ETAG, etag);
    }
    Ok(response)
}
