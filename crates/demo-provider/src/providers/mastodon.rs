//! Mastodon, at the version 4.3 and at 4.2: applications register themselves, tokens do not expire.
//!
//! Documented at docs.joinmastodon.org (methods/apps, methods/oauth, api/oauth-scopes) and in its source; it is built on
//! Doorkeeper. The texts of errors are those of Doorkeeper.

use axum::Router;

use crate::provider::Context;
use crate::providers::prelude::*;
use crate::registered::{RegisteredClient, client};

/// Tokens that do not expire: a century.
const CENTURY: i64 = 100 * 365 * 86_400;
/// The scope that an application has which names none.
const DEFAULT_SCOPE: &str = "read";

/// Version 4.3: the scope `profile`, PKCE, metadata by RFC 8414.
pub(crate) static PROVIDER: Provider = CURRENT;

/// Version 4.2, which has none of them.
pub(crate) static OLDER: Provider = Provider {
    name: "mastodon-older",
    label: ("Mastodon 4.2", "Mastodon 4.2"),
    scopes: scopes! {
        required "read" "Read everything" "모든 정보 읽기";
        required "read:accounts" "Read accounts, yours and others" "계정 정보 읽기";
    },
    authorization: Authorization { check: check_older, ..CURRENT.authorization },
    token: TokenEndpoint { verifier: VerifierPolicy::UnannouncedIgnored, ..CURRENT.token },
    routes: |router| routes(router, "/mastodon-older"),
    ..CURRENT
};

