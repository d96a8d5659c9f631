//! Pictures of figures: what happened by day, what is open by unit, a unit's calendar; drawn as PNG for
//! a phone. Pure: the figures and every word come in, bytes go out.

mod canvas;
mod days;
mod face;
mod heat;
pub mod say;
#[cfg(test)]
mod tests;
mod units;

pub use days::{Days, DaysWords};
pub use heat::{Heat, HeatWords, Square};
pub use units::{Row, Units};

use canvas::{Area, Canvas, DARK, Fill, GREY, Ink, Pen, RULE};
use face::Face;

use crate::error::Result;

/// The width of every picture: that of a phone's screen.
pub const WIDTH: f32 = 1080.0;
/// White around everything.
const MARGIN: f32 = 40.0;
/// The sizes of letters: on a phone a third of these.
const TITLE: f32 = 52.0;
const HEAD: f32 = 42.0;
const TEXT: f32 = 37.0;
const SMALL: f32 = 31.0;
const TINY: f32 = 27.0;

/// A picture: a title and what stands below it.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Whose figures.
    pub title: String,
    /// Of which time.
    pub note: String,
    /// From above to below.
    pub panels: Vec<Panel>,
}

/// A part of a picture.
#[derive(Clone, Debug)]
pub enum Panel {
    /// What happened by day, and what is open.
    Days(Days),
    /// What is open by unit.
    Units(Units),
    /// A calendar.
    Heat(Heat),
}

impl Panel {
    fn height(&self, face: &Face) -> f32 {
        match self {
            Self::Days(days) => days.height(face),
            Self::Units(units) => units.height(face),
            Self::Heat(heat) => heat.height(face),
        }
    }

    fn draw(&self, canvas: &mut Canvas, top: f32) {
        match self {
            Self::Days(days) => days.draw(canvas, top),
            Self::Units(units) => units.draw(canvas, top),
            Self::Heat(heat) => heat.draw(canvas, top),
        }
    }
}

impl Sheet {
    /// Draws it; the same figures are the same bytes.
    pub fn draw(&self) -> Result<Vec<u8>> {
        let face = Face::open()?;
        let heights: Vec<f32> = self
            .panels
            .iter()
            .map(|panel| panel.height(&face))
            .collect();
        let head = MARGIN + TITLE + TEXT + 46.0;
        let total = head + heights.iter().sum::<f32>() + MARGIN;
        let mut canvas = Canvas::new(face, WIDTH, total)?;
        let title = canvas.face.fit(&self.title, TITLE, WIDTH - 2.0 * MARGIN);
        let pen = Pen::of(TITLE, DARK).bold();
        canvas.text(&title, (MARGIN, MARGIN + TITLE * 0.8), pen);
        let note = canvas.face.fit(&self.note, TEXT, WIDTH - 2.0 * MARGIN);
        let below = MARGIN + TITLE + TEXT + 10.0;
        canvas.text(&note, (MARGIN, below), Pen::of(TEXT, GREY));
        let mut top = head;
        for (panel, height) in self.panels.iter().zip(heights) {
            panel.draw(&mut canvas, top);
            top += height;
        }
        canvas.png()
    }
}

/// How an entry of a legend is marked.
#[derive(Clone, Copy, Debug)]
enum Mark {
    Filled(Fill),
    Line(Ink),
    Disc(Fill),
    Framed(Ink),
}

/// An entry of a legend: its mark and what it means.
struct Entry {
    mark: Mark,
    text: String,
}

const SWATCH: f32 = 40.0;
const ENTRY_GAP: f32 = 34.0;
const LEGEND_LINE: f32 = TEXT * 1.5;

fn entry_width(face: &Face, entry: &Entry) -> f32 {
    SWATCH + 12.0 + face.width(&entry.text, TEXT)
}

/// Where each entry of a legend stands, from its left and by its line, and how many lines there are.
fn places(face: &Face, entries: &[Entry], room: f32) -> (Vec<(f32, usize)>, usize) {
    let (mut x, mut line) = (0.0, 0);
    let mut found = Vec::new();
    for entry in entries {
        let width = entry_width(face, entry);
        if x > 0.0 && x + width > room + 1.0 {
            (x, line) = (0.0, line + 1);
        }
        found.push((x, line));
        x += width + ENTRY_GAP;
    }
    (found, line + 1)
}

fn legend_height(face: &Face, entries: &[Entry]) -> f32 {
    places(face, entries, WIDTH - 2.0 * MARGIN).1 as f32 * LEGEND_LINE
}

/// The width of a legend on one line.
fn legend_width(face: &Face, entries: &[Entry]) -> f32 {
    let each = entries
        .iter()
        .map(|entry| entry_width(face, entry) + ENTRY_GAP);
    each.sum::<f32>() - ENTRY_GAP
}

fn legend(canvas: &mut Canvas, (left, top): (f32, f32), entries: &[Entry]) {
    let (places, _) = places(&canvas.face, entries, WIDTH - MARGIN - left);
    for (entry, (x, line)) in entries.iter().zip(places) {
        let x = left + x;
        let y = top + line as f32 * LEGEND_LINE;
        let middle = y + TEXT * 0.62;
        match entry.mark {
            Mark::Filled(fill) => {
                canvas.area(Area(x, middle - 15.0, SWATCH, 30.0), fill);
            }
            Mark::Framed(ink) => {
                canvas.area(Area(x, middle - 15.0, SWATCH, 30.0), Fill::Plain(RULE));
                let inside = Area(x + 2.0, middle - 13.0, SWATCH - 4.0, 26.0);
                canvas.area(inside, Fill::Plain(ink));
            }
            Mark::Line(ink) => {
                let ends = [(x, middle), (x + SWATCH, middle)];
                canvas.line(&ends, 6.0, ink);
                canvas.disc((x + SWATCH / 2.0, middle), 10.0, Fill::Plain(ink));
            }
            Mark::Disc(fill) => {
                canvas.disc((x + SWATCH / 2.0, middle), 16.0, fill);
            }
        }
        let at = (x + SWATCH + 12.0, y + TEXT * 0.95);
        canvas.text(&entry.text, at, Pen::of(TEXT, DARK));
    }
}

/// A step of a scale that reads well, so that about `parts` of them make up the whole.
fn step(whole: u32, parts: u32) -> u32 {
    let least = whole.div_ceil(parts.max(1)).max(1);
    let mut ten = 1_u32;
    loop {
        for nice in [1, 2, 5] {
            if ten.saturating_mul(nice) >= least {
                return ten.saturating_mul(nice);
            }
        }
        ten = ten.saturating_mul(10);
    }
}
