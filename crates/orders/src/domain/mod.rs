//! What checkouts, attempts and orders are, as pure rules.

mod attempt;
mod awaited;
mod balance;
mod checkout;
mod contact;
mod difference;
mod dispute;
mod edit;
mod goods;
mod ledger;
mod order;
mod origin;
mod paper;
mod payments;
mod returns;
mod risk;
mod sale_tax;
mod status;
mod step;
mod trail;

pub(crate) use self::{
    attempt::{Attempt, AttemptState, Failure, Outcome, pickup_location},
    awaited::{Awaited, Leaves},
    balance::{About, Balance, BalanceState},
    checkout::{Change, Checkout, DraftMark, DraftPrices, NOT_ANSWERED, PROVIDER_AWAY, PaymentTry},
    contact::{Contact, check_address, check_email, check_language},
    difference::Shown,
    dispute::{Dispute, DisputeMove, DisputeMoved},
    edit::{Delivery, Edit, EditState, Proposal},
    goods::{
        Line, Units, Worth, choose, delivery_of, fulfilment_status, goods_of, lines_of, order_fees,
        order_fees_left, parts_of, parts_of_fee, value_of, worth_of,
    },
    ledger::{Account, Entry, Ledger, Parts},
    order::{Left, Order, PaymentStatus},
    origin::{Origin, left_at, taken_back},
    paper::{Addressee, Item, Paper, PaperKind, Since, standing},
    payments::{GIFT_CARD, Moved, Part, all_moved, distribute, moved_by},
    returns::{RESOLUTIONS, RETURN_REASONS, Return, ReturnState, ReturnedLine, Words},
    risk::{Assessment, Finding, Signs, Thresholds, Verdict, findings},
    sale_tax::{SaleTax, country_of, taxes_of},
    status::Status,
    step::{Step, StepKind},
    trail::{Kind as TrailKind, SOME_CARD, card_trail, trails},
};
