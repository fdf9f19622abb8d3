//! Files that come with what is bought: had once it is paid, so often, and not after it was taken back.

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    downloads,
    media::{PutFilePartRequest, PutFileRequest, SoldFile},
    orders::{
        CancelOrderRequest, HoldOrderRequest, Order, ReleaseOrderRequest, TakeDownloadRequest,
        TakePaymentRequest,
    },
};
use argosy_kernel::{Ctx, Result};
use argosy_testkit::{Mode, contract_stories, eventually};
use futures::{TryStreamExt, future::join_all};

contract_stories! {
    who_has_paid_downloads_what_they_bought_and_nobody_else_does,
    law_2_a_file_is_downloaded_so_often_and_no_more,
    what_is_held_canceled_or_not_paid_is_not_handed_out,
}

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::open_in(mode, |settings| settings.orders.downloads_max = 2).await)
    }
}

async fn sold_with(buyers: &Buyers<'_>, variant: &str, name: &str, content: &[u8]) -> SoldFile {
    let (media, staff) = (buyers.wiring.media().unwrap(), Ctx::system("test"));
    let part = PutFilePartRequest { content: content.to_vec() };
    let parts = vec![media.put_file_part(&staff, part).await.unwrap().digest];
    let request = PutFileRequest { variant_id: variant.to_owned(), name: name.to_owned(), parts };
    media.put_file(&staff, request).await.unwrap()
}

async fn bought(buyers: &Buyers<'_>, variant: &str) -> Order {
    let checkout = buyers.ready(&buyers.cart(&[(variant, 1)]).await).await;
    let id = buyers.pay(&checkout.id, "tok_ok", &checkout.id).await.unwrap().order_id;
    eventually("it is paid", || async { buyers.order(&id).await.payment_status == "captured" }).await;
    buyers.order(&id).await
}

async fn take(buyers: &Buyers<'_>, order: &Order, key: &str, file: &SoldFile) -> Result<Vec<u8>> {
    let clients = (&buyers.wiring.aftersales()?, &buyers.wiring.media()?);
    let (_, bytes) = downloads::take(clients, &Ctx::guest(), (&order.id, key), &file.id).await?;
    Ok(bytes.try_collect::<Vec<_>>().await?.concat())
}

async fn who_has_paid_downloads_what_they_bought_and_nobody_else_does(subject: Subject) {
    let shop = subject.0;
    let buyers = shop.buyers();
    let (album, mug) = (buyers.stocked("album", 9).await, buyers.stocked("mug", 9).await);
    let song = sold_with(&buyers, &album, "song.ogg", b"la la").await;
    let guide = sold_with(&buyers, &mug, "care.pdf", b"by hand").await;
    let order = bought(&buyers, &album).await;
    let media = buyers.wiring.media().unwrap();
    let listed = downloads::files_of(&media, &buyers.ctx, &order).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&song));
    assert_eq!(take(&buyers, &order, &order.key, &song).await.unwrap(), b"la la");
    assert_eq!(take(&buyers, &order, "guessed", &song).await.unwrap_err().reason(), "ORDER_NOT_FOUND");
    assert_eq!(take(&buyers, &order, &order.key, &guide).await.unwrap_err().reason(), "NOT_BOUGHT");
}

async fn law_2_a_file_is_downloaded_so_often_and_no_more(subject: Subject) {
    let shop = subject.0;
    let buyers = shop.buyers();
    let album = buyers.stocked("album", 9).await;
    let song = sold_with(&buyers, &album, "song.ogg", b"la la").await;
    let order = bought(&buyers, &album).await;
    let desk = buyers.wiring.aftersales().unwrap();
    let ask = || TakeDownloadRequest {
        order_id: order.id.clone(),
        key: order.key.clone(),
        variant_id: album.clone(),
        file_id: song.id.clone(),
    };
    let tried = join_all((0..8).map(|_| desk.take_download(&buyers.ctx, ask()))).await;
    for left in tried {
        assert_eq!(left.unwrap().left, Some(1), "what breaks off is begun again, and is one download");
    }
    // Hours later.
    let database = shop.process.host().databases().into_iter().find(|one| one.name() == "orders").unwrap();
    let later = async || {
        argosy_platform::database::sql("update order_download set taken_at_ms = 0")
            .commit(&database)
            .await
            .unwrap();
    };
    later().await;
    assert_eq!(desk.take_download(&buyers.ctx, ask()).await.unwrap().left, Some(0));
    assert_eq!(desk.take_download(&buyers.ctx, ask()).await.unwrap().left, Some(0));
    later().await;
    let tried = join_all((0..8).map(|_| desk.take_download(&buyers.ctx, ask()))).await;
    for refused in tried {
        assert_eq!(refused.unwrap_err().reason(), "DOWNLOADS_USED_UP");
    }
}

async fn what_is_held_canceled_or_not_paid_is_not_handed_out(subject: Subject) {
    let shop = subject.0;
    let buyers = shop.buyers();
    let album = buyers.stocked("album", 9).await;
    let song = sold_with(&buyers, &album, "song.ogg", b"la la").await;
    let (desk, staff) = (buyers.wiring.aftersales().unwrap(), Ctx::system("test"));
    let order = bought(&buyers, &album).await;
    let hold = HoldOrderRequest {
        order_id: order.id.clone(),
        reference: "h1".to_owned(),
        reason: "looks odd".to_owned(),
    };
    assert!(desk.hold_order(&staff, hold).await.unwrap().downloads.is_empty());
    assert_eq!(take(&buyers, &order, &order.key, &song).await.unwrap_err().reason(), "DOWNLOAD_NOT_READY");
    let release = ReleaseOrderRequest { order_id: order.id.clone(), reference: "r1".to_owned() };
    assert_eq!(desk.release_order(&staff, release).await.unwrap().downloads, std::slice::from_ref(&album));
    assert_eq!(take(&buyers, &order, &order.key, &song).await.unwrap(), b"la la");
    let cancel = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "c1".to_owned(),
        ..CancelOrderRequest::default()
    };
    desk.cancel_order(&staff, cancel).await.unwrap();
    assert_eq!(take(&buyers, &order, &order.key, &song).await.unwrap_err().reason(), "DOWNLOAD_NOT_READY");

    let checkout = buyers.ready(&buyers.cart(&[(&album, 1)]).await).await;
    let pending = buyers.pay_with("manual", &checkout.id, "bank_transfer", "by-hand").await.unwrap();
    let pending = buyers.order(&pending.order_id).await;
    assert_eq!(
        take(&buyers, &pending, &pending.key, &song).await.unwrap_err().reason(),
        "DOWNLOAD_NOT_READY"
    );
    let paid = TakePaymentRequest { order_id: pending.id.clone(), reference: "p1".to_owned() };
    desk.take_payment(&staff, paid).await.unwrap();
    eventually("it is paid", || async { !buyers.order(&pending.id).await.downloads.is_empty() }).await;
    assert_eq!(take(&buyers, &pending, &pending.key, &song).await.unwrap(), b"la la");
}
