//! A list of products with filters: what its address says, and what its page shows.
//!
//! An address is `category=HANDLE` (within a search or a collection), `filter.NAME=VALUE` (several values of one name: any of them), `price_min` and `price_max` in
//! the major unit as people write it, `sort`, `cursor`, and `q` for a search.

use argosy_contracts::search::{Facet, Filter, QueryRequest};
use argosy_kernel::{Currency, Money};
use serde::Serialize;
use url::form_urlencoded::Serializer;

use super::{Choice, Link, card::Card};
use crate::{edition::Edition, language::Words, price, request::Fields};

/// Products on a page.
pub(crate) const PAGE_SIZE: u32 = 24;
const TEXT_LENGTH_MAX: usize = 200;
const FILTERS_MAX: usize = 20;
const VALUES_MAX: usize = 40;
const FACET_VALUES_SHOWN: usize = 8;
/// The facet whose values are categories by handle.
const CATEGORY: &str = "category";
/// The facet whose two values are the lowest and the highest price in minor units.
const PRICE: &str = "price";
const SORTS: [(&str, &str); 4] = [
    ("newest", "sort-newest"),
    ("price_asc", "sort-price-asc"),
    ("price_desc", "sort-price-desc"),
    ("title", "sort-title"),
];

/// What a listing's address says, in one normal form: the same listing has the same address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListingQuery {
    pub(crate) text: String,
    /// A category's handle, within a search or a collection.
    pub(crate) category: String,
    filters: Vec<(String, Vec<String>)>,
    price_min: Option<Money>,
    price_max: Option<Money>,
    sort: String,
    cursor: String,
}

impl ListingQuery {
    /// Reads an address; what makes no sense in it is left out.
    pub(crate) fn read(fields: &Fields, currency: Currency) -> Self {
        let mut query = Self {
            text: fields.text("q").chars().take(TEXT_LENGTH_MAX).collect::<String>().trim().to_owned(),
            category: fields.text("category").chars().take(TEXT_LENGTH_MAX).collect(),
            cursor: fields.text("cursor").to_owned(),
            ..Self::default()
        };
        let sort = fields.text("sort");
        if sort == "relevance" || SORTS.iter().any(|(one, _)| *one == sort) {
            sort.clone_into(&mut query.sort);
        }
        let amount = |name| {
            let text = fields.text(name).replace(',', ".");
            Money::parse_decimal(&text, currency).ok().filter(|amount| !amount.is_negative())
        };
        (query.price_min, query.price_max) = (amount("price_min"), amount("price_max"));
        for (name, value) in fields.starting("filter.") {
            query.add(name, value);
        }
        query.filters.sort();
        query
    }

    fn add(&mut self, name: &str, value: &str) {
        if name.is_empty() || value.is_empty() {
            return;
        }
        let has_room = self.filters.len() < FILTERS_MAX;
        match self.filters.iter_mut().find(|(one, _)| one == name) {
            Some((_, values)) if values.len() < VALUES_MAX && !values.iter().any(|one| one == value) => {
                values.push(value.to_owned());
                values.sort();
            }
            None if has_room => {
                self.filters.push((name.to_owned(), vec![value.to_owned()]));
            }
            _ => {}
        }
    }

    /// The address of this listing.
    pub(crate) fn url(&self, path: &str) -> String {
        let mut query = Serializer::new(String::new());
        let mut pair = |name: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        };
        pair("q", &self.text);
        pair("category", &self.category);
        for (name, values) in &self.filters {
            for value in values {
                pair(&format!("filter.{name}"), value);
            }
        }
        pair("price_min", &decimal(self.price_min));
        pair("price_max", &decimal(self.price_max));
        pair("sort", &self.sort);
        pair("cursor", &self.cursor);
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// Whether anything narrows or turns the plain listing.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    fn first_page(&self) -> Self {
        Self { cursor: String::new(), ..self.clone() }
    }

    fn without(&self, name: &str, value: &str) -> Self {
        let mut other = self.first_page();
        for (one, values) in &mut other.filters {
            if one == name {
                values.retain(|kept| kept != value);
            }
        }
        other.filters.retain(|(_, values)| !values.is_empty());
        other
    }

    /// What the search is asked.
    pub(crate) fn to_request(&self, collection: &str, currency: Currency) -> QueryRequest {
        let filter = |(name, values): &(String, Vec<String>)| Filter {
            name: name.clone(),
            values: values.clone(),
            ..Filter::default()
        };
        QueryRequest {
            text: self.text.clone(),
            category: self.category.clone(),
            collection: collection.to_owned(),
            filters: self.filters.iter().map(filter).collect(),
            price_min: self.price_min.map(|amount| amount.minor),
            price_max: self.price_max.map(|amount| amount.minor),
            currency: currency.code().to_owned(),
            sort: self.sort.clone(),
            limit: PAGE_SIZE,
            cursor: self.cursor.clone(),
            facets: true,
            ..QueryRequest::default()
        }
    }
}

