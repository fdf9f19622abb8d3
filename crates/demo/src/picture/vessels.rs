//! Turned things that one cannot see through: of clay, iron, tin, wood and willow.

use super::{
    canvas::{Canvas, Fill, TILT, Top, ellipse, polygon, slab, thread},
    tone::{BRASS, INK, OAK, STEEL, Tone, WALNUT, WHITE},
};

const CLAY: Tone = Tone(190, 150, 116);

pub(super) fn mug(canvas: &mut Canvas, tone: Tone) {
    let side = [(118.0, 0.0), (140.0, 22.0), (146.0, 90.0), (146.0, 315.0)];
    canvas.shadow(170.0);
    let ear = thread(&[(130.0, 262.0), (215.0, 262.0), (240.0, 180.0), (205.0, 105.0), (130.0, 92.0)]);
    canvas.line(ear.clone(), 34.0, Fill::Flat(tone.shaded(0.3)));
    canvas.line(ear, 22.0, Fill::Flat(tone.shaded(0.08)));
    canvas.body(&side, tone, Top::Open(tone.lit(0.35)));
    canvas.band(&side, (0.0, 58.0), CLAY);
    canvas.shine(-98.0, (92.0, 270.0), 16.0);
    canvas.fill(ellipse(0.0, 309.0, 122.0, 15.0), Fill::Flat(Tone(74, 48, 34)));
}

pub(super) fn cup(canvas: &mut Canvas, tone: Tone) {
    let side = [(84.0, 0.0), (108.0, 18.0), (128.0, 90.0), (134.0, 210.0)];
    canvas.shadow(150.0);
    canvas.body(&side, tone, Top::Open(tone.lit(0.4)));
    canvas.band(&side, (0.0, 44.0), CLAY);
    canvas.shine(-92.0, (70.0, 180.0), 14.0);
}

pub(super) fn bowl(canvas: &mut Canvas, tone: Tone) {
    let side = [(104.0, 0.0), (104.0, 22.0), (190.0, 66.0), (262.0, 160.0), (282.0, 232.0)];
    canvas.shadow(230.0);
    canvas.body(&side, tone, Top::Open(tone.lit(0.3)));
    canvas.band(&side, (0.0, 24.0), CLAY);
    canvas.fill(ellipse(10.0, 222.0, 190.0, 20.0), Fill::Clear(WHITE, 0.16));
}

pub(super) fn plate(canvas: &mut Canvas, tone: Tone) {
    let side = [(150.0, 0.0), (160.0, 10.0), (262.0, 26.0), (318.0, 46.0)];
    canvas.shadow(300.0);
    for (floor, share) in [(0.0, 0.12), (44.0, 0.06), (88.0, 0.0)] {
        let lifted: Vec<(f32, f32)> = side.iter().map(|(radius, h)| (*radius, h + floor)).collect();
        canvas.body(&lifted, tone.shaded(share), Top::Open(tone.lit(0.15)));
    }
    canvas.fill(ellipse(0.0, 128.0, 205.0, 26.0), Fill::Flat(tone.lit(0.22)));
    canvas.line(ellipse(0.0, 129.0, 205.0, 27.0), 2.0, Fill::Flat(tone.shaded(0.14)));
}

pub(super) fn vase(canvas: &mut Canvas, tone: Tone) {
    let side = [
        (82.0, 0.0),
        (100.0, 16.0),
        (152.0, 130.0),
        (138.0, 240.0),
        (62.0, 330.0),
        (52.0, 380.0),
        (70.0, 425.0),
    ];
    canvas.shadow(160.0);
    let twigs = [
        [(0.0, 410.0), (-30.0, 520.0), (-96.0, 640.0)],
        [(8.0, 410.0), (18.0, 540.0), (10.0, 680.0)],
        [(16.0, 410.0), (60.0, 520.0), (126.0, 610.0)],
    ];
    canvas.body(&side, tone, Top::Open(tone.shaded(0.5)));
    for twig in twigs {
        canvas.line(thread(&twig), 6.0, Fill::Flat(Tone(96, 88, 58)));
        let (top_x, top_h) = twig[2];
        let (mid_x, mid_h) = twig[1];
        for (step, side) in [(0.25, -1.0), (0.45, 1.0), (0.65, -1.0), (0.85, 1.0)] {
            let (x, h) = (mid_x + (top_x - mid_x) * step, mid_h + (top_h - mid_h) * step);
            canvas.fill(ellipse(x + side * 17.0, h + 8.0, 15.0, 11.0), Fill::Flat(Tone(126, 138, 92)));
        }
        canvas.fill(ellipse(top_x, top_h, 14.0, 18.0), Fill::Flat(Tone(150, 158, 110)));
    }
    canvas.shine(-104.0, (96.0, 220.0), 16.0);
}

