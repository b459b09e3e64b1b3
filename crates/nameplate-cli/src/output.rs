//! Output: JSON Lines for programs, or messages for users.

mod json;
mod json_list;

use std::io::{BufWriter, IsTerminal, Write, stderr, stdin};

use anstyle::{AnsiColor, Style};
use nameplate::text::sanitized;
use nameplate::{Error, Language, Messages, Nameplate, Problem, messages};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::identity::identity;
use crate::table::{Lines, Table};
use json::{add_times, escaped};

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
            let _ = json_list::write(&mut out, name, field, items).and_then(|()| out.flush());
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

    /// Asks a question, which is the key of a message. The answer is one line, trimmed, and empty if
    /// none can be read.
    pub fn ask(&self, question: &str, filled: &[(&str, &str)]) -> String {
        let question = self.messages().command(question, filled);
        let mut out = anstream::stdout();
        let _ = write!(out, "{} ", question.trim_end()).and_then(|()| out.flush());
        let mut answer = String::new();
        let _ = stdin().read_line(&mut answer);
        answer.trim().to_owned()
    }

    /// Reports an error with its next step.
    pub fn error(&self, nameplate: &Nameplate, failure: &Failure) {
        self.problem("error", &failure.problem(nameplate, self.language));
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

/// Ignores a closed pipe.
fn print(line: &str) {
    let mut out = anstream::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
