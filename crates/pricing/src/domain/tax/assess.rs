//! Works out the tax of all lines and of shipping, the last thing that happens to an amount.

use argosy_kernel::{Gross, Money, MoneyError, Net, Rate};

use super::{
    PricedFee, PricedLine, ShippingTax, TaxPart, TaxRounding, TaxRules, TaxTreatment, TaxZone, Taxed,
    TraceStep, levy::Levy,
};

/// An amount of goods of one class, with what is due on it.
struct Item {
    amount: Money,
    /// The place of its levy; `None`: nothing is due.
    levy: Option<usize>,
}

/// The levies of a quote, each class once.
struct Levies<'a> {
    zone: &'a TaxZone,
    all: Vec<Levy<'a>>,
}

/// Taxes the lines, the fees, whose steps are added to the trace, and what is left to pay for shipping, and answers the latter
/// with its step.
pub(in crate::domain) fn apply(
    rules: &TaxRules<'_>,
    lines: &mut [PricedLine],
    fees: &mut [PricedFee],
    shipping: Option<Money>,
    trace: &mut Vec<TraceStep>,
) -> Result<Option<(Taxed, TraceStep)>, MoneyError> {
    let Some(zone) = rules.zone else {
        for line in lines.iter_mut() {
            let left = line.left()?;
            line.settle(untaxed(left), no_zone(left));
        }
        for fee in fees.iter_mut() {
            fee.settle(untaxed(fee.amount));
        }
        return Ok(shipping.map(|amount| (untaxed(amount), no_zone(amount))));
    };
    let mut levies = Levies { zone, all: Vec::new() };
    let beside = lines.len() + fees.len();
    let mut items = Vec::with_capacity(beside + 1);
    for line in lines.iter() {
        items.push(Item { amount: line.left()?, levy: levies.find(&line.tax_class, rules) });
    }
    // Shipping has the rates of goods, not of fees.
    let shares = shipping.map(|amount| levies.shipping(amount, &items, rules)).transpose()?;
    for fee in fees.iter() {
        items.push(Item { amount: fee.amount, levy: levies.find(&fee.tax_class, rules) });
    }
    items.extend(shares.into_iter().flatten());
    let mut taxed = tax(rules, &levies.all, &items)?;
    let of_shipping = taxed.split_off(beside);
    let of_fees = taxed.split_off(lines.len());
    for ((fee, taxed), item) in fees.iter_mut().zip(of_fees).zip(&items[lines.len()..]) {
        trace.push(step(rules, zone, item.levy.and_then(|place| levies.all.get(place)), &taxed, item.amount));
        fee.settle(taxed);
    }
    for ((line, taxed), item) in lines.iter_mut().zip(taxed).zip(&items) {
        let step = step(rules, zone, item.levy.and_then(|place| levies.all.get(place)), &taxed, item.amount);
        line.settle(taxed, step);
    }
    let Some(amount) = shipping else { return Ok(None) };
    let whole = join(of_shipping, amount.currency)?;
    let one = match items.get(beside..) {
        Some([only]) => only.levy.and_then(|place| levies.all.get(place)),
        _ => None,
    };
    let mut step = step(rules, zone, one, &whole, amount);
    if one.is_none() && items.len() > beside + 1 {
        step.text = format!("{}, at the rates of the goods, {} {amount}", zone.name, word(rules)).into();
    }
    Ok(Some((whole, step)))
}

