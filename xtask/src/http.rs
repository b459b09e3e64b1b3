//! Plain http to servers on loopback, such as the demo provider.

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::LOCATION;
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Fetches a body; any status but 200 is an error.
pub async fn get(url: &str) -> Result<Bytes> {
    let request = Request::builder().method(Method::GET).uri(url).body(Full::default())?;
    let (status, body) = send(request).await.with_context(|| format!("GET {url}"))?;
    ensure!(status == StatusCode::OK, "GET {url} answered {status}");
    Ok(body)
}

/// The `Location` of a response.
pub async fn location(url: &str) -> Result<String> {
    let request = Request::builder().method(Method::GET).uri(url).body(Full::default())?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = client.request(request).await.with_context(|| format!("GET {url}"))?;
    let to = answer.headers().get(LOCATION).with_context(|| format!("{url} leads nowhere"))?;
    Ok(to.to_str()?.to_owned())
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
        .header("content-type", "application/json")
        .body(Full::from(value.to_string()))?;
    let (status, _) = send(request).await.with_context(|| format!("PUT {url}"))?;
    ensure!(status.is_success(), "PUT {url} answered {status}");
    Ok(())
}

async fn send(request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = client.request(request).await?;
    let status = answer.status();
    Ok((status, answer.into_body().collect().await?.to_bytes()))
}
