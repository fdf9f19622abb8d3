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
    page_cache::{PageCache, mebibytes},
    pages::robots::Sitemap,
    structure::{Structure, StructureCache},
    templates::Templates,
    view::head::Head,
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
    pub(crate) assets: Assets,
    pub(crate) pages: PageCache,
    pub(crate) pictures: Cache<String, Picture>,
    pub(crate) structure: StructureCache,
    pub(crate) sitemap: Cache<(), Sitemap>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tasks: Tasks,
    templates: Templates,
}

/// Shared by all handlers.
pub(crate) type SharedShop = Arc<Shop>;

const SITEMAP_KEPT: Duration = Duration::from_hours(1);
const PICTURES_KEPT: Duration = Duration::from_hours(24);

impl Shop {
    pub(crate) fn start(clients: StorefrontClients, config: StorefrontConfig, host: &Host) -> SharedShop {
        let assets = Assets::load(&config.theme_folder);
        let templates = Templates::new(&config.theme_folder, &assets);
        let pictures = Cache::builder()
            .max_capacity(mebibytes(config.media_cache_mib))
            .weigher(|key: &String, picture: &Picture| {
                u32::try_from(key.len() + picture.content.len() + 64).unwrap_or(u32::MAX)
            })
            .time_to_live(PICTURES_KEPT)
            .build();
        let shop = Arc::new(Self {
            pages: PageCache::new(config.page_cache_mib),
            structure: StructureCache::default(),
            sitemap: Cache::builder().max_capacity(1).time_to_live(SITEMAP_KEPT).build(),
            clock: host.clock(),
            tasks: host.tasks().clone(),
            clients,
            config,
            assets,
            pictures,
            templates,
        });
        crate::freshness::keep(&shop, host);
        shop
    }

    /// The categories, collections and attributes, as they are now.
    pub(crate) async fn structure(&self) -> Result<Arc<Structure>> {
        self.structure.get(Structure::load(&self.clients.catalog)).await
    }

    /// Renders a page: its head, the menu, and what is on it.
    pub(crate) async fn render(&self, template: &str, head: Head, view: impl Serialize) -> Result<String> {
        let structure = self.structure().await?;
        self.render_with(template, head, view, &structure)
    }

    /// The same with a structure at hand.
    pub(crate) fn render_with(
        &self,
        template: &str,
        head: Head,
        view: impl Serialize,
        structure: &Structure,
    ) -> Result<String> {
        let context = context! {
            shop => Value::from(Serde(ShopView::of(&self.config))),
            menu => Value::from(Serde(structure.menu())),
            head => Value::from(Serde(head)),
            view => Value::from(Serde(view)),
        };
        self.templates.render(template, context)
    }
}

#[derive(Serialize)]
struct ShopView<'a> {
    name: &'a str,
    tagline: &'a str,
    language: &'a str,
    currency: &'static str,
    url: &'a str,
}

impl<'a> ShopView<'a> {
    fn of(config: &'a StorefrontConfig) -> Self {
        Self {
            name: &config.shop.name,
            tagline: &config.tagline,
            language: &config.language,
            currency: config.shop.currency.code(),
            url: &config.shop.url,
        }
    }
}
