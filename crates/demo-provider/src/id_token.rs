//! id_tokens as an honest issuer makes them.

use serde_json::{Value, json};

use crate::grants::Grant;
use crate::keys;
use crate::provider::Request;

/// The claims that every issuer sends; `lifetime` is in seconds.
pub fn claims(
    request: &Request,
    grant: &Grant,
    issuer: &str,
    subject: &str,
    lifetime: i64,
) -> Value {
    let now = request.state.now();
    let mut claims = json!({
        "iss": issuer,
        "aud": grant.client.id,
        "sub": subject,
        "iat": now,
        "exp": now + lifetime,
    });
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = json!(nonce);
    }
    claims
}

/// Adds `at_hash`, which binds the id_token to the access token (OIDC Core 3.1.3.6).
pub fn bind(claims: &mut Value, access_token: &str) {
    claims["at_hash"] = json!(keys::at_hash("RS256", access_token));
}

/// Signs with RS256 and the main key.
pub fn sign(request: &Request, claims: &Value) -> Value {
    json!(request.state.keys.sign("RS256", claims))
}
