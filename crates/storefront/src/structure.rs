//! The categories, collections and attributes: little, needed by every page, kept in memory.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argosy_contracts::{
    catalog::{
        AttributeDefinition, Category, Collection, ListAttributesRequest, ListCategoriesRequest,
        ListCollectionsRequest,
    },
    inventory::{InventoryClient, ListLocationsRequest, Location},
    pricing::{ListMarketsRequest, Market, PricingClient},
    search::{QueryRequest, SearchClient},
};
use argosy_kernel::{Ctx, Currency, Error, Result};
use futures::future::{join_all, try_join3};
use moka::{future::Cache, policy::EvictionPolicy};

use crate::{
    StorefrontClients,
    edition::{Edition, Editions},
    view::Link,
};

const MENU_MAX: usize = 8;
const DEPTH_MAX: usize = 32;
const KEPT: Duration = Duration::from_mins(1);
const TIMEOUT: Duration = Duration::from_secs(5);
/// For what pages can do without.
const ASIDE_TIMEOUT: Duration = Duration::from_secs(1);

/// The shelves of the shop.
#[derive(Default)]
pub(crate) struct Structure {
    pub(crate) categories: Vec<Category>,
    pub(crate) collections: Vec<Collection>,
    /// In which there are goods to buy.
    pub(crate) currencies: Vec<Currency>,
    /// Where buyers may collect.
    pub(crate) pickup: Vec<Location>,
    /// The default one first; none: the shop has no markets.
    pub(crate) markets: Vec<Market>,
    attributes: HashMap<String, AttributeDefinition>,
}

impl Structure {
    pub(crate) async fn load(clients: &StorefrontClients, editions: &Editions) -> Result<Self> {
        let ctx = Ctx::system("storefront").with_timeout(TIMEOUT);
        let catalog = &clients.catalog;
        let (categories, collections, attributes) = try_join3(
            catalog.list_categories(&ctx, ListCategoriesRequest {}),
            catalog.list_collections(&ctx, ListCollectionsRequest {}),
            catalog.list_attributes(&ctx, ListAttributesRequest {}),
        )
        .await?;
        let named = attributes.attributes.into_iter().map(|attribute| (attribute.name.clone(), attribute));
        Ok(Self {
            categories: categories.categories,
            collections: collections.collections,
            currencies: currencies(&clients.search, editions).await,
            pickup: pickup(&clients.inventory).await,
            markets: markets(&clients.pricing).await,
            attributes: named.collect(),
        })
    }

    /// The market that visitors of an edition look at the shop in; `None`: pricing chooses one by the currency.
    pub(crate) fn market_of(&self, edition: &Edition) -> Option<&Market> {
        self.markets.iter().find(|market| is_sold_in(market, edition))
    }

    /// The market of a country: its own, or the default one.
    pub(crate) fn market_of_country(&self, country: &str) -> Option<&Market> {
        let own = self.markets.iter().find(|market| market.countries.iter().any(|code| code == country));
        own.or_else(|| self.markets.first())
    }

    /// Whether some market has the language and the currency of an edition. A shop without markets is sold in all.
    pub(crate) fn sells_in(&self, edition: &Edition) -> bool {
        self.markets.is_empty() || self.market_of(edition).is_some()
    }

    pub(crate) fn category(&self, handle: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.handle == handle)
    }

    pub(crate) fn collection(&self, handle: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.handle == handle)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&AttributeDefinition> {
        self.attributes.get(name)
    }

    /// What is directly below a category; an empty id: the roots.
    pub(crate) fn children(&self, parent_id: &str) -> Vec<&Category> {
        let mut children: Vec<&Category> =
            self.categories.iter().filter(|category| category.parent_id == parent_id).collect();
        children.sort_by(|a, b| a.position.cmp(&b.position).then_with(|| a.title.cmp(&b.title)));
        children
    }

    /// The categories from the root to one.
    pub(crate) fn path_to(&self, id: &str) -> Vec<&Category> {
        let mut path = Vec::new();
        let mut next = id;
        while let Some(category) = self.categories.iter().find(|category| category.id == next)
            && path.len() < DEPTH_MAX
        {
            path.push(category);
            next = &category.parent_id;
        }
        path.reverse();
        path
    }

    /// The first links of the header.
    pub(crate) fn menu(&self, edition: &Edition) -> Vec<Link> {
        self.children("")
            .into_iter()
            .take(MENU_MAX)
            .map(|category| category_link(category, edition))
            .collect()
    }
}

