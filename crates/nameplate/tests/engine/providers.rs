//! What the tests of all providers expect of each, and peculiarities of single providers.

use demo_provider::Fault;
use demo_provider::providers::{
    discord, facebook, github, google, kakao, line, microsoft, naver, oidc,
};
use nameplate::Checked::{Accepted, Refused};
use nameplate::provider::RevocationEffect;
use nameplate::{
    AccountState, Checked, Code, Intent, RedirectMethod, RefreshPolicy, SignInRequest,
    SignOutScope, User,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask, complete, quiet, state_of};

/// Longer than the lifetime of every token without a refresh token, in seconds.
const A_DAY: i64 = 24 * 60 * 60;

/// What the tests of all providers expect of one.
pub struct Case {
    /// Its table in the demo provider's `providers.toml`.
    pub id: &'static str,
    /// Whether a sign-in has an id_token that is verified.
    pub id_token: bool,
    /// Without an id_token: the error for a profile that is an array.
    pub wrong_shape: Code,
    /// Whether a refresh issues a new refresh token; `None` if there is none.
    pub rotates: Option<bool>,
    /// The path of the revocation of a sign-out on this device.
    pub sign_out: Option<&'static str>,
    /// The path of the revocation of a disconnect.
    pub disconnect: Option<&'static str>,
    pub effect: RevocationEffect,
    /// Sign-outs whose revocation is repeated after an error.
    pub retried: &'static [SignOutScope],
    /// Client id, secret, and the result of the check at the set-up.
    pub checks: &'static [ClientCheck],
}

type ClientCheck = (&'static str, Option<&'static str>, Checked, Option<Code>);

const NO_CASE: Case = Case {
    id: "",
    id_token: false,
    wrong_shape: Code::ResponseMalformed,
    rotates: None,
    sign_out: None,
    disconnect: None,
    effect: RevocationEffect::Nothing,
    retried: &[],
    checks: &[],
};
const WRONG: Option<&str> = Some("s3cret-wrong");

