//! Ways to pay, and pictures.

use argosy_contracts::{media::*, payments::*};
use argosy_kernel::{Code, Ctx, Error, Result};
use argosy_testkit::not_asked;
use async_trait::async_trait;

use super::services::Fake;

#[async_trait]
impl PaymentsApi for Fake {
    async fn list_methods(&self, _: &Ctx, request: ListMethodsRequest) -> Result<ListMethodsResponse> {
        let method = |provider: &str, method: &str, title: &str| PaymentMethod {
            provider: provider.to_owned(),
            method: method.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            public_key: String::new(),
            can_be_saved: method == "card",
        };
        let mut methods =
            vec![method("test", "card", "Test card"), method("manual", "bank_transfer", "Bank transfer")];
        methods.push(method("gift_card", "gift_card", "Gift card"));
        let public_key = self.state()?.card_key.clone();
        if !public_key.is_empty() {
            methods.push(PaymentMethod { public_key, ..method("stripe", "card", "Card") });
        }
        for method in methods.iter_mut().filter(|method| request.unanswered.contains(&method.provider)) {
            (method.provider, method.title) = ("backup".to_owned(), "Another card".to_owned());
        }
        Ok(ListMethodsResponse { methods })
    }

    /// Each card has 5.00 on it, except those whose code says that they are empty.
    async fn check_gift_card(&self, _: &Ctx, request: CheckGiftCardRequest) -> Result<CheckGiftCardResponse> {
        if request.code.len() < 12 {
            return Err(argosy_kernel::Error::invalid_field(
                "/code",
                "must have 12 to 40 letters and digits",
            ));
        }
        let is_known = !request.code.contains("EMPTY");
        let minor = if is_known { 500 } else { 0 };
        Ok(CheckGiftCardResponse {
            id: request.code.clone(),
            hint: request.code[request.code.len() - 4..].to_owned(),
            available: Some(argosy_contracts::common::Money { minor, currency: request.currency }),
            failure_reason: if is_known { String::new() } else { "GIFT_CARD_UNKNOWN".to_owned() },
            failure_text: if is_known {
                String::new()
            } else {
                "There is no gift card with this code.".to_owned()
            },
        })
    }

    async fn get_intent(&self, _: &Ctx, request: GetIntentRequest) -> Result<Intent> {
        let state = if request.intent_id == "pay_waits" { "requires_action" } else { "authorised" };
        Ok(Intent {
            id: request.intent_id,
            provider: "stripe".to_owned(),
            reference: self.state()?.checkout()?.id,
            state: state.to_owned(),
            amount: Some(argosy_contracts::common::Money { minor: 1_000, currency: "EUR".to_owned() }),
            client_secret: "pi_1_secret_2".to_owned(),
            ..Intent::default()
        })
    }

    not_asked! {
        authorise(AuthoriseRequest) -> Intent;
        prepare(AuthoriseRequest) -> Intent;
        capture(CaptureRequest) -> Intent;
        void(VoidRequest) -> Intent;
        refund(RefundRequest) -> Intent;
        refresh_intent(RefreshIntentRequest) -> Intent;
        issue_gift_card(IssueGiftCardRequest) -> GiftCard;
        get_gift_card(GetGiftCardRequest) -> GiftCard;
        handle_webhook(HandleWebhookRequest) -> HandleWebhookResponse;
        list_disputes(ListDisputesRequest) -> ListDisputesResponse;
        get_dispute(GetDisputeRequest) -> Dispute;
        attach_evidence(AttachEvidenceRequest) -> Dispute;
        submit_evidence(SubmitEvidenceRequest) -> Dispute;
    }
}

#[async_trait]
impl MediaApi for Fake {
    async fn read_media(&self, _: &Ctx, request: ReadMediaRequest) -> Result<ReadMediaResponse> {
        let content_type = match request.format.as_str() {
            "avif" => "image/avif",
            "webp" => "image/webp",
            "preview" => "image/jpeg",
            _ => "image/png",
        };
        Ok(ReadMediaResponse {
            content_type: content_type.to_owned(),
            content: request.id.into_bytes(),
            is_interim: false,
        })
    }

