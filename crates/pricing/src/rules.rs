//! The zones, campaigns, fees, markets and price lists that quotes are made with, kept in memory.
//!
//! They are read once and again after a change, so a quote without codes needs no SQL. A cache with a time to
//! live lost: a changed tax rate would count for some quotes and not for others.

use std::{collections::HashSet, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use argosy_kernel::{Result, Timestamp};
use argosy_platform::Host;
use tokio::sync::Notify;

use crate::{
    config::PricingConfig,
    defaults,
    domain::{
        Calendar, Campaigns, Counting, Fee, Market, Markets, Place, PriceLists, ShippingZones, TaxBasis,
        TaxZones,
    },
    events,
    messages::{campaign, fee},
    store::Store,
};

/// How long after a failure the zones are read again.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// How often it is looked whether a price list began or ended: what is shown lags no more.
const TIMES_LOOKED_AT: Duration = Duration::from_secs(1);

/// All that quotes are made with, prepared for look-ups.
#[derive(Debug)]
pub(crate) struct Rules {
    version: i64,
    /// Which tax is due where.
    pub(crate) taxes: TaxZones,
    /// Where what is shipped.
    pub(crate) shipping: ShippingZones,
    /// What counts without a code.
    pub(crate) campaigns: Campaigns,
    /// What is charged beside goods and shipping.
    pub(crate) fees: Vec<Fee>,
    /// Which countries are sold to alike.
    pub(crate) markets: Markets,
    /// What some buyers pay instead of the catalogue's price.
    pub(crate) price_lists: PriceLists,
    /// The lists that hold fixed prices, which are read when they are needed.
    with_prices: HashSet<String>,
    /// Where the shop is.
    pub(crate) home: Place,
    /// Whether list prices hold tax.
    pub(crate) gross_prices: bool,
    /// When the shop works.
    pub(crate) calendar: Calendar,
}

impl Rules {
    async fn load(store: &Store, config: &PricingConfig) -> Result<Self> {
        let version = store.rules_version().await?;
        let taxes = TaxZones::new(store.tax_zones().await?);
        let shipping = ShippingZones::new(store.shipping_zones().await?);
        let campaigns = store.campaigns().await?;
        let campaigns = campaigns.iter().map(|message| campaign::read(message, "")).collect::<Result<_>>()?;
        let campaigns = Campaigns::new(campaigns);
        let fees = store.fees().await?;
        let fees = fees.iter().map(|message| fee::read(message, "")).collect::<Result<_>>()?;
        let markets = Markets::new(store.markets().await?);
        let price_lists = PriceLists::new(store.price_lists().await?);
        let with_prices = store.lists_with_prices().await?;
        let home = Place::new(config.shop.country, &config.shop.region, "");
        let at_home = taxes.find(&home);
        let gross_prices =
            config.prices_include_tax.unwrap_or_else(|| at_home.is_some_and(|zone| zone.included));
        let calendar = Calendar::new(&config.shop.time_zone, &config.working_days, &config.holidays)?;
        Ok(Self {
            version,
            taxes,
            shipping,
            campaigns,
            fees,
            markets,
            price_lists,
            with_prices,
            home,
            gross_prices,
            calendar,
        })
    }

    /// Where the goods go. While that is unknown to the shop's own place, or, in a market that the shop's country is not in,
    /// to the market's first country.
    pub(crate) fn place(&self, destination: Option<&Place>, market: Option<&Market>) -> Place {
        let at_home = || {
            let abroad = market.filter(|market| !market.countries.contains(&self.home.country));
            let country = abroad.and_then(|market| market.countries.first());
            country.map_or_else(|| self.home.clone(), |country| Place::new(*country, "", ""))
        };
        destination.cloned().unwrap_or_else(at_home)
    }

    /// Whether list prices hold tax in a market.
    pub(crate) fn gross_prices_in(&self, market: Option<&Market>) -> bool {
        match market.and_then(|market| market.tax_basis) {
            None => self.gross_prices,
            Some(TaxBasis::Gross) => true,
            Some(TaxBasis::Net) => false,
        }
    }

    /// Of the lists that count the names of those that hold fixed prices.
    pub(crate) fn holding_prices(&self, lists: &Counting<'_>) -> Vec<String> {
        lists.names().filter(|name| self.with_prices.contains(*name)).map(str::to_owned).collect()
    }
}

/// The zones in force; cheap to clone.
#[derive(Clone)]
pub(crate) struct CurrentRules {
    store: Store,
    config: Arc<PricingConfig>,
    current: Arc<ArcSwap<Rules>>,
}

impl CurrentRules {
    /// Reads the zones, filling a new database first, and follows their changes.
    pub(crate) async fn start(host: &Host, store: &Store, config: PricingConfig) -> Result<Self> {
        store
            .seed(&defaults::tax_zones(&config.shop)?, &defaults::shipping_zones(config.shop.country)?)
            .await?;
        let current = Rules::load(store, &config).await?;
        let rules = Self {
            store: store.clone(),
            config: Arc::new(config),
            current: Arc::new(ArcSwap::from_pointee(current)),
        };
        rules.follow(host);
        rules.watch_times(host);
        Ok(rules)
    }

    /// The zones in force. One quote uses one of these from start to end.
    pub(crate) fn get(&self) -> Arc<Rules> {
        self.current.load_full()
    }

    /// Reads the zones again; older ones than those in force are dropped, whoever read them last.
    pub(crate) async fn reload(&self) -> Result<()> {
        let loaded = Arc::new(Rules::load(&self.store, &self.config).await?);
        self.current.rcu(|current| {
            let newest = if loaded.version > current.version { &loaded } else { current };
            Arc::clone(newest)
        });
        Ok(())
    }

    /// Tells when a price list begins or ceases to count, for those who keep what goods cost. Every process looks, which
    /// costs no statement, and one of them tells.
    fn watch_times(&self, host: &Host) {
        let (rules, clock) = (self.clone(), host.clock());
        host.tasks().spawn_loop(async move {
            let mut tick = tokio::time::interval(TIMES_LOOKED_AT);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut told: Option<Timestamp> = None;
            loop {
                tick.tick().await;
                let Some(changed) = rules.get().price_lists.changed_last(clock.now()) else { continue };
                if told.is_some_and(|told| told >= changed) {
                    continue;
                }
                match rules.store.tell_of_times(changed).await {
                    Ok(_) => told = Some(changed),
                    Err(error) => {
                        tracing::warn!(error = ?error, "cannot tell that a price list began or ended, trying again");
                    }
                }
            }
        });
    }

    /// Reads the zones again whenever a process says that it changed them.
    fn follow(&self, host: &Host) {
        let changed = Arc::new(Notify::new());
        let (told, missed) = (Arc::clone(&changed), Arc::clone(&changed));
        host.bus().follow(
            host.tasks(),
            "pricing",
            move |fact| {
                if fact.kind == events::ZONES_CHANGED {
                    told.notify_one();
                }
            },
            move || missed.notify_one(),
        );
        let rules = self.clone();
        host.tasks().spawn_loop(async move {
            loop {
                changed.notified().await;
                if let Err(error) = rules.reload().await {
                    tracing::warn!(error = ?error, "cannot read the changed zones, trying again");
                    tokio::time::sleep(RETRY_DELAY).await;
                    changed.notify_one();
                }
            }
        });
    }
}
