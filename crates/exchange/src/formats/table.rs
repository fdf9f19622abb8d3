//! A CSV file with a header, read row by row; a bad row does not stop the others.

use std::{collections::HashMap, io::BufRead};

use argosy_kernel::{Error, Result};

use crate::problem::Problem;

/// Longest cell that is taken.
const CELL_BYTES_MAX: usize = 1 << 20;

/// A table being read.
pub(super) struct Table<R> {
    records: csv::ByteRecordsIntoIter<R>,
    columns: HashMap<String, usize>,
    pub(super) names: Vec<String>,
    /// 1 where lines end with CR LF: the reader counts the LF with the row after it.
    lines_behind: u64,
}

/// A row and where it stands.
pub(super) struct Row {
    pub(super) line: u64,
    cells: csv::ByteRecord,
}

impl<R: BufRead> Table<R> {
    /// Reads the header. The delimiter is the one of `,`, `;` and tab that the header has most of.
    pub(super) fn open(mut source: R, required: &[&[&str]]) -> Result<Self> {
        let head = source.fill_buf().map_err(|error| super::unreadable(&error))?;
        let delimiter = delimiter(head);
        let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let lines_behind = u64::from(first_line.ends_with(b"\r"));
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(source);
        let header = reader.byte_headers().map_err(|error| unreadable_header(&error))?;
        let names: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let columns: HashMap<String, usize> =
            names.iter().enumerate().rev().map(|(place, name)| (name.to_lowercase(), place)).collect();
        let missing: Vec<String> = required
            .iter()
            .filter(|aliases| !aliases.iter().any(|alias| columns.contains_key(&alias.to_lowercase())))
            .map(|aliases| format!("'{}'", aliases[0]))
            .collect();
        if !missing.is_empty() {
            let message = format!("the header lacks the column {}", missing.join(" and "));
            return Err(Error::invalid("MISSING_COLUMNS", message));
        }
        Ok(Self { records: reader.into_byte_records(), columns, names, lines_behind })
    }

    /// The place of the first of some names that there is.
    pub(super) fn column(&self, aliases: &[&str]) -> Option<usize> {
        aliases.iter().find_map(|alias| self.columns.get(&alias.to_lowercase()).copied())
    }

    /// The next row; `None` at the end.
    pub(super) fn next_row(&mut self) -> Option<std::result::Result<Row, Problem>> {
        let line = self.records.reader().position().line() + self.lines_behind;
        Some(match self.records.next()? {
            Err(error) => Err(Problem::new(line, "UNREADABLE_ROW", error.to_string())),
            Ok(cells) => {
                let line = cells.position().map_or(line, |position| position.line() + self.lines_behind);
                check(line, &cells).map(|()| Row { line, cells })
            }
        })
    }
}

fn check(line: u64, cells: &csv::ByteRecord) -> std::result::Result<(), Problem> {
    for (place, cell) in cells.iter().enumerate() {
        let column = place + 1;
        if cell.len() > CELL_BYTES_MAX {
            return Err(Problem::new(line, "UNREADABLE_ROW", format!("column {column} has more than 1 MiB")));
        }
        if std::str::from_utf8(cell).is_err() {
            return Err(Problem::new(line, "UNREADABLE_ROW", format!("column {column} is not UTF-8 text")));
        }
    }
    Ok(())
}

impl Row {
    /// A cell without the space around it; empty if the row is shorter.
    pub(super) fn get(&self, column: Option<usize>) -> &str {
        let cell = column.and_then(|column| self.cells.get(column)).unwrap_or_default();
        std::str::from_utf8(cell).unwrap_or_default().trim()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(<[u8]>::is_empty)
    }
}

fn delimiter(head: &[u8]) -> u8 {
    let line = String::from_utf8_lossy(head.split(|byte| *byte == b'\n').next().unwrap_or_default());
    let count = |delimiter: u8| line.matches(char::from(delimiter)).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn unreadable_header(error: &csv::Error) -> Error {
    Error::invalid("UNREADABLE_FILE", format!("cannot read the header: {error}"))
}