    not_asked! {
        put_file_part(PutFilePartRequest) -> PutFilePartResponse;
        put_file(PutFileRequest) -> SoldFile;
        remove_file(RemoveFileRequest) -> RemoveFileResponse;
        list_files(ListFilesRequest) -> ListFilesResponse;
        get_file(GetFileRequest) -> SoldFile;
        read_file_part(ReadFilePartRequest) -> ReadFilePartResponse;
        upload(UploadRequest) -> MediaItem;
        get_media(GetMediaRequest) -> MediaItem;
        find_media(FindMediaRequest) -> FindMediaResponse;
    }
}

/// The key of every wallet here.
const WALLET_KEY: &str = "secretkey";

impl Fake {
    fn knows_wallets(&self) -> Result<()> {
        let unknown = || Error::new(Code::Unimplemented, "CONTRACT_UNKNOWN", "of another release");
        if self.state()?.without_wallets { Err(unknown()) } else { Ok(()) }
    }

    fn wallet(&self, id: &str, key: &str) -> Result<Wallet> {
        self.knows_wallets()?;
        if key != WALLET_KEY {
            return Err(Error::not_found("WALLET_NOT_FOUND", "there is no such wallet"));
        }
        Ok(Wallet { id: id.to_owned(), methods: self.state()?.saved.clone() })
    }
}

#[async_trait]
impl WalletsApi for Fake {
    /// From the same seed the same, as the service does it.
    async fn open_wallet(&self, _: &Ctx, request: OpenWalletRequest) -> Result<OpenWalletResponse> {
        self.knows_wallets()?;
        let mut bytes = [0; 16];
        for (place, byte) in bytes.iter_mut().zip(request.seed.bytes()) {
            *place = byte;
        }
        let wallet_id = argosy_kernel::WalletId::from_bytes(bytes).to_string();
        self.state()?.opened.push(wallet_id.clone());
        Ok(OpenWalletResponse { wallet_id, key: WALLET_KEY.to_owned() })
    }

    async fn get_wallet(&self, _: &Ctx, request: GetWalletRequest) -> Result<Wallet> {
        self.wallet(&request.wallet_id, &request.key)
    }

    async fn start_setup(&self, _: &Ctx, request: StartSetupRequest) -> Result<Setup> {
        self.wallet(&request.wallet_id, &request.key)?;
        let mut state = self.state()?;
        state.tokens.push(format!("setup:{}:{}", request.provider, request.token));
        let (outcome, action_url) = match request.token.as_str() {
            "tok_declined" => ("failed", String::new()),
            "tok_needs_action" => ("requires_action", format!("/wallet/test-bank/{SETUP}")),
            _ if !state.bank.is_empty() => ("requires_action", state.bank.clone()),
            _ => ("saved", String::new()),
        };
        Ok(Setup {
            id: SETUP.to_owned(),
            wallet_id: request.wallet_id,
            provider: request.provider,
            state: outcome.to_owned(),
            action_url,
            failure_reason: if outcome == "failed" { "DECLINED".to_owned() } else { String::new() },
            failure_text: if outcome == "failed" {
                "The card was declined.".to_owned()
            } else {
                String::new()
            },
            ..Setup::default()
        })
    }

    async fn finish_setup(&self, _: &Ctx, request: SetupRequest) -> Result<Setup> {
        self.wallet(&request.wallet_id, &request.key)?;
        let (id, wallet_id) = (request.setup_id, request.wallet_id);
        Ok(Setup { id, wallet_id, state: "saved".to_owned(), ..Setup::default() })
    }

    async fn get_setup(&self, _: &Ctx, request: SetupRequest) -> Result<Setup> {
        self.wallet(&request.wallet_id, &request.key)?;
        let provider = if self.state()?.card_key.is_empty() { "test" } else { "stripe" };
        Ok(Setup {
            id: request.setup_id,
            wallet_id: request.wallet_id,
            provider: provider.to_owned(),
            state: "requires_action".to_owned(),
            client_secret: "seti_1_secret_2".to_owned(),
            ..Setup::default()
        })
    }

    async fn remove_method(&self, _: &Ctx, request: RemoveMethodRequest) -> Result<Wallet> {
        self.wallet(&request.wallet_id, &request.key)?;
        self.state()?.saved.retain(|method| method.id != request.method_id);
        self.wallet(&request.wallet_id, &request.key)
    }
}

/// The setup that every card has that waits for its bank.
const SETUP: &str = "setup_0000000000000000000000000g";
