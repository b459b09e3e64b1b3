//! A generic OpenID Connect issuer, and one more issuer per relying-party test module at `/oidc/rp/MODULE`.

mod claims;
mod module;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use serde_json::{Value, json};

use crate::clients::{Client, Redirect, SCHEME, Secret};
use crate::endpoints::revocation::{self, Reach};
use crate::endpoints::{self, pictures, registration, userinfo};
use crate::faults::Fault;
use crate::grants::{AuthorizationRequest, Grant, Lifetimes, PollError};
use crate::pictures::Format;
use crate::provider::{
    Authorization, AuthorizationError, BasicAuth, BearerError, ClientError, DeviceEndpoint,
    ErrorPage, GrantType, Issued, Provider, Request, Scope, TokenEndpoint, TokenError,
    VerifierError,
};
use crate::response::{self, Pairs, Refusal, merge, remove};
use crate::{id_token, keys};

pub use module::Module;

/// A public client of the issuer and of every test module.
pub const CLIENT_ID: &str = "demo-oidc";
/// A confidential client.
pub const CONFIDENTIAL_CLIENT_ID: &str = "demo-oidc-confidential";
/// The secret of [`CONFIDENTIAL_CLIENT_ID`].
pub const CLIENT_SECRET: &str = "demo-oidc-secret";

const REDIRECTS: &[Redirect] = &[Redirect::Loopback, Redirect::Scheme(SCHEME)];
const METADATA: &str = "/.well-known/openid-configuration";

pub(crate) static PROVIDER: Provider = Provider {
    name: "oidc",
    label: ("Company SSO", "회사 SSO"),
    colours: ("--accent: #0c6b5e", "--accent: #5fd0bf; --on-accent: #04231e"),
    clients: &[
        Client::new(CLIENT_ID, Secret::None, REDIRECTS),
        Client::new(CONFIDENTIAL_CLIENT_ID, Secret::Required(CLIENT_SECRET), REDIRECTS),
    ],
    scopes: &[
        Scope::required("openid", ("", "")),
        Scope::required(
            "profile",
            ("Name, nickname, picture, birthday and gender", "이름, 닉네임, 사진, 생일, 성별"),
        ),
        Scope::required("email", ("E-mail address", "이메일 주소")),
        Scope::optional("phone", ("Phone number", "전화번호")),
        Scope::optional("address", ("Postal address", "우편 주소")),
        Scope::optional("offline_access", ("Stay signed in", "로그인 유지")),
    ],
    endpoints: &[
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/jwks"),
        ("revocation_endpoint", "/revoke"),
        ("device_authorization_endpoint", "/device_authorization"),
    ],
    metadata: Some((METADATA, |request| {
        let mut document = metadata(request);
        if request.has(Fault::RevocationElsewhere) {
            remove(&mut document, "revocation_endpoint");
        }
        document
    })),
    table,
    authorization: Authorization {
        code_lifetime: 60,
        unknown_client: ErrorPage::bad(
            "unauthorized_client",
            ("The client is not registered.", "등록되지 않은 클라이언트입니다."),
        ),
        unregistered_redirect: ErrorPage::bad(
            "invalid_request",
            ("The redirect URI is not registered.", "등록되지 않은 리디렉션 URI입니다."),
        ),
        check,
        denial: &[("error", "access_denied"), ("error_description", "The person said no")],
        complete,
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        basic: BasicAuth::AcceptedWithoutSecret,
        before: |_, form| {
            let repeated = || Refusal::bad("invalid_request", "a parameter is repeated");
            (!form.has_repetition()).then_some(()).ok_or_else(repeated)
        },
        replay_revokes: true,
        // A refresh token only with `offline_access` (OIDC Core 11).
        lifetimes: |grant| Lifetimes {
            access: 3600,
            refresh: grant.has("offline_access").then_some(30 * 86_400),
        },
        body,
        refusal,
        // A client that may have tried Basic is told so (RFC 6749 §5.2).
        encode: |_, refusal| {
            match refusal.status {
                StatusCode::UNAUTHORIZED => refusal.header("www-authenticate", "Basic"),
                _ => refusal,
            }
            .into_response()
        },
        ..TokenEndpoint::STANDARD
    },
    device: Some(DeviceEndpoint {
        page: "/device",
        lifetime: 600,
        new_code: Authorization::STANDARD.new_code,
        begin: |request, form| {
            let client =
                request.authenticate(form).map_err(|error| refusal(TokenError::Client(error)))?;
            let mut pending = AuthorizationRequest::new(&request.realm, client, "", form);
            pending.scopes.retain(|id| PROVIDER.scope(id).is_some());
            Ok(pending)
        },
        complete: |body| {
            let page = body["verification_uri"].as_str().unwrap_or_default();
            let code = body["user_code"].as_str().unwrap_or_default();
            body["verification_uri_complete"] = json!(format!("{page}?user_code={code}"));
        },
        poll_refusal,
    }),
    keys: |request| match Module::of(&request.realm) {
        Some(module) => module.keys(&request.state),
        None => vec![request.state.keys.main.jwk()],
    },
    bearer_refusal,
    routes: |router| {
        let modules = "/oidc/rp/{module}";
        let router = router
            .merge(endpoints::standard(&PROVIDER, modules))
            .route("/.well-known/oauth-authorization-server/oidc", get(oauth_metadata))
            .route("/oidc/register", post(registration::register))
            .route("/oidc/register/{id}", delete(registration::unregister))
            .route("/oidc/img/{file}", get(image));
        ["/oidc", modules].into_iter().fold(router, |router, prefix| {
            router
                .route(&format!("{prefix}/revoke"), post(revoke))
                .route(&format!("{prefix}/userinfo"), get(userinfo).post(userinfo))
        })
    },
    realm: |path| {
        let Some(rest) = path.strip_prefix("/oidc/rp/") else { return Ok(None) };
        let name = rest.split('/').next().unwrap_or_default();
        match Module::find(name) {
            Some(_) => Ok(Some(format!("oidc/rp/{name}"))),
            None => {
                let names: Vec<&str> = Module::ALL.iter().map(|module| module.name()).collect();
                let error = format!("no module {name}");
                let body = json!({ "error": error, "modules": names });
                Err(Refusal::new(StatusCode::NOT_FOUND, body))
            }
        }
    },
    ..Provider::STANDARD
};

