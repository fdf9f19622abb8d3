//! How a listing is ordered, and the place between two pages.
//!
//! Every order is total: what sorts the same is ordered by product id. A cursor holds the last item's key and
//! id, so a page costs the same wherever it is, and nothing is shown twice or skipped when products come or go.
//! By relevance that holds as long as no fact comes in between: scores depend on the whole index.

use argosy_kernel::{Cursor, Error, ProductId, Result};

/// What a listing is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// Best match first.
    Relevance,
    /// Newest product first.
    Newest,
    /// Cheapest variant first; what is not sold in the currency last.
    PriceAscending,
    /// Dearest first, by the cheapest variant; what is not sold in the currency last.
    PriceDescending,
    /// By title.
    Title,
    /// As the collection made by hand has it; what is not of it last.
    Manual,
}

impl Sort {
    /// Reads a sort that is said.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "relevance" => Ok(Self::Relevance),
            "newest" => Ok(Self::Newest),
            "price_asc" => Ok(Self::PriceAscending),
            "price_desc" => Ok(Self::PriceDescending),
            "title" => Ok(Self::Title),
            "manual" => Ok(Self::Manual),
            _ => Err(Error::invalid_field(
                "/sort",
                "must be relevance, newest, price_asc, price_desc, title or manual",
            )),
        }
    }

    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::PriceAscending => "price_asc",
            Self::PriceDescending => "price_desc",
            Self::Title => "title",
            Self::Manual => "manual",
        }
    }

    /// Whether it needs a currency.
    pub(crate) fn by_price(self) -> bool {
        matches!(self, Self::PriceAscending | Self::PriceDescending)
    }
}

/// What a product is sorted by; smaller comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    /// A price, a time, a score or a place, negated where the greatest comes first.
    Number(i64),
    /// A title's sort key.
    Text(&'a str),
}

impl Key<'_> {
    /// The key of a price; `None`: not sold.
    pub(crate) fn price(price: Option<i64>, sort: Sort) -> Self {
        match (price, sort) {
            (None, _) => Self::Number(i64::MAX),
            (Some(price), Sort::PriceDescending) => Self::Number(price.saturating_neg()),
            (Some(price), _) => Self::Number(price),
        }
    }

    /// The key of an instant, newest first.
    pub(crate) fn newest(time_ms: i64) -> Self {
        Self::Number(time_ms.saturating_neg())
    }

    /// The key of a score, best first. The bits of floats that are not negative sort as the floats do.
    pub(crate) fn score(score: f32) -> Self {
        Self::Number(-i64::from(score.max(0.0).to_bits()))
    }
}

/// The last item of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    number: i64,
    text: Option<String>,
    id: ProductId,
}

impl Place {
    /// The place right after an item.
    pub(crate) fn after(key: Key<'_>, id: ProductId) -> Self {
        match key {
            Key::Number(number) => Self { number, text: None, id },
            Key::Text(text) => Self { number: 0, text: Some(text.to_owned()), id },
        }
    }

    /// What comes after this place is greater than it.
    pub(crate) fn position(&self) -> (Key<'_>, ProductId) {
        (self.text.as_deref().map_or(Key::Number(self.number), Key::Text), self.id)
    }

    /// As a cursor of a listing that is named by its order.
    pub(crate) fn encode(&self, sort: Sort, currency: &str) -> Cursor {
        let key = self.text.clone().unwrap_or_else(|| self.number.to_string());
        Cursor::encode(&format!("{}\t{currency}\t{key}\t{}", sort.name(), self.id))
    }

    /// Reads a cursor that a listing in the same order gave out.
    pub(crate) fn decode(cursor: &Cursor, sort: Sort, currency: &str) -> Result<Self> {
        let [name, of_currency, key, id] = cursor.decode_parts()?;
        if name != sort.name() || (sort.by_price() && of_currency != currency) {
            return Err(Error::invalid_field("/cursor", "belongs to a listing in another order"));
        }
        let id = Cursor::part(&id)?;
        if sort == Sort::Title {
            return Ok(Self { number: 0, text: Some(key), id });
        }
        Ok(Self { number: Cursor::part(&key)?, text: None, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_scores_come_first() {
        assert!(Key::score(2.5) < Key::score(2.25));
        assert!(Key::score(0.1) < Key::score(0.0));
        assert_eq!(Key::score(-1.0), Key::score(0.0));
    }

    #[test]
    fn what_is_not_sold_comes_last_in_both_directions() {
        for sort in [Sort::PriceAscending, Sort::PriceDescending] {
            assert!(Key::price(Some(999), sort) < Key::price(None, sort));
        }
        assert!(Key::price(Some(5), Sort::PriceDescending) < Key::price(Some(4), Sort::PriceDescending));
    }

    #[test]
    fn a_place_reads_back_as_itself_in_its_own_order_only() {
        let id = ProductId::new();
        for (sort, key) in [(Sort::Newest, Key::newest(7)), (Sort::Title, Key::Text("ein titel"))] {
            let place = Place::after(key, id);
            let cursor = place.encode(sort, "EUR");
            assert_eq!(Place::decode(&cursor, sort, "EUR").unwrap(), place);
            assert!(Place::decode(&cursor, Sort::PriceAscending, "EUR").is_err());
        }
        let cursor = Place::after(Key::Number(3), id).encode(Sort::PriceAscending, "EUR");
        assert!(Place::decode(&cursor, Sort::PriceAscending, "USD").is_err());
    }
}
