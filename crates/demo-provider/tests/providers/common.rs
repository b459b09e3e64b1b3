//! A client for the tests, which submits the forms of the pages as a browser does.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use demo_provider::providers::oidc::CLIENT_ID;
use demo_provider::{Counts, DemoProvider, Fault, Rotation};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;
use url::Url;

/// The example of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const LOOPBACK: &str = "http://127.0.0.1:49152/callback";
/// Changes to a request without PKCE.
pub const WITHOUT_PKCE: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];
/// The grant type of the polls.
pub const DEVICE_CODE: (&str, &str) =
    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");

type Params<'a> = &'a [(&'a str, &'a str)];

/// An application that does everything right; a test changes one thing.
#[derive(Debug, Clone, Copy)]
pub struct App {
    pub provider: &'static str,
    pub authorize: &'static str,
    pub token: &'static str,
    /// `client_id`, and `client_secret` if there is one.
    pub client: Params<'static>,
    pub redirect_uri: &'static str,
    /// Changes to the standard authorization request.
    pub ask: Params<'static>,
    /// Changes to the standard token request for a code.
    pub exchange: Params<'static>,
}

/// The public client of the generic issuer.
pub const OIDC: App = App {
    provider: "oidc",
    authorize: "/oidc/authorize",
    token: "/oidc/token",
    client: &[("client_id", CLIENT_ID)],
    redirect_uri: LOOPBACK,
    ask: &[
        ("scope", "openid profile email phone offline_access"),
        ("prompt", "consent"),
        ("nonce", "n-1"),
    ],
    exchange: &[],
};

