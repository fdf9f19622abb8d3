//! The contract of what becomes of an order: check, decide under the order's lock, note what others are needed for, do it.

pub(crate) mod check;
mod downloads;
pub(crate) mod edits;
mod goods;
mod handling;
pub(crate) mod money;
mod replacements;
mod returns;

use std::sync::Arc;

use argosy_contracts::{
    Message,
    orders::{
        AftersalesApi, AnnotateOrderRequest, AnswerReturnRequest, CancelOrderRequest, ContinueBalanceRequest,
        DecideEditRequest, FulfilOrderRequest, GetPaperRequest, HoldOrderRequest, InspectReturnRequest,
        IssuePapersRequest, ListRefusalsRequest, ListRefusalsResponse, Order as WireOrder,
        Paper as WirePaper, PayBalanceRequest, PayBalanceResponse, ProposeEditRequest, ReadLedgerRequest,
        ReadLedgerResponse, ReadyForPickupRequest, ReceiveReturnRequest, RefundOrderRequest,
        ReleaseOrderRequest, ReplaceUnitsRequest, RequestReturnRequest, SettleReturnRequest,
        TakeDownloadRequest, TakeDownloadResponse, TakePaymentRequest,
    },
};
use argosy_kernel::{Actor, Ctx, Error, OrderId, Result};
use async_trait::async_trait;

use crate::{
    OrdersClients, OrdersConfig,
    balances::Balances,
    domain::Balance,
    error, messages, papers,
    steps::Steps,
    store::{Operation, Store, StoredOrder, Work},
};

/// Refusals that are told at once.
const REFUSALS_MAX: u32 = 100;

pub(crate) struct Aftersales {
    store: Store,
    steps: Arc<Steps>,
    balances: Arc<Balances>,
    clients: OrdersClients,
    config: OrdersConfig,
}

/// Whether somebody answers for the store.
pub(crate) fn is_staff(ctx: &Ctx) -> bool {
    matches!(ctx.actor, Actor::Staff(_) | Actor::System(_))
}

impl Aftersales {
    pub(crate) fn new(
        store: Store,
        steps: Arc<Steps>,
        balances: Arc<Balances>,
        clients: OrdersClients,
        config: OrdersConfig,
    ) -> Self {
        Self { store, steps, balances, clients, config }
    }

    /// Makes a change that staff ask for, once under its reference.
    async fn change<R: Message>(
        &self,
        ctx: &Ctx,
        (order, reference): (&str, &str),
        kind: &'static str,
        request: &R,
        decide: impl AsyncFnOnce(&mut Work) -> Result<()>,
    ) -> Result<WireOrder> {
        if !is_staff(ctx) {
            return Err(error::staff_only("change orders"));
        }
        check::reference(reference)?;
        self.change_anyhow(ctx, (order, &staffs(reference)), kind, request, decide).await
    }

    /// The same for whoever may.
    async fn change_anyhow<R: Message>(
        &self,
        ctx: &Ctx,
        (order, reference): (&str, &str),
        kind: &'static str,
        request: &R,
        decide: impl AsyncFnOnce(&mut Work) -> Result<()>,
    ) -> Result<WireOrder> {
        let id: OrderId = order.parse()?;
        let operation = Operation { order_id: id, reference, kind, digest: digest(request) };
        if let Some(mut work) = self.store.begin(&operation).await? {
            decide(&mut work).await?;
            let steps = work.finish().await?;
            self.steps.all(ctx, steps).await?;
        }
        let found = self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?;
        messages::order(found, is_staff(ctx))
    }
}

impl Aftersales {
    /// An order, for who has its key, or staff.
    async fn opened(&self, ctx: &Ctx, order: &str, key: &str) -> Result<StoredOrder> {
        let id: OrderId = order.parse()?;
        let found = self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?;
        if is_staff(ctx) || found.order.is_opened_by(key) {
            Ok(found)
        } else {
            Err(error::order_not_found(id))
        }
    }

    /// An order that others are asked about before staff change it; `None` if that was done under this reference: what they would
    /// say now is no matter.
    async fn to_change(&self, order: &str, reference: &str) -> Result<Option<StoredOrder>> {
        let id: OrderId = order.parse()?;
        if self.store.was_made(id, &staffs(reference)).await? {
            return Ok(None);
        }
        self.store.order(id).await?.ok_or_else(|| error::order_not_found(id)).map(Some)
    }

    /// How a payment of what is due stands, with its order as it is now.
    async fn paid_balance(
        &self,
        ctx: &Ctx,
        order: OrderId,
        balance: Option<Balance>,
    ) -> Result<PayBalanceResponse> {
        let found = self.store.order(order).await?.ok_or_else(|| error::order_not_found(order))?;
        let payment = balance.map(|balance| messages::balance(&found.order, &balance)).transpose()?;
        Ok(PayBalanceResponse { payment, order: Some(messages::order(found, is_staff(ctx))?) })
    }

