//! The confirmation of an order, as text and as HTML.

use argosy_contracts::{common, orders::Order};
use argosy_kernel::{Error, MessageId, Money, Result};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use crate::{
    NotificationsConfig,
    store::{Letter, NewMessage},
};

#[derive(Serialize)]
struct Confirmation<'a> {
    shop_name: &'a str,
    name: &'a str,
    number: &'a str,
    lines: Vec<Line<'a>>,
    totals: Vec<Total<'a>>,
    instructions: &'a str,
    address: Vec<&'a str>,
    link: String,
}

#[derive(Serialize)]
struct Line<'a> {
    quantity: i64,
    title: &'a str,
    variant: &'a str,
    total: String,
}

#[derive(Serialize)]
struct Total<'a> {
    label: &'a str,
    amount: String,
    is_last: bool,
}

const TEXT: &str = include_str!("../templates/order_confirmation.txt");
const HTML: &str = include_str!("../templates/order_confirmation.html");

/// Writes the confirmation of an order.
pub(crate) fn write(config: &NotificationsConfig, order: &Order) -> Result<NewMessage> {
    let confirmation = confirmation(config, order)?;
    Ok(NewMessage {
        id: MessageId::new(),
        kind: "order_confirmation",
        subject_id: order.id.clone(),
        // Orders of earlier releases name no person.
        person_id: if order.person_id.is_empty() { &order.id } else { &order.person_id }.clone(),
        subject: format!("{}: your order {}", config.shop.name, order.number),
        letter: Letter {
            recipient: order.email.clone(),
            plain: render(TEXT, AutoEscape::None, &confirmation)?,
            html: render(HTML, AutoEscape::Html, &confirmation)?,
        },
    })
}

fn confirmation<'a>(config: &'a NotificationsConfig, order: &'a Order) -> Result<Confirmation<'a>> {
    let address = order.shipping_address.as_ref();
    let name = address.or(order.billing_address.as_ref()).map_or("dear customer", |address| &address.name);
    let lines = order.lines.iter().filter_map(|line| line.line.as_ref()).map(|line| {
        Ok(Line {
            quantity: line.quantity,
            title: &line.title,
            variant: &line.variant_title,
            total: show(line.total.as_ref())?,
        })
    });
    let totals = order.totals.iter().map(|total| {
        let is_last = total.kind == "total";
        Ok(Total { label: &total.label, amount: show(total.amount.as_ref())?, is_last })
    });
    Ok(Confirmation {
        shop_name: &config.shop.name,
        name,
        number: &order.number,
        lines: lines.collect::<Result<_>>()?,
        totals: totals.collect::<Result<_>>()?,
        instructions: &order.payment_instructions,
        address: address.map(parts).unwrap_or_default(),
        link: format!("{}/orders/{}?key={}", config.shop.url.trim_end_matches('/'), order.id, order.key),
    })
}

fn parts(address: &common::Address) -> Vec<&str> {
    let place = [&address.name, &address.company, &address.line1, &address.line2];
    let town = [&address.postal_code, &address.city, &address.region, &address.country];
    place.into_iter().chain(town).map(String::as_str).filter(|part| !part.is_empty()).collect()
}

fn show(money: Option<&common::Money>) -> Result<String> {
    money.map_or_else(|| Ok(String::new()), |money| Money::try_from(money).map(|money| money.to_string()))
}

fn render(template: &str, escape: AutoEscape, confirmation: &Confirmation<'_>) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.render_str(template, minijinja::value::Serde(confirmation)).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use argosy_contracts::{orders::OrderLine, pricing::QuotedLine};

    use super::*;

    fn order() -> Order {
        let money = |minor| Some(common::Money { minor, currency: "EUR".to_owned() });
        let line = QuotedLine {
            title: "Mug <b>& more</b>".to_owned(),
            quantity: 2,
            total: money(1_990),
            ..Default::default()
        };
        let total =
            common::TotalLine { kind: "total".to_owned(), label: "Total".to_owned(), amount: money(1_990) };
        let address =
            common::Address { name: "Ann".to_owned(), city: "Bonn".to_owned(), ..Default::default() };
        Order {
            id: "ord_1".to_owned(),
            key: "k".to_owned(),
            number: "1001".to_owned(),
            email: "ann@example.com".to_owned(),
            lines: vec![OrderLine { line: Some(line), ..Default::default() }],
            totals: vec![total],
            shipping_address: Some(address),
            ..Default::default()
        }
    }

    #[test]
    fn the_text_says_all_and_the_html_escapes_what_it_shows() {
        let message = write(&NotificationsConfig::default(), &order()).unwrap().letter;
        for part in [
            "Ann",
            "1001",
            "2 × Mug <b>& more</b>: 19.90 EUR",
            "Total: 19.90 EUR",
            "/orders/ord_1?key=k",
            "Bonn",
        ] {
            assert!(message.plain.contains(part), "{part} is missing in\n{}", message.plain);
        }
        assert!(message.html.contains("Mug &lt;b&gt;&amp; more"));
        assert!(!message.html.contains("<b>"));
    }
}
