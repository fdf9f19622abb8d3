//! WooCommerce's product CSV: one row a product or variation. Variations name their parent and may stand anywhere,
//! so variable products are kept until the end of the file.

mod cells;
mod columns;
mod row;
#[cfg(test)]
mod tests;
mod variable;

use std::{
    collections::{HashMap, HashSet},
    io::BufRead,
};

use argosy_kernel::Result;

use self::{
    columns::{Cells, Columns},
    row::Kind,
    variable::{Variable, Variation},
};
use super::{
    Read1, Reading,
    table::{Row, Table},
};
use crate::{
    draft::{Draft, attribute_name, handle_of},
    problem::Problem,
};

type Part<T> = std::result::Result<T, Problem>;

pub(super) struct WooCommerce<R> {
    table: Table<R>,
    columns: Columns,
    reading: Reading,
    /// Handles that were given away: the file has none, and names come twice.
    handles: HashSet<String>,
    /// Variable products in the order they came; `None`: refused.
    variable: Vec<Option<Variable>>,
    by_name: HashMap<String, usize>,
    variations: Vec<Row>,
    /// What is left when the file has ended.
    rest: Option<std::vec::IntoIter<Read1>>,
}

impl<R: BufRead> WooCommerce<R> {
    pub(super) fn new(source: R, reading: Reading) -> Result<Self> {
        let table = Table::open(source, &[&["SKU"], &["Name"], &["Regular price"]])?;
        let columns = Columns::of(&table)?;
        Ok(Self {
            table,
            columns,
            reading,
            handles: HashSet::new(),
            variable: Vec::new(),
            by_name: HashMap::new(),
            variations: Vec::new(),
            rest: None,
        })
    }

    /// A row's product, if it is complete with this row.
    fn take(&mut self, row: Row) -> Option<Read1> {
        let kind = match (Cells { columns: &self.columns, row: &row }).kind() {
            Ok(kind) => kind,
            Err(problem) => return Some(Err(problem)),
        };
        match kind {
            Kind::Simple => Some(self.simple(&row)),
            Kind::Variable => self.begin_variable(&row).err().map(Err),
            Kind::Variation => {
                self.variations.push(row);
                None
            }
        }
    }

    fn simple(&mut self, row: &Row) -> Read1 {
        let mut draft = self.draft(row)?;
        let cells = Cells { columns: &self.columns, row };
        let sold = cells.sold(&self.reading, &cells.inherited()?)?;
        for named in cells.attributes() {
            let name = attribute_name(&named.label);
            draft.attributes.extend(named.values.into_iter().map(|value| (name.clone(), value)));
        }
        draft.product.variants.push(sold.variant);
        draft.stock.push(sold.stock);
        draft.notes.extend(sold.notes);
        Ok(draft)
    }

    fn begin_variable(&mut self, row: &Row) -> Part<()> {
        let place = self.variable.len();
        self.variable.push(None);
        self.by_name
            .extend(Cells { columns: &self.columns, row }.names().into_iter().map(|name| (name, place)));
        let draft = self.draft(row)?;
        let cells = Cells { columns: &self.columns, row };
        self.variable[place] = Some(Variable::new(draft, cells.inherited()?, cells.attributes()));
        Ok(())
    }

    /// The row's product under a handle of its own.
    fn draft(&mut self, row: &Row) -> Part<Draft> {
        let cells = Cells { columns: &self.columns, row };
        let mut draft = cells.draft()?;
        let name = draft.product.handle.clone();
        let distinct = [cells.get(|columns| columns.sku), cells.get(|columns| columns.id)];
        let others =
            distinct.iter().filter(|text| !text.is_empty()).map(|text| format!("{name}-{}", handle_of(text)));
        let free = std::iter::once(name.clone()).chain(others).find(|handle| !self.handles.contains(handle));
        let handle = free.ok_or_else(|| {
            let message = format!("another row of this name and SKU was there before: '{name}'");
            Problem::new(row.line, "DUPLICATE_HANDLE", message)
        })?;
        self.handles.insert(handle.clone());
        draft.product.handle = handle;
        Ok(draft)
    }

    /// Gives the variations to their products, at the end of the file.
    fn gather(&mut self) -> Vec<Read1> {
        let mut reads: Vec<Read1> = Vec::new();
        for row in std::mem::take(&mut self.variations) {
            let cells = Cells { columns: &self.columns, row: &row };
            let parent = cells.get(|columns| columns.parent);
            let place = self.by_name.get(&parent.to_lowercase()).copied();
            let added = match place.map(|place| &mut self.variable[place]) {
                Some(Some(variable)) => Variation::read(&cells, &self.reading, variable.inherited())
                    .map(|read| variable.add(read)),
                Some(None) => Err(Problem::new(
                    row.line,
                    "PARENT_REFUSED",
                    format!("its product '{parent}' was refused"),
                )),
                None => {
                    let message = format!("there is no variable product '{parent}' for this variation");
                    Err(Problem::new(row.line, "PARENT_MISSING", message))
                }
            };
            let Err(problem) = added else { continue };
            // A product goes in whole or not at all.
            if let Some(Some(variable)) = place.map(|place| &mut self.variable[place]) {
                variable.refuse(problem.line);
            }
            reads.push(Err(problem));
        }
        reads.extend(std::mem::take(&mut self.variable).into_iter().flatten().map(Variable::finish));
        reads
    }
}

impl<R: BufRead> Iterator for WooCommerce<R> {
    type Item = Read1;

    fn next(&mut self) -> Option<Read1> {
        while self.rest.is_none() {
            match self.table.next_row() {
                Some(Err(problem)) => return Some(Err(problem)),
                Some(Ok(row)) if row.is_empty() => {}
                Some(Ok(row)) => {
                    if let Some(read) = self.take(row) {
                        return Some(read);
                    }
                }
                None => self.rest = Some(self.gather().into_iter()),
            }
        }
        self.rest.as_mut()?.next()
    }
}
