//! What is printed: JSON objects for programs, sentences for people.

use std::io::{IsTerminal, Write, stderr, stdin};

use anstyle::{AnsiColor, Style};
use nameplate::text::{is_hidden, sanitized};
use nameplate::{Error, Language, Login, Messages, Problem, messages};
use serde_json::{Value, json};

const QUIET: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();
const WRONG: Style = AnsiColor::Red.on_default().bold();

/// Who is spoken to, and in which language.
#[derive(Clone)]
pub struct Say {
    json: bool,
    language: Language,
}

impl Say {
    pub fn new(json: bool) -> Self {
        Self { json, language: Language::En }
    }

    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// The language that is spoken.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The sentences.
    pub fn messages(&self) -> &'static Messages {
        messages(self.language)
    }

    /// One object for programs; nothing for people.
    pub fn event(&self, name: &str, mut fields: Value) {
        if self.json {
            fields["event"] = name.into();
            print(&escaped(&fields.to_string()));
        }
    }

    /// A line for people; nothing for programs.
    pub fn line(&self, text: &str) {
        self.styled(Style::new(), text);
    }

    /// A line for people that stands out.
    pub fn strong(&self, text: &str) {
        self.styled(STRONG, text);
    }

    /// A line for people that stands back.
    pub fn quiet(&self, text: &str) {
        self.styled(QUIET, text);
    }

    fn styled(&self, style: Style, text: &str) {
        if !self.json {
            print(&format!("{style}{}{style:#}", sanitized(text)));
        }
    }

    /// A line that is written over by the next, where a person watches a terminal.
    pub fn progress(&self, text: &str) {
        if !self.json && stderr().is_terminal() {
            let _ = write!(anstream::stderr(), "\r\x1b[2K{QUIET}{}{QUIET:#}", sanitized(text));
            let _ = stderr().flush();
        }
    }

    /// A line beside what is printed: on the standard error, for people and beside programs.
    pub fn aside(&self, text: &str) {
        self.progress("");
        let _ = writeln!(anstream::stderr(), "{QUIET}{}{QUIET:#}", sanitized(text));
    }

    /// What is waited for.
    pub fn waits_for(&self, login: &Login, error: &Error) {
        let Problem { message, next, .. } = login.explain(self.language, error);
        self.aside(&format!("{message} {next}"));
    }

    /// Whether somebody can be asked.
    pub fn can_ask(&self) -> bool {
        !self.json && stdin().is_terminal()
    }

    /// What went wrong, and what to do next.
    pub fn error(&self, login: &Login, error: &Error) {
        self.problem("error", &login.explain(self.language, error));
    }

    /// What the person should know while waiting.
    pub fn notice(&self, login: &Login, error: &Error) {
        self.progress("");
        self.problem("notice", &login.explain(self.language, error));
    }

    /// What went wrong before there was an engine.
    pub fn early_error(&self, error: &Error) {
        self.problem("error", &self.messages().problem(error, None));
    }

    /// A problem in words.
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

/// JSON whose hidden characters are escaped: exact for a program, and harmless on a terminal.
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

/// A reader that went away is no fault of ours.
fn print(line: &str) {
    let mut out = anstream::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
