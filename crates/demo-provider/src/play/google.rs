//! Google with a client of type "Desktop app": PROVIDERS.md section 2.

mod device;
mod people_api;
mod token;
mod userinfo;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{Outcome, Play, Scope, needed, optional};
use crate::answer::{self, error};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients::{self, Client, is_private_scheme};
use crate::faults::Fault;
use crate::pages::{self, Refusal};
use crate::people::Person;
use crate::pkce::Challenge;
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

/// Google's issuer, also when its endpoints are played elsewhere.
pub const ISSUER: &str = "https://accounts.google.com";
const REALM: &str = "google";

const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";
const BIRTHDAY: &str = "https://www.googleapis.com/auth/user.birthday.read";
const GENDER: &str = "https://www.googleapis.com/auth/user.gender.read";
const PHONES: &str = "https://www.googleapis.com/auth/user.phonenumbers.read";

static SCOPES: [Scope; 7] = [
    needed("openid", "", ""),
    needed(EMAIL, "Your e-mail address", "이메일 주소"),
    needed(PROFILE, "Your name and picture", "이름과 사진"),
    optional(BIRTHDAY, "Your date of birth", "생년월일"),
    optional(GENDER, "Your gender", "성별"),
    optional(PHONES, "Your phone numbers", "전화번호"),
    optional(
        "https://www.googleapis.com/auth/user.emails.read",
        "All your e-mail addresses",
        "모든 이메일 주소",
    ),
];

/// Google as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("Google", "Google"),
    scopes: &SCOPES,
    id_fields: &["sub"],
    // Not written down; ten minutes is RFC 6749's advice.
    code_life: 600,
    new_code: || format!("4/0A{}", random::base64url(68)),
    answer: callback,
    fragment: "",
    invalid_client: || error(StatusCode::UNAUTHORIZED, "invalid_client", Some("Unauthorized")),
    dead_grant: token::dead_grant,
    bad_bearer: userinfo::invalid_credentials,
    token_429: || {
        error(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", Some("Rate Limit Exceeded"))
            .into_response()
    },
    profile_429: || {
        api_error(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", "Quota exceeded", &json!([]))
    },
};

/// The endpoints.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/google/o/oauth2/v2/auth", get(authorize))
        .route("/google/token", post(token::token))
        .route("/google/revoke", post(token::revoke))
        .route("/google/device/code", post(device::codes))
        .route("/google/device", get(device::page))
        .merge(userinfo::routes())
        .merge(people_api::routes())
}

async fn authorize(State(world): State<Shared>, ask: Ask) -> Response {
    match asked(&ask.query) {
        Ok(asked) => signin::begin(&world, &ask, asked),
        Err((status, refusal)) => {
            let page = pages::refusal(status, ask.language(), &PLAY, &refusal);
            signin::refuse(&world, REALM, page)
        }
    }
}

type Blocked = (StatusCode, Refusal<'static>);

/// Whatever is wrong with a request is said on Google's own page; the application hears nothing.
fn asked(query: &Params) -> Result<Asked, Blocked> {
    let client = query.get("client_id").and_then(|id| clients::find(REALM, id));
    let client = client.ok_or((
        StatusCode::UNAUTHORIZED,
        blocked(
            "invalid_client",
            ("The OAuth client was not found.", "OAuth 클라이언트를 찾을 수 없습니다."),
        ),
    ))?;
    let redirect_uri = redirect_uri(client, query)?;
    if query.get("response_type") != Some("code") {
        return Err(bad(
            "invalid_request",
            (
                "Required parameter is missing or invalid: response_type",
                "필수 매개변수가 없거나 잘못됨: response_type",
            ),
        ));
    }
    // The secret of a Desktop client belongs in no address bar.
    if query.get("client_secret").is_some() {
        return Err(bad(
            "invalid_request",
            (
                "Parameter not allowed for this message type: client_secret",
                "허용되지 않는 매개변수: client_secret",
            ),
        ));
    }
    if query.repeated().is_some() {
        return Err(bad(
            "invalid_request",
            (
                "OAuth 2 parameters can only have a single value",
                "OAuth 2 매개변수는 값이 하나여야 합니다",
            ),
        ));
    }
    Ok(Asked {
        scopes: scopes(query)?,
        challenge: challenge(query)?,
        ..Asked::new(REALM, client, redirect_uri, query)
    })
}

fn redirect_uri<'a>(client: &Client, query: &'a Params) -> Result<&'a str, Blocked> {
    let Some(uri) = query.get("redirect_uri") else {
        return Err(bad(
            "invalid_request",
            ("Missing required parameter: redirect_uri", "필수 매개변수 누락: redirect_uri"),
        ));
    };
    if is_private_scheme(uri) {
        return Err(bad(
            "invalid_request",
            (
                "Custom URI schemes are no longer supported due to the risk of app impersonation.",
                "앱 사칭 위험 때문에 맞춤 URI 스킴은 더 이상 지원되지 않습니다.",
            ),
        ));
    }
    if !client.allows(uri) {
        let text = (
            "The redirect URI in the request does not match the ones authorized for the client.",
            "요청의 리디렉션 URI가 이 클라이언트에 승인된 URI와 다릅니다.",
        );
        return Err(bad("redirect_uri_mismatch", text));
    }
    Ok(uri)
}

