//! Markets as messages. The message is what is stored, too: it is checked when it is put, and read with the rules.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, Result};

use super::{at_most, country, slug, text};
use crate::domain::{Market, TaxBasis};

const MARKETS_MAX: usize = 250;
const COUNTRIES_MAX: usize = 250;
const LANGUAGES_MAX: usize = 50;
const LANGUAGE_LENGTH_MAX: usize = 35;

/// Reads all markets of a shop.
pub(crate) fn markets(messages: &[wire::Market]) -> Result<Vec<Market>> {
    at_most(messages, MARKETS_MAX, "/markets")?;
    let (mut names, mut countries) = (HashSet::new(), HashSet::new());
    let mut markets: Vec<Market> = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let at = format!("/markets/{index}");
        let market = read(message, &at)?;
        if !names.insert(market.name.clone()) {
            return Err(Error::invalid_field(format!("{at}/name"), "stands twice in this request"));
        }
        for (place, country) in market.countries.iter().enumerate() {
            if !countries.insert(*country) {
                let pointer = format!("{at}/countries/{place}");
                return Err(Error::invalid_field(pointer, "is in a market already"));
            }
        }
        if market.is_default && markets.iter().any(|earlier| earlier.is_default) {
            return Err(Error::invalid_field(
                format!("{at}/is_default"),
                "another market is the default one",
            ));
        }
        markets.push(market);
    }
    if !markets.is_empty() && !markets.iter().any(|market| market.is_default) {
        return Err(Error::invalid_field(
            "/markets",
            "must have one with is_default, for all other countries",
        ));
    }
    Ok(markets)
}

/// A market that is right in form. `at` is where it stands.
pub(crate) fn read(message: &wire::Market, at: &str) -> Result<Market> {
    let wrong = |field: &str, message: &str| Error::invalid_field(format!("{at}/{field}"), message);
    at_most(&message.countries, COUNTRIES_MAX, &format!("{at}/countries"))?;
    at_most(&message.languages, LANGUAGES_MAX, &format!("{at}/languages"))?;
    if message.countries.is_empty() && !message.is_default {
        return Err(wrong("countries", "must hold at least one"));
    }
    if message.languages.is_empty() {
        return Err(wrong("languages", "must hold at least one"));
    }
    let title = text(&message.title, || format!("{at}/title"))?;
    if title.is_empty() {
        return Err(wrong("title", "must not be empty: it is what a buyer reads"));
    }
    let countries = message.countries.iter().enumerate();
    let languages = message.languages.iter().enumerate();
    Ok(Market {
        name: slug(&message.name, || format!("{at}/name"))?,
        title,
        countries: countries
            .map(|(index, code)| country(code, || format!("{at}/countries/{index}")))
            .collect::<Result<_>>()?,
        currency: message
            .currency
            .parse()
            .map_err(|_| wrong("currency", "must be an ISO 4217 code, e.g. EUR"))?,
        languages: languages
            .map(|(index, tag)| language(tag, || format!("{at}/languages/{index}")))
            .collect::<Result<_>>()?,
        tax_basis: match message.tax_basis.as_str() {
            "" => None,
            "gross" => Some(TaxBasis::Gross),
            "net" => Some(TaxBasis::Net),
            _ => return Err(wrong("tax_basis", "must be gross, net or empty")),
        },
        is_default: message.is_default,
    })
}

/// A tag as HTML writes it: `de`, `pt-BR`.
fn language(tag: &str, pointer: impl FnOnce() -> String) -> Result<String> {
    let mut parts = tag.split('-');
    let is_language = parts.next().is_some_and(|first| {
        (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    let others = parts
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_language && others && tag.len() <= LANGUAGE_LENGTH_MAX {
        Ok(tag.to_owned())
    } else {
        Err(Error::invalid_field(pointer(), "must be a language such as de or pt-BR"))
    }
}

/// A market as it is answered, and kept.
pub(crate) fn message(market: &Market) -> wire::Market {
    wire::Market {
        name: market.name.clone(),
        title: market.title.clone(),
        countries: market.countries.iter().map(ToString::to_string).collect(),
        currency: market.currency.code().to_owned(),
        languages: market.languages.clone(),
        tax_basis: match market.tax_basis {
            None => String::new(),
            Some(TaxBasis::Gross) => "gross".to_owned(),
            Some(TaxBasis::Net) => "net".to_owned(),
        },
        is_default: market.is_default,
    }
}
