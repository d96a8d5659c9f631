//! The rules of the accounts' rows: a platform that is known, a unit that is there, no uid that a spreadsheet cut.

use std::collections::HashMap;

use super::faults::Faults;
use super::known::Known;
use super::row::{aliases, day, former, needed, once, optional};
use crate::roster::alias::Alias;
use crate::roster::event::{Bearer, Former};
use crate::roster::model::{Account, AccountState, Roster};
use crate::roster::read::Row;

/// Reads the rows of accounts, and the names that they bore before.
pub(in super::super) fn accounts(
    rows: &[Row<'_>],
    known: &Known<'_>,
    current: &Roster,
    faults: &mut Faults,
) -> (Vec<Account>, Vec<Former>) {
    let key = |a: &Account| (a.platform.clone(), a.name.clone(), a.unit.clone());
    let stored: HashMap<_, &Account> = current.accounts.iter().map(|a| (key(a), a)).collect();
    let by_uid: HashMap<_, &Account> = current
        .accounts
        .iter()
        .filter_map(|a| Some(((a.platform.as_str(), a.uid.as_deref()?), a)))
        .collect();
    let (mut seen, mut uids) = (HashMap::new(), HashMap::new());
    let (mut accounts, mut named) = (Vec::new(), Vec::new());
    for &row in rows {
        let platform = needed(row, "platform", faults);
        let platform = (known.platform_of)(&platform).unwrap_or_else(|| {
            if !platform.is_empty() {
                let text = "is not a platform that the vocabulary knows: correct it, or add the name to \
                            the vocabulary";
                faults.push(row.fault("platform", text));
            }
            platform
        });
        let name = needed(row, "name", faults);
        let unit = needed(row, "unit", faults);
        let unit = known.unit(&unit).unwrap_or_else(|reason| {
            if !unit.is_empty() {
                faults.push(row.fault("unit", reason));
            }
            unit
        });
        let at = (platform, name, unit);
        let uid = by_uid.get(&(at.0.as_str(), row.get("uid"))).copied();
        let old = stored.get(&at).copied().or(uid);
        let is_code = |code: &str| known.codes.contains(code);
        let aliases = aliases(row, old.map(|a| &a.aliases), &is_code, faults);
        let account = account(row, &at, aliases, old, faults);
        let bearer = Bearer::Account(at.0.clone(), at.1.clone(), at.2.clone());
        named.extend(former(row, ("former", "renamed_on"), &bearer, faults));
        if !at.1.is_empty() {
            once(&mut seen, at, row, "name", faults);
        }
        if let Some(uid) = &account.uid {
            once(
                &mut uids,
                (account.platform.clone(), uid.clone()),
                row,
                "uid",
                faults,
            );
        }
        accounts.push(account);
    }
    (accounts, named)
}

fn account(
    row: Row<'_>,
    (platform, name, unit): &(String, String, String),
    aliases: Vec<Alias>,
    stored: Option<&Account>,
    faults: &mut Faults,
) -> Account {
    let uid = optional(row, "uid", stored.and_then(|a| a.uid.as_ref()));
    if uid.as_deref().is_some_and(lost_digits) {
        let text = "a spreadsheet has cut this number short: format the column as text and enter the \
                    uid again";
        faults.push(row.fault("uid", text));
    }
    let state = match row.get("state").to_lowercase().as_str() {
        "" if row.has("state") => AccountState::Active,
        "" => stored.map_or(AccountState::Active, |a| a.state),
        "active" | "正常" | "启用" | "在用" | "正常运行" | "运行" | "运行中" | "已认证" => {
            AccountState::Active
        }
        "closed" | "注销" | "关停" | "停用" | "已注销" | "已关停" | "已停用" | "关闭"
        | "已关闭" | "停更注销" => AccountState::Closed,
        _ => {
            faults.push(row.fault(
                "state",
                "is neither active/正常 nor closed/注销: write one of them",
            ));
            AccountState::Active
        }
    };
    let valid_from = day(row, "valid_from", stored.and_then(|a| a.valid_from), faults);
    let valid_to = day(row, "valid_to", stored.and_then(|a| a.valid_to), faults);
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && to < from
    {
        faults.push(row.fault(
            "valid_to",
            format!("is before valid_from {from}: correct one of them"),
        ));
    }
    Account {
        id: 0,
        platform: platform.clone(),
        name: name.clone(),
        uid,
        unit: unit.clone(),
        aliases,
        homepage: optional(row, "homepage", stored.and_then(|a| a.homepage.as_ref())),
        state,
        valid_from,
        valid_to,
    }
}

/// `1.23E+17`: what a spreadsheet makes of a long number.
fn lost_digits(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
    let power = power.strip_prefix('+').unwrap_or(power);
    number
        .split_once('.')
        .is_some_and(|(a, b)| digits(a) && digits(b))
        && digits(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_cut_by_a_spreadsheet_are_seen() {
        for (text, lost) in [
            ("1.23E+17", true),
            ("1.2345E18", true),
            ("gh_1e5", false),
            ("12E4", false),
            ("E", false),
        ] {
            assert_eq!(lost_digits(text), lost, "{text}");
        }
    }
}
