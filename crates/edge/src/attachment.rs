//! A file that a browser saves and never shows.

use argosy_kernel::{Error, Result};
use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use futures::Stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 8187 lets stand as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!').remove(b'#');

/// An answer that is saved under a name, for whoever asked alone. Nothing of it is run or shown in the shop's name, whatever
/// it holds. The name is sent twice (RFC 6266): as it is, and for old clients in ASCII.
///
/// # Errors
/// None for names without control characters.
pub fn attachment(
    name: &str,
    size_bytes: u64,
    bytes: impl Stream<Item = Result<Vec<u8>>> + Send + 'static,
) -> Result<Response<Body>> {
    let fallback: String = name
        .chars()
        .map(
            |letter| {
                if letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '%') { letter } else { '_' }
            },
        )
        .collect();
    let encoded = utf8_percent_encode(name, PLAIN);
    let disposition = format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}");
    let mut response = Response::new(Body::from_stream(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size_bytes));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).map_err(Error::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    #[test]
    fn a_name_is_sent_as_it_is_and_cannot_leave_its_header() {
        let sent = |name: &str| {
            let response = attachment(name, 0, stream::empty()).unwrap();
            response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned()
        };
        assert_eq!(
            sent("Lieder für Anna.zip"),
            "attachment; filename=\"Lieder_f_r_Anna.zip\"; filename*=UTF-8''Lieder%20f%C3%BCr%20Anna.zip"
        );
        let hostile = sent("a\"; filename=b.exe");
        assert!(hostile.starts_with("attachment; filename=\"a_;_filename=b.exe\";"), "{hostile}");
    }
}
