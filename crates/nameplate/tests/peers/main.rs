//! Tests with other implementations of the protocol: `oidc-provider`, django-oauth-toolkit and
//! nanoidp, which `cargo xtask test` installs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on panics")]
#![allow(missing_docs, reason = "the names say it")]

mod bluesky;
mod bound;
mod person;
mod server;
#[allow(dead_code)]
#[path = "../engine/vault.rs"]
mod vault;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use nameplate::{
    AppIdentity, Grant, Home, Intent, Nameplate, PendingSignIn, RedirectMethod, RefreshPolicy,
    SignInOutcome, SignInRequest, SignOutScope, User,
};
use native_oauth::dpop::{DpopKey, PresentedToken};
use native_oauth::http::Http;
use person::{NAME, PASSWORD, Page, Person};
use secrecy::ExposeSecret;
use serde_json::Value;
use server::Server;
use vault::TestVault;

/// The engine, set up for one of the servers, and a user.
struct Stage {
    nameplate: Nameplate,
    vault: TestVault,
    person: Person,
    provider: &'static str,
    server: Server,
    _dir: tempfile::TempDir,
}

impl Stage {
    /// `script` is below `xtask`; `more` is appended to the table in `providers.toml`.
    fn new(provider: &'static str, script: &str, more: impl FnOnce(&str) -> String) -> Self {
        Self::at(provider, Server::start(script, ""), more)
    }

    fn at(provider: &'static str, server: Server, more: impl FnOnce(&str) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let table = more(&server.issuer);
        let table = if provider == "bluesky" {
            table
        } else {
            format!(
                "[{provider}]\nkind = \"oidc\"\nissuer = \"{}\"\nclient_id = \"nameplate\"\n{}",
                server.issuer, table
            )
        };
        std::fs::write(dir.path().join("providers.toml"), table).unwrap();
        let identity = AppIdentity::new("app.nameplate.desktop", "Notes", "1.2.0");
        let (home, vault) = (Home::own(&identity, dir.path()).unwrap(), TestVault::new());
        let nameplate = Nameplate::builder(home).vault(vault.clone()).clock(now).open().unwrap();
        Self { nameplate, vault, person: Person::new(), provider, server, _dir: dir }
    }

    /// With nothing but the issuer's address.
    async fn begin_at_address(&self) -> PendingSignIn {
        let request = SignInRequest {
            server: Some(self.server.issuer.clone()),
            method: Some(RedirectMethod::Manual.into()),
            ..SignInRequest::new("oidc")
        };
        self.nameplate.sign_ins().begin(request).await.unwrap()
    }

    /// Completes a sign-in with the address that the browser ended at.
    async fn complete(&self, address: &str) -> User {
        self.user_of(self.nameplate.sign_ins().complete(address).await.unwrap())
    }

    fn user_of(&self, outcome: SignInOutcome) -> User {
        let SignInOutcome::SignedIn(id) = outcome else { panic!("a bot was added") };
        self.nameplate.accounts().user(id.as_str()).unwrap()
    }

    async fn begin(&self, method: impl Into<Grant>, intent: Intent) -> PendingSignIn {
        self.nameplate
            .sign_ins()
            .begin(SignInRequest {
                intent,
                method: Some(method.into()),
                ..SignInRequest::new(self.provider)
            })
            .await
            .unwrap()
    }

    /// The vault item of the account.
    fn session(&self, user: &User) -> Value {
        serde_json::from_str(&self.vault.entries()[user.accounts[0].id.as_str()]).unwrap()
    }

