//! When notices come to a person, and why then, in the catalogue's words.

use minijinja::context;

use super::text::{clip, tame};
use super::view::Lens;
use crate::error::Result;
use crate::hours::{Days, LEAST, Origin, Own, Sending, Span, Window, latest};

fn span((from, to): Span) -> String {
    let time = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{}–{}", time(from), time(to))
}

fn window(of: &Window) -> String {
    let time = |time: chrono::NaiveTime| time.format("%H:%M").to_string();
    format!("{}–{}", time(of.after), time(of.until))
}

fn quiet(own: &Own) -> Option<String> {
    let (from, to) = own.quiet?;
    Some(format!("{}–{}", from.format("%H:%M"), to.format("%H:%M")))
}

impl Lens<'_> {
    /// What holds now for a person, and from where; `set` is what they set, whether it holds or not.
    pub fn quiet(&self, sending: &Sending, set: Option<Own>, changed: bool) -> Result<String> {
        let spans: Vec<String> = sending.spans().into_iter().map(span).collect();
        let unit = match &sending.origin {
            Origin::Unit(code) => Some(self.roster.unit(code).map_or(code.as_str(), |u| &u.name)),
            Origin::Office | Origin::Person => None,
        };
        let opens = self.rules.opens(sending, self.now);
        let waits = opens > self.now;
        self.words.text(
            "quiet",
            context! {
                changed => changed,
                times => spans.join(self.words.term("comma")),
                working => sending.days() == Days::Working,
                opens => waits.then(|| self.time(opens.timestamp_millis())),
                own => set.map(|own| context! {
                    quiet => quiet(&own), working => own.days == Days::Working,
                    holds => sending.own.is_some(),
                }),
                origin => match &sending.origin {
                    Origin::Office => "office",
                    Origin::Unit(_) => "unit",
                    Origin::Person => "person",
                },
                unit => unit.map(|name| clip(&tame(name), 40).into_owned()),
                window => window(&sending.window),
                window_working => sending.window.days == Days::Working,
            },
        )
    }

    /// That quiet hours would leave too little of a window, and what would do.
    pub fn quiet_refused(&self, of: Window, own: Own) -> Result<String> {
        let from = own.quiet.map(|(from, _)| from);
        let last = from.and_then(|from| latest(of, from));
        self.words.text(
            "quiet_refused",
            context! {
                asked => quiet(&own), window => window(&of), hours => LEAST / 60,
                from => from.map(|time| time.format("%H:%M").to_string()),
                last => last.map(|time| time.format("%H:%M").to_string()),
            },
        )
    }
}
