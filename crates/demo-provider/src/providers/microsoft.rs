//! Microsoft, platform "Mobile and desktop applications", tenant `common`.

mod graph;

use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};

use crate::clients::{Client, Redirect, Secret};
use crate::grants::{AuthorizationRequest, Grant, Lifetimes, PollError, Rotation};
use crate::params::Params;
use crate::provider::{
    Authorization, AuthorizationError, BasicAuth, ClientError, DeviceEndpoint, ErrorPage, Issued,
    Provider, Request, Scope, TokenEndpoint, TokenError,
};
use crate::response::{Refusal, merge};
use crate::users::User;
use crate::{date, id_token, random};

/// A public client: it must not send a secret.
pub const CLIENT_ID: &str = "demo-microsoft";

/// The tenant of personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The tenant of an organisation, for the users with an address of an organisation.
const ORGANISATION: &str = "5a1de000-0000-4000-8000-0000c0ffee00";
const LIFETIME: i64 = 3599;

pub(crate) static PROVIDER: Provider = Provider {
    name: "microsoft",
    label: ("Microsoft", "Microsoft"),
    colours: ("--accent: #0067b8", "--accent: #6cb8f6; --on-accent: #062338"),
    clients: &[Client::new(
        CLIENT_ID,
        Secret::None,
        &[
            Redirect::AnyPort("http://localhost/callback/microsoft"),
            Redirect::Exact("app.nameplate.desktop.dev:/callback/microsoft"),
        ],
    )],
    scopes: &[
        Scope::required("openid", ("", "")),
        Scope::required("profile", ("Your name", "이름")),
        Scope::required("email", ("Your e-mail address", "이메일 주소")),
        Scope::required("User.Read", ("Your profile and picture", "프로필과 사진")),
        Scope::optional("offline_access", ("Stay signed in", "로그인 유지")),
    ],
    endpoints: &[
        ("authorization_endpoint", "/common/oauth2/v2.0/authorize"),
        ("token_endpoint", "/common/oauth2/v2.0/token"),
        ("device_authorization_endpoint", "/common/oauth2/v2.0/devicecode"),
        ("jwks_uri", "/common/discovery/v2.0/keys"),
        ("userinfo_endpoint", "/graph/oidc/userinfo"),
        ("photo_endpoint", "/graph/v1.0/me/photo/$value"),
    ],
    metadata: Some(("/common/v2.0/.well-known/openid-configuration", metadata)),
    authorization: Authorization {
        new_code: || format!("0.A{}", random::base64url(300)),
        page_title: (
            "Sorry, but we are having trouble signing you in",
            "로그인하는 데 문제가 있습니다",
        ),
        unknown_client: ErrorPage::bad(
            "AADSTS700016",
            ("There is no such application in the directory.", "디렉터리에 없는 앱입니다."),
        ),
        unregistered_redirect: ErrorPage::bad(
            "AADSTS50011",
            (
                "The redirect URI in the request does not match the ones configured for the application.",
                "요청의 리디렉션 URI가 앱에 구성된 URI와 다릅니다.",
            ),
        ),
        check,
        denial: &[
            ("error", "access_denied"),
            ("error_description", "the user canceled the authentication"),
        ],
        // Usual, and not documented.
        complete: |_, _, _, pairs| pairs.push(("session_state", random::uuid())),
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        basic: BasicAuth::Accepted,
        before: |request, form| {
            refuse_origin(request)?;
            request.authenticate(form).map(drop).map_err(client_refusal)
        },
        new_tokens: |_| {
            (format!("EwB{}", random::base64url(200)), format!("0.A{}", random::base64url(200)))
        },
        lifetimes: |grant| Lifetimes {
            access: LIFETIME,
            refresh: grant.has("offline_access").then_some(90 * 86_400),
        },
        rotation: |_| Rotation::Add,
        body,
        refusal,
        too_many_requests: graph::throttled,
        ..TokenEndpoint::STANDARD
    },
    device: Some(DeviceEndpoint {
        page: "/devicelogin",
        lifetime: 900,
        new_code: || format!("{}AQABAAEAAAD", random::base64url(180)),
        begin: begin_device,
        complete: |body| {
            let code = body["user_code"].as_str().unwrap_or_default().replace('-', "");
            let page = body["verification_uri"].as_str().unwrap_or_default();
            let message = format!(
                "To sign in, use a web browser to open the page {page} and enter the code {code} to authenticate."
            );
            merge(body, json!({ "user_code": code, "message": message }));
        },
        poll_refusal,
    }),
    keys: |request| vec![request.state.keys.next.jwk(), request.state.keys.main.jwk()],
    bearer_refusal: |_| graph::bad_bearer(),
    too_many_requests: graph::throttled,
    routes: |router| {
        router
            .route("/microsoft/graph/oidc/userinfo", get(graph::userinfo).post(graph::userinfo))
            .route("/microsoft/graph/v1.0/me/photo/$value", get(graph::photo))
    },
    ..Provider::STANDARD
};

