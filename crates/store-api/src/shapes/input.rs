//! What clients send, where it is shared.

use argosy_contracts::common::Address;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

/// Longer texts are refused before a service sees them.
const LENGTH_MAX: usize = 1_000;

/// A line of text without control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
pub(crate) struct Plain(pub(crate) String);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.chars().any(char::is_control) {
            return Err(D::Error::custom("must not have control characters"));
        }
        if text.chars().count() > LENGTH_MAX {
            return Err(D::Error::custom(format!("must have at most {LENGTH_MAX} characters")));
        }
        Ok(Self(text))
    }
}

/// A postal address.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(
    as = Address,
    example = json!({"name": "Ann Example", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE"})
)]
pub(crate) struct AddressBody {
    /// Who receives it.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    name: Plain,
    /// Empty: a private address.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    company: Plain,
    /// Street and number.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    line1: Plain,
    /// Whatever else the carrier needs.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    line2: Plain,
    /// Town.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    city: Plain,
    /// ISO 3166-2 without the country, where a country has regions.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    region: Plain,
    /// Where a country has them.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    postal_code: Plain,
    /// ISO 3166-1, two letters.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    country: Plain,
    /// For the carrier.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    phone: Plain,
    /// The VAT number of a company. In the European Union only its form is checked; with it a company of another member
    /// state than the shop's owes the tax itself.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    tax_number: Plain,
}

impl From<AddressBody> for Address {
    fn from(body: AddressBody) -> Self {
        Self {
            name: body.name.0,
            company: body.company.0,
            line1: body.line1.0,
            line2: body.line2.0,
            city: body.city.0,
            region: body.region.0,
            postal_code: body.postal_code.0,
            country: body.country.0,
            phone: body.phone.0,
            tax_number: body.tax_number.0,
        }
    }
}

impl From<Address> for AddressBody {
    fn from(address: Address) -> Self {
        Self {
            name: Plain(address.name),
            company: Plain(address.company),
            line1: Plain(address.line1),
            line2: Plain(address.line2),
            city: Plain(address.city),
            region: Plain(address.region),
            postal_code: Plain(address.postal_code),
            country: Plain(address.country),
            phone: Plain(address.phone),
            tax_number: Plain(address.tax_number),
        }
    }
}
