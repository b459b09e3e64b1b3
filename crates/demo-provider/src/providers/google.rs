//! Google, with clients of the types "Desktop app" and "TVs and Limited Input devices".

mod people;
mod userinfo;

use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::clients::{Client, Redirect, Secret, is_private_scheme};
use crate::endpoints::revocation::{self, Reach};
use crate::faults::Fault;
use crate::grants::{AuthorizationRequest, Grant, Lifetimes, PollError, Rotation};
use crate::params::Params;
use crate::provider::{
    Authorization, AuthorizationError, BasicAuth, ClientError, DeviceEndpoint, ErrorPage, Issued,
    Provider, Request, Scope, TokenEndpoint, TokenError, VerifierError,
};
use crate::response::{self, Pairs, Refusal, merge, remove};
use crate::{id_token, random};

/// Type "Desktop app".
pub const CLIENT_ID: &str = "demo-google";
/// The secret of [`CLIENT_ID`], which Google requires although it is not confidential.
pub const CLIENT_SECRET: &str = "demo-google-secret";
/// Type "TVs and Limited Input devices": for the device flow, and for nothing else.
pub const DEVICE_CLIENT_ID: &str = "demo-google-device";
/// The secret of [`DEVICE_CLIENT_ID`].
pub const DEVICE_CLIENT_SECRET: &str = "demo-google-device-secret";

const ISSUER: &str = "https://accounts.google.com";
const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";
const BIRTHDAY: &str = "https://www.googleapis.com/auth/user.birthday.read";
const GENDER: &str = "https://www.googleapis.com/auth/user.gender.read";
const PHONES: &str = "https://www.googleapis.com/auth/user.phonenumbers.read";

