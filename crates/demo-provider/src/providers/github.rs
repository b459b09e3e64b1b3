//! GitHub, with OAuth apps and a GitHub App.

mod api;
mod revocation;

use url::form_urlencoded;

use crate::providers::prelude::{revocation as endpoint, *};

/// An OAuth app whose tokens do not expire; its device flow is enabled.
pub const CLIENT_ID: &str = "demo-github";
/// An OAuth app whose tokens expire, as in the settings of every new one.
pub const EXPIRING_CLIENT_ID: &str = "demo-github-expiring";
/// The secret of both, for the web flow.
pub const CLIENT_SECRET: &str = "demo-github-secret";
/// A GitHub App: its tokens expire; its device flow is disabled.
pub const APP_CLIENT_ID: &str = "demo-github-app";
/// The secret of [`APP_CLIENT_ID`].
pub const APP_CLIENT_SECRET: &str = "demo-github-app-secret";

/// In the metadata, and in `iss` as the metadata announces; not seen live.
const ISSUER: &str = "https://github.com/login/oauth";
/// The scope with which tokens of an OAuth app expire in any case.
const OFFLINE: &str = "offline_access";
/// Access and refresh tokens that expire, in seconds. Of GitHub Apps both are documented; of OAuth apps the first is
/// reported and the second a guess.
const EXPIRING: Lifetimes = Lifetimes { access: 28_800, refresh: Some(15_897_600) };
/// Tokens that do not expire: a century.
const LASTING: Lifetimes = Lifetimes { access: 100 * 365 * 86_400, refresh: None };
const DEVICE_ERRORS: &str = "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow";
const REDIRECTS: &[Redirect] = &[
    Redirect::Below("http://127.0.0.1/callback/github"),
    Redirect::Exact("app.nameplate.desktop.dev:/callback/github"),
    // That of an installed program, for the test of the packages.
    Redirect::Exact("app.nameplate.desktop:/callback/github"),
];

pub(crate) static PROVIDER: Provider = Provider {
    name: "github",
    label: ("GitHub", "GitHub"),
    colours: ("--accent: #1f2328", "--accent: #f0f6fc; --on-accent: #0d1117"),
    clients: &[
        Client::new(CLIENT_ID, Secret::Required(CLIENT_SECRET), REDIRECTS),
        Client::new(EXPIRING_CLIENT_ID, Secret::Required(CLIENT_SECRET), REDIRECTS),
        Client::new(APP_CLIENT_ID, Secret::Required(APP_CLIENT_SECRET), REDIRECTS),
    ],
    scopes: scopes! {
        required "read:user" "Your profile, also what is not public" "프로필(공개하지 않은 정보 포함)";
        required "user:email" "Your e-mail addresses" "이메일 주소";
        required "user" "Read and change your profile" "프로필 읽기 및 변경";
        required OFFLINE "Stay signed in" "로그인 유지";
    },
    endpoints: &[
        ("authorization_endpoint", "/login/oauth/authorize"),
        ("token_endpoint", "/login/oauth/access_token"),
        ("device_authorization_endpoint", "/login/device/code"),
        ("userinfo_endpoint", "/api/user"),
        ("emails_endpoint", "/api/user/emails"),
        ("revocation_endpoint", "/api/credentials/revoke"),
        ("avatar_base", "/avatars"),
    ],
    metadata: Some(("/.well-known/oauth-authorization-server/login/oauth", metadata)),
    authorization: Authorization {
        new_code: || random::hex(20),
        // The real page says no more.
        page_title: ("This is not the page you are looking for", "찾으시는 페이지가 없습니다"),
        unknown_client: ErrorPage {
            status: axum::http::StatusCode::NOT_FOUND,
            code: "404",
            text: "There is no such application.",
        },
        redirect_uri,
        check,
        denial: &[
            ("error", "access_denied"),
            ("error_description", "The user has denied your application access."),
            (
                "error_uri",
                "/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied",
            ),
        ],
        complete: |_, _, _, pairs| pairs.push(("iss", ISSUER.to_owned())),
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        // The table of the web flow has no grant type.
        grant_type: |name| GrantType::of(name.or(Some("authorization_code"))),
        verifier: VerifierPolicy::UnannouncedIgnored,
        // The redirect URI may be left out.
        matches: |form, code| match form.get("redirect_uri") {
            Some(uri) if uri != code.request.redirect_uri => Err(TokenError::Mismatch),
            Some(_) | None => Ok(()),
        },
        // A user who has not confirmed the primary address gives no application a token.
        check_grant: |grant| match grant.user.email {
            Some(email) if !email.verified => {
                let text = "The user must have a verified primary email.";
                Err(error("unverified_user_email", text, &trouble("unverified_user_email")))
            }
            Some(_) | None => Ok(()),
        },
        device_client,
        // The form of an OAuth app's refresh token is a guess.
        new_tokens: |client| {
            let kind = if client.id == APP_CLIENT_ID { "ghu" } else { "gho" };
            let access = format!("{kind}_{}", random::alphanumeric(36));
            (access, format!("ghr_{}", random::alphanumeric(76)))
        },
        lifetimes: |grant| {
            let expiring = matches!(grant.client.id, APP_CLIENT_ID | EXPIRING_CLIENT_ID);
            if expiring || grant.has(OFFLINE) { EXPIRING } else { LASTING }
        },
        body,
        // The last text is an anchor of the documentation of the web flow, `device`, or a URL. The codes are documented; most texts of the device
        // flow are guesses, and so are the text for a grant type and the code for a verifier.
        errors: errors! {
            ClientIdMissing | ClientUnknown | SecretMissing | SecretWrong | SecretUnexpected => 200 "incorrect_client_credentials" "The client_id and/or client_secret passed are incorrect." "incorrect-client-credentials";
            RefreshTokenMissing | RefreshTokenInvalid => 200 "bad_refresh_token" "The refresh token passed is incorrect or expired." "https://docs.github.com";
            CodeMissing | CodeInvalid | VerifierMissing | VerifierWrong | VerifierUnexpected => 200 "bad_verification_code" "The code passed is incorrect or expired." "bad-verification-code";
            Mismatch => 200 "redirect_uri_mismatch" "The redirect_uri MUST match the registered callback URL for this application." "redirect-uri-mismatch2";
            GrantTypeMissing | GrantTypeUnsupported => 200 "unsupported_grant_type" "The grant type is not supported." "";
            Pending => 200 "authorization_pending" "The authorization request is still pending." "device";
            TooSoon => 200 "slow_down" "Too many requests have been made in the same timeframe." "device";
            Denied => 200 "access_denied" "The authorization request was denied." "device";
            Expired => 200 "expired_token" "The device_code has expired." "device";
            DeviceCodeInvalid => 200 "incorrect_device_code" "The device_code provided is not valid." "device";
        },
        // `slow_down` names the new interval.
        error: |row, text, value| {
            let uri = match row.more {
                "device" => DEVICE_ERRORS.to_owned(),
                url if url.starts_with("https://") => url.to_owned(),
                anchor => trouble(anchor),
            };
            let mut refusal = error(row.code, text, &uri);
            if row.errors == [TokenError::TooSoon] {
                refusal.body["interval"] = json!(value.parse::<i64>().ok());
            }
            refusal
        },
        too_many_requests: api::rate_limited,
        encode,
        ..TokenEndpoint::STANDARD
    },
    device: Some(DeviceEndpoint {
        page: "/login/device",
        new_code: || random::hex(40),
        client: device_client,
        ..DeviceEndpoint::STANDARD
    }),
    id_members: &["id"],
    bearer_refusal: |_| api::bad_credentials(),
    too_many_requests: api::rate_limited,
    routes: |router| {
        router
            .route("/github/api/user", get_profile(api::user))
            .route("/github/api/user/emails", get_json(api::emails))
            .route(
                "/github/api/applications/{client}/grant",
                endpoint::by_delete(revocation::grant),
            )
            .route(
                "/github/api/applications/{client}/token",
                endpoint::by_delete(revocation::token),
            )
            .route("/github/api/credentials/revoke", endpoint::by_post(revocation::credentials))
            .route("/github/avatars/u/{id}", get(api::avatar))
    },
    ..Provider::STANDARD
};

