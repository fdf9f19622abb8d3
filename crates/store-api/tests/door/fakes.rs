//! Services that answer what a test tells them to.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use argosy_contracts::{
    cart::*, catalog::*, inventory::*, media::*, orders::*, payments::*, pricing::*, search::*,
};
use argosy_kernel::{Ctx, Error, Result};
use async_trait::async_trait;

/// What the fake services know, and what they were asked.
#[derive(Default)]
pub(crate) struct Knows {
    pub(crate) products: Mutex<Vec<Product>>,
    pub(crate) categories: Mutex<Vec<Category>>,
    pub(crate) attributes: Mutex<Vec<AttributeDefinition>>,
    pub(crate) locations: Mutex<Vec<Location>>,
    pub(crate) sold_out: Mutex<HashSet<String>>,
    pub(crate) found: Mutex<QueryResponse>,
    pub(crate) queries: Mutex<Vec<QueryRequest>>,
    pub(crate) cart: Mutex<Option<Result<CartView>>>,
    pub(crate) commands: Mutex<Vec<Command>>,
    pub(crate) checkout: Mutex<Option<Result<Checkout>>>,
    pub(crate) completed: Mutex<Vec<(CompleteCheckoutRequest, Option<String>)>>,
    pub(crate) updated: Mutex<Vec<UpdateCheckoutRequest>>,
    pub(crate) order: Mutex<Option<Order>>,
    pub(crate) returned: Mutex<Vec<RequestReturnRequest>>,
    pub(crate) balances: Mutex<Vec<PayBalanceRequest>>,
    pub(crate) webhooks: Mutex<Vec<HandleWebhookRequest>>,
    pub(crate) methods_asked: Mutex<Vec<ListMethodsRequest>>,
    pub(crate) setups: Mutex<Vec<(StartSetupRequest, Option<String>)>>,
    pub(crate) product_loads: AtomicU32,
    pub(crate) markets: Mutex<Vec<Market>>,
    /// What price lists say, by market and variant.
    pub(crate) listed: Mutex<HashMap<(String, String), VariantPrice>>,
}

/// Every service at once.
#[derive(Clone)]
pub(crate) struct Fake(pub(crate) Arc<Knows>);

/// A contract's implementation: the methods that a test needs, and those that it does not.
macro_rules! fake {
    ($api:ident { $($method:item)* } refuses { $($name:ident: $in:ty => $out:ty;)* }) => {
        #[async_trait]
        impl $api for Fake {
            $($method)*
            $(async fn $name(&self, _ctx: &Ctx, _request: $in) -> Result<$out> {
                Err(Error::internal(concat!("nobody calls ", stringify!($name))))
            })*
        }
    };
}

fn answer<T: Clone>(told: &Mutex<Option<Result<T>>>, missing: &'static str) -> Result<T> {
    told.lock().unwrap().clone().unwrap_or_else(|| Err(Error::not_found(missing, "there is none")))
}

fake!(CatalogApi {
    async fn get_products(&self, _ctx: &Ctx, request: GetProductsRequest) -> Result<GetProductsResponse> {
        assert!(!request.include_unpublished);
        self.0.product_loads.fetch_add(1, Ordering::SeqCst);
        let products = self.0.products.lock().unwrap();
        let wanted = |product: &&Product| request.ids.contains(&product.id) || request.handles.contains(&product.handle);
        Ok(GetProductsResponse { products: products.iter().filter(wanted).cloned().collect() })
    }
    async fn list_categories(&self, _ctx: &Ctx, _request: ListCategoriesRequest) -> Result<ListCategoriesResponse> {
        Ok(ListCategoriesResponse { categories: self.0.categories.lock().unwrap().clone() })
    }
    async fn list_attributes(&self, _ctx: &Ctx, _request: ListAttributesRequest) -> Result<ListAttributesResponse> {
        Ok(ListAttributesResponse { attributes: self.0.attributes.lock().unwrap().clone() })
    }
    async fn list_collections(&self, _ctx: &Ctx, _request: ListCollectionsRequest) -> Result<ListCollectionsResponse> {
        Ok(ListCollectionsResponse::default())
    }
} refuses {
    resolve_variants: ResolveVariantsRequest => ResolveVariantsResponse;
    scan_products: ScanProductsRequest => ScanProductsResponse;
    put_products: PutProductsRequest => PutProductsResponse;
    set_product_status: SetProductStatusRequest => SetProductStatusResponse;
    put_categories: PutCategoriesRequest => PutCategoriesResponse;
    list_members: ListMembersRequest => ListMembersResponse;
    put_collections: PutCollectionsRequest => PutCollectionsResponse;
    put_attributes: PutAttributesRequest => PutAttributesResponse;
    lowest_prices: LowestPricesRequest => LowestPricesResponse;
    price_history: PriceHistoryRequest => PriceHistoryResponse;
});

