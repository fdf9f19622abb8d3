//! Saving a means of payment without a purchase.
//!
//! It is made known first and shown to its bank then, as a payment is: after a crash it is found without the buyer's
//! token, which nobody keeps.

use std::time::Duration;

use argosy_contracts::payments::{Setup as WireSetup, SetupRequest, StartSetupRequest};
use argosy_kernel::{Ctx, Error, Result, SetupId};
use argosy_platform::crash;

use super::{Wallets, to_wire};
use crate::{
    domain::{Kept, Setup, SetupState, check_token},
    error,
    providers::{Means, SetupAsked},
    store::NewSetup,
};

/// How long a buyer may take at the bank.
const BUYER_PATIENCE: Duration = Duration::from_mins(30);
/// How many that nobody went on with are looked after at once.
const LEFT_MAX: i64 = 50;
/// How long a decided setup is answered again.
const DECIDED_KEPT: Duration = Duration::from_hours(24 * 7);
const KEY_LENGTH_MAX: usize = 200;

impl Wallets {
    pub(super) async fn begin(&self, ctx: &Ctx, request: StartSetupRequest) -> Result<WireSetup> {
        let wallet_id = self.opened(&request.wallet_id, &request.key).await?;
        let key = ctx.idempotency_key.as_deref().ok_or_else(error::key_missing)?;
        if key.is_empty() || key.len() > KEY_LENGTH_MAX {
            return Err(Error::invalid("KEY_MISSING", "the idempotency key must have 1 to 200 characters"));
        }
        check_token(&request.token)?;
        let provider = self.payer.provider(&request.provider)?;
        if !self.is_on() || provider.saving().is_none() {
            return Err(error::not_saveable(&request.provider));
        }
        let method = provider.method_of(&request.token)?;
        let request_digest = digest(&request);
        let new = NewSetup {
            wallet_id,
            request_key: key,
            request_digest: &request_digest,
            provider: &request.provider,
            method: &method,
        };
        let setup = self.store.begin_setup(&new, self.limits).await?;
        if setup.request_digest != request_digest {
            return Err(error::key_reused());
        }
        let return_url = returning(&request.return_url, setup.id);
        let means = Means { token: &request.token, return_url: &return_url, ..Means::default() };
        let setup = self.confirm(setup, means).await?;
        self.shown(setup).await
    }

    /// Has the card kept, unless an answer is known already.
    async fn confirm(&self, mut setup: Setup, means: Means<'_>) -> Result<Setup> {
        if setup.state != SetupState::Processing {
            return Ok(setup);
        }
        let saving = self.saving(&setup.provider)?;
        let customer = self.customer(setup.wallet_id, &setup.provider).await?;
        if setup.provider_reference.is_empty() {
            let asked = asked(&setup, &customer);
            let reference =
                self.payer.ask(&setup.provider, saving.prepare_setup(&asked)).await.map_err(away)?;
            crash::point("payments.before_setup_prepared");
            setup = self.store.setup_prepared(setup, &reference).await?;
        }
        crash::point("payments.before_setup");
        let asked = asked(&setup, &customer);
        let means = Means { customer: &customer, ..means };
        let kept =
            self.payer.ask(&setup.provider, saving.confirm_setup(&asked, means)).await.map_err(away)?;
        crash::point("payments.after_setup");
        self.store.setup_heard(&setup, &kept).await
    }

    /// Asks the provider how a setup stands that is open.
    pub(super) async fn look(&self, setup: Setup) -> Result<Setup> {
        if !setup.state.is_open() || setup.provider_reference.is_empty() {
            return Ok(setup);
        }
        let saving = self.saving(&setup.provider)?;
        let customer = self.customer(setup.wallet_id, &setup.provider).await?;
        let asked = asked(&setup, &customer);
        let kept = self.payer.ask(&setup.provider, saving.find_setup(&asked)).await.map_err(away)?;
        self.store.setup_heard(&setup, &kept).await
    }

