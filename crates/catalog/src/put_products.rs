//! Writing products: a batch, and the status of one.

use argosy_contracts::catalog::{ProductInput, PutProductOutcome, PutProductsRequest};
use argosy_kernel::{Error, ProductId, Result};

use crate::{
    contract::{
        input,
        output::{self, DryRun},
    },
    domain::{
        product::{Product, Status},
        put::{Decision, Entry, Planner},
        revise,
    },
    error::PRODUCT_NOT_FOUND,
    service::{CatalogService, decide_and_save},
    store::Changes,
};

/// Products that one thread brings into canonical form; sanitising their descriptions is most of the work.
const SHARE: usize = 128;

/// An entry or the reason why it is none, with the handle it came under.
type Parsed = (String, Result<Entry>);

impl CatalogService {
    pub(crate) async fn put(&self, request: PutProductsRequest) -> Result<Vec<PutProductOutcome>> {
        let parsed = parse(request.products).await?;
        let dry_run = if request.dry_run { DryRun::Yes } else { DryRun::No };
        decide_and_save(self, || self.decide(&parsed, dry_run)).await
    }

    async fn decide(&self, parsed: &[Parsed], dry_run: DryRun) -> Result<(Changes, Vec<PutProductOutcome>)> {
        let structure = self.store.structure().await?;
        let entries = || parsed.iter().filter_map(|(_, entry)| entry.as_ref().ok());
        let handles = entries().map(|entry| entry.draft.handle.clone()).collect();
        let skus = entries().flat_map(Entry::skus).map(str::to_owned).collect();
        let known = self.store.known(handles, skus).await?;
        let mut planner = Planner::new(structure, known, self.store.now());
        let mut revisions = Vec::new();
        let mut outcomes = Vec::with_capacity(parsed.len());
        for (handle, entry) in parsed {
            let decision = match entry {
                Ok(entry) => planner.decide(entry.clone()),
                Err(error) => Decision::Refused(error.clone()),
            };
            outcomes.push(output::outcome(handle, &decision, dry_run));
            if let Decision::Created(revision) | Decision::Updated(revision) = decision {
                revisions.push(*revision);
            }
        }
        if dry_run == DryRun::Yes {
            return Ok((Changes::default(), outcomes));
        }
        let Planner { structure, attributes_declared: attributes, categories_made: categories, .. } = planner;
        Ok((Changes { structure, attributes, categories, revisions, ..Changes::default() }, outcomes))
    }

    pub(crate) async fn set_status(&self, id: ProductId, status: Status) -> Result<Product> {
        decide_and_save(self, || async {
            let structure = self.store.structure().await?;
            let found = self.store.by_ids([id.to_string()]).await?.pop();
            let (stored, _) = found
                .ok_or_else(|| Error::not_found(PRODUCT_NOT_FOUND, format!("there is no product {id}")))?;
            if stored.product.document.content.status == status {
                return Ok((Changes::default(), stored.product));
            }
            let mut content = stored.product.document.content.clone();
            content.status = status;
            let variants = stored.product.document.variants.clone();
            let revision = revise::revised(&stored, content, variants, &structure, self.store.now())?;
            let product = revision.product.clone();
            Ok((Changes { structure, revisions: vec![revision], ..Changes::default() }, product))
        })
        .await
    }
}

/// Brings products into canonical form, off the threads that answer requests.
async fn parse(inputs: Vec<ProductInput>) -> Result<Vec<Parsed>> {
    let mut inputs = inputs.into_iter();
    let mut shares = Vec::new();
    loop {
        let share: Vec<ProductInput> = inputs.by_ref().take(SHARE).collect();
        if share.is_empty() {
            break;
        }
        shares.push(tokio::task::spawn_blocking(move || {
            share.into_iter().map(parse_one).collect::<Vec<Parsed>>()
        }));
    }
    let mut parsed = Vec::new();
    for share in shares {
        parsed.extend(share.await.map_err(Error::internal)?);
    }
    Ok(parsed)
}

fn parse_one(input: ProductInput) -> Parsed {
    let handle = input.product.as_ref().map(|product| product.handle.clone()).unwrap_or_default();
    (handle, input::entry(input))
}
