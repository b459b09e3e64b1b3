//! What a provider answered about a user, and how its fields are read without trusting them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::profile::Profile;
use crate::text::sanitized;

/// The bodies of the profile requests, with the claims of a verified id_token.
#[derive(Debug, Clone, Default)]
pub struct ProfileResponses {
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
pub struct MissingField {
    /// Path of the field in the body.
    pub field: &'static str,
}

impl ProfileResponses {
    /// The body of that name; `null` where it was not asked for or not given.
    pub fn body(&self, name: &str) -> &Value {
        self.bodies.get(name).unwrap_or(&Value::Null)
    }

    /// A claim of the id_token; `null` without one.
    pub fn claim(&self, name: &str) -> &Value {
        self.id_token.as_ref().map_or(&Value::Null, |claims| &claims[name])
    }

    /// The profile in standard claims (OpenID Connect Core, section 5.1): userinfo's where it has
    /// them, else those of the id_token.
    pub fn standard_profile(&self) -> Result<Profile, MissingField> {
        let address = self.of_address();
        let email = text(&address["email"]);
        Ok(Profile {
            subject: self.subject("userinfo", "sub")?,
            nickname: self.display_name(),
            email_verified: email.is_some() && flag(&address["email_verified"]),
            email,
            birthday: self.standard("birthdate").map(|date| date.replacen("0000-", "--", 1)),
            gender: self.standard("gender"),
            phone: self.standard("phone_number"),
            picture: self.standard("picture"),
            age_range: None,
        })
    }

    /// The subject that the body names, or the id_token where there is no such body.
    pub fn subject(&self, body: &str, field: &'static str) -> Result<String, MissingField> {
        match self.body(body) {
            Value::Null => subject(self.claim("sub"), "sub"),
            body => subject(&body[field], field),
        }
    }

    /// A standard claim that is there and not blank.
    pub fn standard(&self, name: &str) -> Option<String> {
        [&self.body("userinfo")[name], self.claim(name)].into_iter().find_map(text)
    }

    /// The claims with the address; whether it is verified is read from the same source.
    pub fn of_address(&self) -> &Value {
        let sources = [Some(self.body("userinfo")), self.id_token.as_ref()];
        let mut sources = sources.into_iter().flatten();
        sources.find(|claims| text(&claims["email"]).is_some()).unwrap_or(&Value::Null)
    }

    /// The name to show: the full one, else the user name or nickname.
    pub fn display_name(&self) -> Option<String> {
        let known = ["preferred_username", "nickname"];
        self.full_name().or_else(|| known.iter().find_map(|name| self.standard(name)))
    }

    /// `name`, else its parts. The personal accounts of Microsoft write those in one word.
    pub fn full_name(&self) -> Option<String> {
        let part = |one: &str, other: &str| self.standard(one).or_else(|| self.standard(other));
        self.standard("name")
            .or_else(|| joined(part("given_name", "givenname"), part("family_name", "familyname")))
    }
}

/// A name of its parts, in the order of its language: Korean puts the family's first, without a
/// blank.
fn joined(given: Option<String>, family: Option<String>) -> Option<String> {
    match (given, family) {
        (Some(given), Some(family)) if is_hangul(&given) && is_hangul(&family) => {
            Some(format!("{family}{given}"))
        }
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        (given, family) => given.or(family),
    }
}

/// Whether there is a syllable or a letter of Hangul in it.
fn is_hangul(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{a960}'..='\u{a97f}'
            | '\u{ac00}'..='\u{d7ff}')
    })
}

/// A text that is there and not blank. Anything else reads as absent, so that a provider's
/// change of type costs a field and not the sign-in.
pub fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!sanitized(text).trim().is_empty()).then(|| text.to_owned())
}

/// A subject: a text, or a number, which some providers send (never through a float). It is compared
/// exactly (OpenID Connect Core, section 5.3.2), so it is not trimmed.
pub fn subject(value: &Value, field: &'static str) -> Result<String, MissingField> {
    let text = || value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let number = || value.as_u64().map(|number| number.to_string());
    text().or_else(number).ok_or(MissingField { field })
}

/// A flag; some issuers send it as the text `"true"` (OpenID Connect Core allows a boolean only).
pub fn flag(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str() == Some("true"))
}

#[cfg(test)]
mod tests;
