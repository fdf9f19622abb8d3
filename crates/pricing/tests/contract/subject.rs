//! The service under test, and short words for what the stories do with it.

use argosy_contracts::{
    catalog::CatalogClient,
    common,
    pricing::{
        Destination, ListPromotionsRequest, PricingClient, Promotion, PutPromotionsRequest, Quote,
        QuoteLineRequest, QuoteRequest, RedeemCodesRequest, ReleaseCodesRequest,
    },
};
use argosy_kernel::{Ctx, Result, VariantId};
use argosy_pricing::PricingConfig;
use argosy_testkit::{Call, Mode, TestHost};

use crate::fake_catalog::FakeCatalog;

pub(crate) struct Subject {
    pub(crate) test: TestHost,
    pub(crate) pricing: PricingClient,
    pub(crate) catalog: FakeCatalog,
    pub(crate) ctx: Ctx,
}

pub(crate) fn money(minor: i64, currency: &str) -> common::Money {
    common::Money { minor, currency: currency.to_owned() }
}

pub(crate) fn minor(amount: Option<&common::Money>) -> i64 {
    amount.unwrap().minor
}

/// An active percentage code without limits.
pub(crate) fn percent(code: &str, percent: i64) -> Promotion {
    Promotion {
        code: code.to_owned(),
        kind: "percentage".to_owned(),
        rate_ppm: percent * 10_000,
        active: true,
        ..Promotion::default()
    }
}

/// A request for these variants to Germany, in EUR; the lines are called `l0`, `l1`, …
pub(crate) fn cart(variants: &[(VariantId, i64)]) -> QuoteRequest {
    let lines = variants.iter().enumerate().map(|(index, (variant, quantity))| QuoteLineRequest {
        line_id: format!("l{index}"),
        variant_id: variant.to_string(),
        quantity: *quantity,
        ..QuoteLineRequest::default()
    });
    QuoteRequest {
        currency: "EUR".to_owned(),
        lines: lines.collect(),
        destination: Some(destination("DE")),
        ..QuoteRequest::default()
    }
}

pub(crate) fn destination(country: &str) -> Destination {
    Destination { country: country.to_owned(), ..Destination::default() }
}

/// The sum as text, one `kind label minor` a line.
pub(crate) fn sum(quote: &Quote) -> Vec<String> {
    let line =
        |line: &common::TotalLine| format!("{} {} {}", line.kind, line.label, minor(line.amount.as_ref()));
    quote.totals.iter().map(line).collect()
}

impl Subject {
    pub(crate) async fn start(mode: Mode) -> Self {
        Self::start_with(mode, TestHost::on(mode.engine), PricingConfig::default()).await
    }

    pub(crate) async fn start_with(mode: Mode, test: TestHost, config: PricingConfig) -> Self {
        let catalog = FakeCatalog::default();
        let local_catalog = CatalogClient::local(catalog.clone());
        let catalog_client = match mode.call {
            Call::Local => local_catalog,
            Call::Remote => CatalogClient::remote(test.serve(|routes| local_catalog.add_to(routes)).await),
        };
        let local = argosy_pricing::start(&test.host, catalog_client, config).await.unwrap();
        let pricing = match mode.call {
            Call::Local => local,
            Call::Remote => PricingClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, pricing, catalog, ctx: Ctx::system("test") }
    }

    /// A new variant for sale in EUR.
    pub(crate) fn for_sale(&self, minor: i64) -> VariantId {
        let id = VariantId::new();
        self.catalog.offer(id, minor, "EUR", |_| {});
        id
    }

    pub(crate) async fn quote(&self, request: QuoteRequest) -> Quote {
        self.try_quote(request).await.unwrap()
    }

    pub(crate) async fn try_quote(&self, request: QuoteRequest) -> Result<Quote> {
        Ok(self.pricing.quote(&self.ctx, request).await?.quote.unwrap())
    }

    pub(crate) async fn put(&self, promotion: Promotion) -> Promotion {
        self.try_put(vec![promotion]).await.unwrap().remove(0)
    }

    pub(crate) async fn try_put(&self, promotions: Vec<Promotion>) -> Result<Vec<Promotion>> {
        Ok(self.pricing.put_promotions(&self.ctx, PutPromotionsRequest { promotions }).await?.promotions)
    }

    pub(crate) async fn uses(&self, code: &str) -> i64 {
        let request = ListPromotionsRequest::default();
        let promotions = self.pricing.list_promotions(&self.ctx, request).await.unwrap().promotions;
        promotions.iter().find(|promotion| promotion.code == code).unwrap().uses
    }

    pub(crate) async fn redeem(&self, redemption_id: &str, codes: &[&str]) -> Result<()> {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        let request = RedeemCodesRequest {
            redemption_id: redemption_id.to_owned(),
            codes,
            ..RedeemCodesRequest::default()
        };
        self.pricing.redeem_codes(&self.ctx, request).await.map(|_| ())
    }

    pub(crate) async fn release(&self, redemption_id: &str) -> Result<()> {
        let request = ReleaseCodesRequest { redemption_id: redemption_id.to_owned() };
        self.pricing.release_codes(&self.ctx, request).await.map(|_| ())
    }
}
