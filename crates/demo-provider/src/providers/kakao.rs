//! Kakao Login with a REST API key.

mod account;
mod api;

use crate::providers::prelude::*;

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
    scopes: scopes! {
        required "openid" "" "";
        required "profile_nickname" "Nickname" "닉네임";
        optional "profile_image" "Profile picture" "프로필 사진";
        optional "account_email" "E-mail of the Kakao Account" "카카오계정(이메일)";
        optional "name" "Name" "이름";
        optional "gender" "Gender" "성별";
        optional "age_range" "Age range" "연령대";
        optional "birthday" "Birthday" "생일";
        optional "birthyear" "Year of birth" "출생 연도";
        optional "phone_number" "Phone number of the Kakao Account" "카카오계정(전화번호)";
    },
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
        unknown_client: ErrorPage::bad("KOE101", "The app key is wrong."),
        unregistered_redirect: ErrorPage::bad(
            "KOE006",
            "The authorization code was requested with a redirect URI that is not registered.",
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
        // The texts of KOE001, KOE237 and KOE310 are guesses; that the verifier is checked follows from S256 in the
        // metadata. The real response of KOE320 repeats the code too.
        errors: errors! {
            ClientIdMissing => 401 "invalid_client" "Not exist client_id [null]" "KOE101";
            ClientUnknown => 401 "invalid_client" "Not exist client_id [{}]" "KOE101";
            SecretMissing | SecretWrong | SecretUnexpected => 401 "invalid_client" "Bad client credentials" "KOE010";
            GrantTypeMissing | GrantTypeUnsupported => 400 "unsupported_grant_type" "Provided grant type is not supported" "KOE310";
            RefreshTokenMissing => 400 "invalid_grant" "refresh_token is missing" "KOE319";
            CodeMissing | CodeInvalid => 400 "invalid_grant" "authorization code not found for code={}" "KOE320";
            Mismatch => 400 "invalid_grant" "Redirect URI mismatch." "KOE303";
            VerifierMissing | VerifierWrong | VerifierUnexpected => 400 "invalid_grant" "code verifier mismatched" "KOE001";
            RefreshTokenInvalid => 400 "invalid_grant" "expired_or_invalid_refresh_token" "KOE322";
        },
        error: |row, text, _| koe(row.status, row.code, text, row.more),
        too_many_requests: || {
            koe(429, "too_many_requests", "token request rate limit exceeded", "KOE237")
        },
        ..TokenEndpoint::STANDARD
    },
    id_members: &["id"],
    bearer_refusal: |refused| {
        let text = match refused {
            BearerError::Missing => "no authentication key!",
            BearerError::Unknown | BearerError::Scope => "this access token does not exist",
            BearerError::Expired => "this access token is already expired",
        };
        api::error(401, -401, text)
    },
    // The code is documented; the text is a guess.
    too_many_requests: || api::error(429, -10, "API limit has been exceeded."),
    routes: |router| {
        router
            .route("/kakao/v2/user/me", profile_endpoint(GET_OR_POST, api::me))
            .route("/kakao/v1/oidc/userinfo", json_endpoint(GET_OR_POST, api::userinfo))
            .route("/kakao/v1/user/access_token_info", get_json(api::token_info))
            .route("/kakao/v1/user/logout", revocation::by_post(api::logout))
            .route("/kakao/v1/user/unlink", revocation::by_post(api::unlink))
            .route("/kakao/img/{key}/{file}", get(api::image))
    },
    ..Provider::STANDARD
};

/// All errors but that of `prompt=none` are shown on Kakao's page. What happens to another challenge method than S256 is a
/// guess.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let query = &request.query;
    let flow = query.get("response_type") != Some("code");
    page_if(flow, "KOE201", "Unsupported response type.")?;
    // Commas are documented. Spaces are accepted too, because Supabase sends them. Without `scope`, the settings of the
    // console count.
    pending.scopes = match query.get("scope") {
        Some(scope) => {
            let scopes = scope.split([',', ' ']).filter(|id| !id.is_empty());
            scopes.map(str::to_owned).collect()
        }
        None => PROVIDER.scopes.iter().map(|scope| scope.id.to_owned()).collect(),
    };
    let text = "A consent item was requested that is not set up for this app.";
    page_if(request.unknown_scope(pending).is_some(), "KOE205", text)?;
    let text = "A parameter is wrong: code_challenge_method";
    page_if(pending.is_not_s256(), "KOE001", text)?;
    let mut prompts = query.get("prompt").unwrap_or_default().split(',');
    send_if(prompts.any(|word| word == "none"), "consent_required", "user consent required")
}

/// Neither a revocation endpoint nor a word on `iss`.
fn metadata(request: &Request) -> Value {
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
    request.metadata(ISSUER, "authorization_endpoint token_endpoint jwks_uri", more)
}

/// `scope` has spaces, whatever the request had.
fn body(request: &Request, issued: &Issued<'_>) -> Value {
    let mut body = issued.body("bearer");
    body["scope"] = json!(consented(request, issued.grant).scopes.join(" "));
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
    let consented = consented(request, grant);
    merge(&mut claims, names(request, &consented, &user));
    let email = user.email.filter(|email| email.valid && email.verified);
    if let Some(email) = email.filter(|_| consented.has("account_email")) {
        claims["email"] = json!(email.address);
    }
    id_token::sign(request, &claims)
}

/// The claims about nickname and picture.
fn names(request: &Request, consented: &Grant, user: &User) -> Value {
    let picture = || account::image(request, user, true, "110x110");
    present(json!({
        "nickname": consented.has("profile_nickname").then(|| account::nickname(user)),
        "picture": consented.has("profile_image").then(picture),
    }))
}

/// A grant with all scopes that the user consented to so far: consent belongs to the user and the app, not to a token.
fn consented(request: &Request, grant: &Grant) -> Grant {
    let scopes = request.state.grants().consents(grant).iter().cloned().collect();
    Grant { scopes, ..grant.clone() }
}

/// The id of a user: a JSON number, and a string in the id_token.
fn number(user: &User) -> u64 {
    user.number % 9_000_000_000 + 1_000_000_000
}

fn koe(status: u16, error: &str, text: &str, code: &str) -> Refusal {
    let body = json!({ "error": error, "error_description": text, "error_code": code });
    Refusal::new(status, body)
}
