//! Products that were read, kept parsed.
//!
//! A write drops what it changed, here at once and in other processes by its fact. Between reading a row and
//! keeping it a write may have passed, so whoever keeps rows looks afterwards whether any write did, and drops
//! them again if so: a stale product is never kept.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argosy_kernel::{ProductId, Result, VariantId};
use argosy_platform::{Host, bus::Fact};
use moka::sync::Cache;

use crate::{
    domain::{product::Product, revise::Stored},
    events::{PRODUCT_CHANGED, ProductChanged},
    store::Store,
};

/// Handles and variants whose product is remembered; a wrong one is harmless, the product is asked again.
const POINTERS_MAX: u64 = 100_000;
/// A product takes about so much more room than its JSON.
const PARSED_FACTOR: usize = 2;

/// Products by id, handle and variant.
#[derive(Clone)]
pub(crate) struct Products {
    store: Store,
    by_id: Cache<ProductId, Arc<Kept>>,
    by_handle: Cache<String, ProductId>,
    by_variant: Cache<VariantId, ProductId>,
    writes: Arc<AtomicU64>,
}

struct Kept {
    product: Arc<Product>,
    bytes: usize,
}

impl Products {
    pub(crate) fn new(store: Store, megabytes: u32) -> Self {
        let weight = |_: &ProductId, kept: &Arc<Kept>| u32::try_from(kept.bytes).unwrap_or(u32::MAX);
        Self {
            store,
            by_id: Cache::builder().max_capacity(u64::from(megabytes) * 1024 * 1024).weigher(weight).build(),
            by_handle: Cache::new(POINTERS_MAX),
            by_variant: Cache::new(POINTERS_MAX),
            writes: Arc::default(),
        }
    }

    /// Drops products that another process wrote, as their facts come in.
    pub(crate) fn follow(&self, host: &Host) {
        let (told, missed) = (self.clone(), self.clone());
        let each = move |fact: &Fact| {
            if fact.kind == PRODUCT_CHANGED
                && let Ok(ProductChanged { id, version, .. }) = fact.read()
            {
                let older = told.by_id.get(&id).filter(|kept| kept.product.version < version);
                told.written(older.map(|_| id));
            }
        };
        host.bus().follow(host.tasks(), "catalog", each, move || {
            missed.writes.fetch_add(1, Ordering::SeqCst);
            missed.by_id.invalidate_all();
        });
    }

    /// Drops products that were written.
    pub(crate) fn written(&self, ids: impl IntoIterator<Item = ProductId>) {
        self.writes.fetch_add(1, Ordering::SeqCst);
        ids.into_iter().for_each(|id| self.by_id.invalidate(&id));
    }

    fn cached(&self, id: ProductId) -> Option<Arc<Product>> {
        self.by_id.get(&id).map(|kept| Arc::clone(&kept.product))
    }

    /// Products by id, in the order asked for; unknown ones are left out.
    pub(crate) async fn by_ids(&self, ids: &[ProductId]) -> Result<Vec<Arc<Product>>> {
        let lookup = |id: &ProductId| self.cached(*id);
        let read = |missing: Vec<ProductId>| self.store.by_ids(missing.into_iter().map(|id| id.to_string()));
        self.collect(ids, lookup, read, |product, id| product.id == *id).await
    }

    /// Products by handle, in the order asked for; unknown ones are left out.
    pub(crate) async fn by_handles(&self, handles: &[String]) -> Result<Vec<Arc<Product>>> {
        let lookup = |handle: &String| self.by_handle.get(handle).and_then(|id| self.cached(id));
        let read = |missing: Vec<String>| self.store.by_handles(missing);
        self.collect(handles, lookup, read, |product, handle| product.handle == *handle).await
    }

    /// The product of each variant, in the order asked for; unknown ones are left out.
    pub(crate) async fn by_variants(&self, variants: &[VariantId]) -> Result<Vec<(VariantId, Arc<Product>)>> {
        let has =
            |product: &Product, id: &VariantId| product.document.variants.iter().any(|each| each.id == *id);
        let lookup = |id: &VariantId| {
            let product = self.by_variant.get(id).and_then(|product| self.cached(product));
            product.filter(|product| has(product, id)).map(|product| (*id, product))
        };
        let mut found = Vec::with_capacity(variants.len());
        let missing: Vec<VariantId> = variants.iter().filter(|id| lookup(id).is_none()).copied().collect();
        let read = if missing.is_empty() {
            Vec::new()
        } else {
            self.keep(|| self.store.by_variants(&missing)).await?
        };
        for id in variants {
            let fresh =
                || read.iter().find(|product| has(product, id)).map(|product| (*id, Arc::clone(product)));
            found.extend(fresh().or_else(|| lookup(id)));
        }
        Ok(found)
    }

    async fn collect<K: Clone, R>(
        &self,
        keys: &[K],
        lookup: impl Fn(&K) -> Option<Arc<Product>>,
        read: impl FnOnce(Vec<K>) -> R,
        is: impl Fn(&Product, &K) -> bool,
    ) -> Result<Vec<Arc<Product>>>
    where
        R: Future<Output = Result<Vec<(Stored, usize)>>>,
    {
        let mut found: Vec<Option<Arc<Product>>> = keys.iter().map(lookup).collect();
        let gaps = keys.iter().zip(&found).filter(|(_, product)| product.is_none());
        let missing: Vec<K> = gaps.map(|(key, _)| key.clone()).collect();
        if !missing.is_empty() {
            let read = self.keep(|| read(missing)).await?;
            for (key, place) in keys.iter().zip(&mut found).filter(|(_, product)| product.is_none()) {
                *place = read.iter().find(|product| is(product, key)).cloned();
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Keeps what is read, unless a write passed meanwhile.
    async fn keep<R>(&self, read: impl FnOnce() -> R) -> Result<Vec<Arc<Product>>>
    where
        R: Future<Output = Result<Vec<(Stored, usize)>>>,
    {
        let writes = self.writes.load(Ordering::SeqCst);
        let rows = read().await?;
        let mut products = Vec::with_capacity(rows.len());
        for (Stored { product, .. }, bytes) in rows {
            let product = Arc::new(product);
            let kept = Kept { product: Arc::clone(&product), bytes: bytes * PARSED_FACTOR };
            self.by_id.insert(product.id, Arc::new(kept));
            self.by_handle.insert(product.handle.clone(), product.id);
            for variant in &product.document.variants {
                self.by_variant.insert(variant.id, product.id);
            }
            products.push(product);
        }
        if self.writes.load(Ordering::SeqCst) != writes {
            for product in &products {
                self.by_id.invalidate(&product.id);
            }
        }
        Ok(products)
    }
}
