//! What a provider answered about a person, and how its fields are read without trusting them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The bodies of the profile requests, with the claims of a verified id_token.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// Claims of the id_token, verified.
    pub id_token: Option<Value>,
    /// Body by [`super::ProfileRequest::name`].
    pub bodies: BTreeMap<&'static str, Value>,
    /// What relative picture paths are relative to, ending in `/`.
    pub avatar_base: String,
}

/// A field that the account cannot do without is missing or of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the profile has no usable `{field}`")]
pub struct Malformed {
    /// Path of the field in the body.
    pub field: &'static str,
}

impl Answers {
    /// The body of that name; `null` where it was not asked for or not given.
    pub fn body(&self, name: &str) -> &Value {
        self.bodies.get(name).unwrap_or(&Value::Null)
    }

    /// A claim of the id_token; `null` without one.
    pub fn claim(&self, name: &str) -> &Value {
        self.id_token.as_ref().map_or(&Value::Null, |claims| &claims[name])
    }
}

/// A text that is there and not blank. Anything else reads as absent, so that a provider's
/// change of type costs a field and not the sign-in.
pub fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A subject: a text, or a number, which some providers send (never through a float).
pub fn subject(value: &Value, field: &'static str) -> Result<String, Malformed> {
    let number = || value.as_u64().map(|number| number.to_string());
    text(value).or_else(number).ok_or(Malformed { field })
}

/// A flag; some issuers send it as the text `"true"` (OpenID Connect Core allows a boolean only).
pub fn flag(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str() == Some("true"))
}