/// Every provider.
pub static CASES: &[Case] = &[
    Case {
        id: "discord",
        rotates: Some(true),
        disconnect: Some("/discord/api/oauth2/token/revoke"),
        effect: RevocationEffect::EveryToken,
        retried: &[SignOutScope::Everywhere],
        checks: &[
            ("nobody", None, Refused, Some(Code::PublicClientOff)),
            (discord::CONFIDENTIAL_CLIENT_ID, None, Refused, Some(Code::PublicClientOff)),
            (discord::CONFIDENTIAL_CLIENT_ID, Some(discord::CLIENT_SECRET), Accepted, None),
            (discord::CLIENT_ID, None, Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "google",
        id_token: true,
        rotates: Some(false),
        disconnect: Some("/google/revoke"),
        effect: RevocationEffect::WholeProject,
        retried: &[SignOutScope::Everywhere],
        checks: &[
            ("nobody", WRONG, Refused, Some(Code::ClientUnknown)),
            (google::CLIENT_ID, None, Refused, Some(Code::SecretMissing)),
            (google::CLIENT_ID, WRONG, Refused, Some(Code::SecretRefused)),
            (google::CLIENT_ID, Some(google::CLIENT_SECRET), Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "kakao",
        id_token: true,
        rotates: Some(false),
        sign_out: Some("/kakao/v1/user/logout"),
        disconnect: Some("/kakao/v1/user/unlink"),
        effect: RevocationEffect::Connection,
        retried: &[SignOutScope::Everywhere, SignOutScope::Here],
        checks: &[
            ("nobody", None, Refused, Some(Code::ClientUnknown)),
            (kakao::CLIENT_ID, None, Refused, Some(Code::SecretMissing)),
            (kakao::CLIENT_ID, WRONG, Refused, Some(Code::SecretRefused)),
            (kakao::PUBLIC_CLIENT_ID, WRONG, Refused, Some(Code::SecretRefused)),
            (kakao::PUBLIC_CLIENT_ID, None, Accepted, None),
            (kakao::CLIENT_ID, Some(kakao::CLIENT_SECRET), Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "facebook",
        id_token: true,
        disconnect: Some("/facebook/graph/v24.0/me/permissions"),
        effect: RevocationEffect::Connection,
        retried: &[SignOutScope::Everywhere],
        checks: &[
            ("nobody", None, Refused, Some(Code::ClientUnknown)),
            (facebook::CLIENT_ID, WRONG, Refused, Some(Code::SecretRefused)),
            (facebook::CLIENT_ID, None, Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "github",
        sign_out: Some("/github/api/applications/demo-github/token"),
        disconnect: Some("/github/api/applications/demo-github/grant"),
        effect: RevocationEffect::Connection,
        retried: &[SignOutScope::Everywhere, SignOutScope::Here],
        checks: &[
            ("nobody", WRONG, Refused, Some(Code::SecretRefused)),
            (github::CLIENT_ID, None, Refused, Some(Code::SecretMissing)),
            (github::CLIENT_ID, Some(github::CLIENT_SECRET), Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "microsoft",
        id_token: true,
        rotates: Some(true),
        checks: &[
            ("nobody", None, Refused, Some(Code::ClientUnknown)),
            // It gets no secret, so a wrong one does not matter.
            (microsoft::CLIENT_ID, WRONG, Accepted, None),
            (microsoft::CLIENT_ID, None, Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "naver",
        // Its error is the missing id inside the envelope.
        wrong_shape: Code::ProfileMalformed,
        rotates: Some(false),
        sign_out: Some("/naver/oauth2.0/revoke"),
        disconnect: Some("/naver/oauth2.0/revoke"),
        effect: RevocationEffect::Session,
        retried: &[SignOutScope::Here],
        checks: &[
            ("nobody", WRONG, Refused, Some(Code::SecretRefused)),
            (naver::CLIENT_ID, None, Refused, Some(Code::SecretMissing)),
            (naver::CLIENT_ID, Some(naver::CLIENT_SECRET), Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "line",
        id_token: true,
        sign_out: Some("/line/oauth2/v2.1/revoke"),
        disconnect: Some("/line/oauth2/v2.1/revoke"),
        effect: RevocationEffect::Session,
        retried: &[SignOutScope::Everywhere],
        checks: &[
            ("nobody", WRONG, Refused, Some(Code::ClientUnknown)),
            (line::CLIENT_ID, WRONG, Refused, Some(Code::SecretRefused)),
            (line::CLIENT_ID, None, Refused, Some(Code::SecretMissing)),
            (line::CLIENT_ID, Some(line::CLIENT_SECRET), Accepted, None),
        ],
        ..NO_CASE
    },
    Case {
        id: "company",
        id_token: true,
        sign_out: Some("/oidc/revoke"),
        disconnect: Some("/oidc/revoke"),
        effect: RevocationEffect::Session,
        retried: &[SignOutScope::Here],
        checks: &[
            ("nobody", None, Refused, Some(Code::ClientRefused)),
            (oidc::CONFIDENTIAL_CLIENT_ID, WRONG, Refused, Some(Code::ClientRefused)),
            (oidc::CONFIDENTIAL_CLIENT_ID, Some(oidc::CLIENT_SECRET), Accepted, None),
            (oidc::CLIENT_ID, None, Accepted, None),
        ],
        ..NO_CASE
    },
];

fn account(user: &User) -> &str {
    user.accounts[0].id.as_str()
}

fn state(fixture: &Fixture) -> AccountState {
    fixture.users()[0].accounts[0].state
}

fn revocations(fixture: &Fixture, provider: &str) -> u64 {
    fixture.demo.request_log().grants[provider].revocations
}

/// The table of a provider, changed.
fn change(fixture: &Fixture, from: &str, to: &str) {
    let providers = fixture.demo.providers_toml();
    assert!(providers.contains(from), "{from}");
    fixture.write_providers(&providers.replacen(from, to, 1));
}

// GitHub

/// GitHub's list has the verified primary address, which may link accounts; if it cannot be read,
/// that is a note, and the former address stays.
#[tokio::test]
async fn github_addresses_come_from_their_list() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("github").await.unwrap();
    assert_eq!(user.email.as_deref(), Some("haneul@example.com"));
    assert!(user.email_verified && user.accounts[0].notes.is_empty());
    assert_eq!(user.accounts[0].scopes, ["read:user", "user:email"], "commas are read as blanks");
    fixture.demo.set_faults("github", [Fault::Emails404]);
    fixture.nameplate.profiles().refresh(account(&user)).await.unwrap();
    let after = &fixture.users()[0];
    assert_eq!(after.accounts[0].notes, [Code::EmailUnavailable.to_string()]);
    assert_eq!((&after.email, after.email_verified), (&user.email, true));
    let mira = fixture.sign_in_as("github", "no-avatar").await.unwrap();
    assert_eq!((mira.email, mira.email_verified), (None, false));
    assert_eq!(mira.nickname, "Mira Novak", "the sign-in goes on");
}

/// S43: an OAuth app's token has no expiry; a 401 of the API ends the session.
#[tokio::test]
async fn github_says_that_a_token_was_taken_back() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("github").await.unwrap();
    fixture.advance(365 * A_DAY);
    fixture.nameplate.profiles().refresh(account(&user)).await.unwrap();
    let given = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap();
    assert_eq!(given.expires_at, None);
    let body = json!({ "credentials": [given.token.expose_secret()] });
    let at = format!("{}/github/api/credentials/revoke", fixture.demo.base());
    let sent = reqwest::Client::builder().user_agent("test").build().unwrap().post(at).json(&body);
    assert_eq!(sent.send().await.unwrap().status(), 202);
    let ended = fixture.nameplate.profiles().refresh(account(&user)).await.unwrap_err();
    assert_eq!(ended.code(), Code::NeedsSignIn);
    assert_eq!(state(&fixture), AccountState::NeedsSignIn);
    let kept = &fixture.users()[0];
    assert_eq!((&kept.nickname, &kept.avatar), (&user.nickname, &user.avatar));
}

/// S46: without a secret, disconnecting revokes the token without authentication, and signing out
/// revokes nothing.
#[tokio::test]
async fn github_without_the_secret_ends_the_token_alone() {
    for (how, told) in [(SignOutScope::Here, 0), (SignOutScope::Everywhere, 1)] {
        let fixture = Fixture::new().await;
        let user = fixture.sign_in("github").await.unwrap();
        let secret =
            format!("client_secret = \"{}\"\n", demo_provider::providers::github::CLIENT_SECRET);
        change(&fixture, &secret, "");
        fixture.nameplate.accounts().sign_out(account(&user), how).await.unwrap();
        let asked = fixture.demo.request_log().paths;
        assert_eq!(asked.get("/github/api/credentials/revoke").copied().unwrap_or(0), told);
        assert!(!asked.keys().any(|path| path.contains("/applications/")));
        fixture.assert_nothing_kept();
    }
}

/// An OAuth app's tokens may expire, by its settings or a scope; then each refresh rotates the
/// refresh token.
#[tokio::test]
async fn github_oauth_apps_may_have_tokens_that_are_renewed() {
    use demo_provider::providers::github::{CLIENT_ID, EXPIRING_CLIENT_ID};
    let by_scope = "scopes = [\"read:user\", \"user:email\", \"offline_access\"]\n";
    for (from, to) in [
        (format!("client_id = \"{CLIENT_ID}\""), format!("client_id = \"{EXPIRING_CLIENT_ID}\"")),
        ("[github]\n".to_owned(), format!("[github]\n{by_scope}")),
    ] {
        let fixture = Fixture::new().await;
        change(&fixture, &from, &to);
        let user = fixture.sign_in("github").await.unwrap();
        let before = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap();
        assert_eq!(before.expires_at, Some(fixture.now() + 28_800));
        for _ in 0..2 {
            fixture.advance(28_800);
            fixture.demo.advance_clock(28_800);
            fixture.nameplate.profiles().refresh(account(&user)).await.unwrap();
        }
        assert_eq!(fixture.demo.request_log().grants["github"].refresh_token, 2);
        let after = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap();
        assert_ne!(before.token.expose_secret(), after.token.expose_secret());
        // Half a year without a refresh.
        fixture.advance(200 * A_DAY);
        fixture.demo.advance_clock(200 * 24 * 60 * 60);
        let over =
            fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap_err();
        assert_eq!(over.code(), Code::NeedsSignIn);
        assert_eq!(state(&fixture), AccountState::NeedsSignIn);
    }
}

/// A GitHub App's tokens expire, and each refresh rotates the refresh token.
#[tokio::test]
async fn github_apps_have_tokens_that_are_renewed() {
    let fixture = Fixture::new().await;
    let [app, secret] = [
        demo_provider::providers::github::APP_CLIENT_ID,
        demo_provider::providers::github::APP_CLIENT_SECRET,
    ];
    let former = format!(
        "client_id = \"{}\"\nclient_secret = \"{}\"",
        demo_provider::providers::github::CLIENT_ID,
        demo_provider::providers::github::CLIENT_SECRET
    );
    change(&fixture, &former, &format!("client_id = \"{app}\"\nclient_secret = \"{secret}\""));
    let user = fixture.sign_in("github").await.unwrap();
    let before = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap();
    fixture.advance(A_DAY);
    let after = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap();
    assert_ne!(before.token.expose_secret(), after.token.expose_secret());
    fixture.demo.set_faults("github", [Fault::TokenInvalidGrant]);
    fixture.advance(A_DAY);
    let ended = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap_err();
    assert_eq!(ended.code(), Code::NeedsSignIn);
}

// Microsoft

/// S32: each tenant is an issuer of its own, which is part of the identity.
#[tokio::test]
async fn microsoft_accounts_of_every_tenant_can_sign_in() {
    let fixture = Fixture::new().await;
    let mut issuers = std::collections::BTreeSet::new();
    for person in &demo_provider::users::USERS {
        let user = fixture.sign_in_as("microsoft", person.key).await.unwrap();
        let issuer = user.accounts[0].issuer.clone();
        assert!(issuer.starts_with("https://login.microsoftonline.com/") && !issuer.contains('{'));
        assert!(!user.email_verified, "{}", person.key);
        issuers.insert(issuer);
    }
    assert!(issuers.len() > 1, "{issuers:?}");
    assert_eq!(
        fixture.rows("SELECT count(*) FROM link_offers"),
        0,
        "no account is linked by its address"
    );
}

/// S31: a public client sends no secret, also if one is configured.
#[tokio::test]
async fn microsoft_is_never_shown_a_secret() {
    let fixture = Fixture::new().await;
    let id = format!("client_id = \"{}\"\n", demo_provider::providers::microsoft::CLIENT_ID);
    change(&fixture, &id, &format!("{id}client_secret = \"s\"\n"));
    let user = fixture.sign_in("microsoft").await.unwrap();
    fixture.access_token(account(&user), RefreshPolicy::Always).await.unwrap();
    assert!(fixture.demo.request_log().client_secrets.is_empty());
}

/// S54: the photo needs the token. No photo is no error, a refusal is a note.
#[tokio::test]
async fn microsoft_photo_is_read_with_the_token() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("microsoft").await.unwrap();
    let kept = fixture.nameplate.profiles().picture(user.profile.as_str()).unwrap().unwrap();
    assert!(kept.starts_with(b"\x89PNG\r\n\x1a\n"));
    let mira = fixture.sign_in_as("microsoft", "no-avatar").await.unwrap();
    assert_eq!((mira.avatar, &mira.accounts[0].notes), (None, &Vec::new()));
    fixture.demo.set_faults("microsoft", [Fault::Photo401]);
    let sol = fixture.sign_in_as("microsoft", "no-nickname").await.unwrap();
    assert_eq!(
        (sol.avatar, &*sol.accounts[0].notes),
        (None, &[Code::PictureRefused.to_string()][..])
    );
    fixture.nameplate.profiles().refresh(account(&user)).await.unwrap();
    let again = fixture.users().into_iter().find(|known| known.id == user.id).unwrap();
    assert_eq!(again.avatar, user.avatar, "the picture of before stays");
}

/// S54: a photo is re-encoded like every picture.
#[tokio::test]
async fn microsoft_photo_is_drawn_anew() {
    let server = MockServer::start().await;
    let fixture = Fixture::new().await;
    let photo = format!("{}/microsoft/graph/v1.0/me/photo/$value", fixture.demo.base());
    change(&fixture, &photo, &format!("{}/photo", server.uri()));
    for bad in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"", b"<html>"] {
        server.reset().await;
        let response = ResponseTemplate::new(200).set_body_raw(bad, "image/png");
        Mock::given(path("/photo")).respond_with(response).mount(&server).await;
        let user = fixture.sign_in("microsoft").await.unwrap();
        assert_eq!(user.avatar, None);
        assert_eq!(user.accounts[0].notes, [Code::PictureRefused.to_string()]);
    }
}

// Naver

/// The token request has the state; the demo requires it.
#[tokio::test]
async fn naver_tells_everything_that_was_agreed_to() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("naver").await.unwrap();
    assert_eq!(user.birthday.as_deref(), Some("1997-03-14"));
    assert_eq!(user.gender.as_deref(), Some("female"));
    assert_eq!(user.age_range.as_deref(), Some("20-29"));
    assert_eq!(user.phone.as_deref(), Some("010-1234-5678"));
    assert!(user.email.is_some() && !user.email_verified && user.avatar.is_some());
    let sol = fixture.sign_in_as("naver", "no-nickname").await.unwrap();
    assert_eq!((sol.nickname.as_str(), sol.gender), ("sol***", None));
    let nonces = fixture.demo.request_log().nonces;
    assert!(nonces.is_empty(), "its documents know no nonce: {nonces:?}");
}

/// S29, S43: errors have HTTP 200, and an invalid refresh token is recognized by its description.
#[tokio::test]
async fn naver_refuses_with_status_200() {
    let fixture = Fixture::new().await;
    let secret = demo_provider::providers::naver::CLIENT_SECRET;
    change(&fixture, &format!("client_secret = \"{secret}\""), "client_secret = \"another\"");
    assert_eq!(fixture.refusal("naver").await, Code::SecretRefused);
    fixture.write_providers(&fixture.demo.providers_toml());
    let user = fixture.sign_in("naver").await.unwrap();
    fixture.demo.set_faults("naver", [Fault::TokenInvalidClient]);
    let refused = fixture.access_token(account(&user), RefreshPolicy::Always).await.unwrap_err();
    assert_eq!((refused.code(), state(&fixture)), (Code::SecretRefused, AccountState::Active));
    fixture.demo.set_faults("naver", [Fault::TokenInvalidGrant]);
    let ended = fixture.access_token(account(&user), RefreshPolicy::Always).await.unwrap_err();
    assert_eq!((ended.code(), state(&fixture)), (Code::NeedsSignIn, AccountState::NeedsSignIn));
}

// LINE

/// S4: the state is letters and digits; a foreign, former or upper-case one is refused.
#[tokio::test]
async fn line_state_is_plain() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("line", RedirectMethod::Manual).await;
    let state = state_of(&begun);
    assert!(state.len() == 32 && state.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{state}");
    let response = fixture.grant(&begun).await;
    for other in [state.to_uppercase(), format!("{state}0"), "0".repeat(32), String::new()] {
        let sent = response.replace(&state, &other);
        if sent == response {
            continue;
        }
        let refused = complete(&fixture.nameplate, &sent).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnknownState, "{other}");
    }
    complete(&fixture.nameplate, &response).await.unwrap();
    let again = complete(&fixture.nameplate, &response).await.unwrap_err();
    assert_eq!(again.code(), Code::AlreadyUsed);
}

/// S34, O14: the id_token is signed with the channel secret; with another key it is refused.
#[tokio::test]
async fn line_id_token_is_signed_with_the_channel_secret() {
    let fixture = Fixture::new().await;
    fixture.sign_in("line").await.unwrap();
    assert!(
        fixture
            .demo
            .request_log()
            .id_tokens
            .iter()
            .all(|token| token.starts_with("eyJhbGciOiJIUzI1NiI"))
    );
    let forged = fixture.demo.request_log().id_tokens.first().cloned().unwrap();
    let other = Fixture::new().await;
    let server = MockServer::start().await;
    let token = json!({"access_token": "t", "token_type": "Bearer", "id_token": forged});
    let response = ResponseTemplate::new(200).set_body_json(token);
    Mock::given(method("POST")).and(path("/token")).respond_with(response).mount(&server).await;
    let secret = demo_provider::providers::line::CLIENT_SECRET;
    let providers = other.demo.providers_toml();
    let token_endpoint = format!("{}/line/oauth2/v2.1/token", other.demo.base());
    let providers = providers.replace(&token_endpoint, &format!("{}/token", server.uri()));
    other.write_providers(&providers.replace(secret, "another-secret"));
    assert_eq!(other.refusal("line").await, Code::IdTokenSignature);
    other.write_providers(&providers);
    assert_eq!(other.refusal("line").await, Code::IdTokenNonce, "and it is of another sign-in");
}

/// The address needs another scope, and is in the id_token only: reading the profile again keeps
/// it. It is not verified.
#[tokio::test]
async fn line_address_is_kept_though_it_is_told_once() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("line").await.unwrap();
    assert_eq!(user.email, None);
    let intent = Intent::MoreScopes(user.accounts[0].id.clone());
    let begun = fixture
        .nameplate
        .sign_ins()
        .begin(SignInRequest { intent, ..ask("line", quiet("line")) })
        .await
        .unwrap();
    assert!(parameters(&begun.url)["scope"].contains("email"));
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.nameplate, &response).await.unwrap();
    assert_eq!(user.email.as_deref(), Some("haneul@example.com"));
    fixture.nameplate.profiles().refresh(account(&user)).await.unwrap();
    fixture.access_token(account(&user), RefreshPolicy::Always).await.unwrap();
    let after = &fixture.users()[0];
    assert_eq!((after.email.as_deref(), after.email_verified), (Some("haneul@example.com"), false));
}

/// S41, S43: a refresh returns the same refresh token, and an invalid one ends the session.
#[tokio::test]
async fn line_refresh_token_stays_the_same() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("line").await.unwrap();
    let kept = |name: &str| {
        let session: Value =
            serde_json::from_str(&fixture.vault.entries()[account(&user)]).unwrap();
        session[name].clone()
    };
    let (access, refresh) = (kept("access_token"), kept("refresh_token"));
    fixture.access_token(account(&user), RefreshPolicy::Always).await.unwrap();
    assert_eq!(kept("refresh_token"), refresh);
    assert_ne!(kept("access_token"), access);
    fixture.demo.set_faults("line", [Fault::TokenInvalidGrant]);
    let ended = fixture.access_token(account(&user), RefreshPolicy::Always).await.unwrap_err();
    assert_eq!((ended.code(), state(&fixture)), (Code::NeedsSignIn, AccountState::NeedsSignIn));
}

// Facebook

/// Without a refresh token the session ends with the access token.
#[tokio::test]
async fn facebook_sessions_end_with_their_token() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("facebook").await.unwrap();
    let given = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap();
    assert!(given.expires_at.is_some());
    let refused = fixture.access_token(account(&user), RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::NoRefreshToken);
    fixture.advance(A_DAY);
    let ended = fixture.access_token(account(&user), RefreshPolicy::WhenNeeded).await.unwrap_err();
    assert_eq!(ended.code(), Code::NeedsSignIn);
    let kept = &fixture.users()[0];
    assert_eq!(
        (kept.accounts[0].state, &kept.nickname),
        (AccountState::NeedsSignIn, &user.nickname)
    );
}

/// S43: error 190 is an invalid token; other numbers end nothing.
#[tokio::test]
async fn facebook_says_190_of_a_dead_token() {
    let server = MockServer::start().await;
    let fixture = Fixture::new().await;
    let first = fixture.sign_in("facebook").await.unwrap();
    let me = format!("{}/facebook/graph/v24.0/me\"", fixture.demo.base());
    change(&fixture, &me, &format!("{}/me\"", server.uri()));
    // A session is sent to the endpoints of its sign-in.
    let profile = json!({"id": first.accounts[0].subject, "name": "x"});
    let profile = ResponseTemplate::new(200).set_body_json(profile);
    Mock::given(path("/me")).respond_with(profile).mount(&server).await;
    let user = fixture.sign_in("facebook").await.unwrap();
    for (code, ends) in [(1, false), (4, false), (102, false), (190, true)] {
        server.reset().await;
        let error = json!({"error": {"message": "no", "type": "OAuthException", "code": code}});
        let response = ResponseTemplate::new(400).set_body_json(error);
        Mock::given(path("/me")).respond_with(response).mount(&server).await;
        fixture.nameplate.profiles().refresh(account(&user)).await.unwrap_err();
        assert_eq!(state(&fixture) == AccountState::NeedsSignIn, ends, "{code}");
    }
}

/// Reviewed permissions are requested later; a silhouette is no picture; the address is not
/// verified.
#[tokio::test]
async fn facebook_tells_more_when_it_is_asked() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("facebook").await.unwrap();
    assert!(user.birthday.is_none() && user.avatar.is_some() && !user.email_verified);
    let intent = Intent::MoreScopes(user.accounts[0].id.clone());
    let more = SignInRequest { intent, ..ask("facebook", RedirectMethod::HttpsPage) };
    let begun = fixture.nameplate.sign_ins().begin(more).await.unwrap();
    let response = fixture.grant(&begun).await;
    let user = complete(&fixture.nameplate, &response).await.unwrap();
    assert_eq!(user.birthday.as_deref(), Some("1997-03-14"));
    assert_eq!(user.gender.as_deref(), Some("female"));
    assert_eq!(user.age_range.as_deref(), Some("21~"));
    let mira = fixture.sign_in_as("facebook", "no-avatar").await.unwrap();
    assert_eq!((mira.avatar, &mira.accounts[0].notes), (None, &Vec::new()));
}

/// In development mode `localhost` is allowed on any port, and no secret is needed with PKCE.
#[tokio::test]
async fn facebook_in_development_answers_to_localhost() {
    for secret in [true, false] {
        let fixture = Fixture::new().await;
        let providers = fixture.demo.providers_toml();
        let page =
            format!("redirect_uri = \"{}/redirect/facebook\"\n", fixture.demo.https_redirect());
        assert!(providers.contains(&page));
        let live = format!("\"{}\"", demo_provider::providers::facebook::CLIENT_ID);
        let development =
            format!("\"{}\"", demo_provider::providers::facebook::DEVELOPMENT_CLIENT_ID);
        let mut providers = providers.replace(&page, "").replace(&live, &development);
        if !secret {
            let line = format!(
                "client_secret = \"{}\"\n",
                demo_provider::providers::facebook::CLIENT_SECRET
            );
            providers = providers.replace(&line, "");
        }
        fixture.write_providers(&providers);
        let begun = fixture.begin("facebook", RedirectMethod::Loopback).await;
        assert!(begun.redirect_uri.starts_with("http://localhost:"), "{}", begun.redirect_uri);
        let response = fixture.grant(&begun).await;
        assert!(response.contains("#_=_"));
        fixture.browser.follow(response.split('#').next().unwrap()).await;
        fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap();
    }
}

/// S46: Facebook's response to a revocation has a body; `false` is a failure.
#[tokio::test]
async fn facebook_says_whether_it_forgot() {
    let server = MockServer::start().await;
    for (status, body, told) in [
        (200, json!({"success": true}), None),
        (200, json!(true), None),
        (200, json!(false), Some(Code::RevokeLater)),
        (200, json!({"success": false}), Some(Code::RevokeLater)),
        (400, json!({"error": {"code": 190, "message": "expired"}}), None),
        (400, json!({"error": {"code": 100, "message": "no"}}), Some(Code::RevokeRefused)),
        (
            400,
            json!({"error": {"code": 2, "message": "later", "is_transient": true}}),
            Some(Code::RevokeLater),
        ),
    ] {
        let fixture = Fixture::new().await;
        let at = format!("{}/facebook/graph/v24.0/me/permissions", fixture.demo.base());
        change(&fixture, &at, &format!("{}/permissions", server.uri()));
        let user = fixture.sign_in("facebook").await.unwrap();
        server.reset().await;
        let response = ResponseTemplate::new(status).set_body_json(&body);
        Mock::given(method("DELETE")).respond_with(response).mount(&server).await;
        let left =
            fixture.nameplate.accounts().sign_out(account(&user), SignOutScope::Everywhere).await;
        assert_eq!(left.map_err(|error| error.code()).err(), told, "{status} {body}");
        let kept = i64::from(told == Some(Code::RevokeLater));
        assert_eq!(fixture.rows("SELECT count(*) FROM revocations"), kept);
    }
}

/// S46: Microsoft has no revocation, which is reported.
#[tokio::test]
async fn microsoft_is_left_without_a_word() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("microsoft").await.unwrap();
    let asked = fixture.demo.request_log().paths;
    let said = fixture
        .nameplate
        .accounts()
        .sign_out(account(&user), SignOutScope::Everywhere)
        .await
        .unwrap_err();
    assert_eq!(said.code(), Code::RevokeUnavailable);
    assert_eq!(fixture.demo.request_log().paths, asked);
    assert_eq!(revocations(&fixture, "microsoft"), 0);
    fixture.assert_nothing_kept();
}
