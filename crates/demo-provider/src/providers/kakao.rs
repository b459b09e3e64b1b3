//! Kakao Login with a REST API key.

mod account;
mod api;

use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::clients::{Client, Redirect, Secret};
use crate::grants::{AuthorizationRequest, Grant, Lifetimes, Rotation};
use crate::id_token;
use crate::provider::{
    Authorization, AuthorizationError, ClientError, ErrorPage, Issued, Provider, Request, Scope,
    TokenEndpoint, TokenError,
};
use crate::random;
use crate::response::{Refusal, merge};
use crate::users::User;

/// A REST API key with its client secret switched on.
pub const CLIENT_ID: &str = "demo-kakao";
/// The secret of [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "demo-kakao-secret";
/// A REST API key with its client secret switched off: sending one is the error KOE010.
pub const PUBLIC_CLIENT_ID: &str = "demo-kakao-no-secret";

const ISSUER: &str = "https://kauth.kakao.com";
const LIFETIMES: Lifetimes = Lifetimes { access: 43_199, refresh: Some(5_184_000) };
/// Seconds.
const MONTH: i64 = 30 * 86_400;
const REDIRECTS: &[Redirect] = &[Redirect::FixedPorts("localhost", "/callback/kakao")];

pub(crate) static PROVIDER: Provider = Provider {
    name: "kakao",
    label: ("Kakao", "카카오"),
    colours: ("--accent: #fee500; --on-accent: #191600", ""),
    clients: &[
        Client::new(CLIENT_ID, Secret::Required(CLIENT_SECRET), REDIRECTS),
        Client::new(PUBLIC_CLIENT_ID, Secret::None, REDIRECTS),
    ],
    // What the console has switched on: all items, and OpenID Connect.
    scopes: &[
        Scope::required("openid", ("", "")),
        Scope::required("profile_nickname", ("Nickname", "닉네임")),
        Scope::optional("profile_image", ("Profile picture", "프로필 사진")),
        Scope::optional("account_email", ("E-mail of the Kakao Account", "카카오계정(이메일)")),
        Scope::optional("name", ("Name", "이름")),
        Scope::optional("gender", ("Gender", "성별")),
        Scope::optional("age_range", ("Age range", "연령대")),
        Scope::optional("birthday", ("Birthday", "생일")),
        Scope::optional("birthyear", ("Year of birth", "출생 연도")),
        Scope::optional(
            "phone_number",
            ("Phone number of the Kakao Account", "카카오계정(전화번호)"),
        ),
    ],
    endpoints: &[
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("userinfo_endpoint", "/v2/user/me"),
        ("jwks_uri", "/.well-known/jwks.json"),
        ("revocation_endpoint", "/v1/user/unlink"),
    ],
    metadata: Some(("/.well-known/openid-configuration", metadata)),
    settings: "redirect_ports = [53682, 53683, 53684]\n",
    authorization: Authorization {
        new_code: || random::base64url(86),
        page_title: ("App administrator settings error", "앱 관리자 설정 오류"),
        unknown_client: ErrorPage::bad(
            "KOE101",
            ("The app key is wrong.", "잘못된 앱 키를 사용했습니다."),
        ),
        unregistered_redirect: ErrorPage::bad(
            "KOE006",
            (
                "The authorization code was asked for with a redirect URI that is not registered.",
                "등록하지 않은 리다이렉트 URI를 사용해 인가 코드를 요청했습니다.",
            ),
        ),
        check,
        denial: &[("error", "access_denied"), ("error_description", "User denied access")],
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        new_tokens: |_| (random::base64url(54), random::base64url(54)),
        lifetimes: |_| LIFETIMES,
        // A new refresh token is issued only in the last month of the old one, which is then invalid.
        rotation: |left| if left < MONTH { Rotation::AtOnce } else { Rotation::Keep },
        body,
        refusal,
        // The code is documented; the text is a guess.
        too_many_requests: || {
            let text = "token request rate limit exceeded";
            koe(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", text, "KOE237")
        },
        ..TokenEndpoint::STANDARD
    },
    id_members: &["id"],
    bearer_refusal: api::bearer_refusal,
    too_many_requests: api::too_many_requests,
    routes: |router| {
        router
            .route("/kakao/v2/user/me", get(api::me).post(api::me))
            .route("/kakao/v1/oidc/userinfo", get(api::userinfo).post(api::userinfo))
            .route("/kakao/v1/user/access_token_info", get(api::token_info))
            .route("/kakao/v1/user/logout", post(api::logout))
            .route("/kakao/v1/user/unlink", post(api::unlink))
            .route("/kakao/img/{key}/{file}", get(api::image))
    },
    ..Provider::STANDARD
};

/// All errors but that of `prompt=none` are shown on Kakao's page.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Result<(), AuthorizationError> {
    let query = &request.query;
    if query.get("response_type") != Some("code") {
        let text = ("Unsupported response type.", "지원하지 않는 응답 유형입니다.");
        return Err(AuthorizationError::page("KOE201", text));
    }
    // Commas are documented. Spaces are accepted too, because Supabase sends them. Without `scope`, the settings of the
    // console count.
    pending.scopes = match query.get("scope") {
        Some(scope) => {
            let scopes = scope.split([',', ' ']).filter(|id| !id.is_empty());
            scopes.map(str::to_owned).collect()
        }
        None => PROVIDER.scopes.iter().map(|scope| scope.id.to_owned()).collect(),
    };
    if pending.scopes.iter().any(|id| PROVIDER.scope(id).is_none()) {
        let text = (
            "A consent item was asked for that is not set up for this app.",
            "설정하지 않은 동의항목을 포함해 인가 코드를 요청했습니다.",
        );
        return Err(AuthorizationError::page("KOE205", text));
    }
    // The metadata has only S256; what happens to another method is a guess.
    if pending.challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        let text = (
            "A parameter is wrong: code_challenge_method",
            "잘못된 파라미터: code_challenge_method",
        );
        return Err(AuthorizationError::page("KOE001", text));
    }
    let prompt = query.get("prompt").unwrap_or_default();
    if prompt.split(',').any(|word| word == "none") {
        return Err(AuthorizationError::redirect("consent_required", "user consent required"));
    }
    Ok(())
}

