//! A person at the demo provider's pages: fills the forms in and follows no redirect by themselves.

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::{Url, form_urlencoded};

const PERSON: &str = "haneul";

/// Allows what an authorization request asks for; the address that the browser is led to.
pub async fn allow(authorize: &str) -> Result<String> {
    let page = get(authorize).await?;
    ensure!(page.status == StatusCode::OK, "the provider refuses: {}", page.status);
    let form: Url = Url::parse(authorize)?.join(action(&page.text)?)?;
    let mut fields = hidden(&page.text)?;
    fields.push(("person".to_owned(), PERSON.to_owned()));
    let consent = post(&form, &fields).await?;
    let mut fields = hidden(&consent.text)?;
    fields.push(("decision".to_owned(), "allow".to_owned()));
    post(&form, &fields).await?.location.context("the provider leads nowhere")
}

/// Opens the redirect URI with its response, and the page that it leads to.
pub async fn follow(response: &str) -> Result<()> {
    let received = get(response).await?;
    let next = received.location.with_context(|| format!("{} at the port", received.status))?;
    let done = get(Url::parse(response)?.join(&next)?.as_str()).await?;
    ensure!(done.status == StatusCode::OK, "{} at the last page", done.status);
    Ok(())
}

/// A page.
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// Where it leads to.
    pub location: Option<String>,
    /// The cookie that it sets.
    pub cookie: Option<String>,
    /// The body.
    pub text: String,
}

/// Opens a page.
pub async fn get(address: &str) -> Result<Page> {
    get_with(address, &[]).await
}

/// Opens a page with headers.
pub async fn get_with(address: &str, headers: &[(&str, &str)]) -> Result<Page> {
    let request = Request::builder().method(Method::GET).uri(address);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(request.body(Full::default())?).await
}

/// Sends a form.
pub async fn post(address: &Url, fields: &[(String, String)]) -> Result<Page> {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::builder().method(Method::POST).uri(address.as_str());
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(request.body(Full::from(form))?).await
}

async fn send(request: Request<Full<Bytes>>) -> Result<Page> {
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await?;
    let header = |name| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
    let (status, location, cookie) = (answer.status(), header(LOCATION), header(SET_COOKIE));
    let body = answer.into_body().collect().await?.to_bytes();
    Ok(Page { status, location, cookie, text: String::from_utf8_lossy(&body).into_owned() })
}

fn hidden(page: &str) -> Result<Vec<(String, String)>> {
    let inputs = page.split("<input type=\"hidden\"").skip(1);
    inputs.map(|tag| Ok((attribute(tag, "name")?, attribute(tag, "value")?))).collect()
}

fn attribute(tag: &str, name: &str) -> Result<String> {
    let value = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    Ok(value.with_context(|| format!("no {name} in the form"))?.0.to_owned())
}

fn action(page: &str) -> Result<&str> {
    let form = page.split_once("action=\"").and_then(|(_, rest)| rest.split_once('"'));
    Ok(form.context("the page has no form")?.0)
}
