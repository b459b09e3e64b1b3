//! Microsoft, platform "Mobile and desktop applications": PROVIDERS.md section 6.

mod device;
mod graph;
mod token;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::{Outcome, Play, Scope, needed, optional};
use crate::answer::{self, Refused};
use crate::ask::{Ask, Params};
use crate::book::Asked;
use crate::clients;
use crate::date;
use crate::pages::{self, Refusal};
use crate::people::Person;
use crate::pkce::Challenge;
use crate::random;
use crate::signin;
use crate::world::{Shared, World};

const REALM: &str = "microsoft";
/// The tenant of all personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// A tenant of an organisation of its own, for the people whose address is an organisation's.
const ORGANISATION: &str = "5a1de000-0000-4000-8000-0000c0ffee00";

static SCOPES: [Scope; 5] = [
    needed("openid", "", ""),
    needed("profile", "Your name", "이름"),
    needed("email", "Your e-mail address", "이메일 주소"),
    needed("User.Read", "Your profile and picture", "프로필과 사진"),
    optional("offline_access", "Stay signed in", "로그인 유지"),
];

/// Microsoft as data.
pub static PLAY: Play = Play {
    name: REALM,
    label: ("Microsoft", "Microsoft"),
    scopes: &SCOPES,
    id_fields: &["sub"],
    // "Authorization codes are short lived, typically they expire after about 10 minutes".
    code_life: 600,
    new_code: || format!("0.A{}", random::base64url(300)),
    answer: callback,
    fragment: "",
    invalid_client: token::secret_presented,
    dead_grant: token::dead_grant,
    bad_bearer: || graph::bad_bearer().into_response(),
    token_429: || graph::throttled().into_response(),
    profile_429: || graph::throttled().into_response(),
};

/// The endpoints. `common` is the one tenant that is played: whoever has an account may come.
pub fn routes() -> Router<Shared> {
    let at = |name: &str| format!("/microsoft/common/{name}");
    Router::new()
        .route(&at("oauth2/v2.0/authorize"), get(authorize))
        .route(&at("oauth2/v2.0/token"), post(token::token))
        .route(&at("oauth2/v2.0/devicecode"), post(device::codes))
        .route(&at("discovery/v2.0/keys"), get(keys))
        .route(&at("v2.0/.well-known/openid-configuration"), get(metadata))
        .route("/microsoft/devicelogin", get(device::page))
        .merge(graph::routes())
}

