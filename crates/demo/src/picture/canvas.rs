//! A square to draw on. Things stand on a ground line in the middle: `x` goes right from the middle, `h` up from the
//! ground, a thing of ordinary size is about 500 high.

use tiny_skia::{
    FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point,
    RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

use super::tone::{Tone, WHITE};

/// Pixels a side: as wide as a product's page shows a picture on a sharp screen.
pub(crate) const SIDE: u32 = 960;
/// The square is 1200 wide to those who draw on it.
const PIXELS_A_UNIT: f32 = 0.8;
/// How flat circles look that lie on the table.
pub(crate) const TILT: f32 = 0.15;
/// How far the control points of a half ellipse stand out.
const HALF_ELLIPSE: f32 = 4.0 / 3.0;

pub(crate) struct Canvas {
    pixmap: Pixmap,
    view: Transform,
}

/// What a shape is filled with.
#[derive(Clone, Copy)]
pub(crate) enum Fill {
    Flat(Tone),
    /// Shows what is behind, 0 to 1.
    Clear(Tone, f32),
    /// A round body between two edges, lit from the left.
    Round(Tone, f32, f32),
    /// From one height down to another.
    Down(Tone, f32, Tone, f32),
}

impl Canvas {
    pub(crate) fn new() -> Option<Self> {
        Some(Self { pixmap: Pixmap::new(SIDE, SIDE)?, view: Transform::identity() })
    }

    /// Where the middle of the ground line is, how large things are, and how far they lean (degrees).
    pub(crate) fn stand(&mut self, x: f32, y: f32, scale: f32, lean: f32) {
        self.view = Transform::from_scale(PIXELS_A_UNIT, PIXELS_A_UNIT)
            .pre_translate(x, y)
            .pre_scale(scale, scale)
            .pre_rotate(lean);
    }

    pub(crate) fn into_pixels(self) -> Pixmap {
        self.pixmap
    }

    /// One colour all over.
    pub(crate) fn wash(&mut self, tone: Tone) {
        self.pixmap.fill(tone.color(1.0));
    }

    pub(crate) fn fill(&mut self, path: Option<Path>, fill: Fill) {
        let Some(path) = path else { return };
        let paint = Paint { shader: shader(fill), anti_alias: true, ..Paint::default() };
        self.pixmap.fill_path(&path, &paint, FillRule::Winding, self.view, None);
    }

    pub(crate) fn line(&mut self, path: Option<Path>, width: f32, fill: Fill) {
        let Some(path) = path else { return };
        let paint = Paint { shader: shader(fill), anti_alias: true, ..Paint::default() };
        let stroke =
            Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        self.pixmap.stroke_path(&path, &paint, &stroke, self.view, None);
    }

    /// A soft spot of light or shadow.
    pub(crate) fn glow(&mut self, x: f32, h: f32, radius: (f32, f32), tone: Tone, opacity: f32) {
        let stops = vec![
            GradientStop::new(0.0, tone.color(opacity)),
            GradientStop::new(0.55, tone.color(opacity * 0.55)),
            GradientStop::new(1.0, tone.color(0.0)),
        ];
        let squeeze = Transform::from_translate(x, -h).pre_scale(1.0, radius.1 / radius.0);
        let middle = Point::from_xy(0.0, 0.0);
        let shader = RadialGradient::new(middle, 0.0, middle, radius.0, stops, SpreadMode::Pad, squeeze);
        let (Some(shader), Some(path)) = (shader, ellipse(x, h, radius.0, radius.1)) else { return };
        let paint = Paint { shader, anti_alias: true, ..Paint::default() };
        self.pixmap.fill_path(&path, &paint, FillRule::Winding, self.view, None);
    }
}

fn shader(fill: Fill) -> Shader<'static> {
    let linear = |from: (f32, f32), to: (f32, f32), stops: Vec<GradientStop>, flat: Tone| {
        let (from, to) = (Point::from_xy(from.0, from.1), Point::from_xy(to.0, to.1));
        LinearGradient::new(from, to, stops, SpreadMode::Pad, Transform::identity())
            .unwrap_or(Shader::SolidColor(flat.color(1.0)))
    };
    match fill {
        Fill::Flat(tone) => Shader::SolidColor(tone.color(1.0)),
        Fill::Clear(tone, opacity) => Shader::SolidColor(tone.color(opacity)),
        Fill::Round(tone, left, right) => {
            let stops =
                [(0.0, tone.shaded(0.12)), (0.26, tone.lit(0.22)), (0.55, tone), (1.0, tone.shaded(0.38))];
            let stops = stops.map(|(at, tone)| GradientStop::new(at, tone.color(1.0)));
            linear((left, 0.0), (right, 0.0), stops.to_vec(), tone)
        }
        Fill::Down(top, from, bottom, to) => {
            let stops =
                vec![GradientStop::new(0.0, top.color(1.0)), GradientStop::new(1.0, bottom.color(1.0))];
            linear((0.0, -from), (0.0, -to), stops, top)
        }
    }
}

