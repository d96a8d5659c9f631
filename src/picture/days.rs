//! What happened by day: opened above the line, closed below it, and above both what is open.

use super::canvas::{
    Align, Area, BLUE, Canvas, DARK, Fill, GREEN, GREY, Ink, PALE, Pen, RED, RULE, SHADE,
};
use super::face::Face;
use super::{Entry, MARGIN, Mark, SMALL, TEXT, TINY, WIDTH, legend, legend_height, step};
use crate::summary::trend::{Day, monday};

/// More days than these are drawn as weeks.
pub const DAILY: usize = 93;

/// The words of the chart.
#[derive(Clone, Debug, Default)]
pub struct DaysWords {
    /// 新增.
    pub opened: String,
    /// 按期整改.
    pub in_time: String,
    /// 超期整改.
    pub late: String,
    /// 其他办结.
    pub other: String,
    /// 未办结.
    pub open: String,
    /// 休息日.
    pub off: String,
}

/// The chart.
#[derive(Clone, Debug)]
pub struct Days {
    /// What is written.
    pub words: DaysWords,
    /// Every day of the time, in order.
    pub days: Vec<Day>,
    /// Flat, where something else stands below it.
    pub flat: bool,
}

/// The bars: the days, or where there are many of them the weeks from Monday to Sunday.
pub(super) fn bars(days: &[Day]) -> Vec<Day> {
    if days.len() <= DAILY {
        return days.to_vec();
    }
    days.chunk_by(|a, b| monday(a.date) == monday(b.date))
        .filter_map(Day::sum)
        .collect()
}

/// Where the parts of the chart stand.
struct Frame {
    left: f32,
    /// The width of a bar with its gap.
    slot: f32,
    /// Top and bottom of the line's field.
    line: (f32, f32),
    /// Top and bottom of the bars' field.
    bars: (f32, f32),
    /// What the line ends at.
    most_open: u32,
    /// What the bars reach upwards and downwards.
    most: (u32, u32),
}

impl Frame {
    fn middle(&self, bar: usize) -> f32 {
        self.left + (bar as f32 + 0.5) * self.slot
    }
    fn open(&self, open: u32) -> f32 {
        let (top, bottom) = self.line;
        bottom - (bottom - top) * open as f32 / self.most_open.max(1) as f32
    }
    /// The height of one issue in a bar.
    fn unit(&self) -> f32 {
        let (up, down) = self.most;
        (self.bars.1 - self.bars.0) / (up + down).max(1) as f32
    }
    /// The line that bars stand on and hang from.
    fn zero(&self) -> f32 {
        self.bars.0 + self.most.0 as f32 * self.unit()
    }
}

/// From the field to the letters of the scale.
const SCALE: f32 = 16.0;
/// Closer together than this, two figures read as one.
const CLOSE: f32 = 24.0;
/// Room for the figures above the line, and for those above the bars.
const ABOVE: f32 = 52.0;
const BETWEEN: f32 = 54.0;

impl Days {
    fn entries(&self) -> Vec<Entry> {
        let sum = |of: fn(&Day) -> u32| self.days.iter().map(of).sum::<u32>();
        let words = &self.words;
        let entry = |mark, word: &str, count: u32| Entry {
            mark,
            text: format!("{word} {count}"),
        };
        let filled = |fill| Mark::Filled(fill);
        let mut entries = vec![
            entry(filled(Fill::Plain(BLUE)), &words.opened, sum(|d| d.opened)),
            entry(
                filled(Fill::Plain(GREEN)),
                &words.in_time,
                sum(|d| d.in_time),
            ),
            entry(filled(Fill::Hatched(RED)), &words.late, sum(|d| d.late)),
        ];
        let other = sum(|d| d.other);
        if other > 0 {
            entries.push(entry(filled(Fill::Dotted(PALE)), &words.other, other));
        }
        let open = self.days.last().map_or(0, |day| day.open);
        entries.push(entry(Mark::Line(DARK), &words.open, open));
        if self.days.len() <= DAILY && self.days.iter().any(|day| day.off) {
            entries.push(Entry {
                mark: Mark::Framed(SHADE),
                text: words.off.clone(),
            });
        }
        entries
    }

