//! Rendered pages, each dropped when something it shows changes (law 8).
//!
//! A page knows what it shows as tags: product and variant ids, [`LISTING`], [`STRUCTURE`]. Dropping a tag marks
//! the pages that carry it, so a change costs what it touches. A page that was being rendered while one of its
//! tags was dropped is marked too: it may hold the old state. Expiry alone lost: a page would be wrong for
//! seconds after each change, or cached for hardly any time.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use argosy_kernel::{Code, Error, Result};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use moka::future::Cache;

use crate::assets;

/// The tag of pages that list products by a query: any product may come into them.
pub(crate) const LISTING: &str = "listing";
/// The tag of all pages: they show the menu.
pub(crate) const STRUCTURE: &str = "structure";

/// A page is rendered anew at least this often, should a fact be lost.
const PAGES_FRESH: Duration = Duration::from_mins(10);
/// So long it is shown when it cannot be rendered anew, because a service is away.
const PAGES_KEPT: Duration = Duration::from_hours(1);
/// How many drops are remembered for pages that are being rendered.
const RECENT_MAX: usize = 4_096;
/// Browsers ask every time; a shared cache keeps the page for the second that a change may take to show, as the store
/// API's answers, and goes on showing it while the shop is away.
const FOR_A_MOMENT: HeaderValue =
    HeaderValue::from_static("public, max-age=0, s-maxage=1, stale-if-error=3600");
const SWEEP_MIN: usize = 4_096;
const CROWD_MIN: usize = 64;

/// A rendered page and what it shows.
pub(crate) struct CachedPage {
    plain: Bytes,
    gzip: Bytes,
    etag: HeaderValue,
    rendered_at: Instant,
    stale: AtomicBool,
}

/// A page as it was rendered, with the tags of what it shows.
pub(crate) struct Rendered {
    pub(crate) html: String,
    pub(crate) tags: Vec<String>,
}

pub(crate) struct PageCache {
    pages: Cache<String, Arc<CachedPage>>,
    index: Mutex<Index>,
}

#[derive(Default)]
struct Index {
    by_tag: HashMap<String, Vec<Weak<CachedPage>>>,
    epoch: u64,
    recent: VecDeque<(u64, String)>,
    sweep_at: usize,
}

/// Mebibytes as bytes.
pub(crate) fn mebibytes(mib: u32) -> u64 {
    u64::from(mib) * 1024 * 1024
}

impl PageCache {
    pub(crate) fn new(mib: u32) -> Self {
        let pages = Cache::builder()
            .max_capacity(mebibytes(mib))
            .weigher(|key: &String, page: &Arc<CachedPage>| {
                u32::try_from(key.len() + page.plain.len() + page.gzip.len() + 256).unwrap_or(u32::MAX)
            })
            .time_to_live(PAGES_KEPT)
            .build();
        Self { pages, index: Mutex::default() }
    }

    /// The page under a key, rendered by `render` unless it is there. Many asking at once render it once. One that is
    /// out of date is better than none while a service is away.
    pub(crate) async fn get<R: Future<Output = Result<Rendered>>>(
        &self,
        key: &str,
        render: impl FnOnce() -> R,
    ) -> Result<Arc<CachedPage>> {
        let old = self.pages.get(key).await;
        if let Some(page) = &old {
            if !page.is_stale() {
                return Ok(Arc::clone(page));
            }
            self.pages.invalidate(key).await;
        }
        let made = self.pages.try_get_with_by_ref(key, async {
            let begun = self.index.lock().map(|index| index.epoch).unwrap_or_default();
            // Boxed, so that a page from memory carries no room for one that is rendered.
            let rendered = Box::pin(render()).await?;
            let page = Arc::new(CachedPage::new(&rendered.html));
            if let Ok(mut index) = self.index.lock() {
                index.add(&page, rendered.tags, begun);
            }
            Ok(page)
        });
        match (made.await, old) {
            (Ok(page), _) => Ok(page),
            (Err(error), Some(old)) if is_away(&error) => {
                self.pages.insert(key.to_owned(), Arc::clone(&old)).await;
                Ok(old)
            }
            (Err(error), _) => Err((*error).clone()),
        }
    }

    /// Drops the pages that carry a tag.
    pub(crate) fn drop_tag(&self, tag: &str) {
        if let Ok(mut index) = self.index.lock() {
            index.drop_tag(tag);
        }
    }
}

impl Index {
    fn add(&mut self, page: &Arc<CachedPage>, tags: Vec<String>, begun: u64) {
        let forgotten = self.recent.front().is_some_and(|(epoch, _)| *epoch > begun + 1);
        let touched = |tag: &String| self.recent.iter().any(|(epoch, one)| *epoch > begun && one == tag);
        if self.epoch > begun && (forgotten || tags.iter().any(touched)) {
            page.stale.store(true, Ordering::Release);
            return;
        }
        for tag in tags {
            let pages = self.by_tag.entry(tag).or_default();
            pages.push(Arc::downgrade(page));
            if pages.len() >= CROWD_MIN && pages.len().is_power_of_two() {
                pages.retain(is_shown);
            }
        }
        self.sweep();
    }

