//! A client for the tests: follows the pages as a plain HTTP client does and keeps what it hears.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
#![allow(missing_docs, reason = "the names say it")]

pub mod apps;

use std::collections::BTreeMap;

use demo_provider::DemoProvider;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use url::Url;

/// The example of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const LOOPBACK: &str = "http://127.0.0.1:49152/callback";

pub struct World {
    pub demo: DemoProvider,
    pub http: reqwest::Client,
}

/// One answer: its status and its body as JSON.
#[derive(Debug)]
pub struct Heard {
    pub status: StatusCode,
    pub body: Value,
    pub text: String,
    pub retry_after: Option<String>,
}

pub async fn world() -> World {
    let demo = DemoProvider::start("127.0.0.1:0").await.unwrap();
    let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    World { demo, http }
}

impl World {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.demo.base())
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Response {
        self.http.get(self.url(path)).query(query).send().await.unwrap()
    }

    /// A page, in English.
    pub async fn page(&self, path: &str, query: &[(&str, &str)]) -> (StatusCode, String) {
        let response = self.get(path, query).await;
        assert!(response.headers().get("location").is_none(), "nothing may go to the application");
        (response.status(), response.text().await.unwrap())
    }

    /// Asks for authorization, is `person`, decides; returns where the answer went.
    pub async fn decide(
        &self,
        path: &str,
        query: &[(&str, &str)],
        person: &str,
        decision: &str,
    ) -> Url {
        self.decide_without(path, query, person, decision, &[]).await
    }

    pub async fn decide_without(
        &self,
        path: &str,
        query: &[(&str, &str)],
        person: &str,
        decision: &str,
        withhold: &[&str],
    ) -> Url {
        let withheld = withhold.iter().map(|id| ("withhold", *id));
        let fields: Vec<_> = [("decision", decision)].into_iter().chain(withheld).collect();
        location(&self.answer(path, query, person, &fields).await)
    }

    /// What follows the consent page, sent with these fields.
    pub async fn answer(
        &self,
        path: &str,
        query: &[(&str, &str)],
        person: &str,
        fields: &[(&str, &str)],
    ) -> Response {
        let login = self.get(path, query).await;
        assert_eq!(login.status(), StatusCode::OK, "{:?}", login.text().await);
        let mut form = hidden(&login.text().await.unwrap());
        form.push(("person".to_owned(), person.to_owned()));
        let consent = self.http.post(self.url("/sign-in")).form(&form).send().await.unwrap();
        assert_eq!(consent.status(), StatusCode::OK);
        let mut form = hidden(&consent.text().await.unwrap());
        form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.http.post(self.url("/sign-in")).form(&form).send().await.unwrap()
    }

    /// Types a user code where a person does, is that person, decides; returns the last page.
    pub async fn enter(&self, page: &str, code: &str, person: &str, decision: &str) -> String {
        let entry = self.get(page, &[]).await.text().await.unwrap();
        assert!(entry.contains("name=\"user_code\""), "{entry}");
        let mut fields = hidden(&entry);
        fields.push(("user_code".to_owned(), code.to_owned()));
        let people = self.http.post(self.url("/device")).form(&fields).send().await.unwrap();
        assert_eq!(people.status(), StatusCode::OK);
        let mut fields = hidden(&people.text().await.unwrap());
        fields.push(("person".to_owned(), person.to_owned()));
        let consent = self.http.post(self.url("/sign-in")).form(&fields).send().await.unwrap();
        let mut fields = hidden(&consent.text().await.unwrap());
        fields.push(("decision".to_owned(), decision.to_owned()));
        let end = self.http.post(self.url("/sign-in")).form(&fields).send().await.unwrap();
        assert_eq!(end.status(), StatusCode::OK);
        end.text().await.unwrap()
    }

    /// A form that is answered in JSON where there is a choice.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Heard {
        let request = self.http.post(self.url(path)).header("accept", "application/json");
        heard(request.form(form).send().await.unwrap()).await
    }

    pub async fn read(&self, path: &str, bearer: &str) -> Heard {
        let request = self.http.get(self.url(path)).header("user-agent", "Nameplate tests");
        heard(request.bearer_auth(bearer).send().await.unwrap()).await
    }

    pub async fn json(&self, path: &str) -> Value {
        heard(self.get(path, &[]).await).await.body
    }
}

pub async fn heard(response: Response) -> Heard {
    let status = response.status();
    let retry_after =
        response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Heard { status, body, text, retry_after }
}

pub fn location(response: &Response) -> Url {
    assert_eq!(response.status(), StatusCode::FOUND);
    Url::parse(response.headers()["location"].to_str().unwrap()).unwrap()
}

pub fn params(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// A member that is a string.
pub fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap()
}

/// The hidden fields of a page's form.
fn hidden(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        tag[start..].split('"').next().unwrap().to_owned()
    };
    page.split("<input type=\"hidden\"")
        .skip(1)
        .map(|tag| (attribute(tag, "name"), attribute(tag, "value")))
        .collect()
}

/// Replaces parameters; an empty value takes one away.
pub fn with<'a>(
    base: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<_> = base
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name))
        .copied()
        .collect();
    all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    all
}

/// The claims of an RS256 or ES256 id_token, verified by a library that shares nothing with the demo provider.
pub fn verified(jwks: &Value, jwt: &str, audience: &str) -> Value {
    try_verify(jwks, jwt, audience).unwrap()
}

pub fn try_verify(jwks: &Value, jwt: &str, audience: &str) -> Result<Value, String> {
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
    let header = decode_header(jwt).map_err(|error| error.to_string())?;
    let set: JwkSet = serde_json::from_value(jwks.clone()).map_err(|error| error.to_string())?;
    let kid = header.kid.ok_or("no kid")?;
    let key = set.find(&kid).ok_or("unknown kid")?;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    decode::<Value>(jwt, &key, &validation)
        .map(|token| token.claims)
        .map_err(|error| error.to_string())
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
    use base64::Engine as _;
    let text = jwt.split('.').nth(at).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap())
        .unwrap()
}
