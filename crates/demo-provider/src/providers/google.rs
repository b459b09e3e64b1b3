//! Google, with clients of the types "Desktop app" and "TVs and Limited Input devices".

mod people;
mod userinfo;

use crate::providers::prelude::*;

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
const EMAILS: &str = "https://www.googleapis.com/auth/user.emails.read";

pub(crate) static PROVIDER: Provider = Provider {
    name: "google",
    label: ("Google", "Google"),
    colours: ("--accent: #0b57d0", "--accent: #a8c7fa; --on-accent: #062e6f"),
    clients: &[
        Client::new(CLIENT_ID, Secret::Required(CLIENT_SECRET), &[Redirect::Loopback]),
        Client::new(DEVICE_CLIENT_ID, Secret::Required(DEVICE_CLIENT_SECRET), &[]),
    ],
    scopes: scopes! {
        required "openid" "" "";
        required EMAIL "Your e-mail address" "이메일 주소";
        required PROFILE "Your name and picture" "이름과 사진";
        optional BIRTHDAY "Your date of birth" "생년월일";
        optional GENDER "Your gender" "성별";
        optional PHONES "Your phone numbers" "전화번호";
        optional EMAILS "All your e-mail addresses" "모든 이메일 주소";
    },
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
            status: axum::http::StatusCode::UNAUTHORIZED,
            code: "invalid_client",
            text: "The OAuth client was not found.",
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
        // Pending, slow_down and access_denied are documented with their status; the texts for expired and unknown device
        // codes are guesses.
        errors: errors! {
            GrantTypeMissing => 400 "invalid_request" "Required parameter is missing: grant_type";
            GrantTypeUnsupported => 400 "unsupported_grant_type" "Invalid grant_type: {}";
            ClientIdMissing => 400 "invalid_request" "Could not determine client ID from request.";
            ClientUnknown => 401 "invalid_client" "The OAuth client was not found.";
            SecretMissing => 400 "invalid_request" "client_secret is missing.";
            SecretWrong | SecretUnexpected => 401 "invalid_client" "Unauthorized";
            CodeMissing => 400 "invalid_request" "Missing required parameter: code";
            RefreshTokenMissing => 400 "invalid_request" "Missing required parameter: refresh_token";
            CodeInvalid => 400 "invalid_grant" "Malformed auth code.";
            Mismatch => 400 "redirect_uri_mismatch" "Bad Request";
            VerifierMissing => 400 "invalid_grant" "Missing code verifier.";
            VerifierUnexpected => 400 "invalid_grant" "code_verifier or verifier is not needed.";
            VerifierWrong => 400 "invalid_grant" "Invalid code verifier.";
            RefreshTokenInvalid => 400 "invalid_grant" "Token has been expired or revoked.";
            Pending => 428 "authorization_pending" "Precondition Required";
            TooSoon => 403 "slow_down" "Forbidden";
            Denied => 403 "access_denied" "Forbidden";
            Expired => 400 "expired_token" "Token expired";
            DeviceCodeInvalid => 400 "invalid_grant" "Malformed device code.";
        },
        // Unknown, expired and used codes are not told apart.
        error: |row, text, value| match row.errors {
            [TokenError::CodeInvalid] if value.starts_with("4/") => {
                Refusal::oauth(row.status, row.code, "Bad Request")
            }
            _ => Refusal::oauth(row.status, row.code, text),
        },
        too_many_requests: || Refusal::oauth(400, "rate_limit_exceeded", "Rate Limit Exceeded"),
        ..TokenEndpoint::STANDARD
    },
    device: Some(DeviceEndpoint {
        lifetime: 1800,
        new_code: || format!("AH-1Ng{}", random::base64url(90)),
        client: device_client,
        check: check_device_scopes,
        complete: |body| {
            body["verification_url"] = body["verification_uri"].clone();
            remove(body, "verification_uri");
        },
        ..DeviceEndpoint::STANDARD
    }),
    keys: |request| vec![request.state.keys.next.jwk(), request.state.keys.main.jwk()],
    address: |email| email.at_google,
    bearer_refusal: |_| {
        let challenge = r#"Bearer realm="https://accounts.google.com/", error="invalid_token""#;
        Refusal::oauth(401, "invalid_request", "Invalid Credentials")
            .header("www-authenticate", challenge)
    },
    too_many_requests: people::exhausted,
    routes: |router| {
        router
            .route("/google/v1/userinfo", profile_endpoint(GET_OR_POST, userinfo::userinfo))
            .route("/google/v1/people/me", get_json(people::person))
            .route("/google/revoke", revocation::by_post(revoke))
            .route("/google/img/{file}", get(userinfo::image))
    },
    ..Provider::STANDARD
};

