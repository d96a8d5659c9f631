//! Settings: TOML with environment overrides (`DUBAN_TELEGRAM__TOKEN` …). An unknown key is refused
//! with file, line and the nearest right name.

mod check;
mod covers;
mod environment;
mod inbound;
mod places;
mod sections;
mod sources;

use std::path::Path;

use secrecy::SecretString;

use self::environment::put;
use crate::error::{Error, Fault, Result, explain, toml_fault};

pub use places::Places;
pub use sections::{
    Audit, Data, Database, Delivery, Http, Office, Settings, Telegram, UpdateMode, time_of_day,
};

impl Settings {
    /// Reads a settings file, with the environment on top.
    pub fn load(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(Error::io(format!(
            "{shown} (copy config/duban.example.toml there, or name another with --config)"
        )))?;
        Self::read(&text, &shown, env)
    }

    /// Reads settings from a text that is called `file` in errors.
    pub fn read(
        text: &str,
        file: &str,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self> {
        // Read once for itself, so that an error has its line; then with the environment on top.
        let mut settings: Self =
            toml::from_str(text).map_err(|error| toml_fault(text, file, &error))?;
        let overrides: Vec<(String, String)> = env
            .filter(|(name, _)| name.starts_with("DUBAN_") && name.contains("__"))
            .collect();
        if !overrides.is_empty() {
            let mut table: toml::Table =
                toml::from_str(text).map_err(|error| Fault::new(error.message()).file(file))?;
            for (name, value) in &overrides {
                put(&mut table, name, value)?;
                let probe = toml::Value::Table(table.clone()).try_into::<Self>();
                settings = probe.map_err(|error| {
                    Fault::new(explain(error.message()))
                        .file("the environment")
                        .column(name)
                })?;
            }
        }
        let variables = overrides.iter().map(|(name, _)| name.as_str());
        settings.places = Places::read(text, file, variables);
        settings.check()?;
        Ok(settings)
    }

    /// The bot's token, from the settings or its file.
    pub fn token(&self) -> Result<SecretString> {
        if let Some(token) = &self.telegram.token {
            return Ok(token.clone());
        }
        let Some(path) = &self.telegram.token_file else {
            let reason = "no bot token: set telegram.token_file, or DUBAN_TELEGRAM__TOKEN in the \
                          environment; @BotFather gives one";
            return Err(Fault::new(reason).into());
        };
        let shown = format!("telegram.token_file {}", path.display());
        let text = std::fs::read_to_string(path).map_err(Error::io(shown))?;
        Ok(SecretString::from(text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(text: &str, env: &[(&str, &str)]) -> Result<Settings> {
        let env = env.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Settings::read(text, "duban.toml", env)
    }

    #[test]
    fn the_example_loads_and_the_environment_wins() {
        let text = include_str!("../../config/duban.example.toml");
        let settings = read(
            text,
            &[
                ("DUBAN_TELEGRAM__TOKEN", "1:x"),
                ("DUBAN_OFFICE__NAME", "甲"),
            ],
        );
        assert_eq!(settings.unwrap().token().unwrap().expose_secret(), "1:x");
        let both = "[telegram]\ntoken = \"1:x\"\ntoken_file = \"y\"\n";
        let error = read(both, &[]).unwrap_err().to_string();
        assert!(error.contains("token or token_file"), "{error}");
        let seconds = [
            ("DUBAN_DELIVERY__GATHER_S", "5"),
            ("DUBAN_OFFICE__NAME", "110"),
        ];
        let settings = read("", &seconds).unwrap();
        assert_eq!(
            (settings.delivery.gather_s, settings.office.name.as_str()),
            (5, "110")
        );
        let settings = read(
            "",
            &[
                ("DUBAN_TELEGRAM__TOKEN", "1:x"),
                ("DUBAN_OFFICE__NAME", "甲"),
            ],
        )
        .unwrap();
        assert_eq!(settings.office.name, "甲");
        assert_eq!(settings.token().unwrap().expose_secret(), "1:x");
        assert!(!format!("{settings:?}").contains("1:x"));
        assert_eq!(read(text, &[]).unwrap().sources.len(), 2);
    }

    #[test]
    fn mistakes_name_their_place_and_the_remedy() {
        for (text, want) in [
            (
                "[office]\nnmae = \"x\"\n",
                "duban.toml, row 2: unknown key \"nmae\"; did you mean \"name\"?",
            ),
            ("[offise]\n", "did you mean \"office\"?"),
            ("[office]\nwork_end = \"25:00\"\n", "write a time of day"),
            ("[[sources]]\nname = \"a\"\n", "needs a url"),
            ("[delivery]\nsend_days = \"week\"\n", "row 2"),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nrows = \"$.data[\"\n",
                "row 4, column sources.a.rows",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nschedule = \"8 30\"\n",
                "fields",
            ),
            ("[office]\ntimezone = \"Mars\"\n", "row 2"),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nleast_share = 30\n",
                "row 4, column sources.a.least_share, value \"30\": a share lies between 0 and 1",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nmode = \"incremental\"\nleast_rows = 5\n",
                "row 5, column sources.a.least_rows: means nothing with mode",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nstale_days = 99\n",
                "row 4, column sources.a.stale_days",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nleast_rows = -1\n",
                "row 4",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\n[sources.feedback.columns]\n\"状态\" = \"sate\"\n",
                "row 4: no field is called \"sate\"; did you mean \"state\"?",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\n[sources.feedback.call]\nurl = \"http://x/geheim/{{ no }}\"\n",
                "row 5, column sources.a.feedback.call.url: holds a field that is not there",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nmode = \"freshness\"\n[sources.feedback]\n",
                "means nothing with mode",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nencoding = \"gb9000\"\n",
                "row 4, column sources.a.encoding, value \"gb9000\": no such encoding",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\ndelimiter = \"tab\"\n",
                "row 4",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\ndelimiter = \"x\"\n",
                "sources.a.delimiter",
            ),
            (
                "[[sources]]\nname = \"a\"\nurl = \"http://x\"\nmax_rows = 0\n",
                "sources.a.max_rows",
            ),
            ("[telegram]\nmode = \"webhook\"\n", "telegram.webhook_url"),
            (
                "[office]\nwork_start = \"09:00\"\nwork_end = \"08:00\"\n",
                "duban.toml, row 3, column office.work_end, value \"08:00\": must be later than",
            ),
            (
                "[audit]\nheartbeat_url = \"monitor/x\"\n",
                "row 2, column audit.heartbeat_url: must be an address",
            ),
            (
                "[delivery]\nsend_after = \"22:00\"\n",
                "duban.toml, row 1, column delivery.send_until, value \"20:00\"",
            ),
            (
                "[telegram]\nmode = \"webhook\"\nwebhook_url = \"https://x.example\"\n\
                 webhook_secret = \"a b\"\n[http]\nlisten = \"127.0.0.1:1\"\n",
                "row 4, column telegram.webhook_secret",
            ),
        ] {
            let error = read(text, &[]).unwrap_err().to_string();
            assert!(error.contains(want), "{text}: {error}");
        }
        let error = read("", &[("DUBAN_OFFICE__NMAE", "x")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("DUBAN_OFFICE__NMAE") && error.contains("\"name\""),
            "{error}"
        );
    }
}
