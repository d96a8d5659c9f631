//! What was decided about people in the chat stands beside the office's table as long as the table says what it
//! said before.

use super::change::Diff;
use super::difference::differences;
use super::model::{Person, Said};
use super::record::Record as _;

/// The changes of people without those that would undo what was decided in the chat while the table still
/// says what it said before; what stays so, in words; and the people of whom the table decides again. Who
/// was added in the chat and is new in the table under another code is one and the same by name, role and
/// unit.
pub(super) fn beside_the_chat(
    mut diff: Diff<Person>,
    said: &[Said],
    rows: &[Person],
) -> (Diff<Person>, Vec<String>, Vec<i64>) {
    let (mut notes, mut agreed) = (Vec::new(), Vec::new());
    for one in said {
        let now = &one.now;
        let row = rows.iter().find(|row| row.code == now.code);
        let as_before = match (&one.before, row) {
            (None, None) => true,
            (Some(before), Some(row)) => row.clone().with_id(before.id) == *before,
            _ => false,
        };
        let namesake = |row: &Person| {
            let shares = || row.units.iter().any(|unit| now.units.contains(unit));
            row.name == now.name && row.role == now.role && shares()
        };
        let listed = diff.added.iter().position(namesake);
        if let (None, None, false, Some(at)) = (&one.before, row, one.gone, listed) {
            let row = diff.added.remove(at).with_id(now.id);
            let details = differences(now, &row);
            diff.gone.retain(|gone| gone.id != now.id);
            diff.changed.push((row, details));
            agreed.push(now.id);
            continue;
        }
        if !as_before {
            agreed.push(now.id);
            continue;
        }
        let counts = [diff.added.len(), diff.changed.len(), diff.gone.len()];
        diff.added.retain(|row| row.code != now.code);
        diff.changed.retain(|(row, _)| row.id != now.id);
        diff.gone.retain(|row| row.id != now.id);
        if counts != [diff.added.len(), diff.changed.len(), diff.gone.len()] {
            let what = match (one.gone, &one.before) {
                (true, _) => "was replaced in the chat and stays away: take the row out",
                (false, None) => "was added in the chat and stays: add the row",
                (false, Some(_)) => {
                    "was changed in the chat and stays so: bring the row up to date"
                }
            };
            notes.push(format!(
                "{} {} {what} (`duban roster export` shows it)",
                now.code, now.name
            ));
        }
    }
    (diff, notes, agreed)
}
