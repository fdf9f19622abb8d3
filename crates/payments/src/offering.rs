//! Which ways to pay a buyer is offered: by market, by the shop's order of preference, and by who answers.
//!
//! A token is one provider's, so a payment is never moved to another one behind the buyer's back. What is moved is what the
//! buyer is offered: while the preferred provider does not answer, the next that takes the same kind of payment.

use std::collections::{BTreeMap, BTreeSet};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Currency, Result};

use crate::{
    PaymentsConfig,
    error::{invalid_setting, provider_not_offered},
    providers::NAMES,
};

/// What is known of who pays.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Buyer<'a> {
    pub(crate) currency: Option<Currency>,
    /// ISO 3166-1 alpha-2; empty: not known.
    pub(crate) country: &'a str,
    /// Providers that did not answer them.
    pub(crate) unanswered: &'a [String],
    /// The provider that they pay with already; empty: none.
    pub(crate) provider: &'a str,
}

/// What a provider is offered for; an empty set is all.
#[derive(Debug, Default)]
struct Market {
    currencies: BTreeSet<Currency>,
    countries: BTreeSet<String>,
}

/// The shop's choice among its providers.
#[derive(Debug)]
pub(crate) struct Offering {
    preference: Vec<String>,
    markets: BTreeMap<String, Market>,
}

impl Offering {
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub(crate) fn read(config: &PaymentsConfig) -> Result<Self> {
        let known = |key: &str, name: &str| {
            let unknown = || invalid_setting(key, format!("there is no provider '{name}'"));
            NAMES.contains(&name).then_some(()).ok_or_else(unknown)
        };
        for (place, name) in config.preference.iter().enumerate() {
            known("preference", name)?;
            if config.preference[..place].contains(name) {
                return Err(invalid_setting("preference", format!("names '{name}' twice")));
            }
        }
        let mut markets = BTreeMap::new();
        for (name, market) in &config.markets {
            known("markets", name)?;
            let read = |code: &String| {
                code.parse::<Currency>()
                    .map_err(|why| invalid_setting(&format!("markets.{name}.currencies"), why))
            };
            let currencies = market.currencies.iter().map(read).collect::<Result<_>>()?;
            let is_country =
                |code: &&String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
            if let Some(wrong) = market.countries.iter().find(|code| !is_country(code)) {
                let what = format!("'{wrong}' is no country: two capital letters, e.g. DE");
                return Err(invalid_setting(&format!("markets.{name}.countries"), what));
            }
            let countries = market.countries.iter().cloned().collect();
            markets.insert(name.clone(), Market { currencies, countries });
        }
        Ok(Self { preference: config.preference.clone(), markets })
    }

    /// What of it a buyer is offered.
    pub(crate) fn of(&self, mut methods: Vec<PaymentMethod>, buyer: &Buyer<'_>) -> Vec<PaymentMethod> {
        methods.retain(|method| self.check(&method.provider, buyer).is_ok());
        methods.sort_by(|a, b| {
            (self.place(&a.provider), &a.provider, &a.method).cmp(&(
                self.place(&b.provider),
                &b.provider,
                &b.method,
            ))
        });
        let ranked = |method: &PaymentMethod| self.preference.contains(&method.provider);
        let answers = |method: &PaymentMethod| !buyer.unanswered.contains(&method.provider);
        let chosen: Vec<bool> = methods
            .iter()
            .map(|method| {
                let mut of_kind =
                    methods.iter().filter(|other| ranked(other) && other.method == method.method);
                // If nobody has answered them, the first may do so by now.
                let first = of_kind.clone().find(|other| answers(other)).or_else(|| of_kind.next());
                !ranked(method) || first.is_some_and(|first| first.provider == method.provider)
            })
            .collect();
        let mut chosen = chosen.into_iter();
        methods.retain(|_| chosen.next().unwrap_or_default());
        methods
    }

    /// Refuses a payment that is not of the provider's market.
    pub(crate) fn check(&self, provider: &str, buyer: &Buyer<'_>) -> Result<()> {
        let Some(market) = self.markets.get(provider) else { return Ok(()) };
        if let Some(currency) = buyer.currency.filter(|_| !market.currencies.is_empty())
            && !market.currencies.contains(&currency)
        {
            return Err(provider_not_offered(provider, format!("in {currency}")));
        }
        let is_foreign = !market.countries.is_empty() && !market.countries.contains(buyer.country);
        if is_foreign && !buyer.country.is_empty() {
            return Err(provider_not_offered(provider, format!("of buyers in {}", buyer.country)));
        }
        Ok(())
    }

