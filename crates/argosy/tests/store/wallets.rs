//! Saved cards from the checkout to the bank, with every service real.

use std::path::Path;

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    orders::{CompleteCheckoutRequest, ForgetPersonRequest},
    payments::{GetWalletRequest, OpenWalletRequest, OpenWalletResponse, RemoveMethodRequest, SavedMethod},
};
use argosy_kernel::{Code, Ctx, Result};
use argosy_testkit::{Engine, Mode, contract_stories, eventually};

/// How the shop's services are called.
struct Subject(Mode);

impl Subject {
    #[expect(clippy::unused_async, reason = "as the stories of every contract begin")]
    async fn start(mode: Mode) -> Self {
        Self(mode)
    }
}

contract_stories! {
    law_4_a_card_is_remembered_with_a_purchase_and_pays_the_next_one,
    a_wallet_that_is_gone_gives_all_back_and_the_next_way_pays,
    law_11_a_wallet_is_forgotten_with_whoever_bought_with_it,
}

fn paying(
    checkout: &str,
    wallet: &OpenWalletResponse,
    token: &str,
    remember: bool,
) -> CompleteCheckoutRequest {
    CompleteCheckoutRequest {
        checkout_id: checkout.to_owned(),
        provider: "test".to_owned(),
        token: token.to_owned(),
        wallet_id: wallet.wallet_id.clone(),
        wallet_key: wallet.key.clone(),
        remember,
        ..CompleteCheckoutRequest::default()
    }
}

async fn methods(buyers: &Buyers<'_>, wallet: &OpenWalletResponse) -> Result<Vec<SavedMethod>> {
    let request = GetWalletRequest { wallet_id: wallet.wallet_id.clone(), key: wallet.key.clone() };
    Ok(buyers.wiring.wallets()?.get_wallet(&buyers.ctx, request).await?.methods)
}

async fn open(buyers: &Buyers<'_>) -> OpenWalletResponse {
    buyers.wiring.wallets().unwrap().open_wallet(&buyers.ctx, OpenWalletRequest::default()).await.unwrap()
}

/// Whether a text is in any file of a store.
fn is_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        let found = |bytes: Vec<u8>| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        if path.is_dir() { is_in(&path, text) } else { std::fs::read(&path).is_ok_and(found) }
    })
}

async fn law_4_a_card_is_remembered_with_a_purchase_and_pays_the_next_one(s: Subject) {
    let shop = Shop::open_in(s.0, |_| {}).await;
    let buyers = shop.buyers();
    let (orders, wallet) = (buyers.wiring.orders().unwrap(), open(&buyers).await);
    let variant = buyers.stocked("mug", 10).await;
    let first = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let ctx = buyers.ctx.clone().with_key("key-1");
    let request = paying(&first, &wallet, "tok_ok", true);
    let done = orders.complete_checkout(&ctx, request.clone()).await.unwrap();
    assert_eq!(done.status, "completed");
    let saved = methods(&buyers, &wallet).await.unwrap();
    assert_eq!((saved.len(), saved[0].last_four.as_str()), (1, "4242"));
    let again = orders.complete_checkout(&ctx, request.clone()).await.unwrap();
    assert_eq!(again.order_id, done.order_id, "the same key answers the same");
    let other = CompleteCheckoutRequest { remember: false, ..request };
    assert_eq!(orders.complete_checkout(&ctx, other).await.unwrap_err().reason(), "KEY_REUSED");

    let second = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let ctx = buyers.ctx.clone().with_key("key-2");
    let paid = orders.complete_checkout(&ctx, paying(&second, &wallet, &saved[0].id, false)).await.unwrap();
    assert_eq!(paid.status, "completed");
    assert_eq!(buyers.order(&paid.order_id).await.payment_status, "captured");
    assert!(methods(&buyers, &wallet).await.unwrap()[0].last_used_at_ms > 0);
    assert_eq!(buyers.available(&variant).await, 8);
    if s.0.engine == Engine::Sqlite {
        assert!(is_in(shop.folder.path(), &wallet.wallet_id), "the search finds what is there");
        assert!(
            !is_in(shop.folder.path(), &wallet.key),
            "a wallet's key is kept nowhere, in no attempt either"
        );
    }
}

async fn a_wallet_that_is_gone_gives_all_back_and_the_next_way_pays(s: Subject) {
    let shop = Shop::open_in(s.0, |_| {}).await;
    let buyers = shop.buyers();
    let (orders, wallet) = (buyers.wiring.orders().unwrap(), open(&buyers).await);
    let variant = buyers.stocked("mug", 1).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let pay = async |wallet: &OpenWalletResponse, token: &str, key: &str| {
        let request = paying(&checkout, wallet, token, true);
        orders.complete_checkout(&buyers.ctx.clone().with_key(key), request).await
    };
    let wrong = OpenWalletResponse { key: "wrong".to_owned(), ..wallet.clone() };
    for key in ["key-1", "key-1", "key-2"] {
        let refused = pay(&wrong, "tok_ok", key).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (Code::NotFound, "WALLET_NOT_FOUND"));
        assert_eq!(buyers.available(&variant).await, 1, "what was reserved is given back");
    }
    assert_eq!(pay(&wallet, "tok_declined", "key-3").await.unwrap().attempts.last().unwrap().state, "failed");
    assert_eq!(methods(&buyers, &wallet).await.unwrap(), []);
    assert_eq!(pay(&wallet, "tok_ok", "key-4").await.unwrap().status, "completed");
    let card = methods(&buyers, &wallet).await.unwrap().remove(0);
    let request = RemoveMethodRequest {
        wallet_id: wallet.wallet_id.clone(),
        key: wallet.key.clone(),
        method_id: card.id.clone(),
    };
    buyers.wiring.wallets().unwrap().remove_method(&buyers.ctx, request).await.unwrap();
    let more = buyers.stocked("cup", 1).await;
    let next = buyers.ready(&buyers.cart(&[(&more, 1)]).await).await.id;
    let ctx = buyers.ctx.clone().with_key("key-5");
    let refused = orders.complete_checkout(&ctx, paying(&next, &wallet, &card.id, false)).await.unwrap_err();
    assert_eq!(refused.reason(), "SAVED_METHOD_REMOVED");
    assert_eq!(buyers.checkout(&next).await.status, "ready", "law 5");
}

async fn law_11_a_wallet_is_forgotten_with_whoever_bought_with_it(s: Subject) {
    let shop = Shop::open_in(s.0, |_| {}).await;
    let buyers = shop.buyers();
    let (orders, wallet, stranger) =
        (buyers.wiring.orders().unwrap(), open(&buyers).await, open(&buyers).await);
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let ctx = buyers.ctx.clone().with_key("key-1");
    let done = orders.complete_checkout(&ctx, paying(&checkout, &wallet, "tok_ok", true)).await.unwrap();
    assert_eq!(methods(&buyers, &wallet).await.unwrap().len(), 1);
    let forget = ForgetPersonRequest { email: "ann@example.com".to_owned() };
    shop.persons().forget(&Ctx::system("test"), forget).await.unwrap();
    eventually("payments has heard it", || async {
        methods(&buyers, &wallet).await.is_err_and(|error| error.reason() == "WALLET_NOT_FOUND")
    })
    .await;
    assert_eq!(methods(&buyers, &stranger).await.unwrap(), [], "another's is there");
    assert_eq!(buyers.order(&done.order_id).await.payment_status, "captured", "the books stay");
}
