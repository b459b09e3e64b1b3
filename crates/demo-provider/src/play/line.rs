//! LINE Login v2.1, a channel of the type "Web app": PROVIDERS.md section 9.

mod profile;
mod token;
mod verify;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Outcome, Play, Scope, needed, optional};
use crate::answer::{self, error};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients;
use crate::pages::{self, Refusal};
use crate::people::Person;
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

const ISSUER: &str = "https://access.line.me";
const REALM: &str = "line";

static SCOPES: [Scope; 3] = [
    needed("profile", "Main profile information", "기본 프로필 정보"),
    needed("openid", "", ""),
    optional("email", "E-mail address", "이메일 주소"),
];

/// LINE as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("LINE", "LINE"),
    scopes: &SCOPES,
    id_fields: &["userId", "sub"],
    code_life: 600,
    new_code: || random::alphanumeric(20),
    answer: callback,
    fragment: "",
    invalid_client: token::invalid_client,
    dead_grant: token::dead_grant,
    bad_bearer: || profile::expired().into_response(),
    token_429: || {
        error(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", Some("rate limit exceeded"))
            .into_response()
    },
    profile_429: || {
        profile::message(StatusCode::TOO_MANY_REQUESTS, "You have reached your API call limit.")
            .into_response()
    },
};

/// The endpoints.
pub fn routes() -> Router<Shared> {
    let at = |name: &str| format!("/line/oauth2/v2.1/{name}");
    Router::new()
        .route(&at("authorize"), get(authorize))
        .route(&at("token"), post(token::token))
        .route(&at("revoke"), post(token::revoke))
        .route(&at("certs"), get(certs))
        .route(&at("verify"), get(verify::access_token).post(verify::id_token))
        .route("/line/.well-known/openid-configuration", get(metadata))
        .merge(profile::routes())
}

async fn authorize(State(world): State<Shared>, ask: Ask) -> Response {
    let query = &ask.query;
    let asked = match asked(query) {
        Ok(asked) => asked,
        Err(refusal) => {
            let page = pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal);
            return signin::refuse(&world, REALM, page);
        }
    };
    match wrong(query, &asked) {
        Some((error, text)) => signin::error(&world, &asked, error, Some(text)),
        None => signin::begin(&world, &ask, asked),
    }
}

/// A page of LINE's own: "400 Bad Request". That a bad `state` ends there too is a guess.
fn asked(query: &Params) -> Result<Asked, Refusal<'static>> {
    let bad = |text| Refusal {
        code: "400 Bad Request",
        title: ("Bad request", "잘못된 요청입니다"),
        text,
    };
    let client = query.get("client_id").and_then(|id| clients::find(REALM, id));
    let text = ("Invalid client_id value.", "client_id 값이 잘못되었습니다.");
    let client = client.ok_or(bad(text))?;
    let text = (
        "Invalid redirect_uri value. Check if it is registered in a LINE developers site.",
        "redirect_uri 값이 잘못되었습니다. LINE Developers 사이트에 등록했는지 확인하세요.",
    );
    let uri = query.get("redirect_uri").filter(|uri| client.allows(uri)).ok_or(bad(text))?;
    let text = (
        "Invalid state value. It must consist of letters and digits.",
        "state 값이 잘못되었습니다. 영문자와 숫자만 쓸 수 있습니다.",
    );
    let plain = |state: &&str| state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    query.get("state").filter(plain).ok_or(bad(text))?;
    Ok(Asked::new(REALM, client, uri, query))
}

/// What the application is told, in capital letters.
fn wrong(query: &Params, asked: &Asked) -> Option<(&'static str, &'static str)> {
    if query.get("response_type") != Some("code") {
        return Some(("INVALID_REQUEST", "response_type must be code"));
    }
    if asked.challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        return Some(("INVALID_REQUEST", "code_challenge_method must be S256"));
    }
    let unknown = |id: &String| PLAY.scope(id).is_none();
    // The address comes in the id_token alone, so that `email` without `openid` asks for nothing.
    let useless = !asked.scopes.iter().any(|id| id == "profile" || id == "openid");
    if useless || asked.scopes.iter().any(unknown) {
        return Some(("INVALID_SCOPE", "The requested scope is invalid"));
    }
    let silent = query.get("prompt") == Some("none");
    silent.then_some(("LOGIN_REQUIRED", "Nobody is signed in"))
}

fn callback(_: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer = match outcome {
        Outcome::Granted { code, .. } => vec![("code", (*code).to_owned())],
        Outcome::Denied => vec![
            ("error", "ACCESS_DENIED".to_owned()),
            ("error_description", "The resource owner denied the request.".to_owned()),
        ],
    };
    answer.extend(asked.state.clone().map(|state| ("state", state)));
    if matches!(outcome, Outcome::Granted { .. }) {
        answer.push(("friendship_status_changed", "false".to_owned()));
    }
    answer
}

async fn certs(State(world): State<Shared>) -> Response {
    answer::keys(&world, REALM, &[world.keys.elliptic.jwk()])
}

/// It says ES256, although a web channel's id_token is HS256 unless the token request says otherwise.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/line/oauth2/v2.1", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "revocation_endpoint": format!("{base}/revoke"),
            "userinfo_endpoint": format!("{base}/userinfo"),
            "jwks_uri": format!("{base}/certs"),
            "scopes_supported": ["openid", "profile", "email"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}

/// `U` and 32 digits, another one at every provider of the LINE console.
fn subject(person: &Person) -> String {
    let hash = Sha256::digest(format!("{REALM} {}", person.key));
    hash.iter().take(16).fold("U".to_owned(), |id, byte| format!("{id}{byte:02x}"))
}
