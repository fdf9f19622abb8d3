//! The shop's markets: few, asked for often, kept until a fact says that they changed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argosy_contracts::pricing::{ListMarketsRequest, Market, PricingClient};
use argosy_edge::Rendered;
use argosy_kernel::{Code, Ctx, Currency, Error, Result};
use argosy_platform::Host;
use moka::sync::Cache;

use crate::{
    shapes::{List, MarketOut},
    structure::TTL,
};

const PUBLIC: &str = "public, max-age=1";

/// In what prices are shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PricedIn {
    pub(crate) currency: Currency,
    /// Empty: pricing chooses one by the currency.
    pub(crate) market: Arc<str>,
}

/// All markets, and as they are answered.
pub(crate) struct Listed {
    pub(crate) all: Vec<Market>,
    pub(crate) rendered: Rendered,
}

/// The markets as they were last heard of.
#[derive(Clone)]
pub(crate) struct Markets {
    pricing: PricingClient,
    kept: Cache<(), Arc<Listed>>,
    /// Counts the changes: what was loaded before one must not be kept.
    revision: Arc<AtomicU64>,
}

impl Markets {
    pub(crate) fn new(pricing: PricingClient) -> Self {
        let kept = Cache::builder().max_capacity(1).time_to_live(TTL).build();
        Self { pricing, kept, revision: Arc::default() }
    }

    /// All of them, the default one first.
    pub(crate) async fn all(&self, ctx: &Ctx) -> Result<Arc<Listed>> {
        if let Some(kept) = self.kept.get(&()) {
            return Ok(kept);
        }
        let revision = self.revision.load(Ordering::SeqCst);
        let all = match self.pricing.list_markets(ctx, ListMarketsRequest {}).await {
            // The release before has none.
            Err(error) if error.code() == Code::Unimplemented => Vec::new(),
            listed => listed?.markets,
        };
        let items: Vec<MarketOut> = all.iter().cloned().map(Into::into).collect();
        let body = serde_json::to_vec(&List::whole(items)).map_err(Error::internal)?;
        let rendered =
            Rendered::new("application/json", body).cache_control(PUBLIC).surrogate_keys(["markets"]);
        let listed = Arc::new(Listed { all, rendered });
        self.kept.insert((), Arc::clone(&listed));
        if self.revision.load(Ordering::SeqCst) != revision {
            self.forget();
        }
        Ok(listed)
    }

    /// Drops them whenever they change, from now on.
    pub(crate) fn follow(&self, host: &Host) {
        let (each, missed) = (self.clone(), self.clone());
        host.bus().follow(
            host.tasks(),
            "pricing",
            move |fact| {
                if fact.kind == "pricing.markets_changed" {
                    each.forget();
                }
            },
            move || missed.forget(),
        );
    }

    fn forget(&self) {
        self.revision.fetch_add(1, Ordering::SeqCst);
        self.kept.invalidate_all();
    }
}
