//! Things of paper.

use super::{
    canvas::{Canvas, Fill, ellipse, polygon, slab, thread},
    tone::{BRASS, INK, OAK, STEEL, Tone, WHITE},
};

pub(super) fn notebook(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(230.0);
    canvas.fill(slab(-176.0, 0.0, 372.0, 500.0, 12.0), Fill::Flat(tone.shaded(0.4)));
    canvas.fill(slab(-180.0, 6.0, 368.0, 490.0, 6.0), Fill::Flat(WHITE));
    for x in [178.0, 183.0] {
        canvas.line(thread(&[(x, 12.0), (x, 490.0)]), 2.0, Fill::Flat(STEEL.lit(0.3)));
    }
    canvas.fill(slab(-194.0, 4.0, 368.0, 506.0, 14.0), Fill::Round(tone, -320.0, 420.0));
    canvas.fill(slab(-194.0, 4.0, 54.0, 506.0, 14.0), Fill::Flat(tone.shaded(0.25)));
    canvas.fill(slab(116.0, 4.0, 16.0, 506.0, 2.0), Fill::Flat(tone.shaded(0.5)));
    canvas.fill(slab(-90.0, 330.0, 160.0, 90.0, 4.0), Fill::Flat(WHITE));
    canvas.fill(slab(-66.0, 382.0, 112.0, 8.0, 2.0), Fill::Flat(INK.lit(0.2)));
    canvas.fill(slab(-66.0, 356.0, 74.0, 6.0, 2.0), Fill::Flat(STEEL));
    canvas.fill(
        polygon(&[(20.0, 6.0), (36.0, 6.0), (36.0, -40.0), (28.0, -26.0), (20.0, -40.0)]),
        Fill::Flat(Tone(190, 70, 48)),
    );
}

/// Hills of water, one behind the other, and a light over them.
fn seascape(canvas: &mut Canvas, tone: Tone, left: f32, foot: f32, size: (f32, f32)) {
    let (width, height) = size;
    canvas.fill(
        slab(left, foot, width, height, 0.0),
        Fill::Down(tone.lit(0.78), foot + height, tone.lit(0.5), foot),
    );
    canvas.fill(
        ellipse(left + width * 0.66, foot + height * 0.7, width * 0.13, width * 0.13),
        Fill::Flat(Tone(226, 120, 78)),
    );
    for (level, share) in [(0.46, 0.35), (0.32, 0.12), (0.17, -0.3)] {
        let shade = if share > 0.0 { tone.lit(share) } else { tone.shaded(-share) };
        let crest = |way: f32, lift: f32| (left + width * way, foot + height * (level + lift));
        let wave = polygon(&[
            (left, foot),
            crest(0.0, 0.02),
            crest(0.16, 0.07),
            crest(0.3, 0.03),
            crest(0.5, -0.02),
            crest(0.7, 0.05),
            crest(0.86, 0.01),
            crest(1.0, 0.04),
            (left + width, foot),
        ]);
        canvas.fill(wave, Fill::Flat(shade));
    }
}

pub(super) fn print(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(260.0);
    canvas.fill(slab(-226.0, 0.0, 452.0, 600.0, 4.0), Fill::Round(OAK, -380.0, 420.0));
    canvas.fill(slab(-202.0, 24.0, 404.0, 552.0, 0.0), Fill::Flat(WHITE));
    seascape(canvas, tone, -148.0, 110.0, (296.0, 400.0));
    canvas.fill(slab(-60.0, 66.0, 120.0, 7.0, 2.0), Fill::Flat(INK.lit(0.4)));
    canvas.fill(polygon(&[(-202.0, 576.0), (20.0, 576.0), (-202.0, 240.0)]), Fill::Clear(WHITE, 0.16));
}