    /// Whether the server accepts the access token, and the refresh token.
    async fn alive(&self, session: &Value) -> [bool; 2] {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let address = format!("{}/.well-known/openid-configuration", self.server.issuer);
        let document: Value = client.get(address).send().await.unwrap().json().await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let endpoint = |name: &str| text(&document[name]).parse().unwrap();
        let http = Http::new("peers", Arc::new(now)).unwrap();
        let key = session["dpop_key"].as_str().map(|key| DpopKey::parse(&key.into()).unwrap());
        let (access, key) = (text(&session["access_token"]).into(), key.as_ref());
        let presented = PresentedToken { token: &access, key };
        let userinfo = http.get(&endpoint("userinfo_endpoint"), Some(presented)).await.unwrap();
        let (client_id, refresh) = (text(&session["client_id"]), text(&session["refresh_token"]));
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &*client_id),
            ("refresh_token", &*refresh),
        ];
        let token = http.post_form(&endpoint("token_endpoint"), &form, None, key).await.unwrap();
        [userinfo.status.is_success(), token.status.is_success()]
    }

    /// Refreshes the access token and reads the profile.
    async fn renew(&self, user: &User) {
        let former = self.session(user);
        let account = user.accounts[0].id.as_str();
        let given =
            self.nameplate.sessions().access_token(account, RefreshPolicy::Always).await.unwrap();
        assert_ne!(given.token.expose_secret(), former["access_token"]);
        self.nameplate.profiles().refresh(account).await.unwrap();
    }

    /// Signs out; then the server accepts no token of the session.
    async fn leave(&self, user: &User, leave: SignOutScope) {
        let session = self.session(user);
        self.nameplate.accounts().sign_out(user.accounts[0].id.as_str(), leave).await.unwrap();
        assert_eq!(self.alive(&session).await, [false, false]);
        assert_eq!(self.vault.names(), Vec::<String>::new());
    }

    async fn user(&self, begun: &PendingSignIn) -> User {
        self.user_of(self.nameplate.sign_ins().outcome(&begun.id).await.unwrap())
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

mod certified {
    use super::*;

    fn stage() -> Stage {
        Stage::new("peer", "oidc-peer/server.mjs", |_| String::new())
    }

    /// Logs in; the page for consent.
    pub async fn log_in(stage: &Stage, page: &Page) -> Page {
        let fields = [("login", "someone"), ("password", "anything")];
        stage.person.send(page, &fields).await.page()
    }

    pub async fn sign_in(stage: &Stage) -> User {
        let begun = stage.begin(RedirectMethod::Manual, Intent::SignIn).await;
        let page = stage.person.open(&begun.url).await.page();
        let consent = log_in(stage, &page).await;
        let response = stage.person.send(&consent, &[]).await.left();
        stage.complete(&response).await
    }

    /// S45: a refresh token needs `prompt=consent` (OpenID Connect Core, section 11); signing in
    /// again without it keeps the former. This server always asks native clients for consent.
    #[tokio::test]
    async fn a_person_signs_in_and_stays() {
        let stage = stage();
        let user = sign_in(&stage).await;
        assert_eq!(user.nickname, "Certified Person");
        stage.renew(&user).await;
        let again = Intent::Reauthenticate(user.accounts[0].id.clone());
        let begun = stage.begin(RedirectMethod::Manual, again).await;
        assert!(!begun.url.contains("prompt="), "{}", begun.url);
        let page = stage.person.open(&begun.url).await.page();
        let response = stage.person.send(&page, &[]).await.left();
        let user = stage.complete(&response).await;
        stage.renew(&user).await;
    }

    /// N13, S67: an issuer is signed in at by its address alone (RFC 7591); signing out deletes the
    /// registration at the server too (RFC 7592), and then it knows no such client.
    #[tokio::test]
    async fn an_address_is_all_that_is_needed() {
        let stage = stage();
        let begun = stage.begin_at_address().await;
        let page = stage.person.open(&begun.url).await.page();
        let consent = log_in(&stage, &page).await;
        let response = stage.person.send(&consent, &[]).await.left();
        let user = stage.complete(&response).await;
        assert_eq!(user.nickname, "Certified Person");
        assert_eq!(user.accounts[0].issuer, stage.server.issuer);
        stage.renew(&user).await;
        let session = stage.session(&user);
        stage.leave(&user, SignOutScope::Everywhere).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", "x"),
            ("redirect_uri", &*begun.redirect_uri),
            ("client_id", session["client_id"].as_str().unwrap()),
        ];
        let token = format!("{}/token", stage.server.issuer).parse().unwrap();
        let http = Http::new("peers", Arc::new(now)).unwrap();
        let refused = http.post_form(&token, &form, None, None).await.unwrap();
        let refused: Value = serde_json::from_slice(&refused.body).unwrap();
        assert_eq!(refused["error"], "invalid_client");
    }

    /// U20: the second sign-in sends a prompt that every OpenID provider accepts. This server
    /// announces no prompts and refuses `select_account`.
    #[tokio::test]
    async fn a_second_sign_in_asks_who_it_is() {
        let stage = stage();
        let first = sign_in(&stage).await;
        let again = sign_in(&stage).await;
        assert_eq!(first.id, again.id);
    }

    /// S46: no token is valid after a sign-out.
    #[tokio::test]
    async fn nothing_is_alive_after_a_sign_out() {
        for leave in [SignOutScope::Here, SignOutScope::Everywhere] {
            let stage = stage();
            let user = sign_in(&stage).await;
            stage.leave(&user, leave).await;
        }
    }

    /// S47: a device code signs in, and the session can be refreshed.
    #[tokio::test]
    async fn a_device_code_signs_in() {
        let stage = stage();
        let begun = stage.begin(Grant::DeviceCode, Intent::SignIn).await;
        let device = begun.device.clone().unwrap();
        let page = stage.person.open(&device.verification_uri).await.page();
        let confirm = stage.person.send(&page, &[("user_code", &device.user_code)]).await.page();
        let page = stage.person.send(&confirm, &[]).await.page();
        let consent = log_in(&stage, &page).await;
        stage.person.send(&consent, &[]).await.page();
        let user = stage.user(&begun).await;
        stage.renew(&user).await;
        stage.leave(&user, SignOutScope::Here).await;
    }
}

