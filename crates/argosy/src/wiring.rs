//! Starts the targets of this process and hands each the clients it calls: local if the service runs here,
//! remote if the settings give its address. Nothing else differs between one process and a fleet.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use argosy_contracts::{
    FactsService, OperationsService, RemoteLog, StandingService,
    cart::CartClient,
    catalog::CatalogClient,
    facts_v1::StandingClient,
    inventory::InventoryClient,
    media::MediaClient,
    notifications::NotificationsClient,
    orders::{AftersalesClient, DraftsClient, OrdersClient},
    payments::{PaymentsClient, WalletsClient},
    pricing::PricingClient,
    search::SearchClient,
};
use argosy_kernel::{Error, Result};
use argosy_platform::{
    Host,
    rpc::{Channel, Connector, Routes},
};

use crate::{
    books::Shelf,
    settings::Settings,
    targets::{Target, select},
};

/// The services of a process, started, and the way to all others.
pub struct Wiring {
    settings: Settings,
    host: Host,
    /// A running store of this machine, whose services are used instead of starting any.
    socket: Option<Channel>,
    connector: Connector,
    /// Channels made so far, by service: their connections, and what is known of each process, are shared.
    channels: Mutex<BTreeMap<String, Channel>>,
    targets: Vec<Target>,
    local: Local,
}

#[derive(Default)]
struct Local {
    cart: Option<CartClient>,
    catalog: Option<CatalogClient>,
    inventory: Option<InventoryClient>,
    media: Option<MediaClient>,
    notifications: Option<NotificationsClient>,
    orders: Option<OrdersClient>,
    aftersales: Option<AftersalesClient>,
    drafts: Option<DraftsClient>,
    payments: Option<PaymentsClient>,
    wallets: Option<WalletsClient>,
    pricing: Option<PricingClient>,
    search: Option<SearchClient>,
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $client:ident of $service:expr;)*) => {
        impl Wiring {
            $($(#[$doc])*
            ///
            /// # Errors
            /// `ADDRESS_MISSING` if it neither runs here nor is its address known.
            pub fn $name(&self) -> Result<$client> {
                match &self.local.$name {
                    Some(client) => Ok(client.clone()),
                    None => Ok($client::remote(self.channel($service)?)),
                }
            })*

            /// Serves what runs here to other processes.
            ///
            /// # Errors
            /// INTERNAL if the contracts cannot be described.
            pub fn routes(&self) -> Result<Routes> {
                let mut routes = Routes::default();
                FactsService::add_to(self.host.bus().clone(), &mut routes);
                StandingService::new(self.host.databases()).client().add_to(&mut routes);
                self.shelf(&not_here).books().add_to(&mut routes);
                $(if let Some(client) = &self.local.$name {
                    client.add_to(&mut routes);
                })*
                if self.settings.rpc.reflection {
                    routes.reflect(argosy_contracts::DESCRIPTORS)?;
                }
                Ok(routes)
            }

            /// Serves what runs here, and passes on what runs elsewhere: a command of this machine need not know
            /// where a service is.
            pub fn routes_for_commands(&self) -> Routes {
                let mut routes = Routes::default();
                $(if let Ok(client) = self.$name() {
                    client.add_to(&mut routes);
                })*
                self.standing().add_to(&mut routes);
                self.shelf(&|name| self.channel(name)).books().add_to(&mut routes);
                OperationsService::new(self.host.clone()).client().add_to(&mut routes);
                routes
            }
        }
    };
}

clients! {
    /// Carts.
    cart: CartClient of CartClient::SERVICE;
    /// Products.
    catalog: CatalogClient of CatalogClient::SERVICE;
    /// Stock.
    inventory: InventoryClient of InventoryClient::SERVICE;
    /// Pictures.
    media: MediaClient of MediaClient::SERVICE;
    /// Messages.
    notifications: NotificationsClient of NotificationsClient::SERVICE;
    /// Checkouts and orders.
    orders: OrdersClient of OrdersClient::SERVICE;
    /// What becomes of orders.
    aftersales: AftersalesClient of OrdersClient::SERVICE;
    /// Orders that staff put together.
    drafts: DraftsClient of OrdersClient::SERVICE;
    /// Payments.
    payments: PaymentsClient of PaymentsClient::SERVICE;
    /// What buyers have saved to pay with.
    wallets: WalletsClient of PaymentsClient::SERVICE;
    /// Quotes.
    pricing: PricingClient of PricingClient::SERVICE;
    /// Listings.
    search: SearchClient of SearchClient::SERVICE;
}

/// To processes each tells what is its own.
fn not_here(service: &str) -> Result<Channel> {
    Err(Error::not_found("NOT_HERE", format!("{service} does not run here")))
}

