//! LINE Login v2.1, with a channel of the type "Web app".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::keys;
use crate::providers::prelude::*;

/// The channel.
pub const CLIENT_ID: &str = "demo-line";
/// The channel secret, which also signs its id_tokens.
pub const CLIENT_SECRET: &str = "demo-line-secret";

const ISSUER: &str = "https://access.line.me";
const LIFETIMES: Lifetimes = Lifetimes { access: 2_592_000, refresh: Some(90 * 86_400) };
/// Seconds.
const ID_TOKEN_LIFETIME: i64 = 3600;
const VERIFY: &str = "/line/oauth2/v2.1/verify";
/// The code of LINE's error pages.
const BAD_REQUEST: &str = "400 Bad Request";

pub(crate) static PROVIDER: Provider = Provider {
    name: "line",
    label: ("LINE", "LINE"),
    colours: ("--accent: #06c755; --on-accent: #04230f", ""),
    clients: &[Client::new(
        CLIENT_ID,
        Secret::Required(CLIENT_SECRET),
        &[Redirect::FixedPorts("127.0.0.1", "/callback/line")],
    )],
    scopes: scopes! {
        required "profile" "Main profile information" "기본 프로필 정보";
        required "openid" "" "";
        optional "email" "E-mail address" "이메일 주소";
    },
    endpoints: &[
        ("authorization_endpoint", "/oauth2/v2.1/authorize"),
        ("token_endpoint", "/oauth2/v2.1/token"),
        ("jwks_uri", "/oauth2/v2.1/certs"),
        ("userinfo_endpoint", "/oauth2/v2.1/userinfo"),
        ("revocation_endpoint", "/oauth2/v2.1/revoke"),
    ],
    metadata: Some(("/.well-known/openid-configuration", metadata)),
    settings: "redirect_ports = [53682, 53683, 53684]\n",
    authorization: Authorization {
        new_code: || random::alphanumeric(20),
        page_title: ("Bad request", "잘못된 요청입니다"),
        unknown_client: ErrorPage::bad(BAD_REQUEST, "Invalid client_id value."),
        unregistered_redirect: ErrorPage::bad(
            BAD_REQUEST,
            "Invalid redirect_uri value. Check if it is registered in a LINE developers site.",
        ),
        // A query may follow the registered URI.
        redirect_uri: |request, client| {
            let uri = request.query.get("redirect_uri").filter(|uri| {
                let registered = uri.split_once('?').map_or(*uri, |(registered, _)| registered);
                request.allows(client, registered) && !uri.contains('#')
            });
            let page = PROVIDER.authorization.unregistered_redirect;
            uri.map(str::to_owned).ok_or(AuthorizationError::Page(page))
        },
        check,
        denial: &[
            ("error", "ACCESS_DENIED"),
            ("error_description", "The resource owner denied the request."),
        ],
        complete: |_, _, grant, pairs| {
            let friendship = ("friendship_status_changed", "false".to_owned());
            pairs.extend(grant.map(|_| friendship));
        },
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        new_tokens: |_| {
            let access = format!("eyJhbGciOiJIUzI1NiJ9.{}", random::base64url(120));
            (access, random::alphanumeric(20))
        },
        lifetimes: |_| LIFETIMES,
        rotation: |_| Rotation::Keep,
        repeats_refresh_token: true,
        body,
        // Most of the texts are guesses.
        errors: errors! {
            ClientIdMissing | ClientUnknown => 400 "invalid_client" "invalid client_id";
            SecretWrong | SecretUnexpected => 400 "invalid_client" "invalid client_secret";
            SecretMissing | CodeMissing | RefreshTokenMissing | GrantTypeMissing => 400 "invalid_request" "some parameters missed or invalid";
            GrantTypeUnsupported => 400 "unsupported_grant_type" "unsupported grant_type";
            CodeInvalid => 400 "invalid_grant" "invalid authorization code";
            Mismatch => 400 "invalid_grant" "redirect_uri does not match";
            VerifierMissing | VerifierWrong | VerifierUnexpected => 400 "invalid_grant" "invalid code_verifier";
            RefreshTokenInvalid => 400 "invalid_grant" "invalid refresh token";
        },
        too_many_requests: || Refusal::oauth(400, "too_many_requests", "rate limit exceeded"),
        ..TokenEndpoint::STANDARD
    },
    keys: |request| vec![request.state.keys.es256.jwk()],
    id_members: &["userId", "sub"],
    // The text for a missing scope is a guess.
    bearer_refusal: |error| match error {
        BearerError::Missing | BearerError::Unknown | BearerError::Expired => {
            message(401, "The access token expired")
        }
        BearerError::Scope => message(403, "The access token lacks a required scope"),
    },
    too_many_requests: || message(429, "You have reached your API call limit."),
    routes: |router| {
        router
            .route("/line/oauth2/v2.1/userinfo", profile_endpoint(GET_OR_POST, userinfo))
            .route("/line/oauth2/v2.1/revoke", revocation::by_post(revoke))
            .route(VERIFY, get_json(verify_access_token))
            .route(VERIFY, json_endpoint(MethodFilter::POST, verify_id_token))
            .route("/line/v2/profile", get_profile(me))
            .route("/line/img/{file}", pictures::route(240, ImageFormat::Jpeg))
    },
    ..Provider::STANDARD
};

