//! Discord: PROVIDERS.md section 1.

mod profile;
mod token;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use super::{Outcome, Play, Scope, needed};
use crate::answer::{self, error};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients;
use crate::faults::Fault;
use crate::guilds::Guild;
use crate::pages::{self, Refusal};
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

/// Discord's issuer, in `iss` and in id_tokens.
pub const ISSUER: &str = "https://discord.com";
const REALM: &str = "discord";
static SCOPES: [Scope; 11] = [
    needed("identify", "Username, display name and avatar", "사용자명, 별명, 프로필 사진"),
    needed("email", "E-mail address", "이메일 주소"),
    needed("openid", "", ""),
    needed("connections", "Connected accounts", "연결된 계정"),
    needed("guilds", "Which servers you are in", "참가한 서버 목록"),
    needed("guilds.join", "Join servers for you", "서버 참가하기"),
    needed("guilds.members.read", "Your profile in servers", "서버 프로필"),
    needed("identify.premium", "Your Nitro subscription", "Nitro 구독 정보"),
    needed("role_connections.write", "Your role connections", "역할 연결"),
    needed("bot", "Add a bot to a server", "서버에 봇 추가"),
    needed("applications.commands", "Create commands in a server", "서버에 명령어 추가"),
];

/// Discord as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("Discord", "디스코드"),
    scopes: &SCOPES,
    id_fields: &["id"],
    // A staff member's word in discord-api-docs#1768: codes expire after 100 seconds or after use.
    code_life: 100,
    new_code: || random::alphanumeric(30),
    answer: callback,
    fragment: "",
    invalid_client: || error(StatusCode::UNAUTHORIZED, "invalid_client", None),
    dead_grant: token::dead_grant,
    bad_bearer: profile::unauthorized,
    token_429: rate_limited,
    profile_429: rate_limited,
};

/// The endpoints.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/discord/oauth2/authorize", get(authorize))
        // The metadata names this one; it redirects to the other.
        .route("/discord/api/oauth2/authorize", get(moved))
        .route("/discord/api/oauth2/token", post(token::token))
        .route("/discord/api/oauth2/token/revoke", post(token::revoke))
        .merge(profile::routes())
}

async fn moved(State(world): State<Shared>, uri: axum::http::Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    answer::found(StatusCode::FOUND, &format!("{}/discord/oauth2/authorize?{query}", world.base))
}

async fn authorize(State(world): State<Shared>, ask: Ask) -> Response {
    let query = &ask.query;
    let Some(client) = query.get("client_id").and_then(|id| clients::find(REALM, id)) else {
        return on_page(
            &world,
            &ask,
            "Unknown Application",
            ("There is no such application.", "등록되지 않은 앱입니다."),
        );
    };
    if is_bot_only(query) {
        // No response type, no redirect URI, no callback.
        return signin::begin(&world, &ask, Asked::new(REALM, client, "", query));
    }
    // Left out, the first registered one is used.
    let redirect_uri =
        query.get("redirect_uri").or_else(|| client.first_redirect()).unwrap_or_default();
    if !client.allows(redirect_uri) {
        let text = (
            "The redirect URI is not registered for this application.",
            "이 앱에 등록되지 않은 리디렉션 URI입니다.",
        );
        return on_page(&world, &ask, "Invalid OAuth2 redirect_uri", text);
    }
    let asked = Asked::new(REALM, client, redirect_uri, query);
    if let Some((error, description)) = wrong(query, &asked) {
        return signin::error(&world, &asked, error, Some(&description));
    }
    signin::begin(&world, &ask, asked)
}

/// `scope=bot` alone, or with `applications.commands`.
fn is_bot_only(query: &Params) -> bool {
    let mut scopes = query.get("scope").unwrap_or_default().split_whitespace().peekable();
    query.get("response_type").is_none()
        && scopes.peek().is_some()
        && scopes.all(|id| matches!(id, "bot" | "applications.commands"))
}

/// What is wrong with a request whose redirect URI is good. That these go to the application and do not
/// stay at discord.com/oauth2/error is a guess, except for `invalid_scope` (#5751).
fn wrong(query: &Params, asked: &Asked) -> Option<(&'static str, String)> {
    if query.get("response_type") != Some("code") {
        // Discord plays `token` too; nobody who signs in natively may use it (RFC 9700 §2.1.2).
        return Some((
            "unsupported_response_type",
            "Only the authorization code is played here".to_owned(),
        ));
    }
    if asked.challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        return Some(("invalid_request", r#"Unsupported "code_challenge_method""#.to_owned()));
    }
    let unknown = |id: &&String| PLAY.scope(id).is_none();
    if asked.scopes.is_empty() || asked.scopes.iter().any(|id| unknown(&id)) {
        return Some((
            "invalid_scope",
            "The requested scope is invalid, unknown, or malformed.".to_owned(),
        ));
    }
    let has = |id: &str| asked.scopes.iter().any(|scope| scope == id);
    (has("role_connections.write") && asked.challenge.is_some()).then(|| {
        ("invalid_scope", "role_connections.write cannot be combined with PKCE".to_owned())
    })
}

fn callback(world: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer = match outcome {
        Outcome::Granted { code, guild, .. } => granted(asked, code, *guild),
        // The wording is unconfirmed.
        Outcome::Denied => vec![
            ("error", "access_denied".to_owned()),
            (
                "error_description",
                "The resource owner or authorization server denied the request".to_owned(),
            ),
        ],
    };
    answer.extend(asked.state.clone().map(|state| ("state", state)));
    // Announced in the metadata, never seen live: off unless a test wants it.
    if world.has(REALM, Fault::IssSent) {
        answer.push(("iss", ISSUER.to_owned()));
    }
    answer
}

/// With a bot, the callback names the server: a hint only, the token answer says it for certain.
fn granted(asked: &Asked, code: &str, guild: Option<&Guild>) -> Vec<(&'static str, String)> {
    let mut answer = vec![("code", code.to_owned())];
    if let Some(guild) = guild {
        answer.push(("guild_id", guild.id.to_owned()));
        answer.push(("permissions", asked.permissions.clone().unwrap_or_else(|| "0".to_owned())));
    }
    answer
}

fn on_page(world: &World, ask: &Ask, code: &str, text: (&str, &str)) -> Response {
    let refusal =
        Refusal {
            code, title: ("This sign-in cannot go on", "로그인을 계속할 수 없습니다"), text
        };
    signin::refuse(
        world,
        REALM,
        pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal),
    )
}

fn rate_limited() -> Response {
    let body =
        json!({ "message": "You are being rate limited.", "retry_after": 2.57, "global": false });
    let mut response = answer::json(StatusCode::TOO_MANY_REQUESTS, &body);
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-ratelimit-limit", "5"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset-after", "2.57"),
    ] {
        headers.insert(name, axum::http::HeaderValue::from_static(value));
    }
    response
}
