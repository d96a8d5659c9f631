//! What the three tables of the roster have in common: how a row is told from others, compared,
//! and written.

use super::alias::Alias;
use super::columns::Kind;
use super::model::{Account, AccountState, Person, Unit};
use crate::error::Result;
use crate::store::{Bulk, Row, Value, vals};

/// A row of the roster.
pub(super) trait Record: Clone + PartialEq {
    const KIND: Kind;
    /// The counter that its ids are taken from.
    const COUNTER: &'static str;
    /// The rows that left: the id, then what [`Record::identity_of`] reads.
    const GONE: &'static str;
    /// Frees the identity of a row that left, by id, for one that is renamed to it.
    const MOVE_ASIDE: Option<&'static str> = None;

    fn id(&self) -> i64;
    fn with_id(self, id: i64) -> Self;
    /// What makes it the same row in the next import.
    fn identity(&self) -> String;
    /// The identity of a row that left.
    fn identity_of(row: &Row) -> Result<String>;
    /// The identity as a person reads it.
    fn key(&self) -> String {
        self.identity()
    }
    /// The name behind a code that says nothing to a person; empty where the key says it.
    fn label(&self) -> String {
        String::new()
    }
    /// Every field but the id, as text, by the key of its column.
    fn fields(&self) -> Vec<(&'static str, String)>;
    /// An empty batch that writes rows over those of the same id.
    fn bulk() -> Bulk;
    /// The values of the batch's columns.
    fn values(&self, id: i64, gone: bool) -> Result<Vec<Value>>;
}

fn or_empty<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

fn list(values: &[String]) -> String {
    values.join(";")
}

/// The aliases as their cell writes them.
pub(super) fn alias_texts(aliases: &[Alias]) -> Vec<String> {
    aliases.iter().map(Alias::to_string).collect()
}

fn account_identity(platform: &str, name: &str, unit: &str) -> String {
    format!("{platform}\u{1f}{name}\u{1f}{unit}")
}

/// The stored form of an account's state.
pub(super) fn state_text(state: &AccountState) -> &'static str {
    match state {
        AccountState::Active => "active",
        AccountState::Closed => "closed",
    }
}

impl Record for Unit {
    const KIND: Kind = Kind::Units;
    const COUNTER: &'static str = "unit";
    const GONE: &'static str = "select id, code from unit where gone = 1";

    fn id(&self) -> i64 {
        self.id
    }
    fn with_id(self, id: i64) -> Self {
        Self { id, ..self }
    }
    fn identity(&self) -> String {
        self.code.clone()
    }
    fn identity_of(row: &Row) -> Result<String> {
        row.text(1)
    }
    fn label(&self) -> String {
        self.name.clone()
    }
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("code", self.code.clone()),
            ("name", self.name.clone()),
            ("aliases", list(&alias_texts(&self.aliases))),
            ("parent", or_empty(self.parent.as_ref())),
            ("area", or_empty(self.area.as_ref())),
            ("kind", self.kind.clone()),
        ]
    }
    fn bulk() -> Bulk {
        let columns = &[
            "id", "code", "name", "aliases", "parent", "area", "kind", "gone",
        ];
        Bulk::into_table("unit", columns).tail(
            "on conflict (id) do update set code = excluded.code, name = excluded.name,
             aliases = excluded.aliases, parent = excluded.parent, area = excluded.area,
             kind = excluded.kind, gone = excluded.gone",
        )
    }
    fn values(&self, id: i64, gone: bool) -> Result<Vec<Value>> {
        let aliases = serde_json::to_string(&self.aliases)?;
        let (parent, area) = (self.parent.clone(), self.area.clone());
        Ok(vals![
            id, &self.code, &self.name, aliases, parent, area, &self.kind, gone
        ])
    }
}

