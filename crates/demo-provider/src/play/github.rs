//! GitHub, an OAuth app and a GitHub App: PROVIDERS.md section 5.

mod api;
mod device;
mod revoke;
mod token;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Outcome, Play, Scope, needed};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::{Asked, Grant};
use crate::clients;
use crate::pages::{self, Refusal};
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

/// In the metadata and, as the metadata promises, in `iss`; nobody here has seen it live.
const ISSUER: &str = "https://github.com/login/oauth";
const REALM: &str = "github";
/// Asks an OAuth app's tokens to expire and to be renewed, whatever its settings say.
const OFFLINE: &str = "offline_access";
const TROUBLE: &str = "/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/";

static SCOPES: [Scope; 4] = [
    needed("read:user", "Your profile, also what is not public", "프로필(공개하지 않은 정보 포함)"),
    needed("user:email", "Your e-mail addresses", "이메일 주소"),
    needed("user", "Read and change your profile", "프로필 읽기 및 변경"),
    needed(OFFLINE, "Stay signed in", "로그인 유지"),
];

/// GitHub as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("GitHub", "GitHub"),
    scopes: &SCOPES,
    id_fields: &["id"],
    code_life: 600,
    new_code: || random::hex(20),
    answer: callback,
    fragment: "",
    invalid_client: token::incorrect_client_credentials,
    dead_grant: token::bad_refresh_token,
    bad_bearer: || api::bad_credentials().into_response(),
    token_429: || api::rate_limited().into_response(),
    profile_429: || api::rate_limited().into_response(),
};

/// The endpoints.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/github/login/oauth/authorize", get(authorize))
        .route("/github/login/oauth/access_token", post(token::token))
        .route("/github/login/device/code", post(device::codes))
        .route("/github/login/device", get(device::page))
        .route("/github/.well-known/oauth-authorization-server/login/oauth", get(metadata))
        .merge(api::routes())
        .merge(revoke::routes())
}

async fn authorize(State(world): State<Shared>, ask: Ask) -> Response {
    let query = &ask.query;
    let Some(client) = query.get("client_id").and_then(|id| clients::find(REALM, id)) else {
        // The real page says no more than that there is nothing here.
        let text = ("There is no such application.", "등록되지 않은 앱입니다.");
        let title = ("This is not the page you are looking for", "찾으시는 페이지가 없습니다");
        let refusal = Refusal { code: "404", title, text };
        let page = pages::refusal(StatusCode::NOT_FOUND, ask.language(), &PLAY, &refusal);
        return signin::refuse(&world, REALM, page);
    };
    let registered = client.first_redirect().unwrap_or_default();
    let wanted = query.get("redirect_uri").unwrap_or(registered);
    if !client.allows(wanted) {
        // The answer goes to the registered address, not to the one that was asked for.
        let asked = Asked::new(REALM, client, registered, query);
        let text = "The redirect_uri MUST match the registered callback URL for this application.";
        return signin::error(&world, &asked, "redirect_uri_mismatch", Some(text));
    }
    let mut asked = Asked::new(REALM, client, wanted, query);
    if asked.challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        // That only S256 will do is documented, what happens to others is a guess.
        let text = "The code_challenge_method must be S256.";
        return signin::error(&world, &asked, "invalid_request", Some(text));
    }
    asked.scopes = scopes(client.id, query);
    signin::begin(&world, &ask, asked)
}

/// A GitHub App has permissions instead of scopes; unknown scopes are passed over, which is a guess.
fn scopes(client: &str, query: &Params) -> Vec<String> {
    let asked = query.get("scope").unwrap_or_default().split_whitespace();
    let known = asked.filter(|id| client != clients::GITHUB_APP && PLAY.scope(id).is_some());
    known.map(str::to_owned).collect()
}

fn callback(_: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer = match outcome {
        Outcome::Granted { code, .. } => vec![("code", (*code).to_owned())],
        Outcome::Denied => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "The user has denied your application access.".to_owned()),
            ("error_uri", format!("{TROUBLE}#access-denied")),
        ],
    };
    answer.extend(asked.state.clone().map(|state| ("state", state)));
    answer.push(("iss", ISSUER.to_owned()));
    answer
}

/// The metadata of the real address, with this server's endpoints.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/github/login", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{base}/oauth/authorize"),
            "token_endpoint": format!("{base}/oauth/access_token"),
            "device_authorization_endpoint": format!("{base}/device/code"),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", crate::device::GRANT_TYPE],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["offline_access"],
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

/// Errors come with HTTP 200.
fn refused(error: &str, description: &str, uri: &str) -> Refused {
    let body = json!({ "error": error, "error_description": description, "error_uri": uri });
    Refused { status: StatusCode::OK, body }
}

/// Form-encoded unless JSON is asked for. XML can be had there too, and is not played.
fn encoded(ask: &Ask, body: &Value) -> Response {
    let json = ask.header("accept").is_some_and(|accept| accept.contains("application/json"));
    if json {
        return answer::json(StatusCode::OK, body);
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in body.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form.append_pair(name, &text);
    }
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    answer::raw(StatusCode::OK, kind, form.finish())
}

fn refuse(world: &World, ask: &Ask, refused: &Refused) -> Response {
    world.refused(REALM);
    encoded(ask, &refused.body)
}

/// A GitHub App's permissions are the console's: reading the addresses is switched on.
fn may_read_emails(grant: &Grant) -> bool {
    grant.client.id == clients::GITHUB_APP || grant.has("user:email") || grant.has("user")
}