    fn drop_tag(&mut self, tag: &str) {
        self.epoch += 1;
        self.recent.push_back((self.epoch, tag.to_owned()));
        if self.recent.len() > RECENT_MAX {
            self.recent.pop_front();
        }
        for page in self.by_tag.remove(tag).unwrap_or_default().iter().filter_map(Weak::upgrade) {
            page.stale.store(true, Ordering::Release);
        }
    }

    /// Forgets pages that are gone, whenever the index has doubled.
    fn sweep(&mut self) {
        let size: usize = self.by_tag.len();
        if size < self.sweep_at.max(SWEEP_MIN) {
            return;
        }
        self.by_tag.retain(|_, pages| {
            pages.retain(is_shown);
            !pages.is_empty()
        });
        self.sweep_at = self.by_tag.len() * 2;
    }
}

fn is_away(error: &Error) -> bool {
    matches!(error.code(), Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted)
}

fn is_shown(page: &Weak<CachedPage>) -> bool {
    page.upgrade().is_some_and(|page| !page.stale.load(Ordering::Acquire))
}

impl CachedPage {
    fn new(html: &str) -> Self {
        let plain = Bytes::copy_from_slice(html.as_bytes());
        Self {
            gzip: assets::gzip(&plain),
            etag: argosy_edge::etag_of(&plain),
            plain,
            rendered_at: Instant::now(),
            stale: AtomicBool::new(false),
        }
    }

    fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Acquire) || self.rendered_at.elapsed() > PAGES_FRESH
    }

    /// The page as an answer to one who may have it already.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = if argosy_edge::not_modified(headers, &self.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            assets::body_of(headers, &self.plain, &self.gzip)
        };
        let out = response.headers_mut();
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        out.insert(header::CACHE_CONTROL, FOR_A_MOMENT);
        out.insert(header::ETAG, self.etag.clone());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(cache: &PageCache, html: &str, tags: &[&str]) -> Bytes {
        let render = async || {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            Ok(Rendered { html: html.to_owned(), tags })
        };
        cache.get("/page", render).await.unwrap().plain.clone()
    }

    #[tokio::test]
    async fn a_page_is_rendered_once_until_something_it_shows_changes() {
        let cache = PageCache::new(1);
        assert_eq!(ask(&cache, "first", &["prod_1", LISTING]).await, "first");
        assert_eq!(ask(&cache, "second", &["prod_1"]).await, "first");
        cache.drop_tag("prod_2");
        assert_eq!(ask(&cache, "second", &["prod_1"]).await, "first");
        cache.drop_tag("prod_1");
        assert_eq!(ask(&cache, "second", &["prod_1"]).await, "second");
    }

    #[tokio::test]
    async fn law_8_a_page_rendered_across_a_change_is_not_kept() {
        let cache = PageCache::new(1);
        let across = async || {
            cache.drop_tag("prod_1");
            Ok(Rendered { html: "old".to_owned(), tags: vec!["prod_1".to_owned()] })
        };
        assert_eq!(cache.get("/page", across).await.unwrap().plain, "old");
        assert_eq!(ask(&cache, "new", &["prod_1"]).await, "new");
        let beside = async || {
            cache.drop_tag("prod_9");
            Ok(Rendered { html: "kept".to_owned(), tags: vec!["prod_1".to_owned()] })
        };
        cache.drop_tag("prod_1");
        assert_eq!(cache.get("/page", beside).await.unwrap().plain, "kept");
        assert_eq!(ask(&cache, "not rendered", &["prod_1"]).await, "kept");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let cache = PageCache::new(1);
        let failing = async || Err(argosy_kernel::Error::unavailable("DOWN", "not now"));
        assert_eq!(cache.get("/page", failing).await.err().unwrap().reason(), "DOWN");
        assert_eq!(ask(&cache, "again", &[]).await, "again");
    }

    #[tokio::test]
    async fn an_old_page_is_shown_while_a_service_is_away() {
        let cache = PageCache::new(1);
        ask(&cache, "old", &["prod_1"]).await;
        cache.drop_tag("prod_1");
        for _ in 0..2 {
            let away = async || Err(argosy_kernel::Error::unavailable("SERVICE_AWAY", "not now"));
            assert_eq!(cache.get("/page", away).await.unwrap().plain, "old");
        }
        let gone = async || Err(argosy_kernel::Error::not_found("GONE", "no more"));
        assert_eq!(cache.get("/page", gone).await.err().unwrap().reason(), "GONE");
        assert_eq!(ask(&cache, "new", &["prod_1"]).await, "new");
    }
}