/// By default the registered one. To another one nothing is sent; the error goes to the registered one.
fn redirect_uri(request: &Request, client: &'static Client) -> Checked<String> {
    let registered = client.first_redirect().unwrap_or_default();
    let uri = request.query.get("redirect_uri").unwrap_or(registered);
    let text = "The redirect_uri MUST match the registered callback URL for this application.";
    send_if(!request.allows(client, uri), "redirect_uri_mismatch", text)?;
    Ok(uri.to_owned())
}

/// That S256 is the only method is documented; what happens to others is a guess.
fn check(_: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let text = "The code_challenge_method must be S256.";
    send_if(pending.is_not_s256(), "invalid_request", text)?;
    retain_scopes(pending);
    Ok(())
}

/// A GitHub App has permissions instead of scopes. That unknown scopes are ignored is a guess.
fn retain_scopes(pending: &mut AuthorizationRequest) {
    let app = pending.client.id == APP_CLIENT_ID;
    pending.scopes.retain(|id| !app && PROVIDER.scope(id).is_some());
}

fn metadata(request: &Request) -> Value {
    let more = json!({
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", GrantType::DEVICE_CODE],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["offline_access"],
        "authorization_response_iss_parameter_supported": true,
    });
    let endpoints = "authorization_endpoint token_endpoint device_authorization_endpoint";
    request.metadata(ISSUER, endpoints, more)
}

/// The client id alone. That a secret is ignored is a guess.
fn device_client(request: &Request, form: &Params) -> Result<&'static Client, Refusal> {
    let client = request.client(form)?;
    if client.id == APP_CLIENT_ID {
        let text = "Device Flow must be explicitly enabled for this App";
        return Err(error("device_flow_disabled", text, DEVICE_ERRORS));
    }
    Ok(client)
}

/// Scopes with commas. Tokens that expire come with a refresh token.
fn body(_: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("bearer");
    body["scope"] = json!(issued.grant.scopes.join(","));
    if issued.tokens.refresh.is_some() {
        body["refresh_token_expires_in"] = json!(issued.lifetimes.refresh);
    } else {
        remove(&mut body, "expires_in");
    }
    body
}

/// A form, unless JSON is asked for. XML is not supported here.
fn encode(request: &Request, refusal: Refusal) -> Response {
    if request.header("accept").is_some_and(|accept| accept.contains("application/json")) {
        return response::json(refusal.status, &refusal.body);
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in refusal.body.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form.append_pair(name, &text);
    }
    let content_type = "application/x-www-form-urlencoded; charset=utf-8";
    response::raw(refusal.status, content_type, form.finish())
}

/// Errors come with HTTP 200.
fn error(code: &str, text: &str, uri: &str) -> Refusal {
    Refusal::new(200, json!({ "error": code, "error_description": text, "error_uri": uri }))
}

fn trouble(anchor: &str) -> String {
    format!(
        "/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#{anchor}"
    )
}
