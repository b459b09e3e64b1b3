//! A generic OpenID Connect issuer, and one more issuer per relying-party test module at `/oidc/rp/MODULE`.

mod claims;
mod module;

use crate::endpoints::registration;
use crate::providers::prelude::*;
use crate::{endpoints, keys};

pub use module::Module;

/// A public client of the issuer and of every test module.
pub const CLIENT_ID: &str = "demo-oidc";
/// A confidential client.
pub const CONFIDENTIAL_CLIENT_ID: &str = "demo-oidc-confidential";
/// The secret of [`CONFIDENTIAL_CLIENT_ID`].
pub const CLIENT_SECRET: &str = "demo-oidc-secret";

const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server/oidc";
/// Its name in English.
pub const LABEL: &str = "Company SSO";

const REDIRECTS: &[Redirect] = &[
    Redirect::Loopback,
    Redirect::Scheme(crate::clients::SCHEME),
    Redirect::Scheme(crate::clients::INSTALLED_SCHEME),
];

pub(crate) static PROVIDER: Provider = Provider {
    name: "oidc",
    label: (LABEL, "회사 SSO"),
    colours: ("--accent: #0c6b5e", "--accent: #5fd0bf; --on-accent: #04231e"),
    clients: &[
        Client::new(CLIENT_ID, Secret::None, REDIRECTS),
        Client::new(CONFIDENTIAL_CLIENT_ID, Secret::Required(CLIENT_SECRET), REDIRECTS),
    ],
    scopes: scopes! {
        required "openid" "" "";
        required "profile" "Name, nickname, picture, birthday and gender" "이름, 닉네임, 사진, 생일, 성별";
        required "email" "E-mail address" "이메일 주소";
        optional "phone" "Phone number" "전화번호";
        optional "address" "Postal address" "우편 주소";
        optional "offline_access" "Stay signed in" "로그인 유지";
    },
    endpoints: &[
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/jwks"),
        ("revocation_endpoint", "/revoke"),
        ("device_authorization_endpoint", "/device_authorization"),
    ],
    metadata: Some(("/.well-known/openid-configuration", |request| {
        let mut document = metadata(request);
        if request.has(Fault::RevocationElsewhere) {
            remove(&mut document, "revocation_endpoint");
        }
        document
    })),
    table: |_, base| {
        format!(
            "\n[company]\nkind = \"oidc\"\nlabel = \"{LABEL}\"\nissuer = \"{base}/oidc\"\nclient_id = \"{CLIENT_ID}\"\n"
        )
    },
    authorization: Authorization {
        code_lifetime: 60,
        unknown_client: ErrorPage::bad("unauthorized_client", "The client is not registered."),
        unregistered_redirect: ErrorPage::bad(
            "invalid_request",
            "The redirect URI is not registered.",
        ),
        check,
        denial: &[("error", "access_denied"), ("error_description", "The person said no")],
        // `iss` is announced in the metadata and sent, also with errors (RFC 9207 §2).
        complete: |request, pending, _, pairs| {
            pairs.push(("iss", issuer(request, &pending.realm)));
            if let Some(module) = Module::of(&pending.realm) {
                module.change_response(pairs);
            }
        },
        ..Authorization::STANDARD
    },
    token: TokenEndpoint {
        basic: BasicAuth::AcceptedWithoutSecret,
        before: |_, form| {
            let repeated = || Refusal::oauth(400, "invalid_request", "a parameter is repeated");
            (!form.has_repetition()).then_some(()).ok_or_else(repeated)
        },
        replay_revokes: true,
        // A refresh token only with `offline_access` (OIDC Core 11).
        lifetimes: |grant| Lifetimes {
            access: 3600,
            refresh: grant.has("offline_access").then_some(30 * 86_400),
        },
        body,
        // VerifierUnexpected: the challenge was removed from the request (RFC 9700 §4.8.2).
        errors: errors! {
            GrantTypeMissing => 400 "invalid_request" "grant_type is missing";
            GrantTypeUnsupported => 400 "unsupported_grant_type" "this grant type is not supported";
            ClientIdMissing | ClientUnknown | SecretMissing | SecretWrong | SecretUnexpected => 401 "invalid_client" "client authentication failed";
            CodeMissing => 400 "invalid_request" "code is missing";
            RefreshTokenMissing => 400 "invalid_request" "refresh_token is missing";
            CodeInvalid => 400 "invalid_grant" "the code is unknown, expired or used";
            Mismatch => 400 "invalid_grant" "redirect_uri is not that of the request";
            VerifierMissing => 400 "invalid_grant" "code_verifier is missing";
            VerifierUnexpected => 400 "invalid_grant" "there was no code_challenge";
            VerifierWrong => 400 "invalid_grant" "code_verifier does not fit";
            RefreshTokenInvalid => 400 "invalid_grant" "the refresh token is not valid";
            Pending => 400 "authorization_pending" "the user has not decided yet";
            TooSoon => 400 "slow_down" "wait five seconds longer between two polls";
            Denied => 400 "access_denied" "the person said no";
            Expired => 400 "expired_token" "the device code is over";
            DeviceCodeInvalid => 400 "invalid_grant" "the device code is unknown or used";
        },
        // A client that may have tried Basic is told so (RFC 6749 §5.2).
        encode: |_, refusal| {
            match refusal.status {
                401 => refusal.header("www-authenticate", "Basic"),
                _ => refusal,
            }
            .into_response()
        },
        ..TokenEndpoint::STANDARD
    },
    device: Some(DeviceEndpoint {
        lifetime: 600,
        complete: |body| {
            let page = body["verification_uri"].as_str().unwrap_or_default();
            let code = body["user_code"].as_str().unwrap_or_default();
            body["verification_uri_complete"] = json!(format!("{page}?user_code={code}"));
        },
        ..DeviceEndpoint::STANDARD
    }),
    keys: |request| match Module::of(&request.realm) {
        Some(module) => module.keys(&request.state),
        None => vec![request.state.keys.main.jwk()],
    },
    // RFC 6750 §3.
    bearer_refusal: |error| match error {
        BearerError::Scope => Refusal::new(403, json!({ "error": "insufficient_scope" }))
            .header("www-authenticate", r#"Bearer error="insufficient_scope", scope="openid""#),
        BearerError::Missing | BearerError::Unknown | BearerError::Expired => {
            Refusal::new(401, json!({ "error": "invalid_token" }))
                .header("www-authenticate", r#"Bearer error="invalid_token""#)
        }
    },
    routes: |router| {
        let modules = "/oidc/rp/{module}";
        let router = router
            .merge(endpoints::standard(&PROVIDER, modules))
            .route(OAUTH_METADATA, get(oauth_metadata))
            .route("/oidc/register", post(registration::register))
            .route("/oidc/register/{id}", axum::routing::delete(registration::unregister))
            .route("/oidc/img/{file}", get(image));
        ["/oidc", modules].into_iter().fold(router, |router, prefix| {
            router
                .route(&format!("{prefix}/revoke"), revocation::by_post(revoke))
                .route(&format!("{prefix}/userinfo"), get(userinfo).post(userinfo))
        })
    },
    realm: |path| {
        let Some(rest) = path.strip_prefix("/oidc/rp/") else { return Ok(None) };
        let name = rest.split('/').next().unwrap_or_default();
        match Module::find(name) {
            Some(_) => Ok(Some(format!("oidc/rp/{name}"))),
            None => Err(Refusal::new(404, json!({ "error": format!("no module {name}") }))),
        }
    },
    ..Provider::STANDARD
};

/// The issuer identifier of a realm.
fn issuer(request: &Request, realm: &str) -> String {
    format!("{}/{realm}", request.state.base)
}

/// Errors are sent to the application (RFC 6749 §4.1.2.1).
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let (query, invalid) = (&request.query, "invalid_request");
    let prompt = query.get("prompt").unwrap_or_default();
    let prompts = |value: &str| prompt.split_whitespace().any(|word| word == value);
    let flow = query.get("response_type");
    send_if(query.has_repetition(), invalid, "a parameter is repeated")?;
    let object = query.get("request").or_else(|| query.get("request_uri"));
    let text = "request objects are not supported";
    send_if(object.is_some(), "request_not_supported", text)?;
    send_if(flow.is_none(), invalid, "response_type is missing")?;
    let text = "only the code flow is supported";
    send_if(flow != Some("code"), "unsupported_response_type", text)?;
    let without_pkce = pending.challenge.is_none() && pending.client.secret == Secret::None;
    send_if(without_pkce, invalid, "public clients must use PKCE")?;
    let text = "S256 is the only supported code_challenge_method";
    send_if(pending.is_not_s256(), invalid, text)?;
    send_if(prompts("none"), "login_required", "no user is signed in")?;
    // Without consent, `offline_access` is ignored (OIDC Core 11).
    let offline = pending.has("offline_access") && !prompts("consent");
    let refused = offline && request.has(Fault::OfflineAccessRefused);
    send_if(refused, invalid, "offline_access needs consent in prompt")?;
    // Unknown scopes are ignored (OIDC Core 3.1.2.1).
    let ignored = |id: &str| PROVIDER.scope(id).is_none() || offline && id == "offline_access";
    pending.scopes.retain(|id| !ignored(id));
    Ok(())
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
        "grant_types_supported": ["authorization_code", "refresh_token", GrantType::DEVICE_CODE],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": module.map_or(vec!["RS256"], Module::announced),
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "nickname", "preferred_username", "picture", "birthdate", "gender", "email", "email_verified", "phone_number"],
        "authorization_response_iss_parameter_supported": true,
    });
    for (key, path) in PROVIDER.endpoints {
        document[*key] = json!(format!("{issuer}{path}"));
    }
    if request.has(Fault::RevocationNowhere) {
        remove(&mut document, "revocation_endpoint");
    }
    // No module is about the device grant.
    if let Some(module) = module {
        remove(&mut document, "device_authorization_endpoint");
        document["grant_types_supported"] = json!(["authorization_code", "refresh_token"]);
        module.change_metadata(&mut document);
    } else {
        document["registration_endpoint"] = json!(format!("{issuer}/register"));
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
    if module.has_claims_in_id_token() {
        merge(&mut claims, claims::userinfo(request, grant));
    }
    module.change_claims(&mut claims, issued.refreshed);
    json!(module.sign(&request.state, &claims))
}

