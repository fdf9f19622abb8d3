//! What is answered from memory, beside a bare handler that answers the same bytes.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, Result};

use super::{Effort, Sheet};
use crate::{
    bare::Bare,
    client::{Connection, get},
    load::{median, rate},
    products,
    store::Store,
    table::Target,
};

const CONNECTIONS: usize = 16;

struct Read {
    name: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    status: u16,
    ratio_min: Option<f64>,
}

pub(super) async fn measure(sheet: &mut Sheet, store: &Store, scratch: &Path, effort: Effort) -> Result<()> {
    let handle = products::handle(sheet.products / 2);
    let (json, page) = (format!("/store/products/{handle}"), format!("/products/{handle}"));
    let etag = etag_of(store.address, &json).await?;
    let reads = [
        Read::new("product JSON from memory", &json, 200, Some(0.5)),
        Read::new("product JSON, 304", &json, 304, None).with("if-none-match", etag),
        Read::new("product page from memory", &page, 200, Some(0.4)),
        Read::new("product page from memory, as a browser asks", &page, 200, Some(0.4))
            .with("accept-encoding", "gzip, deflate, br".to_owned()),
    ];
    for read in reads {
        compare(sheet, store.address, scratch, effort, read).await?;
    }
    Ok(())
}

impl Read {
    fn new(name: &'static str, path: &str, status: u16, ratio_min: Option<f64>) -> Self {
        Self { name, path: path.to_owned(), headers: Vec::new(), status, ratio_min }
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

async fn compare(
    sheet: &mut Sheet,
    shop: SocketAddr,
    scratch: &Path,
    effort: Effort,
    read: Read,
) -> Result<()> {
    let headers: Vec<(&str, &str)> =
        read.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request: Arc<[u8]> = get(&read.path, &headers).into();
    let bare = Bare::of(scratch, shop, &request).await?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for address in [bare.address, shop] {
        rate(address, &request, read.status, CONNECTIONS, effort.turn / 4).await?;
    }
    for _ in 0..effort.rounds {
        let baseline = rate(bare.address, &request, read.status, CONNECTIONS, effort.turn).await?;
        let subject = rate(shop, &request, read.status, CONNECTIONS, effort.turn).await?;
        ratios.push(subject / baseline);
        ours.push(subject);
        theirs.push(baseline);
    }
    let row = sheet.row(read.name, "answers/s", median(ours)).beside(median(theirs), median(ratios));
    sheet.put(match read.ratio_min {
        Some(least) => row.target(Target::RatioAtLeast(least)),
        None => row,
    });
    Ok(())
}

async fn etag_of(shop: SocketAddr, path: &str) -> Result<String> {
    let mut connection = Connection::open(shop).await?;
    let answer = connection.exchange(&get(path, &[])).await?;
    Ok(answer.header("etag").context("an answer without a tag")?.to_owned())
}
