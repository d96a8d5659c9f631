//! Questions in plain words: 「台江区还有几个没改？」「谁还没签收」「上周严重错误有哪些」. A small grammar over known
//! names, problem types, spans of days and verbs: what it is sure of is answered, what it is not sure of is asked
//! back, and what is no question is left alone. Pure.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization as _;

use super::period::{self, Period};
use super::phrases as words;
use super::{By, Place, Question, Search, Stand};
use crate::finding::Severity;
use crate::finding::text::fold;
use crate::matching::Index;
use crate::roster::Target;
use crate::vocabulary::Vocabulary;

/// What is known to who understands.
pub struct Known<'a> {
    /// Units and accounts.
    pub index: &'a Index,
    /// Problem types.
    pub vocabulary: &'a Vocabulary,
    /// People who may be asked about: name and id.
    pub people: &'a [(String, i64)],
    /// Today, in the office's zone.
    pub today: NaiveDate,
    /// What may be looked up.
    pub admits: &'a dyn Fn(Target) -> bool,
}

/// What was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Understood {
    /// This is asked.
    Sure(Question),
    /// One of these may be asked.
    Unsure(Vec<Question>),
    /// It is no question.
    Nothing,
}

/// The longest question.
const LONGEST: usize = 50;
/// The most that is asked back.
const OFFERED: usize = 5;

/// A sentence, of which what was understood is taken out.
struct Sentence {
    /// As it was said, folded.
    said: String,
    /// What is not understood yet.
    left: String,
    places: Vec<Vec<Place>>,
    person: Option<i64>,
    period: Option<Period>,
    severity: Option<Severity>,
    category: Option<String>,
}

impl Sentence {
    fn has(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.said.contains(phrase))
    }

    /// Takes every one of these phrases out; whether there was one.
    fn take(&mut self, phrases: &[&str]) -> bool {
        let before = self.left.len();
        for phrase in phrases {
            self.left = self.left.replace(phrase, "");
        }
        self.left.len() < before
    }

    /// The first place that is named.
    fn place(&self) -> Option<Place> {
        let first = self.places.first();
        first.and_then(|places| places.first()).copied()
    }

    /// How many days the span is that is said; a month without one.
    fn days(&self) -> u32 {
        let days = self.period.map(|span| (span.to - span.from).num_days() + 1);
        let days = days.and_then(|days| u32::try_from(days).ok());
        days.unwrap_or(30).clamp(1, 366)
    }

    /// Whether a single day is said.
    fn one_day(&self) -> bool {
        self.period.is_some_and(|span| span.from == span.to)
    }

    /// Whether it says when, how grave or of what kind.
    fn narrowed(&self) -> bool {
        self.period.is_some() || self.severity.is_some() || self.category.is_some()
    }

    /// What none of the known words explains.
    fn unexplained(&self) -> String {
        let known = |c: &char| words::FILLERS.contains(*c) || c.is_ascii_punctuation();
        self.left.chars().filter(|c| !known(c)).collect()
    }
}

/// What a text asks.
pub fn understand(text: &str, known: &Known<'_>) -> Understood {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.contains(['\n', '#', '@', '/']) {
        return Understood::Nothing;
    }
    let mut sentence = read(text, known);
    let mut orders = sentence.said.clone();
    for phrase in words::NO_ORDERS {
        orders = orders.replace(phrase, "");
    }
    if words::ORDERS.iter().any(|order| orders.contains(order)) {
        return Understood::Nothing;
    }
    let asks = sentence.has(words::ASKS) || sentence.has(words::STALE);
    if !asks {
        return match bare(&sentence, 0) {
            Understood::Nothing => part(&sentence, known),
            understood => understood,
        };
    }
    let Some(question) = asked(&mut sentence) else {
        return bare(&sentence, 4);
    };
    let rest = sentence.unexplained();
    let several = sentence.places.len() > 1 || sentence.places.iter().any(|one| one.len() > 1);
    match rest.chars().count() {
        0 if !several => match uncarried(&mut sentence, &question, known.today) {
            Some(nearest) => Understood::Unsure(nearest),
            None => Understood::Sure(question),
        },
        0 => Understood::Unsure(each_place(&sentence, &question)),
        // A part of a name, perhaps; else a sentence of which too little is understood.
        n if n <= 8 => guess(&sentence, question, (&rest, n), known),
        _ => Understood::Nothing,
    }
}

