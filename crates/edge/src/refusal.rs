//! What the protections themselves refuse, told so that whoever asked can read it: problem+json to programs, a
//! small page to people. The storefront's own error page is not for this: what refuses because there is too much to
//! do must not start to render and look things up.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use crate::error::ApiError;

/// Paths of programs: they get problem+json whatever they say that they accept.
const FOR_PROGRAMS: &[&str] = &["/store", "/openapi.json", "/docs/api"];

const STYLE: &str = "body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.55 system-ui,sans-serif;\
background:#fbfaf7;color:#14191d}main{max-width:34rem;padding:24px;text-align:center}h1{margin:0;line-height:1.2}\
a{color:inherit}@media(prefers-color-scheme:dark){body{background:#0f1417;color:#eef2f3}}";

/// Allows `STYLE` alone, by its hash, and the empty icon that keeps browsers from asking for another: whoever changes the style is told the new hash by the browser's console, and by
/// the browser test that reads it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'sha256-cqBsrIF6WpG8erO7yl7Qr0IITpYD05fJWox+ydI9vbY='; img-src data:; \
     frame-ancestors 'none'; base-uri 'none'",
);

/// What the one who asked reads.
pub(crate) struct Accepted {
    kinds: Option<HeaderValue>,
    languages: Option<HeaderValue>,
}

impl Accepted {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let named = |name| headers.get(name).cloned();
        Self { kinds: named(header::ACCEPT), languages: named(header::ACCEPT_LANGUAGE) }
    }
}

