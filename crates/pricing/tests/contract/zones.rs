//! Tax and shipping zones.

use argosy_contracts::{
    catalog::CatalogClient,
    pricing::{
        Buyer, Destination, ListShippingZonesRequest, ListTaxZonesRequest, ParcelLine, ParcelRequest,
        PieceStep, PutShippingZonesRequest, PutTaxZonesRequest, Quote, QuoteRequest, ShippingRate,
        ShippingZone, TaxRate, TaxZone, ValueStep, WeightStep,
    },
};
use argosy_kernel::{LocationId, Result};
use argosy_platform::Shop;
use argosy_pricing::PricingConfig;
use argosy_testkit::contract_stories;

use crate::subject::{Subject, cart, destination, minor, money, sum};

contract_stories! {
    a_new_shop_knows_tax_and_shipping,
    a_rate_by_pieces_or_by_value_has_a_price_for_what_is_sent,
    an_option_says_when_it_arrives_and_where_it_is_collected,
    a_rate_by_the_parcel_is_charged_for_each_and_any_other_for_the_order,
    replaced_tax_zones_count_at_once_and_are_told,
    a_place_has_its_own_tax_by_its_postal_code,
    a_business_abroad_is_told_that_it_owes_the_tax,
    a_rate_changes_when_its_time_comes,
    a_shop_of_a_state_collects_there,
    replaced_shipping_zones_count_at_once,
    zones_read_back_as_they_were_put,
    a_zone_without_rates_is_a_place_nothing_is_shipped_to,
    removed_zones_do_not_come_back_at_the_next_start,
    a_new_database_ships_at_home_first,
    wrong_zones_name_the_field,
}

/// Of a new shop: 27 members of the Union, 4 other countries, 10 places with a tax of their own.
const TAX_ZONES: usize = 41;

fn tax_zone(country: &str, rate_ppm: i64) -> TaxZone {
    TaxZone {
        name: "Somewhere".to_owned(),
        country: country.to_owned(),
        region: String::new(),
        included: true,
        rates: vec![rate(rate_ppm)],
        ..TaxZone::default()
    }
}

fn rate(rate_ppm: i64) -> TaxRate {
    TaxRate { tax_class: "standard".to_owned(), rate_ppm, label: "Tax".to_owned(), ..TaxRate::default() }
}

fn shipping_zone(country: &str, rate_id: &str, minor: i64) -> ShippingZone {
    ShippingZone {
        name: "Somewhere".to_owned(),
        countries: vec![country.to_owned()],
        rates: vec![ShippingRate {
            id: rate_id.to_owned(),
            title: "Bike".to_owned(),
            flat: vec![money(minor, "EUR")],
            days_max: 1,
            ..ShippingRate::default()
        }],
    }
}

impl Subject {
    async fn put_taxes(&self, zones: Vec<TaxZone>) -> Result<()> {
        self.pricing.put_tax_zones(&self.ctx, PutTaxZonesRequest { zones }).await.map(|_| ())
    }

    async fn put_shipping(&self, zones: Vec<ShippingZone>) -> Result<()> {
        self.pricing.put_shipping_zones(&self.ctx, PutShippingZonesRequest { zones }).await.map(|_| ())
    }

    async fn taxes(&self) -> Vec<TaxZone> {
        self.pricing.list_tax_zones(&self.ctx, ListTaxZonesRequest {}).await.unwrap().zones
    }

    async fn shipping(&self) -> Vec<ShippingZone> {
        self.pricing.list_shipping_zones(&self.ctx, ListShippingZonesRequest {}).await.unwrap().zones
    }
}

async fn a_new_shop_knows_tax_and_shipping(s: Subject) {
    let mug = s.for_sale(1_000);
    let mut told = Vec::new();
    for (country, option) in
        [("DE", "standard"), ("FR", "eu-standard"), ("US", "world-standard"), ("BR", "world-standard")]
    {
        let request = QuoteRequest {
            destination: Some(destination(country)),
            shipping_option_id: option.to_owned(),
            ..cart(&[(mug, 1)])
        };
        told.push(sum(&s.quote(request).await)[1..].join(", "));
    }
    assert_eq!(
        told,
        [
            "shipping Standard shipping 490, tax_included VAT 19 % 238, total Total 1490",
            "shipping Standard shipping 990, tax_included VAT 20 % 332, total Total 1990",
            "shipping International shipping 1590, total Total 2590",
            "shipping International shipping 1590, total Total 2590",
        ]
    );
    assert_eq!((s.taxes().await.len(), s.shipping().await.len()), (TAX_ZONES, 3));
}