/// That errors of `response_type` and of the challenge method are sent to the application is a guess.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Result<(), AuthorizationError> {
    let query = &request.query;
    let refused = |error, text: &str| Err(AuthorizationError::redirect(error, text));
    if query.get("response_type").is_none() || query.get("scope").is_none() {
        return Err(AuthorizationError::page(
            "AADSTS900144",
            (
                "The request must contain the parameters response_type and scope.",
                "요청에 response_type과 scope 매개변수가 있어야 합니다.",
            ),
        ));
    }
    if query.get("response_type") != Some("code") {
        let text = "AADSTS700051: The response_type is not enabled for the application.";
        return refused("unsupported_response_type", text);
    }
    if !matches!(query.get("code_challenge_method"), None | Some("S256" | "plain")) {
        let text = "AADSTS9002313: Invalid request. Request is malformed or invalid.";
        return refused("invalid_request", text);
    }
    if let Some(id) = pending.scopes.iter().find(|id| PROVIDER.scope(id).is_none()) {
        let text = format!(
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope {id} is not valid."
        );
        return refused("invalid_scope", &text);
    }
    if query.get("prompt") == Some("none") {
        let text = "AADSTS50058: Session information is not sufficient for single-sign-on.";
        return refused("login_required", text);
    }
    Ok(())
}

/// On `common` the issuer is a template. There is no revocation endpoint.
fn metadata(request: &Request) -> Value {
    let issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let endpoints = [
        "authorization_endpoint",
        "token_endpoint",
        "device_authorization_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    ];
    let more = json!({
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    });
    request.metadata(issuer, &endpoints, more)
}

/// A cross-origin request of a browser is permitted only for redirect URIs of the type "SPA".
fn refuse_origin(request: &Request) -> Result<(), Refusal> {
    let Some(origin) = request.header("origin") else {
        return Ok(());
    };
    let text = format!(
        "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."
    );
    Err(aadsts("invalid_request", 9_002_326, &text))
}

/// `scope` does not repeat `offline_access`: seen often, and not documented.
fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("Bearer");
    body["scope"] = json!(issued.grant.scopes_without("offline_access"));
    body["ext_expires_in"] = json!(LIFETIME);
    if issued.grant.has("openid") {
        body["id_token"] = id_token(request, issued.grant);
    }
    body
}

/// The issuer contains the tenant. Nothing says whether the address is verified.
fn id_token(request: &Request, grant: &Grant) -> Value {
    let user = request.user(grant);
    let tenant = if is_personal(grant.user) { PERSONAL } else { ORGANISATION };
    let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let mut claims = id_token::claims(request, grant, &issuer, &subject(&user), LIFETIME);
    claims["ver"] = json!("2.0");
    claims["tid"] = json!(tenant);
    claims["nbf"] = claims["iat"].clone();
    if grant.has("profile") {
        let address = grant.user.email.map_or(user.username, |email| email.address);
        let (high, low) = (user.number >> 48, user.number & 0xffff_ffff_ffff);
        claims["oid"] = json!(format!("00000000-0000-0000-{high:04x}-{low:012x}"));
        claims["name"] = json!(user.shown_name());
        claims["preferred_username"] = json!(address);
    }
    merge(&mut claims, graph::email(grant, &user));
    id_token::sign(request, &claims)
}