fn decimal(amount: Option<Money>) -> String {
    amount.map(Money::to_decimal).unwrap_or_default()
}

/// A value of a facet.
#[derive(Debug, Serialize)]
struct FacetChoice {
    value: String,
    label: String,
    count: u64,
    chosen: bool,
}

/// A facet as a group of boxes to tick.
#[derive(Debug, Serialize)]
struct FacetView {
    field: String,
    label: String,
    choices: Vec<FacetChoice>,
    /// The rarer values, folded away.
    more: Vec<FacetChoice>,
    open: bool,
}

/// A category within a listing, and how many of its products match.
#[derive(Debug, Serialize)]
struct CategoryView {
    title: String,
    url: String,
    count: u64,
}

/// A page that lists products.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ListingView {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) path: String,
    pub(crate) trail: Vec<Link>,
    pub(crate) children: Vec<Link>,
    pub(crate) is_search: bool,
    pub(crate) query: String,
    pub(crate) corrected: String,
    pub(crate) cards: Vec<Card>,
    pub(crate) matches: u64,
    categories: Vec<CategoryView>,
    facets: Vec<FacetView>,
    chips: Vec<Link>,
    sorts: Vec<Choice>,
    category: String,
    price_min: String,
    price_max: String,
    /// The range of what matches, shown in the empty fields.
    lowest: String,
    highest: String,
    is_later_page: bool,
    first_url: String,
    next_url: String,
    pub(crate) suggestions: Vec<Link>,
}

impl ListingView {
    /// A listing that is reached by a link, at the end of a trail.
    pub(crate) fn new(link: Link, trail: Vec<Link>) -> Self {
        Self { title: link.title, path: link.url, trail, ..Self::default() }
    }

    /// For a category's own page, which links to those below it already.
    pub(crate) fn leave_out_categories(&mut self) {
        self.categories.clear();
    }

    /// Puts in what follows from the address and from what was found.
    pub(crate) fn fill(&mut self, query: &ListingQuery, facets: &[Facet], next: &str, edition: &Edition) {
        let words = &*edition.words;
        self.query.clone_from(&query.text);
        self.category.clone_from(&query.category);
        for facet in facets {
            match facet.name.as_str() {
                CATEGORY => self.categories = categories(query, &self.path, facet),
                PRICE => [self.lowest, self.highest] = [0, 1].map(|index| bound(facet, index, edition)),
                _ => self.facets.extend(facet_view(query, facet)),
            }
        }
        self.chips = chips(query, &self.path, facets, words);
        self.sorts = sorts(query, words);
        self.price_min = input(query.price_min, words);
        self.price_max = input(query.price_max, words);
        self.is_later_page = !query.cursor.is_empty();
        self.first_url = query.first_page().url(&self.path);
        if !next.is_empty() {
            self.next_url = ListingQuery { cursor: next.to_owned(), ..query.clone() }.url(&self.path);
        }
    }
}

fn sorts(query: &ListingQuery, words: &Words) -> Vec<Choice> {
    let by_default = if query.text.is_empty() { ("", "sort-recommended") } else { ("", "sort-relevance") };
    let all = std::iter::once(&by_default).chain(&SORTS);
    all.map(|(value, label)| Choice::new(value, &words.say(label), *value == query.sort)).collect()
}

fn categories(query: &ListingQuery, path: &str, facet: &Facet) -> Vec<CategoryView> {
    let view = |value: &argosy_contracts::search::FacetValue| CategoryView {
        title: value.label.clone(),
        url: ListingQuery { category: value.value.clone(), ..query.first_page() }.url(path),
        count: value.count,
    };
    facet.values.iter().map(view).collect()
}

