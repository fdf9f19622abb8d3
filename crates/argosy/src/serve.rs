//! `argosy serve`: from settings to a running process, and down again.

use std::{net::SocketAddr, time::Duration};

use argosy_edge::{Edge, Idempotency, Probe, Probes};
use argosy_kernel::Result;
use argosy_platform::{
    Host, crash,
    http::{self, Listener, ServerLimits},
    rpc,
};
use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::{demo::Demo, maintenance, settings::Settings, wiring::Wiring};

/// How long background tasks may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// The socket in the data folder by which commands reach a running store.
pub const SOCKET: &str = "argosy.sock";

/// A process that serves.
pub struct Process {
    host: Host,
    wiring: Wiring,
    /// Where the shop is, if this process has a door.
    pub http: Option<SocketAddr>,
    /// Where other processes call, if they may.
    pub rpc: Option<SocketAddr>,
    /// Where it is asked how it is, beside the shop.
    pub metrics: Option<SocketAddr>,
}

impl Process {
    /// Starts what the settings say. The listeners are bound before anything else, so that a port in use is told
    /// at once.
    ///
    /// # Errors
    /// What is wrong with a setting, the data folder, a database or an address.
    pub async fn start(settings: &Settings, metrics: Option<PrometheusHandle>) -> Result<Self> {
        if !settings.crash_at.is_empty() {
            crash::arm(&settings.crash_at);
        }
        let host = Box::pin(settings.host()).await?;
        let started = Box::pin(Self::start_on(&host, settings, metrics)).await;
        if started.is_err() {
            host.stop(STOP_TIMEOUT).await;
        }
        started
    }

    async fn start_on(host: &Host, settings: &Settings, metrics: Option<PrometheusHandle>) -> Result<Self> {
        let mut settings = settings.clone();
        let has_door = crate::targets::select(&settings.services)?
            .iter()
            .any(|target| matches!(target.name, "store-api" | "storefront"));
        let http = if has_door || settings.rpc.listen.is_none() {
            Some(Listener::bind(settings.http.listen, "http.listen").await?)
        } else {
            None
        };
        let listens = http.as_ref().map_or(settings.http.listen, Listener::address);
        settings.share_shop(listens)?;
        let settings = &settings;
        let rpc = match settings.rpc.listen {
            Some(address) => Some(Listener::bind(address, "rpc.listen").await?),
            None => None,
        };
        let beside = match settings.edge.metrics_listen {
            Some(address) => Some(Listener::bind(address, "edge.metrics_listen").await?),
            None => None,
        };
        let demo = Demo::due(settings)?;
        let wiring = Wiring::start(settings, host).await?;
        host.watch_clocks().await?;
        let process = Self {
            http: http.as_ref().map(Listener::address),
            rpc: rpc.as_ref().map(Listener::address),
            metrics: beside.as_ref().map(Listener::address),
            host: host.clone(),
            wiring,
        };
        if let Some(listener) = rpc {
            process.serve_rpc(settings, listener)?;
        }
        process.serve_socket(settings);
        let probes = process.probes(metrics);
        if let Some(listener) = http {
            process.serve_http(settings, listener, &probes).await?;
        }
        if let Some(listener) = beside {
            process.serve_router(settings, listener, probes.on_their_own());
        }
        if let Some(demo) = demo {
            demo.load(&process.wiring, host)?;
        }
        Ok(process)
    }

    /// The services of this process.
    pub fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// What the services stand on.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Finishes what is in flight and closes everything.
    pub async fn stop(self) {
        if !self.host.stop(STOP_TIMEOUT).await {
            tracing::warn!("some background tasks did not end in time");
        }
    }

    fn serve_rpc(&self, settings: &Settings, listener: Listener) -> Result<()> {
        let (routes, shutdown) = (self.wiring.routes()?, self.host.tasks().shutdown());
        let serving = rpc::Serving::new(&settings.rpc, &self.host)?;
        self.host.tasks().spawn(async move {
            if let Err(error) = serving.serve(listener, routes, shutdown).await {
                tracing::error!(error = ?error, "gRPC stopped");
            }
        });
        Ok(())
    }