/// The token is in the header and nowhere else.
async fn userinfo(request: Request) -> Result<Response, Refusal> {
    let grant = request.granted("openid")?;
    let mut claims = claims::userinfo(&request, &grant);
    if let Some(module) = Module::of(&request.realm) {
        module.change_userinfo(&mut claims);
        if let Some(response) = module.userinfo_response(&request, &grant, &claims) {
            return Ok(response);
        }
    }
    Ok(endpoints::userinfo::respond(&request, claims))
}

/// Revokes the grant of the token (RFC 7009 §2.1).
fn revoke(request: &Request) -> Result<Response, Refusal> {
    let form = request.form().unwrap_or_default();
    let token = form.get("token").unwrap_or_default();
    let is_access = request.state.grants().access(&request.realm, token).is_some();
    if is_access && request.has(Fault::RevokeAccess503) {
        return Ok(response::unavailable());
    }
    let unauthorized =
        request.refusal(TokenError::SecretWrong, "").header("www-authenticate", "Basic");
    request.authenticate(&form).map_err(|_| unauthorized.clone())?;
    if request.has(Fault::Revoke401) {
        return Err(unauthorized);
    }
    if is_access && request.has(Fault::RevokeNoAccessToken) {
        let text = "access tokens cannot be revoked";
        return Err(Refusal::oauth(400, "unsupported_token_type", text));
    }
    let one = request.has(Fault::RevokeOneToken);
    let reach = if one { Reach::Token(token) } else { Reach::Grant };
    revocation::revoke_of_client(request, &form, token, reach)?;
    Ok(response::ok(&json!({})))
}

/// `img/KEY.webp`, or another format by its extension.
async fn image(Path(file): Path<String>, request: Request) -> Response {
    let (key, extension) = file.rsplit_once('.').unwrap_or_default();
    match ImageFormat::from_extension(extension) {
        Some(format) => pictures::of_user(&request, key, 256, format),
        None => pictures::respond(&request, None),
    }
}