/// The codes are in capital letters. That a bad `state` is an error on the page is a guess.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let query = &request.query;
    let plain = |state: &str| state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let text = "Invalid state value. It must consist of letters and digits.";
    page_if(!pending.state.as_deref().is_some_and(plain), BAD_REQUEST, text)?;
    let flow = query.get("response_type") != Some("code");
    send_if(flow, "INVALID_REQUEST", "response_type must be code")?;
    let text = "code_challenge_method must be S256";
    send_if(pending.is_not_s256(), "INVALID_REQUEST", text)?;
    // The address is in the id_token only, so that `email` without `openid` asks for nothing.
    let useless = !pending.has("profile") && !pending.has("openid");
    let invalid = useless || request.unknown_scope(pending).is_some();
    send_if(invalid, "INVALID_SCOPE", "The requested scope is invalid")?;
    send_if(query.get("prompt") == Some("none"), "LOGIN_REQUIRED", "No user is signed in")
}

/// ES256 is announced, although the id_token of a web channel is HS256 unless the token request asks otherwise.
fn metadata(request: &Request) -> Value {
    let more = json!({
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
    });
    let endpoints =
        "authorization_endpoint token_endpoint revocation_endpoint userinfo_endpoint jwks_uri";
    request.metadata(ISSUER, endpoints, more)
}

/// `scope` never contains `email`. A refresh returns no id_token.
fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("Bearer");
    body["scope"] = json!(issued.grant.scopes_without("email"));
    if issued.grant.has("openid") && !issued.refreshed {
        body["id_token"] = json!(id_token(request, issued));
    }
    body
}

/// Signed with the channel secret. Several clients ask for ES256 with `id_token_key_type=JWK`; that it has this effect
/// is unconfirmed.
fn id_token(request: &Request, issued: &Issued<'_>) -> String {
    let grant = issued.grant;
    let user = request.user(grant);
    let mut claims = id_token::claims(request, grant, ISSUER, &subject(&user), ID_TOKEN_LIFETIME);
    claims["amr"] = json!(["linesso"]);
    if grant.has("profile") {
        merge(&mut claims, names(request, &user));
    }
    if let Some(email) = user.email.filter(|_| grant.has("email")) {
        claims["email"] = json!(email.address);
    }
    if issued.form.get("id_token_key_type") == Some("JWK") {
        request.state.keys.sign("ES256", &claims)
    } else {
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        keys::sign_hs256(CLIENT_SECRET.as_bytes(), &header, &claims)
    }
}

fn message(status: u16, text: &str) -> Refusal {
    Refusal::new(status, json!({ "message": text }))
}

/// The parameter is `access_token`, not the `token` of RFC 7009. That the refresh token is revoked too is a guess.
fn revoke(request: &Request) -> Result<Response, Refusal> {
    let form = request.form().unwrap_or_default();
    request.authenticated(&form)?;
    let missing = || request.refusal(TokenError::CodeMissing, "");
    let token = form.get("access_token").ok_or_else(missing)?;
    revocation::revoke_of_client(request, &form, token, Reach::Grant)?;
    Ok(response::raw(200, "application/json", ""))
}

/// Every account has a name.
fn me(request: &Request) -> Result<Value, Refusal> {
    let user = request.user(&*request.granted("profile")?);
    Ok(present(json!({
        "userId": subject(&user),
        "displayName": user.shown_name(),
        "pictureUrl": picture(request, &user),
        "statusMessage": user.nickname.map(|_| user.about.0),
    })))
}

fn userinfo(request: &Request) -> Result<Value, Refusal> {
    let grant = request.granted("openid")?;
    let user = request.user(&grant);
    let mut claims = json!({ "sub": subject(&user) });
    if grant.has("profile") {
        merge(&mut claims, names(request, &user));
    }
    Ok(claims)
}

fn names(request: &Request, user: &User) -> Value {
    present(json!({ "name": user.shown_name(), "picture": picture(request, user) }))
}

fn picture(request: &Request, user: &User) -> Option<String> {
    user.colour.map(|_| request.url(&format!("/img/{}", user.key)))
}

/// `U` and 32 digits, different at each provider of the LINE console.
fn subject(user: &User) -> String {
    format!("U{:.32x}", Sha256::digest(format!("line {}", user.key)))
}

/// Whether an access token is valid.
fn verify_access_token(request: &Request) -> Result<Value, Refusal> {
    let invalid = |_| Refusal::oauth(400, "invalid_request", "access token expired");
    let token = request.authorized_by(request.query.get("access_token")).map_err(invalid)?;
    Ok(json!({
        "scope": token.grant.scopes_without("email"),
        "client_id": token.grant.client.id,
        "expires_in": token.expires - request.state.now(),
    }))
}

/// Whether an id_token is valid: `id_token`, `client_id`, and `nonce` if there was one.
fn verify_id_token(request: &Request) -> Result<Value, Refusal> {
    let form = request.form().unwrap_or_default();
    let invalid = |text| Refusal::oauth(400, "invalid_request", text);
    let token = form.get("id_token").unwrap_or_default();
    // Every id_token that was issued is in the log.
    let issued = request.state.request_log().id_tokens.contains(token);
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = claims.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let claims = claims.filter(|_| issued).ok_or_else(|| invalid("Invalid IdToken."))?;
    if claims["exp"].as_i64().is_none_or(|end| end <= request.state.now()) {
        return Err(invalid("IdToken expired."));
    }
    if claims["aud"].as_str() != form.get("client_id") {
        return Err(invalid("Invalid IdToken Audience."));
    }
    if form.get("nonce").is_some_and(|nonce| claims["nonce"] != nonce) {
        return Err(invalid("Invalid IdToken Nonce."));
    }
    Ok(claims)
}
