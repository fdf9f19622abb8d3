//! Colours and their lighter and darker neighbours.

use serde::{Deserialize, Deserializer, de::Error};
use tiny_skia::Color;

/// A colour, written `#4a6b7c`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tone(pub(crate) u8, pub(crate) u8, pub(crate) u8);

pub(crate) const WHITE: Tone = Tone(255, 252, 246);
pub(crate) const INK: Tone = Tone(34, 38, 44);
pub(crate) const OAK: Tone = Tone(196, 152, 102);
pub(crate) const WALNUT: Tone = Tone(112, 78, 54);
pub(crate) const STEEL: Tone = Tone(176, 184, 190);
pub(crate) const BRASS: Tone = Tone(200, 162, 84);
pub(crate) const HEMP: Tone = Tone(206, 182, 138);
pub(crate) const LEATHER: Tone = Tone(150, 96, 58);

impl Tone {
    /// This much of the way to another colour, 0 to 1.
    pub(crate) fn towards(self, other: Self, share: f32) -> Self {
        let mix = |from: u8, to: u8| blend(f32::from(from) + (f32::from(to) - f32::from(from)) * share);
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    pub(crate) fn lit(self, share: f32) -> Self {
        self.towards(WHITE, share)
    }

    /// Shadows are a little blue, as under a wide sky.
    pub(crate) fn shaded(self, share: f32) -> Self {
        self.towards(Tone(24, 26, 38), share)
    }

    pub(crate) fn color(self, opacity: f32) -> Color {
        let mut color = Color::from_rgba8(self.0, self.1, self.2, 255);
        color.set_alpha(opacity);
        color
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn blend(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

impl<'de> Deserialize<'de> for Tone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let bits = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] =
            bits.ok_or_else(|| D::Error::custom("a colour is written #rrggbb"))?.to_be_bytes();
        Ok(Self(red, green, blue))
    }
}