mod django {
    use super::*;

    fn stage() -> Stage {
        Stage::new("django", "python-peers/django_server.py", |_| String::new())
    }

    async fn sign_in(stage: &Stage) -> User {
        let begun = stage.begin(RedirectMethod::Manual, Intent::SignIn).await;
        let page = stage.person.open(&begun.url).await.page();
        let consent = stage.person.send(&page, &[NAME, PASSWORD]).await.page();
        let response = stage.person.send(&consent, &[("allow", "Authorize")]).await.left();
        stage.complete(&response).await
    }

    /// S45: discovery, sign-in with S256, profile and refresh.
    #[tokio::test]
    async fn a_person_signs_in_and_stays() {
        let stage = stage();
        let user = sign_in(&stage).await;
        assert_eq!(user.nickname, "Django Person");
        assert_eq!(user.accounts[0].email.as_deref(), Some("someone@example.com"));
        stage.renew(&user).await;
    }

    /// S47: a device code signs in. The endpoint is configured, and userinfo has the identity,
    /// because no id_token comes.
    #[tokio::test]
    async fn a_device_code_signs_in() {
        let stage = Stage::new("django", "python-peers/django_server.py", |issuer| {
            format!(
                "device_authorization_endpoint = \"{issuer}/device-authorization/\"\ndevice_client_id = \"nameplate-device\"\n"
            )
        });
        let begun = stage.begin(Grant::DeviceCode, Intent::SignIn).await;
        let device = begun.device.clone().unwrap();
        let page = stage.person.open(&device.verification_uri).await.page();
        let page = stage.person.send(&page, &[NAME, PASSWORD]).await.page();
        let page = stage.person.send(&page, &[("user_code", &device.user_code)]).await.page();
        stage.person.send(&page, &[("action", "accept")]).await.page();
        let user = stage.user(&begun).await;
        assert_eq!(user.nickname, "Django Person");
        stage.renew(&user).await;
        stage.leave(&user, SignOutScope::Here).await;
    }

    /// S46: the revocation endpoint is in the RFC 8414 metadata only.
    #[tokio::test]
    async fn nothing_is_alive_after_a_sign_out() {
        for leave in [SignOutScope::Here, SignOutScope::Everywhere] {
            let stage = stage();
            let user = sign_in(&stage).await;
            stage.renew(&user).await;
            stage.leave(&user, leave).await;
        }
    }
}

mod nanoidp {
    use super::*;

    fn stage() -> Stage {
        Stage::new("nanoidp", "python-peers/nanoidp_server.py", |_| String::new())
    }

    async fn sign_in(stage: &Stage) -> User {
        let begun = stage.begin(RedirectMethod::Manual, Intent::SignIn).await;
        let page = stage.person.open(&begun.url).await.page();
        let response = stage.person.send(&page, &[NAME, PASSWORD]).await.left();
        stage.complete(&response).await
    }

    /// S45: discovery, sign-in with S256, profile and refresh with rotation.
    #[tokio::test]
    async fn a_person_signs_in_and_stays() {
        let stage = stage();
        let user = sign_in(&stage).await;
        assert_eq!(user.accounts[0].email.as_deref(), Some("someone@example.com"));
        let former = stage.session(&user);
        stage.renew(&user).await;
        assert_ne!(stage.session(&user)["refresh_token"], former["refresh_token"]);
        stage.renew(&user).await;
    }

    /// S46: a revocation ends one token, so both are revoked.
    #[tokio::test]
    async fn nothing_is_alive_after_a_sign_out() {
        for leave in [SignOutScope::Here, SignOutScope::Everywhere] {
            let stage = stage();
            let user = sign_in(&stage).await;
            stage.leave(&user, leave).await;
        }
    }

    /// S47: a device code signs in.
    #[tokio::test]
    async fn a_device_code_signs_in() {
        let stage = stage();
        let begun = stage.begin(Grant::DeviceCode, Intent::SignIn).await;
        let device = begun.device.clone().unwrap();
        let page = stage.person.open(&device.verification_uri).await.page();
        let fields = [("user_code", &*device.user_code), NAME, PASSWORD, ("action", "authorize")];
        stage.person.send(&page, &fields).await.page();
        let user = stage.user(&begun).await;
        stage.renew(&user).await;
        stage.leave(&user, SignOutScope::Here).await;
    }
}
