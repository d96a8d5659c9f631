//! A calendar of figures: a column a week, Monday above; working days are squares and days off discs.

use chrono::{Datelike as _, NaiveDate};

use super::canvas::{Align, Area, Canvas, DARK, Fill, GREY, Ink, PAPER, Pen};
use super::face::Face;
use super::{Entry, MARGIN, Mark, SMALL, TEXT, WIDTH, legend, legend_height};

/// From light to dark, one colour: what is dark is much, to every eye.
const STEPS: [Ink; 5] = [
    Ink(0xe6, 0xe9, 0xed),
    Ink(0xb5, 0xd4, 0xec),
    Ink(0x67, 0xa9, 0xd6),
    Ink(0x1d, 0x6f, 0xb0),
    Ink(0x06, 0x2f, 0x63),
];

/// One day.
#[derive(Clone, Debug)]
pub struct Square {
    /// The day.
    pub date: NaiveDate,
    /// Nobody works.
    pub off: bool,
    /// How many.
    pub count: u32,
}

/// The words of the calendar.
#[derive(Clone, Debug, Default)]
pub struct HeatWords {
    /// 周一 to 周日.
    pub weekdays: Vec<String>,
    /// 1月 to 12月.
    pub months: Vec<String>,
    /// 工作日.
    pub working: String,
    /// 休息日.
    pub off: String,
    /// What is counted.
    pub count: String,
}

/// The calendar.
#[derive(Clone, Debug)]
pub struct Heat {
    /// What is written.
    pub words: HeatWords,
    /// Every day, in order.
    pub days: Vec<Square>,
}

/// The counts that each step of the colour stands for, lightest first; none beyond the most.
pub(super) fn ranges(most: u32) -> Vec<(u32, u32)> {
    let steps = most.min(4);
    let mut found = vec![(0, 0)];
    let mut from = 1;
    for part in 1..=steps {
        let to = (most * part).div_ceil(steps);
        found.push((from, to));
        from = to + 1;
    }
    found
}

/// The step of the colour; the darkest is always used for the most.
pub(super) fn ink(ranges: &[(u32, u32)], count: u32) -> (Ink, Ink) {
    let place = ranges.iter().position(|(_, to)| count <= *to).unwrap_or(4);
    // With few steps they lie apart.
    let step = match (place, ranges.len()) {
        (0, _) => 0,
        (_, 2) => 3,
        (1, 3) => 2,
        (2, 3) => 4,
        (place, 4) => place + 1,
        (place, _) => place,
    };
    let letters = if step >= 3 { PAPER } else { DARK };
    (STEPS.get(step).copied().unwrap_or(PAPER), letters)
}

impl Heat {
    fn column(&self, date: NaiveDate) -> usize {
        let first = self.days.first().map_or(date, |day| day.date);
        let monday = |date: NaiveDate| {
            i64::from(date.num_days_from_ce()) - i64::from(date.weekday().num_days_from_monday())
        };
        usize::try_from((monday(date) - monday(first)) / 7).unwrap_or_default()
    }

    fn columns(&self) -> usize {
        self.days.last().map_or(1, |day| self.column(day.date) + 1)
    }

    fn left(&self, face: &Face) -> f32 {
        let names = self.words.weekdays.iter();
        let widest = names
            .map(|name| face.width(name, SMALL))
            .fold(0.0, f32::max);
        MARGIN + widest + 16.0
    }

    fn side(&self, face: &Face) -> f32 {
        ((WIDTH - MARGIN - self.left(face)) / self.columns() as f32).min(110.0)
    }

    fn ranges(&self) -> Vec<(u32, u32)> {
        ranges(self.days.iter().map(|day| day.count).max().unwrap_or(0))
    }

    fn entries(&self) -> Vec<Entry> {
        let ranges = self.ranges();
        let mut entries = vec![];
        for (from, to) in &ranges {
            let text = match (from, to) {
                (0, _) => format!("{} 0", self.words.count),
                (from, to) if from == to => from.to_string(),
                (from, to) => format!("{from}–{to}"),
            };
            let mark = Mark::Filled(Fill::Plain(ink(&ranges, *to).0));
            entries.push(Entry { mark, text });
        }
        for (mark, text) in [
            (Mark::Filled(Fill::Plain(STEPS[0])), &self.words.working),
            (Mark::Disc(Fill::Plain(STEPS[0])), &self.words.off),
        ] {
            let text = text.clone();
            entries.push(Entry { mark, text });
        }
        entries
    }

    pub(super) fn height(&self, face: &Face) -> f32 {
        SMALL * 1.7 + self.side(face) * 7.0 + 24.0 + legend_height(face, &self.entries())
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, top: f32) {
        let (left, side) = (self.left(&canvas.face), self.side(&canvas.face));
        let grid = top + SMALL * 1.7;
        let pen = Pen::of(SMALL, GREY);
        for (row, name) in self.words.weekdays.iter().enumerate() {
            let y = grid + (row as f32 + 0.5) * side + SMALL * 0.36;
            canvas.text(name, (MARGIN, y), pen);
        }
        let ranges = self.ranges();
        let mut named = None;
        for day in &self.days {
            let column = self.column(day.date);
            let row = day.date.weekday().num_days_from_monday();
            let x = left + column as f32 * side;
            let y = grid + row as f32 * side;
            let new = named.is_none_or(|at: usize| day.date.day() == 1 && column > at);
            if new {
                let month = day.date.month0() as usize;
                let name = self.words.months.get(month).map_or("", String::as_str);
                canvas.text(name, (x + 3.0, top + SMALL), pen);
                named = Some(column);
            }
            let (ink, letters) = ink(&ranges, day.count);
            let middle = (x + side / 2.0, y + side / 2.0);
            if day.off {
                canvas.disc(middle, side / 2.0 - 5.0, Fill::Plain(ink));
            } else {
                let area = Area(x + 3.0, y + 3.0, side - 6.0, side - 6.0);
                canvas.area(area, Fill::Plain(ink));
            }
            if day.count > 0 {
                let text = day.count.to_string();
                let usual = (side * 0.48).min(TEXT);
                let size = usual * (side * 0.82 / canvas.face.width(&text, usual)).min(1.0);
                let pen = Pen::of(size, letters).align(Align::Middle);
                canvas.text(&text, (middle.0, middle.1 + size * 0.36), pen);
            }
        }
        let below = grid + side * 7.0 + 24.0;
        let entries = self.entries();
        legend(canvas, (MARGIN, below), &entries);
    }
}