fake!(PricingApi {
    async fn list_markets(&self, _ctx: &Ctx, _request: ListMarketsRequest) -> Result<ListMarketsResponse> {
        Ok(ListMarketsResponse { markets: self.0.markets.lock().unwrap().clone() })
    }
    async fn price_variants(&self, _ctx: &Ctx, request: PriceVariantsRequest) -> Result<PriceVariantsResponse> {
        assert!(request.variants.len() <= 500);
        let listed = self.0.listed.lock().unwrap();
        let price = |variant: &PricedVariant| listed.get(&(request.market.clone(), variant.variant_id.clone())).cloned();
        let prices = request.variants.iter().filter_map(price).collect();
        Ok(PriceVariantsResponse { market: request.market, prices })
    }
} refuses {
    quote: QuoteRequest => QuoteResponse;
    redeem_codes: RedeemCodesRequest => RedeemCodesResponse;
    release_codes: ReleaseCodesRequest => ReleaseCodesResponse;
    put_promotions: PutPromotionsRequest => PutPromotionsResponse;
    list_promotions: ListPromotionsRequest => ListPromotionsResponse;
    generate_codes: GenerateCodesRequest => GenerateCodesResponse;
    make_group_codes: MakeGroupCodesRequest => MakeGroupCodesResponse;
    switch_group_codes: SwitchGroupCodesRequest => SwitchGroupCodesResponse;
    list_group_codes: ListGroupCodesRequest => ListGroupCodesResponse;
    put_campaigns: PutCampaignsRequest => PutCampaignsResponse;
    list_campaigns: ListCampaignsRequest => ListCampaignsResponse;
    put_tax_zones: PutTaxZonesRequest => PutTaxZonesResponse;
    list_tax_zones: ListTaxZonesRequest => ListTaxZonesResponse;
    put_shipping_zones: PutShippingZonesRequest => PutShippingZonesResponse;
    list_shipping_zones: ListShippingZonesRequest => ListShippingZonesResponse;
    put_markets: PutMarketsRequest => PutMarketsResponse;
    put_fees: PutFeesRequest => PutFeesResponse;
    list_fees: ListFeesRequest => ListFeesResponse;
    put_price_lists: PutPriceListsRequest => PutPriceListsResponse;
    list_price_lists: ListPriceListsRequest => ListPriceListsResponse;
    put_list_prices: PutListPricesRequest => PutListPricesResponse;
    list_list_prices: ListListPricesRequest => ListListPricesResponse;
});

fake!(InventoryApi {
    async fn get_availability(&self, _ctx: &Ctx, request: GetAvailabilityRequest) -> Result<GetAvailabilityResponse> {
        assert!(request.variant_ids.len() <= 500);
        let sold_out = self.0.sold_out.lock().unwrap();
        let locations = self.0.locations.lock().unwrap();
        let items = request.variant_ids.into_iter().map(|variant_id| {
            let available = if sold_out.contains(&variant_id) { 0 } else { 5 };
            let at = |location: &Location| AvailabilityAt {
                location_id: location.id.clone(),
                available,
                ..AvailabilityAt::default()
            };
            let locations = if request.by_location { locations.iter().map(at).collect() } else { Vec::new() };
            Availability { variant_id, available, tracked: true, locations, ..Availability::default() }
        });
        Ok(GetAvailabilityResponse { items: items.collect(), ..GetAvailabilityResponse::default() })
    }
    async fn list_locations(&self, _ctx: &Ctx, _request: ListLocationsRequest) -> Result<ListLocationsResponse> {
        Ok(ListLocationsResponse { locations: self.0.locations.lock().unwrap().clone() })
    }
} refuses {
    reserve: ReserveRequest => ReserveResponse;
    commit: CommitRequest => CommitResponse;
    release: ReleaseRequest => ReleaseResponse;
    adjust: AdjustRequest => AdjustResponse;
    set_levels: SetLevelsRequest => SetLevelsResponse;
    set_backorders: SetBackordersRequest => SetBackordersResponse;
    put_locations: PutLocationsRequest => PutLocationsResponse;
    list_movements: ListMovementsRequest => ListMovementsResponse;
    get_reservation: GetReservationRequest => GetReservationResponse;
});

