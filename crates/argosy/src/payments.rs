//! `argosy payments`: disputes of payments, and what is said against them.

use std::{fmt::Write, path::PathBuf};

use argosy_contracts::payments::{
    AttachEvidenceRequest, Dispute, GetDisputeRequest, ListDisputesRequest, PaymentsClient,
    SubmitEvidenceRequest,
};
use argosy_kernel::{Ctx, Error, Money, Result, Timestamp};
use argosy_platform::telemetry;
use clap::Subcommand;

use crate::{cli::print, place, settings::Settings};

/// What the service takes, and a little more, so that the service says what is too large.
const FILE_BYTES_MAX: u64 = 5_000_000;

#[derive(Subcommand)]
pub(crate) enum Payments {
    /// List disputes, the newest first
    Disputes {
        /// Only those that stand so, e.g. `needs_response`
        #[arg(long, default_value = "")]
        state: String,
        /// How many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Show a dispute: what money moved, what evidence there is, and until when it is due
    Dispute {
        /// Its id, `dsp_…`
        id: String,
    },
    /// Keep a piece of evidence with a dispute, in the place of one of its kind; nothing is sent yet
    Attach {
        /// The dispute's id, `dsp_…`
        id: String,
        /// Texts: explanation, product_description, shipping_carrier, tracking_number, shipping_date, refund_policy; files:
        /// receipt, correspondence, proof_of_delivery, other_file
        kind: String,
        /// What it says
        #[arg(long, required_unless_present = "file", conflicts_with = "file")]
        text: Option<String>,
        /// A PDF, JPEG or PNG; all of a dispute together 4.5 MB at most
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Send all evidence of a dispute to the payment provider, once: a bank reads it one time
    Submit {
        /// The dispute's id, `dsp_…`
        id: String,
    },
}

pub(crate) async fn run(settings: &Settings, command: Payments) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let payments = PaymentsClient::remote(place::channel_to(settings, PaymentsClient::SERVICE)?);
    let ctx = Ctx::system("payments");
    let dispute = match command {
        Payments::Disputes { state, limit } => {
            let request = ListDisputesRequest { state, limit, ..ListDisputesRequest::default() };
            let listed = payments.list_disputes(&ctx, request).await?.disputes;
            return print(&listed.iter().map(line).collect::<Result<String>>()?);
        }
        Payments::Dispute { id } => payments.get_dispute(&ctx, GetDisputeRequest { dispute_id: id }).await?,
        Payments::Attach { id, kind, text, file } => {
            let (file_name, content) = match &file {
                Some(path) => read(path)?,
                None => (String::new(), Vec::new()),
            };
            let text = text.unwrap_or_default();
            let request = AttachEvidenceRequest { dispute_id: id, kind, text, file_name, content };
            payments.attach_evidence(&ctx, request).await?
        }
        Payments::Submit { id } => {
            payments.submit_evidence(&ctx, SubmitEvidenceRequest { dispute_id: id }).await?
        }
    };
    print(&told(&dispute)?)
}

/// A file's name and what is in it.
fn read(path: &std::path::Path) -> Result<(String, Vec<u8>)> {
    let wrong =
        |why: &dyn std::fmt::Display| Error::invalid_field("/file", format!("{}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| wrong(&error))?.len();
    if size > FILE_BYTES_MAX {
        return Err(wrong(&format!("has more than {FILE_BYTES_MAX} bytes")));
    }
    let content = std::fs::read(path).map_err(|error| wrong(&error))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((name, content))
}

fn line(dispute: &Dispute) -> Result<String> {
    let amount = Money::try_from(dispute.amount.clone().unwrap_or_default())?;
    let due = match dispute.evidence_due_at_ms {
        0 => String::new(),
        due => format!(", evidence due {}", Timestamp::from_millis(due)),
    };
    Ok(format!(
        "{}  {:<20} {:>14}  {} of {}{due}\n",
        dispute.id,
        dispute.state,
        amount.to_string(),
        dispute.reason,
        dispute.intent_id
    ))
}

fn told(dispute: &Dispute) -> Result<String> {
    let amount = Money::try_from(dispute.amount.clone().unwrap_or_default())?;
    let mut text = line(dispute)?;
    let mut say = |line: String| {
        // A String takes whatever is written.
        let _written = writeln!(text, "{line}");
    };
    say(format!("{} at {}, for {}", dispute.provider_reference, dispute.provider, dispute.reference));
    match dispute.submitted_at_ms {
        0 => say("no evidence is submitted".to_owned()),
        at => say(format!("evidence was submitted {}", Timestamp::from_millis(at))),
    }
    for piece in &dispute.evidence {
        let what = match (piece.text.is_empty(), piece.file_name.is_empty()) {
            (false, _) => piece.text.replace('\n', " / "),
            (true, false) => piece.file_name.clone(),
            (true, true) => "erased, because the bank has decided".to_owned(),
        };
        say(format!("  {:<20} {:>9} bytes  {what}", piece.kind, piece.bytes));
    }
    for event in &dispute.events {
        let moved = Money::new(event.amount, amount.currency).to_string();
        say(format!(
            "  {}  {:<20} {moved:>14}  {}",
            Timestamp::from_millis(event.time_ms),
            event.kind,
            event.reference
        ));
    }
    Ok(text)
}