/// `email` and `profile` are short names of full URLs, and the full ones are what comes back.
fn scopes(query: &Params) -> Result<Vec<String>, Blocked> {
    let asked =
        query.get("scope").unwrap_or_default().split_whitespace().map(|scope| match scope {
            "email" => EMAIL,
            "profile" => PROFILE,
            other => other,
        });
    let asked: Vec<String> = asked.map(str::to_owned).collect();
    if asked.is_empty() {
        return Err(bad(
            "invalid_request",
            ("Missing required parameter: scope", "필수 매개변수 누락: scope"),
        ));
    }
    if asked.iter().any(|scope| PLAY.scope(scope).is_none()) {
        return Err(bad(
            "invalid_scope",
            ("Some requested scopes were invalid.", "요청한 범위 중 잘못된 것이 있습니다."),
        ));
    }
    Ok(asked)
}

/// Without a method, `plain` is meant (RFC 7636 §4.3), and Google still takes it.
fn challenge(query: &Params) -> Result<Option<Challenge>, Blocked> {
    let Some(value) = query.get("code_challenge").map(str::to_owned) else {
        return Ok(None);
    };
    match query.get("code_challenge_method") {
        Some("S256") => Ok(Some(Challenge::S256(value))),
        Some("plain") | None => Ok(Some(Challenge::Plain(value))),
        Some(_) => Err(bad(
            "invalid_request",
            (
                "Invalid parameter value for code_challenge_method",
                "code_challenge_method 값이 잘못됨",
            ),
        )),
    }
}

fn bad(code: &'static str, text: (&'static str, &'static str)) -> Blocked {
    (StatusCode::BAD_REQUEST, blocked(code, text))
}

fn blocked(code: &'static str, text: (&'static str, &'static str)) -> Refusal<'static> {
    Refusal {
        code,
        title: ("Access blocked: this request is invalid", "액세스 차단됨: 잘못된 요청입니다"),
        text,
    }
}

fn callback(_: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer: Vec<_> =
        asked.state.clone().map(|state| ("state", state)).into_iter().collect();
    // Always sent in practice, though its metadata did not always say so.
    answer.push(("iss", ISSUER.to_owned()));
    match outcome {
        Outcome::Granted { code, scopes, person, .. } => {
            answer.push(("code", (*code).to_owned()));
            answer.push(("scope", scopes.join(" ")));
            answer.push(("authuser", "0".to_owned()));
            let domain = person.email.and_then(|email| email.workspace);
            answer.extend(domain.map(|domain| ("hd", domain.to_owned())));
            answer.push(("prompt", "consent".to_owned()));
        }
        Outcome::Denied => answer.insert(0, ("error", "access_denied".to_owned())),
    }
    answer
}

/// The shape of errors of Google's APIs.
fn api_error(status: StatusCode, name: &str, message: &str, details: &Value) -> Response {
    let mut body =
        json!({ "error": { "code": status.as_u16(), "message": message, "status": name } });
    if details.as_array().is_some_and(|details| !details.is_empty()) {
        body["error"]["details"] = details.clone();
    }
    answer::json(status, &body)
}

/// The 21 digits that both `sub` and `people/...` are made of.
fn subject(person: &Person) -> String {
    format!("10{:0>19}", person.number)
}

/// The claims about the address; `hd` only for accounts of a Workspace.
fn email(world: &World, person: &Person) -> Value {
    let Some(email) = person.email.filter(|_| !world.has(REALM, Fault::EmailMissing)) else {
        return json!({});
    };
    let verified = email.verified && !world.has(REALM, Fault::EmailUnverified);
    let mut claims = json!({ "email": email.at_google, "email_verified": verified });
    if let Some(domain) = email.workspace {
        claims["hd"] = json!(domain);
    }
    claims
}

fn picture(world: &World, person: &Person) -> Option<String> {
    person.colour.filter(|_| !world.has(REALM, Fault::PictureMissing))?;
    Some(format!("{}/google/img/{}=s96-c", world.base, person.key))
}
