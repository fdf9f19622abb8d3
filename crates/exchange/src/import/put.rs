//! The third stage: a batch goes into the catalogue.

use argosy_contracts::{
    catalog::{ProductInput, PutProductsRequest},
    inventory::StockLevel,
};
use argosy_kernel::Result;

use super::{Batch, ImportReport, Importer, stock::Counted};
use crate::{
    draft::{Draft, Stock},
    problem::Problem,
};

/// What is remembered of a product while the catalogue has it.
struct Sent {
    line: u64,
    stock: Vec<Option<Stock>>,
    notes: Vec<Problem>,
}

impl Importer {
    /// Puts a batch in; answers the stock of what went in.
    pub(super) async fn put(&self, batch: Batch, report: &mut ImportReport) -> Result<Vec<Counted>> {
        let Batch { drafts, problems, fetched } = batch;
        for problem in problems {
            report.refuse(problem);
        }
        report.fetched += fetched;
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let (sent, products): (Vec<Sent>, Vec<ProductInput>) = drafts.into_iter().map(split).unzip();
        let request = PutProductsRequest { products, dry_run: self.options.dry_run };
        let outcomes = self.catalog.put_products(&self.ctx, request).await?.outcomes;
        let mut levels = Vec::new();
        for (sent, outcome) in sent.into_iter().zip(outcomes) {
            match outcome.result.as_str() {
                "created" => report.created += 1,
                "updated" => report.updated += 1,
                "unchanged" => report.unchanged += 1,
                _ => {
                    let message = format!("'{}': {}", outcome.handle, outcome.message);
                    report.refuse(Problem::new(sent.line, &outcome.reason, message));
                    continue;
                }
            }
            for note in sent.notes {
                report.warn(note);
            }
            let told = outcome.variants.into_iter().zip(sent.stock);
            levels.extend(told.filter_map(|(variant, stock)| {
                stock.map(|stock| Counted { line: sent.line, level: level(variant.variant_id, stock) })
            }));
        }
        let is_counted = self.options.with_stock && !self.options.dry_run;
        Ok(if is_counted { levels } else { Vec::new() })
    }
}

fn split(draft: Draft) -> (Sent, ProductInput) {
    let Draft { line, product, category_paths, stock, notes, .. } = draft;
    let input = ProductInput { product: Some(product), category_paths, declare_attributes: true };
    (Sent { line, stock, notes }, input)
}

fn level(variant_id: String, stock: Stock) -> StockLevel {
    StockLevel {
        variant_id,
        on_hand: stock.on_hand,
        backorder: stock.backorder,
        tracked: stock.tracked,
        ..StockLevel::default()
    }
}
