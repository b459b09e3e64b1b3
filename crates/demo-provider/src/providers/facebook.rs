//! Facebook Login with Graph version 24.0.

mod graph;

use crate::endpoints::token::token;
use crate::providers::prelude::*;

/// An app that is live: its only redirect URI is the https redirect page.
pub const CLIENT_ID: &str = "demo-facebook";
/// An app in development: any http URI of `localhost` is accepted, unregistered.
pub const DEVELOPMENT_CLIENT_ID: &str = "demo-facebook-development";
/// The secret of both.
pub const CLIENT_SECRET: &str = "demo-facebook-secret";

const ISSUER: &str = "https://www.facebook.com";
const SECRET: Secret = Secret::Required(CLIENT_SECRET);

pub(crate) static PROVIDER: Provider = Provider {
    name: "facebook",
    label: ("Facebook", "페이스북"),
    colours: ("--accent: #0866ff", ""),
    clients: &[
        Client::new(CLIENT_ID, SECRET, &[Redirect::HttpsPage]),
        Client::new(DEVELOPMENT_CLIENT_ID, SECRET, &[Redirect::AnyLocalhost]),
    ],
    scopes: scopes! {
        required "public_profile" "Name and profile picture" "이름과 프로필 사진";
        required "openid" "" "";
        optional "email" "E-mail address" "이메일 주소";
        optional "user_birthday" "Date of birth" "생일";
        optional "user_gender" "Gender" "성별";
        optional "user_age_range" "Age range" "연령대";
    },
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
            "The provided app ID does not look like a valid app ID.",
        ),
        unregistered_redirect: ErrorPage::bad(
            "URL Blocked",
            "This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth Settings. Make sure Client and Web OAuth Login are on and add all your app domains as Valid OAuth Redirect URIs.",
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
                Err(TokenError::SecretMissing) if verifier => {}
                _ => request.authenticated(form).map(drop)?,
            }
            let missing = || oauth_exception(191, "Missing redirect_uri parameter.");
            form.get("redirect_uri").map(drop).ok_or_else(missing)
        },
        verifier: VerifierPolicy::OrSecret,
        new_tokens: |_| (format!("EAA{}", random::alphanumeric(180)), String::new()),
        // Hours, and nothing renews it without the secret.
        lifetimes: |_| Lifetimes { access: 5183, refresh: None },
        body,
        // The codes are documented or reported; the texts are reports or guesses.
        errors: errors! {
            ClientIdMissing | ClientUnknown => 400 "101" "Error validating application. Cannot get application info due to a system error.";
            SecretMissing => 400 "101" "Missing client_secret parameter.";
            SecretWrong | SecretUnexpected => 400 "1" "Error validating client secret.";
            Mismatch => 400 "100" "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request";
            VerifierMissing | VerifierWrong | VerifierUnexpected => 400 "100" "Invalid code_verifier.";
            CodeMissing | CodeInvalid | RefreshTokenMissing | RefreshTokenInvalid | GrantTypeMissing | GrantTypeUnsupported => 400 "100" "This authorization code has been used or has expired.";
        },
        error: |row, text, _| oauth_exception(row.code.parse().unwrap_or_default(), text),
        too_many_requests: limit,
        ..TokenEndpoint::STANDARD
    },
    keys: |request| vec![request.state.keys.main.jwk(), request.state.keys.next.jwk()],
    id_members: &["id"],
    bearer_refusal: |error| match error {
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
    },
    too_many_requests: limit,
    routes: |router| {
        router
            // GET is documented; other clients use POST.
            .route("/facebook/graph/v24.0/oauth/access_token", get(token))
            .route("/facebook/graph/v24.0/me", get_profile(graph::me))
            .route("/facebook/graph/v24.0/me/permissions", revocation::by_delete(graph::revoke))
            .route("/facebook/picture/{key}", get(graph::picture))
    },
    ..Provider::STANDARD
};

/// All errors are shown on Facebook's page. Facebook supports `response_type=token` too, which native apps must not use
/// (RFC 9700 §2.1.2). PKCE is documented for OpenID Connect, with a nonce; what happens otherwise is a guess.
fn check(request: &Request, pending: &mut AuthorizationRequest) -> Checked {
    let query = &request.query;
    let flow = query.get("response_type").is_some_and(|kind| kind != "code");
    page_if(flow, "Invalid response_type", "Only response_type=code is supported.")?;
    // Commas or spaces; the default is the public profile.
    let scopes = query.get("scope").unwrap_or("public_profile").split([',', ' ']);
    pending.scopes = scopes.filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let text = "A permission is requested that does not exist.";
    page_if(request.unknown_scope(pending).is_some(), "Invalid Scopes", text)?;
    let openid = pending.has("openid") && pending.nonce.is_some();
    let method = matches!(query.get("code_challenge_method"), Some("S256" | "plain"));
    let invalid = pending.challenge.is_some() && !(openid && method);
    let text = "code_challenge needs the scope openid, a nonce, and S256 or plain as its method.";
    page_if(invalid, "Invalid parameter", text)
}

/// Neither token endpoint nor userinfo nor PKCE: generic discovery fails here.
fn metadata(request: &Request) -> Value {
    let more = json!({
        "response_types_supported": ["id_token", "token id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    request.metadata(ISSUER, "authorization_endpoint jwks_uri", more)
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
        merge(&mut claims, User::names(user.shown_name()));
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
    Refusal::new(400, json!({ "error": error }))
}

/// The real status is unconfirmed.
fn limit() -> Refusal {
    oauth_exception(4, "(#4) Application request limit reached")
}

/// Scoped to the app: a string of digits.
fn subject(user: &User) -> String {
    format!("10{:0>15}", user.number % 1_000_000_000_000_000)
}