    fn serve_socket(&self, settings: &Settings) {
        let (routes, shutdown) = (self.wiring.routes_for_commands(), self.host.tasks().shutdown());
        let path = settings.data.folder.join(SOCKET);
        self.host.tasks().spawn(async move {
            if let Err(error) = rpc::serve_socket(&path, routes, shutdown).await {
                tracing::warn!(error = ?error, "commands cannot reach this store while it runs");
            }
        });
    }

    async fn serve_http(&self, settings: &Settings, listener: Listener, probes: &Probes) -> Result<()> {
        let edge = Edge::sharing(settings.edge.clone(), self.host.redis())?;
        maintenance::follow(settings, &edge, self.host.tasks()).await;
        let doors = self.doors(settings, &edge).await?;
        let router = edge.protect(doors).merge(probes.beside_the_doors(&settings.edge));
        self.serve_router(settings, listener, router);
        Ok(())
    }

    fn serve_router(&self, settings: &Settings, listener: Listener, router: Router) {
        let limits = ServerLimits {
            connections_max: settings.http.connections_max.max(1),
            header_timeout: Duration::from_secs(settings.http.header_timeout_s.max(1)),
            drain_timeout: Duration::from_secs(settings.http.drain_timeout_s),
        };
        let shutdown = self.host.tasks().shutdown();
        self.host.tasks().spawn(http::serve(listener, router, limits, shutdown));
    }

    fn probes(&self, metrics: Option<PrometheusHandle>) -> Probes {
        let databases = self.host.databases().into_iter().map(|database| {
            Probe::new(database.name(), move || {
                let database = database.clone();
                async move { database.ping().await }
            })
        });
        let media = self.wiring.runs("media").then(|| {
            let blobs = self.host.blobs().clone();
            Probe::new("blobs", move || {
                let blobs = blobs.clone();
                async move { blobs.check().await }
            })
        });
        let redis = self.host.redis().cloned().map(|redis| {
            Probe::new("redis", move || {
                let redis = redis.clone();
                async move { redis.check().await }
            })
        });
        // Without it facts wait in the outboxes, and purchases go on.
        let bus = self.host.nats().cloned().map(|nats| {
            Probe::new("bus", move || {
                let nats = nats.clone();
                async move { nats.check().await }
            })
        });
        let shared = media.into_iter().chain(redis).chain(bus).map(Probe::dispensable);
        Probes::new(databases.chain(shared), move || {
            metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default()
        })
    }

    /// The doors of this process, in one router. Without the shop's pages an unknown path is a problem.
    async fn doors(&self, settings: &Settings, edge: &Edge) -> Result<Router> {
        let mut doors = Router::new();
        if self.wiring.runs("store-api") {
            doors = doors.merge(self.store_api(settings, edge).await?);
        }
        if self.wiring.runs("storefront") {
            settings.storefront.check()?;
            return Ok(doors.merge(self.storefront(settings)?));
        }
        Ok(doors.fallback(argosy_edge::unknown_path))
    }

    async fn store_api(&self, settings: &Settings, edge: &Edge) -> Result<Router> {
        let wiring = &self.wiring;
        let clients = argosy_store_api::StoreClients {
            catalog: wiring.catalog()?,
            search: wiring.search()?,
            pricing: wiring.pricing()?,
            inventory: wiring.inventory()?,
            cart: wiring.cart()?,
            orders: wiring.orders()?,
            aftersales: wiring.aftersales()?,
            payments: wiring.payments()?,
            media: wiring.media()?,
            wallets: wiring.wallets()?,
        };
        let kept = argosy_store_api::KEYS_KEPT_BY_SERVICES;
        let idempotency = Idempotency::open(&self.host, edge, kept).await?;
        Ok(argosy_store_api::routes(&self.host, clients, settings.store_api.clone(), edge, &idempotency))
    }

    fn storefront(&self, settings: &Settings) -> Result<Router> {
        let wiring = &self.wiring;
        let clients = argosy_storefront::StorefrontClients {
            catalog: wiring.catalog()?,
            search: wiring.search()?,
            pricing: wiring.pricing()?,
            inventory: wiring.inventory()?,
            cart: wiring.cart()?,
            orders: wiring.orders()?,
            aftersales: wiring.aftersales()?,
            drafts: wiring.drafts()?,
            payments: wiring.payments()?,
            wallets: wiring.wallets()?,
            media: wiring.media()?,
        };
        argosy_storefront::routes(clients, settings.storefront.clone(), &self.host)
    }
}
