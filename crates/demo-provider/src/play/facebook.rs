//! Facebook, Graph version 24.0: PROVIDERS.md section 4.

mod me;
mod token;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::json;

use super::{Outcome, Play, Scope, needed, optional};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients;
use crate::pages::{self, Refusal};
use crate::people::Person;
use crate::pkce::Challenge;
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

const ISSUER: &str = "https://www.facebook.com";
const REALM: &str = "facebook";

static SCOPES: [Scope; 6] = [
    needed("public_profile", "Name and profile picture", "이름과 프로필 사진"),
    needed("openid", "", ""),
    optional("email", "E-mail address", "이메일 주소"),
    optional("user_birthday", "Date of birth", "생일"),
    optional("user_gender", "Gender", "성별"),
    optional("user_age_range", "Age range", "연령대"),
];

/// Facebook as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("Facebook", "페이스북"),
    scopes: &SCOPES,
    id_fields: &["id"],
    // Not written down; ten minutes is RFC 6749's advice.
    code_life: 600,
    new_code: || format!("AQ{}", random::base64url(220)),
    answer: callback,
    // Well known, and confirmed by nobody here.
    fragment: "#_=_",
    invalid_client: token::wrong_secret,
    dead_grant: token::bad_code,
    bad_bearer: || me::dead_token().into_response(),
    token_429: || limit().into_response(),
    profile_429: || limit().into_response(),
};

/// The endpoints, all of one version.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/facebook/v24.0/dialog/oauth", get(dialog))
        .route("/facebook/.well-known/oauth/openid/jwks/", get(keys))
        .route("/facebook/.well-known/openid-configuration/", get(metadata))
        .merge(token::routes())
        .merge(me::routes())
}

/// An error is an object here, and the status is 400 whatever it is.
fn refused(code: u16, message: &str) -> Refused {
    let body = json!({ "error": {
        "message": message, "type": "OAuthException", "code": code, "fbtrace_id": random::base64url(23),
    } });
    Refused { status: StatusCode::BAD_REQUEST, body }
}

/// Too many requests. The status is set elsewhere; the real one is unconfirmed.
fn limit() -> Refused {
    refused(4, "(#4) Application request limit reached")
}

async fn dialog(State(world): State<Shared>, ask: Ask) -> Response {
    match asked(&world, &ask.query) {
        Ok(asked) => signin::begin(&world, &ask, asked),
        Err(refusal) => {
            let page = pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal);
            signin::refuse(&world, REALM, page)
        }
    }
}

/// Whatever is wrong with a request is said on Facebook's own page.
fn asked(world: &World, query: &Params) -> Result<Asked, Refusal<'static>> {
    let client = query.get("client_id").and_then(|id| clients::find(REALM, id));
    let text =
        ("The provided app ID does not look like a valid app ID.", "앱 ID가 잘못되었습니다.");
    let client = client.ok_or(page("Invalid App ID", text))?;
    let text = (
        "This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth Settings. Make sure Client and Web OAuth Login are on and add all your app domains as Valid OAuth Redirect URIs.",
        "리디렉션 URI가 앱의 클라이언트 OAuth 설정에 없습니다. 클라이언트 및 웹 OAuth 로그인을 켜고 유효한 OAuth 리디렉션 URI에 추가하세요.",
    );
    let uri = query.get("redirect_uri").filter(|uri| world.allows(client, uri));
    let uri = uri.ok_or(page("URL Blocked", text))?;
    if query.get("response_type").is_some_and(|kind| kind != "code") {
        // Facebook plays `token` too; nobody who signs in natively may use it (RFC 9700 §2.1.2).
        let text = ("Only response_type=code is played here.", "response_type=code만 지원합니다.");
        return Err(page("Invalid response_type", text));
    }
    let scopes = scopes(query)?;
    let challenge = challenge(query, &scopes)?;
    Ok(Asked { scopes, challenge, ..Asked::new(REALM, client, uri, query) })
}

/// Commas or blanks; without any, the public profile.
fn scopes(query: &Params) -> Result<Vec<String>, Refusal<'static>> {
    let asked = query.get("scope").unwrap_or("public_profile").split([',', ' ']);
    let asked: Vec<&str> = asked.filter(|id| !id.is_empty()).collect();
    if asked.iter().any(|id| PLAY.scope(id).is_none()) {
        let text = (
            "A permission is asked for that does not exist.",
            "존재하지 않는 권한을 요청했습니다.",
        );
        return Err(page("Invalid Scopes", text));
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}

/// PKCE is documented for OpenID Connect alone: with `openid` and a nonce. What happens without them is a
/// guess, and the strict one.
fn challenge(query: &Params, scopes: &[String]) -> Result<Option<Challenge>, Refusal<'static>> {
    let Some(value) = query.get("code_challenge").map(str::to_owned) else {
        return Ok(None);
    };
    let openid = scopes.iter().any(|id| id == "openid") && query.get("nonce").is_some();
    match query.get("code_challenge_method") {
        Some("S256") if openid => Ok(Some(Challenge::S256(value))),
        Some("plain") if openid => Ok(Some(Challenge::Plain(value))),
        _ => Err(page(
            "Invalid parameter",
            (
                "code_challenge wants the scope openid, a nonce, and S256 or plain as its method.",
                "code_challenge에는 openid 범위와 nonce, 그리고 S256 또는 plain 방식이 필요합니다.",
            ),
        )),
    }
}

fn page(code: &'static str, text: (&'static str, &'static str)) -> Refusal<'static> {
    Refusal {
        code,
        title: ("Facebook Login is unavailable", "페이스북 로그인을 사용할 수 없습니다"),
        text,
    }
}

fn callback(_: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer = match outcome {
        Outcome::Granted { code, .. } => vec![("code", (*code).to_owned())],
        Outcome::Denied => vec![
            ("error", "access_denied".to_owned()),
            ("error_code", "200".to_owned()),
            ("error_description", "Permissions error.".to_owned()),
            ("error_reason", "user_denied".to_owned()),
        ],
    };
    answer.extend(asked.state.clone().map(|state| ("state", state)));
    answer
}

async fn keys(State(world): State<Shared>) -> Response {
    answer::keys(&world, REALM, &[world.keys.main.jwk(), world.keys.next.jwk()])
}

/// Neither a token endpoint nor userinfo nor a word on PKCE: generic discovery fails here.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/facebook", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{base}/v24.0/dialog/oauth"),
            "jwks_uri": format!("{base}/.well-known/oauth/openid/jwks/"),
            "response_types_supported": ["id_token", "token id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }),
    )
}

/// Scoped to the app: a string of digits.
fn subject(person: &Person) -> String {
    format!("10{:0>15}", person.number % 1_000_000_000_000_000)
}
