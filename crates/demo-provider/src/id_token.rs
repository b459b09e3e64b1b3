//! The id_token as an honest issuer makes it.

use serde_json::{Value, json};

use crate::book::Grant;
use crate::keys;
use crate::world::World;

/// The claims that every issuer here sends; `more` is the provider's own.
pub fn claims(world: &World, grant: &Grant, issuer: &str, subject: &str, life: i64) -> Value {
    let now = world.now();
    let mut claims = json!({
        "iss": issuer,
        "aud": grant.client.id,
        "sub": subject,
        "iat": now,
        "exp": now + life,
    });
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = json!(nonce);
    }
    claims
}

/// Adds the hash that binds the id_token to the access token.
pub fn bind(claims: &mut Value, access_token: &str) {
    claims["at_hash"] = json!(keys::at_hash("RS256", access_token));
}

/// Merges `more` into `claims`.
pub fn merge(claims: &mut Value, more: Value) {
    if let (Some(claims), Value::Object(more)) = (claims.as_object_mut(), more) {
        claims.extend(more);
    }
}

/// RS256 with the usual key.
pub fn sign(world: &World, claims: &Value) -> String {
    let key = &world.keys.main;
    key.sign(&json!({ "alg": "RS256", "typ": "JWT", "kid": key.kid }), claims)
}

/// The key set with the usual key.
pub fn key_set(world: &World) -> Value {
    json!({ "keys": [world.keys.main.jwk()] })
}
