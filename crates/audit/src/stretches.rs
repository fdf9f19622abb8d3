//! Books in stretches, each read like the next.

use argosy_contracts::common::ReadBooksRequest;
use argosy_kernel::Result;

/// A stretch, and where the next begins; nothing at the end.
pub(crate) type Stretch<T> = (Vec<T>, String);

/// A request for the stretch behind `after`.
pub(crate) fn behind(after: String) -> ReadBooksRequest {
    ReadBooksRequest { after, limit: 0 }
}

/// Reads a book from its beginning to its end.
pub(crate) async fn each<T>(
    read: impl AsyncFn(String) -> Result<Stretch<T>>,
    mut row: impl FnMut(T),
) -> Result<()> {
    let mut after = String::new();
    loop {
        let (rows, next) = read(after).await?;
        rows.into_iter().for_each(&mut row);
        if next.is_empty() {
            return Ok(());
        }
        after = next;
    }
}
