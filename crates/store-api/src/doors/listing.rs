//! What the product list and the search have in common.

use argosy_contracts::search::{Filter, QueryRequest};
use argosy_edge::{Pairs, Rendered};
use argosy_kernel::{Ctx, Error, PAGE_LIMIT_MAX, Result};
use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::selection;
use crate::{
    shapes::{FacetOut, ProductOut},
    state::Store,
};

const FILTER: &str = "filter.";
const FILTERS_MAX: usize = 20;
const PUBLIC: &str = "public, max-age=1";

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sort {
    Relevance,
    Newest,
    PriceAsc,
    PriceDesc,
    Title,
    /// As a collection made by hand orders its products; only with `collection`.
    Manual,
}

impl Sort {
    fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::PriceAsc => "price_asc",
            Self::PriceDesc => "price_desc",
            Self::Title => "title",
            Self::Manual => "manual",
        }
    }
}

/// Parameters of a listing. `filter.NAME` is taken out of the query before.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// A category's handle: products in it and below it.
    #[param(max_length = 255)]
    category: Option<String>,
    /// A collection's handle.
    #[param(max_length = 255)]
    collection: Option<String>,
    /// In minor units of `currency`.
    #[param(minimum = 0)]
    price_min: Option<i64>,
    /// In minor units of `currency`.
    #[param(minimum = 0)]
    price_max: Option<i64>,
    /// ISO 4217; the shop's unless it is said.
    #[param(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// A market's name: its prices, in its currency. Filters and orders go by the catalogue's prices.
    #[param(max_length = 64)]
    market: Option<String>,
    /// Unless it is said: `relevance` for a search, `manual` for a collection made by hand, else `newest`.
    #[param(inline)]
    sort: Option<Sort>,
    /// How many; 24 unless it is said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(max_length = 2000)]
    cursor: Option<String>,
    /// Product fields to answer, separated by commas; all unless it is said.
    #[param(example = "id,handle,title,variants")]
    fields: Option<String>,
    /// `facets`: what one can filter by, with counts.
    #[param(pattern = "^facets$", example = "facets")]
    include: Option<String>,
}

/// What is searched for, beside [`Listing`].
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchText {
    /// What the buyer typed; its first 200 characters count.
    #[param(required = false, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    #[expect(dead_code, reason = "documents the parameter; it is taken out of the query before")]
    q: String,
}

/// Filters that every catalogue has; each declared attribute has one of its name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents parameters; they are taken out of the query before")]
pub(super) struct CommonFilters {
    /// Any of these vendors. Repeat it for more; so for all filters.
    #[serde(rename = "filter.vendor")]
    #[param(required = false, max_items = 20)]
    vendor: Vec<String>,
    /// Any of these product types.
    #[serde(rename = "filter.product_type")]
    #[param(required = false, max_items = 20)]
    product_type: Vec<String>,
    /// Any of these tags.
    #[serde(rename = "filter.tag")]
    #[param(required = false, max_items = 20)]
    tag: Vec<String>,
}

/// A page of products.
//
// Documents the answer, which is put together from rendered products.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProductList {
    /// With `fields`, only those.
    items: Vec<ProductOut>,
    /// Send it as `cursor` for the next page; null on the last.
    next: Option<String>,
    /// The text searched instead, if a typo was mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    corrected: Option<String>,
    /// Only with `include=facets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    facets: Option<Vec<FacetOut>>,
    /// How many products match; only with `include=facets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    matches: Option<u64>,
}

