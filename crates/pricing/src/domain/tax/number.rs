//! VAT numbers of the European Union: whose form a number has.
//!
//! Only the form is checked, without asking anybody (law 9); whether a number is in use is for the shop to look up, at VIES,
//! before it ships. The forms are those of the Commission's list at
//! <https://ec.europa.eu/taxation_customs/vies/#/faq> (question 11).

use super::Country;

/// The member states of the Union, with the letters their numbers begin with and the forms of the rest: `9` is a digit,
/// `A` a letter, `*` either, anything else itself.
const MEMBERS: [(&str, &str, &[&str]); 27] = [
    ("AT", "AT", &["U99999999"]),
    ("BE", "BE", &["0999999999", "1999999999"]),
    ("BG", "BG", &["999999999", "9999999999"]),
    ("CY", "CY", &["99999999A"]),
    ("CZ", "CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", "DE", &["999999999"]),
    ("DK", "DK", &["99999999"]),
    ("EE", "EE", &["999999999"]),
    ("ES", "ES", &["A9999999*", "99999999A"]),
    ("FI", "FI", &["99999999"]),
    ("FR", "FR", &["**999999999"]),
    ("GR", "EL", &["999999999"]),
    ("HR", "HR", &["99999999999"]),
    ("HU", "HU", &["99999999"]),
    ("IE", "IE", &["9999999A", "9999999AA", "9*99999A"]),
    ("IT", "IT", &["99999999999"]),
    ("LT", "LT", &["999999999", "999999999999"]),
    ("LU", "LU", &["99999999"]),
    ("LV", "LV", &["99999999999"]),
    ("MT", "MT", &["99999999"]),
    ("NL", "NL", &["999999999B99"]),
    ("PL", "PL", &["9999999999"]),
    ("PT", "PT", &["999999999"]),
    ("RO", "RO", &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"]),
    ("SE", "SE", &["999999999999"]),
    ("SI", "SI", &["99999999"]),
    ("SK", "SK", &["9999999999"]),
];

/// Whether a country is a member of the European Union.
pub fn is_union_member(country: Country) -> bool {
    country.is_in_european_union()
}

/// The member states of the European Union.
pub fn union_members() -> impl Iterator<Item = Country> {
    MEMBERS.iter().filter_map(|(code, ..)| code.parse().ok())
}

/// The member state whose numbers have this form; `None`: none's. Capitals, spaces, dots and hyphens make no difference.
pub fn member_of_number(number: &str) -> Option<Country> {
    let plain: String = number
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '.' | '-' | '/'))
        .flat_map(char::to_uppercase)
        .collect();
    let (code, _, _) = MEMBERS.iter().find(|(_, letters, forms)| {
        plain.strip_prefix(letters).is_some_and(|rest| forms.iter().any(|form| has_form(rest, form)))
    })?;
    code.parse().ok()
}

fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(letter, form)| match form {
            b'9' => letter.is_ascii_digit(),
            b'A' => letter.is_ascii_uppercase(),
            b'*' => letter.is_ascii_digit() || letter.is_ascii_uppercase(),
            exact => letter == exact,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_every_member_state_is_known_by_its_form() {
        let numbers = "ATU12345678 BE0123456789 BG123456789 CY12345678X CZ12345678 DE123456789 DK12345678 EE123456789 \
                       ESX1234567X FI12345678 FRXX123456789 EL123456789 HR12345678901 HU12345678 IE1234567WA \
                       IT12345678901 LT123456789 LU12345678 LV12345678901 MT12345678 NL123456789B01 PL1234567890 \
                       PT123456789 RO1234567 SE123456789001 SI12345678 SK1234567890";
        let members: Vec<Country> = numbers.split_whitespace().filter_map(member_of_number).collect();
        assert_eq!(members, union_members().collect::<Vec<_>>());
        assert_eq!(members, Country::all().filter(|country| is_union_member(*country)).collect::<Vec<_>>());
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        assert_eq!(member_of_number(" de 123-456.789 "), "DE".parse().ok());
        assert_eq!(member_of_number("el123456789"), "GR".parse().ok());
    }

    #[test]
    fn a_number_of_another_form_is_nobodys() {
        for wrong in [
            "",
            "DE",
            "DE12345678",
            "DE1234567890",
            "123456789",
            "GR123456789",
            "GB123456789",
            "ATX12345678",
            "\u{661}",
        ] {
            assert_eq!(member_of_number(wrong), None, "{wrong}");
        }
    }
}
