//! What papers say besides what they are about.

/// The languages that papers are written in.
pub(super) const LANGUAGES: [&str; 2] = ["en", "de"];

/// The words of one language.
pub(super) struct Words {
    pub(super) invoice: &'static str,
    pub(super) credit_note: &'static str,
    pub(super) packing_slip: &'static str,
    pub(super) about: &'static str,
    pub(super) order: &'static str,
    pub(super) ordered: &'static str,
    pub(super) issued: &'static str,
    pub(super) item: &'static str,
    pub(super) quantity: &'static str,
    pub(super) rate: &'static str,
    pub(super) amount: &'static str,
    pub(super) delivery: &'static str,
    pub(super) allowance: &'static str,
    pub(super) net: &'static str,
    pub(super) tax: &'static str,
    pub(super) total: &'static str,
    pub(super) tax_number: &'static str,
    pub(super) page: &'static str,
    pub(super) decimal_point: &'static str,
}

const ENGLISH: Words = Words {
    invoice: "Invoice",
    credit_note: "Credit note",
    packing_slip: "Packing slip",
    about: "To invoice",
    order: "Order",
    ordered: "Ordered on",
    issued: "Issued on",
    item: "Item",
    quantity: "Quantity",
    rate: "Tax",
    amount: "Amount",
    delivery: "Delivery",
    allowance: "Reduction",
    net: "Net",
    tax: "Tax",
    total: "Total",
    tax_number: "Tax number",
    page: "Page",
    decimal_point: ".",
};

const GERMAN: Words = Words {
    invoice: "Rechnung",
    credit_note: "Rechnungskorrektur",
    packing_slip: "Lieferschein",
    about: "Zur Rechnung",
    order: "Bestellung",
    ordered: "Bestellt am",
    issued: "Ausgestellt am",
    item: "Artikel",
    quantity: "Anzahl",
    rate: "Steuer",
    amount: "Betrag",
    delivery: "Versand",
    allowance: "Nachlass",
    net: "Netto",
    tax: "Steuer",
    total: "Gesamt",
    tax_number: "Steuernummer",
    page: "Seite",
    decimal_point: ",",
};

pub(super) fn of(language: &str) -> &'static Words {
    match language {
        "de" => &GERMAN,
        _ => &ENGLISH,
    }
}
