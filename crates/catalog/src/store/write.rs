//! Writing what was decided: all of it with its facts, or nothing.

use std::sync::Arc;

use argosy_kernel::{CollectionId, Error, ProductId, Result, Timestamp, VariantId};
use argosy_platform::database::{Tx, Value, sql};

use super::{
    Store, bulk,
    structure::{claim, save_attributes, save_categories, save_collections, save_members},
};
use crate::{
    domain::{
        attribute::Definition, category::Category, collection::Collection, revise::Revision,
        structure::Structure,
    },
    events,
};

/// What was decided on a structure, to be written together.
#[derive(Default)]
pub(crate) struct Changes {
    /// The structure as it will be; its revision is the one that was decided on.
    pub structure: Arc<Structure>,
    pub attributes: Vec<Definition>,
    pub categories: Vec<Category>,
    pub collections: Vec<Collection>,
    /// Collections whose members by hand are now these, in order.
    pub members: Vec<(CollectionId, Vec<ProductId>)>,
    pub revisions: Vec<Revision>,
    pub pass: PassStep,
}

/// What becomes of the pass over memberships by rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum PassStep {
    #[default]
    None,
    /// A rule changed: it starts from the first product.
    Start,
    /// It has come from one product to another.
    Advance { from: String, to: String },
    /// It has seen them all.
    End { from: String },
}

/// Whether something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saved {
    Done,
    /// What was decided on has changed meanwhile: decide again.
    Outdated,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.revisions.is_empty() && !self.changes_structure() && self.pass == PassStep::None
    }

    fn changes_structure(&self) -> bool {
        !(self.attributes.is_empty()
            && self.categories.is_empty()
            && self.collections.is_empty()
            && self.members.is_empty())
    }
}

impl Store {
    /// Writes all of it in one transaction, if it still holds what it was decided on.
    pub(crate) async fn save(&self, mut changes: Changes) -> Result<Saved> {
        if changes.is_empty() {
            return Ok(Saved::Done);
        }
        let saved = match self.write(&changes).await {
            Err(error) => {
                let lost = lost_race(error)?;
                // What the other one wrote can be read when this is through.
                self.database.begin().await?.rollback().await?;
                lost
            }
            Ok(saved) => saved,
        };
        match saved {
            Saved::Outdated => self.forget_structure(),
            Saved::Done if changes.changes_structure() => {
                Arc::make_mut(&mut changes.structure).revision += 1;
                self.remember_structure(&changes.structure);
            }
            Saved::Done => {}
        }
        Ok(saved)
    }

    async fn write(&self, changes: &Changes) -> Result<Saved> {
        let revision = changes.structure.revision;
        let next = revision + i64::from(changes.changes_structure());
        let tx = self.database.begin().await?;
        if !claim(&tx, revision, next).await? || !save_pass(&tx, &changes.pass).await? {
            return tx.rollback().await.map(|()| Saved::Outdated);
        }
        save_attributes(&tx, &changes.attributes).await?;
        save_categories(&tx, &changes.categories).await?;
        save_collections(&tx, &changes.collections).await?;
        if !save_products(&tx, &changes.revisions).await? {
            return tx.rollback().await.map(|()| Saved::Outdated);
        }
        save_variants(&tx, &changes.revisions).await?;
        save_prices(&tx, &changes.revisions).await?;
        save_rule_memberships(&tx, &changes.revisions).await?;
        for (collection, members) in &changes.members {
            save_members(&tx, *collection, members).await?;
        }
        tx.publish(&*self.clock, facts(changes, next)?).await?;
        tx.commit().await?;
        Ok(Saved::Done)
    }
}

/// Two writers made the same handle or SKU at once: the later one decides again, and then sees the other's.
fn lost_race(error: Error) -> Result<Saved> {
    let text = error.message();
    if text.contains("UNIQUE constraint failed") || text.contains("duplicate key value") {
        return Ok(Saved::Outdated);
    }
    Err(error)
}

fn facts(changes: &Changes, revision: i64) -> Result<Vec<argosy_platform::bus::NewFact>> {
    let mut facts = Vec::with_capacity(changes.revisions.len() + 3);
    if !changes.attributes.is_empty() {
        facts.push(events::attributes_changed(revision)?);
    }
    if !changes.categories.is_empty() {
        facts.push(events::categories_changed(revision)?);
    }
    if !changes.collections.is_empty() || !changes.members.is_empty() {
        let members_of = changes.members.iter().map(|(collection, _)| *collection).collect();
        facts.push(events::collections_changed(revision, members_of)?);
    }
    for revision in &changes.revisions {
        let product = &revision.product;
        let status = product.document.content.status;
        facts.push(events::product_changed(product.id, &product.handle, product.version, status)?);
    }
    Ok(facts)
}

