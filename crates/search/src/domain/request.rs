//! What a query asks, checked.

use argosy_contracts::search::{Filter as WireFilter, QueryRequest};
use argosy_kernel::{Cursor, Error, PageRequest, Result};

use super::order::{Place, Sort};

/// Characters of a text that count.
const TEXT_MAX: usize = 200;
const FILTERS_MAX: usize = 20;
const VALUES_MAX: usize = 50;
const NAME_MAX: usize = 200;
const LIMIT_DEFAULT: u32 = 24;

/// A query that may be run.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// Empty: list.
    pub(crate) text: String,
    /// A handle, or empty.
    pub(crate) category: String,
    /// A handle, or empty.
    pub(crate) collection: String,
    pub(crate) filters: Vec<Filter>,
    /// Lowest and highest price in minor units, if either is bounded.
    pub(crate) price: Option<(i64, i64)>,
    pub(crate) currency: String,
    pub(crate) sort: Sort,
    pub(crate) limit: usize,
    pub(crate) after: Option<Place>,
    pub(crate) facets: Facets,
    /// Whether the page says where its titles have the text.
    pub(crate) is_marked: bool,
}

/// Whether facets are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facets {
    Wanted,
    Unwanted,
}

/// One attribute with any of some values, or within a range.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    pub(crate) name: String,
    pub(crate) allowed: Allowed,
}

/// What a filter lets through.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Allowed {
    Values(Vec<String>),
    Range { min: f64, max: f64 },
}

impl Query {
    /// Checks a request. `by_hand` tells whether a collection is made by hand, which then is listed in its order
    /// unless the request says otherwise; all else is listed newest first.
    pub(crate) fn check(request: QueryRequest, by_hand: impl Fn(&str) -> bool) -> Result<Self> {
        let text: String = request.text.trim().chars().take(TEXT_MAX).collect();
        short(&request.category, "/category")?;
        short(&request.collection, "/collection")?;
        let page = PageRequest::new(request.limit, &request.cursor, LIMIT_DEFAULT)?;
        let currency = currency(&request.currency)?;
        let sort = sort(&request, &text, by_hand(&request.collection))?;
        let price = (request.price_min.is_some() || request.price_max.is_some())
            .then(|| (request.price_min.unwrap_or(i64::MIN), request.price_max.unwrap_or(i64::MAX)));
        if currency.is_empty() && (price.is_some() || sort.by_price()) {
            return Err(Error::invalid_field("/currency", "is needed with prices"));
        }
        let after = page.cursor.as_ref().map(|cursor| place(cursor, sort, &currency)).transpose()?;
        Ok(Self {
            text,
            category: request.category,
            collection: request.collection,
            filters: filters(request.filters)?,
            price,
            currency,
            sort,
            limit: usize::try_from(page.limit).unwrap_or(usize::MAX),
            after,
            facets: if request.facets { Facets::Wanted } else { Facets::Unwanted },
            is_marked: request.marks,
        })
    }
}

fn sort(request: &QueryRequest, text: &str, by_hand: bool) -> Result<Sort> {
    let said = (!request.sort.is_empty()).then(|| Sort::parse(&request.sort)).transpose()?;
    match said {
        Some(Sort::Manual) if !by_hand => {
            Err(Error::invalid_field("/sort", "manual needs a collection that is made by hand"))
        }
        None if by_hand && text.is_empty() => Ok(Sort::Manual),
        None | Some(Sort::Relevance) if text.is_empty() => Ok(Sort::Newest),
        None => Ok(Sort::Relevance),
        Some(sort) => Ok(sort),
    }
}

fn place(cursor: &Cursor, sort: Sort, currency: &str) -> Result<Place> {
    Place::decode(cursor, sort, currency)
}

fn short(text: &str, pointer: &str) -> Result<()> {
    if text.len() > NAME_MAX {
        return Err(Error::invalid_field(pointer, format!("must have at most {NAME_MAX} bytes")));
    }
    Ok(())
}

fn currency(text: &str) -> Result<String> {
    let fits = text.is_empty() || (text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()));
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid_field("/currency", "must be an ISO 4217 code"))
    }
}

fn filters(wire: Vec<WireFilter>) -> Result<Vec<Filter>> {
    if wire.len() > FILTERS_MAX {
        return Err(Error::invalid_field("/filters", format!("must be at most {FILTERS_MAX}")));
    }
    wire.into_iter().enumerate().map(|(place, filter)| checked(filter, place)).collect()
}

fn checked(filter: WireFilter, place: usize) -> Result<Filter> {
    let wrong = |field: &str, message: String| {
        Err(Error::invalid_field(format!("/filters/{place}/{field}"), message))
    };
    if filter.name.is_empty() || filter.name.len() > NAME_MAX {
        return wrong("name", format!("must have 1 to {NAME_MAX} bytes"));
    }
    if filter.values.len() > VALUES_MAX {
        return wrong("values", format!("must be at most {VALUES_MAX}"));
    }
    let (min, max) = (filter.min.unwrap_or(f64::NEG_INFINITY), filter.max.unwrap_or(f64::INFINITY));
    let ranged = filter.min.is_some() || filter.max.is_some();
    match (filter.values.is_empty(), ranged) {
        (true, false) => wrong("values", "must name a value, or min or max".to_owned()),
        (false, true) => wrong("values", "must not come with min or max".to_owned()),
        (true, true) if min.is_nan() || max.is_nan() => wrong("min", "must be a number".to_owned()),
        (true, true) => Ok(Filter { name: filter.name, allowed: Allowed::Range { min, max } }),
        (false, false) => Ok(Filter { name: filter.name, allowed: Allowed::Values(filter.values) }),
    }
}
