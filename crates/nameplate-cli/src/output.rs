//! Output: JSON Lines for programs, or messages for users.

use std::io::{IsTerminal, Write, stderr, stdin};

use anstyle::{AnsiColor, Style};
use nameplate::text::{is_hidden, sanitized};
use nameplate::{Error, Language, Messages, Nameplate, Problem, messages};
use serde_json::{Value, json};

const QUIET: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();
const WRONG: Style = AnsiColor::Red.on_default().bold();

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
            print(&escaped(&fields.to_string()));
        }
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
        self.problem("error", &self.messages().problem(error, None));
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

/// JSON with escaped control characters, so that it is exact and safe on a terminal.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        match is_hidden(c) {
            true => {
                let units = c.encode_utf16(&mut units).iter();
                escaped.extend(units.map(|unit| format!("\\u{unit:04x}")));
            }
            false => escaped.push(c),
        }
    }
    escaped
}

/// Ignores a closed pipe.
fn print(line: &str) {
    let mut out = anstream::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
