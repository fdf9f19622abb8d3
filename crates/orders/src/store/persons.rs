//! Persons, and the keys of what is kept of them.

use argosy_contracts::orders::ForgetPersonResponse;
use argosy_kernel::{Error, PersonId, Result};
use argosy_platform::{
    database::{Sql, Tx, sql},
    seal::SealKey,
};
use sea_orm::FromQueryResult;
use serde::{Serialize, de::DeserializeOwned};

use super::Store;
use crate::{domain::Contact, error, events};

/// Somebody who is not forgotten.
pub(super) struct Person {
    pub(super) id: String,
    key: SealKey,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: String,
    seal_key: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

impl Person {
    /// Finds them while they are not forgotten. Who locks the row keeps whoever wants to forget them waiting.
    pub(super) fn unforgotten(&self) -> Sql {
        sql("select id from person where id = $1 and seal_key is not null").bind(self.id.as_str())
    }

    pub(super) fn seal(&self, value: &impl Serialize) -> Result<String> {
        self.key.seal(&self.id, value)
    }
}

impl TryFrom<PersonRow> for Person {
    type Error = Error;

    fn try_from(row: PersonRow) -> Result<Self> {
        Ok(Self { key: SealKey::from_text(&row.seal_key)?, id: row.id })
    }
}

fn of_address(email: &str) -> Sql {
    sql("select id, seal_key from person where email = $1").bind(email)
}

/// What is written of an order that may tell of its buyer, as it is kept: sealed with their key. Nothing of who is
/// forgotten; plain for orders of before persons could be.
pub(super) fn keep(
    person: Option<PersonId>,
    key: Option<&SealKey>,
    value: &impl Serialize,
) -> Result<Option<String>> {
    match (person, key) {
        (Some(person), Some(key)) => key.seal(&person.to_string(), value).map(Some),
        (Some(_), None) => Ok(None),
        (None, _) => serde_json::to_string(value).map(Some).map_err(Error::internal),
    }
}

/// What [`keep`] kept.
pub(super) fn kept<T: DeserializeOwned + Default>(
    person: Option<PersonId>,
    key: Option<&SealKey>,
    text: Option<&str>,
) -> Result<T> {
    match (person, key, text) {
        (_, _, None) | (Some(_), None, _) => Ok(T::default()),
        (Some(person), Some(key), Some(text)) => key.open(&person.to_string(), text),
        (None, _, Some(text)) => serde_json::from_str(text).map_err(Error::internal),
    }
}

/// What a row keeps of a person, and the key if they are not forgotten.
pub(super) struct Kept<'a> {
    pub(super) person_id: &'a Option<String>,
    pub(super) contact: &'a Option<String>,
    pub(super) seal_key: &'a Option<String>,
}

impl Kept<'_> {
    /// Nothing of who is forgotten. Before persons could be, all was in the document.
    pub(super) fn open(&self, document: &str) -> Result<Contact> {
        match (self.person_id, self.contact, self.seal_key) {
            (Some(person), Some(contact), Some(key)) => SealKey::from_text(key)?.open(person, contact),
            (Some(_), ..) => Ok(Contact::default()),
            (None, ..) => serde_json::from_str(document).map_err(Error::internal),
        }
    }
}

/// What pricing may know of who buys.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownBuyer {
    /// What uses of codes are counted by; empty: they never were about to buy, so there are none.
    pub(crate) key: String,
    pub(crate) has_ordered: bool,
}

#[derive(FromQueryResult)]
struct KnownRow {
    id: String,
    seal_key: String,
    orders: i64,
}

impl Store {
    /// What may be told of who has this address. The key is a digest with the key that is erased when they are forgotten:
    /// after that nobody can say whose uses those were (law 11).
    pub(crate) async fn known_buyer(&self, email: &str) -> Result<KnownBuyer> {
        let row: Option<KnownRow> = sql("select p.id, p.seal_key, \
                    (select count(*) from (select id from orders where person_id = p.id limit 1) as placed) as orders \
               from person p \
              where p.email = $1 \
                and p.seal_key is not null")
        .bind(Contact::person(email))
        .optional(&self.database)
        .await?;
        let Some(row) = row else { return Ok(KnownBuyer::default()) };
        let mut digest = blake3::Hasher::new_derive_key("argosy 2026 buyer of codes");
        digest.update(row.seal_key.as_bytes()).update(row.id.as_bytes());
        let key = digest.finalize().to_hex()[..32].to_owned();
        Ok(KnownBuyer { key, has_ordered: row.orders > 0 })
    }

