//! Things with glass or light in them, and flasks.

use super::{
    canvas::{Canvas, Fill, Top, blob, ellipse, polygon, slab, slice, thread, turned},
    tone::{BRASS, INK, OAK, STEEL, Tone, WHITE},
};

const FLAME: Tone = Tone(255, 196, 92);

/// Glass, filled to a height with something.
fn vitreous(canvas: &mut Canvas, side: &[(f32, f32)], tone: Tone, content: Option<(f32, Tone)>) {
    let Some((rim, top)) = side.last().copied() else { return };
    canvas.fill(turned(side), Fill::Clear(tone.lit(0.35), 0.42));
    if let Some((level, inside)) = content {
        let part: Vec<(f32, f32)> =
            slice(side, 12.0, level).iter().map(|(radius, h)| (radius - 9.0, *h)).collect();
        canvas.fill(turned(&part), Fill::Clear(inside, 0.8));
        if let Some((radius, h)) = part.last() {
            canvas.fill(ellipse(0.0, *h, *radius, radius * 0.13), Fill::Flat(inside.lit(0.35)));
        }
    }
    canvas.line(turned(side), 4.0, Fill::Clear(tone.shaded(0.25), 0.55));
    canvas.line(ellipse(0.0, top, rim, rim * 0.15), 4.0, Fill::Clear(tone.shaded(0.3), 0.6));
    let (widest, at) =
        side.iter().fold((0.0f32, 0.0f32), |best, point| if point.0 > best.0 { *point } else { best });
    let reach = (at * 0.5 + 40.0).min(top - 40.0);
    canvas.shine(-widest * 0.74, (44.0, reach.max(110.0)), widest * 0.11);
}

pub(super) fn tumbler(canvas: &mut Canvas, tone: Tone) {
    let side = [(96.0, 0.0), (98.0, 0.0), (122.0, 280.0), (122.0, 280.0)];
    canvas.shadow(140.0);
    vitreous(canvas, &side, tone, Some((170.0, tone.lit(0.5))));
}

pub(super) fn carafe(canvas: &mut Canvas, tone: Tone) {
    let side = [
        (120.0, 0.0),
        (142.0, 16.0),
        (150.0, 90.0),
        (120.0, 190.0),
        (66.0, 290.0),
        (58.0, 370.0),
        (82.0, 460.0),
    ];
    canvas.shadow(170.0);
    vitreous(canvas, &side, tone, Some((186.0, tone.lit(0.45))));
}

pub(super) fn jar(canvas: &mut Canvas, tone: Tone) {
    let side = [(134.0, 0.0), (146.0, 14.0), (150.0, 60.0), (150.0, 250.0), (130.0, 290.0), (122.0, 306.0)];
    canvas.shadow(170.0);
    vitreous(canvas, &side, tone, Some((196.0, Tone(222, 188, 132))));
    canvas.body(&[(130.0, 300.0), (130.0, 300.0), (130.0, 346.0), (130.0, 346.0)], OAK, Top::Closed);
    canvas.line(ellipse(0.0, 346.0, 84.0, 12.0), 3.0, Fill::Flat(OAK.shaded(0.2)));
}

fn flame(canvas: &mut Canvas, h: f32) {
    canvas.glow(0.0, h + 30.0, (190.0, 190.0), FLAME, 0.5);
    canvas.line(thread(&[(0.0, h - 16.0), (2.0, h + 6.0)]), 5.0, Fill::Flat(INK));
    let tongue = blob(&[
        (0.0, h + 92.0),
        (20.0, h + 40.0),
        (16.0, h + 10.0),
        (0.0, h),
        (-16.0, h + 10.0),
        (-18.0, h + 40.0),
    ]);
    canvas.fill(tongue, Fill::Flat(FLAME));
    canvas.fill(ellipse(0.0, h + 20.0, 9.0, 18.0), Fill::Flat(WHITE));
}

pub(super) fn candle(canvas: &mut Canvas, tone: Tone) {
    let side = [(112.0, 0.0), (120.0, 10.0), (120.0, 210.0), (120.0, 210.0)];
    canvas.shadow(150.0);
    canvas.body(&side, tone, Top::Open(Tone(242, 230, 204)));
    canvas.fill(slab(-62.0, 62.0, 124.0, 86.0, 5.0), Fill::Flat(WHITE));
    canvas.fill(slab(-42.0, 116.0, 84.0, 9.0, 2.0), Fill::Flat(INK));
    canvas.fill(slab(-28.0, 94.0, 56.0, 6.0, 2.0), Fill::Flat(STEEL));
    canvas.fill(slab(-28.0, 78.0, 56.0, 6.0, 2.0), Fill::Flat(STEEL));
    flame(canvas, 224.0);
}

pub(super) fn lamp(canvas: &mut Canvas, tone: Tone) {
    let base = [
        (104.0, 0.0),
        (104.0, 14.0),
        (40.0, 44.0),
        (24.0, 110.0),
        (50.0, 170.0),
        (20.0, 240.0),
        (14.0, 300.0),
    ];
    let shade = [(196.0, 282.0), (196.0, 282.0), (116.0, 500.0), (116.0, 500.0)];
    canvas.shadow(140.0);
    canvas.glow(0.0, 330.0, (430.0, 380.0), FLAME, 0.36);
    canvas.body(&base, OAK, Top::Closed);
    canvas.body(&shade, tone, Top::Open(FLAME.lit(0.4)));
    canvas.band(&shade, (282.0, 296.0), tone.shaded(0.2));
    canvas.glow(0.0, 300.0, (150.0, 90.0), FLAME, 0.55);
}