    fn heights(&self) -> (f32, f32) {
        if self.flat {
            (100.0, 210.0)
        } else {
            (230.0, 430.0)
        }
    }

    pub(super) fn height(&self, face: &Face) -> f32 {
        let (line, bars) = self.heights();
        legend_height(face, &self.entries()) + ABOVE + line + BETWEEN + bars + 40.0 + SMALL * 1.6
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, top: f32) {
        let entries = self.entries();
        legend(canvas, (MARGIN, top), &entries);
        let below = top + legend_height(&canvas.face, &entries) + ABOVE;
        let bars = bars(&self.days);
        let most = |of: fn(&Day) -> u32| bars.iter().map(of).max().unwrap_or(0);
        let most_open = most(|day| day.open);
        let (up, down) = (most(|day| day.opened), most(Day::closed));
        let widest = [most_open, up, down].map(|n| canvas.face.width(&n.to_string(), SMALL));
        let left = MARGIN + widest.into_iter().fold(0.0, f32::max) + SCALE;
        let (line, height) = self.heights();
        let frame = Frame {
            left,
            slot: (WIDTH - MARGIN - left) / bars.len().max(1) as f32,
            line: (below, below + line),
            bars: (below + line + BETWEEN, below + line + BETWEEN + height),
            most_open,
            most: if up + down == 0 { (1, 1) } else { (up, down) },
        };
        shade(canvas, &frame, &bars);
        scales(canvas, &frame);
        for (at, day) in bars.iter().enumerate() {
            bar(canvas, &frame, at, day);
        }
        figures(canvas, &frame, &bars);
        open_line(canvas, &frame, &bars);
        dates(canvas, &frame, &bars);
    }
}

/// Days off lie on grey.
fn shade(canvas: &mut Canvas, frame: &Frame, bars: &[Day]) {
    for (at, _) in bars.iter().enumerate().filter(|(_, day)| day.off) {
        let x = frame.left + at as f32 * frame.slot;
        for (top, bottom) in [frame.line, frame.bars] {
            let area = Area(x, top, frame.slot, bottom - top);
            canvas.area(area, Fill::Plain(SHADE));
        }
    }
}

/// The lines of both scales with their figures.
fn scales(canvas: &mut Canvas, frame: &Frame) {
    let mut rule = |y: f32, figure: u32, ink: Ink| {
        canvas.line(&[(frame.left, y), (WIDTH - MARGIN, y)], 2.0, ink);
        let pen = Pen::of(SMALL, GREY).align(Align::Right);
        let at = (frame.left - SCALE + 4.0, y + SMALL * 0.36);
        canvas.text(&figure.to_string(), at, pen);
    };
    let by = step(frame.most_open, 2);
    for figure in (0..=frame.most_open).step_by(by as usize) {
        rule(frame.open(figure), figure, RULE);
    }
    let (up, down) = frame.most;
    let by = step(up + down, 5);
    for figure in (by..=up).step_by(by as usize) {
        rule(frame.zero() - figure as f32 * frame.unit(), figure, RULE);
    }
    for figure in (by..=down).step_by(by as usize) {
        rule(frame.zero() + figure as f32 * frame.unit(), figure, RULE);
    }
    rule(frame.zero(), 0, DARK);
}

