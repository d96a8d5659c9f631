//! The letters of pictures: the shipped font, as outlines and widths.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};
use tiny_skia::{Path, PathBuilder};

use crate::error::{Error, Result};

/// A subset of Noto Sans CJK SC; `assets/font/make.py` makes it.
const BYTES: &[u8] = include_bytes!("../../assets/font/pictures.otf");

/// The shipped font, opened.
pub(super) struct Face(FontRef<'static>);

/// Outlines in the font's upward direction become a path of the picture's downward one.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, self.y - y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, self.y - y);
    }
    fn quad_to(&mut self, ax: f32, ay: f32, x: f32, y: f32) {
        let (left, base) = (self.x, self.y);
        self.path.quad_to(left + ax, base - ay, left + x, base - y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let (left, base) = (self.x, self.y);
        let (a, b) = ((left + ax, base - ay), (left + bx, base - by));
        self.path.cubic_to(a.0, a.1, b.0, b.1, left + x, base - y);
    }
    fn close(&mut self) {
        self.path.close();
    }
}

/// Letters that are seen; the others steer the writing of a screen and have no shape.
fn seen(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ad}')
}

impl Face {
    /// Opens the font.
    pub(super) fn open() -> Result<Self> {
        let font = FontRef::new(BYTES);
        font.map(Self)
            .map_err(|error| Error::other(format!("the font of the pictures: {error}")))
    }

    /// The glyph of each letter; of one that the font has not, the box (glyph 0).
    fn glyphs(&self, text: &str) -> Vec<GlyphId> {
        let map = self.0.charmap();
        let letters = text.chars().filter(|letter| seen(*letter));
        letters
            .map(|letter| map.map(letter).unwrap_or(GlyphId::NOTDEF))
            .collect()
    }

    /// How wide a text is.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let metrics = self
            .0
            .glyph_metrics(Size::new(size), LocationRef::default());
        let glyphs = self.glyphs(text).into_iter();
        glyphs
            .map(|glyph| metrics.advance_width(glyph).unwrap_or(size))
            .sum()
    }

    /// As much of a text as fits into a width, with an ellipsis where something was left out.
    pub(super) fn fit(&self, text: &str, size: f32, width: f32) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let mut left = width - self.width("…", size);
        let mut cut = String::new();
        for letter in text.chars() {
            left -= self.width(letter.encode_utf8(&mut [0; 4]), size);
            if left < 0.0 {
                break;
            }
            cut.push(letter);
        }
        cut + "…"
    }

    /// The outlines of a text that begins at a point of its base line; none of a blank one.
    pub(super) fn outline(&self, text: &str, size: f32, (x, y): (f32, f32)) -> Option<Path> {
        let (shapes, at) = (self.0.outline_glyphs(), LocationRef::default());
        let metrics = self.0.glyph_metrics(Size::new(size), at);
        let path = PathBuilder::new();
        let mut pen = Pen { path, x, y };
        for glyph in self.glyphs(text) {
            if let Some(shape) = shapes.get(glyph) {
                // A glyph that the font has broken is left out, not the picture.
                let _ = shape.draw(DrawSettings::unhinted(Size::new(size), at), &mut pen);
            }
            pen.x += metrics.advance_width(glyph).unwrap_or(size);
        }
        pen.path.finish()
    }
}