    /// Issues what is not on paper yet.
    async fn issue(&self, id: OrderId) -> Result<()> {
        let mut work = self.store.work(id).await?;
        if papers::issue(&mut work, &self.config.papers).await? {
            work.finish().await.map(|_| ())
        } else {
            work.leave().await
        }
    }

    /// Issues the invoice that a buyer asks for, once the order is paid or on its way.
    async fn issue_when_due(&self, id: OrderId) -> Result<()> {
        let mut work = self.store.work(id).await?;
        work.open().await?;
        // Somebody may have asked at the same time.
        if !work.papers().await?.is_empty() {
            return work.leave().await;
        }
        if !papers::may_be_invoiced(&work) {
            return Err(error::nothing_to_invoice());
        }
        papers::issue(&mut work, &self.config.papers).await?;
        work.finish().await.map(|_| ())
    }
}

/// References of staff and of buyers are each their own.
fn staffs(reference: &str) -> String {
    format!("staff:{reference}")
}

/// Names a request.
pub(crate) fn digest(request: &impl Message) -> String {
    blake3::hash(&request.encode_to_vec()).to_hex().to_string()
}

#[async_trait]
impl AftersalesApi for Aftersales {
    async fn cancel_order(&self, ctx: &Ctx, request: CancelOrderRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        self.change(ctx, named, "cancel", &request, async |work| goods::cancel(work, &request).await).await
    }

    async fn fulfil_order(&self, ctx: &Ctx, request: FulfilOrderRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        self.change(ctx, named, "fulfil", &request, async |work| goods::fulfil(work, &request).await).await
    }

    async fn ready_for_pickup(&self, ctx: &Ctx, request: ReadyForPickupRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| goods::ready_for_pickup(work, &request).await;
        self.change(ctx, named, "ready_for_pickup", &request, decide).await
    }

    async fn refund_order(&self, ctx: &Ctx, request: RefundOrderRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        self.change(ctx, named, "refund", &request, async |work| money::refund(work, &request).await).await
    }

    async fn take_payment(&self, ctx: &Ctx, request: TakePaymentRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        self.change(ctx, named, "take_payment", &request, money::take_payment).await
    }

    async fn pay_balance(&self, ctx: &Ctx, request: PayBalanceRequest) -> Result<PayBalanceResponse> {
        let id = self.opened(ctx, &request.order_id, &request.key).await?.order.id;
        check::reference(&request.reference)?;
        for (pointer, text) in [("/payment/provider", &request.provider), ("/payment/token", &request.token)]
        {
            if text.is_empty() {
                return Err(Error::invalid_field(pointer, "is missing"));
            }
        }
        let balance = Box::pin(self.balances.pay(ctx, id, &request)).await?;
        self.paid_balance(ctx, id, Some(balance)).await
    }

    async fn continue_balance(
        &self,
        ctx: &Ctx,
        request: ContinueBalanceRequest,
    ) -> Result<PayBalanceResponse> {
        let id = self.opened(ctx, &request.order_id, &request.key).await?.order.id;
        let balance = self.balances.go_on(ctx, id).await?;
        self.paid_balance(ctx, id, balance).await
    }

    async fn hold_order(&self, ctx: &Ctx, request: HoldOrderRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        self.change(ctx, named, "hold", &request, async |work| handling::hold(work, &request).await).await
    }

    async fn release_order(&self, ctx: &Ctx, request: ReleaseOrderRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        self.change(ctx, named, "release", &request, async |work| handling::release(work, &request).await)
            .await
    }

    async fn annotate_order(&self, ctx: &Ctx, request: AnnotateOrderRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| handling::annotate(work, &request).await;
        self.change(ctx, named, "annotate", &request, decide).await
    }

    async fn request_return(&self, ctx: &Ctx, request: RequestReturnRequest) -> Result<WireOrder> {
        let id: OrderId = request.order_id.parse()?;
        let (who, window) = if is_staff(ctx) {
            ("staff", None)
        } else {
            // As for reading the order: a wrong key says no more than that there is nothing under it.
            let found = self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?;
            if !found.order.is_opened_by(&request.key) {
                return Err(error::order_not_found(id));
            }
            ("buyer", Some(self.config.return_window_days))
        };
        check::reference(&request.reference)?;
        let reference = format!("{who}:{}", request.reference);
        let named = (request.order_id.as_str(), reference.as_str());
        let decide = async |work: &mut Work| returns::request(work, &request, window).await;
        self.change_anyhow(ctx, named, "request_return", &request, decide).await
    }

    async fn answer_return(&self, ctx: &Ctx, request: AnswerReturnRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| returns::answer(work, &request).await;
        self.change(ctx, named, "answer_return", &request, decide).await
    }