impl Levies<'_> {
    fn find(&mut self, tax_class: &str, rules: &TaxRules<'_>) -> Option<usize> {
        let levy = self.zone.levy(tax_class, rules.now)?;
        let known = self.all.iter().position(|known| known.tax_class == levy.tax_class);
        Some(known.unwrap_or_else(|| {
            self.all.push(levy);
            self.all.len() - 1
        }))
    }

    /// Shipping as the zone taxes it: one item, or one a levy of the goods.
    fn shipping(
        &mut self,
        amount: Money,
        goods: &[Item],
        rules: &TaxRules<'_>,
    ) -> Result<Vec<Item>, MoneyError> {
        let worth = |item: &&Item| !item.amount.is_zero();
        match &self.zone.shipping {
            ShippingTax::Class(tax_class) => {
                let tax_class = tax_class.clone();
                Ok(vec![Item { amount, levy: self.find(&tax_class, rules) }])
            }
            ShippingTax::Highest => {
                // Goods that cost nothing count only if there are no others.
                let of = |items: Vec<&Item>| {
                    items
                        .iter()
                        .filter_map(|item| item.levy)
                        .max_by_key(|place| (self.all.get(*place).map(Levy::rate), std::cmp::Reverse(*place)))
                };
                let highest = of(goods.iter().filter(worth).collect()).or_else(|| of(goods.iter().collect()));
                Ok(vec![Item { amount, levy: highest.or_else(|| self.find("", rules)) }])
            }
            ShippingTax::Proportional => {
                let mut weights: Vec<(Option<usize>, u64)> = Vec::new();
                for item in goods.iter().filter(worth) {
                    let weight = item.amount.minor.unsigned_abs();
                    match weights.iter_mut().find(|(levy, _)| *levy == item.levy) {
                        Some((_, sum)) => *sum = sum.saturating_add(weight),
                        None => weights.push((item.levy, weight)),
                    }
                }
                if weights.is_empty() {
                    return Ok(vec![Item { amount, levy: self.find("", rules) }]);
                }
                let shares =
                    amount.allocate(&weights.iter().map(|(_, weight)| *weight).collect::<Vec<_>>())?;
                Ok(weights
                    .iter()
                    .zip(shares)
                    .map(|((levy, _), amount)| Item { amount, levy: *levy })
                    .collect())
            }
        }
    }
}

/// The tax of each item, rounded as the zone asks.
fn tax(rules: &TaxRules<'_>, levies: &[Levy<'_>], items: &[Item]) -> Result<Vec<Taxed>, MoneyError> {
    let rounding = rules.zone.map(|zone| zone.rounding).unwrap_or_default();
    let mut parts: Vec<Vec<Money>> = vec![Vec::new(); items.len()];
    for (place, levy) in levies.iter().enumerate() {
        let members: Vec<usize> =
            (0..items.len()).filter(|index| items[*index].levy == Some(place)).collect();
        match rounding {
            TaxRounding::Line => {
                for index in members {
                    parts[index] = levy.split(due(rules, levy, items[index].amount)?)?;
                }
            }
            TaxRounding::Total => together(rules, levy, items, &members, &mut parts)?,
        }
    }
    items
        .iter()
        .zip(parts)
        .map(|(item, parts)| {
            let levy = item.levy.and_then(|place| levies.get(place));
            levy.map_or_else(|| Ok(untaxed(item.amount)), |levy| taxed(rules, levy, item.amount, &parts))
        })
        .collect()
}

/// One rounding for all items of a levy; they share each of its rates by largest remainder.
fn together(
    rules: &TaxRules<'_>,
    levy: &Levy<'_>,
    items: &[Item],
    members: &[usize],
    parts: &mut [Vec<Money>],
) -> Result<(), MoneyError> {
    let Some(currency) = members.first().map(|index| items[*index].amount.currency) else { return Ok(()) };
    let whole = Money::sum(currency, members.iter().map(|index| items[*index].amount))?;
    let weights: Vec<u64> = members.iter().map(|index| items[*index].amount.minor.unsigned_abs()).collect();
    for part in levy.split(due(rules, levy, whole)?)? {
        let shares = if part.is_zero() { vec![part; weights.len()] } else { part.allocate(&weights)? };
        for (index, share) in members.iter().zip(shares) {
            parts[*index].push(share);
        }
    }
    Ok(())
}

