//! Categories, collections and attributes, held in memory: small, and asked in every query.
//!
//! A category's subtree is resolved when a query is answered. Indexing each product under all its ancestors
//! lost: moving one category would mean writing every product below it.

use std::collections::HashMap;

use argosy_contracts::catalog::{
    AttributeDefinition, CatalogClient, Category, ListAttributesRequest, ListCategoriesRequest,
    ListCollectionsRequest,
};
use argosy_kernel::{Ctx, Result};

/// The tables.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    categories: HashMap<String, Category>,
    by_handle: HashMap<String, String>,
    children: HashMap<String, Vec<String>>,
    collections: HashMap<String, String>,
    attributes: HashMap<String, AttributeDefinition>,
    /// Counts their changes.
    pub(crate) revision: u64,
}

impl Tables {
    /// Reads them from the catalogue.
    pub(crate) async fn load(catalog: &CatalogClient, ctx: &Ctx, revision: u64) -> Result<Self> {
        let categories = catalog.list_categories(ctx, ListCategoriesRequest {}).await?.categories;
        let collections = catalog.list_collections(ctx, ListCollectionsRequest {}).await?.collections;
        let attributes = catalog.list_attributes(ctx, ListAttributesRequest {}).await?.attributes;
        let mut children: HashMap<String, Vec<String>> = HashMap::new();
        for category in &categories {
            children.entry(category.parent_id.clone()).or_default().push(category.id.clone());
        }
        Ok(Self {
            by_handle: categories.iter().map(|each| (each.handle.clone(), each.id.clone())).collect(),
            categories: categories.into_iter().map(|each| (each.id.clone(), each)).collect(),
            children,
            collections: collections.into_iter().map(|each| (each.handle, each.id)).collect(),
            attributes: attributes.into_iter().map(|each| (each.name.clone(), each)).collect(),
            revision,
        })
    }

    /// A category by id.
    pub(crate) fn category(&self, id: &str) -> Option<&Category> {
        self.categories.get(id)
    }

    /// A category by handle.
    pub(crate) fn category_by_handle(&self, handle: &str) -> Option<&Category> {
        self.by_handle.get(handle).and_then(|id| self.categories.get(id))
    }

    /// All categories, in no order.
    pub(crate) fn categories(&self) -> impl Iterator<Item = &Category> {
        self.categories.values()
    }

    /// The children of a category, or the roots of the empty id.
    pub(crate) fn children(&self, id: &str) -> impl Iterator<Item = &Category> {
        self.children.get(id).into_iter().flatten().filter_map(|child| self.categories.get(child))
    }

    /// The id of a category and of all below it.
    pub(crate) fn subtree(&self, id: &str) -> Vec<String> {
        let mut found = vec![id.to_owned()];
        let mut next = 0;
        while let Some(id) = found.get(next).filter(|_| found.len() <= self.categories.len()) {
            let below: Vec<String> = self.children(id).map(|child| child.id.clone()).collect();
            found.extend(below);
            next += 1;
        }
        found
    }

    /// The id of a collection.
    pub(crate) fn collection(&self, handle: &str) -> Option<&str> {
        self.collections.get(handle).map(String::as_str)
    }

    /// A declared attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&AttributeDefinition> {
        self.attributes.get(name)
    }

    /// Whether an attribute that was known before is searched now and was not, or the other way round: then
    /// what is indexed of it is wrong.
    pub(crate) fn searches_otherwise(&self, earlier: &Self) -> bool {
        let both = self.attributes.values().filter_map(|now| Some((now, earlier.attributes.get(&now.name)?)));
        both.into_iter().any(|(now, then)| now.searchable != then.searchable)
    }
}