pub(crate) fn ellipse(x: f32, h: f32, radius_x: f32, radius_y: f32) -> Option<Path> {
    let bounds = Rect::from_xywh(x - radius_x, -h - radius_y, radius_x * 2.0, radius_y * 2.0)?;
    PathBuilder::from_oval(bounds)
}

/// Straight from point to point, and closed.
pub(crate) fn polygon(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (index, (x, h)) in points.iter().enumerate() {
        if index == 0 { path.move_to(*x, -h) } else { path.line_to(*x, -h) }
    }
    path.close();
    path.finish()
}

/// An open line, smooth through its points.
pub(crate) fn thread(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (x, h) = points.first()?;
    path.move_to(*x, -h);
    smooth(&mut path, points);
    path.finish()
}

/// A closed outline, smooth through its points but for the first, which is a corner.
pub(crate) fn blob(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let first = points.first()?;
    let round: Vec<(f32, f32)> = points.iter().chain([first]).copied().collect();
    path.move_to(first.0, -first.1);
    smooth(&mut path, &round);
    path.close();
    path.finish()
}

/// A box with round corners, from its left end and its foot.
pub(crate) fn slab(left: f32, foot: f32, width: f32, height: f32, corner: f32) -> Option<Path> {
    let (right, top, corner) = (left + width, foot + height, corner.min(width / 2.0).min(height / 2.0));
    let mut path = PathBuilder::new();
    path.move_to(left + corner, -foot);
    path.line_to(right - corner, -foot);
    path.quad_to(right, -foot, right, -foot - corner);
    path.line_to(right, -top + corner);
    path.quad_to(right, -top, right - corner, -top);
    path.line_to(left + corner, -top);
    path.quad_to(left, -top, left, -top + corner);
    path.line_to(left, -foot - corner);
    path.quad_to(left, -foot, left + corner, -foot);
    path.close();
    path.finish()
}

/// Catmull-Rom through the points; the path stands at the first already.
fn smooth(path: &mut PathBuilder, points: &[(f32, f32)]) {
    for index in 1..points.len() {
        let (from, to) = (points[index - 1], points[index]);
        let before = if index >= 2 { points[index - 2] } else { from };
        let after = points.get(index + 1).copied().unwrap_or(to);
        let (lead_x, lead_h) = (from.0 + (to.0 - before.0) / 6.0, from.1 + (to.1 - before.1) / 6.0);
        let (trail_x, trail_h) = (to.0 - (after.0 - from.0) / 6.0, to.1 - (after.1 - from.1) / 6.0);
        path.cubic_to(lead_x, -lead_h, trail_x, -trail_h, to.0, -to.1);
    }
}

/// The side view of a turned body: radius and height from the foot up.
pub(crate) type Profile<'a> = &'a [(f32, f32)];

/// The outline of a turned body, seen a little from above. A point given twice is a corner.
pub(crate) fn turned(profile: Profile<'_>) -> Option<Path> {
    let (foot, rim) = (*profile.first()?, *profile.last()?);
    let mirrored: Vec<(f32, f32)> = profile.iter().rev().map(|(radius, h)| (-radius, *h)).collect();
    let mut path = PathBuilder::new();
    path.move_to(-foot.0, -foot.1);
    let sag = foot.0 * TILT * HALF_ELLIPSE;
    path.cubic_to(-foot.0, -foot.1 + sag, foot.0, -foot.1 + sag, foot.0, -foot.1);
    smooth(&mut path, profile);
    let rise = rim.0 * TILT * HALF_ELLIPSE;
    path.cubic_to(rim.0, -rim.1 - rise, -rim.0, -rim.1 - rise, -rim.0, -rim.1);
    smooth(&mut path, &mirrored);
    path.close();
    path.finish()
}