fn is_sold_in(market: &Market, edition: &Edition) -> bool {
    market.currency == edition.currency.code()
        && market.languages.iter().any(|tag| tag.eq_ignore_ascii_case(&edition.words.tag))
}

/// A link to a category's page.
pub(crate) fn category_link(category: &Category, edition: &Edition) -> Link {
    Link { title: category.title.clone(), url: edition.path(&format!("/categories/{}", category.handle)) }
}

/// Where buyers may collect. Without an answer nowhere: pages do without it for a minute.
async fn pickup(inventory: &InventoryClient) -> Vec<Location> {
    let ctx = Ctx::system("storefront").with_timeout(ASIDE_TIMEOUT);
    let listed = inventory.list_locations(&ctx, ListLocationsRequest {}).await;
    let mut locations = listed.map(|listed| listed.locations).unwrap_or_default();
    locations.retain(|location| location.active && location.pickup);
    locations
}

/// The markets. Without an answer none: for a minute pricing chooses by the currency alone.
async fn markets(pricing: &PricingClient) -> Vec<Market> {
    let ctx = Ctx::system("storefront").with_timeout(ASIDE_TIMEOUT);
    pricing.list_markets(&ctx, ListMarketsRequest {}).await.map(|listed| listed.markets).unwrap_or_default()
}

/// The currencies of the shop's editions that something is priced in. Without an answer none: a choice that is missing
/// for a minute is better than a page that is.
async fn currencies(search: &SearchClient, editions: &Editions) -> Vec<Currency> {
    let ctx = Ctx::system("storefront").with_timeout(ASIDE_TIMEOUT);
    let first = editions.iter().next().map(|edition| edition.words.tag.clone()).unwrap_or_default();
    let asked = editions.in_language(&first).map(|edition| {
        let request = QueryRequest {
            currency: edition.currency.code().to_owned(),
            price_min: Some(0),
            limit: 1,
            ..QueryRequest::default()
        };
        let ctx = &ctx;
        async move {
            let found = search.query(ctx, request).await;
            found.is_ok_and(|found| !found.product_ids.is_empty()).then_some(edition.currency)
        }
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// The structure as it was last read; forgotten when a fact says that it changed.
///
/// It is kept under the number of changes heard of, so that one which was being read while a change was told is not
/// kept as if it had been read after it.
pub(crate) struct StructureCache {
    kept: Cache<u64, Arc<Structure>>,
    changes: AtomicU64,
}

impl Default for StructureCache {
    fn default() -> Self {
        let kept = Cache::builder().max_capacity(2).eviction_policy(EvictionPolicy::lru()).time_to_live(KEPT);
        Self { kept: kept.build(), changes: AtomicU64::new(0) }
    }
}

impl StructureCache {
    /// The structure, by `load` unless it is kept.
    pub(crate) async fn get(&self, load: impl Future<Output = Result<Structure>>) -> Result<Arc<Structure>> {
        let changes = self.changes.load(Ordering::Acquire);
        let loaded = self.kept.try_get_with(changes, async { load.await.map(Arc::new) });
        loaded.await.map_err(|error: Arc<Error>| (*error).clone())
    }

    pub(crate) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(handle: &str) -> Structure {
        let category = Category { handle: handle.to_owned(), ..Category::default() };
        Structure { categories: vec![category], ..Structure::default() }
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = StructureCache::default();
        let read = cache.get(async {
            cache.forget(); // the fact comes while this is on its way
            Ok(of("before"))
        });
        read.await.unwrap();
        let now = cache.get(async { Ok(of("after")) }).await.unwrap();
        assert!(now.category("after").is_some());
        let kept = cache.get(async { Ok(of("read again")) }).await.unwrap();
        assert!(kept.category("after").is_some());
    }
}