fn due(rules: &TaxRules<'_>, levy: &Levy<'_>, amount: Money) -> Result<Money, MoneyError> {
    match rules.treatment {
        TaxTreatment::Included => levy.tax_in(Gross(amount)),
        TaxTreatment::Added => levy.tax_on(Net(amount)),
    }
}

fn taxed(rules: &TaxRules<'_>, levy: &Levy<'_>, amount: Money, parts: &[Money]) -> Result<Taxed, MoneyError> {
    let none = Money::zero(amount.currency);
    let tax = Money::sum(amount.currency, parts.iter().copied())?;
    let (net, gross) = match rules.treatment {
        TaxTreatment::Included => (Net(amount.minus(tax)?), Gross(amount)),
        TaxTreatment::Added => (Net(amount), Gross(amount.plus(tax)?)),
    };
    if let Some(exemption) = rules.exemption {
        let relief = match rules.treatment {
            TaxTreatment::Included => tax,
            TaxTreatment::Added => none,
        };
        let (label, rate) = (exemption.label().to_owned(), Rate::ZERO);
        let parts = vec![TaxPart { label, rate, base: net, amount: none }];
        return Ok(Taxed { net, tax: none, gross: Gross(net.0), relief, rate, parts });
    }
    let part = |((rate, _), amount): (&(&super::TaxRate, i64), &Money)| TaxPart {
        label: rate.name().to_owned(),
        rate: rate.rate,
        base: net,
        amount: *amount,
    };
    let parts = levy.rates.iter().zip(parts).map(part).collect();
    Ok(Taxed { net, tax, gross, relief: none, rate: levy.rate(), parts })
}

fn untaxed(amount: Money) -> Taxed {
    let none = Money::zero(amount.currency);
    let (net, gross) = (Net(amount), Gross(amount));
    Taxed { net, tax: none, gross, relief: none, rate: Rate::ZERO, parts: Vec::new() }
}

/// What was taxed in pieces as one.
fn join(pieces: Vec<Taxed>, currency: argosy_kernel::Currency) -> Result<Taxed, MoneyError> {
    let mut whole = untaxed(Money::zero(currency));
    if let [one] = pieces.as_slice() {
        whole.rate = one.rate;
    }
    for piece in pieces {
        whole.net = Net(whole.net.0.plus(piece.net.0)?);
        whole.tax = whole.tax.plus(piece.tax)?;
        whole.gross = Gross(whole.gross.0.plus(piece.gross.0)?);
        whole.relief = whole.relief.plus(piece.relief)?;
        whole.parts.extend(piece.parts);
    }
    Ok(whole)
}

fn no_zone(amount: Money) -> TraceStep {
    TraceStep::new("tax:none", "no tax zone covers the destination", Money::zero(amount.currency))
}

fn word(rules: &TaxRules<'_>) -> &'static str {
    match rules.treatment {
        TaxTreatment::Included => "in",
        TaxTreatment::Added => "on",
    }
}

fn step(
    rules: &TaxRules<'_>,
    zone: &TaxZone,
    levy: Option<&Levy<'_>>,
    taxed: &Taxed,
    amount: Money,
) -> TraceStep {
    let place = zone.place();
    let Some(levy) = levy else {
        return TraceStep::new(
            format!("tax:{place}"),
            format!("{}, no rate is in force", zone.name),
            taxed.tax,
        );
    };
    let rule = format!("tax:{place}/{}", levy.tax_class);
    let told = if levy.rates.is_empty() { "nothing is due".to_owned() } else { levy.told() };
    let mut text = format!("{}, {told} {} {amount}", zone.name, word(rules));
    if zone.rounding == TaxRounding::Total {
        text.push_str(", rounded with all that is of this class");
    }
    match rules.exemption {
        Some(exemption) => {
            let relief = Money::new(-taxed.relief.minor, amount.currency);
            TraceStep::new(rule, format!("{text}, not charged: {}", exemption.text()), relief)
        }
        None => TraceStep::new(rule, text, taxed.tax),
    }
}