/// Its table in `providers.toml`: the endpoints are discovered.
fn table(_: &Provider, base: &str) -> String {
    format!(
        r#"
[company]
kind = "oidc"
label = "Company SSO"
issuer = "{base}/oidc"
client_id = "{CLIENT_ID}"
"#
    )
}

/// The issuer identifier of a realm.
fn issuer(request: &Request, realm: &str) -> String {
    format!("{}/{realm}", request.state.base)
}

/// Errors are sent to the application (RFC 6749 §4.1.2.1).
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Result<(), AuthorizationError> {
    let query = &request.query;
    let refused = |error, text: &str| Err(AuthorizationError::redirect(error, text));
    let prompt = query.get("prompt").unwrap_or_default();
    let prompts = |value: &str| prompt.split_whitespace().any(|word| word == value);
    if query.has_repetition() {
        return refused("invalid_request", "a parameter is repeated");
    }
    if query.get("request").is_some() || query.get("request_uri").is_some() {
        return refused("request_not_supported", "request objects are not supported");
    }
    match query.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return refused("unsupported_response_type", "only the code flow is supported");
        }
        None => return refused("invalid_request", "response_type is missing"),
    }
    if pending.challenge.is_none() && pending.client.secret == Secret::None {
        return refused("invalid_request", "public clients must use PKCE");
    }
    if pending.challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        return refused("invalid_request", "S256 is the only supported code_challenge_method");
    }
    if prompts("none") {
        return refused("login_required", "nobody is signed in");
    }
    // Without consent, `offline_access` is ignored (OIDC Core 11).
    let offline = pending.has("offline_access") && !prompts("consent");
    if offline && request.has(Fault::OfflineAccessRefused) {
        return refused("invalid_request", "offline_access needs consent in prompt");
    }
    // Unknown scopes are ignored (OIDC Core 3.1.2.1).
    pending
        .scopes
        .retain(|id| PROVIDER.scope(id).is_some() && !(offline && id == "offline_access"));
    Ok(())
}

