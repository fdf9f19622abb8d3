//! The contract: check, note what is asked, ask the provider, note what it answered.

use std::collections::HashMap;

use argosy_contracts::payments::{
    AttachEvidenceRequest, AuthoriseRequest, CaptureRequest, CheckGiftCardRequest, CheckGiftCardResponse,
    Dispute as WireDispute, GetDisputeRequest, GetGiftCardRequest, GetIntentRequest,
    GiftCard as WireGiftCard, HandleWebhookRequest, HandleWebhookResponse, Intent as WireIntent,
    IssueGiftCardRequest, ListDisputesRequest, ListDisputesResponse, ListMethodsRequest, ListMethodsResponse,
    PaymentsApi, RefreshIntentRequest, RefundRequest, SubmitEvidenceRequest, VoidRequest,
};
use argosy_kernel::{Ctx, Error, IntentId, Money, Result};
use argosy_platform::crash;
use async_trait::async_trait;

use crate::{
    disputes::Disputes,
    domain::{Intent, Movement, Remembers, State, WalletUse, check_token},
    error, gift_cards,
    offering::Buyer,
    payer::Payer,
    providers::{GIFT_CARD, Means, Message},
    store::{GiftCards, NewIntent, OpenStep},
    wallets::Wallets,
};

/// The contract's side of the service.
pub(crate) struct PaymentsService {
    payer: Payer,
    gift_cards: GiftCards,
    disputes: Disputes,
    wallets: Wallets,
}

impl PaymentsService {
    pub(crate) fn new(payer: Payer, gift_cards: GiftCards, wallets: Wallets) -> Self {
        Self { disputes: Disputes::new(payer.clone()), payer, gift_cards, wallets }
    }

    /// What a provider has said of a payment is written down; what is to be saved of it is saved.
    async fn after(&self, intent: Intent) -> Intent {
        self.wallets.paid(&intent).await;
        intent
    }

    async fn intent(&self, id: &str) -> Result<Intent> {
        self.payer.intent(id.parse()?).await
    }

    /// Opens the intent that a request to pay is about, or finds it.
    async fn open(&self, request: &AuthoriseRequest) -> Result<Opened> {
        let id: IntentId = request.intent_id.parse()?;
        let amount = request.amount.clone().ok_or_else(|| Error::invalid_field("/amount", "is missing"))?;
        let amount = Money::try_from(amount)?;
        if amount.minor <= 0 {
            return Err(Error::invalid_field("/amount", "must be above 0"));
        }
        check_token(&request.token)?;
        if !request.wallet_id.is_empty()
            && let Some(known) = self.payer.store().get(id).await?
            && !known.state.is_asking()
        {
            // Whatever became of the wallet since.
            check_same(&known, amount, request)?;
            return Ok(Opened::known(known));
        }
        let paying = self.wallets.paying(request).await?;
        let method = self.payer.provider(&request.provider)?.method_of(&paying.token)?;
        let buyer = Buyer { currency: Some(amount.currency), country: &request.country, ..Buyer::default() };
        if let Err(refused) = self.payer.offering().check(&request.provider, &buyer)
            && self.payer.store().get(id).await?.is_none()
        {
            return Err(refused);
        }
        let new = NewIntent {
            id,
            provider: &request.provider,
            method: &method,
            reference: &request.reference,
            amount,
            wallet: paying.wallet,
        };
        let intent = self.payer.store().open(new, State::Processing).await?;
        check_same(&intent, amount, request)?;
        let customer = match self.wallets.customer_of(&intent).await {
            // Money can only be held once this is answered.
            Err(error) if error.is_transient() && intent.state.is_asking() => {
                return self.payer.store().never_asked(intent).await.map(Opened::known);
            }
            customer => customer?,
        };
        Ok(Opened { intent, token: paying.token, customer })
    }

    /// Takes or gives back; `amount` unset: all that there is.
    async fn step(
        &self,
        intent: Intent,
        movement: Movement,
        amount: Money,
        reference: String,
    ) -> Result<WireIntent> {
        if amount.minor <= 0 || amount.currency != intent.amount.currency {
            let message = format!("must be above 0 and in {}", intent.amount.currency);
            return Err(Error::invalid_field("/amount", message));
        }
        if reference.is_empty() || reference.len() > 200 {
            return Err(Error::invalid_field("/reference", "must have 1 to 200 characters"));
        }
        let step = OpenStep { intent_id: intent.id, movement, reference, amount };
        self.payer.take_or_give(intent, &step).await.map(to_wire)
    }
}