fake!(SearchApi {
    async fn query(&self, _ctx: &Ctx, request: QueryRequest) -> Result<QueryResponse> {
        self.0.queries.lock().unwrap().push(request);
        Ok(self.0.found.lock().unwrap().clone())
    }
    async fn suggest(&self, _ctx: &Ctx, request: SuggestRequest) -> Result<SuggestResponse> {
        let suggestion = Suggestion { text: request.text, kind: "product".to_owned(), handle: "tote".to_owned() };
        Ok(SuggestResponse { suggestions: vec![suggestion] })
    }
} refuses {
    status: StatusRequest => StatusResponse;
    rebuild: RebuildRequest => RebuildResponse;
});

fake!(CartApi {
    async fn create_cart(&self, _ctx: &Ctx, _request: CreateCartRequest) -> Result<CartView> {
        answer(&self.0.cart, "CART_NOT_FOUND")
    }
    async fn get_cart(&self, _ctx: &Ctx, _request: GetCartRequest) -> Result<CartView> {
        answer(&self.0.cart, "CART_NOT_FOUND")
    }
    async fn apply_commands(&self, _ctx: &Ctx, request: ApplyCommandsRequest) -> Result<CartView> {
        self.0.commands.lock().unwrap().extend(request.commands);
        answer(&self.0.cart, "CART_NOT_FOUND")
    }
} refuses {
    merge_carts: MergeCartsRequest => CartView;
    complete_cart: CompleteCartRequest => CompleteCartResponse;
});

fake!(OrdersApi {
    async fn start_checkout(&self, _ctx: &Ctx, _request: StartCheckoutRequest) -> Result<Checkout> {
        answer(&self.0.checkout, "CART_NOT_FOUND")
    }
    async fn get_checkout(&self, _ctx: &Ctx, _request: GetCheckoutRequest) -> Result<Checkout> {
        answer(&self.0.checkout, "CHECKOUT_NOT_FOUND")
    }
    async fn update_checkout(&self, _ctx: &Ctx, request: UpdateCheckoutRequest) -> Result<Checkout> {
        self.0.updated.lock().unwrap().push(request);
        answer(&self.0.checkout, "CHECKOUT_NOT_FOUND")
    }
    async fn complete_checkout(&self, ctx: &Ctx, request: CompleteCheckoutRequest) -> Result<Checkout> {
        let key = ctx.idempotency_key.as_deref().map(str::to_owned);
        self.0.completed.lock().unwrap().push((request, key));
        answer(&self.0.checkout, "CHECKOUT_NOT_FOUND")
    }
    async fn continue_checkout(&self, _ctx: &Ctx, _request: ContinueCheckoutRequest) -> Result<Checkout> {
        answer(&self.0.checkout, "CHECKOUT_NOT_FOUND")
    }
    async fn cancel_checkout(&self, _ctx: &Ctx, _request: CancelCheckoutRequest) -> Result<Checkout> {
        answer(&self.0.checkout, "CHECKOUT_NOT_FOUND")
    }
    async fn get_order(&self, _ctx: &Ctx, request: GetOrderRequest) -> Result<Order> {
        let order = self.0.order.lock().unwrap().clone().filter(|order| order.key == request.key);
        order.ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))
    }
} refuses {
    list_orders: ListOrdersRequest => ListOrdersResponse;
});

