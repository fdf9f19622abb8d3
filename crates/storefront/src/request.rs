//! What a browser sends: cookies, forms, conditions, and whether a form is one of ours.

use argosy_kernel::{CartId, Ctx, Error, Result};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use crate::{StorefrontConfig, answer::Failure};

const PAIRS_MAX: usize = 200;
const NAME_LENGTH_MAX: usize = 80;
/// Longer input than any field can need is cut off here, before anything works on it.
const VALUE_LENGTH_MAX: usize = 1_000;
const QUERY_LENGTH_MAX: usize = 8_000;
const CART_COOKIE_AGE_S: u32 = 30 * 24 * 3600;
const KEY_LENGTH_MAX: usize = 64;

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the client reads gzip.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    text(headers, header::ACCEPT_ENCODING).is_some_and(|accepted| {
        accepted.split(',').any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some("gzip") && !parts.any(|part| matches!(part, "q=0" | "q=0.0"))
        })
    })
}

/// Whether a script asks, which wants JSON instead of a page.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    text(headers, header::ACCEPT).is_some_and(|accepted| accepted.starts_with("application/json"))
}

/// The best format of pictures that the client says it shows; empty: it names none.
pub(crate) fn picture_format(headers: &HeaderMap) -> &'static str {
    let accepted = text(headers, header::ACCEPT).unwrap_or_default();
    let formats = [("image/avif", "avif"), ("image/webp", "webp")];
    formats.into_iter().find(|(named, _)| accepted.contains(named)).map_or("", |(_, format)| format)
}

/// An answer to our script.
pub(crate) fn json(value: &impl serde::Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}

/// A page that does not exist.
pub(crate) fn no_page() -> Failure {
    Error::not_found("PAGE_NOT_FOUND", "there is no such page").into()
}

/// Refuses a form that another site's page sent. Cookies are `SameSite=Lax` besides.
pub(crate) fn check_same_origin(headers: &HeaderMap, config: &StorefrontConfig) -> Result<()> {
    let refused = || {
        let message = "this form was sent from another site; open the shop and try again";
        Error::new(argosy_kernel::Code::PermissionDenied, "FOREIGN_ORIGIN", message)
    };
    if let Some(site) = text(headers, HeaderName::from_static("sec-fetch-site")) {
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { Err(refused()) };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().map_err(|_| refused())?;
    let host = text(headers, header::HOST).unwrap_or_default();
    let same_host = origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host));
    let same_shop = origin.eq_ignore_ascii_case(config.shop.url.trim_end_matches('/'));
    if same_host || same_shop { Ok(()) } else { Err(refused()) }
}

/// The name=value pairs of a query or a form: bounded, without control characters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Of an address.
    ///
    /// # Errors
    /// `QUERY_TOO_LONG`.
    pub(crate) fn of_query(uri: &Uri) -> Result<Self> {
        let query = uri.query().unwrap_or_default();
        if query.len() > QUERY_LENGTH_MAX {
            return Err(Error::invalid("QUERY_TOO_LONG", "this address is longer than any of ours"));
        }
        Ok(Self::of_bytes(query.as_bytes()))
    }

    /// Of a form's body.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes).take(PAIRS_MAX);
        let clean = |text: &str, most: usize| -> String {
            text.chars().filter(|character| !character.is_control()).take(most).collect()
        };
        Self(
            pairs
                .map(|(name, value)| {
                    (clean(&name, NAME_LENGTH_MAX), clean(&value, VALUE_LENGTH_MAX).trim().to_owned())
                })
                .collect(),
        )
    }

    /// The value of a field; empty if it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    /// Whether a field was sent at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(one, _)| one == name)
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The fields whose name starts so: what follows, and the value.
    pub(crate) fn starting<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter_map(move |(name, value)| name.strip_prefix(prefix).map(|rest| (rest, value.as_str())))
    }
}

/// A new key for one effect, for a form's hidden field.
pub(crate) fn new_key() -> String {
    data_encoding::BASE32HEX_NOPAD.encode(&rand::random::<[u8; 16]>()).to_lowercase()
}

/// The context under the key that the form carried, if it is one.
pub(crate) fn with_key_of(ctx: Ctx, form: &Fields) -> Ctx {
    let key = form.text("key");
    let well_formed =
        (8..=KEY_LENGTH_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if well_formed { ctx.with_key(key) } else { ctx }
}

/// The visitor's cart. The id is a secret: whoever knows it has the cart.
pub(crate) fn cart_of(headers: &HeaderMap) -> Option<CartId> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "argosy_cart").and_then(|(_, value)| value.parse().ok())
}

/// Remembers a cart, and tells our script that there is one.
pub(crate) fn remember_cart(headers: &mut HeaderMap, cart_id: &str, config: &StorefrontConfig) {
    set_cookies(headers, cart_id, CART_COOKIE_AGE_S, config);
}

/// Forgets the cart.
pub(crate) fn forget_cart(headers: &mut HeaderMap, config: &StorefrontConfig) {
    set_cookies(headers, "", 0, config);
}

fn set_cookies(headers: &mut HeaderMap, cart_id: &str, age_s: u32, config: &StorefrontConfig) {
    let secure = if config.is_secure() { "; Secure" } else { "" };
    let end = format!("; Path=/; Max-Age={age_s}; SameSite=Lax{secure}");
    let cookies = [format!("argosy_cart={cart_id}; HttpOnly{end}"), format!("argosy_has_cart=1{end}")];
    for cookie in cookies {
        if let Ok(value) = HeaderValue::try_from(cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let config = StorefrontConfig::default();
        let check = |pairs: &[(&'static str, &str)]| check_same_origin(&headers(pairs), &config).is_ok();
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        assert!(!check(&[("sec-fetch-site", "cross-site")]));
        assert!(!check(&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")]));
        assert!(check(&[("origin", "http://shop.test:81"), ("host", "shop.test:81")]));
        assert!(check(&[("origin", "http://127.0.0.1:8080"), ("host", "inner")]));
        assert!(!check(&[("origin", "https://evil.test"), ("host", "shop.test")]));
        assert!(!check(&[("origin", "null"), ("host", "shop.test")]));
    }

    #[test]
    fn fields_are_bounded_and_clean() {
        let long = format!("a={}&b=%00x%0Ay&b=2", "z".repeat(5_000));
        let fields = Fields::of_bytes(long.as_bytes());
        assert_eq!(fields.text("a").len(), VALUE_LENGTH_MAX);
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["xy", "2"]);
        assert_eq!(fields.text("missing"), "");
        assert_eq!(Fields::of_bytes(&[0xff, b'=', 0xfe]).starting("").count(), 1);
    }

    #[test]
    fn the_cart_cookie_is_found_among_others_and_checked() {
        let id = CartId::new();
        let cookie = format!("x=1; argosy_cart={id}; y=2");
        assert_eq!(cart_of(&headers(&[("cookie", &cookie)])), Some(id));
        assert_eq!(cart_of(&headers(&[("cookie", "argosy_cart=<script>")])), None);
    }
}
