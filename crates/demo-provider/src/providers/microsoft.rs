//! Microsoft, platform "Mobile and desktop applications", tenant `common`.

mod graph;

use crate::date;
use crate::providers::prelude::*;

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
    scopes: scopes! {
        required "openid" "" "";
        required "profile" "Your name" "이름";
        required "email" "Your e-mail address" "이메일 주소";
        required "User.Read" "Your profile and picture" "프로필과 사진";
        optional "offline_access" "Stay signed in" "로그인 유지";
    },
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
            "There is no such application in the directory.",
        ),
        unregistered_redirect: ErrorPage::bad(
            "AADSTS50011",
            "The redirect URI in the request does not match the ones configured for the application.",
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
            request.authenticated(form).map(drop)
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
        // The codes are documented, except for 501481 and 70022; many texts are guesses. Code and refresh token have
        // three codes there, one here. Denied and unknown device codes have errors of Microsoft's own, not those of
        // RFC 8628.
        errors: errors! {
            ClientIdMissing => 400 "invalid_request" "The request body must contain the following parameter: 'client_id'." "900144";
            GrantTypeMissing => 400 "invalid_request" "The request body must contain the following parameter: 'grant_type'." "900144";
            CodeMissing => 400 "invalid_request" "The request body must contain the following parameter: 'code'." "900144";
            RefreshTokenMissing => 400 "invalid_request" "The request body must contain the following parameter: 'refresh_token'." "900144";
            ClientUnknown => 400 "unauthorized_client" "Application with identifier '{}' was not found in the directory 'common'." "700016";
            SecretMissing | SecretWrong | SecretUnexpected => 401 "invalid_client" "Client is public so neither 'client_assertion' nor 'client_secret' should be presented." "700025";
            GrantTypeUnsupported => 400 "unsupported_grant_type" "The grant type is not supported." "70003";
            CodeInvalid | RefreshTokenInvalid => 400 "invalid_grant" "The provided value for the input parameter is not valid." "70000";
            Mismatch => 400 "invalid_client" "The reply address does not match the reply address provided when requesting Authorization code." "500112";
            VerifierMissing | VerifierWrong | VerifierUnexpected => 400 "invalid_grant" "The Code_Verifier does not match the code_challenge supplied in the authorization request." "501481";
            Pending => 400 "authorization_pending" "The provided request has not yet been authorized by the user. The user must input their code." "70016";
            TooSoon => 400 "slow_down" "The client is polling too often." "70022";
            Denied => 400 "authorization_declined" "User declined to consent." "65004";
            Expired => 400 "expired_token" "Verification code expired." "70019";
            DeviceCodeInvalid => 400 "bad_verification_code" "Invalid verification code." "70018";
        },
        error: |row, text, _| aadsts(row.status, row.code, row.more, text),
        too_many_requests: graph::throttled,
        ..TokenEndpoint::STANDARD
    },
    device: Some(DeviceEndpoint {
        page: "/devicelogin",
        new_code: || format!("{}AQABAAEAAAD", random::base64url(180)),
        check: |request, pending| {
            let text = "The provided value for the input parameter 'scope' is not valid.";
            let invalid = pending.scopes.is_empty() || request.unknown_scope(pending).is_some();
            if invalid { Err(aadsts(400, "invalid_scope", "70011", text)) } else { Ok(()) }
        },
        complete: |body| {
            let code = body["user_code"].as_str().unwrap_or_default().replace('-', "");
            let page = body["verification_uri"].as_str().unwrap_or_default();
            let message = format!(
                "To sign in, use a web browser to open the page {page} and enter the code {code} to authenticate."
            );
            merge(body, json!({ "user_code": code, "message": message }));
        },
        ..DeviceEndpoint::STANDARD
    }),
    keys: |request| vec![request.state.keys.next.jwk(), request.state.keys.main.jwk()],
    bearer_refusal: |_| graph::bad_bearer(),
    too_many_requests: graph::throttled,
    routes: |router| {
        router
            .route("/microsoft/graph/oidc/userinfo", profile_endpoint(GET_OR_POST, graph::userinfo))
            .route("/microsoft/graph/v1.0/me/photo/$value", get(graph::photo))
    },
    ..Provider::STANDARD
};

/// That errors of `response_type` and of the challenge method are sent to the application is a guess.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let query = &request.query;
    let missing = query.get("response_type").is_none() || query.get("scope").is_none();
    let text = "The request must contain the parameters response_type and scope.";
    page_if(missing, "AADSTS900144", text)?;
    let text = "AADSTS700051: The response_type is not enabled for the application.";
    send_if(query.get("response_type") != Some("code"), "unsupported_response_type", text)?;
    let text = "AADSTS9002313: Invalid request. Request is malformed or invalid.";
    send_if(pending.is_unknown_method(), "invalid_request", text)?;
    if let Some(id) = request.unknown_scope(pending) {
        let text = format!(
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope {id} is not valid."
        );
        send_if(true, "invalid_scope", &text)?;
    }
    let text = "AADSTS50058: Session information is not sufficient for single-sign-on.";
    send_if(query.get("prompt") == Some("none"), "login_required", text)
}

/// On `common` the issuer is a template. There is no revocation endpoint.
fn metadata(request: &Request) -> Value {
    let more = json!({
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    });
    let endpoints = "authorization_endpoint token_endpoint device_authorization_endpoint userinfo_endpoint jwks_uri";
    request.metadata("https://login.microsoftonline.com/{tenantid}/v2.0", endpoints, more)
}

/// A cross-origin request of a browser is permitted only for redirect URIs of the type "SPA".
fn refuse_origin(request: &Request) -> Result<(), Refusal> {
    let Some(origin) = request.header("origin") else {
        return Ok(());
    };
    let text = format!(
        "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."
    );
    Err(aadsts(400, "invalid_request", "9002326", &text))
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

/// An error of the sign-in service.
fn aadsts(status: u16, error: &str, code: &str, text: &str) -> Refusal {
    let (trace, correlation, stamp) = (random::uuid(), random::uuid(), date::stamp(date::now()));
    let body = json!({
        "error": error,
        "error_description": format!(
            "AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
        ),
        "error_codes": [code.parse::<u32>().unwrap_or_default()],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    Refusal::new(status, body)
}

fn is_personal(user: &User) -> bool {
    user.email.is_none_or(|email| email.workspace.is_none())
}

/// Each application has another subject for a user.
fn subject(user: &User) -> String {
    format!("AAAAAAAAAAAAAAAAAAAAA{}", user.number)
}