const CURRENT: Provider = Provider {
    name: "mastodon",
    label: ("Mastodon", "Mastodon"),
    colours: ("--accent: #563acc", "--accent: #8c8dff; --on-accent: #17063b"),
    scopes: scopes! {
        required "profile" "Read only your account’s profile" "내 프로필 정보만 읽기";
        required "read" "Read everything" "모든 정보 읽기";
        required "read:accounts" "Read accounts, yours and others" "계정 정보 읽기";
    },
    endpoints: &[
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
    ],
    table: |_, _| String::new(),
    authorization: Authorization {
        unknown_client: ErrorPage {
            status: axum::http::StatusCode::UNAUTHORIZED,
            code: "invalid_client",
            text: "Client authentication failed due to unknown client.",
        },
        unregistered_redirect: ErrorPage::bad(
            "invalid_redirect_uri",
            "The redirect URI included is not valid.",
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
        errors: errors! {
            ClientIdMissing | ClientUnknown | SecretMissing | SecretWrong | SecretUnexpected => 401 "invalid_client" "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.";
            GrantTypeMissing | GrantTypeUnsupported => 400 "unsupported_grant_type" "The authorization grant type is not supported by the authorization server.";
            CodeMissing | RefreshTokenMissing => 400 "invalid_request" "Missing required parameter: code.";
            CodeInvalid | Mismatch | VerifierMissing | VerifierWrong | VerifierUnexpected | RefreshTokenInvalid => 400 "invalid_grant" "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.";
        },
        ..TokenEndpoint::STANDARD
    },
    id_members: &["id"],
    bearer_refusal,
    too_many_requests: || Refusal::new(429, json!({"error": "Too many requests"})),
    routes: |router| {
        routes(router, "/mastodon")
            .route("/.well-known/oauth-authorization-server/mastodon", get_json(metadata))
    },
    ..Provider::STANDARD
};

fn routes(router: Router<Context>, prefix: &str) -> Router<Context> {
    let account_path = format!("{prefix}/api/v1/accounts/verify_credentials");
    router
        .route(&format!("{prefix}/api/v1/apps"), json_endpoint(MethodFilter::POST, register))
        .route(&account_path, get_profile(account))
        .route(&format!("{prefix}/oauth/revoke"), revocation::by_post(revoke))
        .route(&format!("{prefix}/avatars/{{file}}"), get(avatar))
}

fn is_older(request: &Request) -> bool {
    request.provider.name == OLDER.name
}

/// RFC 8414. The issuer is the root of the server, with its slash.
fn metadata(request: &Request) -> Result<Value, Refusal> {
    let scopes: Vec<&str> = request.provider.scopes.iter().map(|scope| scope.id).collect();
    Ok(json!({
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
fn register(request: &Request) -> Result<Value, Refusal> {
    let invalid =
        |text: &str| Refusal::new(422, json!({ "error": format!("Validation failed: {text}") }));
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let form = request.form().unwrap_or_default();
    let name = form.get("client_name").ok_or_else(|| invalid("Application name can't be blank"))?;
    let uris = words(form.get("redirect_uris").unwrap_or_default());
    let absolute = |uri: &String| url::Url::parse(uri).is_ok();
    if uris.is_empty() || !uris.iter().all(absolute) {
        return Err(invalid("Redirect URI must be an absolute URI."));
    }
    let scopes = words(form.get("scopes").unwrap_or(DEFAULT_SCOPE));
    if !scopes.iter().all(|scope| request.provider.scope(scope).is_some()) {
        return Err(invalid("Scopes doesn't match configured on the server."));
    }
    let (id, secret) = (random::base64url(43), random::base64url(43));
    request.state.log(|log| log.record("client_secret", &secret));
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
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let text = "The authorization server does not support this response type.";
    let is_code = request.query.get("response_type") == Some("code");
    send_if(!is_code, "unsupported_response_type", text)?;
    let text = "The code_challenge_method must be S256.";
    send_if(pending.is_not_s256(), "invalid_code_challenge_method", text)?;
    if pending.scopes.is_empty() {
        pending.scopes.push(DEFAULT_SCOPE.to_owned());
    }
    let registered = request.state.registered.find(&request.realm, pending.client.id);
    let allowed = registered.and_then(|registered| registered.scopes).unwrap_or_default();
    let is_allowed = pending.scopes.iter().all(|scope| allowed.contains(scope));
    send_if(!is_allowed, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
}

/// Before 4.3 the parameters of PKCE are ignored.
fn check_older(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
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

fn bearer_refusal(error: BearerError) -> Refusal {
    let (status, text) = match error {
        BearerError::Scope => (403, "This action is outside the authorized scopes"),
        BearerError::Missing | BearerError::Unknown => (401, "The access token is invalid"),
        BearerError::Expired => (401, "The access token expired"),
    };
    Refusal::new(status, json!({ "error": text }))
}

/// `GET /api/v1/accounts/verify_credentials`, with `profile` or a scope that contains it.
fn account(request: &Request) -> Result<Value, Refusal> {
    let grant = request.authorized()?.grant;
    if !["profile", "read", "read:accounts"].iter().any(|scope| grant.has(scope)) {
        return Err(bearer_refusal(BearerError::Scope));
    }
    let user = request.user(&grant);
    // A user without a picture gets one of the server's.
    let file = user.colour.map_or("missing", |_| user.key);
    let avatar = request.url(&format!("/avatars/{file}.png"));
    Ok(json!({
        "id": user.number.to_string(), "username": user.username, "acct": user.username,
        "display_name": user.nickname.unwrap_or_default(), "locked": false, "bot": false,
        "note": "", "url": request.url(&format!("/@{}", user.username)),
        "avatar": avatar, "avatar_static": avatar,
        "source": { "privacy": "public", "sensitive": false, "language": null, "note": "", "fields": [] },
    }))
}

/// RFC 7009, by the client of the token. Doorkeeper says the same of a client that does not authenticate.
fn revoke(request: &Request) -> Result<Response, Refusal> {
    let form = request.form().unwrap_or_default();
    let token = form.get("token").unwrap_or_default();
    let text = "You are not authorized to revoke this token";
    let refused = Refusal::oauth(403, "unauthorized_client", text);
    let client = request.authenticate(&form).map_err(|_| refused.clone())?;
    let grant = request.state.grants().grant_of(&request.realm, token);
    if grant.is_some_and(|grant| grant.client.id != client.id) {
        return Err(refused);
    }
    revocation::revoke_of_client(request, &form, token, Reach::Token(token))?;
    Ok(response::ok(&json!({})))
}

/// `KEY.png`; for an unknown key, a picture of the server's own.
async fn avatar(Path(file): Path<String>, request: Request) -> Response {
    let key = file.trim_end_matches(".png");
    pictures::of_user(&request, key, 400, ImageFormat::Png)
}