pub(super) fn card(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(280.0);
    canvas.fill(slab(-252.0, 130.0, 480.0, 300.0, 18.0), Fill::Flat(WHITE.shaded(0.08)));
    canvas.fill(slab(-264.0, 6.0, 528.0, 330.0, 24.0), Fill::Round(tone, -420.0, 460.0));
    let wave = |h: f32| {
        thread(&[
            (-240.0, h),
            (-160.0, h + 26.0),
            (-80.0, h),
            (0.0, h - 26.0),
            (80.0, h),
            (160.0, h + 26.0),
            (240.0, h),
        ])
    };
    for (h, strength) in [(70.0, 0.5), (104.0, 0.35), (138.0, 0.2)] {
        canvas.line(wave(h), 7.0, Fill::Clear(WHITE, strength));
    }
    canvas.fill(slab(-214.0, 252.0, 190.0, 20.0, 4.0), Fill::Clear(WHITE, 0.9));
    canvas.fill(slab(-214.0, 220.0, 120.0, 10.0, 3.0), Fill::Clear(WHITE, 0.6));
    canvas.fill(ellipse(196.0, 262.0, 30.0, 30.0), Fill::Flat(BRASS));
}

pub(super) fn pattern(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(260.0);
    canvas.fill(slab(-200.0, 10.0, 440.0, 560.0, 4.0), Fill::Flat(WHITE.shaded(0.12)));
    canvas.fill(slab(-236.0, 0.0, 440.0, 560.0, 4.0), Fill::Flat(WHITE));
    for step in 0u8..9 {
        let h = 60.0 + f32::from(step) * 56.0;
        canvas.line(thread(&[(-216.0, h), (184.0, h)]), 1.5, Fill::Clear(tone, 0.35));
    }
    for step in 0u8..7 {
        let x = -190.0 + f32::from(step) * 58.0;
        canvas.line(thread(&[(x, 20.0), (x, 540.0)]), 1.5, Fill::Clear(tone, 0.35));
    }
    let bag = polygon(&[(-130.0, 90.0), (100.0, 90.0), (124.0, 360.0), (-154.0, 360.0)]);
    canvas.fill(bag.clone(), Fill::Clear(tone, 0.3));
    canvas.line(bag, 5.0, Fill::Flat(tone.shaded(0.2)));
    canvas.line(
        thread(&[(-74.0, 360.0), (-60.0, 440.0), (-15.0, 466.0), (30.0, 440.0), (44.0, 360.0)]),
        5.0,
        Fill::Flat(tone.shaded(0.2)),
    );
    canvas.fill(slab(-216.0, 506.0, 150.0, 14.0, 3.0), Fill::Flat(INK.lit(0.2)));
}

pub(super) fn pencils(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(200.0);
    for (x, lean, top) in [
        (-96.0, -34.0, 500.0),
        (-50.0, -14.0, 540.0),
        (0.0, 0.0, 520.0),
        (50.0, 16.0, 550.0),
        (96.0, 36.0, 505.0),
    ] {
        let shaft =
            polygon(&[(x - 17.0, 60.0), (x + 17.0, 60.0), (x + 17.0 + lean, top), (x - 17.0 + lean, top)]);
        canvas.fill(shaft, Fill::Round(tone, x - 30.0, x + 40.0));
        let tip = polygon(&[(x - 17.0 + lean, top), (x + 17.0 + lean, top), (x + lean * 1.12, top + 62.0)]);
        canvas.fill(tip, Fill::Flat(OAK.lit(0.3)));
        let lead = polygon(&[
            (x - 5.0 + lean * 1.08, top + 44.0),
            (x + 5.0 + lean * 1.08, top + 44.0),
            (x + lean * 1.12, top + 62.0),
        ]);
        canvas.fill(lead, Fill::Flat(INK));
    }
    canvas.fill(slab(-150.0, 0.0, 300.0, 250.0, 10.0), Fill::Round(Tone(214, 196, 160), -240.0, 260.0));
    canvas.fill(slab(-150.0, 150.0, 300.0, 46.0, 0.0), Fill::Flat(tone.shaded(0.1)));
    canvas.fill(slab(-60.0, 60.0, 120.0, 50.0, 4.0), Fill::Flat(WHITE));
}
