//! What pricing is asked for a checkout.

use std::collections::BTreeMap;

use argosy_contracts::{
    cart::CartDocument,
    common::Money,
    pricing::{Buyer, Destination, Quote, QuoteLineRequest, QuoteRequest},
};

use crate::{domain::Checkout, store::KnownBuyer};

/// The cart as it stands, to where the checkout says, for whom it says.
pub(crate) fn request(checkout: &Checkout, cart: &CartDocument) -> QuoteRequest {
    let agreed = checkout.draft_prices();
    let money = |minor| Money { minor, currency: cart.currency.clone() };
    let chosen = checkout.shipping_option_id.as_deref().unwrap_or_default();
    let delivery = agreed.and_then(|prices| prices.delivery.as_ref()).filter(|(option, _)| option == chosen);
    let lines = cart.lines.iter().map(|line| QuoteLineRequest {
        line_id: line.id.clone(),
        variant_id: line.variant_id.clone(),
        quantity: line.quantity,
        wrap: line.wrap.clone(),
        wrap_message_length: u32::try_from(line.wrap_message.chars().count()).unwrap_or(u32::MAX),
        agreed_price: agreed.and_then(|prices| Some(money(*prices.variants.get(&line.variant_id)?))),
    });
    let destination = checkout.contact.shipping_address.as_ref().map(|to| Destination {
        country: to.country.clone(),
        region: to.region.clone(),
        postal_code: to.postal_code.clone(),
    });
    let tax_number = checkout.contact.tax_number().to_owned();
    QuoteRequest {
        currency: cart.currency.clone(),
        lines: lines.collect(),
        codes: cart.codes.clone(),
        destination,
        shipping_option_id: checkout.shipping_option_id.clone().unwrap_or_default(),
        buyer: Some(Buyer { tax_number, ..Buyer::default() }),
        for_checkout: true,
        market: cart.market.clone(),
        agreed_shipping_price: delivery.map(|(_, minor)| money(*minor)),
        ..QuoteRequest::default()
    }
}

/// What a cart says is to be written with lines that are wrapped, by their ids.
pub(crate) fn wrap_messages(cart: &CartDocument, quote: &Quote) -> BTreeMap<String, String> {
    let is_wrapped = |id: &str| quote.fees.iter().any(|fee| fee.kind == "wrap" && fee.line_id == id);
    let written = cart.lines.iter().filter(|line| !line.wrap_message.is_empty() && is_wrapped(&line.id));
    written.map(|line| (line.id.clone(), line.wrap_message.clone())).collect()
}

/// Adds what is known of the buyer.
pub(crate) fn tell(request: &mut QuoteRequest, known: KnownBuyer) {
    let buyer = request.buyer.get_or_insert_default();
    buyer.key = known.key;
    buyer.first_order = Some(!known.has_ordered);
}
