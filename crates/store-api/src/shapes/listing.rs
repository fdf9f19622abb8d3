//! Lists and what stands in them.

use argosy_contracts::{
    catalog::{Category, Collection},
    payments::PaymentMethod,
    search::{Facet, FacetValue, Suggestion},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct List<T> {
    items: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last.
    next: Option<String>,
}

impl<T> List<T> {
    /// A list that needs no pages.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// A category of the tree.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Category)]
pub(crate) struct CategoryOut {
    id: String,
    handle: String,
    title: String,
    description: String,
    /// Unset: a root.
    parent_id: Option<String>,
    /// Its place among its siblings.
    position: u32,
}

impl From<Category> for CategoryOut {
    fn from(category: Category) -> Self {
        Self {
            id: category.id,
            handle: category.handle,
            title: category.title,
            description: category.description,
            parent_id: text(category.parent_id),
            position: category.position,
        }
    }
}

/// A category as a product names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CategoryRef {
    pub(crate) id: String,
    pub(crate) handle: String,
    pub(crate) title: String,
}

/// A set of products.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Collection)]
pub(crate) struct CollectionOut {
    id: String,
    handle: String,
    title: String,
    description: String,
}

impl From<Collection> for CollectionOut {
    fn from(collection: Collection) -> Self {
        Self {
            id: collection.id,
            handle: collection.handle,
            title: collection.title,
            description: collection.description,
        }
    }
}

/// What one can filter by, with counts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Facet)]
pub(crate) struct FacetOut {
    /// As in `filter.NAME`.
    name: String,
    label: String,
    /// Most frequent first.
    values: Vec<FacetValueOut>,
}

/// One value of a facet.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FacetValue)]
pub(crate) struct FacetValueOut {
    value: String,
    label: String,
    count: u64,
    selected: bool,
}

impl From<Facet> for FacetOut {
    fn from(facet: Facet) -> Self {
        let values = facet.values.into_iter().map(Into::into).collect();
        Self { name: facet.name, label: facet.label, values }
    }
}

impl From<FacetValue> for FacetValueOut {
    fn from(value: FacetValue) -> Self {
        Self { value: value.value, label: value.label, count: value.count, selected: value.selected }
    }
}

/// A completion.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Suggestion)]
pub(crate) struct SuggestionOut {
    text: String,
    /// `product` or `category`.
    kind: String,
    handle: String,
}

impl From<Suggestion> for SuggestionOut {
    fn from(suggestion: Suggestion) -> Self {
        Self { text: suggestion.text, kind: suggestion.kind, handle: suggestion.handle }
    }
}

/// A way to pay.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
pub(crate) struct PaymentMethodOut {
    /// What `payment.provider` must be.
    provider: String,
    /// E.g. `card`; of the provider `manual` also what `payment.token` must be.
    method: String,
    title: String,
    description: String,
    /// What the provider's own fields in a browser need: its publishable key.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    public_key: String,
    /// Whether it can be saved in a wallet.
    can_be_saved: bool,
}

impl From<PaymentMethod> for PaymentMethodOut {
    fn from(method: PaymentMethod) -> Self {
        Self {
            provider: method.provider,
            method: method.method,
            title: method.title,
            description: method.description,
            public_key: method.public_key,
            can_be_saved: method.can_be_saved,
        }
    }
}