/// The intent of a request to pay, and what it is paid with.
struct Opened {
    intent: Intent,
    /// The provider's.
    token: String,
    customer: String,
}

impl Opened {
    /// One that nobody is asked about any more.
    const fn known(intent: Intent) -> Self {
        Self { intent, token: String::new(), customer: String::new() }
    }

    fn means<'a>(&'a self, request: &'a AuthoriseRequest) -> Means<'a> {
        Means {
            token: &self.token,
            return_url: &request.return_url,
            customer: &self.customer,
            remembers: self.intent.wallet.remembers != Remembers::No,
        }
    }
}

#[async_trait]
impl PaymentsApi for PaymentsService {
    async fn list_methods(&self, _ctx: &Ctx, request: ListMethodsRequest) -> Result<ListMethodsResponse> {
        let amount = request.amount.map(Money::try_from).transpose()?;
        let buyer = Buyer {
            currency: amount.map(|amount| amount.currency),
            country: &request.country,
            unanswered: &request.unanswered,
            provider: &request.provider,
        };
        let mut methods = self.payer.methods(&buyer);
        for method in &mut methods {
            let provider = self.payer.provider(&method.provider)?;
            method.can_be_saved = self.wallets.is_on() && provider.saving().is_some();
        }
        Ok(ListMethodsResponse { methods })
    }

    async fn authorise(&self, _ctx: &Ctx, request: AuthoriseRequest) -> Result<WireIntent> {
        let opened = self.open(&request).await?;
        if !opened.intent.state.is_asking() {
            return Ok(to_wire(opened.intent));
        }
        let intent = self.payer.authorise(opened.intent.clone(), opened.means(&request)).await?;
        Ok(to_wire(self.after(intent).await))
    }

    async fn prepare(&self, _ctx: &Ctx, request: AuthoriseRequest) -> Result<WireIntent> {
        let opened = self.open(&request).await?;
        let intent = self.payer.prepare(opened.intent.clone(), &opened.means(&request)).await?;
        Ok(to_wire(intent))
    }

    async fn capture(&self, _ctx: &Ctx, request: CaptureRequest) -> Result<WireIntent> {
        let intent = self.intent(&request.intent_id).await?;
        if !intent.state.may_capture() {
            return Err(error::intent_state(intent.id, intent.state, "captured"));
        }
        let amount = request.amount.map_or(Ok(intent.amount), Money::try_from)?;
        self.step(intent, Movement::Capture, amount, request.reference).await
    }

    async fn void(&self, ctx: &Ctx, request: VoidRequest) -> Result<WireIntent> {
        let id: IntentId = request.intent_id.parse()?;
        let Some(intent) = self.payer.store().get(id).await? else {
            let amount = Money::zero(argosy_kernel::Currency::EUR);
            let wallet = WalletUse::default();
            let barred = NewIntent { id, provider: "manual", method: "none", reference: "", amount, wallet };
            let opened = self.payer.store().open(barred, State::Voided).await?;
            // Somebody may have opened it meanwhile.
            return if opened.state == State::Voided {
                Ok(to_wire(opened))
            } else {
                self.void(ctx, request).await
            };
        };
        match intent.state {
            State::Voided | State::Failed => Ok(to_wire(intent)),
            state if state.may_void() && request.even_if_away => {
                self.payer.void_even_if_away(intent).await.map(to_wire)
            }
            state if state.may_void() => self.payer.void(intent).await.map(to_wire),
            state => Err(error::intent_state(id, state, "voided")),
        }
    }

    async fn refund(&self, _ctx: &Ctx, request: RefundRequest) -> Result<WireIntent> {
        let intent = self.intent(&request.intent_id).await?;
        if !intent.state.may_refund() {
            return Err(error::intent_state(intent.id, intent.state, "refunded"));
        }
        let amount = request.amount.map_or(Ok(intent.moved.captured), Money::try_from)?;
        self.step(intent, Movement::Refund, amount, request.reference).await
    }

    async fn get_intent(&self, _ctx: &Ctx, request: GetIntentRequest) -> Result<WireIntent> {
        self.intent(&request.intent_id).await.map(to_wire)
    }

