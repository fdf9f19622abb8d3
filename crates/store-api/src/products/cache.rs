//! What is kept of products, and how facts drop it.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argosy_kernel::{ProductId, VariantId};
use argosy_platform::{Host, bus::Fact};
use moka::{policy::EvictionPolicy, sync};

use super::Shown;
use crate::{markets::PricedIn, structure::Structure};

/// Nothing is kept longer, should a fact ever be lost.
const TTL: Duration = Duration::from_mins(5);
/// How long "there is no such product" is believed.
const MISSING_TTL: Duration = Duration::from_secs(2);
const NAMES_MAX: u64 = 200_000;
const MISSING_MAX: u64 = 20_000;
/// More than the variants of all products that fit the cache.
const VARIANTS_MAX: u64 = 500_000;
/// How long a drop is remembered: longer than any load takes.
const DROPS_TTL: Duration = Duration::from_mins(1);

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Product(ProductId),
    Missing,
}

pub(super) struct Cache {
    products: sync::Cache<(ProductId, PricedIn), Arc<Shown>>,
    handles: sync::Cache<Box<str>, ProductId>,
    missing: sync::Cache<Box<str>, ()>,
    variants: sync::Cache<VariantId, ProductId>,
    /// When a product was last dropped: what was loaded before then must not be kept.
    drops: sync::Cache<ProductId, u64>,
    /// The currencies and markets that something is kept in: as many as the shop has.
    priced_in: RwLock<HashSet<PricedIn>>,
    /// Counts the drops.
    epoch: AtomicU64,
    /// The last drop of everything.
    all_dropped: AtomicU64,
}

impl Cache {
    pub(super) fn new(bytes_max: u64) -> Self {
        let weigh = |_: &(ProductId, PricedIn), shown: &Arc<Shown>| shown.weight();
        Self {
            products: sync::Cache::builder().max_capacity(bytes_max).weigher(weigh).time_to_live(TTL).build(),
            handles: sync::Cache::builder().max_capacity(NAMES_MAX).time_to_live(TTL).build(),
            missing: sync::Cache::builder().max_capacity(MISSING_MAX).time_to_live(MISSING_TTL).build(),
            variants: sync::Cache::builder()
                .max_capacity(VARIANTS_MAX)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(TTL * 2)
                .build(),
            drops: sync::Cache::builder().time_to_live(DROPS_TTL).build(),
            priced_in: RwLock::default(),
            epoch: AtomicU64::new(1),
            all_dropped: AtomicU64::new(0),
        }
    }

    /// Take it before a load, and hand it to [`Cache::put`].
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    pub(super) fn named(&self, name: &str) -> Option<Named> {
        if let Ok(id) = name.parse::<ProductId>() {
            let missing = self.missing.contains_key(name);
            return Some(if missing { Named::Missing } else { Named::Product(id) });
        }
        if let Some(id) = self.handles.get(name) {
            return Some(Named::Product(id));
        }
        self.missing.contains_key(name).then_some(Named::Missing)
    }

    pub(super) fn get(&self, id: ProductId, priced_in: &PricedIn) -> Option<Arc<Shown>> {
        self.products.get(&(id, priced_in.clone()))
    }

    /// Keeps a product, unless it was dropped since `epoch`.
    pub(super) fn put(&self, priced_in: &PricedIn, shown: &Arc<Shown>, epoch: u64) {
        let Some(id) = shown.product() else { return };
        self.remember(priced_in);
        for variant in &shown.variants {
            self.variants.insert(*variant, id);
        }
        self.handles.insert(shown.handle().into(), id);
        self.products.insert((id, priced_in.clone()), Arc::clone(shown));
        // Looked at after the insert: a drop in between has either seen it or is seen here.
        if self.dropped_since(id, epoch) {
            self.products.invalidate(&(id, priced_in.clone()));
        }
    }

    fn dropped_since(&self, id: ProductId, epoch: u64) -> bool {
        let dropped = self.drops.get(&id).unwrap_or(0).max(self.all_dropped.load(Ordering::SeqCst));
        dropped > epoch
    }

    /// Remembers for a moment that there is no such product, unless anything was dropped since `epoch`.
    pub(super) fn miss(&self, name: &str, epoch: u64) {
        self.missing.insert(name.into(), ());
        if self.epoch() > epoch {
            self.missing.invalidate(name);
        }
    }

    fn remember(&self, priced_in: &PricedIn) {
        let known = self.priced_in.read().unwrap_or_else(PoisonError::into_inner).contains(priced_in);
        if !known {
            self.priced_in.write().unwrap_or_else(PoisonError::into_inner).insert(priced_in.clone());
        }
    }

    fn drop_product(&self, id: ProductId) {
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        self.drops.insert(id, epoch);
        for priced_in in self.priced_in.read().unwrap_or_else(PoisonError::into_inner).iter() {
            self.products.invalidate(&(id, priced_in.clone()));
        }
    }

    fn drop_name(&self, name: &str) {
        self.handles.invalidate(name);
        self.missing.invalidate(name);
    }

    fn drop_all(&self) {
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        self.all_dropped.store(epoch, Ordering::SeqCst);
        self.products.invalidate_all();
        self.handles.invalidate_all();
        self.missing.invalidate_all();
    }

    fn catalog_fact(&self, fact: &Fact) -> Affected {
        if fact.kind != "catalog.product_changed" {
            self.drop_all();
            return Affected::Structure;
        }
        self.drop_name(&fact.subject);
        if let Ok(id) = fact.subject.parse() {
            self.drop_product(id);
        }
        if let Ok(ProductChanged { handle }) = fact.read() {
            self.drop_name(&handle);
        }
        Affected::Product
    }

    fn inventory_fact(&self, fact: &Fact) {
        let variant: Option<VariantId> = fact.subject.parse().ok();
        let matters =
            matches!(fact.kind.as_str(), "inventory.availability_changed" | "inventory.expected_changed");
        if matters && let Some(product) = variant.and_then(|variant| self.variants.get(&variant)) {
            self.drop_product(product);
        }
    }
}

/// What a fact of the catalogue was about.
#[derive(Debug, PartialEq, Eq)]
enum Affected {
    Product,
    Structure,
}

/// The part of `catalog.product_changed` that matters here.
#[derive(serde::Deserialize)]
struct ProductChanged {
    handle: String,
}

pub(super) fn follow(host: &Host, cache: &Arc<Cache>, structure: &Structure) {
    let (each, each_structure) = (Arc::clone(cache), structure.clone());
    let (missed, missed_structure) = (Arc::clone(cache), structure.clone());
    host.bus().follow(
        host.tasks(),
        "catalog",
        move |fact| {
            if each.catalog_fact(fact) == Affected::Structure {
                each_structure.forget();
                // Once more: a product may have been made from the old structure meanwhile.
                each.drop_all();
            }
        },
        move || {
            missed_structure.forget();
            missed.drop_all();
        },
    );
    let (each, missed) = (Arc::clone(cache), Arc::clone(cache));
    host.bus().follow(
        host.tasks(),
        "inventory",
        move |fact| each.inventory_fact(fact),
        move || missed.drop_all(),
    );
    let (each, missed) = (Arc::clone(cache), Arc::clone(cache));
    host.bus().follow(
        host.tasks(),
        "pricing",
        move |fact| {
            // A list may be about everything, and which market counts where may have changed.
            if matches!(&*fact.kind, "pricing.prices_changed" | "pricing.markets_changed") {
                each.drop_all();
            }
        },
        move || missed.drop_all(),
    );
}