async fn save_pass(tx: &Tx, step: &PassStep) -> Result<bool> {
    let moved = match step {
        PassStep::None => return Ok(true),
        PassStep::Start => {
            sql("insert into collection_pass (name, after_id) values ('rules', '') \
                 on conflict (name) do update set after_id = excluded.after_id")
            .execute(tx)
            .await?
        }
        PassStep::Advance { from, to } => {
            sql("update collection_pass set after_id = $2 where name = 'rules' and after_id = $1")
                .bind(from.as_str())
                .bind(to.as_str())
                .execute(tx)
                .await?
        }
        PassStep::End { from } => {
            sql("delete from collection_pass where name = 'rules' and after_id = $1")
                .bind(from.as_str())
                .execute(tx)
                .await?
        }
    };
    Ok(moved == 1)
}

/// False if one of them is no longer the version that was decided on.
async fn save_products(tx: &Tx, revisions: &[Revision]) -> Result<bool> {
    let mut rows = Vec::with_capacity(revisions.len());
    for Revision { product, content_hash, .. } in revisions {
        let content = &product.document.content;
        let row: [Value; 10] = [
            product.id.to_string().into(),
            product.handle.as_str().into(),
            content.status.as_str().into(),
            content.publish_at.map(Timestamp::as_millis).into(),
            content.due_at(product.updated_at).map(Timestamp::as_millis).into(),
            product.version.into(),
            product.created_at.as_millis().into(),
            product.updated_at.as_millis().into(),
            content_hash.as_str().into(),
            serde_json::to_string(&product.document).map_err(Error::internal)?.into(),
        ];
        rows.push(row);
    }
    let start = "insert into product (id, handle, status, publish_at_ms, due_at_ms, version, created_at_ms, updated_at_ms, content_hash, document) values ";
    let end = " on conflict (id) do update set status = excluded.status, publish_at_ms = excluded.publish_at_ms, \
               due_at_ms = excluded.due_at_ms, version = excluded.version, updated_at_ms = excluded.updated_at_ms, \
               content_hash = excluded.content_hash, document = excluded.document \
               where product.version = excluded.version - 1";
    let written = bulk::insert(tx, start, end, rows).await?;
    Ok(written == revisions.len() as u64)
}

/// A SKU may go from one variant to another, so all that end or change go before any comes.
async fn save_variants(tx: &Tx, revisions: &[Revision]) -> Result<()> {
    let texts = |ids: Vec<&VariantId>| bulk::lists(ids.into_iter().map(ToString::to_string));
    let dropped = texts(revisions.iter().flat_map(|revision| &revision.variants_dropped).collect());
    let removed = texts(revisions.iter().flat_map(|revision| &revision.variants_removed).collect());
    for list in dropped {
        sql("delete from variant where id in ").list(list).execute(tx).await?;
    }
    for list in removed {
        sql("delete from price_change where variant_id in ").list(list).execute(tx).await?;
    }
    let mut rows: Vec<[Value; 3]> = Vec::new();
    for revision in revisions {
        let product = revision.product.id.to_string();
        for (id, sku) in &revision.variants_added {
            let sku = (!sku.is_empty()).then(|| sku.clone());
            rows.push([id.to_string().into(), product.clone().into(), sku.into()]);
        }
    }
    bulk::insert(tx, "insert into variant (id, product_id, sku) values ", "", rows).await.map(|_| ())
}

async fn save_prices(tx: &Tx, revisions: &[Revision]) -> Result<()> {
    let mut rows: Vec<[Value; 4]> = Vec::new();
    for revision in revisions {
        let at = revision.product.updated_at.as_millis();
        for (variant, currency, minor) in &revision.prices_changed {
            rows.push([variant.to_string().into(), currency.code().into(), at.into(), (*minor).into()]);
        }
    }
    let start = "insert into price_change (variant_id, currency, at_ms, minor) values ";
    let end = " on conflict (variant_id, currency, at_ms) do update set minor = excluded.minor";
    bulk::insert(tx, start, end, rows).await.map(|_| ())
}

async fn save_rule_memberships(tx: &Tx, revisions: &[Revision]) -> Result<()> {
    let mut stored = Vec::new();
    let mut rows: Vec<[Value; 3]> = Vec::new();
    for revision in revisions {
        let Some(collections) = &revision.collections_by_rule else { continue };
        let product = revision.product.id.to_string();
        if revision.previous_version > 0 {
            stored.push(product.clone());
        }
        for collection in collections {
            rows.push([collection.to_string().into(), product.clone().into(), None::<i64>.into()]);
        }
    }
    for list in bulk::lists(stored) {
        sql("delete from product_collection where position is null and product_id in ")
            .list(list)
            .execute(tx)
            .await?;
    }
    let start = "insert into product_collection (collection_id, product_id, position) values ";
    bulk::insert(tx, start, "", rows).await.map(|_| ())
}
