//! `argosy orders`: what staff do with orders of a store that runs, until there are pages for it.

mod told;

use argosy_contracts::{
    common::Money as WireMoney,
    orders::{
        AftersalesClient, AnnotateOrderRequest, AnswerReturnRequest, CancelOrderRequest, FulfilOrderRequest,
        GetPaperRequest, HoldOrderRequest, InspectReturnRequest, InspectedLine, IssuePapersRequest,
        LineQuantity, Order, OrdersClient, ReadLedgerRequest, ReceiveReturnRequest, RefundOrderRequest,
        ReleaseOrderRequest, RequestReturnRequest, ReturnLine, SettleReturnRequest, TakePaymentRequest,
    },
};
use argosy_kernel::{Ctx, Currency, Error, Money, RequestId, Result};
use argosy_platform::telemetry;
use clap::{Args, Subcommand};
use std::path::PathBuf;

use crate::{cli::print, explain::find, place, settings::Settings};

/// An order, and the change's name.
#[derive(Args)]
pub(crate) struct Which {
    /// The order's number, as its buyer knows it, or its id
    order: String,
    /// Names this change: asked for again under the same name it changes nothing [default: a new name]
    #[arg(long, value_name = "NAME")]
    reference: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Orders {
    /// Show an order: lines, money, parcels, returns and what happened
    Show {
        /// The order's number or its id
        order: String,
        /// Show the entries of its ledger too
        #[arg(long)]
        ledger: bool,
    },
    /// Take units out of an order that are not sent; money and stock go back
    Cancel {
        #[command(flatten)]
        which: Which,
        /// Units of a line, by the line's place in `show`: `--line 1=2` [default: all that is not sent]
        #[arg(long = "line", value_name = "LINE=UNITS")]
        lines: Vec<String>,
        /// What the buyer is told
        #[arg(long, default_value = "")]
        reason: String,
        /// The goods are not there any more: nothing goes back into stock
        #[arg(long)]
        without_restock: bool,
    },
    /// Note that a parcel has left
    Fulfil {
        #[command(flatten)]
        which: Which,
        /// Units of a line [default: all that is not sent]
        #[arg(long = "line", value_name = "LINE=UNITS")]
        lines: Vec<String>,
        #[arg(long, default_value = "")]
        carrier: String,
        /// The carrier's number of the parcel
        #[arg(long, default_value = "")]
        tracking: String,
        /// Where the buyer can follow it
        #[arg(long, default_value = "", value_name = "URL")]
        tracking_url: String,
    },
    /// Give money back: what is owed, an amount, or units and delivery that the buyer is let off
    Refund {
        #[command(flatten)]
        which: Which,
        /// In the order's currency, e.g. 12.50
        #[arg(long, conflicts_with_all = ["lines", "shipping"])]
        amount: Option<String>,
        /// Units that the buyer keeps
        #[arg(long = "line", value_name = "LINE=UNITS")]
        lines: Vec<String>,
        /// Delivery too
        #[arg(long)]
        shipping: bool,
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Note that a payment by hand has arrived
    Paid(Which),
    /// See that nothing of an order is sent for now
    Hold {
        #[command(flatten)]
        which: Which,
        #[arg(long)]
        reason: String,
    },
    /// Let an order be sent again
    Release(Which),
    /// Note something that only staff see
    Note {
        #[command(flatten)]
        which: Which,
        /// The note
        #[arg(default_value = "")]
        text: String,
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
        #[arg(long = "remove-tag", value_name = "TAG")]
        remove_tags: Vec<String>,
    },
    /// Issue the invoice, or a credit note over what was taken out since, if anything is not on paper yet
    Invoice {
        /// The order's number or its id
        order: String,
    },
    /// Write a paper as PDF
    Paper {
        /// The order's number or its id
        order: String,
        /// invoice, credit_note or packing_slip
        #[arg(long, default_value = "invoice")]
        kind: String,
        /// Its number [default: the first of its kind]
        #[arg(long, default_value = "")]
        number: String,
        /// Where to write it [default: its own name, in this folder]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Goods that come back
    #[command(subcommand)]
    Return(Returns),
}

#[derive(Subcommand)]
pub(crate) enum Returns {
    /// Ask for a return in the buyer's place
    Request {
        #[command(flatten)]
        which: Which,
        #[arg(long = "line", value_name = "LINE=UNITS", required = true)]
        lines: Vec<String>,
        /// changed_mind, damaged, wrong_item, not_as_described, late or other
        #[arg(long, default_value = "other")]
        reason: String,
        /// refund, exchange or store_credit
        #[arg(long, default_value = "refund")]
        resolution: String,
    },
    /// Let the buyer send the goods back
    Approve(OneReturn),
    /// Do not take them back
    Decline(OneReturn),
    /// The buyer keeps them after all
    Cancel(OneReturn),
    /// Note what has arrived
    Receive {
        #[command(flatten)]
        one: OneReturn,
        /// What came [default: all of it]
        #[arg(long = "line", value_name = "LINE=UNITS")]
        lines: Vec<String>,
    },
    /// Put what came back into stock, or write it off
    Inspect {
        #[command(flatten)]
        one: OneReturn,
        /// Units of a line that are written off; all others go back into stock
        #[arg(long = "write-off", value_name = "LINE=UNITS")]
        written_off: Vec<String>,
    },
    /// Give the buyer what is theirs
    Settle {
        #[command(flatten)]
        one: OneReturn,
        /// refund, exchange or store_credit [default: what the buyer wanted]
        #[arg(long, default_value = "")]
        resolution: String,
        /// Delivery too
        #[arg(long)]
        shipping: bool,
    },
}

/// A return of an order.
#[derive(Args)]
pub(crate) struct OneReturn {
    #[command(flatten)]
    which: Which,
    /// The return, as `show` names it [default: the latest]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// What the buyer is told
    #[arg(long, default_value = "")]
    text: String,
}

/// An order that is about to be changed.
struct Desk {
    aftersales: AftersalesClient,
    ctx: Ctx,
    order: Order,
    order_id: String,
    reference: String,
}

pub(crate) async fn run(settings: &Settings, command: Orders) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let channel = place::channel_to(settings, OrdersClient::SERVICE)?;
    let (orders, aftersales) = (OrdersClient::remote(channel.clone()), AftersalesClient::remote(channel));
    let ctx = Ctx::system("orders");
    let at = async |which: Which| -> Result<Desk> {
        let order = find(&orders, &ctx, &which.order).await?;
        let reference = which.reference.unwrap_or_else(|| RequestId::new().to_string());
        let (ctx, order_id) = (ctx.clone(), order.id.clone());
        Ok(Desk { aftersales: aftersales.clone(), ctx, order, order_id, reference })
    };
    let changed = match command {
        Orders::Show { order, ledger } => {
            let order = find(&orders, &ctx, &order).await?;
            print(&told::order(&order))?;
            if ledger {
                let request = ReadLedgerRequest { order_id: order.id };
                print(&told::ledger(&aftersales.read_ledger(&ctx, request).await?.postings))?;
            }
            return Ok(());
        }
        Orders::Paper { order, kind, number, to } => {
            let order_id = find(&orders, &ctx, &order).await?.id;
            let request = GetPaperRequest { order_id, key: String::new(), kind, number };
            let paper = aftersales.get_paper(&ctx, request).await?;
            let to = to.unwrap_or_else(|| PathBuf::from(&paper.file_name));
            let refuse = |error: std::io::Error| {
                Error::precondition("CANNOT_WRITE", format!("{}: {error}", to.display()))
            };
            std::fs::write(&to, &paper.pdf).map_err(refuse)?;
            return print(&format!("{}\n", to.display()));
        }
        Orders::Invoice { order } => {
            let order_id = find(&orders, &ctx, &order).await?.id;
            aftersales.issue_papers(&ctx, IssuePapersRequest { order_id }).await
        }
        Orders::Cancel { which, lines, reason, without_restock } => {
            at(which).await?.cancel(&lines, reason, without_restock).await
        }
        Orders::Fulfil { which, lines, carrier, tracking, tracking_url } => {
            at(which).await?.fulfil(&lines, [carrier, tracking, tracking_url]).await
        }
        Orders::Refund { which, amount, lines, shipping, reason } => {
            at(which).await?.refund(amount.as_deref(), &lines, shipping, reason).await
        }
        Orders::Paid(which) => {
            let Desk { aftersales, ctx, order_id, reference, .. } = at(which).await?;
            aftersales.take_payment(&ctx, TakePaymentRequest { order_id, reference }).await
        }
        Orders::Hold { which, reason } => {
            let Desk { aftersales, ctx, order_id, reference, .. } = at(which).await?;
            aftersales.hold_order(&ctx, HoldOrderRequest { order_id, reference, reason }).await
        }
        Orders::Release(which) => {
            let Desk { aftersales, ctx, order_id, reference, .. } = at(which).await?;
            aftersales.release_order(&ctx, ReleaseOrderRequest { order_id, reference }).await
        }
        Orders::Note { which, text: note, tags: add_tags, remove_tags } => {
            let Desk { aftersales, ctx, order_id, reference, .. } = at(which).await?;
            let request = AnnotateOrderRequest { order_id, reference, note, add_tags, remove_tags };
            aftersales.annotate_order(&ctx, request).await
        }
        Orders::Return(Returns::Request { which, lines, reason, resolution }) => {
            at(which).await?.request_return(&lines, &reason, resolution).await
        }
        Orders::Return(Returns::Approve(one)) => {
            at(one.which).await?.answer(one.id, "approve", one.text).await
        }
        Orders::Return(Returns::Decline(one)) => {
            at(one.which).await?.answer(one.id, "decline", one.text).await
        }
        Orders::Return(Returns::Cancel(one)) => at(one.which).await?.answer(one.id, "cancel", one.text).await,
        Orders::Return(Returns::Receive { one, lines }) => at(one.which).await?.receive(one.id, &lines).await,
        Orders::Return(Returns::Inspect { one, written_off }) => {
            at(one.which).await?.inspect(one.id, &written_off).await
        }
        Orders::Return(Returns::Settle { one, resolution, shipping }) => {
            at(one.which).await?.settle(one.id, resolution, shipping).await
        }
    };
    print(&told::order(&changed?))
}

impl Desk {
    /// `2=3`: three units of the second line. A line's id does as well.
    fn units(&self, given: &[String]) -> Result<Vec<LineQuantity>> {
        let one = |text: &String| {
            let refuse = |why: &str| Error::invalid("INVALID_LINE", format!("--line {text}: {why}"));
            let (line, quantity) =
                text.split_once('=').ok_or_else(|| refuse("write LINE=UNITS, e.g. 1=2"))?;
            let quantity: i64 = quantity.parse().map_err(|_| refuse("the units are a whole number"))?;
            let place = line.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
            let named = match place {
                Some(place) => self.order.lines.get(place),
                None => self.order.lines.iter().find(|known| line_id(known) == line),
            };
            let named = named.ok_or_else(|| refuse("the order has no such line"))?;
            Ok(LineQuantity { line_id: line_id(named).to_owned(), quantity })
        };
        given.iter().map(one).collect()
    }

    fn return_id(&self, id: Option<String>) -> Result<String> {
        let latest = || self.order.returns.last().map(|latest| latest.id.clone());
        id.or_else(latest).ok_or_else(|| Error::not_found("RETURN_NOT_FOUND", "the order has no return"))
    }

    async fn cancel(self, lines: &[String], reason: String, without_restock: bool) -> Result<Order> {
        let lines = self.units(lines)?;
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let location_id = String::new();
        let request = CancelOrderRequest { order_id, reference, lines, reason, without_restock, location_id };
        aftersales.cancel_order(&ctx, request).await
    }

    async fn fulfil(self, lines: &[String], [carrier, number, url]: [String; 3]) -> Result<Order> {
        let request = FulfilOrderRequest {
            lines: self.units(lines)?,
            order_id: self.order_id,
            reference: self.reference,
            carrier,
            tracking_number: number,
            tracking_url: url,
        };
        self.aftersales.fulfil_order(&self.ctx, request).await
    }

    async fn refund(
        self,
        amount: Option<&str>,
        lines: &[String],
        shipping: bool,
        reason: String,
    ) -> Result<Order> {
        let currency: Currency = self.order.currency.parse()?;
        let amount =
            amount.map(|text| Money::parse_decimal(text, currency)).transpose()?.map(WireMoney::from);
        let lines = self.units(lines)?;
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request = RefundOrderRequest { order_id, reference, amount, lines, shipping, reason };
        aftersales.refund_order(&ctx, request).await
    }

    async fn request_return(self, lines: &[String], reason: &str, resolution: String) -> Result<Order> {
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

    async fn answer(self, id: Option<String>, answer: &str, text: String) -> Result<Order> {
        let (return_id, answer) = (self.return_id(id)?, answer.to_owned());
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request = AnswerReturnRequest { order_id, reference, return_id, answer, text };
        aftersales.answer_return(&ctx, request).await
    }

    async fn receive(self, id: Option<String>, lines: &[String]) -> Result<Order> {
        let (return_id, lines) = (self.return_id(id)?, self.units(lines)?);
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request = ReceiveReturnRequest { order_id, reference, return_id, lines };
        aftersales.receive_return(&ctx, request).await
    }

    async fn inspect(self, id: Option<String>, written_off: &[String]) -> Result<Order> {
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

    async fn settle(self, id: Option<String>, resolution: String, shipping: bool) -> Result<Order> {
        let return_id = self.return_id(id)?;
        let Self { aftersales, ctx, order_id, reference, .. } = self;
        let request = SettleReturnRequest { order_id, reference, return_id, resolution, shipping };
        aftersales.settle_return(&ctx, request).await
    }
}

fn line_id(line: &argosy_contracts::orders::OrderLine) -> &str {
    line.line.as_ref().map_or("", |line| &line.line_id)
}
