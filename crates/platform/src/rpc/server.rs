//! Serves contracts to other processes.

use std::{convert::Infallible, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use argosy_kernel::{Error, Result};
use axum::response::IntoResponse;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_stream::{Stream, wrappers::UnixListenerStream};
use tokio_util::sync::CancellationToken;
use tonic::{body::Body, server::NamedService, service::RoutesBuilder, transport::server::Connected};
use tower::Service;

use super::{RpcSettings, Tls, health, limit::Limit};
use crate::{Host, http::Listener};

/// How often an idle caller is asked whether it is still there, and how long its answer may take.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const REQUESTS_MAX: usize = 1_024;

/// The contracts that a process serves.
#[derive(Default)]
pub struct Routes {
    builder: RoutesBuilder,
    contracts: Vec<&'static str>,
}

impl Routes {
    /// Serves one more.
    pub fn add_service<S>(&mut self, service: S)
    where
        S: Service<http::Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        self.builder.add_service(service);
        self.contracts.push(S::NAME);
    }

    /// Describes the contracts to tools such as grpcurl; `descriptors` is the encoded set of all that there are.
    ///
    /// # Errors
    /// INTERNAL if the set cannot be read.
    pub fn reflect(&mut self, descriptors: &[u8]) -> Result<()> {
        let mut reflection =
            tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(descriptors);
        for contract in &self.contracts {
            reflection = reflection.with_service_name(*contract);
        }
        self.builder.add_service(reflection.build_v1().map_err(Error::internal)?);
        Ok(())
    }
}

/// How contracts are served.
pub struct Serving {
    requests_max: usize,
    tls: Option<Tls>,
    host: Option<Host>,
}

impl Default for Serving {
    fn default() -> Self {
        Self { requests_max: REQUESTS_MAX, tls: None, host: None }
    }
}

impl Serving {
    /// As the settings say; the health of contracts follows the host's databases.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the setting.
    pub fn new(settings: &RpcSettings, host: &Host) -> Result<Self> {
        settings.check()?;
        let tls = settings.tls.read()?;
        Ok(Self { requests_max: settings.requests_max, tls, host: Some(host.clone()) })
    }

    /// Serves contracts, with gRPC health, until `shutdown`; calls in flight are finished.
    pub async fn serve(self, listener: Listener, routes: Routes, shutdown: CancellationToken) -> Result<()> {
        self.serve_incoming(listener.into_stream(), routes, shutdown).await
    }

    async fn serve_incoming<S>(
        self,
        incoming: impl Stream<Item = std::io::Result<S>>,
        routes: Routes,
        shutdown: CancellationToken,
    ) -> Result<()>
    where
        S: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
    {
        let Routes { mut builder, contracts } = routes;
        let (reporter, service) = tonic_health::server::health_reporter();
        health::serving(&reporter, &contracts).await;
        builder.add_service(service);
        let mut server = tonic::transport::Server::builder()
            .tcp_nodelay(true)
            .http2_keepalive_interval(Some(KEEP_ALIVE))
            .http2_keepalive_timeout(Some(KEEP_ALIVE));
        if let Some(tls) = &self.tls {
            server = server.tls_config(tls.server()).map_err(Error::internal)?;
        }
        let ending = async {
            shutdown.cancelled().await;
            health::ending(&reporter, &contracts).await;
        };
        let serving = server
            .layer(Limit::new(self.requests_max))
            .add_routes(builder.routes())
            .serve_with_incoming_shutdown(incoming, ending);
        let followed = async {
            if let Some(host) = &self.host {
                shutdown.run_until_cancelled(health::follow(&reporter, &contracts, host)).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            done = serving => done.map_err(Error::internal),
            () = followed => Ok(()),
        }
    }
}

/// Serves contracts as [`Serving::serve`] does, with defaults.
pub async fn serve(listener: Listener, routes: Routes, shutdown: CancellationToken) -> Result<()> {
    Serving::default().serve(listener, routes, shutdown).await
}

/// The same over a socket in the file system, which only its owner may use: how commands of the same machine
/// reach a running store.
pub async fn serve_socket(path: &Path, routes: Routes, shutdown: CancellationToken) -> Result<()> {
    // A socket that is left over from a process that was killed; the folder's lock says that it is gone.
    let _ = std::fs::remove_file(path);
    let listener = tokio::net::UnixListener::bind(path).map_err(Error::internal)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(Error::internal)?;
    let done = Serving::default().serve_incoming(UnixListenerStream::new(listener), routes, shutdown).await;
    let _ = std::fs::remove_file(path);
    done
}
