//! Things of canvas, wool and linen.

use super::{
    canvas::{Canvas, Fill, blob, ellipse, polygon, slab, thread},
    tone::{BRASS, LEATHER, Tone, WHITE},
};

/// A row of stitches.
fn stitches(canvas: &mut Canvas, from: (f32, f32), to: (f32, f32), tone: Tone) {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let at = |way: f32| {
        let share = (way / length).min(1.0);
        (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
    };
    let mut way = 0.0;
    while way < length {
        canvas.line(thread(&[at(way), at(way + 9.0)]), 3.0, Fill::Clear(tone, 0.8));
        way += 18.0;
    }
}

pub(super) fn tote(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(220.0);
    let back = thread(&[(-104.0, 384.0), (-96.0, 520.0), (0.0, 566.0), (96.0, 520.0), (104.0, 384.0)]);
    canvas.line(back, 18.0, Fill::Flat(LEATHER.shaded(0.3)));
    let bag = polygon(&[(-190.0, 0.0), (190.0, 0.0), (222.0, 400.0), (-222.0, 400.0)]);
    canvas.fill(bag, Fill::Round(tone, -260.0, 300.0));
    let base = polygon(&[(-190.0, 0.0), (190.0, 0.0), (197.0, 86.0), (-197.0, 86.0)]);
    canvas.fill(base, Fill::Round(tone.shaded(0.28), -260.0, 300.0));
    stitches(canvas, (-196.0, 94.0), (196.0, 94.0), WHITE);
    stitches(canvas, (-216.0, 380.0), (216.0, 380.0), WHITE);
    let front = thread(&[(-104.0, 330.0), (-94.0, 470.0), (0.0, 520.0), (94.0, 470.0), (104.0, 330.0)]);
    canvas.line(front, 20.0, Fill::Flat(LEATHER));
    for x in [-104.0, 104.0] {
        canvas.fill(slab(x - 17.0, 270.0, 34.0, 90.0, 6.0), Fill::Flat(LEATHER));
        canvas.fill(ellipse(x, 290.0, 6.0, 6.0), Fill::Flat(BRASS.lit(0.3)));
        canvas.fill(ellipse(x, 336.0, 6.0, 6.0), Fill::Flat(BRASS.lit(0.3)));
    }
    canvas.fill(slab(-44.0, 150.0, 88.0, 60.0, 4.0), Fill::Flat(LEATHER.shaded(0.1)));
    canvas.fill(slab(-24.0, 176.0, 48.0, 7.0, 2.0), Fill::Clear(WHITE, 0.7));
}

pub(super) fn pack(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(220.0);
    canvas.line(
        thread(&[(-50.0, 500.0), (0.0, 556.0), (50.0, 500.0)]),
        16.0,
        Fill::Flat(LEATHER.shaded(0.2)),
    );
    canvas.fill(slab(-206.0, 0.0, 412.0, 500.0, 90.0), Fill::Round(tone, -240.0, 280.0));
    canvas.fill(slab(-168.0, 22.0, 336.0, 196.0, 34.0), Fill::Round(tone.shaded(0.14), -220.0, 240.0));
    stitches(canvas, (-150.0, 200.0), (150.0, 200.0), WHITE);
    let flap =
        blob(&[(-210.0, 470.0), (-216.0, 300.0), (0.0, 250.0), (216.0, 300.0), (210.0, 470.0), (0.0, 512.0)]);
    canvas.fill(flap, Fill::Round(tone.lit(0.08), -240.0, 280.0));
    for x in [-92.0, 92.0] {
        canvas.fill(slab(x - 15.0, 130.0, 30.0, 250.0, 8.0), Fill::Flat(LEATHER));
        canvas.line(slab(x - 24.0, 196.0, 48.0, 36.0, 6.0), 7.0, Fill::Flat(BRASS));
    }
}

pub(super) fn pouch(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(230.0);
    canvas.fill(slab(-250.0, 0.0, 500.0, 262.0, 40.0), Fill::Round(tone, -300.0, 340.0));
    canvas.fill(slab(-250.0, 0.0, 500.0, 70.0, 36.0), Fill::Round(tone.shaded(0.2), -300.0, 340.0));
    canvas.line(thread(&[(-226.0, 222.0), (226.0, 222.0)]), 12.0, Fill::Flat(tone.shaded(0.45)));
    stitches(canvas, (-226.0, 222.0), (226.0, 222.0), BRASS);
    canvas.fill(slab(186.0, 170.0, 20.0, 58.0, 6.0), Fill::Flat(LEATHER));
    canvas.fill(ellipse(196.0, 224.0, 13.0, 13.0), Fill::Flat(BRASS));
    canvas.fill(slab(-200.0, 108.0, 84.0, 52.0, 4.0), Fill::Flat(LEATHER));
}

/// Something folded, layer on layer, with stripes at the fold.
fn folded(canvas: &mut Canvas, tone: Tone, layers: [f32; 4], height: f32) {
    for (index, width) in (0u8..).zip(layers) {
        let foot = f32::from(index) * height;
        let shade = tone.shaded(0.2 - f32::from(index) * 0.05);
        canvas.fill(
            slab(-width, foot, width * 2.0, height + 6.0, height / 2.0),
            Fill::Round(shade, -width * 1.2, width * 1.4),
        );
        for stripe in [0.52, 0.62, 0.72] {
            let x = width * stripe;
            canvas.fill(slab(x, foot + 2.0, width * 0.045, height + 2.0, 2.0), Fill::Clear(WHITE, 0.55));
        }
        let seam = thread(&[(-width + height / 2.0, foot + 3.0), (width - 12.0, foot + 3.0)]);
        canvas.line(seam, 4.0, Fill::Clear(tone.shaded(0.6), 0.4));
    }
}

pub(super) fn blanket(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(300.0);
    let mut x = -262.0;
    while x < 270.0 {
        canvas.line(thread(&[(x, 20.0), (x + 4.0, -26.0)]), 7.0, Fill::Flat(tone.shaded(0.18)));
        x += 19.0;
    }
    folded(canvas, tone, [284.0, 280.0, 276.0, 270.0], 86.0);
}

pub(super) fn towel(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(250.0);
    folded(canvas, tone, [240.0, 236.0, 232.0, 226.0], 52.0);
    canvas.fill(slab(-150.0, -4.0, 46.0, 220.0, 8.0), Fill::Flat(Tone(226, 206, 168)));
    canvas.fill(slab(-146.0, 90.0, 38.0, 44.0, 3.0), Fill::Flat(WHITE));
}

pub(super) fn cushion(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(270.0);
    let puff = blob(&[
        (-262.0, 6.0),
        (0.0, 26.0),
        (262.0, 6.0),
        (244.0, 236.0),
        (266.0, 470.0),
        (0.0, 446.0),
        (-266.0, 470.0),
        (-244.0, 236.0),
    ]);
    canvas.fill(puff.clone(), Fill::Round(tone, -330.0, 360.0));
    for x in [-120.0, -40.0, 40.0, 120.0] {
        let stripe = thread(&[(x * 1.02, 24.0), (x * 1.1, 236.0), (x * 1.02, 450.0)]);
        canvas.line(stripe, 16.0, Fill::Clear(WHITE, 0.5));
    }
    canvas.line(puff, 7.0, Fill::Flat(tone.shaded(0.25)));
}

pub(super) fn apron(canvas: &mut Canvas, tone: Tone) {
    canvas.glow(24.0, 250.0, (250.0, 330.0), Tone(20, 24, 36), 0.3);
    canvas.line(
        thread(&[(-92.0, 520.0), (-40.0, 640.0), (40.0, 640.0), (92.0, 520.0)]),
        12.0,
        Fill::Flat(LEATHER),
    );
    canvas.line(thread(&[(-180.0, 330.0), (-262.0, 300.0), (-270.0, 190.0)]), 10.0, Fill::Flat(LEATHER));
    canvas.line(thread(&[(180.0, 330.0), (262.0, 300.0), (270.0, 190.0)]), 10.0, Fill::Flat(LEATHER));
    let cloth = polygon(&[
        (-210.0, -40.0),
        (210.0, -40.0),
        (190.0, 350.0),
        (112.0, 540.0),
        (-112.0, 540.0),
        (-190.0, 350.0),
    ]);
    canvas.fill(cloth, Fill::Round(tone, -280.0, 320.0));
    canvas.fill(slab(-130.0, 90.0, 260.0, 160.0, 14.0), Fill::Round(tone.lit(0.1), -220.0, 260.0));
    stitches(canvas, (-122.0, 236.0), (122.0, 236.0), WHITE);
    stitches(canvas, (0.0, 100.0), (0.0, 232.0), WHITE);
    stitches(canvas, (-100.0, 522.0), (100.0, 522.0), WHITE);
    for x in [-92.0, 92.0] {
        canvas.fill(ellipse(x, 516.0, 10.0, 10.0), Fill::Flat(BRASS));
    }
}

pub(super) fn cap(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(230.0);
    let crown = blob(&[
        (-212.0, 70.0),
        (-200.0, 210.0),
        (-110.0, 330.0),
        (0.0, 362.0),
        (110.0, 330.0),
        (200.0, 210.0),
        (212.0, 70.0),
    ]);
    canvas.fill(crown, Fill::Round(tone, -250.0, 280.0));
    for x in [-150.0, -100.0, -50.0, 0.0, 50.0, 100.0, 150.0] {
        let rib = thread(&[(x, 100.0), (x * 0.94, 220.0), (x * 0.4, 350.0)]);
        canvas.line(rib, 5.0, Fill::Clear(tone.shaded(0.5), 0.4));
    }
    canvas.fill(slab(-228.0, 0.0, 456.0, 112.0, 40.0), Fill::Round(tone.lit(0.06), -260.0, 290.0));
    let mut x = -196.0;
    while x < 210.0 {
        canvas.line(thread(&[(x, 16.0), (x, 98.0)]), 5.0, Fill::Clear(tone.shaded(0.5), 0.4));
        x += 28.0;
    }
    canvas.fill(slab(90.0, 30.0, 66.0, 48.0, 4.0), Fill::Flat(LEATHER));
}
