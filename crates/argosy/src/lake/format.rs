//! How facts stand in a file.

use std::{fmt::Write, sync::Arc};

use argosy_kernel::{Error, Result};
use argosy_platform::bus::Fact;
use clap::ValueEnum;
use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, Int64Type},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

use crate::{events::told, parquet_columns::column};

/// What the files of an export are. Each format has folders and marks of its own, so that a lake may have both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A JSON object a line, in `facts/`
    Jsonl,
    /// Columns, compressed, in `parquet/`
    Parquet,
}

/// `data` is the fact's own JSON: what it holds differs from type to type.
const SCHEMA: &str = "
    message fact {
        required binary service (STRING);
        required int64 position;
        required binary id (STRING);
        required binary type (STRING);
        required binary subject (STRING);
        required int64 sequence;
        required int64 time (TIMESTAMP(MILLIS, true));
        required binary data (JSON);
    }";

impl Format {
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Jsonl => "facts",
            Self::Parquet => "parquet",
        }
    }

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// How the name of the file ends that says a day is done.
    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Jsonl => "json",
            Self::Parquet => "parquet.json",
        }
    }

    /// A file of some facts: the same facts, the same bytes.
    pub(super) fn encode(self, service: &str, facts: &[Fact]) -> Result<Vec<u8>> {
        match self {
            Self::Jsonl => lines(service, facts),
            Self::Parquet => columns(service, facts).map_err(Error::internal),
        }
    }
}

fn lines(service: &str, facts: &[Fact]) -> Result<Vec<u8>> {
    let mut lines = String::new();
    for fact in facts {
        writeln!(lines, "{}", told(service, fact)).map_err(Error::internal)?;
    }
    Ok(lines.into_bytes())
}

fn columns(service: &str, facts: &[Fact]) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    let text =
        |of: fn(&Fact) -> &str| -> Vec<ByteArray> { facts.iter().map(|fact| of(fact).into()).collect() };
    let number = |of: fn(&Fact) -> i64| -> Vec<i64> { facts.iter().map(of).collect() };
    column::<ByteArrayType, _>(&mut group, &vec![service.into(); facts.len()])?;
    column::<Int64Type, _>(&mut group, &number(|fact| fact.position))?;
    column::<ByteArrayType, _>(&mut group, &text(|fact| &fact.id))?;
    column::<ByteArrayType, _>(&mut group, &text(|fact| &fact.kind))?;
    column::<ByteArrayType, _>(&mut group, &text(|fact| &fact.subject))?;
    column::<Int64Type, _>(&mut group, &number(|fact| fact.sequence))?;
    column::<Int64Type, _>(&mut group, &number(|fact| fact.time_ms))?;
    column::<ByteArrayType, _>(&mut group, &text(|fact| &fact.data))?;
    group.close()?;
    file.into_inner()
}

/// The facts of a Parquet file, as a line of JSON tells them.
#[cfg(test)]
pub(super) fn read(file: Vec<u8>) -> Vec<serde_json::Value> {
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::RowAccessor,
    };

    let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
    rows.map(|row| {
        serde_json::json!({
            "service": row.get_string(0).unwrap(),
            "position": row.get_long(1).unwrap(),
            "id": row.get_string(2).unwrap(),
            "type": row.get_string(3).unwrap(),
            "subject": row.get_string(4).unwrap(),
            "sequence": row.get_long(5).unwrap(),
            "time": argosy_kernel::Timestamp::from_millis(row.get_timestamp_millis(6).unwrap()),
            "data": row.get_string(7).unwrap(),
        })
    })
    .collect()
}
