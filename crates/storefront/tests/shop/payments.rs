//! Ways to pay, and pictures.

use argosy_contracts::{media::*, payments::*};
use argosy_kernel::{Ctx, Result};
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
