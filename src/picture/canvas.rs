//! The paper that pictures are drawn on: surfaces with patterns, lines, letters; and its PNG.

use tiny_skia::{
    Color, FillRule, FilterQuality, LineCap, LineJoin, Paint, Path, PathBuilder, Pattern, Pixmap,
    Rect, Shader, SpreadMode, Stroke, Transform,
};

use super::face::Face;
use crate::error::{Error, Result};

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink(pub u8, pub u8, pub u8);

/// Letters.
pub(super) const DARK: Ink = Ink(0x1c, 0x1e, 0x21);
/// Letters that say less.
pub(super) const GREY: Ink = Ink(0x5a, 0x60, 0x68);
/// Lines that lead the eye.
pub(super) const RULE: Ink = Ink(0xd5, 0xd9, 0xde);
/// What lies behind days off.
pub(super) const SHADE: Ink = Ink(0xee, 0xf0, 0xf2);
/// Where a bar could be.
pub(super) const MUTED: Ink = Ink(0xf4, 0xf5, 0xf7);
/// The paper.
pub(super) const PAPER: Ink = Ink(0xff, 0xff, 0xff);
/// The colours of Okabe and Ito, which people tell apart however they see colours.
pub(super) const BLUE: Ink = Ink(0x00, 0x72, 0xb2);
pub(super) const GREEN: Ink = Ink(0x00, 0x9e, 0x73);
pub(super) const RED: Ink = Ink(0xc2, 0x4a, 0x00);
pub(super) const PALE: Ink = Ink(0x9a, 0xa1, 0xa9);

/// How a surface is filled: the pattern says without colours what the colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    Plain(Ink),
    /// With slanting lines.
    Hatched(Ink),
    /// With dots.
    Dotted(Ink),
}

/// Where a text stands on its base line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// It begins there.
    Left,
    /// Its middle is there.
    Middle,
    /// It ends there.
    Right,
}

/// How a text is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub size: f32,
    pub ink: Ink,
    pub bold: bool,
    /// With paper around the letters, where they stand on something.
    pub halo: bool,
    pub align: Align,
}

impl Pen {
    /// Plain letters of a size, from the left.
    pub(super) fn of(size: f32, ink: Ink) -> Self {
        Self {
            size,
            ink,
            bold: false,
            halo: false,
            align: Align::Left,
        }
    }
    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    pub(super) fn halo(self) -> Self {
        Self { halo: true, ..self }
    }
    pub(super) fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }
}

/// A rectangle: left, top, width, height.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area(pub f32, pub f32, pub f32, pub f32);

/// The paper.
pub(super) struct Canvas {
    map: Pixmap,
    pub face: Face,
}

/// The side of a pattern's tile.
const TILE: u32 = 14;

fn paint(ink: Ink) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(ink.0, ink.1, ink.2, 255);
    paint
}

/// One tile of a pattern.
fn tile(fill: Fill) -> Option<Pixmap> {
    let (ink, marked): (Ink, fn(u32, u32) -> bool) = match fill {
        Fill::Plain(_) => return None,
        Fill::Hatched(ink) => (ink, |x, y| (x + y) % TILE < 5),
        Fill::Dotted(ink) => (ink, |x, y| x % 7 < 3 && y % 7 < 3),
    };
    let mut tile = Pixmap::new(TILE, TILE)?;
    tile.fill(Color::from_rgba8(ink.0, ink.1, ink.2, 255));
    let light = Color::WHITE.premultiply().to_color_u8();
    for (at, pixel) in (0..).zip(tile.pixels_mut()) {
        if marked(at % TILE, at / TILE) {
            *pixel = light;
        }
    }
    Some(tile)
}

impl Canvas {
    /// White paper.
    pub(super) fn new(face: Face, width: f32, height: f32) -> Result<Self> {
        let map = Pixmap::new(width.ceil() as u32, height.ceil() as u32);
        let mut map = map.ok_or_else(|| Error::other("a picture of no size"))?;
        map.fill(Color::WHITE);
        Ok(Self { map, face })
    }

    /// A filled rectangle; what is too thin to be seen is a line.
    pub(super) fn area(&mut self, Area(x, y, width, height): Area, fill: Fill) {
        if let Some(rect) = Rect::from_xywh(x, y, width.max(1.0), height.max(1.0)) {
            self.fill(&PathBuilder::from_rect(rect), fill);
        }
    }

    /// A filled circle.
    pub(super) fn disc(&mut self, (x, y): (f32, f32), radius: f32, fill: Fill) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.fill(&path, fill);
        }
    }

    fn fill(&mut self, path: &Path, fill: Fill) {
        let (Fill::Plain(ink) | Fill::Hatched(ink) | Fill::Dotted(ink)) = fill;
        let mut paint = paint(ink);
        let tile = tile(fill);
        if let Some(tile) = &tile {
            paint.shader = Pattern::new(
                tile.as_ref(),
                SpreadMode::Repeat,
                FilterQuality::Nearest,
                1.0,
                Transform::identity(),
            );
        }
        let rule = FillRule::Winding;
        self.map
            .fill_path(path, &paint, rule, Transform::identity(), None);
    }

    /// A line through points.
    pub(super) fn line(&mut self, points: &[(f32, f32)], width: f32, ink: Ink) {
        let mut path = PathBuilder::new();
        let Some((first, rest)) = points.split_first() else {
            return;
        };
        path.move_to(first.0, first.1);
        for point in rest {
            path.line_to(point.0, point.1);
        }
        if let Some(path) = path.finish() {
            self.outline(&path, width, ink);
        }
    }

    fn outline(&mut self, path: &Path, width: f32, ink: Ink) {
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        let (paint, still) = (paint(ink), Transform::identity());
        self.map.stroke_path(path, &paint, &stroke, still, None);
    }

    /// The surface between a line and a level, lightly filled.
    pub(super) fn under(&mut self, points: &[(f32, f32)], level: f32, ink: Ink) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.move_to(first.0, level);
        for point in points {
            path.line_to(point.0, point.1);
        }
        path.line_to(last.0, level);
        path.close();
        if let Some(path) = path.finish() {
            let paint = Paint {
                shader: Shader::SolidColor(Color::from_rgba8(ink.0, ink.1, ink.2, 28)),
                ..Paint::default()
            };
            let rule = FillRule::Winding;
            self.map
                .fill_path(&path, &paint, rule, Transform::identity(), None);
        }
    }

    /// A text on its base line; how wide it is.
    pub(super) fn text(&mut self, text: &str, (x, y): (f32, f32), pen: Pen) -> f32 {
        let width = self.face.width(text, pen.size);
        let left = match pen.align {
            Align::Left => x,
            Align::Middle => x - width / 2.0,
            Align::Right => x - width,
        };
        if let Some(path) = self.face.outline(text, pen.size, (left, y)) {
            if pen.halo {
                self.outline(&path, 10.0, PAPER);
            }
            self.fill(&path, Fill::Plain(pen.ink));
            if pen.bold {
                self.outline(&path, pen.size / 26.0, pen.ink);
            }
        }
        width
    }

    /// The picture as a PNG.
    pub(super) fn png(&self) -> Result<Vec<u8>> {
        let png = self.map.encode_png();
        png.map_err(|error| Error::other(format!("a picture as PNG: {error}")))
    }
}
