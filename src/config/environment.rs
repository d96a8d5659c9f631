//! A variable of the environment sets a key of a section (`DUBAN_TELEGRAM__TOKEN` …).

use crate::error::{Fault, Result};

/// Puts the value of `DUBAN_SECTION__KEY` into the table.
pub(super) fn put(table: &mut toml::Table, name: &str, value: &str) -> Result<()> {
    let path = name.trim_start_matches("DUBAN_").to_lowercase();
    let (section, key) = path.split_once("__").unwrap_or((&path, ""));
    let entry = table
        .entry(section.to_owned())
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let Some(inner) = entry.as_table_mut() else {
        let reason = "only keys of a section can be set by the environment";
        return Err(Fault::new(reason)
            .file("the environment")
            .column(name)
            .into());
    };
    // The environment wins, also over the other way to give the token.
    match key {
        "token" => inner.remove("token_file"),
        "token_file" => inner.remove("token"),
        _ => None,
    };
    // Seconds are the only numbers; a name of digits is a name.
    let value = match value.parse() {
        Ok(seconds) if key.ends_with("_s") => toml::Value::Integer(seconds),
        _ => value.into(),
    };
    inner.insert(key.to_owned(), value);
    Ok(())
}
