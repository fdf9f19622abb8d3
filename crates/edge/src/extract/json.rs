//! JSON bodies, read strictly.

use argosy_kernel::Error;
use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Bytes, field_error};
use crate::error::ApiError;

/// A JSON body, in and out. The type should refuse unknown fields (`#[serde(deny_unknown_fields)]`).
///
/// Refusals: `UNSUPPORTED_MEDIA_TYPE` (415), `BODY_TOO_LARGE` (413), `BODY_TIMEOUT` (408), `INVALID_UTF8` and
/// `MALFORMED_JSON` (400, with the position), `INVALID_FIELD` (422, with a pointer).
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let detail = "the body must be JSON, with Content-Type: application/json";
            return Err(ApiError::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", detail));
        }
        let Bytes(body) = Bytes::from_request(request, state).await?;
        Ok(Self(parse(&body)?))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let mut response = body.into_response();
                response
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(error) => ApiError::from(Error::internal(error)).into_response(),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let text = std::str::from_utf8(body).map_err(|error| {
        Error::invalid("INVALID_UTF8", format!("the body is not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().clone();
        match error.into_inner() {
            inner if inner.is_data() => field_error(&path, &inner.to_string()),
            inner => malformed(&inner),
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::invalid("MALFORMED_JSON", format!("the body is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[expect(dead_code, reason = "only read in")]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[expect(dead_code, reason = "only read in")]
        quantity: i64,
    }

    fn refusal(body: &[u8]) -> (String, String, Vec<String>) {
        let error = parse::<Order>(body).unwrap_err();
        let pointers = error.fields().iter().map(|field| field.pointer.clone()).collect();
        (error.reason().to_owned(), error.message().to_owned(), pointers)
    }

    #[test]
    fn a_wrong_field_is_named_by_its_pointer() {
        for (body, pointer) in [
            (r#"{"lines": [{"quantity": "two"}]}"#, "/lines/0/quantity"),
            (r#"{"lines": [{"quantity": 1.5}]}"#, "/lines/0/quantity"),
            (r#"{"lines": [{"quantity": 99999999999999999999}]}"#, "/lines/0/quantity"),
            (r#"{"lines": [{"quantity": 1, "colour": 2}]}"#, "/lines/0/colour"),
            (r#"{"lines": [{}]}"#, "/lines/0/quantity"),
            (r#"{"lines": [{"quantity": 1, "quantity": 2}]}"#, "/lines/0/quantity"),
            (r#"{"lines": null}"#, "/lines"),
            ("{}", "/lines"),
            (r#"{"a/b": 1}"#, "/a~1b"),
        ] {
            let (reason, _, pointers) = refusal(body.as_bytes());
            assert_eq!((reason.as_str(), pointers), ("INVALID_FIELD", vec![pointer.to_owned()]), "{body}");
        }
        assert_eq!(refusal(b"[]").0, "INVALID_FIELD");
    }

    #[test]
    fn what_is_not_json_is_told_where() {
        let (reason, message, _) = refusal(b"{\"lines\": [,]}");
        assert_eq!(reason, "MALFORMED_JSON");
        assert!(message.ends_with("at line 1 column 12"), "{message}");
        assert_eq!(refusal(b"").0, "MALFORMED_JSON");
        assert_eq!(refusal(br#"{"lines": []} more"#).0, "MALFORMED_JSON");
        assert_eq!(refusal(b"{\"lines\": \"\xff\"}").0, "INVALID_UTF8");
        assert_eq!(refusal("[".repeat(100_000).as_bytes()).0, "INVALID_FIELD");
    }
}
