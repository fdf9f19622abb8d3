//! Things to put on, of wool, leather and rubber.

use super::{
    canvas::{Canvas, Fill, blob, ellipse, polygon, slab, thread},
    tone::{INK, LEATHER, OAK, Tone, WHITE},
};

/// Knitted ribs between two sides and two heights.
fn ribs(canvas: &mut Canvas, sides: (f32, f32), heights: (f32, f32), tone: Tone) {
    let mut x = sides.0;
    while x <= sides.1 {
        canvas.line(thread(&[(x, heights.0), (x, heights.1)]), 5.0, Fill::Clear(tone.shaded(0.5), 0.4));
        x += 22.0;
    }
}

pub(super) fn sweater(canvas: &mut Canvas, tone: Tone) {
    canvas.glow(24.0, 250.0, (300.0, 330.0), Tone(20, 24, 36), 0.3);
    for side in [-1.0, 1.0] {
        let sleeve = blob(&[
            (side * 110.0, 524.0),
            (side * 214.0, 462.0),
            (side * 268.0, 250.0),
            (side * 290.0, 40.0),
            (side * 212.0, 28.0),
            (side * 180.0, 210.0),
            (side * 130.0, 400.0),
        ]);
        canvas.fill(sleeve, Fill::Round(tone.shaded(0.12), -320.0, 350.0));
        let cuff = slab(side * 251.0 - 46.0, -14.0, 92.0, 70.0, 16.0);
        canvas.fill(cuff, Fill::Round(tone.shaded(0.04), side * 251.0 - 60.0, side * 251.0 + 70.0));
        ribs(canvas, (side * 251.0 - 33.0, side * 251.0 + 34.0), (-4.0, 46.0), tone);
    }
    canvas.line(thread(&[(-80.0, 536.0), (0.0, 560.0), (80.0, 536.0)]), 26.0, Fill::Flat(tone.shaded(0.35)));
    let back = polygon(&[(-80.0, 540.0), (0.0, 552.0), (80.0, 540.0), (46.0, 480.0), (-46.0, 480.0)]);
    canvas.fill(back, Fill::Flat(tone.shaded(0.5)));
    let trunk = polygon(&[
        (-172.0, -20.0),
        (172.0, -20.0),
        (178.0, 450.0),
        (84.0, 548.0),
        (50.0, 500.0),
        (0.0, 484.0),
        (-50.0, 500.0),
        (-84.0, 548.0),
        (-178.0, 450.0),
    ]);
    canvas.fill(trunk, Fill::Round(tone, -260.0, 290.0));
    let collar = thread(&[(-82.0, 542.0), (-50.0, 500.0), (0.0, 482.0), (50.0, 500.0), (82.0, 542.0)]);
    canvas.line(collar, 28.0, Fill::Round(tone.lit(0.08), -120.0, 140.0));
    canvas.line(thread(&[(-176.0, 310.0), (176.0, 310.0)]), 8.0, Fill::Clear(WHITE, 0.4));
    ribs(canvas, (-154.0, 154.0), (326.0, 446.0), tone);
    canvas.fill(slab(-176.0, -40.0, 352.0, 66.0, 16.0), Fill::Round(tone.lit(0.06), -260.0, 290.0));
    ribs(canvas, (-165.0, 166.0), (-30.0, 16.0), tone);
}

/// Over a peg, one end longer than the other.
pub(super) fn scarf(canvas: &mut Canvas, tone: Tone) {
    canvas.glow(24.0, 270.0, (240.0, 330.0), Tone(20, 24, 36), 0.3);
    for (left, foot, share) in [(6.0, 70.0, 0.2), (-136.0, -10.0, 0.0)] {
        let mut x = left + 12.0;
        while x < left + 124.0 {
            canvas.line(
                thread(&[(x, foot + 8.0), (x + 3.0, foot - 44.0)]),
                7.0,
                Fill::Flat(tone.shaded(0.25)),
            );
            x += 14.0;
        }
        let end = slab(left, foot, 130.0, 540.0 - foot, 10.0);
        canvas.fill(end, Fill::Round(tone.shaded(share), left - 30.0, left + 180.0));
        for lift in [40.0, 70.0, 100.0] {
            canvas.fill(slab(left, foot + lift, 130.0, 14.0, 0.0), Fill::Clear(WHITE, 0.5));
        }
    }
    let fold = blob(&[
        (-136.0, 500.0),
        (-120.0, 560.0),
        (-50.0, 596.0),
        (50.0, 596.0),
        (120.0, 560.0),
        (136.0, 500.0),
        (60.0, 470.0),
        (0.0, 500.0),
        (-60.0, 470.0),
    ]);
    canvas.fill(fold, Fill::Round(tone.lit(0.06), -170.0, 200.0));
    canvas.line(
        thread(&[(4.0, 500.0), (10.0, 550.0), (16.0, 596.0)]),
        6.0,
        Fill::Clear(tone.shaded(0.5), 0.5),
    );
    canvas.fill(ellipse(0.0, 612.0, 30.0, 26.0), Fill::Round(OAK, -40.0, 46.0));
}