/// What might be meant where a question cannot carry all that was said: its answer would have the right look
/// and be that of another question.
fn uncarried(
    sentence: &mut Sentence,
    question: &Question,
    today: NaiveDate,
) -> Option<Vec<Question>> {
    use Question::{Acts, Card, Fresh, Pending, Person, Silent, Status, Top, Trend, Unmatched};
    let place = sentence.place();
    let whole = matches!(
        question,
        Trend(_) | Top(..) | Acts(_) | Pending | Unmatched | Status | Fresh
    );
    let now = matches!(
        question,
        Silent(_) | Acts(_) | Pending | Unmatched | Fresh | Card(_) | Person(_)
    );
    let period = match question {
        Trend(_) | Top(..) => sentence.period.is_some_and(|span| span.to < today),
        _ => now && sentence.period.is_some(),
    };
    let kind = (whole || now) && (sentence.severity.is_some() || sentence.category.is_some());
    if !(whole && place.is_some() || period || kind) {
        return None;
    }
    let stand = match (question, sentence.period) {
        (Silent(_), _) => Stand::Unacknowledged,
        (_, Some(_)) => Stand::Opened,
        (_, None) => Stand::Live,
    };
    let found = Question::Found(search(sentence, stand, place));
    let mut nearest = vec![found, question.clone()];
    nearest.extend(place.filter(|_| whole).map(Card));
    Some(nearest)
}

/// Names, days, types taken out of a text.
fn read(text: &str, known: &Known<'_>) -> Sentence {
    let plain: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_lowercase();
    let found = period::find(&plain, known.today);
    let (period, rest) = match found {
        Some((period, rest)) => (Some(period), rest),
        None => (None, plain.clone()),
    };
    let said = fold(&plain);
    let mut left = fold(&rest);
    let mentions = known.index.mentioned(&left, known.today, known.admits);
    let mut places = Vec::new();
    for mention in mentions.iter().rev() {
        left.replace_range(mention.from..mention.to, "");
        places.insert(
            0,
            mention
                .targets
                .iter()
                .map(|one| Place::from(*one))
                .collect(),
        );
    }
    let mut person = None;
    for (name, id) in known.people {
        let name = fold(name);
        if name.chars().count() > 1 && left.contains(&name) {
            left = left.replace(&name, "");
            person = Some(*id);
        }
    }
    let mut category = None;
    if let Some((phrase, found)) = known.vocabulary.category_in(&left) {
        category = Some(found.id.clone());
        left = left.replace(phrase, "");
    }
    let mut severity = None;
    for (word, grave) in [
        ("单项否决", Severity::Veto),
        ("严重", Severity::Veto),
        ("一般", Severity::Normal),
    ] {
        if left.contains(word) {
            left = left.replace(word, "");
            severity = Some(grave);
            break;
        }
    }
    Sentence {
        said,
        left,
        places,
        person,
        period,
        severity,
        category,
    }
}

/// The question that the verbs of a sentence ask.
fn asked(sentence: &mut Sentence) -> Option<Question> {
    let place = sentence.place();
    if sentence.take(words::EXPORT) {
        let stand = stand(sentence).unwrap_or_default();
        return Some(Question::Export(search(sentence, stand, place)));
    }
    let plain = [
        (words::TREND, Question::Trend(sentence.days())),
        (words::UNMATCHED, Question::Unmatched),
        (words::ACTS, Question::Acts(20)),
        (words::PENDING, Question::Pending),
        (words::SILENT, Question::Silent(place)),
        (words::SIGNED, Question::Silent(place)),
    ];
    for (phrases, question) in plain {
        if sentence.take(phrases) {
            return Some(question);
        }
    }
    if sentence.take(words::MOST) {
        return Some(most(sentence));
    }
    if sentence.take(words::REPORT) {
        let there = sentence.has(words::ARRIVED);
        sentence.take(words::ARRIVED);
        let today = sentence.period.is_none() || sentence.one_day();
        return (there && today && place.is_none()).then_some(Question::Today);
    }
    if sentence.category.is_none() && sentence.take(words::STALE) {
        return Some(Question::Fresh);
    }
    if let Some(person) = sentence.person {
        stand(sentence);
        sentence.take(words::HOW);
        return Some(Question::Person(person));
    }
    of_issues(sentence, place).or_else(|| in_general(sentence, place))
}

/// Of which there is the most.
fn most(sentence: &mut Sentence) -> Question {
    let mut by = words::MOST_BY.iter();
    let by = by.find(|(word, _)| sentence.left.contains(word));
    let by = by.map_or(By::Live, |(word, by)| {
        sentence.left = sentence.left.replace(word, "");
        *by
    });
    stand(sentence);
    Question::Top(sentence.days(), by)
}

/// Issues by where they stand, when they came and what they are.
fn of_issues(sentence: &mut Sentence, place: Option<Place>) -> Option<Question> {
    if sentence.one_day() && sentence.take(&["到期"]) {
        sentence.period = None;
        return Some(Question::Found(search(sentence, Stand::DueToday, place)));
    }
    if let Some(stand) = stand(sentence) {
        let whether = sentence.has(words::WHETHER) && !sentence.has(words::WHICH);
        let stand = match stand {
            // 「都改完了吗」 wants to know what is left.
            Stand::Closed if whether => Stand::Unfixed,
            stand => stand,
        };
        let who = sentence.has(words::WHO);
        return Some(match stand {
            Stand::Unacknowledged if who => Question::Silent(place),
            stand => Question::Found(search(sentence, stand, place)),
        });
    }
    if !sentence.narrowed() {
        return None;
    }
    sentence.take(words::HOW);
    let stand = match sentence.period {
        Some(_) => Stand::Opened,
        None => Stand::Live,
    };
    Some(Question::Found(search(sentence, stand, place)))
}