/// The slice of a profile between two heights.
pub(crate) fn slice(profile: Profile<'_>, from: f32, to: f32) -> Vec<(f32, f32)> {
    let mut part = vec![(radius_at(profile, from), from)];
    part.extend(profile.iter().copied().filter(|(_, h)| *h > from && *h < to));
    part.push((radius_at(profile, to), to));
    part
}

fn radius_at(profile: Profile<'_>, h: f32) -> f32 {
    let above = profile.iter().position(|point| point.1 >= h).unwrap_or(profile.len().saturating_sub(1));
    let (low, high) = (profile[above.saturating_sub(1)], profile[above]);
    let rise = high.1 - low.1;
    if rise <= 0.0 { high.0 } else { low.0 + (high.0 - low.0) * (h - low.1) / rise }
}

/// How a turned body is finished.
#[derive(Clone, Copy)]
pub(crate) enum Top {
    /// One looks into it, upon this colour.
    Open(Tone),
    Closed,
}

impl Canvas {
    /// A turned body with its light, and its rim.
    pub(crate) fn body(&mut self, profile: Profile<'_>, tone: Tone, top: Top) {
        let widest = profile.iter().fold(0.0f32, |widest, point| widest.max(point.0));
        self.fill(turned(profile), Fill::Round(tone, -widest, widest));
        let Some((radius, h)) = profile.last().copied() else { return };
        match top {
            Top::Open(inside) => {
                self.fill(ellipse(0.0, h, radius, radius * TILT), Fill::Flat(tone.lit(0.3)));
                let (inner, depth) = (radius * 0.93, radius * 0.93 * TILT * 0.9);
                self.fill(
                    ellipse(0.0, h - 1.0, inner, depth),
                    Fill::Round(inside.shaded(0.18), inner * 1.4, -inner * 1.6),
                );
            }
            Top::Closed => self.fill(ellipse(0.0, h, radius, radius * TILT), Fill::Flat(tone.lit(0.2))),
        }
    }

    /// A band around a turned body.
    pub(crate) fn band(&mut self, profile: Profile<'_>, heights: (f32, f32), tone: Tone) {
        let widest = profile.iter().fold(0.0f32, |widest, point| widest.max(point.0));
        let part = slice(profile, heights.0, heights.1);
        let mut path = PathBuilder::new();
        let (Some(foot), Some(rim)) = (part.first(), part.last()) else { return };
        let mirrored: Vec<(f32, f32)> = part.iter().rev().map(|(radius, h)| (-radius, *h)).collect();
        path.move_to(-foot.0, -foot.1);
        let sag = foot.0 * TILT * HALF_ELLIPSE;
        path.cubic_to(-foot.0, -foot.1 + sag, foot.0, -foot.1 + sag, foot.0, -foot.1);
        smooth(&mut path, &part);
        let sag = rim.0 * TILT * HALF_ELLIPSE;
        path.cubic_to(rim.0, -rim.1 + sag, -rim.0, -rim.1 + sag, -rim.0, -rim.1);
        smooth(&mut path, &mirrored);
        path.close();
        self.fill(path.finish(), Fill::Round(tone, -widest, widest));
    }

    /// A streak of light down the left side.
    pub(crate) fn shine(&mut self, x: f32, heights: (f32, f32), width: f32) {
        let (foot, top) = heights;
        self.fill(slab(x, foot, width, top - foot, width / 2.0), Fill::Clear(WHITE, 0.34));
    }
}

impl Canvas {
    /// The shadow on the table of something so wide.
    pub(crate) fn shadow(&mut self, radius: f32) {
        self.glow(radius * 0.22, -radius * 0.05, (radius * 1.5, radius * 0.3), Tone(20, 24, 36), 0.5);
        self.glow(0.0, -radius * 0.08, (radius * 1.08, radius * 0.2), Tone(20, 24, 36), 0.55);
    }
}