impl Wiring {
    /// Starts the services of this process, those that are called first.
    pub async fn start(settings: &Settings, host: &Host) -> Result<Self> {
        let mut wiring = Self {
            settings: settings.clone(),
            host: host.clone(),
            socket: None,
            connector: Connector::new(&settings.rpc)?,
            channels: Mutex::default(),
            targets: select(&settings.services)?,
            local: Local::default(),
        };
        wiring.add_remote_facts()?;
        for target in wiring.targets.clone() {
            Box::pin(wiring.start_target(target.name)).await?;
        }
        Ok(wiring)
    }

    /// Uses the services of a store that runs on this machine.
    pub fn of_running_store(settings: &Settings, host: &Host, socket: Channel) -> Self {
        Self {
            settings: settings.clone(),
            host: host.clone(),
            socket: Some(socket),
            connector: Connector::default(),
            channels: Mutex::default(),
            targets: Vec::new(),
            local: Local::default(),
        }
    }

    /// Whether a target runs in this process.
    pub fn runs(&self, name: &str) -> bool {
        self.targets.iter().any(|target| target.name == name)
    }

    fn shelf<'a>(&self, channel: &'a dyn Fn(&str) -> Result<Channel>) -> Shelf<'a> {
        Shelf { databases: self.host.databases(), clock: self.host.clock(), channel }
    }

    /// How all services stand with facts, wherever they run.
    fn standing(&self) -> StandingClient {
        let others = self.settings.addresses.keys().filter(|name| !self.runs(name));
        let channels = others.filter_map(|name| Some((name.clone(), self.channel(name).ok()?)));
        StandingService::new(self.host.databases()).and_elsewhere(channels).client()
    }

    fn add_remote_facts(&self) -> Result<()> {
        for name in self.settings.addresses.keys() {
            select(std::slice::from_ref(name))?;
            if !self.runs(name) {
                let log = RemoteLog::new(name.clone(), self.channel(name)?);
                self.host.bus().add(name, std::sync::Arc::new(log));
            }
        }
        Ok(())
    }

    fn channel(&self, service: &str) -> Result<Channel> {
        if let Some(socket) = &self.socket {
            return Ok(socket.clone());
        }
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = channels.get(service) {
            return Ok(channel.clone());
        }
        let addresses = self.settings.addresses.get(service).ok_or_else(|| {
            Error::invalid(
                "ADDRESS_MISSING",
                format!(
                    "addresses.{service}: {service} does not run in this process, so its address is needed"
                ),
            )
        })?;
        let channel = self.connector.channel(service, addresses)?;
        channels.insert(service.to_owned(), channel.clone());
        Ok(channel)
    }

    async fn start_target(&mut self, name: &str) -> Result<()> {
        let (host, settings) = (self.host.clone(), self.settings.clone());
        match name {
            "catalog" => self.local.catalog = Some(argosy_catalog::start(&host, settings.catalog).await?),
            "inventory" => {
                self.local.inventory = Some(argosy_inventory::start(&host, settings.inventory).await?);
            }
            "payments" => {
                let started = argosy_payments::start(&host, settings.payments).await?;
                self.local.payments = Some(started.payments);
                self.local.wallets = Some(started.wallets);
            }
            "search" => {
                let clients =
                    argosy_search::SearchClients { catalog: self.catalog()?, inventory: self.inventory()? };
                self.local.search = Some(argosy_search::start(&host, settings.search, clients).await?);
            }
            "pricing" => {
                let started = argosy_pricing::start(&host, self.catalog()?, settings.pricing).await?;
                self.local.pricing = Some(started);
            }
            "cart" => {
                let clients = argosy_cart::CartClients {
                    catalog: self.catalog()?,
                    pricing: self.pricing()?,
                    inventory: self.inventory()?,
                };
                self.local.cart = Some(argosy_cart::start(&host, settings.cart, clients).await?);
            }
            "orders" => {
                let clients = argosy_orders::OrdersClients {
                    cart: self.cart()?,
                    pricing: self.pricing()?,
                    inventory: self.inventory()?,
                    payments: self.payments()?,
                };
                let started = argosy_orders::start(&host, settings.orders, clients).await?;
                self.local.orders = Some(started.orders);
                self.local.aftersales = Some(started.aftersales);
                self.local.drafts = Some(started.drafts);
            }
            "media" => self.local.media = Some(argosy_media::start(&host, settings.media).await?),
            "notifications" => {
                let clients = argosy_notifications::NotificationsClients {
                    orders: self.orders()?,
                    drafts: self.drafts()?,
                };
                let started = argosy_notifications::start(&host, settings.notifications, clients).await?;
                self.local.notifications = Some(started);
            }
            // Doors are not services: they are merged into one router, see `serve`.
            _ => {}
        }
        Ok(())
    }
}