async fn a_rate_by_pieces_or_by_value_has_a_price_for_what_is_sent(s: Subject) {
    let mug = s.for_sale(1_000);
    let piece = |up_to, minor| PieceStep { up_to, price: vec![money(minor, "EUR")] };
    let value =
        |up_to, minor| ValueStep { up_to: vec![money(up_to, "EUR")], price: vec![money(minor, "EUR")] };
    let rate = |id: &str| ShippingRate { id: id.to_owned(), title: id.to_owned(), ..ShippingRate::default() };
    let zone = ShippingZone {
        name: "Near".to_owned(),
        countries: vec!["DE".to_owned()],
        rates: vec![
            ShippingRate { piece_steps: vec![piece(2, 300), piece(4, 500)], ..rate("pieces") },
            ShippingRate { value_steps: vec![value(1_500, 700), value(10_000, 200)], ..rate("value") },
        ],
    };
    s.put_shipping(vec![zone.clone()]).await.unwrap();
    assert_eq!(s.shipping().await, [zone]);
    let offered = async |quantity| {
        let request = QuoteRequest { destination: Some(destination("DE")), ..cart(&[(mug, quantity)]) };
        let options = s.quote(request).await.shipping_options;
        options.iter().map(|option| (option.id.clone(), minor(option.price.as_ref()))).collect::<Vec<_>>()
    };
    let named = |id: &str, minor| (id.to_owned(), minor);
    assert_eq!(offered(1).await, [named("pieces", 300), named("value", 700)]);
    assert_eq!(offered(3).await, [named("pieces", 500), named("value", 200)]);
    assert_eq!(offered(5).await, [named("value", 200)], "more than the last step is not offered it");
}

async fn an_option_says_when_it_arrives_and_where_it_is_collected(s: Subject) {
    let mug = s.for_sale(1_000);
    let quay = LocationId::from_bytes([7; 16]).to_string();
    let mut zone = shipping_zone("DE", "bike", 500);
    "14:00".clone_into(&mut zone.rates[0].cutoff);
    zone.rates.push(ShippingRate {
        id: "quay".to_owned(),
        title: "Collect".to_owned(),
        flat: vec![money(0, "EUR")],
        pickup_location_id: quay.clone(),
        ..ShippingRate::default()
    });
    s.put_shipping(vec![zone.clone()]).await.unwrap();
    assert_eq!(s.shipping().await, [zone]);
    let request = QuoteRequest { destination: Some(destination("DE")), ..cart(&[(mug, 1)]) };
    let options = s.quote(request).await.shipping_options;
    assert_eq!(options[1].pickup_location_id, quay);
    for option in &options {
        let (first, last) = (&option.earliest, &option.latest);
        assert!(first.len() == 10 && first <= last, "{option:?}");
    }
}

async fn a_rate_by_the_parcel_is_charged_for_each_and_any_other_for_the_order(s: Subject) {
    let (mug, cup) = (s.for_sale(1_000), s.for_sale(2_000));
    let mut zone = shipping_zone("DE", "whole", 500);
    let step = |up_to, minor| PieceStep { up_to, price: vec![money(minor, "EUR")] };
    zone.rates.push(ShippingRate {
        id: "each".to_owned(),
        title: "Each".to_owned(),
        piece_steps: vec![step(1, 300), step(2, 400)],
        per_parcel: true,
        ..ShippingRate::default()
    });
    s.put_shipping(vec![zone.clone()]).await.unwrap();
    assert_eq!(s.shipping().await, [zone]);
    let request = QuoteRequest { destination: Some(destination("DE")), ..cart(&[(mug, 2), (cup, 1)]) };
    let prices = |quote: &Quote| -> Vec<(String, i64)> {
        let options = quote.shipping_options.iter();
        options.map(|option| (option.id.clone(), minor(option.price.as_ref()))).collect()
    };
    let as_one = s.quote(request.clone()).await;
    assert!(as_one.asks_parcels);
    assert_eq!(prices(&as_one), [("whole".to_owned(), 500)], "three pieces are too many for one parcel");
    let ids: Vec<String> = request.lines.iter().map(|line| line.line_id.clone()).collect();
    let parcel = |lines: &[(usize, i64)]| ParcelRequest {
        lines: lines
            .iter()
            .map(|(line, quantity)| ParcelLine { line_id: ids[*line].clone(), quantity: *quantity })
            .collect(),
        ..ParcelRequest::default()
    };
    let parcels = vec![parcel(&[(0, 2)]), parcel(&[(1, 1)])];
    let asked = QuoteRequest { parcels, shipping_option_id: "each".to_owned(), ..request.clone() };
    let as_two = s.quote(asked).await;
    assert_eq!(prices(&as_two), [("whole".to_owned(), 500), ("each".to_owned(), 700)]);
    let told: Vec<&str> = as_two
        .trace
        .iter()
        .filter(|step| step.rule.starts_with("shipping:each"))
        .map(|step| step.text.rsplit(", ").next().unwrap())
        .collect();
    assert_eq!(told, ["parcel 1 of 2", "parcel 2 of 2"]);
    let wrong = QuoteRequest { parcels: vec![parcel(&[(0, 0)])], ..request };
    let refused = s.pricing.quote(&s.ctx, wrong).await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/parcels/0/lines/0/quantity");
}

