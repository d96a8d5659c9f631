//! What was tried to find whose a finding is, rule by rule, for whoever asks why.

/// One rule, and what it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `uid`, `exact`, `normalised`, `alias`, `short_form`, `unit`, or what narrowed: `platform`, `place` …
    pub rule: &'static str,
    /// What was looked for, or looked at.
    pub tried: String,
    /// What it gave, in English.
    pub gave: String,
}

/// Collects steps where somebody asks for them; costs nothing where nobody does.
#[derive(Debug, Default)]
pub(super) struct Trail(Option<Vec<Step>>);

impl Trail {
    pub(super) fn wanted() -> Self {
        Self(Some(Vec::new()))
    }

    pub(super) fn steps(self) -> Vec<Step> {
        self.0.unwrap_or_default()
    }

    /// Notes a step; what is tried and given is only worded where it is wanted.
    pub(super) fn note(&mut self, rule: &'static str, words: impl FnOnce() -> (String, String)) {
        if let Some(steps) = &mut self.0 {
            let (tried, gave) = words();
            steps.push(Step { rule, tried, gave });
        }
    }
}