impl App {
    /// The authorization request.
    pub fn ask(&self) -> Vec<(&'static str, &'static str)> {
        let standard = [
            ("response_type", "code"),
            self.client[0],
            ("redirect_uri", self.redirect_uri),
            ("state", "st"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        with(&standard, self.ask)
    }

    /// The token request without the code.
    pub fn exchange(&self) -> Vec<(&'static str, &'static str)> {
        let standard = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        with(&[self.client, &standard].concat(), self.exchange)
    }

    /// The refresh without the refresh token.
    pub fn refresh(&self) -> Vec<(&'static str, &'static str)> {
        [&[("grant_type", "refresh_token")], self.client].concat()
    }
}

/// A demo provider, and a client that speaks to it for an application.
pub struct Demo {
    pub server: DemoProvider,
    pub http: reqwest::Client,
    pub app: App,
}

/// A response with its body as text and, if it is, as JSON.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub body: Value,
    pub text: String,
    pub retry_after: Option<String>,
}

pub async fn demo(app: App) -> Demo {
    let server = DemoProvider::start("127.0.0.1:0").await.unwrap();
    let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    Demo { server, http, app }
}

impl Demo {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.base())
    }

    /// The path of a URL of the server.
    pub fn path(&self, url: &str) -> String {
        url.strip_prefix(self.server.base()).unwrap().to_owned()
    }

    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.server.set_faults(self.app.provider, faults);
    }

    pub fn set_rotation(&self, rotation: Rotation) {
        self.server.set_rotation(self.app.provider, rotation);
    }

    pub fn advance(&self, seconds: u32) {
        self.server.advance_clock(seconds);
    }

    pub fn counts(&self) -> Counts {
        self.server.request_log().grants[self.app.provider].clone()
    }

    pub async fn get(&self, path: &str, query: Params<'_>) -> Response {
        self.http.get(self.url(path)).query(query).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        reply(self.get(path, &[]).await).await.body
    }

    /// The media type of what is at a URL of the server.
    pub async fn content_type(&self, url: &str) -> String {
        let response = self.http.get(url).send().await.unwrap();
        response.headers()["content-type"].to_str().unwrap().to_owned()
    }

    /// Sends a form; the response is JSON if there is a choice.
    pub async fn post(&self, path: &str, form: Params<'_>) -> Reply {
        send(self.http.post(self.url(path)).header("accept", "application/json").form(form)).await
    }

    /// Sends the token request of a code with Basic instead of the client's parameters.
    pub async fn exchange_with_basic(&self, code: &str, id: &str, secret: &str) -> Reply {
        let changes = [("client_id", ""), ("client_secret", ""), ("code", code)];
        let form = with(&self.app.exchange(), &changes);
        let request = self.http.post(self.url(self.app.token)).basic_auth(id, Some(secret));
        send(request.form(&form)).await
    }

    pub async fn read(&self, path: &str, bearer: &str) -> Reply {
        let request = self.http.get(self.url(path)).header("user-agent", "Nameplate tests");
        send(request.bearer_auth(bearer)).await
    }

    /// A page that is shown instead of a response to the application.
    pub async fn page(&self, changes: Params<'_>) -> (StatusCode, String) {
        let response = self.get(self.app.authorize, &with(&self.app.ask(), changes)).await;
        assert!(response.headers().get("location").is_none(), "nothing goes to the application");
        (response.status(), response.text().await.unwrap())
    }

    /// Requests with one change, each of which is refused on the page with a code.
    pub async fn refused_on_the_page(&self, cases: &[((&str, &str), &str)]) {
        for (change, code) in cases {
            let (status, page) = self.page(&[*change]).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{change:?}");
            assert!(page.contains(&format!("<code>{code}</code>")), "{change:?}: {page}");
        }
    }

    /// An error that goes to the application.
    pub async fn error(&self, changes: Params<'_>) -> BTreeMap<String, String> {
        params(&location(&self.get(self.app.authorize, &with(&self.app.ask(), changes)).await))
    }

    /// Requests authorization as `user`, decides, and returns where the response goes.
    pub async fn decide(&self, changes: Params<'_>, user: &str, decision: &str) -> Url {
        location(&self.submit(changes, user, &[("decision", decision)]).await)
    }

    /// The response to a request that is allowed.
    pub async fn allow(&self, changes: Params<'_>, user: &str) -> BTreeMap<String, String> {
        params(&self.decide(changes, user, "allow").await)
    }

    /// The response to the application's request at another authorization endpoint.
    pub async fn allow_at(&self, path: &str, user: &str) -> BTreeMap<String, String> {
        let login = self.get(path, &self.app.ask()).await;
        let consent = self.submit_form(login, &[("user", user)]).await;
        params(&location(&self.submit_form(consent, &[("decision", "allow")]).await))
    }

    /// The code for a request that is allowed without these scopes.
    pub async fn code_without(&self, changes: Params<'_>, withheld: &[&str]) -> String {
        let withheld = withheld.iter().map(|id| ("withhold", *id));
        let fields: Vec<_> = [("decision", "allow")].into_iter().chain(withheld).collect();
        params(&location(&self.submit(changes, "haneul", &fields).await)).remove("code").unwrap()
    }

    /// Requests authorization as `user` and submits the consent page with these fields.
    pub async fn submit(&self, changes: Params<'_>, user: &str, fields: Params<'_>) -> Response {
        let login = self.get(self.app.authorize, &with(&self.app.ask(), changes)).await;
        assert_eq!(login.status(), StatusCode::OK, "{:?}", login.text().await);
        let consent = self.submit_form(login, &[("user", user)]).await;
        assert_eq!(consent.status(), StatusCode::OK);
        self.submit_form(consent, fields).await
    }

    /// Submits the form of a page with its hidden fields and these.
    async fn submit_form(&self, page: Response, fields: Params<'_>) -> Response {
        let base = page.url().clone();
        let page = page.text().await.unwrap();
        let action = base.join(&attribute(&page, "action").unwrap()).unwrap();
        let hidden: Vec<_> = page
            .split("<input type=\"hidden\"")
            .skip(1)
            .map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap()))
            .collect();
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let form: Vec<_> = hidden.chain(fields.iter().copied()).collect();
        self.http.post(action).form(&form).send().await.unwrap()
    }

    /// Enters a user code on its page.
    pub async fn enter(&self, page: &str, code: &str) -> Response {
        self.submit_form(self.get(page, &[]).await, &[("user_code", code)]).await
    }

    /// Enters a user code as haneul, decides, and returns the last page.
    pub async fn decide_device(&self, page: &str, code: &str, decision: &str) -> String {
        let login = self.enter(page, code).await;
        assert_eq!(login.status(), StatusCode::OK);
        let consent = self.submit_form(login, &[("user", "haneul")]).await;
        let end = self.submit_form(consent, &[("decision", decision)]).await;
        assert_eq!(end.status(), StatusCode::OK);
        end.text().await.unwrap()
    }

    /// The code that `user` allows.
    pub async fn code(&self, changes: Params<'_>, user: &str) -> String {
        self.allow(changes, user).await.remove("code").unwrap()
    }

    /// Redeems a code.
    pub async fn exchange(&self, code: &str, changes: Params<'_>) -> Reply {
        let form = with(&self.app.exchange(), &[("code", code)]);
        self.post(self.app.token, &with(&form, changes)).await
    }

    /// What is said of a code that is sent twice, of one that is older than `lifetime` seconds, and of one that was
    /// requested without PKCE and is sent with a verifier.
    pub async fn unusable_codes(&self, code: &str, lifetime: u32) -> [Reply; 3] {
        self.redeem(code).await;
        let used = self.exchange(code, &[]).await;
        let late = self.code(&[], "haneul").await;
        self.advance(lifetime + 1);
        let late = self.exchange(&late, &[]).await;
        let unasked = self.code(&WITHOUT_PKCE, "haneul").await;
        [used, late, self.exchange(&unasked, &[]).await]
    }

    /// Polls with a device code.
    pub async fn poll(&self, device_code: &str) -> Reply {
        let form = [DEVICE_CODE, self.app.client[0], ("device_code", device_code)];
        self.post(self.app.token, &form).await
    }

    /// The token response of a sign-in; `changes` are to the authorization request.
    pub async fn tokens(&self, changes: Params<'_>, user: &str) -> Value {
        self.redeem(&self.code(changes, user).await).await
    }

    /// The token response for a code.
    pub async fn redeem(&self, code: &str) -> Value {
        let reply = self.exchange(code, &[]).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        reply.body
    }

    /// What an endpoint tells about a user after a sign-in.
    pub async fn profile(&self, path: &str, changes: Params<'_>, user: &str) -> Value {
        let body = self.tokens(changes, user).await;
        self.read(path, text(&body, "access_token")).await.body
    }

    pub async fn refresh(&self, token: &str, changes: Params<'_>) -> Reply {
        let form = with(&self.app.refresh(), &[("refresh_token", token)]);
        self.post(self.app.token, &with(&form, changes)).await
    }
}

