//! What every page is made from.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Result};
use argosy_platform::{Host, tasks::Tasks};
use bytes::Bytes;
use minijinja::{Value, context, value::Serde};
use moka::future::Cache;
use serde::Serialize;

use crate::{
    StorefrontClients, StorefrontConfig,
    assets::Assets,
    edition::{Edition, Editions, SharedEdition},
    page_cache::{PageCache, mebibytes},
    pages::robots::Sitemap,
    structure::{Structure, StructureCache},
    view::head::{Head, Place},
};

/// A picture in memory.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) content_type: Arc<str>,
    pub(crate) content: Bytes,
    /// A better one is being made: this one is shown, and not kept.
    pub(crate) is_interim: bool,
}

/// What every page is made from.
pub(crate) struct Shop {
    pub(crate) clients: StorefrontClients,
    pub(crate) config: StorefrontConfig,
    pub(crate) editions: Editions,
    pub(crate) pages: PageCache,
    pub(crate) pictures: Cache<String, Picture>,
    pub(crate) structure: StructureCache,
    pub(crate) sitemap: Cache<(), Sitemap>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tasks: Tasks,
    assets: Arc<Assets>,
}

/// Shared by all handlers.
pub(crate) type SharedShop = Arc<Shop>;

const SITEMAP_KEPT: Duration = Duration::from_hours(1);
const PICTURES_KEPT: Duration = Duration::from_hours(24);

impl Shop {
    pub(crate) fn start(
        clients: StorefrontClients,
        config: StorefrontConfig,
        host: &Host,
    ) -> Result<SharedShop> {
        let assets = Assets::load(&config.theme_folder);
        let editions = Editions::read(&config, &assets)?;
        let pictures = Cache::builder()
            .max_capacity(mebibytes(config.media_cache_mib))
            .weigher(|key: &String, picture: &Picture| {
                u32::try_from(key.len() + picture.content.len() + 64).unwrap_or(u32::MAX)
            })
            .time_to_live(PICTURES_KEPT)
            .build();
        let shop = Arc::new(Self {
            // A page that is kept would not show the theme as it is now.
            pages: PageCache::new(if config.theme_reload { 0 } else { config.page_cache_mib }),
            structure: StructureCache::default(),
            sitemap: Cache::builder().max_capacity(1).time_to_live(SITEMAP_KEPT).build(),
            clock: host.clock(),
            tasks: host.tasks().clone(),
            clients,
            config,
            editions,
            assets: Arc::new(assets),
            pictures,
        });
        crate::freshness::keep(&shop, host);
        Ok(shop)
    }

    /// The edition that an address belongs to; with `theme_reload` as its files are now.
    pub(crate) fn edition_of(&self, path: &str) -> Result<SharedEdition> {
        if self.config.theme_reload {
            return Ok(Arc::clone(Editions::read(&self.config, &self.assets())?.of_path(path)));
        }
        Ok(Arc::clone(self.editions.of_path(path)))
    }

    /// Style, script and drawings; with `theme_reload` as they are now.
    pub(crate) fn assets(&self) -> Arc<Assets> {
        if self.config.theme_reload {
            return Arc::new(Assets::load(&self.config.theme_folder));
        }
        Arc::clone(&self.assets)
    }

    /// The categories, collections and attributes, as they are now.
    pub(crate) async fn structure(&self) -> Result<Arc<Structure>> {
        self.structure.get(Structure::load(&self.clients, &self.editions)).await
    }

    /// Renders a page: its head, the menu, and what is on it.
    pub(crate) async fn render(
        &self,
        edition: &Edition,
        template: &str,
        head: Head,
        view: impl Serialize,
    ) -> Result<String> {
        let structure = self.structure().await?;
        self.render_with(edition, template, head, view, &structure)
    }

    /// The same with a structure at hand.
    pub(crate) fn render_with(
        &self,
        edition: &Edition,
        template: &str,
        head: Head,
        view: impl Serialize,
        structure: &Structure,
    ) -> Result<String> {
        let place = Place::of(&head, edition, &self.editions, structure, &self.config);
        let context = context! {
            shop => Value::from(Serde(ShopView::of(&self.config, edition))),
            menu => Value::from(Serde(structure.menu(edition))),
            head => Value::from(Serde(head)),
            place => Value::from(Serde(place)),
            view => Value::from(Serde(view)),
        };
        edition.templates.render(template, context)
    }
}

#[derive(Serialize)]
struct ShopView<'a> {
    name: &'a str,
    tagline: String,
    language: &'a str,
    currency: &'static str,
    url: &'a str,
}

impl<'a> ShopView<'a> {
    fn of(config: &'a StorefrontConfig, edition: &'a Edition) -> Self {
        Self {
            name: &config.shop.name,
            tagline: config.tagline(&edition.words),
            language: &edition.words.tag,
            currency: edition.currency.code(),
            url: &config.shop.url,
        }
    }
}
