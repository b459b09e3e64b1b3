//! Kakao with a REST API key: PROVIDERS.md section 3.

mod account;
mod kapi;
mod token;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::{Outcome, Play, Scope, needed, optional};
use crate::answer;
use crate::ask::{Ask, Params};
use crate::book::{Asked, Grant};
use crate::clients::{self, Client};
use crate::pages::{self, Refusal};
use crate::people::Person;
use crate::pkce::Challenge;
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

/// Kakao's issuer, also when its endpoints are played elsewhere.
pub const ISSUER: &str = "https://kauth.kakao.com";
const REALM: &str = "kakao";

/// What the console has switched on: all items, OpenID Connect too.
static SCOPES: [Scope; 10] = [
    needed("openid", "", ""),
    needed("profile_nickname", "Nickname", "닉네임"),
    optional("profile_image", "Profile picture", "프로필 사진"),
    optional("account_email", "E-mail of the Kakao Account", "카카오계정(이메일)"),
    optional("name", "Name", "이름"),
    optional("gender", "Gender", "성별"),
    optional("age_range", "Age range", "연령대"),
    optional("birthday", "Birthday", "생일"),
    optional("birthyear", "Year of birth", "출생 연도"),
    optional("phone_number", "Phone number of the Kakao Account", "카카오계정(전화번호)"),
];

/// Kakao as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("Kakao", "카카오"),
    scopes: &SCOPES,
    id_fields: &["id"],
    // Not written down; ten minutes is RFC 6749's advice.
    code_life: 600,
    new_code: || random::base64url(86),
    answer: callback,
    fragment: "",
    invalid_client: token::bad_credentials,
    dead_grant: token::dead_grant,
    bad_bearer: || kapi::unknown_token().into_response(),
    token_429: || token::too_many().into_response(),
    profile_429: || kapi::quota().into_response(),
};

/// The endpoints.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/kakao/oauth/authorize", get(authorize))
        .route("/kakao/oauth/token", post(token::token))
        .route("/kakao/.well-known/jwks.json", get(keys))
        .route("/kakao/.well-known/openid-configuration", get(metadata))
        .merge(kapi::routes())
}

async fn authorize(State(world): State<Shared>, ask: Ask) -> Response {
    match asked(&ask.query) {
        // Nobody is remembered here, so nobody has consented yet.
        Ok(asked)
            if ask
                .query
                .get("prompt")
                .is_some_and(|prompt| prompt.split(',').any(|word| word == "none")) =>
        {
            signin::error(&world, &asked, "consent_required", Some("user consent required"))
        }
        Ok(asked) => signin::begin(&world, &ask, asked),
        Err(refusal) => {
            let page = pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal);
            signin::refuse(&world, REALM, page)
        }
    }
}

/// Everything wrong with a request is said on Kakao's page; the application hears nothing.
fn asked(query: &Params) -> Result<Asked, Refusal<'static>> {
    let client = query.get("client_id").and_then(|id| clients::find(REALM, id));
    let client =
        client.ok_or(koe("KOE101", ("The app key is wrong.", "잘못된 앱 키를 사용했습니다.")))?;
    let redirect_uri = registered(client, query.get("redirect_uri"))?;
    if query.get("response_type") != Some("code") {
        return Err(koe(
            "KOE201",
            ("Unsupported response type.", "지원하지 않는 응답 유형입니다."),
        ));
    }
    Ok(Asked {
        scopes: scopes(query.get("scope"))?,
        challenge: challenge(query)?,
        ..Asked::new(REALM, client, redirect_uri, query)
    })
}

fn registered<'a>(client: &Client, uri: Option<&'a str>) -> Result<&'a str, Refusal<'static>> {
    let text = (
        "The authorization code was asked for with a redirect URI that is not registered.",
        "등록하지 않은 리다이렉트 URI를 사용해 인가 코드를 요청했습니다.",
    );
    uri.filter(|uri| client.allows(uri)).ok_or(koe("KOE006", text))
}

/// Commas are what is documented. Blanks are let through as well: Supabase sends them and is heard, so
/// refusing them would be the invention. Without `scope` the console's setting counts.
fn scopes(scope: Option<&str>) -> Result<Vec<String>, Refusal<'static>> {
    let Some(scope) = scope else {
        return Ok(SCOPES.iter().map(|scope| scope.id.to_owned()).collect());
    };
    let asked: Vec<&str> = scope.split([',', ' ']).filter(|id| !id.is_empty()).collect();
    if asked.iter().any(|id| PLAY.scope(id).is_none()) {
        let text = (
            "A consent item was asked for that is not set up for this app.",
            "설정하지 않은 동의항목을 포함해 인가 코드를 요청했습니다.",
        );
        return Err(koe("KOE205", text));
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}

/// The metadata lists S256 alone; what happens to another method is a guess.
fn challenge(query: &Params) -> Result<Option<Challenge>, Refusal<'static>> {
    let Some(value) = query.get("code_challenge") else {
        return Ok(None);
    };
    match query.get("code_challenge_method") {
        Some("S256") => Ok(Some(Challenge::S256(value.to_owned()))),
        _ => Err(koe(
            "KOE001",
            (
                "A parameter is wrong: code_challenge_method",
                "잘못된 파라미터: code_challenge_method",
            ),
        )),
    }
}

fn koe(code: &'static str, text: (&'static str, &'static str)) -> Refusal<'static> {
    Refusal {
        code, title: ("App administrator settings error", "앱 관리자 설정 오류"), text
    }
}

fn callback(_: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer = match outcome {
        Outcome::Granted { code, .. } => vec![("code", (*code).to_owned())],
        Outcome::Denied => {
            vec![
                ("error", "access_denied".to_owned()),
                ("error_description", "User denied access".to_owned()),
            ]
        }
    };
    answer.extend(asked.state.clone().map(|state| ("state", state)));
    answer
}

/// The member number: a JSON number there, and a string only in the id_token.
fn number(person: &Person) -> u64 {
    person.number % 9_000_000_000 + 1_000_000_000
}

/// Consent belongs to the person and the app, not to one token: what was agreed to earlier still counts.
fn consents(world: &World, grant: &Grant) -> Vec<String> {
    let mut book = world.book();
    let consents = book.consents(REALM, grant.client, grant.person);
    consents.iter().cloned().collect()
}

async fn keys(State(world): State<Shared>) -> Response {
    answer::keys(&world, REALM, &[world.keys.main.jwk()])
}

/// No revocation endpoint, no flag about `iss`, as it stands.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/kakao", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{base}/oauth/authorize"),
            "token_endpoint": format!("{base}/oauth/token"),
            "userinfo_endpoint": format!("{base}/v1/oidc/userinfo"),
            "jwks_uri": format!("{base}/.well-known/jwks.json"),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "request_uri_parameter_supported": false,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email"],
        }),
    )
}