async fn replaced_tax_zones_count_at_once_and_are_told(s: Subject) {
    let mug = s.for_sale(1_100);
    s.put_taxes(vec![TaxZone { included: false, ..tax_zone("DE", 100_000) }]).await.unwrap();
    let quote = s.quote(cart(&[(mug, 1)])).await;
    assert_eq!(minor(quote.total.as_ref()), 1_210);
    assert!(!quote.tax_included);
    let facts = s.test.facts("pricing").await;
    let told: Vec<(&str, i64)> = facts.iter().map(|fact| (fact.kind.as_str(), fact.sequence)).collect();
    assert_eq!(told, [("pricing.zones_changed", 2)]);
}

async fn a_place_has_its_own_tax_by_its_postal_code(s: Subject) {
    let mug = s.for_sale(1_000);
    let spain = |code: &str| Destination { postal_code: code.to_owned(), ..destination("ES") };
    let at = async |code| {
        let request = QuoteRequest { destination: Some(spain(code)), ..cart(&[(mug, 1)]) };
        let quote = s.quote(request).await;
        quote.tax_lines.iter().map(|line| (line.rate_ppm, minor(line.amount.as_ref()))).collect::<Vec<_>>()
    };
    assert_eq!((at("28001").await, at("38 001").await), (vec![(210_000, 174)], vec![(0, 0)]));
}

async fn a_business_abroad_is_told_that_it_owes_the_tax(s: Subject) {
    let mug = s.for_sale(12_000);
    let quoted = async |number: &str| {
        let buyer = Buyer { tax_number: number.to_owned(), ..Buyer::default() };
        let request =
            QuoteRequest { destination: Some(destination("FR")), buyer: Some(buyer), ..cart(&[(mug, 1)]) };
        let quote = s.quote(request).await;
        let kinds: Vec<String> = quote.tax_notes.iter().map(|note| note.kind.clone()).collect();
        (minor(quote.total.as_ref()), kinds.join(", "))
    };
    assert_eq!(quoted("FR12345678901").await, (10_000, "reverse_charge".to_owned()));
    assert_eq!(quoted("FR123").await, (12_000, "tax_number_unknown".to_owned()));
    assert_eq!(quoted("").await, (12_000, String::new()));
}

async fn a_rate_changes_when_its_time_comes(s: Subject) {
    let mug = s.for_sale(1_000);
    let now = s.test.host.clock().now();
    let change = now.plus(std::time::Duration::from_mins(1)).as_millis();
    let rates = vec![
        TaxRate { ends_at_ms: Some(change), ..rate(100_000) },
        TaxRate { starts_at_ms: Some(change), ..rate(200_000) },
    ];
    s.put_taxes(vec![TaxZone { included: false, rates, ..tax_zone("DE", 0) }]).await.unwrap();
    assert_eq!(minor(s.quote(cart(&[(mug, 1)])).await.total.as_ref()), 1_100);
    s.test.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(minor(s.quote(cart(&[(mug, 1)])).await.total.as_ref()), 1_200);
}

async fn a_shop_of_a_state_collects_there(s: Subject) {
    let test = argosy_testkit::TestHost::new();
    let mug = s.for_sale(10_000);
    let catalog = CatalogClient::local(s.catalog.clone());
    let shop = Shop { country: "US".parse().unwrap(), region: "NY".to_owned(), ..Shop::default() };
    let config = PricingConfig { shop, ..PricingConfig::default() };
    let local = argosy_pricing::start(&test.host, catalog, config).await.unwrap();
    let total = async |region: &str| {
        let to = Destination { region: region.to_owned(), ..destination("US") };
        let request = QuoteRequest { destination: Some(to), ..cart(&[(mug, 1)]) };
        minor(local.quote(&s.ctx, request).await.unwrap().quote.unwrap().total.as_ref())
    };
    assert_eq!((total("NY").await, total("CA").await), (10_400, 10_000));
}

