//! Rows in a file, as CSV or Parquet, in memory that does not grow with them.

use std::{io::Write, sync::Arc};

use argosy_kernel::{Currency, Error, Money, Result};
use clap::ValueEnum;
use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};

use crate::parquet_columns::column;

/// Rows that are held at once; those of a row group.
const ROWS_MAX: usize = 10_000;

/// What the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// A line a row, names in the first
    Csv,
    /// Columns, compressed
    Parquet,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Text(&'static str),
    Number(&'static str),
    /// Two columns: `…_minor`, a number, and the decimal as text, which no reader takes for a float.
    Money(&'static str),
    /// A time, UTC.
    Time(&'static str),
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(String),
    Number(i64),
    Money(Money),
    /// In milliseconds since the epoch.
    Time(i64),
}

impl Cell {
    pub(crate) fn money(minor: i64, currency: Currency) -> Self {
        Self::Money(Money::new(minor, currency))
    }
}

enum To<W: Write + Send> {
    Csv(csv::Writer<W>),
    Parquet(SerializedFileWriter<W>),
}

/// A table that is being written.
pub(crate) struct Table<W: Write + Send> {
    columns: &'static [Column],
    to: To<W>,
    rows: Vec<Vec<Cell>>,
    count: u64,
}

impl<W: Write + Send> Table<W> {
    /// Begins a table.
    ///
    /// # Errors
    /// `UNWRITABLE_FILE`, as what follows.
    pub(crate) fn new(columns: &'static [Column], format: TableFormat, output: W) -> Result<Self> {
        let to = match format {
            TableFormat::Csv => {
                let mut writer = csv::Writer::from_writer(output);
                writer.write_record(names(columns)).map_err(unwritable)?;
                To::Csv(writer)
            }
            TableFormat::Parquet => {
                let schema = Arc::new(parse_message_type(&schema(columns)).map_err(Error::internal)?);
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                To::Parquet(
                    SerializedFileWriter::new(output, schema, Arc::new(properties)).map_err(unwritable)?,
                )
            }
        };
        Ok(Self { columns, to, rows: Vec::new(), count: 0 })
    }

    pub(crate) fn add(&mut self, row: Vec<Cell>) -> Result<()> {
        if row.len() != self.columns.len() {
            return Err(Error::internal("a row has other columns than its table"));
        }
        self.rows.push(row);
        self.count += 1;
        if self.rows.len() < ROWS_MAX { Ok(()) } else { self.flush() }
    }

    /// Ends the table; answers how many rows it has.
    pub(crate) fn finish(mut self) -> Result<u64> {
        self.flush()?;
        match self.to {
            To::Csv(mut writer) => writer.flush().map_err(unwritable)?,
            To::Parquet(writer) => drop(writer.close().map_err(unwritable)?),
        }
        Ok(self.count)
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        match &mut self.to {
            To::Csv(writer) => {
                for row in &rows {
                    writer.write_record(row.iter().flat_map(texts)).map_err(unwritable)?;
                }
                writer.flush().map_err(unwritable)
            }
            To::Parquet(_) if rows.is_empty() => Ok(()),
            To::Parquet(writer) => {
                let mut group = writer.next_row_group().map_err(unwritable)?;
                for place in 0..self.columns.len() {
                    write_column(&mut group, &rows.iter().map(|row| &row[place])).map_err(unwritable)?;
                }
                group.close().map(drop).map_err(unwritable)
            }
        }
    }
}

fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::unavailable("UNWRITABLE_FILE", format!("the file cannot be written: {error}"))
}

fn names(columns: &[Column]) -> Vec<String> {
    let of = |column: &Column| match column {
        Column::Text(name) | Column::Number(name) | Column::Time(name) => vec![(*name).to_owned()],
        Column::Money(name) => vec![format!("{name}_minor"), (*name).to_owned()],
    };
    columns.iter().flat_map(of).collect()
}

fn texts(cell: &Cell) -> Vec<String> {
    match cell {
        Cell::Text(text) => vec![harmless(text)],
        Cell::Number(number) => vec![number.to_string()],
        Cell::Money(money) => vec![money.minor.to_string(), money.to_decimal()],
        Cell::Time(ms) => vec![time(*ms)],
    }
}

fn time(ms: i64) -> String {
    argosy_kernel::Timestamp::from_millis(ms).to_string()
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn schema(columns: &[Column]) -> String {
    let of = |column: &Column| match column {
        Column::Text(name) => format!("required binary {name} (STRING);"),
        Column::Number(name) => format!("required int64 {name};"),
        Column::Money(name) => format!("required int64 {name}_minor; required binary {name} (STRING);"),
        Column::Time(name) => format!("required int64 {name} (TIMESTAMP(MILLIS, true));"),
    };
    format!("message row {{ {} }}", columns.iter().map(of).collect::<Vec<_>>().join(" "))
}

fn write_column<'a, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: &(impl Iterator<Item = &'a Cell> + Clone),
) -> Result<(), ParquetError> {
    let first = cells.clone().next();
    let text = |of: fn(&Cell) -> String| -> Vec<ByteArray> {
        cells.clone().map(|cell| ByteArray::from(of(cell).into_bytes())).collect()
    };
    let number = || -> Vec<i64> {
        let of = |cell: &Cell| match cell {
            Cell::Number(number) | Cell::Time(number) => *number,
            Cell::Money(money) => money.minor,
            Cell::Text(_) => 0,
        };
        cells.clone().map(of).collect()
    };
    match first {
        None => Ok(()),
        Some(Cell::Text(_)) => column::<ByteArrayType, W>(
            group,
            &text(|cell| match cell {
                Cell::Text(text) => text.clone(),
                _ => String::new(),
            }),
        ),
        Some(Cell::Number(_) | Cell::Time(_)) => column::<Int64Type, W>(group, &number()),
        Some(Cell::Money(_)) => {
            column::<Int64Type, W>(group, &number())?;
            column::<ByteArrayType, W>(
                group,
                &text(|cell| match cell {
                    Cell::Money(money) => money.to_decimal(),
                    _ => String::new(),
                }),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::RowAccessor,
    };

    use super::*;

    const COLUMNS: &[Column] =
        &[Column::Text("name"), Column::Number("units"), Column::Money("total"), Column::Time("time")];

    fn row(name: &str, units: i64) -> Vec<Cell> {
        let yen: Currency = "JPY".parse().unwrap();
        vec![Cell::Text(name.to_owned()), Cell::Number(units), Cell::money(-1_250, yen), Cell::Time(1_000)]
    }

    fn written(format: TableFormat, rows: i64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut table = Table::new(COLUMNS, format, &mut bytes).unwrap();
        for units in 0..rows {
            table.add(row("=cmd()", units)).unwrap();
        }
        assert_eq!(table.finish().unwrap(), u64::try_from(rows).unwrap());
        bytes
    }

    #[test]
    fn amounts_are_exact_in_csv_and_no_text_is_a_formula() {
        let text = String::from_utf8(written(TableFormat::Csv, 1)).unwrap();
        assert_eq!(text, "name,units,total_minor,total,time\n'=cmd(),0,-1250,-1250,1970-01-01T00:00:01Z\n");
    }

    #[test]
    fn more_rows_than_are_held_go_into_several_groups_and_none_is_lost() {
        let count = i64::try_from(ROWS_MAX).unwrap() + 1;
        let reader =
            SerializedFileReader::new(bytes::Bytes::from(written(TableFormat::Parquet, count))).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows: Vec<i64> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().get_long(1).unwrap()).collect();
        assert!(rows.iter().copied().eq(0..count));
        let first = reader.get_row_iter(None).unwrap().next().unwrap().unwrap();
        assert_eq!((first.get_string(0).unwrap().as_str(), first.get_long(2).unwrap()), ("=cmd()", -1_250));
        assert_eq!(first.get_string(3).unwrap(), "-1250");
    }

    #[test]
    fn a_table_without_rows_has_its_names() {
        assert_eq!(written(TableFormat::Csv, 0), b"name,units,total_minor,total,time\n");
        let reader = SerializedFileReader::new(bytes::Bytes::from(written(TableFormat::Parquet, 0))).unwrap();
        assert_eq!(reader.metadata().file_metadata().schema_descr().num_columns(), 5);
    }
}
