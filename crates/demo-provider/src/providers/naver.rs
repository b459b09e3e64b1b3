//! Naver, by its OpenID Connect endpoints, which support PKCE.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clients::{Client, Redirect, Secret};
use crate::endpoints::revocation::{self, Reach};
use crate::endpoints::{pictures, userinfo};
use crate::faults::Fault;
use crate::grants::{AuthorizationRequest, Grant, Lifetimes, Rotation};
use crate::id_token;
use crate::pictures::Format;
use crate::provider::{
    Authorization, AuthorizationError, BearerError, ErrorPage, Issued, Provider, Request, Scope,
    TokenEndpoint, TokenError,
};
use crate::random;
use crate::response::{self, Refusal};
use crate::users::User;

/// The application.
pub const CLIENT_ID: &str = "demo-naver";
/// Its secret, which every token request must have.
pub const CLIENT_SECRET: &str = "demo-naver-secret";

const ISSUER: &str = "https://nid.naver.com";
/// The lifetime of a refresh token is not documented; a year is a guess.
const LIFETIMES: Lifetimes = Lifetimes { access: 3600, refresh: Some(365 * 86_400) };

pub(crate) static PROVIDER: Provider = Provider {
    name: "naver",
    label: ("Naver", "네이버"),
    colours: ("--accent: #03c75a; --on-accent: #04230f", ""),
    clients: &[Client::new(
        CLIENT_ID,
        Secret::Required(CLIENT_SECRET),
        &[Redirect::FixedPorts("127.0.0.1", "/callback/naver"), Redirect::HttpsPage],
    )],
    // `openid` is the only scope. The others are the items that the console has switched on.
    scopes: &[
        Scope::required("openid", ("", "")),
        Scope::required("nickname", ("Nickname", "별명")),
        Scope::optional("name", ("Name", "이름")),
        Scope::optional("email", ("Contact e-mail address", "연락처 이메일 주소")),
        Scope::optional("profile_image", ("Profile picture", "프로필 사진")),
        Scope::optional("gender", ("Gender", "성별")),
        Scope::optional("age", ("Age range", "연령대")),
        Scope::optional("birthday", ("Birthday", "생일")),
        Scope::optional("birthyear", ("Year of birth", "출생연도")),
        Scope::optional("mobile", ("Phone number", "휴대전화번호")),
    ],
    // Revocation is at the older path, for the tokens of both.
    endpoints: &[
        ("authorization_endpoint", "/oauth2/authorize"),
        ("token_endpoint", "/oauth2/token"),
        ("jwks_uri", "/oauth2/jwks"),
        ("userinfo_endpoint", "/openapi/v1/nid/me"),
        ("revocation_endpoint", "/oauth2.0/revoke"),
    ],
    metadata: Some(("/.well-known/openid-configuration", metadata)),
    settings: "redirect_ports = [53682, 53683, 53684]\n",
    authorization: Authorization {
        new_code: || random::alphanumeric(18),
        page_title: ("This service cannot use Naver Login", "네이버 로그인을 할 수 없습니다"),
        unknown_client: NOT_REGISTERED,
        unregistered_redirect: NOT_REGISTERED,
        check,
        // As reported by developers.
        denial: &[("error", "access_denied"), ("error_description", "Canceled By User")],
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        // The redirect URI is no parameter here; the state of the request is one.
        matches: |form, code| {
            let same = form.get("state") == code.request.state.as_deref();
            same.then_some(()).ok_or(TokenError::Mismatch)
        },
        // Access tokens contain `+/=`.
        new_tokens: |_| {
            let [left, right] = [random::alphanumeric(60), random::alphanumeric(60)];
            (format!("AAAA{left}+/{right}="), random::alphanumeric(80))
        },
        lifetimes: |_| LIFETIMES,
        rotation: |_| Rotation::Keep,
        body,
        refusal,
        too_many_requests,
        ..TokenEndpoint::STANDARD
    },
    id_members: &["id"],
    envelope: |profile| json!({ "resultcode": "00", "message": "success", "response": profile }),
    bearer_refusal,
    too_many_requests,
    routes: |router| {
        router
            .route("/naver/openapi/v1/nid/me", get(me).post(me))
            .route("/naver/oauth2.0/revoke", post(revoke))
            .route("/naver/img/{file}", get(image))
    },
    ..Provider::STANDARD
};

/// The real page shows a picture; its code is not documented.
const NOT_REGISTERED: ErrorPage = ErrorPage::bad(
    "invalid_request",
    (
        "The client id or the Callback URL is not the registered one.",
        "Client ID 또는 Callback URL이 등록된 정보와 다릅니다.",
    ),
);

/// That each of these is mandatory is documented; which error follows is a guess.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Result<(), AuthorizationError> {
    let query = &request.query;
    let refused = |error, text: &str| Err(AuthorizationError::redirect(error, text));
    // No nonce is documented, so none is returned.
    pending.nonce = None;
    if pending.state.is_none() {
        return refused("invalid_request", "state is missing");
    }
    if query.get("response_type") != Some("code") {
        return refused("unsupported_response_type", "response_type must be code");
    }
    if !pending.has("openid") {
        return refused("invalid_scope", "scope must contain openid");
    }
    if pending.challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        return refused("invalid_request", "code_challenge_method must be S256");
    }
    pending.scopes = PROVIDER.scopes.iter().map(|scope| scope.id.to_owned()).collect();
    Ok(())
}

