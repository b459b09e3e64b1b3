//! Tokens that are bound to a key (RFC 9449) and pushed requests (RFC 9126), at `oidc-provider`.

use nameplate::{Code, TokenType};
use serde_json::json;

use super::certified::{log_in, sign_in};
use super::*;

const SCRIPT: &str = "oidc-peer/server.mjs";
/// What the server announces, and what it insists on.
const MODES: [&str; 2] = ["offered", "required"];

fn stage(mode: &str) -> Stage {
    with(mode, "")
}

fn with(mode: &str, settings: &'static str) -> Stage {
    Stage::at("peer", Server::start(SCRIPT, mode), |_| settings.to_owned())
}

impl Stage {
    /// How many requests the server had, and the headers of the last one to userinfo.
    async fn seen(&self) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let seen = client.get(format!("{}/seen", self.server.issuer)).send().await.unwrap();
        seen.json().await.unwrap()
    }

    /// Replaces a member of the session's vault item.
    fn damage(&self, user: &User, member: &str, value: Value) {
        let mut session = self.session(user);
        session[member] = value;
        let name = user.accounts[0].id.as_str();
        nameplate::vault::Vault::put(&self.vault, name, &session.to_string().into()).unwrap();
    }

    /// Signs in where the server knows the browser and asks for consent alone.
    async fn sign_in_again(&self, intent: Intent) -> User {
        let begun = self.begin(RedirectMethod::Manual, intent).await;
        let page = self.person.open(&begun.url).await.page();
        let response = self.person.send(&page, &[]).await.left();
        self.complete(&response).await
    }

    async fn access_token(&self, user: &User, policy: RefreshPolicy) -> nameplate::Result<String> {
        let account = user.accounts[0].id.as_str();
        let given = self.nameplate.sessions().access_token(account, policy).await?;
        assert_eq!(given.token_type, TokenType::Dpop);
        Ok(given.token.expose_secret().to_owned())
    }
}

/// S64, S65: a server that insists on one of the two gets that one.
#[tokio::test]
async fn each_extension_is_used_without_the_other() {
    for (mode, is_pushed, is_bound) in [("par", true, false), ("dpop", false, true)] {
        let stage = stage(mode);
        let begun = stage.begin(RedirectMethod::Manual, Intent::SignIn).await;
        assert_eq!(begun.url.contains("request_uri="), is_pushed, "{mode}: {}", begun.url);
        let user = sign_in(&stage).await;
        stage.renew(&user).await;
        let session = stage.session(&user);
        assert_eq!(session["dpop_key"].is_string(), is_bound, "{mode}");
        assert_eq!(session["token_type"] == "DPoP", is_bound, "{mode}");
        stage.leave(&user, SignOutScope::Here).await;
    }
}

/// S64, S65: the browser carries a reference; the session has its own key; a refresh and the profile
/// prove it; and after a sign-out the key opens nothing.
#[tokio::test]
async fn a_session_is_bound_to_its_key() {
    for mode in MODES {
        let stage = stage(mode);
        let begun = stage.begin(RedirectMethod::Manual, Intent::SignIn).await;
        assert!(
            begun.url.contains("request_uri=") && !begun.url.contains("state="),
            "{}",
            begun.url
        );
        let user = sign_in(&stage).await;
        assert_eq!(user.nickname, "Certified Person");
        let first = stage.session(&user);
        assert_eq!(first["token_type"], "DPoP");
        stage.renew(&user).await;
        let renewed = stage.session(&user);
        assert_eq!(renewed["dpop_key"], first["dpop_key"]);
        // A new sign-in makes a new key, and what it is given can be renewed with that.
        let again = Intent::Reauthenticate(user.accounts[0].id.clone());
        let user = stage.sign_in_again(again).await;
        assert_ne!(stage.session(&user)["dpop_key"], first["dpop_key"]);
        stage.renew(&user).await;
        stage.leave(&user, SignOutScope::Here).await;
    }
}

/// S64: a device code brings a token that is bound as well.
#[tokio::test]
async fn a_device_code_brings_a_bound_token() {
    let stage = stage("required");
    let begun = stage.begin(Grant::DeviceCode, Intent::SignIn).await;
    let device = begun.device.clone().unwrap();
    let page = stage.person.open(&device.verification_uri).await.page();
    let confirm = stage.person.send(&page, &[("user_code", &device.user_code)]).await.page();
    let page = stage.person.send(&confirm, &[]).await.page();
    let consent = log_in(&stage, &page).await;
    stage.person.send(&consent, &[]).await.page();
    let user = stage.user(&begun).await;
    assert_eq!(stage.session(&user)["token_type"], "DPoP");
    stage.renew(&user).await;
}