/// An error of the sign-in service with status 400. The codes are documented; many texts are guesses.
fn aadsts(error: &str, code: u32, text: &str) -> Refusal {
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
    Refusal::new(StatusCode::BAD_REQUEST, body)
}

fn missing(name: &str) -> Refusal {
    let text = format!("The request body must contain the following parameter: '{name}'.");
    aadsts("invalid_request", 900_144, &text)
}

fn client_refusal(error: ClientError) -> Refusal {
    match error {
        ClientError::NoId => missing("client_id"),
        ClientError::UnknownId(id) => {
            let text = format!(
                "Application with identifier '{id}' was not found in the directory 'common'."
            );
            aadsts("unauthorized_client", 700_016, &text)
        }
        ClientError::SecretMissing | ClientError::SecretWrong | ClientError::SecretUnexpected => {
            let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
            let mut refusal = aadsts("invalid_client", 700_025, text);
            refusal.status = StatusCode::UNAUTHORIZED;
            refusal
        }
    }
}

fn refusal(error: TokenError<'_>) -> Refusal {
    let (error, code, text) = match error {
        TokenError::GrantType(None) => return missing("grant_type"),
        TokenError::Missing(name) => return missing(name),
        TokenError::Client(error) => return client_refusal(error),
        TokenError::GrantType(Some(_)) => {
            ("unsupported_grant_type", 70_003, "The grant type is not supported.")
        }
        // Three codes there, one here.
        TokenError::Code(_) | TokenError::RefreshToken => {
            let text = "The provided value for the input parameter is not valid.";
            ("invalid_grant", 70_000, text)
        }
        TokenError::Mismatch => {
            let text = "The reply address does not match the reply address provided when requesting Authorization code.";
            ("invalid_client", 500_112, text)
        }
        // Which code a missing or unexpected verifier has is a guess.
        TokenError::Verifier(_) => {
            let text = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
            ("invalid_grant", 501_481, text)
        }
    };
    aadsts(error, code, text)
}

/// Denied and unknown codes have errors of Microsoft's own, not those of RFC 8628.
fn poll_refusal(error: PollError) -> Refusal {
    let (error, code, text) = match error {
        PollError::Pending => (
            "authorization_pending",
            70_016,
            "The provided request has not yet been authorized by the user. The user must input their code.",
        ),
        // RFC 8628 lets every server send it. The code is a guess.
        PollError::TooSoon(_) => ("slow_down", 70_022, "The client is polling too often."),
        PollError::Denied => ("authorization_declined", 65_004, "User declined to consent."),
        PollError::Expired => ("expired_token", 70_019, "Verification code expired."),
        PollError::Unknown => ("bad_verification_code", 70_018, "Invalid verification code."),
    };
    aadsts(error, code, text)
}

fn begin_device(request: &Request, form: &Params) -> Result<AuthorizationRequest, Refusal> {
    let client = request.authenticate(form).map_err(client_refusal)?;
    let pending = AuthorizationRequest::new(&request.realm, client, "", form);
    if pending.scopes.is_empty() || pending.scopes.iter().any(|id| PROVIDER.scope(id).is_none()) {
        let text = "The provided value for the input parameter 'scope' is not valid.";
        return Err(aadsts("invalid_scope", 70_011, text));
    }
    Ok(pending)
}

fn is_personal(user: &User) -> bool {
    user.email.is_none_or(|email| email.workspace.is_none())
}

/// Each application has another subject for a user.
fn subject(user: &User) -> String {
    format!("AAAAAAAAAAAAAAAAAAAAA{}", user.number)
}
