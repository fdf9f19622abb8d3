//! Uses of coupons beside who took them.

use argosy_kernel::Result;

use crate::{
    Books, ctx,
    difference::{Look, Rule},
    stretches::{behind, each},
};

const USES: Rule = ("coupon-uses", "correct the uses of the code, or let it end");

pub(crate) async fn compare(books: &Books, look: &mut Look) -> Result<()> {
    let read = async |after| {
        let stretch = books.pricing.read_uses(&ctx(), behind(after)).await?;
        Ok((stretch.promotions, stretch.next))
    };
    each(read, |promotion| {
        look.compared.promotions += 1;
        look.expect(USES, &promotion.code, promotion.taken, promotion.uses);
    })
    .await
}