/// `iss` is announced in the metadata and sent, also with errors (RFC 9207 §2).
fn complete(
    request: &Request,
    pending: &AuthorizationRequest,
    _: Option<&Grant>,
    pairs: &mut Pairs,
) {
    pairs.push(("iss", issuer(request, &pending.realm)));
    if let Some(module) = Module::of(&pending.realm) {
        module.change_response(pairs);
    }
}

fn metadata(request: &Request) -> Value {
    let module = Module::of(&request.realm);
    let issuer = issuer(request, &request.realm);
    let scopes: Vec<&str> = PROVIDER.scopes.iter().map(|scope| scope.id).collect();
    let methods = ["none", "client_secret_basic", "client_secret_post"];
    let mut document = json!({
        "issuer": issuer,
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": module.map_or(&["RS256"][..], Module::announced),
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": claims::SUPPORTED,
        "authorization_response_iss_parameter_supported": true,
    });
    for (key, path) in PROVIDER.endpoints {
        document[*key] = json!(format!("{issuer}{path}"));
    }
    if request.has(Fault::RevocationNowhere) {
        remove(&mut document, "revocation_endpoint");
    }
    match module {
        // No module is about the device grant.
        Some(module) => {
            remove(&mut document, "device_authorization_endpoint");
            module.change_metadata(&mut document);
        }
        None => {
            let grants = ["authorization_code", "refresh_token", GrantType::DEVICE_CODE];
            document["grant_types_supported"] = json!(grants);
            document["registration_endpoint"] = json!(format!("{issuer}/register"));
        }
    }
    document
}

/// The document of RFC 8414, at the issuer's host and before its path (§3.1). Most OpenID issuers have none.
async fn oauth_metadata(request: Request) -> Response {
    if request.has(Fault::MetadataMoved) || request.has(Fault::RevocationElsewhere) {
        return response::ok(&metadata(&request));
    }
    response::not_found()
}

fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("Bearer");
    body["scope"] = json!(issued.grant.scopes.join(" "));
    if issued.grant.has("openid") {
        body["id_token"] = id_token(request, issued);
    }
    if let Some(module) = Module::of(&request.realm) {
        module.change_token_response(&mut body);
    }
    body
}

/// The claims of the scopes are at userinfo (OIDC Core 5.4).
fn id_token(request: &Request, issued: &Issued<'_>) -> Value {
    let (grant, access) = (issued.grant, &issued.tokens.access);
    let subject = claims::subject(&grant.realm, grant.user);
    let issuer = issuer(request, &request.realm);
    let mut claims = id_token::claims(request, grant, &issuer, &subject, 3600);
    claims["auth_time"] = json!(grant.auth_time);
    id_token::bind(&mut claims, access);
    let Some(module) = Module::of(&request.realm) else {
        return id_token::sign(request, &claims);
    };
    claims["at_hash"] = json!(keys::at_hash(module.algorithm(), access));
    if module.tells_in_id_token() {
        merge(&mut claims, claims::userinfo(request, grant));
    }
    module.change_claims(&mut claims, issued.refreshed);
    json!(module.sign(&request.state, &claims))
}