/// Answers a listing or a search.
pub(super) async fn answer(store: &Store, ctx: &Ctx, mut pairs: Pairs, text: String) -> Result<Rendered> {
    let filters = filters(pairs.take_prefixed(FILTER))?;
    let listing: Listing = pairs.read()?;
    let fields = selection::fields(listing.fields.as_deref())?;
    let facets = selection::includes(listing.include.as_deref(), "facets")?;
    let priced_in = store.priced_in(ctx, listing.currency.as_deref(), listing.market.as_deref()).await?;
    let request = QueryRequest {
        text,
        category: listing.category.unwrap_or_default(),
        collection: listing.collection.unwrap_or_default(),
        filters,
        price_min: not_negative("/price_min", listing.price_min)?,
        price_max: not_negative("/price_max", listing.price_max)?,
        currency: priced_in.currency.code().to_owned(),
        sort: listing.sort.map(Sort::name).unwrap_or_default().to_owned(),
        limit: limit(listing.limit)?,
        cursor: listing.cursor.unwrap_or_default(),
        facets,
        ..QueryRequest::default()
    };
    let found = store.clients.search.query(ctx, request).await?;
    let products = store.products.many(ctx, &found.product_ids, &priced_in).await?;

    let items = products.iter().map(|product| product.json(fields.as_deref()));
    let mut rest = serde_json::Map::new();
    rest.insert("next".to_owned(), if found.next.is_empty() { None } else { Some(found.next) }.into());
    if !found.corrected.is_empty() {
        rest.insert("corrected".to_owned(), found.corrected.into());
    }
    if facets {
        let facets: Vec<FacetOut> = found.facets.into_iter().map(Into::into).collect();
        rest.insert("facets".to_owned(), serde_json::to_value(facets).map_err(Error::internal)?);
        rest.insert("matches".to_owned(), found.matches.into());
    }
    let body = list_of(items, &rest)?;
    Ok(Rendered::new("application/json", body).cache_control(PUBLIC).surrogate_keys(["products"]))
}

/// How many items, if that is said.
pub(super) fn limit(asked: Option<u32>) -> Result<u32> {
    match asked {
        None => Ok(0),
        Some(limit) if (1..=PAGE_LIMIT_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Error::invalid_field("/limit", format!("must be from 1 to {PAGE_LIMIT_MAX}"))),
    }
}

fn not_negative(pointer: &str, amount: Option<i64>) -> Result<Option<i64>> {
    match amount {
        Some(amount) if amount < 0 => Err(Error::invalid_field(pointer, "must not be below 0")),
        amount => Ok(amount),
    }
}

/// Puts `{"items": […], …}` together without reading the items again.
fn list_of(
    items: impl Iterator<Item = Bytes>,
    rest: &serde_json::Map<String, serde_json::Value>,
) -> Result<Bytes> {
    let mut body = BytesMut::new();
    body.put_slice(b"{\"items\":[");
    for (index, item) in items.enumerate() {
        if index > 0 {
            body.put_u8(b',');
        }
        body.put_slice(&item);
    }
    body.put_slice(b"],");
    let rest = serde_json::to_vec(rest).map_err(Error::internal)?;
    body.put_slice(&rest[1..]);
    Ok(body.freeze())
}

/// Values of one name are alternatives; `5..10`, `5..` and `..10` are ranges.
fn filters(pairs: Vec<(String, String)>) -> Result<Vec<Filter>> {
    let mut filters: Vec<Filter> = Vec::new();
    for (name, value) in pairs {
        let pointer = || format!("/filter.{}", name.chars().take(100).collect::<String>());
        if name.is_empty() || name.len() > 255 || value.len() > 255 {
            return Err(Error::invalid_field(
                pointer(),
                "needs a name and a value of at most 255 characters",
            ));
        }
        let index = filters.iter().position(|filter| filter.name == name).unwrap_or(filters.len());
        if index == filters.len() {
            filters.push(Filter { name: name.clone(), ..Filter::default() });
        }
        match range(&value) {
            Some((min, max)) => (filters[index].min, filters[index].max) = (min, max),
            None => filters[index].values.push(value),
        }
    }
    if filters.len() > FILTERS_MAX {
        return Err(Error::invalid_field("/filter", format!("at most {FILTERS_MAX} filters are read")));
    }
    Ok(filters)
}

fn range(text: &str) -> Option<(Option<f64>, Option<f64>)> {
    let (low, high) = text.split_once("..")?;
    let end = |text: &str| match text {
        "" => Some(None),
        text => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Some),
    };
    let ends = (end(low)?, end(high)?);
    (ends != (None, None)).then_some(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_an_end_at_least_and_numbers_only() {
        assert_eq!(range("5..10"), Some((Some(5.0), Some(10.0))));
        assert_eq!(range("..10"), Some((None, Some(10.0))));
        assert_eq!(range("-1.5.."), Some((Some(-1.5), None)));
        for text in ["..", "a..b", "5", "nan..", "1..inf"] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    #[test]
    fn values_of_one_filter_are_gathered() {
        let pairs = [("color", "red"), ("weight", "1..2"), ("color", "blue")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let filters = filters(pairs).unwrap();
        assert_eq!(filters.len(), 2);
        assert_eq!(filters[0].values, ["red", "blue"]);
        assert_eq!((filters[1].min, filters[1].max), (Some(1.0), Some(2.0)));
    }
}