/// S64: RFC 9449, sections 11.1 and 11.2. Who has seen a request can neither repeat it, nor
/// present its token otherwise, nor with a key of their own.
#[tokio::test]
async fn a_stolen_token_is_worth_nothing() {
    let stage = stage("required");
    let user = sign_in(&stage).await;
    let stolen = stage.seen().await["userinfo"].clone();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let me = format!("{}/userinfo", stage.server.issuer);
    let header = |name: &str| stolen[name].as_str().unwrap().to_owned();
    let repeated = client.get(&me).header("authorization", header("authorization"));
    let repeated = repeated.header("dpop", header("dpop")).send().await.unwrap();
    assert_eq!(repeated.status(), 401);
    let said: Value = repeated.json().await.unwrap();
    assert_eq!(said["error"], "invalid_token", "{said}");
    let token = header("authorization").replace("DPoP ", "");
    let plain = client.get(&me).bearer_auth(&token).send().await.unwrap();
    assert_eq!(plain.status(), 401);
    let http = Http::new("peers", Arc::new(now)).unwrap();
    let other = DpopKey::generate().unwrap();
    let (token, key) = (token.into(), Some(&other));
    let presented = PresentedToken { token: &token, key };
    let response = http.get(&me.parse().unwrap(), Some(presented)).await.unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(stage.alive(&stage.session(&user)).await, [true, true], "the session goes on");
}

/// S64: a session whose key is missing or damaged is refused by name, and nothing is sent. The
/// account asks for a sign-in, which makes it whole.
#[tokio::test]
async fn a_session_without_its_key_sends_nothing() {
    for damage in [Value::Null, json!(""), json!("MIGHAgEAMBMGByqGSM49")] {
        for policy in [RefreshPolicy::WhenNeeded, RefreshPolicy::Always] {
            let stage = stage("required");
            let user = sign_in(&stage).await;
            stage.nameplate.profiles().pictures_downloaded().await;
            stage.damage(&user, "dpop_key", damage.clone());
            let before = stage.seen().await;
            let refused = stage.access_token(&user, policy).await.unwrap_err();
            assert_eq!(refused.code(), Code::SessionKeyLost, "{damage}");
            let account = user.accounts[0].id.as_str();
            let read = stage.nameplate.profiles().refresh(account).await.unwrap_err();
            assert_eq!(read.code(), Code::NeedsSignIn);
            assert_eq!(stage.seen().await, before, "nothing was sent");
            let user = stage.sign_in_again(Intent::SignIn).await;
            stage.access_token(&user, policy).await.unwrap();
        }
    }
}

/// S64: a refresh token is worth nothing with another key (RFC 9449, section 5).
#[tokio::test]
async fn a_refresh_needs_its_key() {
    let stage = stage("offered");
    let user = sign_in(&stage).await;
    let other = DpopKey::generate().unwrap().text();
    stage.damage(&user, "dpop_key", other.expose_secret().into());
    let refused = stage.access_token(&user, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::NeedsSignIn);
}

/// S64, S65: what is switched off is not used, and a server that insists on pushed requests is named
/// before the browser opens.
#[tokio::test]
async fn what_is_switched_off_is_not_used() {
    let neither = with("offered", "dpop = \"never\"\npar = \"never\"\n");
    let begun = neither.begin(RedirectMethod::Manual, Intent::SignIn).await;
    assert!(begun.url.contains("state="), "{}", begun.url);
    let user = sign_in(&neither).await;
    assert_eq!(neither.session(&user)["token_type"], "Bearer");
    let insisting = with("required", "par = \"never\"\n");
    let method = Some(RedirectMethod::Manual.into());
    let request = SignInRequest { method, ..SignInRequest::new("peer") };
    let refused = insisting.nameplate.sign_ins().begin(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::ServerRequires);
}

/// S65: the secrets of an attempt wait in the keychain with its key, and go with it.
#[tokio::test]
async fn the_key_of_an_attempt_waits_in_the_keychain() {
    let stage = stage("offered");
    let begun = stage.begin(RedirectMethod::Manual, Intent::SignIn).await;
    let (name, item) = stage.vault.entries().into_iter().next().unwrap();
    assert!(name.starts_with("attempt."), "{name}");
    let item: Value = serde_json::from_str(&item).unwrap();
    let key = DpopKey::parse(&item["dpop_key"].as_str().unwrap().into()).unwrap();
    assert!(item["verifier"].is_string() && item["nonce"].is_string());
    let page = stage.person.open(&begun.url).await.page();
    let consent = log_in(&stage, &page).await;
    let response = stage.person.send(&consent, &[]).await.left();
    let user = stage.complete(&response).await;
    assert_eq!(stage.session(&user)["dpop_key"], key.text().expose_secret());
    assert_eq!(stage.vault.names(), [user.accounts[0].id.as_str()]);
}
