//! Writing Parquet column by column, as the crate does it without Arrow.

use std::io::Write;

use parquet::{data_type::DataType, errors::ParquetError, file::writer::SerializedRowGroupWriter};

/// Writes the next column of the schema.
///
/// # Errors
/// If the schema has no more, or the column is of another type.
pub(crate) fn column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("more columns than the schema has".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}