fn bound(facet: &Facet, index: usize, edition: &Edition) -> String {
    let minor = facet.values.get(index).and_then(|value| value.value.parse().ok());
    input(minor.map(|minor| Money::new(minor, edition.currency)), &edition.words)
}

fn input(amount: Option<Money>, words: &Words) -> String {
    amount.map(|amount| price::input(amount, words)).unwrap_or_default()
}

fn facet_view(query: &ListingQuery, facet: &Facet) -> Option<FacetView> {
    let chosen = query.filters.iter().find(|(name, _)| *name == facet.name).map(|(_, values)| values);
    let mut choices: Vec<FacetChoice> = facet
        .values
        .iter()
        .map(|value| FacetChoice {
            value: value.value.clone(),
            label: if value.label.is_empty() { value.value.clone() } else { value.label.clone() },
            count: value.count,
            chosen: value.selected || chosen.is_some_and(|values| values.contains(&value.value)),
        })
        .collect();
    let open = choices.iter().any(|choice| choice.chosen);
    if choices.len() < 2 && !open {
        return None;
    }
    let more = choices.split_off(choices.len().min(FACET_VALUES_SHOWN));
    let label = if facet.label.is_empty() { &facet.name } else { &facet.label };
    Some(FacetView { field: format!("filter.{}", facet.name), label: label.clone(), choices, more, open })
}

fn chips(query: &ListingQuery, path: &str, facets: &[Facet], words: &Words) -> Vec<Link> {
    let mut chips = Vec::new();
    if !query.category.is_empty() {
        let other = ListingQuery { category: String::new(), ..query.first_page() };
        let title = words.say_with("chip-category", [("category", query.category.as_str().into())]);
        chips.push(Link::new(title, other.url(path)));
    }
    for (name, values) in &query.filters {
        let facet = facets.iter().find(|facet| facet.name == *name);
        let label = facet.map_or(name.trim_start_matches("option:"), |facet| facet.label.as_str());
        for value in values {
            let shown = facet.and_then(|facet| facet.values.iter().find(|one| one.value == *value));
            let shown =
                shown.map(|one| one.label.as_str()).filter(|label| !label.is_empty()).unwrap_or(value);
            let title = words.say_with("chip", [("label", label.into()), ("value", shown.into())]);
            chips.push(Link::new(title, query.without(name, value).url(path)));
        }
    }
    if let Some(least) = query.price_min {
        let other = ListingQuery { price_min: None, ..query.first_page() };
        let title = words.say_with("chip-price-min", [("price", price::format(least, words).into())]);
        chips.push(Link::new(title, other.url(path)));
    }
    if let Some(most) = query.price_max {
        let other = ListingQuery { price_max: None, ..query.first_page() };
        let title = words.say_with("chip-price-max", [("price", price::format(most, words).into())]);
        chips.push(Link::new(title, other.url(path)));
    }
    chips
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> ListingQuery {
        ListingQuery::read(&Fields::of_bytes(query.as_bytes()), Currency::EUR)
    }

    #[test]
    fn the_same_listing_has_the_same_address() {
        let one =
            read("sort=title&filter.color=red&utm_source=x&filter.color=blue&price_max=20&filter.size=M");
        let other = read(
            "filter.size=M&filter.color=blue&filter.color=red&filter.color=red&price_max=20,00&sort=title",
        );
        assert_eq!(one, other);
        assert_eq!(
            one.url("/c"),
            "/c?filter.color=blue&filter.color=red&filter.size=M&price_max=20.00&sort=title"
        );
        assert_eq!(
            one.without("color", "red").url("/c"),
            "/c?filter.color=blue&filter.size=M&price_max=20.00&sort=title"
        );
    }

    #[test]
    fn nonsense_is_left_out() {
        let query = read("price_min=-5&price_max=cheap&sort=drop+table&filter.=x&filter.a=&q=%20%20");
        assert!(query.is_plain(), "{query:?}");
        let many = "filter.n".to_owned()
            + &(0..500).map(|number| number.to_string()).collect::<Vec<_>>().join("=v&filter.n");
        assert!(read(&many).filters.len() <= FILTERS_MAX);
    }
}