/// All errors are shown on Google's page.
fn redirect_uri(request: &Request, client: &'static Client) -> Checked<String> {
    let uri = request.query.get("redirect_uri").unwrap_or_default();
    let text = "Missing required parameter: redirect_uri";
    page_if(uri.is_empty(), "invalid_request", text)?;
    let text = "Custom URI schemes are no longer supported due to the risk of app impersonation.";
    page_if(is_private_scheme(uri), "invalid_request", text)?;
    let text = "The redirect URI in the request does not match the ones authorized for the client.";
    page_if(!request.allows(client, uri), "redirect_uri_mismatch", text)?;
    Ok(uri.to_owned())
}

/// `plain` is supported, and the default (RFC 7636 §4.3).
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let (query, invalid) = (&request.query, "invalid_request");
    let text = "Required parameter is missing or invalid: response_type";
    page_if(query.get("response_type") != Some("code"), invalid, text)?;
    let text = "Parameter not allowed for this message type: client_secret";
    page_if(query.get("client_secret").is_some(), invalid, text)?;
    let text = "OAuth 2 parameters can only have a single value";
    page_if(query.has_repetition(), invalid, text)?;
    for scope in &mut pending.scopes {
        *scope = full_name(scope).to_owned();
    }
    page_if(pending.scopes.is_empty(), invalid, "Missing required parameter: scope")?;
    let text = "Some requested scopes were invalid.";
    page_if(request.unknown_scope(pending).is_some(), "invalid_scope", text)?;
    let text = "Invalid parameter value for code_challenge_method";
    page_if(pending.is_unknown_method(), invalid, text)
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
    let iss = ("iss", ISSUER.to_owned());
    let Some(grant) = grant else { return pairs.push(iss) };
    let code = pairs.remove(0);
    pairs.extend([iss, code, ("scope", grant.scopes.join(" ")), ("authuser", "0".to_owned())]);
    let domain = grant.user.email.and_then(|email| email.workspace);
    pairs.extend(domain.map(|domain| ("hd", domain.to_owned())));
    pairs.push(("prompt", "consent".to_owned()));
}

/// Google's endpoints are on several hosts; here they have one prefix.
fn metadata(request: &Request) -> Value {
    let more = json!({
        "response_types_supported": ["code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["plain", "S256"],
    });
    let endpoints =
        "authorization_endpoint token_endpoint userinfo_endpoint revocation_endpoint jwks_uri";
    request.metadata(ISSUER, endpoints, more)
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

/// Only the client of this type, without its secret.
fn device_client(request: &Request, form: &Params) -> Result<&'static Client, Refusal> {
    let unauthorized = |text| Refusal::oauth(401, "invalid_client", text);
    let not_found = |_| unauthorized("The OAuth client was not found.");
    let client = request.client(form).map_err(not_found)?;
    if client.id != DEVICE_CLIENT_ID {
        return Err(unauthorized("Invalid client type."));
    }
    Ok(client)
}

/// Only the scopes of a sign-in.
fn check_device_scopes(_: &Request, pending: &mut AuthorizationRequest) -> Result<(), Refusal> {
    if pending.scopes.is_empty() {
        return Err(Refusal::oauth(400, "invalid_request", "Missing required parameter: scope"));
    }
    for scope in &mut pending.scopes {
        if !["openid", EMAIL, PROFILE].contains(&full_name(scope)) {
            let text = format!("Invalid device flow scope: {scope}");
            return Err(Refusal::oauth(400, "invalid_scope", &text));
        }
        *scope = full_name(scope).to_owned();
    }
    Ok(())
}

/// `token` is in the query or the form. It revokes all tokens of the account, whichever it was.
fn revoke(request: &Request) -> Result<Response, Refusal> {
    let form = request.form().unwrap_or_default();
    let token = request.query.get("token").or_else(|| form.get("token")).unwrap_or_default();
    let grant = request.state.grants().grant_of(&request.realm, token);
    let invalid = || Refusal::oauth(400, "invalid_token", "Token expired or revoked");
    request.revoke(&*grant.ok_or_else(invalid)?, Reach::Account);
    Ok(response::ok(&json!({})))
}
