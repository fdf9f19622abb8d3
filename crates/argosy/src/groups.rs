//! `argosy groups`: codes that put buyers into groups of customers, made and switched in a store that runs.

use argosy_contracts::pricing::{
    GroupCode, ListGroupCodesRequest, MakeGroupCodesRequest, PricingClient, SwitchGroupCodesRequest,
};
use argosy_kernel::{Ctx, PromotionId, Result, Timestamp};
use argosy_platform::telemetry;
use clap::Subcommand;

use crate::{cli::print, place, settings::Settings};

/// Codes of one page, and of one call.
const PAGE: u32 = 100;
const CODES: u32 = 1_000;

#[derive(Subcommand)]
pub(crate) enum Groups {
    /// Make codes for a group of customers, one a line: whoever has one in their cart is in the group
    ///
    /// Price lists and campaigns for the group count for them from then on. Nobody can put themselves into a group.
    Make {
        /// The group, as price lists and campaigns name it
        #[arg(value_name = "GROUP")]
        group: String,
        /// How many
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        count: u32,
        /// Until when they count, e.g. 2027-01-01T00:00:00Z [default: for ever]
        #[arg(long, value_name = "TIME")]
        until: Option<Timestamp>,
    },
    /// List codes with their group, whether they are on, and until when
    List {
        /// Only of this group
        #[arg(value_name = "GROUP")]
        group: Option<String>,
    },
    /// Switch codes off: who has them in their cart is in the group no more
    Off {
        /// The codes
        #[arg(value_name = "CODES", required = true, num_args = 1..=500)]
        codes: Vec<String>,
    },
    /// Switch codes on again
    On {
        /// The codes
        #[arg(value_name = "CODES", required = true, num_args = 1..=500)]
        codes: Vec<String>,
    },
}

pub(crate) async fn run(settings: &Settings, command: Groups) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
    let ctx = Ctx::system("groups");
    match command {
        Groups::Make { group, count, until } => make(&pricing, &ctx, &group, count, until).await,
        Groups::List { group } => list(&pricing, &ctx, &group.unwrap_or_default()).await,
        Groups::Off { codes } => switch(&pricing, &ctx, codes, false).await,
        Groups::On { codes } => switch(&pricing, &ctx, codes, true).await,
    }
}

async fn make(
    pricing: &PricingClient,
    ctx: &Ctx,
    group: &str,
    count: u32,
    until: Option<Timestamp>,
) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let count = left.min(CODES);
        let request = MakeGroupCodesRequest {
            customer_group: group.to_owned(),
            count,
            // An id has more random bits than a code shows.
            seed: PromotionId::new().to_string(),
            ends_at_ms: until.map(Timestamp::as_millis),
        };
        let codes = pricing.make_group_codes(ctx, request).await?.codes;
        print(&format!("{}\n", codes.join("\n")))?;
        left -= count;
    }
    Ok(())
}

async fn list(pricing: &PricingClient, ctx: &Ctx, group: &str) -> Result<()> {
    let mut cursor = String::new();
    loop {
        let request = ListGroupCodesRequest { customer_group: group.to_owned(), limit: PAGE, cursor };
        let page = pricing.list_group_codes(ctx, request).await?;
        print(&page.codes.iter().map(told).collect::<String>())?;
        cursor = page.next;
        if cursor.is_empty() {
            return Ok(());
        }
    }
}

fn told(code: &GroupCode) -> String {
    let state = if code.active { "on" } else { "off" };
    let until = code.ends_at_ms.map(|at| format!("\tuntil {}", Timestamp::from_millis(at)));
    format!("{}\t{}\t{state}{}\n", code.code, code.customer_group, until.unwrap_or_default())
}

async fn switch(pricing: &PricingClient, ctx: &Ctx, codes: Vec<String>, active: bool) -> Result<()> {
    let count = codes.len();
    pricing.switch_group_codes(ctx, SwitchGroupCodesRequest { codes, active }).await?;
    print(&format!("{count} codes are {}\n", if active { "on" } else { "off" }))
}
