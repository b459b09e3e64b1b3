//! Naver by its OpenID Connect path, the one with PKCE: PROVIDERS.md section 8.

mod me;
mod token;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Outcome, Play, Scope, needed, optional};
use crate::answer;
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients;
use crate::pages::{self, Refusal};
use crate::people::Person;
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

const ISSUER: &str = "https://nid.naver.com";
const REALM: &str = "naver";

/// `openid` is the only scope. The rest is what the console has switched on: a person may leave items out.
static SCOPES: [Scope; 10] = [
    needed("openid", "", ""),
    needed("nickname", "Nickname", "별명"),
    optional("name", "Name", "이름"),
    optional("email", "Contact e-mail address", "연락처 이메일 주소"),
    optional("profile_image", "Profile picture", "프로필 사진"),
    optional("gender", "Gender", "성별"),
    optional("age", "Age range", "연령대"),
    optional("birthday", "Birthday", "생일"),
    optional("birthyear", "Year of birth", "출생연도"),
    optional("mobile", "Phone number", "휴대전화번호"),
];

/// Naver as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("Naver", "네이버"),
    scopes: &SCOPES,
    id_fields: &["id"],
    // Not written down; ten minutes is RFC 6749's advice.
    code_life: 600,
    new_code: || random::alphanumeric(18),
    answer: callback,
    fragment: "",
    invalid_client: token::wrong_pair,
    dead_grant: token::dead_grant,
    bad_bearer: || me::failed().into_response(),
    token_429: || me::too_many().into_response(),
    profile_429: || me::too_many().into_response(),
};

/// The endpoints. Revocation stands on the older path, for tokens of both.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/naver/oauth2/authorize", get(authorize))
        .route("/naver/oauth2/token", post(token::token))
        .route("/naver/oauth2/jwks", get(keys))
        .route("/naver/oauth2.0/revoke", post(token::revoke))
        .route("/naver/.well-known/openid-configuration", get(metadata))
        .merge(me::routes())
}

async fn authorize(State(world): State<Shared>, ask: Ask) -> Response {
    let query = &ask.query;
    let client = query.get("client_id").and_then(|id| clients::find(REALM, id));
    let uri = query.get("redirect_uri");
    let (Some(client), Some(uri)) =
        (client, uri.filter(|uri| client.is_some_and(|client| world.allows(client, uri))))
    else {
        // The real page shows a picture; what code stands behind it is not written down.
        let refusal = Refusal {
            code: "invalid_request",
            title: ("This service cannot use Naver Login", "네이버 로그인을 할 수 없습니다"),
            text: (
                "The client id or the Callback URL is not the registered one.",
                "Client ID 또는 Callback URL이 등록된 정보와 다릅니다.",
            ),
        };
        let page = pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal);
        return signin::refuse(&world, REALM, page);
    };
    let mut asked = Asked::new(REALM, client, uri, query);
    // No nonce is documented, so none comes back.
    asked.nonce = None;
    if let Some((error, text)) = wrong(query) {
        return signin::error(&world, &asked, error, Some(text));
    }
    asked.scopes = SCOPES.iter().map(|scope| scope.id.to_owned()).collect();
    signin::begin(&world, &ask, asked)
}

/// That each of these is mandatory is documented; which error follows is a guess.
fn wrong(query: &Params) -> Option<(&'static str, &'static str)> {
    if query.get("state").is_none() {
        return Some(("invalid_request", "state is missing"));
    }
    if query.get("response_type") != Some("code") {
        return Some(("unsupported_response_type", "response_type must be code"));
    }
    if !query.get("scope").unwrap_or_default().split_whitespace().any(|id| id == "openid") {
        return Some(("invalid_scope", "scope must contain openid"));
    }
    let challenged = query.get("code_challenge").is_some();
    (challenged && query.get("code_challenge_method") != Some("S256"))
        .then_some(("invalid_request", "code_challenge_method must be S256"))
}

/// The words of the denial are other people's reports.
fn callback(_: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let state = asked.state.clone().map(|state| ("state", state));
    match outcome {
        Outcome::Granted { code, .. } => {
            [("code", (*code).to_owned())].into_iter().chain(state).collect()
        }
        Outcome::Denied => {
            let mut answer = vec![
                ("error", "access_denied".to_owned()),
                ("error_description", "Canceled By User".to_owned()),
            ];
            answer.extend(state);
            answer
        }
    }
}

async fn keys(State(world): State<Shared>) -> Response {
    answer::keys(&world, REALM, &[world.keys.main.jwk()])
}

/// The real document's members are unconfirmed but for the endpoints.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/naver", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{base}/oauth2/authorize"),
            "token_endpoint": format!("{base}/oauth2/token"),
            "userinfo_endpoint": format!("{base}/openapi/v1/nid/me"),
            "jwks_uri": format!("{base}/oauth2/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}

/// Up to 64 characters, unique per application.
fn subject(person: &Person) -> String {
    let hash = Sha256::digest(format!("{REALM} {}", person.key));
    URL_SAFE_NO_PAD.encode(hash)
}
