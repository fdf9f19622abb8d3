//! The sum of a quote, line by line.

use argosy_kernel::{Currency, Gross, Money, MoneyError};

use super::{ChosenShipping, Discount, PricedLine, QuoteInput, TaxTreatment};

/// One line of the sum. All but `TaxIncluded` between `Subtotal` and `Total` add up to `Total`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalLine {
    /// What it is.
    pub kind: TotalKind,
    /// What a buyer reads.
    pub label: String,
    /// Signed.
    pub amount: Money,
}

/// What a line of the sum is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalKind {
    /// All lines at their list prices.
    Subtotal,
    /// What a code took off.
    Discount,
    /// The chosen option before discounts.
    Shipping,
    /// Added on top.
    Tax,
    /// Inside the amounts above; for information.
    TaxIncluded,
    /// What the buyer pays.
    Total,
}

impl TotalKind {
    /// As the contract spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subtotal => "subtotal",
            Self::Discount => "discount",
            Self::Shipping => "shipping",
            Self::Tax => "tax",
            Self::TaxIncluded => "tax_included",
            Self::Total => "total",
        }
    }

    fn counts(self) -> bool {
        match self {
            Self::Subtotal | Self::Discount | Self::Shipping | Self::Tax => true,
            Self::TaxIncluded | Self::Total => false,
        }
    }
}

/// Adds a quote up. Taxes of one name and rate are one line.
pub(super) fn add_up(
    input: &QuoteInput<'_>,
    subtotal: Money,
    lines: &[PricedLine],
    discounts: &[Discount],
    shipping: Option<&ChosenShipping>,
) -> Result<(Vec<TotalLine>, Gross), MoneyError> {
    let mut totals =
        vec![TotalLine { kind: TotalKind::Subtotal, label: "Subtotal".to_owned(), amount: subtotal }];
    totals.extend(discounts.iter().filter(|discount| !discount.amount.is_zero()).map(|discount| TotalLine {
        kind: TotalKind::Discount,
        label: discount.title.clone(),
        amount: discount.amount,
    }));
    totals.extend(shipping.map(|shipping| TotalLine {
        kind: TotalKind::Shipping,
        label: shipping.option.title.clone(),
        amount: shipping.option.price,
    }));
    let kind = match input.tax.treatment {
        TaxTreatment::Included => TotalKind::TaxIncluded,
        TaxTreatment::Added => TotalKind::Tax,
    };
    let of_lines = lines.iter().map(|line| (line.tax_label.as_str(), line.tax));
    let of_shipping = shipping.map(|shipping| (shipping.taxed.label.as_str(), shipping.taxed.tax));
    totals.extend(
        taxes(input.currency, of_lines.chain(of_shipping))?.into_iter().map(|(label, amount)| TotalLine {
            kind,
            label: label.to_owned(),
            amount,
        }),
    );
    let counted = totals.iter().filter(|line| line.kind.counts()).map(|line| line.amount);
    let total = Gross(Money::sum(input.currency, counted)?);
    totals.push(TotalLine { kind: TotalKind::Total, label: "Total".to_owned(), amount: total.0 });
    Ok((totals, total))
}

fn taxes<'a>(
    currency: Currency,
    parts: impl Iterator<Item = (&'a str, Money)>,
) -> Result<Vec<(&'a str, Money)>, MoneyError> {
    let mut taxes: Vec<(&str, Money)> = Vec::new();
    for (label, tax) in parts.filter(|(_, tax)| !tax.is_zero()) {
        match taxes.iter_mut().find(|(known, _)| *known == label) {
            Some((_, sum)) => *sum = sum.plus(tax)?,
            None => taxes.push((label, Money::zero(currency).plus(tax)?)),
        }
    }
    Ok(taxes)
}
