//! Naver, by its OpenID Connect endpoints, which support PKCE.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::providers::prelude::*;

/// The application.
pub const CLIENT_ID: &str = "demo-naver";
/// Its secret, which every token request must have.
pub const CLIENT_SECRET: &str = "demo-naver-secret";

const ISSUER: &str = "https://nid.naver.com";
/// The lifetime of a refresh token is not documented; a year is a guess.
const LIFETIMES: Lifetimes = Lifetimes { access: 3600, refresh: Some(365 * 86_400) };
/// The real page shows a picture; its code is not documented.
const NOT_REGISTERED: ErrorPage = ErrorPage::bad(
    "invalid_request",
    "The client id or the Callback URL is not the registered one.",
);

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
    scopes: scopes! {
        required "openid" "" "";
        required "nickname" "Nickname" "별명";
        optional "name" "Name" "이름";
        optional "email" "Contact e-mail address" "연락처 이메일 주소";
        optional "profile_image" "Profile picture" "프로필 사진";
        optional "gender" "Gender" "성별";
        optional "age" "Age range" "연령대";
        optional "birthday" "Birthday" "생일";
        optional "birthyear" "Year of birth" "출생연도";
        optional "mobile" "Phone number" "휴대전화번호";
    },
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
        // Errors come with HTTP 200. The status is unconfirmed, and so are the texts.
        errors: errors! {
            ClientIdMissing | ClientUnknown | SecretMissing | SecretWrong | SecretUnexpected => 200 "invalid_client" "wrong client id / client secret pair";
            RefreshTokenMissing | RefreshTokenInvalid => 200 "invalid_request" "invalid refresh_token";
            CodeMissing | CodeInvalid => 200 "invalid_request" "no valid data in session";
            Mismatch => 200 "invalid_request" "state is missing or not that of the request";
            VerifierMissing | VerifierWrong | VerifierUnexpected => 200 "invalid_grant" "code_verifier does not match";
            GrantTypeMissing | GrantTypeUnsupported => 200 "unsupported_grant_type" "grant_type is not supported";
        },
        too_many_requests,
        ..TokenEndpoint::STANDARD
    },
    id_members: &["id"],
    envelope: |profile| json!({ "resultcode": "00", "message": "success", "response": profile }),
    bearer_refusal: |error| {
        let (code, message) = match error {
            BearerError::Missing => {
                ("028", "Authentication header not exists (OAuth 인증 헤더가 없습니다.)")
            }
            BearerError::Unknown | BearerError::Expired | BearerError::Scope => {
                ("024", "Authentication failed (인증에 실패했습니다.)")
            }
        };
        Refusal::new(401, json!({ "resultcode": code, "message": message }))
    },
    too_many_requests,
    routes: |router| {
        router
            .route("/naver/openapi/v1/nid/me", profile_endpoint(GET_OR_POST, me))
            .route("/naver/oauth2.0/revoke", post(revoke))
            .route("/naver/img/{file}", pictures::route(240, ImageFormat::Jpeg))
    },
    ..Provider::STANDARD
};

/// That each of these is mandatory is documented; which error follows is a guess.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let flow = request.query.get("response_type") != Some("code");
    // No nonce is documented, so none is returned.
    pending.nonce = None;
    send_if(pending.state.is_none(), "invalid_request", "state is missing")?;
    send_if(flow, "unsupported_response_type", "response_type must be code")?;
    send_if(!pending.has("openid"), "invalid_scope", "scope must contain openid")?;
    let text = "code_challenge_method must be S256";
    send_if(pending.is_not_s256(), "invalid_request", text)?;
    pending.scopes = PROVIDER.scopes.iter().map(|scope| scope.id.to_owned()).collect();
    Ok(())
}

/// The members of the real document are unconfirmed, except for the endpoints.
fn metadata(request: &Request) -> Value {
    let more = json!({
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    });
    let endpoints = "authorization_endpoint token_endpoint userinfo_endpoint jwks_uri";
    request.metadata(ISSUER, endpoints, more)
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

/// The body is that of Naver's other APIs; for this one it is a guess.
fn too_many_requests() -> Refusal {
    Refusal::new(429, json!({ "errorMessage": "Rate limit exceeded.", "errorCode": "012" }))
}

async fn revoke(request: Request) -> Response {
    if request.has(Fault::Revoke503) {
        let text = "Please try again later.";
        return Refusal::oauth(503, "temporarily_unavailable", text).into_response();
    }
    revocation::respond(&request, |request| {
        let form = request.form().unwrap_or_default();
        let text = "Client authentication failed.";
        let unauthorized = |_| Refusal::oauth(401, "unauthorized_client", text);
        request.authenticate(&form).map_err(unauthorized)?;
        let missing = || Refusal::oauth(400, "invalid_request", "token is missing");
        let token = form.get("token").ok_or_else(missing)?;
        revocation::revoke_of_client(request, &form, token, Reach::Grant)?;
        Ok(response::raw(200, "application/json", ""))
    })
}

/// The items that were granted and that the account has. Nothing says whether the address is verified.
fn me(request: &Request) -> Result<Value, Refusal> {
    let grant = request.authorized()?.grant;
    let user = request.user(&grant);
    let mut profile = present(json!({
        "id": subject(&user),
        "nickname": user.nickname.map_or_else(|| masked(&user), str::to_owned),
        "name": user.nickname,
        "email": user.email.map(|email| email.address),
        "profile_image": user.colour.map(|_| request.url(&format!("/img/{}.jpg", user.key))),
        "gender": gender(&user),
        "age": user.age_from.map(age),
        "birthday": user.birthday.day.map(|(month, day)| format!("{month:02}-{day:02}")),
        "birthyear": user.birthday.year.map(|year| year.to_string()),
        "mobile": user.phone.map(mobile),
    }));
    if let Some(items) = profile.as_object_mut() {
        items.retain(|item, _| item == "id" || grant.has(item));
    }
    Ok(profile)
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
    let local = number.replacen("+82", "0", 1);
    let (area, rest) = local.split_at(local.len().min(3));
    let (middle, last) = rest.split_at(rest.len().min(4));
    format!("{area}-{middle}-{last}")
}

/// Up to 64 characters, unique per application.
fn subject(user: &User) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("naver {}", user.key)))
}
