//! `argosy orders draft`: orders that staff put together, and the links that they are paid by.

use std::{fmt::Write, path::PathBuf};

use argosy_contracts::{
    catalog::{CatalogClient, GetProductsRequest},
    common::{Address, Money as WireMoney},
    orders::{
        ChangeDraftRequest, CreateDraftRequest, Draft, DraftLine, DraftTerms, DraftsClient, DropDraftRequest,
        GetDraftRequest, ListDraftsRequest, OrdersClient, PlaceDraftRequest, ShareDraftRequest,
    },
    pricing::{QuotedLine, ShippingOption},
};
use argosy_kernel::{Ctx, Currency, Error, Money, RequestId, Result, VariantId};
use clap::{Args, Subcommand};

use super::told::{amount, at};
use crate::{cli::print, files, place, settings::Settings};

#[derive(Subcommand)]
pub(crate) enum Drafts {
    /// Put an order together, and see what it costs
    Create {
        /// Names the draft: asked for again under the same name there is still one [default: a new name]
        #[arg(long, value_name = "NAME")]
        reference: Option<String>,
        /// The currency that it is paid in, e.g. EUR [default: the shop's]
        #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
        currency: String,
        /// The market whose prices it has [default: that of the address]
        #[arg(long, value_name = "MARKET", default_value = "", hide_default_value = true)]
        market: String,
        #[command(flatten)]
        wanted: Wanted,
    },
    /// Change what is in a draft, or for whom it is; what is not named stays
    Change {
        /// The draft, as `list` names it
        draft: String,
        #[command(flatten)]
        wanted: Wanted,
        /// Accept what differs from what was sent, e.g. another price
        #[arg(long)]
        accept: bool,
    },
    /// Show a draft with what it costs now
    Show {
        /// The draft
        draft: String,
    },
    /// List drafts, the latest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Send its buyer a mail with the link that it is paid by
    Send {
        /// The draft
        draft: String,
        /// Names the mail: under one name it is sent once [default: a new name]
        #[arg(long, value_name = "NAME")]
        reference: Option<String>,
    },
    /// Print the link that it is paid by: whoever has it sees the order and can pay it
    Link {
        /// The draft
        draft: String,
    },
    /// Make it an order whose payment is awaited
    Place {
        /// The draft
        draft: String,
        /// bank_transfer or cash_on_delivery
        #[arg(long, default_value = "bank_transfer")]
        method: String,
        /// Names this change [default: a new name]
        #[arg(long, value_name = "NAME")]
        reference: Option<String>,
    },
    /// Drop a draft: nothing can be paid by its link any more
    Drop {
        /// The draft
        draft: String,
    },
}