fake!(AftersalesApi {
    async fn request_return(&self, _ctx: &Ctx, request: RequestReturnRequest) -> Result<Order> {
        let order = self.0.order.lock().unwrap().clone().filter(|order| order.key == request.key);
        self.0.returned.lock().unwrap().push(request);
        order.ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))
    }
    async fn pay_balance(&self, _ctx: &Ctx, request: PayBalanceRequest) -> Result<PayBalanceResponse> {
        let order = self.0.order.lock().unwrap().clone().filter(|order| order.key == request.key);
        self.0.balances.lock().unwrap().push(request);
        let payment = BalancePayment { state: "paid".to_owned(), ..BalancePayment::default() };
        let mut order = order.ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))?;
        order.balance = Some(payment.clone());
        Ok(PayBalanceResponse { payment: Some(payment), order: Some(order) })
    }
    async fn continue_balance(&self, _ctx: &Ctx, request: ContinueBalanceRequest) -> Result<PayBalanceResponse> {
        let order = self.0.order.lock().unwrap().clone().filter(|order| order.key == request.key);
        Ok(PayBalanceResponse { payment: None, order })
    }
    async fn get_paper(&self, _ctx: &Ctx, request: GetPaperRequest) -> Result<Paper> {
        let is_known = self.0.order.lock().unwrap().as_ref().is_some_and(|order| order.key == request.key);
        if is_known && request.kind == "invoice" {
            let number = "INV-000001".to_owned();
            return Ok(Paper { number, file_name: "INV-000001.pdf".to_owned(), pdf: b"%PDF-1.7".to_vec() });
        }
        Err(Error::not_found("PAPER_NOT_FOUND", "there is no such paper"))
    }
    async fn take_download(&self, _ctx: &Ctx, request: TakeDownloadRequest) -> Result<TakeDownloadResponse> {
        let order = self.0.order.lock().unwrap().clone().filter(|order| order.key == request.key);
        let order = order.ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))?;
        if order.downloads.contains(&request.variant_id) {
            Ok(TakeDownloadResponse { left: Some(9) })
        } else {
            Err(Error::precondition("DOWNLOAD_NOT_READY", "not yet"))
        }
    }
} refuses {
    cancel_order: CancelOrderRequest => Order;
    fulfil_order: FulfilOrderRequest => Order;
    ready_for_pickup: ReadyForPickupRequest => Order;
    refund_order: RefundOrderRequest => Order;
    take_payment: TakePaymentRequest => Order;
    hold_order: HoldOrderRequest => Order;
    release_order: ReleaseOrderRequest => Order;
    annotate_order: AnnotateOrderRequest => Order;
    answer_return: AnswerReturnRequest => Order;
    receive_return: ReceiveReturnRequest => Order;
    inspect_return: InspectReturnRequest => Order;
    settle_return: SettleReturnRequest => Order;
    issue_papers: IssuePapersRequest => Order;
    propose_edit: ProposeEditRequest => Order;
    apply_edit: DecideEditRequest => Order;
    drop_edit: DecideEditRequest => Order;
    replace_units: ReplaceUnitsRequest => Order;
    read_ledger: ReadLedgerRequest => ReadLedgerResponse;
    list_refusals: ListRefusalsRequest => ListRefusalsResponse;
});

fake!(PaymentsApi {
    async fn list_methods(&self, _ctx: &Ctx, request: ListMethodsRequest) -> Result<ListMethodsResponse> {
        self.0.methods_asked.lock().unwrap().push(request);
        let method = |provider: &str, method: &str, title: &str| PaymentMethod {
            provider: provider.to_owned(),
            method: method.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            public_key: String::new(),
            can_be_saved: method == "card",
        };
        let methods = vec![method("test", "card", "Card"), method("manual", "bank_transfer", "Bank transfer")];
        Ok(ListMethodsResponse { methods })
    }
    async fn handle_webhook(&self, _ctx: &Ctx, request: HandleWebhookRequest) -> Result<HandleWebhookResponse> {
        self.0.webhooks.lock().unwrap().push(request);
        Ok(HandleWebhookResponse {})
    }
} refuses {
    prepare: AuthoriseRequest => Intent;
    authorise: AuthoriseRequest => Intent;
    capture: CaptureRequest => Intent;
    void: VoidRequest => Intent;
    refund: RefundRequest => Intent;
    get_intent: GetIntentRequest => Intent;
    refresh_intent: RefreshIntentRequest => Intent;
    issue_gift_card: IssueGiftCardRequest => GiftCard;
    get_gift_card: GetGiftCardRequest => GiftCard;
    check_gift_card: CheckGiftCardRequest => CheckGiftCardResponse;
    list_disputes: ListDisputesRequest => ListDisputesResponse;
    get_dispute: GetDisputeRequest => Dispute;
    attach_evidence: AttachEvidenceRequest => Dispute;
    submit_evidence: SubmitEvidenceRequest => Dispute;
});

