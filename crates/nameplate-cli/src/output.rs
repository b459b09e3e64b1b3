//! Output: JSON Lines for programs, or messages for users.

use std::borrow::Cow;
use std::io::{BufWriter, IsTerminal, Write, stderr, stdin};

use anstyle::{AnsiColor, Style};
use nameplate::text::{is_hidden, sanitized};
use nameplate::{Error, Language, Messages, Nameplate, Problem, messages};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::identity::identity;
use crate::table::{Lines, Table};

const QUIET: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();
const WRONG: Style = AnsiColor::Red.on_default().bold();

/// Version of the output with `--json`. Fields are only added to a version; anything else is a new
/// one (docs/json.md).
const SCHEMA: u32 = 1;

/// The kind of output, and its language.
#[derive(Clone)]
pub struct Output {
    json: bool,
    language: Language,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json, language: Language::En }
    }

    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// The language of messages.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The messages.
    pub fn messages(&self) -> &'static Messages {
        messages(self.language)
    }

    /// Prints a JSON object; nothing in user mode.
    pub fn event(&self, name: &str, mut fields: Value) {
        if self.json {
            fields["event"] = name.into();
            fields["schema"] = SCHEMA.into();
            add_times(&mut fields);
            // No escape sequence is in it, so nothing looks for one.
            let mut out = std::io::stdout().lock();
            let line = fields.to_string();
            let _ = writeln!(out, "{}", escaped(&line)).and_then(|()| out.flush());
        }
    }

    /// Prints a JSON object with one array, whose items are written one after the other: there may
    /// be thousands.
    pub fn list<T: Serialize>(&self, name: &str, field: &str, items: &[T]) {
        if self.json {
            let mut out = BufWriter::new(std::io::stdout().lock());
            let _ = write_list(&mut out, name, field, items).and_then(|()| out.flush());
        }
    }

    /// Whether lines and tables are printed.
    pub fn is_for_people(&self) -> bool {
        !self.json
    }

    /// Prints a line; nothing in JSON mode.
    pub fn line(&self, text: &str) {
        self.styled(Style::new(), text);
    }

    /// Prints a bold line.
    pub fn strong(&self, text: &str) {
        self.styled(STRONG, text);
    }

    /// Prints a dim line.
    pub fn quiet(&self, text: &str) {
        self.styled(QUIET, text);
    }

    /// Prints a table, in blocks where the terminal is narrower. COLUMNS overrides its width.
    pub fn table(&self, table: &Table) {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        match table.lines(columns.or_else(terminal)) {
            Lines::Table(lines) => {
                let mut lines = lines.iter();
                lines.next().into_iter().for_each(|header| self.strong(header));
                lines.for_each(|line| self.line(line));
            }
            Lines::Blocks(blocks) => {
                for (title, lines) in blocks {
                    self.strong(&title);
                    lines.iter().for_each(|line| self.line(line));
                }
            }
        }
    }

    fn styled(&self, style: Style, text: &str) {
        if !self.json {
            print(&format!("{style}{}{style:#}", sanitized(text)));
        }
    }

    /// Prints a line that the next one overwrites, on a terminal.
    pub fn progress(&self, text: &str) {
        if !self.json && stderr().is_terminal() {
            let _ = write!(anstream::stderr(), "\r\x1b[2K{QUIET}{}{QUIET:#}", sanitized(text));
            let _ = stderr().flush();
        }
    }

    /// Prints a line on standard error, in both modes.
    pub fn aside(&self, text: &str) {
        self.progress("");
        let _ = writeln!(anstream::stderr(), "{QUIET}{}{QUIET:#}", sanitized(text));
    }

    /// Reports what an operation waits for.
    pub fn waits_for(&self, nameplate: &Nameplate, error: &Error) {
        let Problem { message, next, .. } = nameplate.explain(self.language, error);
        self.aside(&format!("{message} {next}"));
    }

    /// Whether questions can be asked.
    pub fn can_ask(&self) -> bool {
        !self.json && stdin().is_terminal()
    }

    /// Reports an error with its next step.
    pub fn error(&self, nameplate: &Nameplate, error: &Error) {
        self.problem("error", &nameplate.explain(self.language, error));
    }

    /// Reports a notice.
    pub fn notice(&self, nameplate: &Nameplate, error: &Error) {
        self.progress("");
        self.problem("notice", &nameplate.explain(self.language, error));
    }

    /// Reports an error without the engine.
    pub fn early_error(&self, error: &Error) {
        self.problem("error", &self.messages().problem(&identity().name, error, None));
    }

    /// Prints a problem as text.
    pub fn problem(&self, event: &str, problem: &Problem) {
        let Problem { code, message, next, detail, .. } = problem;
        if self.json {
            let message = format!("{message} {next}");
            self.event(event, json!({ "code": code, "message": message, "detail": detail }));
            return;
        }
        let mut out = anstream::stderr();
        let (message, next) = (sanitized(message), sanitized(next));
        let _ = writeln!(out, "{WRONG}{message}{WRONG:#} {next}");
        if let Some(detail) = detail {
            let _ = writeln!(out, "{QUIET}{}{QUIET:#}", sanitized(detail));
        }
    }
}

fn write_list<T: Serialize>(
    out: &mut impl Write,
    name: &str,
    field: &str,
    items: &[T],
) -> std::io::Result<()> {
    write!(out, "{{\"event\":{},\"schema\":{SCHEMA},{}:[", json!(name), json!(field))?;
    let mut json = Vec::new();
    for item in items {
        if !json.is_empty() {
            out.write_all(b",")?;
        }
        let mut item = serde_json::to_value(item)?;
        add_times(&mut item);
        json.clear();
        serde_json::to_writer(&mut json, &item)?;
        out.write_all(escaped(&String::from_utf8_lossy(&json)).as_bytes())?;
    }
    writeln!(out, "]}}")
}

/// Adds `x_at_rfc3339` beside each `x_at`, which is in seconds since 1970.
fn add_times(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(add_times),
        Value::Object(fields) => {
            let times: Vec<_> = fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), rfc3339(name, value)?)))
                .collect();
            for (name, time) in times {
                fields.insert(format!("{name}_rfc3339"), time.into());
            }
            fields.values_mut().for_each(add_times);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// In UTC, such as `2026-11-29T08:00:00Z`; `None` for other fields.
fn rfc3339(name: &str, value: &Value) -> Option<String> {
    let seconds = value.as_i64().filter(|_| name.ends_with("_at"))?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

/// JSON with escaped control characters, so that it is exact and safe on a terminal.
fn escaped(json: &str) -> Cow<'_, str> {
    let hidden = |c: char| !matches!(c, ' '..='~') && is_hidden(c);
    if !json.contains(hidden) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    let mut units = [0; 2];
    for c in json.chars() {
        match hidden(c) {
            true => {
                let units = c.encode_utf16(&mut units).iter();
                escaped.extend(units.map(|unit| format!("\\u{unit:04x}")));
            }
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// Ignores a closed pipe.
fn print(line: &str) {
    let mut out = anstream::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_beside_seconds() {
        let mut value = json!({ "a": [{ "expires_at": 1_795_420_377, "read_at": null }], "at": 5 });
        add_times(&mut value);
        let expected = json!({
            "a": [{ "expires_at": 1_795_420_377, "expires_at_rfc3339": "2026-11-23T07:52:57Z", "read_at": null }],
            "at": 5,
        });
        assert_eq!(value, expected);
    }
}
