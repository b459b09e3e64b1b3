//! The claims of each scope (OIDC Core 5.4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::providers::prelude::*;
use crate::users::Birthday;

/// Pairwise: each issuer has another subject for a user (OIDC Core 8.1).
pub fn subject(realm: &str, user: &User) -> String {
    let hash = Sha256::digest(format!("{realm} {}", user.key));
    URL_SAFE_NO_PAD.encode(&hash[..15])
}

/// The claims of userinfo. What is not known is absent, not null (OIDC Core 5.3.2).
pub fn userinfo(request: &Request, grant: &Grant) -> Value {
    let user = request.user(grant);
    let mut claims = json!({ "sub": subject(&grant.realm, &user) });
    if grant.has("profile") {
        merge(&mut claims, profile(request, &user));
    }
    if let Some(email) = user.email.filter(|_| grant.has("email")) {
        let verified = email.verified;
        merge(&mut claims, json!({ "email": email.address, "email_verified": verified }));
    }
    if let Some(number) = user.phone.filter(|_| grant.has("phone")) {
        merge(&mut claims, json!({ "phone_number": number, "phone_number_verified": true }));
    }
    claims
}

fn profile(request: &Request, user: &User) -> Value {
    present(json!({
        "preferred_username": user.username,
        "updated_at": 1_790_000_000,
        "name": user.nickname,
        "nickname": user.nickname,
        "birthdate": birthdate(user.birthday),
        "gender": user.gender,
        "picture": user.colour.map(|_| request.url(&format!("/img/{}.webp", user.key))),
    }))
}

/// `YYYY-MM-DD`, `0000-MM-DD` without a year, `YYYY` without a day (OIDC Core 5.1).
fn birthdate(birthday: Birthday) -> Option<String> {
    match (birthday.year, birthday.day.filter(|_| !birthday.lunar)) {
        (year, Some((month, day))) => Some(format!("{:04}-{month:02}-{day:02}", year.unwrap_or(0))),
        (Some(year), None) => Some(year.to_string()),
        (None, None) => None,
    }
}
