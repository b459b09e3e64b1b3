//! A browser with cookies and without a window: reads, fills in and sends forms.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{COOKIE, LOCATION, REFERER, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use url::Url;

/// The user of every server.
pub const NAME: (&str, &str) = ("username", "someone");
pub const PASSWORD: (&str, &str) = ("password", "anything");

pub struct Person {
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A page, or the redirect URI.
#[derive(Debug)]
pub enum Shown {
    Page(Page),
    Left(String),
}

/// A page with a form.
#[derive(Debug)]
pub struct Page {
    url: Url,
    text: String,
}

impl Shown {
    pub fn page(self) -> Page {
        match self {
            Self::Page(page) => page,
            Self::Left(address) => panic!("left for {address}"),
        }
    }

    pub fn left(self) -> String {
        match self {
            Self::Left(address) => address,
            Self::Page(page) => panic!("still at {}:\n{}", page.url, page.text),
        }
    }
}

impl Person {
    pub fn new() -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { client, cookies: Mutex::default() }
    }

    /// Opens a URL and follows redirects on the same server.
    pub async fn open(&self, address: &str) -> Shown {
        let url: Url = address.parse().unwrap();
        self.follow(self.client.get(url.clone()), url).await
    }

    /// Sends the last form of a page, with its hidden fields and these.
    pub async fn send(&self, page: &Page, filled_in: &[(&str, &str)]) -> Shown {
        let form = page.text.rsplit_once("<form").expect("a form").1;
        let (tag, _) = form.split_once('>').unwrap();
        let url = page.url.join(&attribute(tag, "action").unwrap_or_default()).unwrap();
        let mut fields = hidden(form);
        fields.extend(filled_in.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let request = self.client.post(url.clone()).header(REFERER, page.url.as_str());
        self.follow(request.form(&fields), url).await
    }

    async fn follow(&self, mut request: RequestBuilder, mut url: Url) -> Shown {
        loop {
            let response = request.header(COOKIE, self.cookies()).send().await.unwrap();
            self.keep(response.headers().get_all(SET_COOKIE).iter());
            let Some(next) = response.headers().get(LOCATION) else {
                assert!(response.status().is_success(), "{url}: {}", response.status());
                return Shown::Page(Page { url, text: response.text().await.unwrap() });
            };
            let next = url.join(next.to_str().unwrap()).unwrap();
            if next.origin() != url.origin() {
                return Shown::Left(next.into());
            }
            request = self.client.get(next.clone());
            url = next;
        }
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep<'h>(&self, set: impl Iterator<Item = &'h reqwest::header::HeaderValue>) {
        for cookie in set.map(|cookie| cookie.to_str().unwrap()) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
    }
}

fn hidden(form: &str) -> Vec<(String, String)> {
    let tags = form.split("<input").skip(1).map(|tag| tag.split('>').next().unwrap());
    let hidden = tags.filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"));
    hidden
        .filter_map(|tag| {
            Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
        })
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&"))
}
