//! Mastodon, at the version 4.3 and at 4.2: applications register themselves, tokens do not expire.
//!
//! Documented at docs.joinmastodon.org (methods/apps, methods/oauth, api/oauth-scopes) and in its source; it is built on
//! Doorkeeper. The texts of errors are those of Doorkeeper.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::endpoints::revocation::{self, Reach};
use crate::endpoints::{pictures, userinfo};
use crate::grants::{AuthorizationRequest, Grant, Lifetimes};
use crate::params::Params;
use crate::pictures::Format;
use crate::provider::{
    Authorization, AuthorizationError, BearerError, Context, ErrorPage, GrantType, Issued,
    Provider, Request, Scope, TokenEndpoint, TokenError, VerifierPolicy,
};
use crate::random;
use crate::registered::{RegisteredClient, client};
use crate::response::{self, Refusal};

/// Tokens that do not expire: a century.
const CENTURY: i64 = 100 * 365 * 86_400;
/// The scope that an application has which names none.
const DEFAULT_SCOPE: &str = "read";

const READ: Scope = Scope::required("read", ("Read everything", "모든 정보 읽기"));
const READ_ACCOUNTS: Scope =
    Scope::required("read:accounts", ("Read the accounts of others and yours", "계정 정보 읽기"));

/// Version 4.3: the scope `profile`, PKCE, metadata by RFC 8414.
pub(crate) static PROVIDER: Provider = CURRENT;

/// Version 4.2, which has none of them.
pub(crate) static OLDER: Provider = Provider {
    name: "mastodon-older",
    label: ("Mastodon 4.2", "Mastodon 4.2"),
    scopes: &[READ, READ_ACCOUNTS],
    authorization: Authorization { check: check_older, ..CURRENT.authorization },
    token: TokenEndpoint { verifier: VerifierPolicy::UnannouncedIgnored, ..CURRENT.token },
    routes: |router| routes(router, "/mastodon-older"),
    ..CURRENT
};

const CURRENT: Provider = Provider {
    name: "mastodon",
    label: ("Mastodon", "Mastodon"),
    colours: ("--accent: #563acc", "--accent: #8c8dff; --on-accent: #17063b"),
    scopes: &[
        Scope::required("profile", ("Read only your account’s profile", "내 프로필 정보만 읽기")),
        READ,
        READ_ACCOUNTS,
    ],
    endpoints: &[
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
    ],
    table: |_, _| String::new(),
    authorization: Authorization {
        unknown_client: ErrorPage {
            status: StatusCode::UNAUTHORIZED,
            code: "invalid_client",
            text: (
                "Client authentication failed due to unknown client.",
                "알 수 없는 클라이언트입니다.",
            ),
        },
        unregistered_redirect: ErrorPage::bad(
            "invalid_redirect_uri",
            ("The redirect URI included is not valid.", "리디렉션 URI가 올바르지 않습니다."),
        ),
        check,
        denial: &[
            ("error", "access_denied"),
            ("error_description", "The resource owner or authorization server denied the request."),
        ],
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        grant_type: |name| GrantType::of(name).filter(|kind| *kind == GrantType::AuthorizationCode),
        lifetimes: |_| Lifetimes { access: CENTURY, refresh: None },
        body,
        refusal,
        ..TokenEndpoint::STANDARD
    },
    id_members: &["id"],
    bearer_refusal,
    too_many_requests: || {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, json!({"error": "Too many requests"}))
    },
    routes: |router| {
        routes(router, "/mastodon")
            .route("/.well-known/oauth-authorization-server/mastodon", get(metadata))
    },
    ..Provider::STANDARD
};

fn routes(router: axum::Router<Context>, prefix: &str) -> axum::Router<Context> {
    router
        .route(&format!("{prefix}/api/v1/apps"), post(register))
        .route(&format!("{prefix}/api/v1/accounts/verify_credentials"), get(account))
        .route(&format!("{prefix}/oauth/revoke"), post(revoke))
        .route(&format!("{prefix}/avatars/{{file}}"), get(avatar))
}