    async fn refresh_intent(&self, _ctx: &Ctx, request: RefreshIntentRequest) -> Result<WireIntent> {
        let intent = self.intent(&request.intent_id).await?;
        if intent.state.is_open() || intent.has_steps_under_way() {
            let intent = self.payer.refresh(intent).await?;
            return Ok(to_wire(self.after(intent).await));
        }
        Ok(to_wire(intent))
    }

    async fn issue_gift_card(&self, ctx: &Ctx, request: IssueGiftCardRequest) -> Result<WireGiftCard> {
        gift_cards::issue(&self.gift_cards, ctx, request).await
    }

    async fn get_gift_card(&self, ctx: &Ctx, request: GetGiftCardRequest) -> Result<WireGiftCard> {
        gift_cards::get(&self.gift_cards, ctx, request).await
    }

    async fn check_gift_card(
        &self,
        _ctx: &Ctx,
        request: CheckGiftCardRequest,
    ) -> Result<CheckGiftCardResponse> {
        self.payer.provider(GIFT_CARD)?;
        gift_cards::check(&self.gift_cards, request).await
    }

    async fn list_disputes(&self, ctx: &Ctx, request: ListDisputesRequest) -> Result<ListDisputesResponse> {
        self.disputes.list(ctx, request).await
    }

    async fn get_dispute(&self, ctx: &Ctx, request: GetDisputeRequest) -> Result<WireDispute> {
        self.disputes.get(ctx, request).await
    }

    async fn attach_evidence(&self, ctx: &Ctx, request: AttachEvidenceRequest) -> Result<WireDispute> {
        self.disputes.attach(ctx, request).await
    }

    async fn submit_evidence(&self, ctx: &Ctx, request: SubmitEvidenceRequest) -> Result<WireDispute> {
        self.disputes.submit(ctx, request).await
    }

    async fn handle_webhook(
        &self,
        _ctx: &Ctx,
        request: HandleWebhookRequest,
    ) -> Result<HandleWebhookResponse> {
        let provider = self.payer.provider(&request.provider)?;
        let headers: HashMap<String, String> =
            request.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let message = provider.read_message(&headers, &request.body).await?;
        crash::point("payments.before_message");
        match message {
            Message::Ignored => {}
            Message::Says { intent_id, report } => {
                if let Some(intent) = self.payer.addressed(intent_id, &request.provider, &report).await? {
                    let intent = self.payer.heard(intent, &report).await?;
                    self.after(intent).await;
                }
            }
            Message::AskAbout { provider_reference } => {
                let found = self.payer.store().called(&request.provider, &provider_reference).await?;
                if let Some(intent) = found {
                    let intent = self.payer.refresh(intent).await?;
                    self.after(intent).await;
                }
            }
            Message::SetUp { setup_reference } => {
                self.wallets.heard_of_setup(&request.provider, &setup_reference).await?;
            }
            Message::Disputed { dispute_reference } => {
                self.disputes.heard_of(&request.provider, &dispute_reference).await?;
            }
        }
        Ok(HandleWebhookResponse {})
    }
}

/// Refuses an id that was used for another payment.
fn check_same(intent: &Intent, amount: Money, request: &AuthoriseRequest) -> Result<()> {
    let is_same = intent.amount == amount
        && intent.provider == request.provider
        && intent.reference == request.reference;
    if is_same { Ok(()) } else { Err(error::intent_mismatch(intent.id)) }
}

fn to_wire(intent: Intent) -> WireIntent {
    WireIntent {
        id: intent.id.to_string(),
        provider: intent.provider,
        method: intent.method,
        reference: intent.reference,
        state: intent.state.as_str().to_owned(),
        amount: Some(intent.amount.into()),
        captured: Some(intent.moved.captured.into()),
        refunded: Some(intent.moved.refunded.into()),
        action_url: intent.action_url,
        failure_reason: intent.failure_reason,
        failure_text: intent.failure_text,
        instructions: intent.instructions,
        authorised: Some(intent.moved.authorised.into()),
        voided: Some(intent.moved.voided.into()),
        client_secret: intent.client_secret,
        card_fingerprint: intent.card.map(|card| card.expose().to_owned()).unwrap_or_default(),
    }
}