/// A refusal, as the one who asked reads it.
pub(crate) fn told(error: ApiError, method: &Method, uri: &Uri, accepted: &Accepted) -> Response {
    let is_closed = error.error().is_some_and(|error| error.reason() == "MAINTENANCE");
    let mut response = error.into_response();
    if is_for_programs(uri.path()) || !prefers_html(accepted.kinds.as_ref()) {
        return response;
    }
    let language = Language::of(uri.path(), accepted.languages.as_ref());
    let words = if is_closed { language.closed() } else { language.words(response.status()) };
    *response.body_mut() = Body::from(page(words, language, method));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

fn is_for_programs(path: &str) -> bool {
    FOR_PROGRAMS
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Whether HTML is named, and no JSON is wanted as much. `*/*` says nothing: programs send it too.
fn prefers_html(accepted: Option<&HeaderValue>) -> bool {
    let Some(accepted) = accepted.and_then(|value| value.to_str().ok()) else { return false };
    let (mut html, mut json) = (0, 0);
    for range in accepted.split(',') {
        let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
        match kind.trim().to_ascii_lowercase().as_str() {
            "text/html" | "application/xhtml+xml" => html = html.max(weight(parameters)),
            "application/json" | "application/problem+json" => json = json.max(weight(parameters)),
            _ => {}
        }
    }
    html > json
}

/// A quality in thousandths: `q=0.8` is 800; none, or one that cannot be read, is 1000.
fn weight(parameters: &str) -> u32 {
    let named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let quality = named.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    let Some((_, value)) = quality else { return 1_000 };
    let (whole, part) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let thousandths = format!("{part:0<3}");
    match (whole.parse::<u32>(), thousandths.get(..3).and_then(|part| part.parse::<u32>().ok())) {
        (Ok(0), Some(part)) => part,
        _ => 1_000,
    }
}

/// A heading and what follows.
type Words = (&'static str, &'static str);

/// A language that these pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    English,
    German,
}

impl Language {
    /// The one that an address begins with (`/de-usd/cart`), else the first that a browser asks for.
    fn of(path: &str, accepted: Option<&HeaderValue>) -> Self {
        let first = path.split('/').nth(1).unwrap_or_default();
        let named = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let asked = named.split(',').map(|range| range.split(';').next().unwrap_or_default());
        std::iter::once(first).chain(asked).find_map(Self::read).unwrap_or(Self::English)
    }

    fn read(tag: &str) -> Option<Self> {
        match tag.trim().split('-').next() {
            Some(language) if language.eq_ignore_ascii_case("de") => Some(Self::German),
            Some(language) if language.eq_ignore_ascii_case("en") => Some(Self::English),
            _ => None,
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The way on: again, or home.
    fn ways(self) -> [&'static str; 2] {
        match self {
            Self::English => ["Try again", "To the home page"],
            Self::German => ["Noch einmal versuchen", "Zur Startseite"],
        }
    }

    fn closed(self) -> Words {
        match self {
            Self::English => (
                "We are back soon",
                "The shop is being worked on. Please come back in a few minutes; what is in your cart stays there.",
            ),
            Self::German => (
                "Wir sind gleich zurück",
                "Am Laden wird gearbeitet. Bitte kommen Sie in einigen Minuten wieder; was im Warenkorb liegt, bleibt dort.",
            ),
        }
    }

    fn words(self, status: StatusCode) -> Words {
        match (self, status) {
            (Self::English, StatusCode::TOO_MANY_REQUESTS) => {
                ("One moment, please", "There were very many requests from you. Wait a little and try again.")
            }
            (Self::German, StatusCode::TOO_MANY_REQUESTS) => (
                "Einen Moment, bitte",
                "Das waren sehr viele Anfragen von Ihnen. Bitte warten Sie ein wenig.",
            ),
            (Self::English, StatusCode::SERVICE_UNAVAILABLE) => {
                ("Back in a moment", "There is a lot going on here right now. Please try again shortly.")
            }
            (Self::German, StatusCode::SERVICE_UNAVAILABLE) => (
                "Gleich geht es weiter",
                "Hier ist gerade viel los. Bitte versuchen Sie es in Kürze noch einmal.",
            ),
            (Self::English, StatusCode::GATEWAY_TIMEOUT) => (
                "That took too long",
                "There was no answer in time. If you were placing an order, it is looked after: trying again does \
                 not place it twice.",
            ),
            (Self::German, StatusCode::GATEWAY_TIMEOUT) => (
                "Das hat zu lange gedauert",
                "Es kam keine Antwort. Falls Sie gerade bestellt haben, ist dafür gesorgt: Ein neuer Versuch \
                 bestellt nicht doppelt.",
            ),
            (Self::English, StatusCode::PAYLOAD_TOO_LARGE) => {
                ("Too much at once", "What was sent is larger than we can take.")
            }
            (Self::German, StatusCode::PAYLOAD_TOO_LARGE) => {
                ("Zu viel auf einmal", "Was gesendet wurde, ist größer, als wir annehmen können.")
            }
            (Self::English, _) => {
                ("Something went wrong", "The fault is ours, and it has been noted. Please try again.")
            }
            (Self::German, _) => (
                "Etwas ist schiefgegangen",
                "Der Fehler liegt bei uns und ist vermerkt. Bitte versuchen Sie es noch einmal.",
            ),
        }
    }
}

fn page((title, text): Words, language: Language, method: &Method) -> String {
    let [again, home] = language.ways();
    // A form that was sent is not asked for again by a link.
    let way_on = if matches!(*method, Method::GET | Method::HEAD) {
        format!(r#"<a href="">{again}</a>"#)
    } else {
        format!(r#"<a href="/">{home}</a>"#)
    };
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n<p>{way_on}</p>\n</main>\n</body>\n</html>\n",
        language.tag(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_html_before_json_gets_a_page() {
        for (accepted, html) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html, application/json;q=0.9", true),
            ("text/html;q=0.5, application/json;q=0.25", true),
            ("text/html, application/json", false),
            ("application/json, text/html;q=0.9", false),
            ("application/problem+json", false),
            ("text/html;q=0", false),
            ("*/*", false),
            ("", false),
        ] {
            assert_eq!(prefers_html(Some(&HeaderValue::from_static(accepted))), html, "{accepted}");
        }
        assert!(!prefers_html(None));
    }

    #[test]
    fn the_address_says_the_language_then_the_browser() {
        let of = |path: &str, accepted: &'static str| {
            Language::of(path, Some(&HeaderValue::from_static(accepted))).tag()
        };
        assert_eq!(of("/de-usd/cart", "en"), "de");
        assert_eq!(of("/de", "en"), "de");
        assert_eq!(of("/en/cart", "de"), "en");
        assert_eq!(of("/products/design", "fr-CA, de-AT;q=0.8, en;q=0.5"), "de");
        assert_eq!(of("/", "fr"), "en");
        assert_eq!(Language::of("/", None), Language::English);
    }

    #[test]
    fn a_path_of_programs_is_one_by_its_whole_first_part() {
        assert!(is_for_programs("/store/carts") && is_for_programs("/store") && is_for_programs("/docs/api"));
        assert!(!is_for_programs("/stores") && !is_for_programs("/") && !is_for_programs("/openapi.jsonx"));
    }
}
