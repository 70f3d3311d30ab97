//! The connections: taken, served over HTTP/1.1, and ended in order when the server stops.
//!
//! It is what `axum::serve` does, with a time limit on the head of a request, which that has no setting for: without
//! one, whoever opens connections and says nothing holds them for ever.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// How long to wait when the machine has no room for another connection.
const RECOVERY: Duration = Duration::from_secs(1);

/// Serves until `stopped` is ready; then takes no new connection and lets the open requests end.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    header_timeout: Duration,
    stopped: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        match accepted {
            Ok(connection) => answer(connection, app.clone(), (header_timeout, &graceful)),
            Err(error) => recover(&error).await,
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Answers the requests of one connection, in a task of its own.
fn answer(
    (stream, peer): (TcpStream, SocketAddr),
    app: Router,
    (header_timeout, graceful): (Duration, &GracefulShutdown),
) {
    // Answers are short: to wait for more of one before it is sent gains nothing.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "a connection could not be set up");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = %error, "a connection ended early");
        }
    });
}

/// A connection that is gone before it was taken is nobody's loss; anything else is a lack of something (such as
/// open files), which needs time.
async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind()) {
        return;
    }
    tracing::error!(error = %error, "no connection could be taken");
    tokio::time::sleep(RECOVERY).await;
}