pub(super) fn lantern(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(150.0);
    let ring = thread(&[(-70.0, 410.0), (-62.0, 500.0), (0.0, 540.0), (62.0, 500.0), (70.0, 410.0)]);
    canvas.line(ring, 9.0, Fill::Flat(tone.shaded(0.35)));
    canvas.body(&[(140.0, 0.0), (140.0, 0.0), (140.0, 36.0), (118.0, 60.0)], tone, Top::Closed);
    let pane = [(112.0, 60.0), (122.0, 130.0), (122.0, 240.0), (108.0, 310.0)];
    canvas.body(
        &[(44.0, 62.0), (44.0, 62.0), (44.0, 150.0), (44.0, 150.0)],
        Tone(244, 234, 212),
        Top::Closed,
    );
    flame(canvas, 158.0);
    canvas.fill(turned(&pane), Fill::Clear(WHITE, 0.22));
    for x in [-118.0, 0.0, 118.0] {
        canvas.line(thread(&[(x, 56.0), (x, 316.0)]), 9.0, Fill::Flat(tone.shaded(0.3)));
    }
    canvas.body(
        &[(132.0, 306.0), (132.0, 306.0), (128.0, 330.0), (60.0, 390.0), (52.0, 416.0)],
        tone,
        Top::Closed,
    );
    canvas.body(&[(56.0, 412.0), (56.0, 426.0)], BRASS, Top::Closed);
}

pub(super) fn flask(canvas: &mut Canvas, tone: Tone) {
    let side = [(92.0, 0.0), (100.0, 10.0), (102.0, 60.0), (102.0, 340.0), (86.0, 396.0), (62.0, 420.0)];
    canvas.shadow(130.0);
    canvas.body(&side, tone, Top::Closed);
    canvas.band(&side, (0.0, 26.0), STEEL);
    canvas.body(&[(58.0, 418.0), (58.0, 418.0), (58.0, 436.0)], STEEL, Top::Closed);
    canvas.body(&[(66.0, 432.0), (66.0, 432.0), (66.0, 500.0), (60.0, 508.0)], OAK, Top::Closed);
    let loop_ = thread(&[(62.0, 486.0), (120.0, 470.0), (116.0, 410.0), (70.0, 408.0)]);
    canvas.line(loop_, 11.0, Fill::Flat(Tone(150, 96, 58)));
    canvas.shine(-70.0, (50.0, 330.0), 14.0);
    canvas.fill(polygon(&[(-6.0, 236.0), (24.0, 190.0), (-36.0, 190.0)]), Fill::Clear(WHITE, 0.75));
    canvas.fill(slab(-40.0, 174.0, 68.0, 8.0, 4.0), Fill::Clear(WHITE, 0.75));
}

/// A dial behind glass: for the time, or for the weather.
pub(super) fn clock(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(190.0);
    canvas.fill(slab(-150.0, 0.0, 300.0, 62.0, 18.0), Fill::Round(OAK, -220.0, 250.0));
    canvas.fill(slab(-90.0, 54.0, 180.0, 40.0, 8.0), Fill::Round(OAK.shaded(0.25), -150.0, 170.0));
    canvas.fill(ellipse(0.0, 310.0, 240.0, 240.0), Fill::Round(tone.shaded(0.12), -260.0, 280.0));
    canvas.fill(ellipse(0.0, 310.0, 218.0, 218.0), Fill::Down(tone.lit(0.4), 528.0, tone.shaded(0.3), 92.0));
    canvas.fill(ellipse(0.0, 310.0, 194.0, 194.0), Fill::Flat(tone.shaded(0.45)));
    canvas.fill(ellipse(0.0, 308.0, 190.0, 190.0), Fill::Down(WHITE, 498.0, WHITE.shaded(0.07), 118.0));
    for step in 0u8..12 {
        let (across, up) = (f32::from(step) * std::f32::consts::TAU / 12.0).sin_cos();
        let (from, width) = if step.is_multiple_of(3) { (138.0, 10.0) } else { (152.0, 5.0) };
        let tick = thread(&[(across * from, 308.0 + up * from), (across * 168.0, 308.0 + up * 168.0)]);
        canvas.line(tick, width, Fill::Flat(INK));
    }
    canvas.line(thread(&[(12.0, 296.0), (-74.0, 382.0)]), 13.0, Fill::Flat(INK));
    canvas.line(thread(&[(-12.0, 288.0), (66.0, 418.0)]), 8.0, Fill::Flat(INK));
    canvas.fill(ellipse(0.0, 308.0, 14.0, 14.0), Fill::Flat(BRASS));
    let gleam = blob(&[(-150.0, 340.0), (-120.0, 424.0), (-40.0, 478.0), (-60.0, 410.0), (-110.0, 350.0)]);
    canvas.fill(gleam, Fill::Clear(WHITE, 0.3));
}
