//! Facebook Login with Graph version 24.0.

mod graph;

use axum::http::StatusCode;
use axum::routing::{delete, get};
use serde_json::{Value, json};

use crate::clients::{Client, Redirect, Secret};
use crate::endpoints::token::token;
use crate::grants::{AuthorizationRequest, Lifetimes};
use crate::provider::{
    Authorization, AuthorizationError, BearerError, ClientError, ErrorPage, GrantType, Issued,
    Provider, Request, Scope, TokenEndpoint, TokenError, VerifierPolicy,
};
use crate::response::{Refusal, merge};
use crate::users::User;
use crate::{id_token, random};

/// An app that is live: its only redirect URI is the https redirect page.
pub const CLIENT_ID: &str = "demo-facebook";
/// An app in development: any http URI of `localhost` is accepted, unregistered.
pub const DEVELOPMENT_CLIENT_ID: &str = "demo-facebook-development";
/// The secret of both.
pub const CLIENT_SECRET: &str = "demo-facebook-secret";

const ISSUER: &str = "https://www.facebook.com";

pub(crate) static PROVIDER: Provider = Provider {
    name: "facebook",
    label: ("Facebook", "페이스북"),
    colours: ("--accent: #0866ff", ""),
    clients: &[
        Client::new(CLIENT_ID, Secret::Required(CLIENT_SECRET), &[Redirect::HttpsPage]),
        Client::new(
            DEVELOPMENT_CLIENT_ID,
            Secret::Required(CLIENT_SECRET),
            &[Redirect::AnyLocalhost],
        ),
    ],
    scopes: &[
        Scope::required("public_profile", ("Name and profile picture", "이름과 프로필 사진")),
        Scope::required("openid", ("", "")),
        Scope::optional("email", ("E-mail address", "이메일 주소")),
        Scope::optional("user_birthday", ("Date of birth", "생일")),
        Scope::optional("user_gender", ("Gender", "성별")),
        Scope::optional("user_age_range", ("Age range", "연령대")),
    ],
    endpoints: &[
        ("authorization_endpoint", "/v24.0/dialog/oauth"),
        ("token_endpoint", "/graph/v24.0/oauth/access_token"),
        ("jwks_uri", "/.well-known/oauth/openid/jwks/"),
        ("userinfo_endpoint", "/graph/v24.0/me"),
        ("revocation_endpoint", "/graph/v24.0/me/permissions"),
    ],
    metadata: Some(("/.well-known/openid-configuration/", metadata)),
    settings: "redirect_uri = \"{https_redirect}/redirect/facebook\"\n",
    authorization: Authorization {
        new_code: || format!("AQ{}", random::base64url(220)),
        page_title: ("Facebook Login is unavailable", "페이스북 로그인을 사용할 수 없습니다"),
        unknown_client: ErrorPage::bad(
            "Invalid App ID",
            ("The provided app ID does not look like a valid app ID.", "앱 ID가 잘못되었습니다."),
        ),
        unregistered_redirect: ErrorPage::bad(
            "URL Blocked",
            (
                "This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth Settings. Make sure Client and Web OAuth Login are on and add all your app domains as Valid OAuth Redirect URIs.",
                "리디렉션 URI가 앱의 클라이언트 OAuth 설정에 없습니다. 클라이언트 및 웹 OAuth 로그인을 켜고 유효한 OAuth 리디렉션 URI에 추가하세요.",
            ),
        ),
        check,
        denial: &[
            ("error", "access_denied"),
            ("error_code", "200"),
            ("error_description", "Permissions error."),
            ("error_reason", "user_denied"),
        ],
        // Well known, and not confirmed.
        fragment: "#_=_",
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        grant_type: |_| Some(GrantType::AuthorizationCode),
        before: |request, form| {
            let verifier = form.get("code_verifier").is_some();
            match request.authenticate(form) {
                Ok(_) => {}
                Err(ClientError::SecretMissing) if verifier => {}
                Err(error) => return Err(refusal(TokenError::Client(error))),
            }
            let missing = || oauth_exception(191, "Missing redirect_uri parameter.");
            form.get("redirect_uri").map(drop).ok_or_else(missing)
        },
        verifier: VerifierPolicy::OrSecret,
        new_tokens: |_| (format!("EAA{}", random::alphanumeric(180)), String::new()),
        // Hours, and nothing renews it without the secret.
        lifetimes: |_| Lifetimes { access: 5183, refresh: None },
        body,
        refusal,
        too_many_requests: limit,
        ..TokenEndpoint::STANDARD
    },
    keys: |request| vec![request.state.keys.main.jwk(), request.state.keys.next.jwk()],
    id_members: &["id"],
    bearer_refusal,
    too_many_requests: limit,
    routes: |router| {
        router
            // GET is documented; other clients use POST.
            .route("/facebook/graph/v24.0/oauth/access_token", get(token))
            .route("/facebook/graph/v24.0/me", get(graph::me))
            .route("/facebook/graph/v24.0/me/permissions", delete(graph::revoke))
            .route("/facebook/picture/{key}", get(graph::picture))
    },
    ..Provider::STANDARD
};