impl Reply {
    /// Compares status and body.
    #[track_caller]
    pub fn is(&self, status: u16, body: &Value) {
        assert_eq!((self.status.as_u16(), &self.body), (status, body), "{}", self.text);
    }
}

pub async fn send(request: RequestBuilder) -> Reply {
    reply(request.send().await.unwrap()).await
}

pub async fn reply(response: Response) -> Reply {
    let status = response.status();
    let retry_after =
        response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status, body, text, retry_after }
}

pub fn location(response: &Response) -> Url {
    assert_eq!(response.status(), StatusCode::FOUND);
    Url::parse(response.headers()["location"].to_str().unwrap()).unwrap()
}

pub fn params(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// A member that is a string.
#[track_caller]
pub fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap()
}

fn attribute(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("{name}=\""))?;
    rest.split('"').next().map(str::to_owned)
}

/// Replaces parameters; an empty value removes one.
pub fn with<'a>(
    base: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
    let kept = base.iter().filter(|(name, _)| !changed(name));
    kept.chain(changes.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

/// The claims of an id_token, verified by a library that shares nothing with the demo provider.
pub fn verified(jwks: &Value, jwt: &str, audience: &str) -> Value {
    let header = decode_header(jwt).unwrap();
    let keys: JwkSet = serde_json::from_value(jwks.clone()).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode::<Value>(jwt, &key, &validation).unwrap().claims
}

/// The claims of a JWT, unverified.
pub fn claims(jwt: &str) -> Value {
    part(jwt, 1)
}

/// The header of a JWT.
pub fn header(jwt: &str) -> Value {
    part(jwt, 0)
}

fn part(jwt: &str, at: usize) -> Value {
    let text = jwt.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}
