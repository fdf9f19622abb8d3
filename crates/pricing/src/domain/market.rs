//! Markets: countries that are sold to alike.
//!
//! A market says which currency, price lists, campaigns and tax basis count. Until a destination is known it is the one that
//! the buyer looks at the shop in; then it is the destination's. A quote is never turned into another currency by itself:
//! that would be another price than the buyer has seen, so a destination that is sold to in another one is a notice.

use std::collections::HashMap;

use argosy_kernel::Currency;

use super::Country;

/// Countries that are sold to alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market {
    /// What it is put by.
    pub name: String,
    /// What a buyer reads.
    pub title: String,
    /// Each country is in one market only.
    pub countries: Vec<Country>,
    /// Of its prices.
    pub currency: Currency,
    /// As HTML names them.
    pub languages: Vec<String>,
    /// Whether list prices hold tax there; `None`: as in the shop.
    pub tax_basis: Option<TaxBasis>,
    /// Whether it is for every country that is in no other.
    pub is_default: bool,
}

/// Whether list prices hold tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxBasis {
    /// They do.
    Gross,
    /// It comes on top.
    Net,
}

/// All markets of a shop.
#[derive(Debug, Clone, Default)]
pub struct Markets {
    /// The default one first.
    all: Vec<Market>,
    by_country: HashMap<Country, usize>,
}

/// The market of a quote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChosenMarket<'a> {
    /// `None`: the shop has none, or none in the currency.
    pub market: Option<&'a Market>,
    /// What its destination is sold to in, if that is not the quote's currency.
    pub other_currency: Option<Currency>,
}

impl Markets {
    /// Prepares markets for look-ups; the default one comes first, the others as they are given.
    pub fn new(mut all: Vec<Market>) -> Self {
        all.sort_by_key(|market| !market.is_default);
        let places = all.iter().enumerate();
        let by_country =
            places.flat_map(|(place, market)| market.countries.iter().map(move |to| (*to, place)));
        let by_country = by_country.collect();
        Self { all, by_country }
    }

    /// All of them, the default one first.
    pub fn all(&self) -> &[Market] {
        &self.all
    }

    /// The market of a country: its own, or the default one.
    pub fn of_country(&self, country: Country) -> Option<&Market> {
        match self.by_country.get(&country) {
            Some(place) => self.all.get(*place),
            None => self.all.first(),
        }
    }

    /// The market that a buyer looks at the shop in: the one of this name if it is in the currency, else the first that is.
    pub fn looked_at(&self, name: &str, currency: Currency) -> Option<&Market> {
        let mut in_currency = self.all.iter().filter(|market| market.currency == currency);
        let named = in_currency.clone().find(|market| market.name == name);
        named.or_else(|| in_currency.next())
    }

    /// The market of a quote in a currency, to a destination if that is known.
    pub fn choose(&self, name: &str, currency: Currency, destination: Option<Country>) -> ChosenMarket<'_> {
        let of_destination = destination.and_then(|country| self.of_country(country));
        match of_destination {
            Some(market) if market.currency == currency => {
                ChosenMarket { market: Some(market), other_currency: None }
            }
            other => ChosenMarket {
                market: self.looked_at(name, currency),
                other_currency: other.map(|market| market.currency),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(name: &str, countries: &[&str], currency: Currency) -> Market {
        Market {
            name: name.to_owned(),
            title: name.to_owned(),
            countries: countries.iter().map(|code| code.parse().unwrap()).collect(),
            currency,
            languages: vec!["en".to_owned()],
            tax_basis: None,
            is_default: name == "world",
        }
    }

    fn markets() -> Markets {
        Markets::new(vec![
            market("dach", &["DE", "AT"], Currency::EUR),
            market("uk", &["GB"], Currency::GBP),
            market("benelux", &["NL", "BE"], Currency::EUR),
            market("world", &["US"], Currency::USD),
        ])
    }

    fn chosen(name: &str, currency: Currency, to: &str) -> (String, Option<&'static str>) {
        let markets = markets();
        let to = (!to.is_empty()).then(|| to.parse().unwrap());
        let chosen = markets.choose(name, currency, to);
        let name = chosen.market.map(|market| market.name.clone()).unwrap_or_default();
        (name, chosen.other_currency.map(Currency::code))
    }

    #[test]
    fn a_destination_decides_and_before_it_is_known_what_the_buyer_looks_at() {
        assert_eq!(chosen("", Currency::EUR, ""), ("dach".to_owned(), None));
        assert_eq!(chosen("benelux", Currency::EUR, ""), ("benelux".to_owned(), None));
        assert_eq!(
            chosen("benelux", Currency::GBP, ""),
            ("uk".to_owned(), None),
            "it is in another currency"
        );
        assert_eq!(chosen("benelux", Currency::EUR, "AT"), ("dach".to_owned(), None));
        assert_eq!(
            chosen("gone", Currency::USD, "JP"),
            ("world".to_owned(), None),
            "for all other countries"
        );
        assert_eq!(chosen("", Currency::JPY, ""), (String::new(), None));
    }

    #[test]
    fn a_destination_in_another_currency_is_told_and_changes_no_price() {
        assert_eq!(chosen("benelux", Currency::EUR, "GB"), ("benelux".to_owned(), Some("GBP")));
        assert_eq!(chosen("", Currency::JPY, "DE"), (String::new(), Some("EUR")));
    }

    #[test]
    fn a_shop_without_markets_has_none() {
        let none = Markets::default();
        let chosen = none.choose("dach", Currency::EUR, Some("DE".parse().unwrap()));
        assert_eq!(chosen, ChosenMarket { market: None, other_currency: None });
        assert_eq!(markets().all()[0].name, "world", "the default one comes first");
    }
}
