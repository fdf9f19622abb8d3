//! Categories and collections: small, read often, kept until a fact says that they changed.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argosy_contracts::catalog::{
    Attribute, AttributeDefinition, CatalogClient, Category, ListAttributesRequest, ListCategoriesRequest,
    ListCollectionsRequest, SizeChart, attribute,
};
use argosy_edge::Rendered;
use argosy_kernel::{Ctx, Error, Result};
use moka::sync::Cache;
use serde::Serialize;

use crate::shapes::{CategoryOut, CategoryRef, CollectionOut, List};

/// A fact may be lost between two processes; nothing stays wrong for longer than this.
pub(crate) const TTL: Duration = Duration::from_mins(5);
const PUBLIC: &str = "public, max-age=1";

/// The category tree, and both lists as they are answered.
#[derive(Clone)]
pub(crate) struct Structure {
    catalog: CatalogClient,
    categories: Cache<(), Arc<Categories>>,
    collections: Cache<(), Arc<Rendered>>,
    size_charts: Cache<(), Arc<SizeCharts>>,
    /// Counts the changes: what was loaded before one must not be kept.
    revision: Arc<AtomicU64>,
}

pub(crate) struct Categories {
    pub(crate) rendered: Rendered,
    by_id: HashMap<String, CategoryRef>,
}

impl Categories {
    /// How a product names the categories that it is in; ids of none are left out.
    pub(crate) fn named(&self, ids: &[String]) -> Vec<CategoryRef> {
        ids.iter().filter_map(|id| self.by_id.get(id).cloned()).collect()
    }
}

/// The attributes that have size charts.
pub(crate) struct SizeCharts(Vec<AttributeDefinition>);

impl SizeCharts {
    fn new(mut attributes: Vec<AttributeDefinition>) -> Self {
        attributes.retain(|attribute| !attribute.size_charts.is_empty());
        Self(attributes)
    }

    /// The chart for what a product has, if there is one.
    pub(crate) fn of(&self, attributes: &[Attribute]) -> Option<SizeChart> {
        let chart = |definition: &AttributeDefinition| {
            let values = attributes.iter().filter(|attribute| attribute.name == definition.name);
            let mut texts = values.filter_map(|attribute| match attribute.value.as_ref()? {
                attribute::Value::Text(text) => Some(text),
                _ => None,
            });
            texts.find_map(|text| definition.size_charts.iter().find(|chart| chart.value == *text)).cloned()
        };
        self.0.iter().find_map(chart)
    }
}

impl Structure {
    pub(crate) fn new(catalog: CatalogClient) -> Self {
        Self {
            catalog,
            categories: Cache::builder().max_capacity(1).time_to_live(TTL).build(),
            collections: Cache::builder().max_capacity(1).time_to_live(TTL).build(),
            size_charts: Cache::builder().max_capacity(1).time_to_live(TTL).build(),
            revision: Arc::default(),
        }
    }

    pub(crate) async fn categories(&self, ctx: &Ctx) -> Result<Arc<Categories>> {
        if let Some(kept) = self.categories.get(&()) {
            return Ok(kept);
        }
        let revision = self.revision.load(Ordering::SeqCst);
        let listed = self.catalog.list_categories(ctx, ListCategoriesRequest {}).await?.categories;
        let by_id = listed.iter().map(|category| (category.id.clone(), reference(category))).collect();
        let items: Vec<CategoryOut> = listed.into_iter().map(Into::into).collect();
        let made = Arc::new(Categories { rendered: render(&List::whole(items), "categories")?, by_id });
        self.categories.insert((), Arc::clone(&made));
        self.forget_unless(revision);
        Ok(made)
    }

    pub(crate) async fn collections(&self, ctx: &Ctx) -> Result<Arc<Rendered>> {
        if let Some(kept) = self.collections.get(&()) {
            return Ok(kept);
        }
        let revision = self.revision.load(Ordering::SeqCst);
        let listed = self.catalog.list_collections(ctx, ListCollectionsRequest {}).await?.collections;
        let items: Vec<CollectionOut> = listed.into_iter().map(Into::into).collect();
        let made = Arc::new(render(&List::whole(items), "collections")?);
        self.collections.insert((), Arc::clone(&made));
        self.forget_unless(revision);
        Ok(made)
    }

    pub(crate) async fn size_charts(&self, ctx: &Ctx) -> Result<Arc<SizeCharts>> {
        if let Some(kept) = self.size_charts.get(&()) {
            return Ok(kept);
        }
        let revision = self.revision.load(Ordering::SeqCst);
        let listed = self.catalog.list_attributes(ctx, ListAttributesRequest {}).await?.attributes;
        let made = Arc::new(SizeCharts::new(listed));
        self.size_charts.insert((), Arc::clone(&made));
        self.forget_unless(revision);
        Ok(made)
    }

    fn forget_unless(&self, revision: u64) {
        if self.revision.load(Ordering::SeqCst) != revision {
            self.forget();
        }
    }

    pub(crate) fn forget(&self) {
        self.revision.fetch_add(1, Ordering::SeqCst);
        self.categories.invalidate_all();
        self.collections.invalidate_all();
        self.size_charts.invalidate_all();
    }
}

fn reference(category: &Category) -> CategoryRef {
    CategoryRef { id: category.id.clone(), handle: category.handle.clone(), title: category.title.clone() }
}

fn render(list: &impl Serialize, key: &'static str) -> Result<Rendered> {
    let body = serde_json::to_vec(list).map_err(Error::internal)?;
    Ok(Rendered::new("application/json", body).cache_control(PUBLIC).surrogate_keys([key]))
}
