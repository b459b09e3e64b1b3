//! A browser without a window: posts the demo provider's forms and follows no redirect by itself.

use std::collections::BTreeMap;

use native_oauth::device_authorization::UserCodePrompt;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use url::Url;

#[derive(Debug, Clone)]
pub struct Browser(reqwest::Client);

/// A page.
#[derive(Debug)]
pub struct Shown {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Browser {
    pub fn new() -> Self {
        Self(reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap())
    }

    /// Opens an authorization request, signs in as `person` and decides; the redirect URI with the
    /// response.
    pub async fn decide(&self, authorize: &str, person: &str, decision: &str) -> String {
        let nameplate = self.get(authorize).await;
        assert_eq!(nameplate.status, StatusCode::OK, "{}", nameplate.text);
        let sign_in = action(authorize, &nameplate.text);
        let mut fields = hidden(&nameplate.text);
        fields.push(("user".to_owned(), person.to_owned()));
        let consent = self.0.post(sign_in.clone()).form(&fields).send().await.unwrap();
        assert_eq!(consent.status(), StatusCode::OK);
        let mut fields = hidden(&consent.text().await.unwrap());
        fields.push(("decision".to_owned(), decision.to_owned()));
        let response = self.0.post(sign_in).form(&fields).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FOUND);
        location(&response)
    }

    /// Opens the page of a device code, signs in as `person` and decides.
    pub async fn enter(&self, device: &UserCodePrompt, person: &str, decision: &str) {
        let mut page = self.get(&device.verification_uri).await.text;
        let fields =
            [("user_code", device.user_code.as_str()), ("user", person), ("decision", decision)];
        for (name, value) in fields {
            let address = action(&device.verification_uri, &page);
            let mut form = hidden(&page);
            form.push((name.to_owned(), value.to_owned()));
            let shown = self.0.post(address).form(&form).send().await.unwrap();
            assert_eq!(shown.status(), StatusCode::OK);
            page = shown.text().await.unwrap();
        }
    }

    pub async fn get(&self, address: &str) -> Shown {
        let response = self.0.get(address).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Shown { status, headers, text: response.text().await.unwrap() }
    }

    /// Revokes something at a provider without the engine.
    pub async fn post(&self, address: &str, bearer: &str, form: &[(&str, &str)]) -> StatusCode {
        self.0.post(address).bearer_auth(bearer).form(form).send().await.unwrap().status()
    }

    /// Follows a response to a loopback port; the last page.
    pub async fn follow(&self, response: &str) -> Shown {
        let received = self.get(response).await;
        assert_eq!(received.status, StatusCode::SEE_OTHER, "{}", received.text);
        let next = received.headers["location"].to_str().unwrap();
        let done = Url::parse(response).unwrap().join(next).unwrap();
        self.get(done.as_str()).await
    }

    /// Whether the port is open.
    pub async fn connects(&self, address: &str) -> bool {
        self.0.get(address).send().await.is_ok()
    }
}

fn location(response: &Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

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

/// The parameters of a URL; none may occur twice.
pub fn parameters(address: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, value) in Url::parse(address).unwrap().query_pairs().into_owned() {
        assert_eq!(found.insert(name.clone(), value), None, "{name}");
    }
    found
}

/// Where the form of a page goes.
fn action(address: &str, page: &str) -> Url {
    let action = page.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    Url::parse(address).unwrap().join(action).unwrap()
}