pub(super) fn pot(canvas: &mut Canvas, tone: Tone) {
    let side = [(208.0, 0.0), (226.0, 20.0), (236.0, 80.0), (240.0, 220.0)];
    let lid = [(248.0, 216.0), (246.0, 232.0), (180.0, 272.0), (60.0, 296.0)];
    canvas.shadow(260.0);
    for side in [-1.0, 1.0] {
        let ear = thread(&[
            (side * 228.0, 192.0),
            (side * 298.0, 186.0),
            (side * 298.0, 138.0),
            (side * 232.0, 130.0),
        ]);
        canvas.line(ear, 24.0, Fill::Flat(tone.shaded(0.3)));
    }
    canvas.body(&side, tone, Top::Closed);
    canvas.body(&lid, tone.lit(0.06), Top::Closed);
    canvas.body(&[(20.0, 296.0), (18.0, 312.0), (40.0, 330.0), (38.0, 344.0)], BRASS, Top::Closed);
    canvas.shine(-176.0, (50.0, 180.0), 22.0);
}

pub(super) fn pan(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(270.0);
    let handle = polygon(&[(180.0, 74.0), (430.0, 148.0), (446.0, 122.0), (200.0, 40.0)]);
    canvas.fill(handle, Fill::Down(tone.lit(0.2), 148.0, tone.shaded(0.3), 40.0));
    canvas.fill(ellipse(424.0, 130.0, 9.0, 6.0), Fill::Flat(INK));
    let side = [(196.0, 0.0), (212.0, 14.0), (240.0, 92.0)];
    canvas.body(&side, tone, Top::Open(tone.shaded(0.2)));
    canvas.fill(ellipse(-20.0, 84.0, 150.0, 15.0), Fill::Clear(WHITE, 0.12));
}

pub(super) fn kettle(canvas: &mut Canvas, tone: Tone) {
    let side = [(170.0, 0.0), (192.0, 20.0), (196.0, 90.0), (150.0, 190.0), (80.0, 230.0)];
    canvas.shadow(210.0);
    let spout = polygon(&[(150.0, 70.0), (176.0, 150.0), (268.0, 240.0), (292.0, 226.0)]);
    canvas.fill(spout, Fill::Down(tone.lit(0.1), 240.0, tone.shaded(0.3), 70.0));
    let bail = thread(&[(-138.0, 200.0), (-130.0, 330.0), (0.0, 392.0), (130.0, 330.0), (138.0, 200.0)]);
    canvas.line(bail, 12.0, Fill::Flat(STEEL.shaded(0.4)));
    canvas.line(thread(&[(-62.0, 381.0), (0.0, 392.0), (62.0, 381.0)]), 30.0, Fill::Flat(OAK));
    canvas.body(&side, tone, Top::Closed);
    canvas.body(&[(84.0, 228.0), (60.0, 250.0), (20.0, 258.0)], tone.lit(0.1), Top::Closed);
    canvas.body(&[(14.0, 258.0), (24.0, 276.0), (20.0, 290.0)], OAK, Top::Closed);
    canvas.shine(-142.0, (50.0, 150.0), 20.0);
}