    async fn receive_return(&self, ctx: &Ctx, request: ReceiveReturnRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| returns::receive(work, &request).await;
        self.change(ctx, named, "receive_return", &request, decide).await
    }

    async fn inspect_return(&self, ctx: &Ctx, request: InspectReturnRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| returns::inspect(work, &request).await;
        self.change(ctx, named, "inspect_return", &request, decide).await
    }

    async fn settle_return(&self, ctx: &Ctx, request: SettleReturnRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| returns::settle(work, &request).await;
        self.change(ctx, named, "settle_return", &request, decide).await
    }

    async fn propose_edit(&self, ctx: &Ctx, request: ProposeEditRequest) -> Result<WireOrder> {
        if !is_staff(ctx) {
            return Err(error::staff_only("change orders"));
        }
        let added = match self.to_change(&request.order_id, &request.reference).await? {
            Some(found) => edits::quote(&self.clients, ctx, &found, &request).await?,
            None => edits::Priced::default(),
        };
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| edits::propose(work, &request, added).await;
        self.change(ctx, named, "propose_edit", &request, decide).await
    }

    async fn apply_edit(&self, ctx: &Ctx, request: DecideEditRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        self.change(ctx, named, "apply_edit", &request, async |work| edits::apply(work, &request).await).await
    }

    async fn drop_edit(&self, ctx: &Ctx, request: DecideEditRequest) -> Result<WireOrder> {
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| edits::drop_edit(work, &request).await;
        self.change(ctx, named, "drop_edit", &request, decide).await
    }

    async fn replace_units(&self, ctx: &Ctx, request: ReplaceUnitsRequest) -> Result<WireOrder> {
        if !is_staff(ctx) {
            return Err(error::staff_only("change orders"));
        }
        if let Some(found) = self.to_change(&request.order_id, &request.reference).await? {
            replacements::check_stock(&self.clients, ctx, &found, &request).await?;
        }
        let named = (request.order_id.as_str(), request.reference.as_str());
        let decide = async |work: &mut Work| replacements::replace(work, &request).await;
        self.change(ctx, named, "replace_units", &request, decide).await
    }

    async fn issue_papers(&self, ctx: &Ctx, request: IssuePapersRequest) -> Result<WireOrder> {
        if !is_staff(ctx) {
            return Err(error::staff_only("issue invoices"));
        }
        let id: OrderId = request.order_id.parse()?;
        self.issue(id).await?;
        let found = self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?;
        messages::order(found, true)
    }

    async fn get_paper(&self, ctx: &Ctx, request: GetPaperRequest) -> Result<WirePaper> {
        let id: OrderId = request.order_id.parse()?;
        let found = self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?;
        if !is_staff(ctx) && !found.order.is_opened_by(&request.key) {
            return Err(error::order_not_found(id));
        }
        if request.kind == "packing_slip" && is_staff(ctx) {
            return papers::packing_slip(&found, &self.config.papers);
        }
        let kind = check::word("/kind", &request.kind, &["invoice", "credit_note"])?;
        let has_any = found.after.is_some_and(|after| !after.papers.is_empty());
        if !has_any && kind == "invoice" && request.number.is_empty() {
            self.issue_when_due(id).await?;
        }
        papers::issued(&self.store.papers(id).await?, kind, &request.number)
    }

    async fn list_refusals(&self, ctx: &Ctx, request: ListRefusalsRequest) -> Result<ListRefusalsResponse> {
        if !is_staff(ctx) {
            return Err(error::staff_only("see what was refused"));
        }
        let limit = match request.limit {
            0 => REFUSALS_MAX,
            limit if limit <= REFUSALS_MAX => limit,
            _ => return Err(Error::invalid_field("/limit", format!("must be at most {REFUSALS_MAX}"))),
        };
        let refusals = self.store.refusals(limit.into()).await?;
        Ok(ListRefusalsResponse { refusals: refusals.into_iter().map(messages::refusal).collect() })
    }

    async fn take_download(&self, ctx: &Ctx, request: TakeDownloadRequest) -> Result<TakeDownloadResponse> {
        let id: OrderId = request.order_id.parse()?;
        let found = self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?;
        if !is_staff(ctx) && !found.order.is_opened_by(&request.key) {
            return Err(error::order_not_found(id));
        }
        downloads::take(&self.store, &found, &request, self.config.downloads_max).await
    }

    async fn read_ledger(&self, ctx: &Ctx, request: ReadLedgerRequest) -> Result<ReadLedgerResponse> {
        if !is_staff(ctx) {
            return Err(error::staff_only("read ledgers"));
        }
        Ok(ReadLedgerResponse { postings: self.store.postings(request.order_id.parse()?).await? })
    }
}
