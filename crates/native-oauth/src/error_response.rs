//! What an error response says, in the provider's words: readable, and without what was sent in
//! confidence. Pure.

use serde_json::{Map, Value};

use crate::sent_secrets::{SECRET_MEMBERS, SentSecrets};
use crate::web_page::visible;

/// Byte order mark, which some servers put before UTF-8 text.
const MARK: char = '\u{feff}';
/// How deep an unknown body is read.
const DEPTH: usize = 6;
/// How many of its texts are read.
const TEXTS: usize = 8;

/// An error response in the terms of RFC 6749, section 5.2.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    /// The `error`, or the number that takes its place; empty where the body names none.
    pub(crate) error: String,
    /// The description; empty if there is none.
    pub(crate) description: String,
}

impl ErrorBody {
    /// Reads any body: JSON of whatever form, a page, or text.
    pub(crate) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Self::of(&fields),
            Ok(other) => Self { description: members(&other), ..Self::default() },
            Err(_) => Self {
                description: visible(String::from_utf8_lossy(body).trim_start_matches(MARK)),
                ..Self::default()
            },
        }
    }

    /// `error` may be a string, or an object, whose number is what tells it apart; a code beside it
    /// is shown before the description, because the provider's help pages are sorted by it.
    pub(crate) fn of(fields: &Map<String, Value>) -> Self {
        let object = fields.get("error").and_then(Value::as_object);
        let error = match fields.get("error") {
            Some(Value::String(error)) => error.clone(),
            Some(Value::Object(object)) => match object.get("code").and_then(Value::as_i64) {
                Some(code) => code.to_string(),
                None => member(object, "type").unwrap_or_default().to_owned(),
            },
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let said = ["error_description", "message", "msg", "error_message", "detail", "title"];
        let described = member(fields, "error_description")
            .or_else(|| object.and_then(|object| member(object, "message")))
            .or_else(|| said.iter().find_map(|name| member(fields, name)))
            .map(str::to_owned);
        let coded = ["error_code", "resultcode"].iter().find_map(|name| member(fields, name));
        // Discord lists the invalid parameters in `errors`.
        let details = fields.get("errors").map(members);
        let mut parts: Vec<_> =
            coded.map(str::to_owned).into_iter().chain(described).chain(details).collect();
        if parts.is_empty() && error.is_empty() {
            parts = vec![members(&Value::Object(fields.clone()))];
        }
        parts.retain(|part| !part.is_empty());
        Self { error, description: parts.join(": ") }
    }

    /// Without what was sent in confidence: Kakao quotes the code that it does not know (S48).
    pub(crate) fn without(self, secrets: &SentSecrets) -> Self {
        let Self { error, description } = self;
        Self { error: secrets.scrub(&error), description: secrets.scrub(&description) }
    }

    /// `error` and description, as far as they exist.
    pub(crate) fn text(&self) -> String {
        let words = [&*self.error, &*self.description];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
    }
}

fn member<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The texts and numbers of a body of unknown form, each with the name of its member:
/// `{"client_id": ["Value \"x\" is not snowflake."]}` says so of `client_id`.
fn members(value: &Value) -> String {
    let mut found = Vec::new();
    collect(value, "", DEPTH, &mut found);
    found.join("; ")
}

fn collect(value: &Value, name: &str, depth: usize, found: &mut Vec<String>) {
    if depth == 0 || found.len() >= TEXTS {
        return;
    }
    let mut say = |said: &str| match name {
        "" => found.push(said.to_owned()),
        name => found.push(format!("{name}: {said}")),
    };
    match value {
        Value::Null => {}
        Value::Bool(flag) => say(&flag.to_string()),
        Value::Number(number) => say(&number.to_string()),
        Value::String(said) => say(said),
        Value::Array(values) => values.iter().for_each(|one| collect(one, name, depth - 1, found)),
        Value::Object(fields) => {
            // Discord's `_errors` contain a code and a message for the name above.
            if let Some(message) = member(fields, "message") {
                return say(message);
            }
            let shown = fields.iter().filter(|(name, _)| !SECRET_MEMBERS.contains(&name.as_str()));
            for (own, value) in shown {
                let name = if own == "_errors" { name } else { own };
                collect(value, name, depth - 1, found);
            }
        }
    }
}

#[cfg(test)]
mod tests;
