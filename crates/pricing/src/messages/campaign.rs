//! Campaigns as messages. The message is what is stored, too: it is checked when it is put, and read with the rules.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, ProductId, PromotionId, Result, Timestamp};

use super::{
    amounts, at_most,
    benefit::{self, PIECES_MAX},
    check_times, country, named, promotion, slug, text,
};
use crate::domain::{Amounts, Campaign, Goods, Limits, Orders};

/// The most campaigns one request may put.
const CAMPAIGNS_MAX: usize = 200;
const NAME_LENGTH_MAX: usize = 64;
const GOODS_MAX: usize = 500;
const COUNTRIES_MAX: usize = 250;

/// Checks campaigns to put; each gets a new id, which counts only if its name is new.
pub(crate) fn campaigns(request: wire::PutCampaignsRequest) -> Result<Vec<wire::Campaign>> {
    at_most(&request.campaigns, CAMPAIGNS_MAX, "/campaigns")?;
    let mut names = HashSet::new();
    let mut checked = Vec::with_capacity(request.campaigns.len());
    for (index, mut message) in request.campaigns.into_iter().enumerate() {
        let at = format!("/campaigns/{index}");
        message.id = PromotionId::new().to_string();
        read(&message, &at)?;
        if !names.insert(message.name.clone()) {
            return Err(Error::invalid_field(format!("{at}/name"), "stands twice in this request"));
        }
        checked.push(message);
    }
    Ok(checked)
}

/// A campaign that is right in form. `at` is where it stands.
pub(crate) fn read(message: &wire::Campaign, at: &str) -> Result<Campaign> {
    let wrong = |field: &str, message: String| Error::invalid_field(format!("{at}/{field}"), message);
    let put_by = slug(&message.name, || format!("{at}/name"))?;
    if message.title.trim().is_empty() {
        return Err(wrong("title", "must not be empty: it is what a buyer reads".to_owned()));
    }
    check_times(message.starts_at_ms, message.ends_at_ms, at)?;
    if !(0..=PIECES_MAX).contains(&message.pieces_min) {
        return Err(wrong("pieces_min", format!("must be from 0 to {PIECES_MAX}")));
    }
    at_most(&message.product_ids, GOODS_MAX, &format!("{at}/product_ids"))?;
    at_most(&message.collection_ids, GOODS_MAX, &format!("{at}/collection_ids"))?;
    at_most(&message.countries, COUNTRIES_MAX, &format!("{at}/countries"))?;
    for (index, id) in message.product_ids.iter().enumerate() {
        id.parse::<ProductId>().map_err(|error| wrong(&format!("product_ids/{index}"), error.to_string()))?;
    }
    for (index, id) in message.collection_ids.iter().enumerate() {
        if id.is_empty() || id.len() > NAME_LENGTH_MAX {
            return Err(wrong(
                &format!("collection_ids/{index}"),
                "must be the id of a collection".to_owned(),
            ));
        }
    }
    let countries = message.countries.iter().enumerate();
    let currencies = message.currencies.iter().enumerate();
    for (field, list) in [
        ("currencies", &message.currencies),
        ("customer_groups", &message.customer_groups),
        ("markets", &message.markets),
        ("product_types", &message.product_types),
        ("tags", &message.tags),
        ("attributes", &message.attributes),
        ("category_ids", &message.category_ids),
    ] {
        at_most(list, GOODS_MAX, &format!("{at}/{field}"))?;
    }
    if message.kind == "shipping" && !message.group.trim().is_empty() {
        let why = "is not for shipping: what it takes off is not known when the best of a group is chosen";
        return Err(wrong("group", why.to_owned()));
    }
    let mut goods = Goods {
        products: message.product_ids.clone(),
        collections: message.collection_ids.clone(),
        labels: labels(
            &[
                ("product_types", "type", &message.product_types),
                ("tags", "tag", &message.tags),
                ("attributes", "attribute", &message.attributes),
            ],
            &message.category_ids,
            at,
        )?,
    };
    if goods == Goods::default() {
        // A bundle is about its parts, so that a cart without any hears nothing of it.
        goods.products = message.bundle.iter().flat_map(|part| part.product_ids.clone()).collect();
    }
    Ok(Campaign {
        id: message.id.parse()?,
        name: put_by,
        title: text(&message.title, || format!("{at}/title"))?,
        priority: message.priority,
        group: text(&message.group, || format!("{at}/group"))?,
        goods,
        pieces_min: message.pieces_min,
        minimums: amounts(&message.minimums, &format!("{at}/minimums"))?,
        countries: countries
            .map(|(index, code)| country(code, || format!("{at}/countries/{index}")))
            .collect::<Result<_>>()?,
        currencies: currencies
            .map(|(index, code)| {
                code.parse()
                    .map_err(|_| wrong(&format!("currencies/{index}"), "must be a currency".to_owned()))
            })
            .collect::<Result<_>>()?,
        markets: named(&message.markets, || format!("{at}/markets"))?,
        buyer_groups: message.customer_groups.clone(),
        orders: if message.first_order { Orders::First } else { Orders::Any },
        benefit: benefit::read(message, at)?,
        limits: limits(message, at)?,
        starts_at: message.starts_at_ms.map(Timestamp::from_millis),
        ends_at: message.ends_at_ms.map(Timestamp::from_millis),
        active: message.active,
    })
}

/// What it may be used for in all.
fn limits(message: &wire::Campaign, at: &str) -> Result<Limits> {
    for (field, most) in [("uses_max", message.uses_max), ("uses_per_customer", message.uses_per_customer)] {
        if most.is_some_and(|most| most < 1) {
            let why = "must be at least 1, or left out for no limit";
            return Err(Error::invalid_field(format!("{at}/{field}"), why));
        }
    }
    let budgets = promotion::budgets(&message.budgets, &format!("{at}/budgets"))?;
    let amounts = budgets.iter().map(|budget| budget.amount).collect();
    Ok(Limits {
        uses_max: message.uses_max,
        uses_per_buyer: message.uses_per_customer,
        budgets: Amounts::new(amounts).map_err(Error::internal)?,
    })
}

/// What goods have in common besides products and collections, as lines spell it.
pub(super) fn labels(
    lists: &[(&str, &str, &Vec<String>)],
    category_ids: &[String],
    at: &str,
) -> Result<Vec<String>> {
    let mut labels = Vec::new();
    for &(field, prefix, list) in lists {
        for (index, value) in list.iter().enumerate() {
            let pointer = || format!("{at}/{field}/{index}");
            let value = text(value, pointer)?.to_lowercase();
            if value.is_empty() || (field == "attributes" && !value.contains('=')) {
                return Err(Error::invalid_field(
                    pointer(),
                    "must not be empty, and an attribute be NAME=VALUE",
                ));
            }
            labels.push(format!("{prefix}:{value}"));
        }
    }
    labels.extend(category_ids.iter().map(|id| format!("category:{id}")));
    Ok(labels)
}