/// All errors are shown on Facebook's page.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Result<(), AuthorizationError> {
    let query = &request.query;
    if query.get("response_type").is_some_and(|kind| kind != "code") {
        // Facebook supports `token` too, which native apps must not use (RFC 9700 §2.1.2).
        let text = ("Only response_type=code is supported.", "response_type=code만 지원합니다.");
        return Err(AuthorizationError::page("Invalid response_type", text));
    }
    // Commas or spaces; the default is the public profile.
    let scopes = query.get("scope").unwrap_or("public_profile").split([',', ' ']);
    pending.scopes = scopes.filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if pending.scopes.iter().any(|id| PROVIDER.scope(id).is_none()) {
        let text = (
            "A permission is asked for that does not exist.",
            "존재하지 않는 권한을 요청했습니다.",
        );
        return Err(AuthorizationError::page("Invalid Scopes", text));
    }
    // PKCE is documented for OpenID Connect, with a nonce. What happens otherwise is a guess.
    let openid = pending.has("openid") && pending.nonce.is_some();
    let method = matches!(query.get("code_challenge_method"), Some("S256" | "plain"));
    if pending.challenge.is_some() && !(openid && method) {
        let text = (
            "code_challenge wants the scope openid, a nonce, and S256 or plain as its method.",
            "code_challenge에는 openid 범위와 nonce, 그리고 S256 또는 plain 방식이 필요합니다.",
        );
        return Err(AuthorizationError::page("Invalid parameter", text));
    }
    Ok(())
}

/// Neither token endpoint nor userinfo nor PKCE: generic discovery fails here.
fn metadata(request: &Request) -> Value {
    let more = json!({
        "response_types_supported": ["id_token", "token id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    request.metadata(ISSUER, &["authorization_endpoint", "jwks_uri"], more)
}

/// Nothing in the id_token says whether the address is verified.
fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("bearer");
    let grant = issued.grant;
    if grant.has("openid") {
        let user = request.user(grant);
        let mut claims = id_token::claims(request, grant, ISSUER, &subject(&user), 3600);
        id_token::bind(&mut claims, &issued.tokens.access);
        claims["jti"] = json!(random::base64url(20));
        merge(&mut claims, graph::names(&user));
        if let Some(email) = user.email.filter(|_| grant.has("email")) {
            claims["email"] = json!(email.address);
        }
        claims["picture"] = json!(graph::picture_url(request, &user));
        body["id_token"] = id_token::sign(request, &claims);
    }
    body
}

/// An error is an object, and the status is 400.
fn oauth_exception(code: u16, message: &str) -> Refusal {
    let trace = random::base64url(23);
    let error =
        json!({ "message": message, "type": "OAuthException", "code": code, "fbtrace_id": trace });
    Refusal::new(StatusCode::BAD_REQUEST, json!({ "error": error }))
}

/// The codes 1, 100, 101 and 191 are documented or reported; the texts are reports or guesses.
fn refusal(error: TokenError<'_>) -> Refusal {
    let (code, text) = match error {
        TokenError::Client(ClientError::NoId) | TokenError::Client(ClientError::UnknownId(_)) => (
            101,
            "Error validating application. Cannot get application info due to a system error.",
        ),
        TokenError::Client(ClientError::SecretMissing) => (101, "Missing client_secret parameter."),
        TokenError::Client(ClientError::SecretWrong)
        | TokenError::Client(ClientError::SecretUnexpected) => {
            (1, "Error validating client secret.")
        }
        TokenError::Mismatch => (
            100,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        ),
        TokenError::Verifier(_) => (100, "Invalid code_verifier."),
        TokenError::Code(_)
        | TokenError::Missing(_)
        | TokenError::RefreshToken
        | TokenError::GrantType(_) => {
            (100, "This authorization code has been used or has expired.")
        }
    };
    oauth_exception(code, text)
}

/// The real status is unconfirmed.
fn limit() -> Refusal {
    oauth_exception(4, "(#4) Application request limit reached")
}

fn bearer_refusal(error: BearerError) -> Refusal {
    match error {
        BearerError::Missing => oauth_exception(
            2500,
            "An active access token must be used to query information about the current user.",
        ),
        BearerError::Unknown | BearerError::Expired | BearerError::Scope => {
            let text = "Error validating access token: The session is invalid or has expired.";
            let mut refusal = oauth_exception(190, text);
            refusal.body["error"]["error_subcode"] = json!(463);
            refusal
        }
    }
}

/// Scoped to the app: a string of digits.
fn subject(user: &User) -> String {
    format!("10{:0>15}", user.number % 1_000_000_000_000_000)
}