    /// What others may call who has this address; empty: nobody of that address bought or is about to.
    pub(crate) async fn person_id(&self, email: &str) -> Result<String> {
        let row: Option<PersonRow> = of_address(&Contact::person(email)).optional(&self.database).await?;
        Ok(row.map(|row| row.id).unwrap_or_default())
    }

    /// Who has this address: found, or made.
    pub(super) async fn person(&self, email: &str) -> Result<Person> {
        let email = Contact::person(email);
        if let Some(row) = of_address(&email).optional::<PersonRow>(&self.database).await? {
            return row.try_into();
        }
        // Two may make them at once; one of them finds what the other made.
        sql("insert into person (id, email, seal_key) values ($1, $2, $3) on conflict do nothing")
            .bind(PersonId::new().to_string())
            .bind(email.as_str())
            .bind(SealKey::random().to_text())
            .commit(&self.database)
            .await?;
        let row: Option<PersonRow> = of_address(&email).optional(&self.database).await?;
        row.ok_or_else(|| Error::internal("a person that was made is not there"))?.try_into()
    }

    /// Erases the key of a person, and what open checkouts hold of them (law 11). Again, it finds nobody.
    pub(crate) async fn forget(&self, email: &str) -> Result<ForgetPersonResponse> {
        let (email, now) = (Contact::person(email), self.now().as_millis());
        let tx = self.database.begin().await?;
        let person: Option<PersonRow> = of_address(&email).locking().optional(&tx).await?;
        if let Some(person) = &person {
            refuse_while_buying(&tx, &person.id).await?;
        }
        let checkouts = sql("update checkout set email = null, contact = null, version = version + 1 \
              where email = $1 and status in ('incomplete', 'ready')")
        .bind(email.as_str())
        .execute(&tx)
        .await?;
        let Some(PersonRow { id, .. }) = person else {
            tx.commit().await?;
            return Ok(ForgetPersonResponse { checkouts, ..ForgetPersonResponse::default() });
        };
        sql("update person set email = null, seal_key = null, forgotten_at_ms = $2 where id = $1")
            .bind(id.as_str())
            .bind(now)
            .execute(&tx)
            .await?;
        let orders = sql("insert into order_event (order_id, kind, reference, text, time_ms) \
             select id, 'person_forgotten', '', 'What was kept of the buyer was erased.', $2 from orders \
              where person_id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(&tx)
        .await?;
        tx.publish(&*self.clock, [events::person_forgotten(&id)?]).await?;
        tx.commit().await?;
        Ok(ForgetPersonResponse { person_id: id, orders, checkouts })
    }
}

/// An order about to be placed needs to know where it goes.
async fn refuse_while_buying(tx: &Tx, person: &str) -> Result<()> {
    let buying: CountRow = sql("select count(*) as count from attempt \
          where person_id = $1 and state in ('running', 'parked', 'releasing')")
    .bind(person)
    .one(tx)
    .await?;
    if buying.count == 0 { Ok(()) } else { Err(error::person_is_buying()) }
}

#[cfg(test)]
mod tests {
    use argosy_testkit::{Engine, TestHost};

    use super::*;
    use crate::DATABASE;

    #[tokio::test]
    async fn law_11_a_buyer_is_one_however_the_address_is_written_and_another_once_forgotten() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let test = TestHost::on(engine);
            let store = Store::new(test.host.database(DATABASE).await.unwrap(), test.host.clock());
            assert_eq!(store.known_buyer("ann@example.com").await.unwrap(), KnownBuyer::default());
            store.person("ann@example.com").await.unwrap();
            let ann = store.known_buyer(" Ann@Example.com").await.unwrap();
            assert!(!ann.key.is_empty() && !ann.has_ordered);
            assert_eq!(store.known_buyer("ann@example.com").await.unwrap(), ann);
            store.person("bob@example.com").await.unwrap();
            assert_ne!(store.known_buyer("bob@example.com").await.unwrap().key, ann.key);
            store.forget("ann@example.com").await.unwrap();
            assert_eq!(store.known_buyer("ann@example.com").await.unwrap(), KnownBuyer::default());
            store.person("ann@example.com").await.unwrap();
            assert_ne!(store.known_buyer("ann@example.com").await.unwrap().key, ann.key);
        }
    }
}