fn refusal(error: TokenError<'_>) -> Refusal {
    let (code, text) = match error {
        TokenError::GrantType(None) => ("invalid_request", "grant_type is missing"),
        TokenError::GrantType(Some(_)) => {
            ("unsupported_grant_type", "this grant type is not supported")
        }
        TokenError::Client(_) => {
            let text = "client authentication failed";
            return Refusal::oauth(StatusCode::UNAUTHORIZED, "invalid_client", text);
        }
        TokenError::Missing(name) => {
            return Refusal::bad("invalid_request", &format!("{name} is missing"));
        }
        TokenError::Code(_) => ("invalid_grant", "the code is unknown, expired or used"),
        TokenError::Mismatch => ("invalid_grant", "redirect_uri is not that of the request"),
        TokenError::Verifier(VerifierError::Missing) => {
            ("invalid_grant", "code_verifier is missing")
        }
        // The challenge was removed from the request (RFC 9700 §4.8.2).
        TokenError::Verifier(VerifierError::Unexpected) => {
            ("invalid_grant", "there was no code_challenge")
        }
        TokenError::Verifier(VerifierError::Wrong) => {
            ("invalid_grant", "code_verifier does not fit")
        }
        TokenError::RefreshToken => ("invalid_grant", "the refresh token is not valid"),
    };
    Refusal::bad(code, text)
}

/// RFC 8628 §3.5.
fn poll_refusal(error: PollError) -> Refusal {
    let (code, text) = match error {
        PollError::Pending => ("authorization_pending", "nobody has decided yet"),
        PollError::TooSoon(_) => ("slow_down", "wait five seconds longer between two polls"),
        PollError::Denied => ("access_denied", "the person said no"),
        PollError::Expired => ("expired_token", "the device code is over"),
        PollError::Unknown => ("invalid_grant", "the device code is unknown or used"),
    };
    Refusal::bad(code, text)
}

/// RFC 6750 §3.
fn bearer_refusal(error: BearerError) -> Refusal {
    let (status, code, challenge) = match error {
        BearerError::Scope => (
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            r#"Bearer error="insufficient_scope", scope="openid""#,
        ),
        BearerError::Missing | BearerError::Unknown | BearerError::Expired => {
            (StatusCode::UNAUTHORIZED, "invalid_token", r#"Bearer error="invalid_token""#)
        }
    };
    Refusal::new(status, json!({ "error": code })).header("www-authenticate", challenge)
}

/// The token is in the header and nowhere else.
async fn userinfo(request: Request) -> Response {
    let openid = request.authorized().ok().filter(|(grant, _)| grant.has("openid"));
    let module = Module::of(&request.realm);
    let other = openid.and_then(|(grant, _)| module?.userinfo(&request, &grant));
    if let Some(response) = other {
        return response;
    }
    userinfo::read(&request, Some("openid"), |request, grant| {
        let mut claims = claims::userinfo(request, grant);
        if let Some(module) = Module::of(&request.realm) {
            module.change_userinfo(&mut claims);
        }
        claims
    })
    .await
}

/// Revokes the grant of the token (RFC 7009 §2.1).
async fn revoke(request: Request) -> Response {
    revocation::respond(&request, |request| {
        let form = request.form().unwrap_or_default();
        let token = form.get("token").unwrap_or_default();
        let is_access = request.state.grants().access(&request.realm, token).is_some();
        if is_access && request.has(Fault::RevokeAccess503) {
            return Ok(response::unavailable());
        }
        let unauthorized = refusal(TokenError::Client(ClientError::SecretWrong))
            .header("www-authenticate", "Basic");
        request.authenticate(&form).map_err(|_| unauthorized.clone())?;
        if request.has(Fault::Revoke401) {
            return Err(unauthorized);
        }
        if is_access && request.has(Fault::RevokeNoAccessToken) {
            let text = "access tokens cannot be revoked";
            return Err(Refusal::bad("unsupported_token_type", text));
        }
        if let Some(grant) = revocation::grant_of_client(request, &form, token)? {
            let one = request.has(Fault::RevokeOneToken);
            let reach = if one { Reach::Token(token) } else { Reach::Grant };
            revocation::revoke(request, &grant, reach);
        }
        Ok(response::ok(&json!({})))
    })
}

/// `img/KEY.webp`, or another format by its extension.
async fn image(Path(file): Path<String>, request: Request) -> Response {
    let (key, extension) = file.rsplit_once('.').unwrap_or_default();
    match Format::of(extension) {
        Some(format) => pictures::of_user(&request, key, 256, format).await,
        None => pictures::respond(&request, None).await,
    }
}
