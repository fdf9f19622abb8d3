//! `argosy gift-cards`: issues gift cards and store credits, and shows what is on one.

use std::{fmt::Write, time::Duration};

use argosy_contracts::{
    common::Money as WireMoney,
    payments::{GetGiftCardRequest, GiftCard, IssueGiftCardRequest, PaymentsClient},
};
use argosy_kernel::{Clock, Ctx, Currency, Error, Money, Result, SystemClock, Timestamp};
use argosy_platform::telemetry;
use clap::Subcommand;

use crate::{cli::print, place, settings::Settings};

/// What people do not take for one another.
const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Four groups of four: 30¹⁶ codes, so that nobody guesses one.
const GROUPS: usize = 4;
const DAY: Duration = Duration::from_hours(24);

#[derive(Subcommand)]
pub(crate) enum GiftCards {
    /// Issue one and write its code, which is kept nowhere and shown never again
    Issue {
        /// What it is worth, e.g. `50.00`
        amount: String,
        /// In which currency, e.g. `EUR`
        currency: String,
        /// The code, if it is printed already, or to repeat a command that was interrupted; else one is made
        #[arg(long)]
        code: Option<String>,
        /// For how many days it is good; for ever unless said
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        good_for_days: Option<u32>,
        /// What staff should know of it
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Show what is on one, and how that came about
    Show {
        /// Its code, or its id, `gift_…`
        #[arg(value_name = "CODE")]
        code_or_id: String,
    },
}

pub(crate) async fn run(settings: &Settings, command: GiftCards) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let payments = PaymentsClient::remote(place::channel_to(settings, PaymentsClient::SERVICE)?);
    let ctx = Ctx::system("gift-cards");
    match command {
        GiftCards::Issue { amount, currency, code, good_for_days, note } => {
            let currency: Currency = currency.to_ascii_uppercase().parse()?;
            let amount = Money::parse_decimal(&amount, currency)
                .map_err(|error| Error::invalid_field("/amount", error.to_string()))?;
            let end = |days: u32| SystemClock.now().plus(DAY * days).as_millis();
            let code = code.unwrap_or_else(new_code);
            let request = IssueGiftCardRequest {
                code: code.clone(),
                amount: Some(amount.into()),
                expires_at_ms: good_for_days.map_or(0, end),
                note,
            };
            let card = payments.issue_gift_card(&ctx, request).await?;
            print(&format!("{code}\n{} with {amount}\n", card.id))
        }
        GiftCards::Show { code_or_id } => {
            let card = payments.get_gift_card(&ctx, GetGiftCardRequest { code_or_id }).await?;
            print(&told(&card)?)
        }
    }
}

fn new_code() -> String {
    let letter = |_| char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
    let group = |_| (0..4).map(letter).collect::<String>();
    (0..GROUPS).map(group).collect::<Vec<_>>().join("-")
}

fn told(card: &GiftCard) -> Result<String> {
    let balance = money(card.balance.as_ref())?;
    let mut text = String::new();
    let mut say = |line: String| {
        // A String takes whatever is written.
        let _written = writeln!(text, "{line}");
    };
    say(format!("{} (…{}), issued with {}", card.id, card.hint, money(card.issued.as_ref())?));
    say(format!("balance {balance}, of which {} is held", money(card.held.as_ref())?));
    if card.expires_at_ms != 0 {
        say(format!("good until {}", Timestamp::from_millis(card.expires_at_ms)));
    }
    if !card.note.is_empty() {
        say(card.note.clone());
    }
    for entry in &card.entries {
        let amount = Money::new(entry.amount, balance.currency);
        let time = Timestamp::from_millis(entry.time_ms);
        say(format!("  {time}  {:<8} {:>14}  {}", entry.kind, amount.to_string(), entry.reference));
    }
    Ok(text)
}

fn money(wire: Option<&WireMoney>) -> Result<Money> {
    Money::try_from(wire.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_long_and_differ() {
        let (one, other) = (new_code(), new_code());
        assert_eq!(one.len(), 19);
        assert_ne!(one, other);
        assert!(one.bytes().all(|byte| byte == b'-' || LETTERS.contains(&byte)), "{one}");
    }
}
