//! Query strings, read strictly: each parameter is known, once, and of its type.

use argosy_kernel::{Error, Result};
use axum::{extract::FromRequestParts, http::request::Parts};
use percent_encoding::percent_decode_str;
use serde::{
    Deserializer,
    de::{DeserializeOwned, IntoDeserializer, Visitor, value},
    forward_to_deserialize_any,
};

use super::field_error;
use crate::error::ApiError;

/// More parameters than anybody needs.
const PAIRS_MAX: usize = 100;

/// The query as a type; it should refuse unknown fields (`#[serde(deny_unknown_fields)]`).
///
/// Refusals: `INVALID_UTF8` (400), `INVALID_FIELD` (422, naming the parameter).
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// The query as it stands: for parameters whose names are not known before, such as `filter.NAME`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Reads a query string.
    ///
    /// # Errors
    /// `INVALID_UTF8`; `QUERY_TOO_LONG` past 100 parameters.
    pub fn parse(query: &str) -> Result<Self> {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .take(PAIRS_MAX + 1)
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decoded(name)?, decoded(value)?))
            })
            .collect::<Result<_>>()?;
        if pairs.len() > PAIRS_MAX {
            return Err(Error::invalid("QUERY_TOO_LONG", format!("at most {PAIRS_MAX} parameters are read")));
        }
        Ok(Self(pairs))
    }

    /// Takes out the parameters that start so: what follows in their names, and their values, in order.
    pub fn take_prefixed(&mut self, prefix: &str) -> Vec<(String, String)> {
        let (taken, kept) =
            std::mem::take(&mut self.0).into_iter().partition(|(name, _)| name.starts_with(prefix));
        self.0 = kept;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(name, value)| (name[prefix.len()..].to_owned(), value)).collect()
    }

    /// Takes out the parameters of one name: their values, in order.
    pub fn take(&mut self, wanted: &str) -> Vec<String> {
        let (taken, kept) = std::mem::take(&mut self.0).into_iter().partition(|(name, _)| name == wanted);
        self.0 = kept;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// The parameters as a type.
    ///
    /// # Errors
    /// `INVALID_FIELD`, naming the parameter.
    pub fn read<T: DeserializeOwned>(self) -> Result<T> {
        let values = self.0.into_iter().map(|(name, value)| (name, Text(value)));
        let reader = value::MapDeserializer::<_, value::Error>::new(values);
        serde_path_to_error::deserialize(reader).map_err(|error| {
            let path = error.path().clone();
            field_error(&path, &error.into_inner().to_string())
        })
    }
}

fn decoded(text: &str) -> Result<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned);
    decoded.map_err(|_| Error::invalid("INVALID_UTF8", "the query is not UTF-8"))
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Ok(Self(Pairs::parse(parts.uri.query().unwrap_or_default())?.read()?))
    }
}

impl<S: Sync> FromRequestParts<S> for Pairs {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default())?)
    }
}

/// A parameter's value; numbers and truths are read from its text.
struct Text(String);

impl IntoDeserializer<'_, value::Error> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! from_text {
    ($($method:ident => $visit:ident: $kind:ty, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
            let read: $kind = self.0.parse().map_err(|_| serde::de::Error::custom($what))?;
            visitor.$visit(read)
        }
    )*};
}

impl<'de> Deserializer<'de> for Text {
    type Error = value::Error;

    from_text! {
        deserialize_bool => visit_bool: bool, "must be true or false";
        deserialize_u8 => visit_u8: u8, "must be a whole number";
        deserialize_u16 => visit_u16: u16, "must be a whole number";
        deserialize_u32 => visit_u32: u32, "must be a whole number";
        deserialize_u64 => visit_u64: u64, "must be a whole number";
        deserialize_i32 => visit_i32: i32, "must be a whole number";
        deserialize_i64 => visit_i64: i64, "must be a whole number";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Sort {
        PriceAsc,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Listing {
        limit: Option<u32>,
        sort: Option<Sort>,
        q: Option<String>,
    }

    fn read(query: &str) -> Result<Listing> {
        Pairs::parse(query)?.read()
    }

    #[test]
    fn a_query_is_read_by_type() {
        let listing = read("limit=5&sort=price_asc&q=caf%C3%A9+au+lait").unwrap();
        assert_eq!(
            listing,
            Listing { limit: Some(5), sort: Some(Sort::PriceAsc), q: Some("café au lait".to_owned()) }
        );
        assert_eq!(read("").unwrap(), Listing { limit: None, sort: None, q: None });
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        for (query, pointer) in [
            ("limit=many", "/limit"),
            ("limit=-1", "/limit"),
            ("colour=red", "/colour"),
            ("sort=best", "/sort"),
            ("q=a&q=b", "/q"),
        ] {
            let error = read(query).unwrap_err();
            assert_eq!(
                (error.reason(), error.fields()[0].pointer.as_str()),
                ("INVALID_FIELD", pointer),
                "{query}"
            );
        }
        assert_eq!(read("q=%ff").unwrap_err().reason(), "INVALID_UTF8");
        assert_eq!(read(&"q=1&".repeat(101)).unwrap_err().reason(), "QUERY_TOO_LONG");
    }

    #[test]
    fn parameters_with_free_names_are_taken_out_first() {
        let mut pairs = Pairs::parse("filter.color=red&limit=3&filter.color=blue").unwrap();
        let filters = pairs.take_prefixed("filter.");
        assert_eq!(
            filters,
            [("color".to_owned(), "red".to_owned()), ("color".to_owned(), "blue".to_owned())]
        );
        assert_eq!(pairs.read::<Listing>().unwrap().limit, Some(3));
    }
}