pub(crate) static PROVIDER: Provider = Provider {
    name: "google",
    label: ("Google", "Google"),
    colours: ("--accent: #0b57d0", "--accent: #a8c7fa; --on-accent: #062e6f"),
    clients: &[
        Client::new(CLIENT_ID, Secret::Required(CLIENT_SECRET), &[Redirect::Loopback]),
        Client::new(DEVICE_CLIENT_ID, Secret::Required(DEVICE_CLIENT_SECRET), &[]),
    ],
    scopes: &[
        Scope::required("openid", ("", "")),
        Scope::required(EMAIL, ("Your e-mail address", "이메일 주소")),
        Scope::required(PROFILE, ("Your name and picture", "이름과 사진")),
        Scope::optional(BIRTHDAY, ("Your date of birth", "생년월일")),
        Scope::optional(GENDER, ("Your gender", "성별")),
        Scope::optional(PHONES, ("Your phone numbers", "전화번호")),
        Scope::optional(
            "https://www.googleapis.com/auth/user.emails.read",
            ("All your e-mail addresses", "모든 이메일 주소"),
        ),
    ],
    endpoints: &[
        ("authorization_endpoint", "/o/oauth2/v2/auth"),
        ("token_endpoint", "/token"),
        ("device_authorization_endpoint", "/device/code"),
        ("userinfo_endpoint", "/v1/userinfo"),
        ("people_endpoint", "/v1/people/me"),
        ("jwks_uri", "/oauth2/v3/certs"),
        ("revocation_endpoint", "/revoke"),
    ],
    metadata: Some(("/.well-known/openid-configuration", metadata)),
    settings: "device_client_id = \"demo-google-device\"\ndevice_client_secret = \"demo-google-device-secret\"\n",
    authorization: Authorization {
        new_code: || format!("4/0A{}", random::base64url(68)),
        page_title: ("Access blocked: this request is invalid", "액세스 차단됨: 잘못된 요청입니다"),
        unknown_client: ErrorPage {
            status: StatusCode::UNAUTHORIZED,
            code: "invalid_client",
            text: ("The OAuth client was not found.", "OAuth 클라이언트를 찾을 수 없습니다."),
        },
        redirect_uri,
        check,
        complete,
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        basic: BasicAuth::Accepted,
        new_tokens: |_| {
            (format!("ya29.a0{}", random::base64url(180)), format!("1//0{}", random::base64url(98)))
        },
        // A refresh token expires after six months without use; here, six months after its issue.
        lifetimes: |_| Lifetimes { access: 3599, refresh: Some(180 * 86_400) },
        // Beyond the limit the oldest is revoked without notice.
        refresh_limit: 100,
        rotation: |_| Rotation::Keep,
        body,
        refusal,
        too_many_requests: || Refusal::bad("rate_limit_exceeded", "Rate Limit Exceeded"),
        ..TokenEndpoint::STANDARD
    },
    device: Some(DeviceEndpoint {
        page: "/device",
        lifetime: 1800,
        new_code: || format!("AH-1Ng{}", random::base64url(90)),
        begin: begin_device,
        complete: |body| {
            body["verification_url"] = body["verification_uri"].clone();
            remove(body, "verification_uri");
        },
        poll_refusal,
    }),
    keys: |request| vec![request.state.keys.next.jwk(), request.state.keys.main.jwk()],
    address: |email| email.at_google,
    bearer_refusal: |_| userinfo::invalid_credentials(),
    too_many_requests: people::exhausted,
    routes: |router| {
        router
            .route("/google/v1/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
            .route("/google/v1/people/me", get(people::me))
            .route("/google/revoke", post(revoke))
            .route("/google/img/{file}", get(userinfo::image))
    },
    ..Provider::STANDARD
};

/// All errors are shown on Google's page.
fn redirect_uri(request: &Request, client: &'static Client) -> Result<String, AuthorizationError> {
    let uri = request.query.get("redirect_uri").ok_or(AuthorizationError::page(
        "invalid_request",
        ("Missing required parameter: redirect_uri", "필수 매개변수 누락: redirect_uri"),
    ))?;
    if is_private_scheme(uri) {
        return Err(AuthorizationError::page(
            "invalid_request",
            (
                "Custom URI schemes are no longer supported due to the risk of app impersonation.",
                "앱 사칭 위험 때문에 맞춤 URI 스킴은 더 이상 지원되지 않습니다.",
            ),
        ));
    }
    if !request.allows(client, uri) {
        return Err(AuthorizationError::page(
            "redirect_uri_mismatch",
            (
                "The redirect URI in the request does not match the ones authorized for the client.",
                "요청의 리디렉션 URI가 이 클라이언트에 승인된 URI와 다릅니다.",
            ),
        ));
    }
    Ok(uri.to_owned())
}

fn check(request: &Request, pending: &mut AuthorizationRequest) -> Result<(), AuthorizationError> {
    let query = &request.query;
    let invalid = |text| Err(AuthorizationError::page("invalid_request", text));
    if query.get("response_type") != Some("code") {
        return invalid((
            "Required parameter is missing or invalid: response_type",
            "필수 매개변수가 없거나 잘못됨: response_type",
        ));
    }
    if query.get("client_secret").is_some() {
        return invalid((
            "Parameter not allowed for this message type: client_secret",
            "허용되지 않는 매개변수: client_secret",
        ));
    }
    if query.has_repetition() {
        return invalid((
            "OAuth 2 parameters can only have a single value",
            "OAuth 2 매개변수는 값이 하나여야 합니다",
        ));
    }
    for scope in &mut pending.scopes {
        *scope = full_name(scope).to_owned();
    }
    if pending.scopes.is_empty() {
        return invalid(("Missing required parameter: scope", "필수 매개변수 누락: scope"));
    }
    if pending.scopes.iter().any(|scope| PROVIDER.scope(scope).is_none()) {
        let text = ("Some requested scopes were invalid.", "요청한 범위 중 잘못된 것이 있습니다.");
        return Err(AuthorizationError::page("invalid_scope", text));
    }
    // `plain` is supported, and the default (RFC 7636 §4.3).
    let method = query.get("code_challenge_method");
    if pending.challenge.is_some() && !matches!(method, None | Some("S256" | "plain")) {
        return invalid((
            "Invalid parameter value for code_challenge_method",
            "code_challenge_method 값이 잘못됨",
        ));
    }
    Ok(())
}

/// `email` and `profile` are short for URLs, which the responses contain.
fn full_name(scope: &str) -> &str {
    match scope {
        "email" => EMAIL,
        "profile" => PROFILE,
        other => other,
    }
}

/// `iss` is always sent, although the metadata did not always announce it.
fn complete(_: &Request, _: &AuthorizationRequest, grant: Option<&Grant>, pairs: &mut Pairs) {
    let Some(grant) = grant else {
        pairs.push(("iss", ISSUER.to_owned()));
        return;
    };
    let code = pairs.remove(0);
    pairs.push(("iss", ISSUER.to_owned()));
    pairs.push(code);
    pairs.push(("scope", grant.scopes.join(" ")));
    pairs.push(("authuser", "0".to_owned()));
    let domain = grant.user.email.and_then(|email| email.workspace);
    pairs.extend(domain.map(|domain| ("hd", domain.to_owned())));
    pairs.push(("prompt", "consent".to_owned()));
}

/// Google's endpoints are on several hosts; here they have one prefix.
fn metadata(request: &Request) -> Value {
    let endpoints = [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    ];
    let more = json!({
        "response_types_supported": ["code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["plain", "S256"],
    });
    request.metadata(ISSUER, &endpoints, more)
}

fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("Bearer");
    let grant = issued.grant;
    body["scope"] = json!(grant.scopes.join(" "));
    if !["openid", EMAIL, PROFILE].iter().any(|scope| grant.has(scope)) {
        return body;
    }
    let user = request.user(grant);
    let mut claims = id_token::claims(request, grant, ISSUER, &userinfo::subject(&user), 3600);
    claims["azp"] = json!(grant.client.id);
    id_token::bind(&mut claims, &issued.tokens.access);
    merge(&mut claims, userinfo::claims(request, grant));
    if request.has(Fault::IdTokenWithoutPicture) {
        remove(&mut claims, "picture");
    }
    body["id_token"] = id_token::sign(request, &claims);
    body
}

fn unauthorized(text: &str) -> Refusal {
    Refusal::oauth(StatusCode::UNAUTHORIZED, "invalid_client", text)
}

fn refusal(error: TokenError<'_>) -> Refusal {
    let (code, text) = match error {
        TokenError::GrantType(None) => {
            ("invalid_request", "Required parameter is missing: grant_type")
        }
        TokenError::GrantType(Some(other)) => {
            let text = format!("Invalid grant_type: {other}");
            return Refusal::bad("unsupported_grant_type", &text);
        }
        TokenError::Client(ClientError::NoId) => {
            ("invalid_request", "Could not determine client ID from request.")
        }
        TokenError::Client(ClientError::UnknownId(_)) => {
            return unauthorized("The OAuth client was not found.");
        }
        TokenError::Client(ClientError::SecretMissing) => {
            ("invalid_request", "client_secret is missing.")
        }
        TokenError::Client(ClientError::SecretWrong)
        | TokenError::Client(ClientError::SecretUnexpected) => {
            return unauthorized("Unauthorized");
        }
        TokenError::Missing(name) => {
            let text = format!("Missing required parameter: {name}");
            return Refusal::bad("invalid_request", &text);
        }
        // Unknown, expired and used codes are not told apart.
        TokenError::Code(code) if code.starts_with("4/") => ("invalid_grant", "Bad Request"),
        TokenError::Code(_) => ("invalid_grant", "Malformed auth code."),
        TokenError::Mismatch => ("redirect_uri_mismatch", "Bad Request"),
        TokenError::Verifier(VerifierError::Missing) => ("invalid_grant", "Missing code verifier."),
        TokenError::Verifier(VerifierError::Unexpected) => {
            ("invalid_grant", "code_verifier or verifier is not needed.")
        }
        TokenError::Verifier(VerifierError::Wrong) => ("invalid_grant", "Invalid code verifier."),
        TokenError::RefreshToken => ("invalid_grant", "Token has been expired or revoked."),
    };
    Refusal::bad(code, text)
}

/// The first three are documented with their status; the texts for expired and unknown codes are guesses.
fn poll_refusal(error: PollError) -> Refusal {
    let (status, code, text) = match error {
        PollError::Pending => {
            (StatusCode::PRECONDITION_REQUIRED, "authorization_pending", "Precondition Required")
        }
        PollError::TooSoon(_) => (StatusCode::FORBIDDEN, "slow_down", "Forbidden"),
        PollError::Denied => (StatusCode::FORBIDDEN, "access_denied", "Forbidden"),
        PollError::Expired => (StatusCode::BAD_REQUEST, "expired_token", "Token expired"),
        PollError::Unknown => (StatusCode::BAD_REQUEST, "invalid_grant", "Malformed device code."),
    };
    Refusal::oauth(status, code, text)
}

/// Only the client of this type, without its secret, and only the scopes of a sign-in.
fn begin_device(request: &Request, form: &Params) -> Result<AuthorizationRequest, Refusal> {
    let not_found = |_| unauthorized("The OAuth client was not found.");
    let client = request.client_of(form).map_err(not_found)?;
    if client.id != DEVICE_CLIENT_ID {
        return Err(unauthorized("Invalid client type."));
    }
    let mut pending = AuthorizationRequest::new(&request.realm, client, "", form);
    if pending.scopes.is_empty() {
        return Err(Refusal::bad("invalid_request", "Missing required parameter: scope"));
    }
    for scope in &mut pending.scopes {
        if !["openid", EMAIL, PROFILE].contains(&full_name(scope)) {
            let text = format!("Invalid device flow scope: {scope}");
            return Err(Refusal::bad("invalid_scope", &text));
        }
        *scope = full_name(scope).to_owned();
    }
    Ok(pending)
}

/// `token` is in the query or the form. It revokes all tokens of the account, whichever it was.
async fn revoke(request: Request) -> Response {
    revocation::respond(&request, |request| {
        let form = request.form().unwrap_or_default();
        let token = request.query.get("token").or_else(|| form.get("token")).unwrap_or_default();
        let grant = request.state.grants().grant_of(&request.realm, token);
        let invalid = || Refusal::bad("invalid_token", "Token expired or revoked");
        let grant = grant.ok_or_else(invalid)?;
        revocation::revoke(request, &grant, Reach::Account);
        Ok(response::ok(&json!({})))
    })
}
