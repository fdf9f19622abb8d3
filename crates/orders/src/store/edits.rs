//! Changes that are proposed.

use std::collections::BTreeMap;

use argosy_contracts::common::Address;
use argosy_kernel::{EditId, Error, OrderId, Result, Timestamp};
use argosy_platform::database::{Executor, sql};
use sea_orm::FromQueryResult;

use super::{checkouts::to_json, work::Work};
use crate::{
    domain::{Contact, Delivery, Edit, EditState, Proposal},
    error,
};

/// Changes of one order.
const OF_ORDER_MAX: i64 = 500;

#[derive(FromQueryResult)]
struct EditRow {
    id: String,
    state: String,
    difference: i64,
    document: String,
    address: Option<String>,
    time_ms: i64,
}

impl TryFrom<&EditRow> for Edit {
    type Error = Error;

    fn try_from(row: &EditRow) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            state: row.state.parse()?,
            difference: row.difference,
            what: serde_json::from_str(&row.document).map_err(Error::internal)?,
            changes_address: row.address.is_some(),
            at: Timestamp::from_millis(row.time_ms),
        })
    }
}

const COLUMNS: &str =
    "select id, state, difference, document, address, time_ms from order_edit where order_id = $1";

#[derive(FromQueryResult)]
struct AppliedRow {
    order_id: String,
    document: String,
}

/// How orders are delivered whose delivery was changed, as the last change says.
pub(super) async fn deliveries(
    on: &impl Executor,
    orders: Vec<String>,
) -> Result<BTreeMap<String, Delivery>> {
    let rows: Vec<AppliedRow> =
        sql("select order_id, document from order_edit where state = 'applied' and order_id in ")
            .list(orders)
            .then(" order by id")
            .all(on)
            .await?;
    let mut deliveries = BTreeMap::new();
    for AppliedRow { order_id, document } in rows {
        let proposal: Proposal = serde_json::from_str(&document).map_err(Error::internal)?;
        deliveries.extend(proposal.delivery.map(|delivery| (order_id, delivery)));
    }
    Ok(deliveries)
}

/// Oldest first.
pub(super) async fn of_order(on: &impl Executor, order: OrderId) -> Result<Vec<Edit>> {
    let statement = sql(format!("{COLUMNS} order by id limit $2"));
    let rows: Vec<EditRow> = statement.bind(order.to_string()).bind(OF_ORDER_MAX).all(on).await?;
    rows.iter().map(Edit::try_from).collect()
}

impl Work {
    /// Notes a proposed change.
    ///
    /// # Errors
    /// `PERSON_FORGOTTEN` if it has an address for who is.
    pub(crate) async fn propose(&self, edit: &Edit, address: Option<&Address>) -> Result<()> {
        let address = match address {
            Some(address) => Some(self.keep(address)?.ok_or_else(error::person_forgotten)?),
            None => None,
        };
        sql("insert into order_edit (id, order_id, state, difference, document, address, time_ms) \
             values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(edit.id.to_string())
        .bind(self.order.id.to_string())
        .bind(edit.state.as_str())
        .bind(edit.difference)
        .bind(to_json(&edit.what)?)
        .bind(address)
        .bind(edit.at.as_millis())
        .execute(&self.tx)
        .await
        .map(|_| ())
    }

    /// A change of this order, and its address; none of who is forgotten.
    ///
    /// # Errors
    /// `EDIT_NOT_FOUND`.
    pub(crate) async fn find_edit(&self, id: &str) -> Result<(Edit, Option<Address>)> {
        let known: EditId = id.parse().map_err(|_| error::edit_not_found(id))?;
        let row: Option<EditRow> = sql(format!("{COLUMNS} and id = $2"))
            .bind(self.order.id.to_string())
            .bind(known.to_string())
            .optional(&self.tx)
            .await?;
        let row = row.ok_or_else(|| error::edit_not_found(id))?;
        let address: Option<Address> = self.kept(row.address.as_deref())?;
        Ok((Edit::try_from(&row)?, address))
    }

    /// Whether another delivery that was proposed later is in force.
    pub(crate) async fn has_later_delivery(&self, id: EditId) -> Result<bool> {
        let all = of_order(&self.tx, self.order.id).await?;
        let is_later = |other: &Edit| other.id > id && other.state == EditState::Applied;
        Ok(all.iter().any(|other| is_later(other) && other.what.delivery.is_some()))
    }

    /// Writes how a change was decided.
    pub(crate) async fn decided(&self, edit: &Edit) -> Result<()> {
        sql("update order_edit set state = $2 where id = $1 and state = 'proposed'")
            .bind(edit.id.to_string())
            .bind(edit.state.as_str())
            .execute(&self.tx)
            .await
            .map(|_| ())
    }

    /// Delivers to another address from now on.
    ///
    /// # Errors
    /// `PERSON_FORGOTTEN`.
    pub(crate) async fn deliver_to(&mut self, address: Address) -> Result<()> {
        let contact = Contact { shipping_address: Some(address), ..self.order.contact.clone() };
        // Orders of before persons could be have their contact in the document, which is not changed.
        let person = self.order.person_id.ok_or_else(error::person_forgotten)?;
        let kept = self.keep(&contact)?.ok_or_else(error::person_forgotten)?;
        sql("update orders set contact = $2 where id = $1 and person_id = $3")
            .bind(self.order.id.to_string())
            .bind(kept)
            .bind(person.to_string())
            .execute(&self.tx)
            .await?;
        self.order.contact = contact;
        Ok(())
    }
}