async fn replaced_shipping_zones_count_at_once(s: Subject) {
    let mug = s.for_sale(1_000);
    s.put_shipping(vec![shipping_zone("DE", "bike", 100)]).await.unwrap();
    let quote = s.quote(QuoteRequest { shipping_option_id: "bike".to_owned(), ..cart(&[(mug, 1)]) }).await;
    assert_eq!(minor(quote.total.as_ref()), 1_100);
    let abroad = s.quote(QuoteRequest { destination: Some(destination("FR")), ..cart(&[(mug, 1)]) }).await;
    assert_eq!(abroad.notices[0].code, "NOT_SHIPPED_THERE");
}

async fn zones_read_back_as_they_were_put(s: Subject) {
    let california = TaxZone { region: "CA".to_owned(), included: false, ..tax_zone("US", 72_500) };
    let los_angeles = TaxZone {
        name: "Los Angeles".to_owned(),
        postal_codes: vec!["900*".to_owned(), "91001-91010".to_owned()],
        rounding: "total".to_owned(),
        shipping_tax: "proportional".to_owned(),
        rates: vec![
            TaxRate { ends_at_ms: Some(5), ..rate(72_500) },
            TaxRate { starts_at_ms: Some(5), ..rate(75_000) },
            TaxRate { part: 1, compound: true, label: "County".to_owned(), ..rate(10_000) },
        ],
        ..california.clone()
    };
    let postage = TaxZone {
        shipping_tax: "class".to_owned(),
        shipping_class: "postage".to_owned(),
        ..tax_zone("GB", 200_000)
    };
    let taxes = vec![postage, los_angeles, tax_zone("US", 0), california];
    s.put_taxes(taxes.clone()).await.unwrap();
    assert_eq!(s.taxes().await, taxes);
    let by_weight = ShippingRate {
        id: "parcel".to_owned(),
        weight_steps: vec![
            WeightStep { up_to_g: 1_000, price: vec![money(500, "EUR"), money(600, "USD")] },
            WeightStep { up_to_g: 5_000, price: vec![money(900, "EUR")] },
        ],
        free_over: vec![money(10_000, "EUR")],
        days_min: 2,
        days_max: 4,
        ..ShippingRate::default()
    };
    let world =
        ShippingZone { name: "World".to_owned(), countries: vec!["*".to_owned()], rates: vec![by_weight] };
    let zones = vec![world, shipping_zone("DE", "bike", 100)];
    s.put_shipping(zones.clone()).await.unwrap();
    assert_eq!(s.shipping().await, zones);
}

async fn a_zone_without_rates_is_a_place_nothing_is_shipped_to(s: Subject) {
    let mug = s.for_sale(1_000);
    let nowhere = ShippingZone { rates: Vec::new(), ..shipping_zone("FR", "", 0) };
    let world = ShippingZone { countries: vec!["*".to_owned()], ..shipping_zone("DE", "bike", 100) };
    s.put_shipping(vec![nowhere.clone(), world.clone()]).await.unwrap();
    assert_eq!(s.shipping().await, [nowhere, world]);
    let quote = s.quote(QuoteRequest { destination: Some(destination("FR")), ..cart(&[(mug, 1)]) }).await;
    assert_eq!(quote.notices[0].code, "NOT_SHIPPED_THERE");
}

async fn removed_zones_do_not_come_back_at_the_next_start(s: Subject) {
    s.put_taxes(Vec::new()).await.unwrap();
    s.put_shipping(Vec::new()).await.unwrap();
    let catalog = CatalogClient::local(s.catalog.clone());
    let restarted = argosy_pricing::start(&s.test.host, catalog, PricingConfig::default()).await.unwrap();
    assert!(restarted.list_tax_zones(&s.ctx, ListTaxZonesRequest {}).await.unwrap().zones.is_empty());
    assert!(s.shipping().await.is_empty());
}

async fn a_new_database_ships_at_home_first(s: Subject) {
    let test = argosy_testkit::TestHost::new();
    let catalog = CatalogClient::local(s.catalog.clone());
    let shop = Shop { country: "CH".parse().unwrap(), ..Shop::default() };
    let config = PricingConfig { shop, ..PricingConfig::default() };
    let swiss = argosy_pricing::start(&test.host, catalog, config).await.unwrap();
    let zones = swiss.list_shipping_zones(&s.ctx, ListShippingZonesRequest {}).await.unwrap().zones;
    let domestic = zones.iter().find(|zone| zone.name == "Domestic").unwrap();
    assert_eq!(domestic.countries, ["CH"]);
}

