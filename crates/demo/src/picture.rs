//! Pictures of the goods, drawn from what the shop's files say about them.

mod canvas;
mod cloth;
mod glass;
mod paper;
mod tone;
mod tools;
mod vessels;
mod wear;

use argosy_kernel::{Error, Result};
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use serde::Deserialize;

use self::canvas::{Canvas, Fill, SIDE, ellipse, polygon};
pub(crate) use self::tone::Tone;

/// A thing that can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Drawing {
    Mug,
    Cup,
    Bowl,
    Plate,
    Vase,
    Pot,
    Pan,
    Kettle,
    Tin,
    Mill,
    Bucket,
    Basket,
    Tumbler,
    Carafe,
    Jar,
    Candle,
    Lamp,
    Lantern,
    Flask,
    Clock,
    Tote,
    Pack,
    Pouch,
    Blanket,
    Towel,
    Cushion,
    Apron,
    Cap,
    Sweater,
    Scarf,
    Mittens,
    Socks,
    Boots,
    Notebook,
    Print,
    Card,
    Pattern,
    Pencils,
    Knife,
    Board,
    Brush,
    Hammer,
    Driver,
    Rope,
    Soap,
    Spoons,
}

impl Drawing {
    /// Small things are shown larger than they are beside others.
    fn enlarged(self) -> f32 {
        match self {
            Self::Cup | Self::Tumbler | Self::Candle => 1.5,
            Self::Mug | Self::Mill | Self::Jar | Self::Flask | Self::Tin | Self::Towel => 1.25,
            _ => 1.0,
        }
    }
}

/// From where one looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum View {
    /// The whole thing, in the middle.
    Whole,
    /// Nearer, from the side, before another wall.
    Near,
}

/// All that a picture depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Motif {
    pub(crate) drawing: Drawing,
    pub(crate) tone: Tone,
    pub(crate) wall: Tone,
    pub(crate) view: View,
}

impl Motif {
    /// The picture as a PNG.
    pub(crate) fn png(self) -> Result<Vec<u8>> {
        let no_room = || Error::internal("there is no room for a picture");
        let mut canvas = Canvas::new().ok_or_else(no_room)?;
        self.backdrop(&mut canvas);
        match self.view {
            View::Whole => canvas.stand(600.0, 905.0, 1.12 * self.drawing.enlarged(), 0.0),
            View::Near => canvas.stand(560.0, 1010.0, 1.5 * self.drawing.enlarged(), 0.0),
        }
        self.thing(&mut canvas);
        let pixmap = canvas.into_pixels();
        let mut opaque = vec![0; pixmap.data().len() / 4 * 3];
        for (colours, pixel) in opaque.chunks_exact_mut(3).zip(pixmap.data().chunks_exact(4)) {
            colours.copy_from_slice(&pixel[..3]);
        }
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up)
            .write_image(&opaque, SIDE, SIDE, ExtendedColorType::Rgb8)
            .map_err(Error::internal)?;
        Ok(png)
    }

    /// A wall, a table and the morning sun on the wall.
    fn backdrop(self, canvas: &mut Canvas) {
        let wall = match self.view {
            View::Whole => self.wall,
            View::Near => self.wall.shaded(0.1),
        };
        canvas.stand(0.0, 0.0, 1.0, 0.0);
        let square = |top: f32, bottom: f32| {
            polygon(&[(0.0, -top), (1200.0, -top), (1200.0, -bottom), (0.0, -bottom)])
        };
        canvas.wash(wall);
        let sun = match self.view {
            View::Whole => ellipse(600.0, -560.0, 430.0, 430.0),
            View::Near => ellipse(860.0, -470.0, 560.0, 560.0),
        };
        canvas.fill(sun, Fill::Flat(wall.lit(0.34)));
        let table = if self.view == View::Whole { 820.0 } else { 900.0 };
        canvas.fill(square(table, 1200.0), Fill::Down(wall.shaded(0.1), -table, wall.shaded(0.2), -1200.0));
        canvas.fill(square(table, table + 5.0), Fill::Flat(wall.lit(0.2)));
    }

    fn thing(self, canvas: &mut Canvas) {
        let tone = self.tone;
        match self.drawing {
            Drawing::Mug => vessels::mug(canvas, tone),
            Drawing::Cup => vessels::cup(canvas, tone),
            Drawing::Bowl => vessels::bowl(canvas, tone),
            Drawing::Plate => vessels::plate(canvas, tone),
            Drawing::Vase => vessels::vase(canvas, tone),
            Drawing::Pot => vessels::pot(canvas, tone),
            Drawing::Pan => vessels::pan(canvas, tone),
            Drawing::Kettle => vessels::kettle(canvas, tone),
            Drawing::Tin => vessels::tin(canvas, tone),
            Drawing::Mill => vessels::mill(canvas, tone),
            Drawing::Bucket => vessels::bucket(canvas, tone),
            Drawing::Basket => vessels::basket(canvas, tone),
            Drawing::Tumbler => glass::tumbler(canvas, tone),
            Drawing::Carafe => glass::carafe(canvas, tone),
            Drawing::Jar => glass::jar(canvas, tone),
            Drawing::Candle => glass::candle(canvas, tone),
            Drawing::Lamp => glass::lamp(canvas, tone),
            Drawing::Lantern => glass::lantern(canvas, tone),
            Drawing::Flask => glass::flask(canvas, tone),
            Drawing::Clock => glass::clock(canvas, tone),
            Drawing::Tote => cloth::tote(canvas, tone),
            Drawing::Pack => cloth::pack(canvas, tone),
            Drawing::Pouch => cloth::pouch(canvas, tone),
            Drawing::Blanket => cloth::blanket(canvas, tone),
            Drawing::Towel => cloth::towel(canvas, tone),
            Drawing::Cushion => cloth::cushion(canvas, tone),
            Drawing::Apron => cloth::apron(canvas, tone),
            Drawing::Cap => cloth::cap(canvas, tone),
            Drawing::Sweater => wear::sweater(canvas, tone),
            Drawing::Scarf => wear::scarf(canvas, tone),
            Drawing::Mittens => wear::mittens(canvas, tone),
            Drawing::Socks => wear::socks(canvas, tone),
            Drawing::Boots => wear::boots(canvas, tone),
            Drawing::Notebook => paper::notebook(canvas, tone),
            Drawing::Print => paper::print(canvas, tone),
            Drawing::Card => paper::card(canvas, tone),
            Drawing::Pattern => paper::pattern(canvas, tone),
            Drawing::Pencils => paper::pencils(canvas, tone),
            Drawing::Knife => tools::knife(canvas, tone),
            Drawing::Board => tools::board(canvas, tone),
            Drawing::Brush => tools::brush(canvas, tone),
            Drawing::Hammer => tools::hammer(canvas, tone),
            Drawing::Driver => tools::driver(canvas, tone),
            Drawing::Rope => tools::rope(canvas, tone),
            Drawing::Soap => tools::soap(canvas, tone),
            Drawing::Spoons => tools::spoons(canvas, tone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_motif_is_the_same_picture_and_another_colour_another() {
        let motif = Motif {
            drawing: Drawing::Mug,
            tone: Tone(63, 107, 134),
            wall: Tone(232, 223, 207),
            view: View::Whole,
        };
        let red = Motif { tone: Tone(214, 95, 62), ..motif };
        assert_eq!(motif.png().unwrap(), motif.png().unwrap());
        assert_ne!(motif.png().unwrap(), red.png().unwrap());
    }
}