fn is_older(request: &Request) -> bool {
    request.provider.name == OLDER.name
}

/// RFC 8414. The issuer is the root of the server, with its slash.
async fn metadata(request: Request) -> Response {
    let scopes: Vec<&str> = request.provider.scopes.iter().map(|scope| scope.id).collect();
    response::ok(&json!({
        "issuer": request.url("/"),
        "authorization_endpoint": request.url("/oauth/authorize"),
        "token_endpoint": request.url("/oauth/token"),
        "revocation_endpoint": request.url("/oauth/revoke"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "service_documentation": "https://docs.joinmastodon.org/",
        "app_registration_endpoint": request.url("/api/v1/apps"),
    }))
}

/// Registers an application. Older servers take `redirect_uris` as one text, with an address on each line.
async fn register(request: Request) -> Response {
    registered(&request).map_or_else(
        |text| {
            let body = json!({ "error": format!("Validation failed: {text}") });
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
        },
        |body| response::ok(&body),
    )
}

fn registered(request: &Request) -> Result<Value, &'static str> {
    let form = request.form().unwrap_or_default();
    let name = form.get("client_name").filter(|name| !name.is_empty());
    let name = name.ok_or("Application name can't be blank")?;
    let uris: Vec<String> = form
        .get("redirect_uris")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let absolute = |uri: &String| url::Url::parse(uri).is_ok();
    if uris.is_empty() || !uris.iter().all(absolute) {
        return Err("Redirect URI must be an absolute URI.");
    }
    let scopes: Vec<String> = form
        .get("scopes")
        .filter(|scopes| !scopes.is_empty())
        .unwrap_or(DEFAULT_SCOPE)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if !scopes.iter().all(|scope| request.provider.scope(scope).is_some()) {
        return Err("Scopes doesn't match configured on the server.");
    }
    let (id, secret) = (random::base64url(43), random::base64url(43));
    request.state.request_log().record("client_secret", &secret);
    let mut body = json!({
        "id": "1", "name": name, "website": null,
        "redirect_uri": uris.join("\n"),
        "client_id": id, "client_secret": secret,
        "vapid_key": "BCk-QqERU0q-CfYZjcuB6lnyyOYfJ2AifKqfeGIm7Z-HiTU5T9eTG5GxVA0_OH5mMlI4UkkDTpaZwozy0TzdZ2M=",
    });
    if !is_older(request) {
        body["scopes"] = json!(scopes);
        body["redirect_uris"] = json!(uris);
        body["client_secret_expires_at"] = json!(0);
    }
    let client = client(id, Some(secret), &uris);
    let registered = RegisteredClient { client, scopes: Some(scopes), access_token: String::new() };
    request.state.registered.add(&request.realm, registered);
    Ok(body)
}

/// The scopes must be among those that the application was registered with.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Result<(), AuthorizationError> {
    if request.query.get("response_type") != Some("code") {
        let text = "The authorization server does not support this response type.";
        return Err(AuthorizationError::redirect("unsupported_response_type", text));
    }
    if pending.challenge.is_some() && request.query.get("code_challenge_method") != Some("S256") {
        let text = "The code_challenge_method must be S256.";
        return Err(AuthorizationError::redirect("invalid_code_challenge_method", text));
    }
    if pending.scopes.is_empty() {
        pending.scopes.push(DEFAULT_SCOPE.to_owned());
    }
    let registered = request.state.registered.find(&request.realm, pending.client.id);
    let allowed = registered.and_then(|registered| registered.scopes).unwrap_or_default();
    match pending.scopes.iter().all(|scope| allowed.contains(scope)) {
        true => Ok(()),
        false => {
            let text = "The requested scope is invalid, unknown, or malformed.";
            Err(AuthorizationError::redirect("invalid_scope", text))
        }
    }
}

