//! What pricing is asked for a checkout.

use argosy_contracts::{
    cart::CartDocument,
    pricing::{Buyer, Destination, QuoteLineRequest, QuoteRequest},
};

use crate::{domain::Checkout, store::KnownBuyer};

/// The cart as it stands, to where the checkout says, for whom it says.
pub(crate) fn request(checkout: &Checkout, cart: &CartDocument) -> QuoteRequest {
    let lines = cart.lines.iter().map(|line| QuoteLineRequest {
        line_id: line.id.clone(),
        variant_id: line.variant_id.clone(),
        quantity: line.quantity,
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
        ..QuoteRequest::default()
    }
}

/// Adds what is known of the buyer.
pub(crate) fn tell(request: &mut QuoteRequest, known: KnownBuyer) {
    let buyer = request.buyer.get_or_insert_default();
    buyer.key = known.key;
    buyer.first_order = Some(!known.has_ordered);
}
