//! Drafts: checkouts that staff put together, and the links that they are paid by.

use argosy_kernel::{CheckoutId, Cursor, DraftId, Error, Page, PageRequest, Result, Timestamp};
use argosy_platform::database::{Sql, sql, together};
use sea_orm::FromQueryResult;

use super::{
    Store,
    checkouts::{TRIES_MAX, to_json, too_many_writers},
};
use crate::{
    domain::{Checkout, Contact, Status},
    error, events,
};

/// A draft about to be made.
pub(crate) struct NewDraft<'a> {
    pub(crate) id: DraftId,
    pub(crate) checkout: &'a Checkout,
    pub(crate) reference: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) made_by: &'a str,
}

/// How a draft gets its link, and who is told.
pub(crate) struct Share<'a> {
    /// If it has none yet.
    pub(crate) new_key: &'a str,
    /// Names the mail; none: nobody is written to.
    pub(crate) mail: Option<&'a str>,
}

/// A draft, with what its checkout says of it.
#[derive(Debug, Clone)]
pub(crate) struct DraftRow {
    pub(crate) id: DraftId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) digest: String,
    pub(crate) made_by: String,
    pub(crate) made_at: Timestamp,
    pub(crate) shared_at: Option<Timestamp>,
    pub(crate) link_key: Option<String>,
    pub(crate) status: Status,
    /// Empty once it is over.
    pub(crate) email: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) order_id: Option<String>,
    pub(crate) order_number: Option<i64>,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    checkout_id: String,
    digest: String,
    made_by: String,
    made_at_ms: i64,
    shared_at_ms: Option<i64>,
    link_key: Option<String>,
    status: String,
    email: Option<String>,
    expires_at_ms: i64,
    order_id: Option<String>,
    order_number: Option<i64>,
}

impl TryFrom<Row> for DraftRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            checkout_id: row.checkout_id.parse()?,
            digest: row.digest,
            made_by: row.made_by,
            made_at: Timestamp::from_millis(row.made_at_ms),
            shared_at: row.shared_at_ms.map(Timestamp::from_millis),
            link_key: row.link_key,
            status: row.status.parse()?,
            email: row.email.unwrap_or_default(),
            expires_at: Timestamp::from_millis(row.expires_at_ms),
            order_id: row.order_id,
            order_number: row.order_number,
        })
    }
}

const COLUMNS: &str = "select d.id, d.checkout_id, d.digest, d.made_by, d.made_at_ms, d.shared_at_ms, d.link_key, \
                              c.status, c.email, c.expires_at_ms, o.id as order_id, o.number as order_number \
                         from draft d \
                         join checkout c on c.id = d.checkout_id \
                         left join orders o on o.checkout_id = d.checkout_id";

impl DraftRow {
    /// What its link ends with, while something can be paid by it.
    pub(crate) fn link_key(&self) -> &str {
        if self.status.is_over() { "" } else { self.link_key.as_deref().unwrap_or_default() }
    }

    /// Where it stands, for people.
    pub(crate) fn state(&self) -> &'static str {
        match self.status {
            Status::Completed => "placed",
            Status::Canceled => "dropped",
            Status::Expired => "expired",
            Status::Incomplete | Status::Ready | Status::NeedsBuyer | Status::Completing => {
                if self.shared_at.is_some() { "sent" } else { "draft" }
            }
        }
    }
}

/// Only this is kept of a link once it leads to nothing that could be paid.
fn digest_of(link_key: &str) -> String {
    blake3::hash(link_key.as_bytes()).to_hex().to_string()
}

