//! The link that an order is paid by which the shop has put together. It leads to the order's checkout, where everything is as
//! in any other; a page of its own for drafts lost, since it would have to pay in all the same ways. Whose browser it is has
//! nothing to do with it: the visitor's own cart stays as it is.

use argosy_contracts::orders::OpenDraftRequest;
use argosy_edge::Caller;
use axum::{extract::State, response::Response};
use http::{HeaderValue, StatusCode, Uri, header};
use serde::Serialize;

use super::checkout::path_of;
use crate::{
    answer::{Answer, private_page, see_other},
    edition::{Edition, In},
    request::{Fields, no_page},
    shop::{SharedShop, Shop},
    view::head::Head,
};

const PATH: &str = "/pay";

#[derive(Serialize)]
struct OverPage {
    title: String,
    text: String,
}

/// `GET /pay?key=…`.
pub(crate) async fn open(
    State(shop): State<SharedShop>,
    In(edition): In,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let query = Fields::of_query(&uri)?;
    if query.text("key").is_empty() {
        return Err(no_page());
    }
    // A mail's link names the language that the mail is in, and no edition.
    let spoken = shop.editions.in_language(query.text("in")).next();
    let edition = spoken.unwrap_or(&edition);
    let request = OpenDraftRequest { link_key: query.text("key").to_owned() };
    let opened = shop.clients.drafts.open_draft(&ctx, request).await?;
    let mut response = if opened.checkout_id.is_empty() {
        over(&shop, edition, &opened.state, &opened.order_number).await?
    } else {
        see_other(&edition.path(&path_of(&opened.checkout_id)))
    };
    // The address holds the key: it must not leave with a link.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// Nothing is to be paid here any more: says why. Of the order it says no more than its number, since an old link may be
/// anywhere.
pub(super) async fn over(
    shop: &Shop,
    edition: &Edition,
    state: &str,
    order_number: &str,
) -> argosy_kernel::Result<Response> {
    let (status, what) = match state {
        "placed" | "completed" => (StatusCode::OK, "draft-placed"),
        "expired" => (StatusCode::GONE, "draft-expired"),
        _ => (StatusCode::GONE, "draft-dropped"),
    };
    let text = edition.words.say_with(&format!("{what}-text"), [("number", order_number.into())]);
    let view = OverPage { title: edition.say(&format!("{what}-title")), text };
    let head = Head::hidden(&shop.config.title(&view.title), PATH);
    Ok(private_page(status, shop.render(edition, "draft_over.html", head, view).await?))
}
