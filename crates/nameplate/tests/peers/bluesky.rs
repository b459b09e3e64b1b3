//! The AT Protocol, at the server software of Bluesky (`@atproto/pds`).

use std::collections::BTreeMap;

use nameplate::{AccountState, Code, SignInRequest};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;
use url::Url;

use super::*;

/// A server with one account, and the engine in a home that knows its directory.
struct Pds {
    stage: Stage,
}

impl Pds {
    fn new() -> Self {
        let server = Server::start("pds-peer/server.mjs", "");
        let (plc, issuer) = (server.said["plc"].as_str().unwrap(), server.issuer.clone());
        let table =
            format!("[bluesky]\nplc_directory = \"{plc}\"\nhandle_resolver = \"{issuer}\"\n");
        Self { stage: Stage::at("bluesky", server, |_| table) }
    }

    fn said(&self, name: &str) -> String {
        self.stage.server.said[name].as_str().unwrap().to_owned()
    }

    fn request(&self, named: &str) -> SignInRequest {
        SignInRequest {
            server: Some(named.to_owned()),
            method: Some(RedirectMethod::Manual.into()),
            confirmed_host: self.stage.server.issuer.strip_prefix("http://").map(str::to_owned),
            ..SignInRequest::new("bluesky")
        }
    }

    async fn begin(&self, named: &str) -> nameplate::Result<PendingSignIn> {
        self.stage.nameplate.sign_ins().begin(self.request(named)).await
    }

    async fn sign_in(&self, named: &str) -> User {
        let begun = self.begin(named).await.unwrap();
        self.stage.complete(&self.consent(&begun).await).await
    }

    /// The user at the server's pages: signs in, agrees, and ends at the redirect URI.
    async fn consent(&self, begun: &PendingSignIn) -> String {
        let mut person = Browser::new(&begun.url, &self.stage.server.issuer);
        person.open(&begun.url, "none").await;
        let (name, password) = (self.said("handle"), self.said("password"));
        let account = json!({
            "username": name, "password": password, "locale": "en", "remember": true
        });
        let signed_in = person.call("sign-in", &account).await;
        let agreed = person.call("consent", &json!({ "sub": signed_in["account"]["sub"] })).await;
        let last = person.open(agreed["url"].as_str().unwrap(), "same-origin").await;
        last.headers()[LOCATION].to_str().unwrap().to_owned()
    }
}

/// A browser as its pages want it: with cookies, and the headers by which it says what it does.
struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
    page: String,
    origin: String,
}

impl Browser {
    fn new(page: &str, origin: &str) -> Self {
        let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
        let client = client.build().unwrap();
        let (page, origin) = (page.to_owned(), origin.to_owned());
        Self { client, cookies: BTreeMap::new(), page, origin }
    }

    /// Opens an address that was typed (`none`) or that a page of the same origin leads to.
    async fn open(&mut self, address: &str, site: &str) -> Response {
        let request = self.client.get(address).header("sec-fetch-mode", "navigate");
        let request = request.header("sec-fetch-dest", "document").header("sec-fetch-site", site);
        let request = match site {
            "same-origin" => request.header("referer", &self.page),
            _ => request,
        };
        self.send(request).await
    }

    /// A request of the page's script.
    async fn call(&mut self, what: &str, body: &Value) -> Value {
        let address = format!("{}/@atproto/oauth-provider/~api/{what}", self.origin);
        let request = self.client.request(Method::POST, address).json(body);
        let request = request.header("x-csrf-token", &self.cookies["csrf-token"]);
        let request = request.header("origin", &self.origin).header("referer", &self.page);
        let request = request.header("sec-fetch-mode", "same-origin");
        let request = request.header("sec-fetch-dest", "empty");
        let response = self.send(request.header("sec-fetch-site", "same-origin")).await;
        assert!(response.status().is_success(), "{what}: {}", response.status());
        response.json().await.unwrap()
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (name, value) =
                cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

/// N13, S64, S65, S69: with nothing registered anywhere, a handle is all. The profile is the public
/// record, tokens are bound, a refresh replaces the refresh token, and after a sign-out neither
/// token is taken.
#[tokio::test]
async fn a_person_signs_in_by_a_handle() {
    let pds = Pds::new();
    let (handle, did) = (pds.said("handle"), pds.said("did"));
    let begun = pds.begin(&format!("@{}", handle.to_uppercase())).await.unwrap();
    let url = Url::parse(&begun.url).unwrap();
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    let user = pds.stage.complete(&pds.consent(&begun).await).await;
    let account = &user.accounts[0];
    assert_eq!(user.nickname, "김하늘");
    assert_eq!(
        (account.subject.as_str(), account.issuer.as_str()),
        (&*did, &*pds.stage.server.issuer)
    );
    assert_eq!(account.scopes, ["atproto"]);
    pds.stage.nameplate.profiles().pictures_downloaded().await;
    let stored = pds.stage.nameplate.accounts().user(user.id.as_str()).unwrap();
    assert!(stored.avatar.is_some(), "the blob of the record");
    let first = pds.stage.session(&user);
    assert_eq!(first["token_type"], "DPoP");
    pds.stage.renew(&user).await;
    let renewed = pds.stage.session(&user);
    assert_eq!(renewed["dpop_key"], first["dpop_key"]);
    assert_ne!(renewed["refresh_token"], first["refresh_token"], "each is used once");
    assert_eq!(pds.refreshes(&first).await, 400);
    let id = account.id.as_str();
    pds.stage.nameplate.accounts().sign_out(id, SignOutScope::Here).await.unwrap();
    assert_eq!(pds.refreshes(&renewed).await, 400, "revoked");
    assert_eq!(pds.stage.vault.names(), Vec::<String>::new());
}

impl Pds {
    /// The status of a refresh with what a session has.
    async fn refreshes(&self, session: &Value) -> u16 {
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        let key = DpopKey::parse(&text("dpop_key").into()).unwrap();
        let url = format!("{}/oauth/token", self.stage.server.issuer).parse().unwrap();
        let (client_id, refresh) = (text("client_id"), text("refresh_token"));
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &*client_id),
            ("refresh_token", &*refresh),
        ];
        let http = Http::new("peers", Arc::new(now)).unwrap();
        http.post_form(&url, &form, None, Some(&key)).await.unwrap().status.as_u16()
    }
}

/// A DID, and the address of the server alone, lead to the same account.
#[tokio::test]
async fn a_did_and_a_server_lead_to_the_same_account() {
    let pds = Pds::new();
    let by_did = pds.sign_in(&pds.said("did")).await;
    let by_server = pds.sign_in(&pds.stage.server.issuer).await;
    assert_eq!(by_did.id, by_server.id);
    assert_eq!(by_server.accounts[0].state, AccountState::Active);
}

/// A session that the server has ended says that such sessions are short.
#[tokio::test]
async fn a_session_ends_with_the_reason() {
    let pds = Pds::new();
    let user = pds.sign_in(&pds.said("handle")).await;
    let session = pds.stage.session(&user);
    assert_eq!(pds.refreshes(&session).await, 200, "the refresh token is used elsewhere");
    let account = user.accounts[0].id.as_str();
    let sessions = pds.stage.nameplate.sessions();
    let ended = sessions.access_token(account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(ended.code(), Code::NeedsSignIn);
    let told = pds.stage.nameplate.explain(nameplate::Language::En, &ended);
    assert!(told.message.contains("for days only"), "{}", told.message);
}