/// How somebody or everything does, or how much there is at all.
fn in_general(sentence: &mut Sentence, place: Option<Place>) -> Option<Question> {
    let how = sentence.take(words::HOW);
    let all = ["多少问题", "几个问题", "哪些问题", "什么问题"];
    match place {
        Some(place) if how => Some(Question::Card(place)),
        None if how => Some(Question::Status),
        Some(_) if sentence.has(words::WHICH) => {
            Some(Question::Found(search(sentence, Stand::Live, place)))
        }
        None if sentence.has(&all) => Some(Question::Found(search(sentence, Stand::Live, None))),
        _ => None,
    }
}

/// Where the issues stand that are meant, taken out of the sentence.
fn stand(sentence: &mut Sentence) -> Option<Stand> {
    let (word, stand) = words::STANDS
        .iter()
        .find(|(word, _)| sentence.left.contains(word))?;
    sentence.left = sentence.left.replace(word, "");
    Some(*stand)
}

fn search(sentence: &Sentence, stand: Stand, place: Option<Place>) -> Search {
    Search {
        stand,
        place,
        severity: sentence.severity,
        category: sentence.category.clone(),
        period: sentence.period,
    }
}

/// A question about another place.
fn about(question: &Question, place: Place) -> Option<Question> {
    Some(match question {
        Question::Found(search) => Question::Found(Search {
            place: Some(place),
            ..search.clone()
        }),
        Question::Export(search) => Question::Export(Search {
            place: Some(place),
            ..search.clone()
        }),
        Question::Silent(_) => Question::Silent(Some(place)),
        Question::Card(_) | Question::Status => Question::Card(place),
        _ => return None,
    })
}

/// The question about each of the places that a sentence may mean.
fn each_place(sentence: &Sentence, question: &Question) -> Vec<Question> {
    let places = sentence.places.iter().flatten();
    let mut all: Vec<Question> = places.filter_map(|place| about(question, *place)).collect();
    if all.is_empty() {
        all.push(question.clone());
    }
    all.truncate(OFFERED);
    all
}

/// What might be asked by a sentence of which some letters are not understood.
fn guess(
    sentence: &Sentence,
    question: Question,
    (rest, letters): (&str, usize),
    known: &Known<'_>,
) -> Understood {
    let called = match sentence.places.is_empty() && letters > 1 {
        true => known.index.called(rest, known.today, known.admits),
        false => crate::matching::Called::default(),
    };
    // A good part of one name only: the answer says whose it is.
    if let ([one], true) = (called.hits.as_slice(), letters > 2)
        && let Some(question) = about(&question, Place::from(*one))
    {
        return Understood::Sure(question);
    }
    let places = called.hits.into_iter().chain(called.near).map(Place::from);
    let mut all: Vec<Question> = places.filter_map(|place| about(&question, place)).collect();
    all.truncate(OFFERED - 1);
    // What is asked of everything would not answer what was asked of somebody who is not known.
    let vague = question == Question::Status;
    if all.is_empty() && (letters > 2 || vague) {
        return Understood::Nothing;
    }
    if letters < 3 {
        all.push(question);
    }
    Understood::Unsure(all)
}

/// A part of a few names and nothing else.
fn part(sentence: &Sentence, known: &Known<'_>) -> Understood {
    let letters = sentence.said.chars().count();
    if sentence.narrowed() || !(2..=12).contains(&letters) {
        return Understood::Nothing;
    }
    let hits = known
        .index
        .called(&sentence.said, known.today, known.admits)
        .hits;
    match hits.len() {
        1..=OFFERED => {
            let cards = hits.into_iter().map(|one| Question::Card(Place::from(one)));
            Understood::Unsure(cards.collect())
        }
        _ => Understood::Nothing,
    }
}

/// A name and nothing else, or a name of which something is asked that is not understood, in so many letters.
fn bare(sentence: &Sentence, most: usize) -> Understood {
    let rest = match most {
        0 => sentence
            .left
            .chars()
            .filter(|c| c.is_alphanumeric())
            .count(),
        _ => sentence.unexplained().chars().count(),
    };
    let named = !sentence.places.is_empty() || sentence.person.is_some();
    if !named || rest > most {
        return Understood::Nothing;
    }
    let mut all: Vec<Question> = sentence
        .places
        .iter()
        .flatten()
        .map(|place| Question::Card(*place))
        .collect();
    all.extend(sentence.person.map(Question::Person));
    all.truncate(OFFERED);
    Understood::Unsure(all)
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
