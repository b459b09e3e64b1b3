//! Discord.

mod guilds;
mod profile;

use axum::http::Uri;

use crate::grants::Code;
use crate::providers::prelude::*;

/// An application with "Public Client" on.
pub const CLIENT_ID: &str = "demo-discord";
/// An application with "Public Client" off.
pub const CONFIDENTIAL_CLIENT_ID: &str = "demo-discord-confidential";
/// The secret of [`CONFIDENTIAL_CLIENT_ID`].
pub const CLIENT_SECRET: &str = "demo-discord-secret";

const ISSUER: &str = "https://discord.com";
const REDIRECTS: &[Redirect] = &[
    Redirect::Exact("app.nameplate.desktop.dev:/callback/discord"),
    // Observed with Discord's Social SDK.
    Redirect::AnyPort("http://127.0.0.1/callback/discord"),
];

pub(crate) static PROVIDER: Provider = Provider {
    name: "discord",
    label: ("Discord", "디스코드"),
    colours: ("--accent: #4752c4", "--accent: #5865f2"),
    clients: &[
        Client::new(CLIENT_ID, Secret::None, REDIRECTS),
        Client::new(CONFIDENTIAL_CLIENT_ID, Secret::Required(CLIENT_SECRET), REDIRECTS),
    ],
    scopes: scopes! {
        required "identify" "Username, display name and avatar" "사용자명, 별명, 프로필 사진";
        required "email" "E-mail address" "이메일 주소";
        required "openid" "" "";
        required "connections" "Connected accounts" "연결된 계정";
        required "guilds" "Which servers you are in" "참가한 서버 목록";
        required "guilds.join" "Join servers for you" "서버 참가하기";
        required "guilds.members.read" "Your profile in servers" "서버 프로필";
        required "identify.premium" "Your Nitro subscription" "Nitro 구독 정보";
        required "role_connections.write" "Your role connections" "역할 연결";
        required "bot" "Add a bot to a server" "서버에 봇 추가";
        required "applications.commands" "Create commands in a server" "서버에 명령어 추가";
    },
    endpoints: &[
        ("authorization_endpoint", "/oauth2/authorize"),
        ("token_endpoint", "/api/oauth2/token"),
        ("userinfo_endpoint", "/api/v10/users/@me"),
        ("revocation_endpoint", "/api/oauth2/token/revoke"),
        ("avatar_base", "/cdn"),
    ],
    metadata: Some(("/.well-known/oauth-authorization-server", metadata)),
    authorization: Authorization {
        // 100 seconds, as a staff member says in discord-api-docs#1768.
        code_lifetime: 100,
        new_code: || random::alphanumeric(30),
        unknown_client: ErrorPage::bad("Unknown Application", "There is no such application."),
        redirect_uri,
        check,
        selection: Some(&guilds::SELECTION),
        // The text is unconfirmed.
        denial: &[
            ("error", "access_denied"),
            ("error_description", "The resource owner or authorization server denied the request"),
        ],
        complete,
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        basic: BasicAuth::AcceptedWithoutSecret,
        matches,
        new_tokens: |_| (random::alphanumeric(30), random::alphanumeric(30)),
        // The lifetime of a refresh token is not documented; a year is a guess. So is that a refresh revokes the old
        // token at once.
        lifetimes: |_| Lifetimes { access: 604_800, refresh: Some(365 * 86_400) },
        repeats_refresh_token: true,
        body,
        // A body that is no form has no parameters (discord-api-docs#5249). A verifier without a challenge is as wrong
        // as one that does not fit (next-auth#10352).
        errors: errors! {
            GrantTypeMissing => 400 "unsupported_grant_type" "Grant type None is not supported";
            GrantTypeUnsupported => 400 "unsupported_grant_type" "Grant type {} is not supported";
            ClientIdMissing | ClientUnknown | SecretMissing | SecretWrong | SecretUnexpected => 401 "invalid_client" "";
            RefreshTokenMissing | RefreshTokenInvalid => 400 "invalid_grant" r#"Invalid "refresh_token" in request"#;
            CodeMissing | CodeInvalid => 400 "invalid_grant" r#"Invalid "code" in request."#;
            Mismatch => 400 "invalid_request" r#"Invalid "redirect_uri" in request."#;
            VerifierMissing => 400 "invalid_request" r#"Missing "code_verifier""#;
            VerifierWrong | VerifierUnexpected => 400 "invalid_request" r#"Invalid "code_verifier""#;
        },
        error: |row, text, _| match text {
            "" => Refusal::new(row.status, json!({ "error": row.code })),
            text => Refusal::oauth(row.status, row.code, text),
        },
        too_many_requests: rate_limited,
        ..TokenEndpoint::STANDARD
    },
    id_members: &["id"],
    // The body for a missing scope is a guess.
    bearer_refusal: |_| Refusal::new(401, json!({ "message": "401: Unauthorized", "code": 0 })),
    too_many_requests: rate_limited,
    routes: |router| {
        router
            // The metadata names this one, which redirects to the other.
            .route("/discord/api/oauth2/authorize", get(moved))
            .route("/discord/api/oauth2/token/revoke", revocation::by_post(revoke))
            .route("/discord/api/v10/users/@me", get_profile(profile::me))
            // Without a version, the default one: what httpx-oauth asks for.
            .route("/discord/api/users/@me", get_profile(profile::me))
            .route("/discord/api/oauth2/@me", get_json(profile::authorization))
            .route("/discord/api/oauth2/userinfo", get_profile(profile::userinfo))
            .route("/discord/api/oauth2/keys", get(crate::endpoints::keys))
            .route("/discord/cdn/avatars/{id}/{file}", get(profile::avatar))
            .route("/discord/cdn/embed/avatars/{file}", get(profile::default_avatar))
    },
    ..Provider::STANDARD
};