pub(super) fn tin(canvas: &mut Canvas, tone: Tone) {
    let side = [(150.0, 0.0), (150.0, 0.0), (150.0, 300.0), (150.0, 300.0)];
    let lid = [(156.0, 272.0), (156.0, 272.0), (156.0, 340.0), (156.0, 340.0)];
    canvas.shadow(180.0);
    canvas.body(&side, tone, Top::Closed);
    canvas.body(&lid, tone.lit(0.12), Top::Closed);
    canvas.body(&[(14.0, 342.0), (24.0, 358.0), (20.0, 372.0)], BRASS, Top::Closed);
    canvas.fill(slab(-74.0, 80.0, 148.0, 120.0, 6.0), Fill::Flat(WHITE));
    canvas.fill(slab(-50.0, 156.0, 100.0, 10.0, 2.0), Fill::Flat(tone.shaded(0.2)));
    canvas.fill(slab(-36.0, 130.0, 72.0, 7.0, 2.0), Fill::Flat(STEEL));
    canvas.fill(slab(-36.0, 108.0, 72.0, 7.0, 2.0), Fill::Flat(STEEL));
}

pub(super) fn mill(canvas: &mut Canvas, tone: Tone) {
    let side = [(92.0, 0.0), (92.0, 30.0), (62.0, 120.0), (52.0, 210.0), (78.0, 300.0), (78.0, 318.0)];
    let head = [(74.0, 326.0), (88.0, 350.0), (86.0, 400.0), (40.0, 448.0)];
    canvas.shadow(120.0);
    canvas.body(&side, tone, Top::Closed);
    canvas.body(&[(70.0, 316.0), (70.0, 328.0)], BRASS, Top::Closed);
    canvas.body(&head, tone.lit(0.05), Top::Closed);
    canvas.body(&[(12.0, 450.0), (22.0, 470.0), (12.0, 490.0)], BRASS, Top::Closed);
    canvas.shine(-54.0, (20.0, 80.0), 12.0);
    canvas.shine(-52.0, (348.0, 400.0), 12.0);
}

pub(super) fn bucket(canvas: &mut Canvas, tone: Tone) {
    let side = [(150.0, 0.0), (150.0, 0.0), (206.0, 310.0), (206.0, 310.0)];
    canvas.shadow(200.0);
    let bail = thread(&[(-204.0, 300.0), (-190.0, 420.0), (0.0, 520.0), (190.0, 420.0), (204.0, 300.0)]);
    canvas.line(bail, 9.0, Fill::Flat(STEEL.shaded(0.35)));
    canvas.line(thread(&[(-54.0, 512.0), (0.0, 520.0), (54.0, 512.0)]), 30.0, Fill::Flat(WALNUT.lit(0.1)));
    canvas.body(&side, tone, Top::Open(tone.shaded(0.3)));
    canvas.band(&side, (236.0, 252.0), tone.lit(0.3));
    canvas.band(&side, (60.0, 76.0), tone.lit(0.3));
    canvas.fill(ellipse(-196.0, 290.0, 16.0, 16.0), Fill::Flat(STEEL));
    canvas.fill(ellipse(196.0, 290.0, 16.0, 16.0), Fill::Flat(STEEL.shaded(0.3)));
}

pub(super) fn basket(canvas: &mut Canvas, tone: Tone) {
    let side = [(158.0, 0.0), (158.0, 0.0), (214.0, 250.0), (214.0, 250.0)];
    canvas.shadow(210.0);
    let arch = thread(&[(-204.0, 240.0), (-184.0, 410.0), (0.0, 500.0), (184.0, 410.0), (204.0, 240.0)]);
    canvas.line(arch.clone(), 26.0, Fill::Round(tone.shaded(0.3), -260.0, 280.0));
    canvas.line(arch, 12.0, Fill::Round(tone, -260.0, 280.0));
    canvas.body(&side, tone, Top::Open(tone.shaded(0.4)));
    for row in 0u8..10 {
        let foot = f32::from(row) * 24.0;
        let shade = if row.is_multiple_of(2) { tone.lit(0.14) } else { tone.shaded(0.14) };
        canvas.band(&side, (foot, foot + 20.0), shade);
    }
    let mut way = -0.9f32;
    while way < 0.95 {
        let drop = TILT * (1.0 - way * way).sqrt();
        let stake = thread(&[(158.0 * way, 4.0 - 158.0 * drop), (214.0 * way, 244.0 - 214.0 * drop)]);
        canvas.line(stake, 7.0, Fill::Clear(tone.shaded(0.5), 0.5));
        way += 0.15;
    }
    canvas.line(ellipse(0.0, 250.0, 210.0, 210.0 * TILT), 16.0, Fill::Round(tone.lit(0.08), -240.0, 260.0));
}
