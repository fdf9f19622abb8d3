//! Categories, collections and attributes, held in memory: small, and asked in every query.
//!
//! The order of a collection made by hand stands here, not in the documents: moving one product to the front moves
//! all others, and none of them would have to be written for it.
//!
//! A category's subtree is resolved when a query is answered. Indexing each product under all its ancestors
//! lost: moving one category would mean writing every product below it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use argosy_contracts::catalog::{
    AttributeDefinition, CatalogClient, Category, ListAttributesRequest, ListCategoriesRequest,
    ListCollectionsRequest, ListMembersRequest,
};
use argosy_kernel::{Code, Ctx, ProductId, Result};

/// The catalogue tells the members of so many collections at once.
const COLLECTIONS_MAX: usize = 50;

/// The place of each member of a collection made by hand.
pub(crate) type Places = HashMap<ProductId, i64>;

/// Collections whose members' order is read anew.
pub(crate) enum Reread {
    All,
    These(BTreeSet<String>),
}

/// The tables.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    categories: HashMap<String, Category>,
    by_handle: HashMap<String, String>,
    children: HashMap<String, Vec<String>>,
    collections: HashMap<String, String>,
    attributes: HashMap<String, AttributeDefinition>,
    /// By the collection's id; only of those made by hand.
    places: HashMap<String, Arc<Places>>,
    /// Counts their changes.
    pub(crate) revision: u64,
}

impl Tables {
    /// Reads them from the catalogue; orders that are not `reread` are as `earlier`.
    pub(crate) async fn load(
        catalog: &CatalogClient,
        ctx: &Ctx,
        earlier: &Self,
        reread: Reread,
    ) -> Result<Self> {
        let categories = catalog.list_categories(ctx, ListCategoriesRequest {}).await?.categories;
        let collections = catalog.list_collections(ctx, ListCollectionsRequest {}).await?.collections;
        let attributes = catalog.list_attributes(ctx, ListAttributesRequest {}).await?.attributes;
        let by_hand = collections.iter().filter(|each| each.conditions.is_empty()).map(|each| &each.id);
        let (read, kept): (Vec<&String>, Vec<&String>) = by_hand.partition(|id| match &reread {
            Reread::All => true,
            Reread::These(ids) => ids.contains(*id) || !earlier.places.contains_key(*id),
        });
        let mut places = load_places(catalog, ctx, &read).await?;
        places.extend(kept.into_iter().filter_map(|id| Some((id.clone(), earlier.places.get(id)?.clone()))));
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
            places,
            revision: earlier.revision + 1,
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

    /// The order of a collection made by hand; `None` for one by rule, or for none at all.
    pub(crate) fn places(&self, handle: &str) -> Option<&Arc<Places>> {
        self.places.get(self.collection(handle)?).filter(|places| !places.is_empty())
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

async fn load_places(
    catalog: &CatalogClient,
    ctx: &Ctx,
    ids: &[&String],
) -> Result<HashMap<String, Arc<Places>>> {
    let mut places: HashMap<String, Arc<Places>> =
        ids.iter().map(|id| ((*id).clone(), Arc::default())).collect();
    for ids in ids.chunks(COLLECTIONS_MAX) {
        let request = ListMembersRequest { collection_ids: ids.iter().copied().cloned().collect() };
        let listed = match catalog.list_members(ctx, request).await {
            // An older catalogue tells no orders; the next one will.
            Err(error) if error.code() == Code::Unimplemented => break,
            listed => listed?,
        };
        for members in listed.collections {
            let known = members.product_ids.iter().filter_map(|id| id.parse().ok());
            places.insert(members.collection_id, Arc::new(known.zip(0..).collect()));
        }
    }
    Ok(places)
}