    /// By the shop's order, then the pretended card first and what the merchant does by hand last.
    fn place(&self, provider: &str) -> (usize, u8) {
        let preferred = self.preference.iter().position(|name| name == provider);
        let usual = match provider {
            "test" => 0,
            "gift_card" => 2,
            "manual" => 3,
            _ => 1,
        };
        (preferred.unwrap_or(usize::MAX), usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MarketConfig;

    fn offering(preference: &[&str], markets: &[(&str, &[&str], &[&str])]) -> Result<Offering> {
        let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let market = |(name, currencies, countries): &(&str, &[&str], &[&str])| {
            ((*name).to_owned(), MarketConfig { currencies: all(currencies), countries: all(countries) })
        };
        let config = PaymentsConfig {
            preference: all(preference),
            markets: markets.iter().map(market).collect(),
            ..PaymentsConfig::default()
        };
        Offering::read(&config)
    }

    /// Names of those offered, of all that there are.
    fn offered(offering: &Offering, buyer: &Buyer<'_>, away: &str) -> String {
        let all = [("manual", "bank_transfer"), ("stripe", "card"), ("test", "card"), ("paypal", "paypal")];
        let method = |(provider, method): (&str, &str)| PaymentMethod {
            provider: provider.to_owned(),
            method: method.to_owned(),
            ..PaymentMethod::default()
        };
        let there = all.into_iter().filter(|(provider, _)| *provider != away).map(method).collect();
        let names: Vec<_> = offering.of(there, buyer).into_iter().map(|method| method.provider).collect();
        names.join(" ")
    }

    #[test]
    fn without_a_preference_all_are_offered() {
        let all = offering(&[], &[]).unwrap();
        assert_eq!(offered(&all, &Buyer::default(), ""), "test paypal stripe manual");
    }

    #[test]
    fn of_those_that_take_the_same_kind_the_first_that_answers_is_offered() {
        let ranked = offering(&["paypal", "stripe", "test"], &[]).unwrap();
        assert_eq!(offered(&ranked, &Buyer::default(), ""), "paypal stripe manual");
        assert_eq!(
            offered(&ranked, &Buyer::default(), "stripe"),
            "paypal test manual",
            "its breaker is open"
        );
        let unanswered = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let left = unanswered(&["stripe"]);
        let buyer = Buyer { unanswered: &left, ..Buyer::default() };
        assert_eq!(
            offered(&ranked, &buyer, ""),
            "paypal test manual",
            "it left this buyer without an answer"
        );
        assert_eq!(offered(&ranked, &buyer, "test"), "paypal stripe manual", "there is no other");
        let both = unanswered(&["stripe", "test"]);
        assert_eq!(offered(&ranked, &Buyer { unanswered: &both, ..buyer }, ""), "paypal stripe manual");
    }

    #[test]
    fn a_provider_is_offered_in_its_market_only() {
        let here =
            offering(&[], &[("stripe", &["EUR", "CHF"], &["DE", "CH"]), ("paypal", &["USD"], &[])]).unwrap();
        let buyer = |currency, country| Buyer { currency, country, ..Buyer::default() };
        assert_eq!(offered(&here, &buyer(None, ""), ""), "test paypal stripe manual", "nothing is known yet");
        assert_eq!(offered(&here, &buyer(Some(Currency::EUR), "DE"), ""), "test stripe manual");
        assert_eq!(offered(&here, &buyer(Some(Currency::EUR), "FR"), ""), "test manual");
        assert_eq!(offered(&here, &buyer(Some(Currency::USD), "FR"), ""), "test paypal manual");
        let refused = here.check("stripe", &buyer(Some(Currency::EUR), "FR")).unwrap_err();
        assert_eq!(
            (refused.reason(), refused.fields()[0].pointer.as_str()),
            ("PROVIDER_NOT_OFFERED", "/payment/provider")
        );
    }

    #[test]
    fn wrong_settings_are_refused_by_their_key() {
        let wrong = |preference: &[&str], markets: &[(&str, &[&str], &[&str])]| {
            offering(preference, markets).unwrap_err().message().to_owned()
        };
        assert!(
            wrong(&["stripe", "stripes"], &[])
                .contains("payments.preference: there is no provider 'stripes'")
        );
        assert!(wrong(&["stripe", "stripe"], &[]).contains("twice"));
        assert!(wrong(&[], &[("visa", &[], &[])]).contains("payments.markets: there is no provider 'visa'"));
        assert!(wrong(&[], &[("stripe", &["EURO"], &[])]).contains("payments.markets.stripe.currencies"));
        assert!(wrong(&[], &[("stripe", &[], &["de"])]).contains("payments.markets.stripe.countries"));
    }
}
