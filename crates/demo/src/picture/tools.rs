//! Things to work with.

use super::{
    canvas::{Canvas, Fill, blob, ellipse, polygon, slab, thread},
    tone::{BRASS, HEMP, INK, OAK, STEEL, Tone, WHITE},
};

pub(super) fn knife(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(180.0);
    canvas.fill(slab(-170.0, 0.0, 340.0, 74.0, 12.0), Fill::Round(OAK, -260.0, 300.0));
    canvas.fill(slab(-60.0, 58.0, 120.0, 16.0, 6.0), Fill::Flat(OAK.shaded(0.4)));
    let blade = blob(&[
        (44.0, 66.0),
        (46.0, 66.0),
        (46.0, 330.0),
        (40.0, 352.0),
        (-38.0, 352.0),
        (-44.0, 300.0),
        (-30.0, 160.0),
        (30.0, 66.0),
    ]);
    canvas.fill(blade, Fill::Round(STEEL.lit(0.2), -50.0, 70.0));
    canvas.line(thread(&[(-36.0, 330.0), (-22.0, 170.0), (34.0, 76.0)]), 3.0, Fill::Clear(WHITE, 0.8));
    canvas.fill(slab(-42.0, 346.0, 84.0, 20.0, 4.0), Fill::Flat(BRASS));
    canvas.fill(slab(-38.0, 364.0, 74.0, 216.0, 26.0), Fill::Round(tone, -60.0, 66.0));
    for h in [410.0, 470.0, 530.0] {
        canvas.fill(ellipse(0.0, h, 8.0, 8.0), Fill::Flat(BRASS.lit(0.3)));
    }
}

pub(super) fn board(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(230.0);
    canvas.fill(slab(-206.0, 0.0, 424.0, 440.0, 46.0), Fill::Flat(tone.shaded(0.4)));
    canvas.fill(slab(-60.0, 400.0, 130.0, 190.0, 56.0), Fill::Flat(tone.shaded(0.4)));
    canvas.fill(slab(-68.0, 390.0, 130.0, 200.0, 56.0), Fill::Round(tone, -340.0, 420.0));
    canvas.fill(slab(-218.0, 2.0, 424.0, 440.0, 46.0), Fill::Round(tone, -340.0, 420.0));
    for (x, bend) in
        [(-160.0, 10.0), (-104.0, -14.0), (-40.0, 12.0), (24.0, -8.0), (86.0, 14.0), (150.0, -10.0)]
    {
        let grain = thread(&[(x, 24.0), (x + bend, 160.0), (x - bend, 300.0), (x, 420.0)]);
        canvas.line(grain, 3.0, Fill::Clear(tone.shaded(0.4), 0.4));
    }
    canvas.fill(ellipse(-3.0, 540.0, 22.0, 22.0), Fill::Flat(tone.shaded(0.55)));
    canvas.line(
        thread(&[(-3.0, 540.0), (-30.0, 610.0), (0.0, 640.0), (26.0, 610.0), (-1.0, 540.0)]),
        7.0,
        Fill::Flat(HEMP),
    );
}

pub(super) fn brush(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(220.0);
    let mut x = -196.0;
    while x < 200.0 {
        canvas.line(
            thread(&[(x * 0.97, 140.0), (x, 60.0), (x * 1.08, 4.0)]),
            9.0,
            Fill::Flat(HEMP.shaded(if x.rem_euclid(28.0) < 14.0 { 0.1 } else { 0.25 })),
        );
        x += 10.0;
    }
    canvas.fill(slab(-220.0, 124.0, 440.0, 76.0, 36.0), Fill::Round(tone, -300.0, 330.0));
    let grip = blob(&[
        (-44.0, 190.0),
        (-36.0, 300.0),
        (-52.0, 430.0),
        (0.0, 486.0),
        (52.0, 430.0),
        (36.0, 300.0),
        (44.0, 190.0),
    ]);
    canvas.fill(grip, Fill::Round(tone.lit(0.06), -70.0, 80.0));
    canvas.line(
        thread(&[(0.0, 448.0), (-26.0, 530.0), (0.0, 566.0), (26.0, 530.0), (2.0, 448.0)]),
        8.0,
        Fill::Flat(HEMP),
    );
}

pub(super) fn hammer(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(150.0);
    let shaft = blob(&[
        (-26.0, 0.0),
        (-34.0, 110.0),
        (-22.0, 240.0),
        (-24.0, 520.0),
        (24.0, 520.0),
        (22.0, 240.0),
        (34.0, 110.0),
        (26.0, 0.0),
    ]);
    canvas.fill(shaft, Fill::Round(tone, -44.0, 50.0));
    canvas.fill(
        slab(-150.0, 430.0, 300.0, 96.0, 20.0),
        Fill::Down(STEEL.lit(0.3), 526.0, STEEL.shaded(0.45), 430.0),
    );
    canvas.fill(
        slab(-196.0, 418.0, 76.0, 120.0, 16.0),
        Fill::Down(STEEL.lit(0.4), 538.0, STEEL.shaded(0.4), 418.0),
    );
    canvas.fill(
        polygon(&[(140.0, 524.0), (140.0, 432.0), (252.0, 474.0), (252.0, 488.0)]),
        Fill::Down(STEEL.lit(0.2), 524.0, STEEL.shaded(0.5), 432.0),
    );
    canvas.fill(slab(-30.0, 516.0, 60.0, 22.0, 4.0), Fill::Flat(tone.shaded(0.2)));
}