/// The members of the real document are unconfirmed, except for the endpoints.
fn metadata(request: &Request) -> Value {
    let endpoints = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"];
    let more = json!({
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    });
    request.metadata(ISSUER, &endpoints, more)
}

/// A refresh returns no id_token, and `expires_in` as a string. Algorithm and claims of the id_token are unconfirmed.
fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("bearer");
    if issued.refreshed {
        body["expires_in"] = json!(LIFETIMES.access.to_string());
    } else {
        let subject = subject(issued.grant.user);
        let claims = id_token::claims(request, issued.grant, ISSUER, &subject, LIFETIMES.access);
        body["id_token"] = id_token::sign(request, &claims);
    }
    body
}

/// Errors come with HTTP 200. The status is unconfirmed, and so are the texts.
fn refusal(error: TokenError<'_>) -> Refusal {
    let (code, text) = match error {
        TokenError::Client(_) => ("invalid_client", "wrong client id / client secret pair"),
        TokenError::RefreshToken | TokenError::Missing("refresh_token") => {
            ("invalid_request", "invalid refresh_token")
        }
        TokenError::Missing(_) | TokenError::Code(_) => {
            ("invalid_request", "no valid data in session")
        }
        TokenError::Mismatch => ("invalid_request", "state is missing or not that of the request"),
        TokenError::Verifier(_) => ("invalid_grant", "code_verifier does not match"),
        TokenError::GrantType(_) => ("unsupported_grant_type", "grant_type is not supported"),
    };
    Refusal::oauth(StatusCode::OK, code, text)
}

/// The body is that of Naver's other APIs; for this one it is a guess.
fn too_many_requests() -> Refusal {
    let body = json!({ "errorMessage": "Rate limit exceeded.", "errorCode": "012" });
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, body)
}

fn bearer_refusal(error: BearerError) -> Refusal {
    let (code, message) = match error {
        BearerError::Missing => {
            ("028", "Authentication header not exists (OAuth 인증 헤더가 없습니다.)")
        }
        BearerError::Unknown | BearerError::Expired | BearerError::Scope => {
            ("024", "Authentication failed (인증에 실패했습니다.)")
        }
    };
    let body = json!({ "resultcode": code, "message": message });
    Refusal::new(StatusCode::UNAUTHORIZED, body)
}

async fn revoke(request: Request) -> Response {
    if request.has(Fault::Revoke503) {
        let text = "Please try again later.";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Refusal::oauth(status, "temporarily_unavailable", text).into_response();
    }
    revocation::respond(&request, |request| {
        let form = request.form().unwrap_or_default();
        let unauthorized = |_| {
            let text = "Client authentication failed.";
            Refusal::oauth(StatusCode::UNAUTHORIZED, "unauthorized_client", text)
        };
        request.authenticate(&form).map_err(unauthorized)?;
        let missing = || Refusal::bad("invalid_request", "token is missing");
        let token = form.get("token").ok_or_else(missing)?;
        if let Some(grant) = revocation::grant_of_client(request, &form, token)? {
            revocation::revoke(request, &grant, Reach::Grant);
        }
        Ok(response::raw(StatusCode::OK, "application/json", ""))
    })
}

async fn me(request: Request) -> Response {
    userinfo::read(&request, None, profile).await
}

/// The items that were granted and that the account has. Nothing says whether the address is verified.
fn profile(request: &Request, grant: &Grant) -> Value {
    let user = request.user(grant);
    let mut profile = json!({ "id": subject(&user) });
    let mut tell = |item: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| grant.has(item)) {
            profile[item] = json!(value);
        }
    };
    tell("nickname", Some(user.nickname.map_or_else(|| masked(&user), str::to_owned)));
    tell("name", user.nickname.map(str::to_owned));
    tell("email", user.email.map(|email| email.address.to_owned()));
    let picture = user.colour.map(|_| request.url(&format!("/img/{}.jpg", user.key)));
    tell("profile_image", picture);
    tell("gender", Some(gender(&user).to_owned()));
    tell("age", user.age_from.map(age));
    tell("birthday", user.birthday.day.map(|(month, day)| format!("{month:02}-{day:02}")));
    tell("birthyear", user.birthday.year.map(|year| year.to_string()));
    tell("mobile", user.phone.map(mobile));
    profile
}

/// A user without a nickname is shown as the beginning of the id: `sol***`.
fn masked(user: &User) -> String {
    user.username.chars().take(3).chain("***".chars()).collect()
}

fn gender(user: &User) -> &'static str {
    match user.gender {
        Some("female") => "F",
        Some("male") => "M",
        _ => "U",
    }
}

/// `20-29`, and `60-` at the end.
fn age(from: u8) -> String {
    if from >= 60 { "60-".to_owned() } else { format!("{from}-{}", from + 9) }
}

/// `+821012345678` -> `010-1234-5678`.
fn mobile(number: &str) -> String {
    let home =
        number.strip_prefix("+82").map_or_else(|| number.to_owned(), |rest| format!("0{rest}"));
    match (home.get(..3), home.get(3..7), home.get(7..)) {
        (Some(first), Some(second), Some(third)) => format!("{first}-{second}-{third}"),
        _ => home,
    }
}

/// Up to 64 characters, unique per application.
fn subject(user: &User) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("naver {}", user.key)))
}

async fn image(Path(file): Path<String>, request: Request) -> Response {
    let key = file.strip_suffix(".jpg").unwrap_or_default();
    pictures::of_user(&request, key, 240, Format::Jpeg).await
}
