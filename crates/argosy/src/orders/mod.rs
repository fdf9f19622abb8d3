//! `argosy orders`: what staff do with orders of a store that runs, until there are pages for it.

mod change;
mod desk;
mod draft;
mod told;

use argosy_contracts::orders::{
    AftersalesClient, AnnotateOrderRequest, DecideEditRequest, GetPaperRequest, HoldOrderRequest,
    IssuePapersRequest, ListRefusalsRequest, OrdersClient, Paper, ReadLedgerRequest, ReadyForPickupRequest,
    ReleaseOrderRequest, TakePaymentRequest,
};
use argosy_kernel::{Ctx, Error, RequestId, Result};
use argosy_platform::telemetry;
use clap::{Args, Subcommand};
use std::path::PathBuf;

use self::{change::Change, desk::Desk};
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
        /// The location that sends it, as `show` names it: all that it has left, if no lines are given
        #[arg(long, default_value = "", value_name = "LOCATION")]
        from: String,
    },
    /// Tell the buyer that what they collect is ready
    Ready(Which),
    /// Give money back: what is owed, an amount, or units and delivery that the buyer is let off
    Refund {
        #[command(flatten)]
        which: Which,
        /// In the order's currency, e.g. 12.50
        #[arg(long, conflicts_with_all = ["lines", "shipping", "fees"])]
        amount: Option<String>,
        /// Units that the buyer keeps
        #[arg(long = "line", value_name = "LINE=UNITS")]
        lines: Vec<String>,
        /// Delivery too
        #[arg(long)]
        shipping: bool,
        /// The order's fees too, which go with no line
        #[arg(long)]
        fees: bool,
        #[arg(long, default_value = "")]
        reason: String,
        /// One of several payments, to give back by it [default: the last one first, gift cards after all others]
        #[arg(long, value_name = "PAYMENT", default_value = "", hide_default_value = true)]
        payment: String,
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
    /// Change what was ordered: propose it and see what it costs, then apply or drop it
    Edit {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        change: Change,
        /// Apply a change that was proposed, as `show` names it
        #[arg(long, value_name = "ID", conflicts_with_all = ["change", "drop"])]
        apply: Option<String>,
        /// Drop a change that was proposed
        #[arg(long, value_name = "ID", conflicts_with = "change")]
        drop: Option<String>,
    },
    /// Send units again that were lost, broken or wrong; their buyer pays nothing for them
    Replace {
        #[command(flatten)]
        which: Which,
        /// Units of a line that was sent
        #[arg(long = "line", value_name = "LINE=UNITS", required = true)]
        lines: Vec<String>,
        /// damaged, wrong_item, not_as_described, late, lost or other
        #[arg(long)]
        reason: String,
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
    /// Orders that you put together for a buyer, who pays them by a link
    #[command(subcommand)]
    Draft(draft::Drafts),
    /// List purchases that were refused for what they looked like, and why
    Refused {
        /// At most so many, the latest first
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
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
        /// The order's fees too, which go with no line
        #[arg(long)]
        fees: bool,
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

fn write_paper(paper: &Paper, to: Option<PathBuf>) -> Result<()> {
    let to = to.unwrap_or_else(|| PathBuf::from(&paper.file_name));
    let refuse =
        |error: std::io::Error| Error::precondition("CANNOT_WRITE", format!("{}: {error}", to.display()));
    std::fs::write(&to, &paper.pdf).map_err(refuse)?;
    print(&format!("{}\n", to.display()))
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
        Orders::Draft(command) => return draft::run(settings, command).await,
        Orders::Refused { limit } => {
            let refused = aftersales.list_refusals(&ctx, ListRefusalsRequest { limit }).await?;
            return print(&told::refusals(&refused.refusals));
        }
        Orders::Paper { order, kind, number, to } => {
            let order_id = find(&orders, &ctx, &order).await?.id;
            let request = GetPaperRequest { order_id, key: String::new(), kind, number };
            return write_paper(&aftersales.get_paper(&ctx, request).await?, to);
        }
        Orders::Edit { which, change, apply: None, drop: None } => at(which).await?.propose(&change).await,
        Orders::Replace { which, lines, reason } => at(which).await?.replace(&lines, reason).await,
        Orders::Edit { which, apply: Some(edit_id), .. } => {
            let Desk { aftersales, ctx, order_id, reference, .. } = at(which).await?;
            aftersales.apply_edit(&ctx, DecideEditRequest { order_id, reference, edit_id }).await
        }
        Orders::Edit { which, drop: Some(edit_id), .. } => {
            let Desk { aftersales, ctx, order_id, reference, .. } = at(which).await?;
            aftersales.drop_edit(&ctx, DecideEditRequest { order_id, reference, edit_id }).await
        }
        Orders::Invoice { order } => {
            let order_id = find(&orders, &ctx, &order).await?.id;
            aftersales.issue_papers(&ctx, IssuePapersRequest { order_id }).await
        }
        Orders::Cancel { which, lines, reason, without_restock } => {
            at(which).await?.cancel(&lines, reason, without_restock).await
        }
        Orders::Fulfil { which, lines, carrier, tracking, tracking_url, from } => {
            at(which).await?.fulfil(&lines, [carrier, tracking, tracking_url, from]).await
        }
        Orders::Refund { which, amount, lines, shipping, fees, reason, payment } => {
            let (of_order, how) = ((shipping, fees), (reason, payment));
            at(which).await?.refund(amount.as_deref(), &lines, of_order, how).await
        }
        Orders::Ready(which) => {
            let Desk { aftersales, ctx, order_id, reference, .. } = at(which).await?;
            aftersales.ready_for_pickup(&ctx, ReadyForPickupRequest { order_id, reference }).await
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
        Orders::Return(Returns::Settle { one, resolution, shipping, fees }) => {
            at(one.which).await?.settle(one.id, resolution, (shipping, fees)).await
        }
    };
    print(&told::order(&changed?))
}
