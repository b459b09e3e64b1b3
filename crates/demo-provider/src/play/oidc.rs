//! A generic OpenID Connect issuer, and under `/oidc/rp/MODULE` one more issuer per relying-party test module.

mod authorize;
mod claims;
mod device;
mod issuer;
mod module;
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
use crate::book::Asked;
use crate::faults::Fault;
use crate::random;
use crate::world::{Shared, World};

use issuer::Issuer;
pub use module::Module;

const PROVIDER: &str = "oidc";

static SCOPES: [Scope; 6] = [
    needed("openid", "", ""),
    needed(
        "profile",
        "Name, nickname, picture, birthday and gender",
        "이름, 닉네임, 사진, 생일, 성별",
    ),
    needed("email", "E-mail address", "이메일 주소"),
    optional("phone", "Phone number", "전화번호"),
    optional("address", "Postal address", "우편 주소"),
    optional("offline_access", "Stay signed in", "로그인 유지"),
];

/// The generic issuer as data.
pub static PLAY: Play = Play {
    name: PROVIDER,
    label: ("Company SSO", "회사 SSO"),
    scopes: &SCOPES,
    id_fields: &["sub"],
    code_life: 60,
    new_code: || random::base64url(43),
    answer: callback,
    fragment: "",
    invalid_client: || {
        error(StatusCode::UNAUTHORIZED, "invalid_client", Some("client authentication failed"))
    },
    dead_grant: token::dead_grant,
    bad_bearer: userinfo::invalid_token,
    token_429: || {
        error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", Some("too many requests"))
            .into_response()
    },
    profile_429: || {
        error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", Some("too many requests"))
            .into_response()
    },
};

/// The endpoints, once for the issuer and once for all modules.
pub fn routes() -> Router<Shared> {
    at("/oidc")
        .merge(at("/oidc/rp/{module}"))
        .route("/.well-known/oauth-authorization-server/oidc", get(oauth_metadata))
        .route("/oidc/img/{file}", get(userinfo::image))
        // The issuer's alone: no module is about the device grant.
        .route("/oidc/device_authorization", post(device::codes))
        .route("/oidc/device", get(device::page))
}

fn at(prefix: &str) -> Router<Shared> {
    let path = |name: &str| format!("{prefix}/{name}");
    Router::new()
        .route(&path(".well-known/openid-configuration"), get(discovery))
        .route(&path("authorize"), get(authorize::authorize))
        .route(&path("token"), post(token::token))
        .route(&path("revoke"), post(token::revoke))
        .route(&path("userinfo"), get(userinfo::userinfo).post(userinfo::userinfo))
        .route(&path("jwks"), get(jwks))
}

async fn discovery(State(world): State<Shared>, issuer: Issuer) -> Response {
    let bad = |fault| world.has(&issuer.realm, fault);
    if bad(Fault::Discovery5xx) {
        return answer::unavailable();
    }
    if bad(Fault::DiscoveryNotJson) {
        return answer::raw(StatusCode::OK, "text/html", "<!doctype html><title>Not here</title>");
    }
    if bad(Fault::MetadataMoved) {
        return answer::raw(StatusCode::NOT_FOUND, "text/plain", "not found");
    }
    let mut document = metadata(&world, &issuer);
    if bad(Fault::RevocationElsewhere) {
        answer::remove(&mut document, "revocation_endpoint");
    }
    answer::json(StatusCode::OK, &document)
}

/// The document of RFC 8414, at the issuer's host and in front of its path (§3.1). Most issuers of
/// OpenID Connect have none.
async fn oauth_metadata(State(world): State<Shared>) -> Response {
    let issuer = Issuer::of(PROVIDER);
    let has = |fault| world.has(&issuer.realm, fault);
    if has(Fault::MetadataMoved) || has(Fault::RevocationElsewhere) {
        return answer::json(StatusCode::OK, &metadata(&world, &issuer));
    }
    answer::raw(StatusCode::NOT_FOUND, "text/plain", "not found")
}

fn metadata(world: &World, issuer: &Issuer) -> Value {
    let url = issuer.url(world);
    let algorithms = issuer.module.map_or(&["RS256"][..], Module::announced);
    let mut document = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "jwks_uri": format!("{url}/jwks"),
        "revocation_endpoint": format!("{url}/revoke"),
        "scopes_supported": SCOPES.iter().map(|scope| scope.id).collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": claims::SUPPORTED,
        "authorization_response_iss_parameter_supported": true,
    });
    if world.has(&issuer.realm, Fault::RevocationNowhere) {
        answer::remove(&mut document, "revocation_endpoint");
    }
    match issuer.module {
        Some(module) => module.bend_discovery(&mut document),
        None => device::announce(&mut document, &url),
    }
    document
}

async fn jwks(State(world): State<Shared>, issuer: Issuer) -> Response {
    let keys = match issuer.module {
        Some(module) => module.keys(&world),
        None => vec![world.keys.main.jwk()],
    };
    answer::keys(&world, &issuer.realm, &keys)
}

/// `iss` is announced in the metadata and sent, on errors too (RFC 9207 §2).
fn callback(world: &World, asked: &Asked, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let mut answer = match outcome {
        Outcome::Granted { code, .. } => vec![("code", (*code).to_owned())],
        Outcome::Denied => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "The person said no".to_owned()),
        ],
    };
    answer.extend(asked.state.clone().map(|state| ("state", state)));
    let issuer = Issuer::of(&asked.realm);
    answer.push(("iss", issuer.url(world)));
    if let Some(module) = issuer.module {
        module.bend_callback(&mut answer);
    }
    answer
}
