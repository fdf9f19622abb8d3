//! Orders that staff put together, and the links that they are paid by.

use argosy_contracts::{
    common::Address,
    orders::{
        ChangeDraftRequest, Checkout, CompleteCheckoutRequest, CreateDraftRequest, Draft, DraftLine,
        DraftTerms, DropDraftRequest, ForgetPersonRequest, GetCheckoutRequest, GetDraftRequest,
        ListDraftsRequest, OpenDraftRequest, OpenDraftResponse, PersonsClient, PlaceDraftRequest,
        ShareDraftRequest, UpdateCheckoutRequest,
    },
};
use argosy_kernel::{Ctx, RequestId, Result, VariantId};
use argosy_testkit::{Mode, contract_stories, eventually};
use std::sync::Arc;

use crate::{
    shop::{Shop, kinds},
    world::eur,
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! {
    staff_put_an_order_together_and_its_buyer_pays_it_by_its_link,
    staff_have_a_draft_paid_by_hand,
    law_4_one_reference_makes_one_draft_and_one_order,
    law_4_two_tabs_pay_one_draft_once,
    law_5_a_declined_card_leaves_a_draft_open,
    law_7_what_staff_changed_is_looked_at_again_before_it_is_paid,
    law_7_another_price_than_was_sent_is_accepted_first,
    law_7_a_price_that_nobody_was_sent_surprises_nobody,
    law_12_what_was_agreed_on_is_what_the_buyer_pays,
    an_agreed_price_of_delivery_holds_for_its_option,
    wrong_agreed_prices_name_the_field,
    law_11_a_forgotten_buyer_is_in_no_draft,
    a_draft_that_is_dropped_is_paid_by_nobody,
    a_draft_at_the_bank_can_be_dropped_but_not_changed,
    a_mail_is_asked_for_once_under_its_reference_and_needs_an_address,
    drafts_are_listed_newest_first,
    nobody_but_staff_puts_orders_together,
    what_is_no_draft_is_refused,
}

fn ann() -> Address {
    Address {
        name: "Ann".to_owned(),
        line1: "Kai 1".to_owned(),
        city: "Bonn".to_owned(),
        postal_code: "53111".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    }
}

fn line(variant: VariantId, quantity: i64) -> DraftLine {
    DraftLine { variant_id: variant.to_string(), quantity, unit_price: None }
}

impl Shop {
    /// Two mugs at 10.00, with delivery 24.90, for somebody whose address is known.
    fn terms(&self) -> DraftTerms {
        DraftTerms {
            lines: vec![line(self.mug, 2)],
            email: Some("ann@example.com".to_owned()),
            shipping_address: Some(ann()),
            shipping_option_id: Some("post".to_owned()),
            language: Some("de".to_owned()),
            note: Some("Rang up; wants them on Friday.".to_owned()),
            ..DraftTerms::default()
        }
    }

    async fn drafted(&self, reference: &str) -> Draft {
        let request = CreateDraftRequest {
            reference: reference.to_owned(),
            terms: Some(self.terms()),
            ..CreateDraftRequest::default()
        };
        self.drafts.create_draft(&self.staff, request).await.unwrap()
    }

    async fn changed_draft(&self, draft: &Draft, terms: DraftTerms) -> Result<Draft> {
        let request = ChangeDraftRequest { draft_id: draft.id.clone(), terms: Some(terms) };
        self.drafts.change_draft(&self.staff, request).await
    }

    async fn draft(&self, draft: &Draft) -> Draft {
        let request = GetDraftRequest { draft_id: draft.id.clone() };
        self.drafts.get_draft(&self.staff, request).await.unwrap()
    }

    async fn shared(&self, draft: &Draft, by_mail: bool, reference: &str) -> Result<Draft> {
        let (draft_id, reference) = (draft.id.clone(), reference.to_owned());
        self.drafts.share_draft(&self.staff, ShareDraftRequest { draft_id, reference, by_mail }).await
    }

    /// A draft whose buyer has its link.
    async fn sent_draft(&self) -> Draft {
        let draft = self.drafted("made").await;
        self.shared(&draft, false, "sent").await.unwrap()
    }

    async fn opened(&self, draft: &Draft) -> OpenDraftResponse {
        let request = OpenDraftRequest { link_key: draft.link_key.clone() };
        self.drafts.open_draft(&Ctx::guest(), request).await.unwrap()
    }

    /// What the buyer sees who has the link.
    async fn seen(&self, draft: &Draft) -> Checkout {
        let checkout_id = self.opened(draft).await.checkout_id;
        self.orders.get_checkout(&Ctx::guest(), GetCheckoutRequest { checkout_id }).await.unwrap()
    }

    async fn pays_draft(&self, seen: &Checkout, token: &str) -> Result<Checkout> {
        let complete = CompleteCheckoutRequest {
            checkout_id: seen.id.clone(),
            provider: "test".to_owned(),
            token: token.to_owned(),
            seen: seen.seen.clone(),
            ..CompleteCheckoutRequest::default()
        };
        let ctx = Ctx::guest().with_key(RequestId::new().to_string());
        self.orders.complete_checkout(&ctx, complete).await
    }

    async fn placed_by_hand(&self, draft: &Draft, reference: &str) -> Result<Draft> {
        let request = PlaceDraftRequest {
            draft_id: draft.id.clone(),
            reference: reference.to_owned(),
            method: "bank_transfer".to_owned(),
        };
        self.drafts.place_draft(&self.staff, request).await
    }

    async fn mails_asked_for(&self) -> usize {
        let facts = self.test.facts("orders").await;
        facts.iter().filter(|fact| fact.kind == "orders.draft_shared").count()
    }
}

fn total(checkout: &Checkout) -> i64 {
    checkout.quote.as_ref().unwrap().total.as_ref().unwrap().minor
}

fn codes(checkout: &Checkout) -> Vec<&str> {
    checkout.notices.iter().map(|notice| notice.code.as_str()).collect()
}

async fn staff_put_an_order_together_and_its_buyer_pays_it_by_its_link(subject: Subject) {
    let shop = subject.0;
    let draft = shop.drafted("made").await;
    let checkout = draft.checkout.clone().unwrap();
    assert_eq!(
        (draft.state.as_str(), draft.made_by.as_str(), draft.link_key.as_str()),
        ("draft", "test", "")
    );
    assert_eq!((checkout.status.as_str(), total(&checkout)), ("ready", 2_490));
    assert_eq!(draft.note, "Rang up; wants them on Friday.");

    let more = DraftTerms { lines: vec![line(shop.mug, 3), line(shop.cup, 1)], ..DraftTerms::default() };
    let changed = shop.changed_draft(&draft, more).await.unwrap();
    assert_eq!(total(changed.checkout.as_ref().unwrap()), 2_999 + 1_000 + 490);
    let fewer = DraftTerms { lines: vec![line(shop.cup, 0)], ..DraftTerms::default() };
    shop.changed_draft(&draft, fewer).await.unwrap();

    let sent = shop.shared(&draft, false, "sent").await.unwrap();
    assert_eq!((sent.state.as_str(), sent.link_key.len()), ("sent", 32));
    assert_eq!(shop.opened(&sent).await.state, "sent");
    let seen = shop.seen(&sent).await;
    assert_eq!((total(&seen), seen.email.as_str(), seen.language.as_str()), (3_489, "ann@example.com", "de"));
    assert!(seen.is_draft && seen.cart_id.is_empty(), "its cart is nobody else's business");
    assert!(codes(&seen).is_empty());

    let paid = shop.pays_draft(&seen, "tok_ok").await.unwrap();
    assert_eq!(paid.status, "completed");
    let order = shop.order(&paid.order_id).await;
    assert_eq!(
        (order.total.clone(), order.draft_note.as_str()),
        (eur(3_489), "Rang up; wants them on Friday.")
    );
    assert_eq!(shop.buyers_order(&order).await.draft_note, "");
    let after = shop.draft(&draft).await;
    assert_eq!((after.state.as_str(), after.order_number.as_str()), ("placed", order.number.as_str()));
    assert_eq!((after.link_key.as_str(), after.note.as_str()), ("", "Rang up; wants them on Friday."));
    let told = shop.opened(&sent).await;
    assert_eq!((told.state.as_str(), told.order_number.as_str()), ("placed", order.number.as_str()));
    assert_eq!(told.checkout_id, "", "whoever has an old link learns nothing else");
    shop.pays_draft(&seen, "tok_ok").await.unwrap_err();
    eventually("the money is taken", || async { shop.order(&order.id).await.payment_status == "captured" })
        .await;
    assert_eq!(shop.around.money(), (3_489, 0));
}

async fn staff_have_a_draft_paid_by_hand(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    let placed = shop.placed_by_hand(&sent, "place").await.unwrap();
    assert_eq!(placed.state, "placed");
    let order = shop.order(&placed.checkout.unwrap().order_id).await;
    assert_eq!((order.payment_status.as_str(), kinds(&order)), ("pending", vec!["placed"]));
    assert_eq!(shop.opened(&sent).await.state, "placed");
}

async fn law_4_one_reference_makes_one_draft_and_one_order(subject: Subject) {
    let shop = subject.0;
    let (draft, again) = futures::join!(shop.drafted("made"), shop.drafted("made"));
    assert_eq!(draft.id, again.id);
    let mut other = CreateDraftRequest {
        reference: "made".to_owned(),
        terms: Some(shop.terms()),
        ..CreateDraftRequest::default()
    };
    other.terms.as_mut().unwrap().lines = vec![line(shop.cup, 1)];
    assert_eq!(shop.drafts.create_draft(&shop.staff, other).await.unwrap_err().reason(), "KEY_REUSED");

    let placed = shop.placed_by_hand(&draft, "place").await.unwrap();
    let again = shop.placed_by_hand(&draft, "place").await.unwrap();
    assert_eq!((placed.state.as_str(), &placed.order_number), ("placed", &again.order_number));
    assert_eq!(shop.placed_by_hand(&draft, "anew").await.unwrap_err().reason(), "CHECKOUT_STATE");
}

async fn law_4_two_tabs_pay_one_draft_once(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    let seen = shop.seen(&sent).await;
    let tabs = futures::future::join_all((0..6).map(|_| shop.pays_draft(&seen, "tok_ok"))).await;
    let orders: Vec<String> = tabs.iter().flatten().map(|done| done.order_id.clone()).collect();
    assert_eq!(orders.len(), 1, "{tabs:?}");
    for refused in tabs.into_iter().filter_map(Result::err) {
        assert!(matches!(refused.reason(), "CHECKOUT_BUSY" | "CHECKOUT_STATE"), "{refused}");
    }
    eventually("the money is taken", || async { shop.around.money() == (2_490, 0) }).await;
}

async fn law_5_a_declined_card_leaves_a_draft_open(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    let seen = shop.seen(&sent).await;
    let declined = shop.pays_draft(&seen, "declined").await.unwrap();
    assert_eq!((declined.status.as_str(), declined.attempts.len()), ("ready", 1));
    assert_eq!(shop.draft(&sent).await.link_key, sent.link_key);
    assert_eq!(shop.pays_draft(&seen, "tok_ok").await.unwrap().status, "completed");
}

async fn law_7_what_staff_changed_is_looked_at_again_before_it_is_paid(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    let seen = shop.seen(&sent).await;
    // Costs the same, and is another thing.
    let other = DraftTerms {
        lines: vec![line(shop.mug, 1), line(shop.cup, 1)],
        shipping_address: Some(Address { line1: "Kai 2".to_owned(), ..ann() }),
        ..DraftTerms::default()
    };
    shop.changed_draft(&sent, other).await.unwrap();
    assert_eq!(shop.pays_draft(&seen, "tok_ok").await.unwrap_err().reason(), "DRAFT_CHANGED");
    // Nor is what staff set overwritten with what was there before.
    let form = UpdateCheckoutRequest {
        checkout_id: seen.id.clone(),
        shipping_address: Some(ann()),
        seen: seen.seen.clone(),
        ..UpdateCheckoutRequest::default()
    };
    let refused = shop.orders.update_checkout(&Ctx::guest(), form).await.unwrap_err();
    assert_eq!(refused.reason(), "DRAFT_CHANGED");
    // Who shows nothing has seen nothing.
    let blind = Checkout { seen: String::new(), ..seen.clone() };
    assert_eq!(shop.pays_draft(&blind, "tok_ok").await.unwrap_err().reason(), "DRAFT_CHANGED");

    let now = shop.seen(&sent).await;
    assert_eq!((total(&now), total(&seen)), (2_490, 2_490));
    let paid = shop.pays_draft(&now, "tok_ok").await.unwrap();
    let order = shop.order(&paid.order_id).await;
    assert_eq!((order.lines.len(), order.shipping_address.unwrap().line1.as_str()), (2, "Kai 2"));
}

async fn law_7_another_price_than_was_sent_is_accepted_first(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    shop.around.world().dearer = 50;
    let seen = shop.seen(&sent).await;
    assert_eq!((codes(&seen), total(&seen)), (vec!["PRICE_CHANGED"], 2_590));
    let not_yet = shop.pays_draft(&seen, "tok_ok").await.unwrap();
    assert_eq!((not_yet.status.as_str(), codes(&not_yet)), ("ready", vec!["PRICE_CHANGED"]));
    let by_hand = shop.placed_by_hand(&sent, "place").await.unwrap();
    assert_eq!((by_hand.state.as_str(), codes(&by_hand.checkout.unwrap())), ("sent", vec!["PRICE_CHANGED"]));
    let accept = UpdateCheckoutRequest {
        checkout_id: seen.id.clone(),
        accepted_notices: vec![seen.notices[0].token.clone()],
        seen: seen.seen.clone(),
        ..UpdateCheckoutRequest::default()
    };
    let accepted = shop.orders.update_checkout(&Ctx::guest(), accept).await.unwrap();
    assert!(codes(&accepted).is_empty());
    assert_eq!(accepted.expires_at_ms, seen.expires_at_ms, "a buyer's change shortens no draft's life");
    let paid = shop.pays_draft(&accepted, "tok_ok").await.unwrap();
    assert_eq!(shop.order(&paid.order_id).await.total, eur(2_590));
}

async fn law_7_a_price_that_nobody_was_sent_surprises_nobody(subject: Subject) {
    let shop = subject.0;
    let draft = shop.drafted("made").await;
    shop.around.world().dearer = 50;
    let now = shop.draft(&draft).await.checkout.unwrap();
    assert_eq!(
        (codes(&now), total(&now)),
        (vec!["PRICE_CHANGED"], 2_590),
        "staff see it before they send it"
    );
    let sent = shop.shared(&draft, false, "sent").await.unwrap();
    assert!(codes(&shop.seen(&sent).await).is_empty());
}

fn at(variant: VariantId, quantity: i64, minor: i64) -> DraftLine {
    DraftLine { unit_price: eur(minor), ..line(variant, quantity) }
}

async fn law_12_what_was_agreed_on_is_what_the_buyer_pays(subject: Subject) {
    let shop = subject.0;
    let draft = shop.drafted("made").await;
    let agreed = DraftTerms { lines: vec![at(shop.mug, 2, 750)], ..DraftTerms::default() };
    shop.changed_draft(&draft, agreed).await.unwrap();
    let draft = shop.shared(&draft, false, "sent").await.unwrap();
    let seen = shop.seen(&draft).await;
    assert_eq!((total(&seen), codes(&seen)), (2 * 750 + 490, Vec::new()));
    // Dearer since: what was agreed on stays.
    shop.around.world().dearer = 100;
    assert_eq!(total(&shop.seen(&draft).await), 2 * 750 + 490);
    let at_list_price = DraftTerms { lines: vec![line(shop.mug, 2)], ..DraftTerms::default() };
    let dearer = shop.changed_draft(&draft, at_list_price).await.unwrap();
    assert_eq!(total(&dearer.checkout.unwrap()), 2 * 1_100 + 490);
    let again = DraftTerms { lines: vec![at(shop.mug, 3, 700)], ..DraftTerms::default() };
    shop.changed_draft(&draft, again).await.unwrap();
    let seen = shop.seen(&draft).await;
    assert_eq!(codes(&seen), ["PRICE_CHANGED"], "the buyer has seen another one");
    let accept = UpdateCheckoutRequest {
        checkout_id: seen.id.clone(),
        accepted_notices: vec![seen.notices[0].token.clone()],
        seen: seen.seen.clone(),
        ..UpdateCheckoutRequest::default()
    };
    let accepted = shop.orders.update_checkout(&Ctx::guest(), accept).await.unwrap();
    let paid = shop.pays_draft(&accepted, "tok_ok").await.unwrap();
    assert_eq!(paid.status, "completed");
    eventually("the money is taken", || async { shop.around.money().0 == 3 * 700 + 490 }).await;
    assert_eq!(shop.order(&paid.order_id).await.total, eur(3 * 700 + 490));
}

async fn an_agreed_price_of_delivery_holds_for_its_option(subject: Subject) {
    let shop = subject.0;
    let draft = shop.drafted("made").await;
    let agreed = DraftTerms { shipping_price: eur(0), ..DraftTerms::default() };
    shop.changed_draft(&draft, agreed).await.unwrap();
    let draft = shop.shared(&draft, false, "sent").await.unwrap();
    let seen = shop.seen(&draft).await;
    assert_eq!(total(&seen), 2_000);
    let choose = |option: &str| UpdateCheckoutRequest {
        checkout_id: seen.id.clone(),
        shipping_option_id: Some(option.to_owned()),
        ..UpdateCheckoutRequest::default()
    };
    let chosen = shop.orders.update_checkout(&Ctx::guest(), choose("express")).await.unwrap();
    assert_eq!(total(&chosen), 2_000 + 1_290, "nobody agreed on that");
    let back = shop.orders.update_checkout(&Ctx::guest(), choose("post")).await.unwrap();
    assert_eq!(total(&back), 2_000);
    let named = DraftTerms { shipping_option_id: Some("post".to_owned()), ..DraftTerms::default() };
    assert_eq!(total(&shop.changed_draft(&draft, named).await.unwrap().checkout.unwrap()), 2_490);
}

async fn wrong_agreed_prices_name_the_field(subject: Subject) {
    let shop = subject.0;
    let draft = shop.drafted("made").await;
    let pointer = async |terms: DraftTerms| {
        shop.changed_draft(&draft, terms).await.unwrap_err().fields()[0].pointer.clone()
    };
    let lines = vec![line(shop.cup, 1), at(shop.mug, 1, -1)];
    assert_eq!(pointer(DraftTerms { lines, ..DraftTerms::default() }).await, "/lines/1/unit_price");
    let mut dollars = eur(1);
    "USD".clone_into(&mut dollars.as_mut().unwrap().currency);
    let terms = DraftTerms { shipping_price: dollars, ..DraftTerms::default() };
    assert_eq!(pointer(terms).await, "/shipping_price");
    let terms = DraftTerms {
        shipping_option_id: Some(String::new()),
        shipping_price: eur(1),
        ..DraftTerms::default()
    };
    assert_eq!(pointer(terms).await, "/shipping_option_id");
    assert_eq!(total(&shop.draft(&draft).await.checkout.unwrap()), 2_490);
}

async fn law_11_a_forgotten_buyer_is_in_no_draft(subject: Subject) {
    let shop = subject.0;
    let draft = shop.drafted("made").await;
    let sent = shop.shared(&draft, true, "mail").await.unwrap();
    assert!(!sent.person_id.is_empty(), "whom one writes to is somebody");
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let persons: PersonsClient = argosy_orders::persons(database, Arc::clone(&shop.test.clock) as _);
    let forget = ForgetPersonRequest { email: "Ann@example.com".to_owned() };
    let forgotten = persons.forget(&shop.staff, forget).await.unwrap();
    assert_eq!((forgotten.checkouts, forgotten.person_id), (1, sent.person_id));
    let now = shop.draft(&draft).await;
    let checkout = now.checkout.unwrap();
    assert_eq!((now.note.as_str(), now.person_id.as_str(), checkout.email.as_str()), ("", "", ""));
    assert_eq!(checkout.shipping_address, None);
    let listed = shop.drafts.list_drafts(&shop.staff, ListDraftsRequest::default()).await.unwrap();
    assert_eq!(listed.drafts[0].checkout.as_ref().unwrap().email, "");
}

async fn a_draft_that_is_dropped_is_paid_by_nobody(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    let seen = shop.seen(&sent).await;
    for _ in 0..2 {
        let drop = DropDraftRequest { draft_id: sent.id.clone() };
        assert_eq!(shop.drafts.drop_draft(&shop.staff, drop).await.unwrap().state, "dropped");
    }
    assert_eq!(shop.opened(&sent).await.state, "dropped");
    assert_eq!(shop.pays_draft(&seen, "tok_ok").await.unwrap_err().reason(), "CHECKOUT_STATE");
    assert_eq!(shop.shared(&sent, false, "again").await.unwrap_err().reason(), "CHECKOUT_STATE");
    assert_eq!(shop.changed_draft(&sent, shop.terms()).await.unwrap_err().reason(), "CHECKOUT_STATE");
    assert_eq!(shop.draft(&sent).await.link_key, "");
}

async fn a_draft_at_the_bank_can_be_dropped_but_not_changed(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    let seen = shop.seen(&sent).await;
    let waits = shop.pays_draft(&seen, "needs_buyer").await.unwrap();
    assert_eq!(waits.status, "needs_buyer");
    assert_eq!(shop.changed_draft(&sent, shop.terms()).await.unwrap_err().reason(), "CHECKOUT_STATE");
    assert_eq!(shop.opened(&sent).await.checkout_id, seen.id, "the link leads back to where it is paid");
    let drop = DropDraftRequest { draft_id: sent.id.clone() };
    assert_eq!(shop.drafts.drop_draft(&shop.staff, drop).await.unwrap().state, "dropped");
    assert_eq!(shop.around.payment_state(), "voided");
}

async fn a_mail_is_asked_for_once_under_its_reference_and_needs_an_address(subject: Subject) {
    let shop = subject.0;
    let draft = shop.drafted("made").await;
    let first = shop.shared(&draft, true, "mail").await.unwrap();
    let again = shop.shared(&draft, true, "another").await.unwrap();
    assert_eq!(first.link_key, again.link_key, "one link, however often it is sent");
    shop.shared(&draft, false, "copied").await.unwrap();
    assert_eq!(shop.mails_asked_for().await, 2);
    let facts = shop.test.facts("orders").await;
    assert!(facts.iter().all(|fact| !fact.data.contains(&first.link_key)), "a fact opens nothing");

    let nobody = CreateDraftRequest {
        reference: "nobody's".to_owned(),
        terms: Some(DraftTerms { lines: vec![line(shop.mug, 1)], ..DraftTerms::default() }),
        ..CreateDraftRequest::default()
    };
    let nobody = shop.drafts.create_draft(&shop.staff, nobody).await.unwrap();
    let refused = shop.shared(&nobody, true, "mail").await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/email");
    // Its buyer says who they are.
    let linked = shop.shared(&nobody, false, "link").await.unwrap();
    assert_eq!(shop.seen(&linked).await.status, "incomplete");
}

async fn drafts_are_listed_newest_first(subject: Subject) {
    let shop = subject.0;
    let (first, second) = (shop.drafted("1").await, shop.drafted("2").await);
    shop.shared(&first, false, "sent").await.unwrap();
    let page = |cursor: String| ListDraftsRequest { limit: 1, cursor };
    let latest = shop.drafts.list_drafts(&shop.staff, page(String::new())).await.unwrap();
    let before = shop.drafts.list_drafts(&shop.staff, page(latest.next.clone())).await.unwrap();
    let (latest, older) = (&latest.drafts[0], &before.drafts[0]);
    assert_eq!((latest.id.as_str(), latest.state.as_str()), (second.id.as_str(), "draft"));
    assert_eq!((older.id.as_str(), older.state.as_str()), (first.id.as_str(), "sent"));
    assert_eq!(
        (older.checkout.as_ref().unwrap().email.as_str(), before.next.as_str()),
        ("ann@example.com", "")
    );
}

async fn nobody_but_staff_puts_orders_together(subject: Subject) {
    let shop = subject.0;
    let sent = shop.sent_draft().await;
    let (guest, draft_id) = (Ctx::guest(), sent.id.clone());
    let seen = shop.seen(&sent).await;
    let drafts = &shop.drafts;
    let (reference, method) = ("r".to_owned(), "bank_transfer".to_owned());
    let (id, word) = (draft_id.clone(), reference.clone());
    let refusals = [
        drafts.create_draft(&guest, CreateDraftRequest { reference: word, ..Default::default() }).await,
        drafts.change_draft(&guest, ChangeDraftRequest { draft_id: id.clone(), terms: None }).await,
        drafts.get_draft(&guest, GetDraftRequest { draft_id: id.clone() }).await,
        drafts.drop_draft(&guest, DropDraftRequest { draft_id: id.clone() }).await,
        drafts
            .place_draft(&guest, PlaceDraftRequest { draft_id: id, reference: reference.clone(), method })
            .await,
        drafts.share_draft(&guest, ShareDraftRequest { draft_id, reference, by_mail: false }).await,
    ];
    for refused in refusals {
        assert_eq!(refused.unwrap_err().reason(), "STAFF_ONLY");
    }
    let listed = drafts.list_drafts(&guest, ListDraftsRequest::default()).await.unwrap_err();
    assert_eq!(listed.reason(), "STAFF_ONLY");
    let cancel = argosy_contracts::orders::CancelCheckoutRequest { checkout_id: seen.id };
    assert_eq!(shop.orders.cancel_checkout(&guest, cancel).await.unwrap_err().reason(), "STAFF_ONLY");
    let guessed = OpenDraftRequest { link_key: "0".repeat(32) };
    assert_eq!(drafts.open_draft(&guest, guessed).await.unwrap_err().reason(), "DRAFT_NOT_FOUND");
}

async fn what_is_no_draft_is_refused(subject: Subject) {
    let shop = subject.0;
    let cases: [(DraftTerms, &str); 5] = [
        (DraftTerms { lines: vec![line(shop.mug, -1)], ..Default::default() }, "/lines/0/quantity"),
        (
            DraftTerms { lines: vec![line(shop.mug, 1), line(shop.mug, 1)], ..Default::default() },
            "/lines/1/variant_id",
        ),
        (DraftTerms { email: Some("nobody".to_owned()), ..Default::default() }, "/email"),
        (DraftTerms { note: Some("x".repeat(2_001)), ..Default::default() }, "/note"),
        (DraftTerms { add_codes: vec![String::new(); 11], ..Default::default() }, "/add_codes"),
    ];
    for (terms, pointer) in cases {
        let request = CreateDraftRequest {
            reference: "r".to_owned(),
            terms: Some(terms),
            ..CreateDraftRequest::default()
        };
        let refused = shop.drafts.create_draft(&shop.staff, request).await.unwrap_err();
        assert_eq!(refused.fields()[0].pointer, pointer, "{refused}");
    }
    let empty = CreateDraftRequest { reference: "empty".to_owned(), ..CreateDraftRequest::default() };
    let empty = shop.drafts.create_draft(&shop.staff, empty).await.unwrap();
    assert_eq!(shop.shared(&empty, false, "sent").await.unwrap_err().reason(), "CART_EMPTY");
}
