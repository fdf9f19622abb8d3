//! Attributes, categories and collections.

use std::sync::Arc;

use argosy_kernel::{CollectionId, Error, ProductId, Result};
use argosy_platform::database::{Tx, Value, sql};

use super::{
    Store, bulk,
    rows::{AttributeRow, CategoryRow, CollectionRow, MemberRow, RevisionRow},
};
use crate::domain::{
    attribute::Definition, category::Category, collection::Collection, structure::Structure,
};

impl Store {
    /// The structure as it is now. Kept between calls; what is asked each time is whether it changed.
    pub(crate) async fn structure(&self) -> Result<Arc<Structure>> {
        let RevisionRow { revision } =
            sql("select revision from structure where name = 'catalog'").one(&self.database).await?;
        if let Some(known) = self.known_structure(revision) {
            return Ok(known);
        }
        // The tables may be newer than the revision that was read before them: what is then decided on them
        // cannot be written, and is decided again.
        let structure = Arc::new(self.read_structure(revision).await?);
        self.remember_structure(&structure);
        Ok(structure)
    }

    fn known_structure(&self, revision: i64) -> Option<Arc<Structure>> {
        let known = self.structure.read().ok()?;
        known.as_ref().filter(|known| known.revision == revision).cloned()
    }

    pub(super) fn remember_structure(&self, structure: &Arc<Structure>) {
        if let Ok(mut known) = self.structure.write() {
            *known = Some(Arc::clone(structure));
        }
    }

    pub(super) fn forget_structure(&self) {
        if let Ok(mut known) = self.structure.write() {
            *known = None;
        }
    }

    async fn read_structure(&self, revision: i64) -> Result<Structure> {
        let attributes: Vec<AttributeRow> =
            sql("select name, label, kind, unit, value_list, filterable, searchable, size_charts \
             from attribute_definition")
            .all(&self.database)
            .await?;
        let categories: Vec<CategoryRow> =
            sql("select id, handle, title, description, parent_id, position from category order by id")
                .all(&self.database)
                .await?;
        let collections: Vec<CollectionRow> = sql(
            "select id, handle, title, description, conditions, match_any from collection order by handle",
        )
        .all(&self.database)
        .await?;
        let mut structure = Structure { revision, ..Structure::default() };
        for row in attributes {
            let definition = Definition::try_from(row)?;
            structure.attributes.insert(definition.name.clone(), definition);
        }
        structure.categories = categories.into_iter().map(Category::try_from).collect::<Result<_>>()?;
        let declared = |name: &str| structure.attributes.get(name);
        structure.collections =
            collections.into_iter().map(|row| row.collection(declared)).collect::<Result<_>>()?;
        Ok(structure)
    }

    /// The members that collections have by hand, in order.
    pub(crate) async fn members(
        &self,
        collections: &[CollectionId],
    ) -> Result<Vec<(CollectionId, ProductId)>> {
        let mut members = Vec::new();
        for list in bulk::lists(collections.iter().map(ToString::to_string)) {
            let rows: Vec<MemberRow> =
                sql("select collection_id, product_id from product_collection where position is not null and collection_id in ")
                    .list(list)
                    .then(" order by collection_id, position")
                    .all(&self.database)
                    .await?;
            for row in rows {
                members.push((row.collection_id.parse()?, row.product_id.parse()?));
            }
        }
        Ok(members)
    }
}

/// Makes sure that the structure still is what a decision was made on; false if it is not. Others who write wait
/// until this transaction ends.
pub(super) async fn claim(tx: &Tx, revision: i64, next: i64) -> Result<bool> {
    let claimed = sql("update structure set revision = $2 where name = 'catalog' and revision = $1")
        .bind(revision)
        .bind(next)
        .execute(tx)
        .await?;
    Ok(claimed == 1)
}

pub(super) async fn save_attributes(tx: &Tx, attributes: &[Definition]) -> Result<()> {
    let mut rows = Vec::with_capacity(attributes.len());
    for each in attributes {
        let row: [Value; 8] = [
            each.name.as_str().into(),
            each.label.as_str().into(),
            each.kind.as_str().into(),
            each.unit.as_str().into(),
            serde_json::to_string(&each.values).map_err(Error::internal)?.into(),
            each.filterable.into(),
            each.searchable.into(),
            serde_json::to_string(&each.size_charts).map_err(Error::internal)?.into(),
        ];
        rows.push(row);
    }
    let start = "insert into attribute_definition (name, label, kind, unit, value_list, filterable, searchable, \
                 size_charts) values ";
    let end = " on conflict (name) do update set label = excluded.label, unit = excluded.unit, \
               value_list = excluded.value_list, filterable = excluded.filterable, searchable = excluded.searchable, \
               size_charts = excluded.size_charts";
    bulk::insert(tx, start, end, rows).await.map(|_| ())
}

/// Parents come before their children.
pub(super) async fn save_categories(tx: &Tx, categories: &[Category]) -> Result<()> {
    let row = |each: &Category| -> [Value; 6] {
        [
            each.id.to_string().into(),
            each.handle.as_str().into(),
            each.title.as_str().into(),
            each.description.as_str().into(),
            each.parent.map(|parent| parent.to_string()).into(),
            i64::from(each.position).into(),
        ]
    };
    let rows = categories.iter().map(row).collect();
    let start = "insert into category (id, handle, title, description, parent_id, position) values ";
    let end = " on conflict (id) do update set title = excluded.title, description = excluded.description, \
               parent_id = excluded.parent_id, position = excluded.position";
    bulk::insert(tx, start, end, rows).await.map(|_| ())
}

pub(super) async fn save_collections(tx: &Tx, collections: &[Collection]) -> Result<()> {
    let mut rows = Vec::with_capacity(collections.len());
    for each in collections {
        let conditions = each.rule.as_ref().map_or(&[][..], |rule| &rule.conditions);
        let row: [Value; 6] = [
            each.id.to_string().into(),
            each.handle.as_str().into(),
            each.title.as_str().into(),
            each.description.as_str().into(),
            serde_json::to_string(conditions).map_err(Error::internal)?.into(),
            each.rule.as_ref().is_some_and(|rule| rule.match_any).into(),
        ];
        rows.push(row);
    }
    let start = "insert into collection (id, handle, title, description, conditions, match_any) values ";
    let end = " on conflict (id) do update set title = excluded.title, description = excluded.description, \
               conditions = excluded.conditions, match_any = excluded.match_any";
    bulk::insert(tx, start, end, rows).await.map(|_| ())
}

/// Replaces the members that a collection has by hand.
pub(super) async fn save_members(tx: &Tx, collection: CollectionId, members: &[ProductId]) -> Result<()> {
    sql("delete from product_collection where collection_id = $1")
        .bind(collection.to_string())
        .execute(tx)
        .await?;
    let row = |(position, product): (i64, &ProductId)| -> [Value; 3] {
        [collection.to_string().into(), product.to_string().into(), position.into()]
    };
    let rows = (0..).zip(members).map(row).collect();
    let start = "insert into product_collection (collection_id, product_id, position) values ";
    bulk::insert(tx, start, "", rows).await.map(|_| ())
}