/// An error of the sign-in service. The codes are documented, many of the words are a guess.
fn aadsts(status: StatusCode, error: &str, code: u32, text: &str) -> Refused {
    let (trace, correlation, stamp) = (random::uuid(), random::uuid(), date::stamp(date::now()));
    let body = json!({
        "error": error,
        "error_description": format!(
            "AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
        ),
        "error_codes": [code],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    Refused { status, body }
}

async fn authorize(State(world): State<Shared>, ask: Ask) -> Response {
    let asked = match asked(&ask.query) {
        Ok(asked) => asked,
        Err(refusal) => {
            let page = pages::refusal(StatusCode::BAD_REQUEST, ask.language(), &PLAY, &refusal);
            return signin::refuse(&world, REALM, page);
        }
    };
    match wrong(&ask.query, &asked) {
        Some((error, text)) => signin::error(&world, &asked, error, Some(&text)),
        None => signin::begin(&world, &ask, asked),
    }
}

/// Without a client and a redirect URI that it knows, Microsoft says it on its own page.
fn asked(query: &Params) -> Result<Asked, Refusal<'static>> {
    let client = query.get("client_id").and_then(|id| clients::find(REALM, id));
    let text = ("There is no such application in the directory.", "디렉터리에 없는 앱입니다.");
    let client = client.ok_or(page("AADSTS700016", text))?;
    let text = (
        "The redirect URI in the request does not match the ones configured for the application.",
        "요청의 리디렉션 URI가 앱에 구성된 URI와 다릅니다.",
    );
    let uri = query.get("redirect_uri").filter(|uri| client.allows(uri));
    let uri = uri.ok_or(page("AADSTS50011", text))?;
    let text = (
        "The request must contain the parameters response_type and scope.",
        "요청에 response_type과 scope 매개변수가 있어야 합니다.",
    );
    if query.get("response_type").is_none() || query.get("scope").is_none() {
        return Err(page("AADSTS900144", text));
    }
    Ok(Asked { challenge: challenge(query), ..Asked::new(REALM, client, uri, query) })
}

/// Without a method, `plain` is meant.
fn challenge(query: &Params) -> Option<Challenge> {
    let value = query.get("code_challenge")?.to_owned();
    match query.get("code_challenge_method") {
        Some("S256") => Some(Challenge::S256(value)),
        _ => Some(Challenge::Plain(value)),
    }
}

fn page(code: &'static str, text: (&'static str, &'static str)) -> Refusal<'static> {
    let title =
        ("Sorry, but we are having trouble signing you in", "로그인하는 데 문제가 있습니다");
    Refusal { code, title, text }
}

/// What the application is told. That `response_type` and the challenge's method are among it is a guess.
fn wrong(query: &Params, asked: &Asked) -> Option<(&'static str, String)> {
    if query.get("response_type") != Some("code") {
        let text = "AADSTS700051: The response_type is not enabled for the application.";
        return Some(("unsupported_response_type", text.to_owned()));
    }
    if !matches!(query.get("code_challenge_method"), None | Some("S256" | "plain")) {
        let text = "AADSTS9002313: Invalid request. Request is malformed or invalid.";
        return Some(("invalid_request", text.to_owned()));
    }
    if let Some(id) = asked.scopes.iter().find(|id| PLAY.scope(id).is_none()) {
        let text = format!(
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope {id} is not valid."
        );
        return Some(("invalid_scope", text));
    }
    // Nobody is remembered, so nobody is signed in.
    let text = "AADSTS50058: Session information is not sufficient for single-sign-on.";
    let silent = query.get("prompt") == Some("none");
    silent.then(|| ("login_required", text.to_owned()))
}

/// `session_state` comes along; that it does is usual and written nowhere.
fn callback(_: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer = match outcome {
        Outcome::Granted { code, .. } => vec![("code", (*code).to_owned())],
        Outcome::Denied => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "the user canceled the authentication".to_owned()),
        ],
    };
    answer.extend(asked.state.clone().map(|state| ("state", state)));
    answer.push(("session_state", random::uuid()));
    answer
}

async fn keys(State(world): State<Shared>) -> Response {
    answer::keys(&world, REALM, &[world.keys.next.jwk(), world.keys.main.jwk()])
}

/// On `common` the issuer is a template; no revocation endpoint.
async fn metadata(State(world): State<Shared>) -> Response {
    let base = format!("{}/microsoft", world.base);
    answer::json(
        StatusCode::OK,
        &json!({
            "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
            "authorization_endpoint": format!("{base}/common/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{base}/common/oauth2/v2.0/token"),
            "device_authorization_endpoint": format!("{base}/common/oauth2/v2.0/devicecode"),
            "userinfo_endpoint": format!("{base}/graph/oidc/userinfo"),
            "jwks_uri": format!("{base}/common/discovery/v2.0/keys"),
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
        }),
    )
}

/// Whether it is a personal account and none of an organisation.
fn is_personal(person: &Person) -> bool {
    person.email.is_none_or(|email| email.workspace.is_none())
}

/// The tenant that the person's account lives in.
fn tenant(person: &Person) -> &'static str {
    if is_personal(person) { PERSONAL } else { ORGANISATION }
}

/// The application's own name for the person; another application has another.
fn subject(person: &Person) -> String {
    format!("AAAAAAAAAAAAAAAAAAAAA{}", person.number)
}