fake!(MediaApi {
    async fn list_files(&self, _ctx: &Ctx, request: ListFilesRequest) -> Result<ListFilesResponse> {
        let files = request.variant_ids.into_iter().map(|variant_id| song(&variant_id));
        Ok(ListFilesResponse { files: files.collect() })
    }
    async fn get_file(&self, _ctx: &Ctx, request: GetFileRequest) -> Result<SoldFile> {
        let found = song(&crate::samples::quoted_line().variant_id);
        if found.id == request.file_id { Ok(found) } else { Err(Error::not_found("FILE_NOT_FOUND", "there is none")) }
    }
    async fn read_file_part(&self, _ctx: &Ctx, request: ReadFilePartRequest) -> Result<ReadFilePartResponse> {
        Ok(ReadFilePartResponse { content: request.digest.into_bytes() })
    }
} refuses {
    put_file_part: PutFilePartRequest => PutFilePartResponse;
    put_file: PutFileRequest => SoldFile;
    remove_file: RemoveFileRequest => RemoveFileResponse;
    upload: UploadRequest => MediaItem;
    get_media: GetMediaRequest => MediaItem;
    find_media: FindMediaRequest => FindMediaResponse;
    read_media: ReadMediaRequest => ReadMediaResponse;
});

/// A file of two parts.
fn song(variant_id: &str) -> SoldFile {
    SoldFile {
        id: argosy_kernel::FileId::from_bytes([5; 16]).to_string(),
        variant_id: variant_id.to_owned(),
        name: "Lied für Anna.ogg".to_owned(),
        size_bytes: 8,
        parts: vec!["la-l".to_owned(), "a-la".to_owned()],
    }
}

fake!(WalletsApi {
    async fn open_wallet(&self, _ctx: &Ctx, _request: OpenWalletRequest) -> Result<OpenWalletResponse> {
        Ok(OpenWalletResponse { wallet_id: argosy_kernel::WalletId::new().to_string(), key: "secret".to_owned() })
    }
    async fn get_wallet(&self, _ctx: &Ctx, request: GetWalletRequest) -> Result<Wallet> {
        wallet(&request.wallet_id, &request.key)
    }
    async fn start_setup(&self, ctx: &Ctx, request: StartSetupRequest) -> Result<Setup> {
        wallet(&request.wallet_id, &request.key)?;
        if request.provider == "manual" {
            return Err(Error::new(argosy_kernel::Code::Unimplemented, "NOT_SAVEABLE", "nothing can be saved"));
        }
        let setup = Setup {
            id: argosy_kernel::SetupId::new().to_string(),
            wallet_id: request.wallet_id.clone(),
            provider: request.provider.clone(),
            state: "requires_action".to_owned(),
            action_url: "https://bank.example/3ds".to_owned(),
            client_secret: "secret_of_setup".to_owned(),
            ..Setup::default()
        };
        self.0.setups.lock().unwrap().push((request, ctx.idempotency_key.as_deref().map(str::to_owned)));
        Ok(setup)
    }
    async fn finish_setup(&self, ctx: &Ctx, request: SetupRequest) -> Result<Setup> {
        self.get_setup(ctx, request).await
    }
    async fn get_setup(&self, _ctx: &Ctx, request: SetupRequest) -> Result<Setup> {
        let wallet = wallet(&request.wallet_id, &request.key)?;
        let state = "saved".to_owned();
        let method = wallet.methods.into_iter().next();
        Ok(Setup { id: request.setup_id, wallet_id: request.wallet_id, state, method, ..Setup::default() })
    }
    async fn remove_method(&self, _ctx: &Ctx, request: RemoveMethodRequest) -> Result<Wallet> {
        let mut wallet = wallet(&request.wallet_id, &request.key)?;
        wallet.methods.retain(|method| method.id != request.method_id);
        Ok(wallet)
    }
} refuses {});

/// A wallet with a card in it, whose key is `secret`.
fn wallet(id: &str, key: &str) -> Result<Wallet> {
    if key != "secret" {
        return Err(Error::not_found("WALLET_NOT_FOUND", "there is no such wallet"));
    }
    let method = SavedMethod {
        id: argosy_kernel::SavedMethodId::from_bytes([7; 16]).to_string(),
        provider: "test".to_owned(),
        method: "card".to_owned(),
        brand: "visa".to_owned(),
        last_four: "4242".to_owned(),
        expiry_month: 4,
        expiry_year: 2029,
        created_at_ms: 1_780_315_200_000,
        ..SavedMethod::default()
    };
    Ok(Wallet { id: id.to_owned(), methods: vec![method] })
}