/// Before 4.3 the parameters of PKCE are ignored.
fn check_older(
    request: &Request,
    pending: &mut AuthorizationRequest,
) -> Result<(), AuthorizationError> {
    pending.challenge = None;
    check(request, pending)
}

/// Without `expires_in`: the tokens do not expire.
fn body(request: &Request, issued: &Issued<'_>) -> Value {
    json!({
        "access_token": issued.tokens.access, "token_type": "Bearer",
        "scope": issued.grant.scopes.join(" "), "created_at": request.state.now(),
    })
}

fn refusal(error: TokenError<'_>) -> Refusal {
    match error {
        TokenError::Client(_) => Refusal::oauth(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
        ),
        TokenError::GrantType(_) => Refusal::bad(
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server.",
        ),
        TokenError::Missing(name) => {
            Refusal::bad("invalid_request", &format!("Missing required parameter: {name}."))
        }
        TokenError::Code(_)
        | TokenError::Mismatch
        | TokenError::Verifier(_)
        | TokenError::RefreshToken => Refusal::bad(
            "invalid_grant",
            "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.",
        ),
    }
}

fn bearer_refusal(error: BearerError) -> Refusal {
    let (status, text) = match error {
        BearerError::Scope => {
            (StatusCode::FORBIDDEN, "This action is outside the authorized scopes")
        }
        BearerError::Missing | BearerError::Unknown => {
            (StatusCode::UNAUTHORIZED, "The access token is invalid")
        }
        BearerError::Expired => (StatusCode::UNAUTHORIZED, "The access token expired"),
    };
    Refusal::new(status, json!({ "error": text }))
}

/// `GET /api/v1/accounts/verify_credentials`, with `profile` or a scope that contains it.
async fn account(request: Request) -> Response {
    let opens = ["profile", "read", "read:accounts"];
    match request.authorized() {
        Ok((grant, _)) if !opens.iter().any(|scope| grant.has(scope)) => {
            bearer_refusal(BearerError::Scope).into_response()
        }
        Ok((grant, _)) => userinfo::respond(&request, credential_account(&request, &grant)).await,
        Err(error) => bearer_refusal(error).into_response(),
    }
}

fn credential_account(request: &Request, grant: &Grant) -> Value {
    let user = request.user(grant);
    // Somebody without a picture has one of the server's.
    let file = user.colour.map_or("missing", |_| user.key);
    let avatar = request.url(&format!("/avatars/{file}.png"));
    json!({
        "id": user.number.to_string(), "username": user.username, "acct": user.username,
        "display_name": user.nickname.unwrap_or_default(), "locked": false, "bot": false,
        "note": "", "url": request.url(&format!("/@{}", user.username)),
        "avatar": avatar, "avatar_static": avatar,
        "source": { "privacy": "public", "sensitive": false, "language": null, "note": "", "fields": [] },
    })
}

/// RFC 7009, by the client of the token.
async fn revoke(request: Request) -> Response {
    revocation::respond(&request, |request| {
        let form: Params = request.form().unwrap_or_default();
        let token = form.get("token").unwrap_or_default();
        let known = request.state.grants().grant_of(&request.realm, token).is_some();
        let refused = || {
            let text = "You are not authorized to revoke this token";
            Refusal::oauth(StatusCode::FORBIDDEN, "unauthorized_client", text)
        };
        // Doorkeeper says the same of a client that does not authenticate.
        let grant = revocation::grant_of_client(request, &form, token).map_err(|_| refused())?;
        match grant {
            Some(grant) => revocation::revoke(request, &grant, Reach::Token(token)),
            None if known => return Err(refused()),
            None => {}
        }
        Ok(response::ok(&json!({})))
    })
}

/// `KEY.png`; of nobody, a picture of the server's own.
async fn avatar(Path(file): Path<String>, request: Request) -> Response {
    let key = file.trim_end_matches(".png");
    pictures::of_user(&request, key, 400, Format::Png).await
}