    /// A provider says that there is something to be asked.
    pub(crate) async fn heard_of_setup(&self, provider: &str, reference: &str) -> Result<()> {
        match self.store.setup_called(provider, reference).await? {
            Some(setup) => self.look(setup).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// The setup, if it is of the wallet that whoever asks has the key of.
    pub(super) async fn setup_of(&self, request: &SetupRequest) -> Result<Setup> {
        let wallet = self.opened(&request.wallet_id, &request.key).await?;
        let id: SetupId = request.setup_id.parse()?;
        let found = self.store.setup(id).await?.filter(|setup| setup.wallet_id == wallet);
        found.ok_or_else(|| error::setup_not_found(id))
    }

    pub(super) async fn shown(&self, setup: Setup) -> Result<WireSetup> {
        let method = match setup.method_id {
            Some(id) => self.store.method(setup.wallet_id, id).await?.filter(|method| !method.is_removed),
            None => None,
        };
        let now = self.clock.now();
        Ok(WireSetup {
            id: setup.id.to_string(),
            wallet_id: setup.wallet_id.to_string(),
            provider: setup.provider,
            state: setup.state.as_str().to_owned(),
            action_url: setup.action_url,
            client_secret: setup.client_secret,
            failure_reason: setup.failure_reason,
            failure_text: setup.failure_text,
            method: method.map(|method| to_wire(method, now)),
        })
    }

    /// Ends setups that nobody went on with: what a bank agreed to is in the wallet, all else comes to nothing.
    pub(super) async fn end_setups(&self) -> Result<()> {
        let now = self.clock.now();
        for id in self.store.setups_left(now.minus(BUYER_PATIENCE), LEFT_MAX).await? {
            if let Err(error) = self.end_setup(id).await {
                tracing::warn!(setup.id = %id, error = ?error, "a setup cannot be ended yet");
            }
        }
        self.store.erase_setups(now.minus(DECIDED_KEPT)).await
    }

    async fn end_setup(&self, id: SetupId) -> Result<()> {
        let Some(setup) = self.store.setup(id).await?.filter(|setup| setup.state.is_open()) else {
            return Ok(());
        };
        let kept = if setup.provider_reference.is_empty() {
            // No bank is asked before its name is written down.
            not_confirmed()
        } else {
            let saving = self.saving(&setup.provider)?;
            let customer = self.customer(setup.wallet_id, &setup.provider).await?;
            match self.payer.ask(&setup.provider, saving.drop_setup(&asked(&setup, &customer))).await {
                Err(error) if error.is_transient() => return Err(error),
                Err(_) | Ok(Kept::Processing | Kept::RequiresAction { .. }) => not_confirmed(),
                Ok(decided) => decided,
            }
        };
        self.store.setup_heard(&setup, &kept).await.map(|_| ())
    }
}

fn asked<'a>(setup: &'a Setup, customer: &'a str) -> SetupAsked<'a> {
    SetupAsked { setup_id: setup.id, provider_reference: &setup.provider_reference, customer }
}

/// Where the buyer comes back to, with the setup that they come back from.
fn returning(url: &str, id: SetupId) -> String {
    match url {
        "" => String::new(),
        url if url.contains('?') => format!("{url}&setup={id}"),
        url => format!("{url}?setup={id}"),
    }
}

/// Nothing is lost by a provider that is away: the same is asked again under the same key.
fn away(error: Error) -> Error {
    if error.reason() == error::PROVIDER_AWAY {
        return Error::unavailable("PROVIDER_UNAVAILABLE", error.message().to_owned())
            .with_retry_after(Duration::from_secs(2));
    }
    error
}

fn not_confirmed() -> Kept {
    Kept::Declined {
        reason: "CARD_NOT_CONFIRMED".to_owned(),
        text: "The card was not confirmed in time. It is not saved.".to_owned(),
    }
}

/// Names a request without keeping its token.
fn digest(request: &StartSetupRequest) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [&request.provider, &request.token, &request.return_url] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
