//! `argosy flags`: for whom new code is on, as the databases of the flags' services say.

use std::collections::BTreeMap;

use argosy_contracts::{
    operations_v1::{ClearFlagRequest, Flag, ListFlagsRequest, OperationsClient, SetFlagRequest},
    pricing::{ListMarketsRequest, PricingClient},
};
use argosy_kernel::{Country, Ctx, Error, Result};
use argosy_platform::{
    flags::{self, Asked, FlagSpec, Rule},
    rpc::Channel,
    telemetry,
};
use clap::Subcommand;

use crate::{
    cli::print,
    place::{self, Place},
    settings::Settings,
    targets::FLAGS,
};

#[derive(Subcommand)]
pub(crate) enum Flags {
    /// List the flags there are, for whom each is on, and what it switches
    List,
    /// Say for whom a flag is on; every process hears of it within a second
    Set {
        /// Its key, as `argosy flags list` shows it
        key: String,
        /// `on`, `off`, or for a share, such as 20%; a larger share keeps those that a smaller one had
        #[arg(value_name = "ON, OFF OR SHARE", value_parser = percent)]
        to: u8,
        /// Only in these countries, ISO 3166-1, e.g. DE,AT, or those of these markets of a store that runs
        #[arg(long, value_delimiter = ',', value_name = "COUNTRIES OR MARKETS", value_parser = market)]
        markets: Vec<String>,
    },
    /// Have a flag as the release has it
    Clear {
        /// Its key
        key: String,
    },
}

fn percent(text: &str) -> Result<u8, String> {
    let share = || text.strip_suffix('%')?.trim().parse().ok().filter(|percent| *percent <= 100);
    match text {
        "on" => Ok(100),
        "off" => Ok(0),
        _ => share().ok_or_else(|| "must be on, off or a share from 0% to 100%".to_owned()),
    }
}

/// A country, or what markets are put by.
fn market(text: &str) -> Result<String, String> {
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let is_market = !text.is_empty() && text.chars().all(is_name);
    match text.parse::<Country>() {
        Ok(country) => Ok(country.code().to_owned()),
        Err(_) if is_market => Ok(text.to_owned()),
        Err(error) => Err(format!("'{text}' is no market, and no country: {error}")),
    }
}

pub(crate) async fn run(settings: &Settings, command: Flags) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    settings.check_databases()?;
    match command {
        Flags::List => {
            for spec in FLAGS.iter().copied().flatten() {
                let place = Place::of(settings, spec.service()).await?;
                let said = rules(&place).await?.remove(spec.key);
                place.close().await?;
                let from = if said.is_some() { "" } else { " (as released)" };
                let rule = said.unwrap_or_else(|| Rule::from(spec.default));
                print(&format!("{:<36} {rule}{from}: {}\n", spec.key, spec.about))?;
            }
            Ok(())
        }
        Flags::Set { key, to, markets } => {
            let spec = known(&key)?;
            if spec.asked == Asked::ByKey && !markets.is_empty() {
                let message = format!("{key} is asked where no market is known");
                return Err(Error::invalid_field("/markets", message));
            }
            let markets = countries(settings, &markets).await?;
            let rule = Rule { percent: to, markets };
            let place = Place::of(settings, spec.service()).await?;
            set(&place, spec, &rule).await?;
            print(&format!("{key} is {rule}\n"))?;
            place.close().await
        }
        Flags::Clear { key } => {
            let spec = known(&key)?;
            let place = Place::of(settings, spec.service()).await?;
            clear(&place, spec).await?;
            print(&format!("{key} is {}, as released\n", Rule::from(spec.default)))?;
            place.close().await
        }
    }
}

/// Countries, and in place of the names of markets their countries: a market that changes later changes no flag.
async fn countries(settings: &Settings, named: &[String]) -> Result<Vec<String>> {
    let is_country = |name: &String| name.parse::<Country>().is_ok();
    let mut markets = Vec::new();
    if !named.iter().all(is_country) {
        let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
        markets = pricing.list_markets(&ctx(), ListMarketsRequest {}).await?.markets;
    }
    let mut countries: Vec<String> = Vec::new();
    for name in named {
        let market = markets.iter().find(|market| market.name == *name);
        let of_market = market.map(|market| market.countries.clone()).filter(|codes| !codes.is_empty());
        match of_market {
            Some(codes) => countries.extend(codes),
            None if is_country(name) => countries.push(name.clone()),
            None => {
                let message = format!("'{name}' is neither a country nor a market that names some");
                return Err(Error::invalid_field("/markets", message));
            }
        }
    }
    countries.sort();
    countries.dedup();
    Ok(countries)
}

fn known(key: &str) -> Result<&'static FlagSpec> {
    let mut all = FLAGS.iter().copied().flatten();
    all.find(|spec| spec.key == key).ok_or_else(|| {
        let known: Vec<&str> = FLAGS.iter().copied().flatten().map(|spec| spec.key).collect();
        Error::not_found("UNKNOWN_FLAG", format!("there is no flag '{key}'; there are {}", known.join(", ")))
    })
}

async fn rules(place: &Place) -> Result<BTreeMap<String, Rule>> {
    match place {
        Place::Running(store) => {
            let flags = operations(store).list_flags(&ctx(), ListFlagsRequest {}).await?.flags;
            let rule = |flag: Flag| {
                let percent = u8::try_from(flag.percent).unwrap_or_default();
                (flag.key, Rule { percent, markets: flag.markets })
            };
            Ok(flags.into_iter().map(rule).collect())
        }
        Place::AtRest(store) => match store.if_there() {
            Some(database) => flags::rules(database).await,
            None => Ok(BTreeMap::new()),
        },
    }
}

async fn set(place: &Place, spec: &FlagSpec, rule: &Rule) -> Result<()> {
    match place {
        Place::Running(store) => {
            let Rule { percent, markets } = rule.clone();
            let flag = Flag { key: spec.key.to_owned(), percent: percent.into(), markets };
            operations(store).set_flag(&ctx(), SetFlagRequest { flag: Some(flag) }).await.map(drop)
        }
        Place::AtRest(store) => flags::set(store.database()?, spec.key, rule).await,
    }
}

async fn clear(place: &Place, spec: &FlagSpec) -> Result<()> {
    match place {
        Place::Running(store) => {
            let request = ClearFlagRequest { key: spec.key.to_owned() };
            operations(store).clear_flag(&ctx(), request).await.map(drop)
        }
        Place::AtRest(store) => flags::clear(store.database()?, spec.key).await,
    }
}

fn operations(store: &Channel) -> OperationsClient {
    OperationsClient::remote(store.clone())
}

fn ctx() -> Ctx {
    Ctx::system("flags")
}