impl Record for Account {
    const KIND: Kind = Kind::Accounts;
    const COUNTER: &'static str = "account";
    const GONE: &'static str = "select id, platform, name, unit from account where gone = 1";
    const MOVE_ASIDE: Option<&'static str> = Some(
        "update account set name = name || ' #' || cast(id as text) where id = $1 and gone = 1",
    );

    fn id(&self) -> i64 {
        self.id
    }
    fn with_id(self, id: i64) -> Self {
        Self { id, ..self }
    }
    fn identity(&self) -> String {
        account_identity(&self.platform, &self.name, &self.unit)
    }
    fn identity_of(row: &Row) -> Result<String> {
        Ok(account_identity(
            &row.text(1)?,
            &row.text(2)?,
            &row.text(3)?,
        ))
    }
    fn key(&self) -> String {
        format!("{}:{} ({})", self.platform, self.name, self.unit)
    }
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("platform", self.platform.clone()),
            ("name", self.name.clone()),
            ("uid", or_empty(self.uid.as_ref())),
            ("unit", self.unit.clone()),
            ("aliases", list(&alias_texts(&self.aliases))),
            ("homepage", or_empty(self.homepage.as_ref())),
            ("state", state_text(&self.state).to_owned()),
            ("valid_from", or_empty(self.valid_from.as_ref())),
            ("valid_to", or_empty(self.valid_to.as_ref())),
        ]
    }
    fn bulk() -> Bulk {
        let columns = &[
            "id",
            "platform",
            "name",
            "uid",
            "unit",
            "aliases",
            "homepage",
            "state",
            "valid_from",
            "valid_to",
            "gone",
        ];
        Bulk::into_table("account", columns).tail(
            "on conflict (id) do update set platform = excluded.platform, name = excluded.name,
             uid = excluded.uid, unit = excluded.unit, aliases = excluded.aliases,
             homepage = excluded.homepage, state = excluded.state,
             valid_from = excluded.valid_from, valid_to = excluded.valid_to, gone = excluded.gone",
        )
    }
    fn values(&self, id: i64, gone: bool) -> Result<Vec<Value>> {
        let day = |day: &Option<chrono::NaiveDate>| day.map(|d| d.to_string());
        Ok(vals![
            id,
            &self.platform,
            &self.name,
            self.uid.clone(),
            &self.unit,
            serde_json::to_string(&self.aliases)?,
            self.homepage.clone(),
            state_text(&self.state),
            day(&self.valid_from),
            day(&self.valid_to),
            gone
        ])
    }
}

impl Record for Person {
    const KIND: Kind = Kind::People;
    const COUNTER: &'static str = "person";
    const GONE: &'static str = "select id, code from person where gone = 1";
    const MOVE_ASIDE: Option<&'static str> = Some(
        "update person set code = code || ' #' || cast(id as text) where id = $1 and gone = 1",
    );

    fn id(&self) -> i64 {
        self.id
    }
    fn with_id(self, id: i64) -> Self {
        Self { id, ..self }
    }
    fn identity(&self) -> String {
        self.code.clone()
    }
    fn identity_of(row: &Row) -> Result<String> {
        row.text(1)
    }
    fn label(&self) -> String {
        self.name.clone()
    }
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("code", self.code.clone()),
            ("name", self.name.clone()),
            ("role", self.role.as_str().to_owned()),
            ("units", list(&self.units)),
            ("operates", list(&self.operates)),
        ]
    }
    fn bulk() -> Bulk {
        let columns = &["id", "code", "name", "role", "units", "operates", "gone"];
        Bulk::into_table("person", columns).tail(
            "on conflict (id) do update set code = excluded.code, name = excluded.name,
             role = excluded.role, units = excluded.units, operates = excluded.operates,
             gone = excluded.gone",
        )
    }
    fn values(&self, id: i64, gone: bool) -> Result<Vec<Value>> {
        let units = serde_json::to_string(&self.units)?;
        let operates = serde_json::to_string(&self.operates)?;
        Ok(vals![
            id,
            &self.code,
            &self.name,
            self.role.as_str(),
            units,
            operates,
            gone
        ])
    }
}