async fn wrong_zones_name_the_field(s: Subject) {
    let with_codes = |codes: &[&str]| TaxZone {
        postal_codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        ..tax_zone("DE", 1)
    };
    let with_rates = |rates: Vec<TaxRate>| vec![TaxZone { rates, ..tax_zone("DE", 1) }];
    let taxes = [
        (vec![tax_zone("XX", 1)], "/zones/0/country"),
        (vec![tax_zone("DE", -1)], "/zones/0/rates/0/rate_ppm"),
        (vec![tax_zone("DE", 1), tax_zone("de", 2)], "/zones/1/country"),
        (vec![TaxZone { rates: Vec::new(), ..tax_zone("DE", 1) }], "/zones/0/rates"),
        (vec![with_codes(&["9*", "-"])], "/zones/0/postal_codes/1"),
        (vec![with_codes(&["9*"]), with_codes(&["1*", "9*"])], "/zones/1/postal_codes/1"),
        (vec![TaxZone { rounding: "up".to_owned(), ..tax_zone("DE", 1) }], "/zones/0/rounding"),
        (vec![TaxZone { shipping_tax: "free".to_owned(), ..tax_zone("DE", 1) }], "/zones/0/shipping_tax"),
        (with_rates(vec![rate(1), rate(2)]), "/zones/0/rates/1/tax_class"),
        (with_rates(vec![TaxRate { compound: true, ..rate(1) }]), "/zones/0/rates/0/compound"),
        (with_rates(vec![TaxRate { part: 4, ..rate(1) }]), "/zones/0/rates/0/part"),
        (
            with_rates(vec![
                rate(1),
                TaxRate { part: 1, compound: true, ..rate(2) },
                TaxRate { part: 2, ..rate(3) },
            ]),
            "/zones/0/rates/2/part",
        ),
        (
            with_rates(vec![TaxRate { starts_at_ms: Some(2), ends_at_ms: Some(2), ..rate(1) }]),
            "/zones/0/rates/0/ends_at_ms",
        ),
    ];
    for (zones, pointer) in taxes {
        assert_eq!(s.put_taxes(zones).await.unwrap_err().fields()[0].pointer, pointer);
    }
    let with_rate = |change: fn(&mut ShippingRate)| {
        let mut zone = shipping_zone("DE", "bike", 100);
        change(&mut zone.rates[0]);
        vec![zone]
    };
    let step =
        || vec![WeightStep { up_to_g: 5, price: Vec::new() }, WeightStep { up_to_g: 5, price: Vec::new() }];
    let descending = with_rate(|rate| rate.flat.clear());
    let descending = descending.into_iter().map(|mut zone| {
        zone.rates[0].weight_steps = step();
        zone
    });
    let shipping = [
        (vec![shipping_zone("DE", "a", 1), shipping_zone("DE", "b", 1)], "/zones/1/countries/0"),
        (vec![shipping_zone("*", "a", 1), shipping_zone("*", "b", 1)], "/zones/1/countries/0"),
        (vec![shipping_zone("DE", "a", 1), shipping_zone("FR", "a", 1)], "/zones/1/rates/0/id"),
        (vec![shipping_zone("DE", "a", -1)], "/zones/0/rates/0/flat/0/minor"),
        (with_rate(|rate| rate.flat.clear()), "/zones/0/rates/0/flat"),
        (with_rate(|rate| rate.id.clear()), "/zones/0/rates/0/id"),
        (with_rate(|rate| rate.days_min = 9), "/zones/0/rates/0/days_max"),
        (descending.collect(), "/zones/0/rates/0/weight_steps/1/up_to_g"),
        (with_rate(|rate| "25:00".clone_into(&mut rate.cutoff)), "/zones/0/rates/0/cutoff"),
        (with_rate(|rate| "2 pm".clone_into(&mut rate.cutoff)), "/zones/0/rates/0/cutoff"),
        (
            with_rate(|rate| "quay".clone_into(&mut rate.pickup_location_id)),
            "/zones/0/rates/0/pickup_location_id",
        ),
        (with_rate(|rate| rate.piece_steps.push(PieceStep::default())), "/zones/0/rates/0/piece_steps"),
        (
            with_rate(|rate| {
                rate.flat.clear();
                rate.value_steps.push(ValueStep::default());
            }),
            "/zones/0/rates/0/value_steps/0/up_to",
        ),
    ];
    for (zones, pointer) in shipping {
        assert_eq!(s.put_shipping(zones).await.unwrap_err().fields()[0].pointer, pointer);
    }
    assert_eq!(s.taxes().await.len(), TAX_ZONES, "a refused change changes nothing");
}