impl Store {
    /// Writes a draft and its checkout; false if its reference came before.
    pub(crate) async fn open_draft(&self, new: &NewDraft<'_>) -> Result<bool> {
        let checkout = new.checkout;
        let contact = Some(&checkout.contact).filter(|contact| **contact != Contact::default());
        let of_checkout = sql(
            "insert into checkout (id, cart_id, open_cart_id, status, version, expires_at_ms, document, \
                                       email, contact, draft_id, draft_version, draft_prices) \
                 values ($1, $2, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(checkout.id.to_string())
        .bind(checkout.cart_id.to_string())
        .bind(checkout.status.as_str())
        .bind(checkout.expires_at.as_millis())
        .bind(to_json(checkout)?)
        .bind(contact.map(|contact| Contact::person(&contact.email)))
        .bind(contact.map(to_json).transpose()?)
        .bind(new.id.to_string())
        .bind(checkout.draft_version())
        .bind(checkout.draft_prices().map(to_json).transpose()?);
        let of_draft = sql("insert into draft (id, checkout_id, reference, digest, made_by, made_at_ms) \
                 values ($1, $2, $3, $4, $5, $6) on conflict (reference) do nothing")
        .bind(new.id.to_string())
        .bind(checkout.id.to_string())
        .bind(new.reference)
        .bind(new.digest)
        .bind(new.made_by)
        .bind(self.now().as_millis());
        together().must_touch(1, of_checkout).must_touch(1, of_draft).commit(&self.database).await
    }

    pub(crate) async fn draft(&self, id: DraftId) -> Result<DraftRow> {
        let found = self.draft_where(sql(format!("{COLUMNS} where d.id = $1")).bind(id.to_string())).await?;
        found.ok_or_else(error::draft_not_found)
    }

    pub(crate) async fn draft_by_reference(&self, reference: &str) -> Result<Option<DraftRow>> {
        self.draft_where(sql(format!("{COLUMNS} where d.reference = $1")).bind(reference)).await
    }

    pub(crate) async fn draft_by_link(&self, link_key: &str) -> Result<DraftRow> {
        let statement = sql(format!("{COLUMNS} where d.link_digest = $1")).bind(digest_of(link_key));
        self.draft_where(statement).await?.ok_or_else(error::draft_not_found)
    }

    async fn draft_where(&self, statement: Sql) -> Result<Option<DraftRow>> {
        statement.optional::<Row>(&self.database).await?.map(DraftRow::try_from).transpose()
    }

    /// Gives a draft its link. Whom a mail goes to is somebody from here on, so that they can be forgotten.
    pub(crate) async fn share(&self, row: &DraftRow, email: &str, share: &Share<'_>) -> Result<()> {
        let linked = sql("update draft set shared_at_ms = $2, link_key = coalesce(link_key, $3), \
                                 link_digest = coalesce(link_digest, $4) \
              where id = $1")
        .bind(row.id.to_string())
        .bind(self.now().as_millis())
        .bind(share.new_key)
        .bind(digest_of(share.new_key));
        let Some(mail) = share.mail else { return linked.commit(&self.database).await.map(|_| ()) };
        for _ in 0..TRIES_MAX {
            let person = self.person(email).await?;
            let shared = together().must_find(person.unforgotten()).must_touch(1, linked.clone());
            let told = shared.tell(&*self.clock, [events::draft_shared(row.id, mail)?]);
            if told.commit(&self.database).await? {
                return Ok(());
            }
        }
        Err(too_many_writers())
    }

    /// Forgets what links end with that lead to nothing any more.
    pub(crate) async fn forget_links(&self) -> Result<()> {
        sql("update draft set link_key = null \
              where link_key is not null \
                and checkout_id in (select id from checkout where draft_id is not null \
                                       and status in ('completed', 'canceled', 'expired'))")
        .commit(&self.database)
        .await
        .map(|_| ())
    }

    /// Newest first.
    pub(crate) async fn drafts(&self, page: &PageRequest) -> Result<Page<DraftRow>> {
        let (before_ms, before_id) = page.before()?;
        let mut rows: Vec<Row> = sql(format!(
            "{COLUMNS} where d.made_at_ms < $1 or (d.made_at_ms = $1 and d.id < $2) \
              order by d.made_at_ms desc, d.id desc limit $3"
        ))
        .bind(before_ms)
        .bind(before_id)
        .bind(i64::from(page.limit) + 1)
        .all(&self.database.stale())
        .await?;
        let more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        let items = rows.into_iter().map(DraftRow::try_from).collect::<Result<Vec<_>>>()?;
        let next = items.last().filter(|_| more);
        let next = next.map(|last| Cursor::of_time(last.made_at.as_millis(), &last.id.to_string()));
        Ok(Page { items, next })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use argosy_kernel::CartId;
    use argosy_testkit::{Engine, TestHost};

    use super::*;
    use crate::{
        DATABASE,
        domain::{DraftMark, DraftPrices},
    };

    #[tokio::test]
    async fn a_link_tells_what_became_of_its_draft_when_nobody_knows_it_any_more() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let test = TestHost::on(engine);
            let store = Store::new(test.host.database(DATABASE).await.unwrap(), test.host.clock());
            let id = DraftId::new();
            let day = Duration::from_hours(24);
            let mut checkout = Checkout::new(CheckoutId::new(), CartId::new(), store.now().plus(day));
            checkout.draft = Some(DraftMark { id, version: 1, prices: DraftPrices::default() });
            let new = NewDraft { id, checkout: &checkout, reference: "r", digest: "d", made_by: "ann" };
            assert!(store.open_draft(&new).await.unwrap());
            let twice = Checkout { id: CheckoutId::new(), cart_id: CartId::new(), ..checkout.clone() };
            let again = NewDraft { id: DraftId::new(), checkout: &twice, ..new };
            assert!(!store.open_draft(&again).await.unwrap(), "its reference came before");
            let row = store.draft(id).await.unwrap();
            assert_eq!((row.state(), row.made_by.as_str()), ("draft", "ann"));
            store.share(&row, "", &Share { new_key: "key", mail: None }).await.unwrap();
            store.share(&row, "", &Share { new_key: "other", mail: None }).await.unwrap();
            let row = store.draft_by_link("key").await.unwrap();
            assert_eq!((row.id, row.state(), row.link_key()), (id, "sent", "key"));
            store.forget_links().await.unwrap();
            assert_eq!(store.draft(id).await.unwrap().link_key(), "key", "somebody may need it again");
            test.clock.advance(day * 2);
            assert_eq!(store.expire_due().await.unwrap(), 1);
            store.forget_links().await.unwrap();
            let row = store.draft_by_link("key").await.unwrap();
            assert_eq!((row.state(), row.link_key), ("expired", None));
            assert_eq!(store.draft_by_link("other").await.unwrap_err().reason(), "DRAFT_NOT_FOUND");
        }
    }
}