pub(super) fn mittens(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(250.0);
    for side in [-1.0, 1.0] {
        let middle = side * 122.0;
        let thumb = blob(&[
            (middle + side * 60.0, 150.0),
            (middle + side * 130.0, 220.0),
            (middle + side * 158.0, 310.0),
            (middle + side * 126.0, 346.0),
            (middle + side * 92.0, 310.0),
            (middle + side * 60.0, 260.0),
        ]);
        canvas.fill(thumb, Fill::Round(tone.shaded(0.16), middle - 160.0, middle + 190.0));
        let hand = blob(&[
            (middle - 92.0, 110.0),
            (middle - 106.0, 290.0),
            (middle - 78.0, 440.0),
            (middle, 496.0),
            (middle + 78.0, 440.0),
            (middle + 106.0, 290.0),
            (middle + 92.0, 110.0),
        ]);
        canvas.fill(hand, Fill::Round(tone, middle - 130.0, middle + 150.0));
        for h in [230.0, 262.0, 294.0] {
            canvas.line(thread(&[(middle - 88.0, h), (middle + 88.0, h)]), 8.0, Fill::Clear(WHITE, 0.45));
        }
        let cuff = slab(middle - 98.0, 0.0, 196.0, 130.0, 24.0);
        canvas.fill(cuff, Fill::Round(tone.lit(0.06), middle - 130.0, middle + 150.0));
        ribs(canvas, (middle - 77.0, middle + 78.0), (12.0, 118.0), tone);
    }
}

/// A pair, the second behind the first.
pub(super) fn socks(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(240.0);
    for (x, h, share) in [(-30.0, 34.0, 0.28), (-116.0, 0.0, 0.0)] {
        let yarn = tone.shaded(share);
        let knit = blob(&[
            (x - 72.0, h + 520.0),
            (x - 66.0, h + 300.0),
            (x - 76.0, h + 130.0),
            (x - 50.0, h + 26.0),
            (x + 40.0, h),
            (x + 190.0, h),
            (x + 268.0, h + 46.0),
            (x + 246.0, h + 118.0),
            (x + 150.0, h + 146.0),
            (x + 68.0, h + 300.0),
            (x + 72.0, h + 520.0),
        ]);
        canvas.fill(knit, Fill::Round(yarn, x - 120.0, x + 320.0));
        let heel =
            blob(&[(x - 74.0, h + 136.0), (x - 54.0, h + 30.0), (x + 20.0, h + 2.0), (x - 14.0, h + 126.0)]);
        canvas.fill(heel, Fill::Flat(yarn.lit(0.4)));
        let tip =
            blob(&[(x + 188.0, h), (x + 266.0, h + 46.0), (x + 244.0, h + 118.0), (x + 172.0, h + 64.0)]);
        canvas.fill(tip, Fill::Flat(yarn.lit(0.4)));
        canvas.fill(
            slab(x - 80.0, h + 430.0, 160.0, 106.0, 20.0),
            Fill::Round(yarn.lit(0.1), x - 110.0, x + 130.0),
        );
        ribs(canvas, (x - 62.0, x + 64.0), (h + 440.0, h + 526.0), yarn);
    }
}

/// A pair, the second behind the first.
pub(super) fn boots(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(260.0);
    for (x, h, share) in [(24.0, 40.0, 0.3), (-84.0, 0.0, 0.0)] {
        let hide = tone.shaded(share);
        let pull = thread(&[(x - 88.0, h + 470.0), (x - 112.0, h + 556.0), (x - 66.0, h + 520.0)]);
        canvas.line(pull, 12.0, Fill::Flat(LEATHER.shaded(share)));
        let shaft = blob(&[
            (x - 94.0, h + 500.0),
            (x - 88.0, h + 320.0),
            (x - 98.0, h + 130.0),
            (x - 104.0, h + 30.0),
            (x + 120.0, h + 22.0),
            (x + 244.0, h + 30.0),
            (x + 244.0, h + 104.0),
            (x + 160.0, h + 164.0),
            (x + 92.0, h + 240.0),
            (x + 86.0, h + 360.0),
            (x + 92.0, h + 500.0),
        ]);
        canvas.fill(shaft, Fill::Round(hide, x - 140.0, x + 300.0));
        canvas.fill(ellipse(x - 1.0, h + 500.0, 94.0, 15.0), Fill::Flat(hide.shaded(0.5)));
        canvas.line(ellipse(x - 1.0, h + 500.0, 94.0, 15.0), 6.0, Fill::Flat(hide.lit(0.2)));
        let seam =
            thread(&[(x - 100.0, h + 150.0), (x, h + 120.0), (x + 70.0, h + 190.0), (x + 100.0, h + 226.0)]);
        canvas.line(seam, 4.0, Fill::Clear(hide.shaded(0.6), 0.5));
        canvas.fill(slab(x - 112.0, h + 12.0, 366.0, 34.0, 14.0), Fill::Flat(INK.lit(0.24)));
        canvas.fill(slab(x - 112.0, h - 10.0, 112.0, 40.0, 8.0), Fill::Flat(INK.lit(0.1)));
        canvas.fill(slab(x + 40.0, h + 2.0, 206.0, 20.0, 8.0), Fill::Flat(INK.lit(0.1)));
        canvas.fill(slab(x - 62.0, h + 210.0, 16.0, 250.0, 8.0), Fill::Clear(WHITE, 0.24));
    }
}