/// Neither a revocation endpoint nor a word on `iss`.
fn metadata(request: &Request) -> Value {
    let endpoints = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
    let more = json!({
        "userinfo_endpoint": request.url("/v1/oidc/userinfo"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "request_uri_parameter_supported": false,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email"],
    });
    request.metadata(ISSUER, &endpoints, more)
}

/// `scope` has spaces, whatever the request had.
fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("bearer");
    body["scope"] = json!(consents(request, issued.grant).join(" "));
    if issued.tokens.refresh.is_some() {
        body["refresh_token_expires_in"] = json!(LIFETIMES.refresh);
    }
    // With `scope` in the request, an id_token is issued only if it has `openid`.
    if issued.grant.has("openid") {
        body["id_token"] = id_token(request, issued.grant);
    }
    body
}

/// Neither at_hash nor email_verified; the address is present only if it is valid and verified.
fn id_token(request: &Request, grant: &Grant) -> Value {
    let user = request.user(grant);
    let lifetime = LIFETIMES.access;
    let mut claims = id_token::claims(request, grant, ISSUER, &number(&user).to_string(), lifetime);
    claims["auth_time"] = json!(grant.auth_time);
    merge(&mut claims, names(request, grant, &user));
    let agreed = consents(request, grant).contains(&"account_email".to_owned());
    if let Some(email) = user.email.filter(|email| agreed && email.valid && email.verified) {
        claims["email"] = json!(email.address);
    }
    id_token::sign(request, &claims)
}

/// The claims about nickname and picture.
fn names(request: &Request, grant: &Grant, user: &User) -> Value {
    let scopes = consents(request, grant);
    let has = |id: &str| scopes.iter().any(|scope| scope == id);
    let mut claims = json!({});
    if has("profile_nickname") {
        claims["nickname"] = json!(account::nickname(user));
    }
    if has("profile_image") {
        claims["picture"] = json!(account::image(request, user, true, "110x110"));
    }
    claims
}

/// Consent belongs to the user and the app, not to a token: earlier consents still count.
fn consents(request: &Request, grant: &Grant) -> Vec<String> {
    request.state.grants().consents(grant).iter().cloned().collect()
}

/// The id of a user: a JSON number, and a string in the id_token.
fn number(user: &User) -> u64 {
    user.number % 9_000_000_000 + 1_000_000_000
}

fn koe(status: StatusCode, error: &str, text: &str, code: &str) -> Refusal {
    let body = json!({ "error": error, "error_description": text, "error_code": code });
    Refusal::new(status, body)
}

fn refusal(error: TokenError<'_>) -> Refusal {
    let (error, text, code) = match error {
        TokenError::Client(ClientError::NoId) => return unknown_client("null"),
        TokenError::Client(ClientError::UnknownId(id)) => return unknown_client(&id),
        // Missing, wrong, or sent although it is switched off: the same code.
        TokenError::Client(ClientError::SecretMissing)
        | TokenError::Client(ClientError::SecretWrong)
        | TokenError::Client(ClientError::SecretUnexpected) => {
            let text = "Bad client credentials";
            return koe(StatusCode::UNAUTHORIZED, "invalid_client", text, "KOE010");
        }
        // The code is documented; the text is a guess.
        TokenError::GrantType(_) => {
            ("unsupported_grant_type", "Provided grant type is not supported", "KOE310")
        }
        TokenError::Missing("refresh_token") => {
            ("invalid_grant", "refresh_token is missing", "KOE319")
        }
        TokenError::Missing(_) => return unknown_code(""),
        TokenError::Code(code) => return unknown_code(code),
        TokenError::Mismatch => ("invalid_grant", "Redirect URI mismatch.", "KOE303"),
        // That the verifier is checked follows from S256 in the metadata; the text is a guess.
        TokenError::Verifier(_) => ("invalid_grant", "code verifier mismatched", "KOE001"),
        TokenError::RefreshToken => ("invalid_grant", "expired_or_invalid_refresh_token", "KOE322"),
    };
    koe(StatusCode::BAD_REQUEST, error, text, code)
}

fn unknown_client(id: &str) -> Refusal {
    let text = format!("Not exist client_id [{id}]");
    koe(StatusCode::UNAUTHORIZED, "invalid_client", &text, "KOE101")
}

/// The real response repeats the code too.
fn unknown_code(code: &str) -> Refusal {
    let text = format!("authorization code not found for code={code}");
    koe(StatusCode::BAD_REQUEST, "invalid_grant", &text, "KOE320")
}