/// One day: opened upwards; fixed in time, fixed late and otherwise closed downwards.
fn bar(canvas: &mut Canvas, frame: &Frame, at: usize, day: &Day) {
    let gap = if frame.slot > 12.0 {
        frame.slot * 0.18
    } else {
        1.0
    };
    let (x, width) = (
        frame.left + at as f32 * frame.slot + gap / 2.0,
        frame.slot - gap,
    );
    let (unit, zero) = (frame.unit(), frame.zero());
    let up = day.opened as f32 * unit;
    if day.opened > 0 {
        canvas.area(Area(x, zero - up, width, up), Fill::Plain(BLUE));
    }
    let mut y = zero;
    for (count, fill) in [
        (day.in_time, Fill::Plain(GREEN)),
        (day.late, Fill::Hatched(RED)),
        (day.other, Fill::Dotted(PALE)),
    ] {
        if count > 0 {
            let height = count as f32 * unit;
            canvas.area(Area(x, y, width, height), fill);
            y += height;
        }
    }
}

/// The figures at the ends of the bars, if there is room for every one.
fn figures(canvas: &mut Canvas, frame: &Frame, bars: &[Day]) {
    let most = bars.iter().map(|day| day.opened.max(day.closed())).max();
    let widest = most.unwrap_or(0).to_string();
    let fits = |size: &f32| canvas.face.width(&widest, *size).max(CLOSE) <= frame.slot;
    let Some(size) = [SMALL, TINY].into_iter().find(fits) else {
        return;
    };
    let pen = Pen::of(size, DARK).align(Align::Middle);
    for (at, day) in bars.iter().enumerate() {
        let end = |count: u32| count as f32 * frame.unit();
        let above = frame.zero() - end(day.opened) - 8.0;
        let below = frame.zero() + end(day.closed()) + size * 0.72 + 10.0;
        for (count, y) in [(day.opened, above), (day.closed(), below)] {
            if count > 0 {
                canvas.text(&count.to_string(), (frame.middle(at), y), pen);
            }
        }
    }
}

/// What is open at the end of each day.
fn open_line(canvas: &mut Canvas, frame: &Frame, bars: &[Day]) {
    let points: Vec<(f32, f32)> = bars
        .iter()
        .enumerate()
        .map(|(at, day)| (frame.middle(at), frame.open(day.open)))
        .collect();
    canvas.under(&points, frame.line.1, DARK);
    canvas.line(&points, 6.0, DARK);
    let (Some(last), Some(end)) = (bars.last(), points.last()) else {
        return;
    };
    canvas.disc(*end, 11.0, Fill::Plain(DARK));
    // Where it was highest, if that is not where it ends.
    let highest = bars.iter().zip(&points).max_by_key(|(day, _)| day.open);
    let pen = Pen::of(TEXT, DARK).bold().halo();
    if let Some((day, at)) = highest
        && day.open > last.open
        && end.0 - at.0 > 130.0
    {
        canvas.disc(*at, 9.0, Fill::Plain(DARK));
        let x = at.0.max(frame.left + 40.0);
        let pen = pen.align(Align::Middle);
        canvas.text(&day.open.to_string(), (x, at.1 - 16.0), pen);
    }
    // Where the line comes from above, the figure stands below, as long as there is room.
    let before = points.iter().rev().nth(1).unwrap_or(end);
    let falls = before.1 < end.1 && frame.line.1 - end.1 > TEXT + 24.0;
    let y = if falls {
        end.1 + TEXT + 12.0
    } else {
        end.1 - 20.0
    };
    let at = (WIDTH - MARGIN, y);
    canvas.text(&last.open.to_string(), at, pen.align(Align::Right));
}

/// The dates below, as many as there is room for; the last day has one.
fn dates(canvas: &mut Canvas, frame: &Frame, bars: &[Day]) {
    let y = frame.bars.1 + 40.0 + SMALL * 1.1;
    let right = WIDTH - MARGIN;
    let mut free = right + 24.0;
    for (at, day) in bars.iter().enumerate().rev() {
        let text = day.date.format("%m-%d").to_string();
        let half = canvas.face.width(&text, SMALL) / 2.0;
        let x = frame.middle(at).clamp(MARGIN + half, right - half);
        if x + half + 24.0 <= free {
            let pen = Pen::of(SMALL, GREY).align(Align::Middle);
            canvas.text(&text, (x, y), pen);
            free = x - half;
        }
    }
}