/// What is to be in a draft.
#[derive(Args)]
pub(crate) struct Wanted {
    /// So many units of a variant, by its SKU or its id; 0 takes it out. With a price it is the agreed one of each:
    /// `MUG-BLUE=2@12.50`; without, what the shop asks
    #[arg(long = "line", value_name = "SKU=UNITS[@PRICE]")]
    lines: Vec<String>,
    /// The buyer's e-mail address
    #[arg(long)]
    email: Option<String>,
    /// A JSON file with the address it goes to: name, line1, city, postal_code, country, and where needed company, line2,
    /// region, phone, tax_number
    #[arg(long, value_name = "FILE")]
    address: Option<PathBuf>,
    /// The same for the address of the invoice [default: where it goes to]
    #[arg(long, value_name = "FILE")]
    billing_address: Option<PathBuf>,
    /// How it is delivered, as `show` names it
    #[arg(long, value_name = "OPTION")]
    shipping: Option<String>,
    /// What that costs, as agreed [default: what its rate says]
    #[arg(long, value_name = "PRICE")]
    shipping_price: Option<String>,
    /// A code that it is reduced by
    #[arg(long = "code", value_name = "CODE")]
    codes: Vec<String>,
    /// A code to take out
    #[arg(long = "remove-code", value_name = "CODE")]
    removed_codes: Vec<String>,
    /// What the buyer reads, e.g. de
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// What only staff see
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

fn price(text: &str, currency: &str, at: &str) -> Result<WireMoney> {
    let price = currency.parse::<Currency>().and_then(|currency| Money::parse_decimal(text, currency));
    price.map(WireMoney::from).map_err(|error| Error::invalid("INVALID_PRICE", format!("{at}: {error}")))
}

/// `SKU=UNITS`, by the variant's id.
async fn lines(
    catalog: &CatalogClient,
    ctx: &Ctx,
    given: &[String],
    currency: &str,
) -> Result<Vec<DraftLine>> {
    let mut lines = Vec::new();
    for text in given {
        let refuse = |why: &str| Error::invalid("INVALID_LINE", format!("--line {text}: {why}"));
        let (name, units) =
            text.rsplit_once('=').ok_or_else(|| refuse("write SKU=UNITS, e.g. MUG-BLUE=2"))?;
        let (units, each) = units.split_once('@').map_or((units, None), |(units, each)| (units, Some(each)));
        let unit_price = each.map(|each| price(each, currency, &format!("--line {text}"))).transpose()?;
        let quantity = units.parse().map_err(|_| refuse("the units are a whole number"))?;
        let variant_id = if name.parse::<VariantId>().is_ok() {
            name.to_owned()
        } else {
            let request = GetProductsRequest { skus: vec![name.to_owned()], ..GetProductsRequest::default() };
            let found = catalog.get_products(ctx, request).await?.products;
            let variant = found.iter().flat_map(|product| &product.variants).find(|one| one.sku == name);
            variant.ok_or_else(|| refuse("nothing that is sold has this SKU"))?.id.clone()
        };
        lines.push(DraftLine { variant_id, quantity, unit_price });
    }
    Ok(lines)
}

impl Wanted {
    /// `currency`: what prices are in.
    async fn terms(self, settings: &Settings, ctx: &Ctx, currency: &str) -> Result<DraftTerms> {
        let lines = if self.lines.is_empty() {
            Vec::new()
        } else {
            let catalog = CatalogClient::remote(place::channel_to(settings, CatalogClient::SERVICE)?);
            lines(&catalog, ctx, &self.lines, currency).await?
        };
        let shipping_price = self.shipping_price.as_deref();
        let shipping_price = shipping_price.map(|text| price(text, currency, "--shipping-price"));
        Ok(DraftTerms {
            lines,
            add_codes: self.codes,
            remove_codes: self.removed_codes,
            email: self.email,
            shipping_address: self.address.as_deref().map(files::read::<Address>).transpose()?,
            billing_address: self.billing_address.as_deref().map(files::read::<Address>).transpose()?,
            shipping_option_id: self.shipping,
            language: self.language,
            note: self.note,
            accepted_notices: Vec::new(),
            shipping_price: shipping_price.transpose()?,
        })
    }
}

fn named(reference: Option<String>) -> String {
    reference.unwrap_or_else(|| RequestId::new().to_string())
}

pub(super) async fn run(settings: &Settings, command: Drafts) -> Result<()> {
    let drafts = DraftsClient::remote(place::channel_to(settings, OrdersClient::SERVICE)?);
    let ctx = Ctx::system("orders");
    let listens = || format!("http://{}", settings.http.listen);
    let shop = &settings.http.public_url.clone().unwrap_or_else(listens);
    let draft = match command {
        Drafts::Create { reference, currency, market, wanted } => {
            let in_currency = if currency.is_empty() { settings.shop.currency.code() } else { &currency };
            let terms = Some(wanted.terms(settings, &ctx, in_currency).await?);
            let request = CreateDraftRequest { reference: named(reference), currency, market, terms };
            drafts.create_draft(&ctx, request).await?
        }
        Drafts::Change { draft: draft_id, wanted, accept } => {
            let request = GetDraftRequest { draft_id: draft_id.clone() };
            let present = drafts.get_draft(&ctx, request).await?.checkout.unwrap_or_default();
            let currency = present.quote.as_ref().map_or("", |quote| quote.currency.as_str());
            let mut terms = wanted.terms(settings, &ctx, currency).await?;
            if accept {
                let open = present.notices.into_iter().filter(|notice| notice.resolution == "accept");
                terms.accepted_notices = open.map(|notice| notice.token).collect();
            }
            if terms == DraftTerms::default() {
                return Err(Error::invalid("NOTHING_TO_DO", "say what is to be changed; see --help"));
            }
            drafts.change_draft(&ctx, ChangeDraftRequest { draft_id, terms: Some(terms) }).await?
        }
        Drafts::Show { draft: draft_id } => drafts.get_draft(&ctx, GetDraftRequest { draft_id }).await?,
        Drafts::List { limit } => {
            let request = ListDraftsRequest { limit, cursor: String::new() };
            return print(&listed(&drafts.list_drafts(&ctx, request).await?.drafts));
        }
        Drafts::Send { draft: draft_id, reference } => {
            let request = ShareDraftRequest { draft_id, reference: named(reference), by_mail: true };
            drafts.share_draft(&ctx, request).await?
        }
        Drafts::Link { draft: draft_id } => {
            let request = ShareDraftRequest { draft_id, reference: named(None), by_mail: false };
            let shared = drafts.share_draft(&ctx, request).await?;
            return print(&format!("{}\n", link(&shared, shop)));
        }
        Drafts::Place { draft: draft_id, method, reference } => {
            let request = PlaceDraftRequest { draft_id, reference: named(reference), method };
            let placed = drafts.place_draft(&ctx, request).await?;
            if placed.state != "placed" {
                print(&told(&placed, shop))?;
                let message = "it is not placed: see the notices, and accept them by `change --accept`";
                return Err(Error::precondition("NOT_PLACED", message));
            }
            placed
        }
        Drafts::Drop { draft: draft_id } => drafts.drop_draft(&ctx, DropDraftRequest { draft_id }).await?,
    };
    print(&told(&draft, shop))
}

/// The page that a draft is paid on, in its buyer's language if the shop has it.
fn link(draft: &Draft, shop: &str) -> String {
    let language = draft.checkout.as_ref().map_or("", |checkout| checkout.language.as_str());
    let language = if language.is_empty() { String::new() } else { format!("&in={language}") };
    format!("{}/pay?key={}{language}", shop.trim_end_matches('/'), draft.link_key)
}

fn listed(drafts: &[Draft]) -> String {
    if drafts.is_empty() {
        return "There are no drafts.\n".to_owned();
    }
    let mut text = String::new();
    for draft in drafts {
        let email = draft.checkout.as_ref().map_or("", |checkout| checkout.email.as_str());
        let whose = if draft.order_number.is_empty() { email } else { &draft.order_number };
        // A String takes whatever is written.
        let _written = writeln!(text, "{}  {:<8} {}  {whose}", draft.id, draft.state, at(draft.made_at_ms));
    }
    text
}

fn told(draft: &Draft, shop: &str) -> String {
    let checkout = draft.checkout.clone().unwrap_or_default();
    let quote = checkout.quote.unwrap_or_default();
    let mut text = String::new();
    let mut say = |line: String| {
        // A String takes whatever is written.
        let _written = writeln!(text, "{line}");
    };
    say(format!("Draft {} ({}), made {} by {}", draft.id, draft.state, at(draft.made_at_ms), draft.made_by));
    if !draft.order_number.is_empty() {
        say(format!("It is order {}", draft.order_number));
    }
    if !checkout.email.is_empty() {
        say(format!("for {} {}", checkout.email, checkout.language).trim_end().to_owned());
    }
    if let Some(to) = &checkout.shipping_address {
        say(format!("to {}, {}, {} {}, {}", to.name, to.line1, to.postal_code, to.city, to.country));
    }
    if !draft.note.is_empty() {
        say(format!("note: {}", draft.note.replace('\n', " / ")));
    }
    say("\nLines".to_owned());
    quote.lines.iter().map(line).for_each(&mut say);
    if !quote.shipping_options.is_empty() {
        say("\nDelivery".to_owned());
    }
    let chosen = quote.shipping_option_id.as_str();
    quote.shipping_options.iter().map(|option| delivery(option, chosen)).for_each(&mut say);
    say("\nSums".to_owned());
    let sum = |kind: &str, of| format!("  {kind:<16} {:>14}", amount(of));
    quote.totals.iter().map(|line| sum(&line.kind, line.amount.as_ref())).for_each(&mut say);
    let rejected = quote.rejected_codes.iter();
    rejected.map(|code| format!("  {} counts nothing: {}", code.code, code.reason)).for_each(&mut say);
    if !checkout.notices.is_empty() {
        say("\nNotices".to_owned());
    }
    checkout.notices.iter().map(|notice| format!("  {}: {}", notice.code, notice.text)).for_each(&mut say);
    if !draft.link_key.is_empty() {
        say(format!("\nPaid by {}\nopen until {}", link(draft, shop), at(checkout.expires_at_ms)));
    }
    text
}

fn line(line: &QuotedLine) -> String {
    let variant =
        if line.variant_title.is_empty() { String::new() } else { format!(", {}", line.variant_title) };
    let sum = amount(line.total.as_ref());
    format!("  {} × {}{variant} ({}) {sum}", line.quantity, line.title, line.sku)
}

fn delivery(option: &ShippingOption, chosen: &str) -> String {
    let mark = if option.id == chosen { "*" } else { " " };
    format!("{mark} {}  {} {}", option.id, option.title, amount(option.price.as_ref()))
}
