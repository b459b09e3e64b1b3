//! Plain http to servers on loopback, such as the demo provider. No redirect is followed.

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::{Url, form_urlencoded};

/// A response.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// `Location`.
    pub location: Option<String>,
    /// `Set-Cookie`.
    pub cookie: Option<String>,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Fetches a response of any status.
pub async fn fetch(url: &str, headers: &[(&str, &str)]) -> Result<Response> {
    let request = Request::builder().method(Method::GET).uri(url);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(request.body(Full::default())?).await.with_context(|| format!("GET {url}"))
}

/// Fetches a body; any status but 200 is an error.
pub async fn get(url: &str) -> Result<Bytes> {
    let response = fetch(url, &[]).await?;
    ensure!(response.status == StatusCode::OK, "GET {url} answered {}", response.status);
    Ok(response.body)
}

/// The `Location` of a response.
pub async fn location(url: &str) -> Result<String> {
    fetch(url, &[]).await?.location.with_context(|| format!("{url} does not redirect"))
}

/// Fetches JSON.
pub async fn get_json(url: &str) -> Result<Value> {
    Ok(serde_json::from_slice(&get(url).await?)?)
}

/// Puts JSON; any status that is no success is an error.
pub async fn put_json(url: &str, value: &Value) -> Result<()> {
    let request = Request::builder()
        .method(Method::PUT)
        .uri(url)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(value.to_string()))?;
    let status = send(request).await.with_context(|| format!("PUT {url}"))?.status;
    ensure!(status.is_success(), "PUT {url} answered {status}");
    Ok(())
}

/// Sends a form.
pub async fn post_form(url: &Url, fields: &[(String, String)]) -> Result<Response> {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::builder().method(Method::POST).uri(url.as_str());
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(request.body(Full::from(form))?).await.with_context(|| format!("POST {url}"))
}

async fn send(request: Request<Full<Bytes>>) -> Result<Response> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let response = client.request(request).await?;
    let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (status, location, cookie) = (response.status(), header(LOCATION), header(SET_COOKIE));
    let body = response.into_body().collect().await?.to_bytes();
    Ok(Response { status, location, cookie, body })
}
