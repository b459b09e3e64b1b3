//! A plain HTTP client that submits the demo provider's forms instead of a browser.

use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use url::{Url, form_urlencoded};

/// Signs in, decides, and follows the redirects to the last page.
pub async fn follow(authorize: &str, user: &str, decision: &str) -> Result<Url> {
    let mut page = get(answer(authorize, user, decision).await?).await?;
    // The loopback port redirects to a page without a code in its address.
    while let Some(to) = page.redirect()? {
        page = get(to).await?;
    }
    ensure!(page.status == StatusCode::OK, "the last page answers {}", page.status);
    Ok(page.url)
}

/// Signs in and decides; returns the redirect URI with the response.
pub async fn answer(authorize: &str, user: &str, decision: &str) -> Result<Url> {
    let mut page = get(Url::parse(authorize)?).await?;
    for (name, value) in [("user", user), ("decision", decision)] {
        let (to, body) = page.form(name, value)?;
        page = send(Method::POST, to, body).await?;
    }
    page.redirect()?.context("the provider does not redirect")
}

struct Page {
    url: Url,
    status: StatusCode,
    location: Option<String>,
    text: String,
}

impl Page {
    fn redirect(&self) -> Result<Option<Url>> {
        self.location.as_deref().map(|to| self.url.join(to).context("where to?")).transpose()
    }

    /// Action and body of the page's form, with its hidden fields and one button.
    fn form(&self, name: &str, value: &str) -> Result<(Url, String)> {
        let form = self.text.split_once("<form").context("no form")?.1;
        let action = attribute(form, "action").context("the form has no action")?;
        let mut fields = form_urlencoded::Serializer::new(String::new());
        for input in
            form.split("<input").skip(1).filter(|input| attribute(input, "type") == Some("hidden"))
        {
            fields.append_pair(
                attribute(input, "name").unwrap_or_default(),
                attribute(input, "value").unwrap_or_default(),
            );
        }
        ensure!(
            form.contains(&format!("name=\"{name}\" value=\"{value}\"")),
            "no button {name}={value}"
        );
        Ok((self.url.join(action)?, fields.append_pair(name, value).finish()))
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let tag = tag.split_once('>').map_or(tag, |(tag, _)| tag);
    tag.split_once(&format!("{name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

async fn get(url: Url) -> Result<Page> {
    send(Method::GET, url, String::new()).await
}

async fn send(method: Method, url: Url, body: String) -> Result<Page> {
    if url.scheme() != "http" {
        bail!("a plain client cannot go to {}", url.scheme());
    }
    let request = Request::builder().method(method).uri(url.as_str());
    let request =
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Full::from(body))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = client.request(request).await?;
    let status = answer.status();
    let location =
        answer.headers().get(LOCATION).map(|to| to.to_str().map(str::to_owned)).transpose()?;
    let text = String::from_utf8(answer.into_body().collect().await?.to_bytes().to_vec())?;
    Ok(Page { url, status, location, text })
}
