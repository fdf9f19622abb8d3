//! The sum of a quote, line by line.

use argosy_kernel::{Gross, Money, MoneyError, Net};

use super::{ChosenShipping, Discount, PricedFee, PricedLine, QuoteInput, TaxPart, TaxTreatment};

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
    /// What is charged beside goods and shipping.
    Fee,
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
            Self::Fee => "fee",
            Self::Shipping => "shipping",
            Self::Tax => "tax",
            Self::TaxIncluded => "tax_included",
            Self::Total => "total",
        }
    }

    fn counts(self) -> bool {
        match self {
            Self::Subtotal | Self::Discount | Self::Fee | Self::Shipping | Self::Tax => true,
            Self::TaxIncluded | Self::Total => false,
        }
    }
}

/// Adds a quote up. Taxes of one name and rate are one line, and so are fees of one name.
pub(super) fn add_up(
    input: &QuoteInput<'_>,
    subtotal: Money,
    (lines, fees): (&[PricedLine], &[PricedFee]),
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
    totals.extend(of_fees(fees)?);
    totals.extend(shipping.map(|shipping| TotalLine {
        kind: TotalKind::Shipping,
        label: shipping.option.title.clone(),
        amount: shipping.option.price,
    }));
    let kind = match input.tax.treatment {
        TaxTreatment::Included => TotalKind::TaxIncluded,
        TaxTreatment::Added => TotalKind::Tax,
    };
    for part in tax_lines(lines, fees, shipping)?.iter().filter(|part| !part.amount.is_zero()) {
        totals.push(TotalLine { kind, label: part.shown(), amount: part.amount });
    }
    totals.extend(relief(input, (lines, fees), shipping)?);
    let counted = totals.iter().filter(|line| line.kind.counts()).map(|line| line.amount);
    let total = Gross(Money::sum(input.currency, counted)?);
    totals.push(TotalLine { kind: TotalKind::Total, label: "Total".to_owned(), amount: total.0 });
    Ok((totals, total))
}

/// Fees by name, in their order. One that costs nothing is none.
fn of_fees(fees: &[PricedFee]) -> Result<Vec<TotalLine>, MoneyError> {
    let mut sums: Vec<(&str, TotalLine)> = Vec::new();
    for fee in fees.iter().filter(|fee| !fee.amount.is_zero()) {
        if let Some((_, sum)) = sums.iter_mut().find(|(name, _)| *name == fee.name) {
            sum.amount = sum.amount.plus(fee.amount)?;
        } else {
            let (kind, label) = (TotalKind::Fee, fee.title.clone());
            sums.push((&fee.name, TotalLine { kind, label, amount: fee.amount }));
        }
    }
    Ok(sums.into_iter().map(|(_, sum)| sum).collect())
}

/// What a buyer who is exempt does not pay of gross prices.
fn relief(
    input: &QuoteInput<'_>,
    (lines, fees): (&[PricedLine], &[PricedFee]),
    shipping: Option<&ChosenShipping>,
) -> Result<Option<TotalLine>, MoneyError> {
    let Some(exemption) = input.tax.exemption else { return Ok(None) };
    let of_lines = lines.iter().map(|line| line.tax_relief);
    let of_fees = fees.iter().map(|fee| fee.tax_relief);
    let all = of_lines.chain(of_fees).chain(shipping.map(|shipping| shipping.taxed.relief));
    let amount = Money::sum(input.currency, all)?.negated()?;
    let line = TotalLine { kind: TotalKind::Tax, label: exemption.label().to_owned(), amount };
    Ok(Some(line).filter(|line| !line.amount.is_zero()))
}

/// The tax by what it is called and by rate, of lines, fees and shipping together, in the order in which they come.
pub(super) fn tax_lines(
    lines: &[PricedLine],
    fees: &[PricedFee],
    shipping: Option<&ChosenShipping>,
) -> Result<Vec<TaxPart>, MoneyError> {
    let mut sums: Vec<TaxPart> = Vec::new();
    let of_shipping = shipping.into_iter().flat_map(|shipping| &shipping.taxed.parts);
    let of_fees = fees.iter().flat_map(|fee| &fee.tax_parts);
    for part in lines.iter().flat_map(|line| &line.tax_parts).chain(of_fees).chain(of_shipping) {
        match sums.iter_mut().find(|known| known.label == part.label && known.rate == part.rate) {
            Some(sum) => {
                sum.base = Net(sum.base.0.plus(part.base.0)?);
                sum.amount = sum.amount.plus(part.amount)?;
            }
            None => sums.push(part.clone()),
        }
    }
    Ok(sums)
}
