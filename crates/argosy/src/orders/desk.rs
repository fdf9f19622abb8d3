//! An order on the desk: flags of a command become a request.

use argosy_contracts::{
    common::Money as WireMoney,
    orders::{
        AftersalesClient, AnswerReturnRequest, CancelOrderRequest, FulfilOrderRequest, InspectReturnRequest,
        InspectedLine, LineQuantity, Order, OrderLine, ProposeEditRequest, ReceiveReturnRequest,
        RefundOrderRequest, ReplaceUnitsRequest, RequestReturnRequest, ReturnLine, SettleReturnRequest,
    },
};
use argosy_kernel::{Ctx, Currency, Error, Money, Result};

use super::change::Change;

/// An order that is about to be changed.
pub(super) struct Desk {
    pub(super) aftersales: AftersalesClient,
    pub(super) ctx: Ctx,
    pub(super) order: Order,
    pub(super) order_id: String,
    pub(super) reference: String,
}

impl Desk {
    /// A line by its place in `show`, or by its id.
    pub(super) fn line(&self, named: &str) -> Option<&OrderLine> {
        match named.parse::<usize>().ok().and_then(|place| place.checked_sub(1)) {
            Some(place) => self.order.lines.get(place),
            None => self.order.lines.iter().find(|known| line_id(known) == named),
        }
    }

    /// An amount in the order's currency, e.g. `12.50`. `at`: what it was given as.
    pub(super) fn price(&self, text: &str, at: &str) -> Result<WireMoney> {
        let currency: Currency = self.order.currency.parse()?;
        let price = Money::parse_decimal(text, currency);
        price.map(WireMoney::from).map_err(|error| Error::invalid("INVALID_PRICE", format!("{at}: {error}")))
    }

    /// `2=3`: three units of the second line. A line's id does as well.
    pub(super) fn units(&self, given: &[String]) -> Result<Vec<LineQuantity>> {
        let one = |text: &String| {
            let refuse = |why: &str| Error::invalid("INVALID_LINE", format!("--line {text}: {why}"));
            let (line, quantity) =
                text.split_once('=').ok_or_else(|| refuse("write LINE=UNITS, e.g. 1=2"))?;
            let quantity: i64 = quantity.parse().map_err(|_| refuse("the units are a whole number"))?;
            let named = self.line(line).ok_or_else(|| refuse("the order has no such line"))?;
            Ok(LineQuantity { line_id: line_id(named).to_owned(), quantity })
        };
        given.iter().map(one).collect()
    }

    pub(super) async fn propose(self, change: &Change) -> Result<Order> {
        let request = ProposeEditRequest {
            order_id: self.order_id.clone(),
            reference: self.reference.clone(),
            ..change.request(&self)?
        };
        self.aftersales.propose_edit(&self.ctx, request).await
    }

    pub(super) async fn replace(self, lines: &[String], reason: String) -> Result<Order> {
        let lines = self.units(lines)?;
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        aftersales.replace_units(&ctx, ReplaceUnitsRequest { order_id, reference, lines, reason }).await
    }

    fn return_id(&self, id: Option<String>) -> Result<String> {
        let latest = || self.order.returns.last().map(|latest| latest.id.clone());
        id.or_else(latest).ok_or_else(|| Error::not_found("RETURN_NOT_FOUND", "the order has no return"))
    }

    pub(super) async fn cancel(
        self,
        lines: &[String],
        reason: String,
        without_restock: bool,
    ) -> Result<Order> {
        let lines = self.units(lines)?;
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let location_id = String::new();
        let request = CancelOrderRequest { order_id, reference, lines, reason, without_restock, location_id };
        aftersales.cancel_order(&ctx, request).await
    }

    pub(super) async fn fulfil(
        self,
        lines: &[String],
        [carrier, number, url, from]: [String; 4],
    ) -> Result<Order> {
        let request = FulfilOrderRequest {
            lines: self.units(lines)?,
            order_id: self.order_id,
            reference: self.reference,
            carrier,
            tracking_number: number,
            tracking_url: url,
            location_id: from,
        };
        self.aftersales.fulfil_order(&self.ctx, request).await
    }

    pub(super) async fn refund(
        self,
        amount: Option<&str>,
        lines: &[String],
        (shipping, fees): (bool, bool),
        (reason, payment_id): (String, String),
    ) -> Result<Order> {
        let amount = amount.map(|text| self.price(text, "--amount")).transpose()?;
        let lines = self.units(lines)?;
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request =
            RefundOrderRequest { order_id, reference, amount, lines, shipping, reason, fees, payment_id };
        aftersales.refund_order(&ctx, request).await
    }

    pub(super) async fn request_return(
        self,
        lines: &[String],
        reason: &str,
        resolution: String,
    ) -> Result<Order> {
        let line = |units: LineQuantity| ReturnLine {
            line_id: units.line_id,
            quantity: units.quantity,
            reason: reason.to_owned(),
            ..ReturnLine::default()
        };
        let request = RequestReturnRequest {
            lines: self.units(lines)?.into_iter().map(line).collect(),
            order_id: self.order_id,
            reference: self.reference,
            resolution,
            ..RequestReturnRequest::default()
        };
        self.aftersales.request_return(&self.ctx, request).await
    }

    pub(super) async fn answer(self, id: Option<String>, answer: &str, text: String) -> Result<Order> {
        let (return_id, answer) = (self.return_id(id)?, answer.to_owned());
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request = AnswerReturnRequest { order_id, reference, return_id, answer, text };
        aftersales.answer_return(&ctx, request).await
    }

    pub(super) async fn receive(self, id: Option<String>, lines: &[String]) -> Result<Order> {
        let (return_id, lines) = (self.return_id(id)?, self.units(lines)?);
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request = ReceiveReturnRequest { order_id, reference, return_id, lines };
        aftersales.receive_return(&ctx, request).await
    }

    pub(super) async fn inspect(self, id: Option<String>, written_off: &[String]) -> Result<Order> {
        let return_id = self.return_id(id)?;
        let lost = self.units(written_off)?;
        let came = self.order.returns.iter().find(|known| known.id == return_id);
        let came = came.map(|known| known.lines.clone()).unwrap_or_default();
        let line = |line: ReturnLine| {
            let written_off = lost.iter().find(|lost| lost.line_id == line.line_id).map_or(0, |l| l.quantity);
            InspectedLine { line_id: line.line_id, restocked: line.received - written_off, written_off }
        };
        let lines = if lost.is_empty() {
            Vec::new()
        } else {
            came.into_iter().filter(|line| line.received > 0).map(line).collect()
        };
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let location_id = String::new();
        let request = InspectReturnRequest { order_id, reference, return_id, lines, location_id };
        aftersales.inspect_return(&ctx, request).await
    }

    pub(super) async fn settle(
        self,
        id: Option<String>,
        resolution: String,
        (shipping, fees): (bool, bool),
    ) -> Result<Order> {
        let return_id = self.return_id(id)?;
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request = SettleReturnRequest { order_id, reference, return_id, resolution, shipping, fees };
        aftersales.settle_return(&ctx, request).await
    }
}

fn line_id(line: &OrderLine) -> &str {
    line.line.as_ref().map_or("", |line| &line.line_id)
}
