//! Products that were read, kept parsed.
//!
//! A write drops what it changed, here at once and in other processes by its fact. Its fact may be read the moment
//! it commits, by somebody who then asks for the product: so what a write is about to change is neither answered
//! from here nor kept until the write is over. Between reading a row and keeping it a write may have passed, so
//! rows are kept only if none did: a stale product is never kept.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
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
    writes: Arc<Writes>,
}

/// What is being written, and how much was.
#[derive(Default)]
struct Writes {
    /// How many writes are under way; so that reads need no lock while there are none.
    running: AtomicUsize,
    state: Mutex<WritesState>,
}

#[derive(Default)]
struct WritesState {
    /// Counts the writes.
    done: u64,
    /// Products that are being written, and by how many.
    products: HashMap<ProductId, usize>,
}

/// A write under way. When it is dropped, what it changed is dropped from the cache.
pub(crate) struct Writing {
    products: Products,
    ids: Vec<ProductId>,
}

impl Writes {
    fn state(&self) -> MutexGuard<'_, WritesState> {
        // Whoever panicked left counts that are true: they are changed in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_running(&self, id: ProductId) -> bool {
        self.running.load(Ordering::SeqCst) > 0 && self.state().products.contains_key(&id)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let writes = &self.products.writes;
        let mut state = writes.state();
        state.done += 1;
        for id in &self.ids {
            self.products.by_id.invalidate(id);
            match state.products.get_mut(id) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(state.products.remove(id)),
            }
        }
        writes.running.fetch_sub(1, Ordering::SeqCst);
    }
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
            let mut state = missed.writes.state();
            state.done += 1;
            missed.by_id.invalidate_all();
        });
    }

    /// Drops products that were written elsewhere.
    pub(crate) fn written(&self, ids: impl IntoIterator<Item = ProductId>) {
        let mut state = self.writes.state();
        state.done += 1;
        ids.into_iter().for_each(|id| self.by_id.invalidate(&id));
    }

    /// Take it before a write, and drop it when the write has ended, however it did.
    pub(crate) fn writing(&self, ids: Vec<ProductId>) -> Writing {
        let mut state = self.writes.state();
        for id in &ids {
            *state.products.entry(*id).or_default() += 1;
        }
        self.writes.running.fetch_add(1, Ordering::SeqCst);
        Writing { products: self.clone(), ids }
    }

    fn cached(&self, id: ProductId) -> Option<Arc<Product>> {
        if self.writes.is_running(id) {
            return None;
        }
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
        let before = self.writes.state().done;
        let rows = read().await?;
        let mut products = Vec::with_capacity(rows.len());
        for (Stored { product, .. }, bytes) in rows {
            let product = Arc::new(product);
            self.by_handle.insert(product.handle.clone(), product.id);
            for variant in &product.document.variants {
                self.by_variant.insert(variant.id, product.id);
            }
            let kept = Kept { product: Arc::clone(&product), bytes: bytes * PARSED_FACTOR };
            // Held while it is kept, so that a write ends either before, and is seen, or after, and drops it.
            let state = self.writes.state();
            if state.done == before && !state.products.contains_key(&product.id) {
                self.by_id.insert(product.id, Arc::new(kept));
            }
            drop(state);
            products.push(product);
        }
        Ok(products)
    }
}
