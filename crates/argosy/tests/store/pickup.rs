//! Buyers who collect at a shop: what is offered, and whose stock it is.

use crate::support::{Buyers, Shop, ann};
use argosy_contracts::{
    common::{Address, Money},
    inventory::{GetAvailabilityRequest, Location, PutLocationsRequest, SetLevelsRequest, StockLevel},
    notifications::ListMessagesRequest,
    orders::{
        Checkout, FulfilOrderRequest, ReadyForPickupRequest, StartCheckoutRequest, UpdateCheckoutRequest,
    },
    pricing::{ListShippingZonesRequest, PutShippingZonesRequest, ShippingRate},
};
use argosy_kernel::{Ctx, LocationId};
use argosy_testkit::eventually;

fn quay() -> String {
    LocationId::from_bytes([7; 16]).to_string()
}

/// A shop with five mugs in the warehouse and two at the quay, where they may be collected.
async fn open_quay(buyers: &Buyers<'_>) -> String {
    let mug = buyers.stocked("mug", 5).await;
    let (inventory, pricing) = (buyers.wiring.inventory().unwrap(), buyers.wiring.pricing().unwrap());
    let location = Location {
        id: quay(),
        name: "Quay".to_owned(),
        priority: 1,
        active: true,
        pickup: true,
        address: Some(Address { line1: "Quay 1".to_owned(), ..Address::default() }),
        ..Location::default()
    };
    inventory.put_locations(&buyers.ctx, PutLocationsRequest { locations: vec![location] }).await.unwrap();
    let level = StockLevel {
        variant_id: mug.clone(),
        location_id: quay(),
        on_hand: 2,
        tracked: true,
        ..StockLevel::default()
    };
    inventory.set_levels(&buyers.ctx, SetLevelsRequest { levels: vec![level] }).await.unwrap();
    let listed = pricing.list_shipping_zones(&buyers.ctx, ListShippingZonesRequest {}).await.unwrap();
    let mut zones = listed.zones;
    zones[0].rates.push(ShippingRate {
        id: "quay".to_owned(),
        title: "Collect at the quay".to_owned(),
        flat: vec![Money { minor: 0, currency: "EUR".to_owned() }],
        pickup_location_id: quay(),
        ..ShippingRate::default()
    });
    pricing.put_shipping_zones(&buyers.ctx, PutShippingZonesRequest { zones }).await.unwrap();
    mug
}

/// What the warehouse and the quay have.
async fn stock(buyers: &Buyers<'_>, variant: &str) -> [i64; 2] {
    let request = GetAvailabilityRequest {
        variant_ids: vec![variant.to_owned()],
        by_location: true,
        ..GetAvailabilityRequest::default()
    };
    let inventory = buyers.wiring.inventory().unwrap();
    let item = inventory.get_availability(&buyers.ctx, request).await.unwrap().items.remove(0);
    [0, 1].map(|place| item.locations[place].available)
}

/// A checkout of so many mugs for Ann, who wants to collect them.
async fn collecting(buyers: &Buyers<'_>, mug: &str, quantity: i64) -> Checkout {
    let cart = buyers.cart(&[(mug, quantity)]).await;
    let orders = buyers.wiring.orders().unwrap();
    let started = orders.start_checkout(&buyers.ctx, StartCheckoutRequest { cart_id: cart }).await.unwrap();
    let update = UpdateCheckoutRequest {
        checkout_id: started.id,
        email: Some("ann@example.com".to_owned()),
        shipping_address: Some(ann()),
        shipping_option_id: Some("quay".to_owned()),
        ..UpdateCheckoutRequest::default()
    };
    orders.update_checkout(&buyers.ctx, update).await.unwrap()
}

#[tokio::test]
async fn who_collects_gets_the_stock_of_that_place_and_no_other() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = open_quay(&buyers).await;
    assert_eq!(stock(&buyers, &mug).await, [5, 2]);
    let checkout = collecting(&buyers, &mug, 2).await;
    assert_eq!(checkout.status, "ready", "{:?}", checkout.notices);
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    assert_eq!(done.status, "completed", "{:?}", done.notices);
    assert_eq!(stock(&buyers, &mug).await, [5, 0], "though the warehouse comes first");
    let order = buyers.order(&done.order_id).await;
    assert_eq!(order.shipping.unwrap().pickup_location_id, quay());
}

#[tokio::test]
async fn law_2_a_place_that_has_too_few_is_not_offered_and_does_not_sell() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = open_quay(&buyers).await;
    let checkout = collecting(&buyers, &mug, 3).await;
    assert_eq!((checkout.status.as_str(), checkout.notices[0].code.as_str()), ("incomplete", "OUT_OF_STOCK"));
    assert_eq!(checkout.notices[0].text, "Only 2 left.");
    let refused = buyers.pay(&checkout.id, "tok_ok", "key-1").await;
    assert!(refused.is_err() || refused.unwrap().status != "completed");
    assert_eq!(stock(&buyers, &mug).await, [5, 2]);

    let cart = buyers.cart(&[(&mug, 3)]).await;
    let offered = buyers.ready(&cart).await.quote.unwrap().shipping_options;
    assert!(offered.iter().all(|option| option.pickup_location_id.is_empty()), "{offered:?}");
}

#[tokio::test]
async fn who_collects_is_told_when_it_is_ready_and_nobody_else_can_be() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = open_quay(&buyers).await;
    let checkout = collecting(&buyers, &mug, 2).await;
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    let id = done.order_id;
    eventually("the money is taken", || async { buyers.order(&id).await.payment_status == "captured" }).await;
    let desk = buyers.wiring.aftersales().unwrap();
    let ready = |order_id: &str, reference: &str| ReadyForPickupRequest {
        order_id: order_id.to_owned(),
        reference: reference.to_owned(),
    };
    let told = desk.ready_for_pickup(&Ctx::system("test"), ready(&id, "r1")).await.unwrap();
    assert_eq!((told.status.as_str(), told.fulfilment_status.as_str()), ("open", "unfulfilled"));
    assert_eq!(told.events.last().unwrap().kind, "ready_for_pickup");
    assert_eq!(
        desk.ready_for_pickup(&Ctx::guest(), ready(&id, "r2")).await.unwrap_err().reason(),
        "STAFF_ONLY"
    );
    let handed = FulfilOrderRequest {
        order_id: id.clone(),
        reference: "over the counter".to_owned(),
        ..FulfilOrderRequest::default()
    };
    desk.fulfil_order(&Ctx::system("test"), handed).await.unwrap();
    let over = desk.ready_for_pickup(&Ctx::system("test"), ready(&id, "r3")).await.unwrap_err();
    assert_eq!(over.reason(), "ORDER_STATE");

    let sent = buyers.ready(&buyers.cart(&[(&mug, 1)]).await).await;
    let sent = buyers.pay(&sent.id, "tok_ok", "key-2").await.unwrap().order_id;
    let refused = desk.ready_for_pickup(&Ctx::system("test"), ready(&sent, "r4")).await.unwrap_err();
    assert_eq!(refused.reason(), "NOT_COLLECTED");
    let messages = || async {
        let listing = buyers.wiring.notifications().unwrap();
        let listed =
            listing.list_messages(&Ctx::system("test"), ListMessagesRequest::default()).await.unwrap();
        listed.messages.into_iter().rev().map(|message| message.kind).collect::<Vec<_>>()
    };
    eventually("both are confirmed", || async { messages().await.len() == 3 }).await;
    assert_eq!(messages().await, ["order_confirmation", "ready_for_pickup", "order_confirmation"]);
}