pub(super) fn driver(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(200.0);
    for (x, reach) in [(-130.0, 250.0), (0.0, 320.0), (130.0, 210.0)] {
        canvas.fill(slab(x - 12.0, 190.0, 24.0, reach, 3.0), Fill::Round(STEEL, x - 16.0, x + 18.0));
        let tip = polygon(&[
            (x - 12.0, 188.0 + reach),
            (x + 12.0, 188.0 + reach),
            (x + 17.0, 230.0 + reach),
            (x - 17.0, 230.0 + reach),
        ]);
        canvas.fill(tip, Fill::Round(STEEL.shaded(0.25), x - 18.0, x + 20.0));
        canvas.fill(slab(x - 28.0, 178.0, 56.0, 28.0, 6.0), Fill::Flat(BRASS));
        let grip = blob(&[
            (x - 40.0, 0.0),
            (x - 50.0, 60.0),
            (x - 34.0, 130.0),
            (x - 30.0, 186.0),
            (x + 30.0, 186.0),
            (x + 34.0, 130.0),
            (x + 50.0, 60.0),
            (x + 40.0, 0.0),
        ]);
        canvas.fill(grip, Fill::Round(tone, x - 60.0, x + 64.0));
    }
}

pub(super) fn rope(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(270.0);
    for (index, radius) in (0u8..).zip([262.0, 258.0, 254.0, 248.0, 240.0]) {
        let h = 30.0 + f32::from(index) * 44.0;
        canvas.line(
            ellipse(0.0, h, radius, radius * 0.17),
            44.0,
            Fill::Round(tone.shaded(0.06), -300.0, 330.0),
        );
        let mut way = -0.96f32;
        while way < 0.96 {
            let (x, drop) = (radius * way, radius * 0.17 * (1.0 - way * way).sqrt());
            let twist = thread(&[(x - 9.0, h - drop - 17.0), (x + 11.0, h - drop + 17.0)]);
            canvas.line(twist, 4.0, Fill::Clear(tone.shaded(0.55), 0.55));
            way += 0.075;
        }
    }
    canvas.fill(ellipse(0.0, 206.0, 214.0, 32.0), Fill::Clear(INK, 0.42));
    canvas.fill(slab(-46.0, -22.0, 92.0, 262.0, 10.0), Fill::Round(Tone(190, 70, 48), -70.0, 80.0));
    canvas.fill(slab(-30.0, 66.0, 60.0, 90.0, 4.0), Fill::Flat(WHITE));
}

pub(super) fn soap(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(250.0);
    canvas.fill(slab(-250.0, 0.0, 500.0, 34.0, 10.0), Fill::Round(OAK, -320.0, 360.0));
    canvas.fill(slab(-196.0, 32.0, 392.0, 132.0, 40.0), Fill::Round(tone.shaded(0.1), -280.0, 310.0));
    canvas.fill(slab(-176.0, 160.0, 360.0, 126.0, 38.0), Fill::Round(tone.lit(0.15), -280.0, 310.0));
    canvas.fill(slab(-80.0, 24.0, 168.0, 270.0, 6.0), Fill::Round(WHITE, -240.0, 320.0));
    canvas.fill(slab(-46.0, 168.0, 100.0, 12.0, 3.0), Fill::Flat(INK.lit(0.2)));
    canvas.fill(slab(-30.0, 140.0, 68.0, 8.0, 2.0), Fill::Flat(STEEL));
}

pub(super) fn spoons(canvas: &mut Canvas, tone: Tone) {
    canvas.shadow(190.0);
    for (x, lean, reach) in [(-70.0, -74.0, 410.0), (-16.0, 0.0, 470.0), (52.0, 70.0, 430.0)] {
        let handle = polygon(&[
            (x - 11.0, 130.0),
            (x + 11.0, 130.0),
            (x + 13.0 + lean, reach),
            (x - 13.0 + lean, reach),
        ]);
        canvas.fill(handle, Fill::Round(tone, x - 60.0, x + 80.0));
        let middle = x + lean * 1.16;
        canvas
            .fill(ellipse(middle, reach + 56.0, 48.0, 72.0), Fill::Round(tone, middle - 60.0, middle + 66.0));
        canvas.fill(
            ellipse(middle + 4.0, reach + 60.0, 34.0, 54.0),
            Fill::Round(tone.shaded(0.2), middle + 60.0, middle - 50.0),
        );
    }
    let side = [(116.0, 0.0), (126.0, 12.0), (126.0, 230.0), (126.0, 230.0)];
    canvas.body(&side, Tone(222, 214, 200), super::canvas::Top::Open(Tone(120, 110, 96)));
    for x in [-70.0f32, -16.0, 52.0] {
        canvas.fill(
            polygon(&[(x - 11.0, 222.0), (x + 11.0, 222.0), (x + 12.0, 250.0), (x - 10.0, 250.0)]),
            Fill::Flat(tone),
        );
    }
    canvas.band(&side, (0.0, 52.0), Tone(190, 150, 116));
}
