//! Token responses in the dialects of the providers, rewritten as RFC 6749, sections 5.1 and 5.2
//! have them. Pure.

use serde_json::{Map, Value, json};

use crate::error_response::ErrorBody;

/// How a provider's token endpoint departs from RFC 6749.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between the scopes of an authorization request.
    pub request_separator: Separator,
    /// Between the scopes of a token response.
    pub response_separator: Separator,
    /// Whether the token request repeats the state of the response.
    pub token_state: TokenRequestState,
    /// Further members of a token response that are stored unchanged.
    pub extra: &'static [&'static str],
}

/// Whether the token request repeats the state of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRequestState {
    /// RFC 6749, section 4.1.3.
    Omitted,
    /// Sent, which RFC 6749 does not define (Naver).
    Sent,
}

/// RFC 6750, section 6.1.1.
pub(crate) const BEARER: &str = "bearer";
/// RFC 9449, section 12.1.
pub(crate) const DPOP: &str = "dpop";

/// The separator of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// RFC 6749, section 3.3.
    Space,
    /// Kakao's requests, GitHub's responses.
    Comma,
}

impl Separator {
    /// The character itself.
    pub fn as_char(self) -> char {
        match self {
            Self::Space => ' ',
            Self::Comma => ',',
        }
    }
}

/// Why a token response cannot be read in any dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTokenResponse {
    /// The body is not a JSON object.
    #[error("the token response is not a JSON object")]
    NotAnObject,
    /// A successful response without a token.
    #[error("the token response has no access token")]
    NoToken,
}

/// A token response in the terms of RFC 6749, sections 5.1 and 5.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ParsedResponse {
    /// Tokens.
    Tokens(Value),
    /// A refusal.
    Error(ErrorBody),
}

impl Dialect {
    /// No departure.
    pub const RFC_6749: Self = Self {
        request_separator: Separator::Space,
        response_separator: Separator::Space,
        token_state: TokenRequestState::Omitted,
        extra: &[],
    };

    /// Rewrites the body of a token response. The status decides first: what is no success is a
    /// refusal, whatever the body is.
    ///
    /// # Errors
    /// [`InvalidTokenResponse`] where a success is neither tokens nor a refusal.
    pub(crate) fn read(
        &self,
        success: bool,
        body: &[u8],
    ) -> Result<ParsedResponse, InvalidTokenResponse> {
        if let Some(refusal) = error_in(success, body) {
            return Ok(ParsedResponse::Error(refusal));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => self.tokens(&fields).map(ParsedResponse::Tokens),
            Ok(_) | Err(_) => Err(InvalidTokenResponse::NotAnObject),
        }
    }

    fn tokens(&self, fields: &Map<String, Value>) -> Result<Value, InvalidTokenResponse> {
        let token_type = fields.get("token_type").and_then(Value::as_str).unwrap_or_default();
        let known = [BEARER, DPOP].into_iter().find(|known| token_type.eq_ignore_ascii_case(known));
        // Refused when the tokens are checked: the refresh token of a response to a refresh counts.
        let token_type = known.unwrap_or("unknown");
        if text(fields, "access_token").is_none() {
            return Err(InvalidTokenResponse::NoToken);
        }
        let mut response = json!({ "token_type": token_type });
        for name in ["access_token", "refresh_token", "id_token"] {
            if let Some(value) = text(fields, name) {
                response[name] = value.into();
            }
        }
        if let Some(seconds) = fields.get("expires_in").and_then(seconds) {
            response["expires_in"] = seconds.into();
        }
        if let Some(scope) = fields.get("scope").and_then(|scope| self.scope(scope)) {
            response["scope"] = scope.into();
        }
        for name in self.extra {
            if let Some(value) = fields.get(*name) {
                response[*name] = value.clone();
            }
        }
        Ok(response)
    }

    /// The scopes with blanks between them; some servers send an array.
    fn scope(&self, value: &Value) -> Option<String> {
        let separated = |text: &str| text.replace(self.response_separator.as_char(), " ");
        let scope = match value {
            Value::Array(several) => {
                let texts = several.iter().filter_map(Value::as_str).map(separated);
                texts.collect::<Vec<_>>().join(" ")
            }
            one => separated(one.as_str()?),
        };
        Some(scope.trim().to_owned()).filter(|scope| !scope.is_empty())
    }
}

/// The refusal that a response is, if it is one. Some answer 200 with an `error`, so the body
/// counts beside the status.
pub(crate) fn error_in(success: bool, body: &[u8]) -> Option<ErrorBody> {
    if !success {
        return Some(ErrorBody::read(body));
    }
    let fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    fields.get("error").is_some_and(|error| !error.is_null()).then(|| ErrorBody::of(&fields))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A lifetime in whole seconds. Some send it as a string, or with a fraction.
fn seconds(value: &Value) -> Option<u64> {
    let fraction = || value.as_f64().filter(|seconds| *seconds >= 0.0);
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        // Saturates.
        .or_else(|| fraction().map(|seconds| seconds as u64))
}

#[cfg(test)]
mod tests;