async fn moved(uri: Uri, request: Request) -> Response {
    let query = uri.query().unwrap_or_default();
    let location = format!("{}?{query}", request.endpoint("authorization_endpoint"));
    response::found(&location)
}

/// By default the first registered one; none for a bot alone.
fn redirect_uri(request: &Request, client: &'static Client) -> Checked<String> {
    if is_bot_alone(&request.query) {
        return Ok(String::new());
    }
    let uri = request.query.get("redirect_uri").or_else(|| client.first_redirect());
    let uri = uri.unwrap_or_default();
    let text = "The redirect URI is not registered for this application.";
    page_if(!request.allows(client, uri), "Invalid OAuth2 redirect_uri", text)?;
    Ok(uri.to_owned())
}

/// The scope `bot` alone, or with `applications.commands`: there is no response.
fn is_bot_alone(query: &Params) -> bool {
    let mut scopes = query.get("scope").unwrap_or_default().split_whitespace().peekable();
    query.get("response_type").is_none()
        && scopes.peek().is_some()
        && scopes.all(|id| matches!(id, "bot" | "applications.commands"))
}

/// That these errors go to the application, and not to a page of Discord, is a guess, except for `invalid_scope`
/// (discord-api-docs#5751). Discord supports `response_type=token` too, which native apps must not use (RFC 9700 §2.1.2).
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    if is_bot_alone(&request.query) {
        return Ok(());
    }
    let text = "Only the authorization code is supported";
    let flow = request.query.get("response_type") != Some("code");
    send_if(flow, "unsupported_response_type", text)?;
    let text = r#"Unsupported "code_challenge_method""#;
    send_if(pending.is_not_s256(), "invalid_request", text)?;
    let text = "The requested scope is invalid, unknown, or malformed.";
    let unknown = pending.scopes.is_empty() || request.unknown_scope(pending).is_some();
    send_if(unknown, "invalid_scope", text)?;
    let roles = pending.challenge.is_some() && pending.has("role_connections.write");
    send_if(roles, "invalid_scope", "role_connections.write cannot be combined with PKCE")
}

/// With a bot, the response names the server. That is a hint; the token response is authoritative.
fn complete(
    request: &Request,
    pending: &AuthorizationRequest,
    grant: Option<&Grant>,
    pairs: &mut Pairs,
) {
    if let Some(guild) = grant.and_then(guilds::of) {
        let permissions = pending.params.get("permissions").unwrap_or("0");
        pairs.insert(1, ("guild_id", guild.id.to_owned()));
        pairs.insert(2, ("permissions", permissions.to_owned()));
    }
    // Announced in the metadata, not seen live: only if a test wants it.
    if request.has(Fault::IssSent) {
        pairs.push(("iss", ISSUER.to_owned()));
    }
}

fn metadata(request: &Request) -> Value {
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    let more = json!({
        "authorization_endpoint": request.url("/api/oauth2/authorize"),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    request.metadata(ISSUER, "token_endpoint revocation_endpoint", more)
}

fn matches(form: &Params, code: &Code) -> Result<(), TokenError> {
    let asked = &code.request;
    let pkce = asked.challenge.is_some();
    // The code of a private-use scheme without PKCE is issued and cannot be redeemed (discord-api-docs#2036).
    let unprotected = is_private_scheme(&asked.redirect_uri) && !pkce;
    if unprotected || form.get("redirect_uri") != Some(asked.redirect_uri.as_str()) {
        return Err(TokenError::Mismatch);
    }
    // Without a verifier, also a public client needs the secret, which it does not have.
    let public = asked.client.secret == Secret::None;
    if public && !pkce && form.get("code_verifier").is_none() {
        return Err(TokenError::SecretMissing);
    }
    Ok(())
}

fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("Bearer");
    let grant = issued.grant;
    body["scope"] = json!(grant.scopes.join(" "));
    if grant.has("openid") {
        let subject = grant.user.number.to_string();
        let mut claims = id_token::claims(request, grant, ISSUER, &subject, 3600);
        id_token::bind(&mut claims, &issued.tokens.access);
        body["id_token"] = id_token::sign(request, &claims);
    }
    if let Some(guild) = guilds::of(grant) {
        body["guild"] = guild.description();
    }
    body
}

fn rate_limited() -> Refusal {
    let text = "You are being rate limited.";
    Refusal::new(429, json!({ "message": text, "retry_after": 2.57, "global": false }))
        .header("x-ratelimit-limit", "5")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset-after", "2.57")
}

/// Any token of a user revokes all tokens of that user for the application.
fn revoke(request: &Request) -> Result<Response, Refusal> {
    let form = request.form().ok_or_else(|| request.refusal(TokenError::GrantTypeMissing, ""))?;
    let token = form.get("token").unwrap_or_default();
    revocation::revoke_of_client(request, &form, token, Reach::Account)?;
    Ok(response::ok(&json!({})))
}
