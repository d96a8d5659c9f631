//! What is open by unit: names above bars, so that a long name has the whole width.

use super::canvas::{Align, Area, BLUE, Canvas, DARK, Fill, GREY, MUTED, Pen, RED};
use super::face::Face;
use super::{Entry, HEAD, MARGIN, Mark, TEXT, WIDTH, legend, legend_height, legend_width};

/// One unit.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its figures in words.
    pub figures: String,
    /// What is open.
    pub live: u32,
    /// Of it, past due.
    pub overdue: u32,
    /// Not one unit but all the others.
    pub rest: bool,
}

/// The chart.
#[derive(Clone, Debug)]
pub struct Units {
    /// What it shows.
    pub heading: String,
    /// 未办结.
    pub live: String,
    /// 其中超期.
    pub overdue: String,
    /// From the one with most to the one with least.
    pub rows: Vec<Row>,
}

const ROW: f32 = 82.0;
const BAR: f32 = 24.0;
/// The line of all the others, which has no bar.
const REST: f32 = 52.0;

impl Units {
    fn entries(&self) -> Vec<Entry> {
        let entry = |fill, text: &str| Entry {
            mark: Mark::Filled(fill),
            text: text.to_owned(),
        };
        vec![
            entry(Fill::Plain(BLUE), &self.live),
            entry(Fill::Hatched(RED), &self.overdue),
        ]
    }

    /// The legend stands beside the heading if there is room.
    fn beside(&self, face: &Face) -> Option<f32> {
        let entries = self.entries();
        let left = WIDTH - MARGIN - legend_width(face, &entries);
        let heading = MARGIN + face.width(&self.heading, HEAD) + 40.0;
        (heading <= left).then_some(left)
    }

    fn head(&self, face: &Face) -> f32 {
        let own = match self.beside(face) {
            Some(_) => 0.0,
            None => legend_height(face, &self.entries()),
        };
        HEAD * 2.0 + own
    }

    pub(super) fn height(&self, face: &Face) -> f32 {
        let rows = self.rows.iter();
        let rows = rows.map(|row| if row.rest { REST } else { ROW });
        self.head(face) + rows.sum::<f32>()
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, top: f32) {
        let width = WIDTH - 2.0 * MARGIN;
        let heading = canvas.face.fit(&self.heading, HEAD, width);
        let pen = Pen::of(HEAD, DARK).bold();
        canvas.text(&heading, (MARGIN, top + HEAD * 1.3), pen);
        let entries = self.entries();
        match self.beside(&canvas.face) {
            Some(left) => legend(canvas, (left, top + HEAD * 0.45), &entries),
            None => legend(canvas, (MARGIN, top + HEAD * 1.9), &entries),
        }
        let mut y = top + self.head(&canvas.face);
        // All the others together would make each of the bars small.
        let single = self.rows.iter().filter(|row| !row.rest);
        let most = single.map(|row| row.live).max().unwrap_or(0).max(1);
        for row in &self.rows {
            let base = y + TEXT;
            let pen = Pen::of(TEXT, if row.rest { GREY } else { DARK });
            let at = (MARGIN + width, base);
            let figures = canvas.text(&row.figures, at, pen.align(Align::Right));
            let name = canvas.face.fit(&row.name, TEXT, width - figures - 30.0);
            canvas.text(&name, (MARGIN, base), pen);
            if !row.rest {
                let of = |count: u32| width * count as f32 / most as f32;
                let (late, rest) = (of(row.overdue), of(row.live.saturating_sub(row.overdue)));
                let top = base + 12.0;
                canvas.area(Area(MARGIN, top, width, BAR), Fill::Plain(MUTED));
                if rest > 0.0 {
                    let area = Area(MARGIN + late, top, rest, BAR);
                    canvas.area(area, Fill::Plain(BLUE));
                }
                if late > 0.0 {
                    canvas.area(Area(MARGIN, top, late, BAR), Fill::Hatched(RED));
                }
            }
            y += if row.rest { REST } else { ROW };
        }
    }
}
