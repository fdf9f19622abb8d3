//! Files as streams of bytes, compressed or not.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use argosy_kernel::{Error, Result};

/// Counts what is read of a file, so that progress can be shown.
pub(crate) struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Opens a file, unpacking `.gz`; `read` counts its bytes as they are on disk.
pub(crate) fn open(path: &Path, read: Arc<AtomicU64>) -> Result<Box<dyn Read + Send>> {
    let unreadable =
        |error| Error::invalid("UNREADABLE_FILE", format!("cannot read {}: {error}", path.display()));
    let file = Counted { file: File::open(path).map_err(unreadable)?, read };
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let buffered = BufReader::with_capacity(1 << 17, file);
    Ok(if is_packed { Box::new(flate2::read::MultiGzDecoder::new(buffered)) } else { Box::new(buffered) })
}
