//! Writing attributes, categories and collections.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use argosy_contracts::catalog as wire;
use argosy_kernel::{CollectionId, Error, ProductId, Result};

use crate::{
    background,
    contract::{input, output},
    domain::{
        attribute::Definition,
        category::{CategoryDraft, Change},
        collection::CollectionDraft,
        limits,
        revise::{Revision, Stored, regrouped},
        structure::Structure,
    },
    error::{self, PRODUCT_NOT_FOUND},
    service::{CatalogService, decide_and_save},
    store::{Changes, PassStep},
};

impl CatalogService {
    pub(crate) async fn put_definitions(
        &self,
        definitions: Vec<wire::AttributeDefinition>,
    ) -> Result<Vec<wire::AttributeDefinition>> {
        let definitions: Vec<Definition> =
            definitions.into_iter().map(input::definition).collect::<Result<_>>()?;
        decide_and_save(self, || async {
            let mut structure = self.store.structure().await?;
            let declared = Arc::make_mut(&mut structure).declare(definitions.clone())?;
            let answer = declared.iter().map(|(definition, _)| output::definition(definition)).collect();
            let attributes = made(declared);
            Ok((Changes { structure, attributes, ..Changes::default() }, answer))
        })
        .await
    }

    pub(crate) async fn put_category_tree(
        &self,
        categories: Vec<wire::Category>,
    ) -> Result<Vec<wire::Category>> {
        let drafts: Vec<CategoryDraft> =
            categories.into_iter().map(input::category).collect::<Result<_>>()?;
        decide_and_save(self, || async {
            let mut structure = self.store.structure().await?;
            let put = Arc::make_mut(&mut structure).categories.put(drafts.clone())?;
            let answer = put.iter().map(|(category, _)| output::category(category)).collect();
            let categories = made(put);
            Ok((Changes { structure, categories, ..Changes::default() }, answer))
        })
        .await
    }

    pub(crate) async fn put_collection_list(
        &self,
        wanted: Vec<wire::Collection>,
    ) -> Result<Vec<wire::Collection>> {
        let mut handles_of_members = Vec::with_capacity(wanted.len());
        let mut drafts = Vec::with_capacity(wanted.len());
        for mut collection in wanted {
            handles_of_members.push(std::mem::take(&mut collection.product_handles));
            drafts.push(input::collection(collection));
        }
        checked_members(&drafts, &handles_of_members)?;
        let answer = decide_and_save(self, || self.decide_collections(&drafts, &handles_of_members)).await?;
        if self.store.pass_position().await?.is_some() {
            background::start_pass(self.clone());
        }
        Ok(answer)
    }

    async fn decide_collections(
        &self,
        drafts: &[CollectionDraft],
        handles_of_members: &[Vec<String>],
    ) -> Result<(Changes, Vec<wire::Collection>)> {
        let mut structure = self.store.structure().await?;
        let put = Arc::make_mut(&mut structure).put_collections(drafts.to_vec())?;
        let answer = put.collections.iter().map(|(collection, _)| output::collection(collection)).collect();
        let ids = put.collections.iter().map(|(collection, _)| collection.id);
        let by_hand: Vec<(CollectionId, &Vec<String>)> =
            ids.zip(handles_of_members).filter(|(_, handles)| !handles.is_empty()).collect();
        let (members, revisions) = self.decide_members(&structure, &by_hand).await?;
        let pass = if put.rules_changed { PassStep::Start } else { PassStep::None };
        let collections = made(put.collections);
        Ok((Changes { structure, collections, members, revisions, pass, ..Changes::default() }, answer))
    }

    /// The collections whose members by hand are others than before, and the products that this changes.
    async fn decide_members(
        &self,
        structure: &Structure,
        wanted: &[(CollectionId, &Vec<String>)],
    ) -> Result<(Vec<(CollectionId, Vec<ProductId>)>, Vec<Revision>)> {
        if wanted.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let ids: Vec<CollectionId> = wanted.iter().map(|(id, _)| *id).collect();
        let mut before: HashMap<CollectionId, Vec<ProductId>> = HashMap::new();
        for (collection, product) in self.store.members(&ids).await? {
            before.entry(collection).or_default().push(product);
        }
        let mut products: BTreeMap<ProductId, Stored> = BTreeMap::new();
        let named =
            self.store.by_handles(wanted.iter().flat_map(|(_, handles)| handles.iter().cloned())).await?;
        let by_handle: HashMap<String, ProductId> =
            named.iter().map(|(stored, _)| (stored.product.handle.clone(), stored.product.id)).collect();
        let former = before.values().flatten().filter(|id| !by_handle.values().any(|named| named == *id));
        let former = self.store.by_ids(former.map(ToString::to_string)).await?;
        products.extend(named.into_iter().chain(former).map(|(stored, _)| (stored.product.id, stored)));
        let mut members = Vec::new();
        for (collection, handles) in wanted {
            let now = members_now(handles, &by_handle)?;
            if before.get(collection) != Some(&now) {
                members.push((*collection, now));
            }
        }
        let revisions =
            products.values().filter_map(|stored| self.regroup(structure, stored, &members).transpose());
        let revisions = revisions.collect::<Result<_>>()?;
        Ok((members, revisions))
    }

    /// The product in its new collections, if they are others.
    fn regroup(
        &self,
        structure: &Structure,
        stored: &Stored,
        members: &[(CollectionId, Vec<ProductId>)],
    ) -> Result<Option<Revision>> {
        let mut document = stored.product.document.clone();
        for (collection, products) in members {
            document.collection_ids.retain(|id| id != collection);
            if products.contains(&stored.product.id) {
                document.collection_ids.push(*collection);
            }
        }
        document.collection_ids.sort_unstable();
        if document.collection_ids == stored.product.document.collection_ids {
            return Ok(None);
        }
        regrouped(stored, document, structure, self.store.now()).map(Some)
    }
}

fn made<T>(put: Vec<(T, Change)>) -> Vec<T> {
    put.into_iter().filter(|(_, change)| *change == Change::Made).map(|(each, _)| each).collect()
}

fn members_now(handles: &[String], by_handle: &HashMap<String, ProductId>) -> Result<Vec<ProductId>> {
    let mut members = Vec::with_capacity(handles.len());
    for handle in handles {
        let id = by_handle.get(handle).copied().ok_or_else(|| {
            let message = format!("there is no product '{}'", error::excerpt(handle));
            Error::not_found(PRODUCT_NOT_FOUND, message)
        })?;
        if !members.contains(&id) {
            members.push(id);
        }
    }
    Ok(members)
}

fn checked_members(drafts: &[CollectionDraft], handles: &[Vec<String>]) -> Result<()> {
    for (index, (draft, handles)) in drafts.iter().zip(handles).enumerate() {
        let pointer = format!("/collections/{index}/product_handles");
        if !draft.conditions.is_empty() && !handles.is_empty() {
            return Err(Error::invalid_field(pointer, "must be empty where there are conditions"));
        }
    }
    if handles.iter().map(Vec::len).sum::<usize>() > limits::REQUEST_MEMBERS {
        let message = format!("must name at most {} products in one request", limits::REQUEST_MEMBERS);
        return Err(Error::invalid_field("/collections", message));
    }
    Ok(())
}
